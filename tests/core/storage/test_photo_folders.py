"""Which files of a folder are its photos, in which order, and what is said of the others."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from camviewer.core.failures import SourceFailure
from camviewer.core.storage.photo_folders import (
    LeftOut,
    class_roots,
    list_photos,
    photos_in,
    split_folders,
)

links = pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")


def made(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def found(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in photos_in(folder)]


def notes(folder: Path) -> list[str]:
    return list_photos(folder).left_out.notes()


def test_images_in_a_folder(tmp_path: Path) -> None:
    for name in (
        "b.JPG",
        "a.png",
        "C.Tiff",
        "notes.txt",
        "no_suffix",
        "sub/a.webp",
        "sub/deep/z.GIF",
        "Z/1.bmp",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "folder.png").mkdir()
    found = [path.relative_to(tmp_path).as_posix() for path in photos_in(tmp_path)]
    assert found == ["a.png", "b.JPG", "C.Tiff", "sub/a.webp", "sub/deep/z.GIF", "Z/1.bmp"]


def test_folders_without_photos(tmp_path: Path) -> None:
    assert photos_in(tmp_path) == []
    (tmp_path / "file.txt").touch()
    for path in (tmp_path / "missing", tmp_path / "file.txt"):
        with pytest.raises(SourceFailure, match="can't be read"):
            photos_in(path)


def test_listing_a_large_folder_can_be_stopped(tmp_path: Path) -> None:
    """Another source was opened, or the window closed: nobody waits for the rest."""
    for i in range(20):
        (tmp_path / f"{i:02}.png").touch()
    asked: list[int] = []

    def stopped() -> bool:
        asked.append(1)
        return len(asked) > 5

    assert len(photos_in(tmp_path, stopped)) == 5


def test_all_names_of_photos_count(tmp_path: Path) -> None:
    names = ["a.heic", "b.avif", "c.jfif", "d.jpe", "e.HIF", "f.mpo", "g.apng"]
    assert found(made(tmp_path, *names)) == names
    assert notes(tmp_path) == []


def test_numbers_are_in_order(tmp_path: Path) -> None:
    names = ["1.png", "2.png", "10.png", "frame 9/a.png", "frame 10/a.png"]
    assert found(made(tmp_path, *reversed(names))) == names


# Links


@links
def test_linked_folders_and_files_are_listed(tmp_path: Path) -> None:
    pool = made(tmp_path / "pool", "cats/1.png", "2.png")
    root = made(tmp_path / "root", "dog/3.png")
    (root / "cat").symlink_to(pool / "cats")
    (root / "dog" / "4.png").symlink_to(pool / "2.png")
    (root / "again").mkdir()
    (root / "again" / "4.png").symlink_to(pool / "2.png")
    assert found(root) == ["again/4.png", "cat/1.png", "dog/3.png", "dog/4.png"]
    assert notes(root) == []


@links
def test_loops_end(tmp_path: Path) -> None:
    root = made(tmp_path / "root", "a/1.png", "b/2.png")
    (root / "a" / "up").symlink_to(root)
    (root / "a" / "b").symlink_to("../b")
    (root / "b" / "a").symlink_to("../a")
    (root / "self.png").symlink_to("self.png")
    assert found(root) == ["a/1.png", "b/2.png"]
    assert notes(root) == [
        "3 links to folders that are listed already are left out.",
        "1 link leads nowhere.",
    ]


@links
def test_a_folder_is_listed_under_its_own_name(tmp_path: Path) -> None:
    root = made(tmp_path / "root", "runs/3/1.png")
    (root / "latest").symlink_to("runs/3")
    assert found(root) == ["runs/3/1.png"]
    assert notes(root) == ["1 link to a folder that is listed already is left out."]


@links
def test_an_opened_link_is_a_folder_as_others(tmp_path: Path) -> None:
    made(tmp_path / "real", "1.png")
    (tmp_path / "link").symlink_to("real")
    assert found(tmp_path / "link") == ["1.png"]


@links
def test_links_to_nowhere_are_counted(tmp_path: Path) -> None:
    made(tmp_path, "1.png")
    for name in ("2.png", "notes.txt", ".lock", "class"):
        (tmp_path / name).symlink_to(tmp_path / "gone" / name)
    assert found(tmp_path) == ["1.png"]
    assert notes(tmp_path) == ["2 links lead nowhere."]


def test_closed_folders_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Patched, because root may read all."""
    made(tmp_path, "1.png", "closed/2.png")
    scandir = os.scandir

    def refuse(folder: Path) -> object:
        if folder.name == "closed":
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr("camviewer.core.storage.photo_folders.os.scandir", refuse)
    assert found(tmp_path) == ["1.png"]
    assert notes(tmp_path) == ["1 folder can't be read: 'closed'."]


# What is no photo


@pytest.mark.parametrize(
    "junk",
    [
        "._1.png",
        "class/._2.JPG",
        "@eaDir/1.jpg/SYNOPHOTO_THUMB_M.jpg",
        "class/.ipynb_checkpoints/1-checkpoint.png",
        "__MACOSX/._1.png",
        "__MACOSX/1.png",
        ".Trashes/501/1.png",
        ".Trash-1000/files/1.png",
        "$RECYCLE.BIN/1.png",
    ],
)
def test_junk_is_no_photo_and_is_counted(junk: str, tmp_path: Path) -> None:
    made(tmp_path, "1.png", junk, ".DS_Store", "Thumbs.db", "class/desktop.ini")
    assert found(tmp_path) == ["1.png"]
    assert notes(tmp_path) == ["1 file of a system or a program (a thumbnail, waste) is left out."]


def test_a_folder_that_is_opened_itself_is_no_junk(tmp_path: Path) -> None:
    assert found(made(tmp_path / ".cache", "1.png")) == ["1.png"]


def test_what_may_be_missed_is_named(tmp_path: Path) -> None:
    made(tmp_path, "1.png", "2.CR2", "3.cr2", "4.psd", "photo", "5.jxl", "labels.csv", "README.md", ".hidden")
    made(tmp_path, "a.mp4", "b.MTS")
    first, second = notes(tmp_path)
    assert first.startswith("5 files that may be pictures are left out, by their names (.cr2, ")
    assert first.endswith(" and 1 more).")
    assert second == "2 videos are left out."


def test_one_of_each_is_told_in_the_singular() -> None:
    one = LeftOut(junk=1, videos=1, twice=1, lost=1, closed=["a"], overlays=1)
    one.unknown[".cr2"] = 1
    assert len(one.notes()) == 7
    assert all(note.startswith("1 ") for note in one.notes())
    one.add(one)
    assert len(one.notes()) == 7
    assert all(note.startswith("2 ") for note in one.notes())
    assert LeftOut().notes() == []


def test_videos_are_found(tmp_path: Path) -> None:
    folder = list_photos(made(tmp_path, "10.mp4", "9.mov", "notes.txt"))
    assert [path.name for path in folder.videos] == ["9.mov", "10.mp4"]
    assert folder.photos == ()


# Data sets in parts


@pytest.mark.parametrize(
    ("names", "parts"),
    [
        (("train/cat/1.png", "val/cat/1.png", "test/1.png"), ["train", "val", "test"]),
        (("Validation/1.png", "Training/1.png", "README.md"), ["Training", "Validation"]),
        (("train/1.png", "test/1.png", ".git/x", "__MACOSX/train/1.png"), ["train", "test"]),
        (("train/1.png",), []),
        (("train/1.png", "bus/1.png"), []),
        (("train/1.png", "test/1.png", "bus/1.png"), []),
        (("train.png", "test.png"), []),
    ],
)
def test_parts_of_a_data_set(names: tuple[str, ...], parts: list[str], tmp_path: Path) -> None:
    folder = made(tmp_path, *names)
    assert [path.name for path in split_folders(folder)] == parts
    assert class_roots([folder]) == (tuple(folder / part for part in parts) or (folder,))


def test_what_is_no_folder_has_no_parts(tmp_path: Path) -> None:
    assert split_folders(tmp_path / "missing") == ()
