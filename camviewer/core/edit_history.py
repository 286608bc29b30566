"""The history of a frame's edit: what was undone can be done again, exactly."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from camviewer.core.edits import (
    FrameEdit,
    Inversion,
    Outline,
    Part,
    Point,
    Rectangle,
    Stroke,
)

STEPS = 500
"""So many can be undone."""


class EditHistory:
    """Edits, one after the other. They are immutable, so going back to one restores it exactly."""

    def __init__(self) -> None:
        self._done: deque[FrameEdit | None] = deque([None], STEPS + 1)
        self._undone: list[FrameEdit | None] = []

    @property
    def present(self) -> FrameEdit | None:
        """None where nothing is covered."""
        return self._done[-1]

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to go back."""
        return len(self._done) > 1

    @property
    def can_redo(self) -> bool:
        """Whether a step was undone, and nothing else was done since."""
        return bool(self._undone)

    def put(self, edit: FrameEdit | None) -> None:
        """One step on. What was undone before is gone; the same edit once more is no step."""
        if edit != self.present:
            self._done.append(edit)
            self._undone.clear()

    def undo(self) -> None:
        """One step back, if there is one."""
        if self.can_undo:
            self._undone.append(self._done.pop())

    def redo(self) -> None:
        """One step on again, if one was undone."""
        if self._undone:
            self._done.append(self._undone.pop())


def extended(edit: FrameEdit | None, part: Part, size: tuple[int, int]) -> FrameEdit:
    """An edit with one more part, which was drawn on a frame of this size: width, height.

    The edit keeps the size that it began with; the part is brought to it.
    """
    if edit is None:
        return FrameEdit(size, (part,))
    if edit.size != size:
        part = resized(part, edit.size[0] / size[0], edit.size[1] / size[1])
    return edit.with_part(part)


def resized(part: Part, across: float, down: float) -> Part:
    """The same places of a frame that is so many times as wide and high.

    A stroke is as wide as before for its area: by the mean of both factors.
    """

    def moved(points: Iterable[Point]) -> tuple[Point, ...]:
        return tuple((x * across, y * down) for x, y in points)

    if isinstance(part, Stroke):
        return replace(part, points=moved(part.points), width=part.width * (across * down) ** 0.5)
    if isinstance(part, Rectangle):
        (left, top), (right, bottom) = moved(((part.left, part.top), (part.right, part.bottom)))
        return replace(part, left=left, top=top, right=right, bottom=bottom)
    if isinstance(part, Outline):
        return replace(part, rings=tuple(moved(ring) for ring in part.rings))
    assert isinstance(part, Inversion)
    return part
