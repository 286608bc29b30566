"""What all sources have in common."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from camviewer.media.pipeline.inlet import Inlet


class Source(QObject):
    """Where frames come from: camera, video, screen, photos.

    Lives in the GUI thread and never decodes there: it leaves `load` functions in its inlet.
    """

    failed = Signal(object)
    """SourceFailure. Emitted once for each trouble, not for each repetition of it."""
    recovered = Signal()
    """The trouble is over: frames come again."""
    changed = Signal()
    """Title, position, formats or playback state are others now."""
    jumped = Signal()
    """Frames left so far are stale (a seek, another photo). Emitted before the first new one is left."""

    live = False
    """Brings frames by itself, so that it can be frozen."""
    pausable = False
    """Stands still by itself when it is paused; otherwise its frames are left out while frozen."""

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
