"""The pipeline owns the source, the worker and the generation. The window uses it for everything.

    source → Inlet → Mailbox → ExplainThread → Mailbox → Pacer → explained

The newest explanation is taken at once, but not more often than the screen refreshes: see `pacing`. A fast
model explains no more than that: see `resting`.

Frames that are under way when the source jumps or changes belong to an older generation. Their explanations
are dropped, and so are those by another model or request than the present one. If the source then sends no
other frame by itself, the dropped frame is explained again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Signal, Slot

from camviewer.core.explanation import (
    LIVE,
    ExplainRequest,
    Explanation,
    Origin,
)
from camviewer.core.frames import Frame
from camviewer.core.loading import ModelChoice
from camviewer.core.models.spec import ModelInfo
from camviewer.core.models.taught import TaughtHead
from camviewer.media.pipeline.in_view import InView
from camviewer.media.pipeline.inlet import Intake
from camviewer.media.pipeline.jobs import (
    Job,
    ModelLoader,
    ReadyModel,
    feasible_for,
)
from camviewer.media.pipeline.pacing import Pacer
from camviewer.media.pipeline.worker import (
    ExplainThread,
    FrameProblem,
    HeadedModel,
    WorkerWork,
)
from camviewer.media.sources.source import Source

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Counters:
    """Since the start. dropped: frames that a newer one replaced before they were explained, without those
    that came before there was a model. work: more of what the worker did."""

    frames_in: int
    explained: int
    dropped: int
    work: WorkerWork = field(default=WorkerWork(), compare=False)
    progress: tuple[int, int] | None = None
    """As `ExplainThread.progress`."""


class Pipeline(QObject):
    """Lives in the GUI thread; none of its methods waits, except `close`."""

    explained = Signal(object)
    """Explanation of the current generation."""
    arrived = Signal(object)
    """Delivery by the present model and request, as `explained`; also while an earlier moment is in view."""
    source_changed = Signal(object)
    """Source"""
    source_failed = Signal(object)
    """SourceFailure"""
    source_recovered = Signal()
    frame_failed = Signal(object)
    """Failure of one frame; the source goes on."""
    model_loading = Signal(object)
    """ModelChoice"""
    model_step = Signal(object)
    """Text: what is awaited while a model loads."""
    model_ready = Signal(object)
    """ReadyModel"""
    model_failed = Signal(object)
    """ModelFailure"""
    head_changed = Signal(object)
    """FrameExplainer: the model that runs got another head, or its own again."""
    request_changed = Signal()
    frozen_changed = Signal(bool)

    def __init__(
        self, load_model: ModelLoader, parent: QObject | None = None, pacer: Pacer | None = None
    ) -> None:
        super().__init__(parent)
        self.pacer = pacer = pacer or Pacer(self)
        """The window tells it how fast its screen refreshes."""
        self._worker = ExplainThread(load_model, pacer)
        self._worker.explanation_ready.connect(pacer.ask)
        pacer.due.connect(self._on_pacer_due)
        self._worker.model_step.connect(self.model_step)
        self._worker.model_ready.connect(self._on_model_ready)
        self._worker.model_failed.connect(self.model_failed)
        self._worker.head_changed.connect(self._on_model_ready)
        self._worker.frame_failed.connect(self._on_frame_failed)
        self._intake = Intake(self._worker.frames)
        self._before_model = 0
        self._frozen = False
        self._awaiting = False  # the first frame of a source, or of the place that it jumped to
        self.source: Source | None = None
        self.in_view = InView(
            lambda newest: newest.is_by(self.model, self.request, self.smoothing), self._explain_again, self
        )
        self.in_view.shown.connect(self.explained)
        self.model: ModelInfo | None = None
        self.choice: ModelChoice | None = None
        """Which the model that runs answers."""
        self._request = self._worker.request
        self.change_head: Callable[[TaughtHead | None], None] = self._worker.change_head
        """Go on with a head of one's own classes on the network that runs; None for its own head."""

    def start(self, choice: ModelChoice) -> None:
        """Start the worker and load a model."""
        self._worker.start()
        self.choose_model(choice)

    def close(self, patience: float | None = None) -> bool:
        """Stop everything, and wait, at most so many seconds, for the worker's present step (a forward pass,
        a model that loads). Whether it has stopped; if not, the process must end without destroying it."""
        self._close_source()
        self.pacer.stop()
        return self._worker.stop(patience)

    @property
    def current(self) -> Explanation | None:
        """The explanation in view."""
        delivery = self.in_view.delivery
        return delivery.explanation if delivery is not None else None

    @property
    def origin(self) -> Origin:
        """Of the explanation in view."""
        return self.in_view.delivery.origin if self.in_view.delivery is not None else LIVE

    # What to explain

    def open(self, source: Source) -> None:
        """Replace the source. The old one is closed, and none of its frames is delivered any more."""
        self._close_source()
        self.set_frozen(False)
        self.in_view.clear()
        self._awaiting = True
        self.source = source
        source.setParent(self)
        source.failed.connect(self.source_failed)
        source.recovered.connect(self.source_recovered)
        source.jumped.connect(self._on_source_jumped)
        inlet = self._intake.open()
        self.source_changed.emit(source)
        source.start(inlet)
        if self.model is None:
            # A video waits for the model; its first seconds would pass unseen.
            source.set_paused(True)

    def _close_source(self) -> None:
        source, self.source = self.source, None
        self._intake.close()
        if source is not None:
            source.stop()
            source.deleteLater()

    @property
    def frozen(self) -> bool:
        return self._frozen

    def set_frozen(self, frozen: bool, *, blank: bool = False) -> bool:
        """Keep the current explanation; a video pauses, a camera goes on unseen.

        Only of a live source, and, unless blank, with something in view. Returns whether anything changed.
        """
        source = self.source
        if frozen and (source is None or not source.live or (self.current is None and not blank)):
            return False
        if frozen == self._frozen:
            return False
        self._frozen = frozen
        # A paused video must still show the frames that the user steps or seeks to.
        # Of others, a frame under way would replace the one that the user wants to keep.
        if source is not None and not source.pausable:
            self._intake.let_in(not frozen)
        if source is not None:
            source.set_paused(frozen)
        self.frozen_changed.emit(frozen)
        return True

    # How to explain

    @property
    def request(self) -> ExplainRequest:
        return self._request

    def set_request(self, request: ExplainRequest) -> None:
        if request != self._request:
            self.pacer.flush()
            self._request = self._worker.request = request
            self.request_changed.emit()
            self._explain_again()

    @property
    def smoothing(self) -> float:
        """Seconds over which what is drawn is averaged; 0: not at all. One frame is never changed."""
        return self._worker.smoothing

    def set_smoothing(self, seconds: float) -> None:
        if seconds != self._worker.smoothing:
            self.pacer.flush()
            self._worker.smoothing = seconds
            self._explain_again()

    def choose_model(self, choice: ModelChoice) -> None:
        self.model_loading.emit(choice)
        self._worker.choose_model(choice)

    def add_job(self, job: Job) -> None:
        """Background work for the model: see `Job`."""
        self._worker.add_job(job)

    def _explain_again(self) -> None:
        """Explain the frame in view once more, unless the one that is to take its place is under way.

        What comes from a snapshot stays as it was explained. Of an earlier moment in view this is not the
        business: the source's own frame is explained again.
        """
        newest = self.in_view.newest
        if newest is not None and newest.origin.snapshot is None and not self._awaiting:
            self._put_again(newest.explanation.original)

    def _put_again(self, frame: Frame) -> None:
        """Explain a frame again, unless the source sends a new one by itself or has already done so."""
        source = self.source
        if source is not None and (self._frozen or not source.running or source.may_rest):
            self._intake.offer_again(frame)

    def counters(self) -> Counters:
        intake = self._intake
        work, dropped = self._worker.work, intake.dropped - self._before_model
        return Counters(intake.received, work.explained, dropped, work, self._worker.progress)

    # From the worker and the source

    @Slot()
    def _on_pacer_due(self) -> None:
        delivery = self._worker.deliveries.take()
        if delivery is None or delivery.generation != self._intake.generation:
            return
        if delivery.origin.snapshot is None and not delivery.is_by(self.model, self.request, self.smoothing):
            self._put_again(delivery.explanation.original)
            return
        self._awaiting = False
        self.pacer.note_shown()
        # Maps were asked for meanwhile. Those asked for in the signal's slots see to it themselves.
        late = delivery.explanation.request.targets != self.request.targets
        self.arrived.emit(delivery)
        self.in_view.bring(delivery)
        if late and self.in_view.newest is delivery:
            self._explain_again()

    @Slot(object, object)
    def _on_model_ready(self, ready: ReadyModel | HeadedModel, choice: ModelChoice | None) -> None:
        """choice: None of the same network with another head."""
        self.pacer.flush()
        if self.model is None:
            self._before_model = self._intake.dropped
            if self.source is not None and not self._frozen:
                self.source.set_paused(False)
        self.model, self.choice = ready.explainer.info, choice or self.choice
        # As the worker has done: what the new model can't do would fail at every frame.
        self._request = self._worker.request = feasible_for(ready.explainer, self._request)
        if choice is None:
            self.head_changed.emit(ready.explainer)
        else:
            self.model_ready.emit(ready)
        self.request_changed.emit()
        self._explain_again()

    @Slot(object)
    def _on_frame_failed(self, problem: FrameProblem) -> None:
        self.pacer.flush()
        if problem.generation == self._intake.generation:
            self._awaiting = self._awaiting and problem.retried
            if self.source is not None and not self.source.live and not problem.retried:
                # The photo before must not stand under this one's name.
                self.in_view.clear()
            self.frame_failed.emit(problem.failure)

    @Slot()
    def _on_source_jumped(self) -> None:
        """Another place of the medium (a seek, the next photo): what is under way is stale."""
        self._awaiting = True
        self._intake.begin_generation()
