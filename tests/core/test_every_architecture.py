"""Networks of every family are opened as a user's file is, and explained; docs/architectures.md says how.

The page is made by tests/benchmarks/architectures.py. Its networks are opened again here, but for those that
take longest, and held against it.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from camviewer.core.models.card import ArchitectureName
from tests.benchmarks.architectures import PAGE, TOLERANCE, Row, families, row_of

_LINE = re.compile(
    r"\| (?P<family>[^|]+) \| (?P<library>\w+): (?P<name>\w+) \| (?P<maps>\w+) \| (?P<rest>.+) \|"
)
MOST_SECONDS = 1.2
"""Those that the page says take longer to open are left to the script."""


@cache
def page() -> dict[str, Row]:
    """The rows of the table: network → row."""
    rows = {}
    for line in PAGE.read_text("utf-8").splitlines():
        found = _LINE.fullmatch(line)
        if found is None:
            continue
        head, shape, error, opened, seconds = (part.strip() for part in found["rest"].split("|"))
        architecture = ArchitectureName(found["library"], found["name"])
        rows[str(architecture)] = Row(
            found["family"].strip(),
            architecture,
            found["maps"],
            head,
            shape,
            float(error or 0),
            opened,
            float(seconds),
        )
    return rows


def names() -> list[str]:
    return [name for name, row in page().items() if row.seconds <= MOST_SECONDS]


def test_every_family_is_on_the_page() -> None:
    assert {row.family: row.architecture for row in page().values()} == dict(families())
    libraries = [row.architecture.library for row in page().values()]
    assert libraries.count("torchvision") == 17
    assert libraries.count("timm") >= 80


def test_all_maps_on_the_page_add_up() -> None:
    for row in page().values():
        assert row.maps in ("exact", "local", "none")
        assert row.error <= TOLERANCE
        assert row.shape or row.maps == "none"
        assert row.head, "what can't be explained says why"
    assert sum(row.maps == "none" for row in page().values()) <= 3


def test_most_are_opened_here() -> None:
    assert len(names()) >= 30


@pytest.mark.slow
@pytest.mark.parametrize("name", names())
def test_it_opens_as_the_page_says(name: str, tmp_path: Path) -> None:
    expected = page()[name]
    row = row_of(expected.family, expected.architecture, tmp_path)
    assert (row.maps, row.head, row.shape, row.opened) == (
        expected.maps,
        expected.head,
        expected.shape,
        expected.opened,
    )
    assert row.error <= TOLERANCE
