"""Records work on NVIDIA's GPUs as CUDA graphs. Imports torch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache

import torch
from torch import Tensor

from camviewer.core.runtimes.device import Device


class CudaRecorder:
    """Records work as CUDA graphs, on a stream of its own. See `torch_graphs.Recorder`."""

    def __init__(self, device: Device) -> None:
        """Raises RuntimeError if the device fails."""
        torch.cuda.synchronize(device)  # weights may still be on their way, on another stream
        self._device = device
        self._stream = _stream(device)
        # Graphs run one after the other and what comes out is copied at once: they may share memory.
        self._pool = torch.cuda.graph_pool_handle()

    def pinned(self, shape: Sequence[int], dtype: torch.dtype) -> Tensor:
        """As `Recorder.pinned`."""
        return torch.empty(tuple(shape), dtype=dtype, pin_memory=True)

    def on_device(self, shape: Sequence[int], dtype: torch.dtype) -> Tensor:
        """As `Recorder.on_device`."""
        return torch.empty(tuple(shape), dtype=dtype, device=self._device)

    def recorded(self, work: Callable[[], None]) -> Callable[[], None]:
        """As `Recorder.recorded`."""
        work()  # once on this stream: its workspaces are not to be made while it is recorded
        self._stream.synchronize()
        graph = torch.cuda.CUDAGraph()
        # Not by torch.cuda.graph, which collects garbage: that stops the window for a quarter of a second.
        graph.capture_begin(pool=self._pool, capture_error_mode="thread_local")
        try:
            work()
        except BaseException:
            _abandon(graph)
            raise
        graph.capture_end()
        return graph.replay

    @contextmanager
    def working(self) -> Iterator[None]:
        """As `Recorder.working`."""
        with torch.cuda.device(self._device), torch.cuda.stream(self._stream):
            yield

    def wait(self) -> None:
        """As `Recorder.wait`."""
        self._stream.synchronize()


@cache
def _stream(device: Device) -> torch.cuda.Stream:
    """One for all models: for each stream libraries keep memory of their own for good, 32 MiB on an H200."""
    return torch.cuda.Stream(device)  # type: ignore[no-untyped-call]


def _abandon(graph: torch.cuda.CUDAGraph) -> None:
    """End a recording that failed, so that the stream can be used again."""
    with suppress(RuntimeError):  # this is how a failed recording ends
        graph.capture_end()
