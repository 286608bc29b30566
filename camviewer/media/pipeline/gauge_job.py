"""GaugeJob and SanityJob: measure a map in view, as jobs of the worker."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from camviewer.core.explanation import Explanation
from camviewer.core.failures import Failure
from camviewer.core.gauge.measuring import (
    USUAL_PLAN,
    GaugePlan,
    Measuring,
)
from camviewer.core.targets import Target
from camviewer.media.pipeline.jobs import FrameExplainer

STEP_PIXELS = 1 << 17
"""So many pixels go through the network at once, two or three usual inputs: a live frame waits no longer."""


class _MapJob(QObject):
    """Made in the GUI thread; the worker calls `step` and `end`."""

    finished = Signal(object)
    """What came out."""
    failed = Signal(object)
    """Failure"""

    def __init__(self, explanation: Explanation, target: Target) -> None:
        super().__init__()
        self.explanation, self.target = explanation, target
        self._cancelled = False

    def cancel(self) -> None:
        """Nothing more is said."""
        self._cancelled = True

    @property
    def is_cancelled(self) -> bool:
        """May change at any time: the GUI thread cancels."""
        return self._cancelled

    def end(self, failure: Failure | None) -> None:
        """As `Job.end`."""
        if failure is not None and not self._cancelled:
            self.failed.emit(failure)


class GaugeJob(_MapJob):
    """Measures how much the network uses what a map shows: a small batch of passes a step."""

    progressed = Signal(int, int)
    """Passes that are made, and all."""

    def __init__(self, explanation: Explanation, target: Target, plan: GaugePlan = USUAL_PLAN) -> None:
        super().__init__(explanation, target)
        self._plan = plan
        self._measuring: Measuring | None = None

    def step(self, explainer: FrameExplainer) -> bool:
        """As `Job.step`."""
        if self.is_cancelled:
            return False
        if self._measuring is None:
            self._measuring = explainer.measuring(self.explanation, self.target, self._plan, STEP_PIXELS)
        measurement = self._measuring.step()
        if self._cancelled:
            return False
        self.progressed.emit(self._measuring.done, self._measuring.passes)
        if measurement is not None:
            self.finished.emit(measurement)
        return measurement is None


class SanityJob(_MapJob):
    """Shuffles the head's weights, in one step: it takes two passes at most."""

    def step(self, explainer: FrameExplainer) -> bool:
        """As `Job.step`."""
        if not self._cancelled:
            self.finished.emit(explainer.sanity_test(self.explanation, self.target))
        return False
