"""GaugeJob and SanityJob: small steps, cancelling, failures, and turns with other jobs."""

from __future__ import annotations

import pytest

from camviewer.core.failures import ModelFailure
from camviewer.core.gauge.measuring import GaugePlan, Measurement
from camviewer.core.gauge.sanity import SanityTest
from camviewer.core.targets import ClassScore, ScoreDifference
from camviewer.media.pipeline.gauge_job import STEP_PIXELS, GaugeJob, SanityJob
from tests.core.gauge.networks import SIDE, StripesRun, explained

SMALL = GaugePlan(randoms=4, steps=5)  # 58 passes, more than one step has of these small inputs


def test_a_step_is_a_small_batch_and_the_last_brings_the_measurement() -> None:
    run = StripesRun()
    explainer, explanation = explained(run)
    job = GaugeJob(explanation, ClassScore(0), SMALL)
    progress: list[tuple[int, int]] = []
    found: list[Measurement] = []
    job.progressed.connect(lambda done, total: progress.append((done, total)))
    job.finished.connect(found.append)
    steps = 1
    while job.step(explainer):
        assert not found
        steps += 1
    assert steps > 1
    assert run.largest_batch * SIDE * SIDE <= STEP_PIXELS
    assert progress[-1] == (SMALL.passes, SMALL.passes)
    assert [each.passes for each in found] == [SMALL.passes]


def test_nothing_is_said_after_it_was_cancelled() -> None:
    run = StripesRun()
    explainer, explanation = explained(run)
    job = GaugeJob(explanation, ClassScore(0), SMALL)
    said: list[object] = []
    for signal in (job.progressed, job.finished, job.failed):
        signal.connect(lambda *values: said.append(values))
    assert job.step(explainer)
    said.clear()
    passes = run.inputs
    job.cancel()
    assert not job.step(explainer)
    job.end(None)
    assert (run.inputs, said) == (passes, [])


def test_what_cannot_be_measured_is_a_failure() -> None:
    explainer, explanation = explained(StripesRun())
    job = GaugeJob(explanation, ScoreDifference(0, 1))
    failures: list[object] = []
    job.failed.connect(failures.append)
    with pytest.raises(ModelFailure) as raised:
        job.step(explainer)
    job.end(raised.value)  # as the worker does
    assert "Only the map of a class" in str(failures[0])


def test_the_sanity_test_takes_one_step() -> None:
    explainer, explanation = explained(StripesRun())
    job = SanityJob(explanation, ClassScore(0))
    found: list[SanityTest] = []
    job.finished.connect(found.append)
    assert not job.step(explainer)
    assert len(found[0].correlations) == 8
