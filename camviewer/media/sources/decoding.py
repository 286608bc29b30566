"""Decodes Qt's video frames as `movies.video_reader` decodes files: the same frame has the same pixels.

Qt's own conversion depends on the computer: only with OpenGL does it know matrices, ranges and 10 bits.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray
from PySide6.QtGui import QImage, QPainter
from PySide6.QtMultimedia import QVideoFrame, QVideoFrameFormat

from camviewer.core.arrays import ByteArray
from camviewer.core.failures import SourceFailure
from camviewer.media.frames import array_to_image
from camviewer.media.movies.video_reader import MAX_PIXELS, VideoReader
from camviewer.media.video_pixels import VideoTags, rgb_pixels

log = logging.getLogger(__name__)

_Pixels, _Space = QVideoFrameFormat.PixelFormat, QVideoFrameFormat.ColorSpace
_Range, _Transfer = QVideoFrameFormat.ColorRange, QVideoFrameFormat.ColorTransfer
_LAYOUTS = {
    _Pixels.Format_YUV420P: "yuv420p",
    _Pixels.Format_YUV422P: "yuv422p",
    _Pixels.Format_YUV420P10: "yuv420p10le",
    _Pixels.Format_NV12: "nv12",
    _Pixels.Format_NV21: "nv21",
    _Pixels.Format_P010: "p010le",
    _Pixels.Format_YUYV: "yuyv422",
    _Pixels.Format_UYVY: "uyvy422",
}
"""FFmpeg's names. All else, RGB and JPEG, Qt converts."""
_APART = {
    "nv12": "yuv420p",
    "nv21": "yuv420p",
    "p010le": "yuv420p10le",
    "yuyv422": "yuv422p",
    "uyvy422": "yuv422p",
}
"""What hardware decoders and cameras give, and the same in planes: FFmpeg makes RGB of it faster, and rounds
as with the frame of a software decoder."""
_MATRICES = {_Space.ColorSpace_BT601: 5, _Space.ColorSpace_BT709: 1, _Space.ColorSpace_BT2020: 9}
_RANGES = {_Range.ColorRange_Full: True, _Range.ColorRange_Video: False}
_TRANSFERS = {_Transfer.ColorTransfer_ST2084: 16, _Transfer.ColorTransfer_STD_B67: 18}
_DEPTHS = (10, 12, 14, 16)
"""Bits that cameras with 16-bit grey pictures use, the lowest ones."""


class FrameDecoder:
    """Of one source. One thread uses it, but for the beginning."""

    def __init__(self, path: Path | None = None) -> None:
        """path: of the file that the frames are of, which says more of them than Qt does."""
        self._path = path
        self._is_told = path is None
        self._told: VideoTags | None = None
        self._apart, self._reformatter = VideoReformatter(), VideoReformatter()
        self._depth = _DEPTHS[0]

    def image(self, video: QVideoFrame) -> QImage:
        """The frame, upright, sRGB, on white where it is transparent. Null if it can't be decoded."""
        kind = video.pixelFormat()
        if kind == _Pixels.Format_Jpeg and _is_cut(video):
            return QImage()
        if kind == _Pixels.Format_Y16:
            deep = _planes(video)
            pixels = None if deep is None else self._grey(deep[0].view(np.uint16)[:, : video.width()])
        else:
            pixels = self._converted(video) if kind in _LAYOUTS else None
        if pixels is None:
            return _on_white(video.toImage())
        pixels = np.ascontiguousarray(_turned(pixels, video))
        if pixels.shape[2] == 3:
            return array_to_image(pixels)
        height, width, _ = pixels.shape
        return QImage(pixels.data, width, height, width * 4, QImage.Format.Format_RGB32).copy()

    def _converted(self, video: QVideoFrame) -> ByteArray | None:
        try:
            frame = _frame(video, _LAYOUTS[video.pixelFormat()], self._apart)
            if frame is None:
                return None
            return rgb_pixels(frame, self._tags(video), self._reformatter, MAX_PIXELS, drawn=True)
        except av.FFmpegError:
            log.info("a frame can't be converted", exc_info=True)
            return None

    def _tags(self, video: QVideoFrame) -> VideoTags:
        if not self._is_told:
            self._is_told = True
            self._told = _tags_of_file(self._path) if self._path is not None else None
        if self._told is not None:
            if self._told.layout.replace("yuvj", "yuv") not in _LAYOUTS.values():
                return replace(self._told, full=False)  # Qt has made another format of it
            return self._told
        told = video.surfaceFormat()
        return VideoTags(
            _MATRICES.get(told.colorSpace(), 2),
            _TRANSFERS.get(told.colorTransfer(), 2),
            full=_RANGES.get(told.colorRange()),
        )

    def _grey(self, values: NDArray[np.uint16]) -> ByteArray:
        """By as many bits as were used so far: 10 bits of 16 would be black."""
        most = int(values.max(initial=0))
        self._depth = max(self._depth, next(depth for depth in _DEPTHS if most < 1 << depth))
        grey = (values.astype(np.uint32) * 255 // ((1 << self._depth) - 1)).astype(np.uint8)
        return np.repeat(grey[..., None], 3, axis=2)


def _tags_of_file(path: Path) -> VideoTags | None:
    try:
        reader = VideoReader(path)
    except SourceFailure as failure:
        log.info("what its frames are isn't known: %s", failure)
        return None
    try:
        return reader.first_tags()
    except SourceFailure:
        return None
    finally:
        reader.close()


def _planes(video: QVideoFrame) -> list[ByteArray] | None:
    """Copies of its planes, uint8 [rows, bytes of a row]; None if they can't be reached."""
    if not video.map(QVideoFrame.MapMode.ReadOnly):
        return None
    try:
        planes = []
        for at in range(video.planeCount()):
            step = video.bytesPerLine(at)
            data = np.frombuffer(video.bits(at), np.uint8)
            if step <= 0 or len(data) < step:
                return None
            planes.append(data[: len(data) // step * step].reshape(-1, step).copy())
        return planes
    finally:
        video.unmap()


def _frame(video: QVideoFrame, layout: str, reformatter: VideoReformatter) -> VideoFrame | None:
    """The same frame for FFmpeg, its planes apart; None if its pixels can't be reached."""
    frame = VideoFrame(video.width(), video.height(), layout)
    if not video.map(QVideoFrame.MapMode.ReadOnly):
        return None
    try:
        if video.planeCount() != len(frame.planes):
            return None
        for at, plane in enumerate(frame.planes):
            step, data = video.bytesPerLine(at), np.frombuffer(video.bits(at), np.uint8)
            if step <= 0 or len(data) < plane.height * step:
                return None
            target = np.frombuffer(plane, np.uint8)  # type: ignore[call-overload]
            target = target[: plane.height * plane.line_size].reshape(plane.height, plane.line_size)
            width = min(plane.line_size, step)
            target[:, :width] = data[: plane.height * step].reshape(plane.height, step)[:, :width]
    finally:
        video.unmap()
    return reformatter.reformat(frame, format=_APART[layout]) if layout in _APART else frame


def _is_cut(video: QVideoFrame) -> bool:
    """Whether a JPEG has no end: its lower part would be grey."""
    planes = _planes(video)
    return planes is not None and b"\xff\xd9" not in bytes(planes[0].reshape(-1)[-4096:])


def _turned(pixels: ByteArray, video: QVideoFrame) -> ByteArray:
    """As Qt turns: first clockwise, then mirrored."""
    told = video.surfaceFormat()
    pixels = np.rot90(pixels, -(video.rotation().value + told.rotation().value) // 90)
    return pixels[:, ::-1] if video.mirrored() != told.isMirrored() else pixels


def _on_white(image: QImage) -> QImage:
    if image.isNull() or not image.hasAlphaChannel():
        return image
    white = QImage(image.size(), QImage.Format.Format_RGB32)
    white.fill(0xFFFFFFFF)
    painter = QPainter(white)
    painter.drawImage(0, 0, image)
    painter.end()
    return white
