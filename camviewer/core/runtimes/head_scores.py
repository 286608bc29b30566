"""Logits of features by a linear head, in numpy."""

from __future__ import annotations

from camviewer.core.arrays import FloatArray
from camviewer.core.models.spec import LinearHead


def scores(head: LinearHead, features: FloatArray) -> FloatArray:
    """Logits float32 [n, N] of features float32 [n, C, ...], whose other axes are averaged.

    They are made of these very numbers, so score = mean(map) + remainder however exact the features are.
    """
    means = features.reshape(*features.shape[:2], -1).mean(2)
    logits: FloatArray = means @ head.weight.T + head.bias
    return logits
