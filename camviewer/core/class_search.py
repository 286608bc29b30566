"""Finds classes by what is typed: a part of a label, a number, a synonym, or what a group is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from camviewer.core.arrays import FloatArray
from camviewer.core.explanation import largest
from camviewer.core.models.vocabulary import (
    ENGLISH,
    PERSON,
    Group,
    plain_name,
    vocabulary,
)

BoolArray = NDArray[np.bool_]
MAX_GROUPS = 3
"""At most so many groups are found for what is typed."""
_DIGITS = 10
"""No class has a number of so many."""


@dataclass(frozen=True, slots=True)
class Found:
    """What fits. classes: ids, those that are called so first, each time the most probable first.

    people: only where people were searched for: the classes that are of people, of which there may be none.
    """

    classes: tuple[int, ...]
    groups: tuple[Group, ...] = ()
    people: tuple[int, ...] | None = None


class ClassSearch:
    """A search among the classes of one network. language: of the names to know besides the labels."""

    def __init__(self, labels: tuple[str, ...], language: str = ENGLISH) -> None:
        self.labels = labels
        self._vocabulary = vocabulary(labels, language)
        self._texts = [label.lower() for label in labels]
        if self._vocabulary is not None:
            self._texts = [
                "\n".join((text, *(n.lower() for n in names), *(plain_name(n) for n in names)))
                for text, names in zip(self._texts, self._vocabulary.names, strict=True)
            ]

    def find(self, typed: str, logits: FloatArray, most: int) -> Found:
        """The classes that have all words typed in a name of theirs or of their groups, at most so many.

        logits: float32 [N]. A word that is a number is the class with it too.
        """
        words = typed.lower().split()
        if not words:
            return Found(largest(logits, most))
        fits = np.ones(len(self.labels), bool)
        for word in words:
            fits &= self._having(word)
        known, name = self._vocabulary, " ".join(words)
        if known is None:
            return Found(_likeliest(fits, logits, most))
        named = known.synsets_named(name)
        called = self._members(named)
        first = _likeliest(called, logits, most)
        rest = _likeliest(fits & ~called, logits, most - len(first))
        people = known.members.get(PERSON, ()) if known.means_people(name) else None
        return Found((*first, *rest), known.groups_named(name, MAX_GROUPS), people)

    def _having(self, word: str) -> BoolArray:
        having = np.fromiter((word in text for text in self._texts), bool, len(self._texts))
        if word.isdecimal() and len(word) < _DIGITS and int(word) < len(having):
            having[int(word)] = True
        if self._vocabulary is not None:
            having |= self._members(self._vocabulary.synsets_named(word))
        return having

    def _members(self, wnids: Sequence[str]) -> BoolArray:
        found = np.zeros(len(self.labels), bool)
        if self._vocabulary is not None:
            for wnid in wnids:
                found[list(self._vocabulary.members[wnid])] = True
        return found


def _likeliest(fits: BoolArray, logits: FloatArray, most: int) -> tuple[int, ...]:
    found = np.flatnonzero(fits)
    return tuple(int(found[i]) for i in largest(logits[found], most))


def group_probability(group: Group, probabilities: FloatArray) -> float:
    """The sum over a group's classes of probabilities float32 [N], 0..1, of which one class is right."""
    return float(np.minimum(probabilities[list(group.classes)].sum(dtype=np.float64), 1.0))
