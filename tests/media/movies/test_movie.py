"""The writer: codec, times, sizes and colours, checked with FFmpeg's own demuxer and decoder."""

from __future__ import annotations

import errno
import io
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor, QImage

from camviewer.core.arrays import ByteArray
from camviewer.core.failures import SaveFailure
from camviewer.media.movies.encoders import ENCODERS, TIME_BASE, Encoder, usable_encoder
from camviewer.media.movies.movie import LONGEST_TICKS, MovieWriter
from camviewer.media.movies.movie_frames import BLOCK, MAX_BLOCKS, MAX_SIDE, movie_size
from tests.media.videos import (
    OPENH264,
    VP9,
    bt709,
    look_at,
    needs_openh264,
    number_of,
    numbered,
    plain,
    planes,
)

RED, GREEN = (200, 40, 30), (30, 180, 60)


@pytest.fixture(params=[OPENH264, VP9], ids=lambda encoder: encoder.name)
def encoder(request: pytest.FixtureRequest) -> Encoder:
    return needs_openh264() if request.param is OPENH264 else VP9


def written(
    images: Sequence[ByteArray | QImage],
    times: Sequence[Fraction | float],
    end: Fraction | float | None = None,
    encoder: Encoder | None = None,
    **options: object,
) -> bytes:
    buffer = io.BytesIO()
    encoders = ENCODERS if encoder is None else (encoder,)
    writer = MovieWriter(buffer, encoders=encoders, **options)  # type: ignore[arg-type]
    for image, time in zip(images, times, strict=True):
        writer.write(image, time)
    writer.close(end)
    return buffer.getvalue()


# Times


def test_each_frame_is_there_once_at_its_time(encoder: Encoder) -> None:
    times = [index / 30 for index in range(40)]
    movie = look_at(written([numbered(i) for i in range(40)], times, 40 / 30, encoder))
    assert [number_of(frame) for frame in movie.frames] == list(range(40))
    assert movie.times == [Fraction(index, 30) for index in range(40)]
    assert movie.duration == Fraction(40, 30)


def test_unequal_times_and_gaps_are_kept(encoder: Encoder) -> None:
    times = [Fraction(0), Fraction(1, 10), Fraction(1, 9), Fraction(5), Fraction(61)]
    movie = look_at(written([numbered(i) for i in range(5)], times, Fraction(62), encoder))
    assert movie.times == times
    assert movie.duration == 62


@pytest.mark.parametrize(
    "base", [Fraction(1, 15360), Fraction(1001, 30000), Fraction(1, 1000), Fraction(1, 25)]
)
def test_the_time_base_of_a_source_is_kept_exactly(base: Fraction, encoder: Encoder) -> None:
    ticks = [0, 1, 3, 7, 40]
    data = written(
        [numbered(i) for i in range(5)], [t * base for t in ticks], 41 * base, encoder, time_base=base
    )
    movie = look_at(data)
    assert movie.times == [t * base for t in ticks]
    assert movie.duration == 41 * base


def test_times_that_stand_still_or_go_back_go_on_by_the_least_step() -> None:
    movie = look_at(written([numbered(i) for i in range(5)], [0.0, 0.0, 0.5, 0.2, 0.6], 1.0))
    assert movie.times == [0, TIME_BASE, Fraction(1, 2), Fraction(1, 2) + TIME_BASE, Fraction(3, 5)]


def test_a_gap_that_an_mp4_cannot_have_is_shortened() -> None:
    """As after a night that the computer slept, by a clock that goes on meanwhile."""
    longest = LONGEST_TICKS * TIME_BASE
    movie = look_at(written([numbered(i) for i in range(4)], [0, 1, 1e6, 1e6 + 1], 1e6 + 3))
    assert [float(time) for time in movie.times] == pytest.approx([0, 1, 1 + longest, 2 + longest])
    assert float(movie.duration) == pytest.approx(4 + longest)
    movie = look_at(written([numbered(0)], [0], 1e12))
    assert movie.duration == longest


def test_a_time_base_that_is_too_fine_is_not_used() -> None:
    nanosecond = Fraction(1, 10**9)
    movie = look_at(written([numbered(i) for i in range(3)], [0, 0.04, 60], 61, time_base=nanosecond))
    assert movie.times == [0, Fraction(1, 25), 60]
    assert movie.duration == 61


def test_without_an_end_the_last_frame_is_as_long_as_the_rate_says() -> None:
    movie = look_at(written([numbered(0), numbered(1)], [0, 1], rate=Fraction(10)))
    assert movie.duration == Fraction(11, 10)
    # An end that is over already doesn't take anything away.
    movie = look_at(written([numbered(0), numbered(1)], [0, 1], 0.5))
    assert movie.duration == 1 + TIME_BASE


def test_there_is_a_key_frame_every_two_seconds(encoder: Encoder) -> None:
    random = np.random.default_rng(0)
    images = [random.integers(0, 256, (48, 64, 3), np.uint8)] * 100
    movie = look_at(written(images, [i / 10 for i in range(100)], 10.0, encoder))
    assert movie.count == 100
    gaps = [later - earlier for earlier, later in pairwise([*movie.keys, Fraction(10)])]
    assert max(gaps) <= 2


def test_one_frame_is_a_movie(encoder: Encoder) -> None:
    for fragmented in (False, True):
        movie = look_at(written([plain(RED)], [0], 3.0, encoder, fragmented=fragmented))
        assert movie.count == 1
        assert movie.duration == 3


def test_without_a_frame_nothing_is_written() -> None:
    assert written([], []) == b""


# Colours


@pytest.mark.parametrize(
    "colour",
    [(0, 0, 0), (255, 255, 255), RED, GREEN, (20, 30, 220), (128, 128, 128), (255, 0, 0), (250, 240, 20)],
)
def test_colours_are_those_of_bt709(colour: tuple[int, int, int], encoder: Encoder) -> None:
    """Against the standard's formulas: what a browser shows (see benchmarks/play_in_chromium.py)."""
    (yuv,) = planes(written([plain(colour)], [0], 1, encoder))
    y, chroma = yuv[:48], yuv[48:].reshape(2, 24, 32)
    expected = bt709(colour)
    found = (y.mean(), chroma[0].mean(), chroma[1].mean())
    assert np.allclose(found, expected, atol=2.0), (found, expected)


def test_the_movie_says_which_colours_it_has(encoder: Encoder) -> None:
    assert look_at(written([plain(RED)], [0], 1, encoder)).flags == {1}  # BT.709, in ITU-T H.273


def test_an_image_and_an_array_are_one_frame(encoder: Encoder) -> None:
    image = QImage(64, 48, QImage.Format.Format_RGB888)
    image.fill(QColor(*RED))
    one, other = (look_at(written([each], [0], 1, encoder)) for each in (image, plain(RED)))
    assert np.abs(one.frames[0].astype(int) - other.frames[0].astype(int)).max() <= 1


def test_fine_detail_is_kept(samples: Path, encoder: Encoder) -> None:
    photo = QImage(str(samples / "cat.png")).convertToFormat(QImage.Format.Format_RGB32)
    movie = look_at(written([photo] * 3, [0, 0.1, 0.2], 1, encoder))
    pixels = np.frombuffer(photo.constBits(), np.uint8).reshape(photo.height(), photo.width(), 4)[..., 2::-1]
    shown = movie.frames[-1][: photo.height(), : photo.width()]
    error = ((shown.astype(float) - pixels) ** 2).mean()
    assert 10 * np.log10(255**2 / error) > 32  # dB


# Sizes


@given(st.integers(1, 20_000), st.integers(1, 20_000))
def test_every_size_becomes_one_that_can_be_encoded(width: int, height: int) -> None:
    inner, outer = movie_size(width, height)
    assert all(1 <= i <= o for i, o in zip(inner, outer, strict=True))
    assert all(o % 2 == 0 and BLOCK <= o <= MAX_SIDE for o in outer)
    assert -(-outer[0] // BLOCK) * -(-outer[1] // BLOCK) <= MAX_BLOCKS
    if max(width, height) <= MAX_SIDE and width * height <= 3840 * 2160:
        assert inner == (width, height)  # up to 4K nothing is reduced
    if min(inner) > 400:
        assert inner[0] / inner[1] == pytest.approx(width / height, rel=0.05)


@pytest.mark.parametrize(
    ("size", "becomes"),
    [
        ((1, 1), (16, 16)),
        ((5, 3), (16, 16)),
        ((65, 49), (66, 50)),
        ((17, 400), (18, 400)),
        ((8000, 20), (8000, 20)),
    ],
)
def test_small_and_odd_sizes_are_filled_with_their_last_row_and_column(
    size: tuple[int, int], becomes: tuple[int, int], encoder: Encoder
) -> None:
    movie = look_at(written([plain(GREEN, *size)] * 2, [0, 0.1], 1, encoder))
    assert movie.size == becomes
    assert np.abs(movie.frames[1].mean((0, 1)) - GREEN).max() < 6


@pytest.mark.parametrize("size", [(4096, 2304), (2304, 4096), (5000, 4000), (1000, 9437), (3072, 3074)])
def test_what_is_too_large_is_reduced_to_what_the_encoder_takes(
    size: tuple[int, int], encoder: Encoder
) -> None:
    data = written([plain(GREEN, *size)], [0], 1, encoder)
    movie = look_at(data)
    assert movie.size == movie_size(*size)[1]
    assert movie.size[0] / movie.size[1] == pytest.approx(size[0] / size[1], rel=0.02)


def test_a_frame_of_another_size_is_fitted_on_black(encoder: Encoder) -> None:
    movie = look_at(
        written([plain(RED, 96, 48), plain(GREEN, 48, 96), plain(RED, 96, 48)], [0, 0.1, 0.2], 1, encoder)
    )
    assert movie.size == (96, 48)
    second = movie.frames[1].astype(int)
    assert np.abs(second[8:40, 40:56].mean((0, 1)) - GREEN).max() < 12
    assert second[8:40, :28].max() < 40
    assert second[8:40, -28:].max() < 40
    assert np.abs(movie.frames[2][8:40, 8:88].mean((0, 1)) - RED).max() < 12


# Encoders


def test_no_encoder_is_gpl() -> None:
    assert not [
        e.name for e in ENCODERS if "264" in e.name and e.name in ("libx264", "libx264rgb", "libx265")
    ]


def test_the_first_encoder_that_works_is_taken() -> None:
    missing, elsewhere = Encoder("no-such-encoder", ""), Encoder("libvpx-vp9", "", platform="plan9")
    refuses = Encoder("libvpx-vp9", "", (("cpu-used", "many"),))
    assert usable_encoder(64, 48, (missing, elsewhere, refuses, VP9)) is VP9


def test_without_an_encoder_it_is_told() -> None:
    writer = MovieWriter(io.BytesIO(), encoders=(Encoder("no-such-encoder", ""),))
    with pytest.raises(SaveFailure, match="no encoder"):
        writer.write(plain(RED), 0)
    writer.close()


# Files


@pytest.mark.parametrize("room", [0, 2000, 20_000])
def test_a_file_that_cannot_be_written_is_an_os_error(room: int) -> None:
    class Full(io.BytesIO):
        def write(self, data: object) -> int:
            if self.tell() + len(data) > room:  # type: ignore[arg-type]
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(data)  # type: ignore[arg-type]

    random = np.random.default_rng(0)
    writer = MovieWriter(Full())
    with pytest.raises(OSError, match="No space left") as caught:  # noqa: PT012
        for index in range(60):
            writer.write(random.integers(0, 256, (96, 128, 3), np.uint8), index / 30)
        writer.close(2.0)
    assert caught.value.errno == errno.ENOSPC
    # Nothing crashes that goes on all the same.
    with pytest.raises(OSError, match="No space left"):
        writer.write(plain(RED), 3.0)
    writer.abandon()
