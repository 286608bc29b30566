"""When explanations are shown: at once, or the newest of them once a refresh. No clock runs here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from camviewer.core.explanation import Explanation
from camviewer.core.failures import SourceFailure
from camviewer.media.pipeline.pacing import Pace, Pacer, refresh_period
from camviewer.media.pipeline.pipeline import Pipeline
from tests.media.fakes import FAKE, HALF, OTHER, FakeExplainer, FakeLoader, FakeSource

PERIOD = 1 / 60
A_PERIOD = 0.017
"""As timers count: in whole milliseconds."""


class HandTimer(QTimer):
    """Never runs out by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.waits_ms: int | None = None

    def start(self, ms: int | None = None) -> None:
        self.waits_ms = ms

    def stop(self) -> None:
        self.waits_ms = None

    def isActive(self) -> bool:
        return self.waits_ms is not None


class Hand:
    """A pacer, and its clock and timer in the test's hand."""

    def __init__(self) -> None:
        self.now = 100.0
        self.timer = HandTimer()
        self.pacer = Pacer(clock=lambda: self.now, timer=self.timer)
        self.due = 0
        self.pacer.due.connect(self._on_due)

    def _on_due(self) -> None:
        self.due += 1

    def pass_by(self, seconds: float) -> None:
        """Time passes; the timer runs out where it is to."""
        ms = self.timer.waits_ms
        self.now += seconds
        if ms is not None and 1000 * seconds >= ms:
            self.timer.stop()
            self.timer.timeout.emit()


# The rule


def test_the_first_and_what_comes_after_a_period_is_shown_at_once() -> None:
    pace = Pace(PERIOD)
    assert pace.delay(5.0) == 0
    pace.note_shown(5.0)
    assert pace.delay(5.0 + PERIOD) == 0
    assert pace.delay(9.0) == 0


def test_what_comes_sooner_waits_for_the_rest_of_the_period() -> None:
    pace = Pace(PERIOD)
    pace.note_shown(5.0)
    # From when it might have been shown, a little earlier: timers are late by as much.
    assert PERIOD - 0.006 <= pace.delay(5.004) <= PERIOD - 0.004


@pytest.mark.parametrize("late", [0.0003, 0.0012])
def test_a_late_timer_loses_no_refresh(late: float) -> None:
    """The timer is late each time; what is shown in a minute are still sixty pictures a second."""
    pace, now, shown = Pace(PERIOD), 0.0, 0
    while now < 60:
        pace.note_shown(now)
        shown += 1
        now += pace.delay(now) + late
    assert 3590 <= shown <= 3601


def test_pictures_are_never_much_closer_than_a_period() -> None:
    """Explanations come at odd times; each is shown as soon as it may be."""
    pace, now, times = Pace(PERIOD), 0.0, list[float]()
    for i in range(2000):
        now += (0.001, 0.013, 0.0166, 0.021, 0.3)[i * 7 % 5]
        now += pace.delay(now)
        pace.note_shown(now)
        times.append(now)
    gaps = [after - before for before, after in pairwise(times)]
    assert min(gaps) >= PERIOD - 0.0021
    # On average not even that: what was shown early makes the next one wait.
    assert (times[-1] - times[0]) / (len(times) - 1) >= PERIOD


def test_pictures_that_did_not_wait_do_not_make_later_ones_wait_longer() -> None:
    pace = Pace(PERIOD)
    for _ in range(100):
        pace.note_shown(5.0)
    assert pace.delay(5.0) <= PERIOD


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        (60.0, 60.0),
        (59.94, 59.94),
        (120.0, 120.0),
        (24.0, 30.0),
        (360.0, 144.0),
        (0.0, 60.0),
        (1.0, 60.0),
        (-1.0, 60.0),
        (float("nan"), 60.0),
        (float("inf"), 60.0),
    ],
)
def test_rates_that_no_screen_has_are_not_believed(rate: float, expected: float) -> None:
    assert refresh_period(rate) == pytest.approx(1 / expected)


# The pacer


def test_the_pacer_waits_once_for_all_that_is_asked(qtbot: QtBot) -> None:
    hand = Hand()
    hand.pacer.ask()
    assert hand.due == 1
    hand.pacer.note_shown()
    for _ in range(3):
        hand.pass_by(0.002)
        hand.pacer.ask()
    assert (hand.due, hand.pacer.waited) == (1, 1)
    assert hand.pacer.waits
    hand.pass_by(0.016)
    assert hand.due == 2
    assert not hand.pacer.waits


def test_a_faster_screen_is_followed(qtbot: QtBot) -> None:
    hand = Hand()
    hand.pacer.set_rate(120.0)
    assert hand.pacer.period == pytest.approx(1 / 120)
    hand.pacer.note_shown()
    hand.pacer.ask()
    assert hand.timer.waits_ms is not None
    assert hand.timer.waits_ms <= 9


# In the pipeline


class Paced:
    """A pipeline whose pacer's clock stands still until the test moves it."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.hand = Hand()
        self.fake, self.other = FakeExplainer("fake"), FakeExplainer("other")
        self.pipeline = Pipeline(FakeLoader(fake=self.fake, other=self.other), pacer=self.hand.pacer)
        self.events: list[object] = []
        self.pipeline.explained.connect(self._on_explained)
        self.pipeline.frame_failed.connect(lambda _: self.events.append("failed"))
        self.pipeline.model_ready.connect(lambda _: self.events.append("model"))
        self.pipeline.start(FAKE)
        self.until(lambda: self.events == ["model"])
        self.events.clear()

    def _on_explained(self, explanation: Explanation) -> None:
        self.events.append(explanation.frame.index)

    def until(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=5000)

    def send(self, source: FakeSource, index: int) -> None:
        """Have it explained and known to the GUI thread, shown or not."""
        before = self.pipeline.counters().explained
        source.send(index)
        self.until(lambda: self.pipeline.counters().explained == before + 1)
        self.until(lambda: self.hand.pacer.waits or index in self.events)


@pytest.fixture
def paced(qtbot: QtBot) -> Iterator[Paced]:
    paced = Paced(qtbot)
    yield paced
    paced.pipeline.close()


def opened(paced: Paced, live: bool = True) -> FakeSource:
    """Its frame 1 is in view."""
    source = FakeSource(live=live)
    paced.pipeline.open(source)
    paced.send(source, 1)
    assert paced.events == [1]
    return source


def test_of_those_in_one_period_the_newest_is_shown(paced: Paced) -> None:
    source = opened(paced)
    for index in (2, 3, 4):
        paced.send(source, index)
    assert paced.events == [1]
    assert paced.pipeline.current is not None
    assert paced.pipeline.current.frame.index == 1
    paced.hand.pass_by(A_PERIOD)
    assert paced.events == [1, 4]


def test_a_slow_source_waits_for_nothing(paced: Paced) -> None:
    source = opened(paced)
    for index in (2, 3, 4):
        paced.hand.pass_by(A_PERIOD)
        paced.send(source, index)
    assert paced.events == [1, 2, 3, 4]
    assert paced.hand.pacer.waited == 0


def test_a_still_that_is_explained_again_is_shown_at_the_end_of_the_period(paced: Paced) -> None:
    opened(paced, live=False)
    paced.pipeline.set_request(HALF)
    paced.until(lambda: paced.hand.pacer.waits)
    paced.hand.pass_by(A_PERIOD)
    assert paced.events == [1, 1]
    assert paced.pipeline.current is not None
    assert paced.pipeline.current.request == HALF


def test_what_waits_is_stale_after_a_jump(paced: Paced) -> None:
    source = opened(paced)
    paced.send(source, 2)
    source.jump()
    paced.hand.pass_by(A_PERIOD)
    assert paced.events == [1]
    paced.send(source, 3)
    assert paced.events == [1, 3]


def test_what_is_stale_takes_no_place_of_what_is_not(paced: Paced) -> None:
    """A photo after another is shown at once, though one between them was explained and never shown."""
    source = opened(paced)
    source.send(2)
    paced.fake.finished.wait_for(2)
    source.jump()
    paced.hand.now += PERIOD
    paced.until(lambda: paced.hand.timer.waits_ms is None)
    paced.send(source, 3)
    assert paced.events == [1, 3]


@pytest.mark.parametrize("event", ["failed", "model"])
def test_what_waits_is_shown_before_what_came_after_it_is_told(paced: Paced, event: str) -> None:
    source = opened(paced)
    paced.send(source, 2)
    if event == "failed":
        source.send_failing(SourceFailure("Damaged."))
    else:
        paced.pipeline.choose_model(OTHER)
    paced.until(lambda: event in paced.events)
    assert paced.events == [1, 2, event]
    assert not paced.hand.pacer.waits
    paced.send(source, 3)
    paced.hand.pass_by(A_PERIOD)
    assert paced.events == [1, 2, event, 3]


@pytest.mark.parametrize("smooth", [False, True])
def test_what_is_asked_for_while_one_waits_comes_of_that_one(paced: Paced, smooth: bool) -> None:
    """And not of the frame before it, which would then stay in view: this source sends no other."""
    source = opened(paced, live=False)
    paced.send(source, 2)
    if smooth:
        paced.pipeline.set_smoothing(0.5)
    else:
        paced.pipeline.set_request(HALF)
    assert paced.events == [1, 2]
    paced.until(lambda: paced.hand.pacer.waits)
    paced.hand.pass_by(A_PERIOD)
    assert paced.events == [1, 2, 2]
    assert paced.pipeline.current is not None
    assert (paced.pipeline.current.request == HALF) is not smooth
    assert (paced.pipeline.origin.smoothing == 0.5) is smooth


def test_nothing_waits_any_more_after_close(paced: Paced) -> None:
    source = opened(paced)
    paced.send(source, 2)
    paced.pipeline.close()
    assert not paced.hand.pacer.waits
    paced.hand.pass_by(A_PERIOD)
    assert paced.events == [1]
