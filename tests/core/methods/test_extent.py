"""Object extent: against the recipe, written plainly in torch; where it can be had; what it never does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from camviewer.core.arrays import ByteArray, FloatArray
from camviewer.core.explainer import Explainer
from camviewer.core.explanation import ExplainRequest
from camviewer.core.frames import Fit, Frame
from camviewer.core.geometry import InputGeometry
from camviewer.core.localize import localize
from camviewer.core.maps import EXTENT, Unit
from camviewer.core.methods import extent
from camviewer.core.methods.base import PassedFrame
from camviewer.core.methods.cam import CamMethod
from camviewer.core.methods.extent import ObjectExtent, spread
from camviewer.core.methods.offers import method_offers
from camviewer.core.models.builtin import MODELS, RESNET18
from camviewer.core.models.card import Layer
from camviewer.core.models.onnx_file import read_onnx
from camviewer.core.models.spec import ModelInfo, ModelSpec, WeightsOrigin
from camviewer.core.models.weights import WeightsFile, read_state_dict
from camviewer.core.runtimes.base import ModelRun, Needs, earlier_layer
from camviewer.core.runtimes.device import CPU
from camviewer.core.runtimes.onnx_builtin import OnnxCpu
from camviewer.core.storage.images import read_image
from camviewer.core.targets import ChannelPart, ClassScore, ScoreDifference, Target
from tests.core.runtimes import module_networks
from tests.core.runtimes import test_onnx as onnx_tests
from tests.core.runtimes import test_onnx_builtin as builtin_tests
from tests.onnx_models import CHANNELS, SIDE, GraphWriter, save

NEAR = 1e-4
TARGETS: tuple[Target, ...] = (ClassScore(1), ClassScore(4), ScoreDifference(4, 1), ChannelPart(1, 3))
INFO = ModelInfo("fake", "Fake", CPU, "CPU", "0" * 64, "fake.pth", WeightsOrigin.FILE)


def recipe(cam: Tensor, features: Tensor) -> Tensor:
    """Issue 17, cell by cell. cam: [h, w]; features: [C, h', w'], of the earlier layer."""
    rows, columns = features.shape[1:]
    mean = features.flatten(1).mean(1)
    cells = [features[:, r, c] - mean for r in range(rows) for c in range(columns)]
    cells = [x / (x.norm() + 1e-6) for x in cells]
    u = nn.functional.interpolate(cam[None, None], (rows, columns), mode="bilinear").flatten()
    spread_out = torch.zeros(rows * columns, dtype=cam.dtype)
    stacked = torch.stack(cells)
    for i, x in enumerate(cells):
        alike = (stacked @ x).clamp(min=0)
        spread_out[i] = (alike * u).sum() / (alike.sum() + 1e-8)
    return spread_out.reshape(rows, columns)


def by_recipe(
    network: nn.Module, network_input: Tensor, layers: tuple[str, str], weight: FloatArray, class_id: int
) -> FloatArray:
    """A class's extent with plain torch. layers: the earlier one, and that of the features."""
    outputs: dict[str, Tensor] = {}
    hooks = [
        network.get_submodule(name).register_forward_hook(
            lambda _, __, output, name=name: outputs.__setitem__(name, output.detach().double())
        )
        for name in layers
    ]
    with torch.no_grad():
        network(network_input)
    for hook in hooks:
        hook.remove()
    earlier, features = (outputs[name][0] for name in layers)
    cam = torch.einsum("c,chw->hw", torch.from_numpy(weight[class_id]).double(), features)
    result: FloatArray = recipe(cam, earlier).numpy()
    return result


def normalised(pixels: ByteArray, mean: tuple[float, ...], std: tuple[float, ...]) -> Tensor:
    planes = torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() / 255
    return (planes - torch.tensor(mean).view(1, -1, 1, 1)) / torch.tensor(std).view(1, -1, 1, 1)


def passed_by(run: ModelRun, image: ByteArray, geometry: InputGeometry) -> PassedFrame:
    passing = run.earlier or run
    return PassedFrame(image, geometry, passing.run(image, geometry))


def near(found: FloatArray, expected: FloatArray) -> None:
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() <= NEAR * np.abs(expected).max()


# Against the recipe


@pytest.mark.parametrize(("fit", "resolution"), [(Fit.SQUASH, 224), (Fit.WHOLE, 160), (Fit.SQUASH, 448)])
def test_resnet18_is_the_recipe(fit: Fit, resolution: int) -> None:
    network, image = builtin_tests.with_random_weights(RESNET18), builtin_tests.noise()
    run = builtin_tests.run_of(RESNET18, builtin_tests.arrays(network))
    passed = passed_by(run, image, builtin_tests.geometry(RESNET18, image, fit, resolution))
    assert passed.forward.earlier is not None, "it came with the pass"
    maps = ObjectExtent().maps(run, passed, TARGETS)
    pixels, preprocessing = passed.forward.network_input, RESNET18.preprocessing
    assert pixels is not None
    network_input = normalised(pixels, preprocessing.mean, preprocessing.std)
    for target in TARGETS[:2]:
        found = maps.get(target)
        layers = ("layer3", "layer4")
        near(found.values, by_recipe(network, network_input, layers, run.head.weight, target.class_id))
        assert found.values.shape == (pixels.shape[0] // 16, pixels.shape[1] // 16)
        assert not found.values.flags.writeable
        assert found.values.dtype == np.float32
        assert (found.unit, found.remainder, found.method) == (Unit.RELATIVE, None, EXTENT)
    difference = maps.get(TARGETS[1]).values - maps.get(TARGETS[0]).values
    np.testing.assert_allclose(maps.get(TARGETS[2]).values, difference, atol=1e-4 * np.abs(difference).max())
    assert maps.available(TARGETS[3])


@pytest.mark.weights
def test_a_photo_with_real_weights(assets: Path) -> None:
    """Values of some logits: 1e-4 of them, not of a share."""
    state, _ = read_state_dict(WeightsFile(assets / "weights/resnet18-imagenet1k-pq.pth", WeightsOrigin.FILE))
    run = OnnxCpu().load(RESNET18, state, CPU)
    plain = torchvision.models.resnet18().eval()
    plain.load_state_dict({name: torch.from_numpy(values.copy()) for name, values in state.items()})
    image = read_image(assets / "images/dog_and_cat.png")
    for resolution in (224, 448):
        geometry = builtin_tests.geometry(RESNET18, image, Fit.SQUASH, resolution)
        passed = passed_by(run, image, geometry)
        pixels, preprocessing = passed.forward.network_input, RESNET18.preprocessing
        assert pixels is not None
        network_input = normalised(pixels, preprocessing.mean, preprocessing.std)
        for class_id in (242, 282):
            target = ClassScore(class_id)
            found = ObjectExtent().maps(run, passed, [target]).get(target).values
            expected = by_recipe(plain, network_input, ("layer3", "layer4"), run.head.weight, class_id)
            assert np.abs(found - expected).max() <= NEAR
            assert localize(found, geometry.region).box is not None


OTHERS = {
    "resnet50": ("layer3", "layer4"),
    "mobilenet_v2": ("features.13", "features.18"),
    "efficientnet_b0": ("features.5", "features.8"),
    "regnet_y_400mf": ("trunk_output.block3", "trunk_output.block4"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_modules_of_torch(name: str) -> None:
    torch.manual_seed(0)
    network = module_networks.randomised(torchvision.models.get_model(name, weights=None, num_classes=7))
    run = module_networks.run_of(network, 128)
    assert run.earlier is None, "the network runs a second time"
    assert Needs.EARLIER_LAYER in run.offers
    layer = earlier_layer(run.layers, run.layer)
    assert layer is not None
    assert layer.name == OTHERS[name][0]
    image, geometry = module_networks.frame(1), module_networks.geometry(128)
    passed = passed_by(run, image, geometry)
    found = ObjectExtent().maps(run, passed, [ClassScore(3)]).get(ClassScore(3)).values
    assert run.head is not None
    assert passed.forward.network_input is not None
    settings = module_networks.preprocessing(128)
    network_input = normalised(passed.forward.network_input, settings.mean, settings.std)
    near(found, by_recipe(network, network_input, OTHERS[name], run.head.weight, 3))


def two_stages(writer: GraphWriter) -> str:
    first = writer.node("Relu", writer.conv("image", 3, 8, 3, 4))
    return writer.linear(writer.pooled(writer.node("Relu", writer.conv(first, 8, CHANNELS, 3, 2))))


def test_files_of_onnx(tmp_path: Path) -> None:
    writer = GraphWriter()
    file = read_onnx(save(writer.model(two_stages(writer)), tmp_path / "model.onnx"))
    run = onnx_tests.unnamed(file, onnx_tests.PREPROCESSING)
    image = onnx_tests.noise()
    geometry = onnx_tests.geometry(image, onnx_tests.PREPROCESSING, 2 * SIDE)
    assert run.earlier is not None
    assert run.passes is not None
    plain, along = run.run(image, geometry), run.earlier.run(image, geometry)
    assert along.earlier is not None
    assert plain.earlier is None
    assert along.earlier.shape == (8, SIDE // 2, SIDE // 2)
    np.testing.assert_allclose(along.features, plain.features, atol=1e-5)
    np.testing.assert_allclose(along.logits, plain.logits, atol=1e-5)
    assert along.network_input is not None
    assert plain.network_input is not None
    np.testing.assert_array_equal(along.network_input, plain.network_input)
    layer = earlier_layer(run.layers, run.layer)
    assert layer is not None
    np.testing.assert_allclose(along.earlier, run.passes.activations(image, geometry, layer.name), atol=1e-5)
    for array in (along.features, along.logits, along.network_input, along.earlier):
        assert array is not None
        assert not array.flags.writeable
    maps = [
        ObjectExtent().maps(run, PassedFrame(image, geometry, forward), TARGETS[:2])
        for forward in (along, plain)
    ]
    for target in TARGETS[:2]:
        found, again = (each.get(target).values for each in maps)
        near(found, again)
        cam = CamMethod().maps(run, PassedFrame(image, geometry, plain), ()).get(target).values
        near(found, recipe(torch.from_numpy(cam.copy()), torch.from_numpy(along.earlier.copy())).numpy())


@pytest.mark.parametrize("spec", MODELS.values(), ids=MODELS.keys())
def test_built_in_networks_need_one_pass(spec: ModelSpec) -> None:
    network, image = builtin_tests.with_random_weights(spec), builtin_tests.noise()
    run = builtin_tests.run_of(spec, builtin_tests.arrays(network))
    geometry = builtin_tests.geometry(spec, image, Fit.SQUASH, 160)
    assert run.earlier is not None
    assert run.passes is not None
    layer = earlier_layer(run.layers, run.layer)
    assert layer is not None
    assert layer.name == {"resnet18": "layer3", "efficientnet_lite0": "_blocks.10"}[spec.name]
    along, plain = run.earlier.run(image, geometry), run.run(image, geometry)
    np.testing.assert_allclose(along.features, plain.features, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(along.logits, plain.logits, rtol=1e-4, atol=1e-5)
    assert along.earlier is not None
    assert not along.earlier.flags.writeable
    expected = run.passes.activations(image, geometry, layer.name)
    assert np.abs(along.earlier - expected).max() <= 1e-4 * np.abs(expected).max()

    def no_second_pass(*_: object) -> None:
        raise AssertionError("the network runs once")

    run.run = run.run_batch = run.passes.activations = no_second_pass  # type: ignore[assignment,method-assign]
    explainer = Explainer(run, spec, INFO)
    frame = Frame(image, still=True)
    request = ExplainRequest(Fit.SQUASH, 160, method=EXTENT, targets=(ClassScore(2),))
    assert explainer.batch_size(request) == 1
    once = explainer.explain(frame, request).map(ClassScore(2)).values
    (in_batch,) = explainer.explain_batch([frame], request)
    np.testing.assert_array_equal(in_batch.map(ClassScore(2)).values, once)
    assert once.shape == (10, 10)
    fine = explainer.explain(frame, replace(request, fine=True))
    assert fine.drawn_map(ClassScore(2)).values.shape == (20, 20)
    assert fine.map(ClassScore(2)).values.shape == (10, 10)


# Where it can't be had


def test_a_network_without_an_earlier_stage_says_so() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(3, 8, 8, stride=8), nn.ReLU(), nn.Conv2d(8, 12, 3, padding=1), nn.ReLU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(12, 3),
    )  # fmt: skip
    run = module_networks.run_of(network, 64)
    assert run.head is not None
    (offer,) = method_offers({EXTENT: ObjectExtent()}, run)
    assert offer.missing is not None
    assert "twice as many rows and columns" in offer.missing


def test_a_network_without_maps_that_add_up_says_so() -> None:
    network = nn.Sequential(
        nn.Conv2d(3, 8, 8, stride=8), nn.ReLU(), nn.Conv2d(8, 12, 3, stride=2, padding=1), nn.ReLU(),
        nn.Flatten(), nn.Linear(12 * 4 * 4, 3),
    )  # fmt: skip
    (offer,) = method_offers({EXTENT: ObjectExtent()}, module_networks.run_of(network, 64))
    assert offer.missing is not None
    assert "one linear layer" in offer.missing


def layers(*sides: tuple[int, int]) -> tuple[Layer, ...]:
    return tuple(Layer(f"l{i}", "Conv2d", 4, *side) for i, side in enumerate(sides))


@pytest.mark.parametrize(
    ("sides", "found"),
    [
        ([(28, 28), (14, 14), (14, 14), (7, 7), (7, 7)], "l2"),
        ([(35, 35), (17, 17), (8, 8)], "l1"),
        ([(15, 15), (8, 8)], "l0"),
        ([(14, 20), (7, 10)], "l0"),
        ([(28, 28), (7, 7)], None),
        ([(14, 7), (7, 7)], None),
        ([(14, 14), (14, 14)], None),
        ([(7, 7)], None),
        ([], None),
    ],
)
def test_the_earlier_layer(sides: list[tuple[int, int]], found: str | None) -> None:
    chosen = earlier_layer(layers(*sides), "a function's")
    assert (None if chosen is None else chosen.name) == found


def test_what_comes_after_the_features_is_not_looked_at() -> None:
    assert earlier_layer(layers((28, 28), (14, 14), (7, 7)), "l1") == layers((28, 28))[0]
    assert earlier_layer(layers((28, 28), (14, 14), (7, 7)), "l0") is None


# Spreading

sizes = st.tuples(st.integers(1, 5), st.integers(1, 5))


def random_activations(seed: int, rows: int, columns: int) -> FloatArray:
    return np.random.default_rng(seed).standard_normal((6, rows, columns)).astype(np.float32)


@given(st.floats(-100, 100, width=32), st.integers(0, 9), sizes, st.integers(2, 9), st.integers(2, 9))
def test_a_constant_map_stays_as_it_is(
    value: float, seed: int, size: tuple[int, int], rows: int, columns: int
) -> None:
    maps = np.full((2, *size), value, np.float32)
    found = spread(maps, random_activations(seed, rows, columns))
    assert found.shape == (2, rows, columns)
    np.testing.assert_allclose(found, value, atol=1e-5 * max(abs(value), 1))


@given(st.integers(0, 50), st.integers(2, 9), st.integers(2, 9))
def test_values_are_means_of_the_map_s(seed: int, rows: int, columns: int) -> None:
    maps = np.random.default_rng(seed).standard_normal((1, 3, 4)).astype(np.float32)
    found = spread(maps, random_activations(seed, rows, columns))
    assert found.min() >= maps.min() - 1e-5
    assert found.max() <= maps.max() + 1e-5


def test_what_is_alike_gets_alike() -> None:
    """Evidence in one cell of a thing is spread over the thing, and not over what is around it."""
    thing = np.zeros((12, 12), bool)
    thing[2:9, 3:6] = True
    activations = np.where(thing, np.array([1.0, 0])[:, None, None], np.array([0, 1.0])[:, None, None])
    maps = np.zeros((1, 6, 6), np.float32)
    maps[0, 2, 2] = 1
    (found,) = spread(maps, activations.astype(np.float32))
    assert np.ptp(found[thing]) < 1e-6
    assert found[thing].min() > 5 * found[~thing].max()


def test_cells_that_are_all_the_same_have_nothing_to_spread_along() -> None:
    found = spread(np.ones((1, 2, 2), np.float32), np.ones((3, 4, 4), np.float32))
    np.testing.assert_array_equal(found, 0)


@pytest.mark.parametrize("chunk", [1, 100, 400])
def test_many_cells_are_compared_in_parts(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    maps = np.random.default_rng(0).standard_normal((3, 5, 4)).astype(np.float32)
    activations = random_activations(1, 10, 8)
    whole = spread(maps, activations)
    monkeypatch.setattr(extent, "_CHUNK", chunk)
    np.testing.assert_allclose(spread(maps, activations), whole, atol=1e-5)
