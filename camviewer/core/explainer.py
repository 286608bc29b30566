"""Explains frames with a loaded model: frame → Explanation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from camviewer.core.arrays import ByteArray, FloatArray
from camviewer.core.explanation import (
    ExplainRequest,
    Explanation,
    Prediction,
    predicted,
)
from camviewer.core.failures import ModelFailure
from camviewer.core.frame_passes import (
    FramePasses,
    InputSpec,
    TaughtSpec,
    for_method,
)
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
from camviewer.core.geometry import as_input
from camviewer.core.many_passes import BATCH_PIXELS, batches_of_logits
from camviewer.core.methods.base import (
    Method,
    default_layer,
)
from camviewer.core.methods.offers import (
    offer_of,
)
from camviewer.core.methods.registry import METHODS
from camviewer.core.models.card import Layer
from camviewer.core.models.spec import (
    LinearHead,
    Link,
    ModelInfo,
    WeightsOrigin,
)
from camviewer.core.models.taught import (
    Backbone,
    TaughtHead,
    backbone_of,
)
from camviewer.core.painting import Painter
from camviewer.core.review.prepared import (
    PreparedExplainer,
    works_on_pixels,
)
from camviewer.core.review.preparing import PreparationPlan
from camviewer.core.runtimes.base import (
    ModelRun,
    Needs,
)
from camviewer.core.runtimes.device import CPU
from camviewer.core.runtimes.other_head import with_head
from camviewer.core.targets import (
    Target,
    scores_of,
)
from camviewer.core.text import Text
from camviewer.core.training.examples import (
    ExampleFeatures,
    example_features,
    example_passes,
)
from camviewer.core.what_if import WhatIf

_FRAME_BY_FRAME = Needs.GRADIENTS | Needs.MANY_PASSES | Needs.EARLIER_LAYER
"""What is made of one frame at a time."""


class Explainer:
    """A loaded model that explains frames. One thread uses it."""

    def __init__(
        self,
        run: ModelRun,
        spec: InputSpec,
        info: ModelInfo,
        methods: Mapping[str, Method] = METHODS,
        taught: TaughtHead | None = None,
    ) -> None:
        """taught: the head of one's own classes that the run has."""
        self._run, self._spec, self._methods = run, spec, methods
        self.info, self.taught = info, taught
        self._passes = FramePasses(run, spec, info, methods)
        self._painter = Painter()
        self._what_if = WhatIf(self._passes.predicted, self._painter)
        self.methods = self._passes.offers
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

    @property
    def head(self) -> LinearHead | None:
        """The linear layer after the pooled features; None without one."""
        return self._run.head

    @property
    def backbone(self) -> Backbone | None:
        """What a head of one's own classes would belong to; None of a network that can't have one."""
        if self._run.head is None:
            return None
        return (
            self.taught.backbone
            if self.taught is not None
            else backbone_of(self.info, self._run.head.weight.shape[1])
        )

    def with_head(self, taught: TaughtHead) -> Explainer:
        """The same backbone with another head. Nothing is loaded. Raises ModelFailure if it isn't its."""
        info = replace(
            self.info,
            title=Text("My classes ({backbone})", backbone=taught.backbone.title),
            weights_sha256=taught.sha256,
            weights_origin=WeightsOrigin.TAUGHT,
            link=Link.SOFTMAX,  # as the head was fitted, whatever the network's own classes are
        )
        spec = TaughtSpec(self._spec.preprocessing, self._spec.sizes)
        return Explainer(with_head(self._run, taught.head), spec, info, self._methods, taught)

    def example_features(self, frame: Frame) -> ExampleFeatures:
        """What the backbone makes of a frame and its augmentations. Raises as `predict` does."""
        seen = example_passes(frame, self._spec.preprocessing, self._spec.sizes)
        passes = self._run.run_batch([image for image, _ in seen], [geometry for _, geometry in seen])
        return example_features([each.features for each in passes])

    def explain(self, frame: Frame, request: ExplainRequest, load: float = 0.0) -> Explanation:
        """One forward pass (six if fine). load: seconds spent on decoding the frame, for the timing only.

        Where the request has an edit, the edited frame is explained; how it was before takes a pass of its
        own, but not each time: see `what_if`.

        Raises ValueError for an empty frame, RuntimeError if the device fails, ModelFailure for a method that
        the model doesn't have.
        """
        edited = self._painter.edited(frame, request.edit)
        explanation = self._passes.explained(edited, request, load)
        if edited is frame:
            self._painter.forget()
            self._what_if.forget()
            return explanation
        return self._what_if.completed(explanation, frame)

    def predict(self, frame: Frame, request: ExplainRequest | None = None) -> Prediction:
        """What the model says of a frame: one forward pass, and no maps.

        request: of it the fit and the resolution count; None: seen as the model was trained. Raises
        ValueError for an empty frame, RuntimeError if the device fails.
        """
        return self._passes.predicted(frame, request if request is not None else ExplainRequest())

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
        """As `explain` for each; those of one input size in one pass. Raises as `explain` does.

        How frames were before the edit is not asked.
        """
        edited = [self._painter.edited(frame, request.edit) for frame in frames]
        found = self._passes.explained_together(edited, request)
        return [
            explanation if after is frame else replace(explanation, unedited=frame)
            for explanation, after, frame in zip(found, edited, frames, strict=True)
        ]

    def for_prepared(self, request: ExplainRequest) -> PreparedExplainer | None:
        """Explains photos whose pixels were prepared elsewhere; None where maps, or an edit, need the frame.

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
        explained = self._passes.explained(explanation.frame, replace(request, targets=wanted))
        before, made = explanation.before, explanation.made_by_fill
        return replace(explained, unedited=explanation.unedited, before=before, made_by_fill=made)

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
        method = self._passes.method(explanation.request)
        if method.needs & ~HEAD_METHODS or not explanation.maps.available(target):
            raise ModelFailure(
                "Maps by {method} can't be tested so: those of CAM and Object extent follow from a linear "
                "head, whose weights are shuffled.",
                "Choose one of these methods, if the model has them.",
                method=explanation.maps.method,
            )
        frame, request = explanation.frame, explanation.request
        geometry = self._passes.geometry(frame, request, request.resolution)
        forward = self._passes.passed(frame, geometry, method)
        passed = for_method(frame, request, geometry, forward)
        before = explanation.map(target).values
        after = (
            method.maps(ShuffledHead(self._run, seed), passed, (target,)).get(target).values
            for seed in range(SHUFFLES)
        )
        return SanityTest(tuple(rank_correlation(values, before) for values in after))

    def _check_own(self, explanation: Explanation) -> None:
        if explanation.model != self.info:
            raise ModelFailure("Another model explained this.", "Open the frame again with this model.")
