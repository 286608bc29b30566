"""Lessons as files: those that come with the program, and what authors are told of theirs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from camviewer.core.failures import SourceFailure
from camviewer.core.lessons.lesson import Check, Do, Progress, SetUp, progress_of, same_course
from camviewer.core.lessons.pictures import EXAMPLES, picture, picture_names
from camviewer.core.lessons.reading import PLACEHOLDERS, lesson_named, lesson_names, parsed, read_lesson
from camviewer.core.models.labels import imagenet_labels
from camviewer.core.resources import resource_path

GOOD = """# Title
@minutes 5
@summary What it is about.

## First
@open cat.png
@overlay off

Some text with {class}.

@do cells 3
@task Click.
@hint There.
@after Well done.

## Second
@panel evidence

More text.
"""
_, FIRST, SECOND = re.split(r"(?=^## )", GOOD, flags=re.MULTILINE)


@pytest.mark.parametrize("name", lesson_names())
def test_a_lesson_of_the_program_is_whole_in_both_languages(name: str) -> None:
    english, korean = (read_lesson(resource_path(f"lessons/{name}.{code}.md")) for code in ("en", "ko"))
    assert same_course(english, korean)
    assert english.title != korean.title
    assert 5 <= english.minutes == korean.minutes <= 15
    assert set(english.classes) <= set(imagenet_labels())
    for one, other in zip(english.steps, korean.steps, strict=True):
        for words in ("text", "task", "after"):
            # The same numbers stand in both.
            named = [set(re.findall(r"\{\w+\}", getattr(step, words))) for step in (one, other)]
            assert named[0] == named[1], f"{one.title}: {words}"
        assert not re.search("[가-힣]", one.text + one.task)
        assert re.search("[가-힣]", other.task + other.text + other.title)
    asked = {step.check.do for step in english.steps if step.check is not None}
    assert Do.PREDICT in asked, "first they say what they expect"
    assert asked & {Do.ANSWER}, "at the end they explain"


def test_there_are_five() -> None:
    assert len(lesson_names()) == 5


def test_a_language_without_a_lesson_has_the_english_one() -> None:
    assert lesson_named(lesson_names()[0], "fr") == lesson_named(lesson_names()[0], "en")


def test_what_a_file_says_is_what_the_lesson_has(tmp_path: Path) -> None:
    (tmp_path / "mine.en.md").write_text(GOOD, "utf-8")
    lesson = read_lesson(tmp_path / "mine.en.md")
    assert (lesson.name, lesson.title, lesson.minutes) == ("mine", "Title", 5)
    first, second = lesson.steps
    assert first.check == Check(Do.CELLS, 3.0)
    assert first.set_up == ((SetUp.OPEN, "cat.png"), (SetUp.OVERLAY, "off"))
    assert (first.text, first.task, first.hint) == ("Some text with {class}.", "Click.", "There.")
    assert first.after == "Well done."
    assert second.check is None
    assert lesson.set_up_at(1) == (*first.set_up, (SetUp.PANEL, "evidence"))


def test_a_picture_beside_the_lesson_can_be_opened(tmp_path: Path) -> None:
    text = GOOD.replace("cat.png", "mine.png")
    (tmp_path / "mine.md").write_text(text, "utf-8")
    with pytest.raises(SourceFailure, match=r"line 6: @open takes one of"):
        read_lesson(tmp_path / "mine.md")
    (tmp_path / "mine.png").write_bytes(b"")
    assert read_lesson(tmp_path / "mine.md").folder == tmp_path
    outside = GOOD.replace("cat.png", "../mine.png")
    assert parsed(outside, "mine", tmp_path / "below")[1]


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("# Title\n", "", 1, "the title"),
        ("@minutes 5", "@minutes five", 2, "needs a number"),
        ("@minutes 5\n", "", 1, "@minutes is missing"),
        ("@summary What it is about.\n", "", 1, "@summary is missing"),
        ("@summary", "@open cat.png\n@summary", 3, "before the first step"),
        ("@open cat.png", "@open dog.png", 6, "takes one of: camera.png"),
        ("@overlay off", "@overlay perhaps", 7, "on, off"),
        ("@overlay off", "@colour red", 7, "there is no @colour"),
        ("{class}", "{klass}", 9, "there is no {klass}"),
        ("More text.\n", "", 16, "no text"),
        ("## First", "## ", 5, "no title"),
        ("@do cells 3", "@do dance", 11, "there is no @do dance"),
        ("@do cells 3", "@do cells", 11, "needs a number of cells"),
        ("@do cells 3", "@do cells 0", 11, "needs a number of cells"),
        ("@do cells 3", "@do cells 3 4", 11, "takes nothing more"),
        ("@do cells 3", "@do below 20", 11, "needs classes"),
        ("@do cells 3", "@do compare tabby", 11, "needs classes"),
        ("@do cells 3", "@do class tabby with lynx", 11, "needs classes"),
        ("@do cells 3", "@do method", 11, "needs a method"),
        ("@do cells 3", "@do between cubic", 11, "nearest"),
        ("@do cells 3", "@do reveal\n@do hide", 12, "one @do"),
        ("@do cells 3", "@do answer", 5, "two answers or more"),
        ("@do cells 3", "@do predict\n@wrong a\n@wrong b", 5, "two answers or more"),
        ("@task Click.", "@task Click.\n@right this", 5, "answers need @do"),
        ("@task Click.", "@task Click.\n@right", 13, "needs an answer"),
        ("@task Click.\n", "", 5, "@task is missing"),
        ("@hint There.\n", "", 5, "@hint is missing"),
        (f"{FIRST}{SECOND}", "", 1, "there is no step"),
    ],
)
def test_authors_are_told_what_is_wrong_and_where(old: str, new: str, line: int, told: str) -> None:
    assert parsed(GOOD, "mine")[1] == ()
    text = GOOD.replace(old, new)
    assert text != GOOD
    _, faults = parsed(text, "mine")
    assert any(fault.line == line and told in fault.text for fault in faults), faults


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.md").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SourceFailure, match="UTF-8"):
        read_lesson(tmp_path / "mine.md")
    with pytest.raises(SourceFailure):
        read_lesson(tmp_path / "none.md")


@pytest.mark.parametrize("progress", [Progress(), Progress(3), Progress(0, True), Progress(4, True)])
def test_progress_is_remembered(progress: Progress) -> None:
    assert progress_of(progress.as_text(), 5) == progress


@pytest.mark.parametrize("text", ["", "nothing", "-1", "5", "99"])
def test_what_is_no_progress_begins_at_the_first_step(text: str) -> None:
    assert progress_of(text, 5) == Progress()


def test_pictures_of_lessons_are_there() -> None:
    for name in picture_names():
        assert picture(name).is_file()
    with pytest.raises(FileNotFoundError):
        picture("dog.png")


def test_the_page_for_authors_tells_all_words() -> None:
    page = (resource_path("lessons").parents[1] / "docs" / "lessons.md").read_text("utf-8")
    for do in Do:
        assert f"`@do {do.value}" in page, do
    for set_up in SetUp:
        assert f"`@{set_up.value}" in page, set_up
    for name in PLACEHOLDERS:
        assert f"`{{{name}}}`" in page, name
    for name in (*picture_names(), *EXAMPLES):
        assert f"`{name}`" in page, name
    example = re.search(r"```markdown\n(.*?)```", page, re.DOTALL)
    assert example is not None
    assert parsed(example[1], "example")[1] == ()
