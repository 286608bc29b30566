"""How the libraries below a model are imported, so that nobody has to wait for them twice."""

from __future__ import annotations

import gc
import importlib
import sys
from concurrent.futures import ThreadPoolExecutor


def import_without_gc(*names: str) -> None:
    """Import modules whose objects no collection of garbage looks at, then or later.

    A full collection visits every object of the process while no other thread may run: after torch and
    torchvision 380,000, in which the window stood still for 0.25 s on two cores; and an import makes so many
    that there are five of them on the way. What modules define is never garbage.

    What else is alive by then is left out as well: it is freed when nothing refers to it, as ever, but not if
    it refers to itself in a circle. Raises what the imports raise.
    """
    if all(sys.modules.get(name) is not None for name in names):
        return
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        # In a thread of its own: errors that modules catch while they are imported stay, in circles, with
        # the frames below them. Ours, with a model in them, must not be among those.
        with ThreadPoolExecutor(1, "imports") as thread:
            list(thread.map(importlib.import_module, names))
    finally:
        if was_enabled:
            gc.enable()
    gc.freeze()


def leave_out_triton() -> None:
    """Before torch is imported: Triton is not there, whatever is installed.

    Nothing here compiles. torchvision imports Triton all the same, and with it an LLVM whose start crashes
    the process where an OpenGL driver (Mesa) has brought another, as for a camera that is in view by then.
    """
    if "triton" not in sys.modules:
        sys.modules["triton"] = None  # type: ignore[assignment]  # so `import triton` raises ImportError


def limit_thread_pools() -> None:
    """One thread for numpy's BLAS: its pool would spin against torch's on small machines."""
    import threadpoolctl

    threadpoolctl.ThreadpoolController().select(user_api="blas").limit(limits=1)
