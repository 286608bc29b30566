"""GroupStrip: the pinned groups, each with the sum of its classes' probabilities."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QWidget

from camviewer.core.class_search import group_probability
from camviewer.core.explanation import Explanation
from camviewer.core.models.vocabulary import Group
from camviewer.ui.widgets.class_words import class_name_and_label, classes_word, group_name
from camviewer.ui.widgets.fitting import FittingWidget
from camviewer.ui.widgets.icons import icon, icon_side
from camviewer.ui.widgets.menu_button import CutMenuButton
from camviewer.ui.widgets.words import percent, whole

_LISTED = 9
"""So many of a group's classes are in its menu, the most probable ones."""


class GroupStrip(FittingWidget):
    """A button for each group. Hidden while there is none.

    A group has no score, for the network adds up none for it: so it has no map either, and its button offers
    the classes whose maps there are.
    """

    class_chosen = Signal(int)
    unpinned = Signal(str)
    """WordNet's id of the group."""

    def __init__(self) -> None:
        super().__init__()
        self._explanation: Explanation | None = None
        self._buttons: list[_GroupButton] = []
        self.comes_after: QWidget | None = None
        """What the Tab key leaves for the first button."""
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(8, 0, 8, 3)
        self._row.setSpacing(4)
        self._row.addStretch(1)
        self.hide()

    @property
    def groups(self) -> tuple[Group, ...]:
        return tuple(button.what for button in self._buttons)

    def set_groups(self, groups: Sequence[Group]) -> None:
        """The groups to show, from left to right."""
        if tuple(groups) == self.groups:
            return
        for button in self._buttons:
            self._row.removeWidget(button)
            button.menu().deleteLater()
            button.deleteLater()
        self._buttons = [_GroupButton(group, self) for group in groups]
        before = self.comes_after
        for place, button in enumerate(self._buttons):
            self._row.insertWidget(place, button)
            if before is not None:
                self.setTabOrder(before, button)
            before = button
        self.fit()
        self.setVisible(bool(groups))
        if self._explanation is not None:
            self.show_explanation(self._explanation)

    def show_explanation(self, explanation: Explanation) -> None:
        """The numbers of this one, whose classes are those of the groups."""
        self._explanation = explanation
        for button in self._buttons:
            button.show_probability(group_probability(button.what, explanation.probabilities))

    def clear(self) -> None:
        """There is no frame any more: show no numbers of the last one."""
        self._explanation = None
        for button in self._buttons:
            button.show_probability(None)

    def fill(self, menu: QMenu, group: Group) -> None:
        """With what a group's button offers now."""
        menu.clear()
        explanation = self._explanation
        menu.addAction(self.tr("A group has no map. Maps of its classes:")).setEnabled(False)
        if explanation is not None:
            values = explanation.probabilities
            for class_id in sorted(group.classes, key=lambda c: -float(values[c]))[:_LISTED]:
                name = class_name_and_label(explanation.labels, class_id).replace("&", "&&")
                action = menu.addAction(f"{name}   {percent(float(values[class_id]))}")
                action.triggered.connect(lambda _=False, c=class_id: self.class_chosen.emit(c))
        menu.addSeparator()
        action = menu.addAction(icon("pin-off"), self.tr("Unpin the group"))
        action.triggered.connect(lambda: self.unpinned.emit(group.wnid))

    def minimumSizeHint(self) -> QSize:
        """It gives way: one group at least."""
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), 12 * self.fontMetrics().averageCharWidth()), hint.height())

    def fit(self) -> None:
        """To the size of text; the last groups give way where there is no room for a part of their names."""
        side, left = icon_side(self), self.width() - 16
        for button in self._buttons:
            button.setIconSize(QSize(side, side))
            left -= button.minimumSizeHint().width() + self._row.spacing()
            button.setVisible(left >= 0 or button is self._buttons[0])


class _GroupButton(CutMenuButton):
    def __init__(self, group: Group, strip: GroupStrip) -> None:
        menu = QMenu(strip)
        menu.aboutToShow.connect(lambda: strip.fill(menu, group))
        super().__init__(menu)
        self.what = group
        self._name = group_name(group)
        self.setIcon(icon("pin"))
        self.setAutoRaise(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        text = self.tr("The sum of the probabilities of {0}. A group has no score of its own.")
        self.setToolTip(f"{self._name}\n{text.format(classes_word(len(group.classes)))}")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.show_probability(None)

    def show_probability(self, value: float | None) -> None:
        """None: there is none to show."""
        text = self.tr("{0} · sum of {1}").format(self.what.name, whole(len(self.what.classes)))
        if value is not None:
            text += f"   {percent(value)}"
        if text != self.accessibleName():
            self.setText(text.replace("&", "&&"))
            self.setAccessibleName(text)
