"""Edits that hypothesis makes up."""

from __future__ import annotations

from hypothesis import strategies as st

from camviewer.core.covering import Fill
from camviewer.core.edits import FrameEdit, Inversion, Outline, Rectangle, Stroke

WIDTH, HEIGHT = 40, 30

_x = st.floats(-5, WIDTH + 5)
_y = st.floats(-5, HEIGHT + 5)
points = st.tuples(_x, _y)
fills = st.sampled_from(Fill)
_erasing = st.none() | fills
strokes = st.builds(Stroke, st.lists(points, min_size=1, max_size=6).map(tuple), st.floats(0.5, 20), _erasing)
rectangles = st.builds(Rectangle, _x, _y, _x, _y, _erasing)
outlines = st.builds(
    Outline,
    st.lists(st.lists(points, min_size=3, max_size=6).map(tuple), min_size=1, max_size=3).map(tuple),
    _erasing,
)
parts = st.one_of(strokes, rectangles, outlines, st.builds(Inversion, fills))
edits = st.builds(FrameEdit, st.just((WIDTH, HEIGHT)), st.lists(parts, min_size=1, max_size=5).map(tuple))
EVERYTHING = Rectangle(-1.0, -1.0, WIDTH + 1.0, HEIGHT + 1.0, None)
"""The eraser over all of a frame."""
