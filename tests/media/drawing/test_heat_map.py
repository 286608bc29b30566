"""Heat maps and colour bars: what value has what colour."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from camviewer.core import colormaps
from camviewer.core.scaling import Interpolation
from camviewer.media.drawing.heat_map import colour_table, heat_map, paint_colour_bar
from camviewer.media.drawing.view_state import view_state
from camviewer.media.frames import image_to_array
from tests.media.drawing.crafted import HOT, STYLE, composed, explanation_of, ramp

pytestmark = pytest.mark.usefixtures("qapp")


def premultiplied(image: QImage) -> NDArray[np.uint32]:
    return np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width()).copy()


@pytest.mark.parametrize("name", [*colormaps.COLORMAPS, *(f"{name}_r" for name in colormaps.COLORMAPS)])
def test_cells_have_the_colour_of_their_value(name: str) -> None:
    cam, peak = ramp().astype(np.float64), 4.3
    diverging = colormaps.info(name).diverging
    unit = (cam + peak) / (2 * peak) if diverging else np.maximum(cam, 0) / peak
    steps = np.floor(255 * unit + 0.5).astype(int)
    for follow_value in (False, True):
        style = replace(
            STYLE, colormap=name, interpolation=Interpolation.NEAREST, follow_value=follow_value, opacity=1.0
        )
        explanation = explanation_of(ramp(), np.full((40, 40, 3), 50, np.uint8))
        shown = view_state(explanation, HOT, style).shown
        assert (shown.low, shown.high) == pytest.approx((-peak if diverging else 0, peak))
        at_centres = premultiplied(heat_map(ramp(), shown, style, 40, 40))[5::10, 5::10]
        np.testing.assert_array_equal(at_centres, colour_table(name, 1.0, follow_value)[steps])

        pixels = composed(explanation, replace(style, mark_region=False))[5::10, 5::10]
        strength = np.ones_like(unit)
        if follow_value:
            strength = np.abs(2 * unit - 1) if diverging else unit
        expected = colormaps.table(name)[steps] * strength[..., None] + 50 * (1 - strength[..., None])
        assert np.abs(pixels - expected).max() <= (3 if follow_value else 0)


def test_a_reversed_colormap_is_the_other_way_round() -> None:
    for follow_value in (False, True):
        forth, back = (colour_table(name, 0.5, follow_value) for name in ("viridis", "viridis_r"))
        alphas = forth >> 24, back >> 24
        np.testing.assert_array_equal(*alphas)
        if not follow_value:
            np.testing.assert_array_equal(forth, back[::-1])
        else:
            assert alphas[0][0] == 0, "little evidence, little paint, whatever the colours"


def test_a_colour_bar_is_low_at_the_left_and_at_the_bottom() -> None:
    table = colormaps.table("viridis").astype(int)
    for width, height in ((200, 10), (10, 200)):
        image = QImage(width, height, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        paint_colour_bar(painter, QRectF(0, 0, width, height), "viridis")
        painter.end()
        pixels = image_to_array(image).astype(int)
        line = pixels[5] if width > height else pixels[::-1, 5]
        steps = np.linspace(0, 255, 200).astype(int)
        assert np.abs(line - table[steps]).max() < 12
