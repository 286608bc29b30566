"""A video file as a source: play, pause, seek, step, loop."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QTimer, QUrl, Slot
from PySide6.QtMultimedia import QMediaMetaData, QMediaPlayer, QVideoFrame, QVideoSink

from camviewer.core.failures import SourceFailure
from camviewer.core.storage.files import (
    exists,
    is_file,
)
from camviewer.core.text import Text
from camviewer.media.pipeline.inlet import Inlet
from camviewer.media.sources.source import (
    FromFile,
    Seekable,
    Source,
    Steppable,
)
from camviewer.media.sources.tap import FrameTap

FIRST_FRAME_SECONDS = 5.0
"""A file that plays for so long without a frame has none."""
MPEG_STREAMS = frozenset({".ts", ".mts", ".m2ts", ".m2t", ".mpg", ".mpeg", ".m2v", ".vob"})
SEEK_PATIENCE = 1.0
"""Seconds after which any frame is taken: the timestamps of some files are wrong."""


class VideoTap(FrameTap):
    """Leaves out the frames that were under way before a seek."""

    in_medium = True
    awaited: float | None = None
    """The start of the frame that is awaited, in seconds; None if any may come."""
    _deadline = 0.0
    _frame_seconds = 1 / 30

    def expect(self, seconds: float, frame_seconds: float) -> None:
        """Take no frame before the one that starts here, then all that follow."""
        self._frame_seconds = frame_seconds
        self._deadline = time.monotonic() + SEEK_PATIENCE
        self.awaited = seconds

    def accepts(self, video: QVideoFrame) -> bool:
        awaited = self.awaited
        if awaited is None:
            return True
        start, end, half = video.startTime() / 1e6, video.endTime() / 1e6, self._frame_seconds / 2
        # The second condition is for files whose frames have different durations.
        is_awaited = abs(start - awaited) <= half or start <= awaited + half < end
        if is_awaited or time.monotonic() > self._deadline:
            self.awaited = None
            return True
        return False


class VideoSource(Source, Seekable, Steppable, FromFile):
    """Plays in real time; frames that are not explained in time are left out, never queued."""

    live = True
    pausable = True

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self.loop = True
        self._failed = False
        self._has_frames = False
        self._player: QMediaPlayer | None = None
        self._watch = QTimer(self, singleShot=True, interval=round(1000 * FIRST_FRAME_SECONDS))
        self._watch.timeout.connect(self._on_watch_timeout)

    @property
    def path(self) -> Path:
        return self._path

    @property
    def title(self) -> str:
        return self.path.name

    @property
    def running(self) -> bool:
        return self.playing

    @property
    def playing(self) -> bool:
        player = self._player
        return player is not None and player.playbackState() == QMediaPlayer.PlaybackState.PlayingState

    @property
    def position(self) -> float:
        """Seconds."""
        return self._player.position() / 1000 if self._player is not None else 0.0

    @property
    def duration(self) -> float:
        """Seconds; 0 while it isn't known."""
        return self._player.duration() / 1000 if self._player is not None else 0.0

    @property
    def frame_seconds(self) -> float:
        rate = self._player.metaData().value(QMediaMetaData.Key.VideoFrameRate) if self._player else None
        return 1 / rate if isinstance(rate, (int, float)) and rate > 0 else 1 / 30

    def start(self, inlet: Inlet) -> None:
        self._tap = VideoTap(inlet, self.title, self.path)
        self._sink = QVideoSink(self)
        self._sink.videoFrameChanged.connect(self._tap.put)
        if exists(self.path) and not is_file(self.path):
            # Qt would wait for data from a pipe, and the GUI thread for Qt at the end.
            failure = SourceFailure("{name} is not a file.", "Choose a video.", name=self.title)
            QTimer.singleShot(0, self, lambda: self.failed.emit(failure))
            return
        self._player = player = QMediaPlayer(self)  # without an audio output: silent
        player.setVideoSink(self._sink)
        player.errorOccurred.connect(self._on_player_error_occurred)
        player.mediaStatusChanged.connect(self._on_player_media_status_changed)
        player.positionChanged.connect(self._on_player_position_changed)
        player.durationChanged.connect(self.changed)
        player.playbackStateChanged.connect(self.changed)
        player.setSource(QUrl.fromLocalFile(str(self.path.resolve())))
        player.play()
        self._watch.start()

    def stop(self) -> None:
        self._watch.stop()
        player, self._player = self._player, None
        if player is not None:
            self._sink.videoFrameChanged.disconnect(self._tap.put)
            player.disconnect(self)
            player.stop()
            player.setSource(QUrl())
            player.deleteLater()

    def set_paused(self, paused: bool) -> None:
        if self._player is not None:
            if paused:
                self._player.pause()
            else:
                self._player.play()

    def set_loop(self, loop: bool) -> None:
        self.loop = loop
        self._set_loops()
        self.changed.emit()

    def _set_loops(self) -> None:
        """Only once there are frames: Qt would repeat a file without any as fast as it can, for ever."""
        if self._player is not None and self._has_frames and _repeats(self.path):
            self._player.setLoops(QMediaPlayer.Loops.Infinite if self.loop else 1)

    def seek(self, seconds: float) -> None:
        """Show the frame at this place. Playing goes on from there."""
        player = self._player
        if player is None:
            return
        frame = self.frame_seconds
        seconds = min(max(seconds, 0.0), max(self.duration - frame, 0.0))
        index = int(seconds / frame + 1e-6)
        # In this order: a frame that comes between the two is of the old place and generation.
        self._tap.expect(index * frame, frame)
        self.jumped.emit()
        if player.playbackState() == QMediaPlayer.PlaybackState.StoppedState:
            player.pause()  # a stopped player shows nothing
        # The middle of a frame: its start may round to the frame before.
        player.setPosition(round((index + 0.5) * frame * 1000))

    def step(self, steps: int) -> None:
        """Pause and go so many frames on (or back, if negative)."""
        player = self._player
        if player is None:
            return
        shown, awaited = self._sink.videoFrame().startTime() / 1e6, self._tap.awaited
        # Steps may come faster than their frames: each counts.
        here = awaited if awaited is not None else shown if shown >= 0 else self.position
        player.pause()
        self.seek(here + (steps + 0.25) * self.frame_seconds)

    @Slot(QMediaPlayer.Error, str)
    def _on_player_error_occurred(self, error: QMediaPlayer.Error, text: str) -> None:
        if error != QMediaPlayer.Error.NoError:
            self._fail(Text("The file may be damaged or of a format that camviewer can't play."), text)

    @Slot(QMediaPlayer.MediaStatus)
    def _on_player_media_status_changed(self, status: QMediaPlayer.MediaStatus) -> None:
        player = self._player
        if status == QMediaPlayer.MediaStatus.LoadedMedia and player is not None and not player.hasVideo():
            self._fail(Text("It has no picture, only sound."), "no video track")
        elif status == QMediaPlayer.MediaStatus.EndOfMedia and player is not None and not self._has_frames:
            if not self._tap.count:
                self._fail(_why_no_frame(player), "the end came before a frame")
            elif self.loop:  # it ended before its frames were noticed
                self._on_player_position_changed()
                player.play()
        elif status == QMediaPlayer.MediaStatus.EndOfMedia and player is not None and self.loop:
            QTimer.singleShot(0, self, self._play_again)  # when the player has stopped

    def _play_again(self) -> None:
        """A short video, of which Qt had read all before it was told to repeat; or one it can't repeat."""
        player = self._player
        has_ended = player is not None and player.mediaStatus() == QMediaPlayer.MediaStatus.EndOfMedia
        if player is None or not has_ended or not self.loop or self.duration < 1.5 * self.frame_seconds:
            return  # the last: one frame is a picture
        if not _repeats(self.path):
            source = player.source()
            player.setSource(QUrl())
            player.setSource(source)
        player.play()

    @Slot()
    def _on_watch_timeout(self) -> None:
        if self._tap.count or self._failed:
            return
        if not self.playing:
            self._watch.start()  # paused: it had no chance
        elif self._player is not None:
            self._player.stop()
            self._fail(_why_no_frame(self._player), "no frame after some seconds")

    @Slot()
    def _on_player_position_changed(self) -> None:
        if not self._has_frames and self._player is not None and self._tap.count:
            self._has_frames = True
            self._set_loops()
        self.changed.emit()

    def _fail(self, mend: str, details: str) -> None:
        if not self._failed:
            self._failed = True
            self.failed.emit(SourceFailure("{name} can't be played.", mend, details, name=self.title))


def _repeats(path: Path) -> bool:
    """Whether Qt finds the beginning again: in MPEG's streams it doesn't, and shows nothing more."""
    return path.suffix.lower() not in MPEG_STREAMS


def _why_no_frame(player: QMediaPlayer) -> Text:
    codec = player.metaData().stringValue(QMediaMetaData.Key.VideoCodec)
    if codec != "AV1":
        return Text("There is not one frame in it.")
    return Text(
        "Here is no AV1 decoder that plays it. File → Convert video reads it, or convert it to H.264."
    )
