"""Scores over time: the rows are the explanations' own numbers."""

from __future__ import annotations

import csv
import io

import numpy as np

from camviewer.core.explanation import Prediction, predicted
from camviewer.core.timeline import LEAST_ROWS, MOST_ROWS, Stretch, Timeline, live_capacity

LABELS = ("tabby", "Löwe, “Leo”", "crane")


def predictions(count: int) -> list[Prediction]:
    numbers = np.random.default_rng(3)
    return [predicted(numbers.standard_normal(3).astype(np.float32), LABELS) for _ in range(count)]


def filled(count: int, capacity: int = 100) -> tuple[Timeline, list[Prediction]]:
    timeline, made = Timeline(LABELS, capacity), predictions(count)
    for index, prediction in enumerate(made):
        assert timeline.append(0.5 * index, prediction)
    return timeline, made


def test_rows_are_the_predictions_to_the_bit() -> None:
    timeline, made = filled(9)
    assert timeline.times.tolist() == [0.5 * i for i in range(9)]
    for logits in (True, False):
        scores = timeline.scores((2, 0), logits=logits)
        rows = [p.logits if logits else p.probabilities for p in made]
        assert np.array_equal(scores, np.array(rows)[:, [2, 0]])
    assert timeline.top.tolist() == [p.top(1)[0] for p in made]
    assert timeline.scores((1,), logits=True, since=3.0).shape == (3, 1)


def test_the_oldest_give_way() -> None:
    timeline, made = filled(23, capacity=8)
    assert (len(timeline), timeline.appended) == (8, 23)
    assert timeline.times.tolist() == [0.5 * i for i in range(15, 23)]
    assert np.array_equal(timeline.scores((1,), logits=True)[:, 0], [p.logits[1] for p in made[15:]])


def test_time_never_goes_back() -> None:
    timeline, made = filled(3)
    assert not timeline.append(1.0, made[0])
    assert not timeline.append(0.2, made[0])
    assert len(timeline) == 3


def test_changes_of_the_top_class() -> None:
    timeline = Timeline(LABELS, 6)
    assert timeline.stretches() == []
    for time, top in enumerate([2, 0, 0, 1, 1, 1, 2, 1]):  # the first two give way
        timeline.append(float(time), predicted(np.eye(3, dtype=np.float32)[top], LABELS))
    assert timeline.stretches() == [
        Stretch(2.0, 2.0, 0),
        Stretch(3.0, 5.0, 1),
        Stretch(6.0, 6.0, 2),
        Stretch(7.0, 7.0, 1),
    ]
    assert timeline.stretches(since=4.0)[0] == Stretch(4.0, 5.0, 1)
    assert timeline.leaders(2) == (1, 0)
    assert timeline.leaders(5, since=6.0) == (1, 2)


def test_the_nearest_row() -> None:
    timeline, _ = filled(4)
    assert Timeline(LABELS, 4).nearest(1.0) is None
    assert [timeline.nearest(t) for t in (-5.0, 0.6, 0.9, 99.0)] == [0, 1, 2, 3]


def test_the_table_holds_all_digits() -> None:
    timeline, made = filled(5)
    rows = list(csv.reader(io.StringIO(timeline.csv((1, 0), start=-2.0).decode("utf-8"))))
    assert rows[0][:4] == ["seconds", "top_class_id", "top_label", "Löwe, “Leo” (1) logit"]
    assert len(rows) == 6
    for index, (row, prediction) in enumerate(zip(rows[1:], made, strict=True)):
        assert float(row[0]) == 0.5 * index + 2.0
        assert (int(row[1]), row[2]) == (prediction.top(1)[0], LABELS[prediction.top(1)[0]])
        expected = [*prediction.logits[[1, 0]], *prediction.probabilities[[1, 0]]]
        assert [np.float32(cell) for cell in row[3:]] == expected


def test_memory_is_bounded_whatever_the_number_of_classes() -> None:
    assert live_capacity(10) == MOST_ROWS
    assert live_capacity(1000) == MOST_ROWS
    assert LEAST_ROWS <= live_capacity(21_841) < MOST_ROWS
