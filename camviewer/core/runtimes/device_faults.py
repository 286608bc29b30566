"""Why a device can't be used, in one sentence that says what to do: what torch and WebGPU say, for people."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from camviewer.core.text import Text

LONGEST = 120
"""Characters of a message that isn't known here."""
_HIDDEN = Text("{device} can't be used; CUDA_VISIBLE_DEVICES hides all GPUs: unset it.")
_NO_GPU = r"No CUDA GPUs are available|no CUDA-capable device is detected"
_NO_DRIVER = r"Found no NVIDIA driver"
_KNOWN = (
    (
        r"out of memory|STATUS_ALLOC_FAILED|OUT_OF_(?:DEVICE|HOST)_MEMORY|OutOfMemory",
        Text("{device} has too little free memory; close other programs that use it."),
    ),
    (
        # WebGPU's: the GPU is there, but its driver lacks something.
        r"driver on your system is too old|driver version is insufficient|Failed to get a WebGPU adapter",
        Text("{device} can't be used; its driver is too old: update it."),
    ),
    (
        _NO_DRIVER,
        Text("{device} can't be used; there is no NVIDIA driver: install one, if there is an NVIDIA GPU."),
    ),
    (
        _NO_GPU,
        Text("{device} can't be used; no GPU answers: restart the computer, or look for it in its settings."),
    ),
    (
        r"no kernel image is available|kernel image is invalid|ARCH_MISMATCH",
        Text("{device} is too old or too new for this PyTorch; install another version of it."),
    ),
    (
        r"invalid device ordinal|[Ii]nvalid device id",
        Text("There is no {device}; choose another device."),
    ),
    (
        r"not compiled with|compiled without|not linked with support|No module named 'torch\.",
        Text("{device} can't be used; this PyTorch is made without it: install one that has it."),
    ),
    (
        r"unsupported display driver / cuda driver combination|forward compatibility was attempted",
        Text("{device} can't be used; its driver was changed: restart the computer."),
    ),
    (
        r"busy or unavailable|system not yet initialized",
        Text("{device} is not free; another program has it for itself, or it has not started yet."),
    ),
    (
        # Also what is left of a GPU that fell off the bus: CUDA doesn't know the error.
        r"CUDA unknown error|CUDA error: unknown error|CUDA driver error: unknown error|GPU is lost"
        r"|driver initialization failed|initialization error|driver shutting down"
        r"|Failed to get a WebGPU device",
        Text("{device} doesn't answer; restart the computer."),
    ),
    (
        r"launch failure|illegal memory access|illegal instruction|misaligned address|device-side assert"
        r"|ECC error|hardware stack error|launch timed out|invalid program counter"
        r"|[Dd]evice (?:is |was )?lost|DEVICE_LOST|DeviceLost",
        Text("{device} has crashed; start camviewer again to use it."),
    ),
)
_NOISE = (
    r"\s*\(?[^\s()\"']*://[^\s()\"']+\)?",  # addresses
    r"\s*(?:\bat )?[\"']?(?:\b[A-Za-z]:\\|(?<![\w/.])/)[\w.~+\-/\\]+[\"']?(?::\d+)?",  # source files
    r"\s*Exception raised from.*",
)


class DeviceProblem(RuntimeError):
    """A device can't be used, or is better not used. reason: the sentence that says so."""

    def __init__(self, reason: Text) -> None:
        super().__init__(str(reason))
        self.reason = reason


class DeviceRefused(DeviceProblem):
    """It works, but another one is better: nothing that a user must be told unasked."""


def device_reason(error: BaseException, device: str, environment: Mapping[str, str] | None = None) -> Text:
    """What an error of torch or ONNX Runtime means for a user. device: its title.

    environment: of this process, where CUDA_VISIBLE_DEVICES may hide GPUs. An error that isn't known is told
    by its first line, without paths, of at most `LONGEST` characters.
    """
    if isinstance(error, DeviceProblem):
        return error.reason
    message = _first_line(str(error))  # what follows is advice, the same for all errors
    if re.search(_NO_GPU, message) and hides_gpus(os.environ if environment is None else environment):
        return Text(_HIDDEN.template, device=device)
    for pattern, sentence in _KNOWN:
        if re.search(pattern, message):
            return Text(sentence.template, device=device)
    return Text("{device} failed: {reason}", device=device, reason=short_reason(error))


def short_reason(error: BaseException) -> str:
    """The first line of what an error says, without addresses and files, of at most `LONGEST` characters."""
    return _shortened(_first_line(str(error))) or type(error).__name__


def is_absence(error: BaseException) -> bool:
    """Whether it says no more than that there is no GPU, or none that may be used: nothing is broken."""
    return re.search(f"{_NO_GPU}|{_NO_DRIVER}", str(error)) is not None


def hides_gpus(environment: Mapping[str, str]) -> bool:
    """Whether CUDA_VISIBLE_DEVICES names no GPU."""
    return environment.get("CUDA_VISIBLE_DEVICES", "0").strip() in ("", "-1", "NoDevFiles")


def _first_line(message: str) -> str:
    return next((line for line in message.splitlines() if line.strip()), "")


def _shortened(line: str) -> str:
    for noise in _NOISE:
        line = re.sub(noise, "", line)
    line = " ".join(line.split())
    if len(line) <= LONGEST:
        return line
    return line[: LONGEST - 1].rsplit(" ", 1)[0] + "…"
