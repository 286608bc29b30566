"""Fitting, validation and advice, on made-up features; the solver against scikit-learn's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from camviewer.core.maps import ExactMaps
from camviewer.core.models.taught import Backbone
from camviewer.core.runtimes.head_scores import scores
from camviewer.core.targets import ClassScore
from camviewer.core.training.advice import Advice, Concern
from camviewer.core.training.examples import ExampleFeatures, Rows, TaughtExample, rows_of
from camviewer.core.training.fitting import FittedHead, fit_head, row_weights
from camviewer.core.training.teaching import teach
from camviewer.core.training.validation import assigned_folds, cross_validated, wilson_interval

BACKBONE = Backbone("small", "Small", "0" * 64, "small.pth", 24)


def example(
    class_id: int, moment: str, *, noise: int, apart: float = 1.0, covered: float = 0.0
) -> TaughtExample:
    """Features that point to their class by `apart`; by `covered` with the middle covered."""
    numbers = np.random.default_rng([noise, class_id])
    direction = np.zeros(BACKBONE.channels)
    direction[class_id] = 2.0
    pooled = numbers.random((4, BACKBONE.channels)) + apart * direction
    behind = numbers.random(BACKBONE.channels) + covered * direction
    return TaughtExample(
        ExampleFeatures(pooled.astype(np.float32), behind.astype(np.float32)), class_id, moment
    )


def examples(
    counts: Sequence[int], *, moments: int = 5, apart: float = 1.0, covered: float = 0.0
) -> list[TaughtExample]:
    return [
        example(class_id, f"{i % moments}", noise=i, apart=apart, covered=covered)
        for class_id, count in enumerate(counts)
        for i in range(count)
    ]


def by_scikit_learn(rows: Rows, classes: int) -> FittedHead:
    """The same, by somebody else: standardised, fitted, and the standardisation taken into W and b."""
    scaler = StandardScaler().fit(rows.pooled)
    weights = row_weights(rows, np.bincount(rows.class_ids[rows.plain], minlength=classes))
    fitted = LogisticRegression(C=1.0, max_iter=2000, tol=1e-6).fit(
        scaler.transform(rows.pooled), rows.class_ids, sample_weight=weights
    )
    weight = fitted.coef_ / scaler.scale_
    return FittedHead(
        weight.astype(np.float32), (fitted.intercept_ - weight @ scaler.mean_).astype(np.float32)
    )


def test_the_head_is_scikit_learns() -> None:
    rows = rows_of(examples([12, 5, 20], apart=0.2))
    ours, theirs = fit_head(rows, 3), by_scikit_learn(rows, 3)
    for mine, other in ((ours, theirs), (fit_head(rows, 3, theirs), theirs)):
        # All scores may be moved alike: what counts is their differences.
        logits, expected = mine.logits(rows.pooled), other.logits(rows.pooled)
        difference = (logits - logits[:, :1]) - (expected - expected[:, :1])
        assert np.abs(difference).max() < 0.01


def test_the_cross_validated_accuracy_is_scikit_learns() -> None:
    shown = examples([40, 40, 40], moments=10, apart=0.2)
    ours, theirs = cross_validated(shown, 3), cross_validated(shown, 3, by_scikit_learn)
    assert ours is not None
    assert theirs is not None
    assert 0.5 < ours.accuracy < 1.0  # or the comparison would say nothing
    assert abs(ours.accuracy - theirs.accuracy) <= 0.01
    assert ours.confusion.sum() == 120
    assert ours.accuracy == np.trace(ours.confusion) / 120


def test_its_maps_add_up_to_its_scores() -> None:
    lesson = teach(examples([8, 8, 8]), ["one", "two", "three"], BACKBONE)
    features = np.random.default_rng(1).random((BACKBONE.channels, 7, 7), np.float32)
    (logits,) = scores(lesson.head.head, features[None])
    maps = ExactMaps(features, lesson.head.head)
    for class_id in range(3):
        assert maps.get(ClassScore(class_id)).score == pytest.approx(logits[class_id], abs=1e-4)


def test_moments_are_left_out_whole() -> None:
    shown = examples([10, 15], moments=5)
    folds = assigned_folds(shown, 2)
    assert folds is not None
    assert set(folds) == set(range(5))
    for class_id in (0, 1):
        parts = {(e.moment, f) for e, f in zip(shown, folds, strict=True) if e.class_id == class_id}
        assert len(parts) == 5


def test_one_moment_is_divided_in_order() -> None:
    folds = assigned_folds(examples([10, 10], moments=1), 2)
    assert folds is not None
    for of_class in (folds[:10], folds[10:]):
        assert (np.diff(of_class) != 0).sum() == 4  # five runs of neighbours


def test_one_example_is_too_few() -> None:
    assert assigned_folds(examples([1, 10]), 2) is None
    lesson = teach(examples([1, 10]), ["one", "two"], BACKBONE)
    assert lesson.validation is None
    assert lesson.head.taught.accuracy is None


@pytest.mark.parametrize(
    ("share", "count", "low", "high"),
    [(1.0, 9, 0.7008, 1.0), (0.5, 10, 0.2366, 0.7634), (0.9, 100, 0.8256, 0.9448), (0.0, 5, 0.0, 0.4345)],
)
def test_wilson_interval(share: float, count: int, low: float, high: float) -> None:
    """Values of statsmodels' proportion_confint(…, method="wilson")."""
    assert wilson_interval(share, count) == pytest.approx((low, high), abs=1e-4)


def concerns(shown: Sequence[TaughtExample]) -> set[Concern]:
    classes = max(each.class_id for each in shown) + 1
    advice: Sequence[Advice] = teach(shown, [f"class {i}" for i in range(classes)], BACKBONE).advice
    return {each.concern for each in advice}


def test_good_examples_need_no_advice() -> None:
    assert concerns(examples([12, 12])) == set()


def test_advice() -> None:
    assert concerns(examples([9, 12])) == {Concern.FEW}
    assert concerns(examples([12, 12], moments=1)) == {Concern.ONE_MOMENT}
    assert concerns(examples([12, 36])) == {Concern.UNEQUAL}
    assert concerns(examples([12, 12], covered=1.0)) == {Concern.BACKGROUND}


def test_a_class_without_an_example_is_refused() -> None:
    with pytest.raises(ValueError, match="needs an example"):
        fit_head(rows_of(examples([3, 3])), 3)
