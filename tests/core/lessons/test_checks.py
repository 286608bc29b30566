"""Each check is met by what it asks for, and by nothing less."""

from __future__ import annotations

import numpy as np
import pytest

from camviewer.core.coverage import coverage_of
from camviewer.core.covering import Fill
from camviewer.core.edits import FrameEdit, Rectangle
from camviewer.core.frames import Region
from camviewer.core.lessons.checks import Facts, covered_share, hot_cells, is_done
from camviewer.core.lessons.lesson import Answer, Check, Do

LABELS = ("tabby", "lynx", "espresso")
CATS = ("tabby", "lynx")


def facts(**more: object) -> Facts:
    given = {"labels": LABELS, "probabilities": np.array([0.5, 0.2, 0.3], np.float32)}
    return Facts(**{**given, **more})  # type: ignore[arg-type]


def probabilities(*values: float) -> object:
    return np.array(values, np.float32)


CASES = [
    (Check(Do.PREDICT), facts(answer=Answer("a", False)), facts()),
    (Check(Do.ANSWER), facts(answer=Answer("a", True)), facts(answer=Answer("a", False))),
    (Check(Do.ANSWER), facts(answer=Answer("a", True)), facts()),
    (Check(Do.REVEAL), facts(overlay=True), facts(overlay=False)),
    (Check(Do.HIDE), facts(overlay=False), facts(overlay=True)),
    (Check(Do.CLASS, classes=CATS), facts(chosen="lynx", picked=True), facts(chosen="lynx")),
    (Check(Do.CLASS, classes=CATS), facts(chosen="lynx", picked=True), facts(chosen="espresso", picked=True)),
    (
        Check(Do.COMPARE, classes=CATS, others=("espresso",)),
        facts(chosen="lynx", other="espresso"),
        facts(chosen="lynx", other="tabby"),
    ),
    (
        Check(Do.COMPARE, classes=CATS, others=("espresso",)),
        facts(chosen="espresso", other="lynx"),
        facts(chosen="espresso"),
    ),
    (Check(Do.CELLS, 3), facts(cells=3), facts(cells=2)),
    (Check(Do.COVER, 60), facts(covered=0.6), facts(covered=0.59)),
    (Check(Do.BELOW, 80, CATS), facts(edited=True), facts(edited=False)),
    (
        Check(Do.BELOW, 71, CATS),
        facts(edited=True),
        facts(edited=True, probabilities=probabilities(0.5, 0.22, 0.28)),
    ),
    (
        Check(Do.FOOL, classes=CATS),
        facts(edited=True, probabilities=probabilities(0.3, 0.3, 0.4)),
        facts(edited=True),
    ),
    (
        Check(Do.FOOL, classes=CATS),
        facts(edited=True, probabilities=probabilities(0.3, 0.3, 0.4)),
        facts(edited=False, probabilities=probabilities(0.3, 0.3, 0.4)),
    ),
    (Check(Do.METHOD, word="Grad-CAM"), facts(method="Grad-CAM"), facts(method="CAM")),
    (Check(Do.BETWEEN, word="nearest"), facts(between="nearest"), facts(between="bicubic")),
    (Check(Do.LOOK, 4), facts(photos=4), facts(photos=3)),
    (Check(Do.TEACH, 10), facts(examples=(10, 12)), facts(examples=(9, 12))),
    (Check(Do.TEACH, 10), facts(examples=(10, 10)), facts(examples=(24,))),
    (Check(Do.TEACH, 10), facts(examples=(10, 10)), facts()),
]


@pytest.mark.parametrize(("check", "enough", "too_little"), CASES)
def test_a_check_is_met_and_can_fail(check: Check, enough: Facts, too_little: Facts) -> None:
    assert is_done(check, enough)
    assert not is_done(check, too_little)


def test_all_checks_are_among_these() -> None:
    assert {check.do for check, _, _ in CASES} == set(Do)


def test_half_of_the_maximum_is_hot() -> None:
    values = np.array([[8.0, 4.0], [3.9, -9.0]], np.float32)
    assert hot_cells(values).tolist() == [[True, True], [False, False]]
    assert not hot_cells(-np.ones((2, 2), np.float32)).any(), "nothing is, where all speaks against"


def test_what_is_covered_of_the_hot_cells() -> None:
    """Of a frame of 40 x 20 the network sees the right half, in 2 x 2 cells of 10 x 10 pixels."""
    hot, region = np.array([[True, False], [True, False]]), Region(20, 0, 20, 20)

    def share(left: float, top: float, right: float, bottom: float) -> float:
        edit = FrameEdit((40, 20), (Rectangle(left, top, right, bottom, Fill.GREY),))
        return covered_share(hot, region, coverage_of(edit, 40, 20))

    assert share(20, 0, 30, 20) == pytest.approx(1.0)
    assert share(20, 0, 30, 10) == pytest.approx(0.5)
    assert share(20, 0, 25, 10) == pytest.approx(0.25)
    assert share(0, 0, 20, 20) == pytest.approx(0.0), "beside the region"
    assert share(30, 0, 40, 20) == pytest.approx(0.0), "cells that aren't hot"
    assert covered_share(np.zeros((2, 2), bool), region, coverage_of(FrameEdit((40, 20)), 40, 20)) == 0.0
