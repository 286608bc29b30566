"""Small ONNX files for tests, written by hand: no torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

SIDE, CHANNELS, CLASSES = 32, 24, 5
TYPES = {
    np.dtype("float32"): TensorProto.FLOAT,
    np.dtype("float16"): TensorProto.FLOAT16,
    np.dtype("uint8"): TensorProto.UINT8,
    np.dtype("float64"): TensorProto.DOUBLE,
}


class GraphWriter:
    """Writes a graph node by node. Each method returns the name of the tensor that it made."""

    def __init__(self, dtype: str = "float32", seed: int = 0, domain: str = "") -> None:
        self.dtype, self.domain = np.dtype(dtype), domain
        self.nodes: list[Any] = []
        self.weights: list[Any] = []
        self.arrays: dict[str, NDArray[Any]] = {}
        self.numbers = np.random.default_rng(seed)

    def constant(self, values: Any, dtype: Any = np.int64) -> str:
        array = np.asarray(values, dtype)
        name = f"const{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(array, name))
        self.arrays[name] = array
        return name

    def weight(self, *shape: int, scale: float = 1.0) -> str:
        """Normal numbers, as large as keeps activations near 1."""
        size = scale / np.sqrt(max(int(np.prod(shape[1:])), 1))
        return self.constant(self.numbers.standard_normal(shape) * size, self.dtype)

    def node(self, operator: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        name = f"t{len(self.nodes)}"
        self.nodes.append(
            helper.make_node(operator, inputs, [name], name=f"{operator}_{name}", domain=domain, **attributes)
        )
        return name

    def conv(self, before: str, inputs: int, outputs: int, side: int = 3, stride: int = 1) -> str:
        return self.node(
            "Conv", before, self.weight(outputs, inputs, side, side), self.weight(outputs),
            strides=[stride, stride], pads=[side // 2] * 4,
        )  # fmt: skip

    def backbone(self, before: str = "image", inputs: int = 3) -> str:
        """Stride 8, two layers, positive: [n, CHANNELS, h/8, w/8]."""
        first = self.node("Relu", self.conv(before, inputs, 8, 3, 2))
        return self.node("Relu", self.conv(first, 8, CHANNELS, 3, 4))

    def pooled(self, features: str) -> str:
        return self.node("Flatten", self.node("GlobalAveragePool", features))

    def linear(self, before: str, outputs: int = CLASSES, inputs: int = CHANNELS) -> str:
        return self.node("Gemm", before, self.weight(outputs, inputs), self.weight(outputs), transB=1)

    def classifier(self, outputs: int = CLASSES) -> str:
        """The usual network, from image to logits."""
        return self.linear(self.pooled(self.backbone()), outputs)

    def model(
        self,
        scores: str,
        shape: Sequence[int | str | None] = ("n", 3, "h", "w"),
        *,
        outputs: Sequence[tuple[str, Sequence[int | str | None]]] = (),
        classes: int = CLASSES,
        metadata: Mapping[str, str] | None = None,
        opset: int = 18,
        ir: int = 9,
        domains: Sequence[str] = (),
        input_dtype: str | None = None,
    ) -> Any:
        kind = TYPES[self.dtype]
        image = helper.make_tensor_value_info("image", TYPES[np.dtype(input_dtype or self.dtype)], shape)
        all_outputs = [(scores, ("n", classes)), *outputs]
        graph = helper.make_graph(
            self.nodes,
            "test",
            [image],
            [helper.make_tensor_value_info(name, kind, dims) for name, dims in all_outputs],
            self.weights,
        )
        opsets = [helper.make_opsetid("", opset), *(helper.make_opsetid(domain, 1) for domain in domains)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=ir, producer_name="test")
        helper.set_model_props(model, dict(metadata or {}))
        return model


def save(model: Any, path: Path) -> Path:
    path.write_bytes(model.SerializeToString())
    return path


def save_external(model: Any, path: Path, location: str) -> Path:
    """With the weights in another file."""
    onnx.save_model(model, path, save_as_external_data=True, location=location, size_threshold=0)
    return path


def classifier(path: Path, **options: Any) -> Path:
    """A file with the usual network."""
    writer = GraphWriter()
    return save(writer.model(writer.classifier(), **options), path)
