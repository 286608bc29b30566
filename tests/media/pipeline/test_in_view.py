"""What is in view: the newest, or an earlier moment while the source goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from camviewer.core.explanation import Delivery, Explanation
from camviewer.core.frames import Frame
from camviewer.media.pipeline.in_view import InView


class Seen:
    """An InView, and what it says. stale: whether the newest was asked for in another way."""

    def __init__(self, make_explanation: Callable[..., Explanation]) -> None:
        self.stale = False
        self.again = 0
        self.shown: list[int] = []
        self.changes: list[bool] = []
        self._explanation = make_explanation()
        self.view = InView(lambda _newest: not self.stale, self._explain_again)
        self.view.shown.connect(lambda explanation: self.shown.append(explanation.frame.index))
        self.view.looking_back_changed.connect(self.changes.append)

    def _explain_again(self) -> None:
        self.again += 1

    def delivery(self, index: int) -> Delivery:
        return Delivery(replace(self._explanation, frame=Frame(self._explanation.frame.image, index)))


@pytest.fixture
def seen(qapp: object, make_explanation: Callable[..., Explanation]) -> Seen:
    return Seen(make_explanation)


def test_what_comes_is_not_shown_while_an_earlier_moment_is(seen: Seen) -> None:
    seen.view.bring(seen.delivery(5))
    earlier = seen.delivery(2)
    seen.view.show_earlier(earlier)
    seen.view.bring(seen.delivery(6))
    assert seen.view.delivery is earlier
    seen.view.return_to_live()
    assert seen.shown == [5, 2, 6]
    assert seen.view.delivery is seen.view.newest
    assert seen.changes == [True, False]
    seen.view.return_to_live()
    assert (seen.shown, seen.again) == ([5, 2, 6], 0)


def test_the_newest_is_explained_again_if_it_is_asked_for_in_another_way_by_then(seen: Seen) -> None:
    seen.view.bring(seen.delivery(5))
    seen.view.show_earlier(seen.delivery(2))
    seen.stale = True
    seen.view.return_to_live()
    assert seen.again == 1


def test_another_source_has_no_earlier_moments(seen: Seen) -> None:
    seen.view.bring(seen.delivery(5))
    seen.view.show_earlier(seen.delivery(2))
    seen.view.clear()
    assert seen.view.delivery is None
    assert seen.view.newest is None
    assert seen.changes == [True, False]
