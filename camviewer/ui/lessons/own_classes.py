"""The user's own classes wait while a lesson teaches others, in another folder."""

from __future__ import annotations

from pathlib import Path

from camviewer.ui.controllers.teach_control import TeachControl
from camviewer.ui.controllers.teach_fit import Fitted
from camviewer.ui.lessons.parts import LessonParts


def running(parts: LessonParts) -> Fitted | None:
    """What was learned last, if its classes are those that run now."""
    model, fitted = parts.pipeline.model, parts.teaching.fitted
    runs = fitted is not None and model is not None and model.weights_sha256 == fitted.learned.head.sha256
    return fitted if runs else None


def use_folder(teaching: TeachControl, folder: Path, *, empty: bool = False) -> None:
    """Go on with the examples of another folder, and with the model's own classes.

    empty: delete what is in it.
    """
    teaching.capture.end()
    teaching.looker.forget()
    teaching.set_running(False)
    teaching.forget_fit()
    teaching.keeper.use(folder, empty=empty)
    teaching.begin()
