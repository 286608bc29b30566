"""The order of names that people expect: 2 before 10."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

_NUMBER = re.compile(r"([0-9]+)")

NameKey = tuple[str | tuple[int, str], ...]


def name_key(name: str) -> NameKey:
    """For `sorted`: numbers in a name count by their value, letters whatever their case."""
    parts: list[str | tuple[int, str]] = list(_NUMBER.split(name.casefold()))
    # Every second part is a number: its digits without leading zeros, the shorter ones first.
    for place in range(1, len(parts), 2):
        digits = str(parts[place]).lstrip("0")
        parts[place] = (len(digits), digits)
    return tuple(parts)


def path_key(path: Path) -> tuple[tuple[NameKey, ...], NameKey, str]:
    """For `sorted`: folder by folder; a folder's own files before those of its subfolders."""
    return _folder_key(path.parent), name_key(path.name), str(path)


@lru_cache(1024)  # many files are in one folder
def _folder_key(folder: Path) -> tuple[NameKey, ...]:
    return tuple(map(name_key, folder.parts))
