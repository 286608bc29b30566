"""A network without a linear head, and methods that compute only what they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from camviewer.core.arrays import ByteArray, FloatArray, read_only
from camviewer.core.explainer import Explainer
from camviewer.core.geometry import InputGeometry
from camviewer.core.maps import AttributionMap, ComputedMaps, Maps, Unit
from camviewer.core.methods.base import Method, PassedFrame
from camviewer.core.models.builtin import RESNET18
from camviewer.core.models.spec import ModelInfo, Preprocessing, WeightsOrigin
from camviewer.core.runtimes.base import BasicRun, ForwardPass, ModelRun, Needs
from camviewer.core.runtimes.device import CPU
from camviewer.core.targets import Target
from camviewer.core.text import Text

LABELS = tuple(f"kind {i}" for i in range(12))
PREPROCESSING = Preprocessing(256, 224, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))


class DeepRun(BasicRun):
    """A `ModelRun` whose scores follow from the frame's colours, through something that is not linear."""

    labels = LABELS
    head = None
    device = CPU
    device_title = "CPU"
    layer = "block 5"
    offers = Needs.GRADIENTS | Needs.MANY_PASSES

    def run(self, image: ByteArray, geometry: InputGeometry) -> ForwardPass:
        rows, columns = geometry.crop.height // 32, geometry.crop.width // 32
        ramp = np.linspace(-1, 1, rows * columns, dtype=np.float32).reshape(rows, columns)
        mean = float(image.mean()) / 255
        features = np.stack([ramp + mean, ramp**2, -ramp]).astype(np.float32)
        logits = np.tanh(np.arange(len(LABELS), dtype=np.float32) * -0.4 + mean) * 4
        seen = np.zeros((geometry.crop.height, geometry.crop.width, 3), np.uint8)
        return ForwardPass(read_only(features), read_only(logits.astype(np.float32)), 0.001, read_only(seen))

    def run_batch(
        self, images: Sequence[ByteArray], geometries: Sequence[InputGeometry]
    ) -> list[ForwardPass]:
        return [self.run(i, g) for i, g in zip(images, geometries, strict=True)]


class OnRequest:
    """A method that makes the maps of the targets that it is asked for, and of no others."""

    needs = Needs.GRADIENTS
    paper = "Nobody, 2026"
    cost = Text("nothing")
    chooses_layer = False

    def __init__(self, name: str, unit: Unit) -> None:
        self.name, self.unit = name, unit
        self.asked: list[tuple[Target, ...]] = []

    def maps(self, run: ModelRun, passed: PassedFrame, targets: Sequence[Target]) -> Maps:
        self.asked.append(tuple(targets))
        return ComputedMaps({t: self._map(run, passed.forward, t) for t in targets})

    def _map(self, run: ModelRun, forward: ForwardPass, target: Target) -> AttributionMap:
        values = self._values(forward, target.class_id)
        if target.other is not None:
            values = values - self._values(forward, target.other)
        score = target.score(forward.logits)
        assert score is not None
        remainder = score - float(values.mean(dtype=np.float64)) if self.unit is Unit.LOGIT else None
        return AttributionMap(read_only(values), target, self.name, run.layer, self.unit, remainder)

    def _values(self, forward: ForwardPass, class_id: int) -> FloatArray:
        weights = np.array([1.0, 0.5, 0.1 * class_id], np.float32)
        values: FloatArray = np.einsum("c,chw->hw", weights, forward.features).astype(np.float32)
        return values


def local() -> OnRequest:
    return OnRequest("Local", Unit.LOGIT)


def relative() -> OnRequest:
    return OnRequest("Relative", Unit.RELATIVE)


def deep_explainer(*methods: Method, run: ModelRun | None = None) -> Explainer:
    """An explainer with these methods alone."""
    info = ModelInfo("deep", "Deep", CPU, "CPU", "0" * 64, "deep.pth", WeightsOrigin.FILE, PREPROCESSING)
    return Explainer(
        run or DeepRun(),
        replace(RESNET18, name="deep", title="Deep", preprocessing=PREPROCESSING),
        info,
        {method.name: method for method in methods},
    )
