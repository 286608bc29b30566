"""A network that takes no time, as on a GPU: to see what the window does when the worker runs at full speed.

It waits as for a device, without the GIL, then does what an explainer does with what comes from there.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import numpy as np

from camviewer.core.arrays import ByteArray, read_only
from camviewer.core.explainer import Explainer
from camviewer.core.geometry import InputGeometry
from camviewer.core.loading import LoadedModel
from camviewer.core.models.builtin import RESNET18
from camviewer.core.models.spec import LinearHead, ModelInfo, WeightsOrigin
from camviewer.core.resources import resource_path
from camviewer.core.runtimes.base import BasicRun, ForwardPass, Needs
from camviewer.core.runtimes.device import CPU
from camviewer.core.runtimes.libraries import limit_thread_pools

_CHANNELS, _SIDE = 512, 7


class FastRun(BasicRun):
    """ResNet18 in shapes only. Its numbers change with each frame, and twice a second so do its classes."""

    offers = Needs.LINEAR_HEAD
    layer = "layer4"
    device, device_title = CPU, "no device"

    def __init__(self, seconds: float, glue: float = 0.0) -> None:
        """As `fast_model`."""
        self._seconds, self._glue = seconds, glue
        self._never = threading.Event()
        self._count = 0
        random = np.random.default_rng(0)
        self.labels = tuple(resource_path("labels/imagenet1k.txt").read_text(encoding="utf-8").splitlines())
        weight = random.normal(0, 0.05, (len(self.labels), _CHANNELS)).astype(np.float32)
        self.head = LinearHead(read_only(weight), read_only(np.zeros(len(weight), np.float32)), self.labels)
        # Each place of the features has channels of its own, so that it stands for other classes.
        self._features = random.random((_CHANNELS, _SIDE, _SIDE), np.float32)
        self._strength = np.linspace(0.2, 2, _SIDE, dtype=np.float32)

    def run(self, image: ByteArray, geometry: InputGeometry) -> ForwardPass:
        """As `ModelRun.run`, but for what is in the image."""
        start = time.perf_counter()
        self._never.wait(self._seconds)
        forward = time.perf_counter() - start
        self._count += 1
        end = time.thread_time() + self._glue
        while time.thread_time() < end:
            pass
        strength = np.roll(self._strength, int(2 * start)) * np.float32(1 + 0.1 * np.sin(self._count))
        features = self._features * strength
        logits = self.head.weight @ features.mean((1, 2)) + self.head.bias
        seen = image[: geometry.crop.height, : geometry.crop.width].copy()
        return ForwardPass(read_only(features), read_only(logits), forward, read_only(seen))

    def run_batch(
        self, images: Sequence[ByteArray], geometries: Sequence[InputGeometry]
    ) -> list[ForwardPass]:
        """As `ModelRun.run_batch`, one after the other."""
        return [self.run(image, geometry) for image, geometry in zip(images, geometries, strict=True)]


def fast_model(seconds: float, glue: float = 0.0) -> LoadedModel:
    """seconds: for each pass, without the GIL; glue: seconds of Python after it, which has it."""
    limit_thread_pools()
    facts = ("resnet18", "A network that takes no time", CPU, "no device", "0" * 64, "", WeightsOrigin.FILE)
    info = ModelInfo(*facts, RESNET18.preprocessing, RESNET18.sizes)
    return LoadedModel(Explainer(FastRun(seconds, glue), RESNET18, info))
