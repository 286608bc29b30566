"""The registry of runtimes: which one serves which device. Their libraries are imported when needed."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace

from camviewer.core.runtimes import webgpu
from camviewer.core.runtimes.base import Runtime
from camviewer.core.runtimes.device import (
    CPU,
    CUDA,
    GPU,
    WEBGPU,
    Device,
    DeviceOffer,
    NoDeviceFailure,
    numbered,
    offer_named,
    without_doubles,
)
from camviewer.core.runtimes.device_faults import (
    device_reason,
    is_absence,
)
from camviewer.core.runtimes.libraries import (
    check_torch,
    has_torch,
    prepare_torch,
)
from camviewer.core.runtimes.onnx_builtin import OnnxCpu
from camviewer.core.runtimes.onnx_webgpu import OnnxWebGpu
from camviewer.core.runtimes.precision import Precision
from camviewer.core.runtimes.processor import (
    computes_bfloat16,
    has_metal,
    has_nvidia_driver,
)
from camviewer.core.runtimes.trials import (
    forget,
    gave_up,
)
from camviewer.core.text import Text

log = logging.getLogger(__name__)
_TORCH_KINDS = frozenset({CUDA, "mps"})
DEVICE_ERRORS = (RuntimeError, AssertionError, ImportError)
"""What torch raises if a device fails. Also for what is a fault of camviewer's: the CPU then shows it."""


def runtimes() -> tuple[Runtime, ...]:
    """Those that this computer may have devices for, the ones with the fastest devices first.

    torch is imported only where it may have a GPU to compute on. If it is damaged, the others are all.
    """
    found: tuple[Runtime, ...] = (OnnxWebGpu(), OnnxCpu())
    imported = sys.modules.get("torch") is not None
    if has_torch() and (imported or has_nvidia_driver() or has_metal()):
        try:
            found = (*_torch_runtimes(), *found)
        except ImportError:
            log.warning("PyTorch can't be imported", exc_info=True)
    return found


def _torch_runtimes() -> tuple[Runtime, ...]:
    """Raises as `prepare_torch` does."""
    prepare_torch()
    from camviewer.core.runtimes.torch_cuda import TorchCuda
    from camviewer.core.runtimes.torch_metal import TorchMetal

    return TorchCuda(), TorchMetal()


def device_offers(
    of: Sequence[Runtime] | None = None, cuda_error: Callable[[], Exception | None] | None = None
) -> tuple[DeviceOffer, ...]:
    """The devices of this computer, the best one first and the CPU last, which is always there.

    of: the runtimes that are asked; None for all of them. cuda_error: says why NVIDIA's GPUs can't be used;
    None to ask torch. A device that fails, or an NVIDIA GPU whose driver does, is among them with its
    problem: nothing is raised because of it.
    """
    of = runtimes() if of is None else of
    offers = [offer for runtime in of for offer in _offers_of(runtime)]
    if not any(offer.device.kind == CUDA for offer in offers):
        offers[:0] = _broken_cuda(cuda_error)
    offers = without_doubles(offers)
    offers = [_in_all_precisions(offer) if offer.device == CPU else offer for offer in offers]
    titles = numbered([offer.title for offer in offers])
    return tuple(replace(offer, title=title) for offer, title in zip(offers, titles, strict=True))


def _in_all_precisions(offer: DeviceOffer) -> DeviceOffer:
    """The CPU's offer, with what torch computes there besides."""
    if not (has_torch() and computes_bfloat16()):
        return offer
    return replace(offer, precisions=(*offer.precisions, Precision.BFLOAT16))


def _offers_of(runtime: Runtime) -> list[DeviceOffer]:
    try:
        devices = runtime.devices()
    except DEVICE_ERRORS:
        log.info("%s can't say which devices there are", runtime.name, exc_info=True)
        return []
    offers = []
    for device in devices:
        title = str(device)
        try:
            title = runtime.title(device)
            offers.append(DeviceOffer(device, title, runtime.precisions(device)))
        except DEVICE_ERRORS as error:
            log.info("device %s fails", device, exc_info=True)
            offers.append(DeviceOffer(device, title, problem=device_reason(error, title)))
    return offers


def _broken_cuda(cuda_error: Callable[[], Exception | None] | None) -> list[DeviceOffer]:
    """The GPU that there may be behind a driver that doesn't work; none where there is no driver."""
    if cuda_error is None:
        if sys.modules.get("torch") is None:  # then there is nothing that a driver could be of
            return []
        from camviewer.core.runtimes.torch_devices import driver_error

        cuda_error = driver_error
    error = cuda_error()
    if error is None or is_absence(error):
        return []
    title = "NVIDIA GPU"
    return [DeviceOffer(CUDA, title, problem=device_reason(error, title))]


def resolve_device(wanted: str, of: Sequence[Runtime] | None = None) -> Device:
    """The device that a user means: see `offer_named`. ``auto``: the best one that can be used.

    of: as in `device_offers`. Raises NoDeviceFailure for a name that no runtime knows, that is no part of a
    device's title, or of several. Whether a device of a known name is there, loading shows.
    """
    try:
        called = Device.parse(wanted)
    except NoDeviceFailure:
        return offer_named(wanted, device_offers(of)).device
    if of is None and called.kind in _TORCH_KINDS:
        # Also where it seems to have no such device: it says best why not.
        check_torch(str(called))
        of = _torch_runtimes()
    if of is None and called in (GPU, WEBGPU) and gave_up():
        # Whoever asks for it has mended the driver, or wants to see.
        forget()
        webgpu.search.cache_clear()
    for runtime in runtimes() if of is None else of:
        resolved = runtime.resolve(called)
        if resolved is not None:
            return resolved
    offers = device_offers(of)
    problem = gpu_problem() if of is None and called == GPU else None
    if problem is not None and all(offer.device == CPU for offer in offers):
        raise NoDeviceFailure(problem, "Use auto or cpu.")
    return offer_named(wanted, offers).device


def gpu_problem() -> Text | None:
    """Why there is no GPU of any maker; None if there is one. Looking takes 10 to 250 ms the first time."""
    return webgpu.search().problem


def device_title(device: Device) -> str:
    """Its title among this computer's devices; its name, if it is none of them."""
    titles = {offer.device: offer.title for offer in device_offers()}
    return titles.get(device, device)


def runtime_for(device: Device, precision: Precision | None = None) -> Runtime:
    """The runtime of a device that `resolve_device` gave, for built-in networks.

    Raises as `prepare_torch` does, where only torch computes on it, or with that precision.
    """
    if device == CPU and precision is Precision.BFLOAT16 and has_torch():
        prepare_torch()
        from camviewer.core.runtimes.torch_cpu import TorchCpu

        return TorchCpu()
    of = _torch_runtimes() if device.kind in _TORCH_KINDS else runtimes()
    return next(runtime for runtime in of if runtime.resolve(device) is not None)


def release_memory() -> None:
    """Give back memory of GPUs that no model uses any more. Never raises, and imports nothing."""
    if sys.modules.get("torch") is not None:
        from camviewer.core.runtimes import torch_devices

        torch_devices.release_memory()
