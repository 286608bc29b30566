"""What the drawing says: the numbers that it names multiply and add up, and no unit is borrowed."""

from __future__ import annotations

import re

import numpy as np
import pytest

from camviewer.core.maps import Unit
from camviewer.core.targets import ChannelPart, ScoreDifference, Target
from camviewer.ui.adding_up.contents import Cell, Channel, contents_of
from camviewer.ui.adding_up.texts import flatten_words, headings, pointed_lines, rounded, share, sum_rows
from tests.ui.adding_up.crafting import FIRST, local, pooled, state_of

NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")


def numbers(text: str) -> list[float]:
    return [float(found) for found in NUMBER.findall(text)]


@pytest.mark.parametrize("target", [FIRST, ScoreDifference(2, 4)])
def test_a_cell_is_divided_by_the_cells(target: Target) -> None:
    """``+2.8 here`` becomes ``÷ 12 = +0.23 of the logit``: it is said by what."""
    contents = contents_of(state_of(pooled(), target))
    values = contents.parts.values
    for row, column in np.ndindex(values.shape):
        here, part = pointed_lines(contents, Cell(row, column))
        assert numbers(here)[:2] == [row + 1, column + 1]
        assert numbers(here)[2] == pytest.approx(float(values[row, column]), abs=0.06)
        cells, of_it, score = numbers(part)
        assert (part[0], cells) == ("÷", values.size)
        assert of_it == pytest.approx(float(values[row, column]) / cells, rel=0.1, abs=1e-4)
        assert score == pytest.approx(target.score(contents.explanation.logits), abs=0.006)
        assert ("difference" in part) == (target.other is not None)


@pytest.mark.parametrize("target", [FIRST, ScoreDifference(2, 4)])
def test_a_channel_is_its_mean_times_its_weight(target: Target) -> None:
    contents = contents_of(state_of(pooled(), target))
    for each in contents.parts.channels:
        product, part = pointed_lines(contents, Channel(each.channel))
        name, mean, weight = numbers(product)
        assert name == each.channel
        assert mean * weight == pytest.approx(numbers(part)[0], rel=0.1, abs=0.02)
        assert numbers(part)[0] == pytest.approx(each.value, abs=0.006)


def test_a_cell_of_the_chosen_channel_is_that_channel_s() -> None:
    explanation = pooled()
    channel = contents_of(state_of(explanation)).parts.channels[0].channel
    contents = contents_of(state_of(explanation, ChannelPart(0, channel)))
    here, part = pointed_lines(contents, Cell(1, 2))
    value = float(explanation.map(ChannelPart(0, channel)).values[1, 2])
    assert f"channel {channel}" in here
    assert numbers(here)[-1] == pytest.approx(value, rel=0.1)
    assert numbers(part)[1] == pytest.approx(value / 12, rel=0.1)
    assert f"channel {channel}" in pointed_lines(contents, None)[0], "also while nothing is pointed at"


@pytest.mark.parametrize("target", [FIRST, ScoreDifference(2, 4)])
@pytest.mark.parametrize("channels", [1, 10, 14, 300])
def test_the_rows_of_the_sum_add_up(target: Target, channels: int) -> None:
    rows = sum_rows(contents_of(state_of(pooled(channels), target)))
    values = [float(value) for _, value in rows]
    assert sum(values[:-1]) == pytest.approx(values[-1], abs=0.005 * len(values) + 1e-9)
    assert any(name.startswith("the other") for name, _ in rows) == (channels > 10)
    local_rows = sum_rows(contents_of(state_of(local())))
    assert float(local_rows[0][1]) + float(local_rows[1][1]) == pytest.approx(
        float(local_rows[2][1]), abs=0.016
    )
    assert "bias" not in local_rows[1][0], "its remainder is not only a bias"


@pytest.mark.parametrize("unit", [Unit.RELATIVE, Unit.LOGIT_CHANGE])
def test_where_nothing_adds_up_no_sum_is_spoken_of(unit: Unit) -> None:
    contents = contents_of(state_of(local(unit)))
    said = [*pointed_lines(contents, None), *pointed_lines(contents, Cell(0, 0))]
    assert sum_rows(contents) == ()
    assert not any(sign in line for line in said for sign in ("÷", "=", "mean", "bias"))
    if unit is Unit.RELATIVE:
        assert not any("logit" in line for line in said)
    texts = headings(contents)
    assert (texts.stack, texts.pool, texts.linear) == ("", "", "")
    assert "Fake-CAM" in texts.grid


def test_a_local_map_says_what_is_not_on_it() -> None:
    lines = pointed_lines(contents_of(state_of(local())), Cell(2, 1))
    assert lines[1].startswith("÷ 20")
    assert "to first order" in lines[2]


def test_flatten_says_how_many_weights_there_are() -> None:
    contents = contents_of(state_of(pooled(14, 6)), flatten=True)
    texts = headings(contents)
    assert "[6, 168]" in texts.linear
    assert "168 numbers" in texts.pool
    assert "12 places" in texts.grid
    assert texts.link == "", "another network would give other numbers"
    assert "168" in pointed_lines(contents, Cell(0, 0))[0]
    assert "12" in pointed_lines(contents, Channel(contents.parts.channels[0].channel))[1]
    assert "each class has 168 weights" in flatten_words(contents)
    assert "[6, 14]" in headings(contents_of(state_of(pooled(14, 6)))).linear
    assert not contents_of(state_of(local()), flatten=True).flattens, "nothing is pooled there"


@pytest.mark.parametrize(
    ("value", "text", "part"),
    [
        (0.0, "0", "0"),
        (-0.003, "0", "-0.0030"),
        (0.0049, "0", "+0.0049"),
        (-0.006, "-0.01", "-0.006"),
        (5.96e-6, "0", "0"),
        (-12.345, "-12.35", "-12.35"),
        (0.058, "+0.06", "+0.06"),
    ],
)
def test_no_noise(value: float, text: str, part: str) -> None:
    """No ``−0.00``, no ``8e-07``."""
    assert rounded(value) == text
    assert share(value) == part


def test_the_readout_s_place_is_large_enough_for_all_that_is_said() -> None:
    """And the same for each frame, so that nothing below it moves."""
    kinds = [local(), local(Unit.RELATIVE), local(Unit.LOGIT_CHANGE), pooled(seed=1), pooled(seed=2)]
    for explanation in kinds:
        for flatten in (False, True):
            contents = contents_of(state_of(explanation), flatten)
            most = max(len(lines) for lines in headings(contents).longest)
            things = [None, Cell(0, 0), *(Channel(each.channel) for each in contents.parts.channels)]
            assert max(len(pointed_lines(contents, thing)) for thing in things) <= most
    one, other = (headings(contents_of(state_of(explanation))) for explanation in kinds[3:])
    assert one == other
