"""Runs a camera through the pipeline, with a model that only says how bright a frame is.

Tells what happens as JSON lines on stdout, with the time of `time.monotonic()`. Ends with SIGTERM.
"""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QCoreApplication, Slot
from PySide6.QtWidgets import QApplication

from camviewer.core.explanation import ExplainRequest, Explanation, Prediction, Timing
from camviewer.core.failures import Failure, ModelFailure
from camviewer.core.frames import Frame, Region
from camviewer.core.loading import ModelChoice
from camviewer.core.maps import ExactMaps
from camviewer.core.methods.offers import MethodOffer
from camviewer.core.models.card import Layer, ModelCard
from camviewer.core.models.spec import LinearHead, ModelInfo, WeightsOrigin
from camviewer.core.runtimes.device import CPU, DeviceOffer
from camviewer.core.targets import Target
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.media.sources.camera import Cameras, CameraSource
from camviewer.media.sources.camera_formats import format_key
from tests.gauge_fakes import Unmeasured


class Brightness(Unmeasured):
    info = ModelInfo("brightness", "Brightness", CPU, "CPU", "0" * 64, "", WeightsOrigin.FILE)
    head = LinearHead(np.ones((1, 1), np.float32), np.zeros(1, np.float32), ("bright",))
    labels = head.labels
    methods: tuple[MethodOffer, ...] = ()
    layers: tuple[Layer, ...] = ()
    default_layer = ""

    def batch_size(self, request: ExplainRequest) -> int:
        return 2

    def predict(self, frame: Frame, request: ExplainRequest | None = None) -> Prediction:
        return self.explain(frame, ExplainRequest()).prediction

    def for_prepared(self, request: ExplainRequest) -> None:
        return None

    def explain_batch(self, frames: Sequence[Frame], request: ExplainRequest) -> list[Explanation]:
        return [self.explain(frame, request) for frame in frames]

    def with_maps(self, explanation: Explanation, targets: Sequence[Target]) -> Explanation:
        return explanation

    def explain(self, frame: Frame, request: ExplainRequest, load: float = 0.0) -> Explanation:
        value = np.array([frame.image.mean()], np.float32)
        region, timing = Region(0, 0, frame.width, frame.height), Timing(frame.time, 0.0, load, 0.0)
        prediction = Prediction(value, np.ones(1, np.float32), self.labels)
        maps = ExactMaps(value.reshape(1, 1, 1), self.head)
        return Explanation(frame, region, prediction, maps, timing, self.info, request)


@dataclass(frozen=True)
class Ready:
    explainer: Brightness
    missing: ModelFailure | None = None
    device_problem: str | None = None
    card: ModelCard | None = None
    precision_problem: str | None = None
    devices: tuple[DeviceOffer, ...] = ()


def tell(event: str, **facts: object) -> None:
    print(json.dumps({"event": event, "time": time.monotonic(), **facts}), flush=True)


class Driver:
    def __init__(self, name: str) -> None:
        self.pipeline = Pipeline(lambda _: Ready(Brightness()))
        self.cameras = Cameras()
        device = self.cameras.find(name)
        if device is None:
            tell("no camera")
            sys.exit(3)
        self.source = CameraSource(self.cameras, device)
        self.pipeline.explained.connect(self._on_explained)
        self.pipeline.source_failed.connect(self._on_source_failed)
        self.pipeline.source_recovered.connect(self._on_source_recovered)
        self.pipeline.open(self.source)
        self.pipeline.start(ModelChoice())

    @Slot(object)
    def _on_explained(self, explanation: Explanation) -> None:
        frame, fmt = explanation.frame, self.source.format
        tell(
            "explained",
            size=[frame.width, frame.height],
            brightness=round(float(explanation.logits[0]), 1),
            age=round(time.monotonic() - frame.time, 3),
            format=format_key(fmt) if fmt is not None else None,
        )

    @Slot(object)
    def _on_source_failed(self, failure: Failure) -> None:
        # The picture in view stays.
        tell("failed", message=str(failure), kept=self.pipeline.current is not None)

    @Slot()
    def _on_source_recovered(self) -> None:
        tell("recovered")


def main() -> int:
    app = QApplication(sys.argv[:1])
    tell("started")
    driver = Driver(sys.argv[1])
    # Python looks after signals when it runs; the camera's watch sees to that.
    signal.signal(signal.SIGTERM, lambda *_: QCoreApplication.quit())
    app.exec()
    driver.pipeline.close()
    tell("closed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
