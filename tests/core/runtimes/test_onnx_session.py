"""Sessions of ONNX Runtime: how weights are given, and what errors say."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import TensorProto, helper

from camviewer.core.runtimes.onnx_session import OnnxSession, first_line


def convolution() -> bytes:
    """Names a weight that it doesn't hold."""
    weight = TensorProto(name="weight", data_type=TensorProto.FLOAT, dims=[4, 3, 2, 2])
    weight.data_location = TensorProto.EXTERNAL
    weight.external_data.add(key="location", value="given")
    graph = helper.make_graph(
        [helper.make_node("Conv", ["image", "weight"], ["features"])],
        "test",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, 2, 2])],
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, [1, 4, 1, 1])],
        [weight],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    return bytes(model.SerializeToString())


def test_weights_may_have_any_order_of_axes_in_memory() -> None:
    numbers = np.random.default_rng(0)
    weight = numbers.standard_normal((4, 3, 2, 2)).astype(np.float32)
    image = numbers.standard_normal((1, 3, 2, 2)).astype(np.float32)
    expected = np.einsum("oihw,nihw->no", weight, image)
    as_torch_has_it = np.ascontiguousarray(weight.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
    for given in (weight, as_torch_has_it, weight[::-1][::-1]):
        session = OnnxSession(convolution(), {"weight": given})
        del given
        np.testing.assert_allclose(session.run(image)[0].reshape(1, 4), expected, rtol=1e-5)


def test_a_weight_of_another_shape_is_refused() -> None:
    with pytest.raises(RuntimeError, match="dimensions do not match"):
        OnnxSession(convolution(), {"weight": np.zeros((4, 3, 1, 1), np.float32)})


def test_what_plug_ins_say_is_told_without_their_source() -> None:
    """As 0.4.0 said it of a driver that was too old."""
    place = (
        "/onnxruntime_src/onnxruntime/core/session/plugin_ep/ep_plugin_provider_interfaces.cc:393 virtual f()"
    )
    inner = (
        "/onnxruntime_src/onnxruntime/core/providers/webgpu/webgpu_context.cc:136 onnxruntime::webgpu::"
        "WebGpuContext::<lambda()> adapter_result.status == wgpu::RequestAdapterStatus::Success was false. "
    )
    error = RuntimeError(
        f"[ONNXRuntimeError] : 11 : EP_FAIL : {place} [ONNXRuntimeError] : 11 : EP_FAIL : {inner}"
        "Failed to get a WebGPU adapter: No supported adapters\n\n"
    )
    assert first_line(error) == "Failed to get a WebGPU adapter: No supported adapters"
