"""What a saved overlay says of a map that isn't exact: of a layer in the middle, or without a unit."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtGui import QGuiApplication

from camviewer.core.explanation import Explanation
from camviewer.core.maps import MapUnavailableError, Unit
from camviewer.core.scaling import Scale
from camviewer.core.storage.export import read_facts
from camviewer.core.targets import ClassScore, ScoreDifference, Target
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.drawing.view_state import ViewState, view_state
from camviewer.media.image_export import overlay_facts, save_overlay
from tests.media.fakes import METHOD_OF, computed

STYLE = OverlayStyle()
TARGET, DIFFERENCE = ClassScore(2), ScoreDifference(2, 4)
TARGETS: tuple[Target, ...] = (TARGET, DIFFERENCE)


@pytest.fixture
def explanation(make_explanation: Callable[..., Explanation], qapp: QGuiApplication) -> Explanation:
    return make_explanation()


def state_of(
    explanation: Explanation, unit: Unit, target: Target = TARGET, style: OverlayStyle = STYLE
) -> ViewState:
    return view_state(computed(explanation, unit, TARGETS), target, style)


@pytest.mark.parametrize("target", TARGETS)
def test_of_a_local_map_the_facts_add_up_to_the_score(explanation: Explanation, target: Target) -> None:
    state = state_of(explanation, Unit.LOGIT, target)
    facts = overlay_facts(state)
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts
    assert [facts[key] for key in ("method", "layer", "unit")] == ["HiResCAM", "layer3", "LOGIT"]
    remainder = facts["remainder"]
    assert isinstance(remainder, float)
    assert state.map.mean + remainder == pytest.approx(target.score(explanation.logits), abs=1e-6)
    assert facts["logit"] == pytest.approx(float(explanation.logits[2]))
    assert ("other" in facts) is (target == DIFFERENCE)


@pytest.mark.parametrize("target", TARGETS)
def test_of_a_relative_map_nothing_adds_up_and_nothing_pretends_to(
    explanation: Explanation, target: Target
) -> None:
    facts = overlay_facts(state_of(explanation, Unit.RELATIVE, target))
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts
    assert [facts[key] for key in ("method", "layer", "unit")] == ["Grad-CAM", "layer3", "RELATIVE"]
    assert "remainder" not in facts
    assert facts["shown"] == ([0.0, 1.0] if target == TARGET else [-1.0, 1.0])


def test_they_say_the_scale_that_was_used(explanation: Explanation) -> None:
    """A range fixed in logits isn't used for a relative map, and so isn't in its file."""
    fixed = replace(STYLE, scale=Scale.FIXED, fixed=7.0)
    local = overlay_facts(state_of(explanation, Unit.LOGIT, style=fixed))
    assert (local["scale"], local["shown"]) == ("fixed", [0.0, 7.0])
    relative = overlay_facts(state_of(explanation, Unit.RELATIVE, style=fixed))
    assert (relative["scale"], relative["shown"]) == ("map", [0.0, 1.0])


@pytest.mark.parametrize("unit", Unit)
def test_the_box_is_the_one_that_is_drawn(explanation: Explanation, unit: Unit) -> None:
    state = state_of(explanation, unit, style=replace(STYLE, threshold=0.3))
    facts = overlay_facts(state)
    assert state.localization is not None
    assert state.localization.box is not None
    assert facts["box"] == [round(side, 1) for side in state.localization.box]
    assert (facts["threshold"], facts["area"]) == (0.3, round(state.localization.area, 4))


@pytest.mark.parametrize("unit", Unit)
@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_files_have_them_inside(explanation: Explanation, unit: Unit, suffix: str, tmp_path: Path) -> None:
    state = state_of(explanation, unit)
    path = save_overlay(state, tmp_path / f"a{suffix}")
    found, expected = read_facts(path), overlay_facts(state)
    assert found is not None
    for each in (found, expected):
        assert each.pop("time")
    assert found == expected
    if suffix == ".png":
        with Image.open(path) as image:
            name = METHOD_OF[unit]
            assert image.info["Description"] == f"{name} map of golden retriever by Fake"


def test_an_exact_map_is_called_a_class_activation_map(explanation: Explanation, tmp_path: Path) -> None:
    path = save_overlay(view_state(explanation, TARGET, STYLE), tmp_path / "a.png")
    with Image.open(path) as image:
        assert image.info["Description"] == "Class activation map of golden retriever by Fake"


def test_an_average_of_local_maps_says_so_and_keeps_the_scores_remainder(explanation: Explanation) -> None:
    local = computed(explanation, Unit.LOGIT, TARGETS)
    averaged = replace(local, drawn=local.maps.drawn_from(local.maps.planes * 2))
    facts = overlay_facts(view_state(averaged, TARGET, STYLE))
    assert facts["averaged"] is True
    assert facts["remainder"] == overlay_facts(view_state(local, TARGET, STYLE))["remainder"]


def test_a_map_that_is_not_there_has_no_facts(explanation: Explanation) -> None:
    state = view_state(computed(explanation, Unit.LOGIT, (TARGET,)), DIFFERENCE, STYLE)
    with pytest.raises(MapUnavailableError):
        overlay_facts(state)
