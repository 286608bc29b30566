"""Messages and progress bars of the commands on the terminal, and their exit statuses."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tqdm import tqdm

DONE, FAILED, INTERRUPTED = 0, 1, 130


def print_message(text: str) -> None:
    """A line on stderr: stdout is for results."""
    print(text, file=sys.stderr)


def is_terminal(stream: object) -> bool:
    isatty = getattr(stream, "isatty", None)
    return isatty is not None and bool(isatty())


def progress_bar(unit: str, total: int | None = None, title: str | None = None) -> tqdm[Any]:
    """On stderr, if that is a terminal. title: of a bar that vanishes when it is full."""
    from tqdm import tqdm

    tqdm.monitor_interval = 0  # without its monitor tqdm starts no thread
    hidden = not is_terminal(sys.stderr)
    return tqdm(total=total, unit=unit, file=sys.stderr, disable=hidden, leave=title is None, desc=title)


def print_above_bar(text: str) -> None:
    """As `print_message`, while a progress bar may be shown."""
    from tqdm import tqdm

    tqdm.write(text, file=sys.stderr)
