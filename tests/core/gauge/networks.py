"""A tiny network whose probability depends on a known part of the frame, without torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from camviewer.core.arrays import ByteArray, read_only
from camviewer.core.explainer import Explainer
from camviewer.core.explanation import ExplainRequest, Explanation
from camviewer.core.frames import Fit, Frame
from camviewer.core.geometry import InputGeometry
from camviewer.core.models.builtin import RESNET18
from camviewer.core.models.spec import LinearHead, ModelInfo, Preprocessing, WeightsOrigin
from camviewer.core.runtimes.base import BasicRun, ForwardPass, Needs
from camviewer.core.runtimes.device import CPU
from camviewer.core.runtimes.head_scores import scores

SIDE, CELLS = 56, 7
LABELS = ("stripes", "bright", "nothing")
PREPROCESSING = Preprocessing(SIDE, SIDE, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
SIZES = replace(RESNET18.sizes, stride=8, smallest=SIDE, largest=2 * SIDE)


class StripesRun(BasicRun):
    """Features of each cell: how striped it is, how bright, and a constant. Blurring takes stripes away."""

    head = LinearHead(
        read_only(np.array([[60, 0, 0], [0, 2, 0], [0, 0, 1]], np.float32)),
        read_only(np.array([-1, 0, 0], np.float32)),
        LABELS,
    )
    labels = LABELS
    layer = "cells"
    device = CPU
    device_title = "CPU"
    offers = Needs.LINEAR_HEAD

    def __init__(self) -> None:
        self.inputs = 0
        """So many went through."""
        self.largest_batch = 0

    def run(self, image: ByteArray, geometry: InputGeometry) -> ForwardPass:
        self.inputs += 1
        assert image.shape[:2] == geometry.resized, "frames have the network's size here"
        grey = image.astype(np.float32).mean(2) / 255
        steps = np.abs(np.diff(grey, axis=1, append=grey[:, -1:]))
        planes: Any = [steps, grey, np.ones_like(grey)]
        cells = [p.reshape(CELLS, -1, CELLS, grey.shape[1] // CELLS).mean((1, 3)) for p in planes]
        features = np.stack(cells).astype(np.float32)
        logits = scores(self.head, features[None])[0]
        return ForwardPass(read_only(features), read_only(logits), 0.001, read_only(image))

    def run_batch(
        self, images: Sequence[ByteArray], geometries: Sequence[InputGeometry]
    ) -> list[ForwardPass]:
        self.largest_batch = max(self.largest_batch, len(images))
        return [self.run(i, g) for i, g in zip(images, geometries, strict=True)]


def striped(rows: slice = slice(8, 32), columns: slice = slice(32, 56)) -> ByteArray:
    """A grey frame with stripes in one place, and a faint noise."""
    numbers = np.random.default_rng(0)
    pixels = np.full((SIDE, SIDE, 3), 120, np.uint8)
    pixels[rows, columns][:, ::2] = 220
    return read_only(pixels + numbers.integers(0, 3, (SIDE, SIDE, 1), np.uint8))


def explainer_of(run: StripesRun) -> Explainer:
    info = ModelInfo(
        "stripes", "Stripes", CPU, "CPU", "0" * 64, "", WeightsOrigin.CACHE, PREPROCESSING, SIZES
    )
    spec = replace(RESNET18, preprocessing=PREPROCESSING, sizes=SIZES)
    return Explainer(run, spec, info)


def explained(run: StripesRun, pixels: ByteArray | None = None) -> tuple[Explainer, Explanation]:
    explainer = explainer_of(run)
    frame = Frame(striped() if pixels is None else pixels, source="stripes.png")
    return explainer, explainer.explain(frame, ExplainRequest(fit=Fit.SQUASH))
