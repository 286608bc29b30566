"""Starts this program in another process: installed, from a checkout, or as a bundle."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
"""Without any of these in the environment, Qt would abort the program on Linux."""


def own_argv(*arguments: str) -> list[str]:
    """The program and arguments that start another camviewer with these arguments."""
    if getattr(sys, "frozen", False):
        return [sys.executable, *arguments]
    # -P: modules in the current folder must not replace the program's.
    return [sys.executable, "-P", "-m", "camviewer", *arguments]


def has_display(environ: Mapping[str, str]) -> bool:
    """Whether Qt finds a platform to show windows on, or the environment names one."""
    return sys.platform != "linux" or any(environ.get(name) for name in _DISPLAYS)


def own_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of another camviewer that needs no display and finds the same code."""
    own = dict(environ)
    if not has_display(environ):
        own["QT_QPA_PLATFORM"] = "offscreen"
    own["PYTHONUTF8"] = "1"
    root = str(Path(__file__).resolve().parents[2])  # a checkout that isn't installed finds itself
    if not getattr(sys, "frozen", False):
        own["PYTHONPATH"] = os.pathsep.join(p for p in (root, own.get("PYTHONPATH", "")) if p)
    return own
