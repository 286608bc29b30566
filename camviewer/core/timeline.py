"""Scores over time: logits and probabilities of all classes, one row a frame. No Qt.

The rows are those of the explanations, to the bit.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from camviewer.core.arrays import FloatArray
from camviewer.core.explanation import Prediction

LEAST_ROWS, MOST_ROWS, BYTES = 600, 3600, 32 * 10**6
"""Of a live source: a minute at 60 frames a second, or less of networks with very many classes."""
Times = NDArray[np.float64]


def live_capacity(classes: int) -> int:
    """How many rows are kept of a live source."""
    return min(max(BYTES // (8 * max(classes, 1)), LEAST_ROWS), MOST_ROWS)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Times (seconds) of the first and the last row of those in a row that have the same top class."""

    start: float
    end: float
    class_id: int


class Timeline:
    """Predictions in the order of time. When there are as many as it holds, the oldest give way."""

    def __init__(self, labels: tuple[str, ...], capacity: int) -> None:
        """labels: of the classes. capacity: rows; the memory is taken as they come."""
        self.labels, self.capacity = labels, capacity
        self._logits = np.empty((capacity, len(labels)), np.float32)
        self._probabilities = np.empty((capacity, len(labels)), np.float32)
        self._times: Times = np.empty(capacity, np.float64)
        self._top = np.empty(capacity, np.int32)
        self._end = 0
        """How many rows have ever come."""

    def __len__(self) -> int:
        return min(self._end, self.capacity)

    @property
    def appended(self) -> int:
        """How many rows have come, with those that had to give way."""
        return self._end

    def append(self, time: float, prediction: Prediction) -> bool:
        """time: seconds. False, and nothing is done, unless it is later than the last."""
        if self._end and time <= self._times[(self._end - 1) % self.capacity]:
            return False
        row = self._end % self.capacity
        self._times[row] = time
        self._logits[row] = prediction.logits
        self._probabilities[row] = prediction.probabilities
        self._top[row] = prediction.logits.argmax()
        self._end += 1
        return True

    @property
    def times(self) -> Times:
        """float64 [n], seconds, ascending."""
        return self._times[self._order()]

    @property
    def top(self) -> NDArray[np.int32]:
        """int32 [n]: the most probable class of each row."""
        return self._top[self._order()]

    def scores(self, class_ids: Sequence[int], *, logits: bool, since: float = -np.inf) -> FloatArray:
        """float32 [rows, k]: logits or probabilities of classes, of the rows from a time on."""
        order = self._order()
        order = order[np.searchsorted(self._times[order], since) :]
        rows = self._logits if logits else self._probabilities
        return rows[np.ix_(order, np.asarray(class_ids, np.intp))]

    def nearest(self, time: float) -> int | None:
        """Which row is nearest to a time; None while there are none."""
        times = self.times
        if not len(times):
            return None
        right = int(np.searchsorted(times, time))
        near = [row for row in (right - 1, right) if 0 <= row < len(times)]
        return min(near, key=lambda row: abs(float(times[row]) - time))

    def stretches(self, since: float = -np.inf) -> list[Stretch]:
        """From one change of the top class to the next, in the order of time."""
        times, top = self.times, self.top
        first = int(np.searchsorted(times, since))
        times, top = times[first:], top[first:]
        if not len(times):
            return []
        starts = np.concatenate(([0], np.flatnonzero(np.diff(top)) + 1))
        ends = np.concatenate((starts[1:] - 1, [len(top) - 1]))
        return [
            Stretch(float(times[a]), float(times[b]), int(top[a])) for a, b in zip(starts, ends, strict=True)
        ]

    def leaders(self, count: int, since: float = -np.inf) -> tuple[int, ...]:
        """The classes that were on top in most rows, at most so many; the most frequent first."""
        first = int(np.searchsorted(self.times, since))
        classes, rows = np.unique(self.top[first:], return_counts=True)
        return tuple(int(c) for c in classes[np.argsort(-rows, kind="stable")][:count])

    def csv(self, class_ids: Sequence[int], start: float = 0.0) -> bytes:
        """A table in UTF-8: time in seconds after `start`, the top class, logits and probabilities."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        names = [f"{self.labels[c]} ({c})" for c in class_ids]
        writer.writerow(
            ["seconds", "top_class_id", "top_label"]
            + [f"{name} logit" for name in names]
            + [f"{name} probability" for name in names]
        )
        rows = zip(
            self.times - start,
            self.top,
            self.scores(class_ids, logits=True),
            self.scores(class_ids, logits=False),
            strict=True,
        )
        for time, top, logits, probabilities in rows:
            numbers = [f"{value:.9g}" for value in (*logits, *probabilities)]
            writer.writerow([f"{time:.6f}", int(top), self.labels[top], *numbers])
        return buffer.getvalue().encode("utf-8")

    def _order(self) -> NDArray[np.intp]:
        """Where the rows are, the oldest first."""
        first = max(self._end - self.capacity, 0)
        return np.arange(first, self._end, dtype=np.intp) % self.capacity
