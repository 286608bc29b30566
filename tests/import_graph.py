"""Which file of a package imports which, read from the text alone: nothing is imported or run."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Import:
    """One name that a file imports.

    name: in full, such as ``camviewer.core.frames.Frame``; line counts from 1.
    lazy: in a function, so that it happens when that is called. typing: for type checkers only.
    """

    name: str
    line: int
    lazy: bool
    typing: bool

    @property
    def at_the_start(self) -> bool:
        """Whether it happens as soon as the file itself is imported."""
        return not (self.lazy or self.typing)


def module_name(path: Path, root: Path) -> str:
    """``camviewer.core`` for ``root/camviewer/core/__init__.py``, ``camviewer.app`` for ``…/app.py``."""
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def modules(root: Path, package: str = "camviewer") -> dict[str, Path]:
    """All modules of the package in the folder root: name → file."""
    return {module_name(path, root): path for path in sorted((root / package).rglob("*.py"))}


@cache
def imports_of(path: Path, root: Path) -> tuple[Import, ...]:
    """All that a file imports: at the top, in functions, for type checkers, and by name.

    "By name" are strings such as ``"camviewer.core.runtimes.packing"`` that are given to importlib.
    """
    package = path.relative_to(root).parent.parts
    return tuple(_imports(ast.parse(path.read_text("utf-8")), package, lazy=False, typing=False))


def _imports(node: ast.AST, package: tuple[str, ...], lazy: bool, typing: bool) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        yield from (Import(name.name, node.lineno, lazy, typing) for name in node.names)
    elif isinstance(node, ast.ImportFrom):
        above = package[: len(package) + 1 - node.level] if node.level else ()
        base = ".".join([*above, *([node.module] if node.module else [])])
        yield from (Import(f"{base}.{name.name}", node.lineno, lazy, typing) for name in node.names)
    elif isinstance(node, ast.Call):
        named = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if _called(node).startswith("import_"):
            yield from (Import(name, node.lineno, lazy, typing) for name in named)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        lazy = True
    for child in ast.iter_child_nodes(node):
        only_types = (
            isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test) and child in node.body
        )
        yield from _imports(child, package, lazy, typing or only_types)


def _called(call: ast.Call) -> str:
    function = call.func
    return getattr(function, "attr", getattr(function, "id", ""))


def arrows(root: Path, package: str = "camviewer") -> dict[str, set[str]]:
    """Which modules of the package each module imports, however it does. A package's __init__ is a module."""
    known = modules(root, package)
    return {
        name: {
            target
            for found in imports_of(path, root)
            if (target := owner(found.name, known)) is not None and target != name
        }
        for name, path in known.items()
    }


def owner(name: str, known: Mapping[str, object]) -> str | None:
    """The module that a full name is, or is in: the longest that fits. None if it is none of the known."""
    while name and name not in known:
        name = name.rpartition(".")[0]
    return name or None


def circles(graph: Mapping[str, Set[str]]) -> list[list[str]]:
    """The groups of modules that import each other, directly or through others (Tarjan 1972)."""
    numbers: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        numbers[name] = lowest[name] = len(numbers)
        stack.append(name)
        for target in sorted(graph.get(name, ())):
            if target not in numbers:
                visit(target)
                lowest[name] = min(lowest[name], lowest[target])
            elif target in stack:
                lowest[name] = min(lowest[name], numbers[target])
        if lowest[name] == numbers[name]:
            start = stack.index(name)
            group = sorted(stack[start:])
            del stack[start:]
            if len(group) > 1 or name in graph.get(name, ()):
                found.append(group)

    for name in sorted(graph):
        if name not in numbers:
            visit(name)
    return found
