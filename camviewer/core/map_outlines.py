"""Covers what a map points at, or all else: an outline in pixels of the frame, as a part of an edit."""

from __future__ import annotations

from dataclasses import replace

from camviewer.core.covering import Fill
from camviewer.core.edits import Outline
from camviewer.core.explanation import Explanation
from camviewer.core.localize import localize
from camviewer.core.targets import Target


def looked_at(explanation: Explanation, target: Target, threshold: float, fill: Fill) -> Outline | None:
    """Covers where the drawn map is above a share of its maximum; None where the map has no evidence.

    threshold: the share, between 0 and 1. Raises as `localize` and `Maps.get` do.
    """
    values = explanation.drawn_map(target).values
    contours = localize(values, explanation.region, threshold).contours
    rings = tuple(tuple((float(x), float(y)) for x, y in contour) for contour in contours)
    return Outline(rings, fill) if rings else None


def all_else(outline: Outline, width: int, height: int) -> Outline:
    """Covers what the outline doesn't, of a frame of width x height pixels."""
    w, h = float(width), float(height)
    frame = ((0.0, 0.0), (w, 0.0), (w, h), (0.0, h))
    return replace(outline, rings=(frame, *outline.rings))
