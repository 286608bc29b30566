"""LaterUpdate: a widget that is painted in a turn of the event loop of its own."""

from __future__ import annotations

from PySide6.QtCore import QRect, QTimer
from PySide6.QtGui import QRegion
from PySide6.QtWidgets import QWidget


class LaterUpdate:
    """Updates a widget in one of the next turns of the event loop, before the screen's next refresh.

    What a picture changes is painted in several turns. Between two of them the loop does what else is due,
    such as to answer the mouse, which would have to wait for all of it. turn: 1 for what is to be seen first.
    """

    def __init__(self, widget: QWidget, turn: int = 1) -> None:
        self._widget, self._turn, self._left = widget, turn, 0
        self._region = QRegion()
        # Real timers have their turn with all others; what QTimer.singleShot(0, …) posts comes before them.
        self._timer = QTimer(widget, interval=0)
        self._timer.timeout.connect(self._on_timer_timeout)

    def __call__(self, rect: QRect | None = None) -> None:
        """rect: what is to be painted; None for the whole widget."""
        self._region += self._widget.rect() if rect is None else rect
        if not self._timer.isActive():
            self._left = self._turn
            self._timer.start()

    def _on_timer_timeout(self) -> None:
        self._left -= 1
        if self._left == 0:
            self._timer.stop()
            region, self._region = self._region, QRegion()
            self._widget.update(region)
