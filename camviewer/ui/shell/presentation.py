"""Presentation: frame, caption and colour bar alone; the controls fade in with the pointer, and out again."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEasingCurve, QEvent, QObject, QPropertyAnimation, Qt, QTimer, Slot
from PySide6.QtGui import QAction, QCursor, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QFrame,
    QGraphicsOpacityEffect,
    QHBoxLayout,
    QMainWindow,
    QToolBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from camviewer.ui.picture.centre import Centre
from camviewer.ui.system.settings import Settings
from camviewer.ui.widgets.icons import fit_icons

IDLE_S = 3.0
"""How long controls are seen after the pointer has moved."""
FADE_MS = 250
KEY = "presentation/text"
TEXT, LEAST, MOST, STEP = 2.0, 1.0, 5.0, 1.1
"""How many times larger its text is than the window's: at first, at least, at most; a step of the wheel."""
_PLAYING = ("previous", "freeze", "next")
"""Where no bar has them."""
_BUTTONS = (*_PLAYING, "all", "record", "save", "full_screen")


class Floating(QFrame):
    """Controls over the picture, which fade. While nothing fades there is no effect, and no timer runs."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self.setAutoFillBackground(True)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(2, 2, 2, 2)
        self.column.setSpacing(0)
        self._effect = QGraphicsOpacityEffect(self)
        self._effect.setEnabled(False)
        self.setGraphicsEffect(self._effect)
        self._fade = QPropertyAnimation(self._effect, b"opacity", self)
        self._fade.setEasingCurve(QEasingCurve.Type.InOutQuad)
        self._fade.finished.connect(self._on_fade_finished)
        self.is_wanted = False
        self.hide()

    def fade(self, wanted: bool, at_once: bool = False) -> None:
        if wanted == self.is_wanted and not at_once:
            return
        now = self._effect.opacity() if self._effect.isEnabled() else float(not self.isHidden())
        self.is_wanted = wanted
        self._fade.stop()
        if at_once:
            self._on_fade_finished()
            return
        self._effect.setOpacity(now)
        self._effect.setEnabled(True)
        self._fade.setDuration(FADE_MS)
        self._fade.setStartValue(now)
        self._fade.setEndValue(float(wanted))
        self.show()
        self.raise_()
        self._fade.start()

    @Slot()
    def _on_fade_finished(self) -> None:
        self._effect.setEnabled(False)
        self.setVisible(self.is_wanted)


class Presentation(QObject):
    """Puts the window's parts away, and the controls of the picture over it, and back."""

    def __init__(
        self, window: QMainWindow, centre: Centre, actions: dict[str, QAction], settings: Settings
    ) -> None:
        super().__init__(window)
        self._window, self._centre, self._settings = window, centre, settings
        self._is_on = False
        self._put_away: list[QWidget] = []
        self._in_front: list[QDockWidget] = []
        self._caption_was_hidden = False
        # In the page, where the plain keys work.
        self.top, self.bottom = Floating(centre.frame_page), Floating(centre.frame_page)
        self._buttons = {name: _button(actions[name]) for name in _BUTTONS}
        row = QHBoxLayout()
        row.setContentsMargins(8, 2, 8, 2)
        row.addStretch(1)
        for button in self._buttons.values():
            row.addWidget(button)
        row.addStretch(1)
        self.bottom.column.addLayout(row)
        self._movers: dict[QEvent.Type, tuple[QWidget, ...]] = {
            QEvent.Type.Resize: (centre.frame_page, centre.caption),
            QEvent.Type.LayoutRequest: (self.top, self.bottom),
        }
        """What makes the controls another size, or moves them."""
        self._idle = QTimer(self, singleShot=True)
        self._idle.timeout.connect(self._on_idle)

    def set_on(self, on: bool) -> None:
        if on == self._is_on:
            return
        self._is_on = on
        if on:
            self._begin()
        else:
            self._end()

    def _begin(self) -> None:
        centre = self._centre
        self.put_away()
        self.top.column.addWidget(centre.tabs)
        self.top.column.addWidget(centre.groups)
        if not centre.review_on:
            self.top.column.addWidget(centre.banners)
        for bar in (centre.video_bar, centre.history_bar):
            self.bottom.column.addWidget(bar)
        self._caption_was_hidden = centre.caption.isHidden()
        centre.caption.show()
        self._size_text(self._settings.number(KEY, TEXT, LEAST, MOST))
        for widget in self._watched:
            widget.setMouseTracking(True)
            widget.installEventFilter(self)
        self._fit()

    def put_away(self) -> None:
        """What is seen of the window around the picture, also if something has shown it since."""
        if not self._is_on:
            return
        window = self._window
        parts: list[QWidget] = [*window.findChildren(QToolBar), window.menuBar(), window.statusBar()]
        docks = [dock for dock in window.findChildren(QDockWidget) if not dock.isFloating()]
        self._in_front += [dock for dock in docks if not dock.visibleRegion().isEmpty()]
        parts += docks
        seen = [part for part in parts if not part.isHidden()]
        self._put_away += [part for part in seen if part not in self._put_away]
        for part in seen:
            part.hide()

    def _end(self) -> None:
        for widget in self._watched:
            widget.removeEventFilter(self)
        self._idle.stop()
        for floating in (self.top, self.bottom):
            floating.fade(False, at_once=True)
        self._centre.put_controls_back()
        self._centre.caption.setHidden(self._caption_was_hidden)
        self._size_text(1.0)
        for part in self._put_away:
            part.show()
        for dock in self._in_front:
            dock.raise_()
        self._put_away, self._in_front = [], []

    @property
    def _watched(self) -> Sequence[QWidget]:
        centre = self._centre
        views = (centre.view, centre.edit_layer, centre.all_view, centre.colour_bar, centre.caption)
        return (centre.frame_page, *views, self.top, self.bottom)

    # Text

    @property
    def text_scale(self) -> float:
        return self._centre.caption.scale

    def _size_text(self, scale: float) -> None:
        """Of the caption, and of the titles where all classes are side by side."""
        self._centre.caption.set_scale(scale)
        font = self._window.font()
        if scale != 1.0:
            if font.pointSizeF() > 0:
                font.setPointSizeF(font.pointSizeF() * (1 + 0.6 * (scale - 1)))
            else:
                font.setPixelSize(round(font.pixelSize() * (1 + 0.6 * (scale - 1))))
        self._centre.all_view.setFont(font)
        self._centre.colour_bar.setFont(font)

    def _turn(self, steps: float) -> None:
        scale = min(max(self.text_scale * STEP**steps, LEAST), MOST)
        self._settings.set(KEY, scale)
        self._size_text(scale)

    # Controls

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.MouseMove:
            self.show_controls()
        elif kind == QEvent.Type.Wheel and isinstance(event, QWheelEvent):
            with_ctrl = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            if with_ctrl and watched is not self._centre.edit_layer:  # there it zooms
                self._turn(event.angleDelta().y() / 120)
                return True
        elif kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
                self.show_controls()  # so that the focus has where to go
        elif watched in self._movers.get(kind, ()):
            self._fit()
        return super().eventFilter(watched, event)

    def show_controls(self) -> None:
        """As the pointer does, and the Tab key."""
        if not self._is_on or self._centre.review_on:
            return
        if not self.top.is_wanted:
            self._fit()
            for floating in (self.top, self.bottom):
                floating.fade(True)
        self._idle.start(round(1000 * IDLE_S))

    @Slot()
    def _on_idle(self) -> None:
        """They stay under the pointer, and while the keyboard is in them."""
        floating, focused = (self.top, self.bottom), self._window.focusWidget()
        in_use = any(
            each.rect().contains(each.mapFromGlobal(QCursor.pos()))
            or (focused is not None and each.isAncestorOf(focused))
            for each in floating
        )
        if in_use:
            self._idle.start(round(1000 * IDLE_S))
            return
        for each in floating:
            each.fade(False)

    def _fit(self) -> None:
        """The tabs along the top; the rest in the middle of the lower edge, above the caption."""
        centre = self._centre
        fit_icons(*self._buttons.values())
        bars = not (centre.video_bar.isHidden() and centre.history_bar.isHidden())
        for name in _PLAYING:
            self._buttons[name].setVisible(not bars)
        page, column = centre.frame_page, self.top.column
        width = page.width()
        wraps = column.hasHeightForWidth()
        height = column.totalHeightForWidth(width) if wraps else self.top.sizeHint().height()
        self.top.setGeometry(0, 0, width, height)
        hint = self.bottom.sizeHint()
        room = max(hint.width(), round(0.6 * width)) if bars else hint.width()
        room = min(width, room)
        y = centre.caption.mapTo(page, centre.caption.rect().topLeft()).y() - hint.height() - 8
        self.bottom.setGeometry((width - room) // 2, max(y, 0), room, hint.height())


def _button(action: QAction) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(action)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
    button.setAutoRaise(True)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
