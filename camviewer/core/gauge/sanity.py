"""The sanity test: weights are shuffled, and a map that stays as it was has nothing to do with them.

J. Adebayo, J. Gilmer, M. Muelly, I. Goodfellow, M. Hardt, B. Kim: Sanity Checks for Saliency Maps. NeurIPS
2018.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from camviewer.core.agreement import correlation
from camviewer.core.arrays import ByteArray, FloatArray, read_only
from camviewer.core.geometry import InputGeometry
from camviewer.core.models.spec import LinearHead
from camviewer.core.numbers import signed
from camviewer.core.runtimes.base import BasicRun, EarlierLayer, ForwardPass, ModelRun, Needs
from camviewer.core.runtimes.head_scores import scores
from camviewer.core.text import Text

SHUFFLES = 8
"""So many times the weights are shuffled: once alone may leave a map alike by chance."""
HEAD_METHODS = Needs.LINEAR_HEAD | Needs.EARLIER_LAYER
"""What a method may need so that its maps follow from features and a linear head."""
ALIKE = 0.5
"""Of maps whose ranks correlate more than this, on average, the weights say little."""


@dataclass(frozen=True, slots=True)
class SanityTest:
    """correlations: Spearman's, -1..1, of the map with the maps of each shuffle; 0 says it has changed."""

    correlations: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Over the shuffles."""
        return float(np.mean(self.correlations))

    @property
    def spread(self) -> float:
        """The standard deviation over the shuffles."""
        return float(np.std(self.correlations, ddof=1)) if len(self.correlations) > 1 else 0.0

    @property
    def passed(self) -> bool:
        """Whether the map changes with the weights."""
        return self.mean < ALIKE

    @property
    def text(self) -> Text:
        """One sentence."""
        numbers = {"mean": signed(self.mean), "spread": f"{self.spread:.2f}"}
        if self.passed:
            return Text(
                "The map changes when the weights of the head are shuffled, as it should: its ranks then "
                "correlate {mean} ± {spread} with those before.",
                **numbers,
            )
        return Text(
            "The map stays much the same when the weights of the head are shuffled: its ranks still "
            "correlate {mean} ± {spread} with those before. It hardly shows what was learnt of this class.",
            **numbers,
        )


def rank_correlation(first: FloatArray, second: FloatArray) -> float:
    """Spearman's, -1..1, over the cells of two maps float32 [h, w]; of a flat one 0, of two 1."""
    found = correlation(_ranks(first).astype(np.float32), _ranks(second).astype(np.float32))
    if found is None:
        return float(np.ptp(first) == 0 == np.ptp(second))
    return found


def _ranks(values: FloatArray) -> NDArray[np.float64]:
    """From 1; equal values share the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    shared = np.cumsum(counts) - (counts - 1) / 2
    ranked: NDArray[np.float64] = shared[inverse].reshape(values.shape)
    return ranked


class ShuffledHead(BasicRun):
    """A run whose head has the same weights, of other channels. It offers what maps of a head need."""

    head: LinearHead

    def __init__(self, run: ModelRun, seed: int) -> None:
        """run: with a linear head."""
        assert run.head is not None, "whoever shuffles has asked for one"
        self._run = run
        # Over the channels, the same for all classes: to shuffle all numbers takes 0.2 s with 1,000 classes.
        weight = run.head.weight[:, np.random.default_rng(seed).permutation(run.head.weight.shape[1])]
        self.head = replace(run.head, weight=read_only(weight))
        self.labels, self.layer, self.layers = run.labels, run.layer, run.layers
        self.device, self.device_title = run.device, run.device_title
        self.offers = run.offers & HEAD_METHODS
        self.passes = run.passes
        self.earlier = None if run.earlier is None else _Earlier(run.earlier, self.head)

    def run(self, image: ByteArray, geometry: InputGeometry) -> ForwardPass:
        """As `ModelRun.run`."""
        return _scored(self._run.run(image, geometry), self.head)

    def run_batch(
        self, images: Sequence[ByteArray], geometries: Sequence[InputGeometry]
    ) -> list[ForwardPass]:
        """As `ModelRun.run_batch`."""
        return [_scored(each, self.head) for each in self._run.run_batch(images, geometries)]


class _Earlier:
    """As `base.EarlierLayer`."""

    def __init__(self, earlier: EarlierLayer, head: LinearHead) -> None:
        self._earlier, self._head = earlier, head

    def run(self, image: ByteArray, geometry: InputGeometry) -> ForwardPass:
        return _scored(self._earlier.run(image, geometry), self._head)


def _scored(forward: ForwardPass, head: LinearHead) -> ForwardPass:
    return replace(forward, logits=read_only(scores(head, forward.features[None])[0]))
