"""What a colour says is what the numbers say: pixel, colour bar and raw map agree, whatever is chosen."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from camviewer.core import colormaps
from camviewer.core.arrays import ByteArray, read_only
from camviewer.core.explanation import ExplainRequest, Explanation, Timing, predicted
from camviewer.core.frames import Fit, Frame, Region
from camviewer.core.maps import ExactMaps, Unit
from camviewer.core.models.spec import LinearHead, ModelInfo, WeightsOrigin
from camviewer.core.runtimes.device import CPU
from camviewer.core.scaling import Interpolation, Scale, ValueRange, scaled, upsampled
from camviewer.core.targets import ChannelPart, ClassScore, ScoreDifference, Target, scores_of
from camviewer.media.drawing.compositor import compose
from camviewer.media.drawing.heat_map import paint_colour_bar
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.drawing.view_state import view_state
from camviewer.media.frames import image_to_array
from tests.media.fakes import computed

ODD = 9
"""Pixels a cell: odd, so that each cell has a pixel in its very middle."""
NAMES = [n for base in colormaps.COLORMAPS for n in (base, colormaps.reversed_name(base))]
pytestmark = pytest.mark.usefixtures("qapp")


def explanation_of(rows: int, columns: int, channels: int, classes: int, seed: int) -> Explanation:
    rng = np.random.default_rng(seed)
    features = rng.gamma(0.6, 2.0, (channels, rows, columns)).astype(np.float32)
    weight = rng.normal(0, 0.7, (classes, channels)).astype(np.float32)
    bias = rng.normal(0, 0.5, classes).astype(np.float32)
    logits = (weight @ features.mean((1, 2)) + bias).astype(np.float32)
    labels = tuple(f"class {i}" for i in range(classes))
    frame = Frame(read_only(np.full((rows * ODD, columns * ODD, 3), 120, np.uint8)))
    return Explanation(
        frame=frame,
        region=Region(0, 0, columns * ODD, rows * ODD),
        prediction=predicted(logits, labels),
        maps=ExactMaps(read_only(features), LinearHead(weight, bias, labels)),
        timing=Timing(0, 0, 0, 0),
        model=ModelInfo("m", "M", CPU, "CPU", "0", "f", WeightsOrigin.FILE),
        request=ExplainRequest(Fit.SQUASH),
    )


def bar_colour(name: str, shown: ValueRange, value: float) -> ByteArray:
    """The colour that the painted colour bar has at a value."""
    image = QImage(1024, 8, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    paint_colour_bar(painter, QRectF(0, 0, 1024, 8), name)
    painter.end()
    unit = min(max((value - shown.low) / (shown.high - shown.low), 0.0), 1.0)
    # The bar has 256 steps; a value belongs to the nearest of the 256 that span the range.
    colour: ByteArray = image_to_array(image)[4, int((round(unit * 255) + 0.5) * 4)]
    return colour


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.integers(2, 7),
    columns=st.integers(2, 13),
    channels=st.integers(1, 24),
    seed=st.integers(0, 10**6),
    name=st.sampled_from(NAMES),
    scale=st.sampled_from(Scale),
    interpolation=st.sampled_from(Interpolation),
    kind=st.sampled_from(["class", "difference", "channel", "relative"]),
)
def test_pixel_bar_and_raw_map_agree_in_the_middle_of_cells(
    rows: int,
    columns: int,
    channels: int,
    seed: int,
    name: str,
    scale: Scale,
    interpolation: Interpolation,
    kind: str,
) -> None:
    explanation = explanation_of(rows, columns, channels, 4, seed)
    targets: dict[str, Target] = {
        "class": ClassScore(1),
        "difference": ScoreDifference(1, 2),
        "channel": ChannelPart(1, 0),
        "relative": ClassScore(1),
    }
    target, classes = targets[kind], scores_of(range(4))
    if kind == "relative":
        explanation = computed(explanation, Unit.RELATIVE, classes)
    style = OverlayStyle(
        colormap=name,
        opacity=1.0,
        follow_value=False,
        scale=scale,
        interpolation=interpolation,
        mark_region=False,
        fixed=3.0,
    )
    state = view_state(explanation, target, style, compared=classes if scale is Scale.SHARED else ())
    style, shown = state.style, state.shown
    image = image_to_array(compose(state, caption=False))
    raw = explanation.map(target).values
    table = colormaps.table(style.colormap).astype(int)
    for row in range(rows):
        for column in range(columns):
            value = float(raw[row, column])
            pixel = image[row * ODD + ODD // 2, column * ODD + ODD // 2].astype(int)
            step = round(float(scaled(np.array([value], np.float32), shown)[0]) * 255)
            # Interpolation at a middle is the value but for rounding, which may move it to the next step.
            near = table[max(step - 1, 0) : step + 2]
            assert np.abs(near - pixel).max(1).min() <= 1, (value, pixel, table[step])
            bar = bar_colour(style.colormap, shown, value).astype(int)
            assert np.abs(near - bar).max(1).min() <= 1


@pytest.mark.parametrize("interpolation", Interpolation)
def test_an_all_negative_map_is_never_painted_as_evidence(interpolation: Interpolation) -> None:
    """Not even between the cells, where a bicubic curve swings back after a steep step."""
    cam = np.array([[-1, -1, -90, -1], [-1, -1, -90, -1]], np.float32)
    assert upsampled(cam, 256, 128, interpolation).max() <= 0
    assert upsampled(-cam, 256, 128, interpolation).min() >= 0


@pytest.mark.parametrize(
    "make", [lambda: np.array([[2.0]], np.float32), lambda: np.full((7, 7), 3.0, np.float32)]
)
def test_a_constant_map_is_one_colour(
    make: Callable[[], np.ndarray[tuple[int, ...], np.dtype[np.float32]]],
) -> None:
    points = upsampled(make(), 64, 64, Interpolation.BICUBIC)
    np.testing.assert_allclose(points, points[0, 0], rtol=1e-6)


def test_values_are_not_squared() -> None:
    """torch-cam squares maps before colouring: half the evidence would look like a quarter."""
    half = scaled(np.array([0.0, 1.0, 2.0], np.float32), ValueRange(0.0, 2.0))
    np.testing.assert_allclose(half, [0.0, 0.5, 1.0])


def test_signs_are_not_clipped_where_both_are_shown() -> None:
    unit = scaled(np.array([-2.0, -1.0, 0.0, 1.0, 2.0], np.float32), ValueRange(-2.0, 2.0))
    np.testing.assert_allclose(unit, [0.0, 0.25, 0.5, 0.75, 1.0])
