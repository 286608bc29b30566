"""OverlayView: one explanation's overlay, with pan, zoom and the value of the cell that is pointed at."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QCursor,
    QEnterEvent,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QMoveEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from camviewer.core.explanation import (
    CAM,
    Explanation,
)
from camviewer.core.frames import Region
from camviewer.core.maps import shape_of
from camviewer.media.drawing.compositor import (
    Layers,
    layers_of,
    paint,
    region_rect,
)
from camviewer.media.drawing.view_state import ViewState
from camviewer.media.frames import array_to_image
from camviewer.ui.picture.cell_marker import cell_below, paint_marker, place_of_cell
from camviewer.ui.picture.readout import readout
from camviewer.ui.picture.viewport import Viewport
from camviewer.ui.widgets import theme
from camviewer.ui.widgets.class_words import target_name

STEPS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}
"""Rows and columns. With Shift: the arrows alone leaf through photos and frames."""


class OverlayView(QWidget):
    """Paints the state that it is given.

    A cell is pointed at by the mouse, or by Shift and the arrow keys, which also bring it into view.
    """

    accessible_role = QAccessible.Role.Graphic
    painted = Signal(object)
    """Explanation, at its first painting."""
    zoom_changed = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self._state: ViewState | None = None
        self._image: QImage | None = None
        self._layers: Layers | None = None
        self._was_painted = True
        self._message = ""
        self._viewport = Viewport()
        self._drag: QPointF | None = None
        self._pointer: QPointF | None = None
        self._cell: tuple[int, int] | None = None  # that the keyboard points at
        self._shows_focus = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(self.tr("Overlay"))

    def sizeHint(self) -> QSize:
        return QSize(800, 560)

    # What is shown

    @property
    def state(self) -> ViewState | None:
        """What is in view; None while a message is."""
        return self._state

    def show_state(self, state: ViewState) -> None:
        """Show a map over its frame. What is costly is computed here, nothing when painting or hovering."""
        before, explanation = self._state, state.explanation
        if before is None or explanation.frame is not before.explanation.frame:
            if before is not None and _shape(explanation) != _shape(before.explanation):
                self.fit()
            self._image = None
        if before is None or explanation is not before.explanation:
            self._was_painted = False
        self._state, self._layers, self._message = state, None, ""
        if self.isVisible():
            self._prepare(state)
        if self._cell is not None and not _has_cell(state, *self._cell):
            self._cell = None
        self._describe()
        self.update()

    def _prepare(self, state: ViewState) -> Layers:
        if self._layers is None:
            if self._image is None:
                self._image = array_to_image(state.explanation.frame.image)
            self._layers = layers_of(state, self._image)
        return self._layers

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._state is not None:
            self._prepare(self._state)

    def _describe(self) -> None:
        """For screen readers. Only of a cell do they hear numbers, which change with every frame."""
        state, cell = self._state, self._cell
        if state is None:
            text = self._message
        elif cell is not None and state.available:
            text = ", ".join(readout(state, *cell))
        else:
            title = target_name(state.explanation, state.target)
            if state.explanation.maps.method == CAM:
                text = self.tr("{0}, class activation map").format(title)
            else:
                text = self.tr("{0}, map by {1}").format(title, state.explanation.maps.method)
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)

    @property
    def message(self) -> str:
        """What is said instead of a picture."""
        return self._message

    def show_message(self, message: str) -> None:
        """Say something instead of a picture; the next explanation replaces it."""
        self._message = message
        self._state = self._image = self._layers = self._cell = None
        self._describe()
        self.fit()
        self.update()

    # Zoom: 1 fits the frame into the view

    @property
    def zoom(self) -> float:
        return self._viewport.zoom

    def fit(self) -> None:
        self._look_at(Viewport())

    def zoom_by(self, factor: float, about: QPointF | None = None) -> None:
        """Zoom, with the point of the view that stays where it is (its middle by default)."""
        about = about if about is not None else QPointF(self.rect().center())
        viewport = self._viewport.zoomed(factor, about, QRectF(self.rect()), self.frame_on_screen())
        if viewport != self._viewport:
            self._look_at(viewport)

    def _look_at(self, viewport: Viewport) -> None:
        self._viewport = viewport
        self.setCursor(Qt.CursorShape.OpenHandCursor if viewport.zoom > 1 else Qt.CursorShape.CrossCursor)
        self.zoom_changed.emit(viewport.zoom)
        self.update()

    def frame_on_screen(self) -> QRectF:
        """Where the whole frame lies, in widget coordinates (larger than the widget when zoomed); empty
        without one."""
        if self._state is None:
            return QRectF()
        frame = self._state.explanation.frame
        return self._viewport.target(QRectF(self.rect()), frame.width, frame.height)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        state, target = self._state, self.frame_on_screen()
        # The frame lies over the rest. Its edges may lie between pixels.
        painter.setClipRegion(event.region().subtracted(QRegion(target.adjusted(2, 2, -2, -2).toRect())))
        painter.fillRect(event.rect(), theme.canvas(self.palette()))
        painter.setClipping(False)
        if state is None:
            painter.setPen(theme.muted(self.palette()))
            painter.drawText(
                self.rect().adjusted(40, 40, -40, -40),
                Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
                self._message,
            )
            self._paint_focus(painter)
            return
        paint(painter, self._prepare(state), target)
        if lines := self.pointed_lines:
            paint_marker(painter, self.cell_on_screen, lines, QRectF(self.rect()))
        self._paint_focus(painter)
        painter.end()
        if not self._was_painted:
            self._was_painted = True
            self.painted.emit(state.explanation)

    def _paint_focus(self, painter: QPainter) -> None:
        if self._shows_focus and self.hasFocus():
            theme.paint_focus(painter, self.rect())

    @property
    def pointed_cell(self) -> tuple[int, int] | None:
        """Row and column of the cell that is pointed at; None without one."""
        if self._cell is not None:
            return self._cell
        if self._state is None or self._pointer is None or self._drag is not None:
            return None
        return cell_below(self._state, self.frame_on_screen(), self._pointer)

    @property
    def cell_on_screen(self) -> QRectF:
        """Where the cell that is pointed at lies in the widget; empty without one."""
        state, cell = self._state, self.pointed_cell
        if state is None or cell is None:
            return QRectF()
        return place_of_cell(state, self.frame_on_screen(), *cell)

    @property
    def pointed_lines(self) -> tuple[str, ...]:
        """What is said of the cell that is pointed at; nothing without one."""
        state = self._state
        if state is None or not state.style.visible or not state.available:
            return ()
        cell = self.pointed_cell
        return readout(state, *cell) if cell is not None else ()

    def region_on_screen(self) -> QRectF:
        """Where the region of the present explanation lies in the widget; empty without one."""
        if self._state is None:
            return QRectF()
        explanation = self._state.explanation
        size = explanation.frame.width, explanation.frame.height
        return region_rect(explanation.region, size, self.frame_on_screen())

    # Keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = STEPS.get(Qt.Key(event.key()))
        if step is not None and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._step(*step)
        elif event.key() == Qt.Key.Key_Escape and self._cell is not None:
            self._point_at(None)
        else:
            super().keyPressEvent(event)

    def _step(self, down: int, across: int) -> None:
        """Point at the next cell, the middle one first."""
        state = self._state
        if state is None or not state.style.visible:
            return
        rows, columns = shape_of(state.explanation.maps)
        row, column = self._cell or (rows // 2 - down, columns // 2 - across)
        if _has_cell(state, row + down, column + across):
            self._point_at((row + down, column + across))

    def _point_at(self, cell: tuple[int, int] | None) -> None:
        self._cell = cell
        if cell is not None and self._state is not None and self.zoom > 1:
            box = place_of_cell(self._state, self.frame_on_screen(), *cell)
            self._look_at(self._viewport.showing(box, QRectF(self.rect()), self.frame_on_screen()))
        self._describe()
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._shows_focus = theme.shows_focus(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self._point_at(None)

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
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton) and self.zoom > 1:
            self._drag = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = event.position()
        if self._cell is not None:
            self._point_at(None)
        if self._drag is not None:
            self._look_at(self._viewport.panned(event.position() - self._drag, self.frame_on_screen()))
            self._drag = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._drag is not None:
            self._drag = None
            self._look_at(self._viewport)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.fit()

    def enterEvent(self, event: QEnterEvent) -> None:
        if self.childAt(event.position().toPoint()) is None:  # else it is a tool's pointer
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


def _has_cell(state: ViewState, row: int, column: int) -> bool:
    rows, columns = shape_of(state.explanation.maps)
    return 0 <= row < rows and 0 <= column < columns
