"""What is set up before there is a window."""

from __future__ import annotations

import os
import sys

import pytest

from camviewer.app import paint_without_helpers, take_turns_quickly

VARIABLE = "QT_NO_GUI_THREADPOOL"


@pytest.mark.parametrize(("cores", "expected"), [(1, "1"), (2, "1"), (3, "1"), (4, None), (16, None)])
def test_few_cores_paint_without_helpers(
    cores: int, expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "")  # so that it is as it was afterwards
    monkeypatch.delenv(VARIABLE)
    paint_without_helpers(cores)
    assert os.environ.get(VARIABLE) == expected


def test_what_the_user_has_set_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "mine")
    paint_without_helpers(2)
    assert os.environ[VARIABLE] == "mine"


def test_a_thread_that_wants_pythons_lock_waits_half_a_millisecond() -> None:
    before = sys.getswitchinterval()
    try:
        take_turns_quickly()
        assert sys.getswitchinterval() == pytest.approx(0.0005)
    finally:
        sys.setswitchinterval(before)
