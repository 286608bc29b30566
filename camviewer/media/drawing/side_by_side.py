"""Where several overlays of one frame lie, side by side: in the window and in what is saved of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

GAP = 14
"""Between overlays, and around all of them."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """columns: overlays in a row. width, height: of an overlay. left, top: of the first one's corner.

    across, down: from one to the next. Each one's title is above it.
    """

    columns: int
    width: float
    height: float
    left: float
    top: float
    across: float
    down: float

    def corner(self, place: int) -> tuple[float, float]:
        """The left and top of an overlay, counted from 0."""
        row, column = divmod(place, self.columns)
        return self.left + column * self.across, self.top + row * self.down


def arranged(
    count: int, aspect: float, width: float, height: float, title: float, gap: float = GAP
) -> Arrangement:
    """The arrangement that shows so many overlays (1 or more) largest in an area, in its middle.

    aspect: an overlay's width to its height. title: the height of what is above each.
    """
    best, columns = 0.0, 1
    for tried in range(1, count + 1):
        rows = math.ceil(count / tried)
        room = (height - gap * (rows + 1)) / rows - title
        wide = min((width - gap * (tried + 1)) / tried, room * aspect)
        if wide > best:
            best, columns = wide, tried
    high, rows = best / aspect, math.ceil(count / columns)
    left = (width - columns * (best + gap) + gap) / 2
    top = (height - rows * (high + title + gap) + gap) / 2 + title
    return Arrangement(columns, best, high, left, top, best + gap, high + title + gap)
