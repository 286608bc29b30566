"""Texts remember how they were made; failures are made of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from camviewer.core.failures import Failure, SaveFailure, SourceFailure
from camviewer.core.review.truth import ClassNames, folder_truth
from camviewer.core.storage.files import atomic_write
from camviewer.core.storage.images import read_photo
from camviewer.core.text import Text, joined


def test_a_text_is_its_english_sentence() -> None:
    text = Text("{name} has {count} labels.", name="a{b}.txt", count=3)
    assert text == "a{b}.txt has 3 labels."
    assert isinstance(text, str)
    assert (text.template, text.values) == ("{name} has {count} labels.", {"name": "a{b}.txt", "count": 3})
    assert json.loads(json.dumps({"text": text})) == {"text": str(text)}


def test_without_values_nothing_is_filled_in() -> None:
    assert Text("{not a placeholder") == "{not a placeholder"


def test_a_failure_tells_what_and_what_to_do() -> None:
    failure = SourceFailure("{name} is empty.", "Open another.", "details", name="{x}.jpg")
    assert (failure.message, failure.mend, failure.details) == (
        "{x}.jpg is empty.",
        "Open another.",
        "details",
    )
    assert str(failure) == failure.text == "{x}.jpg is empty. Open another."
    assert failure.args == ("{x}.jpg is empty.",)


@pytest.mark.parametrize(("message", "mend"), [("Gone.", ""), ("", "Do this."), ("A {", "} B"), ("", "")])
def test_plain_sentences_are_taken_as_they_are(message: str, mend: str) -> None:
    failure = Failure(message, mend)
    assert str(failure) == failure.text == f"{message} {mend}".strip()


def test_parts_that_are_texts_stay_texts() -> None:
    part = Text("{count} photos are", count=2)
    text = joined("; ", [part, "plain {x}"])
    assert text == "2 photos are; plain {x}"
    assert part in text.values.values()
    assert Failure(part, "").message is part


def test_what_core_tells_has_its_template(tmp_path: Path) -> None:
    with pytest.raises(SourceFailure) as unread:
        read_photo(tmp_path / "{0}.jpg")
    assert isinstance(unread.value.message, Text)
    assert unread.value.message.template == "{name} doesn't exist."
    with pytest.raises(SaveFailure) as unwritten, atomic_write(tmp_path / "no" / "a.txt"):
        pass
    assert isinstance(unwritten.value.message, Text)
    assert unwritten.value.message.template == "The folder {folder} doesn't exist."
    (note,) = folder_truth([Path("val/tabbi/a.jpg")], [Path("val")], ClassNames(("tabby", "cat"))).notes
    assert isinstance(note, Text)
    assert note.template.startswith("No class is called {names}; did you mean {classes}?")
