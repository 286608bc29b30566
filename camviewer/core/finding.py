"""What a check finds: the lines of the report."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from camviewer.core.text import Text


class State(Enum):
    OK = "ok"
    NOTE = "note"
    """Nothing is wrong, but worth knowing."""
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. mend: what to do, for notes and problems. All may be `Text`s."""

    name: str
    state: State
    text: str
    mend: str = ""


INSTALL_AGAIN = Text("Install camviewer again; its files are damaged or incomplete.")
Check = Callable[[], Iterator[Finding]]


def ok(name: str, text: str) -> Finding:
    return Finding(name, State.OK, text)


def about_to(what: str) -> None:
    """Said on stderr: the last words of a check that dies."""
    print(what, file=sys.stderr, flush=True)
