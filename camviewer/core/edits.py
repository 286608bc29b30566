"""What the user covers of a frame before it is explained: an edit, as data.

An edit is a sequence of parts, each painted over those before it, in pixels of the frame (x right, y down). It
is immutable, can be hashed and compared, and belongs to the request: the same edit of the same frame gives the
same explanation, in the window and on the command line.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from camviewer.core.covering import Fill

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line of the brush, round at its ends. width: pixels. fill: None for the eraser."""

    points: tuple[Point, ...]
    width: float
    fill: Fill | None


@dataclass(frozen=True, slots=True)
class Rectangle:
    """The pixels from left to right and from top to bottom. fill: None takes back what covers them."""

    left: float
    top: float
    right: float
    bottom: float
    fill: Fill | None


@dataclass(frozen=True, slots=True)
class Outline:
    """What lies inside of an odd number of closed rings, as of a lasso or of the contours of a map."""

    rings: tuple[tuple[Point, ...], ...]
    fill: Fill | None


@dataclass(frozen=True, slots=True)
class Inversion:
    """What was covered is not any more, and what was not is covered."""

    fill: Fill


Part = Stroke | Rectangle | Outline | Inversion


@dataclass(frozen=True, slots=True)
class FrameEdit:
    """size: width and height of the frame that it was painted on. Of a frame of another size it covers the
    same shares.
    """

    size: tuple[int, int]
    parts: tuple[Part, ...] = ()

    def with_part(self, part: Part) -> FrameEdit:
        """With one more, over the others."""
        return replace(self, parts=(*self.parts, part))
