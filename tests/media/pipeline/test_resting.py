"""When the worker rests, and that it wakes at once. No clock runs here, and nothing is waited for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import pytest
from pytestqt.qtbot import QtBot

from camviewer.core.failures import Failure
from camviewer.media.pipeline.inlet import Inlet
from camviewer.media.pipeline.jobs import FrameExplainer
from camviewer.media.pipeline.pacing import Pacer
from camviewer.media.pipeline.resting import OFTEN, WITHOUT, Rest
from camviewer.media.pipeline.worker import ExplainThread
from tests.media.fakes import FAKE, OTHER, FakeExplainer, FakeLoader, make_frame
from tests.media.pipeline.hand import PERIOD, Hand

# The rule: a worker, a pacer and a GUI thread in time that a test makes


@dataclass(frozen=True)
class Lived:
    """shown: when each shown frame came, and when it was shown."""

    shown: list[tuple[float, float]]
    explained: int
    rested: int
    seconds: float

    @property
    def rate(self) -> float:
        return len(self.shown) / self.seconds

    @property
    def ages(self) -> list[float]:
        return sorted(at - came for came, at in self.shown)

    @property
    def median_age(self) -> float:
        return self.ages[len(self.ages) // 2]


class World:
    """A source that leaves a frame every so often, of which the newest is explained in `took` seconds.

    late: how much too long each rest is; hand_over: how long it takes until the GUI thread hears of it.
    """

    def __init__(
        self, rests: bool, every: float, took: float, *, late: float = 0.0, hand_over: float = 0.0
    ) -> None:
        self.hand = Hand()
        self.every, self.took, self.late, self.hand_over = every, took, late, hand_over
        self.rest = Rest(self.hand.pacer if rests else None, lambda: bool(self._slot))
        self._slot: list[float] = []
        self._begin, self._last = self.hand.now, -1
        self.shown: list[tuple[float, float]] = []
        self.explained = self.rested = 0
        self.hand.pacer.due.connect(self._show)

    def _show(self) -> None:
        self.shown.append((self._slot.pop(), self.hand.now))
        self.hand.pacer.note_shown()

    def _wait(self, seconds: float) -> None:
        self.hand.pass_by(seconds)

    def _newest(self) -> int:
        return int((self.hand.now - self._begin) / self.every + 1e-9)

    def _arrival(self, index: int) -> float:
        return self._begin + index * self.every

    def _take(self) -> float:
        """When the frame came that is explained next."""
        self.rest.begin()
        while True:
            if self._newest() == self._last:
                self.hand.go_to(self._arrival(self._last + 1) + 1e-9)
            left = self.rest.seconds("frames")
            if left <= 0:
                self._last = self._newest()
                return self._arrival(self._last)
            # A newer frame ends the wait, too: then it is asked again.
            next_one = self._arrival(self._newest() + 1) + 1e-9 - self.hand.now
            self._wait(next_one if next_one < left else left + self.late)

    def live(self, seconds: float) -> Lived:
        pacer = self.hand.pacer
        while self.hand.now < self._begin + seconds:
            came = self._take()
            self.hand.pass_by(self.took)
            self.rest.note(self.took, "frames")
            self.explained += 1
            self.rested += self.rest.rested
            self.rest.tell()
            wants, replaced = pacer.wants_newer, bool(self._slot)
            self._slot[:] = [came]
            if not replaced or wants:
                self._wait(self.hand_over)
                pacer.ask()
        return Lived(self.shown, self.explained, self.rested, seconds)


def lived(rests: bool, every: float, took: float, **how: float) -> Lived:
    return World(rests, every, took, **how).live(10.0)


@pytest.mark.parametrize("every", [0.0005, 0.001, 0.004, 1 / 120])
@pytest.mark.parametrize("took", [0.001, 0.002, 0.005])
@pytest.mark.parametrize("hand_over", [0.0, 0.0004])
def test_a_fast_model_explains_what_is_shown_and_no_more(every: float, took: float, hand_over: float) -> None:
    result, restless = (lived(rests, every, took, hand_over=hand_over) for rests in (True, False))
    assert restless.rate >= 59.5
    assert result.rate >= restless.rate - 0.2, "as many pictures"
    assert result.explained <= 1.05 * len(result.shown) + 5
    assert result.rested >= 0.95 * result.explained
    assert result.median_age <= restless.median_age + 0.0005, "and as new ones"
    assert min(b - a for (_, a), (_, b) in pairwise(result.shown)) >= PERIOD / 2


def test_what_is_shown_is_as_new_as_it_can_be() -> None:
    """It came when it was needed, took its time, and was shown: timers have whole milliseconds."""
    result = lived(True, 0.0005, 0.001, hand_over=0.0002)
    assert result.ages[int(0.95 * len(result.ages))] <= 0.0005 + 0.001 + 0.0002 + 0.0002


@pytest.mark.parametrize("every", [0.001, 0.0144, 1 / 60, 0.033])
@pytest.mark.parametrize("took", [0.009, 0.02, 0.05])
def test_a_slow_model_never_rests(every: float, took: float) -> None:
    result = lived(True, every, took)
    assert result.rested == 0
    assert result.shown == lived(False, every, took).shown


@pytest.mark.parametrize("every", [0.0115, 0.0144, 0.0162, 0.0165, 1 / 60, 0.0168, 0.02, 0.033])
def test_a_source_about_as_fast_as_the_screen_is_explained_at_once(every: float) -> None:
    result = lived(True, every, 0.002)
    assert result.shown == lived(False, every, 0.002).shown
    assert result.rested <= 2


def test_one_slow_frame_makes_no_fast_model_slow() -> None:
    hand = Hand()
    rest = Rest(hand.pacer, lambda: False)
    for took in (0.2, 0.001, 0.001):
        rest.note(took, "a")
    hand.pacer.note_shown()
    assert rest.seconds("a") == pytest.approx(PERIOD / 2 - 0.001, abs=1e-6)


@pytest.fixture
def hand(qtbot: QtBot) -> Hand:
    return Hand()


def test_of_something_else_it_is_not_known_how_long_it_takes(hand: Hand) -> None:
    """Another model or request, or another source: its first frame is explained at once."""
    rest = Rest(hand.pacer, lambda: False)
    rest.note(0.001, "before")
    hand.pacer.note_shown()
    assert rest.seconds("before") > 0
    rest.begin()
    assert rest.seconds("after") == 0
    assert not rest.rested
    rest.note(0.02, "after")
    assert rest.seconds("after") == 0, "those of before say nothing"


def test_nothing_waits_before_a_picture_is_shown_or_long_after(hand: Hand) -> None:
    rest = Rest(hand.pacer, lambda: False)
    rest.note(0.001, "a")
    assert rest.seconds("a") == 0
    hand.pacer.note_shown()
    hand.pass_by(0.6 * PERIOD)
    assert rest.seconds("a") == 0


def test_the_rest_goes_on_when_a_newer_frame_comes(hand: Hand) -> None:
    rest = Rest(hand.pacer, lambda: False)
    rest.note(0.001, "a")
    for _ in range(3):  # so quickly that the next has to wait for all of a period
        hand.now = max(hand.now, hand.pacer.beat.earliest)
        hand.pacer.note_shown()
    rest.begin()
    first = rest.seconds("a")
    hand.pass_by(0.9 * first)
    assert rest.seconds("a") == pytest.approx(0.1 * first), "though the last picture is long ago"
    hand.pass_by(0.1 * first + 1e-6)
    assert rest.seconds("a") == 0
    assert rest.rested


def test_while_the_gui_thread_is_busy_what_waits_for_it_is_made_new_twice_a_period(hand: Hand) -> None:
    rest = Rest(hand.pacer, lambda: True)
    rest.note(0.001, "a")
    hand.pacer.note_shown()
    hand.pass_by(PERIOD)
    rest.tell()
    rest.begin()
    assert rest.seconds("a") == pytest.approx(PERIOD / 2 - 0.001)
    hand.pass_by(PERIOD / 2)
    assert rest.seconds("a") == 0


def test_with_a_coarse_clock_it_goes_on_without_rests() -> None:
    """As on a computer whose clock has steps of 16 ms: no more pictures are lost than it takes to notice."""
    result, restless = (lived(rests, 0.001, 0.001, late=0.012) for rests in (True, False))
    assert OFTEN <= result.rested <= 2 * OFTEN
    assert len(result.shown) >= len(restless.shown) - 2 * OFTEN


def test_rests_that_are_late_now_and_then_go_on() -> None:
    class SometimesLate(World):
        def _wait(self, seconds: float) -> None:
            busy = self.explained % (OFTEN - 1) != 0
            super()._wait(seconds + (0.012 if busy and seconds > 0.0005 else 0))

    result = SometimesLate(True, 0.02 / 13, 0.001).live(5.0)
    assert result.rested > 2 * OFTEN


def test_after_a_while_it_tries_to_rest_again(hand: Hand) -> None:
    rest = Rest(hand.pacer, lambda: False)
    rest.note(0.001, "a")

    def rests() -> bool:
        hand.pass_by(PERIOD)
        hand.pacer.note_shown()
        rest.begin()
        return rest.seconds("a") > 0

    for _ in range(OFTEN):
        assert rests()
        hand.pass_by(3 * PERIOD)
        rest.seconds("a")
    assert not rests()
    hand.pass_by(WITHOUT)
    assert rests()


def test_what_was_made_in_time_waits_for_nothing_newer(hand: Hand) -> None:
    """It comes long after the last picture, and a little too early."""
    for _ in range(3):
        hand.now = max(hand.now, hand.pacer.beat.earliest)
        hand.pacer.note_shown()
    hand.now = hand.pacer.beat.earliest - 0.0003
    assert hand.now - hand.pacer.beat.shown > 0.9 * PERIOD
    hand.pacer.in_time = True
    hand.pacer.ask()
    assert hand.pacer.waits
    assert not hand.pacer.wants_newer
    assert hand.timer.waits_ms is not None
    assert hand.timer.waits_ms <= 1


# The worker


class Asked(Rest):
    """Says when it has sent the worker to rest."""

    def __init__(self, pacer: Pacer, is_untaken: Callable[[], bool]) -> None:
        super().__init__(pacer, is_untaken)
        self.sent = threading.Semaphore(0)

    def seconds(self, of: object) -> float:
        # Never less than an hour: whatever ends the rest in these tests, it isn't the time.
        left = super().seconds(of)
        if left > 0:
            self.sent.release()
        return 3600.0 if left > 0 else 0.0


class Resting:
    """A worker that rests, since the clock stands still just after its first frame was shown."""

    def __init__(self, qtbot: QtBot) -> None:
        self.hand, self.explainer, self.other = Hand(), FakeExplainer("fake"), FakeExplainer("other")
        self.loader = FakeLoader(fake=self.explainer, other=self.other)
        self.thread = ExplainThread(self.loader, self.hand.pacer)
        self.rest = Asked(self.hand.pacer, lambda: self.thread.deliveries.peek() is not None)
        self.thread._rest = self.rest  # before it starts
        self.inlet = Inlet(self.thread.frames, 0)
        self.thread.start()
        self.thread.choose_model(FAKE)
        self.send(1)
        self.explainer.finished.wait_for(1)
        qtbot.waitUntil(lambda: self.thread.work.explained == 1)
        assert self.taken() == 1
        self.hand.pacer.note_shown()
        self.send(2)
        self.wait_for_rest()

    def wait_for_rest(self) -> None:
        assert self.rest.sent.acquire(timeout=10)

    def send(self, index: int) -> None:
        self.inlet.put(lambda: make_frame(index))

    def taken(self) -> int | None:
        delivery = self.thread.deliveries.take()
        return delivery.explanation.frame.index if delivery is not None else None


@pytest.fixture
def resting(qtbot: QtBot) -> Iterator[Resting]:
    resting = Resting(qtbot)
    yield resting
    resting.thread.stop()
    assert resting.thread.isFinished()


def test_of_what_comes_during_a_rest_the_newest_is_explained(resting: Resting, qtbot: QtBot) -> None:
    resting.send(3)
    resting.wait_for_rest()
    assert resting.thread.work.explained == 1
    resting.hand.now += PERIOD
    resting.send(4)
    qtbot.waitUntil(lambda: resting.thread.work.explained == 2)
    assert resting.taken() == 4
    assert resting.explainer.gate.arrived == 2
    assert resting.thread.work.rested == 1
    assert resting.hand.pacer.in_time


def test_it_stops_at_once(resting: Resting) -> None:
    assert resting.thread.stop(10.0)
    assert resting.thread.work.explained == 1


def test_a_frame_from_elsewhere_ends_the_rest(resting: Resting, qtbot: QtBot) -> None:
    """After a seek, say: it is explained when it comes."""
    resting.inlet.generation += 1
    resting.send(3)
    qtbot.waitUntil(lambda: resting.thread.work.explained == 2)
    assert resting.taken() == 3


def test_another_model_is_loaded_at_once(resting: Resting, qtbot: QtBot) -> None:
    resting.thread.choose_model(OTHER)
    qtbot.waitUntil(lambda: resting.other.finished.arrived == 1)
    qtbot.waitUntil(lambda: resting.thread.work.explained == 2)
    assert resting.taken() == 2


class Step:
    """A job of one step."""

    def __init__(self) -> None:
        self.ends: list[Failure | None] = []

    def step(self, explainer: FrameExplainer) -> bool:
        return False

    def end(self, failure: Failure | None) -> None:
        self.ends.append(failure)


def test_a_job_is_done_at_once(resting: Resting, qtbot: QtBot) -> None:
    job = Step()
    resting.thread.add_job(job)
    qtbot.waitUntil(lambda: job.ends == [None])
    qtbot.waitUntil(lambda: resting.thread.work.explained == 2)


def test_what_is_explained_already_is_delivered_at_once(resting: Resting, qtbot: QtBot) -> None:
    """A frame of the history, while the source is quick."""
    resting.send(3)
    resting.wait_for_rest()
    resting.hand.now += PERIOD
    resting.send(4)
    qtbot.waitUntil(lambda: resting.thread.work.explained == 2)
    delivery = resting.thread.deliveries.take()
    assert delivery is not None
    resting.hand.pacer.note_shown()
    resting.inlet.put_explained(lambda: delivery)
    qtbot.waitUntil(lambda: resting.thread.work.explained == 3)
    assert resting.taken() == 4


def test_what_the_worker_did_is_counted_without_its_rests(resting: Resting, qtbot: QtBot) -> None:
    busy = resting.thread.work.busy
    assert 0 < busy < 10
    resting.hand.now += PERIOD
    resting.send(3)
    qtbot.waitUntil(lambda: resting.thread.work.explained == 2)
    assert busy < resting.thread.work.busy < 10
