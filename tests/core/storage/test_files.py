"""Files are whole or not there, nothing is lost, and names are safe on every system."""

from __future__ import annotations

import errno
import json
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from camviewer.core.failures import Failure, SaveFailure
from camviewer.core.models.builtin import EMBEDDED
from camviewer.core.models.label_reading import read_labels
from camviewer.core.models.weights import find_weights
from camviewer.core.storage.files import (
    atomic_write,
    discard_unfinished_files,
    exists,
    is_file,
    is_folder,
    number,
    numbered,
    safe_name,
    save_new,
    unique_path,
    write_json,
)
from camviewer.core.storage.images import read_photo
from camviewer.core.storage.snapshot import read_snapshot


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_json_is_ascii_and_knows_no_nan(tmp_path: Path) -> None:
    path = write_json(
        {"label": "Löwe", "bad": number(float("nan")), "good": number(1.5)}, tmp_path / "a.json"
    )
    assert path.read_bytes().isascii()
    assert json.loads(path.read_text("ascii")) == {"label": "Löwe", "bad": None, "good": 1.5}
    with pytest.raises(ValueError, match="JSON"):
        write_json(float("inf"), tmp_path / "b.json")
    assert names_in(tmp_path) == ["a.json"]


TOO_LONG = Path("x" * 300)


@pytest.mark.parametrize(
    "read",
    [read_photo, read_snapshot, read_labels, lambda path: find_weights(EMBEDDED, path)],
    ids=["photo", "snapshot", "labels", "weights"],
)
def test_what_has_too_long_a_name_is_told(read: Callable[[Path], object], tmp_path: Path) -> None:
    with pytest.raises(Failure, match=r"doesn't exist|can't be read"):
        read(tmp_path / TOO_LONG)


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes in folders")
def test_what_a_path_leads_to(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").touch()
    (tmp_path / "broken").symlink_to(tmp_path / "nowhere")
    asked = [tmp_path / name for name in ("file", "pipe", ".", "broken", "nowhere", TOO_LONG)]
    assert [exists(path) for path in asked] == [True, True, True, False, False, False]
    assert [is_file(path) for path in asked] == [True, False, False, False, False, False]
    assert [is_folder(path) for path in asked] == [False, False, True, False, False, False]


@pytest.mark.parametrize("hard_links", [True, False])
def test_a_file_that_appears_meanwhile_stays(
    tmp_path: Path, hard_links: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not hard_links:
        monkeypatch.setattr(Path, "hardlink_to", _no_hard_links)
    path = tmp_path / "name"

    def write() -> None:
        with atomic_write(path) as file:
            file.write(b"ours")
            path.write_bytes(b"theirs")

    with pytest.raises(SaveFailure, match="already exists"):
        write()
    assert path.read_bytes() == b"theirs"
    assert names_in(tmp_path) == ["name"]


def _no_hard_links(path: Path, target: Path) -> None:
    raise OSError(errno.EPERM, os.strerror(errno.EPERM), str(path))


def test_disks_without_hard_links_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "hardlink_to", _no_hard_links)
    with atomic_write(tmp_path / "name") as file:
        file.write(b"ours")
    assert (tmp_path / "name").read_bytes() == b"ours"
    assert names_in(tmp_path) == ["name"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows renames instead")
def test_the_claimed_name_is_given_back_when_the_disk_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Path, target: Path) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(Path, "hardlink_to", _no_hard_links)
    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(SaveFailure, match="can't be written"), atomic_write(tmp_path / "name") as file:
        file.write(b"ours")
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_what_fails_half_way_leaves_the_old_file(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "name"
    path.write_bytes(b"old")

    def write() -> None:
        with atomic_write(path, overwrite=True) as file:
            file.write(b"half")
            assert path.read_bytes() == b"old"
            raise error

    with pytest.raises(error):
        write()
    assert path.read_bytes() == b"old"
    assert names_in(tmp_path) == ["name"]


@pytest.mark.skipif(sys.platform == "win32", reason="no kill -9")
@pytest.mark.parametrize("existing", [True, False])
def test_killed_in_the_middle_the_old_file_stays(existing: bool, tmp_path: Path) -> None:
    path = tmp_path / "name"
    if existing:
        path.write_bytes(b"old")
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from camviewer.core.storage.files import atomic_write\n"
        "with atomic_write(Path(sys.argv[1]), overwrite=True) as file:\n"
        "    file.write(bytes(100_000)); file.flush(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert path.exists() is existing
    if existing:
        assert path.read_bytes() == b"old"


def test_a_process_that_ends_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    def write() -> None:
        with atomic_write(tmp_path / "name") as file:
            file.write(b"half")
            discard_unfinished_files()

    with pytest.raises(SaveFailure):
        write()
    assert names_in(tmp_path) == []


@pytest.mark.skipif(sys.platform == "win32", reason="needs links, pipes and modes")
def test_links_stay_links_and_pipes_stay_pipes(tmp_path: Path) -> None:
    real, link, pipe = tmp_path / "real", tmp_path / "link", tmp_path / "pipe"
    real.write_bytes(b"old")
    link.symlink_to(real)
    with atomic_write(link, overwrite=True) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_json([1], pipe, overwrite=True)
        assert json.loads(os.read(reader, 100)) == [1]
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.skipif(sys.platform == "win32", reason="needs modes")
def test_files_have_the_usual_mode(tmp_path: Path) -> None:
    (tmp_path / "usual").write_bytes(b"")
    write_json([], tmp_path / "ours")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "usual").stat().st_mode


# Names


def test_unique_path_counts_on(tmp_path: Path) -> None:
    assert unique_path(tmp_path, "a", ".png") == tmp_path / "a.png"
    for name in ("a.png", "a-2.png"):
        (tmp_path / name).touch()
    assert unique_path(tmp_path, "a", ".png") == tmp_path / "a-3.png"
    assert unique_path(tmp_path, "a", ".jpg") == tmp_path / "a.jpg"


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("tiger cat", "tiger_cat"),
        ("jack-o'-lantern", "jack-o-lantern"),
        ("tench, Tinca tinca", "tench_Tinca_tinca"),
        ("Löwe", "Löwe"),
        ("кошка", "кошка"),
        ("हिन्दी", "हिन्दी"),
        ("../../etc/passwd", "etc_passwd"),
        ("a:b*c?", "a_b_c"),
        ("-rf", "rf"),
        ("con", "con_"),
        ("COM1", "COM1_"),
        ("console", "console"),
        ("", "unnamed"),
        ("???", "unnamed"),
        ("x" * 200, "x" * 80),
        ("😀", "unnamed"),
    ],
)
def test_safe_name(label: str, name: str) -> None:
    assert safe_name(label) == name


@given(st.text())
def test_safe_names_are_safe(label: str) -> None:
    name = safe_name(label)
    assert 0 < len(name) <= 80
    assert len(name.encode()) <= 121
    assert not set(name) & set('/\\:*?"<>|. \0')
    assert not name.startswith("-")
    assert safe_name(name) == name or len(name.encode()) > 100


def test_two_windows_that_save_at_once_lose_nothing(tmp_path: Path) -> None:
    """Both look for a free name, both find the same one: the slower one takes the next."""
    both_looked = threading.Barrier(2, timeout=10)
    first_look = threading.local()

    def write(text: str) -> Callable[[Path], Path]:
        def to(path: Path) -> Path:
            if not getattr(first_look, "done", False):
                first_look.done = True
                both_looked.wait()
            with atomic_write(path) as file:
                file.write(text.encode())
            return path

        return to

    with ThreadPoolExecutor(2) as pool:
        saves = [pool.submit(save_new, tmp_path / "new", "cat", ".png", write(text)) for text in "ab"]
        paths = [save.result() for save in saves]
    assert sorted(path.name for path in paths) == ["cat-2.png", "cat.png"]
    assert {path.read_text() for path in paths} == {"a", "b"}


def test_saving_into_a_place_that_is_no_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SaveFailure, match="can't be made") as caught:
        save_new(tmp_path / "file" / "folder", "cat", ".png", lambda path: path)
    assert caught.value.mend


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.EIO, errno.EDQUOT])
def test_disks_that_refuse_are_told(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read-only, forbidden, broken: root may write anywhere, so the system call is made to refuse."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(SaveFailure) as caught, atomic_write(tmp_path / "name"):
        pytest.fail("there is nothing to write to")
    assert caught.value.message
    assert "folder" in caught.value.mend
    assert names_in(tmp_path) == []


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with (
        pytest.raises(SaveFailure, match="no room for name") as caught,
        atomic_write(tmp_path / "name") as file,
    ):
        file.write(b"data")
    assert caught.value.mend
    assert caught.value.details
    assert names_in(tmp_path) == []


def test_numbered_names_go_on_without_end() -> None:
    assert list(islice(numbered("cat"), 3)) == ["cat", "cat-2", "cat-3"]
