"""The icons: well-formed, one set, drawn in the palette's colour."""

from __future__ import annotations

import gc
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QImage, QPainter, QPalette, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from camviewer.core.resources import resource_path
from camviewer.ui.widgets import icons
from camviewer.ui.widgets.icons import app_icon, icon, icon_names

pytestmark = pytest.mark.usefixtures("qapp")

NEEDED = (
    "camera",
    "open",
    "folder",
    "screen",
    "video",
    "freeze",
    "play",
    "pause",
    "step-forward",
    "step-back",
    "loop",
    "record",
    "save",
    "copy",
    "paste",
    "pin",
    "pin-off",
    "plus",
    "search",
    "overlay",
    "overlay-off",
    "colormap",
    "fit",
    "fullscreen",
    "grid",
    "close",
    "warning",
    "info",
    "error",
    "help",
    "refresh",
    "download",
    "previous",
    "next",
    "target",
    "reverse",
    "snapshot",
    "export",
    "review",
    "convert",
    "brush",
    "eraser",
    "rectangle",
    "lasso",
    "undo",
    "redo",
    "cover",
    "keep",
    "invert",
    "clear",
    "original",
    "live",
    "done",
    "todo",
)
COLOUR_ATTRIBUTES = ("fill", "stroke", "stop-color", "color", "flood-color", "style")


@pytest.fixture
def palette() -> Iterator[QPalette]:
    """A palette to change and hand to the application; the old one comes back after the test."""
    before = QPalette(QGuiApplication.palette())
    yield QPalette(before)
    QGuiApplication.setPalette(before)


def drawn_colours(pixmap: QPixmap) -> set[str]:
    """The colours of the pixels that are fully covered."""
    image = pixmap.toImage().convertToFormat(QImage.Format.Format_ARGB32)
    pixels = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return {pixel.name() for pixel in pixels if pixel.alpha() == 255}


def ink(image: QImage) -> int:
    """How many pixels are not fully transparent."""
    width, height = image.width(), image.height()
    return sum(image.pixelColor(x, y).alpha() > 0 for x in range(width) for y in range(height))


def test_the_set_is_complete() -> None:
    assert sorted(NEEDED) == list(icon_names())


@pytest.mark.parametrize("name", [*NEEDED, "app"])
def test_svg_parses(name: str) -> None:
    path = resource_path(f"icons/{name}.svg")
    ET.parse(path)
    assert QSvgRenderer(str(path)).isValid()


@pytest.mark.parametrize("name", NEEDED)
def test_svg_has_no_colour_of_its_own_and_one_stroke_width(name: str) -> None:
    root = ET.parse(resource_path(f"icons/{name}.svg")).getroot()
    assert root.get("viewBox") == "0 0 24 24"
    for element in root.iter():
        for attribute in COLOUR_ATTRIBUTES:
            value = element.get(attribute, "none")
            assert value in ("none", "currentColor", "url(#g)"), (element.tag, attribute)
    assert {element.get("stroke-width") for element in root.iter()} <= {None, "1.75"}


@pytest.mark.parametrize("ratio", [1.0, 2.0])
@pytest.mark.parametrize("side", [16, 24])
@pytest.mark.parametrize("name", NEEDED)
def test_renders_sharp_within_its_square(name: str, side: int, ratio: float) -> None:
    pixmap = icon(name).pixmap(QSize(side, side), ratio)
    assert pixmap.devicePixelRatio() == ratio
    assert pixmap.size() == QSize(side, side) * ratio
    assert ink(pixmap.toImage()) > 0.08 * (side * ratio) ** 2
    edge = pixmap.toImage()
    corners = [edge.pixelColor(x, y).alpha() for x in (0, edge.width() - 1) for y in (0, edge.height() - 1)]
    assert corners == [0] * 4, "nothing is cut off at the corners"


def test_paints_at_the_pixel_ratio_of_the_device() -> None:
    image = QImage(48, 48, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(2.0)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    icon("grid").paint(painter, QRect(0, 0, 24, 24))
    painter.end()
    sharp = icon("grid").pixmap(QSize(24, 24), 2.0).toImage()
    assert image == sharp.convertToFormat(image.format())


def test_colour_follows_the_palette(palette: QPalette) -> None:
    save = icon("save")
    for colour in ("#ff8800", "#0044ff"):
        palette.setColor(QPalette.ColorGroup.Active, QPalette.ColorRole.WindowText, QColor(colour))
        QGuiApplication.setPalette(palette)
        assert drawn_colours(save.pixmap(64)) == {colour}, "the same icon object, asked again"


def test_disabled_and_selected_have_their_own_colour(palette: QPalette) -> None:
    palette.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.WindowText, QColor("#808182"))
    palette.setColor(QPalette.ColorGroup.Active, QPalette.ColorRole.HighlightedText, QColor("#123456"))
    QGuiApplication.setPalette(palette)
    assert drawn_colours(icon("save").pixmap(64, QIcon.Mode.Disabled)) == {"#808182"}
    assert drawn_colours(icon("save").pixmap(64, QIcon.Mode.Selected)) == {"#123456"}


def test_translucent_text_colour_gives_a_translucent_icon(palette: QPalette) -> None:
    palette.setColor(QPalette.ColorGroup.Active, QPalette.ColorRole.WindowText, QColor(0, 0, 0, 100))
    QGuiApplication.setPalette(palette)
    image = icon("record").pixmap(64).toImage()
    assert image.pixelColor(32, 32).alpha() == pytest.approx(100, abs=1)


def test_keeps_its_shape_in_an_oblong_rectangle() -> None:
    image = icon("record").pixmap(QSize(48, 24)).toImage()
    assert all(image.pixelColor(x, y).alpha() == 0 for x in (*range(11), *range(37, 48)) for y in range(24))


def test_lives_on_in_a_copy_and_in_a_widget(qtbot: QtBot) -> None:
    button = QToolButton()
    qtbot.addWidget(button)
    button.setIcon(QIcon(icon("pin")))  # the Python objects of engine and icon are gone after this line
    copy = button.icon()
    copy.setIsMask(True)  # detaches: the engine is cloned
    gc.collect()
    assert ink(copy.pixmap(24).toImage()) > 0
    del copy
    gc.collect()
    with_icon = button.grab().toImage()
    button.setIcon(QIcon())
    assert button.grab().toImage() != with_icon


def test_an_empty_size_gives_no_pixmap() -> None:
    assert icon("save").pixmap(QSize(0, 16)).isNull()


def test_is_drawn_once_for_a_size_and_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    QPixmapCache.clear()
    first = icon("save").pixmap(24)
    monkeypatch.setattr(icons, "QSvgRenderer", lambda *_: pytest.fail("drawn again"))
    assert icon("save").pixmap(24).toImage() == first.toImage()


def test_unknown_name_says_so() -> None:
    with pytest.raises(KeyError, match="no icon named 'nonsense'"):
        icon("nonsense")
    with pytest.raises(KeyError, match="no icon named 'app'"):
        icon("app")


def test_app_icon_has_the_sizes_of_window_managers() -> None:
    sizes = {size.width() for size in app_icon().availableSizes()}
    assert {16, 24, 32, 48, 256} <= sizes
    assert len(drawn_colours(app_icon().pixmap(16))) > 20, "full colour"


def test_resource_path_names_both_places() -> None:
    with pytest.raises(FileNotFoundError) as caught:
        resource_path("icons/none.svg")
    root = Path(__file__).parents[3]
    for place in (root / "camviewer" / "resources", root / "resources"):
        assert str(place / "icons" / "none.svg") in str(caught.value)
