"""The caption below the view: what it says, what it costs, where it gives way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from camviewer.core.scaling import Scale
from camviewer.core.targets import ClassScore, ScoreDifference
from camviewer.media.drawing.caption import caption
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.drawing.view_state import ViewState, view_state
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.ui.picture.caption_strip import CaptionStrip, Marks
from camviewer.ui.shell.main_window import MainWindow
from tests.ui.fakes import SCORES, FakeCamera, Windows, crafted, plain_frame, settings_in


def state_of(*scores: float, other: int | None = None) -> ViewState:
    target = ClassScore(0) if other is None else ScoreDifference(0, other)
    return view_state(crafted(plain_frame(), scores=scores or SCORES), target, OverlayStyle())


@pytest.fixture
def strip(qtbot: QtBot) -> CaptionStrip:
    widget = CaptionStrip()
    qtbot.addWidget(widget)
    widget.resize(600, 60)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


class Paintings(QObject):
    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


def test_it_says_what_saved_images_say(strip: CaptionStrip) -> None:
    for state in (state_of(), state_of(other=1)):
        strip.show_state(state)
        assert strip.caption == caption(state)
    assert strip.caption is not None
    assert strip.caption.heading == "tiger cat ◀ │ ▶ tabby"


def test_it_is_painted_anew_only_where_it_says_something_else(strip: CaptionStrip) -> None:
    paintings = Paintings()
    QApplication.processEvents()
    strip.installEventFilter(paintings)
    for state, painted in ((state_of(), 1), (state_of(), 0), (state_of(9.0, *SCORES[1:]), 1)):
        paintings.count = 0
        strip.show_state(state)
        QApplication.processEvents()
        assert paintings.count == painted


def light(strip: CaptionStrip, left: float, right: float) -> int:
    """Points of the strip between two shares of its width that are not its ground."""
    image = strip.grab().toImage()
    width = image.width()
    return sum(
        image.pixelColor(x, y).lightness() > 90
        for x in range(round(left * width), round(right * width))
        for y in range(image.height())
    )


def test_marks_stand_at_the_right_and_are_spoken(strip: CaptionStrip) -> None:
    strip.show_state(state_of())
    assert light(strip, 0.0, 0.4) > 50
    assert light(strip, 0.7, 1.0) == 0
    strip.show_marks(Marks("FROZEN", recording=True))
    assert light(strip, 0.7, 1.0) > 50
    assert strip.accessibleDescription() == "FROZEN ● REC"


def test_letters_grow_with_its_scale(strip: CaptionStrip) -> None:
    before = strip.sizeHint().height()
    strip.set_scale(2.0)
    assert strip.sizeHint().height() == pytest.approx(2 * before, abs=1)
    strip.set_low(True)
    assert strip.sizeHint().height() < 1.3 * before


# In the window


@pytest.fixture
def open_window(qtbot: QtBot, tmp_path: Path) -> Iterator[Windows]:
    with settings_in(tmp_path):
        yield Windows(qtbot)


def heading(window: MainWindow) -> str:
    made = window.centre.caption.caption
    return made.heading if made is not None else ""


def ends(window: MainWindow) -> tuple[str, str] | None:
    return window.centre.colour_bar.ends


def test_it_follows_what_is_in_view(open_window: Windows) -> None:
    window = open_window()
    assert heading(window) == "tabby  63 %"
    window.tabs.choose(1)
    assert heading(window) == "tiger cat  23 %"
    window.presenter.selection.show_channel(7)
    assert heading(window) == "tiger cat, channel 7"
    window.presenter.comparison.compare(0, 1)
    assert heading(window) == "tiger cat ◀ │ ▶ tabby"
    assert ends(window) == ("tiger cat", "tabby")
    QApplication.processEvents()
    assert window.centre.colour_bar.width() >= window.centre.colour_bar.sizeHint().width()
    window.presenter.comparison.toggle(False)
    assert ends(window) is None
    window.tabs.set_all(True)
    made = window.centre.caption.caption
    assert made is not None
    assert (made.name, made.about) == ("", "5 classes side by side, one scale")
    window.presenter.show_message("Nothing.")
    assert window.centre.caption.caption is None


def test_it_can_be_turned_off_and_stays_off(open_window: Windows) -> None:
    window = open_window()
    action = window.actions_by_name["caption_strip"]
    assert action.isChecked()
    action.trigger()
    assert window.centre.caption.isHidden()
    window.close()
    again = open_window()
    assert again.centre.caption.isHidden()
    again.actions_by_name["caption_strip"].trigger()
    assert again.centre.caption.isVisible()
    assert heading(again) == "tabby  63 %"


def test_it_says_that_the_picture_stands_still_and_that_it_is_recorded(
    open_window: Windows, qtbot: QtBot
) -> None:
    window, camera = open_window(None), FakeCamera()
    pipeline = window.findChild(Pipeline)
    assert pipeline is not None
    pipeline.open(camera)
    with qtbot.waitSignal(pipeline.explained):
        camera.bring()
    strip = window.centre.caption
    assert strip.marks == Marks()
    window.actions_by_name["freeze"].trigger()
    assert strip.marks == Marks("FROZEN")
    window.actions_by_name["freeze"].trigger()
    window.actions_by_name["record"].trigger()
    assert strip.marks == Marks(recording=True)
    window.actions_by_name["record"].trigger()
    qtbot.waitUntil(lambda: strip.marks == Marks())


def test_it_covers_nothing_and_gives_way(open_window: Windows) -> None:
    window = open_window()
    centre = window.centre
    line = centre.caption.fontMetrics().height()
    window.resize(1200, 50 * line)
    QApplication.processEvents()
    assert centre.caption.height() == centre.caption.sizeHint().height()
    below = centre.caption.mapTo(centre, centre.caption.rect().topLeft()).y()
    assert centre.view.mapTo(centre, centre.view.rect().bottomLeft()).y() < below
    two_lines = centre.caption.height()
    centre.frame_page.setFixedHeight(24 * line)
    QApplication.processEvents()
    assert centre.caption.height() < two_lines
    centre.frame_page.setFixedHeight(16 * line)
    QApplication.processEvents()
    assert centre.caption.isHidden()
    centre.frame_page.setFixedHeight(40 * line)
    QApplication.processEvents()
    assert centre.caption.isVisible()
    assert window.captions.on


def test_a_replaced_state_is_another_caption() -> None:
    state = state_of()
    edited = replace(state, explanation=replace(state.explanation, unedited=plain_frame()))
    assert caption(edited).heading == "tabby  63 % · edited"


def test_side_by_side_the_scale_that_is_used_is_told(open_window: Windows) -> None:
    """And what was chosen for one map is as it was afterwards."""
    window = open_window()
    box, style = window.dock._scale, window.styles.style
    assert style.scale is Scale.MAP
    window.tabs.set_all(True)
    assert box.currentData() is Scale.SHARED
    window.dock._on_style_activated(0)
    assert window.styles.style == style
    window.tabs.set_all(False)
    assert box.currentData() is Scale.MAP
