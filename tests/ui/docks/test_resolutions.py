"""The Overlay dock's list of resolutions is the model's."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from camviewer.core.explanation import ExplainRequest
from camviewer.core.models.spec import SizeRule
from camviewer.media.drawing.style import OverlayStyle
from camviewer.ui.docks.overlay import OverlayDock

PATCHES = SizeRule(14, 224, 518, (224, 336, 448, 518))


def dock_with(qtbot: QtBot, request: ExplainRequest) -> tuple[OverlayDock, QComboBox]:
    dock = OverlayDock(OverlayStyle(), request, 0.0)
    qtbot.addWidget(dock)
    combo = dock.given.widgets[1]
    assert isinstance(combo, QComboBox)
    return dock, combo


def texts(combo: QComboBox) -> list[str]:
    return [combo.itemText(index) for index in range(combo.count())]


@pytest.mark.parametrize("resolution", [None, 224])
def test_what_the_model_was_trained_with_is_named(qtbot: QtBot, resolution: int | None) -> None:
    """Settings of 0.1 hold the number."""
    dock, combo = dock_with(qtbot, ExplainRequest(resolution=resolution))
    assert combo.currentText() == "224 pixels (as trained)"
    assert combo.count() == 10
    with qtbot.waitSignal(dock.given.request_changed) as changed:
        combo.activated.emit(combo.currentIndex())
    assert changed.args == [ExplainRequest()]


def test_a_resolution_that_is_chosen(qtbot: QtBot) -> None:
    dock, combo = dock_with(qtbot, ExplainRequest())
    combo.setCurrentIndex(texts(combo).index("448 pixels"))
    with qtbot.waitSignal(dock.given.request_changed) as changed:
        combo.activated.emit(combo.currentIndex())
    assert changed.args == [ExplainRequest(resolution=448)]


def test_another_model_has_another_list(qtbot: QtBot) -> None:
    dock, combo = dock_with(qtbot, ExplainRequest())
    dock.given.show_sizes(PATCHES, 518)
    assert texts(combo) == ["224 pixels", "336 pixels", "448 pixels", "518 pixels (as trained)"]
    assert combo.currentText() == "518 pixels (as trained)"
    dock.given.show_sizes(PATCHES, 512)  # one that no list offers is there all the same
    assert combo.currentText() == "512 pixels (as trained)"


def test_a_resolution_that_is_not_offered_is_shown(qtbot: QtBot) -> None:
    dock, combo = dock_with(qtbot, ExplainRequest(resolution=352))
    assert combo.currentText() == "352 pixels"
    dock.given.show_request(ExplainRequest(resolution=480), 0.0, fixed=True)
    assert combo.currentText() == "480 pixels"
    assert not combo.isEnabled()


def test_a_model_that_was_trained_with_squeezed_frames(qtbot: QtBot) -> None:
    dock, _ = dock_with(qtbot, ExplainRequest())
    (fit,) = (c for c in dock.findChildren(QComboBox) if any("whole frame" in text for text in texts(c)))
    dock.given.show_sizes(PATCHES, 518, squash=True)
    assert texts(fit)[0] == "squeezed (as trained)"
    dock.given.show_sizes(PATCHES, 518)
    assert texts(fit)[0] == "centre crop (as trained)"


def whole_frame_enabled(dock: OverlayDock) -> bool:
    (fit,) = (c for c in dock.findChildren(QComboBox) if any("whole frame" in text for text in texts(c)))
    index = next(i for i, text in enumerate(texts(fit)) if "whole frame" in text)
    entries = fit.model()
    assert isinstance(entries, QStandardItemModel)
    if not entries.item(index).isEnabled():
        assert "squares" in str(fit.itemData(index, Qt.ItemDataRole.ToolTipRole)), "it says why"
    return entries.item(index).isEnabled()


def test_a_network_of_one_size_has_no_choice(qtbot: QtBot) -> None:
    dock, combo = dock_with(qtbot, ExplainRequest())
    assert whole_frame_enabled(dock)
    dock.given.show_sizes(SizeRule(16, 224, 224), 224)
    assert not combo.isEnabled()
    assert "one size only: 224 × 224" in combo.toolTip()
    assert not whole_frame_enabled(dock)
    dock.given.show_sizes(PATCHES, 518)
    assert combo.isEnabled()
    assert combo.toolTip() == ""
    assert whole_frame_enabled(dock)


def test_a_network_of_squares_sees_no_whole_frame(qtbot: QtBot) -> None:
    dock, combo = dock_with(qtbot, ExplainRequest())
    dock.given.show_sizes(SizeRule(32, 224, 448, (224, 448), square=True), 224)
    assert combo.isEnabled()
    assert not whole_frame_enabled(dock)
    dock.given.show_request(ExplainRequest(), 0.0, fixed=True)
    assert not combo.isEnabled(), "a snapshot's stays"
