"""OverlayView: one explanation's overlay, with pan, zoom and the value under the pointer."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QCursor,
    QEnterEvent,
    QImage,
    QMouseEvent,
    QMoveEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from camviewer.core.geometry import cell_at, cell_rect
from camviewer.core.maps import Difference, MapChoice, class_of, values
from camviewer.core.scaling import ValueRange
from camviewer.core.types import Explanation, Region
from camviewer.media.compositor import OverlayStyle, paint_overlay, region_rect
from camviewer.media.frames import array_to_image
from camviewer.ui import theme
from camviewer.ui.words import decimal, map_title, signed

_MARGIN = 12
_MAX_ZOOM = 40.0


class OverlayView(QWidget):
    """Paints what it is given; computes no CAM that isn't shown."""

    painted = Signal(object)
    """Explanation, at its first painting."""
    zoom_changed = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self._explanation: Explanation | None = None
        self._choice: MapChoice = 0
        self._style = OverlayStyle()
        self._shown = ValueRange(0.0, 1.0)
        self._image: QImage | None = None
        self._was_painted = True
        self._message = ""
        self._zoom = 1.0
        self._centre = QPointF(0.5, 0.5)  # of the frame, in 0..1, at the middle of the view
        self._drag: QPointF | None = None
        self._pointer: QPointF | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(self.tr("Overlay"))

    def sizeHint(self) -> QSize:
        return QSize(800, 560)

    # What is shown

    def show_explanation(
        self, explanation: Explanation, choice: MapChoice, style: OverlayStyle, shown: ValueRange
    ) -> None:
        if self._explanation is None or explanation.frame is not self._explanation.frame:
            if self._explanation is not None and _shape(explanation) != _shape(self._explanation):
                self.fit()
            self._image = None
        if explanation is not self._explanation:
            self._was_painted = False
        self._explanation, self._choice = explanation, choice
        self._style, self._shown = style, shown
        self._message = ""
        description = self.tr("{0}, class activation map").format(map_title(explanation, choice))
        if description != self.accessibleDescription():
            self.setAccessibleDescription(description)
        self.update()

    @property
    def message(self) -> str:
        """What is said instead of a picture."""
        return self._message

    def show_message(self, message: str) -> None:
        """Say something instead of a picture; the next explanation replaces it."""
        self._message = message
        self._explanation = self._image = None
        self.fit()
        self.update()

    # Zoom: 1 fits the frame into the view

    @property
    def zoom(self) -> float:
        return self._zoom

    def fit(self) -> None:
        self._centre = QPointF(0.5, 0.5)
        self._set_zoom(1.0)

    def zoom_by(self, factor: float, about: QPointF | None = None) -> None:
        """Zoom, with the point of the view that stays where it is (its middle by default)."""
        about = about if about is not None else QPointF(self.rect().center())
        target = self._target()
        zoom = min(max(self._zoom * factor, 1.0), _MAX_ZOOM)
        if target.isEmpty() or zoom == self._zoom:
            return
        real = zoom / self._zoom
        middle = QPointF(self.width() / 2, self.height() / 2)
        # The frame's point in the middle afterwards, given that `about` keeps its place.
        moved = about + (middle - about) / real
        self._centre = QPointF(
            (moved.x() - target.left()) / target.width(), (moved.y() - target.top()) / target.height()
        )
        self._set_zoom(zoom)

    def _set_zoom(self, zoom: float) -> None:
        self._zoom = zoom
        half = 0.5 / zoom
        self._centre.setX(min(max(self._centre.x(), half), 1 - half))
        self._centre.setY(min(max(self._centre.y(), half), 1 - half))
        self.setCursor(Qt.CursorShape.OpenHandCursor if zoom > 1 else Qt.CursorShape.CrossCursor)
        self.zoom_changed.emit(zoom)
        self.update()

    def _target(self) -> QRectF:
        """Where the whole frame lies, in widget coordinates (larger than the widget when zoomed)."""
        if self._explanation is None:
            return QRectF()
        frame = self._explanation.frame
        room = QRectF(self.rect()).adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        if room.width() <= 0 or room.height() <= 0:
            return QRectF()
        scale = min(room.width() / frame.width, room.height() / frame.height) * self._zoom
        width, height = frame.width * scale, frame.height * scale
        return QRectF(
            self.width() / 2 - self._centre.x() * width,
            self.height() / 2 - self._centre.y() * height,
            width,
            height,
        )

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), theme.canvas(self.palette()))
        explanation = self._explanation
        if explanation is None:
            painter.setPen(theme.muted(self.palette()))
            painter.drawText(
                self.rect().adjusted(40, 40, -40, -40),
                Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
                self._message,
            )
            return
        if self._image is None:
            self._image = array_to_image(explanation.frame.image)
        paint_overlay(
            painter, explanation, self._choice, self._style, self._shown, self._target(), self._image
        )
        self._paint_hover(painter, explanation)
        painter.end()
        if not self._was_painted:
            self._was_painted = True
            self.painted.emit(explanation)

    def _paint_hover(self, painter: QPainter, explanation: Explanation) -> None:
        pointer, target = self._pointer, self._target()
        if pointer is None or self._drag is not None or not self._style.visible or target.isEmpty():
            return
        # The exact map, also where an average is drawn.
        frame, cam = explanation.frame, values(explanation, self._choice)
        shape = (cam.shape[0], cam.shape[1])
        x = (pointer.x() - target.left()) / target.width() * frame.width
        y = (pointer.y() - target.top()) / target.height() * frame.height
        cell = cell_at(explanation.region, shape, x, y)
        if cell is None:
            return
        row, column = cell
        left, top, width, height = cell_rect(explanation.region, shape, row, column)
        across, down = target.width() / frame.width, target.height() / frame.height
        box = QRectF(target.left() + left * across, target.top() + top * down, width * across, height * down)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(0, 0, 0, 130), 3))
        painter.drawRect(box)
        painter.setPen(QPen(QColor("white"), 1.25))
        painter.drawRect(box)
        value = float(cam[row, column])
        share, choice = signed(value / cam.size, 2), self._choice
        if isinstance(choice, Difference):
            gap = float(explanation.logits[choice.class_id] - explanation.logits[choice.other])
            part = self.tr("{0} of the difference {1}").format(share, signed(gap, 2))
        else:
            logit = float(explanation.logits[class_of(choice)])
            part = self.tr("{0} of the logit {1}").format(share, decimal(logit, 2))
        lines = (self.tr("row {0}, column {1}: {2}").format(row + 1, column + 1, signed(value, 1)), part)
        self._paint_bubble(painter, box, lines)

    def _paint_bubble(self, painter: QPainter, beside: QRectF, lines: tuple[str, ...]) -> None:
        metrics = painter.fontMetrics()
        width = max(metrics.horizontalAdvance(line) for line in lines) + 24
        height = metrics.height() * len(lines) + 16
        left, top = beside.right() + 10, beside.top() + 8
        if left + width > self.width() - 4:
            left = beside.left() - width - 10
        bubble = QRectF(
            min(max(left, 4), self.width() - width - 4),
            min(max(top, 4), self.height() - height - 4),
            width,
            height,
        )
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(18, 19, 21, 225))
        painter.drawRoundedRect(bubble, 6, 6)
        painter.setPen(QColor("white"))
        for i, line in enumerate(lines):
            painter.drawText(
                QPointF(bubble.left() + 12, bubble.top() + 8 + metrics.ascent() + i * metrics.height()), line
            )

    def region_on_screen(self) -> QRectF:
        """Where the region of the present explanation lies in the widget; empty without one."""
        if self._explanation is None:
            return QRectF()
        frame = self._explanation.frame
        return region_rect(self._explanation.region, (frame.width, frame.height), self._target())

    # Mouse

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom_by(1.0015 ** event.angleDelta().y(), event.position())
        event.accept()

    def event(self, event: QEvent) -> bool:
        if (
            isinstance(event, QNativeGestureEvent)
            and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture
        ):
            self.zoom_by(1 + event.value(), event.position())
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton) and self._zoom > 1:
            self._drag = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = event.position()
        if self._drag is not None:
            target, moved = self._target(), event.position() - self._drag
            self._drag = event.position()
            self._centre -= QPointF(moved.x() / target.width(), moved.y() / target.height())
            self._set_zoom(self._zoom)
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._drag is not None:
            self._drag = None
            self._set_zoom(self._zoom)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.fit()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._pointer = event.position()

    def moveEvent(self, event: QMoveEvent) -> None:
        self._find_pointer()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._find_pointer()

    def _find_pointer(self) -> None:
        """The view went from under the pointer (a banner came): no mouse event tells of that."""
        if self._pointer is not None:
            self._pointer = QPointF(self.mapFromGlobal(QCursor.pos()))

    def leaveEvent(self, event: QEvent) -> None:
        self._pointer = None
        self.update()


def _shape(explanation: Explanation) -> tuple[int, int, Region]:
    frame = explanation.frame
    return frame.width, frame.height, explanation.region
