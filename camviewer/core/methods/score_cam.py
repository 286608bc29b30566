"""Score-CAM (Wang et al., CVPR Workshops 2020): activations weighted by what they keep of the score.

H. Wang, Z. Wang, M. Du, F. Yang, Z. Zhang, S. Ding, P. Mardziel, X. Hu: Score-CAM: Score-Weighted
Visual Explanations for Convolutional Neural Networks. CVPR Workshops 2020.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from camviewer.core.arrays import FloatArray
from camviewer.core.cam import softmax
from camviewer.core.maps import (
    Maps,
    Unit,
)
from camviewer.core.methods.base import (
    PassedFrame,
    chosen_layer,
    relative_maps,
    scores,
)
from camviewer.core.runtimes.base import (
    ModelRun,
    Needs,
)
from camviewer.core.scaling import (
    Interpolation,
    upsampled,
)
from camviewer.core.targets import Target
from camviewer.core.text import Text

MAX_CHANNELS = 256
"""With more channels than this, those whose activations vary most over the cells."""

_CHUNK = 64
"""So many masks are in memory at once."""


class ScoreCam:
    """``ReLU(Σ_c w[c] · A[c])``, w the softmax over channels of the score behind mask A[c].

    A mask is the channel's activation, upsampled to the input and scaled to 0..1. Passes are shared by all
    targets.
    """

    name = "Score-CAM"
    needs = Needs.MANY_PASSES
    unit = Unit.RELATIVE
    paper = "Wang et al., CVPR Workshops 2020"
    cost = Text("one pass for each channel, {channels} at most", channels=MAX_CHANNELS)
    chooses_layer = True

    def __init__(self, max_channels: int = MAX_CHANNELS) -> None:
        """max_channels: so many passes at most."""
        self._max_channels = max_channels

    def maps(self, run: ModelRun, passed: PassedFrame, targets: Sequence[Target]) -> Maps:
        """The maps of scores and of differences of scores; channels have none.

        Raises ModelFailure for an unknown layer.
        """
        assert run.passes is not None, "`needs` says so"
        layer = chosen_layer(run, passed)
        image, geometry = passed.image, passed.geometry
        activations = run.passes.activations(image, geometry, layer)
        strongest = np.argsort(-activations.std((1, 2)), kind="stable")[: self._max_channels]
        activations = activations[np.sort(strongest)]
        size = geometry.crop.width, geometry.crop.height
        logits = np.concatenate(
            [
                run.passes.of_masked(image, geometry, _masks(activations[i : i + _CHUNK], *size))
                for i in range(0, len(activations), _CHUNK)
            ]
        )
        values = (
            (target, np.maximum(np.tensordot(softmax(scores(logits, target)), activations, 1), 0))
            for target in targets
            if target.channel is None
        )
        return relative_maps(self.name, layer, values)


def _masks(activations: FloatArray, width: int, height: int) -> FloatArray:
    """activations: [n, h, w] → float32 [n, height, width], each from 0 to 1; all 0 where one is constant."""
    masks = np.stack([upsampled(a, width, height, Interpolation.BILINEAR) for a in activations])
    masks -= masks.min((1, 2), keepdims=True)
    span = masks.max((1, 2), keepdims=True)
    np.divide(masks, span, out=masks, where=span > 0)
    return masks
