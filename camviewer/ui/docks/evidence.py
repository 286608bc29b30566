"""The Evidence dock, "How it adds up": the steps from the input to the probability, with their numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import exp

from PySide6.QtCore import QCoreApplication, QTimer, Signal, Slot
from PySide6.QtWidgets import QDockWidget, QLabel, QVBoxLayout, QWidget

from camviewer.core.evidence import (
    Faithfulness,
    arithmetic,
    contributions,
    faithfulness,
)
from camviewer.core.explanation import Explanation
from camviewer.core.maps import (
    ChannelSums,
    Unit,
    shape_of,
)
from camviewer.core.models.spec import Link
from camviewer.core.scaling import value_range
from camviewer.core.targets import (
    ChannelPart,
    Target,
)
from camviewer.media.drawing.heat_map import heat_map
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.drawing.view_state import ViewState
from camviewer.media.frames import array_to_image
from camviewer.ui.docks.dock_scroll import DockScroll
from camviewer.ui.docks.evidence_lists import (
    Bar,
    Bars,
    Row,
    Rows,
)
from camviewer.ui.docks.network_input_view import NetworkInputView
from camviewer.ui.widgets.class_words import class_name
from camviewer.ui.widgets.form import heading
from camviewer.ui.widgets.words import (
    covered_by,
    percent,
    signed,
    significant,
    translated,
    whole,
)

REFRESH_MS = 200
"""Five times a second: faster numbers can't be read, and every painting takes time from the network."""
translate = QCoreApplication.translate


class EvidenceDock(QDockWidget):
    """Shows how the chosen class's logit adds up; a click on a channel shows its map."""

    channel_chosen = Signal(object)
    """A channel (int), or None to go back to the class's own map."""
    class_chosen = Signal(int)
    refreshed = Signal()
    """All parts show the newest state."""

    def __init__(self) -> None:
        super().__init__()
        self._state: ViewState | None = None
        self._in_view = False
        self._timer = QTimer(self, singleShot=True, interval=REFRESH_MS)
        self._timer.timeout.connect(self._on_timer_timeout)
        self._parts: Iterator[Callable[[], object]] = iter(())
        # Real timers have their turn with all others; what QTimer.singleShot(0, …) posts comes before them.
        self._step_timer = QTimer(self, interval=0)
        self._step_timer.timeout.connect(self._on_step_timer_timeout)
        self.steps = Rows(self.tr("Steps"))
        self.channels = Bars(self.tr("Channels for and against"))
        self.channels.setAccessibleDescription(self.tr("Enter shows the map of a channel, and hides it"))
        self.channels.picked.connect(self._on_channel_picked)
        self.logits = Bars(self.tr("Logits"))
        self.probabilities = Bars(self.tr("Probabilities"))
        for bars in (self.logits, self.probabilities):
            bars.setAccessibleDescription(self.tr("Enter chooses a class"))
            bars.picked.connect(self.class_chosen)
        self.network_input = NetworkInputView(self.tr("What the network sees"))
        self._note = QLabel()
        self._note.setWordWrap(True)
        self._note.hide()
        self._other_way = QLabel()
        self._other_way.setWordWrap(True)
        self._of_linear_heads: list[QWidget] = []
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(4)
        column.addWidget(self._note)
        column.addWidget(self.steps)
        for title, widget in (
            (self.tr("Channels for and against"), self.channels),
            (self.tr("Logits"), self.logits),
            (self.tr("Probabilities"), self.probabilities),
            (self.tr("What the network sees"), self.network_input),
            (self.tr("The other way: flatten, then fully connected"), self._other_way),
        ):
            name = heading(title)
            name.setWordWrap(True)
            column.addWidget(name)
            column.addWidget(widget)
            if widget in (self.channels, self._other_way):
                self._of_linear_heads += [name, widget]
        column.addStretch(1)
        self.setWidget(DockScroll(body, self))
        self.visibilityChanged.connect(self._on_visibility_changed)

    @property
    def waits(self) -> bool:
        """Whether a frame is to be shown soon."""
        return self._timer.isActive() or self._step_timer.isActive()

    @property
    def note_text(self) -> str:
        """What may be said of the map in view."""
        return self._note.text()

    @property
    def other_way_text(self) -> str:
        """The text about networks that flatten."""
        return self._other_way.text()

    def show_state(self, state: ViewState) -> None:
        """Show soon; the newest wins. Nothing is computed while the dock is closed."""
        same_frame = self._state is not None and state.explanation is self._state.explanation
        self._state = state
        if not self._in_view:
            return
        if same_frame:
            self._refresh()
        elif not self._timer.isActive():
            self._timer.start()

    def clear(self) -> None:
        """There is no frame any more: show no numbers of the last one."""
        self._state = None
        self._step_timer.stop()
        self._note.hide()
        self.steps.show_rows(())
        for bars in (self.channels, self.logits, self.probabilities):
            bars.show_bars(())
        self.network_input.show_image(None)

    def _on_visibility_changed(self, visible: bool) -> None:
        # Not isVisible(): a dock behind another's tab is that, too.
        self._in_view = visible
        if visible:
            self._refresh()

    def _refresh(self) -> None:
        """All parts at once."""
        self._step_timer.stop()
        self._parts = self._parts_of(self._state) if self._in_view and self._state is not None else iter(())
        while self._show_part():
            pass

    @Slot()
    def _on_timer_timeout(self) -> None:
        """Part by part, all of the state of now; between two of them the event loop does other things.

        All at once they take as long as two pictures, which would have to wait.
        """
        if self._in_view and self._state is not None:
            self._parts = self._parts_of(self._state)
            self._step_timer.start()

    @Slot()
    def _on_step_timer_timeout(self) -> None:
        if not self._show_part():
            self._step_timer.stop()

    def _show_part(self) -> bool:
        """The next one; whether there was one."""
        show = next(self._parts, None)
        if show is None:
            return False
        show()
        return True

    def _parts_of(self, state: ViewState) -> Iterator[Callable[[], object]]:
        """What shows a part of the dock, one after the other."""
        explanation, target = state.explanation, state.target
        yield lambda: self._show_note(state)
        yield lambda: self.steps.show_rows(step_rows(state))
        yield lambda: self.channels.show_bars(_channel_bars(explanation, target))
        ordered = sorted(state.classes, key=lambda c: -float(explanation.logits[c]))
        logits = [(c, float(explanation.logits[c])) for c in ordered]
        shares = [(c, float(explanation.probabilities[c])) for c in ordered]
        names, chosen = {c: class_name(explanation.labels, c) for c in ordered}, target.class_id
        yield lambda: self.logits.show_bars(
            tuple(Bar(names[c], v, signed(v, 2), c, chosen=c == chosen) for c, v in logits)
        )
        yield lambda: self.probabilities.show_bars(
            tuple(Bar(names[c], v, percent(v), c, chosen=c == chosen) for c, v in shares)
        )
        seen = explanation.network_input
        yield lambda: self.network_input.show_image(array_to_image(seen) if seen is not None else None)
        yield lambda: self._show_channels_of(explanation)
        yield self.refreshed.emit

    def _show_channels_of(self, explanation: Explanation) -> None:
        channels = explanation.maps.channels
        for part in self._of_linear_heads:
            part.setVisible(channels is not None)
        if channels is not None:
            self._show_other_way(channels.count, *shape_of(explanation.maps))

    def _show_note(self, state: ViewState) -> None:
        text = faithfulness_text(state)
        if text != self._note.text():
            self._note.setText(text)
        self._note.show()

    def _show_other_way(self, count: int, height: int, width: int) -> None:
        text = self.tr(
            "Many older networks flatten the {0} × {1} × {2} numbers into one list. With one linear layer "
            "after that, each class has {3} weights, one for every number: each place still has its part of "
            "the logit, but the weights are tied to places and to one input size. Further layers mix the "
            "places, and the parts are lost. Pooling first leaves {0} weights, the same for every place and "
            "any size."
        )
        text = text.format(count, height, width, whole(count * height * width))
        if text != self._other_way.text():
            self._other_way.setText(text)

    def _on_channel_picked(self, channel: int) -> None:
        shown = self._state is not None and self._state.target.channel == channel
        self.channel_chosen.emit(None if shown else channel)


def faithfulness_text(state: ViewState) -> str:
    """Whether the map's values add up to the score, and what is not on it."""
    kind = faithfulness(state.explanation.maps)
    if kind is Faithfulness.EXACT:
        return translate("evidence", "Exact: these values add up to the score.")
    if kind is Faithfulness.CHANGE:
        return translate(
            "evidence",
            "What happens without it: so much the score falls where a place is covered. Nothing adds up.",
        )
    sums = arithmetic(state.explanation, state.target)
    if kind is Faithfulness.RELATIVE or sums is None:
        return translate("evidence", "Where, not how much: these values have no unit, and nothing adds up.")
    text = translate("evidence", "To first order, at this picture: {0} of the score is not on the map.")
    return text.format(percent(sums.share_left_out or 0.0))


def step_rows(state: ViewState) -> tuple[Row, ...]:
    """The steps from the input to the score, with this frame's shapes and values, as far as they add up."""
    explanation, target, maps = state.explanation, state.target, state.explanation.maps
    seen = explanation.network_input
    side = explanation.resolution or 0
    rows, columns = seen.shape[:2] if seen is not None else (side, side)
    given = explanation.model.preprocessing
    depth = len(given.mean) if given is not None else 3
    first = Row(translate("evidence", "input"), f"{depth} × {rows} × {columns}")
    channels = maps.channels
    if channels is None:
        return (first, *_method_rows(state))
    height, width = shape_of(maps)
    name = translate("evidence", "features")
    if maps.layer:
        name = translate("evidence", "features of {0}").format(maps.layer)
    features = Row(name, f"{channels.count} × {height} × {width}")
    if target.channel is not None:
        more = _channel_rows(state, channels, target.channel)
    elif target.other is not None:
        more = _difference_rows(state)
    else:
        more = _class_rows(state, channels)
    return (first, features, *more)


def _difference_rows(state: ViewState) -> tuple[Row, ...]:
    sums = arithmetic(state.explanation, state.target)
    assert sums is not None, "the map has a unit"
    height, width = shape_of(state.explanation.maps)
    return (
        Row(translate("evidence", "map of the difference"), f"{height} × {width}"),
        Row(translate("evidence", "its mean"), signed(sums.mean, 3)),
        Row(translate("evidence", "difference of the biases"), signed(sums.remainder, 3)),
        Row(translate("evidence", "difference of the logits"), signed(sums.score, 3), strong=True),
        Row(translate("evidence", "left over by rounding"), signed(sums.residual, 0, "e")),
        _odds_row(state, sums.score),
    )


def _channel_rows(state: ViewState, channels: ChannelSums, channel: int) -> tuple[Row, ...]:
    weight = float(channels.head.row(state.target.class_id)[channel])
    mean = float(state.explanation.maps.planes[channel].mean(dtype="float64"))
    height, width = shape_of(state.explanation.maps)
    return (
        Row(translate("evidence", "channel {0}").format(channel), f"{height} × {width}"),
        Row(translate("evidence", "its mean"), signed(mean, 3)),
        Row(translate("evidence", "weight for this class"), signed(weight, 4)),
        Row(translate("evidence", "its part of the logit"), signed(weight * mean, 3), strong=True),
    )


def _class_rows(state: ViewState, channels: ChannelSums) -> tuple[Row, ...]:
    explanation, region = state.explanation, state.explanation.region
    sums = arithmetic(explanation, state.target)
    assert sums is not None, "the map has a unit"
    height, width = shape_of(explanation.maps)
    count = whole(len(explanation.logits))
    return (
        Row(translate("evidence", "class map: weights × channels"), f"{height} × {width}"),
        Row(translate("evidence", "drawn over the region"), f"{region.width} × {region.height}"),
        Row(translate("evidence", "pooled: each channel's mean"), f"{channels.count}"),
        Row(translate("evidence", "linear: weights × pooled + bias"), count),
        Row(translate("evidence", "mean of the class map"), signed(sums.mean, 3)),
        Row(translate("evidence", "bias"), signed(sums.remainder, 3)),
        Row(translate("evidence", "logit"), signed(sums.score, 3), strong=True),
        Row(translate("evidence", "left over by rounding"), signed(sums.residual, 0, "e")),
        _probability_row(state),
    )


def _method_rows(state: ViewState) -> tuple[Row, ...]:
    """Of a map without a linear head behind it: what adds up, if anything does."""
    explanation, target, maps = state.explanation, state.target, state.explanation.maps
    height, width = shape_of(maps)
    rows = [Row(translate("evidence", "map by {0}").format(maps.method), f"{height} × {width}")]
    if maps.layer:
        rows.insert(0, Row(translate("evidence", "layer"), maps.layer))
    sums = arithmetic(explanation, target)
    if maps.unit is Unit.LOGIT_CHANGE:
        rows += [
            Row(translate("evidence", "covered by"), covered_by(explanation)),
            Row(translate("evidence", "unit"), translate("evidence", "change of the logit")),
        ]
    elif sums is None:
        rows.append(
            Row(translate("evidence", "unit"), translate("evidence", "relative: where, not how much"))
        )
    else:
        left_out = sums.share_left_out
        name = translate("evidence", "logit")
        if target.other is not None:
            name = translate("evidence", "difference of the logits")
        rows += [
            Row(translate("evidence", "mean of the map"), signed(sums.mean, 3)),
            Row(translate("evidence", "remainder, not on the map"), signed(sums.remainder, 3)),
            *_named_rows(state),
            Row(name, signed(sums.score, 3), strong=True),
            Row(translate("evidence", "left over by rounding"), signed(sums.residual, 0, "e")),
            Row(translate("evidence", "share that is not on the map"), percent(left_out or 0.0)),
        ]
    if target.other is None and target.channel is None:
        rows.append(_probability_row(state))
    return tuple(rows)


def _named_rows(state: ViewState) -> list[Row]:
    """Parts of the remainder that have a name, such as the class token's."""
    text = translate("evidence", "of it: {0}")
    return [Row("  " + text.format(translated(name)), signed(value, 3)) for name, value in state.map.named]


def _probability_row(state: ViewState) -> Row:
    explanation = state.explanation
    if explanation.model.link is Link.SIGMOID:
        name = translate("evidence", "sigmoid, by itself")
    else:
        name = translate("evidence", "softmax over {0}").format(whole(len(explanation.logits)))
    return Row(name, percent(float(explanation.probabilities[state.target.class_id])), strong=True)


def _odds_row(state: ViewState, gap: float) -> Row:
    """Of a softmax: how many times more probable one class is. Of sigmoids only their odds compare so."""
    if state.explanation.model.link is Link.SIGMOID:
        return Row(translate("evidence", "ratio of the odds, e to that"), _odds(gap))
    return Row(translate("evidence", "odds, e to that"), _odds(gap))


def _odds(gap: float) -> str:
    return significant(exp(gap), 3) if abs(gap) < 50 else ("> 1e21" if gap > 0 else "< 1e-21")


def _channel_bars(explanation: Explanation, target: Target) -> tuple[Bar, ...]:
    style = OverlayStyle(follow_value=False, opacity=1.0)
    bars = []
    for part in contributions(explanation, target.class_id):
        own = explanation.map(ChannelPart(target.class_id, part.channel)).values
        # The map of a channel against the class is negative; the thumbnail shows its strength.
        strength = -own if part.weight < 0 else own
        thumbnail = heat_map(
            strength, value_range((strength,), signed=False), style, own.shape[1] * 4, own.shape[0] * 4
        )
        name = translate("evidence", "channel {0}").format(part.channel)
        text = signed(part.value, 2)
        bars.append(Bar(name, part.value, text, part.channel, thumbnail, part.channel == target.channel))
    return tuple(bars)
