"""Reads lessons: Markdown, with lines that begin with @ for what the window does and what it waits for.

``docs/lessons.md`` tells how one is written. What is wrong in a file is told to its author, line by line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from camviewer.core.failures import SourceFailure
from camviewer.core.lessons.lesson import Answer, Check, Do, Lesson, SetUp, Step
from camviewer.core.lessons.pictures import EXAMPLES, picture_names
from camviewer.core.resources import resource_path
from camviewer.core.scaling import Interpolation
from camviewer.core.storage.file_kinds import FileKind, kind_by_name

ENGLISH = "en"
_LARGEST = 500_000
"""Bytes; ours have some ten thousand."""
PLACEHOLDERS: Mapping[str, str] = {
    "model": "the name of the network that runs",
    "input": "the shape of its input, such as [3, 224, 224]",
    "features": "the shape of its features, such as [512, 7, 7]",
    "map": "the shape of a map, such as [7, 7]",
    "channels": "how many channels the features have",
    "cells": "how many cells a map has",
    "classes": "how many classes the network knows",
    "region": "the size of the region that the map is drawn over, in pixels",
    "class": "the chosen class",
    "other": "the class that it is compared with",
    "top": "the most probable class",
    "probability": "of the chosen class",
    "top_probability": "of the most probable class",
    "was": "the class that was the most probable one before something was covered",
    "before": "its probability then",
    "now": "its probability now",
    "logit": "of the chosen class",
    "mean": "of its map",
    "bias": "of the chosen class",
    "sum": "of all cells of its map",
    "highest": "the largest value of its map",
    "lowest": "the smallest value of its map",
    "clicked": "how many cells were clicked",
    "clicked_sum": "of the clicked cells",
    "left": "how many cells were not clicked",
    "left_sum": "of the cells that were not clicked",
    "covered": "how much of the frame is covered",
    "pooled_weights": "the shape of the weights after pooling, [classes, channels]",
    "pooled_count": "how many weights these are",
    "flat_weights": "the shape of the weights after flattening, [classes, channels × cells]",
    "flat_count": "how many weights these are",
    "flat": "how many numbers the features are in a row",
    "photo": "the name of the photo",
    "examples": "the address of the folder with the drawn examples, for a link: [the folder]({examples})",
}
"""What texts may name in braces, and what stands there then: of the network, frame and map in view."""
PANELS = ("overlay", "evidence", "what_if", "teach")
_SWITCH = ("on", "off")
_STEP, _TITLE = "## ", "# "
_NAMED = re.compile(r"\{([^{}]*)\}")


def lesson_names() -> tuple[str, ...]:
    """Of the lessons that come with the program, in their order."""
    folder = resource_path("lessons")
    return tuple(sorted(path.name.removesuffix(f".{ENGLISH}.md") for path in folder.glob(f"*.{ENGLISH}.md")))


def lesson_named(name: str, language: str) -> Lesson:
    """In a language; in English where there is none. Raises as `read_lesson`."""
    try:
        return read_lesson(resource_path(f"lessons/{name}.{language}.md"))
    except FileNotFoundError:
        return read_lesson(resource_path(f"lessons/{name}.{ENGLISH}.md"))


def read_lesson(path: Path) -> Lesson:
    """The lesson in a file. Raises SourceFailure that tells its author what is wrong, and in which line."""
    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError("too large")
        text = path.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise SourceFailure(
            "{name} can't be read as a lesson.",
            "It must be a text file in UTF-8.",
            repr(error),
            name=path.name,
        ) from error
    lesson, faults = parsed(text, path.name.split(".")[0], path.parent)
    if faults:
        told = "; ".join(f"line {fault.line}: {fault.text}" for fault in faults[:5])
        raise SourceFailure(
            "{name} is no lesson yet: {faults}.", "docs/lessons.md tells how.", name=path.name, faults=told
        )
    return lesson


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a file, for its author, in English as the file's words are. line: counted from 1."""

    line: int
    text: str


@dataclass
class _Draft:
    """A step, or what stands before the first one, while it is read."""

    line: int
    title: str
    text: list[str] = field(default_factory=list)
    set_up: list[tuple[SetUp, str]] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)
    check: Check | None = None
    answers: list[Answer] = field(default_factory=list)


def parsed(text: str, name: str, folder: Path | None = None) -> tuple[Lesson, tuple[Fault, ...]]:
    """A lesson's text, and all that is wrong in it. folder: of its file, and of pictures of its own."""
    faults: list[Fault] = []
    head = _Draft(1, "")
    drafts: list[_Draft] = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.rstrip()
        draft = drafts[-1] if drafts else head
        if f"{line} ".startswith(_STEP):
            drafts.append(_Draft(number, line[len(_STEP) :].strip()))
        elif line.startswith(_TITLE) and not drafts:
            head.title = line.removeprefix(_TITLE).strip()
        elif line.startswith("@"):
            word, _, value = line[1:].partition(" ")
            fault = _instruct(draft, word, value.strip(), folder, in_head=not drafts)
            if fault:
                faults.append(Fault(number, fault))
        else:
            draft.text.append(line)
        faults += (
            Fault(number, f"there is no {{{each}}}")
            for each in _NAMED.findall(line)
            if each not in PLACEHOLDERS
        )
    faults += _missing(head, drafts)
    lesson = Lesson(
        name,
        head.title,
        head.said.get("summary", ""),
        int(head.said.get("minutes", "0")),
        tuple(_step(draft) for draft in drafts),
        folder,
    )
    return lesson, tuple(sorted(faults, key=lambda fault: fault.line))


def _step(draft: _Draft) -> Step:
    said = draft.said
    return Step(
        draft.title,
        "\n".join(draft.text).strip(),
        tuple(draft.set_up),
        said.get("task", ""),
        draft.check,
        tuple(draft.answers),
        said.get("after", ""),
        said.get("hint", ""),
    )


def _instruct(draft: _Draft, word: str, value: str, folder: Path | None, *, in_head: bool) -> str:
    """Do what an @ line says; what is wrong with it, or ""."""
    if in_head:
        if word == "minutes" and not value.isdecimal():
            return "@minutes needs a number"
        if word not in ("minutes", "summary"):
            return f"@{word} has no place before the first step (## …)"
        draft.said[word] = value
    elif word in ("task", "hint", "after"):
        # Several lines of one are several paragraphs.
        draft.said[word] = "\n\n".join(part for part in (draft.said.get(word, ""), value) if part)
    elif word in ("right", "wrong"):
        if not value or "{" in value:
            return f"@{word} needs an answer, without {{…}}"
        draft.answers.append(Answer(value, word == "right"))
    elif word == "do":
        if draft.check is not None:
            return "a step has one @do: make two steps of it"
        draft.check, fault = _check(value)
        return fault
    elif word in _SET_UPS:
        kind, allowed = _SET_UPS[word]
        if kind is SetUp.OPEN and folder is not None and _is_beside(value, folder):
            allowed = None
        if allowed is not None and value not in allowed():
            return f"@{word} takes one of: {', '.join(allowed()) or 'nothing'}"
        draft.set_up.append((kind, value))
    else:
        known = ("do", "task", "hint", "after", "right", "wrong", *_SET_UPS)
        return f"there is no @{word}; there are {', '.join('@' + each for each in known)}"
    return ""


def _is_beside(name: str, folder: Path) -> bool:
    """Whether a picture of this name lies in the folder itself."""
    return (
        Path(name).name == name and kind_by_name(Path(name)) is FileKind.PHOTO and (folder / name).is_file()
    )


def _openable() -> tuple[str, ...]:
    return (*picture_names(), *EXAMPLES)


_SET_UPS: Mapping[str, tuple[SetUp, Callable[[], tuple[str, ...]] | None]] = {
    "open": (SetUp.OPEN, _openable),
    "overlay": (SetUp.OVERLAY, lambda: _SWITCH),
    "between": (SetUp.BETWEEN, lambda: tuple(each.value for each in Interpolation)),
    "method": (SetUp.METHOD, None),
    "panel": (SetUp.PANEL, lambda: PANELS),
    "uncover": (SetUp.UNCOVER, lambda: ("",)),
}
_NUMBERS = {
    Do.CELLS: "cells",
    Do.COVER: "percent",
    Do.BELOW: "percent",
    Do.LOOK: "photos",
    Do.TEACH: "examples",
}
_CLASSES = (Do.CLASS, Do.COMPARE, Do.BELOW, Do.FOOL)


def _check(value: str) -> tuple[Check | None, str]:
    """The check of an @do line, or what is wrong with it."""
    word, _, rest = value.partition(" ")
    try:
        do = Do(word)
    except ValueError:
        return None, f"there is no @do {word}; there are {', '.join(each.value for each in Do)}"
    number, classes, others, said = 0.0, "", "", rest.strip()
    if do in _NUMBERS:
        first, _, said = said.partition(" ")
        if not first.isdecimal() or int(first) == 0:
            return None, f"@do {word} needs a number of {_NUMBERS[do]}, such as @do {word} 5"
        number = float(first)
    if do in _CLASSES:
        classes, _, others = said.partition(" with ")
        said = ""
        if not _labels(classes) or (do is Do.COMPARE) != bool(_labels(others)):
            example = "tabby | tiger cat" + (" with espresso" if do is Do.COMPARE else "")
            return None, f"@do {word} needs classes, such as {example}"
    allowed = tuple(each.value for each in Interpolation) if do is Do.BETWEEN else None
    if do is Do.METHOD and not said:
        return None, "@do method needs a method, such as @do method Grad-CAM"
    if allowed is not None and said not in allowed:
        return None, f"@do between takes one of: {', '.join(allowed)}"
    if said and do not in (Do.METHOD, Do.BETWEEN):
        return None, f"@do {word} takes nothing more, but there is {said!r}"
    return Check(do, number, _labels(classes), _labels(others), said), ""


def _labels(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|") if part.strip())


def _missing(head: _Draft, drafts: list[_Draft]) -> Iterator[Fault]:
    """What isn't there, or doesn't go together."""
    if not head.title:
        yield Fault(1, "the first line must be the title: # …")
    for word in ("summary", "minutes"):
        if not head.said.get(word):
            yield Fault(1, f"@{word} is missing below the title")
    if not drafts:
        yield Fault(1, "there is no step: ## …")
    for draft in drafts:
        asks = draft.check is not None and draft.check.do in (Do.PREDICT, Do.ANSWER)
        if not draft.title:
            yield Fault(draft.line, "the step has no title")
        if not "".join(draft.text).strip() and not draft.said.get("task"):
            yield Fault(draft.line, "the step has no text")
        if asks and (len(draft.answers) < 2 or not any(answer.right for answer in draft.answers)):
            yield Fault(draft.line, "a question needs two answers or more, @right and @wrong ones")
        if draft.answers and not asks:
            yield Fault(draft.line, "answers need @do predict or @do answer")
        if draft.check is not None and not draft.said.get("task"):
            yield Fault(draft.line, "@task is missing: it says what to do")
        if draft.check is not None and not draft.said.get("hint") and not asks:
            yield Fault(draft.line, "@hint is missing: where to click, or which key")
