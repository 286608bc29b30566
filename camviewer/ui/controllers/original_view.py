"""OriginalView: the frame without its edit, for as long as a key is held."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from camviewer.media.drawing.view_state import ViewState
from camviewer.ui.controllers.presenter import Presenter
from camviewer.ui.picture.class_tabs import ClassTabs


class OriginalView(QObject):
    """Its key shows the original until it is let go of; its button and menu entry until they are used again.

    The action is triggered by the key that is pressed. That it is let go of, only the window hears.
    """

    def __init__(self, presenter: Presenter, tabs: ClassTabs, action: QAction, window: QWidget) -> None:
        super().__init__(window)
        self._presenter, self._tabs, self._action, self._window = presenter, tabs, action, window
        presenter.presented.connect(self._on_presenter_presented)

    def show(self, on: bool) -> None:
        """Show the original, or the edited frame again."""
        state = self._presenter.state
        on = on and state is not None and state.explanation.edited
        if self._set(on):
            self._presenter.refresh()

    def _set(self, on: bool) -> bool:
        """Whether it was otherwise. The view is not brought up to date."""
        handle = self._window.windowHandle()
        if handle is not None:
            handle.removeEventFilter(self)
            if on:
                handle.installEventFilter(self)
        self._action.setChecked(on)
        if on == self._presenter.shows_original:
            return False
        self._presenter.shows_original = self._tabs.shows_before = on
        self._tabs.sync()
        return True

    @Slot(object)
    def _on_presenter_presented(self, state: ViewState) -> None:
        """Undone, or another photo: there is no edit to see the frame without."""
        if self._presenter.shows_original and not state.explanation.edited:
            self._set(False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kinds = QEvent.Type
        if event.type() == kinds.KeyRelease and isinstance(event, QKeyEvent):
            key = QKeySequence(Qt.Key(event.key()))
            if not event.isAutoRepeat() and key in self._action.shortcuts():
                self.show(False)
        elif event.type() == kinds.FocusOut:
            self.show(False)
        return False
