"""CardWindow: what is known of the model that runs, where it comes from, and whether to trust it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from camviewer.core.methods.offers import MethodOffer
from camviewer.core.models.card import ModelCard
from camviewer.media.pipeline.trust_check import Checked
from camviewer.ui.model.card_form import CardForm
from camviewer.ui.model.trust_row import TrustRow
from camviewer.ui.widgets.form import heading
from camviewer.ui.widgets.text_window import resize_for_text


class CardWindow(QDialog):
    """Shows a card and a trust check; says what the user wants. Knows no files."""

    corrected = Signal(object)
    """dict[str, object]: what is to be otherwise, by the names of `core.models.corrections.Corrections`."""
    reset_requested = Signal()
    save_requested = Signal()
    copy_requested = Signal(str)
    labels_requested = Signal()
    photos_requested = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Model card"))
        self.form, self.trust = CardForm(), TrustRow()
        self.form.changed.connect(self._refresh)
        self.form.labels_requested.connect(self.labels_requested)
        self._sentence = QLabel(
            self.tr(
                "Are these the classes that you expect? If they are nonsense, look at the order of colours, "
                "the mean and the standard deviation first, then at the labels. Begin with what is assumed."
            )
        )
        self._sentence.setWordWrap(True)
        self._message = QLabel()
        self._message.setWordWrap(True)
        self._message.setTextFormat(Qt.TextFormat.PlainText)
        self._message.hide()
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(4, 0, 12, 8)
        column.addWidget(self.form)
        photos = QPushButton(self.tr("Choose p&hotos…"))
        photos.setAutoDefault(False)
        photos.clicked.connect(self.photos_requested)
        head = QHBoxLayout()
        head.addWidget(heading(self.tr("Can it be trusted?")), 1)
        head.addWidget(photos)
        column.addLayout(head)
        column.addWidget(self.trust)
        column.addWidget(self._sentence)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setAccessibleName(self.windowTitle())
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(body)
        layout = QVBoxLayout(self)
        layout.addWidget(scroll, 1)
        layout.addWidget(self._message)
        layout.addWidget(self._make_buttons())
        resize_for_text(self, QSize(660, 720))
        self._refresh()

    def _make_buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        role = QDialogButtonBox.ButtonRole
        self._apply = buttons.addButton(self.tr("&Apply"), role.ApplyRole)
        self._reset = buttons.addButton(self.tr("&Reset"), role.ResetRole)
        self._save = buttons.addButton(self.tr("&Save card…"), role.ActionRole)
        self._copy = buttons.addButton(self.tr("&Copy"), role.ActionRole)
        self._apply.setToolTip(self.tr("Loads the model with what was changed; remembered for this file"))
        self._reset.setToolTip(
            self.tr(
                "Forgets what was corrected here or given with --card and --labels; "
                "a card that was saved beside the file stays"
            )
        )
        self._save.setToolTip(self.tr("Beside the model file, under the suggested name, it is found again"))
        self._apply.clicked.connect(self._on_apply_clicked)
        self._reset.clicked.connect(self.reset_requested)
        self._save.clicked.connect(self.save_requested)
        self._copy.clicked.connect(lambda: self.copy_requested.emit(self.form.text()))
        buttons.rejected.connect(self.close)
        for button in (self._apply, self._reset, self._save, self._copy):
            button.setAutoDefault(False)
        return buttons

    @property
    def message(self) -> str:
        """What the line above the buttons says; empty if nothing is wrong."""
        return self._message.text()

    @property
    def apply_button(self) -> QPushButton:
        return self._apply

    @property
    def reset_button(self) -> QPushButton:
        return self._reset

    def show_card(self, card: ModelCard, offers: Sequence[MethodOffer], corrected: bool) -> None:
        """corrected: whether there is something to reset."""
        self.form.show_card(card, offers)
        self._reset.setEnabled(corrected)
        self.show_message("")
        self._refresh()

    def show_message(self, text: str) -> None:
        """What couldn't be done, and what to do."""
        self._message.setText(text)
        self._message.setVisible(bool(text))

    def show_checked(self, checked: Checked) -> None:
        self.trust.show_checked(checked)

    def _refresh(self) -> None:
        try:
            changed, problem = bool(self.form.corrections), ""
        except ValueError as wrong:
            changed, problem = False, str(wrong)
        self.show_message(problem)
        self._apply.setEnabled(changed)

    def _on_apply_clicked(self) -> None:
        self.corrected.emit(self.form.corrections)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closed.emit()
        super().closeEvent(event)
