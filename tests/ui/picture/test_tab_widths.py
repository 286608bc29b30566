"""Tabs are as wide as their names need, while there is room."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from camviewer.ui.picture.tab_widths import Limits, widths

LIMITS = Limits(room=1000, least=100, most=250, more=60)


def test_all_are_equally_wide_where_that_does() -> None:
    assert widths([150, 90, 200, 120], (), LIMITS).tabs == (250, 250, 250, 250)
    assert widths([150, 90], (), LIMITS).tabs == (250, 250), "no wider than there is use for"
    assert widths([], (), LIMITS).tabs == ()


def test_narrow_names_give_to_wide_ones() -> None:
    assert widths([400, 90, 90, 90], (), LIMITS).tabs == (400, 200, 200, 200)


def test_only_the_chosen_name_is_not_cut() -> None:
    found = widths([400, 400, 400, 90], (1,), LIMITS)
    assert found.tabs == (255, 400, 255, 90)
    assert found.hidden == ()


def test_where_not_all_fit_the_last_ones_go() -> None:
    assert widths([400] * 12, (11,), LIMITS).tabs == (108, 108, 108, 108, 108, *[0] * 6, 400)


def test_a_name_wider_than_the_window_is_cut() -> None:
    assert widths([2000, 300, 90], (0,), LIMITS).tabs == (940, 0, 0)
    assert widths([900, 600, 90], (0, 1), LIMITS).hidden == (2,)


def test_another_name_moves_nothing_while_it_fits() -> None:
    loose, tight = widths([150, 90, 200, 120], (0,), LIMITS), widths([400] * 4, (0,), LIMITS)
    assert loose.serve([240, 250, 90, 100], (0,), slack=20)
    assert not loose.serve([240, 260, 90, 100], (0,), slack=20), "there is room for it"
    assert not loose.serve([240, 250, 90], (0,), slack=20)
    assert tight.tabs == (400, 200, 200, 200)
    assert tight.serve([395, 300, 300, 190], (0,), slack=20)
    assert not tight.serve([410, 300, 300, 300], (0,), slack=20)
    assert not tight.serve([395, 300, 300, 300], (1,), slack=20), "another is chosen"


@given(
    st.lists(st.integers(20, 900), min_size=1, max_size=12),
    st.sets(st.integers(0, 11), max_size=2),
    st.integers(60, 2000),
)
def test_whatever_they_need(needs: list[int], whole: set[int], room: int) -> None:
    limits = Limits(room, 80, 250, 50)
    whole = {i for i in whole if i < len(needs)}
    found = widths(needs, whole, limits)
    assert sum(found.tabs) <= room
    if sum(needs) <= room:
        assert all(width >= need for need, width in zip(needs, found.tabs, strict=True)), "none is cut"
    if sum(needs[i] for i in whole) <= room - limits.more:
        assert all(found.tabs[i] >= needs[i] for i in whole)
    for need, width in zip(needs, found.tabs, strict=True):
        assert width == 0 or width >= min(need, limits.least) or whole
    gone = set(found.hidden) - whole
    if gone:
        assert not set(range(min(gone), len(needs))) - gone - whole, "the last ones go"
    if max(needs) <= min(limits.most, room // len(needs)):
        assert len(set(found.tabs)) == 1
    assert found.serve(needs, whole, 0) or max(found.tabs) == 0 or sum(needs) > room
