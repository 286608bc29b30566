"""The bar of the class tabs: label, probability and a bar of it, painted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QTabBar

from camviewer.core.explanation import Explanation
from camviewer.ui.widgets import theme
from camviewer.ui.widgets.class_words import class_name, class_name_and_label
from camviewer.ui.widgets.icons import icon
from camviewer.ui.widgets.words import (
    percent,
    whole,
    with_native_keys,
)

_HEIGHT, _PAD = 42, 7
_LEAST, _STACKED, _MOST = 16, 9, 36
"""Widths of a tab in characters: at least; at least with the probability below the label; at most."""
_LEAST_LABEL = 7
"""Characters of a label that are to be seen beside its numbers."""
_LEAST_BAR = 0.004
"""A bar of less isn't painted."""
# Put together once: each frame paints with them.
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class _Shown:
    """What may change in a class's tab with each frame. change: percentage points, by an edit. share: of its
    bar, 0..1."""

    class_id: int
    value: str
    change: str
    share: float
    pinned: bool
    compared: bool


class _Look:
    """Colours and fonts of one painting."""

    def __init__(self, palette: QPalette, font: QFont) -> None:
        self.accent, self.muted, self.groove = (
            colour(palette) for colour in (theme.accent, theme.muted, theme.groove)
        )
        self.raised, self.against = theme.raised(palette), theme.against(palette)
        self.text = palette.windowText().color()
        self.plain, self.bold = QFont(font), QFont(font)
        self.plain.setBold(False)
        self.bold.setBold(True)
        self.plain_metrics, self.bold_metrics = QFontMetrics(self.plain), QFontMetrics(self.bold)


class ClassTabBar(QTabBar):
    """A QTabBar that paints probabilities. All tabs are equally wide, so that none moves another."""

    class_clicked = Signal(int)
    """A class was clicked, or reached by the keyboard."""
    class_double_clicked = Signal(int)
    compare_clicked = Signal(int)
    menu_requested = Signal(int, QPoint)
    """For a class, at a place of the screen."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[_Shown, ...] = ()
        self.other: int | None = None
        self.shows_before = False
        """Whether the numbers are those before the edit."""
        self.pinned: tuple[int, ...] = ()
        self._slots: Mapping[int, int] = {}
        self._stacked = False
        self.setMinimumHeight(self._tab_height(False))
        self.setExpanding(False)
        self.setDrawBase(False)
        self.setUsesScrollButtons(True)
        self.setElideMode(Qt.TextElideMode.ElideRight)
        self.setMouseTracking(True)
        # The keyboard reaches tabs by 1…9; arrow keys are for frames and files.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_context_menu_requested)
        self.tabBarClicked.connect(self._on_tab_clicked)
        self.currentChanged.connect(self._on_tab_clicked)
        self.tabBarDoubleClicked.connect(self._on_tab_double_clicked)

    # What is shown

    def show_classes(
        self, explanation: Explanation, classes: Sequence[int], pinned: tuple[int, ...], chosen: int | None
    ) -> None:
        """A tab for each class, in this order: texts only where they changed, numbers always."""
        self.blockSignals(True)
        for index, class_id in enumerate(classes):
            if index >= self.count():
                self.addTab("")
            if self.tabData(index) != class_id:
                label = class_name_and_label(explanation.labels, class_id)
                self.setTabData(index, class_id)
                self.setTabText(index, class_name(explanation.labels, class_id))
                tip = self.tr("{0}, class {1}\nCtrl+click: why the chosen class and not this one")
                self.setTabToolTip(index, with_native_keys(tip).format(label, class_id))
        while self.count() > len(classes):
            self.removeTab(self.count() - 1)
        self.pinned = pinned
        before, self._shown = self._shown, tuple(self._seen(explanation, class_id) for class_id in classes)
        if len(before) != len(classes):
            before = ()
            self.update()
        for index, shown in enumerate(self._shown):
            if not before or shown != before[index]:
                self.setAccessibleTabName(index, self._spoken(self.tabText(index), shown))
                self.update(self.tabRect(index))
        current = self.index_of(chosen)
        if current != self.currentIndex():
            self.setCurrentIndex(current)
        self.blockSignals(False)

    def set_colours(self, slots: Mapping[int, int]) -> None:
        """As the curves of the classes have them. Of a class that has none its bar is as usual."""
        if slots != self._slots:
            self._slots = dict(slots)
            self.update()

    def _seen(self, explanation: Explanation, class_id: int) -> _Shown:
        probability, before, change = float(explanation.probabilities[class_id]), explanation.before, ""
        if before is not None and self.shows_before:
            probability = float(before.prediction.probabilities[class_id])
        elif before is not None:
            change = _rise(probability - float(before.prediction.probabilities[class_id]))
        share = probability if probability > _LEAST_BAR else 0.0
        pinned, compared = class_id in self.pinned, class_id == self.other
        return _Shown(class_id, percent(probability), change, share, pinned, compared)

    def clear_tabs(self) -> None:
        self.blockSignals(True)
        while self.count():
            self.removeTab(0)
        self._shown = ()
        self.blockSignals(False)

    def _spoken(self, label: str, shown: _Shown) -> str:
        """A tab for screen readers: what the eye sees of it."""
        text = f"{label}, {shown.value}"
        if shown.change:
            text = self.tr("{0}, {1} points by the edit").format(text, shown.change)
        if shown.pinned:
            text = self.tr("{0}, pinned").format(text)
        if shown.compared:
            text = self.tr("{0}, compared").format(text)
        return text

    def class_at(self, index: int) -> int | None:
        data = self.tabData(index)
        return int(data) if data is not None else None  # of -1, where no tab is, there is no data

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

    # What the user does

    @Slot(int)
    def _on_tab_clicked(self, index: int) -> None:
        class_id = self.class_at(index)
        if class_id is not None:
            self.class_clicked.emit(class_id)

    @Slot(int)
    def _on_tab_double_clicked(self, index: int) -> None:
        class_id = self.class_at(index)
        if class_id is not None:
            self.class_double_clicked.emit(class_id)

    @Slot(QPoint)
    def _on_context_menu_requested(self, place: QPoint) -> None:
        index = self.tabAt(place)
        if self.hasFocus() and not self.underMouse():  # asked for by its key
            index = self.currentIndex()
            place = self.tabRect(index).bottomLeft()
        class_id = self.class_at(index)
        if class_id is not None:
            self.menu_requested.emit(class_id, self.mapToGlobal(place))

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
        look, wanted = _Look(self.palette(), self.font()), event.region()
        for index, shown in enumerate(self._shown):
            rect = self.tabRect(index)
            if wanted.intersects(rect):
                self._paint_tab(painter, look, index, rect, shown, rect.contains(pointer))

    def _paint_tab(
        self, painter: QPainter, look: _Look, index: int, rect: QRect, shown: _Shown, hovered: bool
    ) -> None:
        chosen = index == self.currentIndex()
        compared = shown.class_id == self.other and not chosen
        if chosen or hovered:
            ground = QColor(look.raised)
            if not chosen:
                ground.setAlpha(110)
            painter.setPen(look.groove if chosen else Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            painter.drawRoundedRect(QRectF(rect).adjusted(2.5, 2.5, -2.5, -2.5), 6, 6)
            if chosen and self.hasFocus():
                painter.setPen(look.accent)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(QRectF(rect).adjusted(1.5, 1.5, -1.5, -1.5), 7, 7)
        if compared:
            painter.setPen(QPen(look.against, 1.4, Qt.PenStyle.DashLine))
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
        if shown.pinned:
            side = min(inner.height(), round(0.8 * self.fontMetrics().height()))
            icon("pin").paint(painter, QRect(inner.left() - 4, inner.center().y() - side // 2, side, side))
            inner.setLeft(inner.left() + side)
        painter.setFont(look.bold if chosen else look.plain)
        metrics = look.bold_metrics if chosen else look.plain_metrics
        painter.setPen(look.accent if chosen else look.muted)
        value, label = f"{shown.value} {shown.change}".rstrip(), self.tabText(index)
        if not self._stacked:  # the change gives way to the beginning of the label
            needed = min(metrics.horizontalAdvance(label), _LEAST_LABEL * metrics.averageCharWidth())
            if inner.width() - metrics.horizontalAdvance(value) - 8 < needed:
                value = shown.value
        painter.drawText(lower, _RIGHT, value)
        painter.setPen(look.text if chosen else look.muted)
        space = inner.width() - (0 if self._stacked else metrics.horizontalAdvance(value) + 8)
        text = f"− {label}" if compared else label
        painter.drawText(inner, _LEFT, metrics.elidedText(text, Qt.TextElideMode.ElideRight, space))
        bar = QRectF(rect.left() + _PAD + 2, rect.bottom() - 10, rect.width() - 2 * _PAD - 4, 3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.groove)
        painter.drawRoundedRect(bar, 1.5, 1.5)
        slot = self._slots.get(shown.class_id)
        if shown.share > 0 or slot is not None:
            least = 3.0 if slot is None else 10.0  # its colour is to be seen
            bar.setWidth(max(bar.width() * shown.share, least))
            painter.setBrush(look.accent if slot is None else theme.series(self.palette(), slot))
            painter.drawRoundedRect(bar, 1.5, 1.5)

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.HoverMove, QEvent.Type.Leave, QEvent.Type.Enter):
            self.update()
        return super().event(event)


def _rise(share: float) -> str:
    """``▲31`` or ``▼31``: percentage points, where there is at least one."""
    whole_points = round(100 * abs(share))
    return f"{'▲' if share > 0 else '▼'}{whole(whole_points)}" if whole_points else ""
