"""Grad-CAM and what came of it: activations weighted by gradients, rectified, without a unit.

    R. R. Selvaraju et al.: Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization.
    ICCV 2017.
    A. Chattopadhay, A. Sarkar, P. Howlader, V. N. Balasubramanian: Grad-CAM++: Generalized Gradient-based
    Visual Explanations for Deep Convolutional Networks. WACV 2018.
    P.-T. Jiang, C.-B. Zhang, Q. Hou, M.-M. Cheng, Y. Wei: LayerCAM: Exploring Hierarchical Class Activation
    Maps for Localization. IEEE Transactions on Image Processing, 2021.

Below, A are activations [C, h, w] and g the gradients of the score with respect to them.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import numpy as np

from camviewer.core.arrays import FloatArray
from camviewer.core.maps import (
    Maps,
    Unit,
)
from camviewer.core.methods.base import (
    PassedFrame,
    chosen_layer,
    relative_maps,
)
from camviewer.core.runtimes.base import (
    ModelRun,
    Needs,
)
from camviewer.core.targets import Target
from camviewer.core.text import Text


class _GradientWeighted:
    """The common part: one gradient a target, and what follows from it."""

    name: str
    needs = Needs.GRADIENTS
    unit = Unit.RELATIVE
    cost = Text("one pass, and one gradient for each class")
    chooses_layer = True

    def maps(self, run: ModelRun, passed: PassedFrame, targets: Sequence[Target]) -> Maps:
        """The maps of scores and of differences of scores; channels have none.

        Raises ModelFailure for an unknown layer.
        """
        assert run.gradients is not None, "`needs` says so"
        layer = chosen_layer(run, passed)
        scored = [target for target in targets if target.channel is None]
        found = run.gradients.of(passed.image, passed.geometry, layer, scored)
        values = (
            (target, np.maximum(self.weighted(found.activations, gradient), 0).astype(np.float32))
            for target, gradient in zip(scored, found.gradients, strict=True)
        )
        return relative_maps(self.name, layer, values)

    @staticmethod
    @abstractmethod
    def weighted(activations: FloatArray, gradients: FloatArray) -> FloatArray:
        """activations, gradients: float32 [C, h, w]. Returns [h, w], before the ReLU."""


class GradCam(_GradientWeighted):
    """``ReLU(Σ_c mean(g[c]) · A[c])``."""

    name = "Grad-CAM"
    paper = "Selvaraju et al., ICCV 2017"

    @staticmethod
    def weighted(activations: FloatArray, gradients: FloatArray) -> FloatArray:
        """As `_GradientWeighted.weighted`."""
        summed: FloatArray = np.tensordot(gradients.mean((1, 2)), activations, 1)
        return summed


class GradCamPlusPlus(_GradientWeighted):
    """``ReLU(Σ_c w[c] · A[c])``, ``w[c] = Σ ReLU(g[c]) · g[c]² / (2·g[c]² + Σ A[c] · g[c]³)``.

    The score in the paper is exp(logit), which multiplies all weights by the same number: left out here.
    """

    name = "Grad-CAM++"
    paper = "Chattopadhay et al., WACV 2018"

    @staticmethod
    def weighted(activations: FloatArray, gradients: FloatArray) -> FloatArray:
        """As `_GradientWeighted.weighted`."""
        # g²/(2g² + S·g³) = 1/(2 + S·g): nothing that gets lost in float32 where gradients are small.
        below = 2 + activations.sum((1, 2), keepdims=True) * gradients
        rising = np.maximum(gradients, 0)
        parts = np.divide(rising, below, out=np.zeros_like(rising), where=below != 0)
        summed: FloatArray = np.tensordot(parts.sum((1, 2)), activations, 1)
        return summed


class LayerCam(_GradientWeighted):
    """``ReLU(Σ_c ReLU(g[c]) · A[c])``."""

    name = "LayerCAM"
    paper = "Jiang et al., IEEE TIP 2021"

    @staticmethod
    def weighted(activations: FloatArray, gradients: FloatArray) -> FloatArray:
        """As `_GradientWeighted.weighted`."""
        summed: FloatArray = np.einsum("chw,chw->hw", np.maximum(gradients, 0), activations)
        return summed
