"""How it adds up: mean(map) + remainder = score, bias + mean(CAM) = logit, and the channels' parts of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from camviewer.core.arrays import read_only
from camviewer.core.evidence import Arithmetic, arithmetic
from camviewer.core.explanation import Explanation, predicted
from camviewer.core.maps import ExactMaps, MapUnavailableError, Unit
from camviewer.core.models.spec import LinearHead
from camviewer.core.targets import ChannelPart, ClassScore, ScoreDifference, Target
from tests.helpers import cam, computed, drawn_as, exact

MakeExplanation = Callable[..., Explanation]


@pytest.fixture(scope="module")
def wide(make_explanation: MakeExplanation) -> Explanation:
    """40 channels of both signs, 7 classes."""
    base = make_explanation()
    numbers, head = np.random.default_rng(5), exact(base).head
    features = (4 * numbers.standard_normal((40, 5, 6)) + 1).astype(np.float32)
    weight = numbers.standard_normal((7, 40)).astype(np.float32)
    logits = (weight @ features.mean((1, 2)) + head.bias).astype(np.float32)
    maps = ExactMaps(read_only(features), LinearHead(read_only(weight), head.bias, head.labels), "layer4")
    return replace(base, prediction=predicted(logits, head.labels), maps=maps)


def sums_of(explanation: Explanation, target: Target) -> Arithmetic:
    found = arithmetic(explanation, target)
    assert found is not None
    return found


@pytest.mark.parametrize("class_id", range(7))
def test_bias_and_mean_are_the_logit(wide: Explanation, class_id: int) -> None:
    sums = sums_of(wide, ClassScore(class_id))
    assert sums.mean == pytest.approx(float(cam(wide, class_id).mean()), abs=1e-5)
    assert sums.remainder == exact(wide).head.bias[class_id]
    assert sums.score == wide.logits[class_id]
    assert abs(sums.residual) < 1e-4
    assert sums.residual == sums.score - (sums.mean + sums.remainder)


@pytest.mark.parametrize("other", range(7))
def test_a_difference_adds_up_to_that_of_the_logits(wide: Explanation, other: int) -> None:
    sums, bias = sums_of(wide, ScoreDifference(2, other)), exact(wide).head.bias
    assert sums.score == float(wide.logits[2] - wide.logits[other])
    assert sums.remainder == float(bias[2]) - float(bias[other])
    assert abs(sums.residual) < 2e-4


def test_a_channel_s_part_is_all_on_its_map(wide: Explanation) -> None:
    sums = sums_of(wide, ChannelPart(2, 11))
    assert (sums.remainder, sums.residual, sums.share_left_out) == (0, 0, 0)
    assert sums.score == sums.mean


def test_the_residual_is_told_not_hidden(wide: Explanation) -> None:
    logits = read_only(wide.logits + np.float32(0.25))
    wrong = replace(wide, prediction=predicted(logits, wide.labels))
    assert sums_of(wrong, ClassScore(3)).residual == pytest.approx(0.25, abs=1e-4)


TARGETS: tuple[Target, ...] = (ClassScore(4), ScoreDifference(0, 2), ChannelPart(1, 3))


@pytest.mark.parametrize("target", TARGETS)
def test_computed_maps_add_up_where_they_have_a_unit(
    make_explanation: MakeExplanation, target: Target
) -> None:
    explanation = computed(make_explanation(), TARGETS)
    sums, found = sums_of(explanation, target), explanation.map(target)
    assert (sums.mean, sums.remainder) == (found.mean, found.remainder)
    score = target.score(explanation.logits)
    assert sums.score == (found.score if score is None else score)
    assert abs(sums.residual) < 1e-6
    assert arithmetic(computed(make_explanation(), TARGETS, Unit.RELATIVE), target) is None


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_the_share_that_is_not_on_the_map(mean: float, remainder: float) -> None:
    share = Arithmetic(mean, remainder, mean + remainder).share_left_out
    if mean == remainder == 0:
        assert share is None
        return
    assert share is not None
    assert 0 <= share <= 1
    assert share * (abs(mean) + abs(remainder)) == pytest.approx(abs(remainder))
    assert share == Arithmetic(-mean, remainder, 0.0).share_left_out, "by size: signs don't matter"


@pytest.mark.parametrize(
    ("mean", "remainder", "share"), [(3.0, 1.0, 0.25), (-1.0, 1.0, 0.5), (0.0, -2.0, 1.0), (2.0, 0.0, 0.0)]
)
def test_shares_by_hand(mean: float, remainder: float, share: float) -> None:
    assert Arithmetic(mean, remainder, 7.0).share_left_out == share


def test_pooling_is_the_mean_over_the_cells(wide: Explanation) -> None:
    channels = wide.maps.channels
    assert channels is not None
    assert channels.pooled.dtype == np.float32
    expected = exact(wide).features.astype(np.float64).mean((1, 2))
    np.testing.assert_allclose(channels.pooled, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("class_id", [-1, 7])
def test_other_classes_are_an_index_error(wide: Explanation, class_id: int) -> None:
    with pytest.raises(IndexError, match="is not among"):
        arithmetic(wide, ClassScore(class_id))


def test_a_map_that_was_not_computed_is_unavailable(make_explanation: MakeExplanation) -> None:
    for unit in Unit:
        with pytest.raises(MapUnavailableError):
            arithmetic(computed(make_explanation(), TARGETS, unit), ClassScore(6))


def test_averaging_for_display_changes_no_number(wide: Explanation) -> None:
    averaged = drawn_as(wide, 3 * exact(wide).features)
    assert arithmetic(averaged, ClassScore(1)) == arithmetic(wide, ClassScore(1))
