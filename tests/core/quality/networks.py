"""The network of tests/core/gauge, with passes of masked inputs."""

from __future__ import annotations

import numpy as np

from camviewer.core.arrays import ByteArray, FloatArray
from camviewer.core.geometry import InputGeometry
from tests.core.gauge.networks import StripesRun


class MaskableRun(StripesRun):
    """It can also be run on its input times masks."""

    def __init__(self) -> None:
        super().__init__()
        self.passes = self

    def activations(self, image: ByteArray, geometry: InputGeometry, layer: str) -> FloatArray:
        raise AssertionError("nobody asked for this")

    def of_activations(
        self, image: ByteArray, geometry: InputGeometry, layer: str, activations: FloatArray
    ) -> FloatArray:
        raise AssertionError("nobody asked for this")

    def of_masked(self, image: ByteArray, geometry: InputGeometry, masks: FloatArray) -> FloatArray:
        """Zero after normalisation is black here."""
        return np.stack([self.run(image * mask[..., None], geometry).logits for mask in masks])
