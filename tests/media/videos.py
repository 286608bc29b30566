"""Looks into movies with FFmpeg's demuxer and decoder, and with the formulas of ITU-R BT.709."""

from __future__ import annotations

import io
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

from camviewer.core.failures import SaveFailure
from camviewer.media.movies.encoders import ENCODERS, Encoder, usable_encoder

OPENH264, VP9 = ENCODERS[0], ENCODERS[-1]


def needs_openh264() -> Encoder:
    """PyAV's wheels have it up to 17.0; the program does with what there is."""
    try:
        return usable_encoder(64, 48, (OPENH264,))
    except SaveFailure:
        pytest.skip("this PyAV has no OpenH264")


@dataclass(frozen=True)
class Movie:
    """times: when each frame begins. duration: of the track. frames: RGB. indexed: how many frames the
    file's index knows of; in a movie that was cut off those of its first fragment."""

    codec: str
    size: tuple[int, int]
    times: list[Fraction]
    keys: list[Fraction]
    duration: Fraction
    frames: list[NDArray[np.uint8]]
    flags: set[int]
    indexed: int

    @property
    def count(self) -> int:
        return len(self.frames)


def look_at(movie: Path | bytes) -> Movie:
    """Decodes all of it; raises what FFmpeg raises if anything is wrong with it."""
    with av.open(str(movie) if isinstance(movie, Path) else io.BytesIO(movie), "r") as container:
        (stream,) = container.streams.video
        base, context = stream.time_base or Fraction(0), stream.codec_context
        duration = (stream.duration or 0) * base
        flags = {context.colorspace, context.color_primaries, context.color_trc}
        times, keys, frames = [], [], []
        for frame in container.decode(stream):
            assert not frame.is_corrupt
            flags |= {frame.colorspace}
            assert frame.color_range == ColorRange.MPEG
            times.append((frame.pts or 0) * base)
            if frame.key_frame:
                keys.append(times[-1])
            rgb = frame.reformat(
                format="rgb24",
                src_colorspace=Colorspace.ITU709,
                src_color_range=ColorRange.MPEG,
                dst_color_range=ColorRange.JPEG,
            )
            frames.append(np.asarray(rgb.to_ndarray(), np.uint8))
        size = context.width, context.height
        return Movie(context.name, size, times, keys, duration, frames, flags, stream.frames)


def planes(movie: bytes) -> list[NDArray[np.uint8]]:
    """What is in a movie before anybody makes RGB of it: uint8 [H * 3 / 2, W], Y above U and V."""
    with av.open(io.BytesIO(movie), "r") as container:
        return [np.asarray(frame.to_ndarray(), np.uint8) for frame in container.decode(video=0)]


def bt709(rgb: tuple[int, int, int]) -> tuple[float, float, float]:
    """Y, Cb, Cr in limited range, from ITU-R BT.709-6, items 3.2 to 3.4."""
    red, green, blue = (value / 255 for value in rgb)
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return 16 + 219 * y, 128 + 224 * (blue - y) / 1.8556, 128 + 224 * (red - y) / 1.5748


def plain(colour: tuple[int, int, int], width: int = 64, height: int = 48) -> NDArray[np.uint8]:
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[:] = colour
    return pixels


def numbered(index: int, width: int = 64, height: int = 48) -> NDArray[np.uint8]:
    """A frame that says which one it is, also after compression: see `number_of`."""
    return plain(((index % 8) * 32, (index // 8 % 8) * 32, (index // 64 % 8) * 32), width, height)


def number_of(frame: NDArray[np.uint8]) -> int:
    height, width, _ = frame.shape
    middle = frame[height // 4 : 3 * height // 4, width // 4 : 3 * width // 4].mean((0, 1))
    red, green, blue = (round(float(value) / 32) for value in middle)
    return red + 8 * green + 64 * blue
