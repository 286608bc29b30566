"""How an edited frame looks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from skimage.filters import gaussian

from camviewer.core.arrays import ByteArray, read_only
from camviewer.core.coverage import coverage_of
from camviewer.core.covering import Fill
from camviewer.core.edits import FrameEdit, Outline, Rectangle
from camviewer.core.frames import Frame
from camviewer.core.painting import BLUR, Painter, mean_colour, painted
from tests.edits_fakes import EVERYTHING, HEIGHT, WIDTH, edits

SIZE = (WIDTH, HEIGHT)


def noise(width: int = WIDTH, height: int = HEIGHT) -> ByteArray:
    image = np.random.default_rng(4).integers(0, 256, (height, width, 3)).astype(np.uint8)
    return read_only(image)


def ramps(width: int, height: int) -> ByteArray:
    """Red rises to the right, green downwards; blue is the same everywhere."""
    image = np.full((height, width, 3), 77, np.uint8)
    image[..., 0] = np.linspace(0, 255, width).round()
    image[..., 1] = np.linspace(0, 255, height).round()[:, None]
    return read_only(image)


def by_rectangle(
    image: ByteArray, fill: Fill, left: float, top: float, right: float, bottom: float
) -> ByteArray:
    height, width = image.shape[:2]
    edit = FrameEdit((width, height), (Rectangle(left, top, right, bottom, fill),))
    return painted(image, coverage_of(edit, width, height))


@given(edits)
@settings(max_examples=25, deadline=None)
def test_what_is_not_covered_stays_to_the_bit_and_the_frame_itself_too(edit: FrameEdit) -> None:
    frame = Frame(noise(), index=3, source="a", still=True)
    edited = Painter().edited(frame, edit)
    coverage = coverage_of(edit, *SIZE)
    assert (edited is frame) == (not coverage.layers)
    assert (edited.index, edited.source, edited.still) == (3, "a", True)
    free = np.ones((HEIGHT, WIDTH), np.bool_)
    for layer in coverage.layers:
        free[layer.top : layer.bottom, layer.left : layer.right][layer.where] = False
    np.testing.assert_array_equal(edited.image[free], frame.image[free])
    assert not edited.image.flags.writeable
    np.testing.assert_array_equal(frame.image, noise())


@given(edits)
@settings(max_examples=25, deadline=None)
def test_the_same_edit_of_the_same_frame_gives_the_same_pixels(edit: FrameEdit) -> None:
    painter = Painter()
    first = painter.edited(Frame(noise()), edit).image
    painter.edited(Frame(noise()), FrameEdit(SIZE, (Rectangle(0, 0, 9, 9, Fill.NOISE),)))
    np.testing.assert_array_equal(painter.edited(Frame(noise()), edit).image, first)
    np.testing.assert_array_equal(painted(noise(), coverage_of(edit, *SIZE)), first)


@given(edits)
@settings(max_examples=25, deadline=None)
def test_an_edit_that_covers_nothing_gives_the_same_frame(edit: FrameEdit) -> None:
    frame = Frame(noise())
    painter = Painter()
    assert painter.edited(frame, edit.with_part(EVERYTHING)) is frame
    assert painter.edited(frame, FrameEdit(SIZE)) is frame
    assert painter.edited(frame, None) is frame


def test_the_same_frame_again_is_the_same_object() -> None:
    painter, frame = Painter(), Frame(noise())
    edit = FrameEdit(SIZE, (Rectangle(0, 0, 9, 9, Fill.NOISE),))
    first = painter.edited(frame, edit)
    assert painter.edited(frame, edit) is first
    later = replace(frame, time=9.0)
    assert painter.edited(later, edit).image is first.image
    assert painter.edited(later, edit).time == 9.0


def test_single_colours() -> None:
    image = noise()
    assert np.unique(by_rectangle(image, Fill.BLACK, 3, 3, 9, 9)[3:9, 3:9]).tolist() == [0]
    assert np.unique(by_rectangle(image, Fill.GREY, 3, 3, 9, 9)[3:9, 3:9]).tolist() == [128]
    mean = by_rectangle(image, Fill.MEAN, 3, 3, 9, 9)[3:9, 3:9].reshape(-1, 3)
    np.testing.assert_array_equal(np.unique(mean, axis=0), [image.mean((0, 1)).round()])
    assert np.abs(mean_colour(ramps(900, 700)) - ramps(900, 700).mean((0, 1))).max() < 3, "of some pixels"


def test_noise_of_a_place_stays_when_more_is_covered() -> None:
    image = ramps(640, 360)
    small, large = (by_rectangle(image, Fill.NOISE, *sides) for sides in ((50, 60, 90, 99), (8, 9, 300, 200)))
    np.testing.assert_array_equal(small[60:99, 50:90], large[60:99, 50:90])
    assert large[9:200, 8:300].std() > 60


def test_the_blur_is_a_gaussians() -> None:
    image = np.zeros((360, 640, 3), np.uint8)
    image[:, 320:] = 255
    image[100:, :, 2] = 200
    found = by_rectangle(read_only(image), Fill.BLUR, 40, 30, 600, 330)
    expected = gaussian(  # type: ignore[no-untyped-call]
        image.astype(np.float64), BLUR * 360, channel_axis=2, mode="nearest"
    )
    assert np.abs(found - expected)[60:300, 100:540].max() < 14, "computed on few points"


@pytest.mark.parametrize("size", [(640, 360), (WIDTH, HEIGHT)])
def test_from_around_continues_what_is_around(size: tuple[int, int]) -> None:
    """A ramp solves Laplace's equation: what was covered comes back."""
    width, height = size
    image = ramps(width, height)
    sides = width * 0.3, height * 0.25, width * 0.8, height * 0.7
    found = by_rectangle(image, Fill.AROUND, *sides)
    cell = 255 * 0.5 * width / 40 / min(width, height) if width > WIDTH else 20
    assert np.abs(found.astype(int) - image).max() <= max(cell, 8)
    assert (found != by_rectangle(image, Fill.MEAN, *sides)).any()


def test_from_around_never_shows_what_is_covered() -> None:
    """Its values lie between those around; of the whole frame, where nothing is around, it is the mean."""
    image = np.full((120, 160, 3), 50, np.uint8)
    image[40:80, 60:100] = 255
    found = by_rectangle(read_only(image), Fill.AROUND, 60, 40, 100, 80)
    assert np.abs(found.astype(int) - 50).max() <= 1
    whole = by_rectangle(read_only(image), Fill.AROUND, 0, 0, 160, 120)
    assert len(np.unique(whole.reshape(-1, 3), axis=0)) == 1
    ring = Outline(
        (((10, 10), (150, 10), (150, 110), (10, 110)), ((70, 50), (90, 50), (90, 70), (70, 70))), Fill.AROUND
    )
    island = painted(read_only(image), coverage_of(FrameEdit((160, 120), (ring,)), 160, 120))
    assert island[50:70, 70:90].min() == 255, "what is not covered counts as around"
    assert 60 < island[48, 80].max() <= 255
