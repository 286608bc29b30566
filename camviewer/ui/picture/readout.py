"""The text about one cell of the map in view."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from camviewer.core.evidence import (
    Faithfulness,
    arithmetic,
    faithfulness,
)
from camviewer.core.maps import Unit
from camviewer.media.drawing.view_state import ViewState
from camviewer.ui.widgets.words import (
    decimal,
    percent,
    signed,
    significant,
)

translate = QCoreApplication.translate


def readout(state: ViewState, row: int, column: int) -> tuple[str, ...]:
    """Its place and value, and its share of the score, where the map's unit allows one.

    Of the map whose numbers count, also where an average is drawn.
    """
    found, target = state.map, state.target
    value = float(found.values[row, column])
    place = translate("readout", "row {0}, column {1}: {2}")
    if found.unit is Unit.RELATIVE:
        place = place.format(row + 1, column + 1, significant(value, 3))
        return place, translate("readout", "relative: where, not how much")
    if found.unit is Unit.LOGIT_CHANGE:
        place = place.format(row + 1, column + 1, signed(value, 2))
        if target.other is not None:
            return place, translate(
                "readout", "so much the difference falls where this is covered, in logits"
            )
        return place, translate("readout", "so much the score falls where this is covered, in logits")
    share = signed(value / found.values.size, 2)
    logits = state.explanation.logits
    if target.other is not None:
        gap = float(logits[target.class_id] - logits[target.other])
        part = translate("readout", "{0} of the difference {1}").format(share, signed(gap, 2))
    else:
        part = translate("readout", "{0} of the logit {1}").format(
            share, decimal(float(logits[target.class_id]), 2)
        )
    lines = place.format(row + 1, column + 1, signed(value, 1)), part
    if faithfulness(state.explanation.maps) is not Faithfulness.LOCAL:
        return lines
    sums = arithmetic(state.explanation, target)
    left_out = percent(sums.share_left_out or 0.0) if sums is not None else "–"
    return *lines, translate("readout", "to first order; {0} of the score is not on the map").format(left_out)
