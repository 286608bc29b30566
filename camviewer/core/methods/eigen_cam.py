"""Eigen-CAM (Muhammad & Yeasin, IJCNN 2020): what varies most among the cells, whatever the class.

M. B. Muhammad, M. Yeasin: Eigen-CAM: Class Activation Map using Principal Components. IJCNN 2020.
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
    chosen_layer,
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


class EigenCam:
    """The first principal component of the activations, one map for all classes.

    Channels are centred over the cells first, and what is below their mean is 0, as in pytorch-grad-cam. A
    component has no sign of its own: here it grows with the sum of the activations.
    """

    name = "Eigen-CAM"
    needs = Needs.MANY_PASSES
    unit = Unit.RELATIVE
    paper = "Muhammad & Yeasin, IJCNN 2020"
    cost = Text("one more pass; the map is the same for every class")
    chooses_layer = True

    def maps(self, run: ModelRun, passed: PassedFrame, targets: Sequence[Target]) -> Maps:
        """The maps of scores, all the same; differences and channels have none.

        Raises ModelFailure for an unknown layer.
        """
        assert run.passes is not None, "`needs` says so"
        layer = chosen_layer(run, passed)
        values = first_component(run.passes.activations(passed.image, passed.geometry, layer))
        alike = ((target, values) for target in targets if isinstance(target, ClassScore))
        return relative_maps(self.name, layer, alike)


def first_component(activations: FloatArray) -> FloatArray:
    """activations: float32 [C, h, w]. Returns float32 [h, w], not negative."""
    channels, height, width = activations.shape
    cells = activations.reshape(channels, -1).T
    centred = cells - cells.mean(0)
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    component = centred @ directions[0]
    if component @ centred.sum(1) < 0:
        component = -component
    rectified: FloatArray = np.maximum(component, 0).reshape(height, width).astype(np.float32)
    return rectified
