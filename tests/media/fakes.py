"""A model, its loader and a source that do what a test says, when it says it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from camviewer.core.arrays import read_only
from camviewer.core.explanation import ExplainRequest, Explanation, Prediction, Timing, predicted
from camviewer.core.failures import ModelFailure
from camviewer.core.frames import Frame, Region
from camviewer.core.loading import ModelChoice
from camviewer.core.maps import AttributionMap, ComputedMaps, ExactMaps, Unit
from camviewer.core.methods.offers import MethodOffer
from camviewer.core.models.card import Layer, ModelCard
from camviewer.core.models.spec import LinearHead, ModelInfo, WeightsOrigin
from camviewer.core.review.prepared import PhotoExplainer
from camviewer.core.runtimes.device import Device, DeviceOffer
from camviewer.core.targets import Target
from camviewer.media.pipeline.inlet import Inlet
from camviewer.media.sources.source import Source
from tests.gauge_fakes import Unmeasured

PATIENCE_S = 10.0


def make_frame(index: int, source: str = "fake") -> Frame:
    return Frame(read_only(np.full((4, 6, 3), index % 256, np.uint8)), index, source=source)


class Gate:
    """Open, or whoever comes waits. `arrived` counts those who came."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._open = True
        self.arrived = 0

    def shut(self) -> None:
        with self._changed:
            self._open = False

    def open(self) -> None:
        with self._changed:
            self._open = True
            self._changed.notify_all()

    def go_through(self) -> None:
        with self._changed:
            self.arrived += 1
            self._changed.notify_all()
            assert self._changed.wait_for(lambda: self._open, PATIENCE_S), "the gate stayed shut"

    def wait_for(self, arrived: int) -> None:
        """Without Qt's event loop: for a GUI thread that is busy with something else."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.arrived >= arrived, PATIENCE_S), self.arrived


class FakeExplainer(Unmeasured):
    """gate: before a frame is explained. fail: what it raises for a frame, if anything."""

    def __init__(self, name: str = "fake", device: str = "cpu") -> None:
        self.info = ModelInfo(
            name, name.title(), Device(device), device.upper(), "0" * 64, "fake.pth", WeightsOrigin.FILE
        )
        self.gate, self.finished = Gate(), Gate()
        self.fail: Callable[[Frame], Exception | None] = lambda _: None
        self.threads: set[int] = set()

    head = LinearHead(np.zeros((2, 1), np.float32), np.zeros(2, np.float32), ("a", "b"))
    labels = head.labels
    methods: tuple[MethodOffer, ...] = ()
    layers: tuple[Layer, ...] = ()
    default_layer = ""

    def batch_size(self, request: ExplainRequest) -> int:
        return 2

    def for_prepared(self, request: ExplainRequest) -> PhotoExplainer | None:
        return None

    def explain_batch(self, frames: Sequence[Frame], request: ExplainRequest) -> list[Explanation]:
        return [self.explain(frame, request) for frame in frames]

    def predict(self, frame: Frame, request: ExplainRequest | None = None) -> Prediction:
        error = self.fail(frame)
        if error is not None:
            raise error
        return predicted(np.zeros(2, np.float32), self.labels)

    def with_maps(self, explanation: Explanation, targets: Sequence[Target]) -> Explanation:
        return explanation

    def explain(self, frame: Frame, request: ExplainRequest, load: float = 0.0) -> Explanation:
        self.threads.add(threading.get_ident())
        self.gate.go_through()
        error = self.fail(frame)
        if error is not None:
            raise error
        explanation = Explanation(
            frame=frame,
            region=Region(0, 0, frame.width, frame.height),
            prediction=predicted(np.zeros(2, np.float32), self.labels),
            maps=ExactMaps(np.zeros((1, 1, 1), np.float32), self.head),
            timing=Timing(frame.time, 0.0, load, 0.0),
            model=self.info,
            request=request,
        )
        self.finished.go_through()
        return explanation


class Bright(FakeExplainer):
    """Its maps are all of one value, which the frame says."""

    def __init__(self, value: Callable[[Frame], float]) -> None:
        super().__init__()
        self.value = value

    def explain(self, frame: Frame, request: ExplainRequest, load: float = 0.0) -> Explanation:
        features = np.full((1, 1, 1), self.value(frame), np.float32)
        return replace(super().explain(frame, request, load), maps=ExactMaps(features, self.head))


METHOD_OF = {Unit.LOGIT: "HiResCAM", Unit.RELATIVE: "Grad-CAM", Unit.LOGIT_CHANGE: "Occlusion"}


def computed(explanation: Explanation, unit: Unit, targets: Sequence[Target]) -> Explanation:
    """As explained by a method that computes one map for each target, at a layer in the middle.

    LOGIT: half of the exact map, so that a part of each score is not on it. RELATIVE: 0..1 of its maximum.
    LOGIT_CHANGE: half of the exact map, which adds up to nothing.
    """
    maps = {}
    method = METHOD_OF[unit]
    for target in targets:
        exact, remainder = explanation.map(target).values, None
        relative = np.maximum(exact, 0) / max(float(exact.max()), 1e-6)
        made = relative if unit is Unit.RELATIVE else exact / 2
        if unit is Unit.LOGIT:
            remainder = (target.score(explanation.logits) or 0.0) - float(made.mean(dtype=np.float64))
        values = read_only(made.astype(np.float32))
        maps[target] = AttributionMap(values, target, method, "layer3", unit, remainder)
    request = replace(explanation.request, method=method, targets=tuple(targets))
    return replace(explanation, maps=ComputedMaps(maps), request=request, drawn=None)


@dataclass(frozen=True)
class FakeModel:
    explainer: FakeExplainer
    missing: ModelFailure | None = None
    device_problem: str | None = None
    card: ModelCard | None = None
    precision_problem: str | None = None
    devices: tuple[DeviceOffer, ...] = ()


class FakeLoader:
    """Loads what `models` has for the name and device, else for the name; an exception is raised."""

    def __init__(self, **models: FakeExplainer | Exception) -> None:
        self.models = models
        self.gate = Gate()
        self.choices: list[ModelChoice] = []

    def __call__(self, choice: ModelChoice) -> FakeModel:
        self.choices.append(choice)
        self.gate.go_through()
        found = self.models.get(f"{choice.name}_{choice.device}") or self.models[choice.name]
        if isinstance(found, Exception):
            raise found
        return FakeModel(found)


FAKE = ModelChoice("fake")
OTHER = ModelChoice("other")
HALF = replace(ExplainRequest(), resolution=112)


class FakeSource(Source):
    """live: brings frames by itself (when the test sends them); otherwise it stands still like a photo."""

    def __init__(self, name: str = "fake", live: bool = False, pausable: bool = False) -> None:
        super().__init__()
        self.name, self.live, self.pausable = name, live, pausable
        self.inlet: Inlet | None = None
        self.stopped = False
        self.paused: list[bool] = []

    @property
    def title(self) -> str:
        return self.name

    @property
    def running(self) -> bool:
        return self.live

    def start(self, inlet: Inlet) -> None:
        self.inlet = inlet

    def stop(self) -> None:
        self.stopped = True

    def set_paused(self, paused: bool) -> None:
        self.paused.append(paused)

    def send(self, index: int) -> None:
        """Also after `stop`, as a video thread may that hasn't heard of it."""
        assert self.inlet is not None
        self.inlet.put(lambda: make_frame(index, self.name))

    def send_failing(self, error: Exception) -> None:
        def load() -> Frame:
            raise error

        assert self.inlet is not None
        self.inlet.put(load)

    def jump(self) -> None:
        self.jumped.emit()
