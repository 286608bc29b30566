"""What doctor says of devices, on computers that are made up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from camviewer.commands.checks.devices import Sample, findings_of, missing_gpus
from camviewer.core.finding import Finding, State
from camviewer.core.runtimes.device import CPU_OFFER, CUDA, Device, DeviceOffer
from camviewer.core.runtimes.precision import Precision
from camviewer.core.text import Text
from tests.ui.fakes import crafted, model_info, plain_frame

H200 = DeviceOffer(CUDA, "NVIDIA H200", (Precision.TF32, Precision.FLOAT32, Precision.FLOAT16))
Run = Callable[[str], Sample]


def on(device: str, problem: str | None = None, off_by: float = 0.0) -> Run:
    """Explains on that device, whichever was asked for; off_by: of the logits."""
    info = replace(model_info("efficientnet_lite0"), device=Device(device))
    explanation = crafted(plain_frame(), info=info)
    wrong = replace(explanation.prediction, logits=explanation.logits + off_by)
    return lambda _: Sample(replace(explanation, prediction=wrong), 0.00123, problem)


def found(offer: DeviceOffer, run: Run, facts: str = "") -> list[Finding]:
    return list(findings_of(offer, run, lambda _: facts))


def test_a_gpu_with_all_that_is_to_know_of_it() -> None:
    facts = "139.8 GiB of memory (135.2 free), compute capability 9.0, driver 570.86"
    (finding,) = found(H200, on("cuda"), facts)
    assert (finding.name, finding.state) == ("device cuda", State.OK)
    assert finding.text.startswith(
        f"NVIDIA H200, {facts}, computes with TF32 (also float32, float16), "
        "1.2 ms for a forward pass of EfficientNet-Lite0, torch "
    )


def test_the_cpu() -> None:
    (finding,) = found(CPU_OFFER, on("cpu"))
    assert finding.text.startswith("CPU, computes with float32, 1.2 ms for a forward pass of")


def test_a_driver_that_does_not_work() -> None:
    def nothing(_: str) -> Sample:
        raise AssertionError("it is not tried")

    broken = DeviceOffer(CUDA, "NVIDIA GPU", problem=Text("NVIDIA GPU doesn't answer; restart the computer."))
    (finding,) = found(broken, nothing)
    assert finding == Finding(
        "device cuda", State.PROBLEM, broken.problem or "", "Until then the CPU is used."
    )


def test_a_gpu_that_does_not_run_the_model() -> None:
    problem = "NVIDIA H200 has too little free memory; close other programs that use it."
    (finding,) = found(H200, on("cpu", problem))
    assert (finding.state, finding.text) == (State.PROBLEM, problem)
    (finding,) = found(H200, on("cpu"))
    assert "was found but doesn't run the model" in finding.text


def test_a_gpu_that_computes_wrongly() -> None:
    (finding,) = found(H200, on("cuda", off_by=0.1))
    assert finding.state is State.PROBLEM
    assert "NVIDIA H200 computes wrongly" in finding.text
    assert "driver" in finding.mend


def test_a_device_of_a_kind_that_was_never_tried() -> None:
    note, finding = found(DeviceOffer(Device("mps"), "Metal", (Precision.FLOAT32,)), on("mps"))
    assert (note.state, finding.state) == (State.NOTE, State.OK)
    assert "never been tried" in note.text


@pytest.mark.parametrize(
    ("environment", "driver", "cuda", "words"),
    [
        ({}, "", True, None),
        ({}, "", False, None),
        ({"CUDA_VISIBLE_DEVICES": ""}, "570.86", True, "CUDA_VISIBLE_DEVICES hides"),
        ({"CUDA_VISIBLE_DEVICES": "0"}, "570.86", True, None),
        ({}, "570.86", False, "There is an NVIDIA driver (570.86), but this PyTorch is made without it."),
    ],
)
def test_gpus_that_are_missing(
    environment: dict[str, str], driver: str, cuda: bool, words: str | None
) -> None:
    told = list(missing_gpus((CPU_OFFER,), environment, driver, cuda))
    assert [words in finding.text for finding in told if words is not None] == ([True] if words else [])
    assert all(finding.state is State.NOTE and finding.mend for finding in told)
    assert list(missing_gpus((H200, CPU_OFFER), environment, driver, cuda)) == []
