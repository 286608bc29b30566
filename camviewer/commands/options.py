"""What each command is asked to do, as `commands.parser` reads it from the command line."""

from __future__ import annotations

from enum import Enum


class DoctorStyle(Enum):
    """How `camviewer doctor` prints its findings."""

    TEXT = "text"
    JSON = "json"
    """One object at the end."""
    LINES = "lines"
    """One object a finding, as soon as it is known: for Help → Diagnostics."""
