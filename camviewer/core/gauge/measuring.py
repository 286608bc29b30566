"""Measures a map of an explanation, and its rivals, in a known number of passes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from camviewer.core.arrays import FloatArray
from camviewer.core.explanation import Explanation, predicted
from camviewer.core.failures import ModelFailure
from camviewer.core.gauge.curves import (
    STEPS,
    STRONG,
    Blur,
    Curves,
    blurred,
    curve_inputs,
    curves_from,
    passes_for,
)
from camviewer.core.gauge.rivals import gaussian_map, random_maps
from camviewer.core.many_passes import BATCH_PIXELS, batches_of_logits
from camviewer.core.maps import MapUnavailableError
from camviewer.core.runtimes.base import ModelRun
from camviewer.core.targets import ClassScore, Target

LEAST_PROBABILITY = 0.01
"""Of a class whose map is measured: of less, shares of it are mostly noise."""


@dataclass(frozen=True, slots=True)
class GaugePlan:
    """With what a map is compared. randoms: so many random maps; more make the verdict surer."""

    randoms: int = 8
    gaussian: bool = True
    other: bool = True
    """The map of another class: the most probable one that isn't the map's own."""
    steps: int = STEPS
    blur: Blur = STRONG
    """What stands where something is covered."""

    @property
    def passes(self) -> int:
        """So many passes of the network, at most: without another class they are fewer."""
        return passes_for(1 + self.randoms + self.gaussian + self.other, self.steps)


USUAL_PLAN = GaugePlan()


@dataclass(frozen=True, slots=True, eq=False)
class Measurement:
    """What was measured of one map: its curves, and those of its rivals, all of the target's probability.

    other: of the map of `other_class`; None where there is no such map. passes: so many were made.
    """

    target: ClassScore
    method: str
    own: Curves
    randoms: tuple[Curves, ...]
    gaussian: Curves | None
    other: Curves | None
    other_class: int | None
    passes: int


class Measuring:
    """Measures a map batch by batch. One thread calls `step` until it has the measurement."""

    def __init__(
        self,
        run: ModelRun,
        explanation: Explanation,
        target: Target,
        plan: GaugePlan = USUAL_PLAN,
        batch_pixels: int = BATCH_PIXELS,
    ) -> None:
        """explanation: by this run. batch_pixels: as of `batches_of_logits`.

        Raises ModelFailure where there is nothing to measure.
        """
        pixels = explanation.network_input
        own = _class_score(explanation, target)
        if pixels is None:
            raise ModelFailure(
                "What the network saw isn't kept here, so the map can't be measured.",
                "Open the photo itself.",
            )
        self._link, self._labels, self._plan = explanation.model.link, explanation.labels, plan
        self._own, self._method = own, explanation.maps.method
        try:
            maps = [explanation.map(own).values]
        except MapUnavailableError as error:
            raise ModelFailure(
                "There is no map of {label} to measure.", label=explanation.label(own.class_id)
            ) from error
        randoms = random_maps(pixels)
        maps += [next(randoms) for _ in range(plan.randoms)]
        if plan.gaussian:
            maps.append(gaussian_map(pixels))
        self._other = _other_class(explanation, own.class_id) if plan.other else None
        if self._other is not None:
            maps.append(explanation.map(ClassScore(self._other)).values)
        self.passes = passes_for(len(maps), plan.steps)
        """So many it will be."""
        self._probabilities: list[float] = []
        inputs = curve_inputs(pixels, blurred(pixels, plan.blur), maps, plan.steps)
        self._batches = batches_of_logits(run, inputs, self.passes, batch_pixels)

    @property
    def done(self) -> int:
        """So many passes are made."""
        return len(self._probabilities)

    def step(self) -> Measurement | None:
        """One batch of passes; the measurement, when they are all made. Raises CancelledError."""
        logits = next(self._batches, None)
        if logits is not None:
            self._probabilities += [self._probability(each) for each in logits]
        return self._measurement() if self.done == self.passes else None

    def finish(self) -> Measurement:
        """All that remains. Raises CancelledError."""
        while True:
            measurement = self.step()
            if measurement is not None:
                return measurement

    def _probability(self, logits: FloatArray) -> float:
        return float(predicted(logits, self._labels, self._link).probabilities[self._own.class_id])

    def _measurement(self) -> Measurement:
        plan = self._plan
        own, *rivals = curves_from(np.array(self._probabilities), plan.steps)
        rest = rivals[plan.randoms :]
        return Measurement(
            target=self._own,
            method=self._method,
            own=own,
            randoms=tuple(rivals[: plan.randoms]),
            gaussian=rest[0] if plan.gaussian else None,
            other=rest[-1] if self._other is not None else None,
            other_class=self._other,
            passes=self.passes,
        )


def _class_score(explanation: Explanation, target: Target) -> ClassScore:
    if not isinstance(target, ClassScore):
        raise ModelFailure(
            "Only the map of a class can be measured, not that of a difference or of a channel.",
            "Choose a class.",
        )
    probability = float(explanation.probabilities[target.class_id])
    if not probability >= LEAST_PROBABILITY:
        raise ModelFailure(
            "The probability of {label} is below {least} %: too small to measure what it depends on.",
            "Choose a more probable class.",
            label=explanation.label(target.class_id),
            least=f"{100 * LEAST_PROBABILITY:g}",
        )
    return target


def _other_class(explanation: Explanation, class_id: int) -> int | None:
    """The most probable other class that has a map."""
    others = (other for other in explanation.top(6) if other != class_id)
    return next((other for other in others if explanation.maps.available(ClassScore(other))), None)
