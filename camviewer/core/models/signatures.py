"""Finds out which network the tensors of a file are of, from their names and shapes alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from camviewer.core.failures import ModelFailure
from camviewer.core.models.card import ArchitectureName
from camviewer.core.models.fitting import fit, side_for
from camviewer.core.models.heads import HeadPlan, find_head, spare_modules
from camviewer.core.models.signature_index import (
    Digests,
    Shapes,
    Signature,
    SignatureIndex,
    Variant,
    input_key,
    signature_index,
)
from camviewer.core.models.skeletons import shapes_of, skeleton
from camviewer.core.text import Text

MOST = 5
"""How many candidates are offered."""
NEAREST = 3
"""How many of them where none fits."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An architecture that a file's tensors may be of.

    fits: whether it can be built from them. classes: 0 if the file has no classifier for it. side: the input
    side that the position embedding asks for; None if it says nothing. problems: what doesn't fit. assumed:
    what the shapes don't tell. left_out: what of the file isn't needed.
    """

    architecture: ArchitectureName
    fits: bool
    classes: int
    channels: int
    side: int | None = None
    problems: tuple[Text, ...] = ()
    assumed: tuple[Text, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a file may be, best first."""

    candidates: tuple[Candidate, ...]


def recognise(shapes: Shapes) -> Recognition:
    """The architectures that tensors of these names and shapes may be of.

    Of names that fit, torchvision's comes first, then the plainest of timm. Where none is found in the index,
    the nearest are built and held against the file: that takes seconds, and needs torch.
    """
    index = signature_index()
    found = [
        candidate
        for signature, plan, left_out in _matches(shapes, index)
        for candidate in _candidates(signature, shapes, plan, left_out)
    ]
    if found:
        return Recognition(tuple(found[:MOST]))
    near = [each for signature in index.nearest(shapes, NEAREST + 1) for each in _tried(signature, shapes)]
    near.sort(key=lambda pair: (not pair[0].fits, pair[1]))
    return Recognition(tuple(candidate for candidate, _ in near[:NEAREST]))


def input_channels(signature: Signature, shapes: Shapes) -> int:
    """The number of channels that the first convolution of a file takes."""
    for key in map(input_key, signature.inputs):
        if len(shapes.get(key, ())) > 1:
            return shapes[key][1]
    return 3


def side_in(signature: Signature, variant: Variant, shapes: Shapes) -> int | None:
    """The input side that a file's position embedding is for; None if it is the variant's own, or unknown."""
    shape = shapes.get(signature.position, ())
    return None if shape in ((), variant.position) else side_for(variant, shape)


def _matches(shapes: Shapes, index: SignatureIndex) -> Iterator[tuple[Signature, HeadPlan, tuple[str, ...]]]:
    """Signatures whose tensors are exactly the file's, with the classifier and what is left over."""
    digests = Digests(shapes)
    parts = {
        (modules, signature.inputs)
        for signature in index.signatures
        for modules in (signature.heads, (signature.root,))
        if modules != ("",) and all(input_key(name) in shapes for name in signature.inputs)
    }
    spare = spare_modules(shapes)
    seen: set[int] = set()
    for beside in (frozenset[str](), spare):
        for modules, inputs in sorted(parts):
            for number in index.digests.get(digests.without({*modules, *beside}, inputs), ()):
                signature = index.signatures[number]
                if (
                    number in seen
                    or signature.inputs != inputs
                    or modules not in (signature.heads, (signature.root,))
                ):
                    continue
                plan = find_head(signature, shapes, beside)
                if plan is not None:
                    seen.add(number)
                    yield signature, plan, tuple(sorted(beside - {plan.source.split(".")[0]}))
        if seen:
            return


def _candidates(
    signature: Signature, shapes: Shapes, plan: HeadPlan, left_out: tuple[str, ...]
) -> Iterator[Candidate]:
    """The variants of a signature, those for this size of position embedding only if there are any."""
    shape = shapes.get(signature.position, ())
    same = [each for each in signature.variants if each.position == shape]
    for variant in same or signature.variants:
        yield Candidate(
            variant.architecture,
            True,
            plan.classes,
            input_channels(signature, shapes),
            side_for(variant, shape),
            assumed=plan.assumed,
            left_out=left_out,
        )


def _tried(signature: Signature, shapes: Shapes) -> Sequence[tuple[Candidate, int]]:
    """The plainest variant, built and held against the file; the number of what doesn't fit beside it."""
    variant = signature.variants[0]
    plan = find_head(signature, shapes, spare_modules(shapes))
    classes, channels = plan.classes if plan is not None else 0, input_channels(signature, shapes)
    side = side_in(signature, variant, shapes)
    try:
        network = skeleton(variant.architecture, max(classes, 1), channels, side, variant.options)
    except ModelFailure:
        return []
    fitting = fit(shapes_of(network), shapes, signature)
    problems = fitting.problems
    if fitting.plan is None:
        problems = (*problems, Text("there is no classifier for its {width} features", width=signature.width))
    return [
        (
            Candidate(
                variant.architecture,
                not problems,
                fitting.plan.classes if fitting.plan is not None else 0,
                channels,
                side,
                problems,
                fitting.plan.assumed if fitting.plan is not None else (),
                fitting.left_out,
            ),
            sum(problem.values.get("count", 1) for problem in problems),  # type: ignore[misc]
        )
    ]
