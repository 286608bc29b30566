"""What is set up before there is a window."""

from __future__ import annotations

import os

import pytest

from camviewer.app import paint_without_helpers

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
