"""Recorded work, on a device that is made up: it records by keeping the function, and plays it on the CPU.

What CUDA itself does with it is tests/device's.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from camviewer.core.arrays import ByteArray
from camviewer.core.averaging import averaged_planes
from camviewer.core.frames import Fit, Region
from camviewer.core.geometry import InputGeometry, input_geometry
from camviewer.core.models.builtin import RESNET18
from camviewer.core.runtimes import torch_graphs
from camviewer.core.runtimes.device import CPU
from camviewer.core.runtimes.torch_frames import PlainFrames
from camviewer.core.runtimes.torch_graphs import RecordedFrames
from camviewer.core.runtimes.torch_input import InputPreparation


class FakeRecorder:
    """Plays what it recorded. breaks: recording fails; lies: what is played is something else."""

    def __init__(self, *, breaks: bool = False, lies: bool = False) -> None:
        self.breaks, self.lies = breaks, lies
        self.recordings = self.plays = self.waits = 0
        self.works_now = False
        self.buffers: list[Tensor] = []
        self.on_the_device: list[weakref.ref[Tensor]] = []

    def pinned(self, shape: Sequence[int], dtype: torch.dtype) -> Tensor:
        self.buffers.append(torch.zeros(tuple(shape), dtype=dtype))
        return self.buffers[-1]

    def on_device(self, shape: Sequence[int], dtype: torch.dtype) -> Tensor:
        made = torch.zeros(tuple(shape), dtype=dtype)
        self.on_the_device.append(weakref.ref(made))
        return made

    def recorded(self, work: Callable[[], None]) -> Callable[[], None]:
        assert self.works_now
        if self.breaks:
            raise RuntimeError("operation not permitted when stream is capturing")
        self.recordings += 1
        work()

        def play() -> None:
            self.plays += 1
            if not self.lies:
                work()
            for buffer in self.buffers if self.lies else []:
                buffer.zero_()

        return play

    def working(self) -> AbstractContextManager[None]:
        self.works_now = True
        return nullcontext()

    def wait(self) -> None:
        self.waits += 1


def small_network(seed: int = 0) -> Callable[[Tensor], tuple[Tensor, Tensor]]:
    generator = torch.Generator().manual_seed(seed)
    conv = nn.Conv2d(3, 8, 7, stride=32, padding=3).requires_grad_(False)
    for parameter in conv.parameters():
        parameter.copy_(torch.randn(parameter.shape, generator=generator))
    weight = torch.randn(5, 8, generator=generator)

    def computing(network_input: Tensor) -> tuple[Tensor, Tensor]:
        features = torch.relu(conv(network_input))
        return features, features.mean((2, 3)) @ weight.T

    return computing


PREPARE = InputPreparation(RESNET18.preprocessing, CPU)


def frames_of(recorder: FakeRecorder) -> RecordedFrames:
    return RecordedFrames(small_network(), PREPARE, CPU, recorder)


def geometry(
    width: int, height: int, fit: Fit = Fit.CROP, resolution: int | None = None, *, exact: bool = True
) -> InputGeometry:
    found = input_geometry(width, height, fit, resolution, RESNET18.preprocessing, RESNET18.sizes)
    return replace(found, exact=exact)


def noise(width: int, height: int, seed: int = 0) -> ByteArray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint8)


def test_the_first_run_of_a_shape_is_eager_the_second_is_recorded_later_ones_are_played() -> None:
    recorder = FakeRecorder()
    frames, plain = frames_of(recorder), PlainFrames(small_network(), PREPARE)
    counts = []
    for seed in range(4):
        image = noise(320, 240, seed)
        (ours,) = frames.run_batch([image], [geometry(320, 240)])
        (theirs,) = plain.run_batch([image], [geometry(320, 240)])
        np.testing.assert_allclose(ours.features, theirs.features, rtol=1e-5, atol=1e-4)
        np.testing.assert_allclose(ours.logits, theirs.logits, rtol=1e-4, atol=1e-4)
        assert theirs.network_input is not None
        np.testing.assert_array_equal(ours.network_input, theirs.network_input)
        assert not ours.features.flags.writeable
        counts.append((recorder.recordings, recorder.plays))
    # What was recorded is played once to be compared with what it should do.
    assert counts == [(0, 0), (1, 1), (1, 2), (1, 3)]
    assert recorder.waits == recorder.plays


class Forgets(FakeRecorder):
    """Keeps nothing of the work but addresses, as CUDA does: what lies there must be there still."""

    def recorded(self, work: Callable[[], None]) -> Callable[[], None]:
        self.recordings += 1
        work()
        there = list(self.on_the_device)

        def play() -> None:
            self.plays += 1
            assert there
            assert all(each() is not None for each in there), "the memory was given to others"

        return play


def test_memory_that_recorded_work_reads_is_kept() -> None:
    """Else it is another tensor's by the next frame, or none: seen as a launch failure on an H200."""
    recorder = Forgets()
    frames = frames_of(recorder)
    for _ in range(4):
        frames.run_batch([noise(96, 64)], [geometry(96, 64)])
    assert recorder.plays == 3


def test_what_came_out_is_not_overwritten_by_the_next_frame() -> None:
    frames = frames_of(FakeRecorder())
    passes = [frames.run_batch([noise(64, 64, seed)], [geometry(64, 64)])[0] for seed in range(5)]
    again = [frames.run_batch([noise(64, 64, seed)], [geometry(64, 64)])[0] for seed in range(5)]
    for one, other in zip(passes, again, strict=True):
        np.testing.assert_array_equal(one.features, other.features)
        np.testing.assert_array_equal(one.network_input, other.network_input)
    assert len({each.logits.tobytes() for each in passes}) == 5


@pytest.mark.parametrize("fault", ["breaks", "lies"])
def test_what_cannot_be_recorded_goes_on_as_it_did(fault: str) -> None:
    recorder = FakeRecorder(**{fault: True})
    frames, plain = frames_of(recorder), PlainFrames(small_network(), PREPARE)
    for seed in range(4):
        image = noise(100, 80, seed)
        (ours,) = frames.run_batch([image], [geometry(100, 80)])
        (theirs,) = plain.run_batch([image], [geometry(100, 80)])
        np.testing.assert_allclose(ours.logits, theirs.logits, rtol=1e-4, atol=1e-4)
    assert recorder.recordings <= 1, "it isn't tried at every frame"


def test_each_shape_is_recorded_by_itself_and_the_oldest_are_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_graphs, "MOST_SHAPES", 2)
    recorder = FakeRecorder()
    frames = frames_of(recorder)
    for width in (64, 96, 128):
        for _ in range(2):
            frames.run_batch([noise(width, 64)], [geometry(width, 64)])
    assert recorder.recordings == 3
    frames.run_batch([noise(128, 64)], [geometry(128, 64)])
    assert recorder.recordings == 3
    for _ in range(2):  # it was let go
        frames.run_batch([noise(64, 64)], [geometry(64, 64)])
    assert recorder.recordings == 4


def test_live_and_still_frames_share_what_was_recorded() -> None:
    recorder = FakeRecorder()
    frames = frames_of(recorder)
    for exact in (True, False, True):
        frames.run_batch([noise(64, 48)], [geometry(64, 48, exact=exact)])
    assert (recorder.recordings, recorder.plays) == (1, 2)


def test_a_batch_is_as_its_frames_alone() -> None:
    frames, plain = frames_of(FakeRecorder()), PlainFrames(small_network(), PREPARE)
    images = [noise(80, 60, seed) for seed in range(3)]
    for _ in range(3):
        ours = frames.run_batch(images, [geometry(80, 60)] * 3)
        theirs = [plain.run_batch([image], [geometry(80, 60)])[0] for image in images]
        for one, other in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(one.features, other.features, rtol=1e-4, atol=1e-4)
            np.testing.assert_array_equal(one.network_input, other.network_input)


def test_frames_of_several_sizes_go_in_one_batch() -> None:
    frames, plain = frames_of(FakeRecorder()), PlainFrames(small_network(), PREPARE)
    sizes = [(80, 60), (60, 80), (224, 224), (500, 333)]
    images = [noise(*size) for size in sizes]
    geometries = [geometry(*size) for size in sizes]
    for _ in range(2):
        for one, other in zip(
            frames.run_batch(images, geometries), plain.run_batch(images, geometries), strict=True
        ):
            np.testing.assert_allclose(one.logits, other.logits, rtol=1e-4, atol=1e-4)
            np.testing.assert_array_equal(one.network_input, other.network_input)


def test_what_is_too_large_for_one_upload_goes_in_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_graphs, "MOST_BYTES", 2 * 64 * 64 * 3)
    recorder = FakeRecorder()
    frames = frames_of(recorder)
    images = [noise(64, 64, seed) for seed in range(5)]
    for _ in range(3):
        passes = frames.run_batch(images, [geometry(64, 64, Fit.SQUASH)] * 5)
    alone = [frames_of(FakeRecorder()).run_batch([i], [geometry(64, 64, Fit.SQUASH)])[0] for i in images]
    for one, other in zip(passes, alone, strict=True):
        np.testing.assert_allclose(one.logits, other.logits, rtol=1e-4, atol=1e-4)
    uploads = [len(buffer) for buffer in recorder.buffers if buffer.shape[1:] == (64, 64, 3)]
    assert uploads
    assert max(uploads) <= 2


def test_a_huge_frame_is_resized_before_it_is_uploaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_graphs, "MOST_FRAME_BYTES", 500 * 500 * 3)
    recorder = FakeRecorder()
    frames, plain = frames_of(recorder), PlainFrames(small_network(), PREPARE)
    image = noise(600, 700)
    for _ in range(3):
        (ours,) = frames.run_batch([image], [geometry(600, 700)])
    (theirs,) = plain.run_batch([image], [geometry(600, 700)])
    np.testing.assert_array_equal(ours.network_input, theirs.network_input)
    assert (1, 224, 224, 3) in [tuple(buffer.shape) for buffer in recorder.buffers]
    assert (1, 600, 600, 3) not in [tuple(buffer.shape) for buffer in recorder.buffers]


@pytest.mark.parametrize("huge", [False, True])
@pytest.mark.parametrize("fit", Fit)
@pytest.mark.parametrize("size", [(320, 240), (150, 233)])
def test_features_are_averaged_as_on_the_cpu(
    fit: Fit, size: tuple[int, int], huge: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if huge:
        monkeypatch.setattr(torch_graphs, "MOST_FRAME_BYTES", 1000)
    frames, plain = frames_of(FakeRecorder()), PlainFrames(small_network(), PREPARE)
    image = noise(*size)
    geometries = [
        replace(geometry(*size, fit, resolution), mirrored=mirrored)
        for resolution in (224, 320, 448)
        for mirrored in (False, True)
    ]
    single = [plain.run_batch([image], [g])[0] for g in geometries]
    parts = [
        p.features[:, :, ::-1] if g.mirrored else p.features for p, g in zip(single, geometries, strict=True)
    ]
    for _ in range(3):
        forward, planes = frames.averaged(image, geometries)
        np.testing.assert_allclose(planes, averaged_planes(parts), rtol=1e-4, atol=1e-4)
        np.testing.assert_allclose(forward.features, single[0].features, rtol=1e-4, atol=1e-4)
        np.testing.assert_array_equal(forward.network_input, single[0].network_input)


def test_a_device_that_fails_says_so() -> None:
    class Gone(FakeRecorder):
        def wait(self) -> None:
            raise RuntimeError("CUDA error: unspecified launch failure")

    frames = frames_of(Gone())
    frames.run_batch([noise(64, 64)], [geometry(64, 64)])
    with pytest.raises(RuntimeError, match="launch failure"):
        frames.run_batch([noise(64, 64)], [geometry(64, 64)])


def test_the_part_that_counts_is_the_region_and_a_margin() -> None:
    found = geometry(1280, 720)
    frames = frames_of(recorder := FakeRecorder())
    for _ in range(2):
        frames.run_batch([noise(1280, 720)], [found])
    height, width, _ = next(buffer.shape[1:] for buffer in recorder.buffers if buffer.dtype == torch.uint8)
    region: Region = found.region
    assert region.height <= height <= region.height + 8
    assert region.width <= width <= region.width + 8
