"""WayBar: over the drawing. *Pool | Flatten*, and one more button."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget

from camviewer.ui.widgets import theme


class _Way(QToolButton):
    """The chosen one is underlined, as the chosen tab is."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        palette = self.palette()
        line = QRectF(4, self.height() - 3, self.width() - 8, 3)
        painter.fillRect(line, theme.accent(palette) if self.isChecked() else theme.groove(palette))


class WayBar(QWidget):
    """`choice` is hidden where nothing is pooled."""

    flatten_chosen = Signal(bool)
    pressed = Signal()

    def __init__(self, text: str, tool_tip: str) -> None:
        """Of the button at the right."""
        super().__init__()
        self.choice = QWidget()
        self.choice.setAccessibleName(self.tr("How features become scores"))
        self.pool = self._way(
            self.tr("Pool"), self.tr("As this network: the mean of each channel, then weights")
        )
        self.flatten = self._way(
            self.tr("Flatten"), self.tr("What changes in networks that put all features into one list")
        )
        group = QButtonGroup(self)
        row = QHBoxLayout(self.choice)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for button in (self.pool, self.flatten):
            group.addButton(button)
            row.addWidget(button)
        self.flatten.toggled.connect(self.flatten_chosen)
        self.button = QToolButton()
        self.button.setText(text)
        self.button.setToolTip(tool_tip)
        self.button.clicked.connect(self.pressed)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 4, 0, 6)
        outer.addWidget(self.choice)
        outer.addStretch(1)
        outer.addWidget(self.button)

    def _way(self, text: str, tool_tip: str) -> QToolButton:
        button = _Way()
        button.setText(text)
        button.setToolTip(tool_tip)
        button.setCheckable(True)
        button.setAutoRaise(True)
        return button

    def show_flatten(self, on: bool) -> None:
        """Without telling that it was chosen."""
        for button, checked in ((self.pool, not on), (self.flatten, on)):
            blocked = button.blockSignals(True)
            button.setChecked(checked)
            button.blockSignals(blocked)
