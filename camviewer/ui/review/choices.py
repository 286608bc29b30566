"""What the review lists and where it gets its truth from: a row of choices, or several where it is narrow."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QHBoxLayout,
    QMenu,
    QSizePolicy,
    QSlider,
    QToolButton,
    QWidget,
)

from camviewer.core.review.order import (
    Listing,
    Order,
    Show,
)
from camviewer.ui.review.tiles import LARGEST_SIDE, LEAST_SIDE
from camviewer.ui.widgets.fitting import FittingWidget
from camviewer.ui.widgets.form import choice_box, choose
from camviewer.ui.widgets.icons import (
    fit_icons,
    icon,
)
from camviewer.ui.widgets.menu_button import MenuButton
from camviewer.ui.widgets.words import with_native_keys

SIZE_STEP = 20
"""Points by which the photos get larger."""
_SLIDER = 90


class ReviewChoices(FittingWidget):
    """Shows a listing; says what the user asks for."""

    chosen = Signal()
    """Another `show` or `order`."""
    filter_cleared = Signal()
    report_requested = Signal()
    size_chosen = Signal(int)
    """Points: the least width of an overlay."""

    def __init__(self) -> None:
        super().__init__()
        self._show = _combo(
            self.tr("Photos to show"),
            (
                (Show.ALL, self.tr("All photos")),
                (Show.MISTAKES, self.tr("Mistakes")),
                (Show.CORRECT, self.tr("Right ones")),
                (Show.UNREAD, self.tr("Unreadable files")),
                (Show.MARKED, self.tr("Marked ones")),
            ),
        )
        self._order = _combo(
            self.tr("Order"),
            (
                (Order.WORST, self.tr("Worst mistakes first")),
                (Order.LEAST_CONFIDENT, self.tr("Least confident first")),
                (Order.MOST_CONFIDENT, self.tr("Most confident first")),
                (Order.MARGIN, self.tr("Closest call first")),
                (Order.BORDER, self.tr("Most evidence at the border first")),
                (Order.CLASS, self.tr("By class")),
                (Order.NAME, self.tr("By file name")),
            ),
        )
        for combo in (self._show, self._order):
            combo.activated.connect(self.chosen)
        self._has_truth = False
        self._filter = review_button("", "close", self.filter_cleared)
        self._filter.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._filter.setToolTip(self.tr("Show the photos of all classes"))
        self.truth_menu = QMenu(self)
        self._truth = MenuButton(self.truth_menu)
        self._truth.setText(self.tr("True classes"))
        self._truth.setToolTip(self.tr("Where the photos' true classes come from"))
        self.transfer_menu = QMenu(self)
        self._transfer = MenuButton(self.transfer_menu)
        self._transfer.setText(self.tr("Copy or move ▾"))
        self._transfer.setIcon(icon("folder"))
        self._transfer.setToolTip(self.tr("Copy or move the photos that are listed to a folder"))
        self._size = QSlider(Qt.Orientation.Horizontal)
        self._size.setRange(LEAST_SIDE, LARGEST_SIDE)
        self._size.setSingleStep(SIZE_STEP)
        self._size.setPageStep(2 * SIZE_STEP)
        self._size.setFixedWidth(_SLIDER)
        self._size.setAccessibleName(self.tr("Size of the photos"))
        self._size.setToolTip(with_native_keys(self.tr("Size of the photos (Ctrl+wheel)")))
        self._size.valueChanged.connect(self.size_chosen)
        self._report = review_button(self.tr("Report…"), "export", self.report_requested)
        self._transfer.setAccessibleName(self._transfer.toolTip())
        self._report.setToolTip(self.tr("Save the review as a web page and a table"))
        self._rows = (
            review_row(self._show, self._order),
            review_row(self._filter, None),
            review_row(None, self._size, self._truth, self._transfer, self._report),
        )
        self._all = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._all.setContentsMargins(0, 0, 0, 0)
        self._all.setSpacing(8)
        for row in self._rows:
            self._all.addLayout(row)
        self.fit()

    def fit(self) -> None:
        """Beside each other if they fit; else below."""
        fit_icons(self._filter, self._truth, self._transfer, self._report)
        for button in (self._transfer, self._report):
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        last = (self._size, self._truth, self._transfer, self._report)
        if sum(widget.sizeHint().width() + self._all.spacing() for widget in last) > self.width():
            for button in (self._transfer, self._report):
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        needed = sum(row.sizeHint().width() for row in self._rows) + 2 * self._all.spacing()
        way = QBoxLayout.Direction
        self._all.setDirection(way.LeftToRight if needed <= self.width() else way.TopToBottom)

    @property
    def show_what(self) -> Show:
        chosen = self._show.currentData()
        assert isinstance(chosen, Show)
        return chosen

    @property
    def order(self) -> Order:
        chosen = self._order.currentData()
        assert isinstance(chosen, Order)
        return chosen

    @property
    def filter_text(self) -> str:
        return self._filter.text()

    def show_listing(self, listing: Listing, filter_text: str, has_truth: bool) -> None:
        """filter_text: the classes whose photos alone are listed; empty for those of all."""
        choose(self._show, listing.show)
        choose(self._order, listing.order)
        self._has_truth = has_truth
        self._enable_choices()
        self._filter.setText(filter_text.replace("&", "&&"))
        spoken = self.tr("{0}. Show the photos of all classes").format(filter_text)
        self._filter.setAccessibleName(spoken)
        self._filter.setVisible(bool(filter_text))
        self.fit()

    def _enable_choices(self) -> None:
        """Without true classes there is no right and no wrong."""
        model = self._show.model()
        assert isinstance(model, QStandardItemModel)
        for row in range(self._show.count()):
            of_truth = self._show.itemData(row) in (Show.MISTAKES, Show.CORRECT)
            model.item(row).setEnabled(self._has_truth or not of_truth)

    @property
    def photo_size(self) -> int:
        """Points: the least width of an overlay."""
        return self._size.value()

    def set_photo_size(self, points: int) -> None:
        self._size.setValue(points)

    def show_truth(self, text: str) -> None:
        """Where the true classes come from."""
        self._truth.setText(text)
        self.fit()

    @property
    def truth_text(self) -> str:
        return self._truth.text()

    def set_report_enabled(self, on: bool) -> None:
        self._report.setEnabled(on)


def review_row(*widgets: QWidget | None) -> QHBoxLayout:
    """None is what gives way."""
    row = QHBoxLayout()
    row.setSpacing(8)
    for widget in widgets:
        if widget is None:
            row.addStretch(1)
        else:
            row.addWidget(widget)
    return row


def review_button(text: str, icon_name: str, signal: object) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    if icon_name:
        button.setIcon(icon(icon_name))
    if text:
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    if signal is not None:
        button.clicked.connect(signal)
    return button


def _combo(name: str, items: tuple[tuple[object, str], ...]) -> QComboBox:
    combo = choice_box(items)
    combo.setAccessibleName(name)
    combo.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    return combo
