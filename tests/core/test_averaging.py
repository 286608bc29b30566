"""Averaged maps: linear, in place, and of at most six passes; the smoother over time."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from camviewer.core.arrays import ByteArray, FloatArray, read_only
from camviewer.core.averaging import Smoother, averaged_maps, averaged_planes, fine_resolutions
from camviewer.core.explainer import Explainer
from camviewer.core.explanation import ExplainRequest, Explanation
from camviewer.core.frames import Fit, Frame, Region
from camviewer.core.geometry import InputGeometry
from camviewer.core.maps import ComputedMaps, ExactMaps, Maps, Unit
from camviewer.core.models.builtin import RESNET18
from camviewer.core.models.spec import LinearHead, ModelInfo, Preprocessing, WeightsOrigin
from camviewer.core.runtimes.base import BasicRun, ForwardPass, Needs
from camviewer.core.runtimes.device import CPU
from camviewer.core.scaling import Interpolation, upsampled
from camviewer.core.targets import ChannelPart, ClassScore, ScoreDifference, Target
from tests.helpers import cam, computed, drawn_as, drawn_cam, exact, with_features

MakeExplanation = Callable[..., Explanation]
SIZES = RESNET18.sizes
RESOLUTIONS = range(SIZES.smallest, SIZES.largest + 1, SIZES.stride)


def features_of(seed: int, *shape: int) -> FloatArray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


# Averaging


def test_the_average_of_one_is_itself() -> None:
    features = features_of(0, 5, 7, 9)
    features[0, 0, 0] = np.inf
    features[1, 2, 3] = np.nan
    averaged = averaged_planes([features])
    np.testing.assert_array_equal(averaged, features)
    assert not averaged.flags.writeable
    assert features.flags.writeable, "the caller's array is left alone"


def test_nothing_can_t_be_averaged() -> None:
    with pytest.raises(ValueError, match="nothing"):
        averaged_planes([])


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=4))
def test_a_constant_stays_one_on_the_finest_grid(shapes: list[tuple[int, int]]) -> None:
    averaged = averaged_planes(np.full((2, *shape), 3.5, np.float32) for shape in shapes)
    finest = max(h * w for h, w in shapes)
    assert averaged.shape[1] * averaged.shape[2] == finest
    assert averaged.dtype == np.float32
    np.testing.assert_allclose(averaged, 3.5, rtol=1e-6)


def test_the_average_weighs_all_parts_alike() -> None:
    parts = [np.full((1, side, side), value, np.float32) for side, value in ((2, 1), (4, 2), (4, 3), (3, 6))]
    np.testing.assert_allclose(averaged_planes(parts), 3.0)


@pytest.mark.parametrize("shapes", [((7, 7), (10, 10), (14, 14)), ((5, 9), (7, 13), (14, 25))])
def test_maps_of_averaged_features_are_averages_of_interpolated_maps(
    shapes: tuple[tuple[int, int], ...],
) -> None:
    """For every class. Pillow's bilinear resize to a finer grid is the oracle of the interpolation."""
    parts = [features_of(i, 6, *shape) for i, shape in enumerate(shapes)]
    weight = features_of(9, 4, 6)
    averaged = np.einsum("nc,chw->nhw", weight, averaged_planes(parts))
    height, width = shapes[-1]
    for class_id, row in enumerate(weight):
        cams = [np.einsum("c,chw->hw", row, part) for part in parts]
        expected = np.mean([upsampled(c, width, height, Interpolation.BILINEAR) for c in cams], axis=0)
        np.testing.assert_allclose(averaged[class_id], expected, rtol=1e-4, atol=1e-4)


# Of all kinds of maps


def interpolated(plane: FloatArray, rows: int, columns: int) -> FloatArray:
    """Linear between the middles of the cells, one line after the other."""
    across = [
        np.interp((np.arange(columns) + 0.5) / columns, (np.arange(len(r)) + 0.5) / len(r), r) for r in plane
    ]
    down = [
        np.interp((np.arange(rows) + 0.5) / rows, (np.arange(len(c)) + 0.5) / len(c), c)
        for c in np.array(across).T
    ]
    found: FloatArray = np.array(down).T
    return found


def average_by_hand(plain: Sequence[FloatArray], mirrored: Sequence[FloatArray]) -> FloatArray:
    """Of maps [h, w]: the mirrored ones turned back column by column, all on the finest grid."""
    parts = list(plain)
    for values in mirrored:
        columns = [values[:, values.shape[1] - 1 - x] for x in range(values.shape[1])]
        parts.append(np.stack(columns, axis=1))
    rows, columns_ = max((p.shape for p in parts), key=lambda shape: shape[0] * shape[1])
    mean: FloatArray = np.mean([interpolated(part, rows, columns_) for part in parts], axis=0)
    return mean


TARGETS: tuple[Target, ...] = (ClassScore(4), ScoreDifference(0, 2), ChannelPart(1, 3), ClassScore(0))
shapes_of_parts = st.lists(st.sampled_from([(1, 1), (2, 3), (5, 9), (7, 7), (10, 13)]), max_size=4)


@given(shapes_of_parts.filter(bool), shapes_of_parts, st.sampled_from(["exact", *Unit]), st.integers(0, 99))
def test_averaged_maps_are_averages_of_the_maps(
    make_explanation: MakeExplanation,
    plain: list[tuple[int, int]],
    mirrored: list[tuple[int, int]],
    kind: Unit | str,
    seed: int,
) -> None:
    """Of each target, by a loop; where two grids are equally fine, either is the finest."""
    base = make_explanation()

    def maps(index: int, shape: tuple[int, int]) -> Maps:
        if isinstance(kind, Unit):
            return computed(base, TARGETS, kind, shape=shape, seed=seed + index).maps
        return with_features(base, features_of(seed + index, 4, *shape)).maps

    straight = [maps(i, shape) for i, shape in enumerate(plain)]
    turned = [maps(i + 10, shape) for i, shape in enumerate(mirrored)]
    averaged = averaged_maps(straight, turned)
    assert type(averaged) is type(straight[0])
    assert (averaged.method, averaged.layer) == (straight[0].method, straight[0].layer)
    assert not averaged.planes.flags.writeable
    for target in TARGETS:
        found = averaged.get(target)
        parts = [[m.get(target).values for m in group] for group in (straight, turned)]
        np.testing.assert_allclose(found.values, average_by_hand(*parts), rtol=1e-4, atol=1e-4)
        assert found.unit is straight[0].unit
        assert found.remainder is None


def test_one_map_s_average_is_itself(make_explanation: MakeExplanation) -> None:
    maps = make_explanation().maps
    averaged = averaged_maps([maps], [])
    np.testing.assert_array_equal(averaged.planes, maps.planes)
    np.testing.assert_array_equal(averaged.get(TARGETS[1]).values, maps.get(TARGETS[1]).values)


def test_mirrored_maps_alone_are_nothing_to_average(make_explanation: MakeExplanation) -> None:
    for mirrored in ([], [make_explanation().maps]):
        with pytest.raises(ValueError, match="nothing"):
            averaged_maps([], mirrored)


# At which resolutions


@pytest.mark.parametrize("resolution", RESOLUTIONS)
def test_fine_resolutions_are_ones_that_the_network_takes(resolution: int) -> None:
    found = fine_resolutions(resolution, SIZES)
    assert found[0] == resolution
    assert 1 <= len(found) <= 3
    assert list(found) == sorted(set(found))
    assert [SIZES.check(r) for r in found] == list(found)
    if resolution <= SIZES.largest // 2:
        assert len(found) == 3
        assert found[-1] == 2 * resolution


def test_fine_resolutions_of_the_default() -> None:
    assert fine_resolutions(224, SIZES) == (224, 320, 448)


# Fine, through the explainer


class BrightEngine(BasicRun):
    """Features: how bright each cell of the input is, and one. Resizes as torch's adaptive pooling would."""

    def __init__(self) -> None:
        self.head = LinearHead(
            read_only(np.array([[1, 0], [-1, 2]], np.float32)),
            read_only(np.array([0.5, 0], np.float32)),
            ("bright", "dark"),
        )
        self.device, self.device_title, self.layer = CPU, "CPU", "cells"
        self.labels, self.offers = self.head.labels, Needs.LINEAR_HEAD
        self.inputs: list[tuple[int, int]] = []

    def run_batch(
        self, images: Sequence[ByteArray], geometries: Sequence[InputGeometry]
    ) -> list[ForwardPass]:
        return [self.run(image, geometry) for image, geometry in zip(images, geometries, strict=True)]

    def run(self, image: ByteArray, geometry: InputGeometry) -> ForwardPass:
        crop, region = geometry.crop, geometry.region
        self.inputs.append((crop.height, crop.width))
        seen = image[region.top : region.top + region.height, region.left : region.left + region.width]
        if geometry.mirrored:
            seen = seen[:, ::-1]
        rows, columns = crop.height // SIZES.stride, crop.width // SIZES.stride
        bands = np.array_split(seen.mean(2), rows)
        cells = np.array([[part.mean() for part in np.array_split(band, columns, 1)] for band in bands])
        features = np.stack([cells, np.ones_like(cells)]).astype(np.float32)
        logits = self.head.weight @ features.mean((1, 2)) + self.head.bias
        return ForwardPass(read_only(features), read_only(logits.astype(np.float32)), 0.0)


INFO = ModelInfo("fake", "Fake", CPU, "CPU", "0" * 64, "fake.pth", WeightsOrigin.FILE)
PRESET = replace(RESNET18, preprocessing=Preprocessing(256, 224, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)))


def spot_frame(width: int, height: int, x: float, y: float) -> Frame:
    """A bright spot off the middle of a dark frame."""
    columns, rows = np.arange(width) + 0.5, np.arange(height) + 0.5
    size = min(width, height) / 12
    spot = np.exp(-((rows[:, None] - y) ** 2 + (columns[None] - x) ** 2) / (2 * size**2))
    return Frame(read_only(np.repeat((255 * spot).astype(np.uint8)[..., None], 3, 2)))


@pytest.mark.parametrize(
    ("fit", "size", "spot"),
    [
        (Fit.SQUASH, (448, 448), (130, 300)),
        (Fit.SQUASH, (640, 360), (100, 250)),
        (Fit.CROP, (640, 360), (230, 240)),
        (Fit.CROP, (500, 375), (330, 120)),
        (Fit.CROP, (360, 640), (120, 300)),
        (Fit.WHOLE, (640, 360), (60, 250)),
        (Fit.WHOLE, (360, 640), (300, 580)),
    ],
)
def test_a_spot_stays_at_its_place(fit: Fit, size: tuple[int, int], spot: tuple[float, float]) -> None:
    """Mirrored passes that weren't turned back, or didn't line up, would move or double it."""
    engine = BrightEngine()
    explanation = Explainer(engine, PRESET, INFO).explain(
        spot_frame(*size, *spot), ExplainRequest(fit, fine=True)
    )
    assert explanation.drawn is not None
    found = drawn_cam(explanation, 0)
    assert found.shape == explanation.drawn.planes.shape[1:]
    region = explanation.region
    rows, columns = found.shape
    total = float(found.sum())
    x = region.left + (found.sum(0) * (np.arange(columns) + 0.5)).sum() / total / columns * region.width
    y = region.top + (found.sum(1) * (np.arange(rows) + 0.5)).sum() / total / rows * region.height
    # Half of a cell of the coarsest map is what an odd number of cells may move.
    assert (x, y) == pytest.approx(spot, abs=min(size) / 28)
    row, column = np.unravel_index(found.argmax(), found.shape)
    left = region.left + column * region.width / columns
    top = region.top + row * region.height / rows
    assert left - 1 <= spot[0] <= left + region.width / columns + 1
    assert top - 1 <= spot[1] <= top + region.height / rows + 1


def same_numbers(one: Explanation, other: Explanation) -> None:
    np.testing.assert_array_equal(exact(one).features, exact(other).features)
    np.testing.assert_array_equal(one.logits, other.logits)
    np.testing.assert_array_equal(one.probabilities, other.probabilities)


def test_fine_changes_what_is_drawn_and_no_number() -> None:
    frame = spot_frame(500, 375, 330, 120)
    plain = Explainer(BrightEngine(), PRESET, INFO).explain(frame, ExplainRequest())
    fine = Explainer(BrightEngine(), PRESET, INFO).explain(frame, ExplainRequest(fine=True))
    assert plain.drawn is None
    same_numbers(fine, plain)
    assert fine.region == plain.region
    assert fine.drawn is not None
    assert fine.drawn.planes.shape == (2, 14, 14)
    assert not fine.drawn.planes.flags.writeable
    for class_id in (0, 1):
        np.testing.assert_array_equal(cam(fine, class_id), cam(plain, class_id))
        assert cam(fine, class_id).mean() + exact(fine).head.bias[class_id] == pytest.approx(
            fine.logits[class_id], abs=1e-3
        )
        assert fine.drawn.get(ClassScore(class_id)).remainder is None


@pytest.mark.parametrize("fit", Fit)
@pytest.mark.parametrize("resolution", RESOLUTIONS)
def test_fine_takes_at_most_six_passes(resolution: int, fit: Fit) -> None:
    engine = BrightEngine()
    Explainer(engine, PRESET, INFO).explain(
        spot_frame(64, 48, 20, 20), ExplainRequest(fit, resolution, fine=True)
    )
    expected = 2 * len(fine_resolutions(resolution, SIZES))
    assert len(engine.inputs) == expected <= 6
    short_sides = [min(size) for size in engine.inputs]
    assert short_sides[0] == resolution
    assert sorted(short_sides) == sorted(2 * fine_resolutions(resolution, SIZES))


def test_without_fine_there_is_one_pass() -> None:
    engine = BrightEngine()
    Explainer(engine, PRESET, INFO).explain(spot_frame(64, 48, 20, 20), ExplainRequest())
    assert len(engine.inputs) == 1


# Smoothing


@pytest.fixture
def at(make_explanation: MakeExplanation) -> Callable[..., Explanation]:
    """An explanation of a frame of that time whose features are all one value."""

    def make(time: float, value: float, shape: tuple[int, int] = (2, 3)) -> Explanation:
        base = make_explanation()
        features = np.full((4, *shape), value, np.float32)
        return with_features(replace(base, frame=replace(base.frame, time=time)), features)

    return make


def drawn(explanation: Explanation) -> FloatArray:
    """The planes of what is drawn."""
    return (explanation.maps if explanation.drawn is None else explanation.drawn).planes


@pytest.mark.parametrize("tau", [0.25, 2.0])
@pytest.mark.parametrize("steps", [1, 7, 100])
def test_after_the_time_constant_a_step_is_63_2_percent_there(
    at: Callable[..., Explanation], tau: float, steps: int
) -> None:
    """However many frames came meanwhile."""
    smoother = Smoother()
    smoother.smoothed(at(10.0, 0.0), tau)
    for step in range(1, steps + 1):
        mean = drawn(smoother.smoothed(at(10.0 + tau * step / steps, 1.0), tau))
    np.testing.assert_allclose(mean, 1 - math.exp(-1), rtol=1e-4)
    assert mean.dtype == np.float32
    assert not mean.flags.writeable


def test_the_first_frame_is_unchanged(at: Callable[..., Explanation]) -> None:
    explanation = at(3.0, 0.7)
    smoothed = Smoother().smoothed(explanation, 2.0)
    np.testing.assert_array_equal(drawn(smoothed), exact(explanation).features)
    assert smoothed is explanation, "no average"


def test_without_a_time_constant_all_are_unchanged_and_the_row_ends(at: Callable[..., Explanation]) -> None:
    smoother = Smoother()
    smoother.smoothed(at(1.0, 0.0), 2.0)
    between = at(1.1, 1.0)
    assert smoother.smoothed(between, 0.0) is between
    after = at(1.2, 5.0)
    assert smoother.smoothed(after, 2.0) is after, "the first of a new row"
    assert smoother.smoothed(at(1.3, 5.0), 2.0).drawn is not None


def test_a_frame_of_the_same_time_changes_nothing(at: Callable[..., Explanation]) -> None:
    """A still is explained again and again, and a source may repeat itself."""
    smoother = Smoother()
    smoother.smoothed(at(1.0, 0.0), 2.0)
    mean = drawn(smoother.smoothed(at(2.0, 1.0), 2.0)).copy()
    np.testing.assert_array_equal(drawn(smoother.smoothed(at(2.0, 1.0), 2.0)), mean)
    # Time doesn't run backwards.
    np.testing.assert_array_equal(drawn(smoother.smoothed(at(1.5, 9.0), 2.0)), mean)


@pytest.mark.parametrize(
    "change",
    [
        lambda e: replace(e, region=Region(1, 0, 63, 48)),
        lambda e: replace(e, model=replace(e.model, name="other")),
        lambda e: with_features(e, np.full((4, 3, 3), 1.0, np.float32)),
        lambda e: drawn_as(e, np.full((4, 4, 6), 1.0, np.float32)),
        lambda e: replace(e, maps=ExactMaps(exact(e).features, exact(e).head, "another layer")),
    ],
)
def test_another_place_model_layer_or_size_starts_anew(
    at: Callable[..., Explanation], change: Callable[[Explanation], Explanation]
) -> None:
    smoother = Smoother()
    smoother.smoothed(at(1.0, 0.0), 2.0)
    mean = drawn(smoother.smoothed(change(at(1.1, 1.0)), 2.0))
    np.testing.assert_array_equal(mean, 1.0)


def test_another_source_starts_anew(at: Callable[..., Explanation]) -> None:
    smoother = Smoother()
    smoother.smoothed(at(1.0, 0.0), 2.0, generation=1)
    np.testing.assert_array_equal(drawn(smoother.smoothed(at(1.1, 1.0), 2.0, generation=2)), 1.0)


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_a_broken_frame_is_gone_with_the_next(at: Callable[..., Explanation], broken: float) -> None:
    smoother = Smoother()
    smoother.smoothed(at(1.0, 0.0), 2.0)
    smoother.smoothed(at(1.1, broken), 2.0)
    np.testing.assert_array_equal(drawn(smoother.smoothed(at(1.2, 0.5), 2.0)), 0.5)


def test_fine_maps_are_smoothed_as_such(at: Callable[..., Explanation]) -> None:
    smoother = Smoother()
    first, second = (
        drawn_as(at(time, 9.0), np.full((4, 4, 6), value, np.float32))
        for time, value in ((0.0, 0.0), (2.0, 1.0))
    )
    assert smoother.smoothed(first, 2.0) is first
    np.testing.assert_allclose(drawn(smoother.smoothed(second, 2.0)), 1 - math.exp(-1), rtol=1e-4)


def test_smoothing_touches_no_number() -> None:
    """After the explainer: the frame's own features, logits and maps stay what the network said."""
    explainer, smoother = Explainer(BrightEngine(), PRESET, INFO), Smoother()
    frames = [spot_frame(64, 48, 20, 20), spot_frame(64, 48, 40, 30)]
    request = ExplainRequest(Fit.SQUASH)
    smoothed = [
        smoother.smoothed(explainer.explain(replace(f, time=float(i)), request), 1.0)
        for i, f in enumerate(frames)
    ]
    plain = [Explainer(BrightEngine(), PRESET, INFO).explain(f, request) for f in frames]
    for one, other in zip(smoothed, plain, strict=True):
        same_numbers(one, other)
        np.testing.assert_array_equal(cam(one, 0), cam(other, 0))
    np.testing.assert_array_equal(drawn_cam(smoothed[0], 0), cam(plain[0], 0))
    share = 1 - math.exp(-1)
    expected = cam(plain[0], 0) + share * (cam(plain[1], 0) - cam(plain[0], 0))
    np.testing.assert_allclose(drawn_cam(smoothed[1], 0), expected, rtol=1e-3, atol=1e-3)
    assert smoothed[1].drawn_map(ClassScore(0)).remainder is None
    assert smoothed[1].map(ClassScore(0)).remainder == plain[1].map(ClassScore(0)).remainder


@pytest.mark.parametrize("unit", Unit)
def test_computed_maps_are_smoothed_each_for_itself(at: Callable[..., Explanation], unit: Unit) -> None:
    smoother, tau = Smoother(), 2.0
    rows = [computed(at(t, 1.0), TARGETS, unit, seed=i) for i, t in enumerate((0.0, 0.3, 1.1, 4.0))]
    expected = {target: rows[0].map(target).values for target in TARGETS}
    time = 0.0
    for index, explanation in enumerate(rows):
        found = smoother.smoothed(explanation, tau)
        share = 1 - math.exp(-(explanation.frame.time - time) / tau)
        time = explanation.frame.time
        for target in TARGETS:
            exact_values = explanation.map(target).values
            expected[target] = expected[target] + share * (exact_values - expected[target])
            np.testing.assert_array_equal(found.map(target).values, exact_values)
            drawn_map = found.drawn_map(target)
            np.testing.assert_allclose(drawn_map.values, expected[target], rtol=1e-4, atol=1e-5)
            assert drawn_map.unit is unit
            assert drawn_map.target == target
            assert drawn_map.remainder is None or index == 0
        assert found.maps is explanation.maps
        assert isinstance(found.drawn, ComputedMaps) or index == 0


def test_the_same_targets_in_another_order_are_the_same_row(at: Callable[..., Explanation]) -> None:
    """The most probable classes change places all the time."""
    smoother = Smoother()
    smoother.smoothed(computed(at(1.0, 0.0), TARGETS), 2.0)
    turned = computed(at(1.1, 1.0), tuple(reversed(TARGETS)), seed=1)
    assert smoother.smoothed(turned, 2.0).drawn is not None


@pytest.mark.parametrize(
    "other",
    [
        lambda e: computed(e, TARGETS[:3], seed=1),
        lambda e: computed(e, (*TARGETS[:3], ClassScore(5)), seed=1),
        lambda e: computed(e, TARGETS, Unit.RELATIVE, seed=1),
        lambda e: computed(e, TARGETS, layer="layer2", seed=1),
        lambda e: computed(e, TARGETS, method="Other-CAM", seed=1),
        lambda e: computed(e, TARGETS, shape=(4, 5), seed=1),
        lambda e: e,
    ],
    ids=["fewer targets", "others", "unit", "layer", "method", "size", "exact"],
)
def test_other_computed_maps_start_anew(
    at: Callable[..., Explanation], other: Callable[[Explanation], Explanation]
) -> None:
    smoother = Smoother()
    smoother.smoothed(computed(at(1.0, 0.0), TARGETS), 2.0)
    changed = other(at(1.1, 1.0))
    assert smoother.smoothed(changed, 2.0) is changed
    assert smoother.smoothed(other(at(1.2, 2.0)), 2.0).drawn is not None, "a row of its own"
