"""Paints the caption below saved images: which map it is, where it comes from, what its colours mean."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from camviewer.core.evidence import (
    Faithfulness,
    arithmetic,
    faithfulness,
)
from camviewer.core.explanation import CAM
from camviewer.core.maps import Unit
from camviewer.core.numbers import percent
from camviewer.media.drawing.heat_map import paint_colour_bar
from camviewer.media.drawing.view_state import ViewState

UNIT_WORDS = {Unit.LOGIT: "logit", Unit.RELATIVE: "relative", Unit.LOGIT_CHANGE: "Δlogit"}


def caption_texts(state: ViewState) -> tuple[str, str]:
    """The caption's two lines: the map, and where it comes from."""
    explanation, target, maps = state.explanation, state.target, state.explanation.maps
    if state.beside:
        return f"{len(state.beside)} classes in one range", f"{explanation.model.title} · {maps.method}"
    how = maps.method
    if explanation.drawn is not None:
        how = "average of maps" if how == CAM else f"average of {how} maps"
    about = [explanation.model.title, how]
    heading = explanation.title(target)
    if target.other is None and target.channel is None:
        heading += f"  {percent(float(explanation.probabilities[target.class_id]))}"
    if explanation.edited:  # in the first line: in a small picture, the second one is cut
        heading += " · edited"
    score = target.score(explanation.logits)
    if maps.unit is Unit.RELATIVE:
        about.append("relative: where, not how much")
    elif maps.unit is Unit.LOGIT_CHANGE:
        fill = explanation.request.covering.fill.value
        about.append(f"Δlogit where covered ({fill}, {explanation.patch} px)")
    elif score is not None:
        name = "logit" if target.other is None else "difference of the logits"
        about.append(f"{name} {score:+.2f}")
        if faithfulness(maps) is Faithfulness.LOCAL and state.available:
            about.append(_left_out(state))
    return heading, " · ".join(about)


def _left_out(state: ViewState) -> str:
    sums = arithmetic(state.explanation, state.target)
    share = sums.share_left_out if sums is not None else None
    if share is None or share < 0.0005:
        return "to first order, all of it on the map"
    return f"to first order, {percent(share)} of it not on the map"


def paint_caption(painter: QPainter, area: QRectF, state: ViewState) -> None:
    """Paint the strip into the area, in any thread."""
    style, shown = state.style, state.shown
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    margin = area.height() * 0.2
    line = area.height() * 0.3
    bar_width = min(area.width() * 0.28, area.height() * 4)
    text_width = area.width() - 3 * margin - bar_width
    heading, about = caption_texts(state)
    left = area.left() + margin
    for text, top, colour, bold in ((heading, 0.16, "#ffffff", True), (about, 0.54, "#b9bcc0", False)):
        font = QFont()
        font.setPixelSize(max(round(line * (0.95 if bold else 0.8)), 6))
        font.setBold(bold)
        painter.setFont(font)
        painter.setPen(QColor(colour))
        shown_text = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, text_width)
        place = QRectF(left, area.top() + top * area.height(), text_width, line)
        # A line is a little lower than its letters' tails; clipped, "g" would look like "q".
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextDontClip
        painter.drawText(place, flags, shown_text)
    if not style.visible:
        return
    bar = QRectF(area.right() - margin - bar_width, area.top() + margin, bar_width, line * 0.8)
    paint_colour_bar(painter, bar, style.colormap)
    below = QRectF(bar.left(), bar.bottom() + 2, bar.width(), line)
    painter.setPen(QColor("#b9bcc0"))
    painter.drawText(below, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, f"{shown.low:.3g}")
    painter.drawText(below, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, f"{shown.high:.3g}")
    if bar_width > line * 6:
        painter.drawText(
            below,
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignHCenter,
            UNIT_WORDS[state.explanation.maps.unit],
        )


def paint_title(painter: QPainter, area: QRectF, state: ViewState, chosen: bool) -> None:
    """Paint a class's name and probability above its overlay, in any thread."""
    explanation, class_id = state.explanation, state.target.class_id
    font = QFont()
    font.setPixelSize(max(round(area.height() * 0.62), 6))
    font.setBold(chosen)
    painter.setFont(font)
    flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip
    value = percent(float(explanation.probabilities[class_id]))
    painter.setPen(QColor("#ffb020"))
    painter.drawText(area, flags | Qt.AlignmentFlag.AlignRight, value)
    metrics = QFontMetricsF(font)
    room = area.width() - metrics.horizontalAdvance(value) - area.height() / 2
    painter.setPen(QColor("#ffffff"))
    label = metrics.elidedText(explanation.label(class_id), Qt.TextElideMode.ElideRight, room)
    painter.drawText(area, flags | Qt.AlignmentFlag.AlignLeft, label)
