"""Explainer: frame → Explanation; and the one way in which a model becomes one."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from camviewer.core.arrays import FloatArray, read_only
from camviewer.core.averaging import Smoother, averaged_features, fine_resolutions
from camviewer.core.cam import softmax
from camviewer.core.explanation import ExplainRequest, Explanation, Timing
from camviewer.core.frames import Fit, Frame
from camviewer.core.geometry import InputGeometry, input_geometry
from camviewer.core.models.spec import LinearHead, ModelInfo, ModelSpec
from camviewer.core.runtimes.base import ForwardPass, ModelRun
from camviewer.core.runtimes.device import CPU

log = logging.getLogger(__name__)


class Explainer:
    """A model that is ready. One thread uses it."""

    def __init__(self, engine: ModelRun, spec: ModelSpec, info: ModelInfo) -> None:
        self._engine = engine
        self._spec = spec
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
        return 8 if self._engine.device == CPU else 32

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
        output: ForwardPass,
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

    def _geometry(self, frame: Frame, fit: Fit, resolution: int | None) -> InputGeometry:
        spec = self._spec
        return input_geometry(frame.width, frame.height, fit, resolution, spec.preprocessing, spec.sizes)

    def _fine(self, frame: Frame, request: ExplainRequest, first: FloatArray) -> FloatArray:
        mirrored = np.ascontiguousarray(frame.image[:, ::-1])
        parts = [first]
        chosen = request.resolution or self._spec.preprocessing.crop
        for resolution in fine_resolutions(chosen, self._spec.sizes):
            geometry = self._geometry(frame, request.fit, resolution)
            if resolution != chosen:
                parts.append(self._engine.run(frame.image, geometry).features)
            parts.append(self._engine.run(mirrored, geometry).features[:, :, ::-1])
        return averaged_features(parts)
