"""Whether interlaced videos are shown, and explained, by one of their two fields: one place for all readers.

Apart from `video_pixels`, which imports FFmpeg: the window starts without.
"""

from __future__ import annotations

_is_on = True


def set_deinterlacing(on: bool) -> None:
    """From the next frame on."""
    global _is_on
    _is_on = on


def deinterlaces() -> bool:
    """Whether one field is taken."""
    return _is_on
