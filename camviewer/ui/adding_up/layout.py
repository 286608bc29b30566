"""Where the parts of the drawing lie: one above the other in a narrow panel, side by side in a wide one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF

from camviewer.ui.adding_up.texts import Headings

WIDE = 34
"""Lines of text that the width must have for the parts to lie side by side."""
_GAP, _RAIL = 8.0, 14.0
_SMALL_GAP = 3.0
_MOST_CELL = 56.0


@dataclass(frozen=True, slots=True)
class Shape:
    """What there is to place: cells of the map, channels and classes that are drawn, and the frame's aspect,
    height by width."""

    rows: int
    columns: int
    channels: int
    classes: int
    aspect: float


@dataclass(slots=True)
class Places:
    """In the widget's coordinates. Empty rectangles: there is no such part."""

    wide: bool
    line: float
    frame: QRectF = field(default_factory=QRectF)
    tiles: list[QRectF] = field(default_factory=list)
    grid: QRectF = field(default_factory=QRectF)
    readout: QRectF = field(default_factory=QRectF)
    overlay: QRectF = field(default_factory=QRectF)
    pool: QRectF = field(default_factory=QRectF)
    linear: QRectF = field(default_factory=QRectF)
    total: QRectF = field(default_factory=QRectF)
    """Of the rows of the sum."""
    bars: list[QRectF] = field(default_factory=list)
    headings: dict[str, QRectF] = field(default_factory=dict)
    arrows: list[tuple[QPointF, ...]] = field(default_factory=list)
    """Lines, each with a head at its end."""
    height: float = 0.0


Measure = Callable[[str, float], float]
"""The height of a text in a width."""


def places(width: float, line: float, shape: Shape, texts: Headings, measure: Measure) -> Places:
    """line: the height of a line of text."""
    plan = _Plan(width, line, shape, texts, measure)
    if width < WIDE * line:
        return plan.narrow()
    return plan.wide() if shape.channels else plan.wide_map()


class _Plan:
    def __init__(self, width: float, line: float, shape: Shape, texts: Headings, measure: Measure) -> None:
        self._width, self._line, self._shape, self._texts = width, line, shape, texts
        self._measure = measure

    def _heading(self, at: Places, name: str, left: float, top: float, width: float) -> float:
        """Where it ends."""
        text: str = getattr(self._texts, name)
        height = self._measure(text, width) if text else 0.0
        at.headings[name] = QRectF(left, top, width, height)
        return top + height + (_SMALL_GAP if text else 0.0)

    def _tiles(self, at: Places, left: float, top: float, width: float, columns: int, most: float) -> float:
        """Where they end."""
        count = self._shape.channels
        if not count:
            return top
        aspect = self._shape.rows / self._shape.columns
        side = min((width - _SMALL_GAP * (columns - 1)) / columns, most, most / aspect)
        for i in range(count):
            row, column = divmod(i, columns)
            x, y = left + column * (side + _SMALL_GAP), top + row * (side * aspect + _SMALL_GAP)
            at.tiles.append(QRectF(x, y, side, side * aspect))
        return at.tiles[-1].bottom()

    def _grid(self, at: Places, left: float, top: float, width: float, height: float) -> None:
        rows, columns = self._shape.rows, self._shape.columns
        cell = min(width / columns, height / rows, _MOST_CELL)
        at.grid = QRectF(left, top, cell * columns, cell * rows)

    def _readout(self, at: Places, left: float, top: float, width: float) -> float:
        heights = (sum(self._measure(text, width) for text in lines) for lines in self._texts.longest)
        height = max(heights) + _SMALL_GAP
        at.readout = QRectF(left, top, width, max(height, 2 * self._line))
        return at.readout.bottom()

    def _sum_height(self) -> float:
        return self._texts.sums * (self._line + 2)

    def _classes(self, at: Places, left: float, top: float, width: float) -> float:
        height = self._line + 4
        count = self._shape.classes if self._texts.link else 0
        at.bars = [QRectF(left, top + i * (height + 2), width, height) for i in range(count)]
        return at.bars[-1].bottom() if at.bars else top

    def narrow(self) -> Places:
        """One above the other. A line at the left edge forks: to the map, and on to the pooling."""
        at, width, line = Places(False, self._line), self._width, self._line
        rail = _RAIL if self._shape.channels else 0.0
        side = min(width * 0.34, 7.0 * line)
        right = side + 2.2 * _GAP
        top = max(
            self._heading(at, "frame", 0, 0, side),
            self._heading(at, "stack", right, 0, width - right),
        )
        at.frame = QRectF(0, top, side, side * self._shape.aspect)
        columns = min(5, self._shape.channels) or 1
        tiles_end = self._tiles(at, right, top, width - right, columns, 3.2 * line)
        below = max(at.frame.bottom(), tiles_end) + _GAP
        if at.tiles:
            middle = min(at.frame.center().y(), at.tiles[0].bottom())
            at.arrows.append((QPointF(side + 2, middle), QPointF(right - 3, middle)))
        top = self._heading(at, "grid", rail, below + _GAP, width - rail)
        self._grid(at, rail, top, width - rail, 22 * line)
        top = self._readout(at, rail, at.grid.bottom() + _SMALL_GAP, width - rail)
        top = self._heading(at, "overlay", rail, top + _GAP, width - rail)
        across = min((width - rail) * 0.62, 12 * line, 12 * line / self._shape.aspect)
        at.overlay = QRectF(rail, top, across, across * self._shape.aspect)
        start = at.headings["grid"].center().y()
        if not self._shape.channels:
            middle = at.frame.center().x()
            at.arrows.append((QPointF(middle, at.frame.bottom() + 2), QPointF(middle, below + _GAP - 2)))
            return self._ended(at, at.overlay.bottom(), 0.0)
        fork = QPointF(at.tiles[0].left() + 4, tiles_end + 2)
        down = [fork, QPointF(fork.x(), below), QPointF(4, below)]
        at.arrows.append((*down, QPointF(4, start), QPointF(rail - 2, start)))
        top = self._heading(at, "pool", rail, at.overlay.bottom() + 2 * _GAP, width - rail)
        other = at.headings["pool"].center().y()
        at.arrows.append((QPointF(4, start), QPointF(4, other), QPointF(rail - 2, other)))
        at.pool = QRectF(rail, top, width - rail, 4.4 * line)
        top = self._heading(at, "linear", rail, at.pool.bottom() + _GAP, width - rail)
        at.linear = QRectF(rail, top, width - rail, 6.2 * line)
        return self._ended(at, at.linear.bottom(), rail)

    def _ended(self, at: Places, top: float, rail: float) -> Places:
        """With the sum and the probabilities below."""
        if self._texts.link:
            at.total = QRectF(rail, top + _SMALL_GAP, self._width - rail, self._sum_height())
            top = self._heading(at, "link", rail, at.total.bottom() + _GAP, self._width - rail)
            top = self._classes(at, rail, top, self._width - rail)
        at.height = top + _GAP
        return at

    def wide_map(self) -> Places:
        """Without channels to show: the frame, the map, and the overlay, from left to right."""
        at, width, gap = Places(True, self._line), self._width, 3 * _GAP
        side = width * 0.2
        left, grid = side + gap, width * 0.44
        right = left + grid + gap
        lefts = {"frame": (0.0, side), "grid": (left, grid), "overlay": (right, width - right)}
        top = max(self._heading(at, name, x, 0, across) for name, (x, across) in lefts.items())
        at.frame = QRectF(0, top, side, side * self._shape.aspect)
        self._grid(at, left, top, grid, 26 * self._line)
        across = min(width - right, at.grid.height() / self._shape.aspect)
        at.overlay = QRectF(right, top, across, across * self._shape.aspect)
        for one, other in ((at.frame, at.grid), (at.grid, at.overlay)):
            y = min(one.center().y(), other.center().y())
            at.arrows.append((QPointF(one.right() + 4, y), QPointF(other.left() - 4, y)))
        below = max(at.grid.bottom(), at.overlay.bottom(), at.frame.bottom())
        bottom = self._readout(at, left, below + _SMALL_GAP, width - left)
        if self._texts.link:
            at.total = QRectF(left, bottom + _GAP, grid, self._sum_height())
            top = self._heading(at, "link", right, bottom, width - right)
            bottom = max(at.total.bottom(), self._classes(at, right, top, width - right))
        at.height = bottom + _GAP
        return at

    def wide(self) -> Places:
        """From left to right: the frame, the stack, then the fork: the map above, the pooling below."""
        at, width, line = Places(True, self._line), self._width, self._line
        gap = 2.6 * _GAP
        side, stack = width * 0.14, width * 0.16
        left = side + gap + stack + 2 * gap
        room = width - left
        grid = room * 0.56 - gap / 2
        right = left + grid + gap
        # Above
        top = max(
            self._heading(at, "grid", left, 0, grid), self._heading(at, "overlay", right, 0, width - right)
        )
        self._grid(at, left, top, grid, 26 * line)
        across = min(width - right, at.grid.height() / self._shape.aspect)
        at.overlay = QRectF(right, top, across, across * self._shape.aspect)
        above = self._readout(at, left, max(at.grid.bottom(), at.overlay.bottom()) + _SMALL_GAP, room)
        # Below
        third = (room - 2 * gap) / 3
        lefts = [left + i * (third + gap) for i in range(3)]
        start = above + 2 * _GAP
        top = max(
            self._heading(at, name, x, start, third)
            for name, x in zip(("pool", "linear", "link"), lefts, strict=True)
        )
        high = 7.0 * line
        at.pool, at.linear = QRectF(lefts[0], top, third, high), QRectF(lefts[1], top, third, high)
        at.total = QRectF(lefts[1], top + high + _SMALL_GAP, third, self._sum_height())
        ends = [at.total.bottom(), self._classes(at, lefts[2], top, third)]
        # At the left, in the middle of both ways
        columns = 2 if self._shape.channels > 3 else 1
        texts = max(self._measure(self._texts.frame, side), self._measure(self._texts.stack, stack))
        bottom = max(ends)
        down = (self._shape.channels + columns - 1) // columns
        most = min(stack, (bottom - texts - down * _SMALL_GAP) / down)
        self._tiles(at, side + gap, 0, stack, columns, most)
        height = at.tiles[-1].bottom() + texts
        begin = max(0.0, (bottom - height) / 2)
        self._heading(at, "stack", side + gap, begin, stack)
        at.tiles = [tile.translated(0, begin + texts + _SMALL_GAP) for tile in at.tiles]
        middle = (at.tiles[0].top() + at.tiles[-1].bottom()) / 2
        at.frame = QRectF(0, middle - side * self._shape.aspect / 2, side, side * self._shape.aspect)
        own = self._measure(self._texts.frame, side)
        at.headings["frame"] = QRectF(0, at.frame.top() - own - _SMALL_GAP, side, own)
        self._wide_arrows(at, middle, gap)
        at.height = max(bottom, at.tiles[-1].bottom()) + _GAP
        return at

    def _wide_arrows(self, at: Places, middle: float, gap: float) -> None:
        def between(one: QRectF, other: QRectF, y: float) -> tuple[QPointF, QPointF]:
            return QPointF(one.right() + 4, y), QPointF(other.left() - 4, y)

        stack_right = max(tile.right() for tile in at.tiles)
        fork = QPointF(stack_right + gap, middle)
        first = QPointF(at.tiles[0].left() - 4, middle)
        at.arrows.append((QPointF(at.frame.right() + 4, middle), first))
        for part in (at.grid, at.pool):
            y = part.center().y()
            corner, end = QPointF(fork.x(), y), QPointF(part.left() - 4, y)
            at.arrows.append((QPointF(stack_right + 4, middle), fork, corner, end))
        at.arrows.append(between(at.grid, at.overlay, at.grid.center().y()))
        at.arrows.append(between(at.pool, at.linear, at.pool.center().y()))
        if at.bars:
            at.arrows.append(between(at.linear, at.bars[0], at.linear.center().y()))


def cells_of(grid: QRectF, rows: int, columns: int) -> list[list[QRectF]]:
    """Where the cells of a map lie in a rectangle."""
    width, height = grid.width() / columns, grid.height() / rows
    return [
        [QRectF(grid.left() + x * width, grid.top() + y * height, width, height) for x in range(columns)]
        for y in range(rows)
    ]


def columns_of(chart: QRectF, count: int) -> list[QRectF]:
    """Where the columns of a chart stand."""
    width = chart.width() / max(count, 1)
    return [QRectF(chart.left() + i * width, chart.top(), width, chart.height()) for i in range(count)]


def index_at(rectangles: Sequence[QRectF], place: QPointF) -> int | None:
    """Which of them a place lies in."""
    return next((i for i, each in enumerate(rectangles) if each.contains(place)), None)
