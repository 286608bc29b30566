"""Which GPU WebGPU finds, on computers that are made up. On real drivers: test_webgpu_vulkan.py."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from camviewer.core.runtimes.device_faults import LONGEST
from camviewer.core.runtimes.vulkan import GpuKind, NoLoader, VulkanGpu, vulkan_gpus
from camviewer.core.runtimes.webgpu import (
    LOCK,
    PROVIDER,
    SOFTWARE_VARIABLE,
    Adapter,
    Search,
    WebGpuSession,
    found_by,
    use_adapter,
)
from camviewer.core.text import Text

ALLOWED = {SOFTWARE_VARIABLE: "1"}
GEFORCE = VulkanGpu("NVIDIA GeForce RTX 3060", GpuKind.DISCRETE)
INTEL = VulkanGpu("Intel(R) UHD Graphics 620 (KBL GT2)", GpuKind.INTEGRATED)
LLVMPIPE = VulkanGpu("llvmpipe (LLVM 19.1.7, 256 bits)", GpuKind.CPU)


def handle(provider: str = PROVIDER, vendor: str = "", **metadata: str) -> Any:
    """What ONNX Runtime knows of a provider on a piece of hardware."""
    return SimpleNamespace(ep_name=provider, device=SimpleNamespace(metadata=metadata, vendor=vendor))


@dataclass
class FakeOnnxRuntime:
    """Offers devices once the plug-in is registered; error: of that."""

    handles: Sequence[Any] = ()
    error: Exception | None = None
    registered: list[str] = field(default_factory=list)
    variable: str | None = None

    def set_default_logger_severity(self, severity: int) -> None:
        assert severity == 4

    def register_execution_provider_library(self, name: str, path: str) -> None:
        self.variable = os.environ.get(SOFTWARE_VARIABLE)
        if self.error is not None:
            raise self.error
        self.registered.append(path)

    def get_ep_devices(self) -> list[Any]:
        assert self.registered
        return [handle("CPUExecutionProvider"), *self.handles]


def found(
    runtime: FakeOnnxRuntime,
    vulkan: Callable[[], Sequence[VulkanGpu]] | None = None,
    environment: dict[str, str] | None = None,
) -> Search:
    return found_by(runtime, lambda: "plug-in.so", vulkan, environment or {})


def problem(searched: Search) -> Text:
    assert searched.adapter is None
    assert searched.problem is not None
    assert searched.problem.template.endswith((".", "{reason}"))
    return searched.problem


def raising(error: Exception) -> Callable[[], Sequence[VulkanGpu]]:
    def vulkan() -> Sequence[VulkanGpu]:
        raise error

    return vulkan


def test_on_linux_the_gpu_has_the_name_that_vulkan_gives() -> None:
    gpu = handle(Discrete="1")
    searched = found(FakeOnnxRuntime([gpu]), lambda: [GEFORCE, INTEL, LLVMPIPE])
    assert searched == Search(Adapter("NVIDIA GeForce RTX 3060", False, gpu), None)
    assert searched.adapter is not None
    assert searched.adapter.handle is gpu


def test_elsewhere_onnx_runtime_knows_the_name() -> None:
    handles = [
        handle(Description="Intel(R) UHD Graphics", DxgiHighPerformanceIndex="1"),
        handle(Description="AMD Radeon RX 6600", DxgiHighPerformanceIndex="0", Discrete="1"),
        handle(Description="Microsoft Basic Render Driver", DxgiHighPerformanceIndex="2"),
    ]
    searched = found(FakeOnnxRuntime(handles))
    assert searched.adapter == Adapter("AMD Radeon RX 6600", False, None)
    assert searched.adapter.handle is handles[1]
    apple = found(FakeOnnxRuntime([handle(vendor="Apple")])).adapter
    assert apple == Adapter("Apple", False, None)


def test_windows_own_driver_is_no_gpu() -> None:
    runtime = FakeOnnxRuntime([handle(Description="Microsoft Basic Render Driver")])
    assert problem(found(runtime)) == "No GPU was found."
    searched = found(runtime, environment=ALLOWED)
    assert searched.adapter is not None
    assert searched.adapter.software


def test_what_is_missing_is_said() -> None:
    none = FakeOnnxRuntime()
    assert "Vulkan is not installed" in problem(found(none, raising(NoLoader("libvulkan.so.1"))))
    assert "none has a driver for Vulkan" in problem(found(none, lambda: []))
    assert "llvmpipe (LLVM 19.1.7, 256 bits), computes on the CPU" in problem(found(none, lambda: [LLVMPIPE]))
    assert "(VkResult -3)" in problem(found(none, raising(RuntimeError("VkResult -3"))))
    assert not none.registered, "the plug-in is loaded only where there is a GPU"
    assert problem(found(none)) == "No GPU was found."


def test_software_may_be_allowed() -> None:
    searched = found(FakeOnnxRuntime([handle()]), lambda: [LLVMPIPE], ALLOWED)
    assert searched.adapter == Adapter(LLVMPIPE.name, True, None)


def test_a_plug_in_that_does_not_fit_is_no_reason_to_stop() -> None:
    class Fail(Exception):  # ONNX Runtime's are of no other class, either
        pass

    said = "ORT runtime version 1.22.0 is below the minimum required version 1.24.4"
    error = Fail(f"[ONNXRuntimeError] : 1 : FAIL : {said}")
    assert problem(found(FakeOnnxRuntime(error=error), lambda: [GEFORCE])) == f"GPUs can't be used: {said}"
    told = problem(found(FakeOnnxRuntime(error=Fail("many words " * 40)), lambda: [GEFORCE]))
    assert len(str(told.values["reason"])) <= LONGEST


@pytest.mark.parametrize("before", [None, "0", "1"])
def test_gpus_that_onnx_runtime_does_not_see_are_used(
    before: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In containers and WSL it knows none; the plug-in does, if the variable has it offered."""
    monkeypatch.delenv(SOFTWARE_VARIABLE, raising=False)
    if before is not None:
        monkeypatch.setenv(SOFTWARE_VARIABLE, before)
    runtime = FakeOnnxRuntime([handle()])
    assert found(runtime, lambda: [GEFORCE]).adapter == Adapter(GEFORCE.name, False, None)
    assert runtime.variable == "1"
    assert os.environ.get(SOFTWARE_VARIABLE) == before, "as it was"
    runtime = FakeOnnxRuntime(error=RuntimeError("refused"))
    found(runtime, lambda: [GEFORCE])
    assert os.environ.get(SOFTWARE_VARIABLE) == before, "after an error, too"


def test_no_loader() -> None:
    with pytest.raises(NoLoader):
        vulkan_gpus("libno-such-vulkan.so.1")


def test_the_adapter_is_put_on_options() -> None:
    calls: list[Any] = []
    options = SimpleNamespace(add_provider_for_devices=lambda *arguments: calls.append(arguments))
    gpu = handle()
    use_adapter(options, Adapter("GPU", False, gpu))
    assert calls == [([gpu], {})]


def test_sessions_are_dropped_while_nobody_computes() -> None:
    """The plug-in crashes the process if a session goes while another computes."""
    dropped = threading.Event()

    class Inner:
        def __del__(self) -> None:
            dropped.set()

    session = WebGpuSession.__new__(WebGpuSession)
    session._session = Inner()
    waiting = [session]
    del session
    thread = threading.Thread(target=waiting.clear)
    with LOCK:
        thread.start()
        assert not dropped.wait(0.05)
    assert dropped.wait(10)
    thread.join()
