"""Lowers the priority of threads that work in the background, so that painting goes first."""

from __future__ import annotations

import os
import sys
import threading

from PySide6.QtCore import QThread

NICENESS = 5
"""On Linux: enough that a painting thread hardly waits for a computing one, and no more.

Measured on two cores with ResNet18. Beside one busy program 10 is no better: 25.2 and 24.9 ms a frame, the
window's timer late by 4 ms in one of a hundred cases. Beside two, 10 leaves the network a tenth of the time:
a frame takes 191 ms, with 5 it takes 84 ms.
"""


def lower_priority(thread: QThread) -> None:
    """Lower the priority of the calling thread, which is `thread`, and of those that it starts from now on.

    On few cores the network's or an encoder's threads would make painting wait.
    """
    thread.setPriority(QThread.Priority.LowPriority)
    if sys.platform == "linux":  # where Qt's priorities have no effect on ordinary threads
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
