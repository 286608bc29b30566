"""ColourBar: which value each colour stands for, in logit units."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from camviewer.core.scaling import ValueRange
from camviewer.media.compositor import OverlayStyle, paint_colour_bar
from camviewer.ui import theme

_TICKS = 5


class ColourBar(QWidget):
    """Stands beside the view. Its ends are the range that the overlay is drawn with."""

    def __init__(self) -> None:
        super().__init__()
        self._style = OverlayStyle()
        self._shown: ValueRange | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Colour bar"))
        self.setToolTip(self.tr("What the colours mean, in units of the class's logit"))

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance("-88.8") + 38, 200)

    def show_range(self, style: OverlayStyle, shown: ValueRange | None) -> None:
        if (style, shown) != (self._style, self._shown):
            self._style, self._shown = style, shown
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        palette = self.palette()
        painter.fillRect(event.rect(), theme.canvas(palette))
        shown = self._shown
        if shown is None or not self._style.visible:
            return
        metrics = painter.fontMetrics()
        painter.setPen(theme.muted(palette))
        painter.drawText(
            QRectF(4, 10, self.width() - 6, metrics.height()), Qt.AlignmentFlag.AlignLeft, self.tr("logit")
        )
        bar = QRectF(6, 18 + metrics.height(), 14, self.height() - 36 - metrics.height())
        if bar.height() < 20:
            return
        paint_colour_bar(painter, bar, self._style.colormap)
        painter.setPen(theme.groove(palette))
        painter.drawRect(bar)
        painter.setPen(theme.muted(palette))
        span = shown.high - shown.low
        digits = 0 if span >= 8 else 1 if span >= 0.8 else 2
        for i in range(_TICKS):
            part = i / (_TICKS - 1)
            y = bar.bottom() - part * bar.height()
            place = QRectF(bar.right() + 6, y - metrics.height() / 2, self.width(), metrics.height())
            place.moveTop(min(max(place.top(), bar.top() - 2), bar.bottom() - metrics.height() + 2))
            value = shown.low + part * span
            text = f"{value:.{digits}f}"
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
