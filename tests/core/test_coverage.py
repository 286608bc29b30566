"""Which pixels edits cover."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from numpy.typing import NDArray
from skimage.measure import points_in_poly

from camviewer.core.arrays import ByteArray
from camviewer.core.coverage import Coverage, Coverages, coverage_of
from camviewer.core.covering import Fill
from camviewer.core.edits import FrameEdit, Inversion, Outline, Part, Rectangle, Stroke
from tests.edits_fakes import EVERYTHING, HEIGHT, WIDTH, edits, outlines, strokes

SIZE = (WIDTH, HEIGHT)


def labels(coverage: Coverage) -> ByteArray:
    """0 where nothing is covered, else 1 + the index of the fill."""
    found = np.zeros((coverage.height, coverage.width), np.uint8)
    for layer in coverage.layers:
        place = found[layer.top : layer.bottom, layer.left : layer.right]
        assert not place[layer.where].any(), "a pixel has one fill"
        place[layer.where] = 1 + list(Fill).index(layer.fill)
    return found


def covered(*parts: Part, width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.bool_]:
    return labels(coverage_of(FrameEdit(SIZE, parts), width, height)) > 0


def middles() -> NDArray[np.float64]:
    """float64 [h·w, 2]: x, y of the middles of all pixels."""
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    return np.stack([x.ravel(), y.ravel()], 1)


def test_a_rectangle_covers_the_pixels_between_its_sides() -> None:
    where = covered(Rectangle(3, 5, 10, 7, Fill.BLACK))
    expected = np.zeros((HEIGHT, WIDTH), np.bool_)
    expected[5:7, 3:10] = True
    np.testing.assert_array_equal(where, expected)
    coverage = coverage_of(FrameEdit(SIZE, (Rectangle(3, 5, 10, 7, Fill.BLACK),)), *SIZE)
    (layer,) = coverage.layers
    assert (layer.left, layer.top, layer.right, layer.bottom) == (3, 5, 10, 7)
    assert coverage.share == 14 / (WIDTH * HEIGHT)


@given(outlines)
@settings(max_examples=25, deadline=None)
def test_an_outline_covers_what_an_odd_number_of_rings_holds(outline: Outline) -> None:
    where = covered(Outline(outline.rings, Fill.BLACK))
    inside = np.zeros(WIDTH * HEIGHT, np.int64)
    for ring in outline.rings:
        inside += points_in_poly(middles(), np.array(ring))  # type: ignore[no-untyped-call]
    assert np.count_nonzero(where.ravel() != (inside % 2 == 1)) <= 2, "ties at the edges"


@given(strokes)
@settings(max_examples=25, deadline=None)
def test_a_stroke_covers_what_is_near_its_line(stroke: Stroke) -> None:
    where = covered(Stroke(stroke.points, stroke.width, Fill.BLACK))
    away = np.full(WIDTH * HEIGHT, np.inf)
    ends = [np.array(p) for p in stroke.points]
    for start, stop in zip(ends, ends[1:] or ends, strict=False):
        along = stop - start
        share = np.clip((middles() - start) @ along / max(float(along @ along), 1e-9), 0, 1)
        away = np.minimum(away, np.linalg.norm(middles() - start - share[:, None] * along, axis=1))
    radius = max(stroke.width, 1) / 2
    assert where.ravel()[away < radius - 1.6].all()
    assert not where.ravel()[away > radius + 1.6].any()


def test_later_parts_lie_over_earlier_ones_and_the_eraser_takes_both_back() -> None:
    below, above = Rectangle(0, 0, 20, 20, Fill.GREY), Rectangle(10, 0, 30, 20, Fill.BLUR)
    found = labels(coverage_of(FrameEdit(SIZE, (below, above)), *SIZE))
    assert found[0, 5] == 1 + list(Fill).index(Fill.GREY)
    assert found[0, 15] == found[0, 25] == 1 + list(Fill).index(Fill.BLUR)
    erased = covered(below, above, Rectangle(5, 0, 25, 20, None))
    assert erased[0].tolist() == [x < 5 or 25 <= x < 30 for x in range(WIDTH)]


@given(edits)
@settings(max_examples=25, deadline=None)
def test_inverting_twice_covers_the_same_pixels(edit: FrameEdit) -> None:
    once = edit.with_part(Inversion(Fill.GREY))
    np.testing.assert_array_equal(~covered(*edit.parts), covered(*once.parts))
    np.testing.assert_array_equal(covered(*edit.parts), covered(*once.parts, Inversion(Fill.MEAN)))


@given(edits)
@settings(max_examples=25, deadline=None)
def test_what_is_remembered_of_the_last_edit_changes_nothing(edit: FrameEdit) -> None:
    known = Coverages()
    for count in (*range(1, len(edit.parts) + 1), *range(len(edit.parts), 0, -1)):
        some = FrameEdit(edit.size, edit.parts[:count])
        np.testing.assert_array_equal(labels(known.of(some, *SIZE)), labels(coverage_of(some, *SIZE)))
    twice = known.of(edit, 2 * WIDTH, 2 * HEIGHT)
    np.testing.assert_array_equal(labels(twice), labels(coverage_of(edit, 2 * WIDTH, 2 * HEIGHT)))


@pytest.mark.parametrize(
    "part",
    [
        Rectangle(4, 6, 30, 24, Fill.BLACK),
        Outline((((4, 6), (30, 6), (30, 24), (4, 24)),), Fill.BLACK),
        Stroke(((10, 15), (30, 15)), 9, Fill.BLACK),
    ],
    ids=lambda part: type(part).__name__,
)
def test_of_a_frame_of_another_size_the_same_share_is_covered(part: Part) -> None:
    small, large = covered(part), covered(part, width=4 * WIDTH, height=4 * HEIGHT)
    assert large.mean() == pytest.approx(small.mean(), rel=0.08)
    rows, columns = np.nonzero(small)
    more_rows, more_columns = np.nonzero(large)
    assert more_columns.mean() / 4 == pytest.approx(columns.mean(), abs=0.5)
    assert more_rows.mean() / 4 == pytest.approx(rows.mean(), abs=0.5)


@given(edits)
@settings(max_examples=25, deadline=None)
def test_the_eraser_over_everything_leaves_nothing(edit: FrameEdit) -> None:
    coverage = coverage_of(edit.with_part(EVERYTHING), *SIZE)
    assert coverage.layers == ()
    assert coverage.share == 0
    assert coverage.by(Fill.BLACK) is coverage


def test_by_another_fill_the_same_pixels_are_covered() -> None:
    parts = (Rectangle(0, 0, 20, 20, Fill.GREY), Stroke(((20, 20), (30, 28)), 5, Fill.BLUR))
    coverage = coverage_of(FrameEdit(SIZE, parts), *SIZE)
    (layer,) = coverage.by(Fill.AROUND).layers
    assert layer.fill is Fill.AROUND
    np.testing.assert_array_equal(labels(coverage.by(Fill.AROUND)) > 0, labels(coverage) > 0)
