"""ClassTabs: a tab for each of the most probable classes and of the pinned ones, and the buttons beside."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QPoint, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QToolButton

from camviewer.core.explanation import Explanation
from camviewer.core.models.spec import ModelInfo
from camviewer.ui.picture.class_tab_bar import ClassTabBar, TabsShown
from camviewer.ui.picture.more_tabs import MoreTabs
from camviewer.ui.picture.tab_order import (
    LINGER,
    TabOrder,
)
from camviewer.ui.widgets.class_words import class_name
from camviewer.ui.widgets.fitting import FittingWidget
from camviewer.ui.widgets.icons import (
    icon,
    icon_side,
)

_COMPACT = 90
"""Characters of width below which there is no room for more than the tabs."""


class ClassTabs(FittingWidget):
    """Emits which class is chosen. Until the user chooses, it follows the most probable one."""

    class_chosen = Signal(int)
    """Also when it was not the user, but the top class changed and is followed."""
    all_toggled = Signal(bool)
    find_requested = Signal()
    pins_changed = Signal(object)
    """tuple[int, ...]"""
    follow_changed = Signal(bool)
    picked = Signal()
    """The user chose a class in any way, even if it was chosen already."""
    classes_changed = Signal(str, int)
    """Another network's classes, and nothing stays of those before: `Explanation.class_set`, how many."""
    settled = Signal()
    """Frames have stopped, and classes that waited for a slot have one now."""
    compare_requested = Signal(int)
    """The class that the chosen one is to be compared with (Ctrl+click, or the tab's menu)."""

    def __init__(self) -> None:
        super().__init__()
        self._order = TabOrder()
        self._explanation: Explanation | None = None
        self._follow = True
        self._labels: tuple[str, ...] = ()
        self._model: ModelInfo | None = None
        self._class_set = ""
        self._update: tuple[tuple[int, ...], float, float] | None = None
        self._settling = QTimer(self, singleShot=True, interval=round(1000 * LINGER))
        self._settling.timeout.connect(self._on_settling_timeout)
        self.shows_before = False
        """Whether probabilities are those before the edit; `sync` shows them."""
        self._bar = ClassTabBar()
        self._bar.setAccessibleName(self.tr("Classes"))
        self.set_colours = self._bar.set_colours
        self._bar.compare_clicked.connect(self.compare_requested)
        self._bar.class_clicked.connect(partial(self._act_on_tab, self.choose))
        self._bar.class_double_clicked.connect(partial(self._act_on_tab, self.toggle_pin))
        self._bar.menu_requested.connect(self._on_bar_menu_requested)
        self._bar.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._more = MoreTabs(self._bar, self)
        self._more.class_chosen.connect(self.choose)
        self._follow_button = _button("target", self.tr("Follow the most probable class"), checkable=True)
        self._follow_button.setChecked(True)
        self._follow_button.toggled.connect(self.set_follow)
        self._find_button = _button("plus", self.tr("Find and pin a class (/)"))
        self._find_button.setText(self.tr("Class"))
        self._find_button.clicked.connect(self.find_requested)
        self._all_button = _button(
            "grid", self.tr("Show all tabs side by side under one scale"), checkable=True
        )
        self._all_button.setText(self.tr("All"))
        self._all_button.toggled.connect(self.all_toggled)
        self.last_button = self._all_button
        """Where the Tab key leaves the tabs."""
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 2, 8, 2)
        layout.setSpacing(4)
        layout.addWidget(self._follow_button)
        layout.addWidget(self._bar, 1)
        layout.addWidget(self._find_button)
        layout.addWidget(self._all_button)
        self.fit()

    def fit(self) -> None:
        """To the size of text, and to the room that there is for it."""
        compact = self.width() < _COMPACT * self.fontMetrics().averageCharWidth()
        self._bar.set_stacked(compact)
        side, style = icon_side(self), Qt.ToolButtonStyle
        for button in (self._follow_button, self._find_button, self._all_button):
            button.setIconSize(QSize(side, side))
        for button in (self._find_button, self._all_button):
            button.setToolButtonStyle(style.ToolButtonIconOnly if compact else style.ToolButtonTextBesideIcon)

    # What is shown

    @property
    def chosen(self) -> int | None:
        return self._order.chosen

    @property
    def classes(self) -> tuple[int, ...]:
        """The classes that have a tab, from left to right."""
        return self._order.order

    @property
    def pinned(self) -> tuple[int, ...]:
        return self._order.pinned

    @property
    def follow(self) -> bool:
        return self._follow

    def show_explanation(
        self, explanation: Explanation, now: float, live: bool, saved: tuple[int, ...] = ()
    ) -> None:
        """Update from a frame explained at `now` (seconds). Stills don't linger.

        saved: the tabs that it was saved with, in their order, of a snapshot.
        """
        if explanation.labels is not self._labels or explanation.model is not self._model:
            # The same objects the next time: there may be 50,000 labels.
            self._labels, self._model = explanation.labels, explanation.model
            class_set = explanation.class_set
            if class_set != self._class_set:
                # Another network with other classes: its class 3 is not the old one's.
                self._class_set = class_set
                self._order = TabOrder(self._order.k)
                self._explanation = self._update = None
                self._bar.clear_tabs()
                for menu in self.findChildren(QMenu):
                    menu.close()  # what it offers is for a class of before
                self.set_follow(True)
                self.classes_changed.emit(class_set, len(self._labels))
        self._explanation = explanation
        likely = explanation.likely(self._order.k)
        top = saved or likely
        before = self._order.chosen
        if self._follow or before is None:
            self._order.chosen = likely[0]
        self._update = (top, now, LINGER if live else 0.0)
        self._order.update(*self._update)
        self.sync()
        if self._order.waiting:
            self._settling.start()  # anew with each frame: it ends when no more come
        else:
            self._settling.stop()
        if self._order.chosen != before and self._order.chosen is not None:
            self.class_chosen.emit(self._order.chosen)

    @Slot()
    def _on_settling_timeout(self) -> None:
        """What is frozen, paused or stalled shows its own most probable classes."""
        if self._update is not None and self._order.waiting:
            top, now, linger = self._update
            self._order.update(top, now + linger, linger)
            self.sync()
            self.settled.emit()

    def reset(self) -> None:
        """Another source or photo: let the classes of the old one go, follow the top class again."""
        self._order.reset()
        if self._order.chosen not in self._order.pinned:
            self._order.chosen = None
            self.set_follow(True)

    def clear(self) -> None:
        """There is no frame any more: show no numbers of the last one."""
        self._order.reset()
        self._explanation = self._update = None
        self._bar.clear_tabs()

    def sync(self) -> None:
        """Make the tab bar show the order."""
        self._bar.shows_before = self.shows_before
        if self._explanation is not None:
            order = self._order
            classes = order.order
            ages = tuple(order.age(c) for c in classes)
            self._bar.show_classes(self._explanation, TabsShown(classes, order.pinned, order.chosen, ages))

    def set_other(self, class_id: int | None) -> None:
        """Mark the class that the chosen one is compared with; it has a tab as long as it is."""
        self._order.other = class_id
        self._bar.other = class_id
        if class_id is not None:
            self._order.add(class_id)
        self.sync()

    def set_count(self, k: int) -> None:
        """How many of the most probable classes have a tab, besides the pinned ones."""
        pinned = self.pinned
        self._order = TabOrder(k)
        self.pin(pinned)

    # What the user does

    def choose(self, class_id: int) -> None:
        """Choose a class that has a tab or gets one; it stays chosen."""
        self.set_follow(False)
        self.set_all(False)
        changed = class_id != self._order.chosen
        self._order.chosen = class_id
        self.picked.emit()
        if class_id not in self.classes:
            self._order.pin(class_id)
            self.pins_changed.emit(self.pinned)
        self.sync()
        if changed:
            self.class_chosen.emit(class_id)

    def choose_tab(self, index: int) -> None:
        """By place, 0 first; nothing for a place that isn't there."""
        if 0 <= index < len(self.classes):
            self.choose(self.classes[index])

    def toggle_pin(self, class_id: int | None = None) -> None:
        """Pin or unpin a class, the chosen one by default."""
        class_id = class_id if class_id is not None else self._order.chosen
        if class_id is None:
            return
        if class_id in self.pinned:
            self._order.unpin(class_id)
            if self._update is not None:
                self._order.update(*self._update)
        else:
            self._order.pin(class_id)
        self.sync()
        self.pins_changed.emit(self.pinned)

    def pin(self, class_ids: tuple[int, ...]) -> None:
        for class_id in class_ids:
            self._order.pin(class_id)
        self.sync()

    @Slot(bool)
    def set_follow(self, follow: bool) -> None:
        if follow != self._follow:
            self._follow = follow
            self._follow_button.setChecked(follow)
            self.follow_changed.emit(follow)
            if follow and self._explanation is not None:
                top = self._explanation.top(1)[0]
                if top != self._order.chosen and top in self.classes:
                    self._order.chosen = top
                    self.sync()
                    self.class_chosen.emit(top)

    def set_all(self, on: bool) -> None:
        self._all_button.setChecked(on)

    def _act_on_tab(self, act: Callable[[int], None], class_id: int) -> None:
        if class_id in self.classes:  # not a tab of the photo before
            act(class_id)

    @Slot(int, QPoint)
    def _on_bar_menu_requested(self, class_id: int, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        pinned = class_id in self.pinned
        action = menu.addAction(
            icon("pin-off" if pinned else "pin"), self.tr("Unpin") if pinned else self.tr("Pin")
        )
        action.triggered.connect(lambda: self.toggle_pin(class_id))
        chosen = self._order.chosen
        if self._explanation is not None and chosen is not None and chosen != class_id:
            text = self.tr("Why “{0}” and not “{1}”").format(
                class_name(self._explanation.labels, chosen), class_name(self._explanation.labels, class_id)
            )
            menu.addAction(text).triggered.connect(lambda: self.compare_requested.emit(class_id))
        menu.popup(place)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()  # a click beside the tabs doesn't drag the window


def _button(icon_name: str, tip: str, checkable: bool = False) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(icon_name))
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.setAutoRaise(True)
    button.setCheckable(checkable)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
