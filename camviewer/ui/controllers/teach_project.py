"""ProjectKeeper: the classes and examples that the user has, how they were before, and their folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from platformdirs import user_data_path
from PySide6.QtCore import QObject, QTimer, Signal

from camviewer.core.failures import Failure
from camviewer.core.training.project import (
    PICTURES,
    Project,
    delete_project,
    read_project,
    write_picture,
    write_project,
)
from camviewer.ui.system.background import Background

T = TypeVar("T")
SAVE_MS = 800
"""After the last change."""
_MOST_UNDONE = 50


def project_folder() -> Path:
    """Where the project lies if nobody says otherwise."""
    return user_data_path("camviewer", appauthor=False) / "my-classes"


class ProjectKeeper(QObject):
    """Every change goes through here. Files are written in a thread of their own."""

    changed = Signal()
    loaded = Signal()
    failed = Signal(object)
    """Failure"""

    def __init__(self, folder: Path, parent: QObject) -> None:
        super().__init__(parent)
        self.folder = folder
        self.project = Project()
        self.ready = False
        """Whether what was kept has been read, or is being read."""
        self._is_read = False
        self._readable = True
        self._before: list[Project] = []
        self._background = Background(self)
        self._timer = QTimer(self, singleShot=True, interval=SAVE_MS)
        self._timer.timeout.connect(self._save)

    @property
    def pictures(self) -> Path:
        """The folder of the examples' pictures."""
        return self.folder / PICTURES

    @property
    def can_undo(self) -> bool:
        """Whether there is a change that can be taken back."""
        return bool(self._before)

    def load(self) -> None:
        """Read what was kept, in the background."""
        folder = self.folder

        def if_still_wanted(done: Callable[[T], None]) -> Callable[[T], None]:
            return lambda result: done(result) if folder == self.folder else None

        read, not_read = if_still_wanted(self._on_read), if_still_wanted(self._on_not_read)
        self._background.run(lambda: read_project(folder), read, not_read)

    def use(self, folder: Path, *, empty: bool = False) -> None:
        """Go on with the project of another folder, once it is loaded; this one is written first.

        empty: delete what is in the other one.
        """
        if self._timer.isActive():
            self._timer.stop()
            self._save()
        self.folder, self.project = folder, Project()
        self._before.clear()
        self.ready, self._is_read, self._readable = False, False, True
        if empty:
            self._background.run(lambda: delete_project(folder), lambda _: None, self.failed.emit)

    def change(self, project: Project, *, undoable: bool = True) -> None:
        """Replace the project. undoable: whether it is a step that undo takes back.

        Nothing happens while what was kept is being read: it would be overwritten.
        """
        if project == self.project or not self._is_read:
            return
        if undoable:
            self.begin_step()
        self.project = project
        self._timer.start()
        self.changed.emit()

    def begin_step(self) -> None:
        """Undo comes back to here."""
        if not self._before or self._before[-1] != self.project:
            self._before = [*self._before, self.project][-_MOST_UNDONE:]

    def undo(self) -> None:
        """Take back the last step."""
        while self._before:
            project = self._before.pop()
            if project != self.project:
                self.change(project, undoable=False)
                return

    def keep_picture(self, data: bytes, name: str) -> None:
        """Write an example's picture."""
        folder = self.folder
        self._background.run(lambda: write_picture(data, name, folder), lambda _: None, self.failed.emit)

    def delete_all(self) -> None:
        """The project and its files. That can't be taken back."""
        self._timer.stop()
        self._before.clear()
        self.project = Project()
        self._readable = True  # whatever was damaged is gone
        folder = self.folder
        self._background.run(lambda: delete_project(folder), lambda _: None, self.failed.emit)
        self.changed.emit()

    def close(self, patience: float) -> bool:
        """Write what is not written yet; whether all is."""
        if self._timer.isActive():
            self._timer.stop()
            self._save()
        return self._background.wait(patience)

    def _save(self) -> None:
        if not self._readable:  # what is there may be mended
            return
        project, folder = self.project, self.folder
        self._background.run(lambda: write_project(project, folder), lambda _: None, self.failed.emit)

    def _on_read(self, project: Project) -> None:
        self.ready = self._is_read = True
        self.project = project
        self.loaded.emit()

    def _on_not_read(self, failure: Failure) -> None:
        self._readable, self._is_read = False, True
        self.failed.emit(failure)
        self.loaded.emit()
