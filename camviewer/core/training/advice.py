"""What may be wrong with examples: few, of one moment, unequal, or told apart by their background."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import combinations

import numpy as np

from camviewer.core.text import Text
from camviewer.core.training.examples import TaughtExample
from camviewer.core.training.validation import Validation

FEW = 10
"""Fewer examples of a class are too few."""
UNEQUAL = 3
"""So many times as many examples of one class as of another are unequal."""
BACKGROUND = 0.8
"""Classes that are told apart so often with the middle covered differ by their background."""


class Concern(Enum):
    """What is wrong."""

    FEW = "few"
    ONE_MOMENT = "one moment"
    UNEQUAL = "unequal"
    BACKGROUND = "background"


@dataclass(frozen=True, slots=True)
class Advice:
    """What is wrong, with which classes, and a sentence that says what to do."""

    concern: Concern
    class_ids: tuple[int, ...]
    text: Text


def advice_on(
    examples: Sequence[TaughtExample], names: Sequence[str], validation: Validation | None
) -> list[Advice]:
    """All that may be wrong, what matters most first. names: of the classes.

    validation: of these examples; None if there are too few.
    """
    return [
        *_background(examples, names, validation),
        *_one_moment(examples, names),
        *_few(examples, names),
        *_unequal(examples, names),
    ]


def _few(examples: Sequence[TaughtExample], names: Sequence[str]) -> list[Advice]:
    counts = Counter(each.class_id for each in examples)
    found = []
    for class_id, name in enumerate(names):
        count = counts[class_id]
        if count < FEW:
            text = (
                Text("{name} has only 1 example. Show it more often: {least} or more.", name=name, least=FEW)
                if count == 1
                else Text(
                    "{name} has only {count} examples. Show it more often: {least} or more.",
                    name=name,
                    count=count,
                    least=FEW,
                )
            )
            found.append(Advice(Concern.FEW, (class_id,), text))
    return found


def _one_moment(examples: Sequence[TaughtExample], names: Sequence[str]) -> list[Advice]:
    """One frame is no moment that others could be of."""
    found = []
    for class_id, name in enumerate(names):
        moments = [each.moment for each in examples if each.class_id == class_id]
        if len(moments) > 1 and len(set(moments)) == 1:
            text = Text(
                "All examples of {name} are of one moment, so the accuracy says little. Show it again, "
                "elsewhere and in another light.",
                name=name,
            )
            found.append(Advice(Concern.ONE_MOMENT, (class_id,), text))
    return found


def _unequal(examples: Sequence[TaughtExample], names: Sequence[str]) -> list[Advice]:
    counts = Counter(each.class_id for each in examples)
    most = max(range(len(names)), key=lambda c: counts[c])
    least = min(range(len(names)), key=lambda c: counts[c])
    if counts[most] < UNEQUAL * max(counts[least], 1):
        return []
    text = Text(
        "{most} has {many} examples, {least} only {few}. They count as much, but more of {least} would help.",
        most=names[most],
        many=counts[most],
        least=names[least],
        few=counts[least],
    )
    return [Advice(Concern.UNEQUAL, (most, least), text)]


def _background(
    examples: Sequence[TaughtExample], names: Sequence[str], validation: Validation | None
) -> list[Advice]:
    """The pair of classes that the background alone tells apart best, if it does."""
    if validation is None:
        return []
    found = []
    for first, second in combinations(range(len(names)), 2):
        share = told_by_background(examples, validation, first, second)
        if share >= BACKGROUND:
            text = Text(
                "With the middle of the picture covered, {first} and {second} are still told apart in "
                "{share} % of cases. If what you show is in the middle, it looks at your background: show "
                "both before the same background, or before many.",
                first=names[first],
                second=names[second],
                share=round(100 * share),
            )
            found.append((share, Advice(Concern.BACKGROUND, (first, second), text)))
    found.sort(key=lambda each: -each[0])
    # The other pairs would say the same.
    return [advice for _, advice in found[:1]]


def told_by_background(
    examples: Sequence[TaughtExample], validation: Validation, first: int, second: int
) -> float:
    """How well two classes are told apart without what is in the middle: 0.5 is not at all, 1 always.

    What is shown is mostly in the middle. Each example is looked at with its middle covered
    (`COVERED_SHARE` of the sides, by the mean colour of the rest), by a head that was fitted without it
    and without its moment. The result is how often, of two examples of the two classes, the one has the
    higher ``score of its class - score of the other`` that should (the area under the ROC curve): that the
    cover itself looks more like one class than the other doesn't count. High values mean that the background,
    or what reaches beyond the middle, is enough.
    """
    difference = validation.covered[:, first] - validation.covered[:, second]
    classes = np.array([each.class_id for each in examples])
    higher, lower = difference[classes == first, None], difference[None, classes == second]
    return float(((higher > lower) + 0.5 * (higher == lower)).mean())
