"""How the program is built, as docs/architecture.md says: who may import whom, and how large things may be.

What a file imports is read from its text; what that really pulls in is seen in a fresh interpreter.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

import camviewer
from tests.import_graph import Import, arrows, circles, imports_of, modules

PACKAGE = Path(camviewer.__file__).parent
ROOT = PACKAGE.parent
MODULES = modules(ROOT)
CORE = tuple(
    name for name, path in MODULES.items() if name.startswith("camviewer.core.") and path.stem[0] != "_"
)

LAYERS = (
    ("camviewer.core",),
    ("camviewer.media",),
    ("camviewer.ui",),
    ("camviewer.app", "camviewer.options"),
    ("camviewer.commands", "camviewer.api"),
    ("camviewer.__main__",),
)
"""From the lowest to the highest. Each may import its own layer and all below it."""

TORCH = {"torch", "torchvision", "safetensors.torch", "efficientnet_lite_pytorch"}
"""torch, and what imports it."""
TORCH_PLACES = (
    "camviewer.core.runtimes.torch_*",
    "camviewer.core.runtimes.packing",
    "camviewer.core.models.*",
    "camviewer.core.methods.*",
    "camviewer.core.training*",
    "camviewer.core.live.model",
    "camviewer.api",
)
"""The only modules below commands that may know torch. The last two: the types of what they are given."""
TORCH_AT_THE_START = (
    "camviewer.core.runtimes.torch_*",
    "camviewer.core.runtimes.packing",
    "camviewer.core.models.resnet18",
)
"""Those of them that may do so at the top of the file; all others in functions, or for type checkers."""
TORCH_IN_COMMANDS = {
    "camviewer.commands.bench": "measures torch itself, and asks it for the device's memory",
    "camviewer.commands.checks.installation": "says which torch there is, and what it was built for",
    "camviewer.commands.cli": "on Windows torch's DLLs have to come before Qt's; the self-test looks at both",
}

MAX_LINES, MAX_METHODS = 400, 20
LONG_MODULES: dict[str, tuple[int, str]] = {}
"""Modules of more than MAX_LINES lines: how many there may be, and why. Only to be shortened."""
LARGE_CLASSES: dict[str, tuple[int, str]] = {
    "camviewer.media.pipeline.pipeline.Pipeline": (21, "the one face of the worker: a method a request"),
}
"""Classes of more than MAX_METHODS methods: how many they may have, and why. Only to be shortened."""
QT_NAMES = {"clone", "data", "event", "flags", "index", "paint", "parent"}
"""Virtual methods of Qt of one word; all others are camelCase, and nothing else is."""


@cache
def imports() -> dict[str, tuple[Import, ...]]:
    """All imports of all modules: module → what it imports."""
    return {name: imports_of(path, ROOT) for name, path in MODULES.items()}


def is_in(name: str, packages: str | tuple[str, ...] | set[str]) -> bool:
    """Whether a full name is one of the packages or lies in one."""
    listed = (packages,) if isinstance(packages, str) else packages
    return any(name == package or name.startswith(f"{package}.") for package in listed)


def matches(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether a module's name fits one of the patterns."""
    return any(fnmatch(name, pattern) for pattern in patterns)


def layer_of(name: str) -> int | None:
    """The number of the layer that a full name belongs to; None for camviewer/__init__, which all may use."""
    return next((number for number, layer in enumerate(LAYERS) if is_in(name, layer)), None)


def told(name: str, found: Import) -> str:
    """An import as a test's message names it."""
    return f"{name}:{found.line} imports {found.name}"


def fresh_interpreter(code: str) -> str:
    """What a Python that has imported nothing of ours prints."""
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def pulled_in(*names: str) -> set[str]:
    """The top-level packages that are loaded once the modules are imported."""
    code = f"import sys, {', '.join(names)}\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    return set(fresh_interpreter(code).split())


# What is read from the text


def test_the_reader_sees_every_kind_of_import(tmp_path: Path) -> None:
    folder = tmp_path / "camviewer" / "core"
    folder.mkdir(parents=True)
    file = folder / "example.py"
    file.write_text(
        "import os.path\n"
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from camviewer.ui import window\n"
        "else:\n    import now\n"
        "def later():\n    from . import near\n    from ..media import far\n"
        "    import_without_gc('camviewer.core.named')\n",
        "utf-8",
    )
    kinds = {found.name: (found.lazy, found.typing) for found in imports_of(file, tmp_path)}
    assert kinds == {
        "os.path": (False, False),
        "typing.TYPE_CHECKING": (False, False),
        "camviewer.ui.window": (False, True),
        "now": (False, False),
        "camviewer.core.near": (True, False),
        "camviewer.media.far": (True, False),
        "camviewer.core.named": (True, False),
    }


def test_circles_are_found() -> None:
    assert circles({"a": {"b"}, "b": {"c", "d"}, "c": {"a"}, "d": {"e"}, "e": set()}) == [["a", "b", "c"]]
    assert circles({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []
    assert circles({"a": {"b"}, "b": {"a"}, "c": {"d"}, "d": {"c"}}) == [["a", "b"], ["c", "d"]]


def test_no_files_import_each_other_in_a_circle() -> None:
    graph = arrows(ROOT)
    assert len(graph) > 100
    assert sum(map(len, graph.values())) > 300
    assert circles(graph) == []


def test_every_module_is_in_a_layer() -> None:
    assert [name for name in MODULES if layer_of(name) is None and name != "camviewer"] == []


def test_imports_go_down_the_layers() -> None:
    ours = [
        (name, found, layer_of(name), layer_of(found.name))
        for name, all_imports in imports().items()
        for found in all_imports
        if name != "camviewer" or found.at_the_start  # camviewer.explain is imported when it is asked for
    ]
    assert {(above, below) for _, _, above, below in ours} >= {(0, 0), (1, 0), (2, 1), (3, 2), (4, 3), (5, 4)}
    wrong = [
        told(name, found) for name, found, above, below in ours if below is not None and below > (above or 0)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("layer", "forbidden"),
    [
        ("core", ("camviewer.media", "camviewer.ui", "PySide6", "shiboken6")),
        ("media", ("camviewer.ui", "PySide6.QtWidgets", "torch", "torchvision")),
        ("ui", ("camviewer.app", "camviewer.api", "camviewer.commands", "torch", "torchvision")),
    ],
)
def test_imports_go_one_way(layer: str, forbidden: tuple[str, ...]) -> None:
    found = [(name, one) for name in MODULES if is_in(name, f"camviewer.{layer}") for one in imports()[name]]
    assert f"camviewer.{layer}" in MODULES
    assert "camviewer.core.cam" in MODULES
    assert any(one.name.startswith("camviewer.core.") for _, one in found)
    assert [told(name, one) for name, one in found if is_in(one.name, forbidden)] == []


def test_only_what_composes_the_window_knows_the_shell() -> None:
    shell = "camviewer.ui.shell"
    found = [(name, one) for name in MODULES for one in imports()[name] if is_in(one.name, shell)]
    assert any(name == "camviewer.app" for name, _ in found)
    allowed = (shell, "camviewer.app", "camviewer.commands", "camviewer.api")
    assert [told(name, one) for name, one in found if not is_in(name, allowed)] == []


def test_only_few_places_know_torch() -> None:
    found = [(name, one) for name in MODULES for one in imports()[name] if is_in(one.name, TORCH)]
    assert any(name == "camviewer.core.runtimes.packing" for name, _ in found)
    in_commands = {name for name, _ in found if is_in(name, "camviewer.commands")}
    assert in_commands <= set(TORCH_IN_COMMANDS)
    below = [(name, one) for name, one in found if name not in in_commands]
    assert [told(name, one) for name, one in below if not matches(name, TORCH_PLACES)] == []


def test_torch_is_imported_lazily() -> None:
    found = [(name, one) for name in MODULES for one in imports()[name] if is_in(one.name, TORCH)]
    early = [(name, one) for name, one in found if one.at_the_start]
    assert early
    assert [told(name, one) for name, one in early if not matches(name, TORCH_AT_THE_START)] == []


# What a fresh interpreter shows


def needs_torch_at_once(name: str) -> bool:
    """Whether a module has an import of torch at its top."""
    return any(one.at_the_start and is_in(one.name, TORCH) for one in imports()[name])


def test_core_imports_no_qt() -> None:
    assert len(CORE) > 10
    found = pulled_in("camviewer.core", *CORE)
    assert "torch" in found  # packing's: the oracle sees what is there
    assert not found & {"PySide6", "shiboken6"}


def test_core_imports_torch_only_when_a_network_is_built() -> None:
    others = [name for name in CORE if not needs_torch_at_once(name)]
    assert "camviewer.core.loading" in others
    assert not pulled_in(*others) & {"torch", "torchvision"}


def test_core_works_where_torch_is_not_installed() -> None:
    """Every module but those that are there for torch; None in sys.modules is what import refuses."""
    blocked = sorted(TORCH)
    code = (
        "import importlib, sys\n"
        f"sys.modules.update(dict.fromkeys({blocked!r}))\n"
        f"for name in {CORE!r}:\n"
        "    try:\n        importlib.import_module(name)\n"
        "    except ImportError as error:\n        print(name)\n"
    )
    failed = fresh_interpreter(code).split()
    assert failed  # packing
    assert [name for name in failed if not matches(name, TORCH_AT_THE_START)] == []


def test_the_window_is_imported_without_torch() -> None:
    found = pulled_in("camviewer.commands.cli", "camviewer.app", "camviewer.ui.shell.main_window")
    assert "PySide6" in found
    assert not found & {"torch", "torchvision", "pyqtgraph", "scipy"}


def test_media_imports_no_widgets() -> None:
    names = [name for name in MODULES if is_in(name, "camviewer.media")]
    code = f"import sys, {', '.join(names)}\nprint(*(name for name in sys.modules if 'PySide6' in name))"
    loaded = fresh_interpreter(code).split()
    assert "PySide6.QtGui" in loaded
    assert "PySide6.QtWidgets" not in loaded


# How large things are


def sizes() -> Iterator[tuple[str, int]]:
    """Lines of each module."""
    for name, path in MODULES.items():
        yield name, len(path.read_text("utf-8").splitlines())


def method_counts() -> Iterator[tuple[str, int]]:
    """Methods of each class, by the class's full name: what Qt or Python calls isn't counted."""
    for name, path in MODULES.items():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                functions = (
                    sub for sub in node.body if isinstance(sub, ast.FunctionDef | ast.AsyncFunctionDef)
                )
                own = {sub.name for sub in functions if not is_called_by_others(sub.name)}
                yield f"{name}.{node.name}", len(own)


def is_called_by_others(method: str) -> bool:
    """Whether Python (__len__) or Qt (mousePressEvent) calls a method, by its name."""
    return (
        (method.startswith("__") and method.endswith("__")) or method != method.lower() or method in QT_NAMES
    )


def check_sizes(found: dict[str, int], most: int, allowed: dict[str, tuple[int, str]]) -> list[str]:
    """What is wrong: too large, larger than allowed, or allowed for no reason any more."""
    problems = [
        f"{name} has {size}: more than {allowed[name][0] if name in allowed else most}"
        for name, size in found.items()
        if size > (allowed[name][0] if name in allowed else most)
    ]
    problems += [
        f"{name} is allowed {size}, and has {found.get(name, 0)}: lower or remove it"
        for name, (size, _) in allowed.items()
        if found.get(name, 0) < size
    ]
    return problems + [f"{name} needs a reason" for name, (_, reason) in allowed.items() if not reason]


def test_sizes_are_checked_both_ways() -> None:
    assert check_sizes({"a": 5, "b": 10}, 10, {}) == []
    assert check_sizes({"a": 11}, 10, {}) == ["a has 11: more than 10"]
    assert check_sizes({"a": 12}, 10, {"a": (12, "why")}) == []
    assert check_sizes({"a": 13}, 10, {"a": (12, "why")}) == ["a has 13: more than 12"]
    assert check_sizes({"a": 11}, 10, {"a": (12, "why")}) == [
        "a is allowed 12, and has 11: lower or remove it"
    ]
    assert check_sizes({}, 10, {"a": (12, "why")}) == ["a is allowed 12, and has 0: lower or remove it"]
    assert check_sizes({"a": 12}, 10, {"a": (12, "")}) == ["a needs a reason"]


def test_a_module_that_is_too_long_wants_to_be_two() -> None:
    assert check_sizes(dict(sizes()), MAX_LINES, LONG_MODULES) == []


def test_a_class_with_too_many_methods_wants_to_be_two() -> None:
    found = dict(method_counts())
    assert len(found) > 100
    assert check_sizes(found, MAX_METHODS, LARGE_CLASSES) == []
