"""ReciproCAM (Byun & Lee, 2022): the score of each cell alone. Without gradients.

S.-Y. Byun, W. Lee: Recipro-CAM: Fast gradient-free visual explanations for convolutional neural networks.
arXiv:2209.14074, 2022.
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
    scores,
)
from camviewer.core.runtimes.base import (
    ModelRun,
    Needs,
)
from camviewer.core.targets import Target
from camviewer.core.text import Text

_CHUNK_VALUES = 1 << 24
"""So many values of masked activations are in memory at once: 64 MB."""


class ReciproCam:
    """The score with the activations of all other cells set to 0, above the lowest of these scores.

    Scores are logits: probabilities would saturate. Passes are shared by all targets.
    """

    name = "ReciproCAM"
    needs = Needs.MANY_PASSES
    unit = Unit.RELATIVE
    paper = "Byun & Lee, 2022"
    cost = Text("one pass for each cell of the map, from the layer on")
    chooses_layer = True

    def maps(self, run: ModelRun, passed: PassedFrame, targets: Sequence[Target]) -> Maps:
        """The maps of scores and of differences of scores; channels have none.

        Raises ModelFailure for an unknown layer.
        """
        assert run.passes is not None, "`needs` says so"
        layer = chosen_layer(run, passed)
        image, geometry = passed.image, passed.geometry
        activations = run.passes.activations(image, geometry, layer)
        height, width = activations.shape[1:]
        chunk = max(1, _CHUNK_VALUES // activations.size)
        cells = np.arange(height * width)
        logits = np.concatenate(
            [
                run.passes.of_activations(image, geometry, layer, _alone(activations, cells[i : i + chunk]))
                for i in range(0, len(cells), chunk)
            ]
        )
        values = (
            (target, _above_lowest(scores(logits, target).reshape(height, width)))
            for target in targets
            if target.channel is None
        )
        return relative_maps(self.name, layer, values)


def _alone(activations: FloatArray, cells: np.ndarray[tuple[int], np.dtype[np.intp]]) -> FloatArray:
    """activations: [C, h, w]; cells: [n], row by row. Returns float32 [n, C, h, w]: one cell each."""
    alone = np.zeros((len(cells), *activations.shape), np.float32)
    rows, columns = np.divmod(cells, activations.shape[2])
    alone[np.arange(len(cells)), :, rows, columns] = activations[:, rows, columns].T
    return alone


def _above_lowest(values: FloatArray) -> FloatArray:
    above: FloatArray = values - values.min()
    return above
