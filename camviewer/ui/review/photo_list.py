"""PhotoList: the photos of a review as tiles, one of them chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QObject, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QListView

from camviewer.core.review.items import Reviewed
from camviewer.core.review.order import (
    Listing,
    listed,
)
from camviewer.core.review.thumbnails import ThumbnailStore
from camviewer.media.drawing.style import OverlayStyle
from camviewer.ui.review.empty_text import paint_empty_text
from camviewer.ui.review.tiles import (
    TileDelegate,
    TileModel,
    Tiles,
)

SPACING = 4
_NOTCH = 120
"""Eighths of a degree of a wheel's step."""


class PhotoList(QListView):
    """Lists the items that a listing asks for, in its order."""

    item_opened = Signal(object)
    """Reviewed: to be seen large."""
    menu_requested = Signal(object, QPoint)
    """Reviewed, and where its menu is to be, on the screen."""
    mark_requested = Signal(object)
    """Reviewed: to be marked, or not any more."""
    size_requested = Signal(int)
    """By so many steps larger."""

    def __init__(self) -> None:
        super().__init__()
        self._empty_text = ""
        self._turned = 0
        """Of the wheel, what isn't a whole step yet."""
        self.photos = TileModel()
        self.tiles = Tiles(self)
        self._delegate = TileDelegate(self.tiles, self.photos, self)
        self.tiles.ready.connect(self.viewport().update)
        self.setModel(self.photos)
        self.setItemDelegate(self._delegate)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setSpacing(SPACING)
        self.viewport().installEventFilter(self)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)  # its coming would refit tiles
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setAccessibleName(self.tr("Photos of the review"))
        self.activated.connect(self._on_activated)

    # What is shown

    @property
    def labels(self) -> tuple[str, ...]:
        return self.photos.labels

    @property
    def shown(self) -> tuple[Reviewed, ...]:
        """The photos that are listed, from first to last."""
        return tuple(self.photos.items[i] for i in self.photos.order)

    def begin(self, store: ThumbnailStore) -> None:
        """A new review: nothing of the one before stays."""
        self.tiles.clear()
        self.tiles.store = store
        self.photos.items, self.photos.labels = [], ()
        self.photos.show_order(())

    def show_listing(self, listing: Listing, wide: bool, empty_text: str = "") -> None:
        """List anew, with the same photo chosen, and about the same place in view.

        wide: two overlays a mistake, side by side. empty_text: what is said if there is none to list.
        """
        self._empty_text = empty_text
        self._delegate.wide = wide
        self._fit_tiles()
        current, place = self.current, self.verticalScrollBar().value()
        self.photos.show_order(listed(self.photos.items, listing, self.photos.marked))
        if current is not None:
            self.choose(current, scroll=False)
        self.verticalScrollBar().setValue(place)
        self.setAccessibleDescription(self.empty_text)
        self.viewport().update()

    @property
    def empty_text(self) -> str:
        """What is said in place of photos; "" where there are some."""
        return "" if self.photos.rowCount() else self._empty_text

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        paint_empty_text(self, self._empty_text)

    def show_style(self, style: OverlayStyle) -> None:
        self.tiles.show_style(style, self.devicePixelRatioF())

    def _fit_tiles(self) -> None:
        if self._delegate.fit(self.viewport().width(), SPACING, self.fontMetrics().height()):
            self.photos.layoutChanged.emit()

    def set_least_side(self, side: int) -> None:
        """Points: an overlay's least width."""
        self._delegate.least = side
        self._fit_tiles()

    @property
    def least_side(self) -> int:
        """Points: an overlay's least width."""
        return self._delegate.least

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._fit_tiles()
        return super().eventFilter(watched, event)

    # What the user does

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(event)
            return
        self._turned += event.angleDelta().y()
        steps = int(self._turned / _NOTCH)
        self._turned -= steps * _NOTCH
        if steps:
            self.size_requested.emit(steps)
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """By the mouse, of the photo under it; by the keyboard, of the chosen one."""
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        index = self.indexAt(event.pos()) if by_mouse else self.currentIndex()
        item = index.data(Qt.ItemDataRole.UserRole)
        if not isinstance(item, Reviewed):
            return
        if not by_mouse:
            self.scrollTo(index)
        place = event.globalPos() if by_mouse else self._middle(index)
        self.menu_requested.emit(item, place)

    def _middle(self, index: QModelIndex) -> QPoint:
        return self.viewport().mapToGlobal(self.visualRect(index).center())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        current = self.current
        if event.key() == Qt.Key.Key_M and not event.modifiers() and current is not None:
            self.mark_requested.emit(current)
        else:
            super().keyPressEvent(event)

    # The chosen photo

    @property
    def current(self) -> Reviewed | None:
        """The chosen photo."""
        item = self.currentIndex().data(Qt.ItemDataRole.UserRole)
        return item if isinstance(item, Reviewed) else None

    def choose(self, item: Reviewed, scroll: bool = True) -> None:
        for row, shown in enumerate(self.shown):
            if shown.path == item.path:
                place = self.photos.index(row)
                self.selectionModel().setCurrentIndex(place, QItemSelectionModel.SelectionFlag.ClearAndSelect)
                if scroll:
                    self.scrollTo(place)
                return

    def _mistakes(self) -> Sequence[Reviewed]:
        """In the list's order."""
        return [item for item in self.shown if item.correct is False]

    def place_among_mistakes(self, wanted: Reviewed) -> tuple[int, int]:
        """Which of how many, from 1; 0 if it is none of them."""
        paths = [item.path for item in self._mistakes()]
        return (paths.index(wanted.path) + 1 if wanted.path in paths else 0), len(paths)

    def go_to_mistake(self, step: int) -> Reviewed | None:
        """Choose the next mistake (or the one before, for -1) in the list's order, round and round."""
        mistakes, current = self._mistakes(), self.current
        if not mistakes:
            return None
        place = self.place_among_mistakes(current)[0] if current is not None else 0
        at = place - 1 if place else (-1 if step > 0 else 0)
        item = mistakes[(at + step) % len(mistakes)]
        self.choose(item)
        return item

    @Slot(QModelIndex)
    def _on_activated(self, index: QModelIndex) -> None:
        item = index.data(Qt.ItemDataRole.UserRole)
        if isinstance(item, Reviewed):
            self.item_opened.emit(item)
