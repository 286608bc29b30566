"""The source of `camviewer bench`: frames without end, generated or from a file."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEventLoop, Qt
from PySide6.QtWidgets import QApplication

from camviewer.core.arrays import (
    ByteArray,
    read_only,
)
from camviewer.core.failures import Failure
from camviewer.core.frames import Frame
from camviewer.core.storage.file_kinds import (
    FileKind,
    kind_of,
)
from camviewer.core.storage.images import read_image
from camviewer.media.frames import (
    array_to_image,
    image_to_array,
)
from camviewer.media.pipeline.inlet import Inlet
from camviewer.media.sources.source import Source
from camviewer.media.sources.video import VideoSource

WIDTH, HEIGHT, FRAMES = 1280, 720, 24


class LoopSource(Source):
    """Frames without end, as fast as they are taken: the next one waits when one is taken."""

    live = True

    def __init__(self, frames: list[ByteArray]) -> None:
        super().__init__()
        self._frames = frames
        self._inlet: Inlet | None = None
        self._count = 0
        self.work: Callable[[], None] | None = None
        """Done once in the worker, before the next frame."""

    @property
    def title(self) -> str:
        return "bench"

    @property
    def running(self) -> bool:
        return True

    def start(self, inlet: Inlet) -> None:
        self._inlet = inlet
        inlet.put(self._load)

    def stop(self) -> None:
        self._inlet = None

    def _load(self) -> Frame:
        """In the worker."""
        work, self.work = self.work, None
        if work is not None:
            work()
        inlet = self._inlet
        if inlet is not None:
            inlet.put(self._load)
        self._count += 1
        # A copy, as a camera's frame is one.
        image = read_only(self._frames[self._count % len(self._frames)].copy())
        return Frame(image, self._count, time.monotonic(), self.title)


def synthetic_frames() -> list[ByteArray]:
    """A bright disc that wanders over a coloured ground: every frame differs."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    frames = []
    for i in range(FRAMES):
        angle = 2 * np.pi * i / FRAMES
        distance = np.hypot(
            x - WIDTH * (0.5 + 0.25 * np.cos(angle)), y - HEIGHT * (0.5 + 0.25 * np.sin(angle))
        )
        disc = np.clip(260 - distance, 0, 255)
        image = np.stack([disc, x * (255 / WIDTH), y * (255 / HEIGHT)], axis=-1)
        frames.append(image.astype(np.uint8))
    return frames


def file_frames(path: Path) -> list[ByteArray]:
    """The first frames of a video, or one photo, at 1280 x 720. Raises Failure."""
    is_video = kind_of(path) is FileKind.VIDEO
    frames = _video_frames(path) if is_video else [read_image(path)]
    size = (WIDTH, HEIGHT)
    return [
        image_to_array(array_to_image(frame).scaled(*size, mode=Qt.TransformationMode.SmoothTransformation))
        for frame in frames
    ]


def _video_frames(path: Path) -> list[ByteArray]:
    from camviewer.media.pipeline.inlet import PendingFrame
    from camviewer.media.pipeline.mailbox import Mailbox

    mailbox: Mailbox[PendingFrame] = Mailbox()
    source, frames, failures = VideoSource(path), list[ByteArray](), list[Failure]()
    source.failed.connect(failures.append)
    source.start(Inlet(mailbox, 0))
    while len(frames) < FRAMES and not failures:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        pending = mailbox.take()
        if pending is not None:
            frames.append(pending.load().image)
    source.stop()
    if failures:
        raise failures[0]
    return frames
