"""Numbers in names count by their value."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from camviewer.core.storage.natural_order import name_key, path_key


def test_two_comes_before_ten() -> None:
    names = ["1.png", "2.png", "9.png", "10.png", "100.png", "A2b3.png", "a2b20.png", "a10b1.png", "b.png"]
    shuffled = names[:]
    random.Random(0).shuffle(shuffled)
    assert sorted(shuffled, key=name_key) == names


def test_folders_too_and_a_folders_own_files_first() -> None:
    names = ["x/b.png", "x/1/a.png", "x/2/a.png", "x/2/z/a.png", "x/10/a.png", "x/Y/a.png"]
    paths = [Path(name) for name in sorted(names)]
    assert [path.as_posix() for path in sorted(paths, key=path_key)] == names


def test_equal_numbers_have_an_order_of_their_own() -> None:
    paths = [Path(p) for p in ("01.png", "001.png", "1.png")]
    assert len({path_key(path) for path in paths}) == 3
    assert len({name_key(path.name) for path in paths}) == 1


@given(st.lists(st.integers(0, 10**30), max_size=8))
def test_whole_numbers_are_in_order_however_long(numbers: list[int]) -> None:
    assert sorted(map(str, numbers), key=name_key) == [str(n) for n in sorted(numbers)]


@given(st.lists(st.text(max_size=12), max_size=8))
def test_any_names_can_be_compared(names: list[str]) -> None:
    keys = sorted(map(name_key, names))
    assert all(before <= after for before, after in pairwise(keys))
