"""The parts of a form: boxes of choices, and labels that belong to them."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import (
    QComboBox,
    QLabel,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

from camviewer.ui.widgets.words import without_mnemonic


def choice_box(choices: Iterable[tuple[object, str]] = ()) -> QComboBox:
    """Of values and what they are called."""
    box = QComboBox()
    for value, text in choices:
        box.addItem(text, value)
    box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return box


class ElidedBox(QComboBox):
    """A box whose chosen text is cut with an ellipsis where there is no room; its list has all of it."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, option = QStylePainter(self), QStyleOptionComboBox()
        self.initStyleOption(option)
        field = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self
        )
        option.currentText = self.fontMetrics().elidedText(
            option.currentText, Qt.TextElideMode.ElideRight, field.width() - 4
        )
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)


def choose(box: QComboBox, value: object) -> None:
    """Choose a value that the box has."""
    # Not findData: it compares Python objects by identity through QVariant on some versions.
    for index in range(box.count()):
        if box.itemData(index) == value:
            box.setCurrentIndex(index)


def label_of(widget: QWidget, text: str) -> QLabel:
    """A widget's label, which is also its name for screen readers."""
    label = QLabel(text)
    label.setBuddy(widget)
    widget.setAccessibleName(without_mnemonic(text))
    return label


def heading(text: str) -> QLabel:
    """Of the rows below it."""
    label = QLabel(text)
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    label.setContentsMargins(0, 12, 0, 2)
    return label
