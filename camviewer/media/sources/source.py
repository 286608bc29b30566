"""The base class of all sources, and the capabilities that some of them have.

A source says what it can do by its base classes: `Seekable`, `Steppable`, … The window asks for these, never
for a source by its name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from camviewer.media.pipeline.inlet import Inlet


class Source(QObject):
    """Where frames come from: camera, video, screen, photos, snapshot.

    Lives in the GUI thread and never decodes there: it leaves `load` functions in its inlet.
    """

    failed = Signal(object)
    """SourceFailure. Emitted once for each trouble, not each time it repeats."""
    recovered = Signal()
    """The trouble is over: frames come again."""
    changed = Signal()
    """Title, position, formats or playback state have changed."""
    jumped = Signal()
    """Frames left so far are stale (a seek, another photo). Emitted before the first new one is left."""

    live = False
    """Sends frames by itself, so that it can be frozen."""
    pausable = False
    """Stops by itself when it is paused; otherwise its frames are dropped while frozen."""

    @property
    def title(self) -> str:
        raise NotImplementedError

    @property
    def running(self) -> bool:
        """New frames come by themselves."""
        return False

    @property
    def may_rest(self) -> bool:
        """Sends frames only when something moves."""
        return False

    def start(self, inlet: Inlet) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        """Let go of the device or file at once; no frame is left after this."""

    def set_paused(self, paused: bool) -> None:
        """Frozen or resumed by the user."""


class Seekable:
    """Its frames have a position in time, and it can go to any position."""

    loop: bool
    """Whether it starts again at the end."""

    @property
    def position(self) -> float:
        """Seconds."""
        raise NotImplementedError

    @property
    def duration(self) -> float:
        """Seconds; 0 while it isn't known."""
        raise NotImplementedError

    def seek(self, seconds: float) -> None:
        """Show the frame at this place."""
        raise NotImplementedError

    def set_loop(self, loop: bool) -> None:
        raise NotImplementedError


class Steppable:
    """There are frames before and after the one in view."""

    @property
    def can_step(self) -> bool:
        """Whether there is another frame now."""
        return True

    def step(self, steps: int) -> None:
        """So many frames on, or back if negative."""
        raise NotImplementedError


class Countable(Steppable):
    """Its frames are separate, such as photos: none follows from the one before."""

    @property
    def index(self) -> int:
        """Which of them is in view, 0 first."""
        raise NotImplementedError

    @property
    def count(self) -> int:
        raise NotImplementedError

    @property
    def can_step(self) -> bool:
        return self.count > 1


class FromFile:
    """Its frames are in a file."""

    @property
    def path(self) -> Path:
        """Of the frame in view."""
        raise NotImplementedError


class Reopenable:
    """It can be opened again although it is no file, such as a device."""

    def reopened(self) -> Source:
        """A new source for the same device. Raises SourceFailure if it isn't there any more."""
        raise NotImplementedError


class Remembered:
    """It is opened again at the next start, unless something else is asked for then."""

    settings_key: str
    """Under which settings keep the identity."""

    @property
    def identity(self) -> str:
        """Identifies it at the next start. May change together with `Source.changed`."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class FrameFormat:
    """key: what settings remember and menus compare; width and height in pixels; rate in frames a second."""

    key: str
    width: int
    height: int
    rate: float


class HasFormats:
    """Sends frames in one of several formats."""

    @property
    def formats(self) -> Sequence[FrameFormat]:
        """Largest first."""
        raise NotImplementedError

    @property
    def format_key(self) -> str:
        """The key of the present one; empty while there is none."""
        raise NotImplementedError

    def set_format(self, key: str) -> None:
        """Go on with another format."""
        raise NotImplementedError
