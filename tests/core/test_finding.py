"""Findings travel between processes, with what translates them."""

from __future__ import annotations

import json

import pytest

from camviewer.core.finding import Finding, State
from camviewer.core.text import Text


def test_a_finding_survives_json() -> None:
    text = Text("{count} files in {where}", count=3, where=Text("bundle"))
    finding = Finding(Text("files"), State.NOTE, text, Text("Look at it."))
    back = Finding.from_json(json.loads(json.dumps(finding.as_json())))
    assert back == finding
    assert isinstance(back.text, Text)
    assert back.text.template == "{count} files in {where}"
    assert back.text.values == {"count": 3, "where": "bundle"}


def test_what_is_no_finding_is_refused() -> None:
    with pytest.raises(ValueError, match="odd"):
        Finding.from_json({"name": "x", "state": "odd", "text": "", "mend": ""})
    with pytest.raises(LookupError):
        Finding.from_json({"name": "x", "state": "ok"})


def test_a_line_for_people() -> None:
    assert Finding("x", State.OK, "fine").report_line() == "ok       x: fine"
    told = Finding("x", State.PROBLEM, "gone", "Mend it.").report_line()
    assert told == "PROBLEM  x: gone\n         → Mend it."
