"""DockScroll: a dock's content, which scrolls up and down where it doesn't fit."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QDockWidget, QScrollArea, QStyle, QWidget


class DockScroll(QScrollArea):
    """Never narrower than its content: text that sticks out sideways could not be reached.

    Off while the dock is behind another's tab: Qt moves it out of the window then, where the Tab key would
    still go.
    """

    def __init__(self, content: QWidget, dock: QDockWidget) -> None:
        super().__init__()
        dock.visibilityChanged.connect(self.setEnabled)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(content)
        content.installEventFilter(self)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._width(), 120)

    def sizeHint(self) -> QSize:
        content = self.widget()
        height = content.sizeHint().height() if content is not None else 0
        return QSize(self._width(), height)

    def _width(self) -> int:
        content = self.widget()
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent, None, self)
        return bar + (content.minimumSizeHint().width() if content is not None else 0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)
