"""From examples to a head that can be used: fitted, cross-validated, and what may be wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from camviewer.core.models.spec import LinearHead
from camviewer.core.models.taught import Backbone, Taught, TaughtHead, now
from camviewer.core.training.advice import Advice, advice_on
from camviewer.core.training.examples import TaughtExample, rows_of
from camviewer.core.training.fitting import fit_head
from camviewer.core.training.validation import Validation, cross_validated


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """What was learned of examples. validation: None where a class has one example only."""

    head: TaughtHead
    examples: tuple[TaughtExample, ...]
    validation: Validation | None
    advice: tuple[Advice, ...]


def teach(examples: Sequence[TaughtExample], names: Sequence[str], backbone: Backbone) -> Learned:
    """Fit a head to the examples. names: of the classes, each of which has an example.

    Raises ValueError otherwise, and for features of another backbone.
    """
    rows = rows_of(examples)
    if rows.pooled.shape[1] != backbone.channels:
        raise ValueError(f"features of {rows.pooled.shape[1]} channels for {backbone.channels}")
    fitted = fit_head(rows, len(names))
    # Each part's head is near this one, so it is found from there in a few steps.
    validation = cross_validated(examples, len(names), lambda part, classes: fit_head(part, classes, fitted))
    counts = Counter(each.class_id for each in examples)
    taught = Taught(tuple(counts[class_id] for class_id in range(len(names))), now())
    if validation is not None:
        taught = Taught(
            taught.examples,
            taught.time,
            validation.accuracy,
            validation.interval,
            validation.folds,
            validation.independent,
        )
    head = LinearHead(fitted.weight, fitted.bias, tuple(names))
    advice = tuple(advice_on(examples, names, validation))
    return Learned(TaughtHead(head, backbone, taught), tuple(examples), validation, advice)
