#!/usr/bin/env python3
"""Makes resources/graphs: the built-in networks as ONNX graphs without weights, and facts about them.

python packaging/graphs.py

Run it when a built-in network is added or changed. tests/core/runtimes/test_onnx_builtin.py compares what it
made with torch.
"""

from __future__ import annotations

import json
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import onnx  # noqa: E402
import onnxruntime  # noqa: E402
import torch  # noqa: E402
from onnx import TensorProto, helper, numpy_helper  # noqa: E402
from torch import Tensor, nn  # noqa: E402

from camviewer.core.models.builtin import MODELS  # noqa: E402
from camviewer.core.models.folding import batch_norms, folded  # noqa: E402
from camviewer.core.models.spec import ModelSpec  # noqa: E402
from camviewer.core.runtimes.torch_base import fused  # noqa: E402
from camviewer.core.runtimes.torch_layers import spatial_layers  # noqa: E402

CLASSES = 1009
"""A prime that is no other number of a network: tensors with so many rows are the classifier's."""
OPSET = 18
NORMALISATION = {
    "gain": np.array([0.02, 0.03, 0.04], np.float32).reshape(3, 1, 1),
    "offset": np.array([-2, -3, -2.5], np.float32).reshape(3, 1, 1),
}
"""Of pixels, where the network is tried; as unlike each other as its weights."""


def with_random_weights(spec: ModelSpec) -> nn.Module:
    """The network; no two of its tensors are equal, so that each can be found by its values."""
    network = spec.architecture.build(CLASSES).eval()
    generator = torch.Generator().manual_seed(0)
    for name, values in network.state_dict().items():
        if name.endswith("running_var") or (values.ndim == 1 and name.endswith("weight")):
            values.copy_(torch.rand(values.shape, generator=generator) + 0.5)
        elif values.is_floating_point():
            # Of both signs: where all values are positive, a ReLU's output is its input.
            noise = torch.randn(values.shape, generator=generator)
            values.copy_(noise / (values[0].numel() ** 0.5 if values.ndim > 1 else 3))
    return network


class WithNormalisation(nn.Module):
    """Takes pixels uint8 [n, 3, h, w]; pixels · gain + offset are normalised."""

    def __init__(self, features: nn.Module) -> None:
        super().__init__()
        self.features = features
        self.gain, self.offset = (nn.Parameter(torch.from_numpy(each)) for each in NORMALISATION.values())

    def forward(self, pixels: Tensor) -> Any:
        """Features [n, C, h', w']."""
        return self.features(pixels.float() * self.gain + self.offset)


def exported(features: nn.Module) -> onnx.ModelProto:
    """By torch's exporter, with open sizes."""
    example = torch.zeros(2, 3, 224, 256, dtype=torch.uint8)
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            WithNormalisation(features).eval(),
            (example,),
            dynamo=True,
            opset_version=OPSET,
            dynamic_shapes=({0: "n", 2: "h", 3: "w"},),
            input_names=["pixels"],
            output_names=["features"],
            verbose=False,
        )
        assert program is not None
        program.save(str(Path(folder) / "model.onnx"))
        return onnx.load(str(Path(folder) / "model.onnx"))


def renamed(model: onnx.ModelProto, names: dict[str, str]) -> None:
    """Gives tensors other names, everywhere in the graph."""
    graph = model.graph
    for node in graph.node:
        for side in (node.input, node.output):
            side[:] = [names.get(name, name) for name in side]
    for value in (*graph.initializer, *graph.output, *graph.input):
        value.name = names.get(value.name, value.name)


def weight_names(model: onnx.ModelProto, arrays: dict[str, Any]) -> dict[str, str]:
    """Which of the arrays each tensor of the graph is, by its values. All must be found, once each."""
    found = {}
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        for name, array in arrays.items():
            if values.shape == array.shape and np.allclose(values, array, rtol=1e-5, atol=1e-6):
                found[tensor.name] = name
    assert sorted(found.values()) == sorted(arrays), set(arrays) ^ set(found.values())
    return found


def layer_tensors(model: onnx.ModelProto, network: nn.Module, spec: ModelSpec) -> list[dict[str, Any]]:
    """The layers that methods may look at, each with the tensor of the graph that has its values."""
    pixels = np.random.default_rng(0).integers(0, 256, (1, 3, 224, 224), np.uint8)
    network_input = torch.from_numpy(pixels * NORMALISATION["gain"] + NORMALISATION["offset"])
    layers = spatial_layers(network, network_input)
    outputs: dict[str, Tensor] = {}
    hooks = [
        network.get_submodule(layer.name).register_forward_hook(
            lambda _, __, output, name=layer.name: outputs.__setitem__(name, output.detach().clone())
        )
        for layer in layers
    ]
    with torch.no_grad():
        network(network_input)
    for hook in hooks:
        hook.remove()
    everything = onnx.ModelProto()
    everything.CopyFrom(model)
    names = [name for node in everything.graph.node for name in node.output]
    del everything.graph.output[:]
    everything.graph.output.extend(helper.make_empty_tensor_value_info(name) for name in names)
    session = onnxruntime.InferenceSession(everything.SerializeToString(), providers=["CPUExecutionProvider"])
    computed = dict(zip(names, session.run(names, {"pixels": pixels}), strict=True))
    found = []
    for layer in layers:
        theirs = outputs[layer.name].numpy()
        equal = [
            name
            for name, values in computed.items()
            if values.shape == theirs.shape and np.abs(values - theirs).max() <= 1e-4 * np.abs(theirs).max()
        ]
        assert len(equal) == 1, f"{spec.name}: {equal} may be {layer.name}"
        found.append(
            {
                "name": layer.name,
                "kind": layer.kind,
                "channels": layer.channels,
                "rows": layer.rows,
                "columns": layer.columns,
                "tensor": equal[0],
            }
        )
    return found


def make(spec: ModelSpec, folder: Path) -> None:
    """Writes NAME.onnx and NAME.json."""
    architecture, network = spec.architecture, with_random_weights(spec)
    (eps,) = {m.eps for m in network.modules() if isinstance(m, nn.BatchNorm2d)}
    state = {name: values.numpy() for name, values in network.state_dict().items()}
    norms = batch_norms(state, architecture.conv_bn)
    features = architecture.simplified(fused(architecture.features(network), architecture.conv_bn))
    model = exported(features)
    renamed(model, weight_names(model, {**folded(state, norms, eps), **NORMALISATION}))
    # What the convolutions read: passes with changed inputs begin there.
    first = next(node for node in model.graph.node if node.op_type == "Conv")
    renamed(model, {first.input[0]: "normalised"})
    layers = layer_tensors(model, network, spec)
    shapes = {}
    for name, values in state.items():
        shapes[name] = [None, *values.shape[1:]] if CLASSES in values.shape else list(values.shape)
    given = {*folded(state, norms, eps), "gain", "offset"}
    for tensor in model.graph.initializer:
        if tensor.name in given:
            tensor.ClearField("raw_data")
            tensor.ClearField("float_data")
            tensor.data_location = TensorProto.EXTERNAL
            tensor.external_data.add(key="location", value="given-by-name")
    model.producer_name, model.producer_version = "camviewer", ""
    model.graph.name, model.graph.doc_string = spec.name, ""
    del model.graph.value_info[:]
    del model.metadata_props[:]
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    for value in (*model.graph.input, *model.graph.output, *model.graph.initializer):
        del value.metadata_props[:]
    facts = {
        "torch": torch.__version__.partition("+")[0],
        "eps": eps,
        "norms": norms,
        "state": shapes,
        "layers": layers,
    }
    folder.mkdir(exist_ok=True)
    (folder / f"{spec.name}.onnx").write_bytes(model.SerializeToString(deterministic=True))
    text = json.dumps(facts, indent=1)
    (folder / f"{spec.name}.json").write_text(text + "\n", "utf-8")
    sizes = [(folder / f"{spec.name}{suffix}").stat().st_size for suffix in (".onnx", ".json")]
    print(f"{spec.name}: {len(model.graph.node)} nodes, {sizes[0]:,} and {sizes[1]:,} bytes")


if __name__ == "__main__":
    for each in MODELS.values():
        make(each, ROOT / "resources/graphs")
