"""Edits in the window: drawn, undone, seen without, kept and cleared, saved and told of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from camviewer.core.covering import Fill
from camviewer.core.edits import FrameEdit, Inversion, Outline, Rectangle, Stroke
from camviewer.core.explanation import Before, ExplainRequest, Explanation, MadeByFill
from camviewer.core.frames import Frame
from camviewer.core.loading import ModelChoice
from camviewer.core.painting import Painter
from camviewer.core.storage.snapshot import read_snapshot, write_snapshot
from camviewer.ui.controllers.edit_control import EditControl
from camviewer.ui.docks.what_if import WhatIfDock, age_text, change_rows, warning_text
from camviewer.ui.picture.edit_tools import USUAL_SHARE, Tool
from camviewer.ui.shell.docks import dock_of
from camviewer.ui.shell.main_window import MainWindow
from camviewer.ui.system.settings import Settings
from tests.ui.fakes import (
    SCORES,
    FakeCamera,
    FakeExplainer,
    FakeModel,
    FakeVideo,
    Windows,
    crafted,
    current,
    model_info,
    pipeline_of,
    plain_frame,
    press,
    settings_in,
)

Key, Mod = Qt.Key, Qt.KeyboardModifier
COVERED = (0.0, 5.0, 2.0, 1.0, 0.0, -1.0, -2.0, -3.0)
BOX = Rectangle(4, 6, 30, 20, Fill.BLACK)


class Edited:
    """A window with a photo, and its parts."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.explainer = FakeExplainer(model_info("resnet18"), covered_scores=COVERED)
        self.asked: list[ExplainRequest] = []
        self.window: MainWindow = Windows(qtbot)(loader=self.load)
        self.edits: EditControl = self.window.edits
        self.pipeline = pipeline_of(self.window)
        self.act = self.window.actions_by_name
        self.dock = dock_of(self.window.docks, WhatIfDock)

    def load(self, choice: ModelChoice) -> FakeModel:
        return FakeModel(self.explainer)

    @property
    def edit(self) -> FrameEdit | None:
        """Of the frame in view."""
        return current(self.window).request.edit

    def settle(self) -> Explanation:
        """Once what was asked for is in view."""
        self.qtbot.waitUntil(lambda: self.edit == self.edits.edit)
        return current(self.window)

    def add(self, part: Rectangle | Stroke | Inversion = BOX) -> Explanation:
        self.edits.add(part)
        return self.settle()

    def tool(self) -> Tool | None:
        return self.window.centre.edit_layer.tool

    def shows_before(self) -> bool:
        return self.window.tabs.shows_before

    def place(self, across: float, down: float) -> QPoint:
        """A place of the frame, in shares of it."""
        target = self.window.view.frame_on_screen()
        return QPoint(
            round(target.left() + across * target.width()), round(target.top() + down * target.height())
        )

    def drag(self, *places: tuple[float, float]) -> None:
        layer, button = self.window.centre.edit_layer, Qt.MouseButton.LeftButton
        QTest.mousePress(layer, button, pos=self.place(*places[0]))
        for place in places[1:]:
            QTest.mouseMove(layer, self.place(*place))
        QTest.mouseRelease(layer, button, pos=self.place(*places[-1]))

    def camera(self) -> FakeCamera:
        camera = FakeCamera()
        self.pipeline.open(camera)
        camera.bring()
        self.qtbot.waitUntil(lambda: self.pipeline.current is not None)
        return camera


@pytest.fixture
def edited(qtbot: QtBot, tmp_path: Path) -> Iterator[Edited]:
    with settings_in(tmp_path):
        yield Edited(qtbot)


# Drawing


def test_a_stroke_is_seen_while_it_is_drawn_and_undone_as_one(edited: Edited) -> None:
    original = current(edited.window).frame
    press(edited.window.view, Key.Key_B)
    assert edited.act["brush"].isChecked()
    assert edited.window.centre.edit_strip.isVisible()
    layer, button = edited.window.centre.edit_layer, Qt.MouseButton.LeftButton
    QTest.mousePress(layer, button, pos=edited.place(0.3, 0.3))
    QTest.mouseMove(layer, edited.place(0.5, 0.4))
    edited.settle()
    assert layer.is_drawing
    assert current(edited.window).edited, "before the button is let go of"
    QTest.mouseMove(layer, edited.place(0.6, 0.6))
    QTest.mouseRelease(layer, button, pos=edited.place(0.6, 0.6))
    after = edited.settle()
    assert edited.edit is not None
    (stroke,) = edited.edit.parts
    assert isinstance(stroke, Stroke)
    assert stroke.width == pytest.approx(USUAL_SHARE * min(original.width, original.height))
    assert np.array_equal(after.original.image, original.image)
    press(edited.window.view, Key.Key_Z, Mod.ControlModifier)
    assert np.array_equal(edited.settle().frame.image, original.image), "to the bit"
    press(edited.window.view, Key.Key_Z, Mod.ControlModifier | Mod.ShiftModifier)
    assert np.array_equal(edited.settle().frame.image, after.frame.image)


def test_while_one_edit_is_under_way_only_the_newest_of_the_others_is_asked_for(edited: Edited) -> None:
    asked = edited.window.edits
    edits = [FrameEdit((64, 48), (replace(BOX, right=30.0 + n),)) for n in range(5)]
    changes: list[FrameEdit | None] = []
    edited.pipeline.request_changed.connect(lambda: changes.append(edited.pipeline.request.edit))
    request = asked.findChildren(type(asked._request))[0]
    for each in edits:
        request.ask(each, at_once=False)
    assert changes == [edits[0]]
    edited.qtbot.waitUntil(lambda: edited.edit == edits[-1])
    assert changes == [edits[0], edits[-1]]
    request.ask(edits[1], at_once=False)
    request.ask(edits[2], at_once=True)
    assert changes[-2:] == [edits[1], edits[2]], "at the end of a stroke nothing waits"
    edited.qtbot.waitUntil(lambda: edited.edit == edits[2])


def test_escape_leaves_the_tool_and_nothing_else(edited: Edited) -> None:
    edited.window.full_screen.set_on(True)
    press(edited.window.view, Key.Key_M)
    assert edited.tool() is Tool.RECTANGLE
    press(edited.window.view, Key.Key_Escape)
    assert edited.tool() is None
    assert not edited.act["rectangle"].isChecked()
    assert not edited.window.centre.edit_strip.isVisible(), "there is no edit, either"
    press(edited.window.view, Key.Key_L)
    press(edited.window.view, Key.Key_L)
    assert edited.tool() is None, "its key leaves it, too"


def test_a_tool_shows_the_large_view(edited: Edited) -> None:
    edited.window.tabs.set_all(True)
    edited.act["brush"].trigger()
    assert not edited.window.centre.all_on


def test_all_of_it_goes_by_keyboard(edited: Edited) -> None:
    """Cover the cell that is pointed at, invert, clear, undo."""
    view = edited.window.view
    press(view, Key.Key_Down, Mod.ShiftModifier)
    press(view, Key.Key_X)
    edited.settle()
    assert edited.edit is not None
    (cell,) = edited.edit.parts
    assert isinstance(cell, Rectangle)
    region, maps = current(edited.window).region, current(edited.window).maps
    rows, columns = maps.planes.shape[1:]
    assert (cell.right - cell.left, cell.bottom - cell.top) == pytest.approx(
        (region.width / columns, region.height / rows), abs=2e-3
    )
    press(view, Key.Key_I)
    edited.settle()
    assert edited.edit.parts[-1:] == (Inversion(Fill.BLUR),)
    press(view, Key.Key_Delete)
    assert not edited.settle().edited
    press(view, Key.Key_Z, Mod.ControlModifier)
    assert len(edited.settle().request.edit.parts) == 2  # type: ignore[union-attr]


def test_covering_what_it_looks_at_and_all_but_that(edited: Edited) -> None:
    edited.edits.set_fill(Fill.BLACK)
    press(edited.window.view, Key.Key_H)
    covered = edited.settle()
    press(edited.window.view, Key.Key_Delete)
    edited.settle()
    press(edited.window.view, Key.Key_K)
    kept = edited.settle()
    assert kept.request.edit is not None
    assert isinstance(kept.request.edit.parts[0], Outline)
    original = kept.original.image
    by_cover = (covered.frame.image != original).any(2)
    by_keep = (kept.frame.image != original).any(2)
    assert by_cover.any()
    assert not (by_cover & by_keep).any(), "no pixel is covered by both"
    dark = (original == 0).all(2)
    assert (by_cover | by_keep | dark).all(), "and each by one of them"


# Seeing the original


def test_the_original_is_seen_as_long_as_the_key_is_held(edited: Edited) -> None:
    edited.add()
    handle = edited.window.windowHandle()
    QTest.keyPress(handle, Key.Key_V)
    state = edited.window.view.state
    assert state is not None
    assert state.explanation.frame is current(edited.window).original
    assert not state.style.visible
    assert edited.shows_before()
    assert edited.window.centre.edit_layer.shown_mark == "Original"
    saved = edited.window.presenter.state
    assert saved is not None
    assert saved.explanation is current(edited.window), "what is saved stays the edited frame"
    QTest.keyRelease(handle, Key.Key_V)
    assert edited.window.view.state is not None
    assert edited.window.view.state.explanation is current(edited.window)
    assert not edited.shows_before()
    assert edited.window.centre.edit_layer.shown_mark == "Edited"
    assert not edited.act["show_original"].isChecked()


@pytest.mark.parametrize("way", ["undo", "another source"])
def test_the_original_is_not_seen_of_a_frame_that_has_no_edit(edited: Edited, way: str) -> None:
    """By its button it stays on; without an edit there would be no map, and no way to get it back."""
    edited.add()
    edited.act["show_original"].trigger()
    assert edited.shows_before()
    if way == "undo":
        edited.act["undo"].trigger()
    else:
        edited.camera()
    edited.qtbot.waitUntil(lambda: not current(edited.window).edited)
    assert not edited.shows_before()
    assert not edited.act["show_original"].isChecked()
    state = edited.window.view.state
    assert state is not None
    assert state.style.visible


# What becomes of the edit


def test_a_live_source_keeps_it_while_the_world_moves(edited: Edited) -> None:
    camera = edited.camera()
    edited.edits.add(BOX)
    camera.bring(Frame(plain_frame(grey=200).image, 7, 5.0, "camera"))
    edited.qtbot.waitUntil(lambda: current(edited.window).frame.index == 7)
    assert edited.edit == FrameEdit((64, 48), (BOX,))
    assert (current(edited.window).frame.image[6:20, 4:30] == 0).all()
    edited.pipeline.set_frozen(True)
    edited.window.resize(900, 640)
    assert edited.edit == FrameEdit((64, 48), (BOX,))
    edited.pipeline.set_frozen(False)
    camera.bring(Frame(plain_frame(128, 96, grey=200).image, 8, 6.0, "camera"))
    edited.qtbot.waitUntil(lambda: current(edited.window).frame.index == 8)
    assert (current(edited.window).frame.image[12:40, 8:60] == 0).all(), "the same shares of a larger frame"
    edited.edits.add(Rectangle(0, 0, 12, 6, Fill.GREY))  # drawn on the larger one
    assert edited.edits.edit is not None
    assert edited.edits.edit.parts[-1] == Rectangle(0, 0, 6, 3, Fill.GREY)


def test_another_source_begins_without_it_and_undo_brings_it_back(edited: Edited) -> None:
    edited.add()
    camera = edited.camera()
    assert edited.edit is None
    assert not current(edited.window).edited
    press(edited.window.view, Key.Key_Z, Mod.ControlModifier)
    camera.bring()
    edited.qtbot.waitUntil(lambda: current(edited.window).edited)


def test_the_next_photo_begins_without_it_and_a_seek_keeps_it(edited: Edited, samples: Path) -> None:
    photos = sorted(p for p in samples.iterdir() if p.suffix in (".png", ".jpg"))[:2]
    edited.window.sources.open_paths(tuple(photos))
    edited.qtbot.waitUntil(lambda: edited.pipeline.current is not None)
    edited.add()
    edited.window.playback.step(1)
    edited.qtbot.waitUntil(lambda: current(edited.window).frame.index == 1)
    assert not current(edited.window).edited
    video = FakeVideo()
    edited.pipeline.open(video)
    video.bring()
    edited.qtbot.waitUntil(lambda: edited.pipeline.current is not None)
    edited.edits.add(BOX)
    video.seek(7.0)
    edited.qtbot.waitUntil(lambda: current(edited.window).frame.position == 7.0)
    assert current(edited.window).edited


def test_another_model_keeps_it(edited: Edited) -> None:
    edited.add()
    edited.explainer = FakeExplainer(model_info("efficientnet_lite0"))
    edited.pipeline.choose_model(ModelChoice("efficientnet_lite0"))
    edited.qtbot.waitUntil(lambda: current(edited.window).model.name == "efficientnet_lite0")
    assert current(edited.window).edited


def test_no_edit_outlives_the_program(edited: Edited) -> None:
    edited.add()
    edited.window.close()
    assert Settings().request().edit is None


def test_a_snapshot_shows_its_edit_and_stays_as_it_was_explained(edited: Edited, tmp_path: Path) -> None:
    explanation = edited.add()
    path = write_snapshot(explanation, (0, 1), tmp_path / "edited.camsnap")
    assert read_snapshot(path).explanation.request.edit == explanation.request.edit
    edited.window.sources.open_paths((path,))
    edited.qtbot.waitUntil(lambda: edited.pipeline.origin.snapshot is not None)
    assert np.array_equal(current(edited.window).frame.image, explanation.frame.image)
    assert edited.window.centre.edit_layer.mark == "Edited"
    assert edited.window.centre.edit_layer.pending == ()
    edited.window.status_line.refresh()
    assert "edited" in edited.window.status_line.text
    edited.act["brush"].trigger()
    assert edited.tool() is None
    assert not edited.act["brush"].isChecked()
    press(edited.window.view, Key.Key_H)
    assert edited.edits.edit is None


# What the window says


def test_an_edit_is_never_unnoticed(edited: Edited) -> None:
    window = edited.window
    window.status_line.refresh()
    assert "edited" not in window.status_line.text
    assert not window.centre.edit_strip.isVisible()
    edited.add()
    window.status_line.refresh()
    assert "edited" in window.status_line.text
    assert window.centre.edit_strip.isVisible()
    assert window.centre.edit_layer.mark == "Edited"
    edited.edits.clear()
    edited.settle()
    assert window.centre.edit_layer.mark == ""
    assert not window.centre.edit_strip.isVisible()


def test_the_dock_comes_to_the_front_when_an_edit_begins(edited: Edited) -> None:
    window, dock = edited.window, edited.dock
    assert dock.visibleRegion().isEmpty()
    explanation = edited.add()
    assert not dock.visibleRegion().isEmpty()
    edited.qtbot.waitUntil(lambda: bool(dock.list.rows))
    was = explanation.before
    assert was is not None
    for row in dock.list.rows:
        assert row.before == was.prediction.probabilities[row.class_id]
        assert row.after == explanation.probabilities[row.class_id]
        assert row.logit == COVERED[row.class_id] - SCORES[row.class_id]
    assert dock.list.rows[1].spoken() == "tiger cat: 23 % → 92 %, +69 points, Δlogit +2.00"
    window.dock.raise_()
    edited.add(Rectangle(0, 0, 2, 2, Fill.GREY))
    assert dock.visibleRegion().isEmpty(), "it came once"
    dock.raise_()
    edited.edits.clear()
    edited.settle()
    assert dock.list.rows == ()
    assert len(dock.texts) == 1


def test_a_dock_that_was_closed_stays_closed(edited: Edited) -> None:
    edited.dock.close()
    edited.add()
    assert edited.dock.isHidden()


def test_tabs_tell_by_how_much(edited: Edited) -> None:
    edited.add()
    bar = edited.window.tabs.findChildren(type(edited.window.tabs._bar))[0]
    index = bar.index_of(1)
    assert bar.accessibleTabName(index) == "tiger cat, 92 %, ▲69 points by the edit"


def test_words_of_age_and_of_fills() -> None:
    edit = FrameEdit((64, 48), (BOX,))
    explanation = crafted(plain_frame(), ExplainRequest(edit=edit), scores=COVERED)
    was = crafted(plain_frame()).prediction
    assert age_text(explanation) == warning_text(explanation) == ""
    assert change_rows(explanation, (0, 1)) == ()
    fresh = replace(explanation, before=Before(was))
    assert age_text(fresh) == ""
    assert age_text(replace(explanation, before=Before(was, 1.24))) == "Before: as it was 1.2 s ago."
    made = replace(fresh, made_by_fill=(MadeByFill(1, Fill.BLACK, 0.92, Fill.AROUND, 0.03),))
    assert "tiger cat" in warning_text(made)
    assert "black" in warning_text(made)
    rows = change_rows(fresh, (7,))
    assert [row.class_id for row in rows] == [7, 1, 0, 2], "those asked for, then those that changed most"


def test_clearing_gives_the_frame_back_to_the_bit() -> None:
    frame = plain_frame()
    assert Painter().edited(frame, None) is frame
