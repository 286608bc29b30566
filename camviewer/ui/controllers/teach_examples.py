"""Takes examples of one's own classes from the view, and has the worker look at them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QImage

from camviewer.core.failures import Failure
from camviewer.core.frames import Frame
from camviewer.core.models.taught import Backbone
from camviewer.core.training.examples import ExampleFeatures
from camviewer.core.training.project import KeptExample
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.media.teaching.jobs import ExampleJob, LookedAt, NewExample

CAPTURE_MS = 200
"""Between two examples while a button is held: neighbouring frames are nearly the same picture."""
_MOST_UNDER_WAY = 2


class Looker(QObject):
    """Knows what the backbone makes of each example, and what it looks like."""

    found = Signal(object)
    """LookedAt"""
    failed = Signal(object)
    """Failure"""
    ended = Signal()
    """One of its jobs has."""

    def __init__(self, pipeline: Pipeline, parent: QObject) -> None:
        super().__init__(parent)
        self._pipeline = pipeline
        self.backbone: Backbone | None = None
        self.features: dict[str, ExampleFeatures] = {}
        self.thumbnails: dict[str, QImage] = {}
        self._asked: set[str] = set()
        self._jobs: set[ExampleJob] = set()

    @property
    def busy(self) -> int:
        """How many jobs are under way."""
        return len(self._jobs)

    @property
    def waiting(self) -> int:
        """How many examples are still to be looked at."""
        return sum(job.waiting for job in self._jobs)

    def use(self, backbone: Backbone | None) -> None:
        """From now on features are of this one; those of another are forgotten."""
        self.backbone = backbone
        self.features.clear()
        self._asked.clear()

    def forget(self) -> None:
        """All examples are gone."""
        for job in self._jobs:
            job.looked_at.disconnect(self._on_job_looked_at)  # what is on its way belongs to nothing any more
        self.cancel()
        self.use(self.backbone)
        self.thumbnails.clear()

    def cancel(self) -> None:
        """Look at no more."""
        for job in self._jobs:
            job.cancel()

    def look_at_kept(self, examples: Iterable[KeptExample], pictures: Path) -> None:
        """Those of a project that weren't looked at yet. pictures: the folder of their pictures."""
        if self.backbone is not None:
            missing = [each for each in examples if each.file not in self._asked]
            self.look([NewExample(each, path=pictures / each.file, kept=True) for each in missing])

    def look(self, examples: Sequence[NewExample]) -> None:
        """Have the worker look at these, one after the other."""
        if not examples:
            return
        self._asked |= {each.example.file for each in examples}
        job = ExampleJob(examples)
        job.setParent(self)
        job.looked_at.connect(self._on_job_looked_at)
        job.ended.connect(self._on_job_ended)
        self._jobs.add(job)
        self._pipeline.add_job(job)

    @Slot(object)
    def _on_job_looked_at(self, found: LookedAt) -> None:
        if found.failure is not None:
            self.failed.emit(found.failure)
            return
        file = found.example.file
        if found.thumbnail is not None:
            self.thumbnails[file] = found.thumbnail
        if found.features is not None and found.backbone == self.backbone:
            self.features[file] = found.features
        self.found.emit(found)

    @Slot(object)
    def _on_job_ended(self, failure: Failure | None) -> None:
        job = self.sender()
        if isinstance(job, ExampleJob):
            self._jobs.discard(job)
            job.deleteLater()
        if failure is not None:
            self.failed.emit(failure)
        self.ended.emit()


class Capture(QObject):
    """While a button is held, each new frame in view is an example, but not too many a second."""

    def __init__(self, pipeline: Pipeline, looker: Looker, parent: QObject) -> None:
        super().__init__(parent)
        self._pipeline, self._looker = pipeline, looker
        self._key, self._moment = 0, ""
        self._last: Frame | None = None
        self._timer = QTimer(self, interval=CAPTURE_MS)
        self._timer.timeout.connect(self.capture)

    @property
    def running(self) -> bool:
        """Whether a button is held."""
        return self._timer.isActive()

    def begin(self, key: int) -> None:
        """Of this class. All are of one moment."""
        self._key, self._moment, self._last = key, new_name(), None
        self._timer.start()
        self.capture()

    def end(self) -> None:
        """Take no more."""
        self._timer.stop()

    @Slot()
    def capture(self) -> None:
        """The frame in view, if it is another one than before."""
        explanation = self._pipeline.current
        if not self.running or explanation is None or explanation.frame is self._last:
            return
        if self._looker.busy < _MOST_UNDER_WAY:
            self._last = explanation.frame
            example = new_example(self._key, self._moment)
            self._looker.look([NewExample(example, image=explanation.frame.image)])


def new_name() -> str:
    """That no other has."""
    return uuid.uuid4().hex


def new_example(key: int, moment: str) -> KeptExample:
    """Of a class, under a new name."""
    return KeptExample(f"{new_name()}.jpg", key, moment)
