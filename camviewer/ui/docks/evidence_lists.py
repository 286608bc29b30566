"""The lists of the Evidence dock: rows of a name and a value, and bars. Painted; read and used like any list.

Painted because setting the texts of twenty labels would lay out the dock at each frame. List views because
those can be gone through and read aloud entry by entry.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QFocusEvent,
    QFont,
    QFontMetrics,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QScrollArea,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from camviewer.ui.widgets import theme

Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()
_ROW = 20
translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class Row:
    """One step: its name, its value, whether it is a result."""

    name: str
    value: str
    strong: bool = False

    def spoken(self) -> str:
        return f"{self.name}: {self.value}"


@dataclass(frozen=True, slots=True, eq=False)
class Bar:
    """One bar: for (positive) or against (negative). key: what a click emits; thumbnail: a small map; chosen:
    its class or channel is in view."""

    name: str
    value: float
    text: str
    key: int
    thumbnail: QImage | None = None
    chosen: bool = False

    def spoken(self) -> str:
        spoken = f"{self.name}: {self.text}"
        return translate("evidence", "{0}, chosen").format(spoken) if self.chosen else spoken


class Spoken(Protocol):
    """What a list paints as one entry."""

    def spoken(self) -> str:
        """All of it as text."""
        ...


class _Model(QAbstractListModel):
    """What is painted; its text is for screen readers and tool tips."""

    def __init__(self) -> None:
        super().__init__()
        self._entries: Sequence[Spoken] = ()

    def show_entries(self, entries: Sequence[Spoken]) -> None:
        if len(entries) != len(self._entries):
            self.beginResetModel()
            self._entries = entries
            self.endResetModel()
        elif entries:  # the current entry stays
            self._entries = entries
            self.dataChanged.emit(self.index(0), self.index(len(entries) - 1))

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole) and index.isValid():
            return self._entries[index.row()].spoken()
        return None


class _Height(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        view = self.parent()
        assert isinstance(view, PaintedList)
        return QSize(1, view.height_of(index.row()))


class PaintedList(QListView):
    """As high as its entries; the dock around it scrolls."""

    gap = 0

    def __init__(self, name: str) -> None:
        super().__init__()
        self._heights: tuple[int, ...] = ()
        self._model = _Model()
        self.setModel(self._model)
        self.setItemDelegate(_Height(self))
        self.setAccessibleName(name)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        for set_policy in (self.setVerticalScrollBarPolicy, self.setHorizontalScrollBarPolicy):
            set_policy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # A click must not take the keys of the view (Space, arrows) away from it.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def row_height(self) -> int:
        return max(self.fontMetrics().height() + 4, _ROW) + self.gap

    def show_entries(self, entries: Sequence[Spoken]) -> None:
        """Of the subclass, which paints them."""
        self._model.show_entries(entries)
        heights = tuple(self.height_of(row) for row in range(len(entries)))
        if heights != self._heights:
            self._heights = heights
            self.updateGeometry()
            self.scheduleDelayedItemsLayout()
        self.viewport().update()

    def dataChanged(self, first: Index, last: Index, roles: Sequence[int] = ()) -> None:
        # QListView's own would lay all entries out, and have them painted twice, at each frame.
        QAbstractItemView.dataChanged(self, first, last, list(roles))

    def height_of(self, row: int, width: int | None = None) -> int:
        """Of an entry, in the list's own width or another."""
        return self.row_height

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return sum(self.height_of(row, width) for row in range(self._model.rowCount()))

    def sizeHint(self) -> QSize:
        return QSize(240, self.heightForWidth(self.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()  # lines that were too long may fit now
            self.scheduleDelayedItemsLayout()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self._show_current()

    def _show_current(self) -> None:
        """Scroll the dock to the current entry."""
        area = self.parentWidget()
        while area is not None and not isinstance(area, QScrollArea):
            area = area.parentWidget()
        body = area.widget() if isinstance(area, QScrollArea) else None
        if isinstance(area, QScrollArea) and body is not None and self.hasFocus():
            place = self.mapTo(body, self.visualRect(self.currentIndex()).center())
            area.ensureVisible(place.x(), place.y(), 0, 2 * self.row_height)

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() == QEvent.Type.FocusIn:
            if not self.currentIndex().isValid():
                self.setCurrentIndex(self._model.index(0))
            self._show_current()
        return handled

    def paint_focus(self, painter: QPainter) -> None:
        """Around the entry that the keyboard is at."""
        if self.hasFocus() and self.currentIndex().isValid():
            painter.setPen(QPen(theme.accent(self.palette()), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.place_of(self.currentIndex().row()).adjusted(0, 0, -1, -1))

    def place_of(self, row: int) -> QRect:
        """Where an entry lies."""
        return next(islice(self.places(), row, None))

    def places(self) -> Iterator[QRect]:
        """Where the entries lie, one after the other."""
        top, width = 0, self.viewport().width()
        for row in range(self._model.rowCount()):
            height = self.height_of(row)
            yield QRect(0, top, width, height)
            top += height


class Rows(PaintedList):
    """Names at the left, values at the right; below each other where large text has no room beside."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._rows: tuple[Row, ...] = ()

    @property
    def rows(self) -> tuple[Row, ...]:
        return self._rows

    def show_rows(self, rows: tuple[Row, ...]) -> None:
        self._rows = rows
        self.show_entries(rows)

    def _font(self, row: Row) -> QFont:
        font = QFont(self.font())
        font.setBold(row.strong)
        return font

    def height_of(self, row: int, width: int | None = None) -> int:
        entry = self._rows[row]
        metrics = QFontMetrics(self._font(entry))
        needed = metrics.horizontalAdvance(entry.name) + metrics.horizontalAdvance(entry.value) + 8
        beside = needed <= (self.viewport().width() if width is None else width)
        return self.row_height if beside else self.row_height + metrics.height()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, palette = QPainter(self.viewport()), self.palette()
        for row, box in zip(self._rows, self.places(), strict=True):
            place = QRectF(box).adjusted(0, 2, 0, -2)
            beside = place.height() < self.row_height
            painter.setFont(self._font(row))
            down = Qt.AlignmentFlag.AlignVCenter if beside else Qt.AlignmentFlag.AlignBottom
            painter.setPen(theme.accent(palette) if row.strong else palette.windowText().color())
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | down, row.value)
            down = Qt.AlignmentFlag.AlignVCenter if beside else Qt.AlignmentFlag.AlignTop
            painter.setPen(palette.windowText().color() if row.strong else theme.muted(palette))
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | down, row.name)
        self.paint_focus(painter)


class Bars(PaintedList):
    """Bars from a common zero line, each with its number, so that no colour is needed to read them."""

    picked = Signal(int)
    """The key of a bar: clicked, or Enter or Space on it."""
    hovered = Signal(object)
    """The key (int) of the bar that is pointed at, by the pointer or the keyboard; None: none is."""
    gap = 2

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._bars: tuple[Bar, ...] = ()
        self._hovered = -1
        self._lit: int | None = None

    @property
    def bars(self) -> tuple[Bar, ...]:
        return self._bars

    def show_bars(self, bars: tuple[Bar, ...]) -> None:
        self._bars = bars
        self.show_entries(bars)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._bars:
            return
        painter, palette, height = QPainter(self.viewport()), self.palette(), self.row_height
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plain, bold, across = QFont(self.font()), QFont(self.font()), self.viewport().width()
        bold.setBold(True)
        metrics, wide = QFontMetrics(plain), QFontMetrics(bold)
        names = min(max(wide.horizontalAdvance(b.name) for b in self._bars) + 6, across * 2 // 5)
        texts = max(metrics.horizontalAdvance(b.text) for b in self._bars)
        thumbs = height if any(b.thumbnail is not None for b in self._bars) else 0
        left, right = thumbs + names + 10, across - texts - 8
        most = max(0.0, *(b.value for b in self._bars))
        least = min(0.0, *(b.value for b in self._bars))
        scale = (right - left) / ((most - least) or 1.0)
        zero = left - least * scale
        for i, (bar, box) in enumerate(zip(self._bars, self.places(), strict=True)):
            place = QRectF(box)
            top = place.top()
            if bar.chosen or i == self._hovered or bar.key == self._lit:
                painter.fillRect(place, theme.raised(palette))
            if bar.thumbnail is not None:
                painter.drawImage(QRectF(1, top + 1, height - 3, height - 3), bar.thumbnail)
            room = QRectF(thumbs + 4 if thumbs else 0, top, names, height)
            name = wide.elidedText(bar.name, Qt.TextElideMode.ElideRight, names)
            painter.setFont(bold if bar.chosen else plain)
            painter.setPen(palette.windowText().color() if bar.chosen else theme.muted(palette))
            painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
            length = bar.value * scale
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.accent(palette) if bar.value >= 0 else theme.against(palette))
            body = QRectF(zero + min(length, 0.0), top + height / 2 - 4, max(abs(length), 1.0), 8)
            painter.drawRoundedRect(body, 2, 2)
            painter.setFont(plain)
            painter.setPen(palette.windowText().color())
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, bar.text)
        painter.setPen(theme.groove(palette))
        painter.drawLine(QPointF(zero, 0), QPointF(zero, height * len(self._bars)))
        self.paint_focus(painter)

    def _index_at(self, y: float) -> int:
        index = int(y // self.row_height)
        return index if 0 <= index < len(self._bars) else -1

    def light(self, key: int | None) -> None:
        """Light the bar that is pointed at elsewhere."""
        if key != self._lit:
            self._lit = key
            self.viewport().update()

    def _hover(self, row: int) -> None:
        if row != self._hovered:
            self._hovered = row
            self.viewport().update()
            self.hovered.emit(self._bars[row].key if 0 <= row < len(self._bars) else None)

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        if self.hasFocus() and 0 <= current.row() < len(self._bars):
            self.hovered.emit(self._bars[current.row()].key)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.hovered.emit(None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._index_at(event.position().y()))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        index = self._index_at(event.position().y())
        if index >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(self._bars[index].key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.currentIndex().row()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and row >= 0:
            self.picked.emit(self._bars[row].key)
        else:
            super().keyPressEvent(event)
