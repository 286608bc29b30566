"""ClassCard: one of one's own classes: its name, a button to hold while it is shown, and its examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QIcon,
    QImage,
    QKeyEvent,
    QPixmap,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QLineEdit,
    QListView,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSizePolicy,
    QToolButton,
)

from camviewer.core.models.taught import LONGEST
from camviewer.core.training.project import KeptExample, OwnClass
from camviewer.ui.widgets.icons import fit_icons, icon
from camviewer.ui.widgets.words import whole

_FILE = Qt.ItemDataRole.UserRole
SIDE = 44
"""Pixels of the side of an example's picture."""


class Pictures(QListWidget):
    """A row of pictures. Enter or a double click opens one; Delete takes those that are chosen away."""

    removed = Signal(list)
    """Names of files."""
    opened = Signal(str)

    def __init__(self, name: str, side: int = SIDE, *, captions: bool = False) -> None:
        """captions: under each; then the first ones are in view, else the last ones."""
        super().__init__()
        self._captions = captions
        self._files: tuple[str, ...] = ()
        self.setAccessibleName(name)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setWrapping(False)
        self.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        self.setUniformItemSizes(True)
        self.setSpacing(1)
        self.setIconSize(QSize(side, side))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setAutoFillBackground(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)  # the wheel goes along
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.itemActivated.connect(lambda item: self.opened.emit(item.data(_FILE)))

    def show_pictures(self, pictures: Sequence[tuple[str, QImage | None, str, str]]) -> None:
        """Files, what they look like (None while that isn't known), captions and tooltips.

        Only changes cost work.
        """
        files = tuple(file for file, *_ in pictures)
        if files != self._files:
            kept = len(self._files)
            if files[:kept] != self._files:
                self.clear()
                kept = 0
            for file in files[kept:]:
                item = QListWidgetItem()
                item.setData(_FILE, file)
                item.setSizeHint(self.iconSize() + QSize(4, 4 + self._caption_height))
                self.addItem(item)
            self._files = files
            if files and not self._captions:
                self.scrollToItem(self.item(len(files) - 1))
        for row, (_, image, caption, tip) in enumerate(pictures):
            item = self.item(row)
            if image is not None and item.icon().isNull():
                item.setIcon(QIcon(QPixmap.fromImage(image)))
            if self._captions:
                item.setText(caption)
            item.setToolTip(tip)

    @property
    def _caption_height(self) -> int:
        return self.fontMetrics().height() + 2 if self._captions else 0

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.iconSize().height() + 10 + self._caption_height)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Along the row where it is longer than its place; else the dock scrolls."""
        bar, turned = self.horizontalScrollBar(), event.angleDelta()
        moved = turned.x() or turned.y()
        if bar.maximum() == 0 or not moved:
            event.ignore()
            return
        bar.setValue(bar.value() - moved)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            chosen = [item.data(_FILE) for item in self.selectedItems()]
            if chosen:
                self.removed.emit(chosen)
            return
        super().keyPressEvent(event)


class ClassCard(QFrame):
    """Photos and folders can be dropped on it."""

    renamed = Signal(int, str)
    removed = Signal(int)
    hold_began = Signal(int)
    hold_ended = Signal(int)
    photos_wanted = Signal(int)
    photos_dropped = Signal(int, list)
    """Its key, and paths."""
    examples_removed = Signal(list)
    example_opened = Signal(str)

    def __init__(self, shown: OwnClass, number: int) -> None:
        """number: from 1; the key that holds its button."""
        super().__init__()
        self.key = shown.key
        self.setAcceptDrops(True)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.name = QLineEdit(shown.name)
        self.name.setMaxLength(LONGEST)
        self.name.setAccessibleName(self.tr("Name of the class"))
        self.name.editingFinished.connect(self._on_name_finished)
        self._count = QLabel()
        remove = QToolButton()
        remove.setIcon(icon("close"))
        remove.setAutoRaise(True)
        remove.setToolTip(self.tr("Take this class away, with its examples"))
        remove.setAccessibleName(self.tr("Take away"))
        remove.clicked.connect(lambda: self.removed.emit(self.key))
        self.hold = QPushButton(self.tr("Hold while you show it"))
        self.hold.setIcon(icon("record"))
        if number < 10:
            self.hold.setToolTip(
                self.tr("As long as it is held, pictures are taken. Here the key {0} does the same.").format(
                    number
                )
            )
        self.hold.pressed.connect(lambda: self.hold_began.emit(self.key))
        self.hold.released.connect(lambda: self.hold_ended.emit(self.key))
        photos = QToolButton()
        photos.setIcon(icon("plus"))
        photos.setToolTip(self.tr("Add photos of it; photos and folders can be dropped here, too"))
        photos.setAccessibleName(self.tr("Add photos"))
        photos.clicked.connect(lambda: self.photos_wanted.emit(self.key))
        self._buttons = (self.hold, photos)
        fit_icons(remove, *self._buttons)
        self.pictures = Pictures(self.tr("Examples"))
        self.pictures.setToolTip(self.tr("Delete takes an example away, a double click shows it"))
        self.pictures.removed.connect(self.examples_removed)
        self.pictures.opened.connect(self.example_opened)
        grid = QGridLayout(self)
        grid.setContentsMargins(8, 6, 6, 6)
        grid.setSpacing(4)
        grid.addWidget(self.name, 0, 0)
        grid.addWidget(self._count, 0, 1)
        grid.addWidget(remove, 0, 2)
        grid.addWidget(self.hold, 1, 0, 1, 2)
        grid.addWidget(photos, 1, 2)
        grid.addWidget(self.pictures, 2, 0, 1, 3)
        grid.setColumnStretch(0, 1)

    def show_class(
        self, shown: OwnClass, examples: Sequence[KeptExample], thumbnails: Mapping[str, QImage]
    ) -> None:
        """Bring it up to date."""
        if not self.name.hasFocus() and self.name.text() != shown.name:
            self.name.setText(shown.name)
        self._count.setText(whole(len(examples)))
        self._count.setToolTip(self.tr("Examples"))
        self.pictures.setVisible(bool(examples))
        self.pictures.show_pictures([(each.file, thumbnails.get(each.file), "", "") for each in examples])

    def set_can_show(self, on: bool) -> None:
        """Whether there is a camera, video or picture to take examples of, and a model that can be taught."""
        self.hold.setEnabled(on)

    def _on_name_finished(self) -> None:
        name = self.name.text().strip()
        if name:
            self.renamed.emit(self.key, name)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            self.photos_dropped.emit(self.key, paths)
            event.acceptProposedAction()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_buttons"):
            fit_icons(*self._buttons)
