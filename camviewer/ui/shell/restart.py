"""Restart: starts the program again in the place of this one, with what is open."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import QDir, QObject, QProcess, Slot
from PySide6.QtWidgets import QMessageBox

from camviewer.core.loading import ModelChoice
from camviewer.media.sources.screen import ScreenSource
from camviewer.media.sources.source import FromFile, Reopenable
from camviewer.ui.shell.window_protocol import Window

_OF_A_MODEL = ("--weights", "--labels", "--card")


class Restart(QObject):
    """Closes the window, and starts the program again after its end: settings are written then.

    named: the paths in the program's arguments.
    """

    def __init__(self, window: Window, named: Sequence[Path]) -> None:
        super().__init__(window.window())
        self._window, self._named = window, named
        self._model = window.models.choice
        self._command: list[str] = []

    @Slot()
    def ask(self) -> None:
        """Restart; ask first if that would lose something."""
        lost = list(self._lost())
        if not lost:
            self.begin()
            return
        box = QMessageBox(self._window.window())
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(self.tr("Restart camviewer?"))
        box.setInformativeText("\n".join((self.tr("This will be gone:"), *(f"•  {what}" for what in lost))))
        box.setStandardButtons(QMessageBox.StandardButton.Cancel)
        button = box.addButton(self.tr("Restart"), QMessageBox.ButtonRole.AcceptRole)
        button.clicked.connect(self.begin)
        box.open()

    @Slot()
    def begin(self) -> None:
        """Close the window; `start_again` starts the next one."""
        source = self._window.sources.source
        arguments = arguments_again(
            sys.argv[1:],
            named=self._named,
            opened=self._window.sources.opened if isinstance(source, FromFile) else (),
            screen=isinstance(source, ScreenSource),
            model=model_arguments(sys.argv[1:], self._model, self._window.models.choice) or [],
        )
        # What stands before the program's own arguments says how Python was told to run it.
        frozen = getattr(sys, "frozen", False)
        python = [] if frozen else sys.orig_argv[1 : len(sys.orig_argv) - len(sys.argv[1:])]
        self._command = [sys.executable, *python, *arguments]
        self._window.close()

    def start_again(self) -> bool:
        """Once all of the program has ended: start it if that was asked for, and once. Returns whether."""
        command, self._command = self._command, []
        return bool(command) and bool(QProcess.startDetached(command[0], command[1:], QDir.currentPath()))

    def _lost(self) -> Iterator[str]:
        """What a new start can't bring back, in the user's words."""
        window, source = self._window, self._window.sources.source
        if window.edits.edit is not None:
            yield self.tr("what you covered in the picture")
        if window.reviews.job is not None:
            yield self.tr("the review of the folder")
        if window.conversions.conversion is not None:
            yield self.tr("the conversion of the video, which isn't finished")
        if source is not None and not isinstance(source, FromFile | Reopenable):
            yield self.tr("the pasted picture")
        if model_arguments(sys.argv[1:], self._model, window.models.choice) is None:
            yield self.tr("the choice of the model")


def model_arguments(arguments: Sequence[str], first: ModelChoice, now: ModelChoice) -> list[str] | None:
    """What to add so that the model of now runs, where another one did first; None if nothing can say it.

    arguments: of the program. What they say of the first model's files would be taken for the other one's.
    """
    if (now.name, now.file, now.weights) == (first.name, first.file, first.weights):
        return []
    if any(argument.split("=")[0] in _OF_A_MODEL for argument in arguments):
        return None
    added = ["--model", str(now.file or now.name)]
    for option, file in zip(_OF_A_MODEL, (now.weights, now.labels, now.card), strict=True):
        added += [option, str(file)] if file is not None else []
    return added


def arguments_again(
    arguments: Sequence[str],
    *,
    named: Sequence[Path],
    opened: Sequence[Path],
    screen: bool,
    model: Sequence[str],
) -> list[str]:
    """The program's arguments, with what is open now in the place of what was named then.

    named: the paths in the arguments. opened: those that are open; none for a camera (the settings know it)
    and for the screen. model: what `model_arguments` adds.
    """
    dropped = {*map(str, named), "--screen", "--new-window"}
    kept = [argument for argument in arguments if argument not in dropped]
    seen = ["--screen"] if screen else []
    if opened:
        seen = ["--new-window", *map(str, opened)]  # not in another window that is there
    return [*kept, *model, *seen]
