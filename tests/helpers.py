"""What tests of several rooms do with explanations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from camviewer.core.arrays import AnyArray, FloatArray, read_only
from camviewer.core.explanation import Explanation
from camviewer.core.maps import AttributionMap, ComputedMaps, ExactMaps, Unit
from camviewer.core.targets import ClassScore, Target

if TYPE_CHECKING:
    from torch import Tensor


def arrays(state: Mapping[str, Tensor]) -> dict[str, AnyArray]:
    """A state dict as the program reads it from a file."""
    return {name: tensor.numpy() for name, tensor in state.items()}


def exact(explanation: Explanation) -> ExactMaps:
    """Its maps, which are class activation maps: with features and a head."""
    assert isinstance(explanation.maps, ExactMaps)
    return explanation.maps


def cam(explanation: Explanation, class_id: int) -> FloatArray:
    """The class's map whose numbers count."""
    return explanation.map(ClassScore(class_id)).values


def drawn_cam(explanation: Explanation, class_id: int) -> FloatArray:
    """The class's map as it is drawn."""
    return explanation.drawn_map(ClassScore(class_id)).values


def with_features(explanation: Explanation, features: FloatArray) -> Explanation:
    """The same with other features under its maps; its logits stay."""
    maps = exact(explanation)
    return replace(explanation, maps=ExactMaps(read_only(features), maps.head, maps.layer))


def drawn_as(explanation: Explanation, planes: FloatArray) -> Explanation:
    """The same, drawn as an average of these planes."""
    return replace(explanation, drawn=explanation.maps.drawn_from(read_only(planes)))


def computed(
    explanation: Explanation,
    targets: Iterable[Target],
    unit: Unit = Unit.LOGIT,
    *,
    shape: tuple[int, int] = (5, 4),
    method: str = "Fake-CAM",
    layer: str = "layer3",
    on_request: bool = True,
    seed: int = 0,
) -> Explanation:
    """The same with computed maps of the targets, of both signs; those in logits add up to the scores."""
    numbers = np.random.default_rng(seed)
    maps: dict[Target, AttributionMap] = {}
    for target in targets:
        values = read_only((2 * numbers.standard_normal(shape)).astype(np.float32))
        remainder: float | None = None
        if unit is Unit.LOGIT:
            score = target.score(explanation.logits)
            remainder = 0.0 if score is None else score - float(values.mean(dtype=np.float64))
        maps[target] = AttributionMap(values, target, method, layer, unit, remainder)
    return replace(
        explanation,
        maps=ComputedMaps(maps, on_request=on_request),
        request=replace(explanation.request, method=method),
        drawn=None,
    )
