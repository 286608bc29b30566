"""The parts of a form: boxes of choices, and labels that belong to them."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QComboBox, QLabel, QSizePolicy, QWidget

from camviewer.ui.widgets.words import without_mnemonic


def choice_box(choices: Iterable[tuple[object, str]] = ()) -> QComboBox:
    """Of values and what they are called."""
    box = QComboBox()
    for value, text in choices:
        box.addItem(text, value)
    box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return box


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
