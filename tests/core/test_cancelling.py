"""Long computations stop when nobody wants their result."""

from __future__ import annotations

import threading

import pytest

from camviewer.core.cancelling import CancelledError, cancellable, check_wanted


def test_nobody_cancels_unless_somebody_may() -> None:
    check_wanted()
    with cancellable(lambda: True):
        check_wanted()
    check_wanted()


def test_what_is_not_wanted_stops_at_the_next_check() -> None:
    asked: list[int] = []

    def is_wanted() -> bool:
        asked.append(1)
        return len(asked) < 3

    done = 0

    def long_one() -> None:
        nonlocal done
        while True:
            check_wanted()
            done += 1

    with pytest.raises(CancelledError), cancellable(is_wanted):
        long_one()
    assert done == 2
    check_wanted()


def test_the_innermost_is_asked_and_then_the_one_before() -> None:
    with cancellable(lambda: False):
        with cancellable(lambda: True):
            check_wanted()
        with pytest.raises(CancelledError):
            check_wanted()


def test_other_threads_are_not_cancelled() -> None:
    failed: list[BaseException] = []

    def run() -> None:
        try:
            check_wanted()
        except CancelledError as error:
            failed.append(error)

    with cancellable(lambda: False):
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
    assert failed == []
