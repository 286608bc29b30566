"""Full screen is the presentation: Escape leaves it, and it says so when it begins."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QAction, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QFrame, QLabel, QMainWindow, QWidget

from camviewer.ui.picture.centre import Centre
from camviewer.ui.shell.presentation import Presentation
from camviewer.ui.system.settings import Settings
from camviewer.ui.widgets import accessibility

NOTE_S = 3.0
"""How long it is said how to leave: long enough to be read, soon out of the way."""
translate = QCoreApplication.translate


class Note(QLabel):
    """A line over the middle of a widget that goes by itself, and moves nothing in it."""

    def __init__(self, below: QWidget) -> None:
        super().__init__(below)
        self._below = below
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.setMargin(10)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._timer = QTimer(self, singleShot=True, interval=round(1000 * NOTE_S))
        self._timer.timeout.connect(self.hide)
        below.installEventFilter(self)
        self.hide()

    def tell(self, text: str) -> None:
        self.setText(text)
        self._place()
        self.show()
        self.raise_()
        accessibility.announce(self, text)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()  # not sooner: the window itself may not be shown yet

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        self.adjustSize()
        room = self._below.rect()
        self.move(QPoint((room.width() - self.width()) // 2, room.height() * 3 // 5))


class FullScreen(QObject):
    """While the window fills the screen, it presents."""

    def __init__(
        self, window: QMainWindow, centre: Centre, actions: dict[str, QAction], settings: Settings
    ) -> None:
        super().__init__(window)
        self._window, self.note = window, Note(centre)
        self.presentation = Presentation(window, centre, actions, settings)
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), window, self.leave)
        self._escape.setEnabled(False)  # it is of use to others, too

    def set_on(self, on: bool) -> None:
        full, state = Qt.WindowState.WindowFullScreen, self._window.windowState()
        self._window.setWindowState(state | full if on else state & ~full)

    def leave(self) -> None:
        self.set_on(False)

    def show(self, full: bool) -> None:
        """As the window is now, however it came to be so."""
        self.presentation.set_on(full)
        if full == self._escape.isEnabled():
            return
        self._escape.setEnabled(full)
        if full:
            self.note.tell(translate("full_screen", "Esc leaves"))
        else:
            self.note.hide()
