"""Findings: the entries of the report of `camviewer doctor` and of Help → Diagnostics."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Self

from camviewer.core.text import (
    Text,
    as_json,
    from_json,
)


class State(Enum):
    """How bad a finding is."""

    OK = "ok"
    NOTE = "note"
    """Nothing is wrong, but worth knowing."""
    PROBLEM = "problem"


_WORDS = {State.OK: "ok     ", State.NOTE: "note   ", State.PROBLEM: "PROBLEM"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One entry of the report. mend: what to do, for notes and problems. All may be `Text`s."""

    name: str
    state: State
    text: str
    mend: str = ""

    def as_json(self) -> dict[str, object]:
        """For another process: texts in English, and under "translatable" what translates them."""
        texts = {"name": self.name, "text": self.text, "mend": self.mend}
        translatable = {key: as_json(value) for key, value in texts.items()}
        return {**texts, "state": self.state.value, "translatable": translatable}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """The same finding again, to be translated. Raises LookupError, TypeError and ValueError."""
        parts = {**value, **value.get("translatable", {})}
        name, text, mend = (from_json(parts[part]) for part in ("name", "text", "mend"))
        return cls(name, State(value["state"]), text, mend)

    def report_line(self) -> str:
        """In English, for people, with what to do below it."""
        line = f"{_WORDS[self.state]}  {self.name}: {self.text}"
        return f"{line}\n         → {self.mend}" if self.mend else line


INSTALL_AGAIN = Text("Install camviewer again; its files are damaged or incomplete.")
Check = Callable[[], Iterator[Finding]]


def ok(name: str, text: str) -> Finding:
    """A finding without a problem."""
    return Finding(name, State.OK, text)


def about_to(what: str) -> None:
    """Print on stderr what comes next: if the check's process dies, the report names it."""
    print(what, file=sys.stderr, flush=True)
