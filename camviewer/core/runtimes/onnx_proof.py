"""Proves by numbers what an ONNX graph's head is: whether its class activation maps are exact.

The graph is followed back from the logits, over what is linear, to a mean over cells. What is found counts
only if the features, computed for two images, give the network's own logits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import (
    dataclass,
    replace,
)
from typing import Any

import numpy as np

from camviewer.core.arrays import FloatArray
from camviewer.core.models.proof import (
    HeadKind,
    HeadProof,
)
from camviewer.core.runtimes.onnx_cells import (
    Cells,
    possible_cells,
)
from camviewer.core.runtimes.onnx_graph import OnnxGraph
from camviewer.core.text import Text

TOLERANCE = 1e-4
"""Of a logit, times what is larger: 1 or the logit."""

_UNCHANGING = frozenset(
    {"Identity", "Dropout", "Cast", "Flatten", "Reshape", "Squeeze", "Unsqueeze", "Transpose"}
)
"""Operators that keep the values of a vector."""
_SELECTING = frozenset({"Gather", "Slice"})
"""Operators that take one token of several, or, as torch's exporter writes views, everything."""
_MEANS = frozenset({"GlobalAveragePool", "AveragePool", "ReduceMean"})


@dataclass(frozen=True, slots=True, eq=False)
class PooledHead:
    """logits = weight · mean(features) + bias. weight float32 [N, C], bias float32 [N].

    tensor: the features' name in the graph; cells: how to read it. epsilon: of a LayerNorm after the mean
    (its γ and β are in weight and bias), whose μ and σ belong to the image; None without one.
    """

    tensor: str
    cells: Cells
    weight: FloatArray
    bias: FloatArray
    epsilon: float | None = None

    def features(self, tensor: FloatArray, height: int, width: int) -> FloatArray:
        """[n, C, h, w] whose means the weight takes, from the tensor of an input of height x width pixels.

        With a LayerNorm: (f - mean of f over channels) / σ, where σ is one number of the image.
        """
        return self.scaled(self.cells.taken(tensor, height, width))

    def scaled(self, features: FloatArray) -> FloatArray:
        """`features` of the tensor as it is, [n, C, h, w]."""
        if self.epsilon is None:
            return features
        variance = features.mean((2, 3)).var(axis=1)[:, None, None, None]
        centred: FloatArray = (features - features.mean(axis=1, keepdims=True)) / np.sqrt(
            variance + np.float32(self.epsilon)
        )
        return centred

    def scores(self, features: FloatArray) -> FloatArray:
        """Logits [n, N] of `features`."""
        logits: FloatArray = features.mean((2, 3)) @ self.weight.T + self.bias
        return logits


def prove_head(graph: OnnxGraph, images: Sequence[FloatArray]) -> tuple[PooledHead | None, HeadProof]:
    """What the head is. images: two inputs of the network, square, of the size that it was trained with.

    Without a head the proof's layer is empty. Raises ModelFailure if the graph can't be run.
    """
    chain = _Chain(graph)
    reason = chain.follow()
    if reason:
        return None, HeadProof(HeadKind.OTHER, "", reason=reason)
    session = graph.session(list(dict.fromkeys([*chain.means, graph.logits])))
    results = [dict(zip(session.outputs, session.run(image), strict=True)) for image in images]
    errors = []
    for tensor in chain.means:
        for cells in possible_cells(results[0][tensor].shape):
            head = chain.head(tensor, cells, results[0])
            if head is None:
                continue
            error, right = _error(head, graph, results, images)
            errors.append(error)
            if right:
                proof = HeadProof(chain.kind, graph.node_name(tensor), error)
                return head, proof
    if errors:
        reason = Text(
            "the mean over its cells and the linear layer give other scores (difference {error})",
            error=f"{min(errors):.2g}",
        )
    else:
        reason = Text("what is averaged has no cells")
    return None, HeadProof(HeadKind.OTHER, "", reason=reason)


def _error(
    head: PooledHead,
    graph: OnnxGraph,
    results: Sequence[dict[str, FloatArray]],
    images: Sequence[FloatArray],
) -> tuple[float, bool]:
    """The largest difference of a logit, and whether all are as small as rounding makes them."""
    worst, right = 0.0, True
    for result, image in zip(results, images, strict=True):
        theirs = result[graph.logits].reshape(1, -1)
        height, width = graph.image.sides(image.shape)
        ours = head.scores(head.features(result[head.tensor], height, width))
        difference = np.abs(ours - theirs)
        worst = max(worst, float(difference.max()))
        # Not a number is not right.
        right = right and bool((difference <= TOLERANCE * np.maximum(1, np.abs(theirs))).all())
    return worst, right


class _Chain:
    """What lies between the logits and a mean over cells, as one linear map: logits = weight · x + bias."""

    def __init__(self, graph: OnnxGraph) -> None:
        self._graph = graph
        # None: each channel as it is; [C]: each times a number; [N, C].
        self._weight: FloatArray | None = None
        self._bias: FloatArray | None = None
        self._epsilon: float | None = None
        self._selects = False
        self.means: list[str] = []
        """The tensors that may have been averaged, the one nearest to the logits first."""

    @property
    def kind(self) -> HeadKind:
        """What the head is, if the numbers are right."""
        if self._epsilon is not None:
            return HeadKind.POOLED_NORM_LINEAR
        linear = self._weight is not None and self._weight.ndim == 2
        return HeadKind.POOLED_LINEAR if linear else HeadKind.POOLED_SCORES

    def follow(self) -> str:
        """Go back from the logits as far as it is linear. Returns why it ended before a mean, else ""."""
        name = self._graph.logits
        for _ in range(len(self._graph.producers)):
            node = self._graph.producers.get(name)
            if node is None or not node.input:
                break
            if node.op_type in _MEANS:
                self._follow_means(name)
                return ""
            before = self._before(node)
            if before is None:
                if self._weight is None:
                    return Text(
                        "the scores come out of {operator}, not a linear layer", operator=node.op_type
                    )
                if self._selects:
                    return Text(
                        "what goes into the last linear layer is one token of a transformer, "
                        "not a mean over cells"
                    )
                return Text(
                    "what goes into the last linear layer comes out of {operator}, not of a mean over cells",
                    operator=node.op_type,
                )
            name = before
        return Text("the scores are made of the image without a mean over cells")

    def head(self, tensor: str, cells: Cells, result: dict[str, FloatArray]) -> PooledHead | None:
        """If this tensor was averaged. None where the numbers of channels don't agree."""
        channels = cells.taken(result[tensor], 1, 1).shape[1]
        classes = result[self._graph.logits].size
        weight = np.ones(channels, np.float32) if self._weight is None else self._weight
        if weight.ndim < 2:
            if weight.size not in (1, channels):
                return None
            weight = np.diag(np.broadcast_to(weight, channels))
        bias = np.zeros(classes, np.float32) if self._bias is None else self._bias
        if weight.shape != (classes, channels) or bias.size not in (1, classes):
            return None
        bias = np.broadcast_to(bias.reshape(-1), classes)
        return PooledHead(
            tensor, cells, np.ascontiguousarray(weight, np.float32), bias.astype(np.float32), self._epsilon
        )

    def _follow_means(self, name: str) -> None:
        """A mean over rows may follow one over columns, and tokens may have been put in order before."""
        while (node := self._graph.producers.get(name)) is not None and node.input:
            if node.op_type not in _MEANS and node.op_type not in _UNCHANGING:
                break
            name = node.input[0]
            self.means.append(name)

    def _before(self, node: Any) -> str | None:
        """Take a node into the map. Returns the tensor before it; None if it isn't linear."""
        first = str(node.input[0])
        if node.op_type in _UNCHANGING:
            return first
        if node.op_type in _SELECTING:
            self._selects = True
            return first
        if node.op_type == "LayerNormalization" and self._epsilon is None:
            self._epsilon = float(_attribute(node, "epsilon", 1e-5))
            self._add(self._optional(node, 2))
            self._multiply(self._optional(node, 1))
            return first
        if node.op_type == "Gemm" and not _attribute(node, "transA", 0):
            return first if self._gemm(node) else None
        if node.op_type == "MatMul":
            return first if self._multiply(self._optional(node, 1), across=True) else None
        if node.op_type == "Conv":
            return first if self._conv(node) else None
        if node.op_type == "BatchNormalization":
            scale, bias, mean, variance = (self._optional(node, i) for i in (1, 2, 3, 4))
            if scale is None or bias is None or mean is None or variance is None:
                return None
            root = np.sqrt(variance + np.float32(_attribute(node, "epsilon", 1e-5)))
            gain: FloatArray = np.divide(scale, root, dtype=np.float32)
            self._add(bias - mean * gain)
            self._multiply(gain)
            return first
        return self._elementwise(node)

    def _elementwise(self, node: Any) -> str | None:
        if node.op_type not in ("Add", "Sub", "Mul", "Div") or len(node.input) != 2:
            return None
        first, second = str(node.input[0]), str(node.input[1])
        values = self._graph.constant(second)
        if values is None and node.op_type in ("Add", "Mul"):
            first, second = second, first
            values = self._graph.constant(second)
        if values is None:
            return self._norm(node) if node.op_type == "Div" else None
        if sum(size > 1 for size in values.shape) > 1:
            return None  # another number for each cell
        vector = values.astype(np.float32).reshape(-1)
        if node.op_type in ("Add", "Sub"):
            self._add(vector if node.op_type == "Add" else -vector)
        else:
            self._multiply(vector if node.op_type == "Mul" else np.reciprocal(vector))
        return first

    def _norm(self, div: Any) -> str | None:
        """(x - mean) / sqrt(variance + ε), as older exporters write a LayerNorm. Returns x."""
        centred = self._graph.producers.get(div.input[0])
        root = self._graph.producers.get(div.input[1])
        if centred is None or root is None or self._epsilon is not None:
            return None
        added = self._graph.producers.get(root.input[0]) if root.op_type == "Sqrt" else None
        if centred.op_type != "Sub" or added is None or added.op_type != "Add":
            return None
        constants = [self._graph.constant(name) for name in added.input]
        epsilon = next((values for values in constants if values is not None and values.size == 1), None)
        if epsilon is None:
            return None
        self._epsilon = float(epsilon.reshape(-1)[0])
        return str(centred.input[0])

    def _gemm(self, node: Any) -> bool:
        weight, bias = self._optional(node, 1), self._optional(node, 2)
        if weight is None or (bias is None and len(node.input) > 2 and node.input[2]):
            return False
        if bias is not None:
            self._add(bias.reshape(-1) * np.float32(_attribute(node, "beta", 1.0)))
        alpha = np.float32(_attribute(node, "alpha", 1.0))
        if _attribute(node, "transB", 0):
            weight = weight.T
        return self._multiply(weight if alpha == 1 else weight * alpha, across=True)

    def _conv(self, node: Any) -> bool:
        """A 1×1 convolution."""
        weight, bias = self._optional(node, 1), self._optional(node, 2)
        if weight is None or any(size != 1 for size in weight.shape[2:]) or _attribute(node, "group", 1) != 1:
            return False
        if bias is not None:
            self._add(bias)
        return self._multiply(weight.reshape(weight.shape[:2]).T, across=True)

    def _optional(self, node: Any, index: int) -> FloatArray | None:
        """A constant input of a node; None if it isn't there or isn't constant."""
        if index >= len(node.input) or not node.input[index]:
            return None
        values = self._graph.constant(node.input[index])
        return None if values is None else values.astype(np.float32, copy=False)

    def _add(self, vector: FloatArray | None) -> None:
        """x was before + vector."""
        if vector is None:
            return
        if self._weight is None:
            added = vector
        elif self._weight.ndim == 1:
            added = self._weight * vector
        else:
            added = self._weight @ np.broadcast_to(vector, self._weight.shape[1])
        self._bias = added if self._bias is None else self._bias + added

    def _multiply(self, factor: FloatArray | None, *, across: bool = False) -> bool:
        """x was before · factor: [C] each by itself; across: before · factor, [C, N], of a linear layer."""
        if factor is None or (across and factor.ndim != 2):
            return False
        if self._weight is None:
            self._weight = factor.T if across else factor
        elif across:
            self._weight = (
                self._weight[:, None] * factor.T if self._weight.ndim == 1 else self._weight @ factor.T
            )
        else:
            self._weight = self._weight * factor
        return True


def _attribute(node: Any, name: str, default: float) -> Any:
    from onnx import helper

    return next((helper.get_attribute_value(a) for a in node.attribute if a.name == name), default)


def both_sides(head: PooledHead) -> PooledHead:
    """The head of a network with one output z as one of two classes: -z and z."""
    return replace(
        head,
        weight=np.concatenate([-head.weight, head.weight]),
        bias=np.concatenate([-head.bias, head.bias]),
    )
