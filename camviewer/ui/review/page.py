"""ReviewPage: the photos of a folder as tiles, what is right and wrong about them, and the tables beside."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QObject, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QListView,
    QMenu,
    QProgressBar,
    QSizePolicy,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from camviewer.core.review.order import (
    Listing,
    Show,
    listed,
)
from camviewer.core.review.reviewer import (
    Reviewed,
    ThumbnailStore,
)
from camviewer.core.review.summary import (
    ClassRow,
    Confusion,
    Summary,
)
from camviewer.media.drawing.style import OverlayStyle
from camviewer.ui.review.choices import (
    ReviewChoices,
    review_button,
    review_row,
)
from camviewer.ui.review.tables import (
    class_table,
    confusion_table,
    headline,
)
from camviewer.ui.review.tiles import (
    TileDelegate,
    TileModel,
    Tiles,
)
from camviewer.ui.widgets.icons import fit_icons
from camviewer.ui.widgets.words import whole

SPACING, SIDES = 4, 12


class ReviewPage(QWidget):
    """Shows items and their summary; emits what the user asks for."""

    item_opened = Signal(object)
    """Reviewed: to be seen large."""
    closed = Signal()
    stop_requested = Signal()
    report_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._listing = Listing()
        self._has_truth = False
        self.model = TileModel()
        self.tiles = Tiles(self)
        self._delegate = TileDelegate(self.tiles, self.model, self)
        self.list = self._make_list()
        self.tiles.ready.connect(self.list.viewport().update)

        self._title = QLabel()
        font = self._title.font()
        font.setBold(True)
        self._title.setFont(font)
        self._progress = QProgressBar()
        self._progress.setFixedWidth(160)
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName(self.tr("Progress of the review"))
        self._count = QLabel()
        self._stop = review_button(self.tr("Stop"), "", self.stop_requested)
        self._close = review_button("", "close", self.closed)
        self._stop.setToolTip(self.tr("Stop the review; what is done stays"))
        self._close.setToolTip(self.tr("Back to the picture (Esc)"))
        self._close.setAccessibleName(self.tr("Back to the picture"))
        self._close.setAutoRaise(True)
        self._headline, self._notes = QLabel(), QLabel()
        for label in (self._headline, self._notes):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        large = self._headline.font()
        large.setPointSizeF(large.pointSizeF() * 1.25)
        large.setBold(True)
        self._headline.setFont(large)
        self._choices = ReviewChoices()
        self._choices.chosen.connect(self._on_choices_chosen)
        self._choices.filter_cleared.connect(self._on_choices_filter_cleared)
        self._choices.report_requested.connect(self.report_requested)
        self.classes = class_table(self._label)
        self.confusions = confusion_table(self._label)
        self.classes.clicked.connect(self._on_classes_clicked)
        self.classes.activated.connect(self._on_classes_clicked)
        self.confusions.clicked.connect(self._on_confusions_clicked)
        self.confusions.activated.connect(self._on_confusions_clicked)
        self._tables = QTabWidget()
        self._tables.setDocumentMode(True)
        self._tables.setUsesScrollButtons(False)
        self._tables.addTab(self.confusions, self.tr("Confused"))
        self._tables.addTab(self.classes, self.tr("Classes"))
        fit_icons(self._stop, self._close)
        self._lay_out()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            fit_icons(self._stop, self._close)

    def _make_list(self) -> QListView:
        view = QListView()
        view.setModel(self.model)
        view.setItemDelegate(self._delegate)
        view.setViewMode(QListView.ViewMode.IconMode)
        view.setResizeMode(QListView.ResizeMode.Adjust)
        view.setMovement(QListView.Movement.Static)
        view.setUniformItemSizes(True)
        view.setSpacing(SPACING)
        view.viewport().installEventFilter(self)
        view.setMouseTracking(True)
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)  # its coming would refit tiles
        view.setFrameShape(QListView.Shape.NoFrame)
        view.setAccessibleName(self.tr("Photos of the review"))
        view.activated.connect(self._on_list_activated)
        return view

    def _lay_out(self) -> None:
        top = review_row(self._title, self._progress, self._count, self._stop, None, self._close)
        body = QSplitter()
        body.addWidget(self.list)
        body.addWidget(self._tables)
        body.setStretchFactor(0, 3)
        body.setStretchFactor(1, 1)
        body.setSizes([700, 330])
        body.setChildrenCollapsible(False)
        # A narrow window stays as narrow as it may be for a picture.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        column = QVBoxLayout(self)
        column.setContentsMargins(SIDES, 8, SIDES, 8)
        column.setSpacing(6)
        column.addLayout(top)
        column.addWidget(self._headline)
        column.addWidget(self._notes)
        column.addWidget(self._choices)
        column.addWidget(body, 1)

    # What is shown

    def begin(self, folder: Path, store: ThumbnailStore) -> None:
        """A new review: nothing of the one before stays."""
        self.tiles.clear()
        self.tiles.store = store
        self.model.items, self.model.labels = [], ()
        self.model.show_order(())
        self._listing, self._has_truth = Listing(), False
        self._title.setText(folder.name or str(folder))
        self._title.setToolTip(str(folder))
        self._count.setText(self.tr("Listing the photos…"))
        self._progress.setRange(0, 0)
        self.set_running(True)
        for label in (self._headline, self._notes):
            label.clear()
            label.hide()
        self._tables.hide()
        self._show_listing()

    def set_known(self, labels: tuple[str, ...], has_truth: bool, notes: Sequence[str], source: str) -> None:
        """Once the folder is listed. source: where the true classes come from."""
        self.model.labels, self._has_truth = labels, has_truth
        self._choices.show_truth(source)
        self._notes.setText("\n".join(notes))
        self._notes.setVisible(bool(notes))
        self._tables.setVisible(has_truth)
        if has_truth:
            self._listing = Listing(Show.MISTAKES)
        self._show_listing()

    def set_running(self, running: bool) -> None:
        self._progress.setVisible(running)
        self._stop.setVisible(running)
        self._choices.set_report_enabled(not running)

    def show_progress(self, done: int, total: int) -> None:
        self._progress.setRange(0, max(total, 1))
        self._progress.setValue(done)
        self._count.setText(self.tr("{0} of {1}").format(whole(done), whole(total)))

    def show_items(self, items: list[Reviewed], summary: Summary) -> None:
        """Bring all up to date. items: the folder's photos so far, in its order."""
        self.model.items = items
        self._headline.setText(headline(summary))
        self._headline.setVisible(summary.top1.value is not None)
        self.classes.show_rows(summary.classes)
        self.confusions.show_rows(summary.confusions)
        self._relist()

    @property
    def truth_menu(self) -> QMenu:
        return self._choices.truth_menu

    @property
    def truth_text(self) -> str:
        """Where the true classes come from."""
        return self._choices.truth_text

    @property
    def headline(self) -> str:
        """The accuracy in a line; empty where no true class is known."""
        return self._headline.text()

    @property
    def filter_text(self) -> str:
        """The classes whose photos alone are listed; empty for those of all."""
        return self._choices.filter_text

    def show_style(self, style: OverlayStyle) -> None:
        self.tiles.show_style(style, self.devicePixelRatioF())

    def _label(self, class_id: int) -> str:
        return self.model.labels[class_id]

    def _relist(self) -> None:
        """List anew, with the same photo chosen, and about the same place in view."""
        current, place = self.current, self.list.verticalScrollBar().value()
        self.model.show_order(listed(self.model.items, self._listing))
        if current is not None:
            self.choose(current, scroll=False)
        self.list.verticalScrollBar().setValue(place)

    def _show_listing(self) -> None:
        listing = self._listing
        parts = []
        if listing.truth is not None:
            parts.append(self._label(listing.truth))
        if listing.predicted is not None:
            parts.append(self.tr("taken for {0}").format(self._label(listing.predicted)))
        self._choices.show_listing(listing, " ".join(parts), self._has_truth)
        wide = self._has_truth and listing.show is Show.MISTAKES
        self._delegate.wide = wide
        self._fit_tiles()
        self._relist()

    def _fit_tiles(self) -> None:
        if self._delegate.fit(self.list.viewport().width(), SPACING, self.fontMetrics().height()):
            self.model.layoutChanged.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._fit_tiles()
        return super().eventFilter(watched, event)

    # The chosen photo

    @property
    def current(self) -> Reviewed | None:
        item = self.list.currentIndex().data(Qt.ItemDataRole.UserRole)
        return item if isinstance(item, Reviewed) else None

    def choose(self, item: Reviewed, scroll: bool = True) -> None:
        for row, index in enumerate(self.model.order):
            if self.model.items[index].path == item.path:
                place = self.model.index(row)
                self.list.selectionModel().setCurrentIndex(
                    place, QItemSelectionModel.SelectionFlag.ClearAndSelect
                )
                if scroll:
                    self.list.scrollTo(place)
                return

    def _mistakes(self) -> list[Reviewed]:
        """In the list's order."""
        items = (self.model.items[i] for i in self.model.order)
        return [item for item in items if item.correct is False]

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

    # What the user does

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _on_choices_chosen(self) -> None:
        choices, listing = self._choices, self._listing
        self._listing = Listing(choices.show_what, choices.order, listing.truth, listing.predicted)
        self._show_listing()

    @Slot()
    def _on_choices_filter_cleared(self) -> None:
        self._listing = Listing(self._listing.show, self._listing.order)
        for table in (self.classes, self.confusions):
            table.clearSelection()
        self._show_listing()

    @Slot(QModelIndex)
    def _on_classes_clicked(self, index: QModelIndex) -> None:
        row = self.classes.row_at(index)
        if isinstance(row, ClassRow):
            self._listing = Listing(Show.ALL, self._listing.order, truth=row.class_id)
            self._show_listing()

    @Slot(QModelIndex)
    def _on_confusions_clicked(self, index: QModelIndex) -> None:
        row = self.confusions.row_at(index)
        if isinstance(row, Confusion):
            self._listing = Listing(Show.MISTAKES, self._listing.order, row.truth, row.predicted)
            self._show_listing()

    @Slot(QModelIndex)
    def _on_list_activated(self, index: QModelIndex) -> None:
        item = index.data(Qt.ItemDataRole.UserRole)
        if isinstance(item, Reviewed):
            self.item_opened.emit(item)
