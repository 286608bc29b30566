"""ChannelEscape: Escape in the view leaves the chosen channel."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from camviewer.ui.picture.map_selection import MapSelection


class ChannelEscape(QObject):
    """Watches the page of the view: what the view, the tabs and their tools don't need Escape for."""

    def __init__(self, page: QWidget, selection: MapSelection, parent: QObject) -> None:
        super().__init__(parent)
        self._selection = selection
        page.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
            and self._selection.channel is not None
        ):
            self._selection.clear()
            return True
        return super().eventFilter(watched, event)
