"""Does what a step asks for, for somebody who doesn't find it: with the controls that the person has."""

from __future__ import annotations

import numpy as np

from camviewer.core.lessons.lesson import Check, Do
from camviewer.core.lessons.shortcut_set import EXAMPLES_A_THING, MEND, SHORTCUT, THINGS, shortcut_folder
from camviewer.core.scaling import Interpolation
from camviewer.core.targets import ClassScore
from camviewer.media.drawing.view_state import ViewState
from camviewer.media.sources.source import Countable
from camviewer.ui.lessons.cell_clicks import CellClicks
from camviewer.ui.lessons.parts import LessonParts


def show_how(check: Check, parts: LessonParts, clicks: CellClicks) -> None:
    """Nothing while nothing is in view."""
    state = parts.presenter.state
    if state is None:
        return
    match check.do:
        case Do.REVEAL | Do.HIDE:
            parts.styles.restyle(visible=check.do is Do.REVEAL)
        case Do.CLASS:
            parts.centre.tabs.choose(likeliest(state, check.classes))
        case Do.COMPARE:
            one, other = likeliest(state, check.classes), likeliest(state, check.others)
            parts.presenter.selection.clear()  # the same comparison once more would end it
            parts.presenter.comparison.compare(one, other)
        case Do.CELLS:
            _click_hottest(int(check.number), state, clicks)
        case Do.COVER | Do.BELOW | Do.FOOL:
            if check.classes:
                parts.centre.tabs.choose(likeliest(state, check.classes))
            parts.covers.cover_evidence()
        case Do.METHOD:
            parts.methods.choose_method(check.word)
        case Do.BETWEEN:
            parts.styles.restyle(interpolation=Interpolation(check.word))
        case Do.LOOK:
            source = parts.pipeline.source
            if source is not None and isinstance(source, Countable):
                source.step(1)
        case Do.TEACH:
            _teach(int(check.number), parts)


def _teach(count: int, parts: LessonParts) -> None:
    """Give each of the first two classes the examples that it lacks, and the name of what they show."""
    teaching = parts.teaching
    if teaching.looker.busy:
        return  # they are on their way
    for each, thing in zip(teaching.keeper.project.classes, THINGS, strict=False):
        there = len(teaching.keeper.project.of(each.key))
        if there < count:
            folder = SHORTCUT if there < EXAMPLES_A_THING else MEND
            teaching.keeper.change(teaching.keeper.project.renamed(each.key, thing))
            teaching.add_photos(each.key, [shortcut_folder(parts.folder) / folder / thing])


def likeliest(state: ViewState, labels: tuple[str, ...]) -> int:
    """Of classes with these labels, the most probable one. Raises ValueError if the network has none."""
    explanation = state.explanation
    known = [number for number, label in enumerate(explanation.labels) if label in labels]
    return max(known, key=lambda number: float(explanation.probabilities[number]))


def _click_hottest(count: int, state: ViewState, clicks: CellClicks) -> None:
    values = state.explanation.map(ClassScore(state.target.class_id)).values
    for place in np.argsort(-values, axis=None, kind="stable"):
        row, column = divmod(int(place), values.shape[1])
        if len(clicks.cells) >= count:
            return
        if (row, column) not in clicks.cells:
            clicks.toggle((row, column))
