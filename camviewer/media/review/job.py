"""Reviews a folder in the worker, between live frames, by `core.review.reviewer`, with progress."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from camviewer.core.explanation import ExplainRequest
from camviewer.core.failures import (
    Failure,
    ModelFailure,
)
from camviewer.core.models.spec import ModelInfo
from camviewer.core.review.corrections import corrected_truth
from camviewer.core.review.items import Reviewed
from camviewer.core.review.reviewer import Reviewer
from camviewer.core.review.thumbnails import ThumbnailStore
from camviewer.core.review.truth import (
    ClassNames,
    Truth,
    folder_truth,
    has_class_folders,
    read_label_table,
    table_truth,
)
from camviewer.core.storage.export import read_facts
from camviewer.core.storage.photo_folders import (
    class_roots,
    list_photos,
    no_photos,
)
from camviewer.core.text import Text
from camviewer.media.pipeline.jobs import FrameExplainer

WAITING_S = 0.05
"""How long a step waits for the folder's list, or for photos to be read, before it lets a live frame pass."""


@dataclass(frozen=True, slots=True)
class TruthFrom:
    """Where true classes come from: a table, or folders' names; neither: nowhere.

    folders: True, False, or None for if all subfolders are called as classes are. Corrected labels go before
    all of them, but for False: nothing is to be known then.
    """

    table: Path | None = None
    folders: bool | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """What is known once the folder has been listed. left_out: what of it isn't reviewed, in sentences."""

    photos: tuple[Path, ...]
    labels: tuple[str, ...]
    truth: Truth | None
    model: ModelInfo
    request: ExplainRequest
    left_out: tuple[str, ...] = ()


class ReviewJob(QObject):
    """Made and used in the GUI thread; the worker calls `step` and `end`.

    `progressed` carries nothing, and comes again only after `take`.
    """

    progressed = Signal()
    ended = Signal(object)
    """Failure, or None if it is done or was cancelled."""

    def __init__(
        self, folder: Path, truth: TruthFrom, request: ExplainRequest, corrections: Path | None = None
    ) -> None:
        """corrections: the file of corrected labels. Raises SaveFailure if there is no room for a temporary
        file."""
        super().__init__()
        self.folder = folder
        self.store = ThumbnailStore()
        self.begun: Begun | None = None
        """Set before the first `progressed`."""
        self.over = False
        """No step comes any more."""
        self._wanted, self._request, self._corrections = truth, request, corrections
        self._lock = threading.Lock()
        self._fresh: list[Reviewed] = []
        self._signal_pending = False
        self._cancelled = False
        self._helper = ThreadPoolExecutor(1, thread_name_prefix="review-list")
        self._listing: Future[Begun] | None = None
        self._reviewer: Reviewer | None = None

    # In the GUI thread

    def take(self) -> list[Reviewed]:
        """What has been reviewed since the last time, in the folder's order."""
        with self._lock:
            fresh, self._fresh, self._signal_pending = self._fresh, [], False
        return fresh

    def cancel(self) -> None:
        """End soon; what has been reviewed stays."""
        self._cancelled = True

    # In the worker

    def step(self, explainer: FrameExplainer) -> bool:
        """Raises Failure."""
        if self._cancelled:
            return False
        if self._reviewer is None:
            return self._begin(explainer)
        begun = self.begun
        assert begun is not None
        if explainer.info != begun.model:
            raise ModelFailure("Another model was chosen, so the review was stopped.", "Start it again.")
        if not self._reviewer.wait(explainer, WAITING_S):
            return True
        fresh = self._reviewer.step(explainer)
        self._report_progress(fresh)
        return bool(fresh)

    def _begin(self, explainer: FrameExplainer) -> bool:
        if self._listing is None:
            labels, info = explainer.labels, explainer.info
            self._listing = self._helper.submit(self._list, labels, info)
        try:
            begun = self._listing.result(WAITING_S)
        except TimeoutError:
            return True
        self.begun = begun
        ids = begun.truth.ids if begun.truth is not None else {}
        self._reviewer = Reviewer(begun.photos, ids, self._request, self.store)
        self._report_progress([])
        return True

    def _list(self, labels: tuple[str, ...], model: ModelInfo) -> Begun:
        """In the helper thread: listing a large folder, or a far one, takes long."""
        found = list_photos(self.folder, lambda: self._cancelled)
        # A folder of overlays beside their photos is common; they would be reviewed as photos.
        photos = tuple(p for p in found.photos if self._cancelled or read_facts(p) is None)
        found.left_out.overlays = len(found.photos) - len(photos)
        if not photos and not self._cancelled:
            raise no_photos(self.folder.name, len(found.videos), Text("Choose a folder with photos."))
        names, truth = ClassNames(labels), None
        wanted, roots = self._wanted, class_roots([self.folder])
        if wanted.table is not None:
            truth = table_truth(read_label_table(wanted.table), photos, [self.folder], names)
        elif wanted.folders or (wanted.folders is None and has_class_folders(photos, roots, names)):
            truth = folder_truth(photos, roots, names)
        if self._corrections is not None and wanted.folders is not False:
            truth = corrected_truth(truth, self._corrections, photos, names)
        return Begun(photos, labels, truth, model, self._request, tuple(found.left_out.notes()))

    def _report_progress(self, fresh: Sequence[Reviewed]) -> None:
        with self._lock:
            self._fresh += fresh
            pending, self._signal_pending = self._signal_pending, True
        if not pending:
            self.progressed.emit()

    def end(self, failure: Failure | None) -> None:
        self._cancelled = True  # a listing under way stops
        self._helper.shutdown(cancel_futures=True)
        if self._reviewer is not None:
            self._reviewer.close()
        self.over = True
        self.ended.emit(failure)
