"""The built-in networks as ONNX graphs without weights: resources that `packaging/graphs.py` makes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from camviewer.core.arrays import (
    AnyArray,
    FloatArray,
)
from camviewer.core.models.card import Layer
from camviewer.core.models.folding import folded
from camviewer.core.models.spec import (
    ModelSpec,
    Preprocessing,
)
from camviewer.core.models.weights import other_networks_weights
from camviewer.core.resources import resource_path
from camviewer.core.runtimes.preprocess import gain_and_offset

PIXELS, NORMALISED, FEATURES = "pixels", "normalised", "features"
"""Tensors of each graph: its input uint8 [n, 3, h, w], that normalised float32 [n, 3, h, w], its output."""


@dataclass(frozen=True, slots=True, eq=False)
class NetworkGraph:
    """A built-in network up to its features.

    model: as ONNX Runtime takes it; its weights are to be given by name. eps and norms: of its batch norms,
    as `folding.folded`. state: the shapes of its state dict, None for the number of classes. layers: those
    that methods may look at, each with the tensor that is its output.
    """

    model: bytes
    eps: float
    norms: Mapping[str, str]
    state: Mapping[str, tuple[int | None, ...]]
    layers: tuple[tuple[Layer, str], ...]


def network_graph(spec: ModelSpec) -> NetworkGraph:
    """The graph of a built-in network."""
    facts = json.loads(resource_path(f"graphs/{spec.name}.json").read_text("utf-8"))
    return NetworkGraph(
        resource_path(f"graphs/{spec.name}.onnx").read_bytes(),
        facts["eps"],
        facts["norms"],
        {name: tuple(shape) for name, shape in facts["state"].items()},
        tuple((Layer(**each), tensor) for each in facts["layers"] if (tensor := each.pop("tensor"))),
    )


def with_output(graph: NetworkGraph, layer: str) -> bytes:
    """The graph's model with a layer's output after its features. Raises KeyError for one not listed."""
    from onnx import ModelProto, helper

    tensors = {each.name: tensor for each, tensor in graph.layers}
    model = ModelProto()
    model.ParseFromString(graph.model)
    model.graph.output.append(helper.make_empty_tensor_value_info(tensors[layer]))
    return bytes(model.SerializeToString())


def graph_weights(
    spec: ModelSpec, graph: NetworkGraph, state: Mapping[str, AnyArray], preprocessing: Preprocessing
) -> dict[str, FloatArray]:
    """What the graph is to be given by name: its convolutions' weights, and how pixels are normalised.

    Raises ModelFailure unless the state dict has this network's tensors, no others, and in the right shapes.
    """
    problem = misfit(graph, state)
    if problem:
        raise other_networks_weights(spec.title, problem)
    gain, offset = (each[:, None, None] for each in gain_and_offset(preprocessing))
    return {**folded(state, graph.norms, graph.eps), "gain": gain, "offset": offset}


def misfit(graph: NetworkGraph, state: Mapping[str, AnyArray]) -> str:
    """Why a state dict is not of this network; "" if it is. Counters of batches seen may be missing."""
    wrong = [f"{name} is not of this network" for name in state if name not in graph.state]
    classes = set()
    for name, shape in graph.state.items():
        if name not in state:
            if not name.endswith(".num_batches_tracked"):
                wrong.append(f"{name} is missing")
            continue
        there = state[name].shape
        fits = len(there) == len(shape) and all(
            own in (None, new) for own, new in zip(shape, there, strict=True)
        )
        if not fits:
            expected = ["classes" if own is None else own for own in shape]
            wrong.append(f"{name} is {list(there)}, not {expected}")
        elif None in shape:
            classes.add(there[0])
    if len(classes) > 1:
        wrong.append("weight and bias of the classifier have other numbers of classes")
    return "; ".join(wrong[:20])
