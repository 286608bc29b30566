"""Frames through a network on a GPU that records work: CUDA graphs. Imports torch.

All that is done for a frame (upload, resize, normalise, network, download) is recorded once for each shape
of input, and then started by one call. A network has a hundred kernels: to start them one by one takes longer
than to run them.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from camviewer.core.arrays import (
    AnyArray,
    ByteArray,
    FloatArray,
    read_only,
)
from camviewer.core.averaging import averaged_planes, linear_weights
from camviewer.core.frames import Region
from camviewer.core.geometry import InputGeometry
from camviewer.core.runtimes.base import ForwardPass
from camviewer.core.runtimes.device import Device
from camviewer.core.runtimes.torch_frames import Computing
from camviewer.core.runtimes.torch_input import InputPreparation
from camviewer.core.runtimes.torch_resize import DeviceResize

log = logging.getLogger(__name__)

MOST_SHAPES = 12
"""That are kept with what was recorded for them, which holds memory of the device."""
MOST_BYTES = 192 * 2**20
"""Of frames in one upload: its memory can't be swapped out."""
MOST_FRAME_BYTES = 96 * 2**20
"""Of one frame: 32 megapixels. Larger ones are resized before: as float32 they take 500 MB there."""


class Recorder(Protocol):
    """A GPU that records work. Tests have one without a GPU."""

    def pinned(self, shape: Sequence[int], dtype: torch.dtype) -> Tensor:
        """Memory of the computer that the device reads and writes by itself."""
        ...

    def on_device(self, shape: Sequence[int], dtype: torch.dtype) -> Tensor:
        """Memory of the device."""
        ...

    def recorded(self, work: Callable[[], None]) -> Callable[[], None]:
        """What does the work again when it is called; `wait` for it. Raises RuntimeError where that fails.

        It knows only addresses: memory that the work reads or writes must be kept, but for what the work
        itself makes.
        """
        ...

    def working(self) -> AbstractContextManager[None]:
        """While work is given to the device."""
        ...

    def wait(self) -> None:
        """For all that was given to the device. Raises RuntimeError if the device fails."""
        ...


@dataclass(frozen=True, slots=True)
class _Shape:
    """What work is recorded for. geometries: of one frame size; several ones: their features are averaged."""

    count: int
    geometries: tuple[InputGeometry, ...]


class _Work:
    """What is done for frames of one shape; recorded when it is done for the second time.

    A shape that comes once isn't worth it, and what is recorded must have run before.
    """

    def __init__(
        self, shape: _Shape, computing: Computing, prepare: InputPreparation, device: Device
    ) -> None:
        self._shape, self._computing, self._prepare, self._device = shape, computing, prepare, device
        self._plain = tuple(dict.fromkeys(replace(g, mirrored=False) for g in shape.geometries))
        self._resize = DeviceResize(self._plain, device, bicubic=prepare.bicubic)
        self._interpolation: dict[tuple[int, int], Tensor] = {}
        self._again: Callable[[], None] | None = None
        self._upload: tuple[Tensor, Tensor] | None = None
        """Where frames are put, and where that arrives on the device: memory that recorded work reads."""
        self._results: list[AnyArray] = []
        self._ran = self._failed = False

    @property
    def bytes(self) -> int:
        """Of the parts of frames that are uploaded."""
        return self._shape.count * self._resize.part.height * self._resize.part.width * 3

    def run(self, images: Sequence[ByteArray], recorder: Recorder) -> list[AnyArray]:
        """Features [n, C, h, w], logits [n, N], pixels [n, h', w', 3]; averaged features [C, h, w], if asked.

        They may be overwritten by the next run.
        """
        parts = [self._resize.part.of(image) for image in images]
        if self._again is not None:
            return self._repeated(self._again, parts, recorder)
        results = [each.cpu().numpy() for each in self._computed(self._on_device(parts))]
        if self._ran and not self._failed and self.bytes <= MOST_BYTES:
            self._again = self._recorded(parts, results, recorder)
            self._failed = self._again is None
        self._ran = True
        return results

    def _on_device(self, parts: Sequence[ByteArray]) -> Tensor:
        return torch.from_numpy(np.stack(parts)).to(self._device)

    def _repeated(
        self, again: Callable[[], None], parts: Sequence[ByteArray], recorder: Recorder
    ) -> list[AnyArray]:
        assert self._upload is not None
        uploaded, _ = self._upload
        for place, part in zip(uploaded.numpy(), parts, strict=True):
            np.copyto(place, part)
        again()
        recorder.wait()
        return self._results

    def _recorded(
        self, parts: Sequence[ByteArray], expected: Sequence[AnyArray], recorder: Recorder
    ) -> Callable[[], None] | None:
        """What repeats the work; None where it can't be recorded, or doesn't do the same."""
        part = self._resize.part
        uploaded = recorder.pinned((self._shape.count, part.height, part.width, 3), torch.uint8)
        for place, each in zip(uploaded.numpy(), parts, strict=True):
            np.copyto(place, each)
        arrived = recorder.on_device(uploaded.shape, uploaded.dtype)
        downloaded: list[Tensor] = []

        def work() -> None:
            arrived.copy_(uploaded, non_blocking=True)
            results = self._computed(arrived)
            if not downloaded:
                downloaded[:] = [recorder.pinned(each.shape, each.dtype) for each in results]
            for theirs, ours in zip(results, downloaded, strict=True):
                ours.copy_(theirs, non_blocking=True)

        try:
            again = recorder.recorded(work)
        except RuntimeError:
            # Such as a network that looks at its numbers, or too little memory: slower, but it works.
            log.info("a pass can't be recorded", exc_info=True)
            return None
        self._upload = uploaded, arrived
        self._results = [each.numpy() for each in downloaded]
        if not all(map(_alike, self._repeated(again, parts, recorder), expected)):
            log.warning("what was recorded computes something else; it is not used")
            return None
        return again

    def _computed(self, parts: Tensor) -> list[Tensor]:
        """As `run`, on the device."""
        first: list[Tensor] = []
        sums: list[Tensor] = []
        for geometry, colours in zip(self._plain, self._resize(parts), strict=True):
            sides = [g.mirrored for g in self._shape.geometries if replace(g, mirrored=False) == geometry]
            seen = [colours.flip(-1) if mirrored else colours for mirrored in sides]
            features, logits = self._computing(self._prepare.of_colours(torch.cat(seen)))
            features = features.float().contiguous()
            if not first:
                pixels = seen[0].to(torch.uint8).permute(0, 2, 3, 1).contiguous()
                count = self._shape.count
                first = [features[:count], logits[:count].float(), pixels]
            sums.append(_turned_back(features, sides))
        if len(self._shape.geometries) > 1:
            first.append(self._mean(sums))
        return first

    def _mean(self, sums: list[Tensor]) -> Tensor:
        """As `averaging.averaged_planes`, of sums of features [C, h_i, w_i]."""
        ordered = sorted(sums, key=lambda each: each.shape[1] * each.shape[2])
        _, height, width = ordered[-1].shape
        total = torch.zeros_like(ordered[-1])
        for each in ordered:
            if each.shape == total.shape:
                total = total + each
            else:
                down, across = self._linear(each.shape[1], height), self._linear(each.shape[2], width)
                total = total + down @ each @ across.T
        return total / len(self._shape.geometries)

    def _linear(self, cells: int, points: int) -> Tensor:
        key = (cells, points)
        if key not in self._interpolation:
            self._interpolation[key] = torch.from_numpy(linear_weights(cells, points).copy()).to(self._device)
        return self._interpolation[key]


def _alike(ours: AnyArray, theirs: AnyArray) -> bool:
    """Whether two runs of the same work agree: other kernels may round otherwise."""
    largest = float(np.abs(theirs).max())
    return bool(np.abs(ours.astype(np.float32) - theirs).max() <= 0.01 * largest)


def _turned_back(features: Tensor, sides: Sequence[bool]) -> Tensor:
    """The sum over inputs of one frame, mirrored or not: [sides, C, h, w] → [C, h, w]."""
    total = torch.zeros_like(features[0])
    for each, mirrored in zip(features, sides, strict=False):
        total = total + (each.flip(-1) if mirrored else each)
    return total


class RecordedFrames:
    """Frames through a network, recorded for each shape of input. One thread uses it."""

    def __init__(
        self, computing: Computing, prepare: InputPreparation, device: Device, recorder: Recorder
    ) -> None:
        self._computing, self._prepare, self._device, self._recorder = computing, prepare, device, recorder
        self._work: OrderedDict[_Shape, _Work] = OrderedDict()

    def run_batch(
        self, images: Sequence[ByteArray], geometries: Sequence[InputGeometry]
    ) -> list[ForwardPass]:
        """As `Frames.run_batch`."""
        if len(set(geometries)) > 1 or max(image.nbytes for image in images) > MOST_FRAME_BYTES:
            # Frames of several sizes, too: what is resized differently can't be one piece of work.
            images = [self._prepare.pixels(i, g) for i, g in zip(images, geometries, strict=True)]
            geometries = [_as_it_is(image) for image in images]
        shape = _Shape(len(images), (replace(geometries[0], exact=False),))
        work = self._work_for(shape)
        if work.bytes > MOST_BYTES and len(images) > 1:
            half = len(images) // 2
            return self.run_batch(images[:half], geometries[:half]) + self.run_batch(
                images[half:], geometries[half:]
            )
        results, seconds = self._run(work, images)
        return _passes(results, seconds)

    def averaged(
        self, image: ByteArray, geometries: Sequence[InputGeometry]
    ) -> tuple[ForwardPass, FloatArray]:
        """As `Averaging.averaged`."""
        if image.nbytes > MOST_FRAME_BYTES:
            passes = [self.run_batch([image], [geometry])[0] for geometry in geometries]
            pairs = zip(passes, geometries, strict=True)
            parts = [p.features[:, :, ::-1] if g.mirrored else p.features for p, g in pairs]
            return passes[0], averaged_planes(parts)
        shape = _Shape(1, tuple(replace(geometry, exact=False) for geometry in geometries))
        results, seconds = self._run(self._work_for(shape), [image])
        (forward,) = _passes(results[:3], seconds)
        return forward, read_only(results[3].copy())

    def _run(self, work: _Work, images: Sequence[ByteArray]) -> tuple[list[AnyArray], float]:
        start = time.perf_counter()
        with self._recorder.working(), torch.no_grad():
            results = work.run(images, self._recorder)
        return results, (time.perf_counter() - start) / len(images)

    def _work_for(self, shape: _Shape) -> _Work:
        work = self._work.get(shape)
        if work is None:
            work = self._work[shape] = _Work(shape, self._computing, self._prepare, self._device)
        self._work.move_to_end(shape)
        if len(self._work) > MOST_SHAPES:
            self._work.popitem(last=False)
        return work


def _as_it_is(pixels: ByteArray) -> InputGeometry:
    """The geometry of pixels that are an input already."""
    whole = Region(0, 0, pixels.shape[1], pixels.shape[0])
    return InputGeometry(whole, (whole.height, whole.width), whole, whole)


def _passes(results: Sequence[AnyArray], seconds: float) -> list[ForwardPass]:
    """Copies of what the next run overwrites."""
    features, logits, pixels = results
    return [
        ForwardPass(
            read_only(features[i].copy()), read_only(logits[i].copy()), seconds, read_only(pixels[i].copy())
        )
        for i in range(len(features))
    ]
