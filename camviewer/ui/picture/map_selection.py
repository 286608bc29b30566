"""MapSelection: which map of the chosen class is in view: its own, a comparison, or one channel's part."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from camviewer.core.targets import (
    ChannelPart,
    ClassScore,
    ScoreDifference,
    Target,
)


class MapSelection(QObject):
    """`changed` after every change. A comparison and a channel exclude each other."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._other: int | None = None
        self._channel: int | None = None

    @property
    def other(self) -> int | None:
        """The class that the chosen one is compared with."""
        return self._other

    @property
    def channel(self) -> int | None:
        """The channel whose part is in view."""
        return self._channel

    @property
    def active(self) -> bool:
        """Whether another map than the class's own is in view."""
        return self._other is not None or self._channel is not None

    def target(self, chosen: int) -> Target:
        """What the map in view speaks for, given the chosen class."""
        if self._channel is not None:
            return ChannelPart(chosen, self._channel)
        if self._other is not None and self._other != chosen:
            return ScoreDifference(chosen, self._other)
        return ClassScore(chosen)

    def compare_with(self, class_id: int | None) -> None:
        """The same class again ends the comparison, as None does."""
        self._set(None if class_id == self._other else class_id, None)

    def show_channel(self, channel: int | None) -> None:
        self._set(None, channel)

    def clear(self) -> None:
        self._set(None, None)

    def _set(self, other: int | None, channel: int | None) -> None:
        if (other, channel) != (self._other, self._channel):
            self._other, self._channel = other, channel
            self.changed.emit()
