"""The What if dock: each class before and after the edit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QCoreApplication, QTimer, Signal, Slot
from PySide6.QtWidgets import QDockWidget, QLabel, QVBoxLayout, QWidget

from camviewer.core.explanation import Explanation, largest
from camviewer.core.what_if import changes
from camviewer.ui.docks.changes_list import ChangeRow, ChangesList
from camviewer.ui.docks.dock_scroll import DockScroll
from camviewer.ui.widgets.class_words import class_name
from camviewer.ui.widgets.words import decimal, fill_word, percent

REFRESH_MS = 300
"""Faster numbers can't be read."""
OLD_S = 0.15
"""Of what is of the same moment, or nearly, no age is told."""
MOST = 3
"""So many of the classes that changed most are listed beside those that have a tab."""
translate = QCoreApplication.translate


class WhatIfDock(QDockWidget):
    """Without an edit it says what to do."""

    class_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._explanation: Explanation | None = None
        self._classes: tuple[int, ...] = ()
        self._chosen: int | None = None
        self._in_view = False
        self._timer = QTimer(self, singleShot=True, interval=REFRESH_MS)
        self._timer.timeout.connect(self._refresh)
        self._hint, self._age, self._warning = QLabel(), QLabel(), QLabel()
        self._units = QLabel(self.tr("Before → after, change in points:"))
        for label in (self._hint, self._age, self._warning, self._units):
            label.setWordWrap(True)
            label.hide()
        self._hint.setText(
            self.tr(
                "Choose the brush (B) and paint over a part of the frame: the network then doesn't see it. "
                "Here stands what that changes, class by class."
            )
        )
        self._hint.show()
        self.list = ChangesList(self.tr("Before and after"))
        self.list.setAccessibleDescription(self.tr("Enter chooses a class"))
        self.list.picked.connect(self.class_chosen)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        for widget in (self._hint, self._warning, self._units, self.list, self._age):
            column.addWidget(widget)
        column.addStretch(1)
        self.setWidget(DockScroll(body, self))
        self.visibilityChanged.connect(self._on_visibility_changed)

    @property
    def texts(self) -> tuple[str, ...]:
        """What it says in words."""
        labels = (self._hint, self._warning, self._age)
        return tuple(label.text() for label in labels if not label.isHidden())

    def show_explanation(
        self, explanation: Explanation | None, classes: Sequence[int] = (), chosen: int | None = None
    ) -> None:
        """Show soon; the newest wins. classes: those with a tab. None: nothing is in view."""
        before = self._explanation
        self._explanation, self._classes, self._chosen = explanation, tuple(classes), chosen
        if not self._in_view:
            return
        had, has = (each is not None and each.before is not None for each in (before, explanation))
        if had != has:
            self._refresh()
        elif has and not self._timer.isActive():
            self._timer.start()

    def _on_visibility_changed(self, visible: bool) -> None:
        self._in_view = visible
        if visible:
            self._refresh()

    @Slot()
    def _refresh(self) -> None:
        explanation = self._explanation
        rows: tuple[ChangeRow, ...] = ()
        age = warning = ""
        if explanation is not None:
            rows = change_rows(explanation, self._classes, self._chosen)
            age, warning = age_text(explanation), warning_text(explanation)
        self._hint.setVisible(not rows)
        self.list.show_rows(rows)
        for part in (self._units, self.list):
            part.setVisible(bool(rows))
        for label, text in ((self._age, age), (self._warning, warning)):
            label.setText(text)
            label.setVisible(bool(text))


def change_rows(
    explanation: Explanation, classes: Sequence[int], chosen: int | None = None
) -> tuple[ChangeRow, ...]:
    """Of these classes, in their order, then of the others that changed most; none without an edit."""
    found, before = changes(explanation), explanation.before
    if found is None or before is None:
        return ()
    moved = largest(np.abs(found.probabilities), MOST)
    was, now = before.prediction.probabilities, explanation.probabilities
    return tuple(
        ChangeRow(
            c,
            class_name(explanation.labels, c),
            float(was[c]),
            float(now[c]),
            float(found.logits[c]),
            c == chosen,
        )
        for c in dict.fromkeys((*classes, *moved))
    )


def age_text(explanation: Explanation) -> str:
    """How old the numbers before are, where the world moves; "" where they are of the same frame."""
    before = explanation.before
    if before is None or before.age < OLD_S:
        return ""
    text = translate("what_if", "Before: as it was {0} s ago.")
    return text.format(decimal(before.age, 1))


def warning_text(explanation: Explanation) -> str:
    """Which classes the fill itself made; "" if it made none."""
    text = translate(
        "what_if",
        "Don't believe “{0}”: the fill makes it. It has {2} where {1} covers the frame, and {4} where {3} "
        "covers the same place.",
    )
    return "\n".join(
        text.format(
            class_name(explanation.labels, made.class_id),
            fill_word(made.fill),
            percent(made.probability),
            fill_word(made.instead),
            percent(made.otherwise),
        )
        for made in explanation.made_by_fill
    )
