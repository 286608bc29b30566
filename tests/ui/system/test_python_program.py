"""What a Python program tells the window that it opened."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from camviewer.ui.system.python_program import Beginning, PythonProgram

BEGIN = json.dumps({"begin": "/tmp/socket", "key": "00ff", "paths": ["/a b.png", "c"]}).encode() + b"\n"


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Where to read and to write. A test closes the latter."""
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)


def test_it_says_where_the_network_is_then_what_happens(qtbot: QtBot, pipe: tuple[int, int]) -> None:
    reading, writing = pipe
    os.write(writing, BEGIN + b'{"reload"')
    program = PythonProgram(reading)
    assert program.beginning == Beginning("/tmp/socket", b"\x00\xff", (Path("/a b.png"), Path("c")))
    program.listen()
    with qtbot.waitSignal(program.reload_asked):
        os.write(writing, b": true}\n")
    with qtbot.waitSignal(program.close_asked):
        os.write(writing, b'nonsense\n[1]\n{"other": 1}\n{"close": true}\n')
    with qtbot.waitSignal(program.ended):
        os.close(writing)


@pytest.mark.parametrize(
    "line", [b"", b"\n", b"[]\n", b"{}\n", b'{"begin": "a", "key": "xy", "paths": []}\n']
)
def test_any_other_beginning_is_refused(pipe: tuple[int, int], line: bytes) -> None:
    reading, writing = pipe
    os.write(writing, line)
    os.close(writing)
    with pytest.raises(ValueError, match="where the network is"):
        PythonProgram(reading)
