"""How it adds up: bias + mean(CAM) = logit, and the channels' parts of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from camviewer.core.arrays import read_only
from camviewer.core.evidence import arithmetic, contributions, pooled
from camviewer.core.explanation import Explanation
from camviewer.core.maps import Channel, values
from camviewer.core.models.spec import LinearHead

MakeExplanation = Callable[..., Explanation]


@pytest.fixture(scope="module")
def wide(make_explanation: MakeExplanation) -> Explanation:
    """40 channels of both signs, 7 classes."""
    base = make_explanation()
    numbers = np.random.default_rng(5)
    features = (4 * numbers.standard_normal((40, 5, 6)) + 1).astype(np.float32)
    weight = numbers.standard_normal((7, 40)).astype(np.float32)
    logits = (weight @ features.mean((1, 2)) + base.head.bias).astype(np.float32)
    head = LinearHead(read_only(weight), base.head.bias, base.head.labels)
    return replace(base, features=read_only(features), head=head, logits=read_only(logits), _cams={})


@pytest.mark.parametrize("class_id", range(7))
def test_bias_and_mean_are_the_logit(wide: Explanation, class_id: int) -> None:
    sums = arithmetic(wide, class_id)
    assert sums.class_id == class_id
    assert sums.mean == pytest.approx(float(wide.cam(class_id).mean()), abs=1e-5)
    assert sums.bias == wide.head.bias[class_id]
    assert sums.logit == wide.logits[class_id]
    assert sums.probability == wide.probabilities[class_id]
    assert abs(sums.residual) < 1e-4
    assert sums.residual == sums.logit - (sums.mean + sums.bias)


def test_the_residual_is_told_not_hidden(wide: Explanation) -> None:
    wrong = replace(wide, logits=read_only(wide.logits + np.float32(0.25)), _cams={})
    assert arithmetic(wrong, 3).residual == pytest.approx(0.25, abs=1e-4)


def test_pooling_is_the_mean_over_the_cells(wide: Explanation) -> None:
    found = pooled(wide)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, wide.features.astype(np.float64).mean((1, 2)), rtol=0, atol=1e-5)


@pytest.mark.parametrize("class_id", range(7))
def test_all_parts_and_the_bias_add_up_to_the_logit(wide: Explanation, class_id: int) -> None:
    parts = contributions(wide, class_id, most=40)
    assert sorted(part.channel for part in parts) == list(range(40))
    total = sum(part.value for part in parts) + float(wide.head.bias[class_id])
    assert total == pytest.approx(float(wide.logits[class_id]), abs=1e-4)


def test_a_part_is_the_mean_of_its_channel_s_map(wide: Explanation) -> None:
    for part in contributions(wide, 2):
        assert part.weight == wide.head.weight[2, part.channel]
        assert part.pooled == pytest.approx(float(wide.features[part.channel].mean()), abs=1e-5)
        assert part.value == part.weight * part.pooled
        assert part.value == pytest.approx(float(values(wide, Channel(2, part.channel)).mean()), abs=1e-4)


@given(class_id=st.integers(0, 6), most=st.integers(0, 60))
def test_the_most_helpful_come_first_and_the_most_harmful_last(
    make_explanation: MakeExplanation, wide: Explanation, class_id: int, most: int
) -> None:
    parts = contributions(wide, class_id, most)
    assert len(parts) == min(most, 40)
    assert len({part.channel for part in parts}) == len(parts)
    found = [part.value for part in parts]
    assert found == sorted(found, reverse=True)
    everything = [part.value for part in contributions(wide, class_id, 40)]
    best, worst = (len(parts) + 1) // 2, len(parts) // 2
    assert found[:best] == everything[:best]
    assert found[best:] == everything[40 - worst :]


def test_ten_are_asked_for_by_default(wide: Explanation, make_explanation: MakeExplanation) -> None:
    assert len(contributions(wide, 0)) == 10
    assert len(contributions(make_explanation(), 0)) == 4, "as many as there are"


@pytest.mark.parametrize("class_id", [-1, 7])
def test_other_classes_are_an_index_error(wide: Explanation, class_id: int) -> None:
    with pytest.raises(IndexError, match="is not among"):
        arithmetic(wide, class_id)
    with pytest.raises(IndexError, match="is not among"):
        contributions(wide, class_id)


def test_averaging_for_display_changes_no_number(wide: Explanation) -> None:
    averaged = replace(wide, averaged=read_only(3 * wide.features), _cams={})
    assert arithmetic(averaged, 1) == arithmetic(wide, 1)
    assert contributions(averaged, 1) == contributions(wide, 1)
