"""Occlusion through the whole window: its rows, its words, its unit, its snapshots, its progress."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from camviewer.core.covering import USUAL, Covering, Fill
from camviewer.core.explanation import Explanation
from camviewer.core.methods.occlusion import Occlusion
from camviewer.core.scaling import Scale
from camviewer.core.storage.export import map_facts
from camviewer.core.storage.snapshot import write_snapshot
from camviewer.core.targets import ClassScore, ScoreDifference
from camviewer.media.drawing.caption import caption_texts
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.pipeline.pipeline import Counters
from camviewer.ui.shell.main_window import MainWindow
from camviewer.ui.system.settings import Settings
from tests.method_fakes import deep_explainer, local
from tests.ui.fakes import Windows, current, pipeline_of, settings_in
from tests.ui.test_any_method import DeepModel


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    """On a sample photo, with a network that also has another method."""
    with settings_in(tmp_path / "settings"):
        Settings().set("save/folder", str(tmp_path / "saved"))
        explainer = deep_explainer(local(), Occlusion())
        opened = Windows(qtbot)(None, loader=lambda _: DeepModel(explainer))
        opened.sources.open_sample()
        qtbot.waitUntil(lambda: opened.view.state is not None)
        yield opened


def boxes(window: MainWindow) -> tuple[QComboBox, QComboBox]:
    """Of the patch and of the fill."""
    patch, fill = window.dock.how.widgets[2:4]
    assert isinstance(patch, QComboBox)
    assert isinstance(fill, QComboBox)
    return patch, fill


def shown(window: MainWindow) -> list[bool]:
    return [box.isVisibleTo(window.dock) for box in boxes(window)]


def occluded(window: MainWindow, qtbot: QtBot) -> Explanation:
    window.methods.choose_method("Occlusion")
    qtbot.waitUntil(lambda: current(window).maps.method == "Occlusion")
    return current(window)


def chosen(box: QComboBox, text: str) -> None:
    box.setCurrentIndex(box.findText(text))
    box.activated.emit(box.currentIndex())


def test_patch_and_fill_are_chosen_where_something_is_covered(window: MainWindow, qtbot: QtBot) -> None:
    assert shown(window) == [False, False]
    assert occluded(window, qtbot).request.covering == USUAL
    assert shown(window) == [True, True]
    patch, fill = boxes(window)
    assert (patch.currentText(), fill.currentText()) == ("a quarter of the side", "mean colour")
    chosen(fill, "blur")
    qtbot.waitUntil(lambda: current(window).request.covering == Covering(None, Fill.BLUR))
    chosen(patch, "64 pixels")
    qtbot.waitUntil(lambda: current(window).request.covering == Covering(64, Fill.BLUR))
    assert current(window).maps.planes.shape[1:] == (7, 7)
    layer = window.dock.how.widgets[1]
    assert not layer.isEnabled()
    assert layer.toolTip() == "Occlusion covers parts of the input, and looks at no layer."
    window.methods.choose_method("Local")
    assert shown(window) == [False, False]
    occluded(window, qtbot)
    assert fill.currentText() == "blur", "what was chosen stays"


def test_a_patch_that_is_not_offered_is_shown(window: MainWindow, qtbot: QtBot) -> None:
    occluded(window, qtbot)
    window.methods.choose_covering(Covering(50))
    assert boxes(window)[0].currentText() == "50 pixels"


def test_it_borrows_no_word_of_what_adds_up(window: MainWindow, qtbot: QtBot) -> None:
    occluded(window, qtbot)
    window.presenter.refresh()
    bar = window.centre.colour_bar
    assert bar.unit_text == "Δlogit"
    assert "how much the score falls" in bar.toolTip()
    bar.setFocus()
    bar.show_range(OverlayStyle(), None)
    window.presenter.refresh()
    assert bar.accessibleDescription().endswith(", change of the logit")
    QTest.mouseMove(window.view, window.view.region_on_screen().center().toPoint())
    place, words = window.view.pointed_lines
    assert place.startswith("row 5, column 5: ")
    assert words == "so much the score falls where this is covered, in logits"
    window.evidence.raise_()
    qtbot.waitUntil(lambda: window.evidence.steps.rows != ())
    rows = {row.name: row.value for row in window.evidence.steps.rows}
    assert rows["unit"] == "change of the logit"
    assert rows["covered by"] == "mean colour, 56 pixels"
    assert "layer" not in rows
    assert not any("remainder" in name or "mean of the map" in name for name in rows)


def test_a_range_of_parts_of_logits_is_not_for_falls(window: MainWindow, qtbot: QtBot) -> None:
    occluded(window, qtbot)
    window.styles.restyle(scale=Scale.FIXED, fixed=123.0)
    found = window.centre.colour_bar.shown
    assert found is not None
    assert found.high != 123.0


def test_all_tabs_and_differences_come_with_one(window: MainWindow, qtbot: QtBot) -> None:
    explanation = occluded(window, qtbot)
    window.tabs.choose(11)
    assert window.view.state is not None
    assert window.view.state.target == ClassScore(11)
    window.presenter.comparison.compare_with(2)
    qtbot.waitUntil(
        lambda: window.view.state is not None and window.view.state.target == ScoreDifference(11, 2)
    )
    assert current(window) is explanation, "no pass was needed"
    QTest.mouseMove(window.view, window.view.region_on_screen().center().toPoint())
    assert window.view.pointed_lines[1].startswith("so much the difference falls")


def test_captions_and_facts_say_what_covers(window: MainWindow, qtbot: QtBot) -> None:
    explanation = occluded(window, qtbot)
    state = window.view.state
    assert state is not None
    assert caption_texts(state)[1] == "Deep · Occlusion · Δlogit where covered (mean, 56 px)"
    facts = map_facts(explanation, state.target)
    assert (facts["unit"], facts["patch"], facts["fill"]) == ("LOGIT_CHANGE", 56, "mean")
    assert "remainder" not in facts


def test_a_snapshot_of_it_opens_again(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    occluded(window, qtbot)
    window.methods.choose_covering(Covering(50, Fill.GREY))
    qtbot.waitUntil(lambda: current(window).request.covering == Covering(50, Fill.GREY))
    file = write_snapshot(current(window), window.tabs.classes, tmp_path / "a.camsnap")
    window.methods.choose_method("Local")
    window.sources.open_paths([file])
    qtbot.waitUntil(lambda: current(window).maps.method == "Occlusion")
    qtbot.waitUntil(lambda: shown(window) == [True, True])
    assert [box.currentText() for box in boxes(window)] == ["50 pixels", "grey"]
    assert not any(box.isEnabled() for box in boxes(window))
    assert window.centre.colour_bar.unit_text == "Δlogit"


def test_how_far_a_frame_is(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline = pipeline_of(window)
    window.status_line.refresh()
    assert "passes" not in window.status_line.text
    now: Counters = replace(pipeline.counters(), progress=(17, 49))
    monkeypatch.setattr(pipeline, "counters", lambda: now)
    window.status_line.refresh()
    assert window.status_line.text.endswith("17 of 49 passes")
