"""MeanView: the mean maps of the class, or of the confused pair, that is chosen in a review's tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from camviewer.core.review.border import border_share
from camviewer.core.review.mean_maps import MeanMap
from camviewer.core.scaling import ValueRange, value_range
from camviewer.media.drawing.heat_map import paint_colour_bar
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.review.overlays import map_image
from camviewer.ui.widgets import theme
from camviewer.ui.widgets.words import percent, significant, unit_word, whole

_GAP, _SIDES, _BAR = 8, 8, 8
_LEAST, _LARGEST = 56, 190
"""Points of a map's side."""

_NAME = 22
"""Characters that a name has room for, where there is any."""


@dataclass(frozen=True, slots=True)
class NamedMean:
    """name: as the tiles name it, such as ``✗ tabby``."""

    name: str
    mean: MeanMap


class MeanView(QWidget):
    """One map, or two side by side in one range, with what they are of and what their colours mean."""

    def __init__(self) -> None:
        super().__init__()
        self._means: tuple[NamedMean, ...] = ()
        self._style = OverlayStyle()
        self._shown = ValueRange(0.0, 1.0)
        self._images: list[QImage] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(self.tr("Mean maps"))
        self.setToolTip(
            self.tr(
                "The mean of the maps of all these photos. What is at the same place in many of them glows: "
                "the subject, or a mark, a ruler, a border by which the network tells the classes apart."
            )
        )
        self.hide()

    def show_means(self, means: Sequence[NamedMean]) -> None:
        """One or two; hidden without any."""
        if tuple(means) == self._means:
            return
        self._means = tuple(means)
        self._draw()
        self.setVisible(bool(means))

    def show_style(self, style: OverlayStyle) -> None:
        if style != self._style:
            self._style = style
            self._draw()

    @property
    def text(self) -> str:
        """What is seen, in words: for screen readers."""
        return "\n".join((self.title, *(f"{m.name}: {self._border(m.mean)}" for m in self._means)))

    @property
    def title(self) -> str:
        """Of how many photos."""
        if not self._means:
            return ""
        count = max(named.mean.count for named in self._means)
        return (
            self.tr("Mean of 1 photo") if count == 1 else self.tr("Mean of {0} photos").format(whole(count))
        )

    def _border(self, mean: MeanMap) -> str:
        share = border_share(mean.values)
        return (
            self.tr("no evidence") if share is None else self.tr("{0} at the border").format(percent(share))
        )

    def _draw(self) -> None:
        self._shown = value_range((named.mean.values for named in self._means), self._style.signed)
        side = round(_LARGEST * self.devicePixelRatioF())
        self._images = [map_image(m.mean.values, self._style, self._shown, side) for m in self._means]
        self.setAccessibleDescription(self.text)
        self.updateGeometry()
        self.update()

    def _height(self, side: int) -> int:
        """Title, maps, two lines below each, the colour bar with its numbers."""
        line = self.fontMetrics().height()
        return 4 * line + _BAR + 5 * _GAP // 2 + side

    def sizeHint(self) -> QSize:
        return QSize(200, self._height(_LARGEST))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self._height(_LEAST))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        line, muted = self.fontMetrics().height(), theme.muted(self.palette())
        width = self.width() - 2 * _SIDES
        top = _GAP // 2
        self._write(painter, QRect(_SIDES, top, width, line), self.title, bold=True)
        top += line + _GAP // 2
        side = max(min((width - _GAP) // 2, _LARGEST, self.height() - self._height(0)), 1)
        name = _NAME * self.fontMetrics().averageCharWidth()
        column = min((width - _GAP) // 2, max(side * 3 // 2, name))
        for place, (named, image) in enumerate(zip(self._means, self._images, strict=True)):
            left = _SIDES + place * (column + _GAP)
            size = image.size().scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio)
            painter.drawImage(QRect(left, top, size.width(), size.height()), image)
            room = column if len(self._means) > 1 else width
            below = QRect(left, top + side + 2, room, line)
            self._write(painter, below, named.name)
            self._write(painter, below.translated(0, line), self._border(named.mean), muted=True)
        if self._means:
            bottom = QRectF(_SIDES, top + side + 2 * line + _GAP, column + _GAP + side, _BAR)
            paint_colour_bar(painter, bottom, self._style.colormap)
            numbers = QRect(_SIDES, round(bottom.bottom()) + 1, round(bottom.width()), line)
            painter.setPen(muted)
            painter.setFont(self.font())
            unit = unit_word(self._means[0].mean.unit)
            painter.drawText(numbers, Qt.AlignmentFlag.AlignLeft, significant(self._shown.low, 3))
            high = f"{significant(self._shown.high, 3)} {unit}"
            painter.drawText(numbers, Qt.AlignmentFlag.AlignRight, high)
        painter.end()

    def _write(
        self, painter: QPainter, place: QRect, text: str, *, bold: bool = False, muted: bool = False
    ) -> None:
        font = QFont(self.font())
        font.setBold(bold)
        painter.setFont(font)
        painter.setPen(theme.muted(self.palette()) if muted else self.palette().windowText().color())
        mode = Qt.TextElideMode.ElideRight if muted else Qt.TextElideMode.ElideMiddle
        elided = painter.fontMetrics().elidedText(text, mode, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, elided)
