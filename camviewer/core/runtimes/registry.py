"""The registry of runtimes: which one serves which device. Their libraries are imported when needed."""

from __future__ import annotations

import sys

from camviewer.core.loading_steps import announcing
from camviewer.core.runtimes.base import Runtime
from camviewer.core.runtimes.device import (
    AUTO,
    Device,
    no_device,
)
from camviewer.core.runtimes.libraries import (
    import_without_gc,
    leave_out_triton,
    limit_thread_pools,
)
from camviewer.core.text import Text

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


def resolve_device(wanted: str) -> Device:
    """``auto`` → the best device that there is: cuda, else mps (Metal), else cpu; another name as it is.

    Raises ModelFailure for a name that no runtime knows. Whether there is such a device, loading shows.
    """
    device = Device.parse(wanted)
    if device == AUTO:
        return next(best for runtime in runtimes() for best in runtime.devices())
    for runtime in runtimes():
        resolved = runtime.resolve(device)
        if resolved is not None:
            return resolved
    raise no_device(wanted)


def runtime_for(device: Device) -> Runtime:
    """The runtime of a device that `resolve_device` gave."""
    return next(runtime for runtime in runtimes() if runtime.resolve(device) is not None)
