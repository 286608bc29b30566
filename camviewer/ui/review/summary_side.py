"""SummarySide: the tables of a review, and below them the mean maps of what is chosen there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QSize, Qt, Signal, Slot
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import QSplitter, QTabWidget, QVBoxLayout, QWidget

from camviewer.core.review.mean_maps import MeanMaps
from camviewer.core.review.summary import ClassRow, Confusion, Summary
from camviewer.core.scaling import value_range
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.review.overlays import map_image
from camviewer.ui.review.mean_view import MeanView, NamedMean
from camviewer.ui.review.tables import RowsView, class_table, confusion_table

_MOST = 0.5
"""Of the height for the mean maps."""
_ICON = 28
"""Pixels of a small map in a row: four a cell of most networks."""


class SummarySide(QWidget):
    """Shows a summary and its mean maps; says which row the user chose."""

    row_chosen = Signal(object)
    """ClassRow or Confusion."""

    def __init__(self, label: Callable[[int], str]) -> None:
        """label: of a class id."""
        super().__init__()
        self._label = label
        self._means, self._style = MeanMaps(), OverlayStyle()
        self._icons: dict[object, QImage | None] = {}
        self.classes = class_table(label, self._icon)
        self.confusions = confusion_table(label, self._icon)
        self.mean_view = MeanView()
        self.tables = QTabWidget()
        self.tables.setDocumentMode(True)
        self.tables.setUsesScrollButtons(False)
        self.tables.addTab(self.confusions, self.tr("Confused"))
        self.tables.addTab(self.classes, self.tr("Classes"))
        self.tables.currentChanged.connect(self._show_means)
        for table in (self.classes, self.confusions):
            table.clicked.connect(self._on_table_clicked)
            table.activated.connect(self._on_table_clicked)
            table.selectionModel().currentRowChanged.connect(self._show_means)
        self._split = split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self.tables)
        split.addWidget(self.mean_view)
        split.setStretchFactor(0, 1)
        split.setChildrenCollapsible(False)
        split.splitterMoved.connect(self._on_split_moved)
        self._is_divided = False
        """By the user."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(split)

    def minimumSizeHint(self) -> QSize:
        """A narrow window stays as narrow as it may be for a frame."""
        return QSize(self.tables.minimumSizeHint().width(), 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._divide()

    @Slot()
    def _on_split_moved(self) -> None:
        self._is_divided = True

    def _divide(self) -> None:
        """The maps are as large as they are of use, if the tables keep more than half."""
        if not self._is_divided:
            below = min(self.mean_view.sizeHint().height(), round(_MOST * self.height()))
            self._split.setSizes([self.height() - below, below])

    def begin(self) -> None:
        """A new review: nothing of the one before stays."""
        for table in (self.classes, self.confusions):
            table.show_rows(())
        self.show_means(MeanMaps())

    def show_summary(self, summary: Summary) -> None:
        """The same rows stay chosen."""
        self.classes.show_rows(summary.classes)
        self.confusions.show_rows(summary.confusions)
        self._show_means()

    def show_means(self, means: MeanMaps) -> None:
        self._means = means
        self._forget_icons()
        self._show_means()

    def show_style(self, style: OverlayStyle) -> None:
        if style != self._style:
            self._style = style
            self.mean_view.show_style(style)
            self._forget_icons()

    def clear_selection(self) -> None:
        for table in (self.classes, self.confusions):
            table.selectionModel().setCurrentIndex(QModelIndex(), QItemSelectionModel.SelectionFlag.Clear)

    def _forget_icons(self) -> None:
        self._icons.clear()
        for table in (self.classes, self.confusions):
            table.viewport().update()

    def _icon(self, row: object) -> QImage | None:
        """A row's mean map, small: a class's own, or, of a pair, that of the predicted class.

        Made when a row is painted; 49 cells take some microseconds.
        """
        key = row.class_id if isinstance(row, ClassRow) else _pair(row)
        if key not in self._icons:
            mean = self._means.of_class(key) if isinstance(key, int) else self._means.of_pair(*key)[0]
            image = None
            if mean is not None:
                shown = value_range([mean.values], self._style.signed)
                image = map_image(mean.values, self._style, shown, _ICON)
            self._icons[key] = image
        return self._icons[key]

    @Slot()
    def _show_means(self) -> None:
        """Of the row that is chosen in the table in view; the first one's if none is."""
        table = self.tables.currentWidget()
        row = table.chosen_row if isinstance(table, RowsView) else None
        was_hidden = self.mean_view.isHidden()
        self.mean_view.show_means(self._named_means(row))
        if was_hidden:
            self._divide()

    def _named_means(self, row: object) -> Sequence[NamedMean]:
        if isinstance(row, ClassRow):
            named = [(self._label(row.class_id), self._means.of_class(row.class_id))]
        elif isinstance(row, Confusion):
            said, true = self._means.of_pair(*_pair(row))
            named = [(f"✗ {self._label(row.predicted)}", said), (f"✓ {self._label(row.truth)}", true)]
        else:
            named = []
        return [NamedMean(name, mean) for name, mean in named if mean is not None]

    @Slot(QModelIndex)
    def _on_table_clicked(self, index: QModelIndex) -> None:
        self.row_chosen.emit(index.data(Qt.ItemDataRole.UserRole))


def _pair(row: object) -> tuple[int, int]:
    assert isinstance(row, Confusion)
    return row.truth, row.predicted
