"""Precisions: what is offered, what they compute, and what happens where one can't be had."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file
from torch import Tensor, nn

from camviewer.core.arrays import ByteArray
from camviewer.core.explanation import ExplainRequest
from camviewer.core.failures import ModelFailure
from camviewer.core.frames import Fit, Frame
from camviewer.core.geometry import InputGeometry, input_geometry
from camviewer.core.loading import ModelChoice, load_model
from camviewer.core.models.builtin import RESNET18
from camviewer.core.models.spec import Preprocessing, SizeRule
from camviewer.core.runtimes import torch_precision
from camviewer.core.runtimes.device import CPU, Device
from camviewer.core.runtimes.precision import Precision, precision_named
from camviewer.core.runtimes.torch_cpu import CpuRun, TorchCpu
from camviewer.core.runtimes.torch_module import module_run
from camviewer.core.runtimes.torch_precision import half_of, near, precisions, tf32, usable

LABELS = [str(i) for i in range(5)]
PREP = Preprocessing(64, 64, (0.5, 0.5, 0.5), (0.25, 0.25, 0.25))


def noise(width: int, height: int, seed: int = 0) -> ByteArray:
    coarse = np.random.default_rng(seed).integers(0, 256, (height // 8 + 1, width // 8 + 1, 3))
    return np.kron(coarse, np.ones((8, 8, 1))).astype(np.uint8)[:height, :width]


def geometry(side: int = 64, preprocessing: Preprocessing = PREP) -> InputGeometry:
    return input_geometry(side, side, Fit.SQUASH, side, preprocessing, SizeRule(32, 32, 896))


def test_names() -> None:
    assert [precision_named(name) for name in ("float32", "TF32", "float16", "bfloat16")] == list(Precision)
    assert [p.title for p in Precision] == ["float32", "TF32", "float16", "bfloat16"]
    assert len({p.description for p in Precision}) == len(Precision)
    with pytest.raises(ModelFailure, match="float64"):
        precision_named("float64")


@pytest.mark.parametrize(
    ("device", "capability", "expected"),
    [
        ("cuda", (9, 0), (Precision.TF32, Precision.FLOAT32, Precision.FLOAT16)),
        ("cuda:1", (8, 0), (Precision.TF32, Precision.FLOAT32, Precision.FLOAT16)),
        ("cuda", (7, 5), (Precision.FLOAT32, Precision.FLOAT16)),
        ("cuda", (6, 1), (Precision.FLOAT32,)),
        ("mps", None, (Precision.FLOAT32,)),
    ],
)
def test_what_gpus_offer(
    device: str,
    capability: tuple[int, int] | None,
    expected: tuple[Precision, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _: capability)
    assert precisions(Device(device)) == expected
    assert usable(None, Device(device)) is expected[0]
    assert usable(Precision.BFLOAT16, Device(device)) is expected[0]
    assert usable(expected[-1], Device(device)) is expected[-1]


@pytest.mark.parametrize("there", [{"avx512_bf16": True}, {"amx_bf16": True}, {"avx512_bf16": False}, {}])
def test_what_cpus_offer(there: dict[str, bool], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: there, raising=False)
    has = any(there.values())
    expected = (Precision.FLOAT32, Precision.BFLOAT16) if has else (Precision.FLOAT32,)
    assert precisions(CPU) == TorchCpu().precisions(CPU) == expected


def test_the_switches_of_torch_are_put_back() -> None:
    matmul, convolutions = torch.get_float32_matmul_precision(), torch.backends.cudnn.allow_tf32
    for allowed in (True, False):
        with tf32(allowed):
            assert torch.backends.cudnn.allow_tf32 is allowed
            assert torch.get_float32_matmul_precision() == ("high" if allowed else "highest")
        with pytest.raises(ZeroDivisionError), tf32(allowed):
            raise ZeroDivisionError
        assert torch.get_float32_matmul_precision() == matmul
        assert torch.backends.cudnn.allow_tf32 is convolutions


def test_near() -> None:
    theirs = torch.tensor([0.0, 1.0, -20.0])
    assert near(theirs + 0.5, theirs)
    assert not near(theirs + 3, theirs)
    assert not near(torch.full((3,), torch.nan), theirs)
    assert not near(torch.full((3,), torch.inf), theirs)


@pytest.fixture(scope="module")
def resnet_state() -> dict[str, np.ndarray]:
    torch.manual_seed(0)
    return {name: t.numpy() for name, t in RESNET18.architecture.build(10).state_dict().items()}


def test_sixteen_bits_are_near_and_maps_add_up_all_the_same(resnet_state: dict[str, np.ndarray]) -> None:
    """Whether the processor has fast ones or not: torch computes it everywhere."""
    image = noise(224, 224)
    found = geometry(224, RESNET18.preprocessing)
    exact, half = (CpuRun(RESNET18, resnet_state, None, p) for p in (Precision.FLOAT32, Precision.BFLOAT16))
    assert half.precision is Precision.BFLOAT16
    ours, theirs = half.run(image, found), exact.run(image, found)
    off = np.abs(ours.features - theirs.features).max() / np.abs(theirs.features).max()
    assert 1e-5 < off < 0.1, "it did compute with 16 bits"
    assert ours.features.dtype == ours.logits.dtype == np.float32
    pooled = ours.features.mean((1, 2), dtype=np.float64)
    np.testing.assert_allclose(half.head.weight @ pooled + half.head.bias, ours.logits, atol=1e-5)


class Mixes(nn.Module):
    """Makes a number of 32 bits on its way."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.fc = nn.Conv2d(3, 8, 3, stride=4, padding=1), nn.Linear(8, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = x + torch.zeros(1, dtype=torch.float32, device=x.device).view(1, 1, 1, 1)
        scores: Tensor = self.fc(self.conv(x).mean((2, 3)))
        return scores


class Plain(nn.Module):
    """The same without."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.fc = nn.Conv2d(3, 8, 3, stride=4, padding=1), nn.Linear(8, 5)

    def forward(self, x: Tensor) -> Tensor:
        scores: Tensor = self.fc(self.conv(x).mean((2, 3)))
        return scores


@pytest.mark.parametrize(
    ("build", "expected"), [(Plain, Precision.BFLOAT16), (Mixes, Precision.FLOAT32)], ids=["plain", "mixes"]
)
def test_what_does_not_run_with_sixteen_bits_keeps_thirty_two(
    build: type[nn.Module], expected: Precision
) -> None:
    torch.manual_seed(0)
    run = module_run(build(), PREP, None, LABELS, CPU, "CPU", Precision.BFLOAT16)
    assert run.precision is expected
    logits = run.run(noise(64, 64), geometry()).logits
    torch.manual_seed(0)
    exact = module_run(build(), PREP, None, LABELS).run(noise(64, 64), geometry()).logits
    np.testing.assert_allclose(logits, exact, atol=0.05 if expected is Precision.BFLOAT16 else 1e-6)


def test_the_model_says_with_what_it_computes(
    resnet_state: dict[str, np.ndarray], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "own.safetensors"
    save_file(resnet_state, path)
    offered = (Precision.FLOAT32, Precision.BFLOAT16)
    monkeypatch.setattr(torch_precision, "precisions", lambda _: offered)
    for choice in (ModelChoice(file=path), ModelChoice(weights=path)):
        usual = load_model(ModelChoice(file=choice.file, weights=choice.weights))
        assert usual.explainer.info.precision is Precision.FLOAT32
        assert usual.precision_problem is None
        half = load_model(ModelChoice(file=choice.file, weights=choice.weights, precision=Precision.BFLOAT16))
        assert half.explainer.info.precision is Precision.BFLOAT16
        assert half.precision_problem is None
        none = load_model(ModelChoice(file=choice.file, weights=choice.weights, precision=Precision.TF32))
        assert none.explainer.info.precision is Precision.FLOAT32
        assert none.precision_problem is not None
        assert "TF32" in none.precision_problem
        assert half.explainer.info != usual.explainer.info, "what was explained so is explained again"
        frame = Frame(noise(224, 224))
        explanation = half.explainer.explain(frame, ExplainRequest())
        assert explanation.model.precision is Precision.BFLOAT16


def test_half_of() -> None:
    assert [half_of(p) for p in Precision] == [None, None, torch.float16, torch.bfloat16]
