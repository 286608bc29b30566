"""ClassControl: finds classes by name, and remembers the pinned ones."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QWidget

from camviewer.core.explanation import Explanation, class_set_of
from camviewer.core.models.labels import imagenet_labels
from camviewer.core.models.spec import Link
from camviewer.core.models.vocabulary import vocabulary
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.ui.controllers.presenter import Presenter
from camviewer.ui.picture.centre import Centre
from camviewer.ui.picture.class_finder import ClassFinder
from camviewer.ui.system import language
from camviewer.ui.system.settings import Settings

PINS, PINS_OF = "classes/pinned", "classes/pinned_of"
"""Settings: numbers of classes, and the class set that they are of. Version 0.1 knew ImageNet's only."""
GROUPS = "classes/groups"
"""Settings: WordNet's ids of the pinned groups, the newest first."""
MAX_GROUPS = 5
"""So many are pinned; the oldest gives way."""
REFRESH_MS = 200
"""Faster numbers can't be read."""


class ClassControl(QObject):
    """Between the tabs, the groups and the finder.

    Remembers the pinned classes, of each class set its own, and the pinned groups, which are WordNet's.
    """

    def __init__(
        self, pipeline: Pipeline, settings: Settings, centre: Centre, presenter: Presenter, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._pipeline, self._settings, self._presenter = pipeline, settings, presenter
        self._tabs, self._groups = centre.tabs, centre.groups
        self._class_set = ""
        self._pins: dict[str, tuple[int, ...]] = {}
        """By class set."""
        self._group_pins: tuple[str, ...] = ()
        """WordNet's ids, of networks that don't have them too."""
        self.finder = ClassFinder(parent)
        self.finder.class_found.connect(self.show)
        self.finder.group_found.connect(self.pin_group)
        self._timer = QTimer(self, singleShot=True, interval=REFRESH_MS)
        self._timer.timeout.connect(self._on_timer_timeout)
        pipeline.explained.connect(self._on_pipeline_explained)
        self._tabs.find_requested.connect(self.find)
        self._tabs.pins_changed.connect(self._on_tabs_pins_changed)
        self._tabs.classes_changed.connect(self._on_tabs_classes_changed)
        self._groups.class_chosen.connect(self._tabs.choose)
        self._groups.unpinned.connect(self.unpin_group)

    @Slot()
    def find(self) -> None:
        """Open the finder below the tabs."""
        explanation = self._pipeline.current
        if explanation is not None:
            corner = self._tabs.mapToGlobal(self._tabs.rect().bottomRight())
            self.finder.open_at(corner, explanation)

    @Slot(object)
    def _on_pipeline_explained(self, explanation: Explanation) -> None:
        if self._group_pins:
            self._show_groups(explanation)
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

    @Slot(str)
    def pin_group(self, wnid: str) -> None:
        """Show the sum of the probabilities of a group's classes, before the others. wnid: WordNet's id."""
        others = [other for other in self._group_pins if other != wnid]
        self._set_group_pins((wnid, *others)[:MAX_GROUPS])

    @Slot(str)
    def unpin_group(self, wnid: str) -> None:
        self._set_group_pins(tuple(other for other in self._group_pins if other != wnid))

    def _set_group_pins(self, wnids: tuple[str, ...]) -> None:
        self._group_pins = wnids
        self._settings.set(GROUPS, list(wnids))
        if self._pipeline.current is not None:
            self._show_groups(self._pipeline.current)

    def _show_groups(self, explanation: Explanation) -> None:
        """None for classes that are right or wrong each by itself: a sum of theirs is no probability."""
        known = vocabulary(explanation.labels, language.present())
        if known is None or explanation.model.link is not Link.SOFTMAX:
            self._groups.set_groups(())
            return
        there = (wnid for wnid in self._group_pins if len(known.members.get(wnid, ())) > 1)
        self._groups.set_groups(tuple(known.group(wnid) for wnid in there))
        self._groups.show_explanation(explanation)

    def toggle_pin(self) -> None:
        """Pin or unpin the chosen class."""
        self._tabs.toggle_pin()
        # The action has checked itself, even if there was no class to pin.
        self._presenter.refresh()

    def restore_pins(self) -> None:
        """Pin what was pinned when the program was left, as soon as there is a network that has it."""
        pins = tuple(int(pin) for pin in self._settings.texts(PINS) if pin.isdecimal())
        self._group_pins = tuple(dict.fromkeys(self._settings.texts(GROUPS)))[:MAX_GROUPS]
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
