"""Photos and folders of them: which come, in which order, and what happens to broken ones."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import shiboken6
from PIL import Image
from pytestqt.qtbot import QtBot

from camviewer.core.failures import SourceFailure
from camviewer.media.pipeline.inlet import Inlet, PendingFrame
from camviewer.media.pipeline.mailbox import Mailbox
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.media.sources.photos import ArraySource, PhotoSource, listed
from tests.media.fakes import FAKE, FakeExplainer, FakeLoader

pytestmark = pytest.mark.usefixtures("qapp")


def photo(path: Path, value: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((4, 6, 3), value, np.uint8)).save(path)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """b.png, A.png, c.jpg in the order of names (not of bytes, nor of making); and no photos."""
    for name, value in (("b.png", 20), ("c.jpg", 30), ("A.png", 10)):
        photo(tmp_path / name, value)
    (tmp_path / "notes.txt").write_text("no photo")
    (tmp_path / "folder.png").mkdir()
    return tmp_path


class Leafing:
    """A photo source whose frames are loaded here instead of in the worker."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.box: Mailbox[PendingFrame] = Mailbox()
        self.source = PhotoSource(paths)
        self.source.start(Inlet(self.box, 0))

    def load(self) -> int:
        """The value of the photo that came."""
        pending = self.box.take()
        assert pending is not None
        frame = pending.load()
        assert (frame.source, frame.index) == (self.source.title, self.source.index)
        return int(frame.image[0, 0, 0])

    def go(self, steps: int) -> int:
        self.source.step(steps)
        return self.load()


def names(paths: Sequence[Path]) -> list[str]:
    files, index = listed(paths)
    return [f"{'>' if i == index else ''}{p.name}" for i, p in enumerate(files)]


def test_a_photo_brings_those_beside_it(folder: Path) -> None:
    assert names([folder / "b.png"]) == ["A.png", ">b.png", "c.jpg"]


def test_a_photo_named_relative_to_here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert names([Path("b.png")]) == names([Path("./b.png")]) == ["A.png", ">b.png", "c.jpg"]


def test_a_photo_of_another_suffix_comes_alone(folder: Path) -> None:
    other = folder / "A.photo"
    (folder / "A.png").rename(other)
    assert names([other]) == [">A.photo"]


def test_folders_come_with_those_inside_and_in_order(folder: Path) -> None:
    photo(folder / "Z/a.png")
    photo(folder / "y/b.png")
    assert names([folder]) == [">A.png", "b.png", "c.jpg", "b.png", "a.png"]


def test_several_files_and_folders_come_as_given(folder: Path) -> None:
    inner = photo(folder / "inner/x.png")
    given = [folder / "c.jpg", inner.parent, folder / "b.png"]
    assert names(given) == [">c.jpg", "x.png", "b.png"]


def test_no_photos_is_a_failure_that_names_the_folder(tmp_path: Path) -> None:
    empty = tmp_path / "holidays"
    empty.mkdir()
    with pytest.raises(SourceFailure, match=r"There are no photos in holidays\. Open a folder"):
        listed([empty])


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permission")
def test_a_photo_in_a_folder_that_cannot_be_listed_comes_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "iterdir", refuse)  # root, as which CI may run, may list all
    assert names([folder / "b.png"]) == [">b.png"]


def test_leafing_goes_round_both_ways(folder: Path) -> None:
    leafing = Leafing([folder / "b.png"])
    assert leafing.load() == 20
    assert (leafing.source.index, leafing.source.count, leafing.source.path.name) == (1, 3, "b.png")
    assert [leafing.go(1) for _ in range(3)] == [30, 10, 20]
    assert [leafing.go(-1) for _ in range(3)] == [10, 30, 20]
    assert leafing.go(2) == 10


def test_each_photo_is_another_place(folder: Path, qtbot: QtBot) -> None:
    leafing = Leafing([folder])
    leafing.load()
    with qtbot.waitSignals([leafing.source.jumped, leafing.source.changed], order="strict"):
        leafing.source.step(1)


def test_a_broken_photo_fails_and_its_neighbours_work(folder: Path) -> None:
    (folder / "b.png").write_bytes((folder / "b.png").read_bytes()[:40])
    leafing = Leafing([folder])
    assert leafing.load() == 10
    leafing.source.step(1)
    with pytest.raises(SourceFailure, match=r"b\.png"):
        leafing.load()
    assert leafing.go(1) == 30
    assert leafing.go(1) == 10


def test_a_broken_first_photo_still_lets_one_go_on(folder: Path) -> None:
    (folder / "A.png").write_bytes(b"")
    leafing = Leafing([folder])
    with pytest.raises(SourceFailure, match=r"A\.png is empty"):
        leafing.load()
    assert leafing.go(1) == 20


def test_a_photo_that_was_deleted_meanwhile_fails(folder: Path) -> None:
    leafing = Leafing([folder])
    leafing.load()
    (folder / "b.png").unlink()
    leafing.source.step(1)
    with pytest.raises(SourceFailure, match=r"b\.png doesn't exist"):
        leafing.load()


def test_nobody_leafs_before_the_photos_are_listed(folder: Path) -> None:
    """Otherwise the folder would never be listed: the frame that is to do it would be replaced."""
    leafing = Leafing([folder / "c.jpg", folder / "A.png", folder])
    leafing.source.step(1)
    assert leafing.load() == 30
    assert leafing.source.count == 5
    assert leafing.go(1) == 10


def test_a_single_photo_and_a_stopped_source_stay(tmp_path: Path) -> None:
    leafing = Leafing([photo(tmp_path / "a.png", 5)])
    leafing.load()
    leafing.source.step(1)
    assert leafing.box.take() is None
    photo(tmp_path / "b.png")
    other = Leafing([tmp_path])
    other.load()
    other.source.stop()
    other.source.step(1)
    assert other.box.take() is None


def test_a_source_that_is_gone_while_its_folder_is_listed(folder: Path) -> None:
    leafing = Leafing([folder])
    pending = leafing.box.take()
    assert pending is not None
    shiboken6.delete(leafing.source)
    assert pending.load().source == "A.png"


def test_an_image_in_memory(qtbot: QtBot) -> None:
    image = np.full((2, 3, 3), 7, np.uint8)
    source = ArraySource(lambda: image, "Pasted picture")
    box: Mailbox[PendingFrame] = Mailbox()
    source.start(Inlet(box, 0))
    pending = box.take()
    assert pending is not None
    frame = pending.load()
    assert frame.image is image
    assert frame.source == source.title == "Pasted picture"
    assert not source.live


def test_the_worker_lists_and_leafs_in_a_pipeline(folder: Path, qtbot: QtBot) -> None:
    pipeline = Pipeline(FakeLoader(fake=FakeExplainer()))
    values: list[int] = []
    pipeline.explained.connect(lambda e: values.append(int(e.frame.image[0, 0, 0])))
    source = PhotoSource([folder / "b.png"])
    pipeline.open(source)
    pipeline.start(FAKE)
    try:
        qtbot.waitUntil(lambda: values == [20])
        assert source.count == 3
        for _ in range(5):  # faster than they can be decoded: only the last has to come
            source.step(1)
        qtbot.waitUntil(lambda: values[-1] == 10)
        assert source.title == "A.png"
    finally:
        pipeline.close()


def test_what_a_folder_leaves_out_is_told_once(folder: Path, qtbot: QtBot) -> None:
    for name in ("._b.png", "d.psd", "film.mp4"):
        (folder / name).touch()
    leafing = Leafing([folder])
    told: list[tuple[str, ...]] = []
    leafing.source.left_out.connect(told.append)
    leafing.load()
    qtbot.waitUntil(lambda: bool(told))
    leafing.go(1)
    assert told == [
        (
            "1 file that may be a picture is left out, by its name (.psd).",
            "1 video is left out.",
            "1 file of a system or a program (a thumbnail, waste) is left out.",
        )
    ]


def test_numbers_are_leafed_through_in_order(tmp_path: Path) -> None:
    for name in ("10.png", "9.png", "1.png", "._2.png"):
        photo(tmp_path / name)
    for given in (tmp_path, tmp_path / "9.png"):
        assert [path.name for path in listed([given])[0]] == ["1.png", "9.png", "10.png"]
    assert listed([tmp_path / "9.png"])[1] == 1
    assert listed([tmp_path / "._2.png"]) == ((tmp_path / "._2.png",), 0), "named by itself, it is shown"


def test_a_folder_of_videos_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()
    with pytest.raises(SourceFailure, match=r"no photos in .*, but 1 video\. Open a video by itself"):
        listed([tmp_path])
    (tmp_path / "b.vob").touch()
    with pytest.raises(SourceFailure, match="but 2 videos"):
        listed([tmp_path])
