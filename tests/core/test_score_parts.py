"""A score by cells and by channels: both ways give the logit, score = mean + remainder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from camviewer.core.arrays import read_only
from camviewer.core.evidence import Faithfulness
from camviewer.core.explanation import Explanation, predicted
from camviewer.core.maps import ExactMaps, Unit
from camviewer.core.models.spec import LinearHead
from camviewer.core.score_parts import MOST, ScoreParts, score_parts
from camviewer.core.targets import ChannelPart, ClassScore, ScoreDifference, Target
from tests.helpers import cam, computed, drawn_as, exact

MakeExplanation = Callable[..., Explanation]
CHANNELS, CLASSES = 40, 7
WHOLE: tuple[Target, ...] = (ClassScore(0), ClassScore(5), ScoreDifference(2, 6), ScoreDifference(4, 1))


@pytest.fixture(scope="module", params=[(7, 7), (5, 6), (1, 1), (24, 32)], ids=str)
def wide(request: pytest.FixtureRequest, make_explanation: MakeExplanation) -> Explanation:
    """40 channels of both signs in cells of all counts, 7 classes."""
    base = make_explanation()
    numbers, labels = np.random.default_rng(5), exact(base).head.labels
    features = (4 * numbers.standard_normal((CHANNELS, *request.param)) + 1).astype(np.float32)
    weight = numbers.standard_normal((CLASSES, CHANNELS)).astype(np.float32)
    bias = numbers.standard_normal(CLASSES).astype(np.float32)
    logits = (weight.astype(np.float64) @ features.mean((1, 2), dtype=np.float64) + bias).astype(np.float32)
    head = LinearHead(read_only(weight), read_only(bias), labels)
    maps = ExactMaps(read_only(features), head, "layer4")
    return replace(base, prediction=predicted(logits, labels), maps=maps)


def remainder_of(parts: ScoreParts) -> float:
    assert parts.sums is not None
    return parts.sums.remainder


@pytest.mark.parametrize("target", WHOLE)
def test_both_ways_give_the_score(wide: Explanation, target: Target) -> None:
    """The network's own number, by its cells and by its channels."""
    parts, score = score_parts(wide, target), target.score(wide.logits)
    assert score is not None
    by_cells = sum(parts.part(*cell) or 0.0 for cell in np.ndindex(parts.values.shape))
    assert by_cells + remainder_of(parts) == pytest.approx(score, abs=1e-4)
    by_channels = sum(each.value for each in parts.channels) + parts.rest
    assert by_channels + remainder_of(parts) == pytest.approx(score, abs=1e-4)
    assert (len(parts.channels), parts.count, parts.classes) == (MOST, CHANNELS, CLASSES)
    assert parts.cells == parts.values.size
    assert parts.flat_weights == CHANNELS * parts.cells


@pytest.mark.parametrize("target", WHOLE)
def test_in_each_cell_all_channels_are_the_map(wide: Explanation, target: Target) -> None:
    parts = score_parts(wide, target, most=CHANNELS)
    assert parts.rest == pytest.approx(0, abs=1e-4)
    total = np.sum([each.values for each in parts.channels], axis=0, dtype=np.float64)
    np.testing.assert_allclose(total, wide.map(target).values, atol=1e-4)
    for each in parts.channels:
        assert each.value == pytest.approx(float(each.values.mean(dtype=np.float64)), abs=1e-4)


def test_a_channel_is_its_weight_and_its_mean(wide: Explanation) -> None:
    maps = exact(wide)
    for each in score_parts(wide, ClassScore(2)).channels:
        assert each.weight == maps.head.weight[2, each.channel]
        assert each.pooled == pytest.approx(float(maps.features[each.channel].mean()), abs=1e-5)
        assert each.value == pytest.approx(wide.map(ChannelPart(2, each.channel)).mean, abs=1e-4)
        assert np.array_equal(each.plane, maps.features[each.channel])


@given(class_id=st.integers(0, 6), most=st.integers(0, 60))
def test_the_most_helpful_come_first_and_the_most_harmful_last(
    make_explanation: MakeExplanation, class_id: int, most: int
) -> None:
    numbers, base = np.random.default_rng(class_id), make_explanation()
    head, features = exact(base).head, numbers.random((40, 2, 3)).astype(np.float32)
    weight = numbers.standard_normal((7, 40)).astype(np.float32)
    maps = ExactMaps(read_only(features), LinearHead(read_only(weight), head.bias, head.labels))
    wide = replace(base, maps=maps)
    parts = score_parts(wide, ClassScore(class_id), most=most).channels
    assert len({each.channel for each in parts}) == len(parts) == min(most, 40)
    found = [each.value for each in parts]
    assert found == sorted(found, reverse=True)
    everything = [each.value for each in score_parts(wide, ClassScore(class_id), most=40).channels]
    best, worst = (len(parts) + 1) // 2, len(parts) // 2
    assert found[:best] == everything[:best]
    assert found[best:] == everything[40 - worst :]


def test_fewer_channels_than_are_drawn(make_explanation: MakeExplanation) -> None:
    parts = score_parts(make_explanation(), ClassScore(0))
    assert len(parts.channels) == parts.count == 4, "as many as there are"
    assert parts.rest == pytest.approx(0, abs=1e-5)


def test_held_channels_stay_in_their_order(wide: Explanation) -> None:
    """While one is pointed at, the list must not move; what is not shown is in the rest."""
    held = (7, 3, 39)
    parts = score_parts(wide, ClassScore(1), held)
    assert tuple(each.channel for each in parts.channels) == held
    total = sum(each.value for each in parts.channels) + parts.rest + remainder_of(parts)
    assert total == pytest.approx(float(wide.logits[1]), abs=1e-4)
    gone = score_parts(wide, ClassScore(1), (7, 999, -1)).channels
    assert [each.channel for each in gone] == [7], "another network may have fewer"


def test_a_channel_in_view_is_always_among_them(wide: Explanation) -> None:
    usual = [each.channel for each in score_parts(wide, ClassScore(1)).channels]
    for channel in range(CHANNELS):
        parts = score_parts(wide, ChannelPart(1, channel))
        assert parts.target == ClassScore(1), "what it is a part of"
        assert np.array_equal(parts.values, cam(wide, 1))
        assert parts.channel(channel) is not None
        assert len(parts.channels) == MOST
        if channel in usual:
            assert [each.channel for each in parts.channels] == usual
    assert score_parts(wide, ClassScore(1)).channel(None) is None


@pytest.mark.parametrize(
    ("unit", "kind"),
    [
        (Unit.LOGIT, Faithfulness.LOCAL),
        (Unit.RELATIVE, Faithfulness.RELATIVE),
        (Unit.LOGIT_CHANGE, Faithfulness.CHANGE),
    ],
)
def test_without_a_linear_head_there_are_only_cells(
    make_explanation: MakeExplanation, unit: Unit, kind: Faithfulness
) -> None:
    """And without a unit not even parts: a cell's share of nothing."""
    explanation = computed(make_explanation(), WHOLE, unit)
    parts = score_parts(explanation, ClassScore(5))
    assert (parts.kind, parts.channels, parts.count, parts.flat_weights) == (kind, (), 0, 0)
    if unit is not Unit.LOGIT:
        assert parts.sums is None
        assert parts.part(0, 0) is None
        return
    by_cells = sum(parts.part(*cell) or 0.0 for cell in np.ndindex(parts.values.shape))
    assert by_cells + remainder_of(parts) == pytest.approx(float(explanation.logits[5]), abs=1e-4)


def test_other_classes_are_an_index_error(wide: Explanation) -> None:
    for class_id in (-1, CLASSES):
        with pytest.raises(IndexError, match="is not among"):
            score_parts(wide, ClassScore(class_id))


def test_averaging_for_display_changes_no_number(wide: Explanation) -> None:
    averaged = score_parts(drawn_as(wide, 3 * exact(wide).features), ClassScore(1))
    parts = score_parts(wide, ClassScore(1))
    assert (averaged.sums, averaged.rest) == (parts.sums, parts.rest)
    assert [each.value for each in averaged.channels] == [each.value for each in parts.channels]
