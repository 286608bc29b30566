"""Measurements, verdicts and the sanity test, of a network whose reasons are known."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from camviewer.core.arrays import read_only
from camviewer.core.cancelling import CancelledError, cancellable
from camviewer.core.failures import ModelFailure
from camviewer.core.gauge.facts import gauge_facts
from camviewer.core.gauge.folder import folder_gauge, photo_gain
from camviewer.core.gauge.measuring import USUAL_PLAN, GaugePlan
from camviewer.core.gauge.rivals import gaussian_map, random_maps
from camviewer.core.gauge.sanity import SanityTest, rank_correlation
from camviewer.core.gauge.verdict import Standing, compared, comparison_of, verdict
from camviewer.core.progress import reported_to
from camviewer.core.targets import ClassScore, ScoreDifference
from tests.core.gauge.networks import SIDE, StripesRun, explained, striped

STRIPES = ClassScore(0)
SMALL = GaugePlan(randoms=2, steps=3)


def test_the_budget_is_what_is_counted() -> None:
    run = StripesRun()
    explainer, explanation = explained(run)
    before = run.inputs
    told: list[tuple[int, int]] = []
    with reported_to(lambda done, total: told.append((done, total))):
        measurement = explainer.measuring(explanation, STRIPES).finish()
    assert run.inputs - before == measurement.passes == USUAL_PLAN.passes == 134
    assert told[0] == (0, 134)
    assert told[-1] == (134, 134)
    assert len(measurement.randoms) == 8
    assert measurement.other_class == 1, "the most probable other one"


def test_a_true_map_is_better_than_random_ones_and_its_opposite_worse() -> None:
    explainer, explanation = explained(StripesRun())
    measurement = explainer.measuring(explanation, STRIPES).finish()
    comparison = comparison_of(measurement)
    assert comparison.standing is Standing.BETTER
    assert comparison.gain == measurement.own.gain > 0.2
    worse = compared(-comparison.gain, [c.gain for c in measurement.randoms])
    assert worse.standing is Standing.WORSE
    assert measurement.gaussian is not None
    assert measurement.gaussian.gain < comparison.gain, "the stripes are not in the centre"


def test_the_verdict_has_its_error_bar_and_speaks_of_no_truth() -> None:
    texts = [verdict(compared(gain, [0.1, -0.2, 0.15, 0.05]), "boxer") for gain in (0.6, 0.1, -0.6)]
    assert len(set(texts)) == 3
    for text in texts:
        assert "boxer" in text
        assert "±" in text
        assert not {"right", "correct", "true"} & set(text.lower().replace(",", "").split())


def test_the_reach_is_students_t_about_nought() -> None:
    """Of four with the root mean square 1: the 95 % point of t with 4 degrees of freedom, from tables."""
    assert compared(3.0, [1, -1, 1, -1]).reach == pytest.approx(2.132, abs=1e-3)
    assert compared(3.0, [1.0]).reach == pytest.approx(6.314, abs=1e-3)
    assert compared(3.0, []).standing is Standing.UNCLEAR
    assert compared(2.1, [1, -1, 1, -1]).standing is Standing.UNCLEAR
    assert compared(math.nan, [1, -1]).standing is Standing.UNCLEAR


def test_it_stops_when_nobody_wants_it() -> None:
    run = StripesRun()
    explainer, explanation = explained(run)
    measuring = explainer.measuring(explanation, STRIPES, SMALL, 2 * SIDE * SIDE)
    assert measuring.step() is None
    assert measuring.done == 2
    with cancellable(lambda: False), pytest.raises(CancelledError):
        measuring.finish()
    assert measuring.done == 2


def test_what_cannot_be_measured_says_why() -> None:
    explainer, explanation = explained(StripesRun())
    with pytest.raises(ModelFailure, match="Only the map of a class"):
        explainer.measuring(explanation, ScoreDifference(0, 1))
    with pytest.raises(ModelFailure, match="What the network saw isn't kept"):
        explainer.measuring(replace(explanation, network_input=None), STRIPES)
    other = replace(explanation, model=replace(explanation.model, name="other"))
    with pytest.raises(ModelFailure, match="Another model"):
        explainer.measuring(other, STRIPES)
    few = replace(explanation.prediction, probabilities=read_only(np.array([0.005, 0.9, 0.095], np.float32)))
    with pytest.raises(ModelFailure, match="below 1 %"):
        explainer.measuring(replace(explanation, prediction=few), STRIPES)


def test_facts_are_json_with_all_that_was_measured() -> None:
    explainer, explanation = explained(StripesRun())
    measurement = explainer.measuring(explanation, STRIPES, SMALL).finish()
    facts = gauge_facts(measurement, explanation.labels)
    assert facts["passes"] == SMALL.passes == 22
    assert facts["label"] == "stripes"
    assert facts["gain"] == pytest.approx(measurement.own.gain, abs=1e-4)
    assert {"random", "gaussian", "other", "curves", "verdict", "standing"} <= facts.keys()


def test_a_folder_has_a_mean_with_its_interval() -> None:
    explainer, explanation = explained(StripesRun())
    gain = photo_gain(explainer, explanation)
    assert gain is not None
    assert gain > 0.2
    assert photo_gain(explainer, replace(explanation, network_input=None)) is None
    found = folder_gauge([0.2, 0.4, 0.6, -0.2])
    assert found is not None
    # By hand: SD 0.3416, t(3) 3.182 → ± 0.5435.
    assert (found.mean, found.low, found.high) == pytest.approx((0.25, -0.2935, 0.7935), abs=1e-3)
    assert (found.above.count, found.above.total) == (3, 4)
    assert folder_gauge([]) is None


def test_rivals_are_the_same_for_the_same_pixels_and_as_wide_as_they() -> None:
    wide = np.zeros((224, 448, 3), np.uint8)
    first, again = next(random_maps(wide)), next(random_maps(wide.copy()))
    assert (first == again).all()
    assert first.shape == gaussian_map(wide).shape == (7, 14)
    assert not np.allclose(first, next(random_maps(wide + 1)))
    hill = gaussian_map(wide[:, :224])
    assert hill.argmax() == 24
    np.testing.assert_allclose(hill, hill[::-1, ::-1])


def test_the_sanity_test_tells_a_map_that_follows_the_head() -> None:
    explainer, explanation = explained(StripesRun(), striped())
    found = explainer.sanity_test(explanation, STRIPES)
    assert len(found.correlations) == 8
    assert min(found.correlations) < 0.5, "some shuffles look at something else"
    assert explainer.sanity_test(explanation, STRIPES).correlations == found.correlations


def test_the_sanity_tests_words_follow_the_numbers() -> None:
    changed, same = SanityTest((0.1, -0.1)), SanityTest((0.9, 0.95))
    assert changed.passed
    assert not same.passed
    assert changed.text != same.text
    with_other_method, explanation = explained(StripesRun())
    request = replace(explanation.request, method="Occlusion")
    with pytest.raises(ModelFailure):
        with_other_method.sanity_test(replace(explanation, request=request), STRIPES)


def test_rank_correlation_is_spearmans() -> None:
    """As scipy.stats.spearmanr has it, equal values and all (its import takes long)."""
    first = np.array([[1, 2, 2, 5], [0, 7, 3, 3]], np.float32)
    second = np.array([[2, 1, 4, 4], [1, 9, 0, 6]], np.float32)
    assert rank_correlation(first, second) == pytest.approx(0.5609756097560976, abs=1e-6)
    assert rank_correlation(first, first) == pytest.approx(1)
    flat = np.ones_like(first)
    assert (rank_correlation(first, flat), rank_correlation(flat, flat)) == (0, 1)
