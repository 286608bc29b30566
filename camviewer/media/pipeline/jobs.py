"""The interfaces of the worker: explainers, the loader that makes them, and background jobs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from camviewer.core.explanation import (
    ExplainRequest,
    Explanation,
    Prediction,
)
from camviewer.core.failures import (
    Failure,
    ModelFailure,
)
from camviewer.core.frames import Frame
from camviewer.core.gauge.measuring import (
    GaugePlan,
    Measuring,
)
from camviewer.core.gauge.sanity import SanityTest
from camviewer.core.loading import ModelChoice
from camviewer.core.methods.offers import (
    MethodOffer,
    feasible,
)
from camviewer.core.models.card import (
    Layer,
    ModelCard,
)
from camviewer.core.models.spec import LinearHead, ModelInfo
from camviewer.core.models.taught import Backbone, TaughtHead
from camviewer.core.review.prepared import PhotoExplainer
from camviewer.core.runtimes.device import DeviceOffer
from camviewer.core.targets import Target
from camviewer.core.training.examples import ExampleFeatures


class FrameExplainer(Protocol):
    """What the worker, and its jobs, need of `core.explainer.Explainer`."""

    @property
    def info(self) -> ModelInfo: ...

    @property
    def labels(self) -> tuple[str, ...]: ...

    @property
    def methods(self) -> tuple[MethodOffer, ...]: ...

    @property
    def layers(self) -> tuple[Layer, ...]: ...

    @property
    def default_layer(self) -> str: ...

    def batch_size(self, request: ExplainRequest) -> int: ...

    def predict(self, frame: Frame, request: ExplainRequest | None = None) -> Prediction: ...

    def explain_batch(self, frames: Sequence[Frame], request: ExplainRequest) -> list[Explanation]: ...

    def for_prepared(self, request: ExplainRequest) -> PhotoExplainer | None: ...

    def explain(self, frame: Frame, request: ExplainRequest, load: float = 0.0) -> Explanation: ...

    def with_maps(self, explanation: Explanation, targets: Sequence[Target]) -> Explanation: ...

    def measuring(
        self, explanation: Explanation, target: Target, plan: GaugePlan, batch_pixels: int
    ) -> Measuring: ...

    def sanity_test(self, explanation: Explanation, target: Target) -> SanityTest: ...


@runtime_checkable
class TeachableExplainer(FrameExplainer, Protocol):
    """What teaching needs of `core.explainer.Explainer` besides."""

    @property
    def backbone(self) -> Backbone | None: ...

    @property
    def head(self) -> LinearHead | None: ...

    def with_head(self, taught: TaughtHead) -> FrameExplainer: ...

    def example_features(self, frame: Frame) -> ExampleFeatures: ...


def backbone_of(explainer: FrameExplainer) -> Backbone | None:
    """What a head of one's own classes would belong to; None of a network that can't have one."""
    return explainer.backbone if isinstance(explainer, TeachableExplainer) else None


def feasible_for(explainer: FrameExplainer, request: ExplainRequest) -> ExplainRequest:
    """The request without what this model doesn't have."""
    return feasible(request, explainer.methods, explainer.layers, explainer.info.sizes)


class ReadyModel(Protocol):
    """What the worker needs of `core.loading.LoadedModel`."""

    @property
    def explainer(self) -> FrameExplainer: ...

    @property
    def missing(self) -> ModelFailure | None: ...

    @property
    def device_problem(self) -> str | None: ...

    @property
    def precision_problem(self) -> str | None: ...

    @property
    def card(self) -> ModelCard | None: ...

    @property
    def devices(self) -> tuple[DeviceOffer, ...]: ...


ModelLoader = Callable[[ModelChoice], ReadyModel]


class Job(Protocol):
    """Work in the background that needs the model: done in small steps, between live frames.

    All of it in the worker. `end` is called once, whatever happens.
    """

    def step(self, explainer: FrameExplainer) -> bool:
        """Do a little (well below a second); returns whether there is more. Raises Failure."""
        ...

    def end(self, failure: Failure | None) -> None:
        """Nothing more comes: it is done, it failed, or the window closes. Lets go of its files."""
        ...
