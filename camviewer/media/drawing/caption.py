"""The caption of a map: which one it is, where it comes from, what its colours mean. Below saved images and,
live, below the view."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import getitem

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from camviewer.core import colormaps
from camviewer.core.evidence import (
    Faithfulness,
    arithmetic,
    faithfulness,
)
from camviewer.core.explanation import CAM
from camviewer.core.maps import Unit
from camviewer.core.numbers import percent
from camviewer.core.text import Text
from camviewer.media.drawing.heat_map import paint_colour_bar
from camviewer.media.drawing.view_state import ViewState

UNIT_WORDS = {Unit.LOGIT: "logit", Unit.RELATIVE: "relative", Unit.LOGIT_CHANGE: "Δlogit"}
GROUND, _WHITE, _GREY, _AMBER = "#17181a", "#ffffff", "#b9bcc0", "#ffb020"
_LOW_END, _HIGH_END = 56, 199
"""Steps of a diverging colormap whose colours stand for its ends: those themselves may be nearly black."""


@dataclass(frozen=True, slots=True)
class Words:
    """How a caption is told: in English, as files have it, or as the window does."""

    text: Callable[[str], str] = str
    percent: Callable[[float], str] = percent
    signed: Callable[[float], str] = "{:+.2f}".format
    name: Callable[[Sequence[str], int], str] = getitem
    """Of a class, by all labels and its number."""


ENGLISH = Words()


@dataclass(frozen=True, slots=True)
class Caption:
    """name: of the map. value: its class's probability. about: the second line. other: in a comparison, the
    class that the low end of the colours speaks for; the high end speaks for `name`."""

    name: str
    about: str
    value: str = ""
    other: str | None = None
    edited: str = ""

    @property
    def heading(self) -> str:
        """The first line as one text."""
        if self.other is not None:
            return f"{self.other} ◀ │ ▶ {self.name}{self.edited}"
        return f"{self.name}  {self.value}{self.edited}" if self.value else self.name + self.edited


@dataclass(frozen=True, slots=True)
class Lines:
    """Where the two lines are, in shares of the strip's height: top and height of a line, size of letters.
    None where there is room for one line."""

    heading: tuple[float, float, float] | None
    about: tuple[float, float, float] | None


SAVED = Lines((0.16, 0.3, 0.285), (0.54, 0.3, 0.24))
LARGE = Lines((0.06, 0.54, 0.46), (0.62, 0.28, 0.25))
ONE_LINE = Lines((0.1, 0.8, 0.62), None)
TEXT = Lines(None, (0.1, 0.8, 0.44))


def caption(state: ViewState, words: Words = ENGLISH) -> Caption:
    """What the caption of a state says."""
    explanation, target = state.explanation, state.target
    if state.beside:
        classes = words.text(Text("{count} classes in one range", count=len(state.beside)))
        return Caption(classes, f"{explanation.model.title} · {explanation.maps.method}")
    name, value, other = words.name(explanation.labels, target.class_id), "", None
    if target.other is not None:
        other = words.name(explanation.labels, target.other)
    elif target.channel is not None:
        name = words.text(Text("{label}, channel {channel}", label=name, channel=str(target.channel)))
    else:
        value = words.percent(float(explanation.probabilities[target.class_id]))
    edited = f" · {words.text(Text('edited'))}" if explanation.edited else ""
    return Caption(name, " · ".join(_about(state, words)), value, other, edited)


def caption_texts(state: ViewState) -> tuple[str, str]:
    """The caption's two lines in English: the map, and where it comes from."""
    made = caption(state)
    return made.heading, made.about


def _about(state: ViewState, words: Words) -> list[str]:
    explanation, target, maps = state.explanation, state.target, state.explanation.maps
    how = maps.method
    if explanation.drawn is not None:
        how = words.text(
            Text("average of maps") if how == CAM else Text("average of {method} maps", method=how)
        )
    about = [explanation.model.title, how]
    score = target.score(explanation.logits)
    if maps.unit is Unit.RELATIVE:
        about.append(words.text(Text("relative: where, not how much")))
    elif maps.unit is Unit.LOGIT_CHANGE:
        fill = Text(explanation.request.covering.fill.value)
        told = Text("Δlogit where covered ({fill}, {patch} px)", fill=fill, patch=explanation.patch)
        about.append(words.text(told))
    elif score is not None:
        number = words.signed(score)
        if target.other is None:
            about.append(words.text(Text("logit {score}", score=number)))
        else:
            about.append(words.text(Text("difference of the logits {score}", score=number)))
        if faithfulness(maps) is Faithfulness.LOCAL and state.available:
            about.append(words.text(_left_out(state, words)))
    return about


def _left_out(state: ViewState, words: Words) -> Text:
    sums = arithmetic(state.explanation, state.target)
    share = sums.share_left_out if sums is not None else None
    if share is None or share < 0.0005:
        return Text("to first order, all of it on the map")
    return Text("to first order, {share} of it not on the map", share=words.percent(share))


def end_colours(colormap: str) -> tuple[QColor, QColor]:
    """What stands for the low and the high end of a diverging colormap, on light and on dark."""
    table = colormaps.table(colormap)
    low, high = (QColor(*map(int, table[step])) for step in (_LOW_END, _HIGH_END))
    return low, high


def paint_caption(painter: QPainter, area: QRectF, state: ViewState) -> None:
    """Paint the strip of a saved image into the area, in any thread."""
    style, shown = state.style, state.shown
    margin, line = area.height() * 0.2, area.height() * 0.3
    bar_width = min(area.width() * 0.28, area.height() * 4)
    room = area.adjusted(margin, 0, -2 * margin - bar_width, 0)
    paint_lines(painter, room, caption(state), style.colormap, SAVED)
    if not style.visible:
        return
    bar = QRectF(area.right() - margin - bar_width, area.top() + margin, bar_width, line * 0.8)
    paint_colour_bar(painter, bar, style.colormap)
    below = QRectF(bar.left(), bar.bottom() + 2, bar.width(), line)
    painter.setFont(_font(area.height() * 0.24, bold=False))
    painter.setPen(QColor(_GREY))
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


def paint_lines(painter: QPainter, area: QRectF, caption: Caption, colormap: str, lines: Lines) -> None:
    """Paint a caption's lines into the area: at most as wide as that."""
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    if lines.heading is not None:
        top, height, size = (area.height() * share for share in lines.heading)
        place = QRectF(area.left(), area.top() + top, area.width(), height)
        painter.setFont(_font(size, bold=True))
        if caption.other is not None:
            _paint_ends(painter, place, caption, colormap)
        else:
            after = f"{caption.value}{caption.edited}" if caption.value else caption.edited.lstrip()
            _paint_beside(painter, place, caption.name, after)
    if lines.about is not None:
        top, height, size = (area.height() * share for share in lines.about)
        place = QRectF(area.left(), area.top() + top, area.width(), height)
        painter.setFont(_font(size, bold=False))
        _paint_text(painter, place, caption.about, _GREY)


def _font(size: float, bold: bool) -> QFont:
    font = QFont()
    font.setPixelSize(max(round(size), 6))
    font.setBold(bold)
    return font


def _paint_text(painter: QPainter, place: QRectF, text: str, colour: str) -> float:
    """At the place's left, cut at its right. Returns how wide it became."""
    metrics = QFontMetricsF(painter.font())
    seen = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(place.width(), 0.0))
    painter.setPen(QColor(colour))
    # A line is a little lower than its letters' tails; clipped, "g" would look like "q".
    flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextDontClip
    painter.drawText(place, flags, seen)
    return metrics.horizontalAdvance(seen)


def _paint_beside(painter: QPainter, place: QRectF, name: str, after: str) -> None:
    """A name, cut where it must be, and what stays whole behind it."""
    metrics = QFontMetricsF(painter.font())
    gap = metrics.horizontalAdvance("  ")
    taken = metrics.horizontalAdvance(after) + gap if after else 0.0
    if taken > 0.6 * place.width():
        after, taken = "", 0.0
    width = _paint_text(painter, place.adjusted(0, 0, -taken, 0), name, _WHITE)
    if after:
        _paint_text(painter, place.adjusted(width + gap, 0, 0, 0), after, _AMBER)


def _paint_ends(painter: QPainter, place: QRectF, caption: Caption, colormap: str) -> None:
    """``boxer ◀ │ ▶ bull mastiff``: for which class each end of the colours speaks."""
    metrics = QFontMetricsF(painter.font())
    side, gap = 0.62 * metrics.ascent(), 0.35 * metrics.ascent()
    low, high = end_colours(colormap)
    right = caption.name + caption.edited
    room = place.width() - 2 * side - 6 * gap
    halves = [metrics.horizontalAdvance(text) for text in (caption.other or "", right)]
    first = min(halves[0], max(room / 2, room - halves[1]))
    left = QRectF(place.left(), place.top(), first, place.height())
    x = place.left() + _paint_text(painter, left, caption.other or "", _WHITE) + gap
    middle = place.center().y()
    _paint_arrow(painter, QPointF(x, middle), side, low, left=True)
    x += side + gap
    painter.setPen(QPen(QColor(_GREY), max(1.0, side / 8)))
    painter.drawLine(QPointF(x, middle - side * 0.7), QPointF(x, middle + side * 0.7))
    x += gap
    _paint_arrow(painter, QPointF(x, middle), side, high, left=False)
    x += side + gap
    _paint_text(painter, QRectF(x, place.top(), place.right() - x, place.height()), right, _WHITE)


def _paint_arrow(painter: QPainter, start: QPointF, side: float, colour: QColor, left: bool) -> None:
    """A triangle that points at a name, in the colour that speaks for it."""
    tip, back = (start.x(), start.x() + side) if left else (start.x() + side, start.x())
    y = start.y()
    painter.setPen(QPen(QColor(_WHITE), max(0.8, side / 14)))
    painter.setBrush(colour)
    painter.drawPolygon(
        QPolygonF([QPointF(tip, y), QPointF(back, y - side / 2), QPointF(back, y + side / 2)])
    )
