"""A measurement as JSON types, for files."""

from __future__ import annotations

from collections.abc import Sequence

from camviewer.core.gauge.curves import Curves
from camviewer.core.gauge.measuring import Measurement
from camviewer.core.gauge.verdict import comparison_of, verdict
from camviewer.core.storage.files import number


def gauge_facts(measurement: Measurement, labels: Sequence[str]) -> dict[str, object]:
    """gain: the symmetric relevance gain; random: those of random maps, and how far one more may reach.

    curves: probabilities after 0, 1, … all steps, and their areas. labels: of all classes.
    """
    comparison = comparison_of(measurement)
    class_id = measurement.target.class_id
    facts: dict[str, object] = {
        "class_id": class_id,
        "label": labels[class_id],
        "method": measurement.method,
        "passes": measurement.passes,
        "gain": number(comparison.gain),
        "random": {
            "maps": len(measurement.randoms),
            "spread": number(comparison.spread),
            "reach": number(comparison.reach),
        },
        "standing": comparison.standing.value,
        "verdict": str(verdict(comparison, labels[class_id])),
        "curves": _curve_facts(measurement.own),
    }
    if measurement.gaussian is not None:
        facts["gaussian"] = {"gain": number(measurement.gaussian.gain)}
    if measurement.other is not None and measurement.other_class is not None:
        other = measurement.other_class
        facts["other"] = {
            "class_id": other,
            "label": labels[other],
            "gain": number(measurement.other.gain),
        }
    return facts


def _curve_facts(curves: Curves) -> dict[str, object]:
    return {
        "deletion": [number(value) for value in curves.deletion],
        "insertion": [number(value) for value in curves.insertion],
        "deletion_area": number(curves.deletion_area),
        "insertion_area": number(curves.insertion_area),
    }
