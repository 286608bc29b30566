"""Summarizes a review: accuracy, classes, confusions, and which photos to look at first."""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from camviewer.core.review.items import (
    TOP,
    Reviewed,
)

BINS = 5
"""Of confidence, in `Summary.bins`."""
_Z = 1.959964
"""The normal distribution has 95 % of its weight within so many standard deviations."""


@dataclass(frozen=True, slots=True)
class Share:
    """count of total."""

    count: int
    total: int

    @property
    def value(self) -> float | None:
        """0..1; None of nothing."""
        return self.count / self.total if self.total else None

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true share lies with 95 % confidence (Wilson 1927): low, high in 0..1."""
        if not self.total:
            return 0.0, 1.0
        share, square = self.count / self.total, _Z * _Z / self.total
        middle = (share + square / 2) / (1 + square)
        half = _Z * math.sqrt(share * (1 - share) / self.total + square / (4 * self.total)) / (1 + square)
        return max(middle - half, 0.0), min(middle + half, 1.0)


@dataclass(frozen=True, slots=True)
class ClassRow:
    """One true class.

    recall: of its photos, those predicted as it; precision: of the photos predicted as it, those that
    are of it. confidence: the mean of the predictions on its photos, right or wrong.
    """

    class_id: int
    recall: Share
    precision: Share
    confidence: float


@dataclass(frozen=True, slots=True)
class Confusion:
    """Photos of the class `truth` that were predicted as `predicted`. confidence: their mean."""

    truth: int
    predicted: int
    count: int
    confidence: float


@dataclass(frozen=True, slots=True)
class ConfidenceBin:
    """Photos whose confidence is in low..high (the last bin has 1 in it): how sure, and how often right."""

    low: float
    high: float
    correct: Share
    confidence: float


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of all photos together.

    photos: all; unread: those with a problem; known: those that were explained and whose class is known;
    all fields below are about these. top1, top5: how many had the true class first, or among the first five.
    classes: those that have photos, worst recall first. confusions: most frequent first. mistakes: most
    confident first. bins: without empty ones.
    """

    photos: int
    unread: int
    known: int
    top1: Share
    top5: Share
    mean_recall: float | None
    confidence: float | None
    """The mean over the known ones: compared with `top1` it says whether the model is too sure."""
    classes: tuple[ClassRow, ...]
    confusions: tuple[Confusion, ...]
    mistakes: tuple[Reviewed, ...]
    bins: tuple[ConfidenceBin, ...]


@dataclass(slots=True)
class _Tally:
    count: int = 0
    correct: int = 0
    confidence: float = 0.0

    def add(self, item: Reviewed) -> None:
        self.count += 1
        self.correct += item.correct is True
        self.confidence += item.confidence


def summarize(items: Iterable[Reviewed], model_classes: int | None = None) -> Summary:
    """Of any number of photos, with or without known classes.

    model_classes: how many the model has, if that is known. Among the first five of five classes is
    everything, so that says nothing: top5 is then of no photos.
    """
    photos = unread = top5 = 0
    all_known = _Tally()
    by_class: defaultdict[int, _Tally] = defaultdict(_Tally)
    pairs: defaultdict[tuple[int, int], _Tally] = defaultdict(_Tally)
    predicted_as: defaultdict[int, int] = defaultdict(int)
    bins: defaultdict[int, _Tally] = defaultdict(_Tally)
    mistakes: list[Reviewed] = []
    for item in items:
        photos += 1
        unread += item.problem is not None
        predicted = item.predicted
        if item.truth is None or predicted is None:
            continue
        all_known.add(item)
        top5 += item.rank is not None and item.rank <= TOP
        by_class[item.truth].add(item)
        predicted_as[predicted.class_id] += 1
        bins[min(int(item.confidence * BINS), BINS - 1)].add(item)
        if not item.correct:
            pairs[item.truth, predicted.class_id].add(item)
            mistakes.append(item)
    classes = [
        ClassRow(
            class_id,
            Share(tally.correct, tally.count),
            Share(tally.correct, predicted_as[class_id]),
            tally.confidence / tally.count,
        )
        for class_id, tally in by_class.items()
    ]
    confusions = [
        Confusion(*pair, tally.count, tally.confidence / tally.count) for pair, tally in pairs.items()
    ]
    known = all_known.count
    ranked = known if model_classes is None or model_classes > TOP else 0
    return Summary(
        photos,
        unread,
        known,
        Share(all_known.correct, known),
        Share(top5 if ranked else 0, ranked),
        sum(row.recall.value or 0.0 for row in classes) / len(classes) if classes else None,
        all_known.confidence / known if known else None,
        tuple(sorted(classes, key=lambda row: (row.recall.value, -row.recall.total, row.class_id))),
        tuple(sorted(confusions, key=lambda c: (-c.count, -c.confidence, c.truth, c.predicted))),
        tuple(sorted(mistakes, key=lambda item: -item.confidence)),
        tuple(
            ConfidenceBin(
                number / BINS,
                (number + 1) / BINS,
                Share(tally.correct, tally.count),
                tally.confidence / tally.count,
            )
            for number, tally in sorted(bins.items())
        ),
    )


def least_certain(items: Iterable[Reviewed]) -> list[Reviewed]:
    """Those that were explained, smallest margin first."""
    return sorted((item for item in items if item.problem is None), key=lambda item: item.margin)


@dataclass(slots=True)
class Least:
    """Remembers the `limit` smallest of the values that were offered."""

    limit: int
    _kept: list[float] = field(default_factory=list)

    def offer(self, value: float) -> bool:
        """Whether the value is among the smallest so far."""
        if len(self._kept) < self.limit:
            heapq.heappush(self._kept, -value)
            return True
        if not self._kept or value >= -self._kept[0]:
            return False
        heapq.heapreplace(self._kept, -value)
        return True
