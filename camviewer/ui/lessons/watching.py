"""Watching: what a lesson's checks ask for, as facts of the window."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from camviewer.core.coverage import coverage_of
from camviewer.core.explanation import Explanation
from camviewer.core.lessons.checks import Facts, covered_share, hot_cells
from camviewer.core.lessons.lesson import Check, Do
from camviewer.core.maps import shape_of
from camviewer.core.targets import ClassScore
from camviewer.media.drawing.view_state import ViewState
from camviewer.ui.lessons.cell_clicks import CellClicks
from camviewer.ui.lessons.own_classes import running
from camviewer.ui.lessons.parts import LessonParts


class Watching:
    """Remembers what belongs to a step: where the map was hot, and which photos were in view."""

    def __init__(self, parts: LessonParts, clicks: CellClicks) -> None:
        self._parts, self._clicks = parts, clicks
        self._check: Check | None = None
        self._hot: NDArray[np.bool_] | None = None
        self._photos: set[tuple[str, int]] = set()
        self._has_picked = False

    def begin(self, check: Check | None) -> None:
        """Of another step."""
        self._check = check
        self._photos = set()
        self._has_picked = False

    def note_picked(self) -> None:
        """The person chose a class, maybe the one that was chosen already."""
        self._has_picked = True

    def note(self, state: ViewState) -> None:
        """Something is in view."""
        explanation = state.explanation
        target = ClassScore(state.target.class_id)
        if not explanation.edited and explanation.maps.available(target):
            # Once a part is covered the map moves on: what counts is where it was.
            self._hot = hot_cells(explanation.map(target).values)
        if self._check is not None and self._check.do is Do.LOOK:
            self._photos.add((explanation.frame.source, explanation.frame.index))

    def facts(self) -> Facts | None:
        """As the window is now; None while nothing is in view, or not yet what the edit makes of it."""
        state = self._parts.presenter.state
        if state is None or state.explanation.request.edit != self._parts.edits.edit:
            return None
        explanation = state.explanation
        other = state.target.other
        return Facts(
            overlay=self._parts.styles.style.visible,
            chosen=explanation.label(state.target.class_id),
            picked=self._has_picked,
            other=explanation.label(other) if other is not None else "",
            method=explanation.maps.method,
            between=self._parts.styles.style.interpolation.value,
            labels=explanation.labels,
            probabilities=explanation.probabilities,
            edited=explanation.edited,
            cells=len(self._clicks.cells),
            covered=self._covered(explanation),
            photos=len(self._photos),
            examples=self._taught(),
        )

    def _taught(self) -> tuple[int, ...]:
        """Examples of each class of the person's own, where those run."""
        runs = running(self._parts)
        if runs is None:
            return ()
        keys = Counter(example.class_key for example, _ in runs.request.examples)
        return tuple(keys[each.key] for each in runs.request.classes)

    def _covered(self, explanation: Explanation) -> float:
        edit, hot = explanation.request.edit, self._hot
        if edit is None or hot is None or hot.shape != shape_of(explanation.maps):
            return 0.0
        frame = explanation.frame
        return covered_share(hot, explanation.region, coverage_of(edit, frame.width, frame.height))
