"""Parses ONNX files safely: the graph without its weights, and the weights as arrays.

An ONNX file is data, but it may name other files, operators that only a plug-in knows, and sizes that
nothing has. torch is not imported here; onnx only inside functions.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from camviewer.core.arrays import read_only
from camviewer.core.failures import ModelFailure
from camviewer.core.text import Text

MAX_BYTES = 4_000_000_000
"""Of a model file and its external data together."""
SMALL_BYTES = 1024
"""Tensors of fewer bytes stay in the graph: shapes and axes, which are needed to understand it."""
MAX_NODES = 100_000
"""Of a graph with its functions written out; large networks have some thousands."""
_MAX_NESTED = 100
"""Functions that call each other, one in the other: as deep as a network's modules."""
KNOWN_DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml", "com.microsoft"})
"""Of the operators that every ONNX Runtime has."""

OTHER_FILE = Text("Choose an image classifier that was exported as ONNX.")


@dataclass(frozen=True, slots=True, eq=False)
class ParsedOnnx:
    """model: onnx.ModelProto, its large tensors without values; weights: these values, by name, read-only.

    sha256: of the file; with external data, of that too.
    """

    model: Any
    weights: dict[str, NDArray[Any]]
    sha256: str


def parse_onnx(path: Path) -> ParsedOnnx:
    """Parse a file that nobody vouches for.

    Raises ModelFailure for what is no ONNX model, or one that can't be read safely; OSError if the file
    can't be read. Damaged files raise other exceptions too: `read_onnx` knows them.
    """
    import onnx

    _check_total(path, path.stat().st_size)
    data = path.read_bytes()
    model = onnx.ModelProto()
    no_model = ModelFailure("{name} is not an ONNX model.", OTHER_FILE, name=path.name)
    try:
        model.ParseFromString(data)
    except Exception as error:  # protobuf's DecodeError
        no_model.details = str(error)
        raise no_model from error
    # Text and other protobufs can parse as well: then what every model has is missing.
    if not model.graph.node or not model.opset_import or model.ir_version < 1:
        raise no_model
    digest = hashlib.sha256(data)
    del data
    _check_versions(model, path)
    if model.functions:
        # What torch's exporter calls functions is only a way to write the graph.
        from onnx.inliner import inline_local_functions

        _check_functions(model, path)
        model = inline_local_functions(model)
    _check_operators(model, path)
    outside, hashes = _read_external(model, path)
    for file in hashes:
        digest.update(file)
    return ParsedOnnx(model, _taken_weights(model, outside, path), digest.hexdigest())


def all_nodes(graph: Any) -> Iterator[Any]:
    """The nodes of a graph and of the graphs inside of them (branches, loops)."""
    for node in graph.node:
        yield node
        for inner in inner_graphs(node):
            yield from all_nodes(inner)


def inner_graphs(node: Any) -> Iterator[Any]:
    """The graphs in a node's attributes."""
    for attribute in node.attribute:
        if attribute.HasField("g"):
            yield attribute.g
        yield from attribute.graphs


def _check_total(path: Path, total: int) -> None:
    if total > MAX_BYTES:
        raise ModelFailure(
            "{name} is larger than {most} MB.",
            "Choose a smaller model.",
            name=path.name,
            most=MAX_BYTES // 1_000_000,
        )


def _check_versions(model: Any, path: Path) -> None:
    """Ask the runtime itself: it has no list of what it knows."""
    import onnxruntime
    from onnx import TensorProto, helper

    opset = max((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), default=0)
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "probe", [value], [])
    graph.output.add(name="y")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        probe = helper.make_model(graph, opset_imports=[helper.make_opsetid("", max(opset, 1))])
        probe.ir_version = model.ir_version
        onnxruntime.InferenceSession(
            probe.SerializeToString(), options, providers=["CPUExecutionProvider"], enable_fallback=0
        )
    except Exception as error:
        raise ModelFailure(
            "{name} is written for a newer ONNX Runtime (opset {opset}, IR {ir}) than {version}, "
            "which is installed.",
            "Export it with a lower opset, such as opset_version=17, or install a newer onnxruntime.",
            str(error),
            name=path.name,
            opset=opset,
            ir=model.ir_version,
            version=onnxruntime.__version__,
        ) from error


def _check_functions(model: Any, path: Path) -> None:
    """Raises ModelFailure if functions call themselves, or would be too much written out.

    Each call copies a function: thirty that call the one before twice are a billion nodes.
    """
    functions = {
        _name(function, function.name): (function, [_name(n, n.op_type) for n in all_nodes(function)])
        for function in model.functions
    }
    called = [_name(node, node.op_type) for node in all_nodes(model.graph)]
    nodes = {name: len(inside) for name, (_, inside) in functions.items()}
    volume = {name: function.ByteSize() for name, (function, _) in functions.items()}
    calls = {name: Counter(n for n in inside if n in functions) for name, (_, inside) in functions.items()}
    for own, most, there in (
        (nodes, MAX_NODES, len(called)),
        (volume, MAX_BYTES, model.graph.ByteSize()),  # a constant in a function is copied, too
    ):
        sizes = own
        for _ in range(_MAX_NESTED):
            before, sizes = (
                sizes,
                {
                    name: min(own[name] + sum(n * sizes[inner] for inner, n in calls[name].items()), most + 1)
                    for name in own
                },
            )
            if sizes == before:
                break
        if sizes != before or there + sum(sizes.get(name, 0) for name in called) > most:
            raise ModelFailure(
                "The functions in {name} call each other without end, or too often.",
                "Export the model without functions of its own.",
                name=path.name,
            )


def _name(of: Any, name: str) -> tuple[str, str, str]:
    """Of a function, or of what a node calls."""
    return ("" if of.domain == "ai.onnx" else of.domain, name, of.overload)


def _check_operators(model: Any, path: Path) -> None:
    for node in all_nodes(model.graph):
        if node.domain not in KNOWN_DOMAINS:
            raise ModelFailure(
                "{name} needs the operator {operator} of {domain!r}, which only a plug-in knows.",
                "Export the model without operators of its own.",
                name=path.name,
                operator=node.op_type,
                domain=node.domain,
            )


def _tensors(graph: Any) -> Iterator[Any]:
    """All tensors that a graph holds."""
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors
            for sparse in (attribute.sparse_tensor, *attribute.sparse_tensors):
                yield from (sparse.values, sparse.indices)
        for inner in inner_graphs(node):
            yield from _tensors(inner)


def _read_external(model: Any, path: Path) -> tuple[dict[str, NDArray[Any]], list[bytes]]:
    """Read what lies in other files, if these lie beside the model: weights, and the files' hashes.

    What is no weight is put into the graph. Weights of one place share its memory. Nothing is read before all
    of it is known to be there, and not too much: many tensors may be of one place.
    """
    from onnx import TensorProto, helper

    initializers = len(model.graph.initializer)  # they come first
    outside = [
        (tensor, number < initializers and _is_weight(tensor))
        for number, tensor in enumerate(_tensors(model.graph))
        if tensor.data_location == TensorProto.EXTERNAL
    ]
    files: dict[Path, str] = {}
    places = []
    for tensor, _ in outside:
        entries = {entry.key: entry.value for entry in tensor.external_data}
        file = _beside(path, entries.get("location", ""))
        files[file] = entries.get("location", "")
        offset, length = int(entries.get("offset", 0)), _byte_count(tensor)
        said = int(entries.get("length", length))
        if min(offset, *tensor.dims, length) < 0 or said != length or offset + length > file.stat().st_size:
            raise _damaged(path, tensor.name)
        places.append((file, offset, length))
    volume = max(sum(file.stat().st_size for file in files), sum(length for _, _, length in places))
    _check_total(path, path.stat().st_size + volume)
    weights: dict[str, NDArray[Any]] = {}
    read: dict[tuple[Path, int, int], bytes] = {}
    for (tensor, is_weight), place in zip(outside, places, strict=True):
        if place not in read:
            file, offset, length = place
            with file.open("rb") as opened:
                opened.seek(offset)
                read[place] = opened.read(length)
        if is_weight:
            kind = helper.tensor_dtype_to_np_dtype(tensor.data_type).newbyteorder("<")
            weights[tensor.name] = np.frombuffer(read[place], kind).reshape(tensor.dims)
        else:
            tensor.raw_data = read[place]
        tensor.ClearField("external_data")
        tensor.ClearField("data_location")
    hashes = []
    for file in sorted(files, key=lambda file: files[file]):
        with file.open("rb") as opened:
            hashes.append(hashlib.file_digest(opened, "sha256").digest())
    return weights, hashes


def _beside(path: Path, location: str) -> Path:
    """The file of that name beside the model. Raises ModelFailure if it lies anywhere else."""
    folder = path.parent.resolve()
    leaves = not location or any(
        pure.is_absolute() or pure.drive or pure.root or ".." in pure.parts
        for pure in (PurePosixPath(location), PureWindowsPath(location))
    )
    # Symbolic links are followed first: where the bytes are counts, not what leads there.
    file = folder if leaves else (folder / location).resolve()
    if leaves or not file.is_relative_to(folder):
        raise ModelFailure(
            "{name} asks for weights outside of its folder: {location!r}.",
            "Put the weights beside the model, as the exporter wrote them.",
            name=path.name,
            location=location,
        )
    if not file.is_file():
        raise ModelFailure(
            "{name} has its weights in {location}, which is missing.",
            "Put that file beside the model.",
            name=path.name,
            location=location,
        )
    return file


def _byte_count(tensor: Any) -> int:
    """Of a tensor's values. Raises what damaged tensors raise."""
    from onnx import helper

    itemsize = int(helper.tensor_dtype_to_np_dtype(tensor.data_type).itemsize)
    return int(math.prod(tensor.dims)) * itemsize


def _is_weight(tensor: Any) -> bool:
    """Whether it is large, and of numbers that sessions can be given by name."""
    from onnx import TensorProto

    numbers = {
        TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE,
        TensorProto.INT8, TensorProto.UINT8, TensorProto.INT32, TensorProto.INT64,
    }  # fmt: skip
    if tensor.data_type not in numbers or min(tensor.dims, default=1) < 0:
        return False
    return _byte_count(tensor) >= SMALL_BYTES


def _taken_weights(model: Any, outside: dict[str, NDArray[Any]], path: Path) -> dict[str, NDArray[Any]]:
    """Take the values of large tensors out of the graph: they are needed once, the graph several times.

    outside: those that never were in it.
    """
    from onnx import TensorProto, numpy_helper

    weights: dict[str, NDArray[Any]] = {}
    for tensor in model.graph.initializer:
        if not _is_weight(tensor):
            continue
        values = outside.get(tensor.name)
        if values is None:
            values = np.ascontiguousarray(numpy_helper.to_array(tensor))
        if values.dtype.kind == "f" and not bool(np.isfinite(values).all()):
            raise ModelFailure(
                "The weights in {name} are not all finite ({key!r}).",
                "The file is damaged or its training failed; choose another.",
                name=path.name,
                key=tensor.name,
            )
        weights[tensor.name] = read_only(values)
        for field in ("raw_data", "float_data", "int32_data", "int64_data", "double_data", "uint64_data"):
            tensor.ClearField(field)
        # Never read: every session gets the values themselves, by name.
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="given")
    return weights


def _damaged(path: Path, tensor: str) -> ModelFailure:
    return ModelFailure(
        "{name} is damaged: {tensor} has other sizes than its data.",
        "Choose another file.",
        name=path.name,
        tensor=tensor,
    )
