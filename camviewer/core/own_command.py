"""How the program calls itself: installed, from a checkout, or as a bundle."""

from __future__ import annotations

import sys


def own_command(*arguments: str) -> list[str]:
    """The command line of another camviewer with these arguments."""
    if getattr(sys, "frozen", False):
        return [sys.executable, *arguments]
    # -P: modules in the folder that the user is in must not take the place of the program's.
    return [sys.executable, "-P", "-m", "camviewer", *arguments]
