"""A class's map, the difference of two, and one channel's part: one arithmetic, whatever made the maps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from camviewer.core.arrays import FloatArray, read_only
from camviewer.core.cam import class_activation_maps
from camviewer.core.explanation import ExplainRequest, Explanation, Timing, predicted
from camviewer.core.frames import Frame, Region
from camviewer.core.maps import (
    AttributionMap,
    ComputedMaps,
    ExactMaps,
    Maps,
    MapUnavailableError,
    Unit,
    shape_of,
)
from camviewer.core.models.spec import LinearHead, ModelInfo, WeightsOrigin
from camviewer.core.runtimes.device import CPU
from camviewer.core.targets import ChannelPart, ClassScore, ScoreDifference, Target
from tests.helpers import cam, computed, drawn_as, exact

MakeExplanation = Callable[..., Explanation]


def random_explanation(seed: int, classes: int, channels: int, height: int, width: int) -> Explanation:
    """Features of both signs, as networks other than ResNet have."""
    numbers = np.random.default_rng(seed)
    features = (3 * numbers.standard_normal((channels, height, width))).astype(np.float32)
    weight = numbers.standard_normal((classes, channels)).astype(np.float32)
    bias = (5 * numbers.standard_normal(classes)).astype(np.float32)
    logits = (weight.astype(np.float64) @ features.mean((1, 2), np.float64) + bias).astype(np.float32)
    labels = tuple(f"class {i}" for i in range(classes))
    return Explanation(
        frame=Frame(read_only(np.zeros((8, 8, 3), np.uint8))),
        region=Region(0, 0, 8, 8),
        prediction=predicted(logits, labels),
        maps=ExactMaps(read_only(features), LinearHead(read_only(weight), read_only(bias), labels), "layer4"),
        timing=Timing(0.0, 0.0, 0.0, 0.0),
        model=ModelInfo("fake", "Fake", CPU, "CPU", "0" * 64, "fake.pth", WeightsOrigin.FILE),
        request=ExplainRequest(),
    )


explanations = st.builds(
    random_explanation,
    st.integers(0, 2**32 - 1),
    st.integers(1, 12),
    st.integers(1, 48),
    st.integers(1, 9),
    st.integers(1, 9),
)


@st.composite
def targets_of(draw: st.DrawFn, explanation: Explanation) -> Target:
    """One of the explanation's classes and channels."""
    classes = st.integers(0, len(explanation.logits) - 1)
    channels = st.integers(0, len(exact(explanation).features) - 1)
    return draw(
        st.one_of(
            st.builds(ClassScore, classes),
            st.builds(ScoreDifference, classes, classes),
            st.builds(ChannelPart, classes, channels),
        )
    )


# Exact maps


@given(explanations, st.data())
def test_a_difference_tells_two_logits_apart(explanation: Explanation, data: st.DataObject) -> None:
    """logit_A − logit_B = mean(difference) + (bias_A − bias_B), and CAM_A − CAM_B cell by cell."""
    classes = st.integers(0, len(explanation.logits) - 1)
    a, b = data.draw(classes), data.draw(classes)
    difference = explanation.map(ScoreDifference(a, b)).values
    bias = exact(explanation).head.bias
    gap = float(explanation.logits[a]) - float(explanation.logits[b])
    assert float(difference.mean(dtype=np.float64)) + float(bias[a]) - float(bias[b]) == pytest.approx(
        gap, abs=1e-3
    )
    np.testing.assert_allclose(difference, cam(explanation, a) - cam(explanation, b), rtol=0, atol=1e-3)
    swapped = explanation.map(ScoreDifference(b, a)).values
    np.testing.assert_allclose(swapped, -difference, rtol=0, atol=1e-3)
    np.testing.assert_array_equal(explanation.map(ScoreDifference(a, a)).values, 0)


@given(explanations, st.data())
def test_mean_and_remainder_are_the_score(explanation: Explanation, data: st.DataObject) -> None:
    """score = mean(map) + remainder, and the remainder is what the biases say."""
    target, bias = data.draw(targets_of(explanation)), exact(explanation).head.bias.astype(np.float64)
    found = explanation.map(target)
    assert found.target == target
    assert (found.method, found.layer, found.unit) == ("CAM", "layer4", Unit.LOGIT)
    assert found.mean == float(found.values.mean(dtype=np.float64))
    assert found.remainder is not None
    assert found.score == found.mean + found.remainder
    if target.channel is not None:
        assert found.remainder == 0
        return
    assert found.remainder == bias[target.class_id] - (0 if target.other is None else bias[target.other])
    assert found.score == pytest.approx(target.score(explanation.logits), abs=1e-3)


@given(explanations, st.data())
def test_a_class_s_map_is_the_exact_one(explanation: Explanation, data: st.DataObject) -> None:
    class_id = data.draw(st.integers(0, len(explanation.logits) - 1))
    found, maps = explanation.map(ClassScore(class_id)).values, exact(explanation)
    assert found is cam(explanation, class_id), "computed once"
    oracle = class_activation_maps(maps.features, maps.head.weight[class_id : class_id + 1])[0]
    np.testing.assert_allclose(found, oracle, rtol=0, atol=1e-3)


@given(explanations, st.data())
def test_the_parts_of_all_channels_add_up_to_the_map(explanation: Explanation, data: st.DataObject) -> None:
    class_id = data.draw(st.integers(0, len(explanation.logits) - 1))
    channels = range(len(exact(explanation).features))
    parts = [explanation.map(ChannelPart(class_id, c)) for c in channels]
    total = np.sum([part.values for part in parts], axis=0)
    np.testing.assert_allclose(total, cam(explanation, class_id), rtol=0, atol=1e-3)
    assert {part.remainder for part in parts} == {0.0}


@given(explanations, st.data())
def test_the_channels_add_up_to_the_score(explanation: Explanation, data: st.DataObject) -> None:
    class_id = data.draw(st.integers(0, len(explanation.logits) - 1))
    channels = explanation.maps.channels
    assert channels is not None
    assert channels.count == len(channels.pooled) == len(exact(explanation).features)
    assert channels.pooled.dtype == np.float32
    assert not channels.pooled.flags.writeable
    total = channels.head.row(class_id).astype(np.float64) @ channels.pooled + channels.head.bias[class_id]
    assert total == pytest.approx(float(explanation.logits[class_id]), abs=1e-3)


TARGETS: tuple[Target, ...] = (ClassScore(0), ClassScore(3), ScoreDifference(1, 2), ChannelPart(2, 3))


@pytest.mark.parametrize("target", TARGETS)
def test_maps_are_read_only_float32_of_the_grid(make_explanation: MakeExplanation, target: Target) -> None:
    explanation = make_explanation()
    assert shape_of(explanation.maps) == (2, 3)
    for found in (explanation.map(target).values, explanation.drawn_map(target).values):
        assert found.dtype == np.float32
        assert found.shape == (2, 3)
        assert not found.flags.writeable


@pytest.mark.parametrize("target", TARGETS)
def test_without_an_average_the_exact_map_is_shown(make_explanation: MakeExplanation, target: Target) -> None:
    explanation = make_explanation()
    assert explanation.drawn_map(target) is explanation.map(target)


@pytest.mark.parametrize("target", TARGETS)
def test_the_average_is_shown_and_the_exact_map_is_told(
    make_explanation: MakeExplanation, target: Target
) -> None:
    plain = make_explanation()
    averaged = drawn_as(plain, np.repeat(np.repeat(2 * exact(plain).features, 2, 1), 2, 2))
    assert averaged.map(target) is plain.map(target)
    expected = np.repeat(np.repeat(2 * plain.map(target).values, 2, 0), 2, 1)
    found = averaged.drawn_map(target)
    np.testing.assert_allclose(found.values, expected, rtol=1e-5, atol=1e-6)
    assert (found.target, found.method, found.layer, found.unit) == (target, "CAM", "layer4", Unit.LOGIT)
    assert (found.remainder, found.score) == (None, None), "no network's score"


NOT_THERE: tuple[Target, ...] = (
    ClassScore(-1),
    ClassScore(7),
    ClassScore(10**9),
    ScoreDifference(0, 7),
    ScoreDifference(0, -1),
    ScoreDifference(7, 0),
    ScoreDifference(-1, 0),
    ChannelPart(7, 0),
    ChannelPart(-1, 0),
    ChannelPart(0, 4),
    ChannelPart(0, -1),
)


@pytest.mark.parametrize("target", NOT_THERE)
def test_what_is_not_there_is_an_index_error(make_explanation: MakeExplanation, target: Target) -> None:
    explanation = make_explanation()
    for at_hand in (explanation, drawn_as(explanation, exact(explanation).features.copy())):
        for read in (at_hand.map, at_hand.drawn_map):
            with pytest.raises(IndexError, match="is not among 0"):
                read(target)


@pytest.mark.parametrize(
    "target",
    NOT_THERE,
)
def test_what_is_not_there_is_not_available(make_explanation: MakeExplanation, target: Target) -> None:
    assert not make_explanation().maps.available(target)


def some_rows(explanation: Explanation, held: tuple[int, ...]) -> ExactMaps:
    """As a snapshot holds them."""
    maps = exact(explanation)
    head = LinearHead(maps.head.weight[list(held)], maps.head.bias, maps.head.labels, held)
    return ExactMaps(maps.features, head, maps.layer)


@given(st.sets(st.integers(0, 6)))
def test_a_head_of_some_rows_has_the_maps_of_those_classes(
    make_explanation: MakeExplanation, held: set[int]
) -> None:
    explanation = make_explanation()
    maps = some_rows(explanation, tuple(sorted(held)))
    targets: list[Target] = [ClassScore(a) for a in range(7)]
    targets += [ScoreDifference(a, b) for a in range(7) for b in range(7)]
    targets += [ChannelPart(a, c) for a in range(7) for c in range(4)]
    for target in targets:
        there = set(target.classes) <= held
        assert maps.available(target) is there
        if there:
            found, wanted = maps.get(target), explanation.map(target)
            np.testing.assert_array_equal(found.values, wanted.values)
            assert found.remainder == wanted.remainder
        else:
            with pytest.raises(MapUnavailableError, match="are not held"):
                maps.get(target)
    assert not maps.on_request, "asking again brings no more"


@pytest.mark.parametrize("target", NOT_THERE)
def test_a_class_of_no_network_is_not_one_that_is_not_held(
    make_explanation: MakeExplanation, target: Target
) -> None:
    with pytest.raises(IndexError, match="is not among 0"):
        some_rows(make_explanation(), (0, 3)).get(target)


def test_planes_that_mean_the_same_have_one_signature(make_explanation: MakeExplanation) -> None:
    maps, other = exact(make_explanation()), exact(make_explanation(seed=1))
    assert maps.planes is maps.features
    assert maps.signature == other.signature
    for changed in (
        ExactMaps(maps.features, maps.head, "layer3"),
        ExactMaps(maps.features[:, :1], maps.head, maps.layer),
        ExactMaps(maps.features[:3], maps.head, maps.layer),
    ):
        assert changed.signature != maps.signature


# Computed maps


def one(
    target: Target,
    values: FloatArray | None = None,
    unit: Unit = Unit.LOGIT,
    method: str = "Fake-CAM",
    layer: str = "layer3",
) -> AttributionMap:
    values = np.zeros((2, 3), np.float32) if values is None else values
    return AttributionMap(read_only(values), target, method, layer, unit, 0.5 if unit is Unit.LOGIT else None)


@pytest.mark.parametrize("unit", Unit)
@given(st.lists(st.sampled_from(TARGETS), min_size=1, unique=True), st.integers(1, 9), st.integers(1, 9))
def test_computed_maps_are_those_that_were_asked_for(
    unit: Unit, make_explanation: MakeExplanation, targets: list[Target], height: int, width: int
) -> None:
    explanation = computed(make_explanation(), targets, unit, shape=(height, width))
    maps = explanation.maps
    assert isinstance(maps, ComputedMaps)
    assert set(maps.targets) == set(targets)
    assert len(maps.targets) == len(targets)
    assert (maps.method, maps.layer, maps.unit, maps.channels) == ("Fake-CAM", "layer3", unit, None)
    assert (maps.planes.shape, shape_of(maps)) == ((len(targets), height, width), (height, width))
    assert not maps.planes.flags.writeable
    for target, plane in zip(maps.targets, maps.planes, strict=True):
        assert maps.available(target)
        found = maps.get(target)
        assert found is maps.get(target) is explanation.map(target) is explanation.drawn_map(target)
        np.testing.assert_array_equal(found.values, plane)
        score = target.score(explanation.logits)
        if unit is not Unit.LOGIT:
            assert (found.remainder, found.score) == (None, None)
        elif score is not None:
            assert found.score == pytest.approx(score, abs=1e-4)
    for target in set(TARGETS) - set(targets):
        assert not maps.available(target)
        with pytest.raises(MapUnavailableError, match="was computed"):
            maps.get(target)


def test_maps_of_several_kinds_are_refused() -> None:
    first, second = TARGETS[:2]
    others = (
        one(second, np.zeros((3, 2), np.float32)),
        one(second, unit=Unit.RELATIVE),
        one(second, method="Other-CAM"),
        one(second, layer="layer4"),
    )
    for other in others:
        with pytest.raises(ValueError, match="of one kind"):
            ComputedMaps({first: one(first), second: other})
    with pytest.raises(ValueError, match="of one kind"):
        ComputedMaps({})


@pytest.mark.parametrize("on_request", [True, False])
def test_maps_that_are_not_there_can_be_had_on_request(
    make_explanation: MakeExplanation, on_request: bool
) -> None:
    maps = computed(make_explanation(), TARGETS, on_request=on_request).maps
    assert maps.on_request is on_request
    assert maps.drawn_from(maps.planes.copy()).on_request is on_request
    assert ComputedMaps({TARGETS[0]: one(TARGETS[0])}).on_request, "if nothing else is said"


@pytest.mark.parametrize("unit", Unit)
@given(values=hnp.arrays(np.float32, (len(TARGETS), 4, 6), elements=st.floats(-100, 100, width=32)))
def test_an_average_of_computed_maps_has_no_remainder(
    unit: Unit, make_explanation: MakeExplanation, values: FloatArray
) -> None:
    explanation = drawn_as(computed(make_explanation(), TARGETS, unit), values)
    drawn = explanation.drawn
    assert isinstance(drawn, ComputedMaps)
    assert set(drawn.targets) == set(TARGETS)
    assert (drawn.method, drawn.layer, drawn.unit) == ("Fake-CAM", "layer3", unit)
    np.testing.assert_array_equal(drawn.planes, values)
    for target, plane in zip(drawn.targets, values, strict=True):
        found = explanation.drawn_map(target)
        np.testing.assert_array_equal(found.values, plane)
        assert not found.values.flags.writeable
        assert (found.target, found.unit, found.remainder) == (target, unit, None)
        assert (explanation.map(target).remainder is None) is (unit is not Unit.LOGIT)


def test_an_average_has_a_plane_a_target(make_explanation: MakeExplanation) -> None:
    maps = computed(make_explanation(), TARGETS).maps
    for planes in (maps.planes[:-1], np.concatenate([maps.planes, maps.planes])):
        with pytest.raises(ValueError, match="zip"):
            maps.drawn_from(planes)


def test_computed_planes_that_mean_the_same_have_one_signature(make_explanation: MakeExplanation) -> None:
    base = make_explanation()
    maps: Maps = computed(base, TARGETS).maps
    assert maps.signature == computed(base, TARGETS, seed=1).maps.signature
    assert maps.signature == maps.drawn_from(maps.planes.copy()).signature
    assert maps.signature == computed(base, reversed(TARGETS)).maps.signature, "whatever their order"
    for changed in (
        computed(base, TARGETS[:2]),
        computed(base, TARGETS, Unit.RELATIVE),
        computed(base, TARGETS, shape=(4, 5)),
        computed(base, TARGETS, method="Other-CAM"),
        computed(base, TARGETS, layer="layer4"),
        base,
    ):
        assert changed.maps.signature != maps.signature
    assert len({maps.signature, base.maps.signature}) == 2, "they can be keys"


def test_what_is_asked_of_an_explanation_is_asked_of_its_maps(make_explanation: MakeExplanation) -> None:
    explanation = computed(make_explanation(), TARGETS[:1])
    for read in (explanation.map, explanation.drawn_map):
        with pytest.raises(MapUnavailableError):
            read(ClassScore(6))
    some = replace(make_explanation(), maps=some_rows(make_explanation(), (2,)))
    with pytest.raises(MapUnavailableError):
        some.map(ClassScore(6))
