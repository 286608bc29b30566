"""What came out of teaching: accuracy, what is confused, the worst examples, and what may be wrong."""

from __future__ import annotations

import html
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from camviewer.core.training.teaching import Learned
from camviewer.core.training.validation import Validation
from camviewer.ui.teaching.class_card import Pictures
from camviewer.ui.widgets.form import heading
from camviewer.ui.widgets.icons import icon, icon_side
from camviewer.ui.widgets.words import percent, translated, whole, whole_percent

translate = QCoreApplication.translate
WORST = 6
"""Examples that are shown as the worst ones."""
_MOST_IN_TABLE = 6
"""Classes up to which all confusions are shown as a table."""
_MOST_LISTED = 5


def accuracy_text(validation: Validation | None) -> str:
    """The accuracy with its interval, and how it was measured."""
    if validation is None:
        return translate("teaching", "Two examples of each class are needed to measure how good it is.")
    low, high = validation.interval
    text = translate("teaching", "<b>{0} right</b> of examples left out (95 % interval: {1} to {2})")
    return text.format(whole_percent(validation.accuracy), whole_percent(low), whole_percent(high))


def accuracy_tip(validation: Validation | None) -> str:
    if validation is None:
        return ""
    text = translate(
        "teaching",
        "Measured on examples that it was not taught with: {0} parts, each left out once. Pictures of one "
        "moment count once: there are {1} moments.",
    )
    return text.format(whole(validation.folds), whole(validation.independent))


def confusion_table(names: Sequence[str], validation: Validation) -> str:
    """HTML: a row for each true class. Of many classes, only what is confused most."""
    if len(names) > _MOST_IN_TABLE:
        return _confusion_list(names, validation)
    heads = "".join(f"<th align='center'>{_short(name)}</th>" for name in names)
    rows = []
    for row, name in enumerate(names):
        cells = []
        for column in range(len(names)):
            count = int(validation.confusion[row, column])
            text = "·" if not count else f"<b>{count}</b>" if row == column else f"<u>{count}</u>"
            cells.append(f"<td align='center'>{text}</td>")
        rows.append(f"<tr><td>{_short(name)}</td>{''.join(cells)}</tr>")
    return f"<table cellspacing='0' cellpadding='3'><tr><th></th>{heads}</tr>{''.join(rows)}</table>"


def _short(name: str) -> str:
    return html.escape(name if len(name) <= 9 else f"{name[:8]}…")


def _confusion_list(names: Sequence[str], validation: Validation) -> str:
    found = [
        (int(validation.confusion[row, column]), row, column)
        for row in range(len(names))
        for column in range(len(names))
        if row != column and validation.confusion[row, column]
    ]
    found.sort(reverse=True)
    text = translate("teaching", "{0} taken for {1}: {2}×")
    return "<br>".join(
        html.escape(text.format(names[row], names[column], whole(count)))
        for count, row, column in found[:_MOST_LISTED]
    )


class Results(QWidget):
    """Hidden while nothing was taught."""

    example_opened = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._worst: list[tuple[str, str, str]] = []
        """Files, captions and tooltips."""
        self._maps: dict[str, QImage] = {}
        self._accuracy = QLabel()
        self._accuracy.setWordWrap(True)
        self._confusion_heading = heading(self.tr("Shown (rows), and taken for"))
        self._confusion = QLabel()
        self._confusion.setTextFormat(Qt.TextFormat.RichText)
        self._worst_heading = heading(self.tr("The worst examples, and where it looked"))
        self._worst_heading.setWordWrap(True)
        self.worst = Pictures(self.tr("The worst examples"), 72, captions=True)
        self.worst.opened.connect(self.example_opened)
        self._advice = QWidget()
        self._advice_grid = QGridLayout(self._advice)
        self._advice_grid.setContentsMargins(0, 4, 0, 0)
        self._advice_grid.setColumnStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(2)
        for widget in (
            self._accuracy,
            self._worst_heading,
            self.worst,
            self._advice,
            self._confusion_heading,
            self._confusion,
        ):
            column.addWidget(widget)
        self.hide()

    def show_learned(self, learned: Learned, files: Sequence[str]) -> None:
        """files: of its examples. The maps come later."""
        names, validation = learned.head.head.labels, learned.validation
        self._accuracy.setText(accuracy_text(validation))
        self._accuracy.setToolTip(accuracy_tip(validation))
        for widget in (self._confusion_heading, self._confusion, self._worst_heading, self.worst):
            widget.setVisible(validation is not None)
        if validation is not None:
            self._confusion.setText(confusion_table(names, validation))
            self.worst.clear()
            self.worst.show_pictures([])
            self._worst = [
                (files[index], *_worst_texts(learned, validation, index)) for index in validation.worst(WORST)
            ]
            self._maps = {}
            self._show_worst()
        self._show_advice([translated(each.text) for each in learned.advice])
        self.show()

    def forget(self) -> None:
        """Nothing of it is true any more, and no picture stays."""
        self._worst, self._maps = [], {}
        self.worst.clear()
        self.worst.show_pictures([])
        self._confusion.clear()
        self.hide()

    def show_map(self, file: str, overlay: QImage) -> None:
        """The map of one of the worst."""
        self._maps[file] = overlay
        self._show_worst()

    def _show_worst(self) -> None:
        self.worst.show_pictures(
            [(file, self._maps.get(file), caption, tip) for file, caption, tip in self._worst]
        )

    def _show_advice(self, texts: Sequence[str]) -> None:
        grid = self._advice_grid
        while (item := grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        side = icon_side(self, 16)
        for row, text in enumerate(texts):
            sign, said = QLabel(), QLabel(text)
            sign.setPixmap(icon("warning").pixmap(side, side))
            sign.setAccessibleName(self.tr("Warning"))
            said.setWordWrap(True)
            grid.addWidget(sign, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(said, row, 1)
        self._advice.setVisible(bool(texts))


def _worst_texts(learned: Learned, validation: Validation, index: int) -> tuple[str, str]:
    """Caption and tooltip of an example."""
    names = learned.head.head.labels
    true, predicted = learned.examples[index].class_id, int(validation.predicted[index])
    certainty = percent(float(validation.certainty[index]))
    if true == predicted:
        text = translate("teaching", "{0}: {1} sure").format(names[true], certainty)
        return certainty, text
    text = translate("teaching", "{0}, taken for {1} ({0}: {2} sure)")
    return f"→ {names[predicted]}", text.format(names[true], names[predicted], certainty)
