"""Checks the values of a JSON object from an untrusted file, one by one."""

from __future__ import annotations

import math
from typing import NoReturn

from camviewer.core.text import Text

MANIFEST = "manifest.json"
_MAX_TEXT = 2_000


class DamagedError(Exception):
    """Why this is no snapshot that can be opened. reason: a part of a sentence, for the user."""

    def __init__(self, reason: str, **values: object) -> None:
        self.reason = Text(reason, **values)
        super().__init__(self.reason)


class NewerVersionError(Exception):
    """A newer program wrote the file. Its text is that program's version."""


class Facts:
    """A JSON object. Reading a value of another kind than the asked one raises DamagedError."""

    def __init__(self, value: object, name: str = MANIFEST) -> None:
        if not isinstance(value, dict):
            raise DamagedError("{name} is no object", name=name)
        self._values: dict[str, object] = value

    def __getitem__(self, key: str) -> object:
        if key not in self._values:
            raise DamagedError("{name!r} is missing", name=key)
        return self._values[key]

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def facts(self, key: str) -> Facts:
        """An object within this one."""
        return Facts(self[key], key)

    def text(self, key: str) -> str:
        """As `checked_text`."""
        return checked_text(self[key], key)

    def flag(self, key: str) -> bool:
        """true or false."""
        value = self[key]
        return value if isinstance(value, bool) else wrong(key)

    def integer(self, key: str, low: int, high: int) -> int:
        """As `checked_integer`: from low to high, both included."""
        return checked_integer(self[key], key, low, high)

    def number(self, key: str, low: float = 0.0, high: float = 1e12) -> float:
        """As `checked_number`: from low to high, both included."""
        return checked_number(self[key], key, low, high)

    def numbers(self, key: str, count: int) -> tuple[float, ...]:
        """A list of exactly `count` numbers, each from -1e6 to 1e6."""
        return tuple(checked_number(v, key, -1e6, 1e6) for v in self.values(key, count, count))

    def integers(self, key: str, least: int, most: int, high: int) -> tuple[int, ...]:
        """A list of `least` to `most` integers, each from 0 to `high`."""
        return tuple(checked_integer(v, key, 0, high) for v in self.values(key, least, most))

    def values(self, key: str, least: int, most: int) -> list[object]:
        """A list of `least` to `most` values of any kind."""
        value = self[key]
        return value if isinstance(value, list) and least <= len(value) <= most else wrong(key)


def wrong(key: str) -> NoReturn:
    """Raise the DamagedError of a value that is of the wrong kind or out of range."""
    raise DamagedError("{name!r} can't be right", name=key)


def checked_text(value: object, key: str) -> str:
    """The value, if it is text of at most 2,000 characters that can be shown.

    Raises DamagedError.
    """
    if not isinstance(value, str) or len(value) > _MAX_TEXT:
        wrong(key)
    value.encode("utf-8", "surrogateescape")  # a lone surrogate can't be shown; names of files may have some
    return value


def checked_integer(value: object, key: str, low: int, high: int) -> int:
    """The value, if it is an integer from low to high. Raises DamagedError."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        wrong(key)
    return value


def checked_number(value: object, key: str, low: float, high: float) -> float:
    """The value as a float, if it is a number from low to high. Raises DamagedError."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        wrong(key)
    number = float(value) if abs(value) <= 1e300 else math.inf
    return number if low <= number <= high else wrong(key)
