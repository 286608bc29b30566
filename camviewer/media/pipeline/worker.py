"""The one worker thread. It owns the model, and makes every device call of the window."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from PySide6.QtCore import QThread, Signal

from camviewer.core.averaging import Smoother
from camviewer.core.cancelling import (
    CancelledError,
    cancellable,
)
from camviewer.core.explanation import (
    Delivery,
    ExplainRequest,
    Origin,
)
from camviewer.core.failures import (
    Defect,
    DeviceFailure,
    Failure,
    ModelFailure,
    SourceFailure,
)
from camviewer.core.loading import ModelChoice
from camviewer.core.loading_steps import announced_to
from camviewer.core.models.taught import TaughtHead
from camviewer.core.progress import reported_to
from camviewer.core.runtimes.device import CPU
from camviewer.core.runtimes.device_faults import device_reason
from camviewer.core.runtimes.registry import release_memory
from camviewer.media.pipeline.inlet import PendingFrame
from camviewer.media.pipeline.jobs import (
    FrameExplainer,
    Job,
    ModelLoader,
    TeachableExplainer,
    feasible_for,
)
from camviewer.media.pipeline.mailbox import Mailbox
from camviewer.media.pipeline.pacing import Pacer
from camviewer.media.pipeline.resting import Rest
from camviewer.media.thread_priority import lower_priority

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class WorkerWork:
    """Since the start. explained: frames. rested: those of them that were left to wait, as in `resting`.
    busy: seconds that the frames took which the model explained, from being taken to being delivered."""

    explained: int = 0
    rested: int = 0
    busy: float = 0.0


@dataclass(frozen=True, slots=True)
class HeadedModel:
    """As a `ReadyModel`, of which nothing else is new."""

    explainer: FrameExplainer


@dataclass(frozen=True, slots=True)
class HeadChange:
    """A head for the network that runs; None for its own."""

    head: TaughtHead | None


@dataclass(frozen=True, slots=True)
class FrameProblem:
    """A frame that couldn't be explained."""

    failure: Failure
    generation: int
    retried: bool = False
    """It comes once more, explained by another device."""


class ExplainThread(QThread):
    """Takes the newest pending frame, decodes and explains it, leaves the explanation in `deliveries`.

    A frame that arrives before the model is there waits for it. Jobs take turns, a step of one of them after
    each frame, or step after step while no frame comes.
    """

    explanation_ready = Signal()
    """Payload-free, and only if the slot was empty or the receiver waits for a newer one: it takes the newest
    from `deliveries`."""
    model_step = Signal(object)
    """Text: what is awaited while a model loads."""
    model_ready = Signal(object, object)
    """ReadyModel, and the ModelChoice that it answers."""
    model_failed = Signal(object)
    """ModelFailure; the model before it, if any, goes on."""
    head_changed = Signal(object, object)
    """As `model_ready`, and None: the same network with another head, or with its own again."""
    frame_failed = Signal(object)
    """FrameProblem"""

    def __init__(self, load_model: ModelLoader, pacer: Pacer | None = None) -> None:
        """pacer: whom `explanation_ready` tells. The worker rests where it would make more than is shown."""
        super().__init__()
        self.setObjectName("explain")
        self.frames: Mailbox[PendingFrame] = Mailbox()
        self.deliveries: Mailbox[Delivery] = Mailbox()
        self.request = ExplainRequest()
        """Replaced whole by the GUI thread; read once a frame. Here only where another model can't do it: the
        GUI thread does the same when it hears of the model."""
        self.smoothing = 0.0
        """Seconds over which what is drawn is averaged; as the request."""
        self._smoother = Smoother()
        self._rest = Rest(pacer, lambda: self.deliveries.peek() is not None)
        self.work = WorkerWork()
        """Replaced whole by the worker."""
        self.progress: tuple[int, int] | None = None
        """How many passes of the frame under way are done, and of how many; None of a method of one pass.
        Replaced whole by the worker."""
        self._choices: Mailbox[ModelChoice] = Mailbox()
        self._jobs: deque[Job] = deque()
        self._load_model = load_model
        self._heads: Mailbox[HeadChange] = Mailbox()
        self._explainer: FrameExplainer | None = None
        self._loaded_explainer: FrameExplainer | None = None
        """As it was loaded: the explainer without a head of one's own classes."""
        self._choice = ModelChoice()

    def choose_model(self, choice: ModelChoice) -> None:
        self._choices.put(choice)
        self.frames.wake()

    def change_head(self, head: TaughtHead | None) -> None:
        """Go on with another head on the network that runs; None for its own."""
        self._heads.put(HeadChange(head))
        self.frames.wake()

    def add_job(self, job: Job) -> None:
        """Run it when there is a model, in turns with other jobs."""
        self._jobs.append(job)
        self.frames.wake()

    def stop(self, patience: float | None = None) -> bool:
        """Ask the thread to end and wait for it, at most so many seconds; returns whether it has ended.

        It ends after the forward pass under way; or after the import of torch, which may take many seconds.
        """
        self.requestInterruption()
        self.frames.wake()
        return self.wait() if patience is None else self.wait(round(1000 * patience))

    def run(self) -> None:
        lower_priority(self)
        waiting: PendingFrame | None = None
        while not self.isInterruptionRequested():
            busy = bool(self._jobs) and self._explainer is not None
            self._rest.begin()
            pending = (self.frames.take() if busy else self.frames.wait(self._may_rest)) or waiting
            pending = self._to_explain(pending)
            choice = self._choices.take()
            if choice is not None:
                self._choose(choice)
                # Loading takes seconds; meanwhile a newer frame may have come.
                newer = self.frames.take()
                pending = self._to_explain(newer) if newer is not None else pending
            change = self._heads.take()
            if change is not None:
                self._change_head(change.head)
            if self.isInterruptionRequested():
                break
            waiting = None
            if pending is not None:
                waiting = self._explain(self._explainer, pending)
            if self._jobs and self._explainer is not None:
                self._step(self._jobs[0], self._explainer)
        self._explainer = self._loaded_explainer = None
        while self._jobs:
            self._end(self._jobs.popleft(), None)

    def _may_rest(self, pending: PendingFrame) -> float:
        """Seconds, as `Rest.seconds`."""
        return self._rest.seconds(self._what(pending)) if pending.explained is None else 0.0

    def _what(self, pending: PendingFrame, request: ExplainRequest | None = None) -> object:
        """On what it depends how long a frame takes."""
        return id(self._explainer), request or self.request, pending.generation

    def _to_explain(self, pending: PendingFrame | None) -> PendingFrame | None:
        """The frame, if it needs the model. One that is explained already is delivered at once."""
        if pending is None or pending.explained is None:
            return pending
        self._deliver_explained(pending.explained, pending.generation)
        return None

    def _choose(self, choice: ModelChoice) -> None:
        try:
            with announced_to(self.model_step.emit):
                ready = self._load_model(choice)
        except ModelFailure as failure:
            log.warning("model: %s", failure, exc_info=True)
            self.model_failed.emit(failure)
        except Exception as error:
            log.exception("the model can't be loaded")
            self.model_failed.emit(
                ModelFailure("The model can't be loaded.", "The log says more.", repr(error))
            )
        else:
            self._explainer = self._loaded_explainer = ready.explainer
            self._choice = choice
            release_memory()  # of the model before it, on another device
            self.request = feasible_for(ready.explainer, self.request)
            self.model_ready.emit(ready, choice)

    def _change_head(self, head: TaughtHead | None) -> None:
        """Not of another network: it was chosen before that one was loaded."""
        loaded = self._loaded_explainer
        if loaded is None or self._explainer is None:
            return
        if head is None:
            self._explainer = loaded
        elif isinstance(loaded, TeachableExplainer) and loaded.backbone == head.backbone:
            self._explainer = loaded.with_head(head)
        else:
            return
        self.request = feasible_for(self._explainer, self.request)
        self.head_changed.emit(HeadedModel(self._explainer), None)

    def _step(self, job: Job, explainer: FrameExplainer) -> None:
        failure: Failure | None = None
        try:
            with cancellable(lambda: self._choices.peek() is None and not self.isInterruptionRequested()):
                if job.step(explainer):
                    self._jobs.rotate(-1)  # a long one holds no short one up
                    return
        except CancelledError:
            if self.isInterruptionRequested():
                return  # all jobs end now
            failure = ModelFailure("Another model was chosen, so this was stopped.", "Start it again.")
        except Failure as expected:
            failure = expected
        except Exception as error:
            log.exception("a job in the worker failed")
            failure = Defect("Something went wrong.", "The log says more.", repr(error))
        self._jobs.popleft()
        self._end(job, failure)

    def _end(self, job: Job, failure: Failure | None) -> None:
        try:
            job.end(failure)
        except Exception:
            log.exception("a job in the worker can't end")

    def _explain(self, explainer: FrameExplainer | None, pending: PendingFrame) -> PendingFrame | None:
        """Returns the frame if it is to wait: for a model, or for another device."""
        if explainer is None:
            return pending
        start = time.perf_counter()
        frame = self._loaded(pending.load, pending.generation)
        if frame is None:
            return None
        load = time.perf_counter() - start
        request = self.request
        try:
            with cancellable(lambda: self._is_wanted(pending, request)), reported_to(self._note_progress):
                explanation = explainer.explain(frame, request, load)
        except CancelledError:
            self.frames.wake()  # at once: what is asked for now, of a newer frame if there is one
            return replace(pending, load=lambda: frame)
        except Failure as failure:  # such as a method that this model doesn't have
            self.frame_failed.emit(FrameProblem(failure, pending.generation))
            return None
        except Exception as error:
            other_device = isinstance(error, RuntimeError) and explainer.info.device != CPU
            if not other_device:
                log.exception("a frame can't be explained")
                problem: Failure = Defect("A frame can't be explained.", "The log says more.", repr(error))
            else:
                log.warning("the device failed", exc_info=True)
                # The device is out of memory, or gone; the CPU is always there.
                reason = device_reason(error, explainer.info.device_title)
                problem = DeviceFailure(reason, "camviewer goes on with the CPU.", repr(error))
                # The device isn't tried again by itself, even if the CPU fails too.
                self._explainer = self._loaded_explainer = None
                on_cpu = replace(self._choice, device=CPU, precision=None)
                self.choose_model(self._choices.take() or on_cpu)
            self.frame_failed.emit(FrameProblem(problem, pending.generation, other_device))
            return replace(pending, load=lambda: frame) if other_device else None
        finally:
            self.progress = None
        smoothing = self.smoothing
        explanation = self._smoother.smoothed(explanation, smoothing, pending.generation)
        took = time.perf_counter() - start
        self._rest.note(took, self._what(pending, request))
        self._deliver(Delivery(explanation, Origin(smoothing), pending.generation), took)
        return None

    def _note_progress(self, done: int, total: int) -> None:
        self.progress = (done, total)

    def _is_wanted(self, pending: PendingFrame, request: ExplainRequest) -> bool:
        """Whether a frame is still to be explained so.

        A newer one of the same generation can wait, and so can more targets: tabs ask for them all the time.
        """
        newer = self.frames.peek()
        is_stale = newer is not None and newer.generation != pending.generation
        same = replace(self.request, targets=request.targets) == request
        return same and not is_stale and self._choices.peek() is None and not self.isInterruptionRequested()

    def _deliver_explained(self, load: Callable[[], Delivery], generation: int) -> None:
        delivery = self._loaded(load, generation)
        if delivery is not None:
            self._deliver(replace(delivery, generation=generation))

    def _loaded(self, load: Callable[[], T], generation: int) -> T | None:
        """What `load` returns; None if it failed, which is reported."""
        try:
            return load()
        except SourceFailure as failure:
            self.frame_failed.emit(FrameProblem(failure, generation))
        except Exception as error:
            log.exception("a frame can't be read")
            unread = Defect("A frame can't be read.", "The log says more.", repr(error))
            self.frame_failed.emit(FrameProblem(unread, generation))
        return None

    def _deliver(self, delivery: Delivery, took: float = 0.0) -> None:
        work, rest = self.work, self._rest
        self.work = WorkerWork(work.explained + 1, work.rested + rest.rested, work.busy + took)
        rest.tell()
        if self.deliveries.put(delivery) is None or rest.wants_newer:
            self.explanation_ready.emit()
