"""The window as it was before a lesson, and how it is brought back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QByteArray, QObject, Slot

from camviewer.core.edits import FrameEdit
from camviewer.core.explanation import ExplainRequest, Explanation
from camviewer.core.failures import SourceFailure
from camviewer.core.frames import Frame
from camviewer.core.loading import ModelChoice
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.sources.photos import ArraySource, PhotoSource
from camviewer.media.sources.snapshot import SnapshotSource
from camviewer.media.sources.source import FromFile, Reopenable, Seekable, Source
from camviewer.media.sources.video import VideoSource
from camviewer.ui.controllers.teach_save import PHOTOS_FOLDER
from camviewer.ui.lessons.own_classes import running, use_folder
from camviewer.ui.lessons.parts import LessonParts


@dataclass(frozen=True, slots=True, eq=False)
class Choices:
    """What of the tabs and the frame was chosen; it makes sense for the same classes only."""

    class_set: str
    chosen: int | None
    follow: bool
    pinned: tuple[int, ...]
    all_on: bool
    edit: FrameEdit | None
    place: float | None
    """Of a video, in seconds."""


@dataclass(frozen=True, slots=True, eq=False)
class WindowBefore:
    """reopened: makes the source once more; None where there was none."""

    reopened: Callable[[], Source] | None
    index: int
    choice: ModelChoice | None
    asked: ModelChoice
    """Of the model that was chosen last; it may be loading still."""
    request: ExplainRequest
    smoothing: float
    style: OverlayStyle
    docks: QByteArray
    review_on: bool
    own_classes: tuple[Path, bool]
    """The folder of the user's own classes, and whether they run."""
    photos_folder: str
    choices: Choices

    @classmethod
    def of(cls, parts: LessonParts) -> WindowBefore:
        """As it is now."""
        pipeline, tabs, source = parts.pipeline, parts.centre.tabs, parts.pipeline.source
        current = pipeline.current
        choices = Choices(
            current.class_set if current is not None else "",
            tabs.chosen,
            tabs.follow,
            tabs.pinned,
            parts.centre.all_on,
            parts.edits.edit,
            source.position if isinstance(source, Seekable) else None,
        )
        return cls(
            _again(source, current.original if current is not None else None),
            source.index if isinstance(source, PhotoSource) else 0,
            pipeline.choice,
            parts.models.choice,
            pipeline.request,
            pipeline.smoothing,
            parts.styles.style,
            parts.window.saveState(),
            parts.centre.review_on,
            (parts.teaching.keeper.folder, running(parts) is not None),
            parts.settings.text(PHOTOS_FOLDER),
            choices,
        )

    def bring_back_settings(self, parts: LessonParts) -> None:
        """What is kept from one start to the next: all that counts where the window is being closed."""
        parts.edits.clear()
        parts.settings.set(PHOTOS_FOLDER, self.photos_folder)
        parts.window.restoreState(self.docks)
        parts.styles.set_style(self.style)
        parts.pipeline.set_smoothing(self.smoothing)
        parts.pipeline.set_request(replace(self.request, edit=None))

    def bring_back(self, parts: LessonParts) -> None:
        """All of it; what belongs to the source's frames comes with the first one."""
        pipeline = parts.pipeline
        self.bring_back_settings(parts)
        folder, ran = self.own_classes
        if parts.teaching.keeper.folder != folder:
            use_folder(parts.teaching, folder)
        same = pipeline.choice == self.choice and parts.models.choice == self.asked
        if self.choice is not None and not same:
            parts.models.choose(self.choice)
        if ran:
            parts.teaching.set_running(True)
        if self.reopened is not None:
            source = self.reopened()
            _Return(parts, self.choices, source, self.index)
            if isinstance(source, PhotoSource):
                _Leaf(source, self.index)
            pipeline.open(source)
        parts.show_review(self.review_on)


class _Return(QObject):
    """Waits for the first frame of the source that is back, by the model that is back."""

    def __init__(self, parts: LessonParts, choices: Choices, source: Source, index: int) -> None:
        super().__init__(parts.window)
        self._parts, self._choices, self._source, self._index = parts, choices, source, index
        parts.pipeline.explained.connect(self._on_explained)

    @Slot(object)
    def _on_explained(self, explanation: Explanation) -> None:
        parts, choices = self._parts, self._choices
        if parts.pipeline.source is not self._source:
            self._end()  # the user has opened something else meanwhile
        elif explanation.class_set == choices.class_set and self._is_there(explanation):
            self._end()
            tabs = parts.centre.tabs
            for pin in set(tabs.pinned) - set(choices.pinned):
                tabs.toggle_pin(pin)
            if choices.chosen is not None and not choices.follow:
                tabs.choose(choices.chosen)
            tabs.set_follow(choices.follow)
            tabs.set_all(choices.all_on)
            if choices.place is not None and isinstance(self._source, Seekable):
                self._source.seek(choices.place)
            if choices.edit is not None:
                parts.edits.put(choices.edit)

    def _is_there(self, explanation: Explanation) -> bool:
        """Of a folder the first photo may come before the right one."""
        return not isinstance(self._source, PhotoSource) or explanation.frame.index == self._index

    def _end(self) -> None:
        self._parts.pipeline.explained.disconnect(self._on_explained)
        self.deleteLater()


class _Leaf(QObject):
    """Goes on to a photo of a folder, once its photos are listed."""

    def __init__(self, source: PhotoSource, index: int) -> None:
        super().__init__(source)
        self._photos, self._index = source, index
        source.changed.connect(self._on_changed)

    @Slot()
    def _on_changed(self) -> None:
        self._photos.changed.disconnect(self._on_changed)
        steps = self._index - self._photos.index
        if steps and self._index < self._photos.count:
            self._photos.step(steps)


def _again(source: Source | None, frame: Frame | None) -> Callable[[], Source] | None:
    """How a source is made once more: sources can't be used again."""
    if source is None:
        return None
    if isinstance(source, PhotoSource):
        given: Sequence[Path] = source.given
        return lambda: PhotoSource(given)
    if isinstance(source, VideoSource | SnapshotSource) and isinstance(source, FromFile):
        kind, path = type(source), source.path
        return lambda: kind(path)
    if isinstance(source, Reopenable):
        with suppress(SourceFailure):  # it was unplugged: what it showed last stays
            # Now, not later: then it is deleted. What it makes waits to be opened.
            reopened = source.reopened()
            return lambda: reopened
    if frame is not None:
        image, title = frame.image, source.title
        return lambda: ArraySource(lambda: image, title)
    return None
