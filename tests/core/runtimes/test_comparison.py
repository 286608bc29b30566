"""A GPU is used only if it computes what the CPU computes, and faster: adapters that are made up."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from camviewer.core.arrays import ByteArray, FloatArray, read_only
from camviewer.core.geometry import InputGeometry
from camviewer.core.models.spec import Preprocessing, SizeRule
from camviewer.core.runtimes.base import BasicRun, ForwardPass, ModelRun, Needs
from camviewer.core.runtimes.comparison import MOST_DIFFERENCE, PASSES, PATIENCE, Comparison, compared
from camviewer.core.runtimes.device import CPU, WEBGPU
from camviewer.core.text import Text

PREPROCESSING = Preprocessing(72, 64, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
SIZES = SizeRule(32, 32, 128)
Change = Callable[[FloatArray], FloatArray]


class Clock:
    """Time passes only while somebody computes."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class FakeRun(BasicRun):
    """Features are means of the frame's cells. Each pass takes the next of `seconds`, then the last one."""

    labels, layer, head, offers = (), "", None, Needs(0)

    def __init__(
        self, clock: Clock, seconds: Sequence[float], title: str = "CPU", change: Change | None = None
    ) -> None:
        self._clock, self._seconds, self._change = clock, list(seconds), change
        self.device_title, self.device = title, CPU if title == "CPU" else WEBGPU
        self.frames: list[ByteArray] = []

    def run(self, image: ByteArray, geometry: InputGeometry) -> ForwardPass:
        assert (geometry.crop.height, geometry.crop.width) == image.shape[:2] == (64, 64)
        self._clock.now += self._seconds.pop(0) if len(self._seconds) > 1 else self._seconds[0]
        self.frames.append(image)
        cells = image.reshape(2, 32, 2, 32, 3).mean((1, 3)).transpose(2, 0, 1).astype(np.float32)
        features = cells if self._change is None else self._change(cells)
        return ForwardPass(read_only(features), np.zeros(1, np.float32), 0.0)

    def run_batch(
        self, images: Sequence[ByteArray], geometries: Sequence[InputGeometry]
    ) -> list[ForwardPass]:
        raise NotImplementedError


def result(
    gpu_seconds: Sequence[float], cpu_seconds: float = 0.02, change: Change | None = None
) -> Comparison:
    clock = Clock()
    gpu: ModelRun = FakeRun(clock, gpu_seconds, "Radeon", change)
    return compared(gpu, FakeRun(clock, [cpu_seconds]), PREPROCESSING, SIZES, clock)


def test_a_good_gpu() -> None:
    """Shaders are compiled in the first passes: they don't count."""
    answer = result([3.0, 2.0, 0.004], change=lambda features: features * np.float32(1.000001))
    assert answer.problem is None
    assert 0 < answer.difference <= 2e-6
    assert answer.gpu_seconds == pytest.approx(0.004)
    assert answer.cpu_seconds == pytest.approx(0.02)


def noisy(features: FloatArray) -> FloatArray:
    return features + np.random.default_rng(0).normal(0, 1, features.shape).astype(np.float32)


def with_nan(features: FloatArray) -> FloatArray:
    changed = features.copy()
    changed[-1, -1, -1] = np.nan
    return changed


def one_cell(features: FloatArray) -> FloatArray:
    """Wrong in one number of many, by a little more than may be."""
    changed = features.copy()
    changed[0, 0, 0] += 2 * MOST_DIFFERENCE * features.max()
    return changed


@pytest.mark.parametrize(
    ("change", "difference", "words"),
    [
        (noisy, None, "features are off by"),
        (one_cell, 2 * MOST_DIFFERENCE, "features are off by 0.2 %. The CPU is used."),
        (np.zeros_like, 1.0, "features are off by 100 %. The CPU is used."),
        (lambda features: features * 25, 24.0, "features are off by 2400 %. The CPU is used."),
        (with_nan, math.inf, "Radeon computes wrongly; the CPU is used."),
        (lambda features: features[:, :1], math.inf, "Radeon computes wrongly; the CPU is used."),
        (lambda features: features * np.inf, math.inf, "Radeon computes wrongly; the CPU is used."),
    ],
)
def test_a_gpu_that_computes_wrongly(change: Change, difference: float | None, words: str) -> None:
    answer = result([0.001], change=change)
    assert answer.problem is not None
    assert words in answer.problem
    assert answer.problem.values["device"] == "Radeon"
    assert answer.difference > MOST_DIFFERENCE
    if difference is not None:
        assert answer.difference == pytest.approx(difference, rel=1e-3)
    assert answer.gpu_seconds == answer.cpu_seconds == 0, "how fast it is wrong nobody needs to know"


def test_a_slow_gpu() -> None:
    answer = result([5.0, 4.0, 0.25], 0.02)
    assert answer.problem == (
        "Radeon is slower than the CPU (250.0 against 20.0 ms a frame), which is used instead."
    )
    assert isinstance(answer.problem, Text)
    assert answer.difference == 0
    assert answer.gpu_seconds == pytest.approx(0.25)
    assert answer.cpu_seconds == pytest.approx(0.02)


def test_one_slow_pass_is_no_slow_gpu() -> None:
    assert result([1.0, 1.0, 0.3, 0.004, 0.004]).problem is None


def test_a_very_slow_gpu_is_not_waited_for() -> None:
    clock = Clock()
    gpu, cpu = FakeRun(clock, [2.0], "Radeon"), FakeRun(clock, [0.02])
    assert compared(gpu, cpu, PREPROCESSING, SIZES, clock).problem is not None
    assert len(gpu.frames) == 2 + 2
    quick = FakeRun(clock, [PATIENCE / 1000], "Radeon")
    compared(quick, cpu, PREPROCESSING, SIZES, clock)
    assert len(quick.frames) == 2 + PASSES


def test_a_gpu_that_fails() -> None:
    def lost(features: FloatArray) -> FloatArray:
        raise RuntimeError("WebGPU device lost (1): VK_ERROR_DEVICE_LOST")

    answer = result([0.001], change=lost)
    assert answer.problem == "Radeon has crashed; start camviewer again to use it."
    assert math.isinf(answer.difference)


def test_the_cpu_s_errors_are_its_own() -> None:
    def broken(features: FloatArray) -> FloatArray:
        raise RuntimeError("no memory")

    clock = Clock()
    cpu = FakeRun(clock, [0.02], change=broken)
    with pytest.raises(RuntimeError, match="no memory"):
        compared(FakeRun(clock, [0.01], "Radeon"), cpu, PREPROCESSING, SIZES, clock)


def test_frames_differ_and_are_always_the_same() -> None:
    clock = Clock()
    runs = [FakeRun(clock, [0.01], "Radeon") for _ in range(2)]
    for run in runs:
        compared(run, FakeRun(clock, [0.02]), PREPROCESSING, SIZES, clock)
    (one, other), again = runs[0].frames[:2], runs[1].frames[:2]
    assert one.shape == other.shape == (64, 64, 3)
    assert one.dtype == other.dtype == np.uint8
    assert np.abs(one.astype(int) - other).mean() > 20
    assert all(np.array_equal(a, b) for a, b in zip((one, other), again, strict=True))
