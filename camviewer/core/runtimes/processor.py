"""What of this computer decides which libraries are worth importing; nothing of it is imported here."""

from __future__ import annotations

import ctypes
import platform
import re
import sys
from functools import cache
from pathlib import Path


@cache
def has_nvidia_driver() -> bool:
    """Whether NVIDIA's driver is installed, working or not."""
    try:
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return False
    return True


def nvidia_driver_version() -> str:
    """Of NVIDIA's driver; "" if there is none, or where only a tool of theirs could tell."""
    try:
        told = Path("/proc/driver/nvidia/version").read_text("utf-8", "replace")
    except OSError:
        return ""
    found = re.search(r"\d+\.\d+(?:\.\d+)?", told)
    return found[0] if found else ""


def has_metal() -> bool:
    """Whether this is a Mac with Apple's processor."""
    return sys.platform == "darwin" and platform.machine() == "arm64"


@cache
def computes_bfloat16() -> bool:
    """Whether the processor multiplies such numbers itself. False also where nobody can tell: Linux can."""
    try:
        told = Path("/proc/cpuinfo").read_text("utf-8", "replace")
    except OSError:
        return False
    flags = next((line for line in told.splitlines() if line.startswith("flags")), "").split()
    return bool({"avx512_bf16", "amx_bf16", "amx_tile"} & set(flags))
