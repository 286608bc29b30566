"""ScreenRate: how often the screen that a window is on refreshes, whichever that is."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QScreen, QWindow
from shiboken6 import isValid


class ScreenRate(QObject):
    """Follows a window from screen to screen, and the screens' settings."""

    changed = Signal(float)
    """Refreshes a second."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._window: QWindow | None = None
        self._screen: QScreen | None = None

    def watch(self, window: QWindow | None) -> None:
        """Follow this window. Call it whenever it is shown: Qt may have made another one for it."""
        if window is not None and window is not self._window:
            self._window = window
            window.screenChanged.connect(self._on_window_screen_changed)
            self._on_window_screen_changed()

    @Slot()
    def _on_window_screen_changed(self) -> None:
        """While no screen is plugged in, the rate stays."""
        before, self._screen = self._screen, self._window.screen() if self._window is not None else None
        if before is not None and isValid(before):  # it may have been unplugged
            before.refreshRateChanged.disconnect(self.changed)
        if self._screen is not None:
            self._screen.refreshRateChanged.connect(self.changed)
            self.changed.emit(self._screen.refreshRate())
