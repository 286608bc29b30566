"""The Timeline dock in the window: live, beside the history; and of a whole video."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from camviewer.core.arrays import read_only
from camviewer.core.explanation import ExplainRequest, Explanation
from camviewer.core.frames import Frame
from camviewer.core.loading import ModelChoice
from camviewer.core.storage import timeline_cache
from camviewer.core.timeline import Timeline
from camviewer.ui.docks.curves import ColourSlots
from camviewer.ui.shell.main_window import MainWindow
from tests.media.pipeline.test_video_curve import movie_of
from tests.media.videos import needs_openh264, number_of
from tests.ui.fakes import (
    FakeCamera,
    FakeExplainer,
    FakeModel,
    FakeVideo,
    Windows,
    crafted,
    current,
    model_info,
    pipeline_of,
    settings_in,
)


class Rising(FakeExplainer):
    """The first logit is what the frame shows; so the top class changes after some frames."""

    def explain(self, frame: Frame, request: ExplainRequest, load: float = 0.0) -> Explanation:
        scores = (float(number_of(frame.image)), *self.scores[1:])
        return crafted(frame, request, scores=scores, labels=self.labels, info=self.info)


def frame_of(index: int) -> Frame:
    image = np.zeros((48, 64, 3), np.uint8)
    image[..., 0] = 32 * index
    return Frame(read_only(image), index, 100.0 + 0.1 * index, "Fake camera")


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    def load(choice: ModelChoice) -> FakeModel:
        return FakeModel(Rising(model_info(choice.name)))

    monkeypatch.setattr(timeline_cache, "curves_folder", lambda: tmp_path / "curves")
    with settings_in(tmp_path):
        window = Windows(qtbot)(None, loader=load)
        window._settings.set("save/folder", str(tmp_path / "saved"))
        yield window


class Watched:
    """A camera, and the dock that shows its scores."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self.window, self.qtbot, self.dock = window, qtbot, window.timeline.dock
        self.camera, self.pipeline = FakeCamera(), pipeline_of(window)
        self.pipeline.open(self.camera)

    def bring(self, *indices: int) -> None:
        for index in indices:
            with self.qtbot.waitSignal(self.pipeline.arrived):
                self.camera.bring(frame_of(index))
            self.qtbot.waitUntil(partial(self._is_kept, index))

    def _is_kept(self, index: int) -> bool:
        kept = self.window.history.keeper.history.items()
        return bool(kept) and kept[-1].explained.frame.index == index

    def redrawn(self) -> None:
        self.window.timeline._redraw()

    @property
    def timeline(self) -> Timeline:
        timeline = self.window.timeline.timeline
        assert timeline is not None
        return timeline


@pytest.fixture
def watched(window: MainWindow, qtbot: QtBot) -> Watched:
    return Watched(window, qtbot)


def test_nothing_of_it_is_loaded_or_noted_before_it_is_seen(watched: Watched) -> None:
    watched.bring(1)
    assert watched.dock.isHidden()
    assert watched.dock.plot is None
    assert watched.window.timeline.timeline is None


def test_it_shows_what_came_before_it_was_opened_and_goes_on(watched: Watched) -> None:
    watched.bring(1, 2)
    watched.dock.show()
    watched.qtbot.waitUntil(lambda: watched.dock.plot is not None)
    assert watched.timeline.times.tolist() == pytest.approx([100.1, 100.2])
    watched.bring(5, 6)
    watched.redrawn()
    assert "pyqtgraph" in sys.modules
    # The numbers are those of the frames, and the class that is on top is known.
    assert watched.timeline.scores((0, 1), logits=True)[:, 0].tolist() == [1.0, 2.0, 5.0, 6.0]
    explanation = current(watched.window)
    assert np.array_equal(watched.timeline.scores(range(8), logits=False)[-1], explanation.probabilities)
    assert [s.class_id for s in watched.timeline.stretches()] == [1, 0]
    curves = watched.dock._curves
    assert curves is not None
    assert set(watched.window.centre.tabs.classes) <= set(curves.classes)
    assert curves.cursor == explanation.frame.time
    assert "tabby" in watched.dock.text
    slots = dict(zip(curves.classes, curves.slots, strict=True))
    assert len(set(slots.values())) == len(slots)


def test_a_click_goes_to_that_moment(watched: Watched) -> None:
    watched.dock.show()
    watched.bring(1, 2, 3, 4)
    watched.redrawn()
    watched.dock.moment_chosen.emit(100.21)
    watched.qtbot.waitUntil(lambda: current(watched.window).frame.index == 2)
    watched.redrawn()
    curves = watched.dock._curves
    assert curves is not None
    assert curves.cursor == pytest.approx(100.2)
    assert watched.pipeline.in_view.looks_back


def test_the_pointer_reads_values(watched: Watched) -> None:
    watched.dock.show()
    watched.bring(1, 2, 3, 7)
    watched.dock._kind.setCurrentIndex(1)
    watched.redrawn()
    plot = watched.dock.plot
    assert plot is not None
    box = plot.getViewBox()
    place = box.mapViewToScene(QPointF(0.1, 1.0))
    plot._on_mouse_moved(place)
    assert "<b>+2.00</b>" in watched.dock.text
    plot.hovered.emit(None)
    assert "<b>+7.00</b>" in watched.dock.text


def test_zooming_stays_until_all_is_asked_for(watched: Watched) -> None:
    watched.dock.show()
    watched.bring(1, 2, 3, 4)
    watched.redrawn()
    plot = watched.dock.plot
    assert plot is not None
    watched.dock._zoom(1.5)
    assert not plot.follows
    seen = plot.seen
    watched.bring(5, 6)
    watched.redrawn()
    assert plot.seen == pytest.approx(seen)
    watched.dock.follow()
    watched.redrawn()
    assert plot.seen[1] == pytest.approx(100.6)


def test_forgetting_empties_it(watched: Watched) -> None:
    watched.dock.show()
    watched.bring(1, 2)
    watched.redrawn()
    watched.window.history.forget()
    assert watched.window.timeline.timeline is None
    assert watched.dock.text == ""


def test_it_is_exported_as_numbers_and_pictures(watched: Watched, tmp_path: Path) -> None:
    watched.dock.show()
    watched.bring(1, 2, 3)
    watched.redrawn()
    for kind in ("csv", "png", "svg"):
        watched.dock.export_wanted.emit(kind)
    folder = tmp_path / "saved"
    suffixes = {".csv", ".png", ".svg"}
    watched.qtbot.waitUntil(lambda: {path.suffix for path in folder.glob("*")} == suffixes)
    files = {path.suffix: path for path in folder.iterdir()}
    rows = list(csv.reader(io.StringIO(files[".csv"].read_text("utf-8"))))
    assert rows[0][3].endswith(" logit")
    assert len(rows) == 4
    image = QImage(str(files[".png"]))
    assert image.width() == 2 * watched.dock.plot.width()  # type: ignore[union-attr]
    assert ElementTree.parse(files[".svg"]).getroot().tag.endswith("svg")


def test_its_values_are_those_of_the_lines_of_the_same_run(watched: Watched, tmp_path: Path) -> None:
    """Of `--stats`, and of the lines that are saved beside the movie of the last seconds."""
    needs_openh264()
    watched.dock.show()
    stats = []
    for index in (1, 2, 5, 6):
        watched.bring(index)
        stats.append(watched.window.stats.record()["top1"])
    timeline = watched.timeline
    assert [stretch.class_id for stretch in timeline.stretches()] == [1, 0]
    logits, shares = (timeline.scores(range(8), logits=logits) for logits in (True, False))
    for row, top in enumerate(stats):
        assert isinstance(top, dict)
        assert top["class_id"] == shares[row].argmax()
        assert top["probability"] == round(float(shares[row].max()), 4)
    watched.window.history.saving.save()
    watched.qtbot.waitUntil(lambda: len(list((tmp_path / "saved").glob("*.jsonl"))) == 1)
    (file,) = (tmp_path / "saved").glob("*.jsonl")
    records = [json.loads(line) for line in file.read_text("ascii").splitlines()]
    assert [r["time"] for r in records] == pytest.approx(timeline.times - timeline.times[0])
    for row, record in enumerate(records):
        for each in record["predictions"]:
            assert each["logit"] == pytest.approx(float(logits[row, each["class_id"]]), abs=1e-6)
            assert each["probability"] == pytest.approx(float(shares[row, each["class_id"]]), abs=1e-6)


def test_the_curve_of_a_whole_video_is_computed_once(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = movie_of(24, tmp_path)
    monkeypatch.setattr(FakeVideo, "path", property(lambda _video: film))
    pipeline, control = pipeline_of(window), window.timeline
    control.dock.show()
    pipeline.open(FakeVideo())
    video = pipeline.source
    assert isinstance(video, FakeVideo)
    video.bring()
    qtbot.waitUntil(lambda: control.timeline is not None and len(control.timeline) == 8)
    timeline = control.timeline
    assert timeline is not None
    assert [round(v) for v in timeline.scores((0,), logits=True)[:, 0]] == list(range(0, 24, 3))
    assert [s.class_id for s in timeline.stretches()] == [1, 0]
    qtbot.waitUntil(lambda: len(list((tmp_path / "curves").glob("*.npz"))) == 1)
    control.dock.moment_chosen.emit(0.5)
    assert video.position == 0.5
    # Another time it is read, not computed.
    control.curves.show(None)
    monkeypatch.setattr(pipeline, "add_job", lambda _job: pytest.fail("it is computed again"))
    pipeline.open(FakeVideo())
    again = pipeline.source
    assert isinstance(again, FakeVideo)
    again.bring()
    qtbot.waitUntil(lambda: control.timeline is not None and control.timeline is not timeline)
    read = control.timeline
    assert read is not None
    assert np.array_equal(read.scores(range(8), logits=False), timeline.scores(range(8), logits=False))


def test_classes_keep_their_colours() -> None:
    slots = ColourSlots(4)
    assert slots.assign((7, 3, 5)) == (0, 1, 2)
    assert slots.assign((5, 9, 3)) == (2, 0, 1)
    assert slots.assign((9, 5, 7, 3)) == (0, 2, 3, 1)
