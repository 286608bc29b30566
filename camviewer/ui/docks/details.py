"""Details: rows that most readers don't need, behind a button. Closed at first; remembered."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from camviewer.ui.docks.evidence_lists import Row, Rows
from camviewer.ui.system.settings import Settings

OPEN = "evidence/details"
"""Settings: whether they are open."""


class Details(QWidget):
    """Hidden with its button while there are no such rows."""

    toggled = Signal()

    def __init__(self, settings: Settings | None) -> None:
        """settings: None remembers nothing."""
        super().__init__()
        self._settings = settings
        self.list = Rows(self.tr("Details"))
        self.button = QToolButton()
        self.button.setText(self.tr("Details"))
        self.button.setToolTip(self.tr("What rounding leaves, small numbers, and odds"))
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setAutoRaise(True)
        self.button.setCheckable(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.addWidget(self.button)
        column.addWidget(self.list)
        self.button.toggled.connect(self._on_button_toggled)
        self.button.setChecked(settings is not None and settings.flag(OPEN, False))
        self._show(self.is_open)

    @property
    def is_open(self) -> bool:
        return self.button.isChecked()

    @property
    def rows(self) -> tuple[Row, ...]:
        return self.list.rows

    def show_rows(self, rows: tuple[Row, ...]) -> None:
        self.list.show_rows(rows)
        self.setVisible(bool(rows))

    def _show(self, on: bool) -> None:
        self.button.setArrowType(Qt.ArrowType.DownArrow if on else Qt.ArrowType.RightArrow)
        self.list.setVisible(on)

    @Slot(bool)
    def _on_button_toggled(self, on: bool) -> None:
        self._show(on)
        if self._settings is not None:
            self._settings.set(OPEN, on)
        self.toggled.emit()
