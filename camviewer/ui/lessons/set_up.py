"""StepSetUp: brings the window to where a step begins."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDockWidget

from camviewer.core.lessons.lesson import SetUp
from camviewer.core.lessons.pictures import EXAMPLES, picture
from camviewer.core.lessons.shortcut_set import SHORTCUT, shortcut_folder, write_shortcut_set
from camviewer.core.scaling import Interpolation
from camviewer.media.sources.photos import PhotoSource
from camviewer.ui.controllers.teach_save import PHOTOS_FOLDER
from camviewer.ui.lessons.parts import NARROW, LessonParts

AUTOMATIC = "automatic"


class StepSetUp(QObject):
    """Opens pictures without making them recent files."""

    failed = Signal(object)
    """Failure: the set of examples can't be written."""

    def __init__(self, parts: LessonParts, parent: QObject) -> None:
        super().__init__(parent)
        self._parts = parts
        self._stopped = threading.Event()
        self._wanted: Path | None = None

    def stop(self) -> None:
        """Write no more pictures, and open none."""
        self._stopped.set()
        self._wanted = None

    def do(self, set_up: Iterable[tuple[SetUp, str]], folder: Path | None) -> None:
        """All of it, in order. folder: of the lesson's file, whose pictures may be opened, too."""
        parts = self._parts
        for kind, value in set_up:
            match kind:
                case SetUp.OPEN:
                    self._open(value, folder)
                case SetUp.OVERLAY:
                    parts.styles.restyle(visible=value == "on")
                case SetUp.BETWEEN:
                    parts.styles.restyle(interpolation=Interpolation(value))
                case SetUp.METHOD:
                    parts.methods.choose_method(None if value == AUTOMATIC else value)
                case SetUp.PANEL:
                    self._show_panel(parts.docks[f"{value}_dock"])
                case SetUp.UNCOVER:
                    parts.edits.choose(None)
                    parts.edits.clear()

        if self.waits:
            parts.presenter.show_message(self.tr("Drawing the examples…"))

    @property
    def waits(self) -> bool:
        """Whether what is to be opened is still being drawn."""
        return self._wanted is not None

    def _show_panel(self, dock: QDockWidget) -> None:
        """In a narrow window only if panels are shown: they would leave nothing of the picture."""
        window, docks = self._parts.window, self._parts.docks.values()
        if window.width() >= NARROW or not all(each.isHidden() for each in docks):
            dock.show()
            dock.raise_()

    def _open(self, name: str, folder: Path | None) -> None:
        if name in EXAMPLES:
            examples = shortcut_folder(self._parts.folder)
            path = self._wanted = examples / name
            self._parts.settings.set(PHOTOS_FOLDER, str(examples / SHORTCUT))  # where the dialog begins
            write = partial(write_shortcut_set, examples, self._stopped.is_set)
            self._parts.background.run(write, lambda _: self._open_wanted(path), self.failed.emit)
        else:
            beside = folder / name if folder is not None else None
            self._wanted = None
            self._parts.pipeline.open(
                PhotoSource([beside if beside is not None and beside.is_file() else picture(name)])
            )

    def _open_wanted(self, path: Path) -> None:
        """The set is written. The person may have gone on meanwhile."""
        if self._wanted == path:
            self._wanted = None
            self._parts.pipeline.open(PhotoSource([path]))
