"""Comparison: why the chosen class and not another one; the tabs, the action and the review all ask here."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction

from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.ui.picture.class_tabs import ClassTabs
from camviewer.ui.picture.map_selection import MapSelection
from camviewer.ui.widgets.class_words import class_name_and_label


class Comparison(QObject):
    """Sets the selection's other class, and marks its tab and the action that ends it."""

    def __init__(
        self, pipeline: Pipeline, tabs: ClassTabs, selection: MapSelection, action: QAction, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._pipeline, self._tabs, self._selection, self._action = pipeline, tabs, selection, action
        tabs.compare_requested.connect(self.compare_with)
        selection.changed.connect(self.mark)

    @property
    def other(self) -> int | None:
        """The class that the chosen one is compared with."""
        return self._selection.other

    @Slot(int)
    def compare_with(self, class_id: int) -> None:
        """Why the chosen class and not this one; the same class again ends the comparison."""
        if class_id != self._tabs.chosen:
            self._tabs.set_follow(False)  # a comparison is of these two, whatever comes to the top
            self._selection.compare_with(class_id)

    def compare(self, class_id: int, other: int) -> None:
        """Choose a class, and ask why it and not the other."""
        self._tabs.choose(class_id)
        self.compare_with(other)

    def toggle(self, on: bool) -> None:
        """With the most probable other class; off ends the comparison."""
        explanation, chosen = self._pipeline.current, self._tabs.chosen
        others = (c for c in explanation.top(2) if c != chosen) if explanation is not None else iter(())
        other = next(others, None)
        if on and other is not None and chosen is not None:
            self.compare_with(other)
        else:
            self._selection.clear()
        self.mark()  # where nothing changed, the action has checked itself all the same

    def others(self) -> list[tuple[int, str]]:
        """Ids and names of the classes that the chosen one may be compared with: those with a tab."""
        explanation, chosen = self._pipeline.current, self._tabs.chosen
        if explanation is None or chosen is None:
            return []
        return [(c, class_name_and_label(explanation.labels, c)) for c in self._tabs.classes if c != chosen]

    @Slot()
    def mark(self) -> None:
        """Show at the tabs and the action what is compared."""
        self._tabs.set_other(self.other)
        self._action.setChecked(self.other is not None)
