"""What the drawing says: its headings, and what is said of a cell or a channel that is pointed at.

No word of a logit where nothing adds up: there the texts are those of the view's own readout.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from camviewer.core.evidence import Faithfulness
from camviewer.core.models.spec import Link
from camviewer.ui.adding_up.contents import Cell, Channel, Contents, Pointed
from camviewer.ui.picture.readout import readout
from camviewer.ui.widgets.words import decimal, percent, signed, whole

translate = QCoreApplication.translate


def rounded(value: float, digits: int = 2) -> str:
    """``+0.52``; what is rounded to nothing is ``0``, without a sign and without noise."""
    return signed(value, digits) if abs(value) >= 0.5 * 10**-digits else decimal(0.0, 0)


def share(value: float) -> str:
    """A part of a sum, with as many digits as it needs to be seen: ``+0.06``, ``-0.0012``, ``0``."""
    digits = next((d for d in (2, 3, 4) if abs(value) >= 5 * 10**-d), 4)
    return rounded(value, digits)


def by(*numbers: int) -> str:
    """``512 × 7 × 7``, in one line."""
    return "\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}".join(whole(number) for number in numbers)


@dataclass(frozen=True, slots=True)
class Headings:
    """Over the parts of the drawing. Empty where there is no such part."""

    frame: str
    stack: str
    grid: str
    overlay: str
    pool: str
    linear: str
    link: str
    sums: int
    """Rows of the sum."""
    longest: tuple[tuple[str, ...], ...]
    """The readout's lines at their longest, of all that may be pointed at: it must not move what is below."""


def headings(contents: Contents) -> Headings:
    parts, explanation = contents.parts, contents.explanation
    rows, columns = parts.values.shape
    classes, cells = whole(parts.classes), whole(parts.cells)
    stack = pool = linear = link = ""
    grid = translate("adding_up", "map by {0}, in {1} cells").format(
        explanation.maps.method, by(rows, columns)
    )
    overlay = translate("adding_up", "upsampled, over the frame")
    if parts.channels:
        stack = translate("adding_up", "features: {0}; the {1} channels that matter most")
        if len(parts.channels) == parts.count:
            stack = translate("adding_up", "features: {0}")
        stack = stack.format(by(parts.count, rows, columns), len(parts.channels))
        grid = translate("adding_up", "map: weights × channels, in {0} cells").format(by(rows, columns))
        pool = translate("adding_up", "pool: the mean of each channel, {0} numbers").format(
            whole(parts.count)
        )
        inputs = whole(parts.flat_weights if contents.flattens else parts.count)
        linear = translate("adding_up", "linear: weights [{0}, {1}]").format(classes, inputs)
    if contents.flattens:
        grid = translate("adding_up", "each of the {0} places has its own weights").format(cells)
        overlay = translate("adding_up", "weights tied to places and to one input size")
        pool = translate("adding_up", "flatten: {0} numbers in a row").format(inputs)
    elif contents.adds_up or not parts.channels:
        link = translate("evidence", "softmax over {0}").format(classes)
        if explanation.model.link is Link.SIGMOID or parts.classes == 1:
            link = translate("evidence", "sigmoid, by itself")
    return Headings(
        translate("adding_up", "what the network sees"),
        *(stack, grid, overlay, pool, linear, link, len(sum_rows(contents)), _longest(contents)),
    )


def _longest(contents: Contents) -> tuple[tuple[str, ...], ...]:
    """The same for every frame."""
    parts, widest, small = contents.parts, "+88.88", "-0.0088"
    shape, cells = parts.values.shape, whole(parts.cells)
    if contents.flattens:
        first = Channel(parts.channels[0].channel)
        return rest_lines(contents), _cell_lines(contents, Cell(0, 0)), pointed_lines(contents, first)
    if not contents.adds_up:
        place = translate("readout", "row {0}, column {1}: {2}").format(*shape, "-8.88e-88")
        return rest_lines(contents), (place, *readout(contents.state, 0, 0)[1:])
    score = _score_text(contents, widest)
    rest = f"{_remainder_name(contents)}: {widest}"
    mean = translate("adding_up", "mean of {0} cells: {1}").format(cells, widest)
    here = translate("adding_up", "row {0}, column {1}: {2} here").format(*shape, widest)
    part = translate("adding_up", "÷ {0} = {1} of the {2}").format(cells, small, score)
    if parts.channels:
        here = translate("adding_up", "row {0}, column {1}, channel {2}: {3} here")
        here = here.format(*shape, parts.count, small)
        channel = translate("adding_up", "channel {0}: mean {1} × weight {2}")
        product = translate("adding_up", "= {0} of the {1}").format(small, score)
        by_channel = (channel.format(parts.count, widest, small), product)
        return (mean, f"{rest} = {score}"), (here, part), by_channel
    first_order = translate("readout", "to first order; {0} of the score is not on the map")
    return (mean, f"{rest} = {score}"), (here, part, first_order.format(percent(1.0)))


def rest_lines(contents: Contents) -> tuple[str, ...]:
    """While nothing is pointed at: how the map adds up. Where it doesn't, nothing is said of sums."""
    parts, sums = contents.parts, contents.parts.sums
    if contents.flattens:
        text = translate("adding_up", "pool: [{0}, {1}], one weight for a channel at every place")
        other = translate("adding_up", "flatten: [{0}, {1}], {2} × as many")
        classes = whole(parts.classes)
        return (
            text.format(classes, whole(parts.count)),
            other.format(classes, whole(parts.flat_weights), whole(parts.cells)),
        )
    if sums is None:
        if parts.kind is Faithfulness.CHANGE:
            return (translate("readout", "so much the score falls where this is covered, in logits"),)
        return (translate("evidence", "relative: where, not how much"),)
    mean = translate("adding_up", "mean of {0} cells: {1}").format(whole(parts.cells), rounded(sums.mean))
    rest = f"{_remainder_name(contents)}: {rounded(sums.remainder)}"
    return (mean, f"{rest} = {_score_text(contents, rounded(sums.score))}")


def _remainder_name(contents: Contents) -> str:
    if contents.parts.kind is not Faithfulness.EXACT:
        return translate("evidence", "remainder, not on the map")
    if contents.parts.target.other is not None:
        return translate("evidence", "difference of the biases")
    return translate("evidence", "bias")


def _score_text(contents: Contents, value: str) -> str:
    """``logit +11.05``"""
    if contents.parts.target.other is not None:
        return translate("adding_up", "difference {0}").format(value)
    return translate("adding_up", "logit {0}").format(value)


def _score_of(contents: Contents) -> str:
    sums = contents.parts.sums
    return _score_text(contents, rounded(sums.score)) if sums is not None else ""


def sum_rows(contents: Contents) -> tuple[tuple[str, str], ...]:
    """How the score adds up: names and values, the score last. Nothing where nothing adds up."""
    parts, sums = contents.parts, contents.parts.sums
    if sums is None or contents.flattens:
        return ()
    rows = [(translate("evidence", "mean of the map"), rounded(sums.mean))]
    if parts.channels:
        these = sum(each.value for each in parts.channels)
        name = translate("adding_up", "these {0} channels").format(len(parts.channels))
        rows = [(name, rounded(these))]
        if len(parts.channels) < parts.count:
            others = whole(parts.count - len(parts.channels))
            rows.append((translate("adding_up", "the other {0}").format(others), rounded(parts.rest)))
    rows.append((_remainder_name(contents), rounded(sums.remainder)))
    name = translate("adding_up", "= difference") if parts.target.other is not None else ""
    rows.append((name or translate("adding_up", "= logit"), rounded(sums.score)))
    return tuple(rows)


def pointed_lines(contents: Contents, pointed: Pointed) -> tuple[str, ...]:
    """Of what is pointed at; of the chosen channel, or of the whole, while nothing is."""
    if isinstance(pointed, Cell):
        return _cell_lines(contents, pointed)
    channel = contents.lit_channel(pointed)
    return _channel_lines(contents, channel) or rest_lines(contents)


def _cell_lines(contents: Contents, cell: Cell) -> tuple[str, ...]:
    parts = contents.parts
    place = cell.row + 1, cell.column + 1
    if contents.flattens:
        text = translate("adding_up", "row {0}, column {1}: {2} weights of its own, of {3}")
        return (text.format(*place, whole(parts.count), whole(parts.flat_weights)),)
    if not contents.adds_up:
        return readout(contents.state, cell.row, cell.column)
    channel = parts.channel(contents.state.target.channel)
    values = parts.values if channel is None else channel.values
    value = float(values[cell.row, cell.column])
    if channel is None:
        here = translate("adding_up", "row {0}, column {1}: {2} here").format(*place, rounded(value, 1))
    else:
        here = translate("adding_up", "row {0}, column {1}, channel {2}: {3} here")
        here = here.format(*place, channel.channel, share(value))
    part = translate("adding_up", "÷ {0} = {1} of the {2}")
    lines = here, part.format(whole(parts.cells), share(value / parts.cells), _score_of(contents))
    if parts.kind is Faithfulness.LOCAL and parts.sums is not None:
        left_out = percent(parts.sums.share_left_out or 0.0)
        first_order = translate("readout", "to first order; {0} of the score is not on the map")
        return *lines, first_order.format(left_out)
    return lines


def _channel_lines(contents: Contents, channel: int | None) -> tuple[str, ...]:
    parts, found = contents.parts, contents.parts.channel(channel)
    if found is None:
        return ()
    if contents.flattens:
        text = translate("adding_up", "channel {0}: pool has one weight for it, {1}")
        other = translate("adding_up", "flatten has {0}, one for each place")
        return text.format(found.channel, share(found.weight)), other.format(whole(parts.cells))
    text = translate("adding_up", "channel {0}: mean {1} × weight {2}")
    part = translate("adding_up", "= {0} of the {1}")
    return (
        text.format(found.channel, share(found.pooled), share(found.weight)),
        part.format(share(found.value), _score_of(contents)),
    )


def channel_heading(channel: int) -> str:
    """Over the grid, while it shows one channel."""
    return translate("adding_up", "channel {0}: weight × channel").format(channel)


def flatten_words(contents: Contents) -> str:
    """What is true of networks that flatten instead of pooling; empty without pooled channels."""
    parts = contents.parts
    if not parts.channels:
        return ""
    text = translate(
        "EvidenceDock",
        "Many older networks flatten the {0} × {1} × {2} numbers into one list. With one linear layer "
        "after that, each class has {3} weights, one for every number: each place still has its part of "
        "the logit, but the weights are tied to places and to one input size. Further layers mix the "
        "places, and the parts are lost. Pooling first leaves {0} weights, the same for every place and "
        "any size.",
    )
    return text.format(parts.count, *parts.values.shape, whole(parts.flat_weights))
