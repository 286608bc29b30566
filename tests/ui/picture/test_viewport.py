"""The part of a frame that is in view: the geometry of zoom and pan."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF

from camviewer.ui.picture.viewport import MARGIN, MAX_ZOOM, Viewport

VIEW = QRectF(0, 0, 800, 600)
SIZE = 640, 360


def test_a_frame_fits_its_view_with_a_margin() -> None:
    target = Viewport().target(VIEW, *SIZE)
    assert target.center() == VIEW.center()
    assert (target.left(), target.right()) == (MARGIN, 800 - MARGIN)
    assert target.width() / target.height() == pytest.approx(640 / 360)


@pytest.mark.parametrize("view", [QRectF(), QRectF(0, 0, 2 * MARGIN, 600), QRectF(0, 0, 800, MARGIN)])
def test_a_view_without_room_shows_nothing(view: QRectF) -> None:
    assert Viewport().target(view, *SIZE).isEmpty()
    assert Viewport().zoomed(2, QPointF(), view, QRectF()) == Viewport()


@given(
    factor=st.floats(1.1, 4),
    x=st.floats(300, 500),
    y=st.floats(250, 350),
    before=st.floats(1.5, MAX_ZOOM / 4),
)
def test_what_is_under_the_pointer_stays_there(factor: float, x: float, y: float, before: float) -> None:
    viewport, about = Viewport(before, 0.5, 0.5), QPointF(x, y)
    old = viewport.target(VIEW, *SIZE)
    new = viewport.zoomed(factor, about, VIEW, old).target(VIEW, *SIZE)
    for place, low, size in (
        (x, QRectF.left, QRectF.width),
        (y, QRectF.top, QRectF.height),
    ):
        assert (place - low(new)) / size(new) == pytest.approx((place - low(old)) / size(old), abs=1e-9)


@given(steps=st.lists(st.tuples(st.floats(0.1, 10), st.floats(0, 800), st.floats(0, 600)), max_size=8))
def test_zoom_and_centre_never_leave_the_frame(steps: list[tuple[float, float, float]]) -> None:
    viewport = Viewport()
    for factor, x, y in steps:
        target = viewport.target(VIEW, *SIZE)
        viewport = viewport.zoomed(factor, QPointF(x, y), VIEW, target).panned(QPointF(x, -y), target)
        half = 0.5 / viewport.zoom
        assert 1 <= viewport.zoom <= MAX_ZOOM
        assert half <= viewport.x <= 1 - half
        assert half <= viewport.y <= 1 - half


def test_the_frame_goes_with_the_pointer_that_drags_it() -> None:
    viewport = Viewport(4)
    old = viewport.target(VIEW, *SIZE)
    new = viewport.panned(QPointF(30, -20), old).target(VIEW, *SIZE)
    assert (new.left() - old.left(), new.top() - old.top()) == pytest.approx((30, -20))


def test_a_frame_that_fits_cannot_be_dragged() -> None:
    assert Viewport().panned(QPointF(30, -20), Viewport().target(VIEW, *SIZE)) == Viewport()


def test_dragging_a_frame_that_is_gone_does_nothing() -> None:
    assert Viewport(4).panned(QPointF(30, -20), QRectF()) == Viewport(4)


@pytest.mark.parametrize(
    "box", [QRectF(-50, 100, 40, 40), QRectF(790, 590, 40, 40), QRectF(100, -90, 40, 40)]
)
def test_a_box_is_brought_into_view_and_no_farther(box: QRectF) -> None:
    viewport = Viewport(4)
    old = viewport.target(VIEW, *SIZE)
    new = viewport.showing(box, VIEW, old).target(VIEW, *SIZE)
    moved = box.translated(new.topLeft() - old.topLeft())
    edges = moved.left(), moved.top(), 800 - moved.right(), 600 - moved.bottom()
    assert min(edges) == pytest.approx(0, abs=1e-6)


def test_a_box_in_view_moves_nothing() -> None:
    viewport = Viewport(4)
    target = viewport.target(VIEW, *SIZE)
    assert viewport.showing(QRectF(100, 100, 40, 40), VIEW, target) == viewport
