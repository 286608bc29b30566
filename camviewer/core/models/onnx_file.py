"""What an ONNX file says about its network: input, scores, preparation. It isn't run here.

torch is not imported here; onnx only inside functions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from camviewer.core.failures import ModelFailure
from camviewer.core.models.onnx_parsing import (
    OTHER_FILE,
    ParsedOnnx,
    parse_onnx,
)
from camviewer.core.models.spec import Link

_SCORE_NAMES = ("logit", "score", "prob", "class", "pred", "output")
"""Parts of names that tell scores from other outputs, the clearest first."""
_BOXES = ("box", "bbox", "detection")
_UNCHANGING = frozenset({"Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Cast", "Dropout"})
"""Operators that keep the values."""
_LINKS = {"Softmax": Link.SOFTMAX, "LogSoftmax": Link.SOFTMAX, "Sigmoid": Link.SIGMOID}


@dataclass(frozen=True, slots=True)
class OnnxInput:
    """The image that the network takes. batch, height, width: None where the file leaves them open.

    dtype: float32, float16 or uint8. channels_last: [n, h, w, C] instead of [n, C, h, w].
    """

    name: str
    dtype: str
    channels: int
    channels_last: bool
    batch: int | None
    height: int | None
    width: int | None

    def sides(self, shape: tuple[int, ...]) -> tuple[int, int]:
        """Height and width of an input of this shape."""
        return (shape[1], shape[2]) if self.channels_last else (shape[2], shape[3])


@dataclass(frozen=True, slots=True, eq=False)
class OnnxFile:
    """An ONNX image classifier that was read and checked.

    scores: the output that the file calls so; logits: the tensor of the logits, before the softmax or sigmoid
    that the graph may end in. outputs: numbers in it, for each image. opset: the version of its operators.
    mean, std, side (of the input): None if the file doesn't say. metadata: labels may be in it.
    left_out: outputs besides. model and weights: as `ParsedOnnx`.
    """

    path: Path
    sha256: str
    input: OnnxInput
    scores: str
    logits: str
    outputs: int
    link: Link
    opset: int
    producer: str
    parameters: int
    model: Any
    weights: Mapping[str, NDArray[Any]]
    metadata: Mapping[str, str]
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    side: int | None = None
    left_out: tuple[str, ...] = ()

    @property
    def classes(self) -> int:
        """One output stands for two classes: that it isn't so, and that it is."""
        return max(self.outputs, 2)


def read_onnx(path: Path) -> OnnxFile:
    """Read a file that nobody vouches for.

    Raises ModelFailure for anything but an image classifier that can be run here.
    """
    try:
        return _facts(path, parse_onnx(path))
    except ModelFailure:
        raise
    except OSError as error:
        raise ModelFailure("The model file {path} can't be read.", str(error), path=path) from error
    except Exception as error:
        # onnx and protobuf raise all kinds of errors for damaged files.
        raise ModelFailure(
            "{name} is damaged: it can't be read as an ONNX model.", OTHER_FILE, repr(error), name=path.name
        ) from error


def _facts(path: Path, parsed: ParsedOnnx) -> OnnxFile:
    model = parsed.model
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    image = _image_input(model.graph, path)
    scores, outputs = _score_output(model, metadata, path)
    logits, link = _logits(model.graph, scores, outputs)
    mean, std = _normalisation(metadata, image.channels)
    sides = {image.height, image.width} - {None}
    return OnnxFile(
        path=path,
        sha256=parsed.sha256,
        input=image,
        scores=scores,
        logits=logits,
        outputs=outputs,
        link=link,
        opset=max((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), default=0),
        producer=" ".join(part for part in (model.producer_name, model.producer_version) if part),
        parameters=sum(math.prod(tensor.dims) for tensor in model.graph.initializer),
        model=model,
        weights=parsed.weights,
        metadata=metadata,
        mean=mean,
        std=std,
        side=sides.pop() if len(sides) == 1 else _side(metadata),
        left_out=tuple(output.name for output in model.graph.output if output.name != scores),
    )


def _dims(value: Any) -> list[int | None] | None:
    """A tensor's sizes, None for those that are open; None if it is no tensor or has no shape."""
    if not value.type.HasField("tensor_type") or not value.type.tensor_type.HasField("shape"):
        return None
    dims = value.type.tensor_type.shape.dim
    return [d.dim_value if d.HasField("dim_value") and d.dim_value > 0 else None for d in dims]


def _shape_text(value: Any) -> str:
    dims = _dims(value)
    return "?" if dims is None else " × ".join("?" if d is None else str(d) for d in dims)


def _image_input(graph: Any, path: Path) -> OnnxInput:
    from onnx import TensorProto

    known = {tensor.name for tensor in graph.initializer}
    inputs = [value for value in graph.input if value.name not in known]
    told = ", ".join(f"{value.name} [{_shape_text(value)}]" for value in inputs) or "nothing"
    failure = ModelFailure(
        "{name} is no image classifier: it takes {inputs}.", OTHER_FILE, name=path.name, inputs=told
    )
    if len(inputs) != 1:
        raise failure
    (value,) = inputs
    dims = _dims(value)
    if dims is None or len(dims) != 4:
        raise failure
    dtypes = {TensorProto.FLOAT: "float32", TensorProto.FLOAT16: "float16", TensorProto.UINT8: "uint8"}
    dtype = dtypes.get(value.type.tensor_type.elem_type)
    if dtype is None:
        raise ModelFailure(
            "{name} takes images as {dtype}; camviewer knows float32, float16 and uint8.",
            "Export it with one of these as the input's type.",
            name=path.name,
            dtype=TensorProto.DataType.Name(value.type.tensor_type.elem_type).lower(),
        )
    batch, second, third, last = dims
    counts = (1, 3, 4)
    if second is None and last is None:
        second = _convolved_channels(graph, value.name)
    if second in counts:
        image = OnnxInput(value.name, dtype, second, False, batch, third, last)
    elif last in counts:
        image = OnnxInput(value.name, dtype, last, True, batch, second, third)
    else:
        raise ModelFailure(
            "{name} takes {inputs}; camviewer makes images of 1, 3 or 4 channels.",
            OTHER_FILE,
            name=path.name,
            inputs=told,
        )
    if batch not in (None, 1) or len({image.height, image.width} - {None}) > 1:
        raise ModelFailure(
            "{name} takes only {inputs}; camviewer makes one square image.",
            "Export it with open sizes (dynamic axes), or for one square image.",
            name=path.name,
            inputs=told,
        )
    return image


def _convolved_channels(graph: Any, image: str) -> int | None:
    """How many channels the first convolution takes: some exporters leave even these open."""
    shapes = {tensor.name: tensor.dims for tensor in graph.initializer}
    names = {image}
    for node in graph.node:
        if not node.input or node.input[0] not in names:
            continue
        if node.op_type == "Conv" and len(shapes.get(node.input[1], ())) == 4:
            groups = next((a.i for a in node.attribute if a.name == "group"), 1)
            return int(shapes[node.input[1]][1]) * int(groups)
        if node.op_type in ("Cast", "Identity", "Add", "Sub", "Mul", "Div"):
            names.update(node.output)
    return None


def _score_output(model: Any, metadata: Mapping[str, str], path: Path) -> tuple[str, int]:
    """The output of scores, and how many there are for an image."""
    from onnx import TensorProto

    graph = model.graph
    names = [output.name.lower() for output in graph.output]
    task = metadata.get("task", "").lower()
    found = _scores_among(model)
    detects = any(part in name for name in names for part in _BOXES)
    if detects or task in ("detect", "obb", "pose", "segment") or (not found and len(graph.output) > 1):
        raise ModelFailure(
            "{name} is a detector or a segmenter, not a classifier: it gives {outputs}.",
            "Choose a model that gives one score a class for the whole image.",
            name=path.name,
            outputs=", ".join(f"{o.name} [{_shape_text(o)}]" for o in graph.output),
        )
    if not found:
        (output,) = graph.output
        kind = output.type.tensor_type.elem_type
        raise ModelFailure(
            "{name} gives {output}, not one score a class.",
            "Export it without ArgMax, as far as its scores."
            if kind in (TensorProto.INT64, TensorProto.INT32)
            else OTHER_FILE,
            name=path.name,
            output=f"{output.name} [{_shape_text(output)}]",
        )

    def unlikely(entry: tuple[str, int]) -> int:
        name = entry[0].lower()
        return next((i for i, part in enumerate(_SCORE_NAMES) if part in name), len(_SCORE_NAMES))

    return min(found, key=unlikely)  # of several, the first that is named so


def _scores_among(model: Any) -> list[tuple[str, int]]:
    """Outputs of one number a class, and how many: [n, N] or [n, N, 1, 1]."""
    from onnx import TensorProto, shape_inference

    outputs = model.graph.output
    if any(not any((_dims(output) or [])[1:2]) for output in outputs):
        outputs = shape_inference.infer_shapes(model).graph.output
    found = []
    for output in outputs:
        dims = _dims(output) or []
        floats = output.type.tensor_type.elem_type in (TensorProto.FLOAT, TensorProto.FLOAT16)
        if floats and len(dims) in (2, 4) and dims[1] and all(d == 1 for d in dims[2:]):
            found.append((output.name, dims[1]))
    return found


def _logits(graph: Any, scores: str, outputs: int) -> tuple[str, Link]:
    """The tensor before a softmax or sigmoid at the end, and what makes probabilities of it."""
    producers = {name: node for node in graph.node for name in node.output}
    link = Link.SIGMOID if outputs == 1 else Link.SOFTMAX
    name = scores
    # At most every node once: a damaged file may go round in a circle.
    for _ in range(len(graph.node)):
        node = producers.get(name)
        if node is None or not node.input:
            break
        if node.op_type == "Log" and (before := producers.get(node.input[0])) is not None:
            node = before
        if node.op_type in _LINKS and node.input:
            # One number has no softmax: it would be 1 for every image.
            return node.input[0], link if outputs == 1 else _LINKS[node.op_type]
        if node.op_type not in _UNCHANGING:
            break
        name = node.input[0]
    return scores, link


def _normalisation(
    metadata: Mapping[str, str], channels: int
) -> tuple[tuple[float, ...] | None, tuple[float, ...] | None]:
    """mean and std of pixels in 0..1, one number a channel."""
    found = []
    for keys in (("mean", "image_mean"), ("std", "image_std")):
        text = next((metadata[key] for key in keys if key in metadata), None)
        numbers = None if text is None else _numbers(text)
        if numbers is not None and len(numbers) in (1, channels):
            found.append(numbers * (channels // len(numbers)))
    if len(found) == 2:
        mean, std = found
        # Some write them for pixels in 0..255.
        if max(map(abs, mean)) > 1 or max(std) > 1 + 1e-6:
            mean, std = (tuple(number / 255 for number in numbers) for numbers in (mean, std))
        if min(std) > 0:
            return mean, std
    if metadata.get("author") == "Ultralytics":
        # Its classifiers take pixels in 0..1 as they are, and don't say so.
        return (0.0,) * channels, (1.0,) * channels
    return None, None


def _numbers(text: str) -> tuple[float, ...] | None:
    """Numbers in brackets or not, separated by commas or blanks."""
    try:
        numbers = tuple(float(part) for part in text.strip("[]() \n").replace(",", " ").split())
    except ValueError:
        return None
    return numbers if numbers and all(map(math.isfinite, numbers)) else None


def _side(metadata: Mapping[str, str]) -> int | None:
    """Pixels of the input's sides, where the metadata has a square size."""
    for key in ("imgsz", "image_size", "input_size", "size"):
        numbers = _numbers(metadata.get(key, ""))
        sides = set() if numbers is None else {int(number) for number in numbers if number > 4}
        if len(sides) == 1 and (side := sides.pop()) < 10_000:
            return side
    return None
