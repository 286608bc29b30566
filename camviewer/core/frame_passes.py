"""The passes of one model through frames as they are, and the explanations that they make."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

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
from camviewer.core.frames import Frame
from camviewer.core.geometry import (
    InputGeometry,
    input_geometry,
)
from camviewer.core.maps import Maps
from camviewer.core.methods.base import (
    Method,
    PassedFrame,
)
from camviewer.core.methods.offers import (
    method_offers,
    offer_of,
)
from camviewer.core.models.spec import (
    Link,
    ModelInfo,
    Preprocessing,
    SizeRule,
)
from camviewer.core.runtimes.base import (
    ForwardPass,
    ModelRun,
    Needs,
)
from camviewer.core.targets import (
    Target,
    scores_of,
)

USUAL_TARGETS = 5
"""So many of the most probable classes get a map, where each map costs work and none was asked for."""


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


@dataclass(frozen=True, slots=True)
class TaughtSpec:
    """Of a network with a head of one's own classes, which is fitted by softmax."""

    preprocessing: Preprocessing
    sizes: SizeRule
    link: Link = Link.SOFTMAX


class FramePasses:
    """A model, and what it makes of frames that are edited already. One thread uses it."""

    def __init__(
        self, run: ModelRun, spec: InputSpec, info: ModelInfo, methods: Mapping[str, Method]
    ) -> None:
        self._run, self._spec, self._info, self._methods = run, spec, info, methods
        self.offers = method_offers(methods, run)
        """All methods, the most faithful first; of those that the model lacks, why."""

    def explained(self, frame: Frame, request: ExplainRequest, load: float = 0.0) -> Explanation:
        """Of the frame as it is: edited already."""
        method = self.method(request)
        geometry = self.geometry(frame, request, request.resolution)
        averaging = self._run.averaging
        if request.fine and averaging is not None and method.needs is Needs.LINEAR_HEAD:
            # The features are all that the maps are made of: the device averages them by itself.
            geometries = self._fine_geometries(frame, request)
            forward, planes = averaging.averaged(frame.image, geometries)
            once = replace(request, fine=False)
            explanation = self._explanation(frame, once, geometry, forward, method, load)
            return replace(explanation, request=request, drawn=explanation.maps.drawn_from(planes))
        forward = self.passed(frame, geometry, method)
        return self._explanation(frame, request, geometry, forward, method, load)

    def predicted(self, frame: Frame, request: ExplainRequest) -> Prediction:
        """By the request's fit and resolution, without its edit."""
        forward = self._run.run(frame.image, self.geometry(frame, request, request.resolution))
        return predicted(forward.logits, self._run.labels, self._spec.link)

    def explained_together(self, frames: Sequence[Frame], request: ExplainRequest) -> list[Explanation]:
        """Of the frames as they are: edited already."""
        method = self.method(request)
        if request.fine or Needs.EARLIER_LAYER in method.needs:
            return [self.explained(frame, request) for frame in frames]
        geometries = [self.geometry(frame, request, request.resolution) for frame in frames]
        groups: dict[tuple[int, int], list[int]] = {}
        for index, geometry in enumerate(geometries):
            groups.setdefault((geometry.crop.width, geometry.crop.height), []).append(index)
        explained: dict[int, Explanation] = {}
        for indices in groups.values():
            passes = self._run.run_batch([frames[i].image for i in indices], [geometries[i] for i in indices])
            for i, forward in zip(indices, passes, strict=True):
                explained[i] = self._explanation(frames[i], request, geometries[i], forward, method, 0.0)
        return [explained[i] for i in range(len(frames))]

    def method(self, request: ExplainRequest) -> Method:
        """That the request gets. Raises ModelFailure for one that the model doesn't have."""
        offer = offer_of(self.offers, request.method)
        if offer is not None:
            return self._methods[offer.name]
        if request.method is None:
            raise ModelFailure("{model} has no maps.", "Its card says why.", model=self._info.title)
        raise ModelFailure(
            "{model} has no maps by {method}.",
            "Choose one of these: {methods}.",
            model=self._info.title,
            method=request.method,
            methods=", ".join(each.name for each in self.offers if each.missing is None),
        )

    def passed(self, frame: Frame, geometry: InputGeometry, method: Method) -> ForwardPass:
        """With an earlier layer's output, where the method needs one."""
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
        prediction = predicted(forward.logits, self._run.labels, self._spec.link)
        # What was asked of a model before may speak of classes that this one doesn't have.
        asked = [t for t in request.targets if all(c < len(self._run.labels) for c in t.classes)]
        # The top class's map is always there: the tabs follow it.
        top = scores_of(prediction.top(1 if asked else USUAL_TARGETS))
        targets = tuple(dict.fromkeys((*asked, *top)))
        maps = method.maps(self._run, for_method(frame, request, geometry, forward), targets)
        drawn = self._fine(frame, request, method, maps, targets) if request.fine else None
        return Explanation(
            frame=frame,
            region=geometry.region,
            prediction=prediction,
            maps=maps,
            timing=Timing(frame.time, time.monotonic(), load, forward.forward),
            model=self._info,
            request=request,
            network_input=forward.network_input,
            drawn=drawn,
        )

    def geometry(self, frame: Frame, request: ExplainRequest, resolution: int | None) -> InputGeometry:
        """How the frame becomes the input. resolution: instead of the request's; None: as trained."""
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
            maps = self._maps_of(frame, request, geometry, method, targets)
            (mirrored if geometry.mirrored else plain).append(maps)
        return averaged_maps(plain, mirrored)

    def _fine_geometries(self, frame: Frame, request: ExplainRequest) -> list[InputGeometry]:
        """Of all passes: as chosen first, and each also mirrored."""
        chosen = self._spec.sizes.chosen(request.resolution, self._spec.preprocessing.crop)
        resolutions = fine_resolutions(chosen, self._spec.sizes)
        geometries = [self.geometry(frame, request, resolution) for resolution in resolutions]
        return [replace(g, mirrored=mirrored) for g in geometries for mirrored in (False, True)]

    def _maps_of(
        self,
        frame: Frame,
        request: ExplainRequest,
        geometry: InputGeometry,
        method: Method,
        targets: Sequence[Target],
    ) -> Maps:
        forward = self.passed(frame, geometry, method)
        return method.maps(self._run, for_method(frame, request, geometry, forward), targets)


def for_method(
    frame: Frame, request: ExplainRequest, geometry: InputGeometry, forward: ForwardPass
) -> PassedFrame:
    """What methods are given."""
    return PassedFrame(frame.image, geometry, forward, request.layer, request.covering)
