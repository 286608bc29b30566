"""Which GPUs Vulkan's drivers know, by Vulkan itself: their names are nowhere else to be had on Linux."""

from __future__ import annotations

import ctypes
import struct
from dataclasses import dataclass
from enum import IntEnum

LOADER = "libvulkan.so.1"
_FACTS = 4096  # bytes, more than VkPhysicalDeviceProperties has
_NAME = slice(20, 276)  # in it, behind five numbers
_NO_DRIVER = -9  # VK_ERROR_INCOMPATIBLE_DRIVER: the loader found none that it could load


class GpuKind(IntEnum):
    """VkPhysicalDeviceType."""

    OTHER = 0
    INTEGRATED = 1
    DISCRETE = 2
    VIRTUAL = 3
    CPU = 4


_BEST_FIRST = (GpuKind.DISCRETE, GpuKind.INTEGRATED, GpuKind.VIRTUAL, GpuKind.OTHER, GpuKind.CPU)


@dataclass(frozen=True, slots=True)
class VulkanGpu:
    """A device as its driver describes it. kind: CPU where a driver computes all on the processor."""

    name: str
    kind: GpuKind


class NoLoader(Exception):
    """Vulkan's loader, which finds the drivers, is not installed."""


class _Application(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("next", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("version", ctypes.c_uint32),
        ("engine", ctypes.c_char_p),
        ("engine_version", ctypes.c_uint32),
        ("api", ctypes.c_uint32),
    )


class _InstanceInfo(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("next", ctypes.c_void_p),
        ("flags", ctypes.c_uint32),
        ("application", ctypes.POINTER(_Application)),
        ("layer_count", ctypes.c_uint32),
        ("layers", ctypes.c_void_p),
        ("extension_count", ctypes.c_uint32),
        ("extensions", ctypes.c_void_p),
    )


def vulkan_gpus(loader: str = LOADER) -> tuple[VulkanGpu, ...]:
    """All of them, the ones that compute fastest first; () without a driver. Loads the drivers.

    Raises NoLoader, and RuntimeError with the number of Vulkan's error.
    """
    try:
        vulkan = ctypes.CDLL(loader)
    except OSError as error:
        raise NoLoader(str(error)) from error
    application = _Application(0, None, b"camviewer", 0, None, 0, 1 << 22 | 1 << 12)  # Vulkan 1.1
    info = _InstanceInfo(1, None, 0, ctypes.pointer(application), 0, None, 0, None)
    instance = ctypes.c_void_p()
    result = vulkan.vkCreateInstance(ctypes.byref(info), None, ctypes.byref(instance))
    if result == _NO_DRIVER:
        return ()
    _check(result)
    try:
        count = ctypes.c_uint32()
        _check(vulkan.vkEnumeratePhysicalDevices(instance, ctypes.byref(count), None))
        handles = (ctypes.c_void_p * count.value)()
        _check(vulkan.vkEnumeratePhysicalDevices(instance, ctypes.byref(count), handles))
        found = [_described(vulkan, handle) for handle in handles[: count.value]]
    finally:
        vulkan.vkDestroyInstance(instance, None)
    return tuple(sorted(found, key=lambda gpu: _BEST_FIRST.index(gpu.kind)))


def _described(vulkan: ctypes.CDLL, handle: int | None) -> VulkanGpu:
    facts = ctypes.create_string_buffer(_FACTS)
    vulkan.vkGetPhysicalDeviceProperties(ctypes.c_void_p(handle), facts)
    kind = struct.unpack_from("5I", facts)[4]
    name = facts.raw[_NAME].partition(b"\0")[0].decode("utf-8", "replace")
    return VulkanGpu(name, GpuKind(kind) if kind in list(GpuKind) else GpuKind.OTHER)


def _check(result: int) -> None:
    if result < 0:
        raise RuntimeError(f"VkResult {result}")
