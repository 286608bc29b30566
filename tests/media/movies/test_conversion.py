"""A whole video converted: each frame once, at its time, with what the network says of it; all or nothing."""

from __future__ import annotations

import errno
import io
import json
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject, Slot
from pytestqt.qtbot import QtBot

from camviewer.core.explanation import ExplainRequest, Explanation
from camviewer.core.failures import Failure, ModelFailure, SaveFailure, SourceFailure
from camviewer.core.frames import Frame
from camviewer.core.loading import ModelChoice, load_model
from camviewer.core.models.spec import LinearHead
from camviewer.core.scaling import Scale
from camviewer.core.targets import ClassScore
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.drawing.view_state import ViewState
from camviewer.media.movies.conversion import Conversion, Progress, target_state, top_class_state
from camviewer.media.movies.movie import MovieWriter
from camviewer.media.pipeline.inlet import Inlet
from camviewer.media.pipeline.worker import ExplainThread
from tests.media.fakes import FAKE, OTHER, Bright, FakeExplainer, FakeLoader, make_frame
from tests.media.videos import VP9, look_at, number_of, numbered

PLAIN = OverlayStyle(visible=False, mark_region=False)
TIMES = [Fraction(0), Fraction(1, 30), Fraction(1, 10), Fraction(1, 2), Fraction(51, 100), Fraction(2)]
END = Fraction(3)


def video_file(path: Path, times: list[Fraction] = TIMES, end: Fraction = END, base: int = 15_360) -> Path:
    buffer = io.BytesIO()
    writer = MovieWriter(buffer, encoders=(VP9,), time_base=Fraction(1, base))
    for index, time in enumerate(times):
        writer.write(numbered(index), time)
    writer.close(end)
    path.write_bytes(buffer.getvalue())
    return path


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return video_file(tmp_path / "film.mp4", base=90_000)


@pytest.fixture
def out(tmp_path: Path, qapp: object) -> Path:
    return tmp_path / "out"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("ascii").splitlines()]


# What comes out


def test_each_frame_is_there_once_at_its_time(video: Path, out: Path) -> None:
    conversion = Conversion(video, out / "film.mp4", top_class_state(PLAIN), lines=out / "film.jsonl")
    result = conversion.run(FakeExplainer())
    assert result is not None
    assert (result.movie, result.lines) == (out / "film.mp4", out / "film.jsonl")
    assert (result.frames, result.seconds, result.damaged) == (6, 3.0, 0)
    movie = look_at(result.movie)
    assert [number_of(frame) for frame in movie.frames] == list(range(6))
    assert movie.times == TIMES
    assert movie.duration == END
    assert names(out) == ["film.jsonl", "film.mp4"]


def test_there_is_a_line_of_json_for_each_frame(video: Path, out: Path) -> None:
    Conversion(video, out / "film.mp4", top_class_state(PLAIN), lines=out / "film.jsonl").run(FakeExplainer())
    lines = lines_of(out / "film.jsonl")
    assert [line["index"] for line in lines] == list(range(6))
    assert [line["time"] for line in lines] == pytest.approx([float(time) for time in TIMES], abs=1e-6)
    both = [
        {"class_id": 0, "label": "a", "probability": 0.5, "logit": 0.0},
        {"class_id": 1, "label": "b", "probability": 0.5, "logit": 0.0},
    ]
    assert all(line["predictions"] == both for line in lines)


class Edits(FakeExplainer):
    """Covers something of every second frame."""

    def explain(self, frame: Frame, request: ExplainRequest, load: float = 0.0) -> Explanation:
        explanation = super().explain(frame, request, load)
        return replace(explanation, unedited=frame) if frame.index % 2 else explanation


def test_of_an_edited_frame_the_line_says_so(video: Path, out: Path) -> None:
    Conversion(video, out / "film.mp4", top_class_state(PLAIN), lines=out / "film.jsonl").run(Edits())
    lines = lines_of(out / "film.jsonl")
    assert [line.get("edited") for line in lines] == [None, True] * 3


def test_classes_and_boxes_are_those_asked_for(video: Path, out: Path) -> None:
    conversion = Conversion(
        video,
        out / "film.mp4",
        target_state(ClassScore(1), PLAIN),
        lines=out / "film.jsonl",
        classes=lambda _: (1,),
        threshold=0.2,
    )
    conversion.run(FakeExplainer())
    (prediction,) = lines_of(out / "film.jsonl")[0]["predictions"]
    assert prediction["class_id"] == 1
    assert prediction["box"] is None  # a map of zeros is no evidence
    assert prediction["area"] == 0


def test_without_lines_there_is_the_movie_alone(video: Path, out: Path) -> None:
    result = Conversion(video, out / "a.mp4", top_class_state(PLAIN)).run(FakeExplainer())
    assert result is not None
    assert result.lines is None
    assert names(out) == ["a.mp4"]


def test_the_time_base_of_the_video_is_kept(tmp_path: Path, out: Path) -> None:
    base = 24_000  # 23.976 frames a second
    times = [Fraction(1001 * index, base) for index in range(10)]
    video = video_file(tmp_path / "film.mp4", times, Fraction(10_010, base), base)
    Conversion(video, out / "film.mp4", top_class_state(PLAIN)).run(FakeExplainer())
    movie = look_at(out / "film.mp4")
    assert movie.times == times
    assert movie.duration == Fraction(10_010, base)


def test_a_caption_stands_below(video: Path, out: Path) -> None:
    Conversion(video, out / "film.mp4", top_class_state(PLAIN), caption=True).run(FakeExplainer())
    assert look_at(out / "film.mp4").size == (64, 48 + 44)


def test_maps_are_smoothed_along_the_video_only(tmp_path: Path, out: Path) -> None:
    """By the video's own time, and without the average that the live view has."""
    times = [Fraction(index, 10) for index in range(8)]
    video = video_file(tmp_path / "film.mp4", times, Fraction(1))
    seen: dict[float, list[Explanation]] = {0.0: [], 0.2: []}
    bright = Bright(lambda frame: float(frame.index >= 4))
    for seconds, explained in seen.items():

        def look(explanation: Explanation, explained: list[Explanation] = explained) -> ViewState:
            explained.append(explanation)
            return top_class_state(PLAIN)(explanation)

        Conversion(video, out / "film.mp4", look, smoothing=seconds).run(bright)
    target, plain = ClassScore(0), [0.0] * 4 + [1.0] * 4
    assert all(explanation.drawn is None for explanation in seen[0.0])
    assert [drawn_value(explanation) for explanation in seen[0.0]] == plain
    drawn = [drawn_value(explanation) for explanation in seen[0.2]]
    assert drawn[:4] == [0, 0, 0, 0]
    share = 1 - np.exp(-0.1 / 0.2)
    expected = [1 - (1 - share) ** count for count in (1, 2, 3, 4)]
    assert drawn[4:] == pytest.approx(expected, abs=1e-5)
    assert seen[0.2][0].drawn is None, "one frame is no average"
    assert all(e.drawn_map(target).remainder is None for e in seen[0.2][1:]), "nor is an average a score"
    assert [float(e.maps.planes[0, 0, 0]) for e in seen[0.2]] == plain, "numbers are those of the frame"


def drawn_value(explanation: Explanation) -> float:
    drawn = explanation.maps if explanation.drawn is None else explanation.drawn
    return float(drawn.planes[0, 0, 0])


def test_smoothed_maps_are_those_in_the_movie(tmp_path: Path, out: Path) -> None:
    """After the switch the frame fades in, instead of being there at once."""
    video = video_file(tmp_path / "film.mp4", [Fraction(index, 10) for index in range(6)], Fraction(1))
    painted = OverlayStyle(
        opacity=1.0, follow_value=False, colormap="viridis", scale=Scale.FIXED, fixed=1.0, mark_region=False
    )

    class Lit(Bright):
        """With weights that are not 0."""

        head = LinearHead(np.ones((2, 1), np.float32), np.zeros(2, np.float32), ("a", "b"))

    for name, seconds in (("plain", 0.0), ("smooth", 0.3)):
        conversion = Conversion(
            video, out / f"{name}.mp4", target_state(ClassScore(0), painted), smoothing=seconds
        )
        conversion.run(Lit(lambda frame: float(frame.index >= 2)))
    plain, smooth = (
        [float(frame.mean()) for frame in look_at(out / f"{name}.mp4").frames] for name in ("plain", "smooth")
    )
    assert plain[:2] == pytest.approx(smooth[:2], abs=2)
    assert all(abs(value - plain[-1]) < 4 for value in plain[2:])
    assert smooth[2] < plain[2] - 10
    assert smooth[1:] == sorted(smooth[1:])


def test_progress_is_told(video: Path, out: Path) -> None:
    conversion = Conversion(video, out / "film.mp4", top_class_state(PLAIN))
    told: list[Progress] = []
    ended: list[object] = []
    conversion.progressed.connect(told.append)
    conversion.ended.connect(ended.append)
    conversion.run(FakeExplainer())
    assert told[-1] == Progress(6, 6, 3.0, 3.0)
    assert told[-1].share == 1
    assert ended == [None]


# Names


def test_without_overwrite_nothing_is_replaced(video: Path, out: Path) -> None:
    out.mkdir()
    (out / "film.jsonl").write_text("mine")
    for _ in range(2):
        Conversion(video, out / "film.mp4", top_class_state(PLAIN), lines=out / "film.jsonl").run(
            FakeExplainer()
        )
    assert names(out) == ["film-2.jsonl", "film-2.mp4", "film-3.jsonl", "film-3.mp4", "film.jsonl"]
    assert (out / "film.jsonl").read_text() == "mine"


def test_with_overwrite_the_old_one_stays_until_the_new_one_is_whole(video: Path, out: Path) -> None:
    out.mkdir()
    (out / "film.mp4").write_bytes(b"old")

    def look(explanation: Explanation) -> Any:
        assert (out / "film.mp4").read_bytes() == b"old"
        return top_class_state(PLAIN)(explanation)

    Conversion(video, out / "film.mp4", look, overwrite=True).run(FakeExplainer())
    assert look_at(out / "film.mp4").count == 6
    assert names(out) == ["film.mp4"]


@pytest.mark.parametrize(
    "other", [b"mine", b'{"index": 0, "text": "a line of a dataset"}\n', b'\n{"index": 0}', b"\0" * 200]
)
def test_lines_replace_lines_alone(video: Path, out: Path, other: bytes) -> None:
    def convert() -> None:
        lines = out / "film.jsonl"
        Conversion(video, out / "film.mp4", top_class_state(PLAIN), lines=lines, overwrite=True).run(
            FakeExplainer()
        )

    out.mkdir()
    (out / "film.jsonl").touch()
    for _ in range(2):  # in place of an empty file, then of its own
        convert()
    assert len(lines_of(out / "film.jsonl")) == 6
    before = (out / "film.mp4").stat().st_ino
    (out / "film.jsonl").write_bytes(other)
    with pytest.raises(SaveFailure, match=r"would replace film\.jsonl"):
        convert()
    assert (out / "film.jsonl").read_bytes() == other
    assert (out / "film.mp4").stat().st_ino == before
    assert names(out) == ["film.jsonl", "film.mp4"]


def test_a_name_that_is_taken_meanwhile_costs_nothing(video: Path, out: Path) -> None:
    def look(explanation: Explanation) -> Any:
        (out / "film.mp4").write_bytes(b"another's")
        return top_class_state(PLAIN)(explanation)

    conversion = Conversion(video, out / "film.mp4", look, lines=out / "film.jsonl")
    result = conversion.run(FakeExplainer())
    assert result is not None
    assert (result.movie, result.lines) == (out / "film-2.mp4", out / "film-2.jsonl")
    assert (out / "film.mp4").read_bytes() == b"another's"
    assert look_at(result.movie).count == len(lines_of(out / "film-2.jsonl")) == 6
    assert names(out) == ["film-2.jsonl", "film-2.mp4", "film.mp4"]


def test_the_video_itself_is_never_replaced(video: Path, qapp: object) -> None:
    before = video.read_bytes()
    link = video.with_name("link.mp4")
    link.symlink_to(video)
    for movie in (video, link):
        with pytest.raises(SaveFailure, match="the video itself"):
            Conversion(video, movie, top_class_state(PLAIN), overwrite=True).run(FakeExplainer())
    assert video.read_bytes() == before


# All or nothing


def test_cancelled_it_leaves_nothing(video: Path, out: Path) -> None:
    conversion = Conversion(video, out / "film.mp4", top_class_state(PLAIN), lines=out / "film.jsonl")
    ended: list[object] = []
    conversion.ended.connect(ended.append)
    explainer = FakeExplainer()
    for _ in range(3):
        assert conversion.step(explainer)
    assert len(names(out)) == 2  # under way, and hidden
    conversion.cancel()
    assert not conversion.step(explainer)
    conversion.end(None)
    assert names(out) == []
    assert ended == [None]
    assert conversion.result is None


def test_when_the_window_closes_it_leaves_nothing(video: Path, out: Path) -> None:
    conversion = Conversion(video, out / "film.mp4", top_class_state(PLAIN))
    conversion.step(FakeExplainer())
    conversion.end(None)
    assert names(out) == []


@pytest.mark.parametrize("error", [RuntimeError("out of memory"), KeyboardInterrupt()])
def test_an_error_leaves_nothing(video: Path, out: Path, error: BaseException) -> None:
    def look(explanation: Explanation) -> Any:
        if explanation.frame.index == 3:
            raise error
        return top_class_state(PLAIN)(explanation)

    with pytest.raises(type(error)):
        Conversion(video, out / "film.mp4", look, lines=out / "film.jsonl").run(FakeExplainer())
    assert names(out) == []


def test_a_full_disk_is_told_and_leaves_nothing(video: Path, out: Path) -> None:
    def look(explanation: Explanation) -> Any:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(SaveFailure, match="no room"):
        Conversion(video, out / "film.mp4", look, lines=out / "film.jsonl").run(FakeExplainer())
    assert names(out) == []


def test_what_cannot_be_read_or_written_is_told(tmp_path: Path, video: Path, out: Path) -> None:
    ended: list[Failure | None] = []
    conversion = Conversion(tmp_path / "missing.mp4", out / "film.mp4", top_class_state(PLAIN))
    conversion.ended.connect(ended.append)
    with pytest.raises(SourceFailure, match="doesn't exist"):
        conversion.run(FakeExplainer())
    assert isinstance(ended[0], SourceFailure)
    assert not out.exists()
    with pytest.raises(SaveFailure):
        Conversion(video, video / "film.mp4", top_class_state(PLAIN)).run(FakeExplainer())


def test_another_model_ends_it(video: Path, out: Path) -> None:
    conversion = Conversion(video, out / "film.mp4", top_class_state(PLAIN))
    conversion.step(FakeExplainer())
    with pytest.raises(ModelFailure, match="Another model"):
        conversion.step(FakeExplainer("other"))
    conversion.end(None)
    assert names(out) == []


# In the worker


class Running:
    def __init__(self, explainer: FakeExplainer) -> None:
        self.explainer = explainer
        self.thread = ExplainThread(FakeLoader(fake=explainer, other=FakeExplainer("other")))
        self.inlet = Inlet(self.thread.frames, 0)
        self.thread.start()
        self.thread.choose_model(FAKE)


@pytest.fixture
def running(qtbot: QtBot) -> Iterator[Running]:
    worker = Running(FakeExplainer())
    yield worker
    worker.explainer.gate.open()
    worker.thread.stop()


class Window(QObject):
    """Notes in which thread it hears of what."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[tuple[str, int]] = []

    @Slot(object)
    def on_progressed(self, _: object) -> None:
        self.heard.append(("progressed", threading.get_ident()))

    @Slot(object)
    def on_ended(self, _: object) -> None:
        self.heard.append(("ended", threading.get_ident()))


def test_as_a_job_it_tells_the_window_in_its_thread(
    running: Running, video: Path, out: Path, qtbot: QtBot
) -> None:
    conversion, window = Conversion(video, out / "film.mp4", top_class_state(PLAIN)), Window()
    conversion.progressed.connect(window.on_progressed)
    conversion.ended.connect(window.on_ended)
    running.thread.add_job(conversion)
    here = threading.get_ident()
    qtbot.waitUntil(lambda: ("ended", here) in window.heard)
    assert window.heard[-2:] == [("progressed", here), ("ended", here)]
    assert here not in running.explainer.threads
    assert conversion.result is not None
    assert look_at(conversion.result.movie).count == 6


def test_live_frames_are_explained_in_between(running: Running, video: Path, out: Path, qtbot: QtBot) -> None:
    conversion = Conversion(video, out / "film.mp4", top_class_state(PLAIN))
    ended: list[object] = []
    conversion.ended.connect(ended.append)
    running.explainer.gate.shut()
    running.thread.add_job(conversion)
    running.explainer.gate.wait_for(1)  # in the middle of the first step
    running.inlet.put(lambda: make_frame(77))
    running.explainer.gate.open()
    qtbot.waitUntil(lambda: bool(ended))
    delivery = running.thread.deliveries.take()
    assert delivery is not None
    assert delivery.explanation.frame.index == 77
    assert conversion.result is not None


def test_when_the_worker_stops_in_the_middle_nothing_is_left(
    running: Running, video: Path, out: Path, qtbot: QtBot
) -> None:
    conversion = Conversion(video, out / "film.mp4", top_class_state(PLAIN))
    running.explainer.gate.shut()
    running.thread.add_job(conversion)
    running.explainer.gate.wait_for(1)
    running.thread.requestInterruption()
    running.explainer.gate.open()
    running.thread.stop()
    assert names(out) == []
    assert conversion.result is None


def test_a_model_chosen_meanwhile_is_told(running: Running, video: Path, out: Path, qtbot: QtBot) -> None:
    conversion = Conversion(video, out / "film.mp4", top_class_state(PLAIN))
    ended: list[object] = []
    conversion.ended.connect(ended.append)
    running.explainer.gate.shut()
    running.thread.add_job(conversion)
    running.explainer.gate.wait_for(1)
    running.thread.choose_model(OTHER)
    running.explainer.gate.open()
    qtbot.waitUntil(lambda: bool(ended))
    assert isinstance(ended[0], ModelFailure)
    assert names(out) == []


# For real


@pytest.mark.weights
@pytest.mark.slow
def test_a_real_video_with_a_real_network(assets: Path, out: Path) -> None:
    """Each class has its own two seconds; the times are the video's, to the tick."""
    weights = assets / "weights/resnet18-imagenet1k-pq.pth"
    explainer = load_model(ModelChoice("resnet18", weights, device="cpu")).explainer
    source = assets / "media/six-classes-720p.mp4"
    conversion = Conversion(
        source, out / "six.mp4", top_class_state(OverlayStyle()), lines=out / "six.jsonl", threshold=0.2
    )
    result = conversion.run(explainer)
    assert result is not None
    assert (result.frames, result.seconds, result.damaged) == (360, 12.0, 0)
    movie = look_at(result.movie)
    assert movie.count == movie.indexed == 360
    assert movie.times == [Fraction(index, 30) for index in range(360)]
    assert movie.duration == 12
    gaps = [later - earlier for earlier, later in pairwise([*movie.keys, Fraction(12)])]
    assert max(gaps) <= Fraction(2) + Fraction(1, 30)
    classes = [88, 38, 642, 429, 105, 147]
    for line in lines_of(out / "six.jsonl"):
        if 0.1 < line["time"] % 2 < 1.9:
            best = line["predictions"][0]
            assert best["class_id"] == classes[int(line["time"] / 2)], line
            left, top, right, bottom = best["box"]
            assert 0 <= left < right <= 1280
            assert 0 <= top < bottom <= 720
    assert 0.2e6 < result.movie.stat().st_size < 12e6
