"""The only place that blends: the same functions paint the window, saved files and the command line's.

The order is fixed: CAM values are upsampled, scaled to 0..1, coloured by a table, then drawn over the
frame's region. Colours are never interpolated where values could be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen, QPolygonF

from camviewer.core import colormaps
from camviewer.core.arrays import FloatArray
from camviewer.core.explanation import Explanation
from camviewer.core.frames import Region
from camviewer.core.localize import Localization, localize
from camviewer.core.maps import (
    Channel,
    Difference,
    MapChoice,
    class_of,
    is_held,
    is_signed,
    shown_values,
    title,
)
from camviewer.core.numbers import percent
from camviewer.core.scaling import Interpolation, Scale, ValueRange, scaled, upsampled, value_range
from camviewer.media.frames import array_to_image

CELL = 32
"""Points to which a CAM cell is upsampled for the screen: the network's own resolution."""


@dataclass(frozen=True, slots=True)
class OverlayStyle:
    """How a CAM is drawn. opacity 0..1; follow_value: little evidence, little paint."""

    colormap: str = colormaps.DEFAULT
    opacity: float = 0.8
    visible: bool = True
    follow_value: bool = True
    scale: Scale = Scale.MAP
    interpolation: Interpolation = Interpolation.BICUBIC
    mark_region: bool = True
    fixed: float = 20.0
    """The colour bar's upper end under `Scale.FIXED`, in logit units; the lower is 0, or its negative."""
    threshold: float | None = None
    """Share of the maximum at which the contour and the box of the largest part are drawn; None: not."""

    @property
    def signed(self) -> bool:
        """A diverging colormap shows both signs; the others show evidence for a class only."""
        return colormaps.info(self.colormap).diverging


def style_for(choice: MapChoice, style: OverlayStyle) -> OverlayStyle:
    """The style that a map is drawn in: a difference of classes needs both signs; a channel's part is a
    small share of a map, which a range fixed for maps would hide."""
    if is_signed(choice) and not style.signed:
        return replace(style, colormap=colormaps.DIVERGING)
    if isinstance(choice, Channel) and style.scale is not Scale.MAP:
        return replace(style, scale=Scale.MAP)
    return style


def shown_range(explanation: Explanation, choices: Sequence[MapChoice], style: OverlayStyle) -> ValueRange:
    """The colour bar's range: the fixed one, or the one that shows all the given maps that there are."""
    if style.scale is Scale.FIXED:
        return ValueRange(-style.fixed if style.signed else 0.0, style.fixed)
    held = (c for c in choices if is_held(explanation, c))
    return value_range((shown_values(explanation, c) for c in held), style.signed)


@lru_cache(maxsize=32)
def colour_table(colormap: str, opacity: float, follow_value: bool) -> NDArray[np.uint32]:
    """uint32 [256]: premultiplied ARGB of each step of the colour bar."""
    step = np.linspace(0.0, 1.0, 256)
    strength = np.ones(256)
    if follow_value:
        strength = np.abs(2 * step - 1) if colormaps.info(colormap).diverging else step
    alpha = np.rint(255 * opacity * strength)
    rgb = np.rint(colormaps.table(colormap) * (alpha[:, None] / 255)).astype(np.uint32)
    shifts = np.array([16, 8, 0], np.uint32)
    table: NDArray[np.uint32] = (alpha.astype(np.uint32) << np.uint32(24)) | (rgb << shifts).sum(
        1, dtype=np.uint32
    )
    table.setflags(write=False)
    return table


def heat_map(cam: FloatArray, shown: ValueRange, style: OverlayStyle, width: int, height: int) -> QImage:
    """The CAM upsampled to width x height and coloured: premultiplied ARGB."""
    values = upsampled(cam, width, height, style.interpolation)
    steps = (scaled(values, shown) * 255 + 0.5).astype(np.uint8)
    pixels = np.ascontiguousarray(colour_table(style.colormap, style.opacity, style.follow_value)[steps])
    wrapped = QImage(pixels.data, width, height, width * 4, QImage.Format.Format_ARGB32_Premultiplied)
    return wrapped.copy()


def region_rect(region: Region, frame_size: tuple[int, int], target: QRectF) -> QRectF:
    """Where a region of a frame of (width, height) pixels lies when the frame fills the target."""
    across, down = target.width() / frame_size[0], target.height() / frame_size[1]
    return QRectF(
        target.left() + region.left * across,
        target.top() + region.top * down,
        region.width * across,
        region.height * down,
    )


def paint_overlay(
    painter: QPainter,
    explanation: Explanation,
    choice: MapChoice,
    style: OverlayStyle,
    shown: ValueRange,
    target: QRectF,
    frame_image: QImage | None = None,
    full_resolution: bool = False,
) -> None:
    """Paint the frame into the target, the outside of the region dimmed, the heat map inside of it.

    frame_image: the frame as a QImage, if the caller keeps one (any size). full_resolution: upsample the
    values to the region's own pixels, for files; otherwise to the network's, which is enough for a screen.
    A map that the explanation doesn't hold isn't painted.
    """
    frame = explanation.frame
    drawn = (style.visible and style.opacity > 0) or style.threshold is not None
    cam = shown_values(explanation, choice) if drawn and is_held(explanation, choice) else None
    image = frame_image if frame_image is not None else array_to_image(frame.image)
    size = (frame.width, frame.height)
    paint_map(painter, image, size, explanation.region, cam, style, shown, target, full_resolution)


def paint_map(
    painter: QPainter,
    image: QImage,
    frame_size: tuple[int, int],
    region: Region,
    cam: FloatArray | None,
    style: OverlayStyle,
    shown: ValueRange,
    target: QRectF,
    full_resolution: bool = False,
) -> None:
    """As `paint_overlay`, of the parts: the frame as an image of any size, its (width, height), its region
    in frame pixels, and the CAM float32 [h, w], or None to paint no map."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(target, image)
    inside = region_rect(region, frame_size, target)
    if style.mark_region:
        _dim_outside(painter, target, inside)
    if cam is not None and style.visible and style.opacity > 0:
        rows, columns = cam.shape
        if full_resolution:
            width, height = region.width, region.height
        else:
            # Large maps have points enough; painting must stay on few pixels.
            cell = max(4, min(CELL, 448 // max(rows, columns)))
            width, height = columns * cell, rows * cell
        # Smoothing would soften the cells' edges, which nearest is chosen to see.
        nearest = style.interpolation is Interpolation.NEAREST
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not nearest)
        painter.drawImage(inside, heat_map(cam, shown, style, width, height))
    if style.mark_region and inside != target:
        pen = QPen(QColor(255, 255, 255, 150), 1, Qt.PenStyle.DashLine)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(inside)
    if cam is not None and style.threshold is not None:
        paint_localization(painter, localize(cam, region, style.threshold), frame_size, target)
    painter.restore()


def paint_localization(
    painter: QPainter, found: Localization, frame_size: tuple[int, int], target: QRectF
) -> None:
    """The contour (thin) and the box (solid, on a dark ground that shows on any picture)."""
    across, down = target.width() / frame_size[0], target.height() / frame_size[1]
    # Files may be much larger than screens: lines keep their share of the picture.
    width = max(1.0, min(target.width(), target.height()) / 500)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    # Each by itself: all as one path take Qt's rasterizer four times as long.
    outlines = [
        QPolygonF([QPointF(target.left() + x * across, target.top() + y * down) for x, y in ring.tolist()])
        for ring in found.contours
    ]
    if found.box is not None:
        left, top, right, bottom = found.box
        box = QRectF(
            target.left() + left * across,
            target.top() + top * down,
            (right - left) * across,
            (bottom - top) * down,
        )
    for colour, extra in ((QColor(0, 0, 0, 150), 1.6), (QColor("white"), 0.0)):
        painter.setPen(QPen(colour, width * 0.8 + extra))
        for outline in outlines:
            painter.drawPolygon(outline)
        if found.box is not None:
            painter.setPen(QPen(colour, width * 1.8 + extra))
            painter.drawRect(box)


def _dim_outside(painter: QPainter, target: QRectF, inside: QRectF) -> None:
    shade = QColor(0, 0, 0, 115)
    for strip in (
        QRectF(target.topLeft(), QPointF(target.right(), inside.top())),
        QRectF(QPointF(target.left(), inside.bottom()), target.bottomRight()),
        QRectF(QPointF(target.left(), inside.top()), QPointF(inside.left(), inside.bottom())),
        QRectF(QPointF(inside.right(), inside.top()), QPointF(target.right(), inside.bottom())),
    ):
        if strip.width() > 0 and strip.height() > 0:
            painter.fillRect(strip, shade)


def paint_colour_bar(painter: QPainter, bar: QRectF, colormap: str) -> None:
    """The colormap, low end at the left (or at the bottom of an upright bar)."""
    upright = bar.height() > bar.width()
    colours = colormaps.table(colormap)
    # The very table that colours the pixels, not a gradient between some of its entries.
    strip = np.ascontiguousarray(colours[::-1, None] if upright else colours[None])
    height, width, _ = strip.shape
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(bar, QImage(strip.data, width, height, width * 3, QImage.Format.Format_RGB888))
    painter.restore()


def compose(
    explanation: Explanation,
    choice: MapChoice,
    style: OverlayStyle,
    shown: ValueRange,
    caption: bool,
    full_resolution: bool = True,
) -> QImage:
    """The overlay at the frame's full resolution, with a caption strip below it if wanted (RGB32).

    full_resolution: of the heat map. Off for movies: it takes half of the time, and compression hides it.
    Needs a QGuiApplication (for the caption's font), not a display. May run in any thread.
    """
    frame = explanation.frame
    strip = round(min(max(44.0, frame.width * 0.075), 160.0)) if caption else 0
    image = QImage(frame.width, frame.height + strip, QImage.Format.Format_RGB32)
    image.fill(QColor("#17181a"))
    painter = QPainter(image)
    try:
        picture = QRectF(0, 0, frame.width, frame.height)
        paint_overlay(painter, explanation, choice, style, shown, picture, None, full_resolution)
        if caption:
            area = QRectF(0, frame.height, frame.width, strip)
            _paint_caption(painter, area, explanation, choice, style, shown)
    finally:
        painter.end()
    return image


def caption_texts(explanation: Explanation, choice: MapChoice) -> tuple[str, str]:
    """What a saved picture says of itself: the map, and where it comes from."""
    class_id, model = class_of(choice), explanation.model.title
    how = "average of maps" if explanation.averaged is not None else "CAM"
    if isinstance(choice, int):
        heading = f"{title(explanation, choice)}  {percent(float(explanation.probabilities[choice]))}"
        return heading, f"{model} · {how} · logit {explanation.logits[choice]:+.2f}"
    if isinstance(choice, Difference):
        gap = float(explanation.logits[class_id] - explanation.logits[choice.other])
        return title(explanation, choice), f"{model} · {how} · difference of the logits {gap:+.2f}"
    return title(explanation, choice), f"{model} · {how}"


def _paint_caption(
    painter: QPainter,
    area: QRectF,
    explanation: Explanation,
    choice: MapChoice,
    style: OverlayStyle,
    shown: ValueRange,
) -> None:
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    margin = area.height() * 0.2
    line = area.height() * 0.3
    bar_width = min(area.width() * 0.28, area.height() * 4)
    text_width = area.width() - 3 * margin - bar_width
    heading, about = caption_texts(explanation, choice)
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
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignHCenter, "logit")
