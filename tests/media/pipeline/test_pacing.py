"""When explanations are shown: at once, or the newest of them once a refresh. No clock runs here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from random import Random

import pytest
from pytestqt.qtbot import QtBot

from camviewer.core.explanation import Explanation
from camviewer.core.failures import SourceFailure
from camviewer.media.pipeline import resting
from camviewer.media.pipeline.pacing import Pace, refresh_period
from camviewer.media.pipeline.pipeline import Pipeline
from tests.media.fakes import FAKE, HALF, OTHER, FakeExplainer, FakeLoader, FakeSource
from tests.media.pipeline.hand import PERIOD, Hand

LONG = 1.5 * PERIOD
"""Whatever waits is shown by then."""


# The rule


@dataclass(frozen=True)
class Played:
    """What becomes of pictures that come at such times: when which are shown."""

    times: list[float]
    shown: list[tuple[float, float]]
    """When it came, when it was shown."""

    @property
    def rate(self) -> float:
        return len(self.shown) / (self.times[-1] - self.times[0])

    @property
    def waits(self) -> list[float]:
        """But for the last one, after which none comes."""
        return [at - came for came, at in self.shown[:-1]]

    @property
    def gaps(self) -> list[float]:
        return [after - before for (_, before), (_, after) in pairwise(self.shown)]


def played(times: list[float], late: float = 0.0) -> Played:
    """By a pacer for a mailbox, as the pipeline has them. late: how much timers are."""
    hand, shown, newest = Hand(), list[tuple[float, float]](), list[float]()

    def show() -> None:
        shown.append((newest.pop(), hand.now))
        hand.pacer.note_shown()

    hand.pacer.due.connect(show)
    for time in times:
        hand.go_to(100 + time, late)
        replaced = bool(newest)
        newest[:] = [hand.now]
        if not replaced or hand.pacer.wants_newer:
            hand.pacer.ask()
    hand.go_to(100 + times[-1] + 1, late)
    assert shown[-1][0] == pytest.approx(100 + times[-1]), "the last is always shown"
    return Played(times, shown)


def steady(period: float, count: int, jitter: float = 0.0) -> list[float]:
    random = Random(0)
    return sorted(period * i + random.uniform(-jitter, jitter) for i in range(count))


def test_what_comes_after_a_period_is_shown_at_once() -> None:
    pace = Pace(PERIOD)
    assert pace.delay(5.0) == 0
    for now in (5.0, 5.0 + PERIOD, 5.0 + 2 * PERIOD, 9.0):
        pace.note_shown(now)
        assert pace.delay(now) > 0
        assert pace.delay(now + PERIOD) == 0


@pytest.mark.parametrize("late", [0.0, 0.0003, 0.003])
@pytest.mark.parametrize("period", [0.001, 0.002, 0.005])
def test_of_what_comes_quickly_as_many_are_shown_as_the_screen_can(period: float, late: float) -> None:
    """And these are new, however late timers are."""
    result = played(steady(period, 20_000), late)
    assert 59.5 <= result.rate <= 60.3
    assert max(result.waits) <= period + late + 0.001
    assert min(result.gaps) >= PERIOD / 2


@pytest.mark.parametrize("period", [0.0115, 0.0144, 0.0162])
def test_what_comes_a_little_too_quickly_is_shown_at_once_or_left_out(period: float) -> None:
    result = played(steady(period, 5000, jitter=0.001))
    assert 59.5 <= result.rate <= 60.1
    assert result.waits.count(0) >= 0.95 * len(result.waits)
    assert max(result.gaps) <= 2.3 * PERIOD


@pytest.mark.parametrize("period", [0.01666, 1 / 60, 0.01668, 0.0175, 0.033])
@pytest.mark.parametrize("jitter", [0.0, 0.003])
def test_a_source_as_fast_as_the_screen_waits_for_nothing(period: float, jitter: float) -> None:
    """On a fixed beat its frames would wait for half a period on average."""
    result = played(steady(period, 5000, jitter))
    assert sum(result.waits) / len(result.waits) <= 0.0002
    assert len(result.shown) >= 0.99 * len(result.times)


@pytest.mark.parametrize("period", [0.001, 0.007, 0.0144, 0.016])
def test_never_more_is_shown_than_the_screen_can(period: float) -> None:
    """In no second, and never two within half a period."""
    result = played(steady(period, 8000, jitter=0.0004))
    moments = [at for _, at in result.shown]
    for first, last in zip(moments, moments[61:], strict=False):
        assert last - first >= 1.0
    assert min(result.gaps) >= PERIOD / 2 - 1e-9


def test_pictures_that_did_not_wait_do_not_make_later_ones_wait_longer() -> None:
    pace = Pace(PERIOD)
    for _ in range(100):
        pace.note_shown(5.0)
    assert pace.delay(5.0) <= 1.5 * PERIOD


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
def paced(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Paced]:
    """Its model counts as slow, so the worker never rests: for that see test_resting.py."""
    monkeypatch.setattr(resting, "QUICK", 0.0)
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
    paced.hand.pass_by(LONG)
    assert paced.events == [1, 4]


def test_a_slow_source_waits_for_nothing(paced: Paced) -> None:
    source = opened(paced)
    for index in (2, 3, 4):
        paced.hand.pass_by(LONG)
        paced.send(source, index)
    assert paced.events == [1, 2, 3, 4]
    assert paced.hand.pacer.waited == 0


def test_a_still_that_is_explained_again_is_shown_at_the_end_of_the_period(paced: Paced) -> None:
    opened(paced, live=False)
    paced.pipeline.set_request(HALF)
    paced.until(lambda: paced.hand.pacer.waits)
    paced.hand.pass_by(LONG)
    assert paced.events == [1, 1]
    assert paced.pipeline.current is not None
    assert paced.pipeline.current.request == HALF


def test_what_waits_is_stale_after_a_jump(paced: Paced) -> None:
    source = opened(paced)
    paced.send(source, 2)
    source.jump()
    paced.hand.pass_by(LONG)
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
    paced.hand.pass_by(LONG)
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
    paced.hand.pass_by(LONG)
    assert paced.events == [1, 2, 2]
    assert paced.pipeline.current is not None
    assert (paced.pipeline.current.request == HALF) is not smooth
    assert (paced.pipeline.origin.smoothing == 0.5) is smooth


def test_nothing_waits_any_more_after_close(paced: Paced) -> None:
    source = opened(paced)
    paced.send(source, 2)
    paced.pipeline.close()
    assert not paced.hand.pacer.waits
    paced.hand.pass_by(LONG)
    assert paced.events == [1]
