"""Object extent: how far the object reaches that a class's CAM points at. Not evidence, but a better outline.

The CAM is spread along the self-similarity of an earlier layer: each cell takes the mean of the CAM over all
cells whose activations are like its own. Similarity as the first-order self-correlation of

    X. Pan, Y. Gao, Z. Lin, F. Tang, W. Dong, H. Yuan, F. Huang, C. Xu:
    Unveiling the Potential of Structure Preserving for Weakly Supervised Object Localization. CVPR 2021,

here without training. On 1,300 photos of ImageNet's validation set its boxes are right in 67.0 % at 224 and
in 71.4 % at 448, those of CAM at 224 in 62.4 % (MaxBoxAccV2, stock ResNet18). The norm of the features, which
knows no class, reaches 68.3 % when it is spread: such a map says what belongs together, not what the class
was seen by.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from camviewer.core.arrays import FloatArray
from camviewer.core.averaging import linear_weights
from camviewer.core.maps import (
    EXTENT,
    ExactMaps,
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
    earlier_layer,
)
from camviewer.core.targets import Target
from camviewer.core.text import Text

_CHUNK = 1 << 21
"""So many similarities at once: all of 38 x 38 cells, and 8 MB of memory."""


_LEAST_NORM, _LEAST_WEIGHT = np.float32(1e-6), np.float32(1e-8)
"""Added to what is divided by: cells may all be alike."""


class ObjectExtent:
    """CAMs of one pass, spread over what looks alike. Values have no unit: their mean is no score."""

    name = EXTENT
    needs = Needs.LINEAR_HEAD | Needs.EARLIER_LAYER
    unit = Unit.RELATIVE
    paper = "after Pan et al., CVPR 2021"
    cost = Text(
        "one pass, best at twice the usual resolution (448 pixels). It outlines the object and is no "
        "evidence: its mean is no score, and a map that knows no class outlines objects almost as well"
    )
    chooses_layer = False

    def maps(self, run: ModelRun, passed: PassedFrame, targets: Sequence[Target]) -> Maps:
        """The maps of all targets that have a CAM, on the earlier layer's cells."""
        assert run.head is not None, "`needs` says so"
        activations = passed.forward.earlier
        if activations is None:
            layer = earlier_layer(run.layers, run.layer)
            assert layer is not None, "`needs` says so"
            assert run.passes is not None, "`needs` says so"
            activations = run.passes.activations(passed.image, passed.geometry, layer.name)
        exact = ExactMaps(passed.forward.features, run.head, run.layer)
        there = [target for target in targets if exact.available(target)]
        cams = np.stack([exact.get(target).values for target in there])
        return relative_maps(self.name, run.layer, zip(there, spread(cams, activations), strict=True))


def spread(maps: FloatArray, activations: FloatArray) -> FloatArray:
    """Maps, each cell's value the mean over all cells, weighted by how alike their activations are.

    maps: float32 [k, h, w]; activations: float32 [C, h', w']. Returns float32 [k, h', w'].
    """
    channels, rows, columns = activations.shape
    down, across = linear_weights(maps.shape[1], rows), linear_weights(maps.shape[2], columns)
    values = (down @ maps @ across.T).reshape(len(maps), -1)
    # The last column adds up the weights.
    summed = np.concatenate([values, np.ones_like(values[:1])]).T
    cells = activations.reshape(channels, -1)
    cells = cells - cells.mean(1, keepdims=True)
    cells /= np.linalg.norm(cells, axis=0) + _LEAST_NORM
    count = rows * columns
    sums = np.empty((count, len(maps) + 1), np.float32)
    step = max(_CHUNK // count, 1)
    for start in range(0, count, step):
        alike = cells[:, start : start + step].T @ cells
        np.maximum(alike, 0, out=alike)
        np.matmul(alike, summed, out=sums[start : start + step])
    sums[:, :-1] /= sums[:, -1:] + _LEAST_WEIGHT
    return np.ascontiguousarray(sums[:, :-1].T).reshape(-1, rows, columns)
