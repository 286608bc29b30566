"""Fits a linear head: multinomial logistic regression on pooled features, by L-BFGS. scipy is imported then.

What is fitted is linear in the features themselves, so the class activation maps of the head are exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from camviewer.core.arrays import FloatArray, read_only
from camviewer.core.training.examples import Rows

L2 = 1.0
"""What ½‖W‖² is multiplied with, W of standardised features, beside the sum of the examples' losses. It is
scikit-learn's default (C = 1). Another value would have to be chosen on examples of which there are few."""
_TOLERANCE = 1e-5
"""Of the gradient's largest entry, of the mean loss of an example: a tenth of scikit-learn's default."""
_MOST_STEPS = 500

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class FittedHead:
    """weight: float32 [N, C], bias: float32 [N], of the features as the network makes them. Read-only."""

    weight: FloatArray
    bias: FloatArray

    def logits(self, pooled: NDArray[Any]) -> Matrix:
        """float64 [n, N] of pooled features [n, C]."""
        return np.asarray(pooled, np.float64) @ self.weight.T.astype(np.float64) + self.bias


def fit_head(rows: Rows, classes: int, near: FittedHead | None = None) -> FittedHead:
    """The head that fits these rows best.

    It minimises ``½ · L2 · ‖W‖² + Σ weight · loss`` over features that are standardised (mean 0, standard
    deviation 1 over the rows), then takes the standardisation into W and b: nothing but a linear layer is
    left. Weights: each example counts once, however many augmentations it has, and the examples of all
    classes together count as many as of any other (``n / (classes · count)``). The bias is not shrunk.

    classes: how many there are. near: where the search begins, such as the head of nearly the same rows; it
    ends at the same place, as there is one minimum only. Raises ValueError unless each has an example.
    """
    counts = np.bincount(rows.class_ids[rows.plain], minlength=classes)
    if len(counts) != classes or not counts.all():
        raise ValueError("each class needs an example")
    weights = row_weights(rows, counts)
    mean, deviation = rows.pooled.mean(axis=0), rows.pooled.std(axis=0)
    # As scikit-learn's StandardScaler: a feature that never changes says nothing, whatever it is divided by.
    deviation[deviation < 10 * np.finfo(np.float64).eps * np.maximum(np.abs(mean), 1e-300)] = 1.0
    standardised = (rows.pooled - mean) / deviation
    start = np.zeros((classes, len(mean) + 1))
    if near is not None:
        start[:, :-1] = near.weight * deviation
        start[:, -1] = near.bias + near.weight @ mean
    weight, bias = _minimised(standardised, rows.class_ids, weights, start)
    weight = weight / deviation
    bias = bias - weight @ mean
    weight32 = weight.astype(np.float32)
    # Probabilities don't change if all scores are moved alike: their biases add up to 0.
    return FittedHead(read_only(weight32), read_only((bias - bias.mean()).astype(np.float32)))


def row_weights(rows: Rows, counts: NDArray[np.int64]) -> Matrix:
    """How much each row counts: float64 [n]. counts: examples of each class."""
    examples = counts.sum()
    augmented = np.bincount(rows.examples)
    balanced = examples / (len(counts) * counts)
    return np.asarray(balanced[rows.class_ids] / augmented[rows.examples], np.float64)


def _minimised(
    features: NDArray[Any], class_ids: NDArray[np.int64], weights: Matrix, start: Matrix
) -> tuple[Matrix, Matrix]:
    """W [N, C] and b [N] of standardised features. start: [N, C + 1]."""
    from scipy.optimize import minimize

    (count, channels), classes = features.shape, len(start)
    total = weights.sum()
    features = features.astype(np.float32)  # half the memory to go through, which is what takes the time
    truth = np.zeros((count, classes))
    truth[np.arange(count), class_ids] = 1.0

    def loss(flat: Matrix) -> tuple[float, Matrix]:
        weight, bias = flat[: classes * channels].reshape(classes, channels), flat[classes * channels :]
        scores = features @ weight.T.astype(np.float32) + bias
        scores -= scores.max(axis=1, keepdims=True)
        sums = np.exp(scores).sum(axis=1, keepdims=True)
        logarithms = scores - np.log(sums)
        off = (np.exp(logarithms) - truth) * weights[:, None]
        value = -(weights * (logarithms * truth).sum(axis=1)).sum() + 0.5 * L2 * (weight**2).sum()
        slopes = off.T.astype(np.float32) @ features + L2 * weight
        return float(value / total), np.concatenate([slopes.ravel(), off.sum(axis=0)]) / total

    found = minimize(
        loss,
        np.concatenate([start[:, :-1].ravel(), start[:, -1]]),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": _MOST_STEPS, "gtol": _TOLERANCE, "ftol": 1e-12},
    )
    flat = np.asarray(found.x, np.float64)
    return flat[: classes * channels].reshape(classes, channels), flat[classes * channels :]
