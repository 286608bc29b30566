"""A folder's review in the worker: progress, where the truth comes from, and that it ends."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from camviewer.core.explanation import ExplainRequest
from camviewer.core.failures import Failure, ModelFailure
from camviewer.core.frames import Fit, Frame
from camviewer.core.models.builtin import RESNET18
from camviewer.core.review import reviewer
from camviewer.core.review.items import Reviewed
from camviewer.core.review.pool import Pool
from camviewer.core.review.prepared import ExplainedPhoto, PhotoExplainer
from camviewer.core.review.preparing import PreparationPlan, PreparedPhoto
from camviewer.media.pipeline.worker import ExplainThread
from camviewer.media.review.job import ReviewJob, TruthFrom
from tests.media.fakes import FAKE, OTHER, FakeExplainer, FakeLoader


class Running:
    def __init__(self, loader: FakeLoader) -> None:
        self.thread = ExplainThread(loader)
        self.thread.start()
        self.thread.choose_model(FAKE)
        self.ends: list[Failure | None] = []
        self.items: list[Reviewed] = []

    def review(self, folder: Path, truth: TruthFrom | None = None) -> ReviewJob:
        job = ReviewJob(folder, truth or TruthFrom(), ExplainRequest())
        job.ended.connect(self.ends.append)
        job.progressed.connect(lambda: self.items.extend(job.take()))
        self.thread.add_job(job)
        return job


@pytest.fixture
def explainer() -> FakeExplainer:
    return FakeExplainer()


@pytest.fixture
def running(explainer: FakeExplainer, qtbot: QtBot) -> Iterator[Running]:
    worker = Running(FakeLoader(fake=explainer, other=FakeExplainer("other")))
    yield worker
    explainer.gate.open()
    worker.thread.stop()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two photos of class a, three of class b; the fake takes all for a."""
    for path in ("a/1", "a/2", "b/1", "b/2", "b/3"):
        photo = tmp_path / "photos" / f"{path}.png"
        photo.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (40, 30)).save(photo)
    return tmp_path / "photos"


def wait(qtbot: QtBot, condition: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(condition()))


def test_folders_that_are_classes_are_the_truth(running: Running, folder: Path, qtbot: QtBot) -> None:
    job = running.review(folder)
    wait(qtbot, lambda: running.ends)
    running.items += job.take()
    assert running.ends == [None]
    assert [(i.path.parent.name, i.correct) for i in running.items] == [
        *[("a", True)] * 2,
        *[("b", False)] * 3,
    ]
    assert job.begun is not None
    assert job.begun.labels == ("a", "b")
    thumbnail = running.items[2].thumbnail
    assert thumbnail is not None
    assert job.store.get(thumbnail).true is not None
    job.store.close()


def test_where_the_truth_comes_from(running: Running, folder: Path, tmp_path: Path, qtbot: QtBot) -> None:
    table = tmp_path / "truth.csv"
    table.write_text("path,label\nb/1.png,a\nb/2.png,b\n")
    wanted = {
        TruthFrom(folders=False): [None] * 5,
        TruthFrom(table=table): [None, None, True, False, None],
    }
    for truth, expected in wanted.items():
        running.items.clear()
        running.ends.clear()
        job = running.review(folder, truth)
        wait(qtbot, lambda: running.ends)
        assert [i.correct for i in running.items + job.take()] == expected
        job.store.close()
    (folder / "c").mkdir()
    Image.new("RGB", (4, 3)).save(folder / "c" / "1.png")
    job = running.review(folder)
    wait(qtbot, lambda: len(running.ends) == 2)
    assert job.begun is not None
    assert job.begun.truth is None, "c is no class"
    job.store.close()


@pytest.mark.parametrize("what", ["empty", "missing", "table"])
def test_what_can_not_be_reviewed_is_told(
    what: str, running: Running, folder: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    place = {"empty": tmp_path / "empty", "missing": tmp_path / "missing", "table": folder}[what]
    (tmp_path / "empty").mkdir()
    truth = TruthFrom(table=tmp_path / "no.csv") if what == "table" else None
    job = running.review(place, truth)
    wait(qtbot, lambda: running.ends)
    (failure,) = running.ends
    assert isinstance(failure, Failure)
    assert failure.message
    job.store.close()


def test_it_can_be_stopped(running: Running, explainer: FakeExplainer, folder: Path, qtbot: QtBot) -> None:
    explainer.gate.shut()
    job = running.review(folder)
    explainer.gate.wait_for(1)
    job.cancel()
    explainer.gate.open()
    wait(qtbot, lambda: running.ends)
    assert running.ends == [None]
    assert len(running.items + job.take()) == 2, "the batch that was under way"
    assert job.over
    job.store.close()


class ByPixels(FakeExplainer):
    """Its photos are prepared by a pool."""

    def __init__(self) -> None:
        super().__init__(device="cuda")
        self.plan = PreparationPlan(RESNET18.preprocessing, RESNET18.sizes, Fit.CROP, 224)

    def for_prepared(self, request: ExplainRequest) -> PhotoExplainer:
        return Photos(self)


@dataclass
class Photos:
    explainer: ByPixels

    @property
    def plan(self) -> PreparationPlan:
        return self.explainer.plan

    def explain(self, photos: Sequence[PreparedPhoto]) -> list[ExplainedPhoto]:
        made = [self.explainer.explain(Frame(p.pixels), ExplainRequest()) for p in photos]
        return [ExplainedPhoto(p, e.prediction, e.maps) for p, e in zip(photos, made, strict=True)]


@pytest.mark.parametrize("how", ["done", "cancelled", "window closed"])
def test_no_process_that_reads_photos_stays(
    how: str, folder: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = Pool(1, processes=True)
    monkeypatch.setattr(reviewer, "pool_for", lambda *_, **__: pool)
    (pid,) = pool.submit(eval, ["__import__('os').getpid()"]).result()
    assert isinstance(pid, int)
    process = psutil.Process(pid)
    explainer = ByPixels()
    running = Running(FakeLoader(fake=explainer))
    explainer.gate.shut()
    job = running.review(folder)
    explainer.gate.wait_for(1)
    assert process.is_running()
    if how == "cancelled":
        job.cancel()
    if how == "window closed":
        running.thread.requestInterruption()
    explainer.gate.open()
    if how == "window closed":
        running.thread.stop()
    wait(qtbot, lambda: job.over)
    assert psutil.wait_procs([process], 10)[1] == []
    if how == "done":
        wait(qtbot, lambda: running.ends)
        items = running.items + job.take()
        assert [item.correct for item in items] == [True, True, False, False, False]
        assert all(item.thumbnail is not None for item in items)
    running.thread.stop()
    job.store.close()


def test_live_frames_pass_while_photos_are_read(
    folder: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Processes take a while to start, and disks to wake up: a step doesn't wait for that."""
    go_on = threading.Event()

    class SlowPool(Pool):
        def submit(self, function: Any, items: Any, *, first: bool = False) -> Any:
            return super().submit(lambda item: go_on.wait(10) and function(item), items, first=first)

    monkeypatch.setattr(reviewer, "pool_for", lambda *_, **__: SlowPool(1))
    explainer = ByPixels()
    job = ReviewJob(folder, TruthFrom(), ExplainRequest())
    while job.begun is None:
        assert job.step(explainer)
    for _ in range(3):
        assert job.step(explainer)
        assert job.take() == []
    go_on.set()
    while not job.take():
        assert job.step(explainer)
    job.end(None)
    job.store.close()


def test_another_model_ends_it(
    running: Running, explainer: FakeExplainer, folder: Path, qtbot: QtBot
) -> None:
    explainer.gate.shut()
    job = running.review(folder)
    explainer.gate.wait_for(1)
    running.thread.choose_model(OTHER)
    explainer.gate.open()
    wait(qtbot, lambda: running.ends)
    assert isinstance(running.ends[0], ModelFailure)
    job.store.close()


def test_progress_is_told_once_until_it_is_taken(
    explainer: FakeExplainer, folder: Path, qtbot: QtBot
) -> None:
    """Steps here, without the worker's thread."""
    job = ReviewJob(folder, TruthFrom(), ExplainRequest())
    told: list[int] = []
    job.progressed.connect(lambda: told.append(threading.get_ident()))
    while job.step(explainer):
        pass
    job.end(None)
    assert len(told) == 1
    assert len(job.take()) == 5
    assert job.take() == []
    job.store.close()


def test_what_is_left_out_is_known(running: Running, folder: Path, qtbot: QtBot) -> None:
    (folder / "a" / "._1.png").touch()
    job = running.review(folder)
    wait(qtbot, lambda: running.ends)
    assert job.begun is not None
    assert job.begun.left_out == ("1 file of a system or a program (a thumbnail, waste) is left out.",)


def test_classes_are_below_the_parts_of_a_data_set(running: Running, folder: Path, qtbot: QtBot) -> None:
    root = folder.parent / "root"
    for part in ("train", "val"):
        shutil.copytree(folder, root / part)
    job = running.review(root)
    wait(qtbot, lambda: running.ends)
    assert job.begun is not None
    assert job.begun.truth is not None
    assert len(job.begun.truth.ids) == 10


def test_a_folder_of_videos_has_no_photos(running: Running, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "films").mkdir()
    (tmp_path / "films" / "a.mp4").touch()
    running.review(tmp_path / "films")
    wait(qtbot, lambda: running.ends)
    assert "There are no photos in films, but 1 video." in str(running.ends[0])
