"""GPUs of any maker, by ONNX Runtime's WebGPU plug-in: which one there is, and sessions on it.

The plug-in (onnxruntime-ep-webgpu) computes with Vulkan, Direct3D 12 or Metal, and chooses the GPU by itself:
the fastest one. So there is one adapter or none.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from camviewer.core.runtimes.device_faults import short_reason
from camviewer.core.runtimes.onnx_session import (
    Array,
    OnnxSession,
    first_line,
    session_options,
)
from camviewer.core.runtimes.trials import (
    gave_up,
    trial,
)
from camviewer.core.runtimes.vulkan import (
    GpuKind,
    NoLoader,
    VulkanGpu,
    vulkan_gpus,
)
from camviewer.core.text import Text

log = logging.getLogger(__name__)
PROVIDER = "WebGpuExecutionProvider"
SOFTWARE_VARIABLE = "ORT_WEBGPU_EP_ALLOW_SOFTWARE_ADAPTER"
"""With "1" in it, a driver that computes on the processor will do: for tests."""
LOCK = threading.RLock()
"""All sessions of a process share one GPU context, which crashes the process if two threads use it at once:
one computes while another computes with another session, or makes or drops one. (Seen with 0.4.0.)"""
_REGISTERED = "camviewer-webgpu"
_BASIC_RENDER = "Microsoft Basic Render Driver"  # Windows' own, which computes on the processor

_NO_PACKAGE = Text("GPUs can't be used: onnxruntime-ep-webgpu is not installed.")
_NO_LOADER = Text(
    "GPUs can't be used: Vulkan is not installed. Install your GPU's driver, and libvulkan.so.1."
)
_NO_DRIVER = Text("GPUs can't be used: none has a driver for Vulkan. Install or update your GPU's driver.")
_SOFTWARE = Text("GPUs can't be used: the only driver for Vulkan, {name}, computes on the CPU.")
_ENDED = Text(
    "GPUs aren't used: their driver ended camviewer as it tried them. Update it, and start with --device gpu."
)
_NO_GPU = Text("No GPU was found.")
_REFUSED = Text("GPUs can't be used: {reason}")


@dataclass(frozen=True, slots=True)
class Adapter:
    """The GPU that computes. title: its name for people. software: it is none, the processor computes."""

    title: str
    software: bool
    handle: Any = field(repr=False, compare=False)
    """ONNX Runtime's OrtEpDevice."""


@dataclass(frozen=True, slots=True)
class Search:
    """What was found: an adapter, or why there is none."""

    adapter: Adapter | None
    problem: Text | None


@cache
def search() -> Search:
    """Looks once in a process, which loads the GPUs' drivers: 10 to 250 ms. Never raises."""
    if gave_up():
        return Search(None, Text(_ENDED.template))
    with LOCK, trial():
        try:
            import onnxruntime
            import onnxruntime_ep_webgpu as plug_in
        except ImportError:
            return Search(None, Text(_NO_PACKAGE.template))
        vulkan = vulkan_gpus if sys.platform == "linux" else None
        return found_by(onnxruntime, plug_in.get_library_path, vulkan, os.environ)


def found_by(
    onnxruntime: Any,
    library: Callable[[], str],
    vulkan: Callable[[], Sequence[VulkanGpu]] | None,
    environment: Mapping[str, str],
) -> Search:
    """As `search`, of these: the module, the plug-in's path, what Vulkan knows (None where it isn't used)."""
    allowed = environment.get(SOFTWARE_VARIABLE) == "1"
    gpu = None
    if vulkan is not None:
        try:
            gpus = vulkan()
        except NoLoader:
            return Search(None, Text(_NO_LOADER.template))
        except RuntimeError as error:
            return Search(None, Text(_REFUSED.template, reason=f"Vulkan ({error})"))
        if not gpus:
            return Search(None, Text(_NO_DRIVER.template))
        gpu = gpus[0]
        if gpu.kind is GpuKind.CPU and not allowed:
            return Search(None, Text(_SOFTWARE.template, name=gpu.name))
    try:
        onnxruntime.set_default_logger_severity(4)  # else it warns of the variable
        with _variable_set(gpu is not None):
            onnxruntime.register_execution_provider_library(_REGISTERED, library())
        handles = [each for each in onnxruntime.get_ep_devices() if each.ep_name == PROVIDER]
    except Exception as error:  # ONNX Runtime's errors have no other class in common
        log.info("the WebGPU plug-in can't be used", exc_info=True)
        reason = short_reason(RuntimeError(first_line(error)))
        return Search(None, Text(_REFUSED.template, reason=reason))
    if not handles:
        return Search(None, Text(_NO_GPU.template))
    handle = min(handles, key=_rank)
    if gpu is not None:
        return Search(Adapter(gpu.name, gpu.kind is GpuKind.CPU, handle), None)
    title = _described(handle)
    software = title == _BASIC_RENDER
    if software and not allowed:
        return Search(None, Text(_NO_GPU.template))
    return Search(Adapter(title, software, handle), None)


@contextmanager
def _variable_set(wanted: bool) -> Iterator[None]:
    """ONNX Runtime looks for GPUs in /sys/class/drm, and finds none in containers and in WSL.

    With the variable it offers the plug-in all the same, which then takes the GPU that Vulkan knows.
    """
    if not wanted:
        yield
        return
    before = os.environ.pop(SOFTWARE_VARIABLE, None)
    os.environ[SOFTWARE_VARIABLE] = "1"
    try:
        yield
    finally:
        del os.environ[SOFTWARE_VARIABLE]
        if before is not None:
            os.environ[SOFTWARE_VARIABLE] = before


def _rank(handle: Any) -> tuple[int, int]:
    """The lower the faster the GPU is."""
    facts = dict(handle.device.metadata)
    return int(facts.get("DxgiHighPerformanceIndex", 99)), 0 if facts.get("Discrete") == "1" else 1


def _described(handle: Any) -> str:
    """The GPU's name, as Windows and macOS tell it; else its maker's."""
    return str(dict(handle.device.metadata).get("Description") or handle.device.vendor or "GPU")


def use_adapter(options: Any, adapter: Adapter) -> None:
    """Have sessions with these SessionOptions compute on the GPU. `WebGpuSession` makes such sessions."""
    options.add_provider_for_devices([adapter.handle], {})


class WebGpuSession(OnnxSession):
    """A graph on the GPU; several threads may use several of them, in turns."""

    def __init__(self, model: bytes, weights: Mapping[str, Array], adapter: Adapter) -> None:
        """As `OnnxSession`. Raises RuntimeError if the GPU's driver fails: see `device_reason`."""
        with LOCK:
            options = session_options()
            use_adapter(options, adapter)
            super().__init__(model, weights, options, providers=None)

    def run(self, *inputs: Array) -> list[Array]:
        """As `OnnxSession.run`. The first run takes seconds where the driver compiles the shaders anew."""
        with LOCK:
            return super().run(*inputs)

    def __del__(self) -> None:
        """Gives the GPU's memory back, while no other thread computes."""
        with LOCK:
            self.__dict__.pop("_session", None)
