"""Holds the tensors of a file against those that a network expects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isqrt

from camviewer.core.models.heads import HeadPlan, find_head, spare_modules
from camviewer.core.models.signature_index import (
    DERIVED,
    Shapes,
    Signature,
    Variant,
    is_under,
    matters,
)
from camviewer.core.text import Text

NAMED = 3
"""How many tensors a problem names before it only counts."""


@dataclass(frozen=True, slots=True)
class Fitting:
    """How a file's tensors go into a network.

    sources: names in the network → names in the file, without those of a classifier that is rebuilt. plan:
    the classifier; None if it isn't known or there is none. rebuilt: whether it isn't the network's own.
    problems: what doesn't fit, for people. left_out: modules of the file that aren't needed.
    """

    sources: Mapping[str, str]
    plan: HeadPlan | None
    rebuilt: bool
    problems: tuple[Text, ...]
    left_out: tuple[str, ...]


def fit(expected: Shapes, shapes: Shapes, signature: Signature | None) -> Fitting:
    """Compares the tensors that a network expects with a file's.

    signature: the network's; None if only tensors of the same names fit, classifier and all.
    """
    spare = spare_modules(shapes, {key.split(".")[0] for key in expected})
    plan = find_head(signature, shapes, spare) if signature is not None else None
    rebuilt = plan is not None and bool(plan.steps) and not _same_under(plan.places, expected, shapes)
    replaced = plan.places if plan is not None and rebuilt else ()
    body = {key: shape for key, shape in expected.items() if not is_under(key, replaced)}
    missing = [key for key in body if key not in shapes and key.rpartition(".")[2] not in DERIVED]
    sources = {key: key for key in body if key in shapes}
    different = [
        Text("{name} is {there}, not {wanted}", name=key, there=_sides(shapes[key]), wanted=_sides(body[key]))
        for key in sources
        if shapes[key] != body[key]
    ]
    used = {plan.source} if plan is not None and rebuilt else set()
    unknown = [key for key in shapes if key not in body and matters(key) and not is_under(key, used)]
    left_out = sorted({key.split(".")[0] for key in unknown} & spare)
    problems = (
        _problem(Text("missing"), missing),
        _problem(Text("of another shape"), different),
        _problem(Text("not of this network"), [key for key in unknown if not is_under(key, left_out)]),
    )
    return Fitting(sources, plan, rebuilt, tuple(filter(None, problems)), tuple(left_out))


def side_for(variant: Variant, shape: tuple[int, ...]) -> int | None:
    """The input side that a position embedding of this shape is for; None if that can't be told.

    The grid grows with the input; beside it, an embedding has some tokens without a place, such as a class's.
    """
    grid, known = _grid(shape, variant.position), _grid(variant.position, variant.position)
    if grid is None or known is None or (variant.side * grid) % known:
        return None
    return variant.side * grid // known


def _grid(shape: tuple[int, ...], known: tuple[int, ...]) -> int | None:
    """The side of a square grid of positions, given the shape for another size of the same network."""
    if len(shape) != len(known) or len(shape) < 2:
        return None
    differing = [place for place, side in enumerate(known) if side != shape[place]]
    if shape == known:
        differing = _grid_places(known)
    if len(differing) == 2 and shape[differing[0]] == shape[differing[1]]:
        return shape[differing[0]]
    if len(differing) != 1:
        return None
    place = differing[0]
    for others in range(8):
        there, wanted = shape[place] - others, known[place] - others
        if there > 0 and wanted > 0 and isqrt(there) ** 2 == there and isqrt(wanted) ** 2 == wanted:
            return isqrt(there)
    return None


def _grid_places(shape: tuple[int, ...]) -> list[int]:
    """Where a position embedding's shape has its grid: [1, n, c], [n, c], [1, h, w, c] or [1, c, h, w]."""
    if len(shape) == 4:
        return [1, 2] if shape[1] == shape[2] else [2, 3]
    return [len(shape) - 2]


def _same_under(places: Sequence[str], expected: Shapes, shapes: Shapes) -> bool:
    """Whether network and file have the same tensors in the modules."""
    ours, theirs = (
        {key: shape for key, shape in each.items() if is_under(key, places) and matters(key)}
        for each in (expected, shapes)
    )
    return ours == theirs


def _problem(what: Text, found: Sequence[str]) -> Text | None:
    if not found:
        return None
    names = ", ".join(found[:NAMED])
    more = len(found) - NAMED
    if more > 0:
        return Text(
            "{count} {what}: {names} and {more} more", count=len(found), what=what, names=names, more=more
        )
    return Text("{count} {what}: {names}", count=len(found), what=what, names=names)


def _sides(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape)) or "a number"
