"""The worker alone: what it takes, what it says, and that it ends."""

from __future__ import annotations

import gc
import logging
import math
import threading
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from camviewer.core.cancelling import check_wanted
from camviewer.core.explanation import LIVE, Delivery, ExplainRequest, Explanation, Origin, SnapshotInfo
from camviewer.core.failures import Defect, Failure, ModelFailure, SaveFailure, SourceFailure
from camviewer.core.frames import Frame
from camviewer.core.loading import ModelChoice
from camviewer.core.maps import Unit
from camviewer.core.methods.offers import MethodOffer
from camviewer.core.progress import report
from camviewer.core.runtimes.device import CPU
from camviewer.core.runtimes.precision import Precision
from camviewer.core.targets import ClassScore
from camviewer.core.text import Text
from camviewer.media.pipeline.inlet import Inlet, PendingFrame
from camviewer.media.pipeline.jobs import FrameExplainer, ModelLoader
from camviewer.media.pipeline.worker import ExplainThread, FrameProblem
from tests.media.fakes import FAKE, OTHER, Bright, FakeExplainer, FakeLoader, FakeModel, make_frame


class Worker(ExplainThread):
    """Says when it has been asked to end."""

    interrupted: Callable[[], None] = staticmethod(lambda: None)

    def requestInterruption(self) -> None:
        super().requestInterruption()
        self.interrupted()


class Running:
    """A started worker, what it has said, and what was taken from it."""

    def __init__(self, loader: ModelLoader) -> None:
        self.thread = Worker(loader)
        self.inlet = Inlet(self.thread.frames, 0)
        self.ready: list[object] = []
        self.model_failures: list[ModelFailure] = []
        self.problems: list[FrameProblem] = []
        self.calls = 0
        self.thread.model_ready.connect(lambda ready, _choice: self.ready.append(ready))
        self.thread.model_failed.connect(self.model_failures.append)
        self.thread.frame_failed.connect(self.problems.append)
        self.thread.explanation_ready.connect(self._count)
        self.thread.start()

    def _count(self) -> None:
        self.calls += 1

    def send(self, index: int) -> None:
        self.inlet.put(lambda: make_frame(index))

    def fail(self, error: Exception) -> None:
        def load() -> Frame:
            raise error

        self.inlet.put(load)

    def taken(self) -> int | None:
        delivery = self.thread.deliveries.take()
        return delivery.explanation.frame.index if delivery is not None else None


@pytest.fixture
def explainer() -> FakeExplainer:
    return FakeExplainer()


@pytest.fixture
def loader(explainer: FakeExplainer) -> FakeLoader:
    return FakeLoader(fake=explainer)


@pytest.fixture
def running(loader: FakeLoader, explainer: FakeExplainer, qtbot: QtBot) -> Iterator[Running]:
    worker = Running(loader)
    yield worker
    loader.gate.open()
    explainer.gate.open()
    worker.thread.stop()
    assert worker.thread.isFinished()


def test_a_frame_before_the_model_waits_for_it(running: Running, qtbot: QtBot) -> None:
    running.send(1)
    running.thread.choose_model(FAKE)
    qtbot.waitUntil(lambda: running.calls == 1)
    assert running.taken() == 1


def test_while_the_model_loads_the_newest_frame_wins(
    running: Running, loader: FakeLoader, explainer: FakeExplainer, qtbot: QtBot
) -> None:
    loader.gate.shut()
    running.send(1)
    running.thread.choose_model(FAKE)
    loader.gate.wait_for(1)
    running.send(2)
    running.send(3)
    loader.gate.open()
    qtbot.waitUntil(lambda: running.calls == 1)
    assert running.taken() == 3
    assert explainer.gate.arrived == 1


def test_it_tells_of_explanations_only_if_the_slot_was_empty(
    running: Running, explainer: FakeExplainer, qtbot: QtBot
) -> None:
    running.thread.choose_model(FAKE)
    for index in range(5):  # while nobody listens
        running.send(index)
        explainer.finished.wait_for(index + 1)
    qtbot.waitUntil(lambda: running.thread.work.explained == 5)
    qtbot.waitUntil(lambda: running.calls > 0)
    assert running.calls == 1
    assert running.taken() == 4


def test_frames_are_explained_in_one_other_thread(
    running: Running, explainer: FakeExplainer, qtbot: QtBot
) -> None:
    running.thread.choose_model(FAKE)
    for index in range(3):
        running.send(index)
        explainer.finished.wait_for(index + 1)
    assert len(explainer.threads) == 1
    assert threading.get_ident() not in explainer.threads


@pytest.mark.parametrize("error", [ModelFailure("No weights."), KeyError("conv1"), MemoryError()])
def test_a_model_that_cannot_be_loaded_leaves_the_one_before(
    error: Exception, running: Running, loader: FakeLoader, qtbot: QtBot
) -> None:
    loader.models["other"] = error
    running.thread.choose_model(FAKE)
    loader.gate.wait_for(1)
    running.thread.choose_model(OTHER)
    qtbot.waitUntil(lambda: len(running.model_failures) == 1)
    failure = running.model_failures[0]
    assert isinstance(failure, ModelFailure)
    assert failure is error or repr(error) == failure.details
    running.send(1)
    qtbot.waitUntil(lambda: running.calls == 1)
    assert len(running.ready) == 1


def test_a_frame_that_cannot_be_loaded_is_told_and_the_next_works(running: Running, qtbot: QtBot) -> None:
    running.thread.choose_model(FAKE)
    failure = SourceFailure("a.jpg is damaged.")
    running.fail(failure)
    qtbot.waitUntil(lambda: len(running.problems) == 1)
    assert running.problems[0] == FrameProblem(failure, 0)
    running.send(2)
    qtbot.waitUntil(lambda: running.calls == 1)


@pytest.mark.parametrize("error", [ValueError("empty"), RuntimeError("shape")])
def test_on_the_cpu_a_frame_that_cannot_be_explained_is_told(
    error: Exception, running: Running, loader: FakeLoader, explainer: FakeExplainer, qtbot: QtBot
) -> None:
    explainer.fail = lambda frame: error if frame.index == 1 else None
    running.thread.choose_model(FAKE)
    running.send(1)
    qtbot.waitUntil(lambda: len(running.problems) == 1)
    assert isinstance(running.problems[0].failure, Defect)
    assert not running.problems[0].retried
    running.send(2)
    qtbot.waitUntil(lambda: running.calls == 1)
    assert len(loader.choices) == 1


class TestDevice:
    """A device that fails while it works: out of memory, or unplugged."""

    @pytest.fixture
    def explainer(self) -> FakeExplainer:
        gpu = FakeExplainer(device="cuda")
        gpu.fail = lambda _: RuntimeError("CUDA error: out of memory")
        return gpu

    def test_the_cpu_goes_on_with_the_same_frame(
        self, running: Running, loader: FakeLoader, explainer: FakeExplainer, qtbot: QtBot
    ) -> None:
        cpu = loader.models["fake_cpu"] = FakeExplainer()
        running.thread.choose_model(FAKE)
        running.send(1)
        qtbot.waitUntil(lambda: running.calls == 1)
        assert [choice.device for choice in loader.choices] == ["auto", "cpu"]
        (problem,) = running.problems
        assert problem.retried
        assert problem.failure.message == "CUDA has too little free memory; close other programs that use it."
        assert problem.failure.mend == "camviewer goes on with the CPU."
        delivery = running.thread.deliveries.take()
        assert delivery is not None
        explanation = delivery.explanation
        assert (explanation.frame.index, explanation.model) == (1, cpu.info)

    def test_the_cpu_is_asked_for_no_precision_of_a_gpu(
        self, running: Running, loader: FakeLoader, qtbot: QtBot
    ) -> None:
        loader.models["fake_cpu"] = FakeExplainer()
        running.thread.choose_model(replace(FAKE, device="h200", precision=Precision.FLOAT16))
        running.send(1)
        qtbot.waitUntil(lambda: running.calls == 1)
        assert [(c.device, c.precision) for c in loader.choices] == [
            ("h200", Precision.FLOAT16),
            ("cpu", None),
        ]

    def test_the_model_that_failed_is_gone_before_the_next_is_loaded(
        self, qtbot: QtBot, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Its memory may be what the next one, or another program, needs."""
        caplog.set_level(logging.CRITICAL)  # pytest keeps records, and so all that their tracebacks lead to
        failed: list[weakref.ref[FakeExplainer]] = []
        was_there: list[bool] = []

        def full() -> Exception:
            raise RuntimeError("CUDA out of memory.")

        def load(choice: ModelChoice) -> FakeModel:
            if choice.device != CPU:
                gpu = FakeExplainer(device="cuda")
                gpu.fail = lambda frame: full() if frame.index == 2 else None
                failed.append(weakref.ref(gpu))
                return FakeModel(gpu)
            was_there.append(failed[0]() is not None)
            return FakeModel(FakeExplainer())

        worker = Running(load)
        gc.disable()
        try:
            worker.thread.choose_model(FAKE)
            worker.send(1)
            qtbot.waitUntil(lambda: worker.calls == 1)
            worker.ready.clear()
            worker.thread.deliveries.take()
            worker.send(2)
            qtbot.waitUntil(lambda: worker.calls == 2)
        finally:
            gc.enable()
            worker.thread.stop()
        assert was_there == [False]

    def test_if_the_cpu_fails_too_it_is_tried_once(
        self, running: Running, loader: FakeLoader, explainer: FakeExplainer, qtbot: QtBot
    ) -> None:
        loader.models["fake_cpu"] = ModelFailure("No memory.")
        running.thread.choose_model(FAKE)
        running.send(1)
        qtbot.waitUntil(lambda: len(running.model_failures) == 1)
        running.send(2)
        loader.models["other"] = FakeExplainer("other")
        running.thread.choose_model(OTHER)
        qtbot.waitUntil(lambda: running.calls == 1)
        assert running.taken() == 2
        assert len(loader.choices) == 3
        assert explainer.gate.arrived == 1

    def test_a_model_that_the_user_chose_meanwhile_comes_first(
        self, running: Running, loader: FakeLoader, explainer: FakeExplainer, qtbot: QtBot
    ) -> None:
        other = loader.models["other"] = FakeExplainer("other")
        explainer.gate.shut()
        running.thread.choose_model(FAKE)
        running.send(1)
        explainer.gate.wait_for(1)
        running.thread.choose_model(OTHER)
        explainer.gate.open()
        qtbot.waitUntil(lambda: running.calls == 1)
        assert other.finished.arrived == 1
        assert loader.choices == [FAKE, OTHER]

    def test_a_file_that_cannot_be_read_is_not_the_devices_fault(
        self, running: Running, loader: FakeLoader, qtbot: QtBot
    ) -> None:
        running.thread.choose_model(FAKE)
        running.fail(RuntimeError("decoder"))
        qtbot.waitUntil(lambda: len(running.problems) == 1)
        assert isinstance(running.problems[0].failure, Defect)
        assert len(loader.choices) == 1


def test_stop_without_a_model_and_twice(running: Running) -> None:
    running.send(1)
    running.thread.stop()
    running.thread.stop()
    assert running.thread.isFinished()


@pytest.mark.parametrize("where", ["loader", "explainer"])
def test_stop_waits_for_what_is_under_way_and_no_more(
    where: str, running: Running, loader: FakeLoader, explainer: FakeExplainer, qtbot: QtBot
) -> None:
    gate = loader.gate if where == "loader" else explainer.gate
    gate.shut()
    running.thread.choose_model(FAKE)
    running.send(1)
    gate.wait_for(1)
    running.send(2)
    running.thread.interrupted = gate.open
    running.thread.stop()
    assert running.thread.isFinished()
    assert explainer.gate.arrived == (0 if where == "loader" else 1)


class Steps:
    """A job of so many steps. Says in which thread, and how it ended."""

    def __init__(self, steps: int, error: Exception | None = None) -> None:
        self.left, self.error = steps, error
        self.threads: set[int] = set()
        self.ends: list[Failure | None] = []

    def step(self, explainer: FrameExplainer) -> bool:
        self.threads.add(threading.get_ident())
        if self.error is not None:
            raise self.error
        explainer.explain_batch([make_frame(7)], ExplainRequest())
        self.left -= 1
        return self.left > 0

    def end(self, failure: Failure | None) -> None:
        self.ends.append(failure)


class TestJobs:
    def test_they_run_in_the_worker_one_after_the_other(
        self, running: Running, explainer: FakeExplainer, qtbot: QtBot
    ) -> None:
        first, second = Steps(3), Steps(2)
        for job in (first, second):
            running.thread.add_job(job)
        assert first.left == 3, "there is no model yet"
        running.thread.choose_model(FAKE)
        qtbot.waitUntil(lambda: second.ends == [None])
        assert (first.left, second.left, first.ends) == (0, 0, [None])
        assert first.threads == second.threads == explainer.threads
        assert threading.get_ident() not in first.threads

    def test_frames_come_between_the_steps(
        self, running: Running, explainer: FakeExplainer, qtbot: QtBot
    ) -> None:
        running.thread.choose_model(FAKE)
        qtbot.waitUntil(lambda: running.ready != [])
        explainer.gate.shut()
        job = Steps(10**9)
        running.thread.add_job(job)
        explainer.gate.wait_for(1)
        running.send(1)
        explainer.gate.open()
        qtbot.waitUntil(lambda: running.calls == 1)
        assert job.left > 0
        assert running.taken() == 1

    @pytest.mark.parametrize("error", [SaveFailure("No.", "Yes."), ZeroDivisionError("x")])
    def test_one_that_fails_ends_and_the_next_one_runs(
        self, running: Running, error: Exception, qtbot: QtBot, caplog: pytest.LogCaptureFixture
    ) -> None:
        bad, good = Steps(5, error), Steps(1)
        for job in (bad, good):
            running.thread.add_job(job)
        running.thread.choose_model(FAKE)
        qtbot.waitUntil(lambda: good.ends == [None])
        (failure,) = bad.ends
        if isinstance(error, SaveFailure):
            assert failure is error
        else:
            assert isinstance(failure, Defect)
            assert "ZeroDivisionError" in caplog.text

    def test_one_that_is_under_way_ends_with_the_thread(self, running: Running, qtbot: QtBot) -> None:
        job, waiting = Steps(10**9), Steps(1)
        for each in (job, waiting):
            running.thread.add_job(each)
        running.thread.choose_model(FAKE)
        qtbot.waitUntil(lambda: job.threads != set())
        assert running.thread.stop(10)
        assert job.ends == waiting.ends == [None]


def test_an_explanation_that_is_brought_needs_no_model(
    running: Running, explainer: FakeExplainer, qtbot: QtBot
) -> None:
    explanation = explainer.explain(make_frame(5), ExplainRequest())
    running.inlet.put_explained(lambda: Delivery(explanation))
    qtbot.waitUntil(lambda: running.calls == 1)
    assert running.taken() == 5
    assert running.ready == []


def test_one_that_is_brought_while_the_model_loads_stays_as_it_is(
    running: Running, loader: FakeLoader, explainer: FakeExplainer, qtbot: QtBot
) -> None:
    explanation = explainer.explain(make_frame(5), ExplainRequest())
    passes = explainer.gate.arrived
    loader.gate.shut()
    running.thread.choose_model(FAKE)
    loader.gate.wait_for(1)
    running.inlet.put_explained(lambda: Delivery(explanation))
    loader.gate.open()
    qtbot.waitUntil(lambda: running.calls == 1)
    delivery = running.thread.deliveries.take()
    assert delivery is not None
    assert delivery.explanation is explanation
    assert explainer.gate.arrived == passes


class TestDelivery:
    """What travels around an explanation on its way to the window."""

    @pytest.fixture
    def explainer(self) -> FakeExplainer:
        """As bright as the frame's index."""
        return Bright(lambda frame: float(frame.index))

    @pytest.fixture
    def deliver(self, running: Running, qtbot: QtBot) -> Callable[..., Delivery]:
        """Sends a frame of an index and a time, and brings what came of it."""
        running.thread.choose_model(FAKE)

        def bring(index: int, time: float = 0.0, generation: int | None = None) -> Delivery:
            running.inlet.put(lambda: replace(make_frame(index), time=time), generation)
            return taken(running, qtbot)

        return bring

    def test_it_says_which_source_and_place_the_frame_is_of(
        self, running: Running, deliver: Callable[..., Delivery]
    ) -> None:
        assert deliver(1).generation == 0
        running.inlet.generation = 5
        assert deliver(2).generation == 5
        assert deliver(3, generation=4).generation == 4, "as when it was looked at"
        assert deliver(4).origin == LIVE

    def test_what_is_drawn_is_averaged_over_time_and_numbers_are_not(
        self, running: Running, deliver: Callable[..., Delivery]
    ) -> None:
        running.thread.smoothing = 0.5
        first, second = deliver(1, 10.0), deliver(3, 10.25)
        assert [d.origin for d in (first, second)] == [Origin(0.5)] * 2
        assert first.explanation.drawn is None
        drawn = second.explanation.drawn
        assert drawn is not None
        share = 1 - math.exp(-0.25 / 0.5)
        assert float(drawn.planes[0, 0, 0]) == pytest.approx(1 + share * 2)
        assert [d.explanation.maps.planes[0, 0, 0] for d in (first, second)] == [1, 3]

    def test_an_average_begins_anew_with_another_place_and_without_smoothing(
        self, running: Running, deliver: Callable[..., Delivery]
    ) -> None:
        running.thread.smoothing = 0.5
        deliver(1, 10.0)
        running.inlet.generation = 1
        assert deliver(2, 10.1).explanation.drawn is None
        assert deliver(3, 10.2).explanation.drawn is not None
        running.thread.smoothing = 0.0
        plain = deliver(4, 10.3)
        assert (plain.explanation.drawn, plain.origin) == (None, LIVE)
        running.thread.smoothing = 0.5
        assert deliver(5, 10.4).explanation.drawn is None

    def test_the_request_says_nothing_of_smoothing(
        self, running: Running, deliver: Callable[..., Delivery]
    ) -> None:
        running.thread.smoothing = 0.5
        assert deliver(1).explanation.request is running.thread.request

    def test_what_is_brought_keeps_its_origin_and_is_of_the_present_place(
        self, running: Running, explainer: FakeExplainer, qtbot: QtBot
    ) -> None:
        explanation = explainer.explain(make_frame(5), ExplainRequest())
        origin = Origin(0.25, SnapshotInfo("2026-01-01T00:00:00+00:00", "1.0", (0,)))
        running.thread.smoothing = 0.5
        running.inlet.generation = 3
        running.inlet.put_explained(lambda: Delivery(explanation, origin, 77))
        delivery = taken(running, qtbot)
        assert delivery.explanation is explanation, "nor is it averaged"
        assert (delivery.origin, delivery.generation) == (origin, 3)


def taken(running: Running, qtbot: QtBot) -> Delivery:
    """The next delivery, once it is there."""
    found: list[Delivery] = []

    def came() -> bool:
        delivery = running.thread.deliveries.take()
        found.extend([delivery] if delivery is not None else [])
        return bool(found)

    qtbot.waitUntil(came)
    return found[0]


# What takes long


class Slow(FakeExplainer):
    """Explains a frame in parts, as long as it is wanted, if the request's method is ``Slow``."""

    methods = tuple(
        MethodOffer(name, Unit.RELATIVE, "", Text("for ever"), chooses_layer=False)
        for name in ("Slow", "Quick")
    )

    def explain(self, frame: Frame, request: ExplainRequest, load: float = 0.0) -> Explanation:
        self.gate.go_through()
        while request.method == "Slow":
            check_wanted()
        return super().explain(frame, request, load)


SLOW = ExplainRequest(method="Slow")


@pytest.fixture
def slow(qtbot: QtBot) -> Iterator[Running]:
    worker = Running(FakeLoader(fake=Slow()))
    worker.thread.request = SLOW
    worker.thread.choose_model(FAKE)
    yield worker
    worker.thread.stop()
    assert worker.thread.isFinished()


def begun(worker: Running, index: int) -> None:
    """The frame is being explained, for ever."""
    explainer = worker.thread._load_model(FAKE).explainer
    assert isinstance(explainer, Slow)
    before = explainer.gate.arrived
    worker.send(index)
    explainer.gate.wait_for(before + 1)


def test_another_request_does_not_wait_for_a_long_one(slow: Running, qtbot: QtBot) -> None:
    begun(slow, 1)
    slow.thread.request = ExplainRequest(method="Quick")
    qtbot.waitUntil(lambda: slow.calls == 1)
    assert slow.taken() == 1, "the same frame, as it is asked for now"
    assert slow.problems == []


def test_how_far_a_frame_is_can_be_read_while_it_is_explained(qtbot: QtBot) -> None:
    seen: list[tuple[int, int] | None] = []

    class Reporting(FakeExplainer):
        def explain(self, frame: Frame, request: ExplainRequest, load: float = 0.0) -> Explanation:
            for done in (0, 7):
                report(done, 49)
                seen.append(worker.thread.progress)
            return super().explain(frame, request, load)

    worker = Running(FakeLoader(fake=Reporting()))
    try:
        worker.thread.choose_model(FAKE)
        worker.send(1)
        qtbot.waitUntil(lambda: worker.calls == 1)
    finally:
        worker.thread.stop()
    assert seen == [(0, 49), (7, 49)]
    assert worker.thread.progress is None, "of no frame any more"


def test_another_place_does_not_wait_for_a_long_one(slow: Running, qtbot: QtBot) -> None:
    begun(slow, 1)
    first = PendingFrame(lambda: make_frame(1), 0)
    slow.send(2)
    assert slow.thread._is_wanted(first, SLOW), "the next frame of the same place can wait"
    explainer = slow.thread._load_model(FAKE).explainer
    assert isinstance(explainer, Slow)
    before = explainer.gate.arrived
    Inlet(slow.thread.frames, 1).put(lambda: make_frame(3))
    explainer.gate.wait_for(before + 1)
    slow.thread.request = ExplainRequest(method="Quick")
    qtbot.waitUntil(lambda: slow.calls == 1)
    assert slow.taken() == 3


def test_another_model_does_not_wait_for_a_long_one(slow: Running, qtbot: QtBot) -> None:
    begun(slow, 1)
    slow.thread.choose_model(FAKE)
    qtbot.waitUntil(lambda: len(slow.ready) == 2)


def test_the_end_does_not_wait_for_a_long_one(slow: Running) -> None:
    begun(slow, 1)
    assert slow.thread.stop(patience=5)


def test_more_targets_can_wait(slow: Running) -> None:
    begun(slow, 1)
    thread = slow.thread
    pending = PendingFrame(lambda: make_frame(1), 0)
    thread.request = replace(SLOW, targets=(ClassScore(1),))
    assert thread._is_wanted(pending, SLOW)
    assert not thread._is_wanted(pending, ExplainRequest())


def test_a_job_ends_with_the_program(slow: Running) -> None:
    class Endless:
        ended: Failure | str | None = "not"

        def step(self, explainer: FrameExplainer) -> bool:
            started.set()
            while True:
                check_wanted()

        def end(self, failure: Failure | None) -> None:
            self.ended = failure

    started, job = threading.Event(), Endless()
    slow.thread.add_job(job)
    assert started.wait(5)
    assert slow.thread.stop(patience=5)
    assert job.ended is None
