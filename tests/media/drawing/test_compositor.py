"""What is painted, and above all where: a bright spot must glow on the bright spot."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from camviewer.core import colormaps
from camviewer.core.arrays import FloatArray, read_only
from camviewer.core.cam import softmax
from camviewer.core.explainer import Explainer
from camviewer.core.explanation import ExplainRequest, Explanation, Timing
from camviewer.core.frames import Fit, Frame, Region
from camviewer.core.geometry import input_geometry
from camviewer.core.models.architectures import Architecture
from camviewer.core.models.builtin import RESNET18
from camviewer.core.models.spec import LinearHead, ModelInfo, Preprocessing, WeightsOrigin
from camviewer.core.runtimes.device import CPU
from camviewer.core.runtimes.torch_cpu import CpuRun
from camviewer.core.scaling import Interpolation, ValueRange
from camviewer.media.drawing.compositor import (
    OverlayStyle,
    colour_table,
    compose,
    heat_map,
    paint_colour_bar,
    percent,
    shown_range,
)
from camviewer.media.export import save_overlay, write_npz
from camviewer.media.frames import image_to_array
from camviewer.ui.picture.all_view import AllView
from camviewer.ui.picture.overlay_view import OverlayView

pytestmark = pytest.mark.usefixtures("qapp")

STYLE = OverlayStyle()
PREPROCESSING = Preprocessing(256, 224, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
SIZES = {"landscape": (330, 220), "portrait": (200, 340), "square": (240, 240)}
INFO = ModelInfo("fake", "Fake", CPU, "CPU", "0" * 64, "fake.pth", WeightsOrigin.FILE)
SPOT = 10
"""Half of the bright spot's side, in frame pixels: smaller than half a cell."""
Place = tuple[float, float]
"""x, y in frame pixels."""


def explanation_of(
    cam: FloatArray,
    image: NDArray[np.uint8],
    fit: Fit = Fit.SQUASH,
    region: Region | None = None,
    label: str = "hot",
) -> Explanation:
    """Class 0 has this map; region: the one of the fit, unless given."""
    height, width = image.shape[:2]
    logits = np.array([cam.mean(), 0], np.float32)
    return Explanation(
        frame=Frame(read_only(image), source="photo.png"),
        region=region or input_geometry(width, height, fit, 224, PREPROCESSING, RESNET18.sizes).region,
        features=read_only(np.asarray(cam, np.float32)[None]),
        head=LinearHead(np.array([[1], [0]], np.float32), np.zeros(2, np.float32), (label, "other")),
        logits=logits,
        probabilities=softmax(logits),
        timing=Timing(0.0, 0.0, 0.0, 0.0),
        model=INFO,
        request=ExplainRequest(fit),
    )


def composed(
    explanation: Explanation, style: OverlayStyle = STYLE, caption: bool = False
) -> NDArray[np.int_]:
    shown = shown_range(explanation, (0,), style)
    return image_to_array(compose(explanation, 0, style, shown, caption)).astype(int)


def painted(explanation: Explanation, style: OverlayStyle = STYLE) -> NDArray[np.int_]:
    """How much the overlay changed each pixel."""
    hidden = composed(explanation, replace(style, visible=False))
    change: NDArray[np.int_] = np.abs(composed(explanation, style) - hidden).sum(2)
    return change


def middle(strength: NDArray[np.int_]) -> Place:
    """x, y of the middle of the strongest tenth of what there is."""
    rows, columns = np.nonzero(strength > 0.9 * strength.max())
    return float(columns.mean()) + 0.5, float(rows.mean()) + 0.5


def cell_size(explanation: Explanation) -> Place:
    _, rows, columns = explanation.features.shape
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


def shape_of(size: tuple[int, int], fit: Fit) -> tuple[int, int]:
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

    spec = replace(
        RESNET18,
        preprocessing=PREPROCESSING,
        architecture=Architecture("torch", Brightness, lambda _: nn.AvgPool2d(32), ()),
    )
    state = {"fc.weight": torch.tensor([[1.0, 1, 1], [-1, -1, -1]]), "fc.bias": torch.tensor([0.5, 0])}
    return Explainer(CpuRun(spec, state), spec, INFO)


@pytest.mark.parametrize("fit", Fit)
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_a_hot_cell_glows_in_its_place(size: tuple[int, int], fit: Fit) -> None:
    rows, columns = shape_of(size, fit)
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
        assert explanation.cam(0).mean() + 0.5 == pytest.approx(explanation.logits[0])
        limit = cell_size(explanation)

        shown = shown_range(explanation, (0,), STYLE)
        save_overlay(explanation, 0, STYLE, shown, tmp_path / f"{number}.png", caption=False)
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
    view.show_explanation(explanation, 0, style, shown_range(explanation, (0,), style))
    view.zoom_by(zoom / view.zoom)
    return image_to_array(view.grab().toImage()).astype(int)


# What is painted, and what isn't


def ramp(rows: int = 4, columns: int = 4) -> FloatArray:
    """Values of both signs, none of them on the edge between two steps of the table."""
    return np.linspace(-3.1, 4.3, rows * columns, dtype=np.float32).reshape(rows, columns)


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
        shown = shown_range(explanation, (0,), style)
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


# The caption


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


# Odd sizes


@pytest.mark.parametrize("fit", Fit)
@pytest.mark.parametrize("size", [(1, 1), (2000, 10), (10, 2000), (3, 5)])
def test_odd_frames_are_painted(size: tuple[int, int], fit: Fit, qtbot: QtBot) -> None:
    explanation = explanation_of(ramp(), np.full((size[1], size[0], 3), 60, np.uint8), fit)
    for caption in (False, True):
        pixels = composed(explanation, caption=caption)
        assert pixels.shape[1] == size[0]
        assert (pixels.shape[0] > size[1]) is caption
    assert painted(explanation, replace(STYLE, follow_value=False)).any()
    shown = shown_range(explanation, (0, 1), STYLE)
    view, everything = OverlayView(), AllView()
    for widget in (view, everything):
        qtbot.addWidget(widget)
    view.show_explanation(explanation, 0, STYLE, shown)
    everything.show_explanation(explanation, (0, 1), 0, STYLE, shown)
    for width, height in ((640, 480), (60, 40), (8, 8)):
        for widget in (view, everything):
            widget.resize(width, height)
            assert not widget.grab().isNull()


def test_composing_works_in_any_thread() -> None:
    from concurrent.futures import ThreadPoolExecutor

    explanation = explanation_of(ramp(), np.full((60, 80, 3), 60, np.uint8))
    shown = ValueRange(0.0, 4.3)
    with ThreadPoolExecutor(1) as pool:
        there = pool.submit(compose, explanation, 0, STYLE, shown, True).result()
    assert there == compose(explanation, 0, STYLE, shown, True)


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
