"""Frames, and the region of a frame that the network sees."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from camviewer.core.arrays import ByteArray


class Fit(Enum):
    """How a frame becomes the network's input."""

    CROP = "crop"
    """As the model was trained: resize the short side, cut out the centre square."""
    SQUASH = "squash"
    """The whole frame, squeezed to a square."""
    WHOLE = "whole"
    """The whole frame at its own aspect; the network runs fully convolutionally."""


@dataclass(frozen=True, slots=True)
class Region:
    """The rectangle of a frame that the network saw, in frame pixels (x right, y down)."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One RGB image from a source.

    image: uint8 [height, width, 3], upright. index counts within the source.
    time: seconds of `time.monotonic()` at which the source delivered it.
    position: seconds into the medium, for videos.
    original_size: width, height of a photo that was reduced, because it is huge.
    still: whether it is a photo: there is time to see it exactly as the network was trained to.
    """

    image: ByteArray
    index: int = 0
    time: float = 0.0
    source: str = ""
    position: float | None = None
    original_size: tuple[int, int] | None = None
    still: bool = False

    @property
    def width(self) -> int:
        """In pixels."""
        return int(self.image.shape[1])

    @property
    def height(self) -> int:
        """In pixels."""
        return int(self.image.shape[0])
