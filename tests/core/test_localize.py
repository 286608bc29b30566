"""Contours and boxes: against what a hand computes, and against scikit-image's components."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from camviewer.core.arrays import FloatArray
from camviewer.core.frames import Region
from camviewer.core.localize import PAPER_THRESHOLD, POINTS, Localization, localize
from camviewer.core.scaling import Interpolation, upsampled

CELLS = 32
REGION = Region(0, 0, CELLS * 10, CELLS * 10)
"""Ten pixels a cell."""

Box = tuple[float, float, float, float]


def blob(x: float, y: float, across: float, down: float, height: float = 1.0) -> FloatArray:
    """A Gaussian on CELLS x CELLS cells; its middle and its two sigmas in cells (0 is the left edge)."""
    middles = np.arange(CELLS) + 0.5
    columns, rows = np.exp(-(((middles - x) / across) ** 2) / 2), np.exp(-(((middles - y) / down) ** 2) / 2)
    return (height * rows[:, None] * columns[None]).astype(np.float32)


def box_of(found: Localization) -> Box:
    assert found.box is not None
    return found.box


def shoelace(ring: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
    x, y = ring.T
    return abs(float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum())) / 2


def test_the_paper_s_threshold() -> None:
    assert PAPER_THRESHOLD == 0.2
    assert localize(blob(16, 16, 3, 3), REGION).threshold == 0.2


@pytest.mark.parametrize("threshold", [0.1, 0.2, 0.5, 0.9])
def test_a_gaussian_is_cut_where_its_formula_says(threshold: float) -> None:
    """exp(-r²/2) = t at r = sqrt(-2 ln t) sigmas: an ellipse of area π r² across · down."""
    across, down = 4.0, 3.0
    found = localize(blob(16, 14, across, down), REGION, threshold)
    radius = math.sqrt(-2 * math.log(threshold))
    expected = [
        10 * (16 - radius * across),
        10 * (14 - radius * down),
        10 * (16 + radius * across),
        10 * (14 + radius * down),
    ]
    assert box_of(found) == pytest.approx(expected, abs=0.6)
    area = math.pi * radius**2 * across * down
    assert found.area == pytest.approx(area / CELLS**2, rel=0.01, abs=0.001)
    (ring,) = found.contours
    assert shoelace(ring) == pytest.approx(100 * area, rel=0.01)
    np.testing.assert_array_equal(ring[0], ring[-1])
    assert ring.dtype == np.float64
    assert not ring.flags.writeable


def test_of_two_parts_both_are_drawn_and_the_larger_has_the_box() -> None:
    """The larger part, not the higher one."""
    large, high = blob(8, 10, 3, 3, height=0.7), blob(25, 24, 1.5, 1.5, height=1.0)
    found = localize(np.maximum(large, high), REGION, 0.2)
    assert len(found.contours) == 2
    radius = 3 * math.sqrt(-2 * math.log(0.2 / 0.7))
    expected = [10 * (8 - radius), 10 * (10 - radius), 10 * (8 + radius), 10 * (10 + radius)]
    assert box_of(found) == pytest.approx(expected, abs=0.6)
    other = min(found.contours, key=shoelace)
    assert other.min() > box_of(found)[2]
    both = math.pi * (radius**2 - 2 * 1.5**2 * math.log(0.2))
    assert found.area == pytest.approx(both / CELLS**2, rel=0.02)


@pytest.mark.parametrize("interpolation", Interpolation)
@pytest.mark.parametrize("corner", [(0, 0), (0, CELLS), (CELLS, 0), (CELLS, CELLS)])
def test_a_part_at_the_edge_ends_at_the_edge(corner: tuple[int, int], interpolation: Interpolation) -> None:
    found = localize(blob(*corner, 4, 4), REGION, 0.5, interpolation)
    side = CELLS * 10
    radius = 40 * math.sqrt(-2 * math.log(0.5))
    expected = [v for c in corner for v in ((0, radius) if c == 0 else (side - radius, side))]
    left, right, top, bottom = expected
    # Nearest cuts at cells.
    tolerance = 6.0 if interpolation is Interpolation.NEAREST else 1.0
    assert box_of(found) == pytest.approx((left, top, right, bottom), abs=tolerance)
    at_edge = [v for v in box_of(found) if min(abs(v), abs(v - side)) < 1e-5]
    assert len(at_edge) == 2, "closed exactly at the region's edge"
    assert all(ring.min() >= 0 and ring.max() <= side for ring in found.contours)


def test_a_ring_has_two_outlines_and_an_area_without_its_hole() -> None:
    outer, inner = blob(16, 16, 6, 6), blob(16, 16, 3, 3)
    found = localize((outer - inner).astype(np.float32), REGION, 0.6)
    assert len(found.contours) == 2
    larger, smaller = sorted((shoelace(ring) for ring in found.contours), reverse=True)
    assert found.area == pytest.approx((larger - smaller) / (CELLS * 10) ** 2, rel=0.02)
    box = box_of(found)
    assert box[0] + box[2] == pytest.approx(320, abs=0.5)
    assert (box[2] - box[0]) ** 2 * math.pi / 4 == pytest.approx(larger, rel=0.02)


def test_the_larger_part_is_measured_without_its_hole() -> None:
    """A thin wide frame against a solid square of a smaller outline and a larger area."""
    cam = np.full((CELLS, CELLS), -1, np.float32)
    cam[1:17, 1:17] = 1
    cam[2:16, 2:16] = -1  # a ring of 60 cells
    cam[20:30, 20:30] = 1  # a square of 100 cells
    found = localize(cam, REGION, 0.2, Interpolation.NEAREST)
    assert len(found.contours) == 3
    assert box_of(found) == pytest.approx((200, 200, 300, 300), abs=1)
    assert found.area == pytest.approx(160 / CELLS**2)


@pytest.mark.parametrize(
    "cam",
    [
        np.full((7, 7), -2, np.float32),
        np.zeros((7, 7), np.float32),
        np.full((7, 7), np.nan, np.float32),
        np.full((1, 1), np.inf, np.float32),
        np.full((3, 5), -np.inf, np.float32),
        np.array([[-1, -1, -90, -1], [-1, -1, -90, -1]], np.float32),  # bicubic overshoots to above 0
    ],
)
def test_without_evidence_there_is_no_box(cam: FloatArray) -> None:
    found = localize(cam, REGION)
    assert (found.box, found.area, found.contours) == (None, 0.0, ())


@pytest.mark.parametrize("value", [1e-30, 1.0, 3e38])
@pytest.mark.parametrize("shape", [(7, 7), (1, 1), (7, 13)])
def test_a_constant_positive_map_is_the_whole_region(value: float, shape: tuple[int, int]) -> None:
    region = Region(5, 7, 40, 30)
    found = localize(np.full(shape, value, np.float32), region)
    assert box_of(found) == pytest.approx((5, 7, 45, 37), abs=1e-5)
    assert found.area == 1
    assert len(found.contours) == 1


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_a_broken_cell_is_no_evidence_and_takes_none_away(broken: float) -> None:
    cam = blob(8, 8, 3, 3)
    expected = localize(cam, REGION)
    cam[25, 25] = broken
    found = localize(cam, REGION)
    assert box_of(found) == pytest.approx(box_of(expected), abs=0.1)
    assert found.area == pytest.approx(expected.area, abs=1e-3)
    assert all(np.isfinite(ring).all() for ring in found.contours)


def test_evidence_against_changes_nothing_but_its_own_place() -> None:
    cam = blob(10, 10, 3, 3)
    against = cam.copy()
    against[22:, 22:] = -1
    assert box_of(localize(against, REGION)) == pytest.approx(box_of(localize(cam, REGION)), abs=0.1)


@given(
    st.integers(0, 500),
    st.integers(0, 500),
    st.integers(1, 900),
    st.integers(1, 900),
    st.floats(2.0**-20, 2.0**20, width=32),
)
def test_boxes_move_with_the_region_and_not_with_the_units(
    left: int, top: int, width: int, height: int, unit: float
) -> None:
    cam = np.random.default_rng(3).standard_normal((5, 6)).astype(np.float32)
    one = localize(cam, Region(0, 0, 1, 1))
    found = localize((cam * np.float32(unit)).astype(np.float32), Region(left, top, width, height))
    x0, y0, x1, y1 = box_of(one)
    moved = (left + x0 * width, top + y0 * height, left + x1 * width, top + y1 * height)
    assert box_of(found) == pytest.approx(moved, rel=1e-4, abs=1e-2)
    assert found.area == pytest.approx(one.area, abs=2e-3)


@pytest.mark.parametrize("threshold", [0.0, 1.0, -0.1, 1.1, float("nan"), float("inf")])
def test_thresholds_are_shares(threshold: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        localize(blob(16, 16, 3, 3), REGION, threshold)


maps = hnp.arrays(
    np.float32,
    hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=8),
    elements=st.floats(-100, 100, width=32),
)


@given(maps, st.sampled_from([0.1, 0.2, 0.5, 0.8]), st.sampled_from(Interpolation))
def test_contours_enclose_the_box_and_stay_in_the_region(
    cam: FloatArray, threshold: float, interpolation: Interpolation
) -> None:
    region = Region(10, 20, 300, 200)
    found = localize(cam, region, threshold, interpolation)
    assert (found.box is None) == (not found.contours)
    assert 0 <= found.area <= 1
    for ring in found.contours:
        assert (ring.min(0) >= (10, 20)).all()
        assert (ring.max(0) <= (310, 220)).all()
        np.testing.assert_array_equal(ring[0], ring[-1])
    if found.box is not None:
        boxes = [(*ring.min(0), *ring.max(0)) for ring in found.contours]
        assert found.box in boxes


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("threshold", [0.2, 0.5])
def test_components_are_those_of_scikit_image(seed: int, threshold: float) -> None:
    measure = pytest.importorskip("skimage.measure")
    cam = np.random.default_rng(seed).standard_normal((7, 9)).astype(np.float32)
    rows, columns = 7 * POINTS, 9 * POINTS
    found = localize(cam, Region(0, 0, columns, rows), threshold)  # a pixel a point
    grid = upsampled(cam, columns, rows, Interpolation.BICUBIC)
    above = grid > threshold * grid.max()
    assert found.area == pytest.approx(above.mean())
    parts = sorted(measure.regionprops(measure.label(above, connectivity=1)), key=lambda p: -p.area)
    # Areas are of points there and of polygons here: of two about as large either may be the larger.
    largest = [part.bbox for part in parts if part.area > 0.95 * parts[0].area - 30]
    # The contour runs between the points, at most one from the outermost that is above.
    near = [
        box_of(found) == pytest.approx((left, top, right, bottom), abs=1)
        for top, left, bottom, right in largest
    ]
    assert any(near)
    outlines = measure.find_contours(np.pad(grid, 1, constant_values=-100.0), threshold * float(grid.max()))
    assert len(found.contours) == len(outlines)
