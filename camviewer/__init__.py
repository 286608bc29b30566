"""See, live, where an image classifier looks: exact class activation maps."""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from camviewer.api import explain as explain
    from camviewer.api import explain_all as explain_all
    from camviewer.api import view as view

__version__ = "0.1.0"

# torch's threads wait for each other by spinning. That is quick on an idle computer; on a busy one a spinning
# thread takes the core of the thread that it waits for. On two cores, ResNet18 at 224, sleeping threads take
# 13 ms a frame instead of 11; beside another program, 21 ms instead of hundreds. OpenMP reads this once, when
# torch is imported. A value that the user has set stays.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# ONNX Runtime keeps a number for the device and counts what it is used for, to send both to its maker. It
# reads this as it is imported.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"


def __getattr__(name: str) -> object:
    """What `api` has, imported when it is asked for: the command line needs no numpy to start."""
    if name in ("explain", "explain_all", "view"):
        from camviewer import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
