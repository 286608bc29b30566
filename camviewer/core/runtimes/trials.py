"""Remembers on disk that a GPU is being tried, since its driver may end the process without a word."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from platformdirs import user_cache_path

MOST = 2
"""Trials in a row that nobody came back from: one may also be a computer that was switched off."""


def trials_file() -> Path:
    """Where the number of such trials stands; there is no file while all is well."""
    return user_cache_path("camviewer", appauthor=False) / "gpu-trials"


def gave_up() -> bool:
    """Whether so many trials ended the process that no more are made."""
    return _lost() >= MOST


@contextmanager
def trial() -> Iterator[None]:
    """What may end the process runs inside. Errors are no such end.

    Without a place to write to, nothing is remembered.
    """
    lost = _lost()
    with suppress(OSError):
        trials_file().parent.mkdir(parents=True, exist_ok=True)
        trials_file().write_text(str(lost + 1), "ascii")
    try:
        yield
    finally:
        forget()


def forget() -> None:
    """Trials are made again."""
    with suppress(OSError):
        trials_file().unlink(missing_ok=True)


def _lost() -> int:
    try:
        return int(trials_file().read_text("ascii"))
    except (OSError, ValueError):
        return 0
