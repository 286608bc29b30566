"""Every frame of a video once, in order, at its own time, upright, in its colours; and what is no video."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.stream import VideoStream

from camviewer.core.arrays import ByteArray
from camviewer.core.failures import SourceFailure
from camviewer.core.frames import Frame
from camviewer.media.movies.movie import MovieWriter
from camviewer.media.movies.video_reader import VideoReader
from tests.media.videos import VP9, number_of, numbered, plain

ONE, UNITY = 1 << 16, 1 << 30


def make_movie(
    path: Path,
    times: Sequence[Fraction | float],
    end: Fraction | float,
    image: Callable[[int], ByteArray] = numbered,
    fragmented: bool = False,
    base: Fraction = Fraction(1, 90_000),
) -> Path:
    buffer = io.BytesIO()
    writer = MovieWriter(buffer, encoders=(VP9,), fragmented=fragmented, time_base=base)
    for index, time in enumerate(times):
        writer.write(image(index), time)
    writer.close(end)
    path.write_bytes(buffer.getvalue())
    return path


def encoded(
    path: Path, codec: str, pixel_format: str, frames: Sequence[av.VideoFrame], **options: object
) -> Path:
    """By FFmpeg, without our writer."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=10)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = frames[0].width, frames[0].height, pixel_format
        for name, value in options.items():
            setattr(stream.codec_context, name, value)
        for index, frame in enumerate(frames):
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def read_all(path: Path) -> tuple[VideoReader, list[Frame], list[Fraction]]:
    reader = VideoReader(path)
    frames, times = [], []
    while (read := reader.read()) is not None:
        frames.append(read[0])
        times.append(read[1])
    assert reader.read() is None
    reader.close()
    return reader, frames, times


# Times


def test_each_frame_comes_once_at_its_own_time(tmp_path: Path) -> None:
    times = [Fraction(0), Fraction(1, 30), Fraction(1, 10), Fraction(1, 2), Fraction(51, 100), Fraction(7)]
    path = make_movie(tmp_path / "film.mp4", times, 9)
    reader, frames, found = read_all(path)
    assert [number_of(frame.image) for frame in frames] == list(range(6))
    assert [frame.index for frame in frames] == list(range(6))
    assert found == times
    assert [frame.position for frame in frames] == [float(time) for time in times]
    assert {frame.source for frame in frames} == {"film.mp4"}
    assert reader.end == 9
    assert (reader.total, reader.damaged) == (6, 0)
    assert reader.duration == 9
    assert not frames[0].image.flags.writeable


def test_frames_that_are_skipped_count_and_keep_their_times(tmp_path: Path) -> None:
    reader = VideoReader(make_movie(tmp_path / "film.mp4", [Fraction(i, 30) for i in range(5)], 1))
    assert reader.skip()
    assert reader.skip()
    read = reader.read()
    assert read is not None
    assert (number_of(read[0].image), read[0].index, read[1]) == (2, 2, Fraction(2, 30))
    assert [reader.skip() for _ in range(3)] == [True, True, False]
    assert reader.read() is None
    reader.close()


def test_a_video_that_begins_later_begins_at_0(tmp_path: Path) -> None:
    _, _, times = read_all(make_movie(tmp_path / "film.mp4", [5, 5.5, 6], 7))
    assert times == [0, Fraction(1, 2), 1]


@pytest.mark.parametrize("base", [Fraction(1001, 30_000), Fraction(1, 15_360), Fraction(1, 25)])
def test_times_are_whole_numbers_of_the_time_base(tmp_path: Path, base: Fraction) -> None:
    path = make_movie(tmp_path / "film.mp4", [0, base, 4 * base], 5 * base, base=base)
    reader, _, times = read_all(path)
    assert times == [0, base, 4 * base]
    assert all((time / reader.time_base).denominator == 1 for time in times)


def test_frames_that_are_stored_in_another_order_come_in_theirs(assets: Path) -> None:
    """H.264 with B-frames."""
    reader, frames, times = read_all(assets / "media/six-classes-720p.mp4")
    assert len(frames) == reader.total == 360
    assert times == [Fraction(index, 30) for index in range(360)]
    assert reader.end == 12


@pytest.mark.parametrize("suffix", [".mkv", ".avi", ".mov", ".webm"])
def test_other_containers(tmp_path: Path, suffix: str) -> None:
    codec = "libvpx-vp9" if suffix == ".webm" else "mjpeg"
    pixel_format = "yuv420p" if suffix == ".webm" else "yuvj420p"
    images = [av.VideoFrame.from_ndarray(numbered(index)) for index in range(8)]
    path = encoded(tmp_path / f"film{suffix}", codec, pixel_format, images)
    reader, frames, times = read_all(path)
    assert [number_of(frame.image) for frame in frames] == list(range(8))
    assert [round(float(time), 2) for time in times] == [index / 10 for index in range(8)]
    assert float(reader.end) == pytest.approx(0.8, abs=0.01)
    assert reader.total in (7, 8, 9)


# Pictures


def test_turned_and_mirrored_videos_come_upright(tmp_path: Path) -> None:
    """Each of the eight matrices a camera may write, against the definition in ISO/IEC 14496-12."""
    red, blue, green, grey = (200, 40, 30), (30, 30, 200), (30, 180, 60), (128, 128, 128)
    image = np.concatenate(
        [
            np.concatenate([plain(red, 32, 24), plain(blue, 32, 24)], 1),
            np.concatenate([plain(green, 32, 24), plain(grey, 32, 24)], 1),
        ]
    )
    plain_file = make_movie(tmp_path / "plain.mp4", [0, 0.1], 0.2, lambda _: image).read_bytes()
    place = plain_file.index(b"tkhd") + 44
    corners = {(0, 0): red, (1, 0): blue, (0, 1): green, (1, 1): grey}
    for a, b, c, d in [(s, 0, 0, t) for s in (1, -1) for t in (1, -1)] + [
        (0, s, t, 0) for s in (1, -1) for t in (1, -1)
    ]:
        data = bytearray(plain_file)
        data[place : place + 36] = struct.pack(">9i", a * ONE, b * ONE, 0, c * ONE, d * ONE, 0, 0, 0, UNITY)
        path = tmp_path / f"{a}{b}{c}{d}.mp4"
        path.write_bytes(data)
        _, frames, _ = read_all(path)
        image = frames[0].image
        height, width, _ = image.shape
        assert (width, height) == ((64, 48) if a else (48, 64))
        for (x, y), colour in corners.items():
            # Where a corner goes, relative to the middle of the image.
            across, down = a * (2 * x - 1) + c * (2 * y - 1), b * (2 * x - 1) + d * (2 * y - 1)
            found = image[height // 2 + down * height // 4, width // 2 + across * width // 4]
            assert np.abs(found.astype(int) - colour).max() < 12, (a, b, c, d)


@pytest.mark.parametrize("size", [(64, 48), (1280, 720)])
@pytest.mark.parametrize("space", [1, 5, 6, 2, 9])
@pytest.mark.parametrize("color_range", [1, 2, 0])
def test_colours_are_those_that_the_file_means(
    tmp_path: Path, space: int, color_range: int, size: tuple[int, int]
) -> None:
    """Against the standards' formulas. A file that says nothing is BT.709 if it is large, else BT.601."""
    colour, (width, height) = (200, 60, 30), size
    red, green, blue = (value / 255 for value in colour)
    matrix = space if space != 2 else (1 if height == 720 else 5)
    k_red, k_blue = {1: (0.2126, 0.0722), 9: (0.2627, 0.0593)}.get(matrix, (0.299, 0.114))
    y = k_red * red + (1 - k_red - k_blue) * green + k_blue * blue
    values = y, (blue - y) / 2 / (1 - k_blue), (red - y) / 2 / (1 - k_red)
    luma, chroma, offset = (255, 255, 0) if color_range == 2 else (219, 224, 16)
    planes = np.empty((height * 3 // 2, width), np.uint8)
    planes[:height] = round(offset + luma * values[0])
    planes[height : height * 5 // 4] = round(128 + chroma * values[1])
    planes[height * 5 // 4 :] = round(128 + chroma * values[2])
    frame = av.VideoFrame.from_ndarray(planes, "yuv420p")
    frame.colorspace, frame.color_range = space, color_range
    path = encoded(
        tmp_path / "film.mkv", "ffv1", "yuv420p", [frame], colorspace=space, color_range=color_range
    )
    _, frames, _ = read_all(path)
    assert np.abs(frames[0].image.astype(int) - colour).max() <= 3


@pytest.mark.parametrize("pixel_format", ["gray", "bgr0", "yuv422p10le", "yuva420p", "yuv444p", "gray16le"])
def test_other_pixel_formats(tmp_path: Path, pixel_format: str) -> None:
    colour = (128, 128, 128) if pixel_format.startswith("gray") else (200, 60, 30)
    frame = av.VideoFrame.from_ndarray(plain(colour)).reformat(format=pixel_format)
    frame.color_range = 0
    _, frames, _ = read_all(encoded(tmp_path / "film.mkv", "ffv1", pixel_format, [frame]))
    assert np.abs(frames[0].image.astype(int) - colour).max() <= 3


def test_pixels_are_made_square(tmp_path: Path) -> None:
    frame = av.VideoFrame.from_ndarray(plain((200, 60, 30), 64, 48))
    aspect = {"sample_aspect_ratio": Fraction(3, 2)}
    path = encoded(tmp_path / "film.mp4", "libvpx-vp9", "yuv420p", [frame], **aspect)
    _, frames, _ = read_all(path)
    assert (frames[0].width, frames[0].height) == (96, 48)


# Trouble


def test_damaged_parts_are_left_out_and_counted(tmp_path: Path) -> None:
    images = [av.VideoFrame.from_ndarray(numbered(index)) for index in range(30)]
    path = encoded(tmp_path / "film.mkv", "ffv1", "bgr0", images, gop_size=1)
    with av.open(str(path), "r") as container:
        places = [packet.pos for packet in container.demux(video=0) if packet.pos is not None]
    data = bytearray(path.read_bytes())
    for place in places[10:15]:
        data[place + 20 : place + 60] = bytes(40)
    path.write_bytes(data)
    reader, frames, times = read_all(path)
    numbers = [number_of(frame.image) for frame in frames]
    assert numbers[:10] == list(range(10))
    assert numbers[-15:] == list(range(15, 30))
    assert times == sorted(set(times))
    assert reader.damaged + len(frames) >= 30


def test_of_a_video_that_was_cut_off_comes_what_is_there(tmp_path: Path) -> None:
    buffer, path = io.BytesIO(), tmp_path / "film.mp4"
    writer = MovieWriter(buffer, encoders=(VP9,), fragmented=True)
    for index in range(60):
        writer.write(numbered(index), index / 10)
    path.write_bytes(buffer.getvalue()[:-100])
    writer.abandon()
    reader, frames, times = read_all(path)
    numbers = [number_of(frame.image) for frame in frames[:-1]]  # of the last one a part is missing
    assert numbers == list(range(len(numbers)))
    assert 30 < len(numbers) < 60
    assert reader.end == times[-1] + Fraction(1, 10)


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 4000, b"no video at all\n" * 100, b"\0\0\0\x20ftypisom" + b"\0" * 400]
)
def test_what_is_no_video_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(content)
    with pytest.raises(SourceFailure, match="film"):
        read_all(path)


def test_files_that_are_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(SourceFailure, match="doesn't exist"):
        VideoReader(tmp_path / "film.mp4")
    with pytest.raises(SourceFailure, match="not a file"):
        VideoReader(tmp_path)


def test_sound_is_no_video(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "sound.mkv"), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), "s16", "mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
    with pytest.raises(SourceFailure, match="only sound"):
        VideoReader(tmp_path / "sound.mkv")


def test_a_playlist_is_no_video(tmp_path: Path) -> None:
    """It could name any file of the user's, and any address."""
    film = make_movie(tmp_path / "film.mp4", [0, 0.1], 0.2)
    for name, text in {
        "list.m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{film}\n#EXT-X-ENDLIST\n",
        "list.mp4": f"ffconcat version 1.0\nfile {film}\n",
    }.items():
        (tmp_path / name).write_text(text)
        with pytest.raises(SourceFailure):
            VideoReader(tmp_path / name)


def test_frames_that_are_too_large_are_told(tmp_path: Path) -> None:
    path = make_movie(tmp_path / "film.mp4", [0, 0.1], 0.2)
    with pytest.raises(SourceFailure, match="too large"):
        VideoReader(path, max_pixels=64 * 48 - 1)
    VideoReader(path, max_pixels=64 * 48).close()
