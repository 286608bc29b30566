"""The bar of the class tabs: label, probability and a bar of it, painted.

A tab is a slot: another class in it is another name, number and tool tip, and lays nothing out. The bar is
laid out when a name needs more room than its slot has, and when there are more slots or fewer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QEnterEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QTabBar

from camviewer.core import numbers
from camviewer.core.explanation import Explanation
from camviewer.ui.picture.tab_painting import PAD, TabLook, TabShown
from camviewer.ui.picture.tab_widths import Limits, Widths, widths
from camviewer.ui.widgets.class_words import class_name, class_name_and_label
from camviewer.ui.widgets.words import (
    percent,
    whole,
    with_native_keys,
)

_HEIGHT = 42
_LEAST, _STACKED, _MOST = 16, 9, 36
"""Widths of a tab in characters: at least; at least with the probability below the label; at most, where no
name needs more."""
_LONGEST = 48
"""Characters of a name beyond which it is cut even if it is chosen: it would push all others out."""
_SLACK = 6
"""Characters of room that are left unused rather than to move the tabs."""
_LEAST_BAR = 0.004
"""A bar of less isn't painted."""
_FADED = 0.6
"""How much of its colour a class loses that has left the top k."""


@dataclass(frozen=True, slots=True)
class TabsShown:
    """Which tabs there are. classes: from left to right; ages: how far each is on its way out, 0..1."""

    classes: tuple[int, ...]
    pinned: tuple[int, ...] = ()
    chosen: int | None = None
    ages: tuple[float, ...] = ()


class ClassTabBar(QTabBar):
    """A QTabBar that paints probabilities. Its tabs keep their places, and if they can their widths."""

    class_clicked = Signal(int)
    """A class was clicked, or reached by the keyboard."""
    class_double_clicked = Signal(int)
    compare_clicked = Signal(int)
    menu_requested = Signal(int, QPoint)
    """For a class, at a place of the screen."""
    laid_out = Signal()
    """Other tabs may have no room now: `without_room`."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[TabShown, ...] = ()
        self._labels: tuple[str, ...] = ()
        self._whole: tuple[str, ...] = ()
        """As the window says them, and with the labels as they are."""
        self._chosen: int | None = None
        self.other: int | None = None
        self.shows_before = False
        """Whether the numbers are those before the edit."""
        self._widths = Widths((), Limits(0, 0, 0, 0))
        self._laid_out_for: tuple[object, ...] = ()
        self._stacked = False
        self._look = TabLook(self.palette(), self.font())
        self._hovered = -1
        self.setMinimumHeight(self._tab_height(False))
        self.setExpanding(False)
        self.setDrawBase(False)
        self.setUsesScrollButtons(False)
        self.setMouseTracking(True)
        # The keyboard reaches tabs by 1…9; arrow keys are for frames and files.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_context_menu_requested)
        self.tabBarClicked.connect(self._on_tab_clicked)
        self.currentChanged.connect(self._on_tab_clicked)
        self.tabBarDoubleClicked.connect(self._on_tab_double_clicked)

    # What is shown

    def show_classes(self, explanation: Explanation, tabs: TabsShown) -> None:
        """A tab for each class: names only where they changed, numbers always."""
        self.blockSignals(True)
        self._chosen = tabs.chosen
        before, classes = self._shown, tabs.classes
        same = len(before) == len(classes)
        self._shown = tuple(
            self._seen(explanation, tabs, i, before[i] if same else None) for i in range(len(classes))
        )
        if not same or any(
            now.class_id != was.class_id for now, was in zip(self._shown, before, strict=True)
        ):
            self._labels = tuple(class_name(explanation.labels, c) for c in classes)
            self._whole = tuple(class_name_and_label(explanation.labels, c) for c in classes)
        moved = self._lay_out(explanation.before is not None)
        for index, shown in enumerate(self._shown):
            was = before[index] if same else None
            if was is None or was.class_id != shown.class_id:
                self._name_tab(index, shown.class_id)
            if shown != was:
                self.setAccessibleTabName(index, self._spoken(self._labels[index], shown))
                self.update(self.tabRect(index))
        current = self.index_of(tabs.chosen)
        if current != self.currentIndex():
            self.setCurrentIndex(current)
        self.blockSignals(False)
        if moved:
            self.laid_out.emit()

    def _name_tab(self, index: int, class_id: int) -> None:
        self.setTabData(index, class_id)
        tip = self.tr("{0}, class {1}\nCtrl+click: why the chosen class and not this one")
        self.setTabToolTip(index, with_native_keys(tip).format(self._whole[index], class_id))

    def tabText(self, index: int) -> str:
        """The whole label. Not kept as Qt's own text: to change that lays out all tabs."""
        return self._labels[index] if 0 <= index < len(self._labels) else ""

    def set_colours(self, slots: Mapping[int, int]) -> None:
        """As the curves of the classes have them. Of a class that has none its bar is as usual."""
        if slots != self._look.slots:
            self._look.slots = dict(slots)
            self.update()

    def _seen(self, explanation: Explanation, tabs: TabsShown, index: int, was: TabShown | None) -> TabShown:
        class_id = tabs.classes[index]
        probability, before, change = float(explanation.probabilities[class_id]), explanation.before, ""
        if before is not None and self.shows_before:
            probability = float(before.prediction.probabilities[class_id])
        elif before is not None:
            change = _rise(probability - float(before.prediction.probabilities[class_id]))
        # Python's own is quick; the locale is asked only for what is written differently.
        number = numbers.percent(probability)
        return TabShown(
            class_id,
            number,
            was.value if was is not None and was.number == number else percent(probability),
            change,
            probability if probability > _LEAST_BAR else 0.0,
            class_id in tabs.pinned,
            class_id == self.other,
            round(4 * tabs.ages[index]) * _FADED / 4 if tabs.ages else 0.0,
        )

    def clear_tabs(self) -> None:
        self.blockSignals(True)
        self._shown, self._labels, self._whole, self._laid_out_for = (), (), (), ()
        self._widths = Widths((), self._widths.limits)
        while self.count():
            self.removeTab(0)
        self.blockSignals(False)
        self.laid_out.emit()

    def _spoken(self, label: str, shown: TabShown) -> str:
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
        return next((i for i, shown in enumerate(self._shown) if shown.class_id == class_id), -1)

    @property
    def without_room(self) -> tuple[tuple[int, str, str], ...]:
        """Class, label and probability of the tabs that are not seen."""
        if len(self._widths.tabs) != len(self._shown):
            return ()
        return tuple(
            (self._shown[i].class_id, self._labels[i], self._shown[i].value) for i in self._widths.hidden
        )

    # Where the tabs are

    def set_stacked(self, stacked: bool) -> None:
        """Whether the probability stands below the label: large text has no room beside it."""
        height = self._tab_height(stacked)
        if (stacked, height) != (self._stacked, self.minimumHeight()):
            self._stacked = stacked
            self.setMinimumHeight(height)  # the view stays where it is when the first tabs come
            self.setMaximumHeight(height)
            self._laid_out_for = ()
            if self._lay_out():
                self.laid_out.emit()

    def _tab_height(self, stacked: bool) -> int:
        return max(_HEIGHT, (2 if stacked else 1) * self.fontMetrics().height() + 24)

    def _lay_out(self, with_changes: bool = False) -> bool:
        """Only if something may need another width than before. Returns whether it did."""
        whole_ones = [
            i for i, shown in enumerate(self._shown) if shown.class_id in (self._chosen, self.other)
        ]
        edited = with_changes and not self.shows_before
        wanted = (self._labels, tuple(whole_ones), [s.pinned for s in self._shown], self.width(), edited)
        if wanted == self._laid_out_for:
            return False
        self._laid_out_for = wanted
        character = self.fontMetrics().averageCharWidth()
        limits = Limits(
            self.width(),
            (_STACKED if self._stacked else _LEAST) * character,
            _MOST * character,
            self.more_width,
        )
        number = self._look.width(percent(1.0)) + (self._look.width(f" {_rise(-1.0)}") if edited else 0)
        needs = [
            min(self._look.needed(label, number, shown, self._stacked), _LONGEST * character)
            for label, shown in zip(self._labels, self._shown, strict=True)
        ]
        made, before = widths(needs, whole_ones, limits), self._widths
        same_room = made.limits == before.limits and made.hidden == before.hidden
        if same_room and before.serve(needs, whole_ones, _SLACK * character):
            return False
        self._widths = made
        self._apply_widths(before)
        return True

    def _apply_widths(self, before: Widths) -> None:
        """QTabBar lays all out at each of these steps, so there is to be no more than the change needs.

        A tab without room is no pixel wide. To hide it would keep it from the arrow keys and screen readers.
        """
        count = len(self._widths.tabs)
        if self.count() == count and self._widths != before:
            self.setElideMode(self.elideMode())  # lays the tabs out anew
        while self.count() > count:
            self.removeTab(self.count() - 1)
        while self.count() < count:
            self.addTab("")
        self.update()

    @property
    def more_width(self) -> int:
        """Room at the end, for the button that lists the tabs without room."""
        return self._look.width("+88 ▾") + 3 * PAD

    def tabSizeHint(self, index: int) -> QSize:
        width = self._widths.tabs[index] if index < len(self._widths.tabs) else 0
        return QSize(width, self._tab_height(self._stacked))

    def minimumTabSizeHint(self, index: int) -> QSize:
        return self.tabSizeHint(index)

    def sizeHint(self) -> QSize:
        character = self.fontMetrics().averageCharWidth()
        return QSize(5 * _LEAST * character, self._tab_height(self._stacked))

    def minimumSizeHint(self) -> QSize:
        character = self.fontMetrics().averageCharWidth()
        return QSize(_STACKED * character + self.more_width, self._tab_height(self._stacked))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._lay_out(bool(self._laid_out_for and self._laid_out_for[-1]))
        super().resizeEvent(event)
        self.laid_out.emit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        kind = QEvent.Type
        if event.type() in (kind.FontChange, kind.PaletteChange, kind.StyleChange):
            slots = self._look.slots
            self._look = TabLook(self.palette(), self.font())
            self._look.slots = slots
            self._laid_out_for = ()
            self._lay_out()
            self.laid_out.emit()
            self.update()

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

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._point_at(self.tabAt(event.position().toPoint()))

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._point_at(self.tabAt(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._point_at(-1)

    def _point_at(self, index: int) -> None:
        if index != self._hovered:
            for changed in (index, self._hovered):
                self.update(self.tabRect(changed))
            self._hovered = index

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        wanted, chosen = event.region(), self.currentIndex()
        for index, shown in enumerate(self._shown):
            rect: QRect = self.tabRect(index)
            if rect.width() > 0 and wanted.intersects(rect):
                self._look.paint(
                    painter,
                    rect,
                    self._labels[index],
                    shown,
                    chosen=index == chosen,
                    hovered=index == self._hovered,
                    focused=index == chosen and self.hasFocus(),
                    stacked=self._stacked,
                )


def _rise(share: float) -> str:
    """``▲31`` or ``▼31``: percentage points, where there is at least one."""
    whole_points = round(100 * abs(share))
    return f"{'▲' if share > 0 else '▼'}{whole(whole_points)}" if whole_points else ""
