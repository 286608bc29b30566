"""The check of `camviewer doctor` of what computes networks: CPUs, GPUs, their drivers and memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from camviewer.core.finding import (
    Finding,
    State,
    about_to,
    ok,
)
from camviewer.core.text import (
    Text,
    joined,
)

if TYPE_CHECKING:
    from camviewer.core.explanation import Explanation
    from camviewer.core.runtimes.device import Device, DeviceOffer

_OTHER_DRIVER = Text("Update the graphics driver, or start with --device cpu.")
_UNTIL_THEN = Text("Until then the CPU is used.")
PASSES = 5


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A photo, explained by the embedded model. seconds: of its quickest pass. problem: of the device."""

    explanation: Explanation
    seconds: float
    problem: str | None = None


def explained_sample(device: str) -> Sample:
    """The photo of a cat, explained there; if the device fails, on the CPU."""
    from camviewer.core.explanation import ExplainRequest
    from camviewer.core.frames import Frame
    from camviewer.core.loading import ModelChoice, load_model
    from camviewer.core.models.builtin import EMBEDDED
    from camviewer.core.resources import resource_path
    from camviewer.core.storage.images import read_image

    loaded = load_model(ModelChoice(EMBEDDED.name, device=device))
    frame = Frame(read_image(resource_path("samples/cat.png")), source="cat.png")
    passes = [loaded.explainer.explain(frame, ExplainRequest()) for _ in range(PASSES)]
    quickest = min(explanation.timing.forward for explanation in passes)
    return Sample(passes[-1], quickest, loaded.device_problem)


def device() -> Iterator[Finding]:
    """Every device that there is: what it has, a forward pass, and that its CAM adds up."""
    from camviewer.core.runtimes.device import CPU, GPU
    from camviewer.core.runtimes.libraries import has_torch
    from camviewer.core.runtimes.processor import nvidia_driver_version
    from camviewer.core.runtimes.registry import device_offers, gpu_problem

    about_to("look for devices")
    offers = device_offers()
    if has_torch():
        from camviewer.core.runtimes.torch_devices import has_cuda

        yield from missing_gpus(offers, os.environ, nvidia_driver_version(), has_cuda())
    for offer in offers:
        yield from findings_of(offer)
    problem = gpu_problem()
    if problem is not None and all(offer.device == CPU for offer in offers):
        yield Finding(Text("device {name}", name=GPU), State.NOTE, problem)


def missing_gpus(
    offers: Sequence[DeviceOffer], environment: Mapping[str, str], driver: str, cuda: bool
) -> Iterator[Finding]:
    """Why there is no NVIDIA GPU although this computer may have one.

    driver: the version of NVIDIA's, "" for none; cuda: whether torch is made for it.
    """
    from camviewer.core.runtimes.device import CUDA
    from camviewer.core.runtimes.device_faults import hides_gpus

    if any(offer.device.kind == CUDA for offer in offers):
        return
    name = Text("device {name}", name=CUDA)
    if hides_gpus(environment):
        text = Text("CUDA_VISIBLE_DEVICES hides all of NVIDIA's GPUs.")
        yield Finding(name, State.NOTE, text, Text("Unset it, if they are to be used."))
    elif driver and not cuda:
        text = Text(
            "There is an NVIDIA driver ({version}), but this PyTorch is made without it.", version=driver
        )
        yield Finding(name, State.NOTE, text, Text("Install a PyTorch with CUDA, if the GPU is to be used."))


def findings_of(
    offer: DeviceOffer,
    sample: Callable[[str], Sample] = explained_sample,
    facts: Callable[[Device], str] | None = None,
) -> Iterator[Finding]:
    """Of one device. facts: what it has, for people; asked of torch if None."""
    from camviewer.core.evidence import arithmetic
    from camviewer.core.targets import ClassScore

    name = Text("device {name}", name=offer.device)
    if offer.problem is not None:
        yield Finding(name, State.PROBLEM, offer.problem, _UNTIL_THEN)
        return
    if not offer.tested:
        text = Text("camviewer has never been tried on a device of this kind.")
        yield Finding(name, State.NOTE, text, Text("If something is wrong, start with --device cpu."))
    about_to(f"a forward pass on {offer.device}")
    found = sample(offer.device)
    explanation = found.explanation
    if explanation.model.device != offer.device:
        text = Text("{device} was found but doesn't run the model.", device=offer.title)
        yield Finding(name, State.PROBLEM, found.problem or text, _UNTIL_THEN)
        return
    best = explanation.top(1)[0]
    sums = arithmetic(explanation, ClassScore(best))
    assert sums is not None, "built-in networks have exact maps"
    total, logit = sums.mean + sums.remainder, sums.score
    if abs(total - logit) > 1e-3 * max(1.0, abs(logit)):
        text = Text(
            "{device} computes wrongly: a map's mean and bias add up to {sum}, not {logit}.",
            device=offer.title,
            sum=f"{total:.4f}",
            logit=f"{logit:.4f}",
        )
        yield Finding(name, State.PROBLEM, text, _OTHER_DRIVER)
        return
    about_to(f"what {offer.device} has")
    text = Text(
        "{time} ms for a forward pass of {model}, {library}",
        time=f"{1000 * found.seconds:.1f}",
        model=explanation.model.title,
        library=_library(offer.device),
    )
    parts = [offer.title, (facts or _facts)(offer.device), _precisions(offer), text]
    yield ok(name, joined(", ", [part for part in parts if part]))


def _library(device: Device) -> str:
    """What computes built-in networks there, and its version."""
    from camviewer.core.runtimes.device import CUDA

    if device.kind in (CUDA, "mps"):
        from camviewer.core.runtimes.torch_devices import torch_version

        return f"torch {torch_version()}"
    import onnxruntime

    return f"ONNX Runtime {onnxruntime.__version__}"


def _precisions(offer: DeviceOffer) -> str:
    usual, *others = (precision.title for precision in offer.precisions)
    if not others:
        return Text("computes with {precision}", precision=usual)
    return Text("computes with {precision} (also {others})", precision=usual, others=", ".join(others))


def _facts(device: Device) -> str:
    """Of NVIDIA's GPUs; nothing of others."""
    from camviewer.core.runtimes.device import CUDA

    if device.kind != CUDA:
        return ""
    from camviewer.core.runtimes.torch_devices import gpu_facts

    facts = gpu_facts(device)
    return Text(
        "{memory} GiB of memory ({free} free), compute capability {capability}, driver {driver}",
        memory=f"{facts.memory / 2**30:.1f}",
        free=f"{facts.free / 2**30:.1f}",
        capability=facts.capability,
        driver=facts.driver or "?",
    )
