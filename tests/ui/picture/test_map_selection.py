"""Which map of the chosen class is in view."""

from __future__ import annotations

import pytest
from PySide6.QtTest import QSignalSpy

from camviewer.core.targets import ChannelPart, ClassScore, ScoreDifference
from camviewer.ui.picture.map_selection import MapSelection


@pytest.fixture
def selection() -> MapSelection:
    return MapSelection()


def test_at_first_the_class_itself(selection: MapSelection) -> None:
    assert selection.target(3) == ClassScore(3)
    assert selection.other is None


def test_a_comparison_stays_when_another_class_is_chosen(selection: MapSelection) -> None:
    selection.compare_with(1)
    assert selection.target(3) == ScoreDifference(3, 1)
    assert selection.target(0) == ScoreDifference(0, 1)
    assert selection.other == 1


def test_a_class_is_never_compared_with_itself(selection: MapSelection) -> None:
    selection.compare_with(1)
    assert selection.target(1) == ClassScore(1)


def test_class_and_channel_0_are_classes_and_channels(selection: MapSelection) -> None:
    selection.compare_with(0)
    assert selection.target(2) == ScoreDifference(2, 0)
    selection.show_channel(0)
    assert selection.target(2) == ChannelPart(2, 0)


@pytest.mark.parametrize("again", [1, None])
def test_the_same_class_again_ends_the_comparison(selection: MapSelection, again: int | None) -> None:
    selection.compare_with(1)
    selection.compare_with(again)
    assert selection.other is None
    assert selection.target(3) == ClassScore(3)


def test_comparison_and_channel_exclude_each_other(selection: MapSelection) -> None:
    selection.compare_with(1)
    selection.show_channel(7)
    assert selection.target(3) == ChannelPart(3, 7)
    assert selection.other is None
    selection.compare_with(1)
    assert selection.target(3) == ScoreDifference(3, 1)
    selection.show_channel(None)
    assert selection.target(3) == ClassScore(3)


def test_clear_goes_back_to_the_class(selection: MapSelection) -> None:
    for choose in (selection.compare_with, selection.show_channel):
        choose(2)
        selection.clear()
        assert selection.target(3) == ClassScore(3)


def test_only_changes_are_told(selection: MapSelection) -> None:
    told = QSignalSpy(selection.changed)
    selection.clear()
    selection.show_channel(None)
    assert told.count() == 0
    selection.compare_with(1)
    selection.show_channel(7)
    selection.show_channel(7)
    selection.clear()
    assert told.count() == 3
