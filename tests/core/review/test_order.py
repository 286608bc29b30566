"""Which photos of a review are listed, and in which order."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from camviewer.core.review.items import Reviewed, Score
from camviewer.core.review.order import Listing, Order, Show, listed


def item(
    name: str, predicted: int, confidence: float, truth: int | None = None, second: float = 0.0
) -> Reviewed:
    top = (Score(predicted, confidence, 0.0), Score(99, second, 0.0))
    if truth is None:
        return Reviewed(Path(name), top=top)
    rank = 1 if truth == predicted else 2
    return Reviewed(Path(name), top=top, truth=truth, true=Score(truth, 0.1, 0.0), rank=rank)


ITEMS = [
    item("f", 1, 0.9, 1, 0.05),
    item("e", 2, 0.5, 1, 0.4),
    item("d", 1, 0.8, 2, 0.1),
    item("c", 3, 0.3, 3, 0.29),
    Reviewed(Path("b"), problem="damaged"),
    item("A", 4, 0.6, None, 0.2),
]


def names(listing: Listing) -> str:
    return "".join(ITEMS[i].path.name for i in listed(ITEMS, listing))


@pytest.mark.parametrize(
    ("listing", "expected"),
    [
        (Listing(), "debcAf"),
        (Listing(Show.MISTAKES), "de"),
        (Listing(Show.CORRECT, Order.NAME), "cf"),
        (Listing(Show.UNREAD), "b"),
        (Listing(order=Order.LEAST_CONFIDENT), "bceAdf"),
        (Listing(order=Order.MOST_CONFIDENT), "fdAecb"),
        (Listing(order=Order.MARGIN), "bceAdf"),
        (Listing(order=Order.CLASS), "bfedcA"),
        (Listing(order=Order.NAME), "Abcdef"),
        (Listing(truth=1), "ef"),
        (Listing(Show.MISTAKES, truth=2, predicted=1), "d"),
        (Listing(predicted=1), "df"),
    ],
)
def test_lists(listing: Listing, expected: str) -> None:
    assert names(listing) == expected


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.floats(0, 1), st.none() | st.integers(0, 3), st.floats(0, 1)),
        max_size=30,
    ),
    st.sampled_from(Order),
)
def test_every_photo_is_listed_once(facts: list[tuple[int, float, int | None, float]], order: Order) -> None:
    items = [item(str(i), *fact) for i, fact in enumerate(facts)]
    assert sorted(listed(items, Listing(order=order))) == list(range(len(items)))
    parts = [len(listed(items, Listing(show))) for show in (Show.MISTAKES, Show.CORRECT)]
    assert sum(parts) == sum(fact[2] is not None for fact in facts)
