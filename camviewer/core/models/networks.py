"""Builds the network that a file's tensors are of, with these tensors in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from camviewer.core.failures import ModelFailure
from camviewer.core.models.card import ArchitectureName
from camviewer.core.models.fitting import fit
from camviewer.core.models.heads import (
    HeadPlan,
    build_head,
    find_head,
    head_sources,
    spare_modules,
)
from camviewer.core.models.hub_config import TRANSFORMERS, builder_options
from camviewer.core.models.programs import EXPORT
from camviewer.core.models.renaming import renamed
from camviewer.core.models.signature_index import Shapes, Signature, Variant, is_under, signature_index
from camviewer.core.models.signatures import input_channels, side_in
from camviewer.core.models.skeletons import shapes_of, skeleton
from camviewer.core.text import Text, joined

if TYPE_CHECKING:
    from torch import Tensor, nn


def build_network(
    architecture: ArchitectureName,
    tensors: Mapping[str, NDArray[Any]],
    config: Mapping[str, object] | None = None,
) -> nn.Module:
    """The network in eval mode with a file's tensors, as float32 on the CPU; it returns logits [B, classes].

    tensors: the state dict, by clean names. Writeable ones may be shared with the network. config:
    config.json beside the file: timm's may change how the network is built, transformers' say all of it.

    Raises ModelFailure, which names what is missing or too much, unless every tensor has its place. Counters
    and tables that follow from the architecture may be missing; so may be left over classifiers beside the
    one in use.
    """
    shapes = {key: tuple(tensor.shape) for key, tensor in tensors.items()}
    options = builder_options(architecture, config)
    found = signature_index().variant(architecture)
    if found is None:
        signature, network = None, skeleton(architecture, _rows_of_last_matrix(shapes), options=options)
    else:
        signature, network = found[0], _skeleton_for(*found, shapes, options)
    fitting = fit(shapes_of(network), shapes, signature)
    if fitting.problems and architecture.library == TRANSFORMERS:
        tensors = renamed(network, tensors)
        fitting = fit(shapes_of(network), {key: tensor.shape for key, tensor in tensors.items()}, None)
    problems = fitting.problems
    if signature is not None and fitting.plan is None:
        problems = (*problems, Text("there is no classifier for its {width} features", width=signature.width))
    if problems:
        own = signature is not None and _only_classifier_differs(shapes_of(network), shapes, signature)
        raise ModelFailure(
            "The file doesn't fit {architecture}: {problems}.",
            "Export the network to ONNX, and open that file: {line}"
            if own
            else "Correct the architecture in config.json or in the card beside the file.",
            line=EXPORT,
            architecture=architecture,
            problems=joined("; ", problems),
        )
    sources = dict(fitting.sources)
    if fitting.plan is not None and fitting.rebuilt:
        sources |= _rebuild_head(network, fitting.plan)
    _load(network, {name: tensors[source] for name, source in sources.items()})
    return network


def _only_classifier_differs(expected: Shapes, shapes: Shapes, signature: Signature) -> bool:
    """Whether the file has this network's other tensors, and a classifier of somebody's own."""
    places = tuple(filter(None, (*signature.heads, signature.root)))
    ours, theirs = (
        {key: shape for key, shape in each.items() if not is_under(key, places)}
        for each in (expected, shapes)
    )
    return not fit(ours, theirs, None).problems


def _skeleton_for(
    signature: Signature, variant: Variant, shapes: Shapes, options: Mapping[str, Any]
) -> nn.Module:
    """The variant without weights, of the file's classes, channels and input side."""
    plan = find_head(signature, shapes, spare_modules(shapes))
    channels, side = input_channels(signature, shapes), side_in(signature, variant, shapes)
    return skeleton(
        variant.architecture,
        plan.classes if plan is not None else 1,
        channels if channels != 3 else None,
        side if "img_size" not in options else None,
        {**variant.options, **options},
    )


def _rows_of_last_matrix(shapes: Shapes) -> int:
    """The number of classes of a network that isn't in the index: its classifier comes last."""
    return next((shape[0] for shape in reversed(tuple(shapes.values())) if len(shape) == 2), 1)


def _rebuild_head(network: nn.Module, plan: HeadPlan) -> dict[str, str]:
    """Puts the file's classifier in the place of the network's own: names of its tensors → in the file."""
    from torch import nn

    (place,) = plan.places
    parent, _, name = place.rpartition(".")
    own = network.get_submodule(place)
    pooled = any(
        isinstance(module, nn.Flatten | nn.Conv2d | nn.AdaptiveAvgPool2d) for module in own.modules()
    )
    head = build_head(plan, pooled).eval()
    setattr(network.get_submodule(parent), name, head)
    modules = head_sources(plan, pooled)
    sources: dict[str, str] = {}
    for tensor in head.state_dict():
        module, _, last = f"{place}.{tensor}".rpartition(".")
        if last != "num_batches_tracked":
            sources[f"{module}.{last}"] = f"{modules[module]}.{last}"
    return sources


def _load(network: nn.Module, tensors: Mapping[str, NDArray[Any]]) -> None:
    state = network.state_dict()  # with the version of each module, which some insist on
    state.update({name: _tensor(array, state[name]) for name, array in tensors.items()})
    network.load_state_dict(state, assign=True)
    network.requires_grad_(False)


def _tensor(array: NDArray[Any], like: Tensor) -> Tensor:
    """The array as a tensor of the same type as another. Read-only arrays are copied: torch warns of them."""
    import torch

    usable = array if array.flags.writeable and array.flags.c_contiguous else np.array(array, order="C")
    return torch.from_numpy(usable).to(like.dtype)
