"""Failures that are shown to the user: a sentence about what happened, and one about what to do.

Any other exception is a defect of the program and goes to the log.
"""

from __future__ import annotations

from camviewer.core.text import (
    Text,
    joined,
)


class Failure(Exception):
    """message: what happened, for the user; mend: what to do about it; details: for the log.

    message and mend are templates of a `Text` where values are given, so that the window can
    translate them: ``SourceFailure("{name} is empty.", "Open another file.", name=path.name)``. Text
    from elsewhere, such as the reason of an OSError, is a value, never a part of a template.
    """

    def __init__(self, message: str, mend: str = "", details: str = "", **values: object) -> None:
        self.message: str = message if isinstance(message, Text) else Text(message, **values)
        self.mend: str = mend if isinstance(mend, Text) else Text(mend, **values)
        self.details = details
        super().__init__(self.message)

    @property
    def text(self) -> Text:
        """Both sentences."""
        return joined(" ", [part for part in (self.message, self.mend) if part])

    def __str__(self) -> str:
        return self.text


class SourceFailure(Failure):
    """A camera, video, screen or image can't be read."""


class ModelFailure(Failure):
    """A model, its weights or its labels can't be used."""


class DeviceFailure(ModelFailure):
    """A device gave up while it was in use."""


class Defect(Failure):
    """A fault of the program itself. `ui.system.error_reporter` takes it from the log and shows it."""


class SaveFailure(Failure):
    """A file can't be written."""
