"""What is painted, and above all where: a bright spot must glow on the bright spot."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from camviewer.core import colormaps
from camviewer.core.arrays import read_only
from camviewer.core.explainer import Explainer
from camviewer.core.explanation import ExplainRequest, Explanation
from camviewer.core.frames import Fit, Frame
from camviewer.core.geometry import input_geometry
from camviewer.core.localize import localize
from camviewer.core.maps import Unit, shape_of
from camviewer.core.models.architectures import Architecture
from camviewer.core.models.builtin import RESNET18
from camviewer.core.runtimes.torch_cpu import CpuRun
from camviewer.core.scaling import Interpolation
from camviewer.core.storage.export import write_npz
from camviewer.core.targets import ScoreDifference
from camviewer.media.drawing.compositor import (
    MapOnFrame,
    compose,
    layers,
    layers_of,
    overlay_size,
    paint,
)
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.drawing.view_state import view_state
from camviewer.media.frames import array_to_image, image_to_array
from camviewer.media.image_export import save_overlay
from camviewer.ui.picture.all_view import AllView
from camviewer.ui.picture.overlay_view import OverlayView
from tests.helpers import arrays
from tests.media.drawing.crafted import (
    HOT,
    INFO,
    OTHER,
    PREPROCESSING,
    STYLE,
    CountingMaps,
    NotingPainter,
    canvas,
    composed,
    explanation_of,
    grey,
    painted,
    ramp,
)
from tests.media.fakes import computed

pytestmark = pytest.mark.usefixtures("qapp")

SIZES = {"landscape": (330, 220), "portrait": (200, 340), "square": (240, 240)}
SPOT = 10
"""Half of the bright spot's side, in frame pixels: smaller than half a cell."""
Place = tuple[float, float]
"""x, y in frame pixels."""


def middle(strength: NDArray[np.int_]) -> Place:
    """x, y of the middle of the strongest tenth of what there is."""
    rows, columns = np.nonzero(strength > 0.9 * strength.max())
    return float(columns.mean()) + 0.5, float(rows.mean()) + 0.5


def cell_size(explanation: Explanation) -> Place:
    rows, columns = shape_of(explanation.maps)
    return explanation.region.width / columns, explanation.region.height / rows


def cell_middle(explanation: Explanation, row: int, column: int) -> Place:
    """By the definition: the region is cut into as many equal cells as the map has."""
    width, height = cell_size(explanation)
    region = explanation.region
    return region.left + (column + 0.5) * width, region.top + (row + 0.5) * height


def assert_within(found: Place, expected: Place, limit: Place) -> None:
    for one, other, room in zip(found, expected, limit, strict=True):
        assert abs(one - other) <= room, f"painted at {found}, not at {expected}"


# The bright spot


def grid_of(size: tuple[int, int], fit: Fit) -> tuple[int, int]:
    crop = input_geometry(*size, fit, 224, PREPROCESSING, RESNET18.sizes).crop
    return crop.height // 32, crop.width // 32


@pytest.fixture(scope="module")
def brightness() -> Explainer:
    """The real engine and explainer, around a network whose features are how bright each cell is."""
    import torch
    from torch import nn

    class Brightness(nn.Module):
        def __init__(self, classes: int) -> None:
            super().__init__()
            self.fc = nn.Linear(3, classes)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            scores: torch.Tensor = self.fc(nn.functional.avg_pool2d(x, 32).mean((2, 3)))
            return scores

    spec = replace(
        RESNET18,
        preprocessing=PREPROCESSING,
        architecture=Architecture(Brightness, lambda _: nn.AvgPool2d(32), ()),
    )
    state = {"fc.weight": torch.tensor([[1.0, 1, 1], [-1, -1, -1]]), "fc.bias": torch.tensor([0.5, 0])}
    return Explainer(CpuRun(spec, arrays(state)), spec, INFO)


@pytest.mark.parametrize("fit", Fit)
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_a_hot_cell_glows_in_its_place(size: tuple[int, int], fit: Fit) -> None:
    rows, columns = grid_of(size, fit)
    for row, column in {(0, 0), (0, columns - 1), (rows - 1, 0), (rows - 1, columns - 1), (2, 4)}:
        cam = np.zeros((rows, columns), np.float32)
        cam[row, column] = 5.0
        explanation = explanation_of(cam, np.zeros((size[1], size[0], 3), np.uint8), fit)
        width, height = cell_size(explanation)
        expected = cell_middle(explanation, row, column)
        for interpolation, part in (
            (Interpolation.NEAREST, 0.05),
            (Interpolation.BILINEAR, 0.3),
            (Interpolation.BICUBIC, 0.3),
        ):
            strength = painted(explanation, replace(STYLE, interpolation=interpolation))
            assert_within(middle(strength), expected, (part * width + 1, part * height + 1))


@pytest.mark.parametrize("fit", Fit)
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_a_bright_spot_glows_where_it_is(
    brightness: Explainer, size: tuple[int, int], fit: Fit, qtbot: QtBot, tmp_path: Path
) -> None:
    """The whole way, from pixels through the network to the file, the window and the numbers."""
    region = input_geometry(*size, fit, 224, PREPROCESSING, RESNET18.sizes).region
    view = OverlayView()
    qtbot.addWidget(view)
    view.resize(500, 420)
    for number, (across, down) in enumerate(itertools.product((0.25, 0.8), repeat=2)):
        spot = region.left + across * region.width, region.top + down * region.height
        image = np.zeros((size[1], size[0], 3), np.uint8)
        left, top = round(spot[0]) - SPOT, round(spot[1]) - SPOT
        image[top : top + 2 * SPOT, left : left + 2 * SPOT] = (70, 30, 0)  # dark: the glow is brighter
        explanation = brightness.explain(Frame(read_only(image), source="spot.png"), ExplainRequest(fit))
        assert explanation.map(HOT).values.mean() + 0.5 == pytest.approx(explanation.logits[0])
        limit = cell_size(explanation)

        state = view_state(explanation, HOT, STYLE)
        save_overlay(state, tmp_path / f"{number}.png", caption=False)
        with Image.open(tmp_path / f"{number}.png") as file:
            saved = np.asarray(file).astype(int)
        assert saved.shape == image.shape
        hidden = composed(explanation, replace(STYLE, visible=False))
        assert_within(middle(np.abs(saved - hidden).sum(2)), spot, limit)

        write_npz(explanation, (0,), tmp_path / f"{number}.npz")
        with np.load(tmp_path / f"{number}.npz") as raw:
            cam, (x, y, width, height) = raw["cams"][0], raw["region"]
        row, column = np.unravel_index(np.argmax(cam), cam.shape)
        found = x + (column + 0.5) / cam.shape[1] * width, y + (row + 0.5) / cam.shape[0] * height
        assert_within(found, spot, limit)

        for zoom in (1.0, 1.4):
            view.fit()
            with_overlay = seen(view, explanation, STYLE, zoom)
            without = seen(view, explanation, replace(STYLE, visible=False, mark_region=False), zoom)
            target = view.region_on_screen()
            scale = target.width() / region.width
            # The spot's own pixels on the screen, found without any of the program's arithmetic.
            on_screen = middle(np.maximum(without[..., 0] - without[..., 2] - 20, 0))
            style = replace(STYLE, visible=False)
            change = np.abs(with_overlay - seen(view, explanation, style, zoom)).sum(2)
            assert_within(middle(change), on_screen, (limit[0] * scale, limit[1] * scale))
            mapped = (
                region.left + (middle(change)[0] - target.left()) / scale,
                region.top + (middle(change)[1] - target.top()) / scale,
            )
            assert_within(mapped, spot, limit)


def seen(view: OverlayView, explanation: Explanation, style: OverlayStyle, zoom: float) -> NDArray[np.int_]:
    """The view's pixels."""
    view.show_state(view_state(explanation, HOT, style))
    view.zoom_by(zoom / view.zoom)
    return image_to_array(view.grab().toImage()).astype(int)


# What is painted, and what isn't


def test_opacity_is_how_much_is_covered() -> None:
    image = np.full((28, 28, 3), 100, np.uint8)
    explanation = explanation_of(np.full((4, 4), 3.0, np.float32), image)
    style = replace(STYLE, mark_region=False, follow_value=False)
    for opacity in (0.0, 0.25, 1.0):
        expected = colormaps.table("inferno")[255] * opacity + 100 * (1 - opacity)
        pixels = composed(explanation, replace(style, opacity=opacity))
        assert np.abs(pixels - expected).max() <= (1 if 0 < opacity < 1 else 0)


@pytest.mark.parametrize("hidden", [{"opacity": 0.0}, {"visible": False}])
def test_without_an_overlay_the_frame_is_untouched(hidden: dict[str, float]) -> None:
    image = np.random.default_rng(0).integers(0, 256, (31, 47, 3), np.uint8)
    explanation = explanation_of(ramp(), image, Fit.CROP)
    np.testing.assert_array_equal(
        composed(explanation, replace(STYLE, mark_region=False, **hidden)),  # type: ignore[arg-type]
        image,
    )


@pytest.mark.parametrize("name", ["inferno", "viridis_r"])
def test_a_map_without_evidence_paints_nothing(name: str) -> None:
    explanation = explanation_of(-ramp() - 5, np.full((30, 30, 3), 90, np.uint8))
    assert painted(explanation, replace(STYLE, colormap=name)).max() == 0
    assert painted(explanation, replace(STYLE, colormap="vik")).max() > 100, "evidence against is shown"


def test_broken_values_are_painted_as_none() -> None:
    cam = ramp()
    cam[0, 0], cam[1, 1], cam[2, 2] = np.nan, np.inf, -np.inf
    explanation = explanation_of(cam, np.zeros((40, 40, 3), np.uint8))
    strength = painted(explanation, replace(STYLE, interpolation=Interpolation.NEAREST))
    assert strength[5, 5] == strength[25, 25] == 0
    assert strength[35, 35] > 0


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_nothing_is_painted_on_what_the_network_did_not_see(size: tuple[int, int]) -> None:
    image = np.random.default_rng(1).integers(0, 256, (size[1], size[0], 3), np.uint8)
    explanation = explanation_of(ramp() + 4, image, Fit.CROP)
    region = explanation.region
    outside = np.ones(image.shape[:2], np.bool_)
    outside[region.top : region.top + region.height, region.left : region.left + region.width] = False
    strength = painted(explanation, replace(STYLE, follow_value=False))
    assert strength[outside].max() == 0
    assert (strength[~outside] > 0).mean() > 0.99
    dimmed = composed(explanation)
    # The region's outline may lie on the pixels beside it.
    far = outside.copy()
    far[:, max(region.left - 2, 0) : region.left + region.width + 2] = False
    far[max(region.top - 2, 0) : region.top + region.height + 2, :] = False
    corners = np.abs(dimmed[far] - image[far] * (1 - 115 / 255))
    assert corners.size
    assert corners.max() <= 2
    undimmed = composed(explanation, replace(STYLE, visible=False, mark_region=False))
    np.testing.assert_array_equal(undimmed, image)


# Layers: what is costly is in them, and painting computes nothing

OUTLINED = replace(STYLE, threshold=0.3)


def test_painting_again_paints_what_was_computed_before() -> None:
    explanation = explanation_of(ramp(), grey(60, 40))
    maps = CountingMaps(explanation.maps)
    state = view_state(replace(explanation, maps=maps), HOT, OUTLINED)
    ready = layers_of(state)
    assert ready.localization is state.localization
    assert ready.localization is not None
    asked, images = len(maps.asked), []
    for _ in range(2):
        image, whole = canvas()
        painter = NotingPainter(image)
        paint(painter, ready, whole)
        painter.end()
        layered = zip(painter.images, (ready.image, ready.heat), strict=True)
        assert all(drawn is kept for drawn, kept in layered)
        images.append(image)
    assert len(maps.asked) == asked
    assert images[0] == images[1]


def test_the_frames_image_is_used_if_it_is_kept() -> None:
    state = view_state(explanation_of(ramp(), grey(60, 40)), HOT, STYLE)
    kept = array_to_image(grey(30, 20, 200))
    assert layers_of(state, kept).image is kept
    own = layers_of(state)
    np.testing.assert_array_equal(image_to_array(own.image), grey(60, 40))
    assert (own.frame_size, own.region, own.style) == ((60, 40), state.explanation.region, STYLE)


def test_a_heat_map_for_a_file_has_the_regions_pixels_and_one_for_a_screen_has_enough() -> None:
    state = view_state(explanation_of(ramp(3, 5), grey(600, 400)), HOT, STYLE)
    for_file, for_screen = layers_of(state, full_resolution=True).heat, layers_of(state).heat
    assert for_file is not None
    assert for_screen is not None
    assert (for_file.width(), for_file.height()) == (600, 400)
    assert (for_screen.width(), for_screen.height()) == (5 * 32, 3 * 32)
    large = layers_of(view_state(explanation_of(ramp(56, 40), grey(600, 400)), HOT, STYLE)).heat
    assert large is not None
    assert (large.width(), large.height()) == (40 * 8, 56 * 8), "large maps have points enough"


@pytest.mark.parametrize("hidden", [replace(OUTLINED, visible=False), replace(OUTLINED, opacity=0.0)])
def test_a_hidden_map_is_not_coloured_but_outlined_if_wanted(hidden: OverlayStyle) -> None:
    explanation = explanation_of(ramp(), grey(60, 40))
    ready = layers_of(view_state(explanation, HOT, hidden))
    assert ready.heat is None
    assert ready.localization is not None
    without = composed(explanation, replace(hidden, threshold=None))
    assert np.abs(composed(explanation, hidden) - without).max() > 50


def test_a_map_that_is_not_there_is_not_painted() -> None:
    explanation = explanation_of(ramp(), grey(60, 40))
    other = ScoreDifference(0, 1)
    state = view_state(computed(explanation, Unit.LOGIT, (HOT,)), other, OUTLINED)
    ready = layers_of(state)
    assert (ready.heat, ready.localization) == (None, None)
    pixels = image_to_array(compose(state, caption=False))
    np.testing.assert_array_equal(pixels, grey(60, 40))
    assert image_to_array(compose(state, caption=True)).shape[0] > 40, "the caption needs no map"


def test_layers_of_a_state_are_those_of_its_parts() -> None:
    """What a review paints without an explanation is painted as the window does."""
    cam, image = ramp(), grey(80, 40)
    explanation = explanation_of(cam, image, Fit.CROP)
    state = view_state(explanation, HOT, OUTLINED)
    found = localize(cam, explanation.region, 0.3)
    parts = MapOnFrame((80, 40), explanation.region, cam, OUTLINED, state.shown, found)
    images = []
    for ready in (layers_of(state), layers(array_to_image(image), parts)):
        painted, whole = canvas()
        painter = QPainter(painted)
        paint(painter, ready, whole)
        painter.end()
        images.append(painted)
    assert images[0] == images[1]


def test_a_relative_map_is_painted_where_an_exact_one_is() -> None:
    """The unit changes what is said, not what glows, nor how much."""
    explanation = explanation_of(ramp(), grey(60, 40))
    style = replace(STYLE, interpolation=Interpolation.NEAREST)
    relative = painted(computed(explanation, Unit.RELATIVE, (HOT,)), style)
    assert relative.max() > 50
    np.testing.assert_allclose(relative, painted(explanation, style), atol=3)


# Odd sizes


@pytest.mark.parametrize("fit", Fit)
@pytest.mark.parametrize("size", [(1, 1), (2000, 10), (10, 2000), (3, 5)])
def test_odd_frames_are_painted(size: tuple[int, int], fit: Fit, qtbot: QtBot) -> None:
    explanation = explanation_of(ramp(), grey(*size), fit)
    for caption in (False, True):
        pixels = composed(explanation, caption=caption)
        assert pixels.shape[1] == size[0]
        assert (pixels.shape[0] > size[1]) is caption
    assert painted(explanation, replace(STYLE, follow_value=False)).any()
    states = [view_state(explanation, target, STYLE, compared=(HOT, OTHER)) for target in (HOT, OTHER)]
    view, everything = OverlayView(), AllView()
    for widget in (view, everything):
        qtbot.addWidget(widget)
    view.show_state(states[0])
    everything.show_states(states, 0)
    for width, height in ((640, 480), (60, 40), (8, 8)):
        for widget in (view, everything):
            widget.resize(width, height)
            assert not widget.grab().isNull()


def test_composing_works_in_any_thread() -> None:
    from concurrent.futures import ThreadPoolExecutor

    explanation = explanation_of(ramp(), grey(80, 60))
    state = view_state(explanation, HOT, STYLE)
    with ThreadPoolExecutor(1) as pool:
        there = pool.submit(compose, state, True).result()
    assert there == compose(state, True)


@pytest.mark.parametrize("caption", [False, True])
def test_painting_over_an_old_image_is_as_painting_a_new_one(caption: bool) -> None:
    """As movies do: nothing of the old one is left, and one of another size isn't used."""
    chance = np.random.default_rng(0)
    states = [
        view_state(explanation_of(ramp(), chance.integers(0, 256, (h, w, 3), np.uint8), fit), HOT, OUTLINED)
        for w, h, fit in ((80, 60, Fit.CROP), (80, 60, Fit.WHOLE), (60, 80, Fit.CROP), (81, 59, Fit.CROP))
    ]
    old = QImage(*overlay_size(80, 60, caption), QImage.Format.Format_RGB32)
    old.fill(QColor("magenta"))
    for state in states:
        frame = state.explanation.frame
        new = compose(state, caption)
        assert (new.width(), new.height()) == overlay_size(frame.width, frame.height, caption)
        same_size = old.size() == new.size()
        over = compose(state, caption, onto=old)
        assert (over is old) is same_size
        assert over == new
        old = over
