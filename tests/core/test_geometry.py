"""Which pixels the network saw; the oracle is torchvision's own resize and crop, on images of coordinates."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torchvision.transforms import functional

from camviewer.core.averaging import fine_resolutions
from camviewer.core.frames import Fit, Region
from camviewer.core.geometry import MAX_ASPECT, InputGeometry, cell_at, cell_rect, input_geometry
from camviewer.core.models.builtin import RESNET18
from camviewer.core.models.spec import SizeRule

PREP, SIZES = RESNET18.preprocessing, RESNET18.sizes
STRIDE = SIZES.stride
RESOLUTIONS = tuple(range(160, 897, 32))
sides = st.integers(1, 5000)
resolutions = st.sampled_from(RESOLUTIONS)
regions = st.builds(Region, st.integers(0, 99), st.integers(0, 99), st.integers(1, 999), st.integers(1, 999))
shapes = st.tuples(st.integers(1, 40), st.integers(1, 40))


def crop(width: int, height: int, resolution: int = 224) -> InputGeometry:
    return input_geometry(width, height, Fit.CROP, resolution, PREP, SIZES)


@given(sides, sides, resolutions)
def test_crop_has_the_sizes_and_offsets_of_torchvision(width: int, height: int, resolution: int) -> None:
    assume(max(width, height) <= MAX_ASPECT * min(width, height))
    geometry = crop(width, height, resolution)
    short = round(resolution * PREP.resize / PREP.crop)
    resized = functional.resize(torch.empty(3, height, width, device="meta"), [short], antialias=True)
    assert geometry.resized == tuple(resized.shape[-2:])
    down, across = geometry.resized
    rows = functional.center_crop(torch.arange(down)[:, None].expand(1, down, across), [resolution])
    columns = functional.center_crop(torch.arange(across).expand(1, down, across), [resolution])
    assert (geometry.crop.top, geometry.crop.left) == (int(rows[0, 0, 0]), int(columns[0, 0, 0]))
    assert (geometry.crop.height, geometry.crop.width) == tuple(rows.shape[-2:])
    assert geometry.trim == Region(0, 0, width, height)


def test_weights_that_expect_squeezed_frames() -> None:
    """The whole frame, however elongated, as torchvision's Resize((h, w)) and CenterCrop make it."""
    squash = replace(PREP, squash=True, resize=224)
    geometry = input_geometry(2000, 300, Fit.CROP, None, squash, SIZES)
    assert geometry == input_geometry(2000, 300, Fit.SQUASH, None, squash, SIZES)
    assert geometry.region == Region(0, 0, 2000, 300)
    centre = input_geometry(2560, 256, Fit.CROP, None, replace(squash, resize=256), SIZES)
    assert (centre.resized, centre.crop) == ((256, 256), Region(16, 16, 224, 224))
    assert centre.region == Region(160, 16, 2240, 224)


@given(st.integers(8, 500), st.integers(8, 500))
def test_the_region_is_what_the_crop_shows(width: int, height: int) -> None:
    """An image of its own coordinates, through torchvision: the crop's edges must be the region's."""
    assume(max(width, height) <= MAX_ASPECT * min(width, height))
    x = (torch.arange(width) + 0.5).expand(1, height, width)
    y = (torch.arange(height) + 0.5)[:, None].expand(1, height, width)
    coordinates = functional.resize(torch.cat([x, y]), [256], antialias=False)
    seen = functional.center_crop(coordinates, [224])
    region = crop(width, height).region
    for values, low, size in (
        (seen[0, 0], region.left, region.width),
        (seen[1, :, 0], region.top, region.height),
    ):
        half_pixel = float(values[-1] - values[0]) / 223 / 2
        assert low == pytest.approx(float(values[0]) - half_pixel, abs=0.51)
        assert low + size == pytest.approx(float(values[-1]) + half_pixel, abs=0.51)


@given(sides, sides, resolutions, st.sampled_from(Fit))
def test_the_region_is_inside_the_frame(width: int, height: int, resolution: int, fit: Fit) -> None:
    geometry = input_geometry(width, height, fit, resolution, PREP, SIZES)
    for inner, size in (
        (geometry.trim, (width, height)),
        (geometry.region, (width, height)),
        (geometry.crop, geometry.resized[::-1]),
    ):
        assert inner.left >= 0
        assert inner.top >= 0
        assert inner.width >= 1
        assert inner.height >= 1
        assert inner.left + inner.width <= size[0]
        assert inner.top + inner.height <= size[1]
    assert geometry.crop.width % STRIDE == geometry.crop.height % STRIDE == 0
    if fit is not Fit.CROP:
        assert geometry.region == geometry.trim == Region(0, 0, width, height)
        assert (geometry.crop.height, geometry.crop.width) == geometry.resized
    if fit is not Fit.WHOLE:
        assert geometry.crop.width == geometry.crop.height == resolution


@pytest.mark.parametrize(
    ("width", "height", "shape"),
    [(1920, 1080, (224, 416)), (1080, 1920, (416, 224)), (640, 480, (224, 320)), (300, 300, (224, 224))],
)
def test_whole_keeps_the_aspect(width: int, height: int, shape: tuple[int, int]) -> None:
    geometry = input_geometry(width, height, Fit.WHOLE, 224, PREP, SIZES)
    assert geometry.resized == shape
    if width == 1920:
        assert (shape[0] // STRIDE, shape[1] // STRIDE) == (7, 13)


@given(sides, sides, resolutions)
def test_whole_is_not_squeezed_by_more_than_a_cell(width: int, height: int, resolution: int) -> None:
    assume(max(width, height) <= MAX_ASPECT * min(width, height))
    down, across = input_geometry(width, height, Fit.WHOLE, resolution, PREP, SIZES).resized
    short = min(width, height)
    assert min(down, across) == resolution
    assert -1e-6 < down - resolution * height / short < STRIDE
    assert -1e-6 < across - resolution * width / short < STRIDE


@pytest.mark.parametrize("fit", Fit)
@pytest.mark.parametrize(("width", "height"), [(1, 10_000), (10_000, 1), (1, 1), (3, 100_000)])
def test_extreme_frames_stay_small(width: int, height: int, fit: Fit) -> None:
    geometry = input_geometry(width, height, fit, 224, PREP, SIZES)
    assert max(geometry.resized) <= MAX_ASPECT * 256
    trim = geometry.trim
    if fit is Fit.CROP:  # the middle of the frame
        assert abs((trim.left + trim.width / 2) - width / 2) <= 0.5
        assert abs((trim.top + trim.height / 2) - height / 2) <= 0.5


@pytest.mark.parametrize("resolution", [0, -224, 128, 159, 225, 928, 10**6])
def test_other_resolutions_are_refused(resolution: int) -> None:
    with pytest.raises(ValueError, match=f"multiple of 32 between 160 and 896, not {resolution}"):
        SIZES.check(resolution)
    with pytest.raises(ValueError, match="multiple of 32"):
        crop(640, 480, resolution)


def test_all_multiples_of_32_are_resolutions() -> None:
    assert [SIZES.check(r) for r in RESOLUTIONS] == list(RESOLUTIONS)


@pytest.mark.parametrize(("width", "height"), [(0, 5), (5, 0), (0, 0), (-1, 5)])
@pytest.mark.parametrize("fit", Fit)
def test_an_empty_frame_is_refused(width: int, height: int, fit: Fit) -> None:
    with pytest.raises(ValueError, match="nothing to explain"):
        input_geometry(width, height, fit, 224, PREP, SIZES)


@given(regions, shapes, st.data())
def test_a_cell_is_found_at_every_point_of_its_rectangle(
    region: Region, shape: tuple[int, int], data: st.DataObject
) -> None:
    row, column = data.draw(st.integers(0, shape[0] - 1)), data.draw(st.integers(0, shape[1] - 1))
    left, top, width, height = cell_rect(region, shape, row, column)
    inside = st.floats(0.001, 0.999)
    x, y = left + data.draw(inside) * width, top + data.draw(inside) * height
    assert cell_at(region, shape, x, y) == (row, column)


@given(regions, shapes)
def test_cells_tile_the_region(region: Region, shape: tuple[int, int]) -> None:
    last = cell_rect(region, shape, shape[0] - 1, shape[1] - 1)
    assert cell_rect(region, shape, 0, 0)[:2] == (region.left, region.top)
    assert math.isclose(last[0] + last[2], region.left + region.width)
    assert math.isclose(last[1] + last[3], region.top + region.height)
    right, bottom = region.left + region.width, region.top + region.height
    for x, y in (
        (region.left - 0.01, region.top),
        (region.left, region.top - 0.01),
        (right, region.top),
        (region.left, bottom),
    ):
        assert cell_at(region, shape, x, y) is None


def test_a_network_that_takes_only_squares_sees_a_whole_frame_squeezed() -> None:
    squares = replace(RESNET18.sizes, square=True)
    whole = input_geometry(400, 300, Fit.WHOLE, None, RESNET18.preprocessing, squares)
    assert whole == input_geometry(400, 300, Fit.SQUASH, None, RESNET18.preprocessing, squares)
    assert whole.region == Region(0, 0, 400, 300)


def test_a_size_that_the_network_does_not_take_becomes_its_own() -> None:
    assert RESNET18.sizes.chosen(448, 224) == 448
    assert RESNET18.sizes.chosen(450, 224) == 224
    assert RESNET18.sizes.chosen(None, 224) == 224
    fixed = SizeRule(16, 224, 224, (224,), square=True)
    assert fixed.fixed
    assert fixed.chosen(448, 224) == 224
    assert fixed.nearest(448) == 224
    assert fine_resolutions(224, fixed) == (224,)
