"""Classifiers that people put on a network, understood from the names and shapes of their tensors.

A replaced classifier is a sequence of linear layers and norms. What has no tensors can't be seen: a ReLU is
assumed between two linear layers wherever there was room for one, dropout does nothing in a finished network.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from camviewer.core.models.signature_index import Shapes, Signature, is_under, matters
from camviewer.core.text import Text

if TYPE_CHECKING:
    from torch import nn


class StepKind(Enum):
    """A layer of a classifier."""

    LINEAR = "linear"
    BATCH_NORM = "batch norm"
    LAYER_NORM = "layer norm"
    RELU = "ReLU"


@dataclass(frozen=True, slots=True)
class HeadStep:
    """One layer of a classifier. source: its name in the file, empty for one without tensors."""

    kind: StepKind
    source: str
    width_in: int
    width_out: int
    bias: bool = True


@dataclass(frozen=True, slots=True)
class HeadPlan:
    """How a file's classifier goes into the network.

    places: the network's modules that it stands for. steps: its layers; none if only the network's own
    classifier can take the tensors. assumed: what the shapes don't tell, for people.
    """

    places: tuple[str, ...]
    source: str
    classes: int
    steps: tuple[HeadStep, ...] = ()
    assumed: tuple[Text, ...] = ()


def find_head(signature: Signature, shapes: Shapes, spare: Collection[str]) -> HeadPlan | None:
    """The file's classifier for a network of this signature; None if there is none that fits.

    It is looked for where the network has its own, then in the whole Sequential that this one ends, then
    under another name among spare, which are modules of the file that the network hasn't: there must be
    exactly one that fits the width.
    """
    own = _own_head(signature, shapes)
    if own is not None or len(signature.heads) != 1:
        return own
    place = signature.heads[0]
    plan = plan_head(place, place, shapes, signature.width)
    if plan is None and signature.root:
        plan = plan_head(signature.root, signature.root, shapes, signature.root_width)
    if plan is not None:
        return plan
    others = [plan_head(place, each, shapes, signature.width) for each in sorted(spare)]
    found = [each for each in others if each is not None]
    return found[0] if len(found) == 1 else None


def _own_head(signature: Signature, shapes: Shapes) -> HeadPlan | None:
    """The plan of a classifier as the network itself has it: one weight in each place."""
    weights = [shapes.get(f"{head}.weight", ()) for head in signature.heads]
    if any(len(weight) < 2 or weight[0] != weights[0][0] for weight in weights):
        return None
    first, classes, width = signature.heads[0], weights[0][0], weights[0][1]
    if width != signature.width:
        return None
    linear = HeadStep(StepKind.LINEAR, first, width, classes, f"{first}.bias" in shapes)
    single = len(weights) == 1 and len(weights[0]) == 2
    return HeadPlan(signature.heads, first, classes, (linear,) if single else ())


def plan_head(place: str, source: str, shapes: Shapes, width: int) -> HeadPlan | None:
    """The classifier that the module `source` of a file is, if it takes `width` features; else None."""
    modules = _modules(shapes, source)
    steps: list[HeadStep] = []
    for name, tensors in modules.items():
        step = _step(name, tensors, width)
        if step is None:
            return None
        steps.append(step)
        width = step.width_out
    if not steps or steps[-1].kind is not StepKind.LINEAR:
        return None
    complete = _with_relus(steps)
    assumed: list[Text] = []
    if source != place and not place.startswith(f"{source}."):
        assumed.append(Text("{source} in the file is taken for {place}.", source=source, place=place))
    if len(complete) > len(steps):
        assumed.append(
            Text("Between the linear layers of {source}, ReLU is assumed: no tensor says so.", source=source)
        )
    if any(step.kind is StepKind.LAYER_NORM for step in steps):
        assumed.append(Text("The norms of {source} are assumed to add 1e-5 to the variance.", source=source))
    return HeadPlan((place,), source, width, complete, tuple(assumed))


def spare_modules(shapes: Shapes, known: Collection[str] = ()) -> frozenset[str]:
    """Modules at the top of a file that may be left out: other classifiers, and those only training uses.

    known: modules at the top that the network has.
    """
    tops: dict[str, list[tuple[int, ...]]] = {}
    for key, shape in shapes.items():
        tops.setdefault(key.split(".")[0], []).append(shape)
    return frozenset(
        top
        for top, inside in tops.items()
        if top not in known and ("aux" in top.lower() or (max(map(len, inside)) == 2 and top not in shapes))
    )


def build_head(plan: HeadPlan, pooled: bool) -> nn.Module:
    """The classifier of a plan, with arbitrary weights. pooled: it takes features with cells: their mean.

    Raises ValueError for a plan without steps.
    """
    from torch import nn

    layers: list[nn.Module] = [nn.AdaptiveAvgPool2d(1), nn.Flatten(1)] if pooled else []
    for step in plan.steps:
        match step.kind:
            case StepKind.LINEAR:
                layers.append(nn.Linear(step.width_in, step.width_out, bias=step.bias))
            case StepKind.BATCH_NORM:
                layers.append(nn.BatchNorm1d(step.width_in, affine=step.bias))
            case StepKind.LAYER_NORM:
                layers.append(nn.LayerNorm(step.width_in, bias=step.bias))
            case StepKind.RELU:
                layers.append(nn.ReLU())
    if not layers:
        raise ValueError("a plan without steps")
    return layers[0] if len(layers) == 1 else nn.Sequential(*layers)


def head_sources(plan: HeadPlan, pooled: bool) -> Mapping[str, str]:
    """The names of the modules of `build_head`'s result → their names in the file."""
    place, offset = plan.places[0], 2 if pooled else 0
    if len(plan.steps) == 1 and not pooled:
        return {place: plan.steps[0].source}
    return {
        f"{place}.{number + offset}": step.source for number, step in enumerate(plan.steps) if step.source
    }


def _modules(shapes: Shapes, source: str) -> dict[str, dict[str, tuple[int, ...]]]:
    """The modules under a name that have tensors, in their order: by number where they have numbers."""
    modules: dict[str, dict[str, tuple[int, ...]]] = {}
    for key, shape in shapes.items():
        if matters(key) and is_under(key, (source,)):
            module, _, tensor = key.rpartition(".")
            modules.setdefault(module, {})[tensor] = shape
    numbers = {name: _numbers(name, source) for name in modules}
    if all(number is not None for number in numbers.values()):
        return dict(sorted(modules.items(), key=lambda item: numbers[item[0]] or ()))
    return modules


def _numbers(module: str, source: str) -> tuple[int, ...] | None:
    parts = module[len(source) + 1 :].split(".") if module != source else []
    return tuple(map(int, parts)) if all(part.isdecimal() for part in parts) else None


def _step(name: str, tensors: Mapping[str, tuple[int, ...]], width: int) -> HeadStep | None:
    """The layer that has such tensors and takes `width` features; None if none is known."""
    weight, names = tensors.get("weight"), set(tensors)
    if names - {"weight", "bias", "running_mean", "running_var"}:
        return None
    if "running_mean" in names:
        fits = tensors["running_mean"] == (width,)
        return HeadStep(StepKind.BATCH_NORM, name, width, width, "weight" in names) if fits else None
    if weight == (width,):
        return HeadStep(StepKind.LAYER_NORM, name, width, width, "bias" in names)
    if weight is not None and len(weight) == 2 and weight[1] == width:
        return HeadStep(StepKind.LINEAR, name, width, weight[0], "bias" in names)
    return None


def _with_relus(steps: list[HeadStep]) -> tuple[HeadStep, ...]:
    """The steps with a ReLU between two linear ones, in the first gap that their numbers leave.

    Layers whose names aren't numbers leave no gaps: there it stands after the norm.
    """
    complete: list[HeadStep] = []
    waiting = False
    for before, step in zip([None, *steps], steps, strict=False):
        room = before is not None and _gap(before.source, step.source)
        if waiting and (room or (room is None and step.kind is StepKind.LINEAR)):
            width = step.width_in
            complete.append(HeadStep(StepKind.RELU, "", width, width))
            waiting = False
        complete.append(step)
        waiting = waiting or step.kind is StepKind.LINEAR
    return tuple(complete)


def _gap(before: str, after: str) -> bool | None:
    """Whether a layer was between two whose names are numbers of one Sequential; None if they aren't."""
    first, second = before.rpartition("."), after.rpartition(".")
    if first[0] != second[0] or not (first[2].isdecimal() and second[2].isdecimal()):
        return None
    return int(second[2]) - int(first[2]) > 1
