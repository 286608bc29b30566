"""ViewState: what is in view and how; equal where the same is seen, and computed once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from typing import Any

import numpy as np
import pytest

from camviewer.core import colormaps
from camviewer.core.explanation import LIVE, Explanation, Origin
from camviewer.core.localize import localize
from camviewer.core.maps import MapUnavailableError, Unit
from camviewer.core.scaling import Scale, ValueRange
from camviewer.core.targets import ChannelPart, ClassScore, ScoreDifference, scores_of
from camviewer.media.drawing.style import OverlayStyle, style_for
from camviewer.media.drawing.view_state import ViewState, view_state
from tests.media.drawing.crafted import CountingMaps
from tests.media.fakes import computed

STYLE = OverlayStyle(threshold=0.3)
TARGET, DIFFERENCE, CHANNEL = ClassScore(2), ScoreDifference(2, 4), ChannelPart(2, 1)
CLASSES = scores_of(range(7))


@pytest.fixture(scope="module")
def explanation(make_explanation: Callable[..., Explanation]) -> Explanation:
    return make_explanation()


# As a value


def test_the_same_seen_in_the_same_way_is_equal(explanation: Explanation) -> None:
    one, other = (view_state(explanation, TARGET, STYLE, classes=(2, 4)) for _ in range(2))
    assert one == other
    assert hash(one) == hash(other)
    assert one is not other
    assert len({one, other}) == 1


def test_whatever_else_is_seen_is_not(
    explanation: Explanation, make_explanation: Callable[..., Explanation]
) -> None:
    state = view_state(explanation, TARGET, STYLE)
    others = [
        view_state(make_explanation(), TARGET, STYLE),  # of the same numbers, but another frame
        replace(state, explanation=replace(explanation)),
        view_state(explanation, ClassScore(3), STYLE),
        view_state(explanation, DIFFERENCE, STYLE),
        view_state(explanation, CHANNEL, STYLE),
        view_state(explanation, TARGET, replace(STYLE, opacity=0.5)),
        view_state(explanation, TARGET, replace(STYLE, threshold=None)),
        view_state(explanation, TARGET, STYLE, compared=CLASSES),
        view_state(explanation, TARGET, STYLE, classes=(4,)),
        view_state(explanation, TARGET, STYLE, origin=Origin(0.5)),
    ]
    assert state not in others
    assert len({state, *others}) == len(others) + 1


def test_it_can_not_be_changed(explanation: Explanation) -> None:
    state = view_state(explanation, TARGET, STYLE)
    changes: dict[str, Any] = {
        "target": CHANNEL,
        "style": OverlayStyle(),
        "localization": None,
        "classes": (1,),
    }
    for name, value in changes.items():
        with pytest.raises(FrozenInstanceError):
            setattr(state, name, value)
    with pytest.raises((FrozenInstanceError, AttributeError, TypeError)):
        state.more = 1  # type: ignore[attr-defined]
    assert state.localization is not None
    assert state.localization.contours
    for array in (state.drawn_values, state.map.values, *state.localization.contours):
        assert array is not None
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_by_default_it_is_live_and_no_class_has_a_tab(explanation: Explanation) -> None:
    state = view_state(explanation, TARGET, STYLE)
    assert (state.origin, state.classes, state.explanation) == (LIVE, (), explanation)
    origin = Origin(0.5)
    assert view_state(explanation, TARGET, STYLE, origin=origin).origin is origin


# What is drawn of it


def test_the_style_is_the_one_for_the_map(explanation: Explanation) -> None:
    fixed = replace(STYLE, scale=Scale.FIXED)
    for target in (TARGET, DIFFERENCE, CHANNEL):
        assert view_state(explanation, target, fixed).style == style_for(target, fixed)
    relative = view_state(computed(explanation, Unit.RELATIVE, (TARGET,)), TARGET, fixed)
    assert relative.style.scale is Scale.MAP
    assert relative.shown == ValueRange(0.0, 1.0), "its own range, not that of logits"


def test_the_range_is_the_maps_own(explanation: Explanation) -> None:
    values = explanation.map(TARGET).values
    assert view_state(explanation, TARGET, STYLE).shown == ValueRange(0.0, float(values.max()))
    peak = float(np.abs(values).max())
    signed = replace(STYLE, colormap=colormaps.DIVERGING)
    assert view_state(explanation, TARGET, signed).shown == ValueRange(-peak, peak)


def test_maps_that_are_compared_share_the_range(explanation: Explanation) -> None:
    states = [view_state(explanation, target, STYLE, compared=CLASSES) for target in CLASSES]
    peak = max(float(explanation.map(target).values.max()) for target in CLASSES)
    assert {state.shown for state in states} == {ValueRange(0.0, peak)}


def test_the_range_of_maps_of_which_some_are_missing_is_that_of_the_others(explanation: Explanation) -> None:
    some = computed(explanation, Unit.LOGIT, CLASSES[:2])
    state = view_state(some, CLASSES[0], STYLE, compared=CLASSES)
    peak = max(float(some.map(target).values.max()) for target in CLASSES[:2])
    assert state.shown == ValueRange(0.0, max(peak, 0.0) or 1.0)


def test_a_fixed_range_is_the_users(explanation: Explanation) -> None:
    fixed = replace(STYLE, scale=Scale.FIXED, fixed=7.0)
    assert view_state(explanation, TARGET, fixed).shown == ValueRange(0.0, 7.0)
    assert view_state(explanation, DIFFERENCE, fixed).shown == ValueRange(-7.0, 7.0)
    assert view_state(explanation, CHANNEL, fixed).shown != ValueRange(0.0, 7.0)


def test_the_contour_is_that_of_what_is_drawn(explanation: Explanation) -> None:
    turned = explanation.maps.drawn_from(explanation.maps.planes[:, ::-1].copy())
    averaged = replace(explanation, drawn=turned)
    for seen in (explanation, averaged):
        state = view_state(seen, TARGET, STYLE)
        expected = localize(seen.drawn_map(TARGET).values, seen.region, 0.3)
        assert state.localization is not None
        assert (state.localization.box, state.localization.area) == (expected.box, expected.area)
        assert state.drawn_values is seen.drawn_map(TARGET).values
        assert state.map is seen.map(TARGET), "the numbers that count"
    assert view_state(explanation, TARGET, replace(STYLE, threshold=None)).localization is None


def test_it_is_computed_once(explanation: Explanation) -> None:
    """Whoever holds a state computes nothing by looking at it."""
    maps = CountingMaps(explanation.maps)
    state = view_state(replace(explanation, maps=maps), TARGET, STYLE)
    assert maps.asked == [TARGET] * 2, "for the range and for the contour"
    found, shown = state.localization, state.shown
    for _ in range(3):
        assert state.localization is found
        assert state.shown is shown
        assert state.available
    assert len(maps.asked) == 2


# Without a map


def test_of_a_map_that_is_not_there_nothing_is_drawn(explanation: Explanation) -> None:
    state = view_state(computed(explanation, Unit.LOGIT, (TARGET,)), DIFFERENCE, STYLE)
    assert not state.available
    assert (state.drawn_values, state.localization) == (None, None)
    assert state.shown == ValueRange(-1.0, 1.0)
    with pytest.raises(MapUnavailableError):
        _ = state.map


def test_a_state_needs_no_qt() -> None:
    import subprocess
    import sys

    module = "camviewer.media.drawing.view_state"
    code = f"import sys, {module}; print([m for m in sys.modules if m.startswith('PySide6')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert ViewState.__module__ == module
