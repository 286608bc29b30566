"""The same edit in the window and on the command line: the same numbers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from camviewer.commands import cli
from camviewer.core.edits import Rectangle
from camviewer.core.loading import ModelChoice, load_with_devices
from camviewer.ui.shell.main_window import MainWindow
from tests.ui.fakes import Windows, current, press, settings_in

MODEL = "efficientnet_lite0"


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, samples: Path) -> Iterator[MainWindow]:
    with settings_in(tmp_path / "settings"):
        choice = ModelChoice(MODEL)
        opened = Windows(qtbot)((samples / "cat.png",), loader=load_with_devices, choice=choice, wait=False)
        qtbot.waitUntil(lambda: opened.presenter.state is not None, timeout=30_000)
        yield opened


def explained(samples: Path, out: Path, *options: str) -> dict[str, np.ndarray]:
    arguments = ["explain", str(samples / "cat.png"), "--out", str(out), "--model", MODEL, "--raw"]
    assert cli.main([*arguments, "--no-images", *options]) == 0
    with np.load(out / "cat.npz") as arrays:
        return dict(arrays)


def test_the_window_and_the_command_line_agree(
    window: MainWindow, samples: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    press(window.view, Qt.Key.Key_M)
    layer, target = window.centre.edit_layer, window.view.frame_on_screen()
    first, last = (
        QPoint(round(target.left() + share * target.width()), round(target.top() + share * target.height()))
        for share in (0.3, 0.6)
    )
    QTest.mousePress(layer, Qt.MouseButton.LeftButton, pos=first)
    QTest.mouseMove(layer, last)
    QTest.mouseRelease(layer, Qt.MouseButton.LeftButton, pos=last)
    qtbot.waitUntil(lambda: current(window).request.edit == window.edits.edit, timeout=30_000)
    seen = current(window)
    assert seen.request.edit is not None
    (box,) = seen.request.edit.parts
    assert isinstance(box, Rectangle)
    cover = f"{box.left!r},{box.top!r},{box.right!r},{box.bottom!r}"
    written = explained(samples, tmp_path / "box", "--cover", f"{cover}:blur")
    assert seen.before is not None
    np.testing.assert_array_equal(written["logits"], seen.logits)
    np.testing.assert_array_equal(written["before_logits"], seen.before.prediction.logits)
    assert not np.array_equal(seen.logits, seen.before.prediction.logits)
    # And what it looks at, by one key.
    press(window.view, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: not current(window).edited, timeout=30_000)
    press(window.view, Qt.Key.Key_H)
    qtbot.waitUntil(lambda: current(window).edited, timeout=30_000)
    written = explained(samples, tmp_path / "map", "--classes", "top1", "--cover-map", "0.5:blur")
    np.testing.assert_array_equal(written["logits"], current(window).logits)
