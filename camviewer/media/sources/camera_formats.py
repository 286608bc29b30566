"""The formats of a webcam, and which one to use."""

from __future__ import annotations

from PySide6.QtMultimedia import QCameraDevice, QCameraFormat


def format_key(fmt: QCameraFormat) -> str:
    """``1280x720@30``: what settings remember and menus compare."""
    size = fmt.resolution()
    return f"{size.width()}x{size.height()}@{fmt.maxFrameRate():.0f}"


def formats_of(device: QCameraDevice) -> list[QCameraFormat]:
    """One format for each resolution and frame rate, largest first."""
    best: dict[str, QCameraFormat] = {}
    for fmt in device.videoFormats():
        best.setdefault(format_key(fmt), fmt)
    return sorted(
        best.values(), key=lambda f: (-f.resolution().width() * f.resolution().height(), -f.maxFrameRate())
    )


def choose_format(device: QCameraDevice, wanted: str = "") -> QCameraFormat | None:
    """The wanted format if the camera has it; else the one nearest to 720p at 25 fps or more.

    The network sees 224 x 224 pixels: more than 720p costs time and shows nothing.
    """
    formats = formats_of(device)
    for fmt in formats:
        if format_key(fmt) == wanted:
            return fmt

    def distance(fmt: QCameraFormat) -> tuple[bool, int]:
        size = fmt.resolution()
        return fmt.maxFrameRate() < 25, abs(size.width() * size.height() - 1280 * 720)

    return min(formats, key=distance, default=None)
