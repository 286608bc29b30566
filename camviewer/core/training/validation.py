"""How good a head of one's own classes is, on examples that it was not fitted to."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from camviewer.core.arrays import FloatArray, read_only
from camviewer.core.training.examples import Rows, TaughtExample, rows_of
from camviewer.core.training.fitting import FittedHead, fit_head

FOLDS = 5
"""At most so many: each is another fit."""
_Z = 1.959963984540054
"""Of a normal distribution, 95 % lie within so many standard deviations."""


@dataclass(frozen=True, slots=True, eq=False)
class Validation:
    """What heads that were fitted to the other examples said of each example. Arrays are read-only.

    predicted: int64 [n]; certainty: float32 [n], the probability of the true class; confusion: int64 [N, N],
    how many of a true class (row) were taken for each (column). independent: how many moments the examples
    are of; interval: 95 %, of an accuracy measured with so many.
    """

    predicted: NDArray[np.int64]
    certainty: FloatArray
    confusion: NDArray[np.int64]
    folds: int
    independent: int
    accuracy: float
    interval: tuple[float, float]
    covered: NDArray[np.float64]
    """Logits [n, N] of each example with its middle covered."""

    def worst(self, count: int) -> tuple[int, ...]:
        """The examples whose true class was least probable, the worst first."""
        order = np.argsort(self.certainty, kind="stable")
        return tuple(int(i) for i in order[:count])


def cross_validated(
    examples: Sequence[TaughtExample],
    classes: int,
    fit: Callable[[Rows, int], FittedHead] = fit_head,
) -> Validation | None:
    """Leave out a part of the examples, fit to the others, and look at that part; with each part.

    What was taken in one moment is left out together, and so are an example's augmentations: frames of one
    moment are nearly the same picture. Only the plain frames are counted. fit: to compare with other solvers.
    None where a class has too few examples: two are needed.
    """
    folds = assigned_folds(examples, classes)
    if folds is None:
        return None
    rows = rows_of(examples)
    plain, truth = rows.plain, rows.class_ids[rows.plain]
    covered = np.stack([each.features.covered for each in examples])
    covered_logits = np.zeros((len(examples), classes))
    predicted, certainty = np.zeros(len(examples), np.int64), np.zeros(len(examples), np.float32)
    for fold in range(int(folds.max()) + 1):
        out = folds == fold
        head = fit(rows.of(~out), classes)
        logits = head.logits(rows.pooled[plain[out]])
        logits -= logits.max(axis=1, keepdims=True)
        probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        predicted[out] = logits.argmax(axis=1)
        covered_logits[out] = head.logits(covered[out])
        certainty[out] = probabilities[np.arange(int(out.sum())), truth[out]]
    confusion = np.zeros((classes, classes), np.int64)
    np.add.at(confusion, (truth, predicted), 1)
    accuracy = float((predicted == truth).mean())
    moments = len({(each.class_id, each.moment) for each in examples})
    return Validation(
        read_only(predicted),
        read_only(certainty),
        read_only(confusion),
        int(folds.max()) + 1,
        moments,
        accuracy,
        wilson_interval(accuracy, moments),
        read_only(covered_logits),
    )


def assigned_folds(examples: Sequence[TaughtExample], classes: int) -> NDArray[np.int64] | None:
    """Which part each example belongs to: int64 [n], 0 to k - 1; None where a class has less than two.

    A moment is never divided, unless all of a class is of one moment: its frames are then divided in the
    order in which they were taken, so that neighbours mostly stay together. Each class is spread over as many
    parts as it can be, at most `FOLDS`; there are as many parts as of the class with the fewest moments.
    """
    groups: list[list[list[int]]] = []
    for class_id in range(classes):
        moments: dict[str, list[int]] = {}
        for index, each in enumerate(examples):
            if each.class_id == class_id:
                moments.setdefault(each.moment, []).append(index)
        found = list(moments.values())
        if len(found) == 1:
            parts = min(FOLDS, len(found[0]))
            found = [list(map(int, part)) for part in np.array_split(found[0], parts)]
        groups.append(found)
    count = min(FOLDS, *(len(found) for found in groups))
    if count < 2:
        return None
    folds = np.zeros(len(examples), np.int64)
    for found in groups:
        sizes = [0] * count
        for group in sorted(found, key=len, reverse=True):
            fold = sizes.index(min(sizes))
            sizes[fold] += len(group)
            folds[group] = fold
    return folds


def wilson_interval(share: float, count: int) -> tuple[float, float]:
    """Where the true share lies in 95 of 100 cases, seen in `count` independent trials.

    E. B. Wilson: Probable Inference, the Law of Succession, and Statistical Inference. JASA 22, 1927.
    count: at least 1.
    """
    square = _Z**2 / count
    middle = (share + square / 2) / (1 + square)
    half = _Z / (1 + square) * math.sqrt(share * (1 - share) / count + square / (4 * count))
    return max(middle - half, 0.0), min(middle + half, 1.0)
