"""GaugeControl: measures when asked, by itself where the frame stands still, and forgets with the map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from camviewer.core.explanation import Explanation
from camviewer.core.failures import ModelFailure
from camviewer.core.targets import ClassScore, Target
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.drawing.view_state import ViewState, view_state
from camviewer.media.pipeline.gauge_job import GaugeJob, SanityJob
from camviewer.ui.controllers.gauge_control import SETTLE_MS, GaugeControl
from camviewer.ui.docks.gauge import GaugeDock
from tests.core.gauge.networks import StripesRun, explained


@dataclass
class _Source:
    live: bool = False
    running: bool = True


class _Pipeline(QObject):
    source_changed, model_loading, frozen_changed = Signal(), Signal(object), Signal(bool)
    model_failed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.source, self.frozen = _Source(), False
        self.jobs: list[Any] = []
        self.add_job = self.jobs.append


class _Presenter(QObject):
    presented = Signal(object)
    state: ViewState | None = None


class Bench:
    """The controller with its dock; what the worker would do is done by hand."""

    def __init__(self, qtbot: QtBot) -> None:
        self.pipeline, self.presenter, self.dock = _Pipeline(), _Presenter(), GaugeDock()
        qtbot.addWidget(self.dock)
        pipeline: Any = self.pipeline
        presenter: Any = self.presenter
        self.control = GaugeControl(pipeline, presenter, self.dock, self.pipeline)
        self.explainer, self.explanation = explained(StripesRun())
        # Without the plot: pyqtgraph is looked at in the dock's own tests.
        self.dock._show_curves = lambda measurement: None  # type: ignore[method-assign]  # noqa: ARG005

    def present(self, explanation: Explanation, target: Target = ClassScore(0)) -> None:  # noqa: B008
        self.presenter.state = view_state(explanation, target, OverlayStyle())
        self.presenter.presented.emit(self.presenter.state)

    def run_jobs(self) -> None:
        while self.pipeline.jobs:
            job = self.pipeline.jobs.pop(0)
            while job.step(self.explainer):
                pass
            job.end(None)


@pytest.fixture
def bench(qtbot: QtBot) -> Bench:
    return Bench(qtbot)


def test_it_measures_the_map_in_view_when_asked(bench: Bench) -> None:
    assert not bench.dock.measure.isEnabled()
    bench.present(bench.explanation)
    bench.dock.measure.click()
    assert [type(job) for job in bench.pipeline.jobs] == [GaugeJob]
    bench.run_jobs()
    assert "depends on the places" in bench.dock.texts[1]
    assert bench.dock.measure.text() == "&Measure"


def test_a_second_click_stops_it(bench: Bench) -> None:
    bench.present(bench.explanation)
    bench.dock.measure.click()
    bench.dock.measure.click()
    assert bench.dock.measure.text() == "&Measure"
    bench.run_jobs()
    assert bench.dock.texts[1] == ""


def test_another_class_or_photo_forgets_what_was_measured(bench: Bench) -> None:
    for other, target in ((bench.explanation, ClassScore(1)), (explained(StripesRun())[1], ClassScore(0))):
        bench.present(bench.explanation)
        bench.dock.measure.click()
        bench.run_jobs()
        assert bench.dock.texts[1] != ""
        bench.present(other, target)
        assert bench.dock.texts[1] == ""
        bench.present(bench.explanation)


def test_of_a_live_source_it_stays_and_says_of_which_frame_it_is(bench: Bench) -> None:
    bench.pipeline.source = _Source(live=True)
    bench.present(bench.explanation)
    bench.dock.measure.click()
    bench.run_jobs()
    bench.present(explained(StripesRun())[1])
    assert bench.dock.texts[1].startswith("Of an earlier frame: ")


def test_by_itself_only_where_the_frame_stands_still(bench: Bench, qtbot: QtBot) -> None:
    bench.dock.show()
    bench.dock.automatic.setChecked(True)
    bench.pipeline.source = _Source(live=True)
    bench.present(bench.explanation)
    assert not bench.control._settled.isActive()
    bench.pipeline.frozen = True
    bench.pipeline.frozen_changed.emit(True)
    qtbot.waitUntil(lambda: bool(bench.pipeline.jobs), timeout=20 * SETTLE_MS)
    bench.run_jobs()
    assert bench.dock.texts[1] != ""
    bench.present(bench.explanation)
    assert not bench.control._settled.isActive(), "it is measured already"


def test_after_a_model_that_fails_what_is_in_view_can_be_measured(bench: Bench) -> None:
    bench.present(bench.explanation)
    bench.pipeline.model_loading.emit(None)
    assert not bench.dock.measure.isEnabled()
    bench.pipeline.model_failed.emit(ModelFailure("It is damaged.", "Another one."))
    assert bench.dock.measure.isEnabled()
    bench.dock.measure_clicked.emit()
    assert len(bench.pipeline.jobs) == 1


def test_the_sanity_test_and_what_cannot_be_measured_are_told(bench: Bench) -> None:
    bench.present(bench.explanation)
    bench.dock.sanity.click()
    assert [type(job) for job in bench.pipeline.jobs] == [SanityJob]
    bench.run_jobs()
    assert "shuffled" in bench.dock.texts[2]
    bench.pipeline.source_changed.emit()
    assert bench.dock.texts[1:] == ("", "")
    assert not bench.dock.measure.isEnabled()
