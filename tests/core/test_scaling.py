"""Values → 0..1: nothing is stretched until noise looks like evidence, and no sign is lost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from camviewer.core.arrays import FloatArray
from camviewer.core.scaling import Interpolation, ValueRange, scaled, upsampled, value_range

shapes = hnp.array_shapes(min_dims=2, max_dims=2, max_side=8)
finite = st.floats(-(2.0**100), 2.0**100, width=32)
maps = hnp.arrays(np.float32, shapes, elements=finite)
broken_maps = hnp.arrays(
    np.float32, shapes, elements=st.one_of(finite, st.sampled_from([np.nan, np.inf, -np.inf]))
)


def a_map(*values: float) -> FloatArray:
    return np.array([values], np.float32)


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        ((-3, -1), 0, 1),  # no evidence for: one logit, not the map's own noise
        ((0, 0), 0, 1),
        ((np.nan, np.inf), 0, 1),
        ((-8, 4), 0, 4),
        ((4, 4), 0, 4),
        ((np.inf, 2, np.nan), 0, 2),
    ],
)
def test_an_unsigned_range_goes_from_0_to_the_peak(
    values: tuple[float, ...], low: float, high: float
) -> None:
    assert value_range([a_map(*values)], signed=False) == ValueRange(low, high)


@pytest.mark.parametrize(
    ("values", "peak"), [((-8, 4), 8), ((-3, -1), 3), ((0, 0), 1), ((-np.inf, 2), 2), ((np.nan,), 1)]
)
def test_a_signed_range_is_symmetric(values: tuple[float, ...], peak: float) -> None:
    assert value_range([a_map(*values)], signed=True) == ValueRange(-peak, peak)


def test_one_range_shows_all_the_maps() -> None:
    cams = [a_map(-8, 1), a_map(3, 2)]
    assert value_range(cams, signed=False) == ValueRange(0, 3)
    assert value_range(iter(cams), signed=True) == ValueRange(-8, 8)
    assert value_range([], signed=False) == ValueRange(0, 1)


@given(st.lists(broken_maps, max_size=3), st.booleans())
def test_low_is_below_high(cams: list[FloatArray], signed: bool) -> None:
    shown = value_range(cams, signed)
    assert shown.low < shown.high
    assert np.isfinite([shown.low, shown.high]).all()
    assert shown.low == (-shown.high if signed else 0)


@given(broken_maps, st.booleans())
def test_what_is_scaled_is_within_0_and_1(cam: FloatArray, signed: bool) -> None:
    unit = scaled(cam, value_range([cam], signed))
    assert unit.dtype == np.float32
    assert unit.shape == cam.shape
    assert (unit >= 0).all()  # false for NaN
    assert (unit <= 1).all()


@given(maps)
def test_a_diverging_map_keeps_every_sign(cam: FloatArray) -> None:
    unit = scaled(cam, value_range([cam], signed=True)).astype(np.float64)
    peak = np.abs(cam).max()
    expected = 0.5 + cam / (2 * peak if peak else 2.0)
    np.testing.assert_allclose(unit, expected, atol=1e-6)
    clearly = np.abs(cam) > 1e-5 * peak
    assert (np.sign(unit - 0.5)[clearly] == np.sign(cam)[clearly]).all()


@given(maps)
def test_a_sequential_map_paints_evidence_for_only(cam: FloatArray) -> None:
    unit = scaled(cam, value_range([cam], signed=False))
    assert (unit[cam <= 0] == 0).all()
    if cam.max() > 0:
        assert unit.max() == 1
        np.testing.assert_allclose(unit, np.clip(cam, 0, None) / cam.max(), atol=1e-6)


@pytest.mark.parametrize(("shown", "zero"), [(ValueRange(0, 4), 0), (ValueRange(-4, 4), 0.5)])
def test_what_is_not_a_number_is_no_evidence(shown: ValueRange, zero: float) -> None:
    unit = scaled(a_map(np.nan, np.inf, -np.inf, 99, -99, 0), shown)
    np.testing.assert_array_equal(unit, a_map(zero, 1, 0, 1, 0, zero))


@given(st.floats(-1000, 1000, width=32), shapes, st.integers(1, 40), st.sampled_from(Interpolation))
def test_upsampling_keeps_a_constant(
    value: float, shape: tuple[int, int], side: int, interpolation: Interpolation
) -> None:
    large = upsampled(np.full(shape, value, np.float32), side, side + 3, interpolation)
    assert large.dtype == np.float32
    assert large.shape == (side + 3, side)
    np.testing.assert_allclose(large, value, rtol=1e-6)


@given(maps, st.integers(1, 9), st.integers(1, 9))
def test_nearest_shows_the_values_themselves(cam: FloatArray, across: int, down: int) -> None:
    rows, columns = cam.shape
    large = upsampled(cam, columns * across, rows * down, Interpolation.NEAREST)
    np.testing.assert_array_equal(large, np.kron(cam, np.ones((down, across), np.float32)))


@pytest.mark.parametrize("interpolation", [Interpolation.BILINEAR, Interpolation.BICUBIC])
def test_cells_are_pixels_with_areas(interpolation: Interpolation) -> None:
    """The middle of a cell keeps a ramp's value there, and mirroring commutes with upsampling."""
    ramp = np.tile(np.arange(8, dtype=np.float32), (5, 1))
    large = upsampled(ramp, 8 * 9, 5 * 9, interpolation)
    np.testing.assert_allclose(large[4::9, 4::9][:, 2:-2], ramp[:, 2:-2], atol=1e-5)
    np.testing.assert_allclose(
        upsampled(ramp[::-1, ::-1], 8 * 9, 5 * 9, interpolation), large[::-1, ::-1], atol=1e-5
    )


def test_bilinear_stays_between_the_values_of_the_cells() -> None:
    cam = np.random.default_rng(0).standard_normal((7, 7)).astype(np.float32)
    large = upsampled(cam, 224, 224, Interpolation.BILINEAR)
    assert cam.min() - 1e-6 <= large.min() < large.max() <= cam.max() + 1e-6
