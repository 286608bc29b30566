"""What plays and what comes live has the pixels of what is explained: those of the standards' formulas."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage
from PySide6.QtMultimedia import QVideoFrame, QVideoFrameFormat

from camviewer.core.arrays import ByteArray
from camviewer.core.failures import SourceFailure
from camviewer.core.storage import colour
from camviewer.media.frames import image_to_array
from camviewer.media.interlacing import set_deinterlacing
from camviewer.media.movies.video_reader import VideoReader
from camviewer.media.pipeline.inlet import Inlet, PendingFrame
from camviewer.media.pipeline.mailbox import Mailbox
from camviewer.media.sources import tap
from camviewer.media.sources.decoding import FrameDecoder
from camviewer.media.sources.tap import FrameTap
from camviewer.media.video_pixels import VideoTags, rgb_pixels

pytestmark = pytest.mark.usefixtures("qapp")
P, S, R = QVideoFrameFormat.PixelFormat, QVideoFrameFormat.ColorSpace, QVideoFrameFormat.ColorRange
T = QVideoFrameFormat.ColorTransfer
WIDTH, HEIGHT = 32, 16
INSIDE = np.ix_([2, 3, 4, 5, 10, 11, 12, 13], [2, 4, 5, 10, 13, 18, 21, 27, 29])
"""Rows and columns that aren't at the edge of a block, where chroma may be interpolated."""


def qt_frame(
    kind: QVideoFrameFormat.PixelFormat,
    planes: Sequence[NDArray[Any]],
    space: QVideoFrameFormat.ColorSpace = S.ColorSpace_Undefined,
    range_: QVideoFrameFormat.ColorRange = R.ColorRange_Unknown,
    transfer: QVideoFrameFormat.ColorTransfer = T.ColorTransfer_Unknown,
) -> QVideoFrame:
    height, width = planes[0].shape[:2]
    form = QVideoFrameFormat(QSize(width, height), kind)
    form.setColorSpace(space)
    form.setColorRange(range_)
    form.setColorTransfer(transfer)
    video = QVideoFrame(form)
    assert video.map(QVideoFrame.MapMode.ReadWrite)
    for at, values in enumerate(planes):
        rows = np.frombuffer(video.bits(at), np.uint8).reshape(-1, video.bytesPerLine(at))
        data = np.ascontiguousarray(values).view(np.uint8).reshape(len(values), -1)
        rows[: len(data), : data.shape[1]] = data
    video.unmap()
    return video


def yuv(depth: int = 8) -> list[NDArray[np.uint16]]:
    """Y, U, V of 4:2:0; one colour in each block of 8 x 8, so that chroma's place doesn't matter."""
    random = np.random.default_rng(3)
    small = [
        random.integers(low, high, (HEIGHT // 8, WIDTH // 8))
        for low, high in ((60, 200), (90, 160), (90, 160))
    ]
    return [
        np.kron(values << (depth - 8), np.ones((side, side), int)).astype(np.uint16)
        for values, side in zip(small, (8, 4, 4), strict=True)
    ]


def by_formula(planes: list[NDArray[np.uint16]], kr: float, kb: float, full: bool) -> NDArray[np.float64]:
    """ITU-T H.273, of 8 bits."""
    y, u, v = (plane.astype(float) for plane in planes)
    u, v = (np.kron(plane, np.ones((2, 2))) - 128 for plane in (u, v))
    y, u, v = (y / 255, u / 255, v / 255) if full else ((y - 16) / 219, u / 224, v / 224)
    red, blue = y + 2 * (1 - kr) * v, y + 2 * (1 - kb) * u
    return np.clip(255 * np.stack([red, (y - kr * red - kb * blue) / (1 - kr - kb), blue], -1), 0, 255)


LAYOUTS = {
    P.Format_YUV420P: lambda y, u, v: [y, u, v],
    P.Format_NV12: lambda y, u, v: [y, np.stack([u, v], -1).reshape(len(u), -1)],
    P.Format_NV21: lambda y, u, v: [y, np.stack([v, u], -1).reshape(len(u), -1)],
}


@pytest.mark.parametrize("kind", LAYOUTS)
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize(
    ("space", "kr", "kb"),
    [
        (S.ColorSpace_BT601, 0.299, 0.114),
        (S.ColorSpace_BT709, 0.2126, 0.0722),
        (S.ColorSpace_BT2020, 0.2627, 0.0593),
        (S.ColorSpace_Undefined, 0.299, 0.114),
    ],
)
def test_matrix_and_range_are_as_the_frame_says(
    kind: QVideoFrameFormat.PixelFormat, full: bool, space: QVideoFrameFormat.ColorSpace, kr: float, kb: float
) -> None:
    planes = [plane.astype(np.uint8) for plane in LAYOUTS[kind](*yuv())]
    video = qt_frame(kind, planes, space, R.ColorRange_Full if full else R.ColorRange_Video)
    found = image_to_array(FrameDecoder().image(video))
    assert np.abs(found - by_formula(yuv(), kr, kb, full))[INSIDE].max() <= 3


@pytest.mark.parametrize("kind", [P.Format_YUV420P10, P.Format_P010])
def test_10_bits_need_no_opengl(kind: QVideoFrameFormat.PixelFormat) -> None:
    y, u, v = yuv(10)
    planes: list[NDArray[Any]] = [y, u, v]
    if kind == P.Format_P010:
        planes = [y << 6, np.stack([u << 6, v << 6], -1).reshape(len(u), -1)]
    found = image_to_array(
        FrameDecoder().image(qt_frame(kind, planes, S.ColorSpace_BT709, R.ColorRange_Video))
    )
    assert np.abs(found - by_formula(yuv(), 0.2126, 0.0722, False))[INSIDE].max() <= 2


def test_hdr_is_tone_mapped_unless_colours_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    planes = [np.full((16, 16), 0.75 * 876 + 64), np.full((8, 8), 512), np.full((8, 8), 512)]
    video = qt_frame(
        P.Format_YUV420P10,
        [plane.astype(np.uint16) for plane in planes],
        S.ColorSpace_BT2020,
        R.ColorRange_Video,
        T.ColorTransfer_STD_B67,
    )
    white = image_to_array(FrameDecoder().image(video))[4, 4].astype(int)
    assert white == pytest.approx([212] * 3, abs=5)  # 203 cd/m² by FFmpeg's curve, see test_tone_mapping
    monkeypatch.setenv(colour.VARIABLE, "off")
    assert image_to_array(FrameDecoder().image(video))[4, 4].astype(int) == pytest.approx([191] * 3, abs=2)


def ffv1(path: Path, planes: list[NDArray[np.uint16]], transfer: int, matrix: int) -> Path:
    """Lossless, of 10 bits, with tags."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=10)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p10le"
        context = stream.codec_context
        context.color_trc, context.color_primaries, context.colorspace = transfer, 9, matrix
        context.color_range = 1
        for index in range(3):
            frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p10le")
            for plane, values in zip(frame.planes, planes, strict=True):
                rows = np.frombuffer(plane, np.uint16).reshape(plane.height, -1)  # type: ignore[call-overload]
                rows[:, : values.shape[1]] = values
            frame.pts, frame.time_base = index, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


@pytest.mark.parametrize(("transfer", "matrix"), [(1, 1), (18, 9), (16, 9), (2, 2)])
def test_a_file_s_frame_is_the_same_live_and_explained(tmp_path: Path, transfer: int, matrix: int) -> None:
    """Also where Qt knows none of the tags."""
    path = ffv1(tmp_path / "a.mkv", yuv(10), transfer, matrix)
    reader = VideoReader(path)
    read = reader.read()
    reader.close()
    assert read is not None
    live = image_to_array(FrameDecoder(path).image(qt_frame(P.Format_YUV420P10, list(yuv(10)))))
    np.testing.assert_array_equal(live, read[0].image)


def test_transparent_is_white(tmp_path: Path) -> None:
    pixels = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    pixels[:, : WIDTH // 2] = (200, 0, 0, 255)
    path = tmp_path / "alpha.mov"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("png", rate=10)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "rgba"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgba")))
        container.mux(stream.encode())
    reader = VideoReader(path)
    read = reader.read()
    reader.close()
    assert read is not None
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_ARGB32)
    image.fill(QColor(0, 0, 0, 0))
    for found in (read[0].image, image_to_array(FrameDecoder().image(QVideoFrame(image)))):
        assert found[4, -4].tolist() == [255, 255, 255]
    assert read[0].image[4, 4].tolist() == [200, 0, 0]


def test_one_field_of_interlaced_frames(tmp_path: Path) -> None:
    """The upper one is of a smooth picture; the lower, of another moment, is gone."""
    smooth = (
        np.linspace(40, 200, HEIGHT).round().astype(np.uint8)[:, None, None].repeat(WIDTH, 1).repeat(3, 2)
    )
    woven = smooth.copy()
    woven[1::2] = 255 - woven[1::2]
    frame = av.VideoFrame.from_ndarray(woven, "rgb24")
    found = rgb_pixels(frame, VideoTags(interlaced=True), VideoReformatter(), 10**6)
    assert np.abs(found.astype(int) - smooth)[:-1].max() <= 1
    assert (found[-1] == found[-2]).all()
    progressive = rgb_pixels(frame, VideoTags(), VideoReformatter(), 10**6)
    np.testing.assert_array_equal(progressive, woven)
    set_deinterlacing(False)
    try:
        both = rgb_pixels(frame, VideoTags(interlaced=True), VideoReformatter(), 10**6)
    finally:
        set_deinterlacing(True)
    np.testing.assert_array_equal(both, woven)


def test_interlaced_files_say_so(tmp_path: Path) -> None:
    path = tmp_path / "a.mov"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg2video", rate=25, options={"flags": "+ilme+ildct"})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = 64, 48, "yuv420p", 4_000_000
        grey = np.full((48, 64, 3), 60, np.uint8)
        grey[1::2] = 200
        for _ in range(3):
            frame = av.VideoFrame.from_ndarray(grey, "rgb24").reformat(format="yuv420p")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    reader = VideoReader(path)
    tags, read = reader.first_tags(), reader.read()
    reader.close()
    assert tags is not None
    assert tags.interlaced
    assert read is not None
    assert read[0].image.max() < 90


@pytest.mark.parametrize("bits", [10, 12, 14, 16])
def test_grey_cameras_use_the_lower_bits(bits: int) -> None:
    """A dark picture after a bright one stays dark."""
    ramp = np.linspace(0, 2**bits - 1, WIDTH).astype(np.uint16)[None].repeat(HEIGHT, axis=0)
    decoder = FrameDecoder()
    found = image_to_array(decoder.image(qt_frame(P.Format_Y16, [ramp])))
    assert np.abs(found[..., 1].astype(int) - ramp / (2**bits - 1) * 255).max() <= 1
    dark = image_to_array(decoder.image(qt_frame(P.Format_Y16, [ramp // 8])))
    assert dark.max() <= 33


class Camera:
    """A tap whose frames decode as a test says: None for a damaged one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, images: list[ByteArray | None]) -> None:
        from camviewer.media.frames import array_to_image

        decoded = iter(images)

        def image(_: FrameDecoder, video: QVideoFrame) -> QImage:
            pixels = next(decoded)
            return QImage() if pixels is None else array_to_image(pixels)

        monkeypatch.setattr(FrameDecoder, "image", image)
        self.box: Mailbox[PendingFrame] = Mailbox()
        self.tap = FrameTap(Inlet(self.box, 0), "Webcam")

    def shown(self) -> int:
        """The grey of the next frame. Raises SourceFailure."""
        self.tap.put(qt_frame(P.Format_YUV420P, [plane.astype(np.uint8) for plane in yuv()]))
        pending = self.box.take()
        assert pending is not None
        frame = pending.load()
        assert frame.index == self.tap.count
        return int(frame.image[0, 0, 0])


def test_every_fifth_picture_of_a_webcam_is_damaged(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one before it stays in view, and no fault is told."""
    images = [None if index % 5 == 4 else np.full((4, 4, 3), index, np.uint8) for index in range(40)]
    camera = Camera(monkeypatch, images)
    shown = [camera.shown() for _ in range(40)]
    assert shown == [index - (index % 5 == 4) for index in range(40)]


def test_a_webcam_that_sends_nothing_sound_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    camera = Camera(monkeypatch, [np.zeros((4, 4, 3), np.uint8), *[None] * 20])
    assert [camera.shown() for _ in range(1 + tap.MOST_UNSOUND)] == [0] * (1 + tap.MOST_UNSOUND)
    with pytest.raises(SourceFailure, match="Webcam"):
        camera.shown()
