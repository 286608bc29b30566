"""Gradient × activation (HiResCAM: Draelos & Carin 2020): local, for any head that can be differentiated.

    R. L. Draelos, L. Carin: Use HiResCAM instead of Grad-CAM for faithful explanations of convolutional
    neural networks. arXiv:2011.08891, 2020.

Signed, as `score = mean(map) + remainder` needs it; the scales of norms and attention weights are held.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from camviewer.core.arrays import read_only
from camviewer.core.maps import (
    AttributionMap,
    ComputedMaps,
    Maps,
    Unit,
)
from camviewer.core.methods.base import (
    PassedFrame,
    chosen_layer,
)
from camviewer.core.runtimes.base import (
    LayerPass,
    ModelRun,
    Needs,
)
from camviewer.core.targets import (
    ClassScore,
    Target,
)
from camviewer.core.text import Text

CLASS_TOKEN = "class token"
"""The name of that part of the remainder that tokens have which stand for no cell."""


class GradientMethod:
    """``map = h·w · Σ_c gradient[c] · activation[c]``, to first order what each cell adds to the score."""

    name = "Gradient × activation"
    needs = Needs.GRADIENTS
    unit = Unit.LOGIT
    paper = "Draelos & Carin, 2020 (HiResCAM)"
    cost = Text("one pass, and one gradient for each class")
    chooses_layer = True

    def maps(self, run: ModelRun, passed: PassedFrame, targets: Sequence[Target]) -> Maps:
        """The maps of the targets, but for channels that the layer doesn't have.

        Raises ModelFailure for an unknown layer.
        """
        assert run.gradients is not None, "`needs` says so"
        layer = chosen_layer(run, passed)
        # One gradient for all channels of a class.
        scored = tuple(dict.fromkeys(_scored(target) for target in targets))
        found = run.gradients.of(passed.image, passed.geometry, layer, scored, hold_scales=True)
        made = {
            target: self._map(layer, found, scored.index(_scored(target)), passed, target)
            for target in targets
            if target.channel is None or 0 <= target.channel < len(found.activations)
        }
        return ComputedMaps(made)

    def _map(
        self, layer: str, found: LayerPass, index: int, passed: PassedFrame, target: Target
    ) -> AttributionMap:
        gradient, activation = found.gradients[index], found.activations
        cells = activation[0].size
        if target.channel is not None:
            part = cells * gradient[target.channel] * activation[target.channel]
            return AttributionMap(
                read_only(part.astype(np.float32)), target, self.name, layer, self.unit, 0.0
            )
        values = (cells * np.einsum("chw,chw->hw", gradient, activation)).astype(np.float32)
        score = target.score(passed.forward.logits)
        assert score is not None, "of a channel only"
        remainder = score - float(values.mean(dtype=np.float64))
        named = () if found.elsewhere is None else ((CLASS_TOKEN, float(found.elsewhere[index])),)
        return AttributionMap(read_only(values), target, self.name, layer, self.unit, remainder, named)


def _scored(target: Target) -> Target:
    """What of the target has a score: of a channel's part, its class."""
    return target if target.channel is None else ClassScore(target.class_id)
