"""Explains frames with a loaded model: frame → Explanation."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from camviewer.core.arrays import ByteArray, FloatArray
from camviewer.core.averaging import (
    averaged_maps,
    fine_resolutions,
)
from camviewer.core.explanation import (
    ExplainRequest,
    Explanation,
    Prediction,
    Timing,
    predicted,
)
from camviewer.core.failures import ModelFailure
from camviewer.core.frames import Frame, Region
from camviewer.core.gauge.measuring import (
    USUAL_PLAN,
    GaugePlan,
    Measuring,
)
from camviewer.core.gauge.sanity import (
    HEAD_METHODS,
    SHUFFLES,
    SanityTest,
    ShuffledHead,
    rank_correlation,
)
from camviewer.core.geometry import (
    InputGeometry,
    as_input,
    input_geometry,
)
from camviewer.core.many_passes import BATCH_PIXELS, batches_of_logits
from camviewer.core.maps import Maps
from camviewer.core.methods.base import (
    Method,
    PassedFrame,
    default_layer,
)
from camviewer.core.methods.offers import (
    method_offers,
    offer_of,
)
from camviewer.core.methods.registry import METHODS
from camviewer.core.models.card import Layer
from camviewer.core.models.spec import (
    Link,
    ModelInfo,
    Preprocessing,
    SizeRule,
)
from camviewer.core.review.prepared import (
    PreparedExplainer,
    works_on_pixels,
)
from camviewer.core.review.preparing import PreparationPlan
from camviewer.core.runtimes.base import (
    ForwardPass,
    ModelRun,
    Needs,
)
from camviewer.core.runtimes.device import CPU
from camviewer.core.targets import (
    Target,
    scores_of,
)

USUAL_TARGETS = 5
"""So many of the most probable classes get a map, where each map costs work and none was asked for."""


_FRAME_BY_FRAME = Needs.GRADIENTS | Needs.MANY_PASSES | Needs.EARLIER_LAYER
"""What is made of one frame at a time."""


class InputSpec(Protocol):
    """What an explainer needs to know of a network; a `ModelSpec` is one."""

    @property
    def preprocessing(self) -> Preprocessing:
        """What its weights expect."""
        ...

    @property
    def sizes(self) -> SizeRule:
        """Which inputs it takes."""
        ...

    @property
    def link(self) -> Link:
        """How its logits become probabilities."""
        ...


class Explainer:
    """A loaded model that explains frames. One thread uses it."""

    def __init__(
        self,
        run: ModelRun,
        spec: InputSpec,
        info: ModelInfo,
        methods: Mapping[str, Method] = METHODS,
    ) -> None:
        self._run, self._spec, self._methods = run, spec, methods
        self.info = info
        self.methods = method_offers(methods, run)
        """All methods, the most faithful first; of those that the model lacks, why."""

    @property
    def labels(self) -> tuple[str, ...]:
        """One for each class."""
        return self._run.labels

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Those that methods may look at, the deepest last."""
        return self._run.layers

    @property
    def default_layer(self) -> str:
        """The name of the one that methods look at where none is asked for."""
        return default_layer(self._run)

    def explain(self, frame: Frame, request: ExplainRequest, load: float = 0.0) -> Explanation:
        """One forward pass (six if fine). load: seconds spent on decoding the frame, for the timing only.

        Raises ValueError for an empty frame, RuntimeError if the device fails, ModelFailure for a method that
        the model doesn't have.
        """
        method = self._method(request)
        geometry = self._geometry(frame, request, request.resolution)
        averaging = self._run.averaging
        if request.fine and averaging is not None and method.needs is Needs.LINEAR_HEAD:
            # The features are all that the maps are made of: the device averages them by itself.
            geometries = self._fine_geometries(frame, request)
            forward, planes = averaging.averaged(frame.image, geometries)
            once = replace(request, fine=False)
            explanation = self._explanation(frame, once, geometry, forward, method, load)
            return replace(explanation, request=request, drawn=explanation.maps.drawn_from(planes))
        forward = self._passed(frame, geometry, method)
        return self._explanation(frame, request, geometry, forward, method, load)

    def predict(self, frame: Frame) -> Prediction:
        """What the model says of a frame, seen as it was trained: one forward pass, and no maps.

        Raises ValueError for an empty frame, RuntimeError if the device fails.
        """
        forward = self._run.run(frame.image, self._geometry(frame, ExplainRequest(), None))
        return predicted(forward.logits, self.labels, self._spec.link)

    def predictions(self, inputs: Iterator[ByteArray], count: int) -> Iterator[Prediction]:
        """What the model says of inputs as `Explanation.network_input` is one; `count` of them, of one size.

        Raises RuntimeError if the device fails, CancelledError.
        """
        for logits in batches_of_logits(self._run, inputs, count):
            yield from (predicted(each, self.labels, self._spec.link) for each in logits)

    def masked_predictions(self, network_input: ByteArray, masks: FloatArray) -> list[Prediction]:
        """What the model says of an input times each mask, as after normalisation, to float32.

        network_input: as `Explanation.network_input`; masks: float32 [n, h, w], 0..1, of its size. Raises
        RuntimeError if the device fails, CancelledError, ModelFailure for a model that can't do it.
        """
        if self._run.passes is None:
            raise ModelFailure(
                "{model} can't be run on a changed input, which is needed here.",
                "Choose another model.",
                model=self.info.title,
            )
        height, width = network_input.shape[:2]
        geometry = as_input(network_input, Region(0, 0, width, height))
        logits = self._run.passes.of_masked(network_input, geometry, masks)
        return [predicted(each, self.labels, self._spec.link) for each in logits]

    def batch_size(self, request: ExplainRequest) -> int:
        """How many frames at once are fastest: measured for two cores (8: +23 %), usual for GPUs.

        One, where each frame's maps take passes of their own: more at once would only take longer.
        """
        offer = offer_of(self.methods, request.method)
        if offer is not None and self._methods[offer.name].needs & _FRAME_BY_FRAME:
            return 1
        return 8 if self._run.device == CPU else 32

    def explain_batch(self, frames: Sequence[Frame], request: ExplainRequest) -> list[Explanation]:
        """As `explain` for each; those of one input size in one pass. Raises as `explain` does."""
        method = self._method(request)
        if request.fine or Needs.EARLIER_LAYER in method.needs:
            return [self.explain(frame, request) for frame in frames]
        geometries = [self._geometry(frame, request, request.resolution) for frame in frames]
        groups: dict[tuple[int, int], list[int]] = {}
        for index, geometry in enumerate(geometries):
            groups.setdefault((geometry.crop.width, geometry.crop.height), []).append(index)
        explained: dict[int, Explanation] = {}
        for indices in groups.values():
            passes = self._run.run_batch([frames[i].image for i in indices], [geometries[i] for i in indices])
            for i, forward in zip(indices, passes, strict=True):
                explained[i] = self._explanation(frames[i], request, geometries[i], forward, method, 0.0)
        return [explained[i] for i in range(len(frames))]

    def for_prepared(self, request: ExplainRequest) -> PreparedExplainer | None:
        """Explains photos whose pixels were prepared elsewhere; None where maps need the whole frame.

        None also for a method that the model doesn't have: `explain` says so.
        """
        offer = offer_of(self.methods, request.method)
        method = self._methods[offer.name] if offer is not None else None
        if method is None or not works_on_pixels(method, request):
            return None
        preprocessing, sizes = self._spec.preprocessing, self._spec.sizes
        resolution = sizes.chosen(request.resolution, preprocessing.crop)
        plan = PreparationPlan(preprocessing, sizes, request.fit, resolution)
        return PreparedExplainer(self._run, method, request, plan, self._spec.link)

    def with_maps(self, explanation: Explanation, targets: Sequence[Target]) -> Explanation:
        """The explanation with the maps of these targets.

        The frame is explained again if some are missing and can be computed.
        """
        maps = explanation.maps
        if not maps.on_request or all(maps.available(target) for target in targets):
            return explanation
        request = explanation.request
        wanted = tuple(dict.fromkeys((*request.targets, *targets)))
        return self.explain(explanation.frame, replace(request, targets=wanted))

    def measuring(
        self,
        explanation: Explanation,
        target: Target,
        plan: GaugePlan = USUAL_PLAN,
        batch_pixels: int = BATCH_PIXELS,
    ) -> Measuring:
        """Measures the map of a class. plan, batch_pixels: as of `Measuring`.

        explanation: by this model; it is explained again where the map, or a rival's, is missing and can be
        computed. Raises ModelFailure where there is nothing to measure.
        """
        self._check_own(explanation)
        others = scores_of(c for c in explanation.top(2) if c != target.class_id)[:1] if plan.other else ()
        return Measuring(
            self._run, self.with_maps(explanation, (target, *others)), target, plan, batch_pixels
        )

    def sanity_test(self, explanation: Explanation, target: Target) -> SanityTest:
        """Whether a map changes when the head's weights are shuffled; two passes at most.

        explanation: by this model. Raises ModelFailure where the map doesn't follow from a linear head alone.
        """
        self._check_own(explanation)
        method = self._method(explanation.request)
        if method.needs & ~HEAD_METHODS or not explanation.maps.available(target):
            raise ModelFailure(
                "Maps by {method} can't be tested so: those of CAM and Object extent follow from a linear "
                "head, whose weights are shuffled.",
                "Choose one of these methods, if the model has them.",
                method=explanation.maps.method,
            )
        frame, request = explanation.frame, explanation.request
        geometry = self._geometry(frame, request, request.resolution)
        forward = self._passed(frame, geometry, method)
        passed = _for_method(frame, request, geometry, forward)
        before = explanation.map(target).values
        after = (
            method.maps(ShuffledHead(self._run, seed), passed, (target,)).get(target).values
            for seed in range(SHUFFLES)
        )
        return SanityTest(tuple(rank_correlation(values, before) for values in after))

    def _check_own(self, explanation: Explanation) -> None:
        if explanation.model != self.info:
            raise ModelFailure("Another model explained this.", "Open the frame again with this model.")

    def _method(self, request: ExplainRequest) -> Method:
        offer = offer_of(self.methods, request.method)
        if offer is not None:
            return self._methods[offer.name]
        if request.method is None:
            raise ModelFailure("{model} has no maps.", "Its card says why.", model=self.info.title)
        raise ModelFailure(
            "{model} has no maps by {method}.",
            "Choose one of these: {methods}.",
            model=self.info.title,
            method=request.method,
            methods=", ".join(each.name for each in self.methods if each.missing is None),
        )

    def _passed(self, frame: Frame, geometry: InputGeometry, method: Method) -> ForwardPass:
        earlier = self._run.earlier
        if earlier is not None and Needs.EARLIER_LAYER in method.needs:
            return earlier.run(frame.image, geometry)
        return self._run.run(frame.image, geometry)

    def _explanation(
        self,
        frame: Frame,
        request: ExplainRequest,
        geometry: InputGeometry,
        forward: ForwardPass,
        method: Method,
        load: float,
    ) -> Explanation:
        prediction = predicted(forward.logits, self.labels, self._spec.link)
        # What was asked of a model before may speak of classes that this one doesn't have.
        asked = [t for t in request.targets if all(c < len(self.labels) for c in t.classes)]
        # The top class's map is always there: the tabs follow it.
        top = scores_of(prediction.top(1 if asked else USUAL_TARGETS))
        targets = tuple(dict.fromkeys((*asked, *top)))
        maps = method.maps(self._run, _for_method(frame, request, geometry, forward), targets)
        drawn = self._fine(frame, request, method, maps, targets) if request.fine else None
        return Explanation(
            frame=frame,
            region=geometry.region,
            prediction=prediction,
            maps=maps,
            timing=Timing(frame.time, time.monotonic(), load, forward.forward),
            model=self.info,
            request=request,
            network_input=forward.network_input,
            drawn=drawn,
        )

    def _geometry(self, frame: Frame, request: ExplainRequest, resolution: int | None) -> InputGeometry:
        preprocessing, sizes = self._spec.preprocessing, self._spec.sizes
        resolution = sizes.chosen(resolution, preprocessing.crop)
        geometry = input_geometry(frame.width, frame.height, request.fit, resolution, preprocessing, sizes)
        return replace(geometry, exact=frame.still)

    def _fine(
        self, frame: Frame, request: ExplainRequest, method: Method, first: Maps, targets: Sequence[Target]
    ) -> Maps:
        plain: list[Maps] = [first]
        mirrored: list[Maps] = []
        for geometry in self._fine_geometries(frame, request)[1:]:
            forward = self._passed(frame, geometry, method)
            maps = method.maps(self._run, _for_method(frame, request, geometry, forward), targets)
            (mirrored if geometry.mirrored else plain).append(maps)
        return averaged_maps(plain, mirrored)

    def _fine_geometries(self, frame: Frame, request: ExplainRequest) -> list[InputGeometry]:
        """Of all passes: as chosen first, and each also mirrored."""
        chosen = self._spec.sizes.chosen(request.resolution, self._spec.preprocessing.crop)
        resolutions = fine_resolutions(chosen, self._spec.sizes)
        geometries = [self._geometry(frame, request, resolution) for resolution in resolutions]
        return [replace(g, mirrored=mirrored) for g in geometries for mirrored in (False, True)]


def _for_method(
    frame: Frame, request: ExplainRequest, geometry: InputGeometry, forward: ForwardPass
) -> PassedFrame:
    return PassedFrame(frame.image, geometry, forward, request.layer, request.covering)
