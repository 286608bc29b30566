"""ClassControl: finds classes by name, and remembers the pinned ones."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QWidget

from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.ui.controllers.presenter import Presenter
from camviewer.ui.picture.class_finder import ClassFinder
from camviewer.ui.picture.class_tabs import ClassTabs
from camviewer.ui.system.settings import Settings

REFRESH_MS = 200
"""Faster numbers can't be read."""


class ClassControl(QObject):
    """Between the tabs and the finder. Remembers the pinned classes."""

    def __init__(
        self, pipeline: Pipeline, settings: Settings, tabs: ClassTabs, presenter: Presenter, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._pipeline, self._settings, self._tabs, self._presenter = pipeline, settings, tabs, presenter
        self.finder = ClassFinder(parent)
        self.finder.class_found.connect(self.show)
        self._timer = QTimer(self, singleShot=True, interval=REFRESH_MS)
        self._timer.timeout.connect(self._on_timer_timeout)
        pipeline.explained.connect(self._on_pipeline_explained)
        tabs.find_requested.connect(self.find)
        tabs.pins_changed.connect(self._on_tabs_pins_changed)

    @Slot()
    def find(self) -> None:
        """Open the finder below the tabs."""
        explanation = self._pipeline.current
        if explanation is not None:
            corner = self._tabs.mapToGlobal(self._tabs.rect().bottomRight())
            self.finder.open_at(corner, explanation)

    @Slot(object)
    def _on_pipeline_explained(self, _explanation: object) -> None:
        if self.finder.isVisible() and not self._timer.isActive():
            self._timer.start()

    @Slot()
    def _on_timer_timeout(self) -> None:
        explanation = self._pipeline.current
        if explanation is not None:
            self.finder.show_explanation(explanation)

    @Slot(int)
    def show(self, class_id: int) -> None:
        """Give a class a tab that stays, and choose it."""
        self._tabs.pin((class_id,))
        self._tabs.choose(class_id)
        self._on_tabs_pins_changed(self._tabs.pinned)

    def toggle_pin(self) -> None:
        """Pin or unpin the chosen class."""
        self._tabs.toggle_pin()
        # The action has checked itself, even if there was no class to pin.
        self._presenter.refresh()

    def restore_pins(self) -> None:
        """Pin the classes that were pinned when the program was left."""
        pins = self._settings.texts("classes/pinned")
        self._tabs.pin(tuple(int(p) for p in pins if p.isdecimal()))

    @Slot(object)
    def _on_tabs_pins_changed(self, pins: tuple[int, ...]) -> None:
        self._settings.set("classes/pinned", [str(p) for p in pins])
        self._presenter.refresh()
