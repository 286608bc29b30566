"""The photos of a review as tiles: the list, small overlays made in another thread, and their painting."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QRunnable,
    QSize,
    Qt,
    QThreadPool,
    Signal,
    Slot,
)
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from camviewer.core.review.items import Reviewed
from camviewer.core.review.thumbnails import (
    Thumbnail,
    ThumbnailStore,
)
from camviewer.core.scaling import Scale
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.review.overlays import overlays
from camviewer.ui.widgets import theme
from camviewer.ui.widgets.class_words import class_name, class_name_and_label
from camviewer.ui.widgets.words import (
    percent,
    translated,
)

SIDE, GAP, PAD = 150, 6, 10
"""Points: an overlay's usual least width, between two overlays, around a tile's content."""
LEAST_SIDE, LARGEST_SIDE = 80, 400
"""Points: between which the user chooses an overlay's least width."""
LINE = 17
"""Points of a line of text of the usual size."""
ASPECT = 0.78
"""Height to width of an overlay's place: most photos are landscapes."""
PAINTED = 240
"""Points of an overlay's longer side; drawn smaller or larger as the tiles' size asks for."""
KEPT = 160
"""So many overlays are kept in memory, more if they are small: several screens full."""
Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()
translate = QCoreApplication.translate


class TileModel(QAbstractListModel):
    """The items that are listed, in order; `Qt.UserRole` is the item, its text is for screen readers."""

    def __init__(self) -> None:
        super().__init__()
        self.items: list[Reviewed] = []
        self.order: list[int] = []
        self.labels: tuple[str, ...] = ()
        self.marked: set[Path] = set()
        """Photos that the user marked, of this and other reviews."""

    def show_order(self, order: Sequence[int]) -> None:
        if list(order) != self.order:
            self.beginResetModel()
            self.order = list(order)
            self.endResetModel()

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.order)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        item = self.items[self.order[index.row()]]
        if role == Qt.ItemDataRole.UserRole:
            return item
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            texts = tile_texts(item, self.labels, class_name_and_label)
            lines = [str(item.path), *texts, *border_texts(item)]
            if item.path in self.marked:
                lines.append(translate("tiles", "Marked"))
            return "\n".join(lines)
        return None


def border_texts(item: Reviewed) -> list[str]:
    """How much of the evidence lies at the border, if that is known."""
    if item.border is None:
        return []
    return [translate("tiles", "{0} of the evidence at the border").format(percent(item.border))]


def tile_texts(
    item: Reviewed, labels: Sequence[str], named: Callable[[Sequence[str], int], str] = class_name
) -> tuple[str, str]:
    """The two lines below a tile: what it was taken for; what it truly is, or its name."""
    predicted = item.predicted
    if item.problem is not None or predicted is None:
        return translated(item.problem or ""), item.path.name
    first = f"{named(labels, predicted.class_id)} {percent(predicted.probability)}"
    if item.correct is False and item.truth is not None:
        known = f" {percent(item.true.probability)}" if item.true is not None else ""
        return f"✗ {first}", f"✓ {named(labels, item.truth)}{known}"
    return (f"✓ {first}" if item.correct else first), item.path.name


def tile_overlays(item: Reviewed, thumbnail: Thumbnail, style: OverlayStyle, side: int) -> list[QImage]:
    """As `media.review.overlays.overlays`; side: pixels of the longer side."""
    photo = QImage.fromData(thumbnail.jpeg)
    size = photo.size().scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio)
    return overlays(photo, item, thumbnail, style, size)


class _Paint(QRunnable):
    def __init__(
        self, tiles: Tiles, item: Reviewed, store: ThumbnailStore, style: OverlayStyle, side: int
    ) -> None:
        super().__init__()
        self._tiles, self._item, self._store, self._style, self._side = tiles, item, store, style, side

    def run(self) -> None:
        images: list[QImage] = []
        if self._item.thumbnail is not None:
            with suppress(ValueError, OSError):  # the review was closed meanwhile
                thumbnail = self._store.get(self._item.thumbnail)
                images = tile_overlays(self._item, thumbnail, self._style, self._side)
        with suppress(RuntimeError):  # the window is gone
            self._tiles.painted.emit(self._item, images)


class Tiles(QObject):
    """Small overlays by item, made in one other thread, the newest wish first."""

    painted = Signal(object, object)
    ready = Signal()
    """More of them are there."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self, maxThreadCount=1)
        self._kept: OrderedDict[Path, list[QImage]] = OrderedDict()
        self._wished: set[Path] = set()
        self._count = 0
        self._style, self._side, self._ratio, self._shown = OverlayStyle(), PAINTED, 1.0, SIDE
        self.store: ThumbnailStore | None = None
        self.painted.connect(self._on_painted)

    def show_style(self, style: OverlayStyle, ratio: float) -> None:
        """Of the overlays from now on. ratio: device pixels a point."""
        plain = OverlayStyle(
            style.colormap,
            style.opacity,
            style.visible,
            style.follow_value,
            Scale.MAP,
            style.interpolation,
        )
        self._ratio = ratio
        self._show(plain, self._shown)

    def show_size(self, side: int) -> None:
        """Of the tiles, in points: large ones need larger overlays."""
        self._show(self._style, side)

    def _show(self, style: OverlayStyle, shown: int) -> None:
        self._shown = shown
        side = round((PAINTED if shown <= PAINTED else 2 * PAINTED) * self._ratio)
        if (style, side) != (self._style, self._side):
            self._style, self._side = style, side
            self.clear()
            self.ready.emit()

    def forget(self, path: Path) -> None:
        """Make a photo's overlays anew: its true class is another now."""
        self._kept.pop(path, None)
        self._wished.discard(path)

    def clear(self) -> None:
        self._pool.clear()
        self._kept.clear()
        self._wished.clear()

    def close(self) -> None:
        self.clear()
        self._pool.waitForDone()
        self.store = None

    def get(self, item: Reviewed) -> list[QImage] | None:
        """None while they are being made."""
        if item.path in self._kept:
            self._kept.move_to_end(item.path)
            return self._kept[item.path]
        if item.path not in self._wished and self.store is not None:
            self._wished.add(item.path)
            self._count += 1
            # What was scrolled away is wanted least.
            self._pool.start(_Paint(self, item, self.store, self._style, self._side), self._count)
        return None

    @Slot(object, object)
    def _on_painted(self, item: Reviewed, images: list[QImage]) -> None:
        if item.path not in self._wished:
            return
        self._wished.discard(item.path)
        self._kept[item.path] = images
        while len(self._kept) > KEPT * SIDE // min(self._shown, SIDE):
            self._kept.popitem(last=False)
        self.ready.emit()


class TileDelegate(QStyledItemDelegate):
    """Paints a tile: one overlay, or two side by side for a mistake if `wide`."""

    def __init__(self, tiles: Tiles, model: TileModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tiles, self._model = tiles, model
        self._side = SIDE
        self.least = SIDE
        """Points: an overlay's least width, as the user wants it."""
        self.wide = False

    @property
    def _columns(self) -> int:
        return 2 if self.wide else 1

    def fit(self, width: int, spacing: int, line: int = LINE) -> bool:
        """Let tiles fill a row of this width; whether their size is another now. line: the height of text,
        which larger tiles have room for."""
        usual = round(self.least * max(1.0, line / LINE))
        least = self._columns * (usual + GAP) - GAP + 2 * PAD + spacing
        width -= spacing + 1  # a row that is full to the last point would be broken
        tiles = max(width // least, 1)
        room = width // tiles - spacing - 2 * PAD - (self._columns - 1) * GAP
        side, self._side = self._side, max(room // self._columns, SIDE // 2)
        self._tiles.show_size(self._side)
        return side != self._side

    def _place(self, inner: QRect, column: int) -> QRect:
        left = inner.left() + column * (self._side + GAP)
        return QRect(left, inner.top(), self._side, round(self._side * ASPECT))

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        width = self._columns * (self._side + GAP) - GAP
        height = round(self._side * ASPECT) + 2 * option.fontMetrics.height() + 6
        return QSize(width + 2 * PAD, height + 2 * PAD)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        item = index.data(Qt.ItemDataRole.UserRole)
        assert isinstance(item, Reviewed)
        palette, rect = option.palette, option.rect
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if chosen or hovered:
            ground = QColor(theme.hovered(palette))
            painter.setPen(QPen(theme.accent(palette), 1.5) if chosen else Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            painter.drawRoundedRect(QRectF(rect).adjusted(2, 2, -2, -2), 6, 6)
        inner = rect.adjusted(PAD, PAD, -PAD, -PAD)
        first = self._paint_overlays(painter, option, item, inner)
        self._paint_texts(painter, option, item, inner)
        if item.path in self._model.marked:
            _paint_mark(painter, option, first)
        painter.restore()

    def _paint_overlays(
        self, painter: QPainter, option: QStyleOptionViewItem, item: Reviewed, inner: QRect
    ) -> QRect:
        """Where the first one is."""
        first = self._place(inner, 0)
        images = self._tiles.get(item) if item.thumbnail is not None else []
        shown = (images or [])[: self._columns]
        if not shown:
            place = self._place(inner, 0)
            painter.setPen(QPen(theme.groove(option.palette), 1, Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(place)
            if images is not None:
                painter.setPen(theme.muted(option.palette))
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, "—")
        for column, image in enumerate(shown):
            place = self._place(inner, column)
            size = image.size().scaled(place.size(), Qt.AspectRatioMode.KeepAspectRatio)
            corner = QPoint(
                place.left() + (place.width() - size.width()) // 2,
                place.top() + (place.height() - size.height()) // 2,
            )
            painter.drawImage(QRect(corner, size), image)
            first = QRect(corner, size) if column == 0 else first
        return first

    def _paint_texts(
        self, painter: QPainter, option: QStyleOptionViewItem, item: Reviewed, inner: QRect
    ) -> None:
        palette, height, width = option.palette, option.fontMetrics.height(), inner.width()
        first, second = tile_texts(item, self._model.labels)
        top = self._place(inner, 0).bottom() + 5
        plain, muted = palette.windowText().color(), theme.muted(palette)
        lines = [(first, inner.left(), top, width, plain, True)]
        if self.wide and item.correct is False:
            # Each below its own overlay, and the file's name below both.
            lines = [
                (first, inner.left(), top, self._side, plain, True),
                (second, self._place(inner, 1).left(), top, self._side, plain, False),
                (item.path.name, inner.left(), top + height, width, muted, False),
            ]
        else:
            colour = plain if item.correct is False else muted
            lines.append((second, inner.left(), top + height, width, colour, False))
        for text, left, line, room, colour, bold in lines:
            font = QFont(option.font)
            font.setBold(bold)
            painter.setFont(font)
            painter.setPen(colour)
            elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, room)
            painter.drawText(QRect(left, line, room, height), Qt.AlignmentFlag.AlignLeft, elided)


def _paint_mark(painter: QPainter, option: QStyleOptionViewItem, place: QRect) -> None:
    """A star in the corner, on a ground that is dark over any photo."""
    side = option.fontMetrics.height() + 6
    corner = QRect(place.right() - side - 3, place.top() + 4, side, side)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.BUBBLE)
    painter.drawEllipse(corner)
    painter.setPen(QColor("#ffb020"))
    painter.setFont(option.font)
    painter.drawText(corner, Qt.AlignmentFlag.AlignCenter, "★")
