"""The Evidence dock's rows of numbers: the steps from the input to the probability, and their details."""

from __future__ import annotations

from math import exp

from PySide6.QtCore import QCoreApplication

from camviewer.core.evidence import Faithfulness, arithmetic, faithfulness
from camviewer.core.maps import ChannelSums, Unit, shape_of
from camviewer.core.models.spec import Link
from camviewer.media.drawing.view_state import ViewState
from camviewer.ui.docks.evidence_lists import Row
from camviewer.ui.widgets.words import covered_by, percent, signed, significant, translated, whole

translate = QCoreApplication.translate


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


def detail_rows(state: ViewState) -> tuple[Row, ...]:
    """What only shows that the sums are right, or has no size that says something to most readers."""
    explanation, target = state.explanation, state.target
    sums = arithmetic(explanation, target)
    if sums is None or target.channel is not None:
        return ()
    rows = (Row(translate("evidence", "left over by rounding"), signed(sums.residual, 0, "e")),)
    return rows if target.other is None else (*rows, _odds_row(state, sums.score))


def _difference_rows(state: ViewState) -> tuple[Row, ...]:
    sums = arithmetic(state.explanation, state.target)
    assert sums is not None, "the map has a unit"
    height, width = shape_of(state.explanation.maps)
    return (
        Row(translate("evidence", "map of the difference"), f"{height} × {width}"),
        Row(translate("evidence", "its mean"), signed(sums.mean, 3)),
        Row(translate("evidence", "difference of the biases"), signed(sums.remainder, 3)),
        Row(translate("evidence", "difference of the logits"), signed(sums.score, 3), strong=True),
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
