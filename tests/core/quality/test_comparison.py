"""Figures over photos and their intervals, against other implementations and by identity."""

from __future__ import annotations

import statistics

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from camviewer.core.quality.boxes import IOUS, STEPS
from camviewer.core.quality.comparison import METRICS, Figure, RowScores, compared
from camviewer.core.quality.scores import MapScores

PHOTOS = 40


def row(seed: int, better: float = 0.0, boxes: bool = True) -> RowScores:
    """Random scores; each photo of the same number is as hard for all rows."""
    numbers, hard = np.random.default_rng(seed), np.random.default_rng(99)
    made = RowScores()
    for _ in range(PHOTOS):
        common = hard.random() * 0.5
        values = 0.4 * numbers.random(8) + 0.1 + common
        values[5] += better
        made.add(MapScores(*values.tolist()), numbers.random((3, STEPS)) < 0.6 if boxes else None)
    return made


def columns(made: RowScores) -> NDArray[np.float64]:
    return np.array(made._scores)


def test_each_figure_is_what_its_name_says() -> None:
    made = row(0)
    figures = compared({"one": made})["one"]
    assert list(figures) == [metric.name for metric in METRICS]
    means = columns(made).mean(0)
    assert figures["drop"].value == pytest.approx(means[0])
    assert figures["drop"].difference is None
    assert figures["gain"].value == pytest.approx(means[7])
    harmonic = statistics.harmonic_mean([means[3], 1 - means[4], 1 - means[0]])
    assert figures["adcc"].value == pytest.approx(harmonic)
    best = [
        max(np.mean([found[i, step] for found in made._found]) for step in range(STEPS))
        for i in range(len(IOUS))
    ]
    assert figures["max_box_acc_v2"].value == pytest.approx(statistics.mean(best))
    assert "max_box_acc_v2" not in compared({"one": row(0, boxes=False)})["one"]


def test_the_same_maps_do_not_differ() -> None:
    for figure in compared({"one": row(1), "other": row(1)})["other"].values():
        assert (figure.difference, figure.low, figure.high) == (0, 0, 0)
        assert not figure.differs


def test_intervals_are_scipy_s_and_paired() -> None:
    first, second = row(2), row(3, better=0.3)
    figures = compared({"one": first, "other": second})["other"]
    insertion = figures["insertion"]
    assert insertion.low is not None
    assert insertion.high is not None
    difference = columns(second)[:, 5] - columns(first)[:, 5]
    assert insertion.difference == pytest.approx(difference.mean())
    theirs = stats.bootstrap(
        (difference,), np.mean, n_resamples=4000, method="percentile", rng=np.random.default_rng(1)
    ).confidence_interval
    assert insertion.low == pytest.approx(theirs.low, abs=0.01)
    assert insertion.high == pytest.approx(theirs.high, abs=0.01)
    assert insertion.differs
    unpaired = np.hypot(columns(first)[:, 5].std(), columns(second)[:, 5].std()) / PHOTOS**0.5
    assert insertion.high - insertion.low < 0.8 * 2 * 1.96 * unpaired, (
        "what is hard for both is no difference"
    )


def test_what_is_smaller_than_the_figures_shown_is_no_difference() -> None:
    assert not Figure(0.5, 1e-6, 1e-7, 1e-5).differs
    assert not Figure(0.5, 0.1, -0.1, 0.3).differs
    assert Figure(0.5, 0.1, 0.01, 0.3).differs
    assert Figure(0.5, -0.1, -0.3, -0.01).differs
    assert not Figure(0.5).differs
