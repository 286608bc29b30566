"""What torch and CUDA say when a device fails, in a sentence for people."""

from __future__ import annotations

import pytest

from camviewer.core.runtimes.device_faults import LONGEST, device_reason, is_absence
from camviewer.core.text import Text

ASYNCHRONOUS = (
    "\nCUDA kernel errors might be asynchronously reported at some other API call, so the stacktrace below "
    "might be incorrect.\nFor debugging consider passing CUDA_LAUNCH_BLOCKING=1\nCompile with "
    "`TORCH_USE_CUDA_DSA` to enable device-side assertions.\n"
)
FULL = (
    "CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of 139.80 GiB of which 3.25 "
    "MiB is free. Process 123 has 139.79 GiB memory in use. Of the allocated memory 1.20 MiB is allocated by "
    "PyTorch, and 2.80 MiB is reserved by PyTorch but unallocated."
)
OLD = (
    "The NVIDIA driver on your system is too old (found version 11040). Please update your GPU driver by "
    "downloading and installing a new version from the URL: http://www.nvidia.com/Download/index.aspx"
)
ABSENT = (
    "Found no NVIDIA driver on your system. Please check that you have an NVIDIA GPU and installed a driver "
    "from http://www.nvidia.com/Download/index.aspx"
)
UNKNOWN = (
    "CUDA unknown error - this may be due to an incorrectly set up environment, e.g. changing env variable "
    "CUDA_VISIBLE_DEVICES after program start. Setting the available devices to be zero."
)
HERE: dict[str, str] = {}
OLD_VULKAN = (
    "virtual std::unique_ptr<onnxruntime::IExecutionProvider> CreateProvider() result.status == wgpu::"
    "RequestAdapterStatus::Success was false. Failed to get a WebGPU adapter: No supported adapters"
)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (FULL, "too little free memory; close other programs"),
        ("CUDA error: out of memory" + ASYNCHRONOUS, "too little free memory; close other programs"),
        (
            "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
            "too little free memory",
        ),
        (
            "MPS backend out of memory (MPS allocated: 8.00 GB, max allowed: 9.07 GB)",
            "too little free memory",
        ),
        (OLD, "its driver is too old: update it"),
        (OLD_VULKAN, "its driver is too old: update it"),
        ("Failed to get a WebGPU device: requestDevice failed", "doesn't answer; restart the computer"),
        ("WebGPU device lost (2): vkQueueSubmit failed with VK_ERROR_DEVICE_LOST", "has crashed; start"),
        ("vkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY", "too little free memory"),
        (ABSENT, "there is no NVIDIA driver: install one"),
        ("No CUDA GPUs are available", "no GPU answers: restart the computer"),
        ("CUDA error: no kernel image is available for execution on the device", "too old or too new"),
        ("CUDA error: invalid device ordinal" + ASYNCHRONOUS, "There is no GPU X; choose another device."),
        ("Invalid device id", "There is no GPU X; choose another device."),
        ("Torch not compiled with CUDA enabled", "this PyTorch is made without it"),
        ("PyTorch is not linked with support for mps devices", "this PyTorch is made without it"),
        (UNKNOWN, "doesn't answer; restart the computer"),
        ("CUDA driver initialization failed, you might not have a CUDA gpu.", "doesn't answer; restart"),
        ("CUDA error: unknown error" + ASYNCHRONOUS, "doesn't answer; restart the computer"),
        ("CUDA error: unspecified launch failure" + ASYNCHRONOUS, "has crashed; start camviewer again"),
        ("CUDA error: an illegal memory access was encountered", "has crashed; start camviewer again"),
        ("CUDA error: CUDA-capable device(s) is/are busy or unavailable", "is not free"),
        (
            "Unexpected error from cudaGetDeviceCount(). Did you run some cuda functions before calling "
            "NumCudaDevices() that might have already set an error? Error 803: system has unsupported "
            "display driver / cuda driver combination",
            "its driver was changed: restart the computer",
        ),
    ],
)
def test_known_faults_are_one_short_sentence_that_says_what_to_do(message: str, words: str) -> None:
    reason = device_reason(RuntimeError(message), "GPU X", HERE)
    assert words in reason
    assert "GPU X" in reason
    assert len(reason) <= LONGEST
    assert reason.count(".") == 1
    assert reason.endswith(".")
    assert reason.template != str(reason), "so that it can be translated"


@pytest.mark.parametrize("hidden", ["", " ", "-1"])
def test_gpus_that_are_hidden_on_purpose(hidden: str) -> None:
    error = RuntimeError("No CUDA GPUs are available")
    reason = device_reason(error, "cuda", {"CUDA_VISIBLE_DEVICES": hidden})
    assert reason == "cuda can't be used; CUDA_VISIBLE_DEVICES hides all GPUs: unset it."
    assert "hides" not in device_reason(error, "cuda", {"CUDA_VISIBLE_DEVICES": "0"})


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("CUDA error: something new" + ASYNCHRONOUS, "CUDA error: something new"),
        ("\n\nfirst\nsecond", "first"),
        ("", "RuntimeError"),
        (
            'r.cuMemMap_ INTERNAL ASSERT FAILED at "/__w/pytorch/c10/cuda/driver_api.cpp":56, please report',
            "r.cuMemMap_ INTERNAL ASSERT FAILED, please report",
        ),
        ("bad thing (https://pytorch.org/docs/a_b.html)", "bad thing"),
        ("is/are bad", "is/are bad"),
        (r"DLL C:\\a\\b.dll failed", "DLL failed"),
        ("it broke. Exception raised from f at x.cpp", "it broke."),
    ],
)
def test_unknown_faults_are_told_by_their_first_line(message: str, told: str) -> None:
    reason = device_reason(RuntimeError(message), "cuda", HERE)
    assert reason == f"cuda failed: {told}"
    assert isinstance(reason, Text)


def test_a_long_message_is_cut_at_a_word() -> None:
    reason = device_reason(RuntimeError("many words " * 40), "cuda", HERE)
    told = str(reason.values["reason"])
    assert LONGEST - 12 < len(told) <= LONGEST
    assert told.endswith(" words…") or told.endswith(" many…")


def test_no_gpu_is_no_fault() -> None:
    assert is_absence(RuntimeError(ABSENT))
    assert is_absence(RuntimeError("No CUDA GPUs are available"))
    for message in (OLD, UNKNOWN, FULL):
        assert not is_absence(RuntimeError(message))
