"""Lowers the priority of threads that work in the background, so that painting goes first."""

from __future__ import annotations

import os
import sys
import threading

from PySide6.QtCore import QThread

NICENESS = 10
"""On Linux: enough that a painting thread never waits for a computing one."""


def lower_priority(thread: QThread) -> None:
    """Lower the priority of the calling thread, which is `thread`, and of those that it starts from now on.

    On few cores the network's or an encoder's threads would make painting wait.
    """
    thread.setPriority(QThread.Priority.LowPriority)
    if sys.platform == "linux":  # where Qt's priorities have no effect on ordinary threads
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
