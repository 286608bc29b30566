"""The style that a map is drawn in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from camviewer.core import colormaps
from camviewer.core.maps import Unit
from camviewer.core.scaling import Scale
from camviewer.core.targets import ChannelPart, ClassScore, ScoreDifference, Target
from camviewer.media.drawing.style import OverlayStyle, has_common_range, style_for

STYLE = OverlayStyle(opacity=0.4, threshold=0.2, fixed=7.0)
CLASS, DIFFERENCE, CHANNEL = ClassScore(3), ScoreDifference(3, 5), ChannelPart(3, 1)
TARGETS: tuple[Target, ...] = (CLASS, DIFFERENCE, CHANNEL)


@pytest.mark.parametrize("name", [*colormaps.COLORMAPS, *(f"{name}_r" for name in colormaps.COLORMAPS)])
def test_a_style_is_signed_if_its_colours_go_both_ways(name: str) -> None:
    assert OverlayStyle(colormap=name).signed is colormaps.info(name).diverging


@pytest.mark.parametrize("unit", Unit)
@pytest.mark.parametrize("scale", Scale)
def test_a_difference_shows_both_signs(unit: Unit, scale: Scale) -> None:
    style = replace(STYLE, scale=scale)
    assert style_for(DIFFERENCE, style, unit).colormap == colormaps.DIVERGING
    signed = replace(style, colormap="vik_r")
    assert style_for(DIFFERENCE, signed, unit).colormap == "vik_r", "one of the user's own stays"
    for target in (CLASS, CHANNEL):
        assert style_for(target, style, unit).colormap == style.colormap


@pytest.mark.parametrize(
    ("target", "unit", "scale", "expected"),
    [
        (CLASS, Unit.LOGIT, Scale.MAP, Scale.MAP),
        (CLASS, Unit.LOGIT, Scale.SHARED, Scale.SHARED),
        (CLASS, Unit.LOGIT, Scale.FIXED, Scale.FIXED),
        (DIFFERENCE, Unit.LOGIT, Scale.FIXED, Scale.FIXED),
        (DIFFERENCE, Unit.LOGIT, Scale.SHARED, Scale.SHARED),
        # A small share of a map, which a range for whole maps would hide.
        (CHANNEL, Unit.LOGIT, Scale.FIXED, Scale.MAP),
        (CHANNEL, Unit.LOGIT, Scale.SHARED, Scale.MAP),
        # A range in logits says nothing of values without a unit.
        (CLASS, Unit.RELATIVE, Scale.MAP, Scale.MAP),
        (CLASS, Unit.RELATIVE, Scale.SHARED, Scale.SHARED),
        (CLASS, Unit.RELATIVE, Scale.FIXED, Scale.MAP),
        (DIFFERENCE, Unit.RELATIVE, Scale.FIXED, Scale.MAP),
        (CHANNEL, Unit.RELATIVE, Scale.FIXED, Scale.MAP),
    ],
)
def test_the_scale_is_one_that_fits_the_map(
    target: Target, unit: Unit, scale: Scale, expected: Scale
) -> None:
    assert style_for(target, replace(STYLE, scale=scale), unit).scale is expected


def test_a_signed_style_of_a_channel_gets_its_own_range_too() -> None:
    style = replace(STYLE, colormap="vik", scale=Scale.FIXED)
    assert style_for(CHANNEL, style) == replace(style, scale=Scale.MAP)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("unit", Unit)
def test_nothing_else_is_changed_and_again_nothing(target: Target, unit: Unit) -> None:
    for scale in Scale:
        style = replace(STYLE, scale=scale)
        found = style_for(target, style, unit)
        assert replace(found, colormap=style.colormap, scale=scale) == style
        assert style_for(target, found, unit) == found


def test_maps_in_logits_are_the_usual_ones() -> None:
    fixed = replace(STYLE, scale=Scale.FIXED)
    assert style_for(CLASS, fixed) is fixed


def test_only_whole_maps_in_logits_have_a_range_in_common() -> None:
    common = [(t, u) for t in TARGETS for u in Unit if has_common_range(t, u)]
    assert common == [(CLASS, Unit.LOGIT), (DIFFERENCE, Unit.LOGIT)]
