"""A lesson as data: steps, what each sets up, what the person is to do, and how far somebody has come.

A step waits for the person to do what its check asks. `reading` makes lessons of files; `checks` says whether
a check is met.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path


class SetUp(Enum):
    """What a step does to the window when it begins."""

    OPEN = "open"
    """A sample, a picture of the lessons, or a folder of the set of examples."""
    OVERLAY = "overlay"
    """``on`` or ``off``."""
    BETWEEN = "between"
    """What is drawn between the map's cells: as `core.scaling.Interpolation`."""
    METHOD = "method"
    """``automatic``, or a method's name."""
    PANEL = "panel"
    """Which dock comes to the front."""
    UNCOVER = "uncover"
    """Takes away what was painted over the frame."""


class Do(Enum):
    """What a person can be asked to do."""

    PREDICT = "predict"
    """Choose one of the answers, whichever."""
    ANSWER = "answer"
    """Choose an answer that is right."""
    REVEAL = "reveal"
    """Show the overlay."""
    HIDE = "hide"
    """Hide the overlay."""
    CLASS = "class"
    """Choose one of these classes, even if it is chosen already."""
    COMPARE = "compare"
    """Compare two classes: one of the first ones and one of the others, either way round."""
    CELLS = "cells"
    """Click so many cells of the map."""
    COVER = "cover"
    """Cover so many percent of where the map was hot."""
    BELOW = "below"
    """Cover parts until these classes have less than so many percent together."""
    FOOL = "fool"
    """Cover parts until none of these classes is the most probable one."""
    METHOD = "method"
    """Choose this method."""
    BETWEEN = "between"
    """Have this drawn between the map's cells."""
    LOOK = "look"
    """Look at so many photos."""
    TEACH = "teach"
    """Teach two classes or more, each by so many examples, and have them run."""


@dataclass(frozen=True, slots=True)
class Check:
    """do: what is asked. number: of cells, percent, photos or examples. classes, others: labels.

    word: a method's name, or what is drawn between cells. Which of these count is said at `Do`.
    """

    do: Do
    number: float = 0.0
    classes: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    word: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the answers to a step's question."""

    text: str
    right: bool


@dataclass(frozen=True, slots=True)
class Step:
    """title, text, after, hint: for people; text and after are Markdown with ``{placeholders}``.

    task: what to do, in a sentence. after: what is said once it is done. check: None for what is only read.
    """

    title: str
    text: str
    set_up: tuple[tuple[SetUp, str], ...] = ()
    task: str = ""
    check: Check | None = None
    answers: tuple[Answer, ...] = ()
    after: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Lesson:
    """name: of its file, without language and suffix. minutes: how long it takes, about.

    folder: of its file, where it has pictures of its own; None where it has none.
    """

    name: str
    title: str
    summary: str
    minutes: int
    steps: tuple[Step, ...]
    folder: Path | None = None

    @property
    def classes(self) -> tuple[str, ...]:
        """The labels that the network has to know."""
        checks = [step.check for step in self.steps if step.check is not None]
        return tuple(dict.fromkeys(label for each in checks for label in (*each.classes, *each.others)))

    @property
    def teaches(self) -> bool:
        """Whether the person teaches classes of their own in it."""
        return any(step.check is not None and step.check.do is Do.TEACH for step in self.steps)

    def set_up_at(self, index: int) -> tuple[tuple[SetUp, str], ...]:
        """What all steps up to this one set up, in the order to do it: to come here from elsewhere."""
        latest: dict[SetUp, str] = {}
        for step in self.steps[: index + 1]:
            for kind, value in step.set_up:
                if kind is SetUp.OPEN:
                    latest.pop(SetUp.UNCOVER, None)  # another picture begins without
                latest[kind] = value
        return tuple((kind, latest[kind]) for kind in SetUp if kind in latest)


def same_course(one: Lesson, other: Lesson) -> bool:
    """Whether two lessons differ in language only: the same set-ups, checks and right answers."""

    def course(lesson: Lesson) -> Iterable[object]:
        for step in lesson.steps:
            yield step.set_up, step.check, tuple(answer.right for answer in step.answers)

    return tuple(course(one)) == tuple(course(other))


@dataclass(frozen=True, slots=True)
class Progress:
    """step: where to go on, counted from 0. finished: whether the lesson was ended once."""

    step: int = 0
    finished: bool = False

    def as_text(self) -> str:
        """For settings."""
        return f"{self.step}{' finished' if self.finished else ''}"


def progress_of(text: str, count: int) -> Progress:
    """The progress that settings hold, in a lesson of so many steps. What can't be read is no progress."""
    number, _, rest = text.partition(" ")
    step = int(number) if number.isdecimal() else 0
    return Progress(step if step < count else 0, rest == "finished")
