"""Explainer: frame → Explanation; and the one way in which a model becomes one."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from camviewer.core.averaging import Smoother, averaged_features, fine_resolutions
from camviewer.core.cam import softmax
from camviewer.core.failures import ModelFailure
from camviewer.core.geometry import InputGeometry, input_geometry
from camviewer.core.models.builtin import BACKBONES, DEFAULT, EMBEDDED, Backbone
from camviewer.core.models.weights import WeightsFile, find_weights, read_state_dict
from camviewer.core.runtimes.libraries import import_for_good, leave_out_triton, limit_thread_pools
from camviewer.core.runtimes.torch_cpu import Engine, EngineOutput, TorchEngine, resolve_device
from camviewer.core.text import Text
from camviewer.core.types import (
    ExplainRequest,
    Explanation,
    Fit,
    FloatArray,
    Frame,
    LinearHead,
    ModelInfo,
    Preprocessing,
    Timing,
    read_only,
)

log = logging.getLogger(__name__)


class Explainer:
    """A model that is ready. One thread uses it."""

    def __init__(self, engine: Engine, preprocessing: Preprocessing, info: ModelInfo) -> None:
        self._engine = engine
        self._preprocessing = preprocessing
        self._smoother = Smoother()
        self.info = info

    @property
    def head(self) -> LinearHead:
        return self._engine.head

    def explain(
        self, frame: Frame, request: ExplainRequest, generation: int = 0, load: float = 0.0
    ) -> Explanation:
        """One forward pass (six if fine). load: seconds spent on decoding the frame, for the timing only.

        Raises ValueError for an empty frame, RuntimeError if the device fails.
        """
        geometry = self._geometry(frame, request.fit, request.resolution)
        output = self._engine.run(frame.image, geometry)
        explanation = self._explanation(frame, request, geometry, output, generation, load)
        if request.fine:
            explanation = replace(explanation, averaged=self._fine(frame, request, output.features))
        if request.smoothing > 0:
            smoothed = self._smoother.smoothed(explanation)
            if smoothed is not output.features:  # the first frame is no average, and a photo has no other
                explanation = replace(explanation, averaged=smoothed)
        return explanation

    @property
    def batch_size(self) -> int:
        """How many frames in one pass are fastest: measured for two cores (8: +23 %), usual for GPUs."""
        return 8 if self._engine.device == "cpu" else 32

    def explain_batch(self, frames: Sequence[Frame], request: ExplainRequest) -> list[Explanation]:
        """As `explain` for each, unrelated frames, without smoothing; those of one input size in one pass.

        Raises as `explain` does.
        """
        alone = replace(request, smoothing=0.0)
        if request.fine:
            return [self.explain(frame, alone) for frame in frames]
        geometries = [self._geometry(frame, request.fit, request.resolution) for frame in frames]
        groups: dict[tuple[int, int], list[int]] = {}
        for index, geometry in enumerate(geometries):
            groups.setdefault((geometry.crop.width, geometry.crop.height), []).append(index)
        explained: dict[int, Explanation] = {}
        for indices in groups.values():
            outputs = self._engine.run_batch(
                [frames[i].image for i in indices], [geometries[i] for i in indices]
            )
            for i, output in zip(indices, outputs, strict=True):
                explained[i] = self._explanation(frames[i], alone, geometries[i], output, 0, 0.0)
        return [explained[i] for i in range(len(frames))]

    def _explanation(
        self,
        frame: Frame,
        request: ExplainRequest,
        geometry: InputGeometry,
        output: EngineOutput,
        generation: int,
        load: float,
    ) -> Explanation:
        return Explanation(
            frame=frame,
            region=geometry.region,
            features=output.features,
            head=self._engine.head,
            logits=output.logits,
            probabilities=read_only(softmax(output.logits)),
            timing=Timing(frame.time, time.monotonic(), load, output.forward),
            model=self.info,
            request=request,
            generation=generation,
            network_input=output.network_input,
        )

    def _geometry(self, frame: Frame, fit: Fit, resolution: int) -> InputGeometry:
        return input_geometry(frame.width, frame.height, fit, resolution, self._preprocessing)

    def _fine(self, frame: Frame, request: ExplainRequest, first: FloatArray) -> FloatArray:
        mirrored = np.ascontiguousarray(frame.image[:, ::-1])
        parts = [first]
        for resolution in fine_resolutions(request.resolution):
            geometry = self._geometry(frame, request.fit, resolution)
            if resolution != request.resolution:
                parts.append(self._engine.run(frame.image, geometry).features)
            parts.append(self._engine.run(mirrored, geometry).features[:, :, ::-1])
        return averaged_features(parts)


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Which model to run. weights and labels: files that the user chose. device: auto, cpu, cuda, mps."""

    name: str = DEFAULT.name
    weights: Path | None = None
    labels: Path | None = None
    device: str = "auto"


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """missing: why the wanted model is not the one that runs; device_problem: why its device is not."""

    explainer: Explainer
    missing: ModelFailure | None = None
    device_problem: str | None = None


def backbone_named(name: str) -> Backbone:
    """Raises ModelFailure for a name that is not in the registry."""
    try:
        return BACKBONES[name]
    except KeyError:
        raise ModelFailure(
            "There is no model {name!r}.", "Use one of {names}.", name=name, names=", ".join(BACKBONES)
        ) from None


def load_model(choice: ModelChoice, allow_embedded: bool = True) -> LoadedModel:
    """Build and load the chosen model, or, where its weights are nowhere, the embedded one.

    Files that the user chose are used or fail: ModelFailure. So does a model without weights, if
    allow_embedded is off. A device that fails is replaced by the CPU.
    """
    limit_thread_pools()
    leave_out_triton()
    backbone = backbone_named(choice.name)
    missing: ModelFailure | None = None
    file = find_weights(backbone, choice.weights)
    if file is not None:
        try:
            return _load(backbone, file, choice, None)
        except ModelFailure as failure:
            if file.origin == "file" or not allow_embedded or backbone is EMBEDDED:
                raise
            missing = failure
    if missing is None:
        missing = ModelFailure(
            "The weights of {model} are not on this computer.",
            "Download them once, or open a weights file.",
            model=backbone.title,
        )
    if not allow_embedded or backbone is EMBEDDED:
        raise missing
    embedded = find_weights(EMBEDDED)
    if embedded is None:
        raise missing
    return _load(EMBEDDED, embedded, choice, missing)


def _load(
    backbone: Backbone, file: WeightsFile, choice: ModelChoice, missing: ModelFailure | None
) -> LoadedModel:
    try:
        import_for_good("torch.nn.utils.fusion", "camviewer.core.runtimes.packing", backbone.library)
    except (ImportError, OSError, RuntimeError, AttributeError) as error:
        # Damaged libraries, or such as weren't made for each other.
        raise _unfit(backbone, error) from error
    state, digest = read_state_dict(file)
    wanted = resolve_device(choice.device)
    problem = None
    for device in dict.fromkeys((wanted, "cpu")):
        try:
            engine = TorchEngine(backbone, state, device, choice.labels)
            info = ModelInfo(
                backbone.name,
                backbone.title,
                device,
                engine.device_title,
                digest,
                str(file.path),
                file.origin,
                backbone.preprocessing,
            )
            explainer = Explainer(engine, backbone.preprocessing, info)
            # A device may accept the weights and fail on the first pass; and the first pass is slow.
            explainer.explain(Frame(np.zeros((224, 224, 3), np.uint8)), ExplainRequest())
        except (RuntimeError, AssertionError, ImportError) as error:  # what torch's devices raise
            if device == "cpu":
                raise _unfit(backbone, error) from error
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            problem = Text("{device} failed: {reason}", device=device, reason=reason)
            log.warning("device %s failed, using the CPU", device, exc_info=True)
            continue
        log.info("loaded %s from %s (%s) on %s", backbone.title, file.path, file.origin, device)
        return LoadedModel(explainer, missing, problem)
    raise AssertionError("unreachable: the CPU was tried last")  # pragma: no cover


def _unfit(backbone: Backbone, error: Exception) -> ModelFailure:
    return ModelFailure(
        "{model} doesn't run on this computer.", "See the log.", repr(error), model=backbone.title
    )
