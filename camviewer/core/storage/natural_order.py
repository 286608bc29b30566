"""The order of names that people expect: 2 before 10."""

from __future__ import annotations

import re
from pathlib import Path

_NUMBER = re.compile(r"([0-9]+)")

NameKey = tuple[tuple[int, str], ...]


def name_key(name: str) -> NameKey:
    """For `sorted`: numbers in a name count by their value, letters whatever their case."""
    parts = _NUMBER.split(name.casefold())
    # Every second part is a number: its digits without leading zeros, the shorter ones first.
    return tuple(
        (len(digits := part.lstrip("0")), digits) if place % 2 else (0, part)
        for place, part in enumerate(parts)
    )


def path_key(path: Path) -> tuple[tuple[NameKey, ...], NameKey, str]:
    """For `sorted`: folder by folder; a folder's own files before those of its subfolders."""
    return tuple(name_key(part) for part in path.parent.parts), name_key(path.name), str(path)
