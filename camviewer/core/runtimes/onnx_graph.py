"""Parts of an ONNX graph as graphs of their own, run by ONNX Runtime on the CPU.

torch is not imported here; onnx only inside functions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from camviewer.core.failures import ModelFailure
from camviewer.core.models.onnx_file import OnnxFile
from camviewer.core.models.onnx_parsing import (
    all_nodes,
    inner_graphs,
)
from camviewer.core.runtimes.onnx_session import OnnxSession

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Cut:
    """A tensor that everything passes on its way from the image to the logits, and the node that makes it.

    before: the tensor that the node makes it of, if that is the only one that depends on the image.
    """

    tensor: str
    operator: str
    before: str | None


class OnnxGraph:
    """The graph of a file, in float32 throughout."""

    def __init__(self, file: OnnxFile) -> None:
        self.name, self.image, self.logits = file.path.name, file.input, file.logits
        self._model, self._weights = in_float32(file.model, file.weights)
        graph = self._model.graph
        self.producers: dict[str, Any] = {name: node for node in graph.node for name in node.output if name}
        self._initializers = {tensor.name: tensor for tensor in graph.initializer}
        (self._input,) = (value for value in graph.input if value.name not in self._initializers)
        self._node_names = Counter(node.name for node in graph.node if node.name)
        self._constants: dict[str, Array | None] = {}

    def session(
        self, outputs: Sequence[str], replaced: tuple[str, Sequence[int | str]] | None = None
    ) -> OnnxSession:
        """One that computes these tensors from the image, or from another tensor that replaces it.

        replaced: the tensor's name, and its sizes, a str for one that is open. Raises ModelFailure if ONNX
        Runtime can't load it; LookupError if the outputs depend on more than the tensor.
        """
        model = self._extracted(outputs, replaced)
        used = {t.name: self._weights[t.name] for t in model.graph.initializer if t.name in self._weights}
        return self._opened(model, used)

    def _opened(self, model: Any, weights: Mapping[str, Array]) -> OnnxSession:
        try:
            return OnnxSession(model.SerializeToString(), weights)
        except RuntimeError as error:
            raise ModelFailure(
                "ONNX Runtime can't run {name} ({reason}).",
                "Export the model again, with opset 17 or newer.",
                repr(error.__cause__),
                name=self.name,
                reason=str(error),
            ) from error

    def constant(self, name: str) -> Array | None:
        """The values of a tensor that no image changes; None of any other."""
        if name in self._weights:
            return self._weights[name]
        if name not in self._constants:
            self._constants[name] = self._computed(name)
        return self._constants[name]

    def _computed(self, name: str) -> Array | None:
        from onnx import numpy_helper

        if name in self._initializers:
            return np.asarray(numpy_helper.to_array(self._initializers[name]))
        if name not in self.producers:
            return None
        model = self._extracted([name], None)
        if any(self._input.name in node_inputs(node) for node in model.graph.node):
            return None
        del model.graph.input[:]
        used = {t.name: self._weights[t.name] for t in model.graph.initializer if t.name in self._weights}
        return self._opened(model, used).run()[0]

    def node_name(self, tensor: str) -> str:
        """The name of the node that makes a tensor, else the tensor's."""
        name = str(self.producers[tensor].name) if tensor in self.producers else ""
        return name if self._node_names[name] == 1 else tensor

    def cuts(self) -> list[Cut]:
        """All, in the order of the computation; the logits themselves are not among them."""
        nodes = self._extracted([self.logits], None).graph.node
        depends = {self._input.name}
        left: Counter[str] = Counter()
        varying = []
        for node in nodes:
            inputs = node_inputs(node) & depends
            if inputs:
                depends.update(output for output in node.output if output)
                left.update(inputs)
                varying.append((node, inputs))
        found = []
        # Tensors that something to come still reads. A cut is alone among them.
        live = {self._input.name}
        for node, inputs in varying:
            for name in inputs:
                left[name] -= 1
            live = {name for name in live if left[name] > 0}
            live.update(name for name in node.output if left[name] > 0)
            if len(live) == 1 and (name := next(iter(live))) in node.output:
                found.append(Cut(name, node.op_type, next(iter(inputs)) if len(inputs) == 1 else None))
        return found

    def _extracted(self, outputs: Sequence[str], replaced: tuple[str, Sequence[int | str]] | None) -> Any:
        """A model of what is needed for the outputs, and of nothing else."""
        from onnx import ModelProto, TensorProto, helper

        source = self._model.graph
        if replaced is None:
            start = self._input
        else:
            start = helper.make_tensor_value_info(replaced[0], TensorProto.FLOAT, list(replaced[1]))
        needed, nodes = set(outputs) - {start.name}, []
        for node in reversed(source.node):
            if needed.intersection(node.output):
                nodes.append(node)
                needed |= node_inputs(node) - {start.name}
        if replaced is not None and self._input.name in needed:
            raise LookupError(f"{outputs} depend on more than {start.name}")
        # Before version 4 every initializer had to be an input too.
        model = ModelProto(ir_version=max(self._model.ir_version, 4), producer_name="camviewer")
        model.opset_import.extend(self._model.opset_import)
        graph = model.graph
        graph.name = "part"
        graph.node.extend(reversed(nodes))
        graph.input.append(start)
        graph.output.extend(helper.make_empty_tensor_value_info(name) for name in outputs)
        graph.initializer.extend(t for t in source.initializer if t.name in needed)
        graph.sparse_initializer.extend(t for t in source.sparse_initializer if t.values.name in needed)
        return model


def node_inputs(node: Any) -> set[str]:
    """The tensors that a node reads, those that the graphs inside of it take from outside among them."""
    names = {name for name in node.input if name}
    for graph in inner_graphs(node):
        names |= {name for inner in all_nodes(graph) for name in inner.input if name}
        names |= {output.name for output in graph.output}
    return names


def in_float32(model: Any, weights: Mapping[str, Array]) -> tuple[Any, dict[str, Array]]:
    """The same network, float16 made float32: a CPU computes in float32 anyway, and exact maps need it."""
    from onnx import ModelProto, TensorProto, numpy_helper

    half, single = TensorProto.FLOAT16, TensorProto.FLOAT
    copy = ModelProto()
    copy.CopyFrom(model)
    del copy.graph.value_info[:]

    def widen(tensor: Any) -> None:
        if tensor.data_type != half:
            return
        if tensor.name in weights:
            tensor.data_type = single
        else:
            tensor.CopyFrom(
                numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float32), tensor.name)
            )

    for tensor in copy.graph.initializer:
        widen(tensor)
    for value in copy.graph.input:
        if value.type.tensor_type.elem_type == half:
            value.type.tensor_type.elem_type = single
    for node in all_nodes(copy.graph):
        for attribute in node.attribute:
            if node.op_type == "Cast" and attribute.name == "to" and attribute.i == half:
                attribute.i = single
            if attribute.HasField("t"):
                widen(attribute.t)
    return copy, {
        name: array.astype(np.float32) if array.dtype == np.float16 else array
        for name, array in weights.items()
    }
