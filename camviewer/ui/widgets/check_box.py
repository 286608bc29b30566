"""CheckBox: one whose empty box can be seen."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QStyle, QStyleOptionButton

from camviewer.ui.widgets import theme


class CheckBox(QCheckBox):
    """The Fusion style's own frame has a contrast of hardly more than 1:1; this one has 3:1 and more."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.style().objectName().lower() != "fusion":
            return
        option = QStyleOptionButton()
        self.initStyleOption(option)
        box = self.style().subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.muted(self.palette()) if self.isEnabled() else theme.groove(self.palette()))
        painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)
