"""Which photos the command line takes of folders, and what it says of the others."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PIL import Image

from camviewer.commands.inputs import find_photos
from camviewer.core.storage.photo_folders import LeftOut

links = pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")


def made(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".png"):
            Image.new("RGB", (4, 4)).save(folder / name)
        else:
            (folder / name).touch()
    return folder


def test_what_is_left_out_is_told_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = made(tmp_path, "10.png", "9.png", "._9.jpg", "a.mp4", "raw.nef", "@eaDir/9.png")
    left_out = LeftOut()
    assert [one.path.name for one in find_photos([folder], left_out=left_out)] == ["9.png", "10.png"]
    assert (left_out.junk, left_out.videos, left_out.unknown[".nef"]) == (2, 1, 1)
    assert capsys.readouterr().err.splitlines() == [
        "camviewer: 1 file that may be a picture is left out, by its name (.nef).",
        "camviewer: 1 video is left out.",
        "camviewer: 2 files of systems or programs (thumbnails, waste) are left out.",
    ]


def test_nothing_is_said_where_nothing_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    find_photos([made(tmp_path, "1.png", "labels.csv")])
    assert capsys.readouterr().err == ""


@links
def test_links_to_one_photo_in_several_classes_all_count(tmp_path: Path) -> None:
    pool = made(tmp_path / "pool", "1.png")
    folder = made(tmp_path / "classes", "a/2.png", "b/3.png")
    for name in ("a", "b"):
        (folder / name / "1.png").symlink_to(pool / "1.png")
    found = [one.path.relative_to(folder).as_posix() for one in find_photos([folder])]
    assert found == ["a/1.png", "a/2.png", "b/1.png", "b/3.png"]
    (tmp_path / "again").symlink_to(folder)
    assert len(find_photos([folder, tmp_path / "again", folder / "a", folder / "a" / ".." / "a"])) == 4


def test_a_folder_of_videos_stands_for_them_where_videos_can_be_taken(tmp_path: Path) -> None:
    folder = made(tmp_path, "10.mp4", "9.ts")
    assert [one.path.name for one in find_photos([folder], takes_videos=True)] == ["9.ts", "10.mp4"]
    (one,) = find_photos([folder])
    assert one.problem == "There are no photos in this folder, but 2 videos."


def test_a_data_set_in_parts_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = made(tmp_path, "val/cat/1.png", "train/cat/1.png")
    assert len(find_photos([folder])) == 2
    assert capsys.readouterr().err == (
        f"camviewer: {folder} has the parts train, val: all of them are taken; "
        f"give one, such as {folder / 'val'}, to take it alone\n"
    )
