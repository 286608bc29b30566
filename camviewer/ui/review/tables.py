"""The tables of a review: classes, worst first, and which are taken for which."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractTableModel,
    QCoreApplication,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    QSortFilterProxyModel,
    Qt,
)
from PySide6.QtGui import QImage, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from camviewer.core.review.summary import (
    ClassRow,
    Confusion,
    Share,
    Summary,
)
from camviewer.ui.review.empty_text import paint_empty_text
from camviewer.ui.widgets.words import (
    percent,
    whole,
    whole_percent,
)

Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()
translate = QCoreApplication.translate
_LEAST_TEXT = 9
"""Characters of a name that are to be seen, at least."""
SORT_ROLE = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, slots=True)
class Column:
    """text: what a row says; value: what it is sorted by; image: what stands before the text."""

    title: str
    tip: str
    text: Callable[[object], str]
    value: Callable[[object], float | str]
    numeric: bool = True
    image: Callable[[object], QImage | None] | None = None


class RowsModel(QAbstractTableModel):
    """Rows of any kind under given columns; `Qt.UserRole` is the row itself."""

    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__()
        self._columns = columns
        self._rows: tuple[object, ...] = ()

    def show_rows(self, rows: Sequence[object]) -> None:
        if tuple(rows) != self._rows:
            self.beginResetModel()
            self._rows = tuple(rows)
            self.endResetModel()

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation == Qt.Orientation.Horizontal:
            column = self._columns[section]
            if role == Qt.ItemDataRole.DisplayRole:
                return column.title
            if role == Qt.ItemDataRole.ToolTipRole:
                return column.tip
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(column)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, column = self._rows[index.row()], self._columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(row)
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(f"{column.title}: {column.text(row)}" for column in self._columns)
        if role == Qt.ItemDataRole.DecorationRole and column.image is not None:
            return column.image(row)
        if role == SORT_ROLE:
            return column.value(row)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        return row if role == Qt.ItemDataRole.UserRole else None


def _alignment(column: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column.numeric else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


class RowsView(QTableView):
    """A table that is sorted by clicks on its headings, and starts in the rows' own order."""

    def __init__(self, columns: Sequence[Column], name: str, empty_text: str = "") -> None:
        super().__init__()
        self._empty_text = empty_text
        self._model = RowsModel(columns)
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self._model)
        self._sorted.setSortRole(SORT_ROLE)
        self._sorted.setSortCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setModel(self._sorted)
        self.setAccessibleName(name)
        self.setSortingEnabled(True)
        self.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        side = self.fontMetrics().height() + 4
        self.setIconSize(QSize(side, side))
        self.verticalHeader().setDefaultSectionSize(side + 4)
        heading = self.horizontalHeader()
        heading.setHighlightSections(False)
        self._image_widths = [0 if column.image is None else side + 4 for column in columns]
        self._texts = [i for i, column in enumerate(columns) if not column.numeric]
        for i in range(len(columns)):
            mode = QHeaderView.ResizeMode
            heading.setSectionResizeMode(i, mode.Interactive if i in self._texts else mode.ResizeToContents)

    def show_rows(self, rows: Sequence[object]) -> None:
        """The row that is chosen stays so, if it is there: that of the same key."""
        chosen = self._chosen_key
        self._model.show_rows(rows)
        self._fit_columns()
        if chosen is not None and self._chosen_key != chosen:
            for row in range(self._sorted.rowCount()):
                if _key(self.row_at(self._sorted.index(row, 0))) == chosen:
                    self.selectRow(row)
                    break

    @property
    def chosen_row(self) -> object:
        """The first one if none is chosen; None if there is none."""
        index = self.currentIndex()
        return self.row_at(index if index.isValid() else self._sorted.index(0, 0))

    @property
    def _chosen_key(self) -> object:
        index = self.currentIndex()
        return _key(self.row_at(index)) if index.isValid() else None

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_columns()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        paint_empty_text(self, self._empty_text)

    def _fit_columns(self) -> None:
        """Texts share what numbers leave. The last numbers are hidden where names would be cut to nothing."""
        heading = self.horizontalHeader()
        titles = [heading.sectionSizeFromContents(i).width() for i in range(heading.count())]
        name = _LEAST_TEXT * self.fontMetrics().averageCharWidth()
        least = {i: max(titles[i], name + self._image_widths[i]) for i in self._texts}
        room = self.viewport().width() - sum(least.values())
        for i in range(heading.count()):
            if i not in least:
                # As wide as it is going to be, once the table is laid out.
                width = max(self.sizeHintForColumn(i), titles[i])
                self.setColumnHidden(i, width > room)
                room -= width if width <= room else 0
        for i, width in least.items():
            heading.resizeSection(i, width + max(room, 0) // len(least))

    def row_at(self, index: QModelIndex) -> object:
        return index.data(Qt.ItemDataRole.UserRole)


def _key(row: object) -> object:
    """What a row is about: its figures may change."""
    if isinstance(row, ClassRow):
        return row.class_id
    return (row.truth, row.predicted) if isinstance(row, Confusion) else row


def class_table(
    labels: Callable[[int], str], image: Callable[[object], QImage | None] | None = None
) -> RowsView:
    """Of `ClassRow`s. image: what stands before the class."""

    def row(value: object) -> ClassRow:
        assert isinstance(value, ClassRow)
        return value

    return RowsView(
        (
            Column(
                translate("review_tables", "Class"),
                translate("review_tables", "The true class"),
                lambda r: labels(row(r).class_id),
                lambda r: labels(row(r).class_id),
                numeric=False,
                image=image,
            ),
            Column(
                translate("review_tables", "Photos"),
                translate("review_tables", "Photos of this class"),
                lambda r: whole(row(r).recall.total),
                lambda r: row(r).recall.total,
            ),
            Column(
                translate("review_tables", "Found"),
                translate(
                    "review_tables", "Of the photos of this class, those that were recognised (recall)"
                ),
                lambda r: share_text(row(r).recall),
                lambda r: _value(row(r).recall),
            ),
            Column(
                translate("review_tables", "Right"),
                translate(
                    "review_tables",
                    "Of the photos that were taken for this class, those that were of it (precision)",
                ),
                lambda r: share_text(row(r).precision),
                lambda r: _value(row(r).precision),
            ),
        ),
        translate("review_tables", "Classes, the worst first"),
    )


def confusion_table(
    labels: Callable[[int], str], image: Callable[[object], QImage | None] | None = None
) -> RowsView:
    """Of `Confusion`s. image: what stands before the true class."""

    def row(value: object) -> Confusion:
        assert isinstance(value, Confusion)
        return value

    return RowsView(
        (
            Column(
                translate("review_tables", "True"),
                translate("review_tables", "The true class"),
                lambda r: labels(row(r).truth),
                lambda r: labels(row(r).truth),
                numeric=False,
                image=image,
            ),
            Column(
                translate("review_tables", "Taken for"),
                translate("review_tables", "The predicted class"),
                lambda r: labels(row(r).predicted),
                lambda r: labels(row(r).predicted),
                numeric=False,
            ),
            Column(
                translate("review_tables", "Photos"),
                translate("review_tables", "How often"),
                lambda r: whole(row(r).count),
                lambda r: row(r).count,
            ),
            Column(
                translate("review_tables", "Sure"),
                translate("review_tables", "The mean probability of the predicted class"),
                lambda r: percent(row(r).confidence),
                lambda r: row(r).confidence,
            ),
        ),
        translate("review_tables", "Confused classes, the most frequent first"),
        translate("review_tables", "No classes are confused."),
    )


def share_text(share: Share) -> str:
    """``87 %``, or a dash where there is nothing to tell."""
    if share.value is None:
        return "–"
    return percent(share.value) if share.count else whole_percent(0.0)


def _value(share: Share) -> float:
    return -1.0 if share.value is None else share.value


def headline(summary: Summary) -> str:
    """The accuracy in a line; empty where no true class is known."""
    value = summary.top1.value
    if value is None:
        return ""
    low, high = summary.top1.interval
    text = translate("review_tables", "{0} right ({1} of {2}; 95 % interval {3} to {4}).").format(
        percent(value), whole(summary.top1.count), whole(summary.top1.total), percent(low), percent(high)
    )
    if summary.top5.value is None:
        return text
    return (
        text
        + " "
        + translate("review_tables", "Among the first five: {0}.").format(percent(summary.top5.value))
    )
