"""Occlusion against a straightforward loop over patches, on every runtime; its grid, its cost, its end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from multiprocessing import Pipe
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image, ImageFilter
from torch import nn

from camviewer.core.arrays import ByteArray, FloatArray, read_only
from camviewer.core.cancelling import CancelledError, cancellable
from camviewer.core.covering import PATCH_FILLS, Covering, Fill
from camviewer.core.explanation import ExplainRequest
from camviewer.core.frames import Fit, Frame
from camviewer.core.geometry import InputGeometry, input_geometry
from camviewer.core.live.model import LiveModel
from camviewer.core.loading import ModelChoice, load_model
from camviewer.core.maps import Maps, MapUnavailableError, Unit
from camviewer.core.methods.base import PassedFrame
from camviewer.core.methods.occlusion import Occlusion, OcclusionMaps
from camviewer.core.models.builtin import RESNET18
from camviewer.core.models.labels import numbered_labels
from camviewer.core.models.onnx_file import read_onnx
from camviewer.core.models.spec import Link, Preprocessing
from camviewer.core.progress import reported_to
from camviewer.core.runtimes.base import BasicRun, ForwardPass, ModelRun, Needs
from camviewer.core.runtimes.device import CPU
from camviewer.core.runtimes.onnx_builtin import BuiltinRun
from camviewer.core.runtimes.onnx_run import onnx_run
from camviewer.core.runtimes.remote import Channel, remote_model
from camviewer.core.runtimes.remote_server import RemoteServer
from camviewer.core.runtimes.torch_cpu import CpuRun
from camviewer.core.storage.images import read_image
from camviewer.core.targets import ChannelPart, ClassScore, ScoreDifference
from tests.core.methods.networks import randomised
from tests.onnx_models import GraphWriter, save

SIDE = 96
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
FIRST, SECOND = ClassScore(0), ClassScore(3)


def frame(width: int = 150, height: int = 120, seed: int = 0) -> ByteArray:
    """Coarse structures, as frames have."""
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 7, 3), np.uint8)
    return np.array(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))


def geometry(image: ByteArray, fit: Fit = Fit.CROP, side: int = SIDE) -> InputGeometry:
    height, width = image.shape[:2]
    made = input_geometry(
        width, height, fit, side, RESNET18.preprocessing, replace(RESNET18.sizes, smallest=32)
    )
    return replace(made, exact=True)


def passed(run: ModelRun, image: ByteArray, where: InputGeometry, covering: Covering) -> PassedFrame:
    return PassedFrame(image, where, run.run(image, where), None, covering)


def maps_of(
    run: ModelRun, image: ByteArray, covering: Covering, fit: Fit = Fit.CROP, side: int = SIDE
) -> Maps:
    return Occlusion().maps(run, passed(run, image, geometry(image, fit, side), covering), [FIRST])


def cover_of(pixels: ByteArray, fill: Fill, patch: int) -> ByteArray:
    """As the fill's words say."""
    if fill is Fill.BLUR:
        return np.array(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(patch / 4)))
    colours = {Fill.BLACK: (0, 0, 0), Fill.GREY: (128, 128, 128), Fill.MEAN: pixels.mean((0, 1)).round()}
    return np.broadcast_to(np.asarray(colours[fill], np.uint8), pixels.shape)


def by_a_loop(
    logits_of: Callable[[ByteArray], FloatArray], pixels: ByteArray, patch: int, fill: Fill
) -> FloatArray:
    """Zeiler & Fergus, word by word: [N, h, w], pixel by pixel, for patches that fit the input evenly."""
    height, width = pixels.shape[:2]
    whole, cover = logits_of(pixels), cover_of(pixels, fill, patch)
    sums, counts = np.zeros((len(whole), height, width)), np.zeros((height, width))
    for top in range(0, height - patch + 1, patch // 2):
        for left in range(0, width - patch + 1, patch // 2):
            covered = pixels.copy()
            place = slice(top, top + patch), slice(left, left + patch)
            covered[place] = cover[place]
            sums[:, *place] += (whole - logits_of(covered))[:, None, None]
            counts[place] += 1
    return (sums / counts).astype(np.float32)


def torchs(network: nn.Module) -> Callable[[ByteArray], FloatArray]:
    mean, std = (torch.tensor(each).view(1, 3, 1, 1) for each in (MEAN, STD))

    def logits_of(pixels: ByteArray) -> FloatArray:
        with torch.no_grad():
            given = torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None] / 255
            logits: FloatArray = network((given - mean) / std)[0].numpy()
        return logits

    return logits_of


def check(maps: Maps, expected: FloatArray, patch: int) -> None:
    """Every pixel of a cell has the cell's value."""
    cell = patch // 2
    classes, height, width = expected.shape
    for class_id in range(classes):
        found = maps.get(ClassScore(class_id)).values
        assert found.shape == (height // cell, width // cell)
        np.testing.assert_allclose(np.kron(found, np.ones((cell, cell))), expected[class_id], atol=1e-4)


@pytest.fixture(scope="module")
def network() -> nn.Module:
    """Of random weights, with scores as large as trained ones have: float32 differs by a share of them."""
    torch.manual_seed(1)
    made = randomised(torchvision.models.resnet18(weights=None, num_classes=5))
    with torch.no_grad():
        for parameter in made.get_submodule("fc").parameters():
            parameter.div_(8)
    return made


@pytest.fixture(scope="module")
def builtin(network: nn.Module) -> BuiltinRun:
    state = {name: values.numpy() for name, values in network.state_dict().items()}
    return BuiltinRun(RESNET18, state, numbered_labels)


@pytest.mark.parametrize("fill", PATCH_FILLS)
@pytest.mark.parametrize("patch", [24, 48])
def test_it_is_a_straightforward_loop(
    patch: int, fill: Fill, network: nn.Module, builtin: BuiltinRun
) -> None:
    image = frame()
    seen = builtin.run(image, geometry(image)).network_input
    assert seen is not None
    expected = by_a_loop(torchs(network), seen, patch, fill)
    assert np.abs(expected).max() > 0.01, "something happens"
    check(maps_of(builtin, image, Covering(patch, fill)), expected, patch)


def test_the_same_in_torch(network: nn.Module) -> None:
    state = {name: values.numpy() for name, values in network.state_dict().items()}
    run, image = CpuRun(RESNET18, state), frame()
    seen = run.run(image, geometry(image)).network_input
    assert seen is not None
    check(maps_of(run, image, Covering(32)), by_a_loop(torchs(network), seen, 32, Fill.MEAN), 32)


def test_the_same_in_another_program(network: nn.Module, builtin: BuiltinRun) -> None:
    here, there = Pipe()
    model = LiveModel(builtin, "ResNet", RESNET18.preprocessing, RESNET18.sizes, Link.SOFTMAX)
    thread = Thread(target=RemoteServer(model).serve, args=(there,))
    thread.start()
    channel = Channel(here)
    try:
        found = maps_of(remote_model(channel).run, frame(), Covering(32, Fill.BLUR))
    finally:
        channel.close()
        thread.join(10)
    expected = maps_of(builtin, frame(), Covering(32, Fill.BLUR))
    np.testing.assert_array_equal(found.planes, expected.planes)


@pytest.mark.parametrize("shape", [("n", 3, 32, 32), (1, 3, 32, 32)], ids=["batches", "one by one"])
def test_the_same_of_an_onnx_file(shape: tuple[int | str, ...], tmp_path: Path) -> None:
    writer = GraphWriter()
    path = save(writer.model(writer.classifier(), shape=shape), tmp_path / "model.onnx")
    file, how = read_onnx(path), Preprocessing(32, 32, (0.5, 0.4, 0.3), (0.2, 0.25, 0.3))
    run, image = onnx_run(file, how, numbered_labels(file.classes)), frame(32, 32)

    def logits_of(pixels: ByteArray) -> FloatArray:
        return run.run(pixels, geometry(pixels, Fit.SQUASH, 32)).logits

    maps = maps_of(run, image, Covering(16, Fill.BLACK), Fit.SQUASH, 32)
    check(maps, by_a_loop(logits_of, image, 16, Fill.BLACK), 16)


@pytest.mark.parametrize(("patch", "fill"), [(56, Fill.MEAN), (112, Fill.BLUR)])
def test_real_weights_on_a_real_photo(patch: int, fill: Fill, assets: Path) -> None:
    weights = assets / "weights" / "resnet18-imagenet1k-pq.pth"
    explainer = load_model(ModelChoice("resnet18", weights, device=CPU)).explainer
    image = read_image(assets / "images" / "dog_and_cat.png")
    still = Frame(image, still=True)
    request = ExplainRequest(method="Occlusion", covering=Covering(patch, fill))
    explanation = explainer.explain(still, request)
    assert explanation.network_input is not None
    network = torchvision.models.resnet18(weights=None)
    network.load_state_dict(torch.load(weights, weights_only=True))
    top = list(explanation.top(3))
    logits_of = torchs(network.eval())
    expected = by_a_loop(lambda pixels: logits_of(pixels)[top], explanation.network_input, patch, fill)
    cell = patch // 2
    for class_id, its in zip(top, expected, strict=True):
        found = explanation.map(ClassScore(class_id)).values
        np.testing.assert_allclose(np.kron(found, np.ones((cell, cell))), its, atol=1e-4)
    assert expected.max() > 1, "covering the animals costs them logits"


# A run whose scores are sums of pixels: what is covered is known


class Sums(BasicRun):
    """Class 0: the sum of all red; class 1: of all green. Counts what goes through it."""

    head, device, device_title, layer = None, CPU, "CPU", "last"
    labels, offers = ("red", "green"), Needs.MANY_PASSES

    def __init__(self) -> None:
        self.batches: list[int] = []

    def run(self, image: ByteArray, geometry: InputGeometry) -> ForwardPass:
        return self.run_batch([image], [geometry])[0]

    def run_batch(
        self, images: Sequence[ByteArray], geometries: Sequence[InputGeometry]
    ) -> list[ForwardPass]:
        self.batches.append(len(images))
        assert {each.resized for each in geometries} == {images[0].shape[:2]}, "nothing is resized again"
        features = read_only(np.zeros((1, 1, 1), np.float32))
        sums = [image.sum((0, 1), dtype=np.float32)[:2] for image in images]
        return [
            ForwardPass(features, read_only(its), 0.0, read_only(image))
            for its, image in zip(sums, images, strict=True)
        ]


def red_square() -> ByteArray:
    image = np.zeros((64, 64, 3), np.uint8)
    image[16:24, 40:48, 0] = 255
    return image


def whole(image: ByteArray) -> InputGeometry:
    height, width = image.shape[:2]
    return input_geometry(
        width,
        height,
        Fit.WHOLE,
        min(height, width),
        RESNET18.preprocessing,
        replace(RESNET18.sizes, smallest=32),
    )


def of_sums(run: Sums, image: ByteArray, covering: Covering) -> Maps:
    return Occlusion().maps(run, passed(run, image, whole(image), covering), [FIRST])


def test_only_what_is_covered_counts() -> None:
    maps = of_sums(Sums(), red_square(), Covering(16, Fill.BLACK))
    values, total = maps.get(FIRST).values, 255.0 * 64
    expected = np.zeros((8, 8))
    # The red cell itself is covered by four patches, all of which cover it; its neighbours by some.
    expected[1:4, 4:7] = total * np.outer([0.5, 1, 0.5], [0.5, 1, 0.5])
    np.testing.assert_allclose(values, expected)
    assert not maps.get(ClassScore(1)).values.any()


def test_maps_of_all_classes_come_with_one_and_add_up_to_nothing() -> None:
    image = frame(64, 64)
    maps = of_sums(Sums(), image, Covering())
    assert (maps.method, maps.layer, maps.unit, maps.channels) == ("Occlusion", "", Unit.LOGIT_CHANGE, None)
    there = maps.get(ScoreDifference(1, 0))
    np.testing.assert_allclose(there.values, maps.get(ClassScore(1)).values - maps.get(FIRST).values)
    for found in (there, maps.get(FIRST)):
        assert (found.remainder, found.score, found.unit) == (None, None, Unit.LOGIT_CHANGE)
        assert found.values.dtype == np.float32
        assert not found.values.flags.writeable
    assert not maps.planes.flags.writeable
    assert not maps.available(ChannelPart(0, 0))
    assert not maps.available(ClassScore(2))
    with pytest.raises(MapUnavailableError):
        maps.get(ChannelPart(0, 0))
    with pytest.raises(IndexError):
        maps.get(ClassScore(2))


@pytest.mark.parametrize(
    ("width", "height", "patch", "cells", "passes"),
    [
        (64, 64, None, (8, 8), 49),
        (64, 64, 16, (8, 8), 49),
        (64, 64, 8, (16, 16), 225),
        (96, 64, None, (8, 12), 77),
        (64, 64, 15, (9, 9), 64),  # whole cells of 7 or 8 pixels
        (64, 64, 1000, (2, 2), 1),  # one patch over all
    ],
)
def test_cells_and_passes(
    width: int, height: int, patch: int | None, cells: tuple[int, int], passes: int
) -> None:
    run = Sums()
    maps = of_sums(run, frame(width, height), Covering(patch))
    assert maps.planes.shape == (2, *cells)
    assert sum(run.batches) == 1 + passes


def test_large_inputs_go_through_in_parts_of_one_size() -> None:
    run = Sums()
    of_sums(run, frame(448, 448), Covering())
    first, *others = run.batches
    assert (first, sum(others)) == (1, 49)
    assert max(others) * 448 * 448 <= 1 << 20
    assert max(others) - min(others) <= 1


def test_progress_is_told_and_it_ends_when_nobody_wants_it() -> None:
    run, told = Sums(), list[tuple[int, int]]()

    def tell(done: int, total: int) -> None:
        told.append((done, total))

    with reported_to(tell):
        of_sums(run, frame(448, 448), Covering())
    done = [each for each, _ in told]
    assert {total for _, total in told} == {49}
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0, 49)
    assert len(done) == len(run.batches)
    run.batches.clear()
    with pytest.raises(CancelledError), cancellable(lambda: len(run.batches) < 3):
        of_sums(run, frame(448, 448), Covering())
    assert len(run.batches) == 3


def test_averages_are_of_one_patch_and_fill() -> None:
    run, image = Sums(), frame(64, 64)
    one, other = (of_sums(run, image, Covering(16, fill)) for fill in (Fill.BLACK, Fill.GREY))
    assert one.signature == of_sums(run, image, Covering(16, Fill.BLACK)).signature
    assert one.signature != other.signature
    drawn = one.drawn_from(read_only(one.planes * 2))
    assert isinstance(drawn, OcclusionMaps)
    np.testing.assert_array_equal(drawn.get(FIRST).values, one.get(FIRST).values * 2)
