"""The Evidence dock, "How it adds up": the steps from the input to the probability, with their numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QDockWidget, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from camviewer.core import evidence
from camviewer.core.maps import Channel, Difference, MapChoice, class_of, values
from camviewer.core.scaling import value_range
from camviewer.core.types import Explanation
from camviewer.media.compositor import OverlayStyle, heat_map, percent
from camviewer.media.frames import array_to_image
from camviewer.ui import theme

REFRESH_MS = 200
"""Five times a second: faster numbers can't be read, and every painting takes time from the network."""
_ROW = 20


@dataclass(frozen=True, slots=True)
class Row:
    """One step: its name, its value, whether it is a result."""

    name: str
    value: str
    strong: bool = False


class _Rows(QWidget):
    """A table that is painted: setting the texts of twenty labels would lay out the dock at each frame."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._rows: tuple[Row, ...] = ()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def rows(self) -> tuple[Row, ...]:
        return self._rows

    def show_rows(self, rows: tuple[Row, ...]) -> None:
        if len(rows) != len(self._rows):
            self.updateGeometry()
        self._rows = rows
        self.setAccessibleDescription("; ".join(f"{r.name}: {r.value}" for r in rows))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, _row_height(self) * len(self._rows))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, palette, height = QPainter(self), self.palette(), _row_height(self)
        for i, row in enumerate(self._rows):
            place = QRectF(0, i * height, self.width(), height)
            font = QFont(self.font())
            font.setBold(row.strong)
            painter.setFont(font)
            painter.setPen(palette.windowText().color() if row.strong else theme.muted(palette))
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, row.name)
            painter.setPen(theme.accent(palette) if row.strong else palette.windowText().color())
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, row.value)


@dataclass(frozen=True, slots=True, eq=False)
class Bar:
    """One bar: for (positive) or against (negative). key: what a click says; thumbnail: a small map."""

    name: str
    value: float
    text: str
    key: int
    thumbnail: QImage | None = None


class _Bars(QWidget):
    """Bars from a common zero line, each with its number, so that no colour is needed to read them."""

    clicked = Signal(int)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._bars: tuple[Bar, ...] = ()
        self._chosen: int | None = None
        self._hovered = -1
        self.setMouseTracking(True)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def bars(self) -> tuple[Bar, ...]:
        return self._bars

    def show_bars(self, bars: tuple[Bar, ...], chosen: int | None) -> None:
        if len(bars) != len(self._bars):
            self.updateGeometry()
        self._bars, self._chosen = bars, chosen
        self.setAccessibleDescription("; ".join(f"{b.name}: {b.text}" for b in bars))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, (_row_height(self) + 2) * len(self._bars))

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._bars:
            return
        painter, palette, height = QPainter(self), self.palette(), _row_height(self) + 2
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = painter.fontMetrics()
        names = min(max(metrics.horizontalAdvance(b.name) for b in self._bars) + 6, self.width() * 2 // 5)
        texts = max(metrics.horizontalAdvance(b.text) for b in self._bars)
        thumbs = height if any(b.thumbnail is not None for b in self._bars) else 0
        left, right = thumbs + names + 10, self.width() - texts - 8
        most = max(0.0, *(b.value for b in self._bars))
        least = min(0.0, *(b.value for b in self._bars))
        scale = (right - left) / ((most - least) or 1.0)
        zero = left - least * scale
        for i, bar in enumerate(self._bars):
            top = i * height
            if bar.key == self._chosen or i == self._hovered:
                painter.fillRect(QRectF(0, top, self.width(), height), theme.raised(palette))
            if bar.thumbnail is not None:
                painter.drawImage(QRectF(1, top + 1, height - 3, height - 3), bar.thumbnail)
            place = QRectF(thumbs + 4 if thumbs else 0, top, names, height)
            name = metrics.elidedText(bar.name, Qt.TextElideMode.ElideRight, names)
            painter.setPen(palette.windowText().color() if bar.key == self._chosen else theme.muted(palette))
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
            length = bar.value * scale
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.accent(palette) if bar.value >= 0 else theme.against(palette))
            body = QRectF(zero + min(length, 0.0), top + height / 2 - 4, max(abs(length), 1.0), 8)
            painter.drawRoundedRect(body, 2, 2)
            painter.setPen(palette.windowText().color())
            painter.drawText(
                QRectF(0, top, self.width(), height),
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                bar.text,
            )
        painter.setPen(theme.groove(palette))
        painter.drawLine(QPointF(zero, 0), QPointF(zero, height * len(self._bars)))

    def _index_at(self, y: float) -> int:
        index = int(y // (_row_height(self) + 2))
        return index if 0 <= index < len(self._bars) else -1

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        hovered = self._index_at(event.position().y())
        if hovered != self._hovered:
            self._hovered = hovered
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = -1
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        index = self._index_at(event.position().y())
        if index >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(self._bars[index].key)


class _Picture(QWidget):
    """What the network sees."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._image: QImage | None = None
        self.setAccessibleName(name)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_image(self, image: QImage | None) -> None:
        if image is None or self._image is None or self._image.size() != image.size():
            self.updateGeometry()
        self._image = image
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, 224)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        if self._image is None:
            return 0
        return min(round(width * self._image.height() / self._image.width()), 224)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._image is not None:
            painter = QPainter(self)
            size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
            painter.drawImage(QRectF(0, 0, size.width(), size.height()), self._image)


class EvidenceDock(QDockWidget):
    """Shows how the chosen class's logit adds up; a click on a channel shows its map."""

    channel_chosen = Signal(int)
    """A channel, or -1 to go back to the class's own map."""
    class_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle(self.tr("How it adds up"))
        self.setObjectName("evidence_dock")
        self._explanation: Explanation | None = None
        self._choice: MapChoice = 0
        self._classes: tuple[int, ...] = ()
        self._in_view = False
        self._timer = QTimer(self, singleShot=True, interval=REFRESH_MS)
        self._timer.timeout.connect(self._refresh)
        self.steps = _Rows(self.tr("Steps"))
        self.channels = _Bars(self.tr("Channels for and against"))
        self.channels.clicked.connect(self._on_channel_clicked)
        self.logits = _Bars(self.tr("Logits"))
        self.logits.clicked.connect(self.class_chosen)
        self.probabilities = _Bars(self.tr("Probabilities"))
        self.probabilities.clicked.connect(self.class_chosen)
        self.picture = _Picture(self.tr("What the network sees"))
        self._other_way = QLabel()
        self._other_way.setWordWrap(True)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(4)
        column.addWidget(self.steps)
        for title, widget in (
            (self.tr("Channels for and against"), self.channels),
            (self.tr("Logits"), self.logits),
            (self.tr("Probabilities"), self.probabilities),
            (self.tr("What the network sees"), self.picture),
            (self.tr("The other way: flatten, then fully connected"), self._other_way),
        ):
            column.addWidget(_heading(title))
            column.addWidget(widget)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(body)
        self.setWidget(scroll)
        self.visibilityChanged.connect(self._on_visibility_changed)

    def show_explanation(self, explanation: Explanation, choice: MapChoice, classes: tuple[int, ...]) -> None:
        """Show soon; the newest wins. Nothing is computed while the dock is closed."""
        same_frame = self._explanation is not None and explanation is self._explanation
        self._explanation, self._choice, self._classes = explanation, choice, classes
        if not self._in_view:
            return
        if same_frame:
            self._refresh()
        elif not self._timer.isActive():
            self._timer.start()

    def forget_picture(self) -> None:
        """There is no picture any more: show no numbers of the last one."""
        self._explanation = None
        self.steps.show_rows(())
        for bars in (self.channels, self.logits, self.probabilities):
            bars.show_bars((), None)
        self.picture.show_image(None)

    def _on_visibility_changed(self, visible: bool) -> None:
        # Not isVisible(): a dock behind another's tab is that, too.
        self._in_view = visible
        if visible:
            self._refresh()

    def _refresh(self) -> None:
        explanation, choice = self._explanation, self._choice
        if explanation is None or not self._in_view:
            return
        class_id = class_of(choice)
        self.steps.show_rows(step_rows(explanation, choice, self.tr))
        chosen = choice.channel if isinstance(choice, Channel) else None
        self.channels.show_bars(_channel_bars(explanation, class_id, self.tr), chosen)
        ordered = sorted(self._classes, key=lambda c: -float(explanation.logits[c]))
        logits = [(c, float(explanation.logits[c])) for c in ordered]
        shares = [(c, float(explanation.probabilities[c])) for c in ordered]
        self.logits.show_bars(
            tuple(Bar(explanation.label(c), v, f"{v:+.2f}", c) for c, v in logits), class_id
        )
        self.probabilities.show_bars(
            tuple(Bar(explanation.label(c), v, percent(v), c) for c, v in shares), class_id
        )
        seen = explanation.network_input
        self.picture.show_image(array_to_image(seen) if seen is not None else None)
        channels, height, width = explanation.features.shape
        text = self.tr(
            "Many older networks flatten the {0} × {1} × {2} numbers into one list and give each class a "
            "weight for every one: {3} weights, and no place that a sum could be read off. Pooling first "
            "leaves {0} weights, the same for every place, so each place's part of the logit can be told."
        )
        text = text.format(channels, height, width, f"{channels * height * width:,}")
        if text != self._other_way.text():
            self._other_way.setText(text)

    def _on_channel_clicked(self, channel: int) -> None:
        shown = isinstance(self._choice, Channel) and self._choice.channel == channel
        self.channel_chosen.emit(-1 if shown else channel)


def step_rows(
    explanation: Explanation, choice: MapChoice, say: Callable[[str], str] = str
) -> tuple[Row, ...]:
    """The step table of a CAM (Zhou et al., 2016) with this explanation's shapes and values."""
    features, region, request = explanation.features, explanation.region, explanation.request
    channels, height, width = features.shape
    count = len(explanation.logits)
    if explanation.network_input is not None:
        rows, columns = explanation.network_input.shape[:2]
    else:
        rows = columns = request.resolution
    exact = values(explanation, choice)
    steps = [
        Row(say("input"), f"3 × {rows} × {columns}"),
        Row(say("last convolution"), f"{channels} × {height} × {width}"),
    ]
    if isinstance(choice, Difference):
        first = evidence.arithmetic(explanation, choice.class_id)
        second = evidence.arithmetic(explanation, choice.other)
        mean, bias = float(exact.mean(dtype="float64")), first.bias - second.bias
        gap = first.logit - second.logit
        return (
            *steps,
            Row(say("map of the difference"), f"{height} × {width}"),
            Row(say("its mean"), f"{mean:+.3f}"),
            Row(say("difference of the biases"), f"{bias:+.3f}"),
            Row(say("difference of the logits"), f"{gap:+.3f}", strong=True),
            Row(say("left over by rounding"), f"{gap - mean - bias:+.0e}"),
            Row(say("odds, e to that"), f"{_odds(gap)}"),
        )
    if isinstance(choice, Channel):
        weight = float(explanation.head.row(choice.class_id)[choice.channel])
        mean = float(features[choice.channel].mean(dtype="float64"))
        return (
            *steps,
            Row(say("channel {0}").format(choice.channel), f"{height} × {width}"),
            Row(say("its mean"), f"{mean:+.3f}"),
            Row(say("weight for this class"), f"{weight:+.4f}"),
            Row(say("its part of the logit"), f"{weight * mean:+.3f}", strong=True),
        )
    sums = evidence.arithmetic(explanation, choice)
    return (
        *steps,
        Row(say("class map: weights × channels"), f"{height} × {width}"),
        Row(say("drawn over the region"), f"{region.width} × {region.height}"),
        Row(say("pooled: each channel's mean"), f"{channels}"),
        Row(say("linear: weights × pooled + bias"), f"{count:,}"),
        Row(say("mean of the class map"), f"{sums.mean:+.3f}"),
        Row(say("bias"), f"{sums.bias:+.3f}"),
        Row(say("logit"), f"{sums.logit:+.3f}", strong=True),
        Row(say("left over by rounding"), f"{sums.residual:+.0e}"),
        Row(say("softmax over {0}").format(f"{count:,}"), percent(sums.probability), strong=True),
    )


def _odds(gap: float) -> str:
    return f"{exp(gap):.3g}" if abs(gap) < 50 else ("> 1e21" if gap > 0 else "< 1e-21")


def _channel_bars(explanation: Explanation, class_id: int, say: Callable[[str], str]) -> tuple[Bar, ...]:
    style = OverlayStyle(follow_value=False, opacity=1.0)
    bars = []
    for part in evidence.contributions(explanation, class_id):
        own = values(explanation, Channel(class_id, part.channel))
        # A channel that speaks against has a negative map; its strength is what the thumbnail shows.
        strength = -own if part.weight < 0 else own
        thumbnail = heat_map(
            strength, value_range((strength,), signed=False), style, own.shape[1] * 4, own.shape[0] * 4
        )
        name = say("channel {0}").format(part.channel)
        bars.append(Bar(name, part.value, f"{part.value:+.2f}", part.channel, thumbnail))
    return tuple(bars)


def _row_height(widget: QWidget) -> int:
    return max(widget.fontMetrics().height() + 4, _ROW)


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    label.setWordWrap(True)
    label.setContentsMargins(0, 12, 0, 2)
    return label
