"""WhatIfControl: keeps the What if dock true to what is explained, and shows it when it is of use."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Slot

from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.ui.controllers.edit_control import EditControl
from camviewer.ui.docks.what_if import WhatIfDock
from camviewer.ui.picture.class_tabs import ClassTabs


class WhatIfControl(QObject):
    """It is shown, in front, when an edit begins, not while it goes on, and never again if it was closed.

    Nor in a narrow window, where all docks give way to the picture.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        tabs: ClassTabs,
        edits: EditControl,
        dock: WhatIfDock,
        has_room: Callable[[], bool],
        parent: QObject,
    ) -> None:
        """has_room: whether the window is wide enough for docks."""
        super().__init__(parent)
        self._pipeline, self._tabs, self._dock = pipeline, tabs, dock
        pipeline.explained.connect(self._show)
        pipeline.source_changed.connect(self._show)
        tabs.class_chosen.connect(self._show)
        edits.begun.connect(self._on_edits_begun)
        dock.class_chosen.connect(tabs.choose)
        dock.installEventFilter(self)
        self._has_room, self._was_closed = has_room, False

    @Slot()
    def _show(self) -> None:
        self._dock.show_explanation(self._pipeline.current, self._tabs.classes, self._tabs.chosen)

    @Slot()
    def _on_edits_begun(self) -> None:
        if not self._dock.isHidden() or (self._has_room() and not self._was_closed):
            self._dock.show()
            self._dock.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._dock and event.type() == QEvent.Type.Close:
            self._was_closed = True
        return False
