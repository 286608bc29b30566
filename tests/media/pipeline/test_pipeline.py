"""The pipeline as the window sees it: what comes out, in which order, and what never does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from camviewer.core.covering import Fill
from camviewer.core.edits import FrameEdit, Inversion
from camviewer.core.explanation import LIVE, Delivery, ExplainRequest, Explanation, Origin, SnapshotInfo
from camviewer.core.failures import ModelFailure, SourceFailure
from camviewer.core.frames import Frame
from camviewer.core.loading import ModelChoice
from camviewer.core.maps import Unit
from camviewer.core.painting import Painter
from camviewer.core.targets import ClassScore, ScoreDifference
from camviewer.media.pipeline.pipeline import Counters, Pipeline
from tests.media.fakes import FAKE, HALF, OTHER, FakeExplainer, FakeLoader, FakeSource, computed, make_frame

TARGETS = (ClassScore(1), ScoreDifference(0, 1))


class Seen:
    """A pipeline, its models, and what came out of it. Every explanation is checked when it comes."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.fake, self.other = FakeExplainer("fake"), FakeExplainer("other")
        self.loader = FakeLoader(fake=self.fake, other=self.other)
        self.pipeline = Pipeline(self.loader)
        self.explanations: list[Explanation] = []
        self.wrong: list[str] = []
        self.events: list[str] = []
        pipeline = self.pipeline
        pipeline.explained.connect(self._on_explained)
        for name in ("source_failed", "frame_failed", "model_failed", "model_ready", "source_recovered"):
            getattr(pipeline, name).connect(lambda *_, name=name: self.events.append(name))

    def _on_explained(self, explanation: Explanation) -> None:
        pipeline, source = self.pipeline, self.pipeline.source
        checks = {
            "thread": threading.current_thread() is threading.main_thread(),
            "current": pipeline.current is explanation,
            "model": explanation.model == pipeline.model,
            "request": replace(explanation.request, targets=pipeline.request.targets) == pipeline.request,
            "smoothing": pipeline.origin.snapshot is not None
            or pipeline.origin.smoothing == pipeline.smoothing,
            "source": source is not None and explanation.frame.source == source.title,
        }
        self.wrong += [f"{explanation.frame.index}: {what}" for what, right in checks.items() if not right]
        self.explanations.append(explanation)

    @property
    def indices(self) -> list[int]:
        return [explanation.frame.index for explanation in self.explanations]

    def start(self, choice: ModelChoice = FAKE) -> None:
        self.pipeline.start(choice)
        self.until(lambda: "model_ready" in self.events)

    def open(self, source: FakeSource, *indices: int) -> FakeSource:
        """Open it and send these frames, each after the one before was explained."""
        self.pipeline.open(source)
        for index in indices:
            source.send(index)
            self.until_last(index)
        return source

    def until(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=5000)

    def until_last(self, index: int) -> None:
        self.until(lambda: self.indices[-1:] == [index])

    def settle(self) -> None:
        """Nothing more is under way, and nothing comes."""
        with self.qtbot.assertNotEmitted(self.pipeline.explained, wait=100):
            pass


@pytest.fixture
def seen(qtbot: QtBot) -> Iterator[Seen]:
    seen = Seen(qtbot)
    yield seen
    for gate in (seen.loader.gate, seen.fake.gate, seen.other.gate, seen.fake.finished):
        gate.open()
    seen.pipeline.close()
    assert not seen.wrong


# The way of a frame


def test_a_frame_before_the_model_waits_for_it(seen: Seen) -> None:
    source = FakeSource()
    seen.pipeline.open(source)
    source.send(1)
    seen.pipeline.start(FAKE)
    seen.until(lambda: seen.indices == [1])
    assert seen.pipeline.model == seen.fake.info


def test_a_video_waits_for_the_model(seen: Seen) -> None:
    source = FakeSource(live=True, pausable=True)
    seen.pipeline.open(source)
    assert source.paused == [True]
    seen.start()
    assert source.paused == [True, False]
    later = seen.open(FakeSource(live=True, pausable=True), 1)
    assert later.paused == []


def test_the_newest_frame_wins_and_the_others_are_counted(seen: Seen) -> None:
    seen.start()
    source = seen.open(FakeSource(live=True))
    seen.fake.gate.shut()
    source.send(1)
    seen.fake.gate.wait_for(1)
    for index in range(2, 11):
        source.send(index)
    seen.fake.gate.open()
    seen.until_last(10)
    assert seen.pipeline.counters() == Counters(frames_in=10, explained=2, dropped=8)
    seen.open(FakeSource("next"), 1)
    assert seen.pipeline.counters() == Counters(frames_in=11, explained=3, dropped=8)


def test_a_slow_window_gets_the_newest_only(seen: Seen) -> None:
    seen.start()
    source = seen.open(FakeSource(live=True))
    for index in range(1, 31):  # the GUI thread is busy meanwhile
        source.send(index)
        seen.fake.finished.wait_for(index)
    seen.until(lambda: seen.pipeline.counters().explained == 30)
    seen.until(lambda: seen.indices == [30])


# Jumps and other sources


def test_what_was_under_way_before_a_jump_is_dropped(seen: Seen) -> None:
    seen.start()
    source = seen.open(FakeSource(), 1)
    seen.fake.gate.shut()
    source.send(2)
    seen.fake.gate.wait_for(2)
    source.jump()
    source.send(3)
    seen.fake.gate.open()
    seen.until(lambda: seen.indices == [1, 3])


def test_nothing_of_the_old_source_comes_out(seen: Seen) -> None:
    seen.start()
    old = seen.open(FakeSource("old", live=True), 1)
    seen.fake.gate.shut()
    old.send(2)
    seen.fake.gate.wait_for(2)
    new = FakeSource("new")
    seen.pipeline.open(new)
    assert old.stopped
    assert seen.pipeline.current is None
    old.send(3)
    seen.fake.gate.open()
    new.send(4)
    seen.until(lambda: seen.indices == [1, 4])
    assert seen.fake.gate.arrived == 3  # 3 didn't even reach the worker


def test_failures_of_the_old_source_are_not_told(seen: Seen) -> None:
    seen.start()
    old = seen.open(FakeSource("old"), 1)
    seen.fake.gate.shut()
    seen.fake.fail = lambda frame: ValueError("odd") if frame.index == 2 else None
    old.send(2)
    seen.fake.gate.wait_for(2)
    seen.pipeline.open(FakeSource("new"))
    seen.fake.gate.open()
    seen.settle()
    assert seen.events == ["model_ready"]


def test_200_rapid_switches_end_at_the_last(seen: Seen) -> None:
    seen.start()
    for index in range(200):
        source = FakeSource(f"source {index}", live=bool(index % 2))
        seen.pipeline.open(source)
        source.send(index)
    seen.until(lambda: 199 in seen.indices)
    assert seen.indices == sorted(seen.indices)
    counters = seen.pipeline.counters()
    assert counters.frames_in == 200
    assert seen.events == ["model_ready"]


def test_a_source_tells_its_failure_and_recovery(seen: Seen) -> None:
    source = seen.open(FakeSource(live=True))
    failure = SourceFailure("Unplugged.")
    with seen.qtbot.waitSignal(seen.pipeline.source_failed) as told:
        source.failed.emit(failure)
    assert told.args == [failure]
    source.recovered.emit()
    assert seen.events == ["source_failed", "source_recovered"]


# Requests


def test_another_request_explains_a_still_again(seen: Seen) -> None:
    seen.start()
    seen.open(FakeSource(), 1)
    seen.pipeline.set_request(HALF)
    seen.until(lambda: seen.indices == [1, 1])
    assert seen.explanations[-1].request == HALF
    seen.pipeline.set_request(HALF)
    seen.settle()
    assert seen.indices == [1, 1]


def test_an_edit_is_painted_over_the_original_each_time(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, given = seen.fake.explain, []

    def explain(frame: Frame, request: ExplainRequest, load: float = 0.0) -> Explanation:
        given.append(frame)
        edited = Painter().edited(frame, request.edit)
        return replace(plain(edited, request, load), unedited=None if edited is frame else frame)

    monkeypatch.setattr(seen.fake, "explain", explain)
    seen.start()
    seen.open(FakeSource(), 1)
    original = seen.explanations[0].frame
    edit = FrameEdit((original.width, original.height), (Inversion(Fill.GREY),))
    for request in (ExplainRequest(edit=edit), replace(HALF, edit=edit), ExplainRequest()):
        count = len(seen.explanations)
        seen.pipeline.set_request(request)
        seen.until(lambda count=count: len(seen.explanations) > count)  # type: ignore[misc]
    assert all(frame is original for frame in given)
    assert [bool((e.frame.image == 128).all()) for e in seen.explanations] == [False, True, True, False]


def test_a_request_while_a_still_is_explained_for_the_first_time(seen: Seen) -> None:
    seen.start()
    source = seen.open(FakeSource())
    seen.fake.gate.shut()
    source.send(1)
    seen.fake.gate.wait_for(1)
    seen.pipeline.set_request(HALF)
    seen.fake.gate.open()
    seen.until(lambda: seen.indices == [1])
    assert seen.explanations[0].request == HALF


def test_a_request_between_two_photos_does_not_bring_the_old_one_back(seen: Seen) -> None:
    seen.start()
    source = seen.open(FakeSource(), 1)
    seen.fake.gate.shut()
    source.jump()
    source.send(2)
    seen.fake.gate.wait_for(2)
    seen.pipeline.set_request(HALF)
    seen.fake.gate.open()
    seen.until(lambda: seen.indices[-1] == 2)
    seen.settle()
    assert seen.indices == [1, 2]


def test_a_request_while_the_next_photo_waits_does_not_replace_it(seen: Seen) -> None:
    seen.start()
    source = seen.open(FakeSource(), 1)
    seen.fake.gate.shut()
    source.send(2)
    seen.fake.gate.wait_for(2)
    source.send(3)
    seen.pipeline.set_request(HALF)
    seen.fake.gate.open()
    seen.until(lambda: 3 in seen.indices)


def test_a_broken_photo_takes_the_one_before_out_of_view(seen: Seen) -> None:
    """The old frame must not stand under the new one's name, nor be explained again under it."""
    seen.start()
    source = seen.open(FakeSource(), 1)
    source.jump()
    source.send_failing(SourceFailure("Damaged."))
    seen.until(lambda: "frame_failed" in seen.events)
    assert seen.pipeline.current is None
    seen.pipeline.set_request(HALF)
    source.jump()
    source.send(2)
    seen.until(lambda: 2 in seen.indices)
    assert seen.indices == [1, 2]


def test_a_running_source_is_not_explained_again(seen: Seen) -> None:
    seen.start()
    source = seen.open(FakeSource(live=True), 1)
    seen.pipeline.set_request(HALF)
    source.send(2)
    seen.until(lambda: seen.indices == [1, 2])
    assert seen.fake.gate.arrived == 2


@pytest.fixture
def computing(seen: Seen) -> Seen:
    """With a model whose maps are those that were asked for, of class 0 if none were."""

    class Computing(FakeExplainer):
        def explain(self, frame: Frame, request: ExplainRequest, load: float = 0.0) -> Explanation:
            plain = super().explain(frame, request, load)
            targets = request.targets or (ClassScore(0),)
            return replace(plain, maps=computed(plain, Unit.LOGIT, targets).maps)

    seen.fake = seen.loader.models["fake"] = Computing("fake")
    seen.start()
    return seen


def available(seen: Seen) -> list[bool]:
    """Of each explanation that came out, whether it has a map that was asked for."""
    return [explanation.maps.available(TARGETS[1]) for explanation in seen.explanations]


def ask_for_targets(seen: Seen) -> None:
    seen.pipeline.set_request(replace(seen.pipeline.request, targets=TARGETS))


def test_maps_that_are_asked_for_come_of_the_frame_that_is_at_rest(computing: Seen) -> None:
    seen = computing
    seen.open(FakeSource(), 1)
    ask_for_targets(seen)
    seen.until(lambda: seen.indices == [1, 1])
    assert available(seen) == [False, True]
    assert [e.request.targets for e in seen.explanations] == [(), TARGETS]
    assert seen.explanations[1].frame is seen.explanations[0].frame
    ask_for_targets(seen)
    seen.settle()
    assert seen.indices == [1, 1]


def test_maps_that_are_asked_for_come_of_a_frozen_frame(computing: Seen) -> None:
    seen = computing
    seen.open(FakeSource(live=True), 1)
    seen.pipeline.set_frozen(True)
    ask_for_targets(seen)
    seen.until(lambda: available(seen) == [False, True])
    assert seen.indices == [1, 1]


def test_of_a_running_source_they_come_with_the_next_frame(computing: Seen) -> None:
    seen = computing
    source = seen.open(FakeSource(live=True), 1)
    ask_for_targets(seen)
    source.send(2)
    seen.until(lambda: seen.indices == [1, 2])
    assert available(seen) == [False, True]
    assert seen.fake.gate.arrived == 2


def test_asking_for_maps_changes_nothing_else_of_the_request(seen: Seen) -> None:
    seen.pipeline.set_request(HALF)
    ask_for_targets(seen)
    assert seen.pipeline.request == replace(HALF, targets=TARGETS)


def test_an_explanation_with_other_maps_than_those_asked_for_is_good_to_see(computing: Seen) -> None:
    """A live frame must not stand still whenever somebody looks for another class."""
    seen = computing
    source = seen.open(FakeSource(live=True))
    seen.fake.gate.shut()
    source.send(1)
    seen.fake.gate.wait_for(1)
    ask_for_targets(seen)
    seen.fake.gate.open()
    seen.until(lambda: seen.indices == [1])
    source.send(2)
    seen.until(lambda: seen.indices == [1, 2])
    assert available(seen) == [False, True]


@pytest.mark.parametrize("first", [True, False])
def test_maps_that_are_asked_for_while_a_still_is_under_way_come_too(computing: Seen, first: bool) -> None:
    """Also while the photo before it is in view. Nothing else would bring them: no other frame comes."""
    seen = computing
    source = seen.open(FakeSource()) if first else seen.open(FakeSource(), 1)
    source.jump()
    seen.fake.gate.shut()
    source.send(2)
    seen.fake.gate.wait_for(1 if first else 2)
    ask_for_targets(seen)
    seen.fake.gate.open()
    seen.until(lambda: bool(seen.explanations) and available(seen)[-1])
    assert seen.indices[-1] == 2


@pytest.mark.parametrize("live", [False, True])
def test_an_explanation_by_another_method_is_not_shown(seen: Seen, live: bool) -> None:
    """`Seen` checks the request of each that comes out."""
    other = replace(seen.pipeline.request, method="Grad-CAM")
    seen.start()
    source = seen.open(FakeSource(live=live))
    seen.fake.gate.shut()
    source.send(1)
    seen.fake.gate.wait_for(1)
    seen.pipeline.set_request(other)
    seen.fake.gate.open()
    if live:
        seen.settle()
        assert seen.indices == []
        source.send(2)
    seen.until(lambda: seen.indices == [2 if live else 1])
    assert seen.explanations[0].request.method == "Grad-CAM"
    assert seen.fake.gate.arrived == 2


# Smoothing


def test_another_smoothing_explains_a_still_again(seen: Seen) -> None:
    seen.start()
    seen.open(FakeSource(), 1)
    seen.pipeline.set_smoothing(0.5)
    seen.until(lambda: seen.indices == [1, 1])
    assert seen.pipeline.origin == Origin(0.5)
    seen.pipeline.set_smoothing(0.5)
    seen.settle()
    assert seen.indices == [1, 1]


def test_what_was_smoothed_otherwise_is_not_shown(seen: Seen) -> None:
    seen.start()
    source = seen.open(FakeSource(live=True))
    source.send(1)
    seen.fake.finished.wait_for(1)
    seen.fake.gate.shut()
    source.send(2)
    seen.fake.gate.wait_for(2)  # so that the first one is on its way
    seen.pipeline.set_smoothing(0.5)
    seen.settle()
    assert seen.indices == []
    seen.fake.gate.open()
    seen.until(lambda: seen.indices == [2])
    assert seen.pipeline.origin == Origin(0.5)


def test_a_snapshot_stays_as_it_is_whatever_is_asked_for(seen: Seen) -> None:
    seen.start()
    source = FakeSource()
    seen.pipeline.open(source)
    assert source.inlet is not None
    explanation = seen.fake.explain(make_frame(1), seen.pipeline.request)
    origin = Origin(0.25, SnapshotInfo("2026-01-01T00:00:00+00:00", "1.0", (0,)))
    source.inlet.put_explained(lambda: Delivery(explanation, origin))
    seen.until(lambda: seen.indices == [1])
    assert seen.pipeline.origin == origin
    assert seen.pipeline.in_view.delivery is not None
    assert seen.pipeline.in_view.delivery.explanation is seen.pipeline.current is explanation
    seen.pipeline.set_smoothing(0.5)
    ask_for_targets(seen)
    seen.settle()
    assert seen.indices == [1]
    assert seen.fake.gate.arrived == 1, "once here, never in the worker"
    seen.pipeline.open(FakeSource("other"))
    gone: Delivery | None = seen.pipeline.in_view.delivery
    assert gone is None
    assert seen.pipeline.origin == LIVE


# Freezing


def test_freezing_keeps_what_is_seen(seen: Seen) -> None:
    seen.start()
    source = seen.open(FakeSource(live=True), 1)
    seen.fake.gate.shut()
    source.send(2)
    seen.fake.gate.wait_for(2)
    source.send(3)
    with seen.qtbot.waitSignal(seen.pipeline.frozen_changed):
        seen.pipeline.set_frozen(True)
    source.send(4)
    seen.fake.gate.open()
    # Explained again, with what the user asks for now; this comes after all that was under way.
    seen.pipeline.set_request(HALF)
    seen.until(lambda: seen.indices == [1, 1])
    assert seen.fake.gate.arrived == 3
    seen.pipeline.set_frozen(False)
    assert source.paused == [True, False]
    source.send(5)
    seen.until(lambda: seen.indices == [1, 1, 5])


def test_a_frozen_frame_is_explained_by_another_model(seen: Seen) -> None:
    seen.start()
    seen.open(FakeSource(live=True), 1)
    seen.pipeline.set_frozen(True)
    seen.pipeline.choose_model(OTHER)
    seen.until(lambda: seen.indices == [1, 1])
    assert seen.explanations[-1].model == seen.other.info


def test_a_paused_video_shows_the_frames_that_it_is_sent_to(seen: Seen) -> None:
    seen.start()
    source = seen.open(FakeSource(live=True, pausable=True), 1)
    seen.pipeline.set_frozen(True)
    source.jump()
    source.send(7)
    seen.until(lambda: seen.indices == [1, 7])


def test_there_is_nothing_to_freeze_before_the_first_frame_nor_in_a_photo(seen: Seen) -> None:
    seen.start()
    seen.pipeline.set_frozen(True)
    source = seen.open(FakeSource(live=True))
    seen.pipeline.set_frozen(True)
    assert not seen.pipeline.frozen
    source.send(1)
    seen.until(lambda: seen.indices == [1])
    seen.open(FakeSource(), 2)
    seen.pipeline.set_frozen(True)
    assert not seen.pipeline.frozen


def test_another_source_is_not_frozen(seen: Seen) -> None:
    seen.start()
    seen.open(FakeSource(live=True), 1)
    seen.pipeline.set_frozen(True)
    seen.open(FakeSource("other", live=True), 2, 3)
    assert not seen.pipeline.frozen


# Models


def test_explanations_of_another_model_are_not_shown(seen: Seen) -> None:
    """The GUI thread is busy while both models explain; `Seen` checks each that comes out."""
    seen.start()
    source = seen.open(FakeSource())
    source.send(1)
    seen.fake.finished.wait_for(1)
    seen.pipeline.choose_model(OTHER)
    seen.loader.gate.wait_for(2)
    source.send(2)
    seen.other.finished.wait_for(1)
    seen.until(lambda: seen.indices[-1:] == [2])
    assert seen.explanations[-1].model == seen.other.info


@pytest.mark.parametrize("error", [ModelFailure("No weights."), KeyError("conv1.weight")])
def test_a_model_that_cannot_be_loaded_leaves_the_one_before(error: Exception, seen: Seen) -> None:
    seen.start()
    source = seen.open(FakeSource(live=True), 1)
    seen.loader.models["other"] = error
    with seen.qtbot.waitSignal(seen.pipeline.model_failed) as told:
        seen.pipeline.choose_model(OTHER)
    assert told.args is not None
    assert isinstance(told.args[0], ModelFailure)
    source.send(2)
    seen.until(lambda: seen.indices == [1, 2])
    assert seen.pipeline.model == seen.fake.info


def test_a_broken_frame_is_told_and_the_next_works(seen: Seen) -> None:
    seen.start()
    source = seen.open(FakeSource())
    failure = SourceFailure("a.jpg is damaged.")
    with seen.qtbot.waitSignal(seen.pipeline.frame_failed) as told:
        source.send_failing(failure)
    assert told.args == [failure]
    source.send(2)
    seen.until(lambda: seen.indices == [2])


def test_a_still_on_a_device_that_fails_is_explained_by_the_cpu(seen: Seen) -> None:
    gpu = seen.loader.models["fake"] = FakeExplainer(device="cuda")
    seen.loader.models["fake_cpu"] = seen.fake
    seen.start()
    source = seen.open(FakeSource(), 1)
    gpu.fail = lambda _: RuntimeError("CUDA error")
    source.jump()
    source.send(2)
    seen.until(lambda: seen.indices[-1] == 2)
    seen.settle()
    assert seen.indices == [1, 2]
    assert seen.events == ["model_ready", "frame_failed", "model_ready"]
    assert seen.pipeline.model == seen.fake.info


# The end


def test_nothing_comes_after_close(seen: Seen) -> None:
    seen.start()
    source = seen.open(FakeSource(live=True), 1)
    source.send(2)
    seen.fake.finished.wait_for(2)
    seen.pipeline.close()
    assert source.stopped
    source.send(3)
    with seen.qtbot.assertNotEmitted(seen.pipeline.explained, wait=50):
        seen.pipeline.close()
    assert seen.indices == [1]


def test_close_before_start(seen: Seen) -> None:
    seen.open(FakeSource()).send(1)
    seen.pipeline.close()
