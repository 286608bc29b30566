"""Figures over many photos, and how sure their differences are: the paired bootstrap.

Photos are drawn again, with replacement; every method is measured on the same draw, so that what makes a
photo hard for all of them is no difference. B. Efron, R. Tibshirani: An Introduction to the Bootstrap. 1993.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields

import numpy as np
from numpy.typing import NDArray

from camviewer.core.quality.boxes import IOUS, STEPS, max_box_acc_v2
from camviewer.core.quality.scores import MapScores, adcc

DRAWS = 2000
"""So many times the photos are drawn again."""
_AT_ONCE = 100
_CENTRAL = (2.5, 97.5)
_SEEN = 0.0005
"""Half of the last digit that is shown: where two methods are one by mathematics, less is rounding."""

Values = NDArray[np.float64]
Statistic = Callable[[Values], Values]
"""Weights of the photos [b, n], each row adding up to 1 → a figure for each row [b]."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure. rises: whether more is better. percent: whether people give it in percent."""

    name: str
    title: str
    rises: bool
    percent: bool = True


METRICS = (
    Metric("max_box_acc_v2", "MaxBoxAccV2", rises=True),
    Metric("drop", "Average Drop", rises=False),
    Metric("increase", "Increase in Confidence", rises=True),
    Metric("drop_in_deletion", "Drop in Deletion", rises=True),
    Metric("coherency", "Coherency", rises=True),
    Metric("complexity", "Complexity", rises=False),
    Metric("adcc", "ADCC", rises=True),
    Metric("insertion", "Insertion", rises=True, percent=False),
    Metric("deletion", "Deletion", rises=False, percent=False),
    Metric("gain", "Gain", rises=True, percent=False),
)
"""In the order of the table."""


@dataclass(frozen=True, slots=True)
class Figure:
    """value: over all photos. difference: value − that of the first method, and the central 95 % of it.

    None for the first method itself.
    """

    value: float
    difference: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def differs(self) -> bool:
        """Whether the interval leaves out 0, by more than what figures are rounded to."""
        return self.low is not None and self.high is not None and (self.low > _SEEN or self.high < -_SEEN)


class RowScores:
    """What was measured of one method, photo by photo."""

    def __init__(self) -> None:
        self._scores: list[tuple[float, ...]] = []
        self._found: list[NDArray[np.bool_]] = []

    def add(self, scores: MapScores, found: NDArray[np.bool_] | None) -> None:
        """Of one more photo. found: `boxes.found_at`, bool [3, STEPS]; None for all photos, or for none."""
        self._scores.append(astuple(scores))
        if found is not None:
            self._found.append(found)

    @property
    def photos(self) -> int:
        """How many were added."""
        return len(self._scores)

    def statistics(self) -> dict[str, Statistic]:
        """How to make each figure, by the metric's name, in the order of `METRICS`."""
        values = np.array(self._scores, np.float64)
        columns = {field.name: values[:, i] for i, field in enumerate(fields(MapScores))}
        made = {name: _mean(column) for name, column in columns.items()}

        def harmonic(weights: Values) -> Values:
            return adcc(*(weights @ columns[name] for name in ("drop", "coherency", "complexity")))

        made["adcc"] = harmonic
        if self._found:
            made["max_box_acc_v2"] = _best_threshold(np.stack(self._found))
        return {metric.name: made[metric.name] for metric in METRICS if metric.name in made}


def _mean(column: Values) -> Statistic:
    return lambda weights: weights @ column


def _best_threshold(found: NDArray[np.bool_]) -> Statistic:
    """Each draw has its own best threshold, as another set of photos would have."""
    flat = found.reshape(len(found), -1).astype(np.float32)

    def statistic(weights: Values) -> Values:
        shares = weights.astype(np.float32) @ flat
        return max_box_acc_v2(shares.reshape(-1, len(IOUS), STEPS).astype(np.float64))

    return statistic


def compared(rows: Mapping[str, RowScores], draws: int = DRAWS) -> dict[str, dict[str, Figure]]:
    """Row → metric → figure. The first row is what the others are compared with. All of the same photos."""
    names, scores = tuple(rows), tuple(rows.values())
    statistics = [row.statistics() for row in scores]
    metrics = tuple(statistics[0])
    table = [[each[metric] for metric in metrics] for each in statistics]
    photos = scores[0].photos
    value = _evaluated(table, np.full((1, photos), 1 / photos))[..., 0]
    drawn = np.concatenate([_evaluated(table, weights) for weights in _weights(photos, draws)], axis=-1)
    low, high = np.percentile(drawn - drawn[:1], _CENTRAL, axis=-1)
    difference = value - value[:1]
    return {
        name: {
            metric: Figure(float(value[i, j]))
            if i == 0
            else Figure(float(value[i, j]), float(difference[i, j]), float(low[i, j]), float(high[i, j]))
            for j, metric in enumerate(metrics)
        }
        for i, name in enumerate(names)
    }


def _evaluated(table: Sequence[Sequence[Statistic]], weights: Values) -> Values:
    """[rows, metrics, b]."""
    return np.array([[statistic(weights) for statistic in row] for row in table])


def _weights(photos: int, draws: int) -> Iterator[Values]:
    """[b, photos] each: how often each photo was drawn, over their number. Always the same draws."""
    numbers = np.random.default_rng(0)
    for start in range(0, draws, _AT_ONCE):
        count = min(_AT_ONCE, draws - start)
        yield numbers.multinomial(photos, np.full(photos, 1 / photos), size=count) / photos
