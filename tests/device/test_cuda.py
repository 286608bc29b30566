"""CUDA graphs, pinned memory and precisions on a real GPU; skipped where there is none.

`tests/device/check.py` runs these first. Weights are random: nothing here needs a file.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from camviewer.core.arrays import ByteArray
from camviewer.core.averaging import averaged_planes
from camviewer.core.explainer import Explainer
from camviewer.core.explanation import ExplainRequest
from camviewer.core.frames import Fit, Frame
from camviewer.core.geometry import InputGeometry, input_geometry
from camviewer.core.models.builtin import RESNET18
from camviewer.core.models.spec import ModelInfo, Preprocessing, SizeRule, WeightsOrigin
from camviewer.core.runtimes.base import ForwardPass
from camviewer.core.runtimes.device import CPU, Device
from camviewer.core.runtimes.precision import Precision
from camviewer.core.runtimes.preprocess import input_pixels
from camviewer.core.runtimes.torch_base import TorchRun
from camviewer.core.runtimes.torch_cpu import CpuRun
from camviewer.core.runtimes.torch_cuda import TorchCuda
from camviewer.core.runtimes.torch_graphs import MOST_SHAPES, RecordedFrames
from camviewer.core.runtimes.torch_module import ModuleRun, module_run
from camviewer.core.targets import ClassScore

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")
CUDA = Device("cuda")
TOLERANCE = {Precision.FLOAT32: 1e-5, Precision.TF32: 5e-3, Precision.FLOAT16: 5e-3}
"""Of features against the CPU's, as a share of the largest one."""


@pytest.fixture(scope="module")
def state() -> dict[str, np.ndarray]:
    torch.manual_seed(0)
    network = RESNET18.architecture.build(10)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean = torch.randn_like(module.running_mean) * 0.1  # type: ignore[arg-type]
            module.running_var = torch.rand_like(module.running_var) + 0.5  # type: ignore[arg-type]
    return {name: tensor.numpy() for name, tensor in network.state_dict().items()}


@pytest.fixture(autouse=True)
def _no_memory_is_left() -> Iterator[None]:
    """What a test loaded is freed: memory of the device doesn't grow from test to test."""
    yield
    gc.collect()
    torch.cuda.empty_cache()


def run_of(state: dict[str, np.ndarray], precision: Precision) -> TorchRun:
    run = TorchCuda().load(RESNET18, state, CUDA, None, precision)
    assert isinstance(run, TorchRun)
    return run


def noise(width: int, height: int, seed: int = 0) -> ByteArray:
    coarse = np.random.default_rng(seed).integers(0, 256, (height // 8 + 1, width // 8 + 1, 3))
    return np.kron(coarse, np.ones((8, 8, 1))).astype(np.uint8)[:height, :width]


def geometry(width: int, height: int, fit: Fit = Fit.CROP, resolution: int | None = None) -> InputGeometry:
    found = input_geometry(width, height, fit, resolution, RESNET18.preprocessing, RESNET18.sizes)
    return replace(found, exact=True)


def difference(ours: ForwardPass, theirs: ForwardPass) -> float:
    return float(np.abs(ours.features - theirs.features).max() / np.abs(theirs.features).max())


def identity(run: TorchRun | ModuleRun, passed: ForwardPass) -> float:
    assert run.head is not None
    ours = run.head.weight @ passed.features.mean((1, 2), dtype=np.float64) + run.head.bias
    return float(np.abs(ours - passed.logits).max())


@pytest.mark.parametrize("precision", [Precision.FLOAT32, Precision.TF32, Precision.FLOAT16])
def test_graphs_compute_what_the_cpu_computes(
    state: dict[str, np.ndarray],
    precision: Precision,
) -> None:
    cuda, cpu = run_of(state, precision), CpuRun(RESNET18, state)
    assert cuda.precision is precision
    assert isinstance(cuda.frames, RecordedFrames)
    for size, fit, resolution in (
        ((1280, 720), Fit.CROP, None),
        ((640, 480), Fit.WHOLE, 320),
        ((333, 500), Fit.SQUASH, 448),
    ):
        for seed in range(3):  # eager, recorded, played
            image, found = noise(*size, seed), geometry(*size, fit, resolution)
            ours, theirs = cuda.run(image, found), cpu.run(image, found)
            assert difference(ours, theirs) <= TOLERANCE[precision]
            assert identity(cuda, ours) <= 1e-4
            np.testing.assert_array_equal(
                ours.network_input, input_pixels(image, found, RESNET18.preprocessing)
            )


def test_every_shape_was_recorded_and_old_ones_are_let_go(state: dict[str, np.ndarray]) -> None:
    run = run_of(state, Precision.TF32)
    frames = run.frames
    assert isinstance(frames, RecordedFrames)
    memory = []
    for turn in range(3):
        for index in range(MOST_SHAPES + 4):
            size = (320 + 16 * index, 240)
            for seed in range(3):
                run.run(noise(*size, seed), geometry(*size))
            work = next(reversed(frames._work.values()))
            assert work._again is not None, "it was recorded"
            assert work._upload is not None
            assert work._upload[0].is_pinned()
        assert len(frames._work) == MOST_SHAPES
        memory.append(torch.cuda.memory_reserved())
        assert turn == 0 or memory[-1] <= memory[0] * 1.25, memory


def test_batches(state: dict[str, np.ndarray]) -> None:
    run = run_of(state, Precision.FLOAT32)
    images = [noise(500, 375, seed) for seed in range(32)]
    for count in (32, 5, 32, 32):
        passes = run.run_batch(images[:count], [geometry(500, 375)] * count)
        alone = [run.run(image, geometry(500, 375)) for image in images[:count]]
        for one, other in zip(passes, alone, strict=True):
            assert difference(one, other) <= 1e-5
    sizes = [(500, 375), (375, 500), (640, 480)]
    passes = run.run_batch([noise(*size) for size in sizes], [geometry(*size) for size in sizes])
    for one, size in zip(passes, sizes, strict=True):
        assert difference(one, run.run(noise(*size), geometry(*size))) <= 1e-5


@pytest.mark.parametrize("precision", [Precision.FLOAT32, Precision.TF32])
def test_fine_is_averaged_on_the_device(state: dict[str, np.ndarray], precision: Precision) -> None:
    run, cpu = run_of(state, precision), CpuRun(RESNET18, state)
    assert run.averaging is not None
    image = noise(640, 480)
    geometries = [
        replace(geometry(640, 480, resolution=resolution), mirrored=mirrored)
        for resolution in (224, 320, 448)
        for mirrored in (False, True)
    ]
    single = [cpu.run(image, g) for g in geometries]
    parts = [
        p.features[:, :, ::-1] if g.mirrored else p.features for p, g in zip(single, geometries, strict=True)
    ]
    expected = averaged_planes(parts)
    for _ in range(3):
        forward, planes = run.averaging.averaged(image, geometries)
        assert np.abs(planes - expected).max() / np.abs(expected).max() <= TOLERANCE[precision]
        assert difference(forward, single[0]) <= TOLERANCE[precision]


def test_precisions_differ_and_are_the_run_s(state: dict[str, np.ndarray]) -> None:
    image, found = noise(640, 480), geometry(640, 480)
    runs = {p: run_of(state, p) for p in (Precision.FLOAT32, Precision.TF32, Precision.FLOAT16)}
    for _ in range(3):  # in turns: none changes another's
        exact = runs[Precision.FLOAT32].run(image, found)
        off = {p: difference(run.run(image, found), exact) for p, run in runs.items()}
        assert off[Precision.FLOAT32] <= 1e-6
        assert 1e-6 < off[Precision.TF32] <= 5e-3, "TF32 isn't float32, and not far from it"
        assert 1e-6 < off[Precision.FLOAT16] <= 5e-3
    assert torch.get_float32_matmul_precision() == "highest"
    print("differences from float32:", {p.value: f"{d:.1e}" for p, d in off.items()})


class Looks(nn.Module):
    """A classifier that looks at a number on its way, which can't be recorded."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.fc = nn.Conv2d(3, 8, 3, stride=4, padding=1), nn.Linear(8, 5)

    def forward(self, x: Tensor) -> Tensor:
        features = self.conv(x)
        if features.abs().max().item() > 1e9:
            features = features * 0
        scores: Tensor = self.fc(features.mean((2, 3)))
        return scores


def test_what_cannot_be_recorded_runs_all_the_same() -> None:
    torch.manual_seed(0)
    network = Looks()
    labels = [str(i) for i in range(5)]
    prep = Preprocessing(64, 64, (0.5, 0.5, 0.5), (0.25, 0.25, 0.25))
    cuda = module_run(network, prep, None, labels, CUDA, "GPU", Precision.FLOAT32)
    results = [cuda.run(noise(64, 64), geometry_of(prep, 64)).logits for _ in range(4)]
    for each in results[1:]:
        np.testing.assert_allclose(each, results[0], rtol=1e-5, atol=1e-6)


def geometry_of(prep: Preprocessing, side: int) -> InputGeometry:
    return input_geometry(side, side, Fit.SQUASH, side, prep, SizeRule(32, 32, 896))


@pytest.mark.parametrize("name", ["mobilenet_v3_small", "convnext_tiny", "vit_b_16"])
def test_own_networks(name: str) -> None:
    import torchvision.models

    torch.manual_seed(0)
    build = getattr(torchvision.models, name)
    prep = RESNET18.preprocessing
    labels = [str(i) for i in range(10)]
    weights = build(num_classes=10).eval().state_dict()

    def run_on(device: Device, precision: Precision | None) -> ModuleRun:
        network = build(num_classes=10)
        network.load_state_dict(weights)
        return module_run(network, prep, None, labels, device, device, precision)

    image, found = noise(640, 480), geometry(640, 480)
    expected = run_on(CPU, Precision.FLOAT32).run(image, found)
    for precision in (Precision.FLOAT32, Precision.TF32, Precision.FLOAT16):
        run = run_on(CUDA, precision)
        for _ in range(3):
            passed = run.run(image, found)
        limit = 1e-4 if precision is Precision.FLOAT32 else 0.03
        assert difference(passed, expected) <= limit, (name, precision)
        if run.head is not None:
            assert identity(run, passed) <= 1e-4
        print(name, precision.value, run.precision.value, f"{difference(passed, expected):.1e}")


def test_gradient_methods_are_the_cpu_s(state: dict[str, np.ndarray]) -> None:
    info = ModelInfo("resnet18", "ResNet18", CPU, "CPU", "0" * 64, "w.pth", WeightsOrigin.FILE)
    frame = Frame(noise(320, 240), still=True)
    cuda, cpu = (
        Explainer(run, RESNET18, info) for run in (run_of(state, Precision.FLOAT32), CpuRun(RESNET18, state))
    )
    for offer in cpu.methods:
        if offer.missing is not None or offer.name == "Score-CAM":
            continue
        request = ExplainRequest(method=offer.name, targets=(ClassScore(3),))
        ours, theirs = (e.explain(frame, request).map(ClassScore(3)).values for e in (cuda, cpu))
        if offer.name == "Eigen-CAM":  # its sign is free
            ours, theirs = np.abs(ours), np.abs(theirs)
        assert np.abs(ours - theirs).max() <= 2e-3 * np.abs(theirs).max(), offer.name


def test_a_model_that_nobody_uses_is_freed(state: dict[str, np.ndarray]) -> None:
    run_of(state, Precision.TF32).run(noise(64, 64), geometry(64, 64))  # what stays for good
    before = torch.cuda.memory_allocated()
    for _ in range(3):
        run = run_of(state, Precision.TF32)
        for _ in range(3):
            run.run(noise(640, 480), geometry(640, 480))
        del run
    torch.cuda.synchronize()
    assert torch.cuda.memory_allocated() <= before + 2**20
