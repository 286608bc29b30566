"""A recording's file plays whenever there is one: after each write, on a full disk, after a kill."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from camviewer.core.failures import SaveFailure
from camviewer.media.movies.fragmented_file import FragmentedFile, open_to_append
from camviewer.media.movies.movie import MovieWriter
from tests.media.videos import look_at, number_of, numbered

RATE = 10


def noisy(index: int) -> Any:
    """Hard to compress: some kilobytes each."""
    return np.random.default_rng(index).integers(0, 256, (48, 64, 3), np.uint8)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def begin(file: FragmentedFile, count: int, image: Callable[[int], Any] = numbered) -> MovieWriter:
    """Write so many images, or until the file fails."""
    writer = MovieWriter(file, fragmented=True)
    for index in range(count):
        if file.failure is not None:
            break
        writer.write(image(index), index / RATE)
    return writer


def finish(file: FragmentedFile, writer: MovieWriter) -> None:
    file.begin_finishing()
    writer.close(writer.count / RATE)
    file.finish()


def record(file: FragmentedFile, count: int, image: Callable[[int], Any] = numbered) -> int:
    """Write so many images, or until the file fails, and finish it; returns how many were written."""
    writer = begin(file, count, image)
    finish(file, writer)
    return writer.count


class RawFile:
    """A file that tells of each write and may refuse: what `open_to_append` returns, in between."""

    def __init__(self, path: Path, room: int | None, wrote: Callable[[], None]) -> None:
        self._file, self._room, self._wrote = open_to_append(path), room, wrote

    def write(self, data: Any) -> int:
        if self._room is not None:
            data = data[: max(0, self._room - self._file.tell())]  # a disk that fills up takes a part
            if not data:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        count = self._file.write(data)
        self._wrote()
        return count

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def raw(room: int | None = None, wrote: Callable[[], None] = lambda: None) -> Any:
    return lambda path: RawFile(path, room, wrote)


def test_it_grows_and_becomes_an_ordinary_movie(tmp_path: Path) -> None:
    file = FragmentedFile(tmp_path / "new folder", "film")
    assert record(file, 45) == 45
    assert file.failure is None
    assert file.path == tmp_path / "new folder/film.mp4"
    assert file.path.stat().st_size == file.size
    movie = look_at(file.path)
    assert [number_of(frame) for frame in movie.frames] == list(range(45))
    assert movie.duration == 4.5
    assert movie.indexed == 45  # an index of all, at one place: it can be sought in
    assert names(file.path.parent) == ["film.mp4"]


def test_after_each_write_it_plays(tmp_path: Path) -> None:
    """As if the process were killed there: between any two writes to the disk."""
    counts: list[int] = []

    def look() -> None:
        movie = look_at(tmp_path / "film.mp4")
        assert [number_of(frame) for frame in movie.frames] == list(range(movie.count))
        counts.append(movie.count)

    record(FragmentedFile(tmp_path, "film", open_file=raw(wrote=look)), 75)
    assert len(counts) >= 2 * 7 + 3  # two for each second, the index, and the header
    assert counts == sorted(counts)
    assert counts[0] <= 2
    assert counts[-1] == 75
    assert max(later - earlier for earlier, later in pairwise(counts)) <= RATE + 1


def test_before_there_is_something_to_play_there_is_nothing(tmp_path: Path) -> None:
    file = FragmentedFile(tmp_path / "folder", "film")
    writer = begin(file, 2)
    assert file.path is None
    assert not (tmp_path / "folder").exists()
    writer.write(numbered(2), 0.2)
    assert look_at(tmp_path / "folder/film.mp4").count >= 1
    finish(file, writer)
    assert look_at(tmp_path / "folder/film.mp4").count == 3


def test_a_short_one_is_whole(tmp_path: Path) -> None:
    for count in (1, 2, 3):
        file = FragmentedFile(tmp_path, f"film {count}")
        record(file, count)
        assert file.path is not None
        movie = look_at(file.path)
        assert (movie.count, movie.indexed) == (count, count)


def test_without_frames_there_is_no_file(tmp_path: Path) -> None:
    file = FragmentedFile(tmp_path, "film")
    record(file, 0)
    assert file.path is None
    assert not names(tmp_path)


def test_no_file_is_ever_replaced(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"mine")
    files = [FragmentedFile(tmp_path, "film") for _ in range(2)]
    for file in files:
        record(file, 5)
    assert [file.path.name for file in files if file.path] == ["film-2.mp4", "film-3.mp4"]
    assert (tmp_path / "film.mp4").read_bytes() == b"mine"


# The disk


@pytest.mark.parametrize("room", [5_000, 30_000, 60_000, 60_007, 100_000])
def test_a_full_disk_ends_it_and_what_was_there_plays(tmp_path: Path, room: int) -> None:
    file = FragmentedFile(tmp_path, "film", open_file=raw(room))
    written = record(file, 100, noisy)
    assert written < 100
    assert file.failure is not None
    assert "no room" in file.failure.message
    assert str(file.path) in file.failure.message
    assert file.path is not None
    movie = look_at(file.path)
    assert 1 <= movie.count <= written
    assert file.size == file.path.stat().st_size <= max(room, 10_000)


def test_it_stops_before_the_disk_is_full_and_is_whole(tmp_path: Path) -> None:
    room = iter([100, 100, 100, 30])
    file = FragmentedFile(tmp_path, "film", reserve=50, free_space=lambda _: next(room, 10))
    file.check()
    written = record(file, 100, noisy)
    assert written < 40
    assert file.failure is not None
    assert "no room" in file.failure.message
    assert file.path is not None
    movie = look_at(file.path)
    assert movie.count == movie.indexed == written


def test_without_room_nothing_begins(tmp_path: Path) -> None:
    with pytest.raises(SaveFailure, match="no room"):
        FragmentedFile(tmp_path / "not/yet/there", "film", free_space=lambda _: 1000).check()
    assert not names(tmp_path)


def test_no_room_for_the_index_leaves_the_fragments(tmp_path: Path) -> None:
    sizes: list[int] = []
    whole = FragmentedFile(tmp_path, "whole", open_file=raw(wrote=lambda: sizes.append(1)))
    record(whole, 40)
    last = whole.path.stat().st_size if whole.path else 0
    file = FragmentedFile(tmp_path, "film", open_file=raw(last - 10))
    record(file, 40)
    assert file.failure is not None
    assert file.path is not None
    movie = look_at(file.path)
    assert movie.count == 40
    assert movie.indexed < 40


def test_a_folder_that_disappears_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "stick"
    file = FragmentedFile(folder, "film")

    def image(index: int) -> Any:
        if index == 20:
            folder.rename(tmp_path / "away")
        return numbered(index)

    assert record(file, 60, image) < 40
    assert file.failure is not None
    assert "moved or deleted" in file.failure.message
    movie = look_at(tmp_path / "away/film.mp4")  # it was moved, and is finished there
    assert movie.count == movie.indexed


def test_a_deleted_file_is_told(tmp_path: Path) -> None:
    file = FragmentedFile(tmp_path, "film")

    def image(index: int) -> Any:
        if index == 20:
            (tmp_path / "film.mp4").unlink()
        return numbered(index)

    assert record(file, 60, image) < 40
    assert file.failure is not None
    assert not names(tmp_path)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    file = FragmentedFile(tmp_path / "file", "film")
    assert record(file, 30) < 5
    assert file.failure is not None
    assert str(tmp_path / "file") in file.failure.message


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 300 kB; skips where none can be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if sys.platform != "linux":
        pytest.skip("needs Linux")
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k", "camviewer-test", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("may not mount")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_real_disk_that_fills_up(small_disk: Path) -> None:
    file = FragmentedFile(small_disk, "film", reserve=0)
    written = record(file, 300, noisy)
    assert written < 300
    assert file.failure is not None
    assert "no room" in file.failure.message
    assert file.path is not None
    assert 10 < look_at(file.path).count <= written
    second = FragmentedFile(small_disk, "film", reserve=0)
    record(second, 300, noisy)
    assert second.failure is not None
    assert not [name for name in names(small_disk) if name.startswith(".")]


# Killed

CHILD = """
import sys, time
from pathlib import Path
import numpy as np
from camviewer.media.movies.fragmented_file import FragmentedFile
from camviewer.media.movies.movie import MovieWriter
random = np.random.default_rng(0)
images = [random.integers(0, 256, (120, 160, 3), np.uint8) for _ in range(20)]
print("ready", flush=True)
sys.stdin.readline()
for number in range(1000):
    file = FragmentedFile(Path(sys.argv[1]), "film")
    writer = MovieWriter(file, fragmented=True)
    for index in range(40):
        writer.write(images[index % 20], index / 5)
    file.begin_finishing()
    writer.close(8.0)
    file.finish()
"""


@pytest.mark.slow
def test_killed_at_any_moment_each_file_plays(tmp_path: Path) -> None:
    """20 times: the files before the one under way are whole; that one plays, or isn't there."""
    chance = random.Random(5)
    cut_off = 0
    for number in range(20):
        folder = tmp_path / str(number)
        with subprocess.Popen(
            [sys.executable, "-c", CHILD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as child:
            assert child.stdout is not None
            assert child.stdin is not None
            assert child.stdout.readline() == b"ready\n"
            child.stdin.write(b"\n")
            child.stdin.flush()
            with pytest.raises(subprocess.TimeoutExpired):
                child.wait(chance.uniform(0.0, 0.6))
            child.send_signal(signal.SIGKILL)
        movies = sorted(folder.glob("*.mp4"), key=lambda path: path.stat().st_mtime_ns)
        for path in movies:
            movie = look_at(path)
            assert movie.count >= 1
            if movie.count < 40:
                cut_off += 1
                assert path == movies[-1]
            elif path != movies[-1]:
                assert movie.indexed == 40
    assert cut_off >= 3
