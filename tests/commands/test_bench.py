"""The figures of `camviewer bench`, and that it runs with any model."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from camviewer.commands import bench
from camviewer.commands.bench import Bench
from camviewer.commands.bench_figures import Live, loop_figures, percentiles
from camviewer.commands.bench_source import synthetic_frames
from camviewer.commands.options import UsageError
from camviewer.core.explanation import ExplainRequest
from camviewer.core.frames import Frame
from camviewer.core.loading import ModelChoice
from camviewer.media.pipeline import pacing
from camviewer.ui.system.settings import Settings
from tests.benchmarks.fast_model import fast_model


def live(painted: int, explained: int, held: int = 0, busy: float = 1.8, gui: float = 0.6) -> Live:
    """Two seconds."""
    return Live(2.0, painted, explained, held, busy, gui, [10.0, 20.0])


def test_a_slow_loop_is_measured_from_painting_to_painting() -> None:
    figures = loop_figures(live(110, 111), live(100, 101), live(80, 81), 25.0, 16.667)
    assert figures["loop_ms"] == 20.0
    assert figures["explained_ms"] == pytest.approx(19.802)
    assert (figures["busy_ms"], figures["gui_ms"]) == (pytest.approx(17.822), 6.0)
    assert (figures["paced"], figures["loop_ratio_of"], figures["loop_ratio"]) == (False, "loop_ms", 0.8)
    assert figures["tabs_and_evidence_ratio_of"] == "loop_ms"
    assert figures["tabs_ratio"] == 1.1
    assert figures["evidence_ratio"] == 1.25
    assert figures["latency_ms"] == {"p50": 15.0, "p95": 19.5}


def test_where_the_screen_limits_the_loop_its_cost_counts() -> None:
    """Of a worker that rests, explanations a second say no more than paintings do."""
    one, five = live(120, 121, 119, busy=0.242, gui=0.48), live(120, 125, 119, busy=0.25, gui=0.72)
    evidence = live(100, 102, 2, busy=0.204, gui=0.7)
    figures = loop_figures(one, five, evidence, 2.5, 16.667)
    assert (figures["loop_ms"], figures["refresh_ms"]) == (16.667, 16.667)
    assert (figures["explained_ms"], figures["explained_per_second"]) == (16.0, 62.5)
    assert (figures["busy_ms"], figures["gui_ms"]) == (2.0, 6.0)
    assert (figures["paced"], figures["loop_ratio_of"], figures["loop_ratio"]) == (True, "busy_ms", 0.8)
    assert figures["tabs_and_evidence_ratio_of"] == "busy_ms + gui_ms"
    assert figures["tabs_ratio"] == round(8.0 / 6.0, 3)
    assert figures["evidence_ratio"] == round(9.0 / 8.0, 3), "both by cost, where one is limited"


def test_a_source_that_waits_now_and_then_is_not_limited() -> None:
    assert not live(1000, 1000, 20).paced
    assert live(1000, 1200, 200).paced


def test_percentiles_of_nothing() -> None:
    assert percentiles([], p50=50, max=100) == {"p50": None, "max": None}


@pytest.mark.slow
def test_it_measures_a_network_that_takes_no_time(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The window paints what the screen can show, and the worker rests before each picture.

    The screen is a slow one, so that a slow or busy machine paints in time, too.
    """
    monkeypatch.setattr(pacing, "MOST_RATE", pacing.LEAST_RATE)
    monkeypatch.setattr(bench, "WARM_UP_S", 0.1)
    monkeypatch.setattr(bench, "SETTLE_S", 0.05)
    monkeypatch.setattr(bench, "ROUNDS", 1)
    workers = set()

    class FastBench(Bench):
        def _measure_forwards(self) -> None:
            workers.add(threading.current_thread())
            self._plain_ms.append(1.0)
            self._forward_ms.append(1.0)

    settings = Settings(tmp_path / "bench.ini")
    measured = FastBench(
        2.0, synthetic_frames(), ModelChoice(), settings, lambda _: fast_model(0.0005), resolution=448
    )
    qtbot.addWidget(measured.window)
    try:
        figures = measured.run()
    finally:
        measured.close()
    assert figures["resolution"] == 448
    assert measured.window.presenter.state is not None
    assert measured.window.presenter.state.explanation.request.resolution == 448
    assert figures["paced"] is True
    assert figures["loop_ratio_of"] == "busy_ms"
    loop, explained, busy, refresh = (
        figures[name] for name in ("loop_ms", "explained_ms", "busy_ms", "refresh_ms")
    )
    assert isinstance(loop, float)
    assert isinstance(explained, float)
    assert isinstance(busy, float)
    assert isinstance(refresh, float)
    assert loop >= 0.97 * refresh
    assert busy < explained, "the rests are not of it"
    assert len(workers) == 1
    assert threading.main_thread() not in workers


def test_the_fast_model_explains_as_others_do() -> None:
    explainer, frame = fast_model(0.0).explainer, Frame(synthetic_frames()[0])
    first, second = (explainer.explain(frame, ExplainRequest()) for _ in range(2))
    target = first.top(1)[0]
    assert first.maps.signature == second.maps.signature
    assert (first.logits != second.logits).any()
    assert len(first.labels) == 1000
    assert 0 <= target < 1000


def test_a_resolution_that_the_model_does_not_take_is_refused(qtbot: QtBot, tmp_path: Path) -> None:
    settings = Settings(tmp_path / "bench.ini")
    measured = Bench(
        1.0, synthetic_frames(), ModelChoice(), settings, lambda _: fast_model(0.0005), resolution=225
    )
    qtbot.addWidget(measured.window)
    try:
        with pytest.raises(UsageError, match="multiple of 32"):
            measured.run()
    finally:
        measured.close()
