"""What an ONNX file says about itself, and that no file does harm: small ones, written by hand."""

from __future__ import annotations

import hashlib
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from camviewer.core.failures import ModelFailure
from camviewer.core.models import onnx_parsing
from camviewer.core.models.onnx_file import OnnxFile, OnnxInput, read_onnx
from camviewer.core.models.spec import Link, Preprocessing
from camviewer.core.runtimes.onnx_run import onnx_run
from tests.onnx_models import CHANNELS, CLASSES, SIDE, GraphWriter, classifier, save, save_external

PREPROCESSING = Preprocessing(SIDE, SIDE, (0.5, 0.5, 0.5), (0.25, 0.25, 0.25))
NAMES = [f"kind {i}" for i in range(CLASSES)]


def read(writer: GraphWriter, scores: str, folder: Path, **options: Any) -> OnnxFile:
    return read_onnx(save(writer.model(scores, **options), folder / "model.onnx"))


def refused(path: Path) -> str:
    with pytest.raises(ModelFailure) as caught:
        read_onnx(path)
    assert caught.value.mend, "it says what to do"
    return caught.value.text


# Facts


def test_an_image_classifier_is_read(tmp_path: Path) -> None:
    path = classifier(tmp_path / "model.onnx")
    file = read_onnx(path)
    assert file.input == OnnxInput("image", "float32", 3, False, None, None, None)
    assert (file.outputs, file.classes, file.link, file.opset) == (
        CLASSES,
        CLASSES,
        Link.SOFTMAX,
        18,
    )
    assert file.logits == file.scores
    assert (file.producer, file.mean, file.std, file.side) == ("test", None, None, None)
    assert file.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    counts = [8 * 3 * 9, 8, CHANNELS * 8 * 9, CHANNELS, CLASSES * CHANNELS, CLASSES]
    assert file.parameters == sum(counts)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((1, 3, 32, 32), OnnxInput("image", "float32", 3, False, 1, 32, 32)),
        (("n", 3, 32, 32), OnnxInput("image", "float32", 3, False, None, 32, 32)),
        ((1, 3, None, None), OnnxInput("image", "float32", 3, False, 1, None, None)),
        ((1, 32, 32, 3), OnnxInput("image", "float32", 3, True, 1, 32, 32)),
        ((1, 1, 28, 28), OnnxInput("image", "float32", 1, False, 1, 28, 28)),
        ((1, 4, 32, 32), OnnxInput("image", "float32", 4, False, 1, 32, 32)),
        (("n", "c", "h", "w"), OnnxInput("image", "float32", 3, False, None, None, None)),
        ((-1, 3, 32, 32), OnnxInput("image", "float32", 3, False, None, 32, 32)),
    ],
)
def test_the_input(tmp_path: Path, shape: tuple[Any, ...], expected: OnnxInput) -> None:
    file = read_onnx(classifier(tmp_path / "model.onnx", shape=shape))
    assert file.input == expected
    assert file.side == expected.height


@pytest.mark.parametrize(
    ("shape", "says"),
    [
        ((1, 5, 32, 32), "1, 3 or 4 channels"),
        ((1, 3, 32), "no image classifier: it takes image [1 × 3 × 32]"),
        ((8, 3, 32, 32), "one square image"),
        ((1, 3, 48, 32), "one square image"),
    ],
)
def test_other_inputs_are_refused(tmp_path: Path, shape: tuple[Any, ...], says: str) -> None:
    assert says in refused(classifier(tmp_path / "model.onnx", shape=shape))


def test_open_channels_that_no_convolution_takes_are_refused(tmp_path: Path) -> None:
    writer = GraphWriter()
    scores = writer.linear(writer.node("Flatten", "image"), inputs=12)
    path = save(writer.model(scores, ("n", "c", "h", "w")), tmp_path / "model.onnx")
    assert "1, 3 or 4 channels" in refused(path)


def test_other_types_of_input_are_refused(tmp_path: Path) -> None:
    assert "images as double" in refused(classifier(tmp_path / "model.onnx", input_dtype="float64"))


def test_two_inputs_are_refused(tmp_path: Path) -> None:
    writer = GraphWriter()
    model = writer.model(writer.classifier())
    model.graph.input.append(helper.make_tensor_value_info("text", TensorProto.INT64, [1, 77]))
    assert "image [? × 3 × ? × ?], text [1 × 77]" in refused(save(model, tmp_path / "clip.onnx"))


@pytest.mark.parametrize(
    ("ends", "outputs", "link"),
    [
        (["Softmax"], CLASSES, Link.SOFTMAX),
        (["LogSoftmax"], CLASSES, Link.SOFTMAX),
        (["Softmax", "Log"], CLASSES, Link.SOFTMAX),
        (["Softmax", "Identity"], CLASSES, Link.SOFTMAX),
        (["Sigmoid"], CLASSES, Link.SIGMOID),
        ([], 1, Link.SIGMOID),
        (["Sigmoid"], 1, Link.SIGMOID),
    ],
)
def test_probabilities_at_the_end_are_left_out(
    tmp_path: Path, ends: list[str], outputs: int, link: Link
) -> None:
    writer = GraphWriter()
    logits = name = writer.classifier(outputs)
    for operator in ends:
        name = writer.node(operator, name)
    file = read(writer, name, tmp_path, classes=outputs)
    assert (file.scores, file.logits, file.link) == (name, logits, link)
    assert (file.outputs, file.classes) == (outputs, max(outputs, 2))


def test_the_number_of_classes_is_inferred_where_the_file_leaves_it_open(tmp_path: Path) -> None:
    writer = GraphWriter()
    model = writer.model(writer.classifier())
    model.graph.output[0].type.tensor_type.ClearField("shape")
    assert read_onnx(save(model, tmp_path / "model.onnx")).outputs == CLASSES


def test_of_several_outputs_the_one_named_so_has_the_scores(tmp_path: Path) -> None:
    writer = GraphWriter()
    features = writer.pooled(writer.backbone())
    writer.nodes.append(helper.make_node("Identity", [features], ["embedding"]))
    writer.nodes.append(helper.make_node("Identity", [writer.linear(features)], ["logits"]))
    file = read(writer, "embedding", tmp_path, classes=CHANNELS, outputs=[("logits", ("n", CLASSES))])
    assert (file.scores, file.outputs, file.left_out) == ("logits", CLASSES, ("embedding",))


def test_detectors_and_segmenters_are_refused(tmp_path: Path) -> None:
    writer = GraphWriter()
    logits = writer.classifier()
    model = writer.model(logits, outputs=[("boxes", ("n", 4))])
    writer.nodes.append(helper.make_node("Identity", [logits], ["boxes"]))
    assert "is a detector" in refused(save(model, tmp_path / "boxes.onnx"))
    path = classifier(tmp_path / "yolo.onnx", metadata={"task": "detect"})
    assert "is a detector" in refused(path)


@pytest.mark.parametrize("dims", [("n", 84, 8400), ("n", CLASSES, 4, 4)])
def test_what_gives_no_score_a_class_is_refused(tmp_path: Path, dims: tuple[Any, ...]) -> None:
    writer = GraphWriter()
    model = writer.model(writer.classifier())
    model.graph.output[0].CopyFrom(
        helper.make_tensor_value_info(model.graph.output[0].name, TensorProto.FLOAT, dims)
    )
    assert "not one score a class" in refused(save(model, tmp_path / "model.onnx"))


def test_a_winner_only_is_refused_with_what_to_do(tmp_path: Path) -> None:
    writer = GraphWriter()
    model = writer.model(writer.node("ArgMax", writer.classifier(), axis=1))
    model.graph.output[0].type.tensor_type.elem_type = TensorProto.INT64
    assert "Export it without ArgMax" in refused(save(model, tmp_path / "model.onnx"))


@pytest.mark.parametrize(
    ("metadata", "mean", "std"),
    [
        ({"mean": "[0.4, 0.5, 0.6]", "std": "0.2, 0.2, 0.3"}, (0.4, 0.5, 0.6), (0.2, 0.2, 0.3)),
        ({"image_mean": "0.5", "image_std": "0.25"}, (0.5,) * 3, (0.25,) * 3),
        ({"mean": "127.5 127.5 127.5", "std": "51 51 51"}, (0.5,) * 3, (0.2,) * 3),
        ({"author": "Ultralytics"}, (0.0,) * 3, (1.0,) * 3),
        ({"mean": "0.5"}, None, None),
        ({"mean": "0.5", "std": "0"}, None, None),
        ({"mean": "nan", "std": "1"}, None, None),
    ],
)
def test_normalisation_of_the_metadata(tmp_path: Path, metadata: dict[str, str], mean: Any, std: Any) -> None:
    file = read_onnx(classifier(tmp_path / "m.onnx", metadata=metadata))
    if mean is None:
        assert (file.mean, file.std) == (None, None)
    else:
        assert file.mean == pytest.approx(mean)
        assert file.std == pytest.approx(std)


@pytest.mark.parametrize(
    ("text", "side"), [("[64, 64]", 64), ("64", 64), ("[3, 64, 64]", 64), ("[64, 48]", None)]
)
def test_the_size_of_the_metadata(tmp_path: Path, text: str, side: int | None) -> None:
    assert read_onnx(classifier(tmp_path / "m.onnx", metadata={"imgsz": text})).side == side


# Safety


def test_weights_in_a_file_beside_it(tmp_path: Path) -> None:
    writer = GraphWriter()
    model = writer.model(writer.classifier())
    inside = read_onnx(save(model, tmp_path / "inside.onnx"))
    outside = read_onnx(save_external(model, tmp_path / "outside.onnx", "outside.onnx.data"))
    assert inside.weights.keys() == outside.weights.keys() != set()
    for name, values in inside.weights.items():
        np.testing.assert_array_equal(outside.weights[name], values)
    data = tmp_path / "outside.onnx.data"
    data.write_bytes(b"\1" * data.stat().st_size)
    assert read_onnx(tmp_path / "outside.onnx").sha256 != outside.sha256, "other weights, another model"


@pytest.mark.parametrize(
    "location",
    ["../weights.bin", "/etc/passwd", "a/../../weights.bin", "C:\\w.bin", "\\\\host\\w", "..\\w", "", "."],
)
def test_weights_elsewhere_are_refused(tmp_path: Path, location: str) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "weights.bin").write_bytes(bytes(10_000))
    writer = GraphWriter()
    model = writer.model(writer.classifier())
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=location)
    text = refused(save(model, folder / "model.onnx"))
    assert "outside of its folder" in text or (location == "." and "missing" in text)
    assert location in text or repr(location) in text


def test_a_link_that_leads_out_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    writer = GraphWriter()
    path = save_external(writer.model(writer.classifier()), folder / "model.onnx", "weights.bin")
    assert read_onnx(path).outputs == CLASSES
    (folder / "weights.bin").rename(tmp_path / "weights.bin")
    assert "weights.bin, which is missing" in refused(path)
    (folder / "weights.bin").symlink_to(tmp_path / "weights.bin")
    assert "outside of its folder: 'weights.bin'" in refused(path)


def test_tensors_in_attributes_lead_nowhere_either(tmp_path: Path) -> None:
    writer = GraphWriter()
    value = numpy_helper.from_array(np.ones(1, np.float32))
    value.ClearField("raw_data")
    value.data_location = TensorProto.EXTERNAL
    value.external_data.add(key="location", value="/etc/passwd")
    scores = writer.node("Add", writer.classifier(), writer.node("Constant", value=value))
    path = save(writer.model(scores), tmp_path / "model.onnx")
    assert "'/etc/passwd'" in refused(path)


def test_weights_of_another_length_are_refused(tmp_path: Path) -> None:
    writer = GraphWriter()
    path = save_external(writer.model(writer.classifier()), tmp_path / "model.onnx", "weights.bin")
    (tmp_path / "weights.bin").write_bytes(bytes(10))
    assert "damaged" in refused(path)


def sharing(folder: Path, size: int, dims: list[int], tensors: int = 1, **place: int) -> Path:
    """A file whose tensors all are of one place of another file."""
    with (folder / "weights.bin").open("wb") as file:
        file.truncate(size)
    writer = GraphWriter()
    model = writer.model(writer.classifier())
    for number in range(tensors):
        tensor = model.graph.initializer.add(name=f"extra{number}", data_type=TensorProto.FLOAT, dims=dims)
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in {"location": "weights.bin", **place}.items():
            tensor.external_data.add(key=key, value=str(value))
    return save(model, folder / "model.onnx")


def test_many_tensors_of_one_place_are_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = 1_000_000
    monkeypatch.setattr(onnx_parsing, "MAX_BYTES", 10 * size)
    path = sharing(tmp_path, size, [size // 4], tensors=9)
    tracemalloc.start()
    try:
        file = read_onnx(path)
        assert tracemalloc.get_traced_memory()[1] < 3 * size, "they share what is read"
    finally:
        tracemalloc.stop()
    shared = [values for name, values in file.weights.items() if name.startswith("extra")]
    assert len(shared) == 9
    assert not any(values.flags.writeable for values in shared)
    path = sharing(tmp_path, size, [size // 4], tensors=1000)
    tracemalloc.start()
    try:
        assert "larger than 10 MB" in refused(path)
        assert tracemalloc.get_traced_memory()[1] < size, "nothing of it is read"
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("dims", "place"),
    [
        ([250], {"offset": 4}),
        ([251], {}),
        ([2**40, 2**40], {}),
        ([-5, -50], {}),
        ([-1], {}),
        ([250], {"offset": -4}),
        ([250], {"length": 999}),
    ],
)
def test_weights_beyond_their_file_are_refused_unread(
    tmp_path: Path, dims: list[int], place: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sharing(tmp_path, 1000, dims, **place)
    opened: list[Path] = []
    whole = Path.open

    def watched(self: Path, *args: Any, **options: Any) -> Any:
        opened.append(self)
        return whole(self, *args, **options)

    monkeypatch.setattr(Path, "open", watched)
    assert "damaged: extra0" in refused(path)
    assert tmp_path / "weights.bin" not in opened


def with_functions(folder: Path, bodies: list[list[str]], constant: int = 0) -> Path:
    """A classifier that ends in the last of functions f0, f1, …; each is a chain of operators of one input.

    constant: bytes that the first holds.
    """
    functions = []
    for number, body in enumerate(bodies):
        names = [f"f{number}_{i}" for i in range(len(body) + 1)]
        nodes = [
            helper.make_node(name, [before], [after], domain="local" if name.startswith("f") else "")
            for name, before, after in zip(body, names, names[1:], strict=False)
        ]
        if constant and not number:
            value = numpy_helper.from_array(np.zeros(constant, np.uint8))
            nodes.append(helper.make_node("Constant", [], ["held"], value=value))
        opsets = [helper.make_opsetid("", 18), helper.make_opsetid("local", 1)]
        functions.append(helper.make_function("local", f"f{number}", [names[0]], [names[-1]], nodes, opsets))
    writer = GraphWriter()
    scores = writer.node(f"f{len(bodies) - 1}", writer.classifier(), domain="local")
    model = writer.model(scores, domains=["local"])
    model.functions.extend(functions)
    return save(model, folder / "model.onnx")


def test_functions_are_written_out(tmp_path: Path) -> None:
    file = read_onnx(with_functions(tmp_path, [["Relu"], ["f0", "f0"], ["f1", "Neg", "f0"]]))
    operators = [node.op_type for node in file.model.graph.node]
    assert operators[-4:] == ["Relu", "Relu", "Neg", "Relu"]


@pytest.mark.parametrize(
    "bodies",
    [
        [["Relu"], *([f"f{i}", f"f{i}"] for i in range(40))],
        [["Relu"] * 1000, *([f"f{i}"] * 11 for i in range(2))],
        [["f0"]],
        [["Relu", "f1"], ["f0"]],
        [["Relu"], *([f"f{i}"] for i in range(2000))],
    ],
    ids=["twice", "often", "itself", "each other", "deep"],
)
def test_functions_without_end_are_refused(tmp_path: Path, bodies: list[list[str]]) -> None:
    path = with_functions(tmp_path, bodies)
    assert "call each other without end, or too often" in refused(path)


def test_constants_that_functions_multiply_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = with_functions(tmp_path, [["Relu"], ["f0"] * 1000], constant=10_000)
    assert read_onnx(path).classes == CLASSES
    monkeypatch.setattr(onnx_parsing, "MAX_BYTES", 9_000_000)
    assert "call each other without end, or too often" in refused(path)


def test_operators_of_a_plug_in_are_refused_by_name(tmp_path: Path) -> None:
    writer = GraphWriter()
    scores = writer.node("Sorcery", writer.classifier(), domain="my.ops")
    text = refused(save(writer.model(scores, domains=["my.ops"]), tmp_path / "model.onnx"))
    assert "the operator Sorcery of 'my.ops'" in text


@pytest.mark.parametrize(("opset", "ir"), [(99, 9), (18, 99)])
def test_a_file_of_the_future_says_so(tmp_path: Path, opset: int, ir: int) -> None:
    text = refused(classifier(tmp_path / "model.onnx", opset=opset, ir=ir))
    assert f"newer ONNX Runtime (opset {opset}, IR {ir})" in text


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_weights_that_are_not_finite_are_refused(tmp_path: Path, value: float) -> None:
    writer = GraphWriter()
    large = writer.constant(np.full((CLASSES, CHANNELS * 10), value), np.float32)
    assert f"not all finite ({large!r})" in refused(
        save(writer.model(writer.classifier()), tmp_path / "model.onnx")
    )


@pytest.mark.parametrize(
    "content", [b"", b"no model\n" * 100, b"PK\3\4" + bytes(100), bytes(1000), b"\x08\x09"]
)
def test_other_files_are_no_models(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    assert "is not an ONNX model" in refused(path)


def test_files_that_can_not_be_read(tmp_path: Path) -> None:
    assert "can't be read" in refused(tmp_path / "missing.onnx")
    assert "can't be read" in refused(tmp_path)


def test_large_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    with path.open("wb") as file:
        file.truncate(onnx_parsing.MAX_BYTES + 1)
    assert "larger than 4000 MB" in refused(path)


def test_sizes_that_nothing_has_are_refused(tmp_path: Path) -> None:
    writer = GraphWriter()
    model = writer.model(writer.classifier())
    model.graph.initializer[0].dims[:] = [10**9, 10**9]
    assert "damaged" in refused(save(model, tmp_path / "model.onnx"))


def test_damaged_files_are_failures_and_nothing_else(tmp_path: Path) -> None:
    """Read, and run where they can be read."""
    writer = GraphWriter()
    whole = writer.model(writer.node("Softmax", writer.classifier()), metadata={"names": str(NAMES)})
    data = whole.SerializeToString()
    path, numbers = tmp_path / "model.onnx", np.random.default_rng(0)
    # Bytes of weights change only numbers: most changes go where the graph is.
    weights = np.zeros(len(data), bool)
    for tensor in whole.graph.initializer:
        start = data.index(tensor.raw_data)
        weights[start : start + len(tensor.raw_data)] = True
    places = np.flatnonzero(~weights)
    ran = failed = 0
    for round_ in range(300):
        changed = bytearray(data)
        for place in numbers.choice(places, numbers.integers(1, 3)):
            changed[place] = numbers.integers(0, 256)
        if round_ % 10 == 0:
            del changed[int(numbers.integers(0, len(changed))) :]
        path.write_bytes(changed)
        try:
            onnx_run(read_onnx(path), PREPROCESSING, NAMES)
            ran += 1
        except ModelFailure:
            failed += 1
    assert failed > 50
    assert ran > 20
