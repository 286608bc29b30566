"""The window's first size, and its docks, which give way to the picture where it is narrow."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QRect, QSize
from PySide6.QtWidgets import QDockWidget, QMainWindow, QStyle, QWidget

from camviewer.ui.shell.docks import dock_table
from camviewer.ui.system.settings import Settings

FIRST = QSize(1280, 800)
"""Points at the first start, where the screen has room for so many."""
NARROW = 1000
"""Points of width below which docks leave too little of the picture."""


def available_area(window: QWidget) -> QRect:
    """What the screen has besides its own bars, in points."""
    return window.screen().availableGeometry()


def resize_first(window: QMainWindow) -> None:
    """Not larger than the screen; then all of it is to be seen, also the frame around it."""
    metric, style = QStyle.PixelMetric, window.style()
    title = style.pixelMetric(metric.PM_TitleBarHeight, None, window)
    side = style.pixelMetric(metric.PM_MdiSubWindowFrameWidth, None, window)
    area = available_area(window)
    room = area.size() - QSize(2 * side, title + side)
    size = FIRST.boundedTo(room)
    window.resize(size)
    if size != FIRST:  # else the window manager knows a better place
        left = area.left() + (area.width() - size.width() - 2 * side) // 2
        window.move(left, area.top() + (room.height() - size.height()) // 2)


class DockRoom:
    """Hides the docks while the window is narrow, unless the user asks for one, and brings them back."""

    def __init__(self, window: QMainWindow, docks: Mapping[str, QDockWidget], settings: Settings) -> None:
        self._window, self._docks, self._settings = window, docks, settings
        self._narrow = False
        self._hidden: list[str] = []
        """Those that come back when the window gets wider."""
        self._front = next(record.id for record in dock_table() if record.in_front)
        for name, dock in docks.items():
            dock.toggleViewAction().triggered.connect(partial(self._forget, name))

    def restore(self, was_left: bool) -> None:
        """Once the docks are as they were when the program was left.

        was_left: so is the window's size. Version 0.1 hid no docks: those of a narrow window were wanted.
        """
        self._narrow = self._settings.flag("window/narrow", was_left and self._window.width() < NARROW)
        if self._narrow:
            hidden = self._settings.texts("window/hidden_docks")
            self._hidden = [name for name in hidden if name in self._docks]

    def keep(self) -> None:
        self._settings.set("window/narrow", self._narrow)
        self._settings.set("window/hidden_docks", self._hidden)

    def fit(self) -> None:
        """To the window's width."""
        narrow = self._window.width() < NARROW
        if narrow == self._narrow or self._window.isFullScreen():
            return  # a presentation has put them away
        self._narrow = narrow
        if narrow:
            self._hidden = [n for n, dock in self._docks.items() if not dock.isHidden() and _docked(dock)]
            seen = [name for name in self._hidden if not self._docks[name].visibleRegion().isEmpty()]
            self._front = next(iter(seen), self._front)
            for name in self._hidden:
                self._docks[name].hide()
        else:
            for name in self._hidden:
                self._docks[name].show()
            if self._front in self._hidden:
                self._docks[self._front].raise_()
            self._hidden = []

    def _forget(self, name: str) -> None:
        """What the user did with a dock stays."""
        if name in self._hidden:
            self._hidden.remove(name)


def _docked(dock: QDockWidget) -> bool:
    """One that floats takes nothing from the picture."""
    return not dock.isFloating()
