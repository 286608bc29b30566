"""ClassControl: finds classes by name, and remembers the pinned ones."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QWidget

from camviewer.core.explanation import class_set_of
from camviewer.core.models.labels import imagenet_labels
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.ui.controllers.presenter import Presenter
from camviewer.ui.picture.class_finder import ClassFinder
from camviewer.ui.picture.class_tabs import ClassTabs
from camviewer.ui.system.settings import Settings

PINS, PINS_OF = "classes/pinned", "classes/pinned_of"
"""Settings: numbers of classes, and the class set that they are of. Version 0.1 knew ImageNet's only."""
REFRESH_MS = 200
"""Faster numbers can't be read."""


class ClassControl(QObject):
    """Between the tabs and the finder. Remembers the pinned classes, which are those of one class set."""

    def __init__(
        self, pipeline: Pipeline, settings: Settings, tabs: ClassTabs, presenter: Presenter, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._pipeline, self._settings, self._tabs, self._presenter = pipeline, settings, tabs, presenter
        self._class_set = ""
        self._pins: dict[str, tuple[int, ...]] = {}
        """By class set."""
        self.finder = ClassFinder(parent)
        self.finder.class_found.connect(self.show)
        self._timer = QTimer(self, singleShot=True, interval=REFRESH_MS)
        self._timer.timeout.connect(self._on_timer_timeout)
        pipeline.explained.connect(self._on_pipeline_explained)
        tabs.find_requested.connect(self.find)
        tabs.pins_changed.connect(self._on_tabs_pins_changed)
        tabs.classes_changed.connect(self._on_tabs_classes_changed)

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
        """Pin the classes that were pinned when the program was left, as soon as a network has them."""
        pins = tuple(int(pin) for pin in self._settings.texts(PINS) if pin.isdecimal())
        if pins:
            self._pins[self._settings.text(PINS_OF) or class_set_of(imagenet_labels())] = pins

    @Slot(str, int)
    def _on_tabs_classes_changed(self, class_set: str, count: int) -> None:
        self._class_set = class_set
        self._tabs.pin(tuple(pin for pin in self._pins.get(class_set, ()) if pin < count))
        explanation = self._pipeline.current
        if explanation is not None:
            self.finder.show_explanation(explanation)

    @Slot(object)
    def _on_tabs_pins_changed(self, pins: tuple[int, ...]) -> None:
        self._pins[self._class_set] = pins
        self._settings.set(PINS, [str(pin) for pin in pins])
        self._settings.set(PINS_OF, self._class_set)
        self._presenter.refresh()
