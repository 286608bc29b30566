"""The caption strip: what it says, that it fits, and what its bar means."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QRectF

from camviewer.core import colormaps
from camviewer.core.arrays import read_only
from camviewer.core.explanation import Explanation
from camviewer.core.maps import ComputedMaps, Unit
from camviewer.core.numbers import percent
from camviewer.core.targets import ChannelPart, ScoreDifference, Target
from camviewer.media.drawing.caption import caption_texts, paint_caption
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.drawing.view_state import view_state
from camviewer.media.frames import image_to_array
from tests.media.drawing.crafted import (
    HOT,
    OTHER,
    STYLE,
    NotingPainter,
    canvas,
    composed,
    explanation_of,
    ramp,
)
from tests.media.fakes import computed

pytestmark = pytest.mark.usefixtures("qapp")

DIFFERENCE, CHANNEL = ScoreDifference(0, 1), ChannelPart(0, 0)


def text_pixels(strip: NDArray[np.int_]) -> NDArray[np.bool_]:
    ground = np.array([0x17, 0x18, 0x1A])
    light: NDArray[np.bool_] = np.abs(strip - ground).sum(2) > 60
    return light


LONG = "Welsh springer spaniel with a very long name " * 5
HEBREW = "\u05db\u05dc\u05d1 " * 40


@pytest.mark.parametrize(
    "label", ["tabby", "", LONG, LONG.replace(" ", ""), HEBREW, "\u05db\u05dc\u05d1", "a\nb"]
)
def test_the_caption_adds_a_strip_with_text(label: str) -> None:
    image = np.full((200, 320, 3), 120, np.uint8)
    explanation = explanation_of(ramp(), image, label=label)
    plain, captioned = composed(explanation), composed(explanation, caption=True)
    assert captioned.shape[1] == 320
    strip = captioned[200:]
    assert 44 <= len(strip) <= 160
    np.testing.assert_array_equal(captioned[:200], plain)
    light = text_pixels(strip)
    bar_left = np.flatnonzero(light[round(len(strip) * 0.3)])[-1] - 320 * 0.28  # as wide as that
    margin = len(strip) * 0.2
    gap = light[:, round(bar_left - margin + 2) : round(bar_left - 2)]
    assert gap.shape[1] > 2
    assert not gap.any(), "the text is cut before the bar"
    text = light[:, : round(bar_left - margin)]
    assert text[: len(strip) // 2].sum() > 20, "label and probability"
    assert text[len(strip) // 2 :].sum() > 20, "model and logit"
    assert not light[0].any()
    assert not light[-1].any(), "no text is cut off"


def test_the_captions_bar_has_the_colormap_and_goes_with_the_overlay() -> None:
    explanation = explanation_of(ramp(), np.full((200, 320, 3), 120, np.uint8))
    viridis = composed(explanation, replace(STYLE, colormap="viridis"), caption=True)[200:]
    row = viridis[round(len(viridis) * 0.3)]
    right = row[text_pixels(viridis)[round(len(viridis) * 0.3)]][-4]  # the last may be half covered
    assert np.abs(right - colormaps.table("viridis")[255]).max() < 25
    hidden = composed(explanation, replace(STYLE, visible=False), caption=True)[200:]
    assert not text_pixels(hidden)[:, 250:].any()


# What it says


@pytest.fixture
def explanation() -> Explanation:
    """Logits of 0.6 and 0: probabilities of 65 and 35 %."""
    return explanation_of(ramp(), np.full((200, 320, 3), 120, np.uint8))


def texts(explanation: Explanation, target: Target = HOT, style: OverlayStyle = STYLE) -> tuple[str, str]:
    return caption_texts(view_state(explanation, target, style))


def test_of_an_exact_map_it_says_the_logit(explanation: Explanation) -> None:
    assert texts(explanation) == ("hot  65 %", "Fake · CAM · logit +0.60")
    assert texts(explanation, OTHER) == ("other  35 %", "Fake · CAM · logit +0.00")
    assert texts(explanation, DIFFERENCE) == (
        "other ◀ │ ▶ hot",
        "Fake · CAM · difference of the logits +0.60",
    )
    assert texts(explanation, CHANNEL) == ("hot, channel 0", "Fake · CAM")


def test_an_average_is_called_one(explanation: Explanation) -> None:
    averaged = replace(explanation, drawn=explanation.maps.drawn_from(explanation.maps.planes))
    assert texts(averaged)[1] == "Fake · average of maps · logit +0.60"


def test_of_an_edited_frame_it_says_so_where_it_is_never_cut(explanation: Explanation) -> None:
    edited = replace(explanation, unedited=explanation.frame)
    assert texts(edited) == ("hot  65 % · edited", "Fake · CAM · logit +0.60")


def test_of_a_map_at_a_layer_in_the_middle_it_says_how_much_is_not_on_it(explanation: Explanation) -> None:
    """Half of the exact map, whose mean is the score: the other half isn't on it."""
    local = computed(explanation, Unit.LOGIT, (HOT, DIFFERENCE))
    assert texts(local) == (
        "hot  65 %",
        "Fake · HiResCAM · logit +0.60 · to first order, 50 % of it not on the map",
    )
    heading, about = texts(local, DIFFERENCE)
    assert heading == "other ◀ │ ▶ hot"
    assert (
        about
        == "Fake · HiResCAM · difference of the logits +0.60 · to first order, 50 % of it not on the map"
    )


def test_a_local_map_is_to_first_order_even_where_nothing_is_left_out(explanation: Explanation) -> None:
    local = computed(explanation, Unit.LOGIT, (HOT,))
    made = local.map(HOT)
    whole = replace(made, values=read_only(made.values * 2), remainder=0.0)
    local = replace(local, maps=ComputedMaps({HOT: whole}))
    assert texts(local)[1].endswith("logit +0.60 · to first order, all of it on the map")


def test_of_a_map_that_is_not_there_it_says_the_logit_alone(explanation: Explanation) -> None:
    local = computed(explanation, Unit.LOGIT, (HOT,))
    assert texts(local, OTHER) == ("other  35 %", "Fake · HiResCAM · logit +0.00")


@pytest.mark.parametrize("target", [HOT, OTHER, DIFFERENCE, CHANNEL])
@pytest.mark.parametrize("averaged", [False, True])
def test_of_a_relative_map_it_says_no_logit(explanation: Explanation, target: Target, averaged: bool) -> None:
    relative = computed(explanation, Unit.RELATIVE, (HOT, OTHER, DIFFERENCE, CHANNEL))
    if averaged:
        relative = replace(relative, drawn=relative.maps.drawn_from(relative.maps.planes))
    heading, about = texts(relative, target)
    assert "logit" not in heading + about
    assert about.endswith(" · relative: where, not how much")
    assert "Grad-CAM" in about or averaged
    assert ("65 %" in heading) is (target == HOT), "probabilities are the network's all the same"


# What is painted of it


def painted_texts(
    explanation: Explanation, style: OverlayStyle = STYLE, target: Target = HOT, width: int = 640
) -> list[str]:
    image, _ = canvas(width, 48)
    painter = NotingPainter(image)
    paint_caption(painter, QRectF(0, 0, width, 48), view_state(explanation, target, style))
    painter.end()
    return painter.texts


def test_the_bar_says_its_unit(explanation: Explanation) -> None:
    name, value, about, low, high, unit = painted_texts(explanation)
    assert (f"{name}  {value}", about) == texts(explanation)
    assert (low, high, unit) == ("0", "4.3", "logit")
    assert painted_texts(computed(explanation, Unit.LOGIT, (HOT,)))[3:] == ["0", "2.15", "logit"]
    assert painted_texts(computed(explanation, Unit.RELATIVE, (HOT,)))[3:] == ["0", "1", "relative"]


def test_a_signed_bar_has_both_ends(explanation: Explanation) -> None:
    assert painted_texts(explanation, target=DIFFERENCE)[3:] == ["-4.3", "4.3", "logit"]


@pytest.mark.parametrize("colormap", ["vik", "red-blue", "red-blue_r"])
def test_a_comparison_says_which_colour_speaks_for_which_class(
    explanation: Explanation, colormap: str
) -> None:
    style = replace(STYLE, colormap=colormap)
    assert painted_texts(explanation, style, DIFFERENCE)[:2] == ["other", "hot"]
    image, _ = canvas(640, 48)
    painter = NotingPainter(image)
    paint_caption(painter, QRectF(0, 0, 640, 48), view_state(explanation, DIFFERENCE, style))
    painter.end()
    pixels = image_to_array(image)[:24, :400].reshape(-1, 3).astype(int)
    columns = np.arange(24 * 400) % 400
    low, high = (
        columns[np.abs(pixels - colour).sum(1) == 0]
        for colour in (colormaps.table(colormap)[56].astype(int), colormaps.table(colormap)[199].astype(int))
    )
    assert len(low) > 10 < len(high)
    assert low.max() < high.min(), "the low end's arrow stands beside the class that it speaks for"


def test_without_an_overlay_there_is_no_bar_and_in_a_narrow_one_no_unit(explanation: Explanation) -> None:
    relative = computed(explanation, Unit.RELATIVE, (HOT,))
    assert len(painted_texts(relative, replace(STYLE, visible=False))) == 3
    assert painted_texts(relative, width=200)[3:] == ["0", "1"]


@pytest.mark.parametrize(
    ("probability", "text"),
    [
        (1.0, "100 %"),
        (0.8712, "87 %"),
        (0.1, "10 %"),
        (0.0995, "10 %"),
        (0.0994, "9.9 %"),
        (0.094, "9.4 %"),
        (0.01, "1.0 %"),
        (0.001, "0.1 %"),
        (0.0005, "0.1 %"),
        (0.00049, "<0.1 %"),
        (0.0, "<0.1 %"),
    ],
)
def test_percent(probability: float, text: str) -> None:
    assert percent(probability) == text
