"""The layers of an ONNX graph that methods may look at, found by running it once."""

from __future__ import annotations

from dataclasses import (
    dataclass,
    replace,
)

import numpy as np

from camviewer.core.arrays import FloatArray
from camviewer.core.models.card import Layer
from camviewer.core.runtimes.onnx_cells import (
    Cells,
    possible_cells,
)
from camviewer.core.runtimes.onnx_graph import OnnxGraph

MOST_LAYERS = 24
_MIXING = frozenset({"Conv", "Gemm", "MatMul", "MaxPool", "AveragePool"})
"""Operators whose output is another layer than what goes in, though it has the same sizes."""


@dataclass(frozen=True, slots=True)
class GraphLayer:
    """A tensor with cells that all of the network's later computation depends on.

    shape: for one image of the size that the network was trained with.
    """

    layer: Layer
    tensor: str
    cells: Cells
    shape: tuple[int, ...]

    def same_size(self, other: GraphLayer) -> bool:
        """Whether both have as many channels, rows and columns."""
        return replace(self.layer, name="", kind="") == replace(other.layer, name="", kind="")


def graph_layer(
    graph: OnnxGraph, tensor: str, cells: Cells, values: FloatArray, sides: tuple[int, int]
) -> GraphLayer:
    """The layer whose output is a tensor. values: of it, for one image of that height and width."""
    channels, rows, columns = cells.taken(values, *sides).shape[1:]
    kind = str(graph.producers[tensor].op_type)
    return GraphLayer(
        Layer(graph.node_name(tensor), kind, channels, rows, columns), tensor, cells, values.shape
    )


def graph_layers(graph: OnnxGraph, image: FloatArray) -> list[GraphLayer]:
    """All that are worth looking at, the deepest last; not more than `MOST_LAYERS`.

    image: a square input of the network. Only tensors that everything passes: with such a layer's output
    replaced, the rest of the network can be run by itself.
    """
    sides = graph.image.sides(image.shape)
    cuts = graph.cuts()
    session = graph.session([*(cut.tensor for cut in cuts), graph.logits])
    values = dict(zip(session.outputs, session.run(image), strict=True))
    found: list[GraphLayer] = []
    for cut in cuts:
        cells = possible_cells(values[cut.tensor].shape)
        if not cells:
            continue
        layer = graph_layer(graph, cut.tensor, cells[0], values[cut.tensor], sides)
        if layer.layer.channels == graph.image.channels and layer.layer.rows == sides[0]:
            continue  # the image, in another order or normalised
        last = found[-1] if found else None
        if last and cut.before == last.tensor and cut.operator not in _MIXING and last.same_size(layer):
            found.pop()  # its activation or norm, or the same in another order
        found.append(layer)
    for count in range(len(found), 0, -1):
        place = found[count - 1]
        if _counts(graph, place, values[place.tensor], values[graph.logits], sides):
            found = found[:count]
            break
    if len(found) <= MOST_LAYERS:
        return found
    # The last one of each size, and then the deepest.
    last_of = {(each.layer.rows, each.layer.columns): each.tensor for each in found}
    wanted = set(last_of.values())
    for each in reversed(found):
        if len(wanted) >= MOST_LAYERS:
            break
        wanted.add(each.tensor)
    return [each for each in found if each.tensor in wanted]


def _counts(
    graph: OnnxGraph, place: GraphLayer, values: FloatArray, logits: FloatArray, sides: tuple[int, int]
) -> bool:
    """Whether scores change with the cells: after the last attention only the class token may count."""
    features = place.cells.taken(values, *sides)
    others = np.random.default_rng(0).standard_normal(features.shape, np.float32) * (features.std() + 1)
    tail = graph.session([graph.logits], (place.tensor, values.shape))
    (changed,) = tail.run(place.cells.put(values, others))
    return not np.allclose(changed, logits, rtol=1e-5, atol=1e-6)
