"""Graphs that are written without onnx: onnx reads them, and ONNX Runtime runs them."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper

from camviewer.core.runtimes.onnx_writing import GraphWriter


def written() -> bytes:
    graph = GraphWriter()
    bounds = [graph.constant(np.array([number], np.int64)) for number in (1, 300, 1)]
    cut = graph.node("Slice", ["image", *bounds])
    both = graph.node("Concat", [cut, cut], axis=0)
    return graph.model({"image": (2, 300)}, {graph.node("Transpose", [both], perm=[1, 0]): (299, 4)})


def test_it_is_a_file_that_onnx_finds_right() -> None:
    model = onnx.load_from_string(written())
    onnx.checker.check_model(model, full_check=True)
    assert [node.op_type for node in model.graph.node] == ["Slice", "Concat", "Transpose"]
    assert [(a.name, list(a.ints) or a.i) for node in model.graph.node for a in node.attribute] == [
        ("axis", 0),
        ("perm", [1, 0]),
    ]
    shape = model.graph.input[0].type.tensor_type.shape
    assert [dim.dim_value for dim in shape.dim] == [2, 300]


def test_a_constant_is_stored_once() -> None:
    tensors = onnx.load_from_string(written()).graph.initializer
    assert [numpy_helper.to_array(tensor).tolist() for tensor in tensors] == [[1], [300]]


@pytest.mark.parametrize(
    "values", [np.float32(1 / 3), np.arange(200, dtype=np.uint8).reshape(2, 100), np.array([2**40, 1])]
)
def test_constants_keep_their_values_types_and_shapes(values: np.ndarray) -> None:
    graph = GraphWriter()
    name = graph.constant(np.asarray(values))
    model = onnx.load_from_string(graph.model({}, {}))
    (tensor,) = model.graph.initializer
    assert tensor.name == name
    ours = numpy_helper.to_array(tensor)
    assert ours.dtype == values.dtype
    np.testing.assert_array_equal(ours, values)


def test_it_runs() -> None:
    session = onnxruntime.InferenceSession(written(), providers=["CPUExecutionProvider"])
    image = np.arange(600, dtype=np.uint8).reshape(2, 300)
    (made,) = session.run(None, {"image": image})
    np.testing.assert_array_equal(made, np.vstack([image[:, 1:]] * 2).T)


def test_a_side_is_not_negative() -> None:
    with pytest.raises(ValueError, match="-1 is negative"):
        GraphWriter().model({"image": (-1,)}, {})
