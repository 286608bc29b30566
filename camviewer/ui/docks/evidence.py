"""The Evidence dock, "How it adds up": the steps from the input to the probability, with their numbers."""

from __future__ import annotations

from math import exp

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QDockWidget, QLabel, QSizePolicy, QVBoxLayout, QWidget

from camviewer.core import evidence
from camviewer.core.explanation import Explanation
from camviewer.core.maps import Channel, Difference, MapChoice, class_of, values
from camviewer.core.scaling import value_range
from camviewer.media.drawing.compositor import OverlayStyle, heat_map
from camviewer.media.frames import array_to_image
from camviewer.ui.docks.dock_scroll import DockScroll
from camviewer.ui.docks.evidence_lists import Bar, Bars, Row, Rows
from camviewer.ui.widgets.words import percent, signed, significant, whole

REFRESH_MS = 200
"""Five times a second: faster numbers can't be read, and every painting takes time from the network."""
translate = QCoreApplication.translate


class _Picture(QWidget):
    """What the network sees."""

    accessible_role = QAccessible.Role.Graphic

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
        self.steps = Rows(self.tr("Steps"))
        self.channels = Bars(self.tr("Channels for and against"))
        self.channels.setAccessibleDescription(self.tr("Enter shows the map of a channel, and hides it"))
        self.channels.picked.connect(self._on_channel_picked)
        self.logits = Bars(self.tr("Logits"))
        self.probabilities = Bars(self.tr("Probabilities"))
        for bars in (self.logits, self.probabilities):
            bars.setAccessibleDescription(self.tr("Enter chooses a class"))
            bars.picked.connect(self.class_chosen)
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
        self.setWidget(DockScroll(body, self))
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
            bars.show_bars(())
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
        self.steps.show_rows(step_rows(explanation, choice))
        channel = choice.channel if isinstance(choice, Channel) else None
        self.channels.show_bars(_channel_bars(explanation, class_id, channel))
        ordered = sorted(self._classes, key=lambda c: -float(explanation.logits[c]))
        logits = [(c, float(explanation.logits[c])) for c in ordered]
        shares = [(c, float(explanation.probabilities[c])) for c in ordered]
        label = explanation.label
        self.logits.show_bars(
            tuple(Bar(label(c), v, signed(v, 2), c, chosen=c == class_id) for c, v in logits)
        )
        self.probabilities.show_bars(
            tuple(Bar(label(c), v, percent(v), c, chosen=c == class_id) for c, v in shares)
        )
        seen = explanation.network_input
        self.picture.show_image(array_to_image(seen) if seen is not None else None)
        channels, height, width = explanation.features.shape
        text = self.tr(
            "Many older networks flatten the {0} × {1} × {2} numbers into one list and give each class a "
            "weight for every one: {3} weights, and no place that a sum could be read off. Pooling first "
            "leaves {0} weights, the same for every place, so each place's part of the logit can be told."
        )
        text = text.format(channels, height, width, whole(channels * height * width))
        if text != self._other_way.text():
            self._other_way.setText(text)

    def _on_channel_picked(self, channel: int) -> None:
        shown = isinstance(self._choice, Channel) and self._choice.channel == channel
        self.channel_chosen.emit(-1 if shown else channel)


def step_rows(explanation: Explanation, choice: MapChoice) -> tuple[Row, ...]:
    """The step table of a CAM (Zhou et al., 2016) with this explanation's shapes and values."""
    features, region = explanation.features, explanation.region
    channels, height, width = features.shape
    count = len(explanation.logits)
    if explanation.network_input is not None:
        rows, columns = explanation.network_input.shape[:2]
    else:
        rows = columns = explanation.resolution or 0
    exact = values(explanation, choice)
    steps = [
        Row(translate("evidence", "input"), f"3 × {rows} × {columns}"),
        Row(translate("evidence", "last convolution"), f"{channels} × {height} × {width}"),
    ]
    if isinstance(choice, Difference):
        first = evidence.arithmetic(explanation, choice.class_id)
        second = evidence.arithmetic(explanation, choice.other)
        mean, bias = float(exact.mean(dtype="float64")), first.bias - second.bias
        gap = first.logit - second.logit
        return (
            *steps,
            Row(translate("evidence", "map of the difference"), f"{height} × {width}"),
            Row(translate("evidence", "its mean"), signed(mean, 3)),
            Row(translate("evidence", "difference of the biases"), signed(bias, 3)),
            Row(translate("evidence", "difference of the logits"), signed(gap, 3), strong=True),
            Row(translate("evidence", "left over by rounding"), signed(gap - mean - bias, 0, "e")),
            Row(translate("evidence", "odds, e to that"), _odds(gap)),
        )
    if isinstance(choice, Channel):
        weight = float(explanation.head.row(choice.class_id)[choice.channel])
        mean = float(features[choice.channel].mean(dtype="float64"))
        return (
            *steps,
            Row(translate("evidence", "channel {0}").format(choice.channel), f"{height} × {width}"),
            Row(translate("evidence", "its mean"), signed(mean, 3)),
            Row(translate("evidence", "weight for this class"), signed(weight, 4)),
            Row(translate("evidence", "its part of the logit"), signed(weight * mean, 3), strong=True),
        )
    sums = evidence.arithmetic(explanation, choice)
    return (
        *steps,
        Row(translate("evidence", "class map: weights × channels"), f"{height} × {width}"),
        Row(translate("evidence", "drawn over the region"), f"{region.width} × {region.height}"),
        Row(translate("evidence", "pooled: each channel's mean"), f"{channels}"),
        Row(translate("evidence", "linear: weights × pooled + bias"), whole(count)),
        Row(translate("evidence", "mean of the class map"), signed(sums.mean, 3)),
        Row(translate("evidence", "bias"), signed(sums.bias, 3)),
        Row(translate("evidence", "logit"), signed(sums.logit, 3), strong=True),
        Row(translate("evidence", "left over by rounding"), signed(sums.residual, 0, "e")),
        Row(
            translate("evidence", "softmax over {0}").format(whole(count)),
            percent(sums.probability),
            strong=True,
        ),
    )


def _odds(gap: float) -> str:
    return significant(exp(gap), 3) if abs(gap) < 50 else ("> 1e21" if gap > 0 else "< 1e-21")


def _channel_bars(explanation: Explanation, class_id: int, chosen: int | None) -> tuple[Bar, ...]:
    style = OverlayStyle(follow_value=False, opacity=1.0)
    bars = []
    for part in evidence.contributions(explanation, class_id):
        own = values(explanation, Channel(class_id, part.channel))
        # A channel that speaks against has a negative map; its strength is what the thumbnail shows.
        strength = -own if part.weight < 0 else own
        thumbnail = heat_map(
            strength, value_range((strength,), signed=False), style, own.shape[1] * 4, own.shape[0] * 4
        )
        name = translate("evidence", "channel {0}").format(part.channel)
        text = signed(part.value, 2)
        bars.append(Bar(name, part.value, text, part.channel, thumbnail, part.channel == chosen))
    return tuple(bars)


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    label.setWordWrap(True)
    label.setContentsMargins(0, 12, 0, 2)
    return label
