"""FAULTS.md names tests that exist, and every fault has one."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
ROWS = [
    [cell.strip() for cell in line.strip().strip("|").split("|")]
    for line in (TESTS / "FAULTS.md").read_text("utf-8").splitlines()
    if line.startswith("| ") and not line.startswith(("| ---", "| fault |"))
]


def names_in(path: Path) -> set[str]:
    """``test_x`` and ``TestClass::test_x`` of a file."""
    names: set[str] = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.ClassDef):
            names |= {f"{node.name}::{sub.name}" for sub in node.body if isinstance(sub, ast.FunctionDef)}
    return names


def test_there_are_many_faults() -> None:
    assert len(ROWS) > 50


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:40])
def test_each_fault_has_words_and_a_test(row: list[str]) -> None:
    fault, words, test = row
    assert fault
    assert words
    file, _, name = test.partition("::")
    assert name.split("::")[-1].startswith("test_")
    assert name in names_in(TESTS.parent / file)
