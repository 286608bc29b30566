"""Containers that tell of their streams only while they are read: opening one must not end the program.

Each is read by another process, so that a crash is a failed test.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream
from av.video.stream import VideoStream

READ = """
import sys
from pathlib import Path
from camviewer.core.failures import SourceFailure
from camviewer.media.movies.video_reader import VideoReader
try:
    reader = VideoReader(Path(sys.argv[1]))
    count = 0
    while (read := reader.read()) is not None:
        count += 1
    reader.close()
    print(count, *read[0].image.shape[:2] if read else ())
except SourceFailure as failure:
    print(failure.details)
"""
RATE = 25


def written(
    path: Path,
    container: str,
    codec: str,
    frames: int = 5,
    side: int = 64,
    bit_rate: int = 0,
    sound: bool = False,
    start: int = 0,
) -> Path:
    """Noise, which no encoder makes small; with a track of sound where asked."""
    random = np.random.default_rng(0)
    with av.open(str(path), "w", format=container) as file:
        stream = file.add_stream(codec, rate=RATE)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = side, side, "yuv420p"
        if bit_rate:
            stream.bit_rate = bit_rate
        voice = file.add_stream("mp2", rate=48_000) if sound else None
        assert voice is None or isinstance(voice, AudioStream)
        for index in range(frames):
            noise = random.integers(0, 255, (side, side, 3), np.uint8)
            frame = av.VideoFrame.from_ndarray(noise, format="rgb24").reformat(format="yuv420p")
            frame.pts = start + index
            file.mux(stream.encode(frame))
            if voice is not None:
                silence = av.AudioFrame.from_ndarray(np.zeros((1, 1152), np.int16), "s16", "mono")
                silence.sample_rate, silence.pts = 48_000, 1152 * index
                file.mux(voice.encode(silence))
        file.mux(stream.encode(None))
        if voice is not None:
            file.mux(voice.encode(None))
    return path


def read_elsewhere(path: Path, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path)],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=False,
    )
    assert done.returncode == 0, f"{path.name}: status {done.returncode}\n{done.stderr[-500:]}"
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("container", "codec", "suffix"),
    [
        ("mpeg", "mpeg1video", ".mpg"),
        ("vob", "mpeg2video", ".vob"),
        ("dvd", "mpeg2video", ".mp4"),
        ("svcd", "mpeg2video", ".avi"),
        ("flv", "flv", ".flv"),
        ("flv", "flv", ".mov"),
        ("mpegts", "mpeg2video", ".ts"),
        ("mpegts", "mpeg2video", ".mts"),
        ("mpeg2video", "mpeg2video", ".m2v"),
        ("3gp", "mpeg4", ".3gp"),
        ("asf", "msmpeg4", ".wmv"),
        ("nut", "mpeg4", ".mkv"),
    ],
)
def test_it_is_read_under_any_name(container: str, codec: str, suffix: str, tmp_path: Path) -> None:
    film = written(tmp_path / f"film{suffix}", container, codec)
    assert read_elsewhere(film).split()[0] == "5"


def test_one_that_is_cut_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    for container, codec in (("mpeg", "mpeg1video"), ("flv", "flv")):
        whole = written(tmp_path / "whole", container, codec, frames=20).read_bytes()
        for part in (2, 20, len(whole) // 2):
            (tmp_path / "cut.mpg").write_bytes(whole[:part])
            read_elsewhere(tmp_path / "cut.mpg")


def test_a_track_that_begins_late_does_no_harm(tmp_path: Path) -> None:
    """Sound that begins after more than FFmpeg looks at first (5 MB): PyAV doesn't know its track.

    Fresh memory holds other values than zeros here (MALLOC_PERTURB_, of glibc), as in a busy program.
    """
    silent = written(tmp_path / "a", "mpeg", "mpeg2video", 60, 512, 100_000_000)
    assert silent.stat().st_size > 6_000_000
    voiced = written(tmp_path / "b", "mpeg", "mpeg2video", 5, 512, 100_000_000, sound=True, start=60)
    film = tmp_path / "film.mpg"
    film.write_bytes(silent.read_bytes() + voiced.read_bytes())
    assert read_elsewhere(film, MALLOC_PERTURB_="85").split()[0] == "65"
