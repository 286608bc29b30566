"""AllView: the classes of all tabs side by side, under one scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QColor,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from camviewer.core.explanation import Explanation
from camviewer.media.drawing.compositor import (
    Layers,
    layers_of,
    paint,
)
from camviewer.media.drawing.side_by_side import arranged
from camviewer.media.drawing.view_state import ViewState
from camviewer.media.frames import array_to_image
from camviewer.ui.picture.overlay_view import STEPS
from camviewer.ui.widgets import theme
from camviewer.ui.widgets.class_words import class_name, class_name_and_label
from camviewer.ui.widgets.words import (
    missing_map,
    percent,
)

_MARGIN = 9


class AllView(QWidget):
    """Small multiples; a click chooses the class, and so do Shift and the arrow keys with Enter."""

    accessible_role = QAccessible.Role.List
    class_clicked = Signal(int)
    painted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._states: dict[int, ViewState] = {}
        self._layers: dict[int, Layers] = {}
        self._chosen: int | None = None
        self._image: QImage | None = None
        self._scaled: QImage | None = None
        self._was_painted = True
        self._hovered: int | None = None
        self._at: int | None = None  # the class that the keyboard is at
        self._shows_focus = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(self.tr("All classes side by side"))

    def sizeHint(self) -> QSize:
        return QSize(800, 560)

    @property
    def states(self) -> tuple[ViewState, ...]:
        """What is in view, from left to right and down."""
        return tuple(self._states.values())

    @property
    def _explanation(self) -> Explanation | None:
        return next((state.explanation for state in self._states.values()), None)

    def show_states(self, states: Sequence[ViewState], chosen: int | None) -> None:
        """Show the maps of classes, all of one explanation. Painting and hovering compute nothing."""
        before = self._explanation
        self._states = {state.target.class_id: state for state in states}
        if self._explanation is not before:
            self._was_painted = False
            self._image = self._scaled = None
        self._layers, self._chosen = {}, chosen
        if self.isVisible():
            self._prepare()
        if self._at not in self._states:
            self._at = None
        self._describe()
        self.update()

    def _prepare(self) -> None:
        explanation = self._explanation
        if explanation is not None and not self._layers:
            if self._image is None:
                self._image = array_to_image(explanation.frame.image)
            self._layers = {c: layers_of(state, self._image) for c, state in self._states.items()}

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._prepare()

    def _describe(self) -> None:
        """For screen readers: all classes, or the one that the keyboard is at."""
        explanation, at = self._explanation, self._at
        if explanation is None:
            text = ""
        elif at is None:
            text = ", ".join(class_name(explanation.labels, c) for c in self._states)
        else:
            text = self.tr("{0}: {1}, {2} of {3}").format(
                class_name_and_label(explanation.labels, at),
                percent(float(explanation.probabilities[at])),
                list(self._states).index(at) + 1,
                len(self._states),
            )
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)

    def clear(self) -> None:
        self._states, self._layers = {}, {}
        self._image = self._scaled = self._at = None
        self._describe()
        self.update()

    @property
    def _title(self) -> int:
        """How high the place of a title is."""
        return self.fontMetrics().height() + _MARGIN

    def tiles(self) -> dict[int, QRectF]:
        """Where each class's overlay lies, in the arrangement that shows them largest."""
        explanation, count = self._explanation, len(self._states)
        if explanation is None or count == 0:
            return {}
        aspect = explanation.frame.width / explanation.frame.height
        places = arranged(count, aspect, self.width(), self.height(), self._title)
        return {
            class_id: QRectF(*places.corner(i), places.width, places.height)
            for i, class_id in enumerate(self._states)
        }

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        palette = self.palette()
        painter.fillRect(event.rect(), theme.canvas(palette))
        explanation, tiles = self._explanation, self.tiles()
        if explanation is None or not tiles:
            return
        self._prepare()
        image = self._scaled_image(next(iter(tiles.values())))
        for class_id, rect in tiles.items():
            paint(painter, replace(self._layers[class_id], image=image), rect)
            if not self._states[class_id].available:
                painter.fillRect(rect, QColor(0, 0, 0, 150))
                painter.setPen(QColor("white"))
                centred = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
                painter.drawText(rect, centred, missing_map(explanation, self._states[class_id].target))
            if class_id in (self._chosen, self._hovered, self._at):
                painter.setPen(theme.accent(palette))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(rect.adjusted(-3, -3, 2, 2))
            title = QRectF(rect.left(), rect.top() - self._title, rect.width(), self._title - 4)
            value = percent(float(explanation.probabilities[class_id]))
            font = self.font()
            font.setBold(class_id == self._chosen)
            painter.setFont(font)
            painter.setPen(theme.accent(palette))
            painter.drawText(title, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, value)
            painter.setPen(palette.windowText().color())
            metrics = painter.fontMetrics()
            space = int(title.width()) - metrics.horizontalAdvance(value) - 10
            label = metrics.elidedText(
                class_name(explanation.labels, class_id), Qt.TextElideMode.ElideRight, space
            )
            painter.drawText(title, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, label)
        if self._at in tiles:
            theme.paint_focus(painter, tiles[self._at].adjusted(-6, -self._title, 6, 6).toRect())
        elif self._shows_focus and self.hasFocus():
            theme.paint_focus(painter, self.rect())
        painter.end()
        if not self._was_painted:
            self._was_painted = True
            self.painted.emit(explanation)

    def _scaled_image(self, tile: QRectF) -> QImage:
        """The frame at the tiles' size: scaled once, drawn many times."""
        assert self._image is not None, "there is a state"
        ratio = self.devicePixelRatioF()
        size = (tile.size() * ratio).toSize()
        if self._scaled is None or self._scaled.size() != size:
            self._scaled = self._image.scaled(
                size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
        return self._scaled

    def _class_at(self, place: QPointF) -> int | None:
        for class_id, rect in self.tiles().items():
            if rect.adjusted(0, -self._title, 0, 0).contains(place):
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

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = STEPS.get(Qt.Key(event.key()))
        if step is not None and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._step(*step)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._at is not None:
            self.class_clicked.emit(self._at)
        else:
            super().keyPressEvent(event)

    def _step(self, down: int, across: int) -> None:
        """To the next tile; to the chosen class's first."""
        tiles = self.tiles()
        if not tiles:
            return
        if self._at is None:
            self._at = self._chosen if self._chosen in tiles else next(iter(tiles))
        else:
            columns = len({round(rect.left()) for rect in tiles.values()})
            classes = list(self._states)
            place = classes.index(self._at) + across + down * columns
            self._at = classes[place] if 0 <= place < len(classes) else self._at
        self._describe()
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._shows_focus = theme.shows_focus(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._at = None
        self._describe()
        self.update()
