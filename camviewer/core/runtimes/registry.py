"""The registry of runtimes: which one serves which device. Their libraries are imported when needed."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace

from camviewer.core.loading_steps import announcing
from camviewer.core.runtimes.base import Runtime
from camviewer.core.runtimes.device import (
    CPU_OFFER,
    CUDA,
    Device,
    DeviceOffer,
    NoDeviceFailure,
    numbered,
    offer_named,
)
from camviewer.core.runtimes.device_faults import (
    device_reason,
    is_absence,
)
from camviewer.core.runtimes.libraries import (
    import_without_gc,
    leave_out_triton,
    limit_thread_pools,
)
from camviewer.core.text import Text

log = logging.getLogger(__name__)
DEVICE_ERRORS = (RuntimeError, AssertionError, ImportError)
"""What torch raises if a device fails. Also for what is a fault of camviewer's: the CPU then shows it."""
_MODULES = tuple(f"camviewer.core.runtimes.torch_{name}" for name in ("cuda", "metal", "cpu"))


def prepare_libraries(*more: str) -> None:
    """Import what the runtimes need, and `more` modules, once and in the right way.

    Raises what damaged libraries, or libraries that don't fit each other, raise when they are imported:
    ImportError, OSError, RuntimeError, AttributeError.
    """
    limit_thread_pools()
    leave_out_triton()
    _import("PyTorch", *_MODULES)
    for name in more:
        _import(name.partition(".")[0], name)


def _import(title: str, *modules: str) -> None:
    """Once. It takes seconds, so it is announced. title: the library's name for people."""
    if not all(module in sys.modules for module in modules):
        with announcing(Text("Loading {name}…", name=title)):
            import_without_gc(*modules)


def runtimes() -> tuple[Runtime, ...]:
    """All of them, those with the fastest devices first. Raises as `prepare_libraries` does."""
    prepare_libraries()
    from camviewer.core.runtimes.torch_cpu import TorchCpu
    from camviewer.core.runtimes.torch_cuda import TorchCuda
    from camviewer.core.runtimes.torch_metal import TorchMetal

    return TorchCuda(), TorchMetal(), TorchCpu()


def device_offers(
    of: Sequence[Runtime] | None = None, cuda_error: Callable[[], Exception | None] | None = None
) -> tuple[DeviceOffer, ...]:
    """The devices of this computer, the best one first and the CPU last, which is always there.

    of: the runtimes that are asked; None for all of them. cuda_error: says why NVIDIA's GPUs can't be used;
    None to ask torch. A device that fails, or an NVIDIA GPU whose driver does, is among them with its
    problem: nothing is raised because of it.
    """
    if of is None:
        try:
            of = runtimes()
        except (ImportError, OSError, RuntimeError, AttributeError):  # ONNX Runtime is enough for some models
            log.info("no runtime but ONNX Runtime can be asked for devices", exc_info=True)
            return (CPU_OFFER,)
    offers = [offer for runtime in of for offer in _offers_of(runtime)]
    if not any(offer.device.kind == CUDA for offer in offers):
        offers[:0] = _broken_cuda(cuda_error)
    titles = numbered([offer.title for offer in offers])
    return tuple(replace(offer, title=title) for offer, title in zip(offers, titles, strict=True))


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
    of = runtimes() if of is None else of
    try:
        called = Device.parse(wanted)
    except NoDeviceFailure:
        return offer_named(wanted, device_offers(of)).device
    for runtime in of:
        resolved = runtime.resolve(called)
        if resolved is not None:
            return resolved
    return offer_named(wanted, device_offers(of)).device


def device_title(device: Device) -> str:
    """Its title among this computer's devices; its name, if it is none of them."""
    titles = {offer.device: offer.title for offer in device_offers()}
    return titles.get(device, device)


def runtime_for(device: Device) -> Runtime:
    """The runtime of a device that `resolve_device` gave."""
    return next(runtime for runtime in runtimes() if runtime.resolve(device) is not None)


def release_memory() -> None:
    """Give back memory of GPUs that no model uses any more. Never raises, and imports nothing."""
    if sys.modules.get("torch") is not None:
        from camviewer.core.runtimes import torch_devices

        torch_devices.release_memory()
