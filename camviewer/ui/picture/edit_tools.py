"""The tools that draw an edit: from places of the pointer, in pixels of the frame, to a part. No widgets."""

from __future__ import annotations

import math
from enum import Enum

from camviewer.core.covering import Fill
from camviewer.core.edits import (
    Outline,
    Part,
    Point,
    Rectangle,
    Stroke,
)

USUAL_SHARE = 0.15
"""The brush's width, as a share of the frame's short side."""
LEAST_SHARE, MOST_SHARE = 0.005, 1.0
NOTCH = 1.15
"""How much wider one notch of the wheel, or one press of a key, makes the brush."""
_APART = 1 / 12
"""Points of a stroke are at least so much of its width apart: closer ones change nothing that is seen."""


class Tool(Enum):
    BRUSH = "brush"
    ERASER = "eraser"
    RECTANGLE = "rectangle"
    LASSO = "lasso"

    @property
    def has_width(self) -> bool:
        return self in (Tool.BRUSH, Tool.ERASER)


class Gesture:
    """What is drawn from pressing a button to letting go of it."""

    def __init__(self, tool: Tool, start: Point, width: float, fill: Fill | None) -> None:
        """width: of the brush, in pixels of the frame. fill: None takes back what covers the frame."""
        self.tool = tool
        self._points = [start]
        self._width = width
        self._fill = None if tool is Tool.ERASER else fill

    def move(self, point: Point) -> bool:
        """The pointer is here now; whether that changes what is drawn."""
        last = self._points[-1]
        if self.tool is Tool.RECTANGLE:
            self._points[1:] = [point]
            return point != last
        apart = max(0.5, self._width * _APART) if self.tool.has_width else 0.5
        if math.dist(last, point) < apart:
            return False
        self._points.append(point)
        return True

    @property
    def part(self) -> Part | None:
        """None for what covers nothing yet: a rectangle without an area, a line instead of a ring."""
        points = tuple(self._points)
        if self.tool.has_width:
            return Stroke(points, self._width, self._fill)
        if self.tool is Tool.LASSO:
            return Outline((points,), self._fill) if len(points) > 2 else None
        (x, y), (other_x, other_y) = points[0], points[-1]
        if x == other_x or y == other_y:
            return None
        return Rectangle(min(x, other_x), min(y, other_y), max(x, other_x), max(y, other_y), self._fill)


def wider(share: float, notches: float) -> float:
    """The brush's share of the frame's short side after so many notches; narrower for negative ones."""
    return min(max(share * math.pow(NOTCH, notches), LEAST_SHARE), MOST_SHARE)
