"""CaptionStrip: the saved image's caption, live below the view, in letters that are read from afar."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QAccessible, QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from camviewer.media.drawing.caption import (
    GROUND,
    LARGE,
    ONE_LINE,
    TEXT,
    Caption,
    Words,
    caption,
    paint_lines,
)
from camviewer.media.drawing.view_state import ViewState
from camviewer.ui.widgets import words
from camviewer.ui.widgets.class_words import class_name

LIVE_WORDS = Words(words.translated, words.percent, partial(words.signed, digits=2), class_name)
_HEIGHT, _LOW = 3.4, 2.0
"""In lines of the window's text: with two lines, and with one."""
_AMBER, _RED = QColor("#ffb020"), QColor("#ff6b60")


@dataclass(frozen=True, slots=True)
class Marks:
    """still: the word for a source that stands still; recording: whether what is in view is recorded."""

    still: str = ""
    recording: bool = False


class CaptionStrip(QWidget):
    """Paints a few texts a frame, and only if one of them has changed."""

    accessible_role = QAccessible.Role.StaticText

    def __init__(self) -> None:
        super().__init__()
        self._caption: Caption | None = None
        self._colormap = ""
        self._marks = Marks()
        self._scale, self._low = 1.0, False
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(self.tr("Caption"))

    # What it shows

    @property
    def caption(self) -> Caption | None:
        """What it says; None while nothing is in view."""
        return self._caption

    @property
    def marks(self) -> Marks:
        return self._marks

    def show_state(self, state: ViewState | None) -> None:
        """None: there is no map in view."""
        made = caption(state, LIVE_WORDS) if state is not None else None
        self._show(made, state.style.colormap if state is not None else "")

    def show_text(self, text: str) -> None:
        """Instead of a map's caption: one line that stands back."""
        self._show(Caption("", text), "")

    def _show(self, made: Caption | None, colormap: str) -> None:
        if (made, colormap) != (self._caption, self._colormap):
            was_low = self._is_low
            self._caption, self._colormap = made, colormap
            if self._is_low != was_low:
                self.updateGeometry()
            self.update()

    def show_marks(self, marks: Marks) -> None:
        if marks != self._marks:
            self._marks = marks
            self.setAccessibleDescription(" ".join(_texts(marks)))
            self.update()

    # How large it is

    @property
    def scale(self) -> float:
        """Of its letters: 1 in the window, more for an audience."""
        return self._scale

    def set_scale(self, scale: float) -> None:
        if scale != self._scale:
            self._scale = scale
            self.updateGeometry()
            self.update()

    def set_low(self, low: bool) -> None:
        """Whether it has one line: the picture has little room."""
        if low != self._low:
            self._low = low
            self.updateGeometry()
            self.update()

    @property
    def _is_low(self) -> bool:
        return self._low or (self._caption is not None and not self._caption.name)

    def sizeHint(self) -> QSize:
        lines = _LOW if self._is_low else _HEIGHT
        return QSize(200, round(lines * self.fontMetrics().height() * self._scale))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(GROUND))
        height = float(self.height())
        margin = 0.22 * height
        area = QRectF(margin, 0, self.width() - 2 * margin, height)
        area.setRight(area.right() - self._paint_marks(painter, area))
        if self._caption is not None:
            lines = LARGE
            if self._is_low:
                lines = ONE_LINE if self._caption.name else TEXT
            paint_lines(painter, area, self._caption, self._colormap, lines)

    def _paint_marks(self, painter: QPainter, area: QRectF) -> float:
        """At the right. Returns the room that they take."""
        texts = _texts(self._marks)
        if not texts:
            return 0.0
        font = self.font()
        font.setBold(True)
        font.setPixelSize(max(8, round(area.height() * (0.42 if self._is_low else 0.27))))
        painter.setFont(font)
        metrics, right = QFontMetricsF(font), area.right()
        for text in reversed(texts):
            width = metrics.horizontalAdvance(text)
            painter.setPen(_RED if text.startswith("●") else _AMBER)
            place = QRectF(right - width, area.top(), width, area.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip, text)
            right -= width + metrics.height()
        return area.right() - right


def _texts(marks: Marks) -> list[str]:
    recording = words.translate("caption", "● REC") if marks.recording else ""
    return [text for text in (marks.still, recording) if text]
