"""ONNX files on the CPU: heads proved by numbers, against ONNX Runtime's plain session and torch."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray
from torch import nn
from torchvision import models

from camviewer.core.arrays import ByteArray, FloatArray
from camviewer.core.cam import class_activation_maps
from camviewer.core.failures import ModelFailure
from camviewer.core.frames import Fit
from camviewer.core.geometry import InputGeometry, input_geometry
from camviewer.core.models.labels import numbered_labels
from camviewer.core.models.onnx_file import OnnxFile, read_onnx
from camviewer.core.models.proof import HeadKind
from camviewer.core.models.spec import Link, Preprocessing, SizeRule
from camviewer.core.runtimes.base import Needs, Passes
from camviewer.core.runtimes.onnx_run import OnnxRun, onnx_run, onnx_sizes
from tests.onnx_models import CHANNELS, CLASSES, SIDE, GraphWriter, classifier, save, save_external

PREPROCESSING = Preprocessing(SIDE, SIDE, (0.4, 0.5, 0.6), (0.25, 0.3, 0.2))
LARGE = Preprocessing(256, 224, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
SIZES = SizeRule(1, 1, 10_000)
CELLS = SIDE // 8


def noise(width: int = 50, height: int = 40, seed: int = 0) -> ByteArray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def geometry(image: ByteArray, preprocessing: Preprocessing, side: int | None = None) -> InputGeometry:
    return input_geometry(image.shape[1], image.shape[0], Fit.SQUASH, side, preprocessing, SIZES)


def unnamed(file: OnnxFile, preprocessing: Preprocessing) -> OnnxRun:
    return onnx_run(file, preprocessing, numbered_labels(file.classes))


def run_of(
    writer: GraphWriter,
    scores: str,
    folder: Path,
    preprocessing: Preprocessing = PREPROCESSING,
    **options: Any,
) -> OnnxRun:
    file = read_onnx(save(writer.model(scores, **options), folder / "model.onnx"))
    return unnamed(file, preprocessing)


def theirs(path: Path, network_input: NDArray[Any], output: int = 0) -> FloatArray:
    """What the file's own session gives."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {session.get_inputs()[0].name: network_input})[output])


def check(run: OnnxRun, path: Path, preprocessing: Preprocessing = PREPROCESSING, atol: float = 1e-5) -> None:
    """Scores are the file's own; for an exact head they follow from maps and bias."""
    image = noise(seed=3)
    place = geometry(image, preprocessing)
    forward = run.run(image, place)
    expected = theirs(path, run.prepare(image, place)).reshape(-1)
    np.testing.assert_allclose(forward.logits, expected, rtol=1e-4, atol=atol)
    arrays = (forward.features, forward.logits, forward.network_input)
    assert all(array is not None and not array.flags.writeable for array in arrays)
    assert forward.features.dtype == forward.logits.dtype == np.float32
    assert forward.forward > 0
    assert forward.network_input is not None
    assert forward.network_input.shape == (preprocessing.crop, preprocessing.crop, 3)
    assert run.proof is not None
    assert run.proof.layer == run.layer == run.layers[-1].name
    assert (run.head is not None) == run.proof.kind.exact == (Needs.LINEAR_HEAD in run.offers)
    if run.head is not None:
        maps = class_activation_maps(forward.features, run.head.weight)
        np.testing.assert_allclose(maps.mean((1, 2)) + run.head.bias, forward.logits, rtol=1e-4, atol=1e-5)


def passes_of(run: OnnxRun) -> Passes:
    assert Needs.MANY_PASSES in run.offers
    assert run.passes is not None
    return run.passes


# Heads, written by hand

Head = Callable[[GraphWriter], str]


def gemm(w: GraphWriter) -> str:
    return w.classifier()


def gemm_transposed(w: GraphWriter) -> str:
    pooled = w.pooled(w.backbone())
    return w.node("Gemm", pooled, w.weight(CHANNELS, CLASSES), w.weight(CLASSES), alpha=0.5, beta=2.0)


def matmul_add(w: GraphWriter) -> str:
    pooled = w.node("ReduceMean", w.backbone(), w.constant([2, 3]), keepdims=0)
    return w.node("Add", w.weight(CLASSES), w.node("MatMul", pooled, w.weight(CHANNELS, CLASSES)))


def mean_by_mean(w: GraphWriter) -> str:
    rows = w.node("ReduceMean", w.backbone(), w.constant([2]), keepdims=0)
    return w.linear(w.node("ReduceMean", rows, w.constant([2]), keepdims=0))


def convolution(w: GraphWriter) -> str:
    pooled = w.node("AveragePool", w.backbone(), kernel_shape=[CELLS, CELLS])
    return w.node("Flatten", w.conv(pooled, CHANNELS, CLASSES, 1))


def batch_norm_and_scale(w: GraphWriter) -> str:
    pooled = w.pooled(w.backbone())
    mean, variance = w.weight(CHANNELS), w.constant(w.numbers.uniform(0.5, 2, CHANNELS), np.float32)
    normed = w.node("BatchNormalization", pooled, w.weight(CHANNELS), w.weight(CHANNELS), mean, variance)
    return w.node("Mul", w.linear(normed), w.constant(0.1, np.float32))


def two_layers_without_activation(w: GraphWriter) -> str:
    return w.linear(w.linear(w.pooled(w.backbone()), 7), inputs=7)


def channels_last(w: GraphWriter) -> str:
    last = w.node("Transpose", w.backbone(), perm=[0, 2, 3, 1])
    relu = w.node("Relu", w.node("Add", last, w.weight(CHANNELS)))
    return w.linear(w.node("ReduceMean", relu, w.constant([1, 2]), keepdims=0))


def tokens(w: GraphWriter) -> str:
    flat = w.node("Reshape", w.backbone(), w.constant([0, CHANNELS, -1]))
    rows = w.node("Transpose", flat, perm=[0, 2, 1])
    relu = w.node("Relu", w.node("Add", rows, w.weight(CHANNELS)))
    return w.linear(w.node("ReduceMean", relu, w.constant([1]), keepdims=0))


def as_view(w: GraphWriter) -> str:
    """As torch's exporter writes a view: everything is gathered."""
    pooled = w.node("Gather", w.pooled(w.backbone()), w.constant(np.arange(CHANNELS)), axis=1)
    return w.linear(pooled)


def quantised_weight(w: GraphWriter) -> str:
    whole = w.constant(w.numbers.integers(-100, 100, (CLASSES, CHANNELS)), np.int8)
    scale, zero = w.constant(0.01, np.float32), w.constant(0, np.int8)
    weight = w.node("DequantizeLinear", whole, scale, zero)
    return w.node("Gemm", w.pooled(w.backbone()), weight, transB=1)


def norm(w: GraphWriter) -> str:
    pooled = w.pooled(w.backbone())
    normed = w.node("LayerNormalization", pooled, w.weight(CHANNELS), w.weight(CHANNELS), epsilon=1e-6)
    return w.linear(normed)


def norm_in_parts(w: GraphWriter) -> str:
    """As exporters wrote it before opset 17."""
    pooled = w.pooled(w.backbone())
    centred = w.node("Sub", pooled, w.node("ReduceMean", pooled, w.constant([1])))
    square = w.node("Pow", centred, w.constant(2.0, np.float32))
    variance = w.node("ReduceMean", square, w.constant([1]))
    root = w.node("Sqrt", w.node("Add", variance, w.constant(1e-6, np.float32)))
    normed = w.node("Div", centred, root)
    return w.linear(w.node("Add", w.node("Mul", normed, w.weight(CHANNELS)), w.weight(CHANNELS)))


def scores_pooled(w: GraphWriter) -> str:
    return w.pooled(w.node("Relu", w.conv(w.backbone(), CHANNELS, CLASSES, 1)))


def maximum(w: GraphWriter) -> str:
    return w.linear(w.node("Flatten", w.node("GlobalMaxPool", w.backbone())))


def flattened(w: GraphWriter) -> str:
    return w.linear(w.node("Flatten", w.backbone()), inputs=CHANNELS * CELLS**2)


def hidden_layer(w: GraphWriter) -> str:
    return w.linear(w.node("Relu", w.linear(w.pooled(w.backbone()), 7)), inputs=7)


def pool_of_a_part(w: GraphWriter) -> str:
    """Looks like a mean over all cells, and isn't."""
    part = w.node("AveragePool", w.backbone(), kernel_shape=[2, 2], strides=[CELLS, CELLS])
    return w.linear(w.node("Flatten", part))


def weight_of_the_image(w: GraphWriter) -> str:
    features = w.pooled(w.backbone())
    weight = w.node("Reshape", w.linear(features, CHANNELS * CLASSES), w.constant([CHANNELS, CLASSES]))
    return w.node("MatMul", features, weight)


LINEAR: list[Head] = [
    gemm, gemm_transposed, matmul_add, mean_by_mean, convolution, batch_norm_and_scale,
    two_layers_without_activation, channels_last, tokens, as_view, quantised_weight,
]  # fmt: skip
KINDS: dict[HeadKind, list[Head]] = {
    HeadKind.POOLED_LINEAR: LINEAR,
    HeadKind.POOLED_NORM_LINEAR: [norm, norm_in_parts],
    HeadKind.POOLED_SCORES: [scores_pooled],
    HeadKind.OTHER: [maximum, flattened, hidden_layer, pool_of_a_part, weight_of_the_image],
}
CASES = [(head, kind) for kind, heads in KINDS.items() for head in heads]
each_head = pytest.mark.parametrize(("head", "kind"), CASES, ids=[head.__name__ for head, _ in CASES])
FIXED = (1, 3, SIDE, SIDE)


@each_head
def test_the_head_is_proved(head: Head, kind: HeadKind, tmp_path: Path) -> None:
    writer = GraphWriter()
    run = run_of(writer, head(writer), tmp_path, shape=FIXED)
    assert run.proof is not None
    assert run.proof.kind is kind, run.proof
    assert bool(run.proof.reason) == (kind is HeadKind.OTHER)
    assert run.proof.error <= 1e-4
    check(run, tmp_path / "model.onnx")
    layer = run.layers[-1]
    channels = CLASSES if kind is HeadKind.POOLED_SCORES else CHANNELS
    assert (layer.channels, layer.rows, layer.columns) == (channels, CELLS, CELLS)
    forward = run.run(noise(), geometry(noise(), PREPROCESSING))
    assert forward.features.shape == (channels, CELLS, CELLS)


@each_head
def test_passes(head: Head, kind: HeadKind, tmp_path: Path) -> None:
    """The network with something changed is the network: nothing masked, nothing replaced by other values."""
    writer = GraphWriter()
    run = run_of(writer, head(writer), tmp_path, shape=FIXED)
    passes, image = passes_of(run), noise(seed=2)
    place = geometry(image, PREPROCESSING)
    logits = run.run(image, place).logits
    masks = np.stack([np.ones((SIDE, SIDE)), np.tri(SIDE)]).astype(np.float32)
    masked = passes.of_masked(image, place, masks)
    np.testing.assert_allclose(masked[0], logits, rtol=1e-4, atol=1e-5)
    expected = theirs(tmp_path / "model.onnx", run.prepare(image, place) * masks[1])
    np.testing.assert_allclose(masked[1:], expected, rtol=1e-4, atol=1e-5)
    assert np.abs(masked[1] - logits).max() > 1e-3
    for layer in run.layers:
        activations = passes.activations(image, place, layer.name)
        assert activations.shape == (layer.channels, layer.rows, layer.columns)
        replaced = passes.of_activations(
            image, place, layer.name, np.stack([activations, np.zeros_like(activations), activations])
        )
        assert replaced.shape == (3, CLASSES)
        np.testing.assert_allclose(replaced[0], logits, rtol=1e-4, atol=1e-5)
        np.testing.assert_array_equal(replaced[0], replaced[2])
        assert np.abs(replaced[1] - logits).max() > 1e-3


def test_what_stands_in_the_reason(tmp_path: Path) -> None:
    says = {
        maximum: "comes out of GlobalMaxPool",
        flattened: "comes out of Relu",
        pool_of_a_part: "give other scores",
        weight_of_the_image: "not a linear layer",
    }
    for head, words in says.items():
        writer = GraphWriter()
        run = run_of(writer, head(writer), tmp_path, shape=FIXED)
        assert run.proof is not None
        assert words in run.proof.reason


# Ends


@pytest.mark.parametrize(
    ("end", "link"), [("Softmax", Link.SOFTMAX), ("LogSoftmax", Link.SOFTMAX), ("Sigmoid", Link.SIGMOID)]
)
def test_logits_are_those_before_the_probabilities(end: str, link: Link, tmp_path: Path) -> None:
    writer = GraphWriter()
    logits = writer.classifier()
    scores = writer.node(end, logits)
    model = writer.model(scores, outputs=[(logits, ("n", CLASSES))])
    both = save(model, tmp_path / "both.onnx")
    del model.graph.output[1]
    file = read_onnx(save(model, tmp_path / "model.onnx"))
    assert file.link is link
    run = unnamed(file, PREPROCESSING)
    image = noise()
    place = geometry(image, PREPROCESSING)
    expected = theirs(both, run.prepare(image, place), output=1)
    np.testing.assert_allclose(run.run(image, place).logits, expected[0], rtol=1e-4, atol=1e-5)
    assert run.proof is not None
    assert run.proof.kind is HeadKind.POOLED_LINEAR


@pytest.mark.parametrize("head", [gemm, hidden_layer])
def test_one_output_has_two_sides(head: Head, tmp_path: Path) -> None:
    writer = GraphWriter()
    if head is gemm:
        logit = writer.classifier(1)
    else:
        logit = writer.linear(writer.node("Relu", writer.linear(writer.pooled(writer.backbone()), 7)), 1, 7)
    run = run_of(writer, logit, tmp_path, classes=1)
    image = noise()
    place = geometry(image, PREPROCESSING)
    z = float(theirs(tmp_path / "model.onnx", run.prepare(image, place)).item())
    np.testing.assert_allclose(run.run(image, place).logits, [-z, z], rtol=1e-4)
    assert run.labels == ("class 0", "class 1")
    if run.head is not None:
        np.testing.assert_array_equal(run.head.weight[0], -run.head.weight[1])
    passes, name = passes_of(run), run.layer
    activations = passes.activations(image, place, name)
    np.testing.assert_allclose(
        passes.of_activations(image, place, name, activations[None]), [[-z, z]], rtol=1e-4
    )
    masks = np.ones((1, SIDE, SIDE), np.float32)
    np.testing.assert_allclose(passes.of_masked(image, place, masks), [[-z, z]], rtol=1e-4)


# Inputs


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("dtype", ["float32", "uint8"])
@pytest.mark.parametrize("last", [False, True])
def test_inputs(channels: int, dtype: str, last: bool, tmp_path: Path) -> None:
    writer = GraphWriter()
    image = "image"
    if dtype == "uint8":
        scaled = writer.node("Cast", image, to=onnx.TensorProto.FLOAT)
        image = writer.node("Div", scaled, writer.constant(255, np.float32))
    if last:
        image = writer.node("Transpose", image, perm=[0, 3, 1, 2])
    scores = writer.linear(writer.pooled(writer.backbone(image, channels)))
    shape = ("n", "h", "w", channels) if last else ("n", channels, "h", "w")
    preprocessing = Preprocessing(SIDE, SIDE, (0.5,) * channels, (0.25,) * channels)
    run = run_of(writer, scores, tmp_path, preprocessing, shape=shape, input_dtype=dtype)
    assert run.proof is not None
    assert run.proof.kind is HeadKind.POOLED_LINEAR
    frame = noise()
    place = geometry(frame, preprocessing)
    network_input = run.prepare(frame, place)
    assert network_input.dtype == dtype
    assert network_input.shape == ((1, SIDE, SIDE, channels) if last else (1, channels, SIDE, SIDE))
    check(run, tmp_path / "model.onnx", preprocessing)
    half = np.full((1, SIDE, SIDE), 0.5, np.float32)
    expected = theirs(
        tmp_path / "model.onnx",
        (np.rint(network_input / 2) if dtype == "uint8" else network_input / 2).astype(dtype),
    )
    np.testing.assert_allclose(passes_of(run).of_masked(frame, place, half), expected, rtol=1e-4, atol=1e-5)
    assert run.layers[-1].rows == CELLS
    assert all(layer.channels >= 8 for layer in run.layers), "the image is no layer"


def test_a_preparation_for_other_inputs_is_a_failure(tmp_path: Path) -> None:
    file = read_onnx(classifier(tmp_path / "model.onnx", shape=FIXED))
    with pytest.raises(ModelFailure, match="takes images of 3 channels, not of 1"):
        unnamed(file, Preprocessing(SIDE, SIDE, (0.5,), (0.5,)))
    with pytest.raises(ModelFailure, match="32 pixels a side, not of 48"):
        unnamed(file, Preprocessing(48, 48, (0.5,) * 3, (0.5,) * 3))
    with pytest.raises(ModelFailure, match="The list has 2 labels, but the model has 5 classes"):
        onnx_run(file, PREPROCESSING, ("a", "b"))


def test_labels(tmp_path: Path) -> None:
    ours = ("v", "w", "x", "y", "z")
    run = onnx_run(read_onnx(classifier(tmp_path / "model.onnx")), PREPROCESSING, ours)
    assert run.head is not None
    assert run.labels == run.head.labels == ours


def test_float16_is_computed_in_float32(tmp_path: Path) -> None:
    writer = GraphWriter("float16")
    cast = writer.node("Cast", writer.backbone(), to=onnx.TensorProto.FLOAT)
    scores = writer.linear(writer.pooled(writer.node("Cast", cast, to=onnx.TensorProto.FLOAT16)))
    run = run_of(writer, scores, tmp_path)
    assert run.proof is not None
    assert run.proof.kind is HeadKind.POOLED_LINEAR
    assert run.proof.error < 1e-5
    image = noise()
    place = geometry(image, PREPROCESSING)
    expected = theirs(tmp_path / "model.onnx", run.prepare(image, place).astype(np.float16))
    np.testing.assert_allclose(run.run(image, place).logits, expected[0], rtol=0, atol=1e-2)


def test_weights_in_another_file(tmp_path: Path) -> None:
    writer = GraphWriter()
    path = save_external(writer.model(writer.classifier()), tmp_path / "model.onnx", "weights.bin")
    check(unnamed(read_onnx(path), PREPROCESSING), path)


def test_an_old_file_whose_weights_are_inputs_too(tmp_path: Path) -> None:
    writer = GraphWriter()
    model = writer.model(writer.classifier(), opset=9, ir=3)
    for tensor in model.graph.initializer:
        model.graph.input.append(
            onnx.helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims)
        )
    path = save(model, tmp_path / "model.onnx")
    run = unnamed(read_onnx(path), PREPROCESSING)
    assert run.head is not None
    check(run, path)


# Batches and sizes


@pytest.mark.parametrize("shape", [("n", 3, "h", "w"), FIXED])
def test_batches(shape: tuple[Any, ...], tmp_path: Path) -> None:
    run = unnamed(read_onnx(classifier(tmp_path / "model.onnx", shape=shape)), PREPROCESSING)
    assert run.batches is (shape != FIXED)
    images = [noise(seed=i) for i in range(3)]
    places = [geometry(image, PREPROCESSING) for image in images]
    together = run.run_batch(images, places)
    assert len(together) == 3
    for forward, image, place in zip(together, images, places, strict=True):
        alone = run.run(image, place)
        np.testing.assert_allclose(forward.logits, alone.logits, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(forward.features, alone.features, rtol=1e-4, atol=1e-5)
        np.testing.assert_array_equal(forward.network_input, alone.network_input)
        assert forward.features.base is None or forward.features.base.size == forward.features.size


def test_a_file_that_is_wrong_about_batches(tmp_path: Path) -> None:
    writer = GraphWriter()
    pooled = writer.node("GlobalAveragePool", writer.backbone())
    scores = writer.linear(writer.node("Reshape", pooled, writer.constant([1, CHANNELS])))
    run = run_of(writer, scores, tmp_path)
    assert not run.batches
    images = [noise(seed=i) for i in range(2)]
    places = [geometry(image, PREPROCESSING) for image in images]
    for forward, image, place in zip(run.run_batch(images, places), images, places, strict=True):
        np.testing.assert_allclose(forward.logits, run.run(image, place).logits, rtol=1e-4, atol=1e-5)
    passes = passes_of(run)
    activations = np.stack([passes.activations(images[0], places[0], run.layer)] * 2)
    logits = passes.of_activations(images[0], places[0], run.layer, activations)
    np.testing.assert_allclose(logits[1], run.run(images[0], places[0]).logits, rtol=1e-4, atol=1e-5)


def test_sizes_are_what_the_file_fixes(tmp_path: Path) -> None:
    run = unnamed(read_onnx(classifier(tmp_path / "model.onnx", shape=FIXED)), PREPROCESSING)
    assert onnx_sizes(run) == SizeRule(8, SIDE, SIDE, (SIDE,), square=True)


def test_open_sizes_are_tried(tmp_path: Path) -> None:
    run = unnamed(read_onnx(classifier(tmp_path / "model.onnx")), PREPROCESSING)
    sizes = onnx_sizes(run)
    assert (sizes.stride, sizes.smallest, sizes.largest, sizes.square) == (8, 24, 128, False)
    assert SIDE in sizes.offered
    image = noise(90, 40)
    place = input_geometry(90, 40, Fit.WHOLE, 48, PREPROCESSING, sizes)
    forward = run.run(image, place)
    assert forward.features.shape == (CHANNELS, 6, 14)
    expected = theirs(tmp_path / "model.onnx", run.prepare(image, place))
    np.testing.assert_allclose(forward.logits, expected[0], rtol=1e-4, atol=1e-5)
    passes = passes_of(run)
    for layer in run.layers:
        activations = passes.activations(image, place, layer.name)
        assert activations.shape[1] / 6 == activations.shape[2] / 14
        logits = passes.of_activations(image, place, layer.name, activations[None])
        np.testing.assert_allclose(logits, expected, rtol=1e-4, atol=1e-5)


def test_open_sizes_that_do_not_run(tmp_path: Path) -> None:
    writer = GraphWriter()
    run = run_of(writer, flattened(writer), tmp_path)
    assert onnx_sizes(run) == SizeRule(8, SIDE, SIDE, (SIDE,), square=True)


def test_a_size_that_does_not_run_is_a_failure(tmp_path: Path) -> None:
    writer = GraphWriter()
    file = read_onnx(save(writer.model(flattened(writer)), tmp_path / "model.onnx"))
    with pytest.raises(ModelFailure, match="can't be run with an image of 48 × 48 pixels") as caught:
        unnamed(file, Preprocessing(48, 48, (0.5,) * 3, (0.5,) * 3))
    assert "Say the size that it was trained with in model.onnx.card.json" in caught.value.mend


def test_a_size_that_fails_later_is_a_runtime_error(tmp_path: Path) -> None:
    writer = GraphWriter()
    run = run_of(writer, flattened(writer), tmp_path)
    image = noise()
    with pytest.raises(RuntimeError) as caught:
        run.run(image, geometry(image, PREPROCESSING, 48))
    assert "\n" not in str(caught.value)


def test_a_graph_without_cells_is_a_failure(tmp_path: Path) -> None:
    writer = GraphWriter()
    scores = writer.linear(writer.node("Flatten", "image"), inputs=3 * SIDE**2)
    with pytest.raises(ModelFailure, match=r"No layer of model\.onnx has cells"):
        run_of(writer, scores, tmp_path)


def test_an_operator_that_the_runtime_refuses_is_a_failure(tmp_path: Path) -> None:
    writer = GraphWriter()
    scores = writer.node("NoSuchOperator", writer.classifier())
    file = read_onnx(save(writer.model(scores), tmp_path / "model.onnx"))
    with pytest.raises(ModelFailure, match=r"ONNX Runtime can't run model\.onnx \(.*NoSuchOperator"):
        unnamed(file, PREPROCESSING)


# Transformers, by hand


def test_a_class_token_s_layer_is_one_that_counts(tmp_path: Path) -> None:
    """After the last mixing of tokens only the class token counts: that is no layer with cells."""
    w = GraphWriter()
    flat = w.node("Reshape", w.backbone(), w.constant([0, CHANNELS, -1]))
    patches = w.node("Transpose", flat, perm=[0, 2, 1])
    with_class = w.node(
        "Concat", w.constant(w.numbers.standard_normal((1, 1, CHANNELS)), np.float32), patches, axis=1
    )
    count = CELLS**2 + 1
    mixed = w.node("Relu", w.node("MatMul", w.weight(count, count), with_class))
    after = w.node("Relu", w.node("MatMul", mixed, w.weight(CHANNELS, CHANNELS)))
    token = w.node("Gather", after, w.constant(0), axis=1)
    run = run_of(w, w.linear(token), tmp_path, shape=FIXED)
    assert run.proof is not None
    assert run.proof.kind is HeadKind.OTHER
    assert "one token of a transformer" in run.proof.reason
    assert run.layers[-1].kind == "Concat"
    check(run, tmp_path / "model.onnx")
    passes, image = passes_of(run), noise()
    place = geometry(image, PREPROCESSING)
    activations = passes.activations(image, place, run.layer)
    assert activations.shape == (CHANNELS, CELLS, CELLS)
    logits = passes.of_activations(image, place, run.layer, np.stack([activations, 0 * activations]))
    np.testing.assert_allclose(logits[0], run.run(image, place).logits, rtol=1e-4, atol=1e-5)
    assert np.abs(logits[1] - logits[0]).max() > 1e-3


def test_not_more_layers_than_anybody_reads(tmp_path: Path) -> None:
    w = GraphWriter()
    features = w.backbone()
    for _ in range(40):
        features = w.node("Relu", w.conv(features, CHANNELS, CHANNELS))
    run = run_of(w, w.linear(w.pooled(features)), tmp_path)
    assert len(run.layers) == 24
    assert run.layers[0].rows == SIDE // 2, "the last one of each size is among them"
    assert run.layers[-1].kind == "Relu"


# Networks that torch exports


@cache
def exported(name: str, folder: Path) -> tuple[nn.Module, Path]:
    torch.manual_seed(0)
    network = getattr(models, name)(weights=None, num_classes=10).eval()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            assert module.running_mean is not None
            assert module.running_var is not None
            nn.init.normal_(module.running_mean, std=0.1)
            nn.init.uniform_(module.running_var, 0.5, 2)
    path = folder / f"{name}.onnx"
    with warnings.catch_warnings():
        # The old exporter says that there is a new one, which takes ten times as long.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network, (torch.zeros(1, 3, 224, 224),), path, dynamo=False, input_names=["image"],
            dynamic_axes={"image": {0: "n", 2: "h", 3: "w"}},
        )  # fmt: skip
    return network, path


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("resnet18", HeadKind.POOLED_LINEAR),
        ("mobilenet_v3_small", HeadKind.OTHER),
        ("squeezenet1_1", HeadKind.POOLED_SCORES),
        ("shufflenet_v2_x0_5", HeadKind.POOLED_LINEAR),
    ],
)
def test_networks_that_torch_exports(name: str, kind: HeadKind, tmp_path: Path) -> None:
    network, path = exported(name, tmp_path)
    run = unnamed(read_onnx(path), LARGE)
    assert run.proof is not None
    assert run.proof.kind is kind, run.proof
    image = noise(300, 200)
    for side in (224, 256):
        place = geometry(image, LARGE, side)
        forward = run.run(image, place)
        with torch.inference_mode():
            expected = network(torch.from_numpy(run.prepare(image, place)))[0].numpy()
        np.testing.assert_allclose(forward.logits, expected, rtol=1e-4, atol=1e-4)
        if run.head is not None:
            maps = class_activation_maps(forward.features, run.head.weight)
            np.testing.assert_allclose(maps.mean((1, 2)) + run.head.bias, expected, rtol=1e-4, atol=1e-4)
    assert not onnx_sizes(run).square


# Without torch


def test_all_of_it_works_without_torch(tmp_path: Path) -> None:
    path = classifier(tmp_path / "model.onnx")
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "import numpy as np\n"
        "from pathlib import Path\n"
        "from camviewer.core.frames import Fit\n"
        "from camviewer.core.geometry import input_geometry\n"
        "from camviewer.core.models.onnx_file import read_onnx\n"
        "from camviewer.core.models.spec import Preprocessing\n"
        "from camviewer.core.runtimes.onnx_run import onnx_run, onnx_sizes\n"
        "preprocessing = Preprocessing(32, 32, (.5, .5, .5), (.2, .2, .2))\n"
        "run = onnx_run(read_onnx(Path(sys.argv[1])), preprocessing, list('abcde'))\n"
        "image = np.zeros((40, 50, 3), np.uint8)\n"
        "geometry = input_geometry(50, 40, Fit.CROP, None, preprocessing, onnx_sizes(run))\n"
        "forward = run.run(image, geometry)\n"
        "masks = np.ones((1, 32, 32), np.float32)\n"
        "same = run.passes.of_masked(image, geometry, masks)\n"
        "tail = run.passes.of_activations(image, geometry, run.layer, forward.features[None])\n"
        "assert np.allclose(same, forward.logits) and np.allclose(tail, forward.logits, atol=1e-5)\n"
        "print(forward.features.shape, run.proof.kind.value)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == f"({CHANNELS}, {CELLS}, {CELLS}) pooled linear"
    assert not done.stderr
