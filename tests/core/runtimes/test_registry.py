"""Devices by name, and which runtime serves them."""

from __future__ import annotations

import json

import pytest

from camviewer.core.failures import ModelFailure
from camviewer.core.runtimes.device import AUTO, CPU, Device
from camviewer.core.runtimes.registry import resolve_device, runtime_for, runtimes


@pytest.mark.parametrize("text", ["", "cuda:x", "cuda:", ":1", "CPU", "cuda:1:2", "cuda :1", "cuda:9999"])
def test_what_can_not_be_the_name_of_a_device(text: str) -> None:
    with pytest.raises(ModelFailure, match="There is no device"):
        Device.parse(text)


def test_devices_are_their_text() -> None:
    second = Device.parse("cuda:1")
    assert (second.kind, str(second), f"{second}", json.dumps(second)) == (
        *("cuda", "cuda:1", "cuda:1"),
        '"cuda:1"',
    )
    assert Device.parse("metal") == "mps"
    assert (Device.parse("auto"), Device.parse("cpu")) == (AUTO, CPU)
    assert CPU.kind == CPU


def test_each_device_has_one_runtime() -> None:
    names = {device: runtime_for(resolve_device(device)).name for device in ("cpu", "cuda", "cuda:1", "mps")}
    assert names == {"cpu": "onnx_cpu", "cuda": "torch_cuda", "cuda:1": "torch_cuda", "mps": "torch_metal"}
    for device in ("cpu", "cuda:1", "mps", "xpu"):
        assert sum(runtime.resolve(Device(device)) is not None for runtime in runtimes()) == 1


def test_there_is_always_the_cpu() -> None:
    assert runtimes()[-1].devices() == (CPU,)
    assert resolve_device("cpu:0") == CPU
    assert resolve_device("auto") in [device for runtime in runtimes() for device in runtime.devices()]


def test_titles() -> None:
    cuda, metal, _, cpu = runtimes()
    assert cpu.title(CPU) == "CPU"
    assert metal.title(Device("mps")) == "Metal"
    with pytest.raises((RuntimeError, AssertionError)):
        cuda.title(Device("cuda:99"))
