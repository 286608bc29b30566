"""The model file of a head of one's own classes: written, opened, exported; damaged ones are refused."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from safetensors.numpy import load_file, save_file

from camviewer.core.explainer import Explainer
from camviewer.core.explanation import ExplainRequest, Explanation
from camviewer.core.failures import ModelFailure, SaveFailure
from camviewer.core.frame_passes import TaughtSpec
from camviewer.core.frames import Frame
from camviewer.core.loading import ModelChoice, load_model
from camviewer.core.models.files import find_model_file
from camviewer.core.models.spec import Link, WeightsOrigin
from camviewer.core.models.taught import KEY, TaughtHead, read_head, write_head
from camviewer.core.opening import open_card
from camviewer.core.opening_taught import NoBackboneFailure, remember_backbone
from camviewer.core.runtimes.preprocess import normalised
from camviewer.core.targets import ClassScore
from camviewer.core.training.examples import TaughtExample
from camviewer.core.training.export import export_network
from camviewer.core.training.teaching import teach

NAMES = ("plain", "Löwe, “Leo”")


def frame(class_id: int, seed: int) -> Frame:
    """Grey noise, or stripes on it."""
    image = np.random.default_rng(seed).integers(0, 120, (240, 320, 3)).astype(np.uint8)
    if class_id:
        image[:, ::16] += 120
    return Frame(image, seed, 0.0)


@pytest.fixture(scope="module")
def base() -> Explainer:
    return load_model(ModelChoice("efficientnet_lite0", device="cpu")).explainer


@pytest.fixture(scope="module")
def taught(base: Explainer) -> TaughtHead:
    shown = [
        TaughtExample(base.example_features(frame(class_id, seed)), class_id, str(seed))
        for class_id in (0, 1)
        for seed in range(3)
    ]
    assert base.backbone is not None
    return teach(shown, NAMES, base.backbone).head


@pytest.fixture
def path(taught: TaughtHead, tmp_path: Path) -> Path:
    return write_head(taught, tmp_path / "mine.safetensors")


def explained(explainer: Explainer) -> Explanation:
    return explainer.explain(frame(1, 100), ExplainRequest())


def test_the_head_is_replaced_without_loading(base: Explainer, taught: TaughtHead) -> None:
    with_mine = base.with_head(taught)
    explanation = explained(with_mine)
    assert explanation.labels == NAMES
    assert explanation.top(1) == (1,)
    assert with_mine.info.weights_origin is WeightsOrigin.TAUGHT
    assert not with_mine.info.same_network(base.info)
    for class_id in range(2):
        score = explanation.map(ClassScore(class_id)).score
        assert score == pytest.approx(explanation.logits[class_id], abs=1e-4)
    assert len(explained(base).logits) == 1000, "the one before is as it was"
    assert [offer.name for offer in with_mine.methods if offer.missing is None] == [
        offer.name for offer in base.methods if offer.missing is None
    ]


def test_a_head_is_fitted_by_softmax_whatever_its_backbone_is_of(base: Explainer, taught: TaughtHead) -> None:
    other = replace(base.info, link=Link.SIGMOID)
    spec = TaughtSpec(base._spec.preprocessing, base._spec.sizes, Link.SIGMOID)
    with_mine = Explainer(base._run, spec, other, base._methods).with_head(taught)
    explanation = explained(with_mine)
    assert explanation.probabilities.sum() == pytest.approx(1, abs=1e-6)
    assert with_mine.info.link is Link.SOFTMAX


def test_a_saved_head_says_the_same(base: Explainer, taught: TaughtHead, path: Path) -> None:
    assert path.stat().st_size < 30_000
    opened = load_model(ModelChoice(file=path, device="cpu"))
    assert np.array_equal(explained(opened.explainer).logits, explained(base.with_head(taught)).logits)
    assert opened.explainer.backbone == base.backbone, "it can be taught further"
    card = opened.card
    assert card is not None
    assert card.labels.value == NAMES
    assert "EfficientNet-Lite0" in card.assumed[0]
    assert open_card(path).sha256 == card.sha256


def test_its_backbone_may_be_a_file(base: Explainer, taught: TaughtHead, path: Path, tmp_path: Path) -> None:
    """Found beside the head, and where it was seen before; by its hash, whatever its name."""
    weights = Path(base.info.weights_file)
    backbone = read_head(find_model_file(path))[0].backbone
    other = TaughtHead(
        taught.head, type(backbone)("own", "Own", "1" * 64, "own.pth", backbone.channels), taught.taught
    )
    write_head(other, path, overwrite=True)
    (tmp_path / "own.pth").write_bytes(weights.read_bytes())
    with pytest.raises(NoBackboneFailure, match=r"own\.pth"):
        load_model(ModelChoice(file=path, device="cpu"))
    data = (tmp_path / "own.pth").read_bytes()
    digest = hashlib.sha256(data + b"\0").hexdigest()  # another file of the same network
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "x.pth").write_bytes(data + b"\0")
    other = TaughtHead(
        taught.head, type(backbone)("own", "Own", digest, "own.pth", backbone.channels), taught.taught
    )
    write_head(other, path, overwrite=True)
    remember_backbone(elsewhere / "x.pth", digest)
    opened = load_model(ModelChoice(file=path, device="cpu"))
    assert np.array_equal(explained(opened.explainer).logits, explained(base.with_head(taught)).logits)


def test_every_damage_is_refused_or_harmless(path: Path, tmp_path: Path) -> None:
    whole = path.read_bytes()
    numbers = np.random.default_rng(0)
    for _ in range(60):
        damaged = bytearray(whole[: len(whole) - int(numbers.integers(0, 2) * numbers.integers(1, 9000))])
        for at in numbers.integers(0, min(len(damaged), 1200), 3):
            damaged[at] = numbers.integers(0, 256)
        other = tmp_path / "damaged.safetensors"
        other.write_bytes(bytes(damaged))
        with suppress(ModelFailure):
            read_head(find_model_file(other))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("labels", ["one"]),
        ("labels", ["one", "two", "three"]),
        ("labels", ["one", 2]),
        ("version", 2),
        ("backbone", {"name": "x", "title": "x", "sha256": "../x", "file": "x", "channels": 1280}),
        ("backbone", {"name": "x", "title": "x", "sha256": "0" * 64, "file": "x", "channels": 3}),
        ("taught", {"examples": [1, -1], "time": "now", "accuracy": None, "interval": None}),
    ],
)
def test_a_head_that_contradicts_itself_is_refused(path: Path, key: str, value: object) -> None:
    tensors, metadata = load_file(path), read_metadata(path)
    metadata[key] = value
    save_file(tensors, path, {KEY: json.dumps(metadata)})
    with pytest.raises(ModelFailure):
        load_model(ModelChoice(file=path, device="cpu"))


def read_metadata(path: Path) -> dict[str, object]:
    data = path.read_bytes()
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    metadata: dict[str, object] = json.loads(header["__metadata__"][KEY])
    return metadata


def test_it_holds_no_paths(path: Path, base: Explainer) -> None:
    assert os.fsencode(Path(base.info.weights_file).parent) not in path.read_bytes()


def test_onnx_says_the_same(base: Explainer, taught: TaughtHead, tmp_path: Path) -> None:
    assert base.head is not None
    path = export_network(taught, base.info, base.head, tmp_path / "mine.onnx")
    explanation = explained(base.with_head(taught))
    assert explanation.network_input is not None
    assert base.info.preprocessing is not None
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (logits,) = session.run(
        None, {"normalised": normalised(explanation.network_input, base.info.preprocessing)}
    )
    assert np.allclose(logits[0], explanation.logits, atol=1e-3)
    assert load_model(ModelChoice(file=path)).explainer.labels == NAMES


def test_a_state_dict_says_the_same(base: Explainer, taught: TaughtHead, tmp_path: Path) -> None:
    assert base.head is not None
    path = export_network(taught, base.info, base.head, tmp_path / "mine.pth")
    opened = load_model(ModelChoice(file=path, device="cpu"))
    expected = explained(base.with_head(taught)).logits
    assert np.allclose(explained(opened.explainer).logits, expected, atol=1e-4)


def test_no_other_kind_is_exported(base: Explainer, taught: TaughtHead, tmp_path: Path) -> None:
    assert base.head is not None
    with pytest.raises(SaveFailure, match=r"\.pth"):
        export_network(taught, base.info, base.head, tmp_path / "mine.h5")
