"""Chooses and orders the photos of a review that are listed: pure functions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from camviewer.core.review.items import Reviewed
from camviewer.core.storage.natural_order import path_key


class Show(Enum):
    """Which photos."""

    ALL = "all"
    MISTAKES = "mistakes"
    CORRECT = "correct"
    UNREAD = "unread"
    """Those that can't be read or explained."""
    MARKED = "marked"
    """Those that the user marked."""


class Order(Enum):
    """What comes first."""

    WORST = "worst"
    """The most confident mistakes, then the least confident of the others."""
    LEAST_CONFIDENT = "least"
    MOST_CONFIDENT = "most"
    MARGIN = "margin"
    """The smallest lead of the first class over the second."""
    CLASS = "class"
    """By the true class where it is known, else the predicted one; the most confident of each first."""
    BORDER = "border"
    """The largest share of evidence at the border (`border.border_share`)."""
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Listing:
    """What the user asks to see. truth, predicted: only photos of this true or predicted class; None: any."""

    show: Show = Show.ALL
    order: Order = Order.WORST
    truth: int | None = None
    predicted: int | None = None


def listed(items: Sequence[Reviewed], listing: Listing, marked: Collection[Path] = ()) -> list[int]:
    """Indices of the items that are to be listed, in order. Equal ones keep the items' order.

    marked: the photos that the user marked.
    """
    wanted = _WANTED[listing.show] if listing.show is not Show.MARKED else lambda item: item.path in marked
    chosen = [
        index
        for index, item in enumerate(items)
        if wanted(item)
        and listing.truth in (None, item.truth)
        and (listing.predicted is None or _predicted(item) == listing.predicted)
    ]
    key = _KEYS[listing.order]
    return sorted(chosen, key=lambda index: key(items[index]))


def _predicted(item: Reviewed) -> int | None:
    return item.predicted.class_id if item.predicted is not None else None


_WANTED: dict[Show, Callable[[Reviewed], bool]] = {
    Show.ALL: lambda _: True,
    Show.MISTAKES: lambda item: item.correct is False,
    Show.CORRECT: lambda item: item.correct is True,
    Show.UNREAD: lambda item: item.problem is not None,
}
_KEYS: dict[Order, Callable[[Reviewed], tuple[Any, ...]]] = {
    Order.WORST: lambda item: (
        float(item.correct is not False),
        item.confidence if item.correct is not False else -item.confidence,
    ),
    Order.LEAST_CONFIDENT: lambda item: (item.confidence,),
    Order.MOST_CONFIDENT: lambda item: (-item.confidence,),
    Order.MARGIN: lambda item: (item.margin,),
    Order.CLASS: lambda item: (
        float(item.truth if item.truth is not None else _predicted(item) or 0),
        -item.confidence,
    ),
    Order.BORDER: lambda item: (-item.border if item.border is not None else 1.0,),
    Order.NAME: lambda item: path_key(item.path),
}
