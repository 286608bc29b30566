"""CaptionControl: keeps the caption below the view true to what is in view, stands still, and records."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Slot
from PySide6.QtGui import QAction

from camviewer.media.drawing.view_state import ViewState
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.ui.controllers.presenter import Presenter
from camviewer.ui.picture.caption_strip import Marks
from camviewer.ui.picture.centre import Centre
from camviewer.ui.system.settings import Settings
from camviewer.ui.widgets.words import whole

KEY = "view/caption"
_LOW, _LEAST = 26, 18
"""Lines of text that the picture's page is high, below which the caption has one line, and none."""


class CaptionControl(QObject):
    """Whether there is one is remembered."""

    def __init__(
        self,
        pipeline: Pipeline,
        settings: Settings,
        presenter: Presenter,
        centre: Centre,
        actions: dict[str, QAction],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._pipeline, self._settings, self._centre = pipeline, settings, centre
        self._presenter, self._strip = presenter, centre.caption
        self._freeze, self._record = actions["freeze"], actions["record"]
        self._has_room = True
        self._strip.setVisible(self.on)
        presenter.presented.connect(self._on_presenter_presented)
        presenter.nothing_presented.connect(self._on_presenter_nothing_presented)
        self._freeze.changed.connect(self._on_action_changed)
        self._record.changed.connect(self._on_action_changed)
        for watched in (centre.frame_page, self._strip):
            watched.installEventFilter(self)

    @property
    def on(self) -> bool:
        """Whether it is shown."""
        return self._settings.flag(KEY, True)

    def set_on(self, on: bool) -> None:
        self._settings.set(KEY, on)
        self._strip.setVisible(on and self._has_room)

    @Slot(object)
    def _on_presenter_presented(self, state: ViewState) -> None:
        if self._strip.isHidden():
            return
        if self._centre.all_on:  # each has its own title
            text = self.tr("{0} classes side by side, one scale")
            self._strip.show_text(text.format(whole(len(self._centre.all_view.states))))
        else:
            self._strip.show_state(state)

    @Slot()
    def _on_presenter_nothing_presented(self) -> None:
        self._strip.show_state(None)

    @Slot()
    def _on_action_changed(self) -> None:
        source, still = self._pipeline.source, ""
        if self._freeze.isChecked() and source is not None and source.live:
            still = self.tr("PAUSED") if source.pausable else self.tr("FROZEN")
        self._strip.show_marks(Marks(still, self._record.isChecked()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and watched is self._strip:
            if self._presenter.state is not None:  # whoever shows it: nothing was told while it was hidden
                self._on_presenter_presented(self._presenter.state)
        elif event.type() == QEvent.Type.Resize and watched is self._centre.frame_page:
            lines = self._centre.frame_page.height() / self._strip.fontMetrics().height()
            self._strip.set_low(lines < _LOW)
            if self._has_room != (lines >= _LEAST):
                self._has_room = not self._has_room
                self.set_on(self.on)
        return super().eventFilter(watched, event)
