"""The step before a GPU is used: does it compute what the CPU computes, and is it faster?

A driver that nobody has tried may compute wrongly, and a small GPU, or one that is none, may be slower than
the processor. Both are seen in a second, on a frame or two.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from camviewer.core.arrays import ByteArray, FloatArray
from camviewer.core.frames import Fit
from camviewer.core.geometry import InputGeometry, input_geometry
from camviewer.core.models.spec import Preprocessing, SizeRule
from camviewer.core.runtimes.base import ModelRun
from camviewer.core.runtimes.device_faults import device_reason
from camviewer.core.text import Text

MOST_DIFFERENCE = 1e-3
"""Of features, as a share of the largest one. float32 in another order differs by 1e-6 (ResNet18) to 1e-4
(EfficientNet-Lite0); float16 by 1e-3; what is wrong, by much more."""
PASSES = 5
PATIENCE = 1.5
"""Seconds of passes after which fewer will do: at least two are measured."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A GPU beside the CPU.

    difference: the largest one of features, as a share of the CPU's largest feature; infinity if the GPU's
    are of another shape, no numbers, or none at all. gpu_seconds, cpu_seconds: of a frame, median, at the
    network's usual size; 0 where nothing was measured. problem: why the GPU is better not used; None if
    nothing speaks against it.
    """

    difference: float
    gpu_seconds: float
    cpu_seconds: float
    problem: Text | None

    @property
    def right(self) -> bool:
        """Whether the GPU computes what the CPU computes."""
        return self.difference <= MOST_DIFFERENCE


def compared(
    gpu: ModelRun,
    cpu: ModelRun,
    preprocessing: Preprocessing,
    sizes: SizeRule,
    clock: Callable[[], float] = time.perf_counter,
) -> Comparison:
    """Runs two frames on both, and then both in turns: a second or two, and what the GPU's first run takes.

    gpu, cpu: the same network. Errors of the GPU are a problem, not raised; the CPU's are raised.
    """
    side = preprocessing.crop
    geometry = input_geometry(side, side, Fit.SQUASH, None, preprocessing, sizes)
    frames = (_noise(side), _scene(side))
    expected = [cpu.run(frame, geometry).features for frame in frames]
    try:
        found = [gpu.run(frame, geometry).features for frame in frames]
        difference = max(map(_difference, found, expected))
        if not difference <= MOST_DIFFERENCE:
            return Comparison(difference, 0.0, 0.0, _wrong(gpu.device_title, difference))
        gpu_seconds, cpu_seconds = _times(gpu, cpu, frames[-1], geometry, clock)
    except Exception as error:  # noqa: BLE001  # whatever it is, the CPU can do without that GPU
        return Comparison(math.inf, 0.0, 0.0, device_reason(error, gpu.device_title))
    problem = None if gpu_seconds <= cpu_seconds else _slow(gpu.device_title, gpu_seconds, cpu_seconds)
    return Comparison(difference, gpu_seconds, cpu_seconds, problem)


def _difference(found: FloatArray, expected: FloatArray) -> float:
    if found.shape != expected.shape or not np.isfinite(found).all():
        return math.inf
    largest = float(np.abs(expected).max())
    return float(np.abs(found - expected).max()) / (largest or 1.0)


def _times(
    gpu: ModelRun, cpu: ModelRun, frame: ByteArray, geometry: InputGeometry, clock: Callable[[], float]
) -> tuple[float, float]:
    """Medians, in seconds. In turns, so that what else the computer does is in both."""
    begun = clock()
    ours: list[float] = []
    theirs: list[float] = []
    while len(ours) < 2 or (len(ours) < PASSES and clock() - begun < PATIENCE):
        for run, times in ((gpu, ours), (cpu, theirs)):
            start = clock()
            run.run(frame, geometry)
            times.append(clock() - start)
    return statistics.median(ours), statistics.median(theirs)


def _noise(side: int) -> ByteArray:
    """Squares of 8 pixels, each of another colour: uint8 [side, side, 3]."""
    coarse = np.random.default_rng(0).integers(0, 256, (-(-side // 8),) * 2 + (3,), np.uint8)
    return np.ascontiguousarray(coarse.repeat(8, 0).repeat(8, 1)[:side, :side])


def _scene(side: int) -> ByteArray:
    """A bright disc before a sky that darkens upwards, and some grain: uint8 [side, side, 3]."""
    rows, columns = np.mgrid[0:side, 0:side].astype(np.float32) / side
    sky = np.stack([60 + 120 * rows, 110 + 90 * rows, 200 + 40 * rows], axis=2)
    disc = ((columns - 0.55) ** 2 + (rows - 0.45) ** 2 < 0.06)[..., None]
    grain = np.random.default_rng(1).normal(0, 6, (side, side, 3))
    pixels: ByteArray = (np.where(disc, (230, 170, 60), sky) + grain).clip(0, 255).astype(np.uint8)
    return pixels


def _wrong(device: str, difference: float) -> Text:
    if math.isinf(difference):
        return Text("{device} computes wrongly; the CPU is used.", device=device)
    percent = 100 * difference
    return Text(
        "{device} computes wrongly: features are off by {percent} %. The CPU is used.",
        device=device,
        percent=f"{percent:.2g}" if percent < 10 else f"{percent:.0f}",
    )


def _slow(device: str, gpu_seconds: float, cpu_seconds: float) -> Text:
    return Text(
        "{device} is slower than the CPU ({gpu} against {cpu} ms a frame), which is used instead.",
        device=device,
        gpu=f"{1000 * gpu_seconds:.1f}",
        cpu=f"{1000 * cpu_seconds:.1f}",
    )
