"""The history of an edit: going back and forth restores each step exactly."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from camviewer.core.coverage import coverage_of
from camviewer.core.covering import Fill
from camviewer.core.edit_history import STEPS, EditHistory, extended
from camviewer.core.edits import FrameEdit, Inversion, Outline, Part, Rectangle, Stroke

SIZE = (64, 48)
number = st.floats(-10, 80, allow_nan=False, width=32)
point = st.tuples(number, number)
fill = st.sampled_from([None, *Fill])
parts = st.one_of(
    st.builds(Stroke, st.lists(point, min_size=1, max_size=4).map(tuple), st.floats(1, 30), fill),
    st.builds(Rectangle, number, number, number, number, fill),
    st.builds(
        Outline, st.lists(st.lists(point, min_size=3, max_size=4).map(tuple), max_size=2).map(tuple), fill
    ),
    st.builds(Inversion, st.sampled_from(list(Fill))),
)
steps = st.lists(st.one_of(parts, st.sampled_from(["undo", "redo", "clear"])), max_size=25)


@given(steps)
@settings(max_examples=80, deadline=None)
def test_undo_and_redo_restore_every_step(taken: list[Part | str]) -> None:
    """Against the plainest model: a list of all states, and where in it we are."""
    history = EditHistory()
    states: list[FrameEdit | None] = [None]
    at = 0
    for step in taken:
        if step == "undo":
            history.undo()
            at = max(at - 1, 0)
        elif step == "redo":
            history.redo()
            at = min(at + 1, len(states) - 1)
        else:
            edit = None if isinstance(step, str) else extended(history.present, step, SIZE)
            history.put(edit)
            if edit != states[at]:
                states[at + 1 :] = [edit]
                at += 1
        assert history.present is states[at] or history.present == states[at]
        assert (history.can_undo, history.can_redo) == (at > 0, at < len(states) - 1)


def test_so_many_steps_are_remembered() -> None:
    history = EditHistory()
    for step in range(STEPS + 10):
        history.put(FrameEdit(SIZE, (Rectangle(0, 0, step + 1, 1, Fill.GREY),)))
    for _ in range(STEPS + 10):
        history.undo()
    assert not history.can_undo
    assert history.present == FrameEdit(SIZE, (Rectangle(0, 0, 10, 1, Fill.GREY),))


@pytest.mark.parametrize(
    "part",
    [
        Stroke(((20, 20), (60, 40)), 12, Fill.BLACK),
        Rectangle(10, 20, 60, 50, Fill.BLACK),
        Outline((((10, 10), (90, 20), (40, 70)),), Fill.BLACK),
    ],
    ids=lambda part: type(part).__name__,
)
def test_a_part_of_a_frame_of_another_size_covers_the_same_share(part: Part) -> None:
    """The edit began on a frame twice as large; the part is drawn on one of 96 × 72."""
    alone = coverage_of(FrameEdit((96, 72), (part,)), 96, 72)
    edit = extended(FrameEdit((192, 144)), part, (96, 72))
    assert edit.size == (192, 144)
    assert coverage_of(edit, 96, 72).share == pytest.approx(alone.share, rel=0.02)
    assert coverage_of(edit, 192, 144).share == pytest.approx(alone.share, rel=0.08)
