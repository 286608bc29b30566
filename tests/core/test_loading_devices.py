"""On which device a model is loaded, and what is said where it isn't the wanted one."""

from __future__ import annotations

import gc
import sys
import time
import weakref
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
import torch
import torchvision

from camviewer.core.arrays import ByteArray
from camviewer.core.explainer import Explainer
from camviewer.core.failures import ModelFailure
from camviewer.core.geometry import InputGeometry
from camviewer.core.loading import (
    ModelChoice,
    _compare_with_cpu,
    _on_device,
    load_model,
    load_with_devices,
)
from camviewer.core.models.builtin import EFFICIENTNET_LITE0
from camviewer.core.runtimes.base import ModelRun
from camviewer.core.runtimes.device import CPU, CPU_OFFER, CUDA, WEBGPU, Device, DeviceOffer
from camviewer.core.runtimes.device_faults import DeviceProblem, DeviceRefused
from camviewer.core.runtimes.precision import Precision
from camviewer.core.runtimes.registry import release_memory
from camviewer.core.runtimes.webgpu import Adapter, Search
from camviewer.core.text import Text

Error = Callable[[], Exception]
"""Makes a new one: an error that is kept keeps all that its traceback leads to."""


def full() -> Exception:
    return RuntimeError("CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a capacity of 139 GiB.")


SECOND = Device("cuda:1")
TWO_GPUS = (
    DeviceOffer(CUDA, "GPU A", (Precision.TF32, Precision.FLOAT32)),
    DeviceOffer(SECOND, "GPU B", (Precision.TF32, Precision.FLOAT32)),
    CPU_OFFER,
)


class Weights:
    """Memory of a device, which is free once nothing refers to it."""


class Devices:
    """A `load_on` for devices of which some fail: when the model is loaded, or when it sees a frame."""

    def __init__(self, at_load: dict[str, Error] | None = None, **at_run: Error) -> None:
        self.at_load, self.at_run = at_load or {}, at_run
        self.tried: list[str] = []
        self.kept = False
        """Whether a device was tried while a model that had failed still had its memory."""
        self.weights: list[weakref.ref[Weights]] = []

    def __call__(self, device: Device) -> Explainer:
        self.kept |= any(ref() is not None for ref in self.weights)
        self.tried.append(device)
        weights = Weights()
        self.weights.append(weakref.ref(weights))
        if device in self.at_load:
            raise self.at_load[device]()

        def explain(*_: object) -> Weights:
            if device in self.at_run:
                raise self.at_run[device]()
            return weights

        return cast(
            Explainer,
            SimpleNamespace(info=SimpleNamespace(native_resolution=4, device=device), explain=explain),
        )


def offers() -> Sequence[DeviceOffer]:
    return TWO_GPUS


def loaded(wanted: str, load_on: Callable[[Device], Explainer]) -> tuple[str, Text | None]:
    explainer, problem = _on_device(wanted, "ResNet18", load_on, offers)
    return explainer.info.device, problem


def test_auto_takes_the_best() -> None:
    devices = Devices()
    assert loaded("auto", devices) == ("cuda", None)
    assert devices.tried == ["cuda"]


@pytest.mark.parametrize("at", ["load", "run"])
def test_a_gpu_whose_memory_another_process_has_is_left_for_the_next(at: str) -> None:
    devices = Devices({"cuda": full}) if at == "load" else Devices(cuda=full)
    device, problem = loaded("auto", devices)
    assert device == "cuda:1"
    assert problem is not None
    assert "has too little free memory; close other programs that use it." in problem
    assert devices.tried == ["cuda", "cuda:1"]
    assert not devices.kept


def test_auto_ends_with_the_cpu_whatever_gpus_do() -> None:
    errors: tuple[Error, ...] = (full, AssertionError, lambda: ImportError("libcuda.so.1"))
    for error in errors:
        devices = Devices({"cuda": error, "cuda:1": lambda: RuntimeError("unspecified launch failure")})
        device, problem = loaded("auto", devices)
        assert device == "cpu"
        assert problem, "the first one's fault is said"
        assert "crashed" not in problem


def test_a_device_that_is_known_to_be_broken_is_not_tried() -> None:
    broken = replace(TWO_GPUS[0], problem=Text("GPU A doesn't answer."))
    devices = Devices()
    explainer, problem = _on_device("auto", "ResNet18", devices, lambda: (broken, CPU_OFFER))
    assert (explainer.info.device, problem) == (CPU, "GPU A doesn't answer.")
    assert devices.tried == ["cpu"]
    explainer, problem = _on_device("auto", "ResNet18", devices, lambda: (*TWO_GPUS[:1], broken, CPU_OFFER))
    assert (explainer.info.device, problem) == (CUDA, None), "the best one is used: nothing is to be said"


def test_a_device_that_was_asked_for_is_followed_by_the_cpu_alone() -> None:
    devices = Devices({"cuda:1": lambda: RuntimeError("CUDA error: invalid device ordinal\n…")})
    device, problem = loaded("cuda:1", devices)
    assert (device, problem) == ("cpu", "There is no cuda:1; choose another device.")
    assert devices.tried == ["cuda:1", "cpu"]


def test_the_cpu_alone_is_tried_where_it_was_asked_for() -> None:
    def nobody() -> Sequence[DeviceOffer]:
        raise AssertionError("GPUs are not asked")

    explainer, problem = _on_device("cpu", "ResNet18", Devices(), nobody)
    assert (explainer.info.device, problem) == (CPU, None)


def test_what_does_not_run_on_the_cpu_runs_nowhere() -> None:
    devices = Devices({"cuda": full, "cuda:1": full, "cpu": lambda: RuntimeError("shapes")})
    with pytest.raises(ModelFailure, match="ResNet18 doesn't run on this computer"):
        loaded("auto", devices)


def test_a_failed_model_in_a_circle_of_objects_is_let_go_of() -> None:
    class Circular(Devices):
        def __call__(self, device: Device) -> Explainer:
            explainer = super().__call__(device)
            vars(explainer)["itself"] = explainer
            return explainer

    devices = Circular(cuda=full)
    gc.disable()
    try:
        assert loaded("auto", devices)[0] == "cuda:1"
    finally:
        gc.enable()
    assert not devices.kept


def test_a_remembered_device_that_is_gone_means_auto() -> None:
    choice = ModelChoice(EFFICIENTNET_LITE0.name, device="NVIDIA H200 (2)")
    with pytest.raises(ModelFailure, match=r"There is no device 'NVIDIA H200 \(2\)'"):
        load_model(choice)
    found = load_with_devices(choice)
    assert found.device_problem == "There is no device 'NVIDIA H200 (2)'."
    assert found.explainer.info.device in [offer.device for offer in found.devices]
    assert found.devices[-1].device == CPU
    assert found.devices[-1].precisions[0] is Precision.FLOAT32


def test_a_precision_that_the_device_has_not() -> None:
    choice = ModelChoice(EFFICIENTNET_LITE0.name, device="cpu", precision=Precision.TF32)
    found = load_model(choice)
    assert found.explainer.info.precision is Precision.FLOAT32
    told = "EfficientNet-Lite0 on CPU is computed with float32, not TF32."
    assert (found.precision_problem, found.device_problem) == (told, None)


def test_a_device_that_failed_is_reason_enough_for_its_precision() -> None:
    choice = ModelChoice(EFFICIENTNET_LITE0.name, device="hpu", precision=Precision.TF32)
    found = load_model(choice)
    assert found.precision_problem is None
    assert found.device_problem == (
        "hpu can't be used; this PyTorch is made without it: install one that has it."
    )


def test_an_onnx_file_runs_on_the_cpu_and_says_so_if_another_was_asked_for(onnx_file: Path) -> None:
    for device, problem in (
        ("auto", None),
        ("CPU", None),
        ("cuda", f"{onnx_file.name} is an ONNX file, which runs on the CPU only."),
    ):
        found = load_model(ModelChoice(file=onnx_file, device=device))
        assert (found.explainer.info.device, found.device_problem) == (CPU, problem)


@pytest.fixture
def onnx_file(tmp_path: Path) -> Path:
    """Two classes: the mean of two of a picture's channels."""
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper, save

    weight = numpy_helper.from_array(np.eye(2, 3, dtype=np.float32)[:, :, None, None], "weight")
    nodes = [
        helper.make_node("Conv", ["image", "weight"], ["features"], strides=[4, 4]),
        helper.make_node("GlobalAveragePool", ["features"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["scores"]),
    ]
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, 32, 32])
    scores = helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, 2])
    graph = helper.make_graph(nodes, "net", [image], [scores], [weight])
    path = tmp_path / "net.onnx"
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
    return path


def test_memory_is_given_back_without_a_gpu_and_without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    release_memory()
    for gone in ({}, {"torch": None}):
        monkeypatch.delitem(sys.modules, "torch", raising=False)
        for name, module in gone.items():
            monkeypatch.setitem(sys.modules, name, module)
        before = set(sys.modules)
        release_memory()
        assert set(sys.modules) == before


# GPUs of any maker are compared with the CPU


WEBGPU_OFFER = DeviceOffer(WEBGPU, "Arc A310", (Precision.FLOAT32,))


def test_a_gpu_that_is_refused_is_no_problem_but_its_reason_is_kept() -> None:
    slow = Text("Arc A310 is slower than the CPU.")
    devices = Devices({WEBGPU: lambda: DeviceRefused(slow)})
    refused: dict[Device, Text] = {}
    explainer, problem = _on_device(
        "auto", "ResNet18", devices, lambda: (WEBGPU_OFFER, CPU_OFFER), refused=refused
    )
    assert (explainer.info.device, problem, refused) == (CPU, None, {WEBGPU: slow})
    assert not devices.kept


def test_a_gpu_that_computes_wrongly_is_a_problem_where_it_was_asked_for() -> None:
    wrong = Text("Arc A310 computes wrongly; the CPU is used.")
    device, problem = loaded("webgpu", Devices({WEBGPU: lambda: DeviceProblem(wrong)}))
    assert (device, problem) == (CPU, wrong)


class Compared:
    """A run whose features are the frame's mean colour, times a factor; after a delay that a clock shows."""

    def __init__(self, factor: float = 1.0, delay: float = 0.0) -> None:
        self.factor, self.delay, self.device_title = factor, delay, "Arc A310"

    def run(self, image: ByteArray, _: InputGeometry) -> SimpleNamespace:
        wait = time.perf_counter() + self.delay
        while time.perf_counter() < wait:
            pass
        return SimpleNamespace(features=image.mean((0, 1), np.float64)[:, None, None] * self.factor)


@pytest.mark.parametrize(
    ("gpu", "may_be_refused", "error"),
    [
        (Compared(), True, None),
        (Compared(1.1), True, DeviceRefused),
        (Compared(1.1), False, DeviceProblem),
        (Compared(delay=0.02), True, DeviceRefused),
        (Compared(delay=0.02), False, None),
    ],
    ids=["right and fast", "wrong", "wrong and asked for", "slow", "slow and asked for"],
)
def test_what_the_comparison_means(
    gpu: Compared, may_be_refused: bool, error: type[DeviceProblem] | None
) -> None:
    cpu = Compared(delay=0.005)

    def compare() -> None:
        _compare_with_cpu(cast(ModelRun, gpu), cast(ModelRun, cpu), EFFICIENTNET_LITE0, may_be_refused)

    if error is None:
        compare()
    else:
        with pytest.raises(error, match="Arc A310") as caught:
            compare()
        assert type(caught.value) is error


def test_without_a_gpu_that_was_asked_for_its_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = Search(None, Text("GPUs can't be used: Vulkan is not installed."))
    monkeypatch.setattr("camviewer.core.runtimes.webgpu.search", lambda: nothing)
    for name in ("gpu", "webgpu"):
        found = load_with_devices(ModelChoice(EFFICIENTNET_LITE0.name, device=name))
        assert found.explainer.info.device == CPU
        assert found.device_problem is not None
        assert "Vulkan is not installed" in found.device_problem
    assert load_with_devices(ModelChoice(EFFICIENTNET_LITE0.name)).device_problem is None


def test_other_networks_than_built_in_ones_stay_on_the_cpu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Search(Adapter("Arc A310", False, None), None)
    monkeypatch.setattr("camviewer.core.runtimes.webgpu.search", lambda: found)
    path = tmp_path / "own.pth"
    torch.save(torchvision.models.resnet18(num_classes=3).state_dict(), path)
    own = load_model(ModelChoice(file=path, device="webgpu"))
    assert own.explainer.info.device == CPU
    assert own.device_problem == "own.pth runs on the CPU: on this GPU only built-in networks run."
    assert load_model(ModelChoice(file=path)).device_problem is None
