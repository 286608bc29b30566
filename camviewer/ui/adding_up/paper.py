"""The drawing for paper: light, wide, with as many pixels as printers use."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QFontMetricsF, QImage, QPainter, QTransform

from camviewer.media.drawing.view_state import ViewState
from camviewer.ui.adding_up.contents import contents_of, pictures_of, plane_of
from camviewer.ui.adding_up.layout import places
from camviewer.ui.adding_up.painting import paint, shape_of, text_height
from camviewer.ui.adding_up.parts import Drawing
from camviewer.ui.adding_up.texts import headings
from camviewer.ui.widgets import theme

WIDTH, RATIO = 1180.0, 2.0
"""Points, and pixels a point."""


def drawn_on_paper(state: ViewState, font: QFont, flatten: bool = False) -> QImage:
    """RGB32. Raises as `score_parts`."""
    contents, palette = contents_of(state, flatten), theme.paper()
    texts, line = headings(contents), QFontMetricsF(font).height()
    at = places(
        WIDTH - 2, line, shape_of(contents), texts, lambda text, width: text_height(text, width, font)
    )
    image = QImage(round(WIDTH * RATIO), round((at.height + 2) * RATIO), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(RATIO)
    image.fill(palette.base().color())
    plane = plane_of(contents, state.target.channel)
    drawing = Drawing(contents, pictures_of(contents), texts, at, plane, None, font, palette)
    painter = QPainter(image)
    try:
        painter.setTransform(QTransform.fromTranslate(1, 1))
        paint(painter, drawing, QRectF(0, 0, WIDTH, at.height))
    finally:
        painter.end()
    return image
