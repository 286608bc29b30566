"""Real ResNet18 weights, real photos, and the peers' numbers for the same input."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from camviewer.commands.cli import main
from camviewer.core.arrays import FloatArray
from camviewer.core.frames import Fit
from camviewer.core.geometry import input_geometry
from camviewer.core.models.builtin import RESNET18
from camviewer.core.models.spec import WeightsOrigin
from camviewer.core.models.weights import WeightsFile, read_state_dict
from camviewer.core.runtimes.torch_base import trained
from camviewer.core.runtimes.torch_cpu import CpuRun
from camviewer.core.storage.colour import VARIABLE
from camviewer.core.storage.images import read_image

pytestmark = pytest.mark.weights
PHOTOS = 43


@dataclass(frozen=True)
class Explained:
    """One photo: what expected.json says, what --json said, and what --raw wrote."""

    path: Path
    expected: dict[str, Any]
    record: dict[str, Any]
    class_ids: list[int]
    cams: FloatArray
    bias: FloatArray
    logits: FloatArray
    probabilities: FloatArray


@pytest.fixture(scope="module", autouse=True)
def _colours_are_not_managed() -> Iterator[None]:
    """expected.json has the answers of torchvision, which takes the bare numbers of photos in Adobe RGB."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, "off")
        yield


@pytest.fixture(scope="module")
def photos(assets: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Explained]:
    out = tmp_path_factory.mktemp("photos")
    expected = json.loads((assets / "images/expected.json").read_text("utf-8"))
    inputs = [assets / "images" / entry["file"] for entry in expected]
    weights = assets / "weights/resnet18-imagenet1k-pq.pth"
    # An animal and a thing that no photo is all about: classes far from the top have maps too.
    classes = ["--classes", "top5,242,281,tiger cat,#999"]
    files = ["--out", str(out), "--raw", "--no-images", "--json", str(out / "all.json")]
    model = ["--model", "resnet18", "--weights", str(weights), "--device", "cpu"]
    assert main(["explain", *(str(p) for p in inputs), *classes, *files, *model]) == 0
    records = json.loads((out / "all.json").read_text("ascii"))
    return [
        _explained(path, entry, record, out)
        for path, entry, record in zip(inputs, expected, records, strict=True)
    ]


def _explained(path: Path, expected: dict[str, Any], record: dict[str, Any], out: Path) -> Explained:
    with np.load(out / f"{path.stem}.npz") as raw:
        return Explained(
            path,
            expected,
            record,
            [int(i) for i in raw["class_ids"]],
            raw["cams"],
            raw["bias"],
            raw["logits"],
            raw["probabilities"],
        )


def test_every_photo_is_recognised_as_expected(photos: list[Explained], record_property: Any) -> None:
    assert len(photos) == PHOTOS
    wrong, difference = [], 0.0
    for photo in photos:
        assert photo.record["path"] == str(photo.path)
        assert [photo.record["width"], photo.record["height"]] == photo.expected["size"]
        best = photo.record["predictions"][0]
        if best["class_id"] != photo.expected["top5"][0][0]:
            wrong.append(photo.path.name)
        for class_id, label, probability in photo.expected["top5"]:
            difference = max(difference, abs(float(photo.probabilities[class_id]) - probability))
            named = {p["class_id"]: p["label"] for p in photo.record["predictions"]}
            assert named.get(class_id, label) == label
    record_property("max_probability_difference", difference)
    print(f"{PHOTOS - len(wrong)} of {PHOTOS}; largest difference of a probability {difference:.2e}")
    assert not wrong
    assert difference < 0.02


def test_every_map_adds_up_to_its_logit(photos: list[Explained], record_property: Any) -> None:
    residual = 0.0
    for photo in photos:
        assert len(photo.class_ids) >= 6
        sums = photo.cams.mean((1, 2)) + photo.bias
        residual = max(residual, float(np.abs(sums - photo.logits[photo.class_ids]).max()))
        listed = {p["class_id"]: p["logit"] for p in photo.record["predictions"]}
        np.testing.assert_allclose(sums, [listed[i] for i in photo.class_ids], atol=1e-4)
    record_property("max_residual", residual)
    print(f"largest |mean(CAM) + bias - logit| {residual:.2e}")
    assert residual < 1e-4


@dataclass(frozen=True)
class Peers:
    """torchvision's own ResNet18, not fused, and the tensor that our engine gives its network."""

    model: Any
    engine: CpuRun

    def network_input(self, path: Path) -> Any:
        image = read_image(path)
        (height, width), spec = image.shape[:2], RESNET18
        geometry = input_geometry(width, height, Fit.CROP, None, spec.preprocessing, spec.sizes)
        return self.engine.prepare(image, replace(geometry, exact=True))


@pytest.fixture(scope="module")
def peers(assets: Path) -> Peers:
    from torchvision.models import resnet18

    state, _ = read_state_dict(WeightsFile(assets / "weights/resnet18-imagenet1k-pq.pth", WeightsOrigin.FILE))
    model = resnet18()
    return Peers(trained(model, state), CpuRun(RESNET18, state))


def test_maps_equal_torchcams(photos: list[Explained], peers: Peers, record_property: Any) -> None:
    import torch
    from torchcam.methods import CAM

    difference, too_large = 0.0, []
    with CAM(peers.model, target_layer="layer4", fc_layer="fc") as extractor:
        for photo in photos:
            with torch.inference_mode():
                scores = peers.model(peers.network_input(photo.path))
            for index, class_id in enumerate(photo.class_ids):
                (theirs,) = extractor(class_id, scores, normalized=False)
                change = float(np.abs(theirs[0].numpy() - photo.cams[index]).max())
                difference = max(difference, change)
                # Float32 rounds values of 80 logits, which some maps have, to a part of that.
                if change >= max(1e-4, 2e-6 * float(np.abs(photo.cams[index]).max())):
                    too_large.append((photo.path.name, class_id, change))
    record_property("max_difference_torchcam", difference)
    print(f"largest difference to torchcam.methods.CAM {difference:.2e} logit")
    assert not too_large


def test_maps_equal_grad_cams(photos: list[Explained], peers: Peers, record_property: Any) -> None:
    """Grad-CAM of such a network is CAM, up to a factor and without its negative part (Selvaraju et al.)."""
    from pytorch_grad_cam import GradCAM
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    layer, difference = peers.model.layer4, 0.0
    # Only layer4's output needs a gradient: without the others' the test takes a sixth of the time.
    peers.model.requires_grad_(False)
    layer[-1].bn2.weight.requires_grad_(True)
    with GradCAM(peers.model, [layer]) as grad_cam:
        for photo in photos:
            # One pass for all classes: each is another entry of the batch.
            inputs = peers.network_input(photo.path).repeat(len(photo.class_ids), 1, 1, 1)
            targets = [ClassifierOutputTarget(class_id) for class_id in photo.class_ids]
            grad_cam(inputs, targets)
            (activations,), (gradients,) = (
                grad_cam.activations_and_grads.activations,
                grad_cam.activations_and_grads.gradients,
            )
            # Before it scales the maps up to the input's size.
            theirs = grad_cam.get_cam_image(inputs, layer, targets, activations.numpy(), gradients.numpy())
            assert theirs.shape == photo.cams.shape
            for index in range(len(theirs)):
                change = np.abs(_positive_unit(theirs[index]) - _positive_unit(photo.cams[index]))
                difference = max(difference, float(change.max()))
    record_property("max_difference_grad_cam", difference)
    print(f"largest difference to GradCAM after ReLU and min-max {difference:.2e}")
    assert difference < 1e-3


def _positive_unit(cam: FloatArray) -> FloatArray:
    """ReLU, then min-max; a map without positive values stays zero."""
    positive = np.maximum(cam, 0)
    positive = positive - positive.min()
    peak = float(positive.max())
    unit: FloatArray = positive / peak if peak > 0 else positive
    return unit
