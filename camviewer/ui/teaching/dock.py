"""The dock "My classes": teach the network that runs one's own classes."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from camviewer.core.models.taught import MOST
from camviewer.core.training.project import Project
from camviewer.ui.docks.dock_scroll import DockScroll
from camviewer.ui.teaching.class_card import ClassCard
from camviewer.ui.teaching.results import Results
from camviewer.ui.widgets.check_box import CheckBox
from camviewer.ui.widgets.icons import fit_icons, icon


class TeachDock(QDockWidget):
    """Shows the project, and says what the user wants. It changes nothing itself."""

    class_wanted = Signal()
    renamed = Signal(int, str)
    class_removed = Signal(int)
    hold_began = Signal(int)
    hold_ended = Signal(int)
    photos_wanted = Signal(int)
    photos_dropped = Signal(int, list)
    examples_removed = Signal(list)
    example_opened = Signal(str)
    run_toggled = Signal(bool)
    undo_requested = Signal()
    save_requested = Signal()
    delete_requested = Signal()
    seen = Signal()
    """It came into view."""

    def __init__(self) -> None:
        super().__init__()
        self._cards: dict[int, ClassCard] = {}
        self._can_show = False
        self._status = QLabel()
        self._status.setWordWrap(True)
        self.run = CheckBox(self.tr("Tell &these classes, not the model's own"))
        self.run.clicked.connect(self.run_toggled)
        self.results = Results()
        self.results.example_opened.connect(self.example_opened)
        self._add = QPushButton(self.tr("&Another class"))
        self._add.setIcon(icon("plus"))
        self._add.clicked.connect(self.class_wanted)
        self._add.setEnabled(False)  # until what was kept has been read
        self.undo = QPushButton(self.tr("&Undo"))
        self.undo.clicked.connect(self.undo_requested)
        self.save = QPushButton(self.tr("Sa&ve as a model…"))
        self.save.setIcon(icon("save"))
        self.save.clicked.connect(self.save_requested)
        self.delete = QPushButton(self.tr("&Delete all…"))
        self.delete.clicked.connect(self.delete_requested)
        fit_icons(self._add, self.save)
        private = QLabel(self.tr("Pictures and classes stay on this computer."))
        private.setWordWrap(True)
        body = QWidget()
        self._column = column = QVBoxLayout(body)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(6)
        column.addWidget(self._status)
        column.addWidget(self.run)
        self._before_cards = column.count()
        row = QHBoxLayout()
        row.addWidget(self._add, 1)
        row.addWidget(self.undo)
        column.addLayout(row)
        column.addWidget(self.results)
        column.addWidget(self.save)
        column.addWidget(self.delete)
        column.addWidget(private)
        column.addStretch(1)
        self.setWidget(DockScroll(body, self))
        body.installEventFilter(self)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._on_focus_changed)
        self.visibilityChanged.connect(self._on_visibility_changed)
        self._held_by_key: tuple[int, ClassCard] | None = None

    def show_project(self, project: Project, thumbnails: Mapping[str, QImage], can_undo: bool) -> None:
        """Bring it up to date."""
        keys = [each.key for each in project.classes]
        if keys != list(self._cards):
            self._make_cards(project)
        for each in project.classes:
            self._cards[each.key].show_class(each, project.of(each.key), thumbnails)
        self._add.setEnabled(len(keys) < MOST)
        self.undo.setEnabled(can_undo)
        self.delete.setEnabled(bool(project.examples))
        self.run.setEnabled(len(project.taught_classes) > 1)

    def show_status(self, text: str) -> None:
        """What to do next, or what is being done."""
        self._status.setText(text)
        self._status.setVisible(bool(text))

    def set_can_show(self, on: bool) -> None:
        """Whether there is something to take examples of."""
        self._can_show = on
        for card in self._cards.values():
            card.set_can_show(on)

    def edit_last_name(self) -> None:
        """Of the class that was just added."""
        if self._cards:
            name = list(self._cards.values())[-1].name
            name.setFocus()
            name.selectAll()

    def _make_cards(self, project: Project) -> None:
        self._end_hold()
        for card in self._cards.values():
            card.hide()
            card.deleteLater()
        self._cards = {}
        for number, each in enumerate(project.classes):
            card = self._cards[each.key] = ClassCard(each, number + 1)
            card.set_can_show(self._can_show)
            card.renamed.connect(self.renamed)
            card.removed.connect(self.class_removed)
            card.hold_began.connect(self.hold_began)
            card.hold_ended.connect(self.hold_ended)
            card.photos_wanted.connect(self.photos_wanted)
            card.photos_dropped.connect(self.photos_dropped)
            card.examples_removed.connect(self.examples_removed)
            card.example_opened.connect(self.example_opened)
            self._column.insertWidget(self._before_cards + number, card)

    def _on_visibility_changed(self, visible: bool) -> None:
        if visible:
            self.seen.emit()
        else:
            self._end_hold()

    def _on_focus_changed(self, _before: QWidget | None, now: QWidget | None) -> None:
        if now is not self and (now is None or not self.isAncestorOf(now)):
            self._end_hold()

    # Keys: 1 to 9, while the dock has the focus and no name is edited

    def keyPressEvent(self, event: QKeyEvent) -> None:
        card = self._card_of(event)
        if card is None or not card.hold.isEnabled():
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            self._held_by_key = event.key(), card
            card.hold.setDown(True)
            card.hold_began.emit(card.key)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if self._held_by_key is None or event.key() != self._held_by_key[0]:
            super().keyReleaseEvent(event)
        elif not event.isAutoRepeat():
            self._end_hold()

    def _end_hold(self) -> None:
        """The key was let go of; or that can't be heard any more, and pictures would be taken for ever."""
        if self._held_by_key is not None:
            (_, card), self._held_by_key = self._held_by_key, None
            card.hold.setDown(False)
            card.hold_ended.emit(card.key)

    def _card_of(self, event: QKeyEvent) -> ClassCard | None:
        number = event.key() - int(Qt.Key.Key_1)
        cards = list(self._cards.values())
        return cards[number] if 0 <= number < min(len(cards), 9) else None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonPress and isinstance(watched, QWidget):
            watched.setFocus()  # so that the keys count for whoever clicks beside the cards
        return super().eventFilter(watched, event)
