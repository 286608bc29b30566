"""What is said of one cell of the map in view."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from camviewer.core.explanation import Explanation
from camviewer.core.maps import Difference, MapChoice, class_of, values
from camviewer.ui.widgets.words import decimal, signed

translate = QCoreApplication.translate


def readout(explanation: Explanation, choice: MapChoice, row: int, column: int) -> tuple[str, str]:
    """Its place and value, and its share of the logit. Of the exact map, also where an average is drawn."""
    cam = values(explanation, choice)
    value = float(cam[row, column])
    share = signed(value / cam.size, 2)
    if isinstance(choice, Difference):
        gap = float(explanation.logits[choice.class_id] - explanation.logits[choice.other])
        part = translate("readout", "{0} of the difference {1}").format(share, signed(gap, 2))
    else:
        logit = float(explanation.logits[class_of(choice)])
        part = translate("readout", "{0} of the logit {1}").format(share, decimal(logit, 2))
    place = translate("readout", "row {0}, column {1}: {2}")
    return place.format(row + 1, column + 1, signed(value, 1)), part
