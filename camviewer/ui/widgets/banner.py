"""Banners: messages inside the window, with what to do. Dialogs are for questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum, StrEnum

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from camviewer.ui.widgets import (
    accessibility,
    theme,
)
from camviewer.ui.widgets.icons import (
    icon,
    icon_side,
)

Action = tuple[str, Callable[[], object]]
_LEAST = 40
"""Characters of a line of text that its buttons must leave."""


class Severity(Enum):
    """Name of the icon that stands for it."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class BannerKey(StrEnum):
    """What a banner is about. There is one banner of each at most: a later message replaces it."""

    SOURCE = "source"
    SNAPSHOT = "snapshot"
    SEVERAL = "several"
    """Of several files only one was opened."""
    PASTE = "paste"
    PASTED = "pasted"
    """What was open before a picture was pasted."""
    EDIT = "edit"
    SAVE = "save"
    RECORD = "record"
    HISTORY = "history"
    TIMELINE = "timeline"
    CONVERT = "convert"
    CONVERT_BUSY = "convert_busy"
    MODEL = "model"
    DOWNLOAD = "download"
    """Of two only the later one goes on."""
    DEVICE = "device"
    METHOD = "method"
    REVIEW = "review"
    LESSON = "lesson"
    TEACH = "teach"
    MISTAKE = "mistake"
    FOLDER = "folder"
    LEFT_OUT = "left_out"
    """What of a folder is not among its photos."""
    PARTS = "parts"
    """Which part of a data set is meant."""
    REPORT = "report"
    LABEL = "label"
    """A photo's true class was corrected."""
    TRANSFER = "transfer"
    """Photos are copied or moved."""
    LANGUAGE = "language"
    SETTINGS = "settings"
    FIRST_START = "first_start"
    DEFECT = "defect"
    """An unforeseen exception."""
    CRASH = "crash"


class Banner(QFrame):
    """One message. The same message again is counted, not stacked."""

    def __init__(self, key: BannerKey, area: BannerArea) -> None:
        super().__init__(area)
        self.key = key
        self._text = ""
        self._repeats = 1
        self._severity = Severity.INFO
        self._calls: list[Callable[[], object]] = []
        """Of the buttons, from left to right."""
        self._icon = QLabel()
        self._label = QLabel()
        self._label.setWordWrap(True)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._progress = QProgressBar()
        self._progress.setAccessibleName(self.tr("Progress"))
        self._progress.setFixedWidth(180)
        self._progress.hide()
        self._side = QWidget()
        self._buttons = QHBoxLayout()
        self._close = QToolButton()
        self._close.setIcon(icon("close"))
        self._close.setAutoRaise(True)
        self._close.setToolTip(self.tr("Dismiss"))
        self._close.setAccessibleName(self.tr("Dismiss"))
        self._close.clicked.connect(lambda: area.clear(key))
        self.timer = QTimer(self, singleShot=True)
        self.timer.timeout.connect(lambda: area.clear(key))
        side = QHBoxLayout(self._side)
        side.setContentsMargins(0, 0, 0, 0)
        side.addWidget(self._progress)
        side.addLayout(self._buttons)
        self._places = places = QGridLayout(self)
        places.setContentsMargins(12, 6, 6, 6)
        places.setHorizontalSpacing(10)
        places.setColumnStretch(1, 1)
        places.addWidget(self._icon, 0, 0)
        places.addWidget(self._label, 0, 1)
        places.addWidget(self._side, 0, 2)
        places.addWidget(self._close, 0, 3)

    @property
    def text(self) -> str:
        """The message."""
        return self._text

    @property
    def shown_text(self) -> str:
        """The message, and how often it came."""
        return self._label.text()

    def _fit(self) -> None:
        """Buttons stand below the text where they would leave it too little room."""
        least = _LEAST * self.fontMetrics().averageCharWidth()
        beside = self.width() - self._side.sizeHint().width() >= least
        if beside != (self._places.itemAtPosition(0, 2) is not None):
            self._places.removeWidget(self._side)
            if beside:
                self._places.addWidget(self._side, 0, 2)
            else:
                self._places.addWidget(self._side, 1, 1, 1, 3, Qt.AlignmentFlag.AlignRight)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def buttons(self) -> list[QAbstractButton]:
        """From left to right."""
        items = [self._buttons.itemAt(i) for i in range(self._buttons.count())]
        widgets = [item.widget() for item in items if item is not None]
        return [*(w for w in widgets if isinstance(w, QAbstractButton)), self._close]

    def show_message(self, severity: Severity, text: str, actions: Sequence[Action]) -> None:
        self._repeats = self._repeats + 1 if text == self._text else 1
        self._text = text
        self._label.setText(text if self._repeats == 1 else f"{text} (×{self._repeats})")
        self._label.setAccessibleName(text)
        if self._repeats == 1:
            accessibility.announce(self, text, urgent=severity is Severity.ERROR)
        self._severity = severity
        self.update()  # all of it: a label's new text repaints only the ground below itself
        self._show_icon()
        self._progress.hide()
        self._calls = [call for _, call in actions]
        if [title for title, _ in actions] != [button.text() for button in self.buttons()[:-1]]:
            self._make_buttons([title for title, _ in actions])
        self._fit()

    def _make_buttons(self, titles: Sequence[str]) -> None:
        """Where they are the same as before they are kept: one may be pressed, or have the focus."""
        while (item := self._buttons.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        for place, title in enumerate(titles):
            button = QPushButton(title)
            button.clicked.connect(lambda _checked=False, place=place: self._calls[place]())
            self._buttons.addWidget(button)

    def _show_icon(self) -> None:
        side = icon_side(self)
        self._icon.setPixmap(icon(self._severity.value).pixmap(QSize(side, side)))
        self._close.setIconSize(QSize(side, side))

    def show_progress(self, done: int, total: int) -> None:
        self._progress.setRange(0, 1000)
        self._progress.setValue(1000 * done // max(total, 1))
        self._progress.show()
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        # Not a style sheet: it would keep the palette of the moment it was set.
        painter = QPainter(self)
        painter.fillRect(event.rect(), theme.banner_ground(self.palette(), self._severity.value))
        painter.end()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._show_icon()


class BannerArea(QWidget):
    """The banners, above the view. Each subject has a key; a new message replaces the old one."""

    def __init__(self) -> None:
        super().__init__()
        self._banners: dict[BannerKey, Banner] = {}
        self.comes_after: QWidget | None = None
        """The widget that the Tab key leaves for the banners; new widgets would come last."""
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(1)
        self.hide()

    def show_message(
        self,
        key: BannerKey,
        severity: Severity,
        text: str,
        actions: Sequence[Action] = (),
        seconds: float = 0,
    ) -> None:
        """seconds: how long it stays; 0 is until it is cleared or dismissed."""
        banner = self._banners.get(key)
        if banner is None:
            banner = self._banners[key] = Banner(key, self)
            self._layout.addWidget(banner)
        banner.show_message(severity, text, actions)
        self._order_tabs()
        banner.timer.stop()
        if seconds:
            banner.timer.start(round(seconds * 1000))
        self.show()

    def _order_tabs(self) -> None:
        before = self.comes_after
        for banner in self._banners.values():
            for button in banner.buttons():
                if before is not None:
                    QWidget.setTabOrder(before, button)
                before = button

    def show_progress(self, key: BannerKey, done: int, total: int) -> None:
        if key in self._banners:
            self._banners[key].show_progress(done, total)

    def clear(self, key: BannerKey) -> None:
        banner = self._banners.pop(key, None)
        if banner is not None:
            banner.timer.stop()
            self._layout.removeWidget(banner)
            banner.hide()
            banner.deleteLater()
        self.setVisible(bool(self._banners))

    def banner(self, key: BannerKey) -> Banner | None:
        """None if it isn't there."""
        return self._banners.get(key)

    def text(self, key: BannerKey) -> str | None:
        """A banner's message; None if there is no such banner."""
        banner = self.banner(key)
        return banner.text if banner is not None else None
