"""Work in the background gives way to painting."""

from __future__ import annotations

import os
import sys
import threading

from PySide6.QtCore import QThread

NICENESS = 10
"""On Linux: enough that a thread which paints is never made to wait for one that computes."""


def lower_priority(thread: QThread) -> None:
    """Of the thread that runs this, which is `thread`, and of the threads that it starts from now on.

    On few cores the network's or an encoder's threads would make painting wait.
    """
    thread.setPriority(QThread.Priority.LowPriority)
    if sys.platform == "linux":  # where Qt's priorities have no effect on ordinary threads
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
