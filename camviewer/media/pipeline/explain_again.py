"""One frame explained once more, beside the live ones."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from camviewer.core.explanation import ExplainRequest, Explanation
from camviewer.core.failures import Failure
from camviewer.core.frames import Frame
from camviewer.media.pipeline.jobs import FrameExplainer


class ExplainAgain(QObject):
    """A `Job`. Made in the GUI thread; the worker calls `step` and `end`."""

    ended = Signal(object)
    """The Explanation; Failure, if it failed; None, if it was cancelled or the window closes."""

    def __init__(self, frame: Frame, request: ExplainRequest, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._frame: Frame | None = frame
        self._request = request
        self._explained: Explanation | None = None

    def cancel(self) -> None:
        """It isn't wanted any more; `ended` comes all the same."""
        self._frame = None

    def step(self, explainer: FrameExplainer) -> bool:
        frame = self._frame
        if frame is not None:
            self._explained = explainer.explain(frame, self._request)
        return False

    def end(self, failure: Failure | None) -> None:
        explained = self._explained if self._frame is not None else None
        self._frame = self._explained = None
        self.ended.emit(failure if failure is not None else explained)
