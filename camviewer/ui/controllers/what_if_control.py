"""WhatIfControl: keeps the What if dock true to what is explained, and brings it to the front."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.ui.controllers.edit_control import EditControl
from camviewer.ui.docks.what_if import WhatIfDock
from camviewer.ui.picture.class_tabs import ClassTabs


class WhatIfControl(QObject):
    """It comes to the front when an edit begins, not while it goes on, and never if it was closed."""

    def __init__(
        self, pipeline: Pipeline, tabs: ClassTabs, edits: EditControl, dock: WhatIfDock, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._pipeline, self._tabs, self._dock = pipeline, tabs, dock
        pipeline.explained.connect(self._show)
        pipeline.source_changed.connect(self._show)
        tabs.class_chosen.connect(self._show)
        edits.begun.connect(self._on_edits_begun)
        dock.class_chosen.connect(tabs.choose)

    @Slot()
    def _show(self) -> None:
        self._dock.show_explanation(self._pipeline.current, self._tabs.classes, self._tabs.chosen)

    @Slot()
    def _on_edits_begun(self) -> None:
        if not self._dock.isHidden():
            self._dock.raise_()
