"""Writes a network with a head of one's own classes for other programs: a state dict for torch, or ONNX."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from camviewer.core.arrays import AnyArray, FloatArray
from camviewer.core.failures import SaveFailure
from camviewer.core.models.builtin import MODELS
from camviewer.core.models.card import FileFormat
from camviewer.core.models.checkpoint import read_checkpoint
from camviewer.core.models.files import file_format
from camviewer.core.models.graphs import FEATURES, NORMALISED, graph_weights, misfit, network_graph
from camviewer.core.models.spec import LinearHead, ModelInfo, ModelSpec
from camviewer.core.models.taught import TaughtHead
from camviewer.core.runtimes.libraries import has_torch
from camviewer.core.storage.files import atomic_write

TORCH_SUFFIXES, ONNX_SUFFIX = (".pth", ".pt"), ".onnx"
_OPSET = 17


def export_network(
    taught: TaughtHead, backbone: ModelInfo, own: LinearHead, path: Path, *, overwrite: bool = False
) -> Path:
    """Write the backbone with this head as one file, of the kind that the path's suffix says; its path.

    ``.pth``: the backbone's state dict with the last layer replaced, as torchvision and timm load it for so
    many classes. ``.onnx``: of built-in networks; it takes normalised float32 [n, 3, h, w], gives logits, and
    has labels, mean and std in its metadata. backbone: as it runs with its own head, which is `own`. Raises
    SaveFailure where the backbone doesn't allow it, ModelFailure if its file can't be read any more.
    """
    suffix = path.suffix.lower()
    if suffix not in (*TORCH_SUFFIXES, ONNX_SUFFIX):
        raise SaveFailure(
            "{name} is no name of an export.", "End it with .pth for torch, or with .onnx.", name=path.name
        )
    tensors = _tensors(backbone)
    if suffix == ONNX_SUFFIX:
        spec = MODELS.get(backbone.name)
        if spec is None or misfit(network_graph(spec), tensors):
            raise SaveFailure(
                "{title} can't be written as ONNX: only built-in networks can.",
                "Export it to .pth, or save the head as a model file.",
                title=backbone.title,
            )
        data = onnx_bytes(spec, tensors, taught)
    else:
        data = _torch_bytes(with_other_head(tensors, own, taught.head, backbone.title))
    with atomic_write(path, overwrite=overwrite) as file:
        file.write(data)
    return path


def _tensors(backbone: ModelInfo) -> Mapping[str, AnyArray]:
    path = Path(backbone.weights_file)
    if not path.is_file() or (format := file_format(path)) is FileFormat.ONNX:
        raise SaveFailure(
            "The weights of {title} are in no file that can be exported again.",
            "Save the head as a model file instead.",
            title=backbone.title,
        )
    return read_checkpoint(path, format).tensors


def with_other_head(
    tensors: Mapping[str, AnyArray], own: LinearHead, head: LinearHead, title: str
) -> dict[str, AnyArray]:
    """The state dict with the tensors of its last layer replaced: those that are the network's own head.

    title: of the network. Raises SaveFailure if they aren't in it once.
    """
    places = [
        name.removesuffix(".weight")
        for name, values in tensors.items()
        if name.endswith(".weight") and values.ndim == 2 and np.array_equal(values, own.weight)
    ]
    if len(places) != 1 or f"{places[0]}.bias" not in tensors:
        raise SaveFailure(
            "The last layer of {title} isn't one that can be replaced in its file.",
            "Save the head as a model file instead.",
            title=title,
        )
    return {**tensors, f"{places[0]}.weight": head.weight, f"{places[0]}.bias": head.bias}


def _torch_bytes(tensors: Mapping[str, AnyArray]) -> bytes:
    if not has_torch():
        raise SaveFailure(
            "A file for torch needs the full edition of camviewer, with PyTorch.",
            "Export to .onnx, or save the head as a model file.",
        )
    import io

    import torch

    buffer = io.BytesIO()
    torch.save({name: torch.from_numpy(np.array(values)) for name, values in tensors.items()}, buffer)
    return buffer.getvalue()


def onnx_bytes(spec: ModelSpec, state: Mapping[str, AnyArray], taught: TaughtHead) -> bytes:
    """A built-in network as ONNX: its convolutions, the mean over all cells, and the head."""
    from onnx import ModelProto, TensorProto, helper, numpy_helper

    built = network_graph(spec)
    weights: dict[str, FloatArray] = graph_weights(spec, built, state, spec.preprocessing)
    weights |= {"head.weight": taught.head.weight, "head.bias": taught.head.bias}
    source = ModelProto()
    source.ParseFromString(built.model)
    model = ModelProto(ir_version=8, producer_name="camviewer")
    model.opset_import.extend([helper.make_opsetid("", _opset(source))])
    graph = model.graph
    graph.name = spec.name
    side = spec.preprocessing.crop
    graph.input.append(
        helper.make_tensor_value_info(NORMALISED, TensorProto.FLOAT, ["n", spec.channels, side, side])
    )
    graph.output.append(
        helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", len(taught.head.labels)])
    )
    graph.node.extend(_needed(source.graph.node))
    graph.node.append(helper.make_node("GlobalAveragePool", [FEATURES], ["pooled"]))
    graph.node.append(helper.make_node("Flatten", ["pooled"], ["flat"]))
    graph.node.append(helper.make_node("Gemm", ["flat", "head.weight", "head.bias"], ["logits"], transB=1))
    read = {name for node in graph.node for name in node.input}
    others = [tensor for tensor in source.graph.initializer if tensor.name not in weights]
    graph.initializer.extend(tensor for tensor in others if tensor.name in read)
    graph.initializer.extend(
        numpy_helper.from_array(np.ascontiguousarray(values), name)
        for name, values in weights.items()
        if name in read
    )
    for key, value in {
        "labels": json.dumps(list(taught.head.labels)),
        "mean": json.dumps(list(spec.preprocessing.mean)),
        "std": json.dumps(list(spec.preprocessing.std)),
    }.items():
        model.metadata_props.add(key=key, value=value)
    return bytes(model.SerializeToString())


def _opset(source: Any) -> int:
    return max(
        (each.version for each in source.opset_import if each.domain in ("", "ai.onnx")), default=_OPSET
    )


def _needed(nodes: Any) -> list[Any]:
    """The nodes from the normalised input to the features."""
    kept, needed = [], {FEATURES}
    for node in reversed(nodes):
        if needed.intersection(node.output) and NORMALISED not in node.output:
            kept.append(node)
            needed |= set(node.input) - {NORMALISED}
    return kept[::-1]
