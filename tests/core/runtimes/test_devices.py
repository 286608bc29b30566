"""Which devices there are, on computers that are made up, and which one a user means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from camviewer.core.arrays import AnyArray
from camviewer.core.failures import ModelFailure
from camviewer.core.models.spec import ModelSpec
from camviewer.core.runtimes.base import ModelRun
from camviewer.core.runtimes.device import (
    AUTO,
    CPU,
    CUDA,
    WEBGPU,
    Device,
    DeviceOffer,
    NoDeviceFailure,
    automatic,
    numbered,
    offer_named,
    without_doubles,
)
from camviewer.core.runtimes.precision import Precision
from camviewer.core.runtimes.registry import device_offers, resolve_device
from camviewer.core.text import Text

FLOAT32, TF32, FLOAT16 = Precision.FLOAT32, Precision.TF32, Precision.FLOAT16
OLD_DRIVER = "The NVIDIA driver on your system is too old (found version 11040). Please update it."


@dataclass
class FakeRuntime:
    """Has the titles for its devices; an exception among them is raised. error: of `devices`."""

    kind: str
    titles: dict[str, str | Exception]
    offered: tuple[Precision, ...] = (FLOAT32,)
    error: Exception | None = None
    name: str = field(default="fake")

    def devices(self) -> tuple[Device, ...]:
        if self.error is not None:
            raise self.error
        return tuple(map(Device, self.titles))

    def resolve(self, device: Device) -> Device | None:
        return device if device.kind == self.kind else None

    def title(self, device: Device) -> str:
        title = self.titles[device]
        if isinstance(title, Exception):
            raise title
        return title

    def precisions(self, device: Device) -> tuple[Precision, ...]:
        return self.offered

    def load(
        self,
        spec: ModelSpec,
        state: Mapping[str, AnyArray],
        device: Device,
        labels_file: Path | None = None,
        precision: Precision | None = None,
    ) -> ModelRun:
        raise NotImplementedError


CPU_RUNTIME = FakeRuntime("cpu", {"cpu": "CPU"})
TWINS = FakeRuntime("cuda", {"cuda": "NVIDIA H200", "cuda:1": "NVIDIA H200"}, (TF32, FLOAT32, FLOAT16))
MIXED = FakeRuntime("cuda", {"cuda": "NVIDIA H100 PCIe", "cuda:1": "NVIDIA RTX A2000"}, (TF32, FLOAT32))


def nothing_wrong() -> Exception | None:
    return None


def test_all_devices_are_offered_by_titles_of_their_own() -> None:
    offers = device_offers((TWINS, CPU_RUNTIME), nothing_wrong)
    assert [(offer.device, offer.title) for offer in offers] == [
        ("cuda", "NVIDIA H200"),
        ("cuda:1", "NVIDIA H200 (2)"),
        ("cpu", "CPU"),
    ]
    assert offers[0].precisions == (TF32, FLOAT32, FLOAT16)
    assert all(offer.problem is None for offer in offers)
    assert automatic(offers).device == CUDA


def test_titles_are_numbered_only_where_they_are_the_same() -> None:
    assert numbered(["A", "B", "A", "A"]) == ["A", "B", "A (2)", "A (3)"]
    assert numbered(numbered(["A", "A"])) == ["A", "A (2)"]


def test_a_gpu_that_is_lost_is_offered_with_its_problem() -> None:
    lost = RuntimeError("CUDA error: unknown error\nCUDA kernel errors might be…")
    cuda = FakeRuntime("cuda", {"cuda": lost, "cuda:1": "NVIDIA H200"}, (TF32, FLOAT32))
    offers = device_offers((cuda, CPU_RUNTIME), nothing_wrong)
    assert offers[0] == DeviceOffer(CUDA, "cuda", (), offers[0].problem)
    assert offers[0].problem == "cuda doesn't answer; restart the computer."
    assert automatic(offers).device == "cuda:1"
    assert resolve_device("gpu", (cuda, CPU_RUNTIME)) == "cuda:1"


@pytest.mark.parametrize("error", [None, RuntimeError("CUDA error: whatever"), ImportError("libcuda.so")])
def test_a_broken_driver_means_the_cpu_and_a_sentence(error: Exception | None) -> None:
    """Torch says that there is no GPU, or can't say how many; asked for the reason, it names the driver."""
    cuda = FakeRuntime("cuda", {}, error=error)
    offers = device_offers((cuda, CPU_RUNTIME), lambda: RuntimeError(OLD_DRIVER))
    assert [offer.device for offer in offers] == ["cuda", "cpu"]
    assert offers[0].problem == "NVIDIA GPU can't be used; its driver is too old: update it."
    assert automatic(offers).device == CPU


@pytest.mark.parametrize("message", ["Found no NVIDIA driver on your system.", "No CUDA GPUs are available"])
def test_a_computer_without_a_gpu_has_no_problem(message: str) -> None:
    offers = device_offers((FakeRuntime("cuda", {}), CPU_RUNTIME), lambda: RuntimeError(message))
    assert [(offer.device, offer.problem) for offer in offers] == [("cpu", None)]


@pytest.mark.parametrize(
    ("wanted", "device"),
    [
        ("cuda", "cuda"),
        ("cuda:0", "cuda"),
        ("cuda:1", "cuda:1"),
        ("gpu", "cuda"),
        ("a2000", "cuda:1"),
        ("A2000", "cuda:1"),
        ("NVIDIA H100 PCIe", "cuda"),
        ("h100", "cuda"),
        ("cpu", "cpu"),
        ("CPU", "cpu"),
        ("auto", "cuda"),
        ("cuda:7", "cuda:7"),  # loading shows that there is none
    ],
)
def test_devices_by_name(wanted: str, device: str) -> None:
    assert resolve_device(wanted, (MIXED, CPU_RUNTIME)) == device


@pytest.mark.parametrize("wanted", ["", " ", "banana", "rtx 4090", "cuda:x", "cuda:9999"])
def test_a_name_of_no_device_is_told_with_those_that_there_are(wanted: str) -> None:
    with pytest.raises(NoDeviceFailure, match=f"There is no device '{wanted}'") as told:
        resolve_device(wanted, (MIXED, CPU_RUNTIME))
    assert "cuda (NVIDIA H100 PCIe), cuda:1 (NVIDIA RTX A2000), cpu (CPU)" in told.value.mend


def test_a_name_of_several_is_told_with_them() -> None:
    with pytest.raises(ModelFailure, match="'h200' may be several devices") as told:
        resolve_device("h200", (TWINS, CPU_RUNTIME))
    assert "cuda (NVIDIA H200), cuda:1 (NVIDIA H200 (2))" in told.value.mend
    assert "cpu" not in told.value.mend
    assert resolve_device("nvidia h200", (TWINS, CPU_RUNTIME)) == "cuda", "a whole title goes before a part"
    assert resolve_device("NVIDIA H200 (2)", (TWINS, CPU_RUNTIME)) == "cuda:1"


def test_gpu_on_a_computer_without_one() -> None:
    with pytest.raises(NoDeviceFailure, match="There is no device 'gpu'"):
        resolve_device("gpu", (FakeRuntime("cuda", {}), CPU_RUNTIME))


def test_what_has_never_been_run() -> None:
    offers = [DeviceOffer(Device(name), name, (FLOAT32,)) for name in ("cuda:1", "cpu", "mps", "xpu")]
    assert [offer.tested for offer in offers] == [True, True, False, False]
    assert offer_named("metal", offers).device == "mps"
    assert offer_named(AUTO, offers).device == "cuda:1"


def test_webgpu_is_offered_where_no_other_gpu_can_be_used() -> None:
    cpu, webgpu = DeviceOffer(CPU, "CPU", (FLOAT32,)), DeviceOffer(WEBGPU, "Radeon", (FLOAT32,))
    cuda = DeviceOffer(CUDA, "NVIDIA H200", (TF32, FLOAT32))
    broken = DeviceOffer(CUDA, "NVIDIA GPU", problem=Text("too old"))
    assert without_doubles([cuda, webgpu, cpu]) == [cuda, cpu]
    assert without_doubles([broken, webgpu, cpu]) == [broken, webgpu, cpu]
    assert automatic([broken, webgpu, cpu]) == offer_named("gpu", [broken, webgpu, cpu]) == webgpu
    assert without_doubles([webgpu, cpu]) == [webgpu, cpu]
    assert Device.parse("webgpu") == Device.parse("webgpu:0") == WEBGPU
