"""ClassFinder: any of the N classes, or a group of them, by typing a part of a name."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from camviewer.core.class_search import ClassSearch, Found, group_probability
from camviewer.core.explanation import Explanation
from camviewer.core.models.spec import Link
from camviewer.core.models.vocabulary import Group
from camviewer.ui.system import language
from camviewer.ui.widgets.class_words import class_name_and_label, classes_word, group_name
from camviewer.ui.widgets.text_window import resize_for_text
from camviewer.ui.widgets.words import percent

_SHOWN = 200
_GAP = "   "
"""Between a name and its value."""
_NAMED = 8
"""So many classes of a group are named in its tool tip."""


class ClassFinder(QFrame):
    """A popup: a line to type in, and the groups and classes that fit, the most probable class first."""

    class_found = Signal(int)
    group_found = Signal(str)
    """WordNet's id of the group."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._explanation: Explanation | None = None
        self._search: ClassSearch | None = None
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._line = QLineEdit()
        self._line.setPlaceholderText(self.tr("Type a class, such as “tabby” or “281”"))
        self._line.setClearButtonEnabled(True)
        self._line.setAccessibleName(self.tr("Find a class"))
        self._line.textChanged.connect(self._fill)
        self._line.installEventFilter(self)
        self._people = QLabel()
        self._people.setWordWrap(True)
        self._people.setMargin(6)
        self._list = QListWidget()
        self._list.setUniformItemSizes(True)
        self._list.setItemDelegate(_ValueDelegate(self._list))
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setAccessibleName(self.tr("Classes that fit"))
        self._list.itemActivated.connect(self._on_item_activated)
        self._list.itemClicked.connect(self._on_item_activated)
        self._nothing = QLabel(self.tr("No class has this in its name."))
        self._nothing.setMargin(6)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self._line)
        layout.addWidget(self._people)
        layout.addWidget(self._list, 1)
        layout.addWidget(self._nothing)

    def open_at(self, place: QPoint, explanation: Explanation) -> None:
        """Show the classes of this explanation; place: top right corner, global."""
        self._explanation = explanation
        self._line.clear()
        self._fill()
        resize_for_text(self, QSize(360, 400))
        self.move(place - QPoint(self.width(), 0))
        self.show()
        self._line.setFocus()

    def show_explanation(self, explanation: Explanation) -> None:
        """While it is open: the numbers of now. Each class keeps its place, for a list that moves can't be
        clicked, until something is typed."""
        if not self.isVisible():
            return
        before, self._explanation = self._explanation, explanation
        if before is None or explanation.labels != before.labels:
            self._fill()  # another model
            return
        for row in range(self._list.count()):
            item = self._list.item(row)
            text = _text(explanation, item.data(Qt.ItemDataRole.UserRole))
            if text != item.text():
                item.setText(text)

    def _fill(self) -> None:
        explanation = self._explanation
        if explanation is None:
            return
        if self._search is None or self._search.labels is not explanation.labels:
            self._search = ClassSearch(explanation.labels, language.present())
        found = self._search.find(self._line.text(), explanation.logits, _SHOWN)
        # Of classes that are right or wrong each by itself, a sum of probabilities is none.
        groups = found.groups if explanation.model.link is Link.SOFTMAX else ()
        self._list.clear()
        for group in groups:
            self._add(explanation, group, _members_text(explanation, group))
            font = self._list.font()
            font.setBold(True)
            self._list.item(self._list.count() - 1).setFont(font)
        for class_id in found.classes:
            self._add(explanation, class_id, self.tr("class {0}").format(class_id))
        # Enter takes a class: a group is there while its name is being typed.
        self._list.setCurrentRow(len(groups) if found.classes else 0)
        self._list.scrollToTop()
        there = self._list.count() > 0
        self._list.setVisible(there)
        self._nothing.setVisible(not there and found.people is None)
        self._people.setText(self._people_text(explanation, found))
        self._people.setVisible(found.people is not None)

    def _add(self, explanation: Explanation, what: int | Group, tip: str) -> None:
        item = QListWidgetItem(_text(explanation, what))
        item.setData(Qt.ItemDataRole.UserRole, what)
        item.setToolTip(tip)
        self._list.addItem(item)

    def _people_text(self, explanation: Explanation, found: Found) -> str:
        if not found.people:
            return self.tr("This network knows no people: none of its classes is of them.")
        names = ", ".join(class_name_and_label(explanation.labels, c) for c in found.people)
        return self.tr("This network knows no people. Its only classes of them: {0}.").format(names)

    def _on_item_activated(self, item: QListWidgetItem) -> None:
        self.hide()
        what = item.data(Qt.ItemDataRole.UserRole)
        if isinstance(what, Group):
            self.group_found.emit(what.wnid)
        else:
            self.class_found.emit(int(what))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up, down and Enter in the line act on the list."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            key, row = event.key(), self._list.currentRow()
            if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                step = 1 if key == Qt.Key.Key_Down else -1
                self._list.setCurrentRow(min(max(row + step, 0), self._list.count() - 1))
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                item = self._list.currentItem()
                if item is not None:
                    self._on_item_activated(item)
                return True
        return super().eventFilter(watched, event)


class _ValueDelegate(QStyledItemDelegate):
    """The value at the right, in full; the name is cut where there is no room."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        item = QStyleOptionViewItem(option)
        self.initStyleOption(item, index)
        name, _, value = item.text.rpartition(_GAP)
        style, metrics = item.widget.style(), QFontMetrics(item.font)
        margin = style.pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, None, item.widget) + 1
        room = item.rect.adjusted(margin, 0, -margin, 0)
        space = room.width() - metrics.horizontalAdvance(value) - metrics.horizontalAdvance(_GAP)
        item.text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, space)
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, item, painter, item.widget)
        chosen = bool(item.state & QStyle.StateFlag.State_Selected)
        role = QPalette.ColorRole.HighlightedText if chosen else QPalette.ColorRole.Text
        painter.save()
        painter.setFont(item.font)
        painter.setPen(item.palette.color(QPalette.ColorGroup.Active, role))
        painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, value)
        painter.restore()


def _text(explanation: Explanation, what: int | Group) -> str:
    if isinstance(what, Group):
        value = percent(group_probability(what, explanation.probabilities))
        return f"{group_name(what)} · {classes_word(len(what.classes))}{_GAP}{value}"
    name = class_name_and_label(explanation.labels, what)
    return f"{name}{_GAP}{percent(float(explanation.probabilities[what]))}"


def _members_text(explanation: Explanation, group: Group) -> str:
    """A few of its classes, in class order."""
    names = [class_name_and_label(explanation.labels, c) for c in group.classes[:_NAMED]]
    return ", ".join((*names, "…") if len(group.classes) > _NAMED else names)
