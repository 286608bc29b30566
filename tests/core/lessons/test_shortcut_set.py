"""The set of examples with a shortcut: thing and background always go together, but in the test."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from camviewer.core.lessons import shortcut_set
from camviewer.core.lessons.shortcut_set import (
    BACKGROUNDS,
    MEND,
    SHORTCUT,
    SIDE,
    TEST,
    drawn,
    shortcut_pictures,
    write_shortcut_set,
)


def test_the_background_tells_the_thing_in_the_examples_and_misleads_in_the_test() -> None:
    pictures = shortcut_pictures()
    for picture in pictures:
        goes_together = BACKGROUNDS[picture.thing] == picture.background
        assert goes_together == picture.path.startswith(SHORTCUT)
    assert len({picture.path for picture in pictures}) == len(pictures)
    assert len({picture.seed for picture in pictures}) == len(pictures), "no picture of the test was taught"
    for folder in (SHORTCUT, MEND, TEST):
        things = [picture.thing for picture in pictures if picture.path.startswith(folder)]
        assert things.count("ball") == things.count("cup") > 0


def test_pictures_are_alike_and_yet_differ() -> None:
    first, second = shortcut_pictures()[:2]
    again = np.asarray(drawn(first))
    assert again.shape == (SIDE, SIDE, 3)
    assert np.array_equal(again, np.asarray(drawn(first)))
    assert not np.array_equal(again, np.asarray(drawn(second)))
    red, green, _ = again.reshape(-1, 3).mean(0)
    assert green > red, "it lies on grass"


def test_what_is_missing_is_written_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    two = shortcut_pictures()[:2]
    monkeypatch.setattr(shortcut_set, "shortcut_pictures", lambda: two)
    write_shortcut_set(tmp_path, lambda: True)
    assert not list(tmp_path.rglob("*.jpg")), "it was stopped"
    kept = tmp_path / two[0].path
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"mine")
    write_shortcut_set(tmp_path)
    assert kept.read_bytes() == b"mine"
    with Image.open(tmp_path / two[1].path) as image:
        assert image.size == (SIDE, SIDE)
