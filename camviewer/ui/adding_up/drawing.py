"""ScoreDrawing: from the frame to the softmax, drawn in one widget, as far as the map's values add up.

Frame → features → fork. One way makes a map: weights × channels in each cell, then upsampled. The other is
the network's own: pool, linear, softmax. What is pointed at, a cell or a channel, is lit in all parts.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QTransform,
)
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QWidget

from camviewer.media.drawing.view_state import ViewState
from camviewer.ui.adding_up.contents import (
    Cell,
    Channel,
    Contents,
    Pictures,
    Plane,
    Pointed,
    contents_of,
    pictures_of,
    plane_of,
)
from camviewer.ui.adding_up.layout import Places, cells_of, columns_of, index_at, places
from camviewer.ui.adding_up.painting import paint, shape_of, text_height
from camviewer.ui.adding_up.parts import Drawing
from camviewer.ui.adding_up.texts import Headings, headings, pointed_lines
from camviewer.ui.picture.overlay_view import STEPS
from camviewer.ui.widgets import accessibility, theme

MOST_WIDTH = 1400.0
"""Points: wider, the parts would be too far apart."""


class ScoreDrawing(QWidget):
    """Computes and paints only while it is seen."""

    accessible_role = QAccessible.Role.Graphic
    pointed_changed = Signal(object)
    """Cell, Channel or None."""
    channel_picked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._state: ViewState | None = None
        self._held: tuple[int, ...] = ()
        self._flatten = False
        self._contents: Contents | None = None
        self._texts: Headings | None = None
        self._pictures: Pictures | None = None
        self._planes: dict[int | None, Plane] = {}
        self._places: Places | None = None
        self._placed = -1  # for this width
        self._pointed: Pointed = None
        self._by_keyboard = False
        self._shows_focus = False
        self.cost = 0.0
        """Seconds that the last painting took, of this thread's own: not of others that it waited for."""
        self.setMouseTracking(True)
        # A click must not take the keys of the view (Space, arrows) away from it.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(self.tr("How it adds up, drawn"))
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    # What is shown

    @property
    def contents(self) -> Contents | None:
        """What is drawn, computed when it is asked for first; None without a map."""
        if self._contents is None and self._state is not None:
            self._contents = contents_of(self._state, self._flatten, self._held)
        return self._contents

    @property
    def texts(self) -> Headings | None:
        """As `contents`."""
        contents = self.contents
        if self._texts is None and contents is not None:
            self._texts = headings(contents)
        return self._texts

    @property
    def pictures(self) -> Pictures | None:
        """As `contents`."""
        contents = self.contents
        if self._pictures is None and contents is not None:
            self._pictures = pictures_of(contents)
        return self._pictures

    @property
    def pointed(self) -> Pointed:
        return self._pointed

    def show_state(self, state: ViewState | None, held: Sequence[int] = ()) -> None:
        """None: there is nothing to draw. held: as `score_parts`."""
        before = self._arrangement()
        self._state, self._held = state, tuple(held)
        self._forget()
        self._place_again(before)

    def set_flatten(self, on: bool) -> None:
        """Draw what a network does that flattens instead of pooling."""
        if on != self._flatten:
            before, self._flatten = self._arrangement(), on
            self._forget()
            self._place_again(before)

    def _forget(self) -> None:
        self._contents, self._texts, self._pictures, self._planes = None, None, None, {}
        self.update()

    def _arrangement(self) -> object:
        """What the places of the parts hang on."""
        contents = self.contents
        return (shape_of(contents), self.texts) if contents is not None else None

    def _place_again(self, before: object) -> None:
        """Lay out anew, if the parts are other ones."""
        contents = self.contents
        if contents is not None and self._pointed is not None and not contents.has(self._pointed):
            self.point_at(None)
        if self._arrangement() != before:
            self._places = None
            self.updateGeometry()
        self._describe()

    def light(self, pointed: Pointed) -> None:
        """Light what is pointed at elsewhere."""
        if pointed != self._pointed:
            self._pointed = pointed
            self._describe()
            self.update()

    def point_at(self, pointed: Pointed, by_keyboard: bool = False) -> None:
        self._by_keyboard = by_keyboard and pointed is not None
        if pointed != self._pointed:
            self.light(pointed)
            self.pointed_changed.emit(pointed)

    @property
    def lines(self) -> tuple[str, ...]:
        """What is said of what is pointed at, or of the whole."""
        contents = self.contents
        return pointed_lines(contents, self._pointed) if contents is not None else ()

    def _describe(self) -> None:
        """For screen readers. They hear numbers, which change with each frame, only of what is pointed at."""
        if self.contents is None:
            text = ""
        elif self._pointed is not None:
            text = ", ".join(self.lines)
        else:
            text = self.tr("Arrow keys go through the channels and the cells; Enter shows a channel's map")
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)

    # Size

    def _plan(self, width: float) -> Places | None:
        contents, texts = self.contents, self.texts
        if contents is None or texts is None:
            return None
        font = self.font()
        measured: dict[tuple[str, float], float] = {}

        def measure(text: str, across: float) -> float:
            key = text, across
            if key not in measured:
                measured[key] = text_height(text, across, font)
            return measured[key]

        line = self.fontMetrics().height()
        across = min(width, MOST_WIDTH) - 2  # lit outlines stick out
        return places(across, line, shape_of(contents), texts, measure)

    @property
    def places(self) -> Places | None:
        """Where the parts lie now."""
        if self._places is None or self._placed != self.width():
            self._places, self._placed = self._plan(self.width()), self.width()
        return self._places

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        plan = self.places if width == self.width() else self._plan(width)
        return round(plan.height) if plan is not None else 0

    def sizeHint(self) -> QSize:
        return QSize(240, self.heightForWidth(max(self.width(), 240)))

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._places = None
            self.updateGeometry()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        begun = time.thread_time()
        drawing = self._drawing(self.palette())
        if drawing is None:
            return
        painter = QPainter(self)
        painter.setTransform(QTransform.fromTranslate(1, 1))
        paint(painter, drawing, QRectF(event.rect()).translated(-1, -1))
        painter.resetTransform()
        if self._shows_focus and self.hasFocus():
            theme.paint_focus(painter, self.rect())
        painter.end()
        self.cost = time.thread_time() - begun

    def _drawing(self, palette: QPalette) -> Drawing | None:
        contents, texts, at, pictures = self.contents, self.texts, self.places, self.pictures
        if contents is None or texts is None or at is None or pictures is None:
            return None
        channel = contents.lit_channel(self._pointed)
        if contents.parts.channel(channel) is None:
            channel = contents.state.target.channel
        if channel not in self._planes:
            self._planes[channel] = plane_of(contents, channel)
        plane = self._planes[channel]
        return Drawing(contents, pictures, texts, at, plane, self._pointed, self.font(), palette)

    # Pointing

    def thing_at(self, place: QPointF) -> Pointed:
        """The cell or the channel at a place of the widget."""
        contents, at = self.contents, self.places
        if contents is None or at is None:
            return None
        place = place - QPointF(1, 1)
        rows, columns = contents.parts.values.shape
        for part in (at.grid, at.overlay, at.frame):
            if part.contains(place):
                down, across = (
                    (place.y() - part.top()) / part.height(),
                    (place.x() - part.left()) / part.width(),
                )
                return Cell(min(int(down * rows), rows - 1), min(int(across * columns), columns - 1))
        channels = contents.parts.channels
        charts = [at.pool] if contents.flattens else [at.pool, at.linear]
        for boxes in (at.tiles, *(columns_of(chart, len(channels)) for chart in charts)):
            index = index_at(boxes, place)
            if index is not None:
                return Channel(channels[index].channel)
        return None

    def place_of(self, pointed: Pointed) -> QRectF:
        """Where a cell lies in the grid, or a channel in the stack; empty where it isn't."""
        contents, at = self.contents, self.places
        if contents is None or at is None or not contents.has(pointed):
            return QRectF()
        if isinstance(pointed, Cell):
            return cells_of(at.grid, *contents.parts.values.shape)[pointed.row][pointed.column].translated(
                1, 1
            )
        channels = [Channel(each.channel) for each in contents.parts.channels]
        return at.tiles[channels.index(pointed)].translated(1, 1)  # type: ignore[arg-type]

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        thing = self.thing_at(event.position())
        picks = isinstance(thing, Channel)
        self.setCursor(Qt.CursorShape.PointingHandCursor if picks else Qt.CursorShape.ArrowCursor)
        if thing is not None or not self._by_keyboard:
            self.point_at(thing)

    def leaveEvent(self, event: QEvent) -> None:
        if not self._by_keyboard:
            self.point_at(None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        thing = self.thing_at(event.position())
        if isinstance(thing, Channel) and event.button() == Qt.MouseButton.LeftButton:
            self.channel_picked.emit(thing.channel)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = STEPS.get(Qt.Key(event.key()))
        if step is not None:
            self._step(*step)
        elif event.key() == Qt.Key.Key_Escape and self._pointed is not None:
            self.point_at(None)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and isinstance(
            self._pointed, Channel
        ):
            self.channel_picked.emit(self._pointed.channel)
        else:
            super().keyPressEvent(event)

    def _step(self, down: int, across: int) -> None:
        """To the next channel, or cell; the channels come first, and below them the cells."""
        contents = self.contents
        if contents is None:
            return
        rows, columns = contents.parts.values.shape
        channels = [each.channel for each in contents.parts.channels]
        pointed = self._pointed if contents.has(self._pointed) else None
        following: Pointed
        if pointed is None:
            following = Channel(channels[0]) if channels else Cell(0, 0)
        elif isinstance(pointed, Channel):
            index = channels.index(pointed.channel)
            following = Channel(channels[min(max(index + across, 0), len(channels) - 1)])
            if down > 0:
                following = Cell(0, min(index, columns - 1))
        elif down < 0 and pointed.row == 0 and channels:
            following = Channel(channels[min(pointed.column, len(channels) - 1)])
        else:
            row, column = pointed.row + down, pointed.column + across
            following = Cell(min(max(row, 0), rows - 1), min(max(column, 0), columns - 1))
        self.point_at(following, by_keyboard=True)
        accessibility.announce(self, ", ".join(self.lines))
        self._scroll_to(following)

    def _scroll_to(self, pointed: Pointed) -> None:
        """The panel around it, so that it is seen."""
        area = self.parentWidget()
        while area is not None and not isinstance(area, QScrollArea):
            area = area.parentWidget()
        place = self.place_of(pointed)
        body = area.widget() if isinstance(area, QScrollArea) else None
        if isinstance(area, QScrollArea) and body is not None and not place.isEmpty():
            centre = self.mapTo(body, place.center().toPoint())
            area.ensureVisible(centre.x(), centre.y(), 0, round(place.height()) + 40)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._shows_focus = theme.shows_focus(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self.point_at(None)
        self.update()
