"""Which pictures lessons can open: the samples, those made for lessons, and the set with a shortcut."""

from __future__ import annotations

from pathlib import Path

from camviewer.core.lessons.shortcut_set import MEND, SHORTCUT, TEST
from camviewer.core.resources import resource_path

_FOLDERS = ("samples", "lessons/pictures")
_SUFFIXES = (".png", ".jpg")
EXAMPLES = (SHORTCUT, TEST, MEND)
"""Folders of the set with a shortcut; it is drawn when a lesson that opens one begins."""


def picture_names() -> tuple[str, ...]:
    """Of the pictures that come with the program, without those of the set."""
    return tuple(
        sorted(
            path.name
            for folder in _FOLDERS
            for path in resource_path(folder).iterdir()
            if path.suffix in _SUFFIXES
        )
    )


def picture(name: str) -> Path:
    """Where a picture of `picture_names` lies. Raises FileNotFoundError for another."""
    for folder in _FOLDERS:
        path = resource_path(folder) / name
        if path.is_file():
            return path
    raise FileNotFoundError(name)
