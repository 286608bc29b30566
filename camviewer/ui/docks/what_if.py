"""The What if dock: each class before and after the edit."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QTimer, Signal, Slot
from PySide6.QtWidgets import QDockWidget, QLabel, QVBoxLayout, QWidget

from camviewer.core.changes import appeared, changes
from camviewer.core.explanation import Explanation
from camviewer.media.drawing.view_state import ViewState
from camviewer.ui.docks.changes_list import ChangeRow, ChangesList
from camviewer.ui.docks.dock_scroll import DockScroll
from camviewer.ui.widgets.words import decimal, percent, signed

REFRESH_MS = 200
"""As of the Evidence dock: faster numbers can't be read."""
OLD_S = 0.15
"""Of what is of the same moment, or nearly, no age is told."""
translate = QCoreApplication.translate


class WhatIfDock(QDockWidget):
    """Without an edit it says what to do."""

    class_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._state: ViewState | None = None
        self._in_view = False
        self._timer = QTimer(self, singleShot=True, interval=REFRESH_MS)
        self._timer.timeout.connect(self._refresh)
        self._hint, self._age, self._warning = QLabel(), QLabel(), QLabel()
        for label in (self._hint, self._age, self._warning):
            label.setWordWrap(True)
            label.hide()
        self._hint.setText(
            self.tr(
                "Choose the brush (B) and paint over a part of the frame: the network then doesn't see it. Here "
                "stands what that changes, class by class."
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
        for widget in (self._hint, self._warning, self.list, self._age):
            column.addWidget(widget)
        column.addStretch(1)
        self.setWidget(DockScroll(body, self))
        self.visibilityChanged.connect(self._on_visibility_changed)

    @property
    def texts(self) -> tuple[str, ...]:
        """What it says in words."""
        labels = (self._hint, self._warning, self._age)
        return tuple(label.text() for label in labels if not label.isHidden())

    @Slot(object)
    def show_state(self, state: ViewState | None) -> None:
        """Show soon; the newest wins. None: nothing is in view."""
        same_frame = (
            self._state is not None
            and state is not None
            and state.explanation.request.edit is not None
            and state.explanation is self._state.explanation
        )
        self._state = state
        if not self._in_view:
            return
        if state is None or same_frame or state.explanation.request.edit is None:
            self._refresh()
        elif not self._timer.isActive():
            self._timer.start()

    def _on_visibility_changed(self, visible: bool) -> None:
        self._in_view = visible
        if visible:
            self._refresh()

    @Slot()
    def _refresh(self) -> None:
        state = self._state
        before = state.explanation.before if state is not None else None
        self._hint.setVisible(before is None)
        rows: tuple[ChangeRow, ...] = ()
        age = warning = ""
        if state is not None and before is not None:
            explanation = state.explanation
            found = changes(before.prediction, explanation.prediction, state.classes)
            chosen = state.target.class_id
            rows = tuple(ChangeRow(explanation.label(c.class_id), c, c.class_id == chosen) for c in found)
            age, warning = age_text(explanation), warning_text(explanation)
        self.list.show_rows(rows)
        self.list.setVisible(bool(rows))
        for label, text in ((self._age, age), (self._warning, warning)):
            label.setText(text)
            label.setVisible(bool(text))


def age_text(explanation: Explanation) -> str:
    """Of how long ago the numbers before are, where the world moves; "" where they are of the same frame."""
    before = explanation.before
    if before is None:
        return ""
    seconds = explanation.frame.time - before.time
    if seconds < OLD_S:
        return ""
    return translate("what_if", "The numbers before are of a frame {0} s earlier.").format(decimal(seconds, 1))


def warning_text(explanation: Explanation) -> str:
    """Which classes came with the fill; "" if none did."""
    before = explanation.before
    if before is None:
        return ""
    text = translate(
        "what_if",
        "“{0}” came with the fill: from {1} to {2}, and its own logit rose by {3}. What was painted may look "
        "like it. Try another fill before you believe this change.",
    )
    return "\n".join(
        text.format(explanation.label(c.class_id), percent(c.before), percent(c.after), signed(c.logit, 1))
        for c in appeared(before.prediction, explanation.prediction)
    )
