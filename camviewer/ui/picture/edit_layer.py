"""EditLayer: lies over the view, and draws edits with the pointer while a tool is chosen.

What is drawn appears at once, as a preview that the layer paints; what the frame really looks like comes with
its explanation.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from camviewer.core.covering import Fill
from camviewer.core.edits import FrameEdit, Part, Point
from camviewer.ui.picture.edit_preview import paint_cursor, paint_mark, paint_parts, unseen
from camviewer.ui.picture.edit_tools import USUAL_SHARE, Gesture, Tool, wider
from camviewer.ui.picture.overlay_view import OverlayView


class EditLayer(QWidget):
    """As large as the view, whose child it is. Without a tool the pointer goes through it to the view."""

    drawing = Signal(object)
    """Part: what is being drawn, each time that it changes; None if it was given up."""
    drawn = Signal(object)
    """Part"""
    share_changed = Signal(float)
    """Of the brush, as a share of the frame's short side."""

    def __init__(self, view: OverlayView) -> None:
        super().__init__(view)
        self._view = view
        self._tool: Tool | None = None
        self._gesture: Gesture | None = None
        self._pointer: QPointF | None = None
        self._wanted: FrameEdit | None = None
        self._shown: FrameEdit | None = None
        self.fill = Fill.BLUR
        """Of what is drawn next."""
        self.share = USUAL_SHARE
        self.mark = ""
        """Of an edited frame; nothing while there is no edit."""
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setMouseTracking(True)
        view.installEventFilter(self)
        self.resize(view.size())
        self._give_way()

    # What is shown

    @property
    def tool(self) -> Tool | None:
        return self._tool

    @property
    def is_drawing(self) -> bool:
        return self._gesture is not None

    def choose(self, tool: Tool | None) -> None:
        """Take a tool, or leave the one that is chosen; what is being drawn is given up."""
        self.give_up()
        self._tool = tool
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, tool is None)
        if tool is None:
            self.unsetCursor()
            self._pointer = None
        else:
            self.setCursor(Qt.CursorShape.CrossCursor)
            QCoreApplication.sendEvent(self._view, QEvent(QEvent.Type.Leave))  # the pointer is the tool's now
            if self.underMouse():
                self._pointer = QPointF(self.mapFromGlobal(self.cursor().pos()))
        self._give_way()
        self.update()

    def show_mark(self, mark: str) -> None:
        """Of an edited frame; nothing while there is no edit."""
        self.mark = mark
        self._give_way()

    def _give_way(self) -> None:
        """Without a tool or an edit nothing is painted, with no frame."""
        self.setVisible(self._tool is not None or bool(self.mark) or bool(self.pending))

    def show_edit(self, wanted: FrameEdit | None, shown: FrameEdit | None) -> None:
        """wanted: the edit of now. shown: that of the frame in view, which comes a little later."""
        grows = self.is_drawing and shown is self._shown  # then the pointer's move updates what it must
        if (wanted is not self._wanted or shown is not self._shown) and not grows:
            self.update()
        self._wanted, self._shown = wanted, shown

    def set_share(self, share: float) -> None:
        """How wide the brush is, as a share of the frame's short side."""
        if share != self.share:
            self.share = share
            self.share_changed.emit(share)
            self.update()

    # Between the view and the frame

    @property
    def frame_size(self) -> tuple[int, int] | None:
        """Width and height of the frame in view, in its pixels; None without one."""
        state = self._view.state
        return None if state is None else (state.explanation.frame.width, state.explanation.frame.height)

    def _scale(self) -> float:
        """Points of the view for a pixel of the frame."""
        size = self.frame_size
        return self._view.frame_on_screen().width() / size[0] if size is not None else 0.0

    def in_frame(self, place: QPointF) -> Point | None:
        """A place of the view in pixels of the frame, also beside it; None without a frame."""
        target, scale = self._view.frame_on_screen(), self._scale()
        if scale <= 0:
            return None
        return (place.x() - target.left()) / scale, (place.y() - target.top()) / scale

    @property
    def brush_width(self) -> float:
        """In pixels of the frame."""
        return self.share * min(self.frame_size or (0, 0))

    # The pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        start, erases = self.in_frame(event.position()), event.button() == Qt.MouseButton.RightButton
        if self._tool is None or start is None or not (erases or event.button() == Qt.MouseButton.LeftButton):
            event.ignore()  # the view's: the middle button pans
            return
        self.give_up()
        self._gesture = Gesture(self._tool, start, self.brush_width, None if erases else self.fill)
        self._tell()
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        before, self._pointer = self._pointer, event.position()
        if self._gesture is None and event.buttons() != Qt.MouseButton.NoButton:
            event.ignore()
        place = self.in_frame(event.position())
        if self._gesture is not None and place is not None and self._gesture.move(place):
            self._tell()
        self._update_between(before, event.position())

    def _update_between(self, before: QPointF | None, now: QPointF) -> None:
        """Where the brush went; all of the view takes several times as long."""
        if before is None or not self._sizes():
            self.update()
            return
        reach = 0.7 * self.brush_width * self._scale() + 6  # a stroke's last point may be a little behind
        way = QRectF(before, now).normalized().adjusted(-reach, -reach, reach, reach)
        self.update(way.toAlignedRect())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        gesture, self._gesture = self._gesture, None
        if gesture is None:
            event.ignore()
            return
        part = gesture.part
        if part is not None:
            self.drawn.emit(part)
        else:
            self.drawing.emit(None)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Two dabs, not "fit to the window"."""
        self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier or not self._sizes():
            self._view.wheelEvent(event)  # zooms
            return
        self.set_share(wider(self.share, event.angleDelta().y() / 120))
        event.accept()

    def _sizes(self) -> bool:
        return self._tool is not None and self._tool.has_width

    def leaveEvent(self, event: QEvent) -> None:
        self._pointer = None
        self.update()

    def give_up(self) -> None:
        """Forget what is being drawn."""
        if self._gesture is not None:
            self._gesture = None
            self.drawing.emit(None)
            self.update()

    def _tell(self) -> None:
        part = self._gesture.part if self._gesture is not None else None
        if part is not None:
            self.drawing.emit(part)

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.resize(self._view.size())
        return False

    # Painting

    @property
    def pending(self) -> tuple[Part, ...]:
        """The parts that the frame in view doesn't have yet, and what is being drawn."""
        return unseen(self._wanted, self._shown)

    @property
    def shown_mark(self) -> str:
        """What is written in the frame's corner."""
        state = self._view.state
        if (
            state is not None
            and state.explanation.edited
            and state.explanation.frame is state.explanation.original
        ):
            return self.tr("Original")
        return self.mark

    def paintEvent(self, event: QPaintEvent) -> None:
        target, scale, size = self._view.frame_on_screen(), self._scale(), self.frame_size
        if scale <= 0 or size is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.pending and self._wanted is not None:
            painter.save()
            painter.setClipRect(target)
            of, to_view = self._wanted.size, QTransform.fromTranslate(target.left(), target.top())
            to_view.scale(target.width() / of[0], target.height() / of[1])
            painter.setTransform(to_view, True)
            paint_parts(painter, self.pending)
            painter.restore()
        if mark := self.shown_mark:
            paint_mark(painter, target.intersected(QRectF(self.rect())), mark)
        if self._pointer is not None and self._tool is not None and self._tool.has_width:
            paint_cursor(painter, self._pointer, self.brush_width * scale, self._tool)
        painter.end()
