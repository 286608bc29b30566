"""Explains photos whose pixels were prepared elsewhere: one pass of the network for many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from camviewer.core.explanation import (
    ExplainRequest,
    Prediction,
    predicted,
)
from camviewer.core.frames import Region
from camviewer.core.geometry import as_input
from camviewer.core.maps import Maps
from camviewer.core.methods.base import (
    Method,
    PassedFrame,
)
from camviewer.core.models.spec import Link
from camviewer.core.review.preparing import (
    PreparationPlan,
    PreparedPhoto,
)
from camviewer.core.runtimes.base import (
    ModelRun,
    Needs,
)


@dataclass(frozen=True, slots=True, eq=False)
class ExplainedPhoto:
    """As an `Explanation`, of a photo whose frame isn't there."""

    frame: PreparedPhoto
    prediction: Prediction
    maps: Maps

    @property
    def region(self) -> Region:
        """What of the frame the network saw, in its pixels."""
        return self.frame.region


class PhotoExplainer(Protocol):
    """What a review needs of a `PreparedExplainer`."""

    @property
    def plan(self) -> PreparationPlan:
        """How photos are to be prepared, without thumbnails."""
        ...

    def explain(self, photos: Sequence[PreparedPhoto]) -> list[ExplainedPhoto]:
        """As `PreparedExplainer.explain`."""
        ...


def works_on_pixels(method: Method, request: ExplainRequest) -> bool:
    """Whether the maps are made of one pass over the prepared pixels, for all classes.

    Others look at the frame again: those that need gradients or more passes, fine maps, and edits.
    """
    return not request.fine and request.edit is None and method.needs == Needs.LINEAR_HEAD


class PreparedExplainer:
    """What it says of a photo is, to the bit, what `Explainer.explain_batch` says of its frame."""

    def __init__(
        self, run: ModelRun, method: Method, request: ExplainRequest, plan: PreparationPlan, link: Link
    ) -> None:
        """The method is one that `works_on_pixels`."""
        self._run, self._method, self._request, self._link = run, method, request, link
        self.plan = plan

    def explain(self, photos: Sequence[PreparedPhoto]) -> list[ExplainedPhoto]:
        """Those of one input size in one pass. Raises RuntimeError if the device fails."""
        groups: dict[tuple[int, ...], list[int]] = {}
        for index, photo in enumerate(photos):
            groups.setdefault(photo.pixels.shape, []).append(index)
        explained: dict[int, ExplainedPhoto] = {}
        for indices in groups.values():
            images = [photos[i].pixels for i in indices]
            geometries = [as_input(photos[i].pixels, photos[i].region) for i in indices]
            passes = self._run.run_batch(images, geometries)
            for i, image, geometry, forward in zip(indices, images, geometries, passes, strict=True):
                prediction = predicted(forward.logits, self._run.labels, self._link)
                passed = PassedFrame(image, geometry, forward, self._request.layer)
                maps = self._method.maps(self._run, passed, ())  # of all classes
                explained[i] = ExplainedPhoto(photos[i], prediction, maps)
        return [explained[i] for i in range(len(photos))]
