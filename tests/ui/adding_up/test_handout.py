"""The handout: one file that needs nothing else, with the explanation's own numbers."""

from __future__ import annotations

import base64
import re
from dataclasses import replace

import pytest
from PySide6.QtGui import QFont, QImage
from pytestqt.qtbot import QtBot

from camviewer.core.explanation import Explanation
from camviewer.core.maps import Unit
from camviewer.core.targets import ClassScore, ScoreDifference, Target
from camviewer.ui.adding_up.handout import handout
from tests.ui.adding_up.crafting import FIRST, local, pooled, state_of


@pytest.fixture(autouse=True)
def _with_fonts(qtbot: QtBot) -> None:
    """Texts are painted."""


def page_of(explanation: Explanation, target: Target = FIRST) -> str:
    return handout(state_of(explanation, target), QFont(), "en")().decode("utf-8")


def cells(html: str, table: int) -> list[list[str]]:
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", html.split("<table")[table], re.DOTALL)
    return [re.findall(r"<t[dh]>(.*?)</t[dh]>", row) for row in rows]


def pictures(html: str) -> list[QImage]:
    data = re.findall(r'src="data:image/png;base64,([^"]+)"', html)
    return [QImage.fromData(base64.b64decode(each)) for each in data]


@pytest.mark.parametrize("target", [ClassScore(2), ScoreDifference(1, 3)])
def test_its_tables_add_up_to_the_score(target: Target) -> None:
    explanation = pooled()
    html, score = page_of(explanation, target), target.score(explanation.logits)
    assert score is not None
    grid = [[float(text) for text in row] for row in cells(html, 1)]
    assert (len(grid), len(grid[0])) == (3, 4)
    remainder = explanation.map(target).remainder
    assert remainder is not None
    assert sum(map(sum, grid)) / 12 + remainder == pytest.approx(score, abs=0.006)
    rows = cells(html, 2)[1:]
    parts = [float(row[3]) for row in rows]
    assert sum(parts[:-1]) == pytest.approx(parts[-1], abs=0.006 * len(parts))
    assert parts[-1] == pytest.approx(score, abs=0.006)
    for _, mean, weight, part in rows[:10]:
        assert float(mean) * float(weight) == pytest.approx(float(part), rel=0.1, abs=0.02)


def test_it_needs_nothing_else() -> None:
    html = page_of(pooled())
    assert not re.findall(r"(?:src|href)=\"(?!data:)|url\(|<script|@import", html)
    both = pictures(html)
    assert len(both) == 2
    assert both[0] != both[1], "pool, and flatten"
    assert all(picture.width() > 2000 for picture in both)
    white = both[0].pixelColor(0, both[0].height() - 1)
    assert white.lightness() > 250, "paper is light, whatever the window's appearance"
    assert "each class has 168 weights" in html


def test_labels_are_no_markup() -> None:
    explanation = pooled()
    labels = ("<b>tag & co</b>", *explanation.labels[1:])
    named = type(explanation.prediction)(explanation.logits, explanation.probabilities, labels)
    html = page_of(replace(explanation, prediction=named))
    assert "<b>tag" not in html
    assert "&lt;b&gt;tag &amp; co" in html


@pytest.mark.parametrize("unit", list(Unit))
def test_without_channels_there_is_one_drawing(unit: Unit) -> None:
    html = page_of(local(unit))
    assert len(pictures(html)) == 1
    assert html.count("<table") == 1
    if unit is Unit.RELATIVE:
        assert "logit" not in html
    assert "Flatten" not in html
