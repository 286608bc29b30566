"""What is painted, as one object, and what all painting of it needs."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor, QFont, QPalette

from camviewer.ui.adding_up.contents import Contents, Pictures, Plane, Pointed
from camviewer.ui.adding_up.layout import Places
from camviewer.ui.adding_up.texts import Headings


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """All that is painted. plane: what the grid shows."""

    contents: Contents
    pictures: Pictures
    texts: Headings
    at: Places
    plane: Plane
    pointed: Pointed
    font: QFont
    palette: QPalette


def text_colour(drawing: Drawing) -> QColor:
    """Of text that doesn't stand back."""
    return drawing.palette.windowText().color()


def scaled_font(font: QFont, scale: float) -> QFont:
    smaller = QFont(font)
    if font.pointSizeF() > 0:
        smaller.setPointSizeF(font.pointSizeF() * scale)
    else:
        smaller.setPixelSize(max(1, round(font.pixelSize() * scale)))
    return smaller
