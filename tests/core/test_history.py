"""The last seconds, within limits of time and memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from camviewer.core.explanation import Delivery, Explanation
from camviewer.core.history import History
from camviewer.core.kept import KeptExplanation, keep

MakeExplanation = Callable[..., Explanation]


@pytest.fixture(scope="module")
def kept_at(make_explanation: MakeExplanation) -> Callable[[float], KeptExplanation]:
    one = keep(Delivery(make_explanation()))

    def make(time: float) -> KeptExplanation:
        frame = replace(one.explained.frame, time=time)
        return replace(one, explained=replace(one.explained, frame=frame))

    return make


def times(history: History) -> list[float]:
    return [kept.time for kept in history.items()]


def head_bytes(kept: KeptExplanation) -> int:
    head = kept.maps.head
    assert head is not None
    return head.weight.nbytes + head.bias.nbytes


def test_what_is_older_than_the_limit_goes(kept_at: Callable[[float], KeptExplanation]) -> None:
    history = History(seconds=2.0)
    for time in (1.0, 1.5, 2.0, 3.0, 3.25):
        assert history.add(kept_at(time), 0)
    assert times(history) == [1.5, 2.0, 3.0, 3.25]
    span = history.span()
    assert span is not None
    assert (span.first, span.last, span.count, span.seconds) == (1.5, 3.25, 4, 1.75)
    history.limit(0.5, history.budget)
    assert times(history) == [3.0, 3.25]


def test_the_budget_is_never_exceeded(kept_at: Callable[[float], KeptExplanation]) -> None:
    one = kept_at(0.0)
    history = History(60.0, budget=3 * one.size + head_bytes(one))
    for time in range(8):
        history.add(kept_at(float(time)), 0)
        span = history.span()
        assert span is not None
        # All share one head, which counts once.
        assert span.size == span.count * one.size + head_bytes(one) <= history.budget
    assert times(history) == [5.0, 6.0, 7.0]


def test_each_models_head_counts_once(kept_at: Callable[[float], KeptExplanation]) -> None:
    history = History()
    first = kept_at(0.0)
    head = first.maps.head
    assert head is not None
    other = replace(first.maps, head=replace(head, labels=tuple(reversed(head.labels))))
    size, of_head = first.size, head_bytes(first)
    for time, maps in ((0.0, first.maps), (1.0, first.maps), (2.0, other), (3.0, other)):
        history.add(replace(kept_at(time), maps=maps), 0)
    span = history.span()
    assert span is not None
    assert span.size == 4 * size + 2 * of_head
    history.limit(1.5, history.budget)
    span = history.span()
    assert span is not None
    assert (span.count, span.size) == (2, 2 * size + of_head)


def test_while_it_is_held_only_memory_is_a_limit(kept_at: Callable[[float], KeptExplanation]) -> None:
    one = kept_at(0.0)
    history = History(1.0, budget=4 * one.size + head_bytes(one))
    history.hold(True)
    for time in range(6):
        history.add(kept_at(float(time)), 0)
    assert times(history) == [2.0, 3.0, 4.0, 5.0]
    history.hold(False)
    assert times(history) == [4.0, 5.0]


def test_what_was_on_its_way_does_not_come_after_forgetting(
    kept_at: Callable[[float], KeptExplanation],
) -> None:
    history = History()
    history.add(kept_at(1.0), history.epoch)
    before = history.epoch
    history.forget()
    assert history.span() is None
    assert not history.add(kept_at(2.0), before)
    assert history.add(kept_at(2.0), history.epoch)
    history.limit(0.0, history.budget)
    assert not history.add(kept_at(3.0), history.epoch)
    assert history.items() == ()


def test_the_same_frame_explained_again_is_left_out(kept_at: Callable[[float], KeptExplanation]) -> None:
    history = History()
    assert history.add(kept_at(1.0), 0)
    assert not history.add(kept_at(1.0), 0)
    assert not history.add(kept_at(0.5), 0)


def test_steps_go_from_frame_to_frame(kept_at: Callable[[float], KeptExplanation]) -> None:
    history = History()
    assert history.neighbour(1.0, -1) is None
    assert history.nearest(1.0) is None
    for time in (1.0, 2.0, 3.0):
        history.add(kept_at(time), 0)

    def at(time: float, steps: int) -> float | None:
        found = history.neighbour(time, steps)
        return found.time if found is not None else None

    assert (at(3.0, -1), at(2.0, -1), at(2.0, 1)) == (2.0, 1.0, 3.0)
    assert (at(3.5, -1), at(2.5, -1), at(2.5, 1), at(0.5, 1)) == (3.0, 2.0, 3.0, 1.0)
    assert (at(1.0, -1), at(3.0, -9)) == (1.0, 1.0)
    assert (at(3.0, 1), at(3.5, 1)) == (None, None)
    nearest = history.nearest(2.4)
    assert nearest is not None
    assert nearest.time == 2.0
