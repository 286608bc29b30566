"""The engine against the networks' own modules and torchvision's own presets, with random weights."""

from __future__ import annotations

import dataclasses
import itertools
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn
from torchcam.methods import CAM
from torchvision.models import ResNet18_Weights
from torchvision.transforms import InterpolationMode, v2
from torchvision.transforms._presets import ImageClassification

from camviewer.core.arrays import ByteArray, read_only
from camviewer.core.cam import class_activation_maps
from camviewer.core.explainer import Explainer
from camviewer.core.explanation import ExplainRequest
from camviewer.core.failures import ModelFailure
from camviewer.core.frames import Fit, Frame
from camviewer.core.geometry import input_geometry
from camviewer.core.loading import ModelChoice, load_model
from camviewer.core.models.builtin import EFFICIENTNET_LITE0, MODELS, RESNET18, spec_named
from camviewer.core.models.spec import ModelInfo, ModelSpec, WeightsOrigin
from camviewer.core.runtimes.base import Needs
from camviewer.core.runtimes.device import CPU
from camviewer.core.runtimes.packing import PackedConv, packed
from camviewer.core.runtimes.registry import resolve_device
from camviewer.core.runtimes.torch_base import fused
from camviewer.core.runtimes.torch_cpu import CpuRun
from camviewer.core.storage.images import read_image
from camviewer.core.targets import ClassScore
from tests.helpers import arrays, cam, exact

SIZES = [
    (640, 480),
    (480, 640),
    (300, 300),
    (224, 224),
    (256, 256),
    (31, 47),
    (1920, 1080),
    (257, 1000),
    (5, 3),
]
CLASSES = 10
PRESETS: Mapping[str, ImageClassification] = {
    "resnet18": ResNet18_Weights.IMAGENET1K_V1.transforms(),
    "efficientnet_lite0": ImageClassification(
        crop_size=224,
        resize_size=256,
        mean=(0.5, 0.5, 0.5),
        std=(0.5, 0.5, 0.5),
        interpolation=InterpolationMode.BICUBIC,
    ),
}
both = pytest.mark.parametrize("spec", MODELS.values(), ids=lambda b: b.name)


@cache
def network(spec: ModelSpec, classes: int = CLASSES) -> nn.Module:
    """The network as its authors wrote it, unfused, with batch norms that do something."""
    torch.manual_seed(0)
    module = spec.architecture.build(classes)
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            assert part.running_mean is not None
            assert part.running_var is not None
            nn.init.normal_(part.running_mean, std=0.3)
            nn.init.uniform_(part.running_var, 0.5, 2)
            nn.init.uniform_(part.weight, 0.5, 1.5)
            nn.init.normal_(part.bias, std=0.3)
        elif isinstance(part, nn.Conv2d):
            nn.init.kaiming_normal_(part.weight)
        elif isinstance(part, nn.Linear):
            nn.init.normal_(part.bias)
    return module.eval().requires_grad_(False)


@cache
def run_of(spec: ModelSpec) -> CpuRun:
    return CpuRun(spec, arrays(network(spec).state_dict()))


def theirs(spec: ModelSpec, network_input: Tensor) -> tuple[Tensor, Tensor]:
    """Features and logits of the authors' module."""
    module = network(spec)
    if spec is EFFICIENTNET_LITE0:
        return module.extract_features(network_input), module(network_input)  # type: ignore[operator]
    kept: list[Tensor] = []
    layer4 = module.layer4
    assert isinstance(layer4, nn.Module)
    hook = layer4.register_forward_hook(lambda _module, _inputs, output: kept.append(output))
    logits = module(network_input)
    hook.remove()
    return kept[0], logits


def noise(width: int, height: int) -> ByteArray:
    return read_only(np.random.default_rng(width).integers(0, 256, (height, width, 3), np.uint8))


def close(ours: np.ndarray, reference: Tensor) -> bool:
    wanted = reference.numpy()
    return ours.shape == wanted.shape and float(np.abs(ours - wanted).max() / np.abs(wanted).max()) < 1e-4


@both
@pytest.mark.parametrize(
    ("width", "height", "fit", "resolution", "cells"),
    [
        (640, 480, Fit.CROP, 224, (7, 7)),
        (31, 47, Fit.SQUASH, 224, (7, 7)),
        (640, 360, Fit.WHOLE, 224, (7, 13)),
        (360, 640, Fit.WHOLE, 160, (9, 5)),
        (200, 300, Fit.CROP, 320, (10, 10)),
    ],
)
def test_features_and_logits_are_those_of_the_unfused_network(
    spec: ModelSpec, width: int, height: int, fit: Fit, resolution: int, cells: tuple[int, int]
) -> None:
    image = noise(width, height)
    geometry = input_geometry(width, height, fit, resolution, spec.preprocessing, spec.sizes)
    ours = run_of(spec)
    output = ours.run(image, geometry)
    features, logits = theirs(spec, ours.prepare(image, geometry).contiguous())
    assert output.features.shape[1:] == cells
    assert close(output.features, features[0])
    assert close(output.logits, logits[0])
    assert float(logits.std()) > 0.1  # there is something to compare
    assert output.features.dtype == output.logits.dtype == np.float32
    assert not output.features.flags.writeable
    assert not output.logits.flags.writeable
    assert output.forward > 0


@both
@pytest.mark.parametrize("fit", Fit)
def test_a_batch_says_what_each_frame_alone_says(spec: ModelSpec, fit: Fit) -> None:
    """Frames of many shapes; under `whole` their inputs are of several sizes."""
    numbers = np.random.default_rng(1)
    shapes = [(60, 80), (80, 60), (50, 50), (300, 400), (60, 80)]
    frames = [Frame(read_only(numbers.integers(0, 256, (*s, 3), np.uint8)), i) for i, s in enumerate(shapes)]
    info = ModelInfo(spec.name, spec.title, CPU, "CPU", "", "", WeightsOrigin.FILE)
    explainer, request = Explainer(run_of(spec), spec, info), ExplainRequest(fit)
    batch = explainer.explain_batch(frames, request)
    assert [e.frame for e in batch] == frames
    for together in batch:
        alone = explainer.explain(together.frame, request)
        assert together.region == alone.region
        np.testing.assert_allclose(exact(together).features, exact(alone).features, rtol=1e-4, atol=1e-4)
        np.testing.assert_allclose(together.logits, alone.logits, rtol=1e-4, atol=1e-4)
        assert together.network_input is not None
        np.testing.assert_array_equal(together.network_input, alone.network_input)
        np.testing.assert_allclose(
            cam(together, 3).mean() + exact(together).head.bias[3], together.logits[3], rtol=1e-5, atol=1e-5
        )
        base = exact(together).features.base
        assert base is None or len(base) == 1  # the others of the batch can be let go


@both
def test_every_logit_is_the_mean_of_its_map_plus_the_bias(spec: ModelSpec) -> None:
    info = ModelInfo(spec.name, spec.title, CPU, "CPU", "", "", WeightsOrigin.FILE)
    explainer = Explainer(run_of(spec), spec, info)
    explanation = explainer.explain(Frame(noise(640, 360)), ExplainRequest(Fit.WHOLE))
    scale = float(np.abs(explanation.logits).max())
    for class_id, logit in enumerate(explanation.logits):
        values, bias = cam(explanation, class_id), exact(explanation).head.bias
        total = float(values.mean(dtype=np.float64) + bias[class_id])
        assert abs(total - float(logit)) < 1e-5 * scale
        assert explanation.map(ClassScore(class_id)).score == pytest.approx(total)


@both
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_input_is_what_torchvision_makes_of_the_bytes(spec: ModelSpec, width: int, height: int) -> None:
    """torchvision v2 resizes bytes as bytes, as we do: the same to rounding."""
    image, prep, preset = noise(width, height), spec.preprocessing, PRESETS[spec.name]
    ours = run_of(spec).prepare(image, input_geometry(width, height, Fit.CROP, 224, prep, spec.sizes))
    assert ours.is_contiguous(memory_format=torch.channels_last)
    reference = v2.Compose(
        [
            v2.Resize(preset.resize_size, preset.interpolation, antialias=True),
            v2.CenterCrop(preset.crop_size),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(preset.mean, preset.std),
        ]
    )(torch.from_numpy(image.transpose(2, 0, 1).copy()))
    assert torch.allclose(ours[0], reference, rtol=0, atol=2e-6)


@both
@pytest.mark.parametrize("size", [(451, 300), (300, 451), (200, 200), (800, 600), (60, 90)])
def test_the_input_is_the_preset_of_the_weights(
    spec: ModelSpec, size: tuple[int, int], samples: Path
) -> None:
    """Pillow and torch round differently: by one step of 255; where bicubic, rarely by more."""
    photo = Image.fromarray(read_image(samples / "coffee.png")).resize(size)
    image, prep, preset = np.array(photo), spec.preprocessing, PRESETS[spec.name]
    ours = run_of(spec).prepare(image, input_geometry(*size, Fit.CROP, 224, prep, spec.sizes))[0]
    std = torch.tensor(prep.std)[:, None, None]
    on_image, on_tensor = preset(photo), preset(torch.from_numpy(image).permute(2, 0, 1))
    for reference, most, share in (
        (on_image, 2 if prep.bicubic else 1, 0.05),
        (on_tensor, 8 if prep.bicubic else 1, 0.3),
    ):
        steps = ((ours - reference) * std * 255).abs()
        assert float(steps.max()) < most + 0.01
        assert float((steps > 0.5).float().mean()) < share


def test_efficientnet_takes_inputs_from_minus_1_to_1() -> None:
    prep = EFFICIENTNET_LITE0.preprocessing
    assert (prep.mean, prep.std, prep.bicubic) == ((0.5,) * 3, (0.5,) * 3, True)
    geometry = input_geometry(32, 32, Fit.SQUASH, 224, prep, EFFICIENTNET_LITE0.sizes)
    for value, expected in ((0, -1.0), (255, 1.0)):
        image = np.full((32, 32, 3), value, np.uint8)
        network_input = run_of(EFFICIENTNET_LITE0).prepare(image, geometry)
        assert torch.allclose(network_input, torch.tensor(expected))


def test_cams_are_those_of_torchcam() -> None:
    ours = run_of(RESNET18)
    image, spec = noise(320, 240), RESNET18
    geometry = input_geometry(320, 240, Fit.CROP, 224, spec.preprocessing, spec.sizes)
    cams = class_activation_maps(ours.run(image, geometry).features, ours.head.weight)
    with CAM(network(RESNET18), "layer4", "fc") as extractor:
        network(RESNET18)(ours.prepare(image, geometry).contiguous())
        for class_id in (0, 3, 9):
            assert close(cams[class_id], extractor(class_id, normalized=False)[0][0])


# Packing


def packed_convolutions(module: nn.Module) -> int:
    return sum(isinstance(part, PackedConv) for part in module.modules())


def test_resnet18_is_packed_on_the_cpu() -> None:
    assert packed_convolutions(run_of(RESNET18).features) == 20
    assert not any(
        isinstance(part, nn.Conv2d | nn.BatchNorm2d) for part in run_of(RESNET18).features.modules()
    )


@both
def test_packed_and_fused_are_the_same_function(spec: ModelSpec) -> None:
    architecture = spec.architecture
    before = fused(architecture.features(network(spec)), architecture.conv_bn)
    assert not any(isinstance(part, nn.BatchNorm2d) for part in before.modules())
    after = packed(before, torch.randn(1, 3, 224, 224))
    for shape in ((224, 224), (160, 288), (224, 224)):  # the layout is made anew for each size
        network_input = torch.randn(1, 3, *shape).to(memory_format=torch.channels_last)
        assert close(after(network_input)[0].numpy(), before(network_input)[0])


class Odd(nn.Module):
    """What may follow or join a convolution, and what packing must leave alone."""

    def __init__(self) -> None:
        super().__init__()
        self.grouped = nn.Conv2d(4, 8, 3, stride=2, padding=1, groups=2, bias=False)
        self.same = nn.Conv2d(8, 8, 3, padding="same", dilation=2)
        self.wide = nn.Conv2d(8, 8, 3, padding=2, dilation=2)
        self.late = nn.Conv2d(8, 8, 1)
        self.relu, self.relu6, self.tanh = nn.ReLU(inplace=True), nn.ReLU6(), nn.Tanh()

    def forward(self, x: Tensor) -> Tensor:
        y = self.relu6(self.grouped(x)) * 3
        y = self.relu(self.wide(y) + self.tanh(self.same(y)))
        z = self.late(y)
        z += y
        doubled = self.late(y)
        doubled = self.relu(doubled + doubled)
        result: Tensor = self.relu(z) + self.relu6(self.wide(doubled)) + z + (self.late(z) + 1)
        return result


def test_packing_of_unusual_networks() -> None:
    torch.manual_seed(0)
    odd, example = Odd().eval().requires_grad_(False), 30 * torch.randn(1, 4, 32, 48)
    fast = packed(odd, example)
    assert packed_convolutions(fast) >= 5
    for network_input in (example, 30 * torch.randn(1, 4, 64, 33)):
        assert torch.allclose(fast(network_input), odd(network_input), rtol=1e-4, atol=1e-5)


class Branching(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.conv(x) if float(x.sum()) > 0 else self.conv(-x)
        return result


class Counting(nn.Module):
    """Tracing freezes what it computes in Python: the traced network computes something else."""

    calls = itertools.count()

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.conv(x) + next(self.calls)
        return result


@pytest.mark.parametrize(
    ("make", "dtype"),
    [
        (Branching, torch.float32),  # can't be traced
        (Counting, torch.float32),  # differs
        (lambda: nn.Sequential(nn.Conv2d(3, 3, 1)).double(), torch.float64),  # oneDNN's operator fails
    ],
    ids=["untraceable", "differs", "operator-fails"],
)
def test_what_can_not_be_packed_is_used_as_it_is(make: Callable[[], nn.Module], dtype: torch.dtype) -> None:
    plain = make().eval().requires_grad_(False)
    assert packed(plain, torch.ones(1, 3, 8, 8, dtype=dtype)) is plain


# Weights that do not fit, and devices that do not work


@both
def test_weights_of_another_network(spec: ModelSpec) -> None:
    other = RESNET18 if spec is EFFICIENTNET_LITE0 else EFFICIENTNET_LITE0
    good = network(spec).state_dict()
    weight, bias = spec.head.weight_key, spec.head.bias_key
    some = next(iter(good))
    for state in (
        network(other).state_dict(),
        {},
        {key: value for key, value in good.items() if key != bias},
        {key: value for key, value in good.items() if key != some},
        {**good, "extra": torch.zeros(1)},
        {**good, some: torch.zeros(1)},
        {**good, weight: torch.zeros(3)},
        {**good, bias: torch.zeros(3)},
    ):
        with pytest.raises(ModelFailure, match=f"These weights are not of {spec.title}") as raised:
            CpuRun(spec, arrays(state))
        assert "state dict" in raised.value.mend


def test_other_class_counts_and_labels(tmp_path: Path) -> None:
    assert run_of(RESNET18).labels == run_of(RESNET18).head.labels
    assert run_of(RESNET18).head.labels == tuple(f"class {i}" for i in range(CLASSES))
    (tmp_path / "own.txt").write_text("\n".join("abcdefghij"), "utf-8")
    state = arrays(network(RESNET18).state_dict())
    named = CpuRun(RESNET18, state, tmp_path / "own.txt")
    assert named.labels == named.head.labels == tuple("abcdefghij")
    np.testing.assert_array_equal(named.head.weight, state["fc.weight"])
    with pytest.raises(ValueError, match="read-only"):
        named.head.weight[0] = 0
    (tmp_path / "own.txt").write_text("a\nb", "utf-8")
    with pytest.raises(ModelFailure, match="has 2 labels, but the model has 10 classes"):
        CpuRun(RESNET18, state, tmp_path / "own.txt")


def test_half_precision_weights() -> None:
    state = {
        key: value.half() if value.is_floating_point() else value
        for key, value in network(RESNET18).state_dict().items()
    }
    geometry = input_geometry(64, 64, Fit.CROP, 224, RESNET18.preprocessing, RESNET18.sizes)
    logits = CpuRun(RESNET18, arrays(state)).run(noise(64, 64), geometry).logits
    exact = run_of(RESNET18).run(noise(64, 64), geometry).logits
    assert logits.dtype == np.float32
    assert np.abs(logits - exact).max() < 0.01 * np.abs(exact).max()


@pytest.mark.parametrize("device", ["banana", "", "cuda:x"])
def test_a_device_that_torch_does_not_know(device: str) -> None:
    with pytest.raises(ModelFailure, match=f"There is no device '{device}'"):
        resolve_device(device)


def test_devices() -> None:
    assert resolve_device("metal") == resolve_device("mps") == "mps"
    assert resolve_device("cpu") == "cpu"
    assert resolve_device("cuda:1") == "cuda:1"
    assert resolve_device("auto") in ("cpu", "cuda", "mps")
    assert run_of(RESNET18).device_title == "CPU"


@both
def test_the_run_offers_what_exact_maps_need(spec: ModelSpec) -> None:
    offers = run_of(spec).offers
    assert Needs.LINEAR_HEAD in offers
    assert Needs.GRADIENTS | Needs.MANY_PASSES in offers
    info = ModelInfo(spec.name, spec.title, CPU, "CPU", "", "", WeightsOrigin.FILE)
    explainer = Explainer(run_of(spec), spec, info)
    maps = exact(explainer.explain(Frame(noise(64, 48)), ExplainRequest()))
    assert maps.head is run_of(spec).head
    assert maps.layer == run_of(spec).layer == spec.layer != ""


@pytest.mark.parametrize("device", ["cuda:99", "xpu:99", "hpu"])
def test_a_device_that_fails_is_replaced_by_the_cpu(device: str) -> None:
    """Without the hardware torch raises RuntimeError, AssertionError and ImportError for these three."""
    loaded = load_model(ModelChoice(EFFICIENTNET_LITE0.name, device=device))
    assert loaded.device_problem is not None
    assert loaded.device_problem.startswith(f"{device} can't be used; ")
    assert loaded.missing is None
    assert (loaded.explainer.info.device, loaded.explainer.info.device_title) == ("cpu", "CPU")


def test_an_unknown_device_is_not_replaced() -> None:
    with pytest.raises(ModelFailure, match="no device 'banana'"):
        load_model(ModelChoice(EFFICIENTNET_LITE0.name, device="banana"))


def test_an_unknown_model() -> None:
    with pytest.raises(ModelFailure, match="There is no model 'vgg'") as raised:
        spec_named("vgg")
    assert "resnet18" in raised.value.mend


def test_the_embedded_model_sees_the_cat(samples: Path) -> None:
    loaded = load_model(ModelChoice(EFFICIENTNET_LITE0.name, device="cpu"))
    explanation = loaded.explainer.explain(Frame(read_image(samples / "cat.png")), ExplainRequest())
    assert {explanation.label(i) for i in explanation.top(3)} & {"tabby", "tiger cat", "Egyptian cat"}
    assert loaded.explainer.info.weights_origin == "embedded"
    assert dataclasses.astuple(loaded.explainer.info)[:4] == (
        "efficientnet_lite0",
        "EfficientNet-Lite0",
        "cpu",
        "CPU",
    )


@pytest.mark.slow
def test_triton_stays_out() -> None:
    """Its LLVM crashes beside that of an OpenGL driver. torchvision imports it where it is installed."""
    code = (
        "import sys; from camviewer.core.runtimes.libraries import prepare_torch;"
        "prepare_torch(); import torchvision, torch._dynamo;"
        "print([name for name, module in sys.modules.items() if name.startswith('triton') and module])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
