"""The thread that keeps a live source's last seconds."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from camviewer.core.arrays import read_only
from camviewer.core.explanation import Delivery, Explanation
from camviewer.core.frames import Frame
from camviewer.core.kept import KeptExplanation, keep
from camviewer.media.pipeline import history as module
from camviewer.media.pipeline.history import MOST_WAITING, HistoryKeeper, Load
from camviewer.media.pipeline.pipeline import Counters
from camviewer.media.pipeline.worker import WorkerWork
from tests.media.fakes import Gate

MakeExplanation = Callable[..., Explanation]
BUDGET = 200 * 10**6
IDLE = Counters(0, 0, 0)


@pytest.fixture
def make_delivery(make_explanation: MakeExplanation) -> Callable[[float], Delivery]:
    explanation = make_explanation()

    def make(time: float) -> Delivery:
        image = read_only(np.full((48, 64, 3), int(time), np.uint8))
        return Delivery(replace(explanation, frame=Frame(image, int(time), time)))

    return make


@pytest.fixture
def keeper() -> Iterator[HistoryKeeper]:
    keeper = HistoryKeeper(60.0, BUDGET)
    yield keeper
    keeper.close()


def count(keeper: HistoryKeeper) -> int:
    return len(keeper.history.items())


def test_what_is_put_can_be_fetched(
    keeper: HistoryKeeper, make_delivery: Callable[[float], Delivery], qtbot: QtBot
) -> None:
    for time in (1.0, 2.0, 3.0):
        keeper.put(make_delivery(time), IDLE)
    qtbot.waitUntil(lambda: count(keeper) == 3)
    with qtbot.waitSignal(keeper.restored) as restored:
        keeper.fetch(keeper.history.items()[1])
    delivery = restored.args[0]
    assert delivery.origin.from_history
    assert delivery.explanation.frame.time == 2.0
    assert np.array_equal(delivery.explanation.logits, make_delivery(2.0).explanation.logits)


def test_what_comes_too_fast_is_left_out_and_nobody_waits(
    keeper: HistoryKeeper,
    make_delivery: Callable[[float], Delivery],
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate = Gate()
    gate.shut()

    def slow(delivery: Delivery) -> KeptExplanation:
        gate.go_through()
        return keep(delivery)

    monkeypatch.setattr(module, "keep", slow)
    keeper.put(make_delivery(0.0), IDLE)
    gate.wait_for(1)
    for time in range(1, 8):
        keeper.put(make_delivery(float(time)), IDLE)
    assert keeper.left_out == 7 - MOST_WAITING
    gate.open()
    qtbot.waitUntil(lambda: count(keeper) == 1 + MOST_WAITING)


def test_what_waits_or_is_under_way_is_forgotten(
    keeper: HistoryKeeper,
    make_delivery: Callable[[float], Delivery],
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate = Gate()
    gate.shut()

    def slow(delivery: Delivery) -> KeptExplanation:
        gate.go_through()
        return keep(delivery)

    monkeypatch.setattr(module, "keep", slow)
    deliveries = [make_delivery(float(time)) for time in range(3)]
    pixels = [weakref.ref(delivery.explanation.frame.image) for delivery in deliveries]
    for delivery in deliveries:
        keeper.put(delivery, IDLE)
    del deliveries, delivery
    gate.wait_for(1)
    keeper.forget()
    gate.open()
    keeper.put(make_delivery(9.0), IDLE)
    qtbot.waitUntil(lambda: count(keeper) == 1)
    assert keeper.history.items()[0].time == 9.0
    gc.collect()
    assert [ref() for ref in pixels] == [None] * 3


def test_nothing_is_kept_where_nothing_is_asked_for(
    keeper: HistoryKeeper, make_delivery: Callable[[float], Delivery]
) -> None:
    keeper.history.limit(0.0, BUDGET)
    keeper.put(make_delivery(1.0), IDLE)
    assert keeper.history.span() is None
    keeper.close()
    keeper.history.limit(10.0, BUDGET)
    keeper.put(make_delivery(2.0), IDLE)
    assert keeper.history.span() is None


def loads(*measured: tuple[float, Counters]) -> list[bool]:
    load, full = Load(), []
    for now, counters in measured:
        load.note(counters, now)
        full.append(load.is_full)
    return full


def test_a_worker_that_is_always_busy_has_no_time_to_spare() -> None:
    def busy(seconds: float) -> Counters:
        return Counters(0, 0, 0, WorkerWork(busy=seconds))

    times = ((100.0, 0.0), (100.5, 0.5), (101.0, 0.95), (102.0, 1.5), (200.0, 90.0))
    # After a long pause the numbers say nothing.
    assert loads(*((now, busy(seconds)) for now, seconds in times)) == [False, False, True, False, False]


def test_a_source_whose_frames_are_dropped_leaves_no_time_to_spare() -> None:
    counters = (Counters(0, 0, 0), Counters(30, 24, 6), Counters(60, 53, 7))
    assert loads(*zip((1.0, 2.0, 3.0), counters, strict=True)) == [False, True, False]
