"""Photos that are copied or moved to a folder: nothing is ever replaced or lost."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from camviewer.core.failures import SaveFailure
from camviewer.core.review.transfer import Transferred, moved_back, transfer
from camviewer.core.storage import files


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    """Three of one name, as in folders of classes."""
    made = [tmp_path / "photos" / name / "1.png" for name in ("a", "b", "c")]
    for photo in made:
        photo.parent.mkdir(parents=True)
        photo.write_text(photo.parent.name, "utf-8")
    os.utime(made[0], (1_000_000, 1_000_000))
    return made


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in folder.iterdir()}


@pytest.mark.parametrize("move", [False, True])
def test_names_never_overwrite(photos: list[Path], tmp_path: Path, move: bool) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "1.png").write_text("mine", "utf-8")
    result = transfer(photos, folder, move=move)
    assert texts(folder) == {"1.png": "mine", "1-2.png": "a", "1-3.png": "b", "1-4.png": "c"}
    assert result == Transferred(
        tuple((photo, folder / f"1-{place}.png") for place, photo in enumerate(photos, 2))
    )
    assert [photo.exists() for photo in photos] == [not move] * 3
    assert (folder / "1-2.png").stat().st_mtime == 1_000_000, "with its times"


def test_a_move_is_undone(photos: list[Path], tmp_path: Path) -> None:
    folder = tmp_path / "new" / "out"
    moved = transfer(photos, folder, move=True).done
    photos[1].write_text("another", "utf-8")
    back = moved_back(moved)
    assert [path.read_text("utf-8") for path in photos] == ["a", "another", "c"]
    assert [new for _, new in back.done] == [photos[0], photos[2]]
    ((left, why),) = back.failed
    assert texts(folder) == {left.name: "b"}, "what has no place any more stays"
    assert "already exists" in why


def test_to_another_disk_they_are_copied_and_then_removed(
    photos: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = files._publish_new

    def other_disk(temporary: Path, path: Path) -> None:
        if temporary.parent != path.parent:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        publish(temporary, path)

    monkeypatch.setattr(files, "_publish_new", other_disk)
    assert len(transfer(photos, tmp_path / "out", move=True).done) == 3
    assert texts(tmp_path / "out") == {"1.png": "a", "1-2.png": "b", "1-3.png": "c"}
    assert not any(photo.exists() for photo in photos)


def test_what_is_gone_or_there_already_is_told(photos: list[Path], tmp_path: Path) -> None:
    photos[0].unlink()
    result = transfer(photos, photos[1].parent, move=True)
    assert result.there == 1
    assert [path for path, _ in result.failed] == [photos[0]]
    assert "isn't there any more" in result.failed[0][1]
    assert result.done == ((photos[2], photos[1].parent / "1-2.png"),)
    with pytest.raises(SaveFailure, match="can't be made"):
        transfer(photos, photos[1] / "below a file", move=False)


@pytest.mark.parametrize("move", [False, True])
def test_a_full_disk_ends_it(
    photos: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, move: bool
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files, "_publish_new", full)
    result = transfer(photos, tmp_path / "out", move=move)
    assert (result.done, result.left) == ((), 2)
    assert "There is no room for 1.png on the disk." in result.failed[0][1]
    assert all(photo.exists() for photo in photos)
    assert texts(tmp_path / "out") == {}, "no half files"


def test_out_of_a_closed_folder_nothing_is_moved(
    photos: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever may read but not remove gets no second file either."""
    unlink = Path.unlink

    def refused(path: Path, missing_ok: bool = False) -> None:
        if path == photos[0]:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", refused)
    result = transfer(photos[:2], tmp_path / "out", move=True)
    assert "can't be taken out of" in result.failed[0][1]
    assert "Copy it instead." in result.failed[0][1]
    assert texts(tmp_path / "out") == {"1.png": "b"}
    assert photos[0].exists()


def test_it_can_be_stopped(photos: list[Path], tmp_path: Path) -> None:
    result = transfer(photos, tmp_path / "out", move=False, on_progress=lambda done: done < 2)
    assert (len(result.done), result.left) == (2, 1)
