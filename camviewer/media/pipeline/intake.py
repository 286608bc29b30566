"""Intake: whose frames come in, and which of them are still wanted."""

from __future__ import annotations

from camviewer.core.frames import Frame
from camviewer.media.pipeline.inlet import Inlet, PendingFrame
from camviewer.media.pipeline.mailbox import Mailbox


class Intake:
    """One source's inlet at a time. Used by the GUI thread only.

    A generation is what one source brings from one place of its medium: after another source, a seek or a
    freeze, the frames of the generation before are stale wherever they are.
    """

    def __init__(self, mailbox: Mailbox[PendingFrame]) -> None:
        self._mailbox = mailbox
        self._inlet: Inlet | None = None
        self._past_received = self._past_dropped = 0
        self.generation = 0

    @property
    def received(self) -> int:
        """Frames of all sources so far."""
        return self._past_received + (self._inlet.received if self._inlet is not None else 0)

    @property
    def dropped(self) -> int:
        """Those of them that a newer one replaced before they were explained."""
        return self._past_dropped + (self._inlet.dropped if self._inlet is not None else 0)

    def open(self) -> Inlet:
        """An inlet for a new source; that of the source before is closed for good."""
        self.close()
        self._inlet = Inlet(self._mailbox, self.generation)
        return self._inlet

    def close(self) -> None:
        """Nothing of the source comes out any more."""
        if self._inlet is not None:
            self._inlet.set_open(False)
            self._past_received, self._past_dropped = self.received, self.dropped
            self._mailbox.take()
        self._inlet = None
        self.generation += 1

    def let_in(self, on: bool) -> None:
        """Whether frames of the source that is open come in. Off also takes back those under way."""
        if self._inlet is not None:
            self._inlet.set_open(on)
        if not on:
            self.begin_generation()
            self._mailbox.take()

    def begin_generation(self) -> None:
        """What is under way becomes stale."""
        self.generation += 1
        if self._inlet is not None:
            self._inlet.generation = self.generation

    def offer_again(self, frame: Frame) -> None:
        """The frame in view once more. One that is there already is newer, and stays."""
        self._mailbox.offer(PendingFrame(lambda: frame, self.generation))
