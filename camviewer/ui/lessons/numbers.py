"""The numbers in a lesson's text: always those of the network, frame and map in view."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from camviewer.core.coverage import coverage_of
from camviewer.core.explanation import Explanation
from camviewer.core.lessons.lesson import Step
from camviewer.core.maps import MapUnavailableError, shape_of
from camviewer.core.targets import ClassScore
from camviewer.media.drawing.view_state import ViewState
from camviewer.ui.widgets.class_words import class_name
from camviewer.ui.widgets.words import percent, signed, whole

_NAMED = re.compile(r"\{(\w+)\}")
_UNKNOWN = "…"
Cells = Collection[tuple[int, int]]


def filled(text: str, numbers: Mapping[str, str]) -> str:
    """The text with numbers for its ``{placeholders}``; … for those that aren't known now."""
    return _NAMED.sub(lambda found: numbers.get(found[1], _UNKNOWN), text)


def filled_step(step: Step, numbers: Mapping[str, str]) -> Step:
    """All that it says, with numbers."""
    return replace(
        step,
        text=filled(step.text, numbers),
        task=filled(step.task, numbers),
        hint=filled(step.hint, numbers),
        after=filled(step.after, numbers),
    )


def numbers_of(state: ViewState | None, cells: Cells = ()) -> dict[str, str]:
    """By the names in `core.lessons.reading.PLACEHOLDERS`. cells: that were clicked."""
    if state is None:
        return {}
    explanation, target = state.explanation, state.target
    return {
        **_network(explanation),
        **_frame(explanation, target.class_id, target.other),
        **_map(explanation, target.class_id, cells),
    }


def _network(explanation: Explanation) -> dict[str, str]:
    seen, side = explanation.network_input, explanation.resolution or 0
    rows, columns = seen.shape[:2] if seen is not None else (side, side)
    given = explanation.model.preprocessing
    depth = len(given.mean) if given is not None else 3
    height, width = shape_of(explanation.maps)
    found = {
        "model": _plain(explanation.model.title),
        "input": f"[{depth}, {rows}, {columns}]",
        "map": f"[{height}, {width}]",
        "cells": whole(height * width),
        "classes": whole(len(explanation.labels)),
        "region": f"{explanation.region.width} × {explanation.region.height}",
    }
    channels = explanation.maps.channels
    if channels is not None:
        count, classes, flat = channels.count, len(explanation.labels), channels.count * height * width
        found |= {
            "channels": whole(count),
            "features": f"[{count}, {height}, {width}]",
            "pooled_weights": f"[{classes}, {count}]",
            "pooled_count": whole(classes * count),
            "flat": whole(flat),
            "flat_weights": f"[{classes}, {flat}]",
            "flat_count": whole(classes * flat),
        }
    return found


def _frame(explanation: Explanation, chosen: int, other: int | None) -> dict[str, str]:
    top, frame, edit = explanation.top(1)[0], explanation.frame, explanation.request.edit
    found = {
        "class": _plain(class_name(explanation.labels, chosen)),
        "top": _plain(class_name(explanation.labels, top)),
        "probability": percent(float(explanation.probabilities[chosen])),
        "top_probability": percent(float(explanation.probabilities[top])),
        "logit": signed(float(explanation.logits[chosen]), 2),
        "photo": _plain(frame.source.rsplit(".", 1)[0]),
        "covered": percent(coverage_of(edit, frame.width, frame.height).share)
        if edit is not None
        else percent(0),
    }
    if other is not None:
        found["other"] = _plain(class_name(explanation.labels, other))
    before = explanation.before.prediction if explanation.before is not None else explanation.prediction
    was = before.top(1)[0]
    found |= {
        "was": _plain(class_name(explanation.labels, was)),
        "before": percent(float(before.probabilities[was])),
        "now": percent(float(explanation.probabilities[was])),
    }
    return found


def _map(explanation: Explanation, chosen: int, cells: Cells) -> dict[str, str]:
    """Of the class's own map, also while it is compared with another."""
    try:
        attribution = explanation.map(ClassScore(chosen))
    except MapUnavailableError:
        return {}
    values = attribution.values.astype("float64")
    rows, columns = values.shape
    cells = tuple(cell for cell in cells if cell[0] < rows and cell[1] < columns)  # of another fit: not here
    clicked = sum(float(values[cell]) for cell in cells)
    found = {
        "mean": signed(attribution.mean, 2),
        "sum": signed(float(values.sum()), 1),
        "highest": signed(float(values.max()), 1),
        "lowest": signed(float(values.min()), 1),
        "clicked": whole(len(cells)),
        "clicked_sum": signed(clicked, 1),
        "left": whole(values.size - len(cells)),
        "left_sum": signed(float(values.sum()) - clicked, 1),
    }
    if attribution.remainder is not None:
        found["bias"] = signed(attribution.remainder, 2)
    return found


def _plain(text: str) -> str:
    """Nothing in a name is Markdown."""
    return re.sub(r"([*_`\\<\[])", r"\\\1", text)
