"""Viewport: which part of a frame a view shows, and how large. Pure geometry."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

MARGIN = 12
"""Pixels around a frame that fits its view."""
MAX_ZOOM = 40.0


@dataclass(frozen=True)
class Viewport:
    """The place of a frame in a view; panning and zooming give another one."""

    zoom: float = 1.0
    """1 fits the whole frame into the view; at most MAX_ZOOM."""
    x: float = 0.5
    """The frame's point in the middle of the view, as a part of its width."""
    y: float = 0.5
    """And of its height."""

    def target(self, view: QRectF, width: int, height: int) -> QRectF:
        """Where a whole frame of this size lies in the view: beyond its edges when zoomed.

        Empty where the view is too small for anything.
        """
        room = view.adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        if room.width() <= 0 or room.height() <= 0:
            return QRectF()
        scale = min(room.width() / width, room.height() / height) * self.zoom
        across, down = width * scale, height * scale
        return QRectF(view.width() / 2 - self.x * across, view.height() / 2 - self.y * down, across, down)

    def zoomed(self, factor: float, about: QPointF, view: QRectF, target: QRectF) -> Viewport:
        """Closer or farther; what is at the point `about` of the view stays there, if it can."""
        zoom = min(max(self.zoom * factor, 1.0), MAX_ZOOM)
        if target.isEmpty() or zoom == self.zoom:
            return self
        middle = QPointF(view.width() / 2, view.height() / 2)
        # The frame's point in the middle afterwards, given that `about` keeps its place.
        moved = about + (middle - about) / (zoom / self.zoom)
        x = (moved.x() - target.left()) / target.width()
        y = (moved.y() - target.top()) / target.height()
        return _within(zoom, x, y)

    def panned(self, by: QPointF, target: QRectF) -> Viewport:
        """The frame moved by some pixels of the view, as far as it goes."""
        if target.isEmpty():  # the frame went while it was dragged
            return self
        return _within(self.zoom, self.x - by.x() / target.width(), self.y - by.y() / target.height())

    def showing(self, box: QRectF, view: QRectF, target: QRectF) -> Viewport:
        """Panned as far as it takes to bring a box of the view into it."""
        right = max(0.0, box.right() - view.right()) or min(0.0, box.left() - view.left())
        down = max(0.0, box.bottom() - view.bottom()) or min(0.0, box.top() - view.top())
        return self.panned(QPointF(-right, -down), target)


def _within(zoom: float, x: float, y: float) -> Viewport:
    """A viewport that shows nothing beyond the frame's edges."""
    half = 0.5 / zoom
    return Viewport(zoom, min(max(x, half), 1 - half), min(max(y, half), 1 - half))
