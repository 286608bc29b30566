"""The drawing's parts don't lie over each other, and none sticks out, in any width and for any network."""

from __future__ import annotations

from itertools import combinations

import pytest
from PySide6.QtCore import QRectF

from camviewer.ui.adding_up.contents import contents_of
from camviewer.ui.adding_up.layout import Places, Shape, cells_of, columns_of, places
from camviewer.ui.adding_up.painting import shape_of
from camviewer.ui.adding_up.texts import headings
from tests.ui.adding_up.crafting import local, pooled, state_of

SHAPES = ((7, 7), (1, 1), (24, 32), (10, 3))


def measure(text: str, width: float) -> float:
    """As if each letter were 7 points wide and each line 16 high."""
    return 16.0 * (-(-7 * len(text) // max(round(width), 1)) if text else 0)


def parts(at: Places) -> list[QRectF]:
    single = [at.frame, at.grid, at.overlay, at.readout, at.pool, at.linear, at.total]
    found = [*single, *at.tiles, *at.bars, *at.headings.values()]
    return [part for part in found if not part.isEmpty()]


@pytest.mark.parametrize("width", [180, 270, 400, 620, 980, 1400])
@pytest.mark.parametrize("channels", [0, 1, 4, 14])
@pytest.mark.parametrize("flatten", [False, True])
def test_nothing_lies_over_another(width: int, channels: int, flatten: bool) -> None:
    for shape in SHAPES:
        for classes in (1, 6):
            explanation = pooled(channels, classes, shape) if channels else local(shape=shape)
            contents = contents_of(state_of(explanation), flatten)
            at = places(width, 16, shape_of(contents), headings(contents), measure)
            found = parts(at)
            for one, other in combinations(found, 2):
                shared = one.intersected(other)
                assert shared.width() <= 0.01 or shared.height() <= 0.01, (shape, one, other)
            assert all(part.left() >= 0 and part.right() <= width + 0.01 for part in found), shape
            assert all(part.top() >= -0.01 and part.bottom() <= at.height + 0.01 for part in found), shape
            assert len(at.tiles) == min(channels, 10)
            assert at.wide == (width >= 34 * 16)


def test_a_narrow_panel_shows_the_numbers_large_enough() -> None:
    """A panel of 300 points has 260 for the drawing: seven cells of about 35."""
    contents = contents_of(state_of(pooled(14, 6, (7, 7))))
    at = places(260, 16, shape_of(contents), headings(contents), measure)
    assert not at.wide
    assert at.grid.width() / 7 >= 34
    assert at.tiles[0].width() >= 26


def test_cells_and_columns_fill_their_places() -> None:
    area = QRectF(10, 20, 120, 60)
    cells = cells_of(area, 3, 4)
    assert (cells[0][0].topLeft(), cells[2][3].bottomRight()) == (area.topLeft(), area.bottomRight())
    assert sum(cell.width() * cell.height() for row in cells for cell in row) == pytest.approx(120 * 60)
    columns = columns_of(area, 5)
    assert (columns[0].left(), columns[-1].right()) == (10, 130)
    assert columns_of(QRectF(), 0) == []


def test_wide_frames_keep_their_aspect() -> None:
    contents = contents_of(state_of(pooled()))
    assert shape_of(contents) == Shape(3, 4, 10, 5, 0.75)
    at = places(1000, 16, shape_of(contents), headings(contents), measure)
    for picture in (at.frame, at.overlay):
        assert picture.height() / picture.width() == pytest.approx(0.75)
