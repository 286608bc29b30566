"""Imports the libraries that models need, without pauses and without conflicts."""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec

from camviewer.core.failures import ModelFailure
from camviewer.core.loading_steps import announcing
from camviewer.core.text import Text

_TORCH_RUNTIMES = tuple(f"camviewer.core.runtimes.torch_{name}" for name in ("cuda", "metal", "cpu"))


@contextmanager
def without_gc() -> Iterator[None]:
    """Keep what is made inside, such as modules, out of garbage collections, now and later.

    A full collection visits every object of the process, and no other thread runs. What modules define is
    never garbage.

    All other objects that exist by then are left out as well. They are freed when nothing refers to them, as
    ever, but not if they refer to each other in a circle.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
    gc.freeze()


def import_without_gc(*names: str) -> None:
    """Import modules `without_gc`.

    torch and torchvision have 380,000 objects: on two cores the window stood still for 0.25 s, and five times
    during the import. Raises what the imports raise.
    """
    if all(sys.modules.get(name) is not None for name in names):
        return
    # In a thread of its own: exceptions that modules catch during their import stay in memory, and so do
    # all call frames below them. The caller's frame may hold a model: it must not be one of them.
    with without_gc(), ThreadPoolExecutor(1, "imports") as thread:
        list(thread.map(importlib.import_module, names))


def has_torch() -> bool:
    """Whether torch is installed: the full edition. Nothing is imported."""
    if "torch" in sys.modules:
        return sys.modules["torch"] is not None
    try:
        return find_spec("torch") is not None
    except ImportError:
        return False


def check_torch(name: str) -> None:
    """Raises ModelFailure, with what to install, where torch is not. name: of what needs it, for people."""
    if not has_torch():
        raise ModelFailure(
            "{name} needs the full edition of camviewer, with PyTorch.",
            "Install it: pip install camviewer[torch].",
            name=name,
        )


def prepare_torch(*more: str) -> None:
    """Import torch, what camviewer computes with it, and `more` modules, once and in the right way.

    Raises ImportError for what is missing, damaged or doesn't fit the others.
    """
    limit_thread_pools()
    leave_out_triton()
    try:
        _announced("PyTorch", *_TORCH_RUNTIMES)
        for name in more:
            _announced(name.partition(".")[0], name)
    except (OSError, RuntimeError, AttributeError) as error:
        # What damaged libraries raise as they are imported.
        raise ImportError(repr(error)) from error


def _announced(title: str, *modules: str) -> None:
    """Imports once. It takes seconds, so it is announced. title: the library's name for people."""
    if not all(module in sys.modules for module in modules):
        with announcing(Text("Loading {name}…", name=title)):
            import_without_gc(*modules)


def leave_out_triton() -> None:
    """Hide Triton from torch, before torch is imported.

    camviewer compiles nothing, but torchvision imports Triton, and with it an LLVM. That crashes the process
    if an OpenGL driver (Mesa) has loaded another LLVM before, as it does when a camera is in view.
    """
    if "triton" not in sys.modules:
        sys.modules["triton"] = None  # type: ignore[assignment]  # so `import triton` raises ImportError


def limit_thread_pools() -> None:
    """One thread for numpy's BLAS: its pool would spin against torch's on small machines."""
    import threadpoolctl

    threadpoolctl.ThreadpoolController().select(user_api="blas").limit(limits=1)
