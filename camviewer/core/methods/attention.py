"""Attention rollout (Abnar & Zuidema, ACL 2020): how much of each cell reaches the tokens that are read.

S. Abnar, W. Zuidema: Quantifying Attention Flow in Transformers. ACL 2020.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from camviewer.core.arrays import FloatArray
from camviewer.core.maps import (
    Maps,
    Unit,
)
from camviewer.core.methods.base import (
    PassedFrame,
    relative_maps,
)
from camviewer.core.runtimes.base import (
    ModelRun,
    Needs,
)
from camviewer.core.targets import (
    ClassScore,
    Target,
)
from camviewer.core.text import Text


class AttentionRollout:
    """Attention weights, the mean over heads and half of them for the residual, multiplied over all blocks.

    From the class token, or from the mean of all cells where scores are read from those.
    """

    name = "Attention rollout"
    needs = Needs.ATTENTION
    unit = Unit.RELATIVE
    paper = "Abnar & Zuidema, ACL 2020"
    cost = Text("one more pass; the map is the same for every class")
    chooses_layer = False

    def maps(self, run: ModelRun, passed: PassedFrame, targets: Sequence[Target]) -> Maps:
        """The maps of scores, all the same; differences and channels have none."""
        assert run.attention is not None, "`needs` says so"
        weights = run.attention.weights(passed.image, passed.geometry)
        extra = run.attention.extra_tokens
        start = np.zeros(weights.shape[-1], np.float32)
        first = slice(0, 1) if extra and not run.attention.reads_cells else slice(extra, None)
        start[first] = 1 / len(start[first])
        values = rolled_out(weights, start)[extra:].reshape(run.attention.cells(passed.geometry))
        alike = ((target, values) for target in targets if isinstance(target, ClassScore))
        return relative_maps(self.name, run.layer, alike)


def rolled_out(weights: FloatArray, start: FloatArray) -> FloatArray:
    """weights: float32 [blocks, heads, T, T]; start: float32 [T], shares of the tokens that are read.

    Returns float32 [T]: shares of the tokens before the first block, which add up to 1 as those of start do.
    """
    shares = start
    for block in weights.mean(1)[::-1]:
        shares = 0.5 * shares + 0.5 * (shares @ block)
    return shares
