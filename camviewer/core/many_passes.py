"""Many passes for one frame, on changed copies of the network's input: in batches, with progress."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from camviewer.core.arrays import ByteArray, FloatArray
from camviewer.core.cancelling import check_wanted
from camviewer.core.frames import Region
from camviewer.core.geometry import as_input
from camviewer.core.progress import report
from camviewer.core.runtimes.base import ModelRun

BATCH_PIXELS = 1 << 20
"""So many pixels of input go through the network at once: about 20 inputs of the usual size."""


def batches_of_logits(
    run: ModelRun, inputs: Iterator[ByteArray], count: int, batch_pixels: int = BATCH_PIXELS
) -> Iterator[FloatArray]:
    """Logits float32 [n, N] of the next inputs, batch by batch: no more than one batch is in memory.

    inputs: `count` of uint8 [h, w, 3], all of one size, as `ForwardPass.network_input` is. batch_pixels: of
    the inputs of a batch, about, at most; but a batch has one input. Raises CancelledError.
    """
    done = 0
    report(done, count)
    for batch in _batches(inputs, count, batch_pixels):
        check_wanted()
        height, width = batch[0].shape[:2]
        geometry = as_input(batch[0], Region(0, 0, width, height))
        passed = run.run_batch(batch, [geometry] * len(batch))
        done += len(batch)
        report(done, count)
        yield np.stack([each.logits for each in passed])


def _batches(inputs: Iterator[ByteArray], count: int, batch_pixels: int) -> Iterator[list[ByteArray]]:
    """All inputs in batches of sizes as equal as can be: a GPU prepares anew for every size."""
    first = next(inputs)
    batches = min(count, math.ceil(count * first[..., 0].size / batch_pixels))
    sizes = [count * (i + 1) // batches - count * i // batches for i in range(batches)]
    batch = [first]
    for size in sizes:
        batch += [next(inputs) for _ in range(size - len(batch))]
        yield batch
        batch = []
