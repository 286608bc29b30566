"""What tests look at in a window: which texts don't fit, what can't be reached, what has no name."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtGui import QAccessible, QFontMetrics
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QDockWidget,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMainWindow,
    QPushButton,
    QScrollArea,
    QStyle,
    QStyleOptionComboBox,
    QTabBar,
    QToolBar,
    QToolButton,
    QWidget,
)

from camviewer.ui.picture.class_tab_bar import ClassTabBar
from camviewer.ui.shell.status_line import CutLabel
from camviewer.ui.widgets.form import ElidedBox
from camviewer.ui.widgets.menu_button import CutMenuButton

MAY_BE_CUT = {
    ClassTabBar: "tabs give way to each other; a long label is whole in the tool tip and for screen readers",
    ElidedBox: "layers have long names; they are whole in the list and the tool tip",
    CutMenuButton: "GPUs have long names; they are whole in the tool tip, and for screen readers",
    CutLabel: "the status line is one line; it is whole in the tool tip",
}
"""Painted text that is cut by design, and why. (Bars, tiles and tables cut class labels in the same way.)"""
SLACK = 1


def visible_below(window: QWidget) -> Iterator[QWidget]:
    """The visible widgets of a window, itself included, without those of windows that belong to it."""
    yield window
    behind = [
        dock for dock in window.findChildren(QDockWidget) if not dock.geometry().intersects(window.rect())
    ]
    for child in window.findChildren(QWidget):
        # A dock behind another's tab is beside the window, and called visible.
        in_front = not any(dock is child or dock.isAncestorOf(child) for dock in behind)
        if child.isVisible() and child.window() is window and in_front:
            yield child


def cut_texts(window: QWidget) -> list[str]:
    """The texts that have less room than they need."""
    return [f"{type(w).__name__}: {text}" for w in visible_below(window) for text in _cut(w)]


def _cut(widget: QWidget) -> Iterator[str]:
    if type(widget) in MAY_BE_CUT:
        return
    needed, size = widget.sizeHint(), widget.size()
    if isinstance(widget, QLabel):
        if widget.wordWrap():
            if widget.heightForWidth(size.width()) > size.height() + SLACK:
                yield widget.text()
        elif needed.width() > size.width() + SLACK or needed.height() > size.height() + SLACK:
            yield widget.text()
    elif isinstance(widget, QToolButton | QPushButton | QAbstractButton) and widget.text():
        text_shown = not isinstance(widget, QToolButton) or widget.toolButtonStyle().value != 0
        if text_shown and (needed.width() > size.width() + SLACK or needed.height() > size.height() + SLACK):
            yield widget.text()
    elif isinstance(widget, QComboBox):
        yield from _cut_items(widget)
    elif isinstance(widget, QAbstractSpinBox) and needed.width() > size.width() + SLACK:
        yield widget.text()
    elif isinstance(widget, QLineEdit) and not isinstance(widget.parentWidget(), QAbstractSpinBox):
        room = widget.width() - 2 * widget.style().pixelMetric(QStyle.PixelMetric.PM_DefaultFrameWidth)
        if widget.fontMetrics().horizontalAdvance(widget.placeholderText()) > room:
            yield widget.placeholderText()
    elif isinstance(widget, QTabBar):
        for index in range(widget.count()):
            if widget.tabSizeHint(index).width() > widget.tabRect(index).width() + SLACK:
                yield widget.tabText(index)
    elif isinstance(widget, QHeaderView) and widget.model() is not None:
        for section in range(widget.count()):
            if widget.isSectionHidden(section):
                continue
            if widget.sectionSizeFromContents(section).width() > widget.sectionSize(section) + SLACK:
                yield str(widget.model().headerData(section, widget.orientation()))
    elif isinstance(widget, QDockWidget):
        # The title stands beside two buttons, each as high as it is.
        room = widget.width() - 2 * widget.fontMetrics().height()
        if widget.fontMetrics().horizontalAdvance(widget.windowTitle()) > room:
            yield widget.windowTitle()


def _cut_items(box: QComboBox) -> Iterator[str]:
    """Any of the texts may be chosen."""
    option = QStyleOptionComboBox()
    box.initStyleOption(option)
    field = box.style().subControlRect(
        QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, box
    )
    metrics = QFontMetrics(box.font())
    for index in range(box.count()):
        icon = box.iconSize().width() + 4 if not box.itemIcon(index).isNull() else 0
        if metrics.horizontalAdvance(box.itemText(index)) + icon > field.width() + SLACK:
            yield box.itemText(index)


def out_of_reach(window: QWidget) -> list[str]:
    """Widgets that stick out of what they stand in, unless that scrolls to them; actions that a toolbar
    hides."""
    found = []
    for widget in visible_below(window):
        parent = widget.parentWidget()
        if widget is window or parent is None or _is_scrolled(widget):
            continue
        if isinstance(widget, QTabBar) and isinstance(parent, QMainWindow) and widget.count() < 2:
            continue  # where there is nothing to choose from, Qt puts it aside
        if isinstance(parent, QToolBar | QMainWindow) or widget.focusPolicy().value != 0:
            place = widget.rect().translated(widget.mapTo(window, widget.rect().topLeft()))
            if not window.rect().adjusted(-SLACK, -SLACK, SLACK, SLACK).contains(place):
                found.append(f"{type(widget).__name__} {widget.accessibleName() or widget.objectName()}")
    for bar in window.findChildren(QToolBar):
        more = bar.findChild(QToolButton, "qt_toolbar_ext_button")
        if isinstance(more, QToolButton) and more.isVisible():
            found.append("actions that the toolbar has no room for")
    return found


def _is_scrolled(widget: QWidget) -> bool:
    above = widget.parentWidget()
    while above is not None:
        if isinstance(above, QScrollArea | QAbstractScrollArea):
            return True
        above = above.parentWidget()
    return False


USABLE = (QAbstractButton, QComboBox, QLineEdit, QAbstractSpinBox, QTabBar)
NO_ROLE = {QAccessible.Role.NoRole, QAccessible.Role.Client, QAccessible.Role.Window}


def usable_below(window: QWidget) -> Iterator[QWidget]:
    """The visible widgets that a user can do something with: those, and whatever the keyboard gets to."""
    for widget in visible_below(window):
        inner = isinstance(widget.parentWidget(), QAbstractSpinBox | QComboBox | QTabBar | QHeaderView)
        usable = isinstance(widget, USABLE) or widget.focusPolicy().value & 1
        inner = inner or widget.focusProxy() is not None
        if usable and widget is not window and not inner:
            yield widget


def spoken(widget: QWidget) -> tuple[str, QAccessible.Role]:
    """What a screen reader is told: name and role."""
    interface = QAccessible.queryAccessibleInterface(widget)
    return interface.text(QAccessible.Text.Name), interface.role()
