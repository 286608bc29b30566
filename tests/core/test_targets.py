"""What a map speaks for: all three kinds answer the same questions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from camviewer.core.arrays import FloatArray
from camviewer.core.explanation import Explanation
from camviewer.core.targets import ChannelPart, ClassScore, ScoreDifference, Target, scores_of

MakeExplanation = Callable[..., Explanation]


def test_titles_classes_and_signs(make_explanation: MakeExplanation) -> None:
    """A target that compares with another is of use only with both signs in view."""
    explanation = make_explanation()
    cases: list[tuple[Target, str, int, bool]] = [
        (ClassScore(0), "tabby", 0, False),
        (ScoreDifference(0, 1), "tabby − tiger cat", 0, True),
        (ScoreDifference(3, 2), "tennis ball − golden retriever", 3, True),
        (ChannelPart(1, 3), "tiger cat, channel 3", 1, False),
    ]
    for target, text, class_id, compares in cases:
        assert target.title(explanation.labels) == explanation.title(target) == text
        assert target.class_id == class_id
        assert (target.other is not None) is compares


@pytest.mark.parametrize(
    ("target", "class_id", "other", "channel", "classes"),
    [
        (ClassScore(2), 2, None, None, (2,)),
        (ScoreDifference(2, 5), 2, 5, None, (2, 5)),
        (ScoreDifference(2, 0), 2, 0, None, (2, 0)),
        (ChannelPart(2, 0), 2, None, 0, (2,)),
    ],
)
def test_all_answer_the_same_questions(
    target: Target, class_id: int, other: int | None, channel: int | None, classes: tuple[int, ...]
) -> None:
    assert (target.class_id, target.other, target.channel, target.classes) == (
        class_id,
        other,
        channel,
        classes,
    )


def test_targets_compare_and_can_be_keys() -> None:
    assert ScoreDifference(1, 2) == ScoreDifference(1, 2) != ScoreDifference(2, 1)
    one_of_each: tuple[Target, ...] = (ClassScore(1), ScoreDifference(1, 2), ChannelPart(1, 2))
    again: tuple[Target, ...] = (ClassScore(1), ScoreDifference(1, 2), ChannelPart(1, 2))
    assert one_of_each == again
    assert len({*one_of_each, *again}) == 3


@given(hnp.arrays(np.float32, st.integers(1, 20), elements=st.floats(-1e6, 1e6, width=32)), st.data())
def test_scores_are_those_of_the_network(logits: FloatArray, data: st.DataObject) -> None:
    classes = st.integers(0, len(logits) - 1)
    a, b = data.draw(classes), data.draw(classes)
    assert ClassScore(a).score(logits) == float(logits[a])
    difference = ScoreDifference(a, b).score(logits)
    assert difference == pytest.approx(float(logits[a]) - float(logits[b]), rel=1e-6)
    assert ScoreDifference(b, a).score(logits) == -(difference or 0.0)
    assert ScoreDifference(a, a).score(logits) == 0
    assert ChannelPart(a, b).score(logits) is None, "the logits don't say"


@given(st.lists(st.integers(0, 9)))
def test_scores_of_classes_in_their_order(class_ids: list[int]) -> None:
    assert scores_of(class_ids) == scores_of(iter(class_ids)) == tuple(ClassScore(i) for i in class_ids)
