"""A button that opens a menu."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QMenu, QStyle, QStyleOptionToolButton, QStylePainter, QToolButton

_LEAST = 6
"""Characters of a text that is cut."""
_PADDING = 4
"""Pixels beside a text that are given up before it is cut."""


class MenuButton(QToolButton):
    """Without the style's own arrow, which stands below the text in some styles and over it in others.

    By the style's option: a style sheet would hide the arrow too, but keep the colours of the appearance that
    it was made in.
    """

    def __init__(self, menu: QMenu) -> None:
        super().__init__()
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setMenu(menu)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def initStyleOption(self, option: QStyleOptionToolButton) -> None:
        super().initStyleOption(option)
        option.features &= ~QStyleOptionToolButton.ToolButtonFeature.HasMenu


class CutMenuButton(MenuButton):
    """Its text is cut in the middle where there is no room for it; who sets it sees to the tool tip."""

    def minimumSizeHint(self) -> QSize:
        whole, metrics = self.sizeHint(), self.fontMetrics()
        more = metrics.horizontalAdvance(self.text()) - _LEAST * metrics.averageCharWidth()
        return QSize(whole.width() - _PADDING - max(0, more), whole.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        missing = self.sizeHint().width() - self.width()
        if missing > _PADDING:
            metrics = self.fontMetrics()
            room = metrics.horizontalAdvance(self.text()) + _PADDING - missing
            option.text = metrics.elidedText(self.text(), Qt.TextElideMode.ElideMiddle, room)
        QStylePainter(self).drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)
