"""EditStrip: the tools, the fill and what else can be done with an edit, above the view."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton

from camviewer.core.covering import Fill
from camviewer.ui.widgets import theme
from camviewer.ui.widgets.fitting import FittingWidget
from camviewer.ui.widgets.form import choice_box, choose, label_of
from camviewer.ui.widgets.icons import fit_icons, icon
from camviewer.ui.widgets.words import fill_word

GROUPS = (
    ("brush", "eraser", "rectangle", "lasso"),
    ("cover_evidence", "keep_evidence"),
    ("undo", "redo"),
    ("invert_edit", "clear_edit", "show_original"),
)
"""Names of actions."""
GIVE_WAY = ("redo", "invert_edit", "keep_evidence", "lasso", "cover_evidence", "undo", "rectangle")
"""Which buttons go first where there is no room; all are in the Edit menu, and have keys."""


class EditStrip(FittingWidget):
    """Hidden unless a tool is chosen, or something is covered."""

    fill_chosen = Signal(object)
    """Fill"""
    closed = Signal()

    def __init__(self, actions: dict[str, QAction]) -> None:
        super().__init__()
        self._buttons: dict[str, QToolButton] = {}
        self._fill = choice_box((fill, fill_word(fill)) for fill in Fill)
        self._fill.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._fill.setToolTip(
            self.tr("What covers the parts that are drawn next. A fill can say something, too.")
        )
        self._fill.activated.connect(lambda _: self.fill_chosen.emit(self._fill.currentData()))
        self._fill_label = label_of(self._fill, self.tr("Fill"))
        self._close = QToolButton()
        self._close.setIcon(icon("close"))
        self._close.setToolTip(self.tr("Leave the tool (Esc)"))
        self._close.setAccessibleName(self.tr("Leave the tool"))
        self._close.clicked.connect(self.closed)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(8, 3, 8, 3)
        self._row.setSpacing(2)
        for group in GROUPS:
            if group is not GROUPS[0]:
                self._row.addSpacing(10)
            for name in group:
                self._buttons[name] = button = QToolButton()
                button.setDefaultAction(actions[name])
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
                self._row.addWidget(button)
            if group is GROUPS[0]:
                self._row.addSpacing(10)
                self._row.addWidget(self._fill_label)
                self._row.addWidget(self._fill)
        self._row.addStretch(1)
        self._row.addWidget(self._close)
        for button in (*self._buttons.values(), self._close):
            button.setAutoRaise(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.fit()
        self.hide()

    def show_fill(self, fill: Fill) -> None:
        choose(self._fill, fill)

    def show_tool(self, is_chosen: bool) -> None:
        """Whether there is a tool to leave. It comes with every frame: nothing is laid out where it is so."""
        if self._close.isHidden() == is_chosen:
            self._close.setVisible(is_chosen)
            self.fit()

    def minimumSizeHint(self) -> QSize:
        """It gives way: narrower than all that it could show."""
        least = self._close.sizeHint().width() * 4 + self._fill.sizeHint().width()
        return QSize(least, super().minimumSizeHint().height())

    def fit(self) -> None:
        fit_icons(*self._buttons.values(), self._close)
        for button in self._buttons.values():
            button.show()
        self._fill_label.show()
        if self._needed() > self.width():
            self._fill_label.hide()
        for name in GIVE_WAY:
            if self._needed() <= self.width():
                break
            self._buttons[name].hide()

    def _needed(self) -> int:
        self._row.invalidate()
        return self._row.sizeHint().width()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(theme.groove(self.palette()))
        painter.drawLine(self.rect().bottomLeft(), self.rect().bottomRight())
