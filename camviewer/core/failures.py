"""Failures that a user is told about: one sentence that says what happened, one that says how to mend it.

Anything else that is raised is a defect of the program and goes to the log.
"""

from __future__ import annotations


class Failure(Exception):
    """message: what happened, for the user; mend: what to do about it; details: for the log."""

    def __init__(self, message: str, mend: str = "", details: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend
        self.details = details

    def __str__(self) -> str:
        return f"{self.message} {self.mend}".strip()


class SourceFailure(Failure):
    """A camera, video, screen or image can't be read."""


class ModelFailure(Failure):
    """A model, its weights or its labels can't be used."""


class DeviceFailure(ModelFailure):
    """A device gave up while it was in use."""


class Defect(Failure):
    """Nobody foresaw it. It is in the log, which is where the window hears of it (`ui.troubles`)."""


class SaveFailure(Failure):
    """A file can't be written."""
