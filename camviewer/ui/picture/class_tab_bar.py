"""The bar of the class tabs: label, probability and a bar of it, painted."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QTabBar

from camviewer.ui.widgets import theme
from camviewer.ui.widgets.icons import icon
from camviewer.ui.widgets.words import percent

_HEIGHT, _PAD = 42, 7
_LEAST, _STACKED, _MOST = 16, 9, 36
"""Widths of a tab in characters: at least; at least with the probability below the label; at most."""


class ClassTabBar(QTabBar):
    """A QTabBar that paints probabilities. All tabs are equally wide, so that none moves another."""

    compare_clicked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.probabilities: dict[int, float] = {}
        self.other: int | None = None
        self.pinned: tuple[int, ...] = ()
        self._stacked = False
        self.setMinimumHeight(self._tab_height(False))
        self.setExpanding(False)
        self.setDrawBase(False)
        self.setUsesScrollButtons(True)
        self.setElideMode(Qt.TextElideMode.ElideRight)
        self.setMouseTracking(True)
        # The keyboard reaches tabs by 1…9; arrow keys are for frames and files.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def class_at(self, index: int) -> int | None:
        data = self.tabData(index)
        return int(data) if data is not None else None

    def index_of(self, class_id: int | None) -> int:
        return next((i for i in range(self.count()) if self.tabData(i) == class_id), -1)

    def set_stacked(self, stacked: bool) -> None:
        """Whether the probability stands below the label: large text has no room beside it."""
        height = self._tab_height(stacked)
        if (stacked, height) != (self._stacked, self.minimumHeight()):
            self._stacked = stacked
            self.setMinimumHeight(height)  # the view stays where it is when the first tabs come
            self.setMaximumHeight(height)
            self.setElideMode(self.elideMode())  # lays the tabs out anew

    def _tab_height(self, stacked: bool) -> int:
        return max(_HEIGHT, (2 if stacked else 1) * self.fontMetrics().height() + 24)

    def tabSizeHint(self, index: int) -> QSize:
        character = self.fontMetrics().averageCharWidth()
        least, most = (_STACKED if self._stacked else _LEAST) * character, _MOST * character
        width = self.width() // max(self.count(), 1)
        return QSize(min(max(width, least), most), self._tab_height(self._stacked))

    def minimumTabSizeHint(self, index: int) -> QSize:
        return self.tabSizeHint(index)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            class_id = self.class_at(self.tabAt(event.position().toPoint()))
            if class_id is not None:
                self.compare_clicked.emit(class_id)
            return  # the chosen tab stays chosen
        if event.button() != Qt.MouseButton.LeftButton:
            return  # a right click asks for the menu; QTabBar would take it for a choice
        super().mousePressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pointer = self.mapFromGlobal(self.cursor().pos()) if self.underMouse() else QPoint(-1, -1)
        for index in range(self.count()):
            rect = self.tabRect(index)
            if rect.intersects(event.rect()):
                self._paint_tab(painter, index, rect, rect.contains(pointer))

    def _paint_tab(self, painter: QPainter, index: int, rect: QRect, hovered: bool) -> None:
        palette, chosen = self.palette(), index == self.currentIndex()
        class_id = self.class_at(index)
        probability = self.probabilities.get(class_id if class_id is not None else -1, 0.0)
        if chosen or hovered:
            ground = QColor(theme.raised(palette))
            if not chosen:
                ground.setAlpha(110)
            painter.setPen(theme.groove(palette) if chosen else Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            painter.drawRoundedRect(QRectF(rect).adjusted(2.5, 2.5, -2.5, -2.5), 6, 6)
            if chosen and self.hasFocus():
                painter.setPen(theme.accent(palette))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(QRectF(rect).adjusted(1.5, 1.5, -1.5, -1.5), 7, 7)
        if class_id == self.other and not chosen:
            painter.setPen(QPen(theme.against(palette), 1.4, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(rect).adjusted(2.5, 2.5, -2.5, -2.5), 6, 6)
        inner = rect.adjusted(_PAD + 2, 4, -_PAD - 2, -13)
        lower = inner
        if self._stacked:
            middle = inner.center().y()
            inner, lower = (
                inner.adjusted(0, 0, 0, middle - inner.bottom()),
                inner.adjusted(0, inner.height() // 2, 0, 0),
            )
        if class_id in self.pinned:
            side = min(inner.height(), round(0.8 * self.fontMetrics().height()))
            icon("pin").paint(painter, QRect(inner.left() - 4, inner.center().y() - side // 2, side, side))
            inner.setLeft(inner.left() + side)
        font = self.font()
        font.setBold(chosen)
        painter.setFont(font)
        value = percent(probability)
        metrics = QFontMetrics(font)
        value_width = metrics.horizontalAdvance(value)
        painter.setPen(theme.accent(palette) if chosen else theme.muted(palette))
        painter.drawText(lower, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, value)
        painter.setPen(palette.windowText().color() if chosen else theme.muted(palette))
        space = inner.width() - (0 if self._stacked else value_width + 8)
        text = f"− {self.tabText(index)}" if class_id == self.other and not chosen else self.tabText(index)
        label = metrics.elidedText(text, Qt.TextElideMode.ElideRight, space)
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, label)
        bar = QRectF(rect.left() + _PAD + 2, rect.bottom() - 10, rect.width() - 2 * _PAD - 4, 3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.groove(palette))
        painter.drawRoundedRect(bar, 1.5, 1.5)
        if probability > 0.004:
            bar.setWidth(max(bar.width() * probability, 3.0))
            painter.setBrush(theme.accent(palette))
            painter.drawRoundedRect(bar, 1.5, 1.5)

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.HoverMove, QEvent.Type.Leave, QEvent.Type.Enter):
            self.update()
        return super().event(event)
