"""Reads which classes to explain, as a user writes it: ``top5``, ``top3,282,tiger cat``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from camviewer.core.explanation import Explanation
from camviewer.core.text import Text

MAX_CANDIDATES = 8
"""At most so many labels are listed when a name is not clear."""


@dataclass(frozen=True, slots=True)
class TopClasses:
    """The count most probable classes of whatever is explained."""

    count: int


@dataclass(frozen=True, slots=True)
class ClassChoice:
    """A user's choice, in the order given; an int is a class id."""

    parts: tuple[TopClasses | int, ...]

    def resolve(self, explanation: Explanation) -> tuple[int, ...]:
        """The class ids for one explanation: order kept, each once."""
        ids: dict[int, None] = {}
        for part in self.parts:
            ids.update(
                dict.fromkeys(explanation.top(part.count) if isinstance(part, TopClasses) else (part,))
            )
        return tuple(ids)


def parse_classes(spec: str, labels: Sequence[str]) -> ClassChoice:
    """Read a comma separated mix of ``topK``, class ids and names.

    A name is an exact label, else (whatever its case, ``_`` for space) a whole label, else a part of
    exactly one label. Labels may contain commas: the longest run of pieces that is a label counts as one
    name. A label such as ``7`` goes before the id 7; ``#7`` is always the id.

    Raises ValueError, with a sentence for the user, for what is unknown, ambiguous or out of range.
    """
    pieces = spec.split(",")
    if not any(piece.strip() for piece in pieces):
        raise ValueError("no class is given: use topK, class ids or names, such as top3,282,tiger cat")
    finder = LabelFinder(labels)
    parts: list[TopClasses | int] = []
    at = 0
    while at < len(pieces):
        taken, part = _next_part(pieces[at:], finder)
        if part is not None:
            parts.append(part)
        at += taken
    return ClassChoice(tuple(parts))


def _next_part(pieces: list[str], finder: LabelFinder) -> tuple[int, TopClasses | int | None]:
    """How many pieces the next part takes, and the part; None for an empty piece."""
    if not pieces[0].strip():
        return 1, None
    runs = [(count, ",".join(pieces[:count]).strip()) for count in range(len(pieces), 0, -1)]
    for count, name in runs:
        matches = finder.whole(name)
        if len(matches) == 1:
            return count, matches[0]
        if matches:
            raise ValueError(f"{name!r} is not clear: {finder.listing(matches)}; give the id instead")
    first = pieces[0].strip()
    number = re.fullmatch(r"(top\s*|#?)(-?[0-9]+)", first, re.IGNORECASE)
    if number is not None:
        value = int(number[2])
        return 1, _top(value) if number[1].lower().startswith("top") else finder.checked(value)
    for count, name in runs:
        matches = finder.containing(name)
        if len(matches) == 1:
            return count, matches[0]
        if matches and count == 1:
            raise ValueError(
                f"{name!r} is not clear: {finder.listing(matches)}; give more of the name, or the id"
            )
    raise ValueError(f"no class is called {first!r}{finder.suggestion(first)}")


def _top(count: int) -> TopClasses:
    if count < 1:
        raise ValueError(f"top{count} shows nothing: use top1 or more")
    return TopClasses(count)


def _plain(text: str) -> str:
    """For comparing: case folded; ``_`` and white space become one space, and one comes after every comma."""
    return " ".join(text.casefold().replace("_", " ").replace(",", ", ").split())


class LabelFinder:
    """Finds classes by their labels: exactly, whatever their case, or by a part."""

    def __init__(self, labels: Sequence[str]) -> None:
        self._labels = labels
        self._plain = [_plain(label) for label in labels]

    def whole(self, name: str) -> list[int]:
        """The classes with exactly this label; where there is none, those that differ in case only."""
        exact = [i for i, label in enumerate(self._labels) if label == name]
        return exact or self._where(_plain(name).__eq__)

    def containing(self, name: str) -> list[int]:
        """The classes whose labels have the name in them, whatever its case."""
        wanted = _plain(name)
        return self._where(lambda label: wanted in label)

    def _where(self, test: Callable[[str], bool]) -> list[int]:
        return [i for i, label in enumerate(self._plain) if test(label)]

    def checked(self, class_id: int) -> int:
        """The same id. Raises ValueError for a class that doesn't exist."""
        if not 0 <= class_id < len(self._labels):
            raise ValueError(f"class {class_id} doesn't exist: ids go from 0 to {len(self._labels) - 1}")
        return class_id

    def listing(self, ids: Sequence[int]) -> str:
        """Labels and ids for people, such as ``crane (134), crane (517)``; only the first few of many."""
        named = [f"{self._labels[i]} ({i})" for i in ids[:MAX_CANDIDATES]]
        more = len(ids) - len(named)
        return (
            Text("{names} and {more} more", names=", ".join(named), more=more) if more else ", ".join(named)
        )

    def suggestion(self, name: str) -> str:
        """``; did you mean …``, if labels are spelled alike or share a word with the name; else empty."""
        meant = self.meant(name)
        return f"; did you mean {meant}?" if meant else ""

    def meant(self, name: str) -> str:
        """The labels that a name may stand for, as `listing` has them; empty without any."""
        import difflib

        close = difflib.get_close_matches(_plain(name), self._plain, n=MAX_CANDIDATES, cutoff=0.75)
        words = [word for word in _plain(name).split() if len(word) > 2]
        by_word = self._where(lambda label: any(word in label.split() for word in words))
        matches = _unique([*(self._plain.index(label) for label in close), *by_word])[:MAX_CANDIDATES]
        return self.listing(matches)


def _unique(ids: Iterable[int]) -> list[int]:
    return list(dict.fromkeys(ids))
