"""One check in a process of its own: whatever becomes of that is a finding."""

from __future__ import annotations

import json
import subprocess
from types import SimpleNamespace
from typing import Any

import pytest

from camviewer.commands import doctor
from camviewer.commands.options import DoctorStyle
from camviewer.core.finding import Finding, State


def answer(returncode: int, stdout: bytes = b"", stderr: bytes = b"") -> Any:
    return lambda *_, **__: SimpleNamespace(returncode=returncode, stdout=stdout, stderr=stderr)


def test_a_check_that_is_killed_names_what_it_was_at() -> None:
    (finding,) = doctor.examine_one("torch", call=answer(-11, stderr=b"import torch\n"))
    assert finding.state is State.PROBLEM
    assert "signal 11" in finding.text
    assert "import torch" in finding.text
    assert finding.mend


def test_a_check_that_says_something_and_dies_has_said_both() -> None:
    line = json.dumps({"name": "x", "state": "ok", "text": "fine", "mend": ""}).encode()
    findings = doctor.examine_one("torch", call=answer(3, stdout=line + b"\n"))
    assert [finding.state for finding in findings] == [State.OK, State.PROBLEM]


def test_a_check_that_hangs_is_a_problem() -> None:
    def late(*_: object, **__: object) -> None:
        raise subprocess.TimeoutExpired("x", 1, stderr=b"a frame of the camera")

    (finding,) = doctor.examine_one("camera", call=late)
    assert finding.state is State.PROBLEM
    assert "a frame of the camera" in finding.text


FINDINGS = (Finding("x", State.OK, "fine"), Finding("fonts", State.PROBLEM, "none", "Install one."))


@pytest.mark.parametrize("style", list(DoctorStyle))
def test_the_styles(
    style: DoctorStyle, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "examine", lambda *_: iter(FINDINGS))
    assert doctor.run((), style) == 1
    out = capsys.readouterr().out
    if style is DoctorStyle.JSON:
        report = json.loads(out)
        assert report["problems"] == 1
        assert report["findings"][1] == {
            "name": "fonts",
            "text": "none",
            "mend": "Install one.",
            "state": "problem",
        }
    elif style is DoctorStyle.LINES:
        assert [Finding.from_json(json.loads(line)) for line in out.splitlines()] == list(FINDINGS)
    else:
        assert out.startswith("ok       x: fine\nPROBLEM  fonts: none\n         → Install one.\n")
        assert "1 problem: see above" in out


def test_lines_that_are_no_findings_are_a_problem() -> None:
    (finding,) = doctor.examine_one("torch", call=answer(0, stdout=b'{"name": "x", "state": "odd"}\n'))
    assert finding.state is State.PROBLEM
