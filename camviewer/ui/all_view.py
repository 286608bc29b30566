"""AllView: the classes of all tabs side by side, under one scale."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from camviewer.core.maps import is_held
from camviewer.core.scaling import ValueRange
from camviewer.core.types import Explanation
from camviewer.media.compositor import OverlayStyle, paint_overlay
from camviewer.media.frames import array_to_image
from camviewer.ui import theme
from camviewer.ui.words import percent

_GAP, _TITLE = 14, 26


class AllView(QWidget):
    """Small multiples; a click chooses the class."""

    class_clicked = Signal(int)
    painted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._explanation: Explanation | None = None
        self._classes: tuple[int, ...] = ()
        self._chosen: int | None = None
        self._style = OverlayStyle()
        self._shown = ValueRange(0.0, 1.0)
        self._image: QImage | None = None
        self._was_painted = True
        self._hovered: int | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(self.tr("All classes side by side"))

    def sizeHint(self) -> QSize:
        return QSize(800, 560)

    def show_explanation(
        self,
        explanation: Explanation,
        classes: tuple[int, ...],
        chosen: int | None,
        style: OverlayStyle,
        shown: ValueRange,
    ) -> None:
        if explanation is not self._explanation:
            self._was_painted = False
            self._image = None
        self._explanation, self._classes, self._chosen = explanation, classes, chosen
        self._style, self._shown = style, shown
        self.setAccessibleDescription(", ".join(explanation.label(c) for c in classes))
        self.update()

    def clear(self) -> None:
        self._explanation = self._image = None
        self.update()

    def tiles(self) -> dict[int, QRectF]:
        """Where each class's picture lies, in the arrangement that shows them largest."""
        explanation, count = self._explanation, len(self._classes)
        if explanation is None or count == 0:
            return {}
        aspect = explanation.frame.width / explanation.frame.height
        best_width, best_columns = 0.0, 1
        for columns in range(1, count + 1):
            rows = math.ceil(count / columns)
            width = (self.width() - _GAP * (columns + 1)) / columns
            height = (self.height() - _GAP * (rows + 1)) / rows - _TITLE
            width = min(width, height * aspect)
            if width > best_width:
                best_width, best_columns = width, columns
        width, height = best_width, best_width / aspect
        rows = math.ceil(count / best_columns)
        left = (self.width() - best_columns * (width + _GAP) + _GAP) / 2
        top = (self.height() - rows * (height + _TITLE + _GAP) + _GAP) / 2
        return {
            class_id: QRectF(
                left + (i % best_columns) * (width + _GAP),
                top + (i // best_columns) * (height + _TITLE + _GAP) + _TITLE,
                width,
                height,
            )
            for i, class_id in enumerate(self._classes)
        }

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        palette = self.palette()
        painter.fillRect(event.rect(), theme.canvas(palette))
        explanation, tiles = self._explanation, self.tiles()
        if explanation is None or not tiles:
            return
        image = self._scaled_image(explanation, next(iter(tiles.values())))
        for class_id, rect in tiles.items():
            paint_overlay(painter, explanation, class_id, self._style, self._shown, rect, image)
            if not is_held(explanation, class_id):
                painter.fillRect(rect, QColor(0, 0, 0, 150))
                painter.setPen(QColor("white"))
                centred = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
                painter.drawText(rect, centred, self.tr("not in the snapshot"))
            if class_id in (self._chosen, self._hovered):
                painter.setPen(theme.accent(palette))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(rect.adjusted(-3, -3, 2, 2))
            title = QRectF(rect.left(), rect.top() - _TITLE, rect.width(), _TITLE - 4)
            value = percent(float(explanation.probabilities[class_id]))
            font = self.font()
            font.setBold(class_id == self._chosen)
            painter.setFont(font)
            painter.setPen(theme.accent(palette))
            painter.drawText(title, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, value)
            painter.setPen(palette.windowText().color())
            metrics = painter.fontMetrics()
            space = int(title.width()) - metrics.horizontalAdvance(value) - 10
            label = metrics.elidedText(explanation.label(class_id), Qt.TextElideMode.ElideRight, space)
            painter.drawText(title, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, label)
        painter.end()
        if not self._was_painted:
            self._was_painted = True
            self.painted.emit(explanation)

    def _scaled_image(self, explanation: Explanation, tile: QRectF) -> QImage:
        """The frame at the tiles' size: scaled once, drawn many times."""
        ratio = self.devicePixelRatioF()
        size = (tile.size() * ratio).toSize()
        if self._image is None or self._image.size() != size:
            self._image = array_to_image(explanation.frame.image).scaled(
                size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
        return self._image

    def _class_at(self, place: QPointF) -> int | None:
        for class_id, rect in self.tiles().items():
            if rect.adjusted(0, -_TITLE, 0, 0).contains(place):
                return class_id
        return None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        hovered = self._class_at(event.position())
        if hovered != self._hovered:
            self._hovered = hovered
            self.setCursor(
                Qt.CursorShape.PointingHandCursor if hovered is not None else Qt.CursorShape.ArrowCursor
            )
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = None
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        class_id = self._class_at(event.position())
        if class_id is not None and event.button() == Qt.MouseButton.LeftButton:
            self.class_clicked.emit(class_id)
