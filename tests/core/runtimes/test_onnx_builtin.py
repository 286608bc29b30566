"""The built-in networks in ONNX Runtime, against the same networks in plain torch."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image
from torch import nn

from camviewer.core.arrays import AnyArray, ByteArray
from camviewer.core.failures import ModelFailure
from camviewer.core.frames import Fit
from camviewer.core.geometry import InputGeometry, input_geometry
from camviewer.core.methods.base import PassedFrame
from camviewer.core.methods.registry import METHODS
from camviewer.core.models.builtin import EFFICIENTNET_LITE0, MODELS, RESNET18
from camviewer.core.models.graphs import graph_weights, misfit, network_graph
from camviewer.core.models.spec import ModelSpec, WeightsOrigin
from camviewer.core.models.weights import WeightsFile, read_state_dict
from camviewer.core.resources import resource_path
from camviewer.core.runtimes.base import Needs
from camviewer.core.runtimes.device import CPU
from camviewer.core.runtimes.onnx_builtin import BuiltinRun, OnnxCpu
from camviewer.core.runtimes.onnx_session import OnnxSession
from camviewer.core.runtimes.torch_cpu import CpuRun
from camviewer.core.targets import ClassScore

CLASSES = 7
EVERY = pytest.mark.parametrize("spec", MODELS.values(), ids=MODELS.keys())


def with_random_weights(spec: ModelSpec, classes: int = CLASSES, seed: int = 0) -> nn.Module:
    """As a trained network has them: batch norms whose statistics are not 0 and 1."""
    network = spec.architecture.build(classes).eval()
    generator = torch.Generator().manual_seed(seed)
    for name, values in network.state_dict().items():
        if name.endswith(("running_var", "running_mean")) or (values.ndim == 1 and "fc" not in name):
            values.copy_(torch.rand(values.shape, generator=generator) * 0.4 + 0.8 * ("mean" not in name))
    return network


def arrays(network: nn.Module) -> dict[str, AnyArray]:
    return {name: values.numpy() for name, values in network.state_dict().items()}


def named(classes: int) -> list[str]:
    return [f"class {i}" for i in range(classes)]


def run_of(spec: ModelSpec, state: Mapping[str, AnyArray]) -> BuiltinRun:
    return BuiltinRun(spec, state, named)


def noise(height: int = 240, width: int = 320, seed: int = 0) -> ByteArray:
    """Coarse and fine structures, as frames have."""
    random = np.random.default_rng(seed)
    coarse = np.kron(random.integers(0, 200, (8, 8, 3)), np.ones((height // 8, width // 8, 1)))
    fine = random.integers(0, 56, (height, width, 3))
    return np.ascontiguousarray(coarse.astype(np.uint8) + fine.astype(np.uint8))


def geometry(
    spec: ModelSpec, image: ByteArray, fit: Fit = Fit.CROP, resolution: int | None = None
) -> InputGeometry:
    made = input_geometry(image.shape[1], image.shape[0], fit, resolution, spec.preprocessing, spec.sizes)
    return replace(made, exact=True)


def torchs(spec: ModelSpec, network: nn.Module, pixels: ByteArray) -> tuple[AnyArray, AnyArray]:
    """Features and logits of pixels that were resized already, in float64."""
    network = network.double()
    mean, std = (
        torch.tensor(each, dtype=torch.float64).view(1, 3, 1, 1)
        for each in (spec.preprocessing.mean, spec.preprocessing.std)
    )
    network_input = (torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None] / 255 - mean) / std
    with torch.no_grad():
        features = spec.architecture.features(network)(network_input)
        return features[0].numpy(), network(network_input)[0].numpy()


@EVERY
@pytest.mark.parametrize(("fit", "resolution"), [(Fit.CROP, 224), (Fit.WHOLE, 160), (Fit.SQUASH, 288)])
def test_features_and_logits_are_torchs(spec: ModelSpec, fit: Fit, resolution: int) -> None:
    network, image = with_random_weights(spec), noise()
    passed = run_of(spec, arrays(network)).run(image, geometry(spec, image, fit, resolution))
    assert passed.network_input is not None
    features, logits = torchs(spec, network, passed.network_input)
    assert passed.features.shape == features.shape
    assert np.abs(passed.features - features).max() <= 1e-5 * np.abs(features).max()
    assert np.abs(passed.logits - logits).max() <= 1e-5 * np.abs(logits).max()
    for array in (passed.features, passed.logits, passed.network_input):
        assert not array.flags.writeable


@EVERY
def test_a_score_is_the_mean_of_its_map_and_the_bias(spec: ModelSpec) -> None:
    image = noise()
    run = run_of(spec, arrays(with_random_weights(spec)))
    passed = run.run(image, geometry(spec, image))
    maps = np.einsum("nc,chw->nhw", run.head.weight.astype(np.float64), passed.features)
    np.testing.assert_allclose(maps.mean((1, 2)) + run.head.bias, passed.logits, atol=1e-5)


@EVERY
def test_a_batch_is_what_each_gives_alone(spec: ModelSpec) -> None:
    images = [noise(seed=seed) for seed in range(3)]
    geometries = [geometry(spec, image) for image in images]
    run = run_of(spec, arrays(with_random_weights(spec)))
    for image, made, passed in zip(images, geometries, run.run_batch(images, geometries), strict=True):
        alone = run.run(image, made)
        np.testing.assert_allclose(passed.features, alone.features, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(passed.logits, alone.logits, rtol=1e-4, atol=1e-5)
        assert passed.features.base is None, "it keeps no other of the batch in memory"


@EVERY
def test_layers_and_passes_are_torchs(spec: ModelSpec) -> None:
    network, image = with_random_weights(spec), noise()
    state = arrays(network)
    ours, theirs = run_of(spec, state), CpuRun(spec, state)
    made = geometry(spec, image)
    assert ours.layers == theirs.layers
    assert ours.offers == theirs.offers
    assert ours.offers == ~Needs.ATTENTION
    assert ours.passes is not None
    assert theirs.passes is not None
    for layer in ours.layers:
        mine, other = (p.activations(image, made, layer.name) for p in (ours.passes, theirs.passes))
        assert mine.shape == other.shape
        assert np.abs(mine - other).max() <= 1e-4 * np.abs(other).max(), layer.name
    masks = np.random.default_rng(0).random((3, 224, 224), np.float32)
    mine, other = (p.of_masked(image, made, masks) for p in (ours.passes, theirs.passes))
    np.testing.assert_allclose(mine, other, rtol=1e-3, atol=1e-4)
    for layer in (ours.layers[1], ours.layers[-1]):
        planes = theirs.passes.activations(image, made, layer.name)
        changed = np.stack([planes, planes * 0.5])
        mine, other = (
            p.of_activations(image, made, layer.name, changed) for p in (ours.passes, theirs.passes)
        )
        np.testing.assert_allclose(mine, other, rtol=1e-3, atol=1e-4)


def test_gradients_are_torchs() -> None:
    state, image = arrays(with_random_weights(RESNET18)), noise()
    ours, theirs = run_of(RESNET18, state), CpuRun(RESNET18, state)
    made, targets = geometry(RESNET18, image), [ClassScore(1), ClassScore(3)]
    assert ours.gradients is not None
    assert theirs.gradients is not None
    mine, other = (run.gradients.of(image, made, "layer3", targets) for run in (ours, theirs))  # type: ignore[union-attr]
    np.testing.assert_array_equal(mine.gradients, other.gradients)


@EVERY
def test_every_method_that_it_offers_works(spec: ModelSpec) -> None:
    image = noise(64, 64)
    run = run_of(spec, arrays(with_random_weights(spec)))
    made = geometry(spec, image, Fit.SQUASH, 160)
    passed = PassedFrame(image, made, run.run(image, made))
    offered = [method for method in METHODS.values() if method.needs in run.offers]
    assert len(offered) > 5
    for method in offered:
        values = method.maps(run, passed, [ClassScore(1)]).get(ClassScore(1)).values
        assert np.isfinite(values).all(), method.name


@EVERY
def test_any_number_of_classes_fits(spec: ModelSpec) -> None:
    image = noise()
    for classes in (2, 1000, 21_843):
        run = run_of(spec, arrays(with_random_weights(spec, classes)))
        assert run.run(image, geometry(spec, image)).logits.shape == (classes,)


@EVERY
def test_weights_of_other_networks_are_refused_by_name(spec: ModelSpec) -> None:
    state = arrays(with_random_weights(spec))
    graph = network_graph(spec)
    assert misfit(graph, state) == ""
    weight, bias = spec.head.weight_key, spec.head.bias_key
    first = next(name for name in state if name.endswith("weight"))
    changes: dict[str, tuple[dict[str, AnyArray], str]] = {
        "missing": ({n: v for n, v in state.items() if n != first}, f"{first} is missing"),
        "more": (state | {"extra.weight": np.zeros(3)}, "extra.weight is not of this network"),
        "shape": (state | {first: np.zeros((3, 3, 3, 3), np.float32)}, f"{first} is [3, 3, 3, 3], not"),
        "width": (state | {weight: np.zeros((CLASSES, 99), np.float32)}, f"{weight} is [{CLASSES}, 99]"),
        "rows": (state | {bias: np.zeros(CLASSES + 1, np.float32)}, "other numbers of classes"),
    }
    for changed, problem in changes.values():
        assert problem in misfit(graph, changed)
        with pytest.raises(ModelFailure, match="These weights are not of") as caught:
            OnnxCpu().load(spec, changed, CPU)
        assert problem in str(caught.value.details)


def test_counters_of_old_files_may_be_missing() -> None:
    state = arrays(with_random_weights(RESNET18))
    old = {name: values for name, values in state.items() if not name.endswith("num_batches_tracked")}
    image = noise()
    made = geometry(RESNET18, image)
    ours, before = run_of(RESNET18, state).run(image, made), run_of(RESNET18, old).run(image, made)
    np.testing.assert_array_equal(ours.features, before.features)


def test_a_weight_of_another_shape_is_refused_by_onnx_runtime_too() -> None:
    graph, state = network_graph(RESNET18), arrays(with_random_weights(RESNET18))
    weights = graph_weights(RESNET18, graph, state, RESNET18.preprocessing)
    weights["conv1.weight"] = np.zeros((64, 3, 5, 5), np.float32)
    with pytest.raises(RuntimeError, match="dimensions do not match"):
        OnnxSession(graph.model, weights)


@EVERY
def test_the_graphs_are_small_and_hold_no_weights(spec: ModelSpec) -> None:
    paths = [resource_path(f"graphs/{spec.name}.{suffix}") for suffix in ("onnx", "json")]
    assert sum(path.stat().st_size for path in paths) < 60_000


@EVERY
def test_a_run_is_freed_without_a_collection(spec: ModelSpec) -> None:
    gc.collect()
    gc.disable()
    try:
        run = run_of(spec, arrays(with_random_weights(spec)))
        gone = weakref.ref(run)
        image = noise(64, 64)
        assert run.passes is not None
        run.passes.activations(image, geometry(spec, image), run.layers[0].name)
        del run
        assert gone() is None
    finally:
        gc.enable()


def test_grey_lite_is_padded_as_its_original_is() -> None:
    """TensorFlow pads more on the right and below: sides that are no power of 2 show it."""
    network, image = with_random_weights(EFFICIENTNET_LITE0), noise(96, 416)
    run = run_of(EFFICIENTNET_LITE0, arrays(network))
    passed = run.run(image, geometry(EFFICIENTNET_LITE0, image, Fit.WHOLE, 224))
    assert passed.network_input is not None
    features, _ = torchs(EFFICIENTNET_LITE0, network, passed.network_input)
    assert np.abs(passed.features - features).max() <= 1e-5 * np.abs(features).max()


@pytest.mark.slow
@pytest.mark.weights
def test_photos_are_explained_as_torchvision_explains_them(assets: Path) -> None:
    """Real weights and photos; every fit; the photo's preparation included."""
    state, _ = read_state_dict(WeightsFile(assets / "weights/resnet18-imagenet1k-pq.pth", WeightsOrigin.FILE))
    run = OnnxCpu().load(RESNET18, state, CPU)
    plain = torchvision.models.resnet18()
    plain.load_state_dict({name: torch.from_numpy(values.copy()) for name, values in state.items()})
    up_to_features = nn.Sequential(*list(plain.eval().children())[:-2])
    normalise = torchvision.transforms.Normalize(RESNET18.preprocessing.mean, RESNET18.preprocessing.std)
    photos = sorted((assets / "images").glob("*.[jp][pn]g"))
    assert len(photos) > 40
    compared = 0
    for index, photo in enumerate(photos):
        image = Image.open(photo).convert("RGB")
        # Each in one of the fits; some in all, and larger. docs/performance.md has all in all of them.
        for fit in Fit if index % 8 == 0 else [list(Fit)[index % 3]]:
            for resolution in (224, 448) if index % 8 == 0 else (224,):
                made = geometry(RESNET18, np.asarray(image), fit, resolution)
                passed = run.run(np.asarray(image), made)
                resized = torchvision.transforms.functional.resize(
                    torchvision.transforms.functional.crop(
                        image, made.trim.top, made.trim.left, made.trim.height, made.trim.width
                    ),
                    list(made.resized),
                )
                crop = made.crop
                cut = torchvision.transforms.functional.crop(
                    resized, crop.top, crop.left, crop.height, crop.width
                )
                with torch.no_grad():
                    pixels = torchvision.transforms.functional.to_tensor(cut)
                    features = up_to_features(normalise(pixels)[None])
                    logits = plain.fc(features.mean((2, 3)))[0]
                best = int(logits.argmax())
                assert passed.logits.argmax() == best
                shares = torch.from_numpy(passed.logits.copy()).softmax(0)
                assert float((shares - logits.softmax(0)).abs().max()) <= 1e-4
                weight = plain.fc.weight[best].detach().numpy()
                ours = np.einsum("c,chw->hw", weight, passed.features)
                theirs = np.einsum("c,chw->hw", weight, features[0].numpy())
                assert np.abs(ours - theirs).max() <= 1e-4 * np.abs(theirs).max()
                assert abs(ours.mean() + run.head.bias[best] - passed.logits[best]) <= 1e-4
                compared += 1
    assert compared > len(photos)
