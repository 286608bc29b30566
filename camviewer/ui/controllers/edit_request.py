"""EditRequest: brings the edit into the pipeline's request, so that it is seen to work while it is drawn."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Slot

from camviewer.core.edits import FrameEdit
from camviewer.core.explanation import Explanation
from camviewer.media.pipeline.pipeline import Pipeline


class EditRequest(QObject):
    """One edit under way at a time; of those that come meanwhile, the newest is asked for next.

    Each new request makes what is under way stale. If every move of the pointer made one, nothing would come
    into view until the pointer rests.
    """

    def __init__(self, pipeline: Pipeline, parent: QObject) -> None:
        super().__init__(parent)
        self._pipeline = pipeline
        self._newest: FrameEdit | None = None
        self._under_way = False
        pipeline.explained.connect(self._on_pipeline_explained)
        for over in (pipeline.frame_failed, pipeline.model_failed, pipeline.source_changed):
            over.connect(self._on_pipeline_over)

    def ask(self, edit: FrameEdit | None, at_once: bool) -> None:
        """at_once: don't wait for what is under way."""
        self._newest = edit
        if at_once or not self._under_way:
            self._send()

    def _send(self) -> None:
        request = self._pipeline.request
        if self._newest != request.edit:
            self._under_way = self._pipeline.current is not None
            self._pipeline.set_request(replace(request, edit=self._newest))

    @Slot(object)
    def _on_pipeline_explained(self, explanation: Explanation) -> None:
        if explanation.request.edit == self._pipeline.request.edit:
            self._under_way = False
            self._send()

    @Slot(object)
    def _on_pipeline_over(self, _what: object) -> None:
        self._under_way = False
