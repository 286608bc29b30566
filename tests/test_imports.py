"""Who may import whom. A fresh interpreter shows what a module really pulls in."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import camviewer

PACKAGE = Path(camviewer.__file__).parent
CORE = tuple(
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    for path in sorted((PACKAGE / "core").rglob("[!_]*.py"))
)


def pulled_in(*modules: str) -> set[str]:
    """The top-level packages that are loaded once the modules are imported."""
    code = f"import sys, {', '.join(modules)}\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_core_imports_no_qt() -> None:
    assert len(CORE) > 10
    found = pulled_in("camviewer.core", *CORE)
    assert "torch" in found  # the torch runtimes': the oracle sees what is there
    assert not found & {"PySide6", "shiboken6"}


IMPORT_TORCH = ("packing", "torch_base", "torch_cpu", "torch_cuda")
"""Modules of core/runtimes that nobody imports before a torch runtime is asked for."""


def test_core_imports_torch_only_when_a_torch_runtime_is_asked_for() -> None:
    assert "torch" not in pulled_in(*(name for name in CORE if name.split(".")[-1] not in IMPORT_TORCH))


def test_core_is_imported_where_torch_is_not_installed() -> None:
    names = [name for name in CORE if name.split(".")[-1] not in IMPORT_TORCH]
    assert len(names) > 30
    missing = "for name in ('torch', 'torchvision', 'efficientnet_lite_pytorch'): sys.modules[name] = None"
    code = f"import sys\n{missing}\nimport {', '.join(names)}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_window_is_imported_without_torch() -> None:
    found = pulled_in("camviewer.ui.shell.main_window")
    assert "PySide6" in found
    assert not found & {"torch", "torchvision"}


def imported(path: Path) -> Iterator[str]:
    """Full names of all that a file imports, at the top, in functions or for type checking."""
    package = path.relative_to(PACKAGE.parent).parent.parts
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = [*package[: len(package) + 1 - node.level]] if node.level else []
            base = ".".join([*parts, *([node.module] if node.module else [])])
            yield from (f"{base}.{name.name}" for name in node.names)


@pytest.mark.parametrize(
    ("layer", "forbidden"),
    [
        ("core", ("camviewer.media", "camviewer.ui", "PySide6")),
        ("media", ("camviewer.ui", "PySide6.QtWidgets", "torch")),
        ("ui", ("torch", "torchvision")),
    ],
)
def test_imports_go_one_way(layer: str, forbidden: tuple[str, ...]) -> None:
    files = list((PACKAGE / layer).rglob("*.py"))
    names = [(file.name, name) for file in files for name in imported(file)]
    assert ("cam.py" if layer == "core" else "__init__.py") in {file.name for file in files}
    assert any(name.startswith("camviewer.core.") for _, name in names)
    assert [
        f"{file} imports {name}"
        for file, name in names
        if any(name == bad or name.startswith(f"{bad}.") for bad in forbidden)
    ] == []
