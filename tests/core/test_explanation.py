"""The most probable classes, and those to show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from camviewer.core.explanation import Explanation, largest, predicted
from camviewer.core.models.spec import Link


@pytest.mark.parametrize("count", [1, 2, 7, 1000, 21_841])
def test_the_largest_are_those_of_a_stable_sort(count: int) -> None:
    numbers = np.random.default_rng(count)
    values = numbers.integers(0, max(count // 3, 2), count).astype(np.float32)  # many are equal
    for k in (-1, 0, 1, 2, 5, 200, count, count + 3):
        expected = np.argsort(-values, kind="stable")[: max(k, 0)]
        assert largest(values, k) == tuple(expected.tolist())


def test_one_score_alone_is_a_sigmoids_whatever_is_said() -> None:
    """A softmax over one number is 1 for every picture."""
    for link in Link:
        found = predicted(np.array([-1.5], np.float32), ("ill",), link).probabilities
        assert found == pytest.approx([1 / (1 + np.exp(1.5))])


def test_what_is_no_number_comes_last() -> None:
    values = np.array([np.nan, 1.0, np.inf, np.nan, -np.inf], np.float32)
    assert largest(values, 5) == (2, 1, 4, 0, 3)
    assert largest(values, 2) == (2, 1)


def of_link(make: Callable[..., Explanation], logits: list[float], link: Link) -> Explanation:
    labels = tuple(f"class {i}" for i in range(len(logits)))
    made = make(labels)
    prediction = predicted(np.array(logits, np.float32), labels, link)
    return replace(made, prediction=prediction, model=replace(made.model, link=link))


def test_of_a_softmax_the_top_is_shown(make_explanation: Callable[..., Explanation]) -> None:
    made = of_link(make_explanation, [0.0, 5.0, -1.0, 2.0], Link.SOFTMAX)
    assert made.likely(3) == (1, 3, 0)


def test_of_sigmoids_those_that_are_likely(make_explanation: Callable[..., Explanation]) -> None:
    made = of_link(make_explanation, [0.1, 5.0, -1.0, 2.0, 3.0], Link.SIGMOID)
    assert made.likely(5) == (1, 4, 3, 0)
    assert made.likely(2) == (1, 4), "at most a handful"


def test_of_sigmoids_at_least_one(make_explanation: Callable[..., Explanation]) -> None:
    assert of_link(make_explanation, [-3.0, -1.0, -2.0], Link.SIGMOID).likely(5) == (1,)


def test_both_sides_of_a_binary_network(make_explanation: Callable[..., Explanation]) -> None:
    assert of_link(make_explanation, [-3.0, 3.0], Link.SIGMOID).likely(5) == (1, 0)
