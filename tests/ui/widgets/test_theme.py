"""Both palettes can be read (WCAG 2.2, success criterion 1.4.3: a contrast of 4.5:1)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from camviewer.core.finding import State
from camviewer.ui.system.settings import Settings
from camviewer.ui.widgets import theme
from camviewer.ui.widgets.banner import Banner, BannerKey, Severity
from camviewer.ui.widgets.menu_button import MenuButton
from tests.ui.fakes import Windows, settings_in

Role = QPalette.ColorRole


@pytest.fixture(autouse=True)
def _own_appearance(qapp: QApplication) -> Iterator[None]:
    before = QPalette(qapp.palette())
    yield
    qapp.styleHints().setColorScheme(Qt.ColorScheme.Unknown)
    qapp.setPalette(before)


@pytest.fixture(params=["light", "dark"])
def palette(request: pytest.FixtureRequest, qapp: QApplication) -> QPalette:
    theme.apply_appearance(qapp, request.param)
    assert theme.is_dark(qapp.palette()) is (request.param == "dark")
    return qapp.palette()


def luminance(colour: QColor) -> float:
    """WCAG's relative luminance."""
    channels = (colour.redF(), colour.greenF(), colour.blueF())
    red, green, blue = (c / 12.92 if c <= 0.04045 else float(((c + 0.055) / 1.055) ** 2.4) for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: QColor, other: QColor) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_contrast_formula() -> None:
    assert contrast(QColor("black"), QColor("white")) == pytest.approx(21)
    assert contrast(QColor("#777777"), QColor("white")) == pytest.approx(4.48, abs=0.01)


def texts(palette: QPalette) -> dict[str, QColor]:
    """The colours of text on plain grounds."""
    return {
        "text": palette.color(Role.WindowText),
        "muted": theme.muted(palette),
        "accent": theme.accent(palette),
    }


def grounds(palette: QPalette) -> dict[str, QColor]:
    return {
        "window": palette.color(Role.Window),
        "base": palette.color(Role.Base),
        "canvas": theme.canvas(palette),
        "raised": theme.raised(palette),
        "hovered": theme.hovered(palette),
    }


def over(colour: QColor, ground: QColor) -> QColor:
    """A colour that lets the ground through, on it."""
    part = colour.alphaF()

    def mixed(one: float, other: float) -> float:
        return part * one + (1 - part) * other

    return QColor.fromRgbF(
        mixed(colour.redF(), ground.redF()),
        mixed(colour.greenF(), ground.greenF()),
        mixed(colour.blueF(), ground.blueF()),
    )


@pytest.mark.parametrize("ground", ["window", "base", "canvas", "raised", "hovered"])
@pytest.mark.parametrize("text", ["text", "muted", "accent"])
def test_text_can_be_read(palette: QPalette, text: str, ground: str) -> None:
    assert contrast(texts(palette)[text], grounds(palette)[ground]) >= 4.5


@pytest.mark.parametrize("severity", [s.value for s in Severity])
def test_banners_can_be_read(palette: QPalette, severity: str) -> None:
    ground = theme.banner_ground(palette, severity)
    assert contrast(palette.color(Role.WindowText), ground) >= 4.5


@pytest.mark.parametrize("state", list(State))
def test_findings_can_be_read(palette: QPalette, state: State) -> None:
    assert contrast(theme.finding(palette, state), palette.color(Role.Base)) >= 4.5


def test_the_bubble_can_be_read_over_any_frame() -> None:
    for picture in ("black", "white", "red"):
        assert contrast(theme.ON_BUBBLE, over(theme.BUBBLE, QColor(picture))) >= 4.5


@pytest.mark.parametrize("ground", ["window", "base", "raised", "canvas"])
@pytest.mark.parametrize("part", ["accent", "against"])
def test_bars_and_frames_can_be_seen(palette: QPalette, part: str, ground: str) -> None:
    """WCAG 1.4.11: 3:1 for what isn't text."""
    colour = theme.accent(palette) if part == "accent" else theme.against(palette)
    assert contrast(colour, grounds(palette)[ground]) >= 3


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        (Role.Text, Role.Base),
        (Role.Text, Role.AlternateBase),
        (Role.ButtonText, Role.Button),
        (Role.ToolTipText, Role.ToolTipBase),
        (Role.HighlightedText, Role.Highlight),
        (Role.Link, Role.Base),
        (Role.Link, Role.Window),
        (Role.PlaceholderText, Role.Base),
        (Role.WindowText, Role.Window),
    ],
)
def test_roles_can_be_read(palette: QPalette, text: QPalette.ColorRole, ground: QPalette.ColorRole) -> None:
    assert contrast(palette.color(text), palette.color(ground)) >= 4.5


def wait_for(qtbot: QtBot, widget: QWidget, appearance: str) -> None:
    """Until a visible widget has the palette."""
    dark = appearance == "dark"
    qtbot.waitUntil(lambda: widget.isVisible() and theme.is_dark(widget.palette()) is dark)


def is_laid_out(widget: QWidget) -> bool:
    return widget.isVisible() and widget.width() > 100


def test_the_appearance_is_remembered(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    with settings_in(tmp_path):
        window = Windows(qtbot)(None)
        for name in ("dark", "light"):
            window.preferences.set_appearance(name)
            wait_for(qtbot, window, name)
        window.close()
        assert Settings().text("window/appearance") == "light"


@pytest.mark.parametrize("severity", Severity)
def test_a_banner_can_be_read_before_and_after_a_change(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, severity: Severity
) -> None:
    with settings_in(tmp_path):
        window = Windows(qtbot)(None)
        window.preferences.set_appearance("light")
        window.banners.show_message(BannerKey.SOURCE, severity, "The camera is used by another program.")
        for name in ("light", "dark", "light"):
            window.preferences.set_appearance(name)
            (banner,) = window.banners.findChildren(Banner)
            wait_for(qtbot, window, name)
            qtbot.waitUntil(partial(is_laid_out, banner))
            image = banner.grab().toImage()
            ground = image.pixelColor(image.width() // 2, 2)
            middle = image.height() // 2
            pixels = {image.pixel(x, y) for x in range(40, 300) for y in range(middle - 6, middle + 6)}
            assert max(contrast(QColor(pixel), ground) for pixel in pixels) >= 4.5, name
            assert (luminance(ground) < 0.2) is (name == "dark"), name


def test_menu_buttons_follow_a_change_of_appearance(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    """With a style sheet on them their text stayed black on black."""
    with settings_in(tmp_path):
        window = Windows(qtbot)(None)
        buttons = window.findChildren(MenuButton)
        assert len(buttons) >= 3
        for name in ("light", "dark", "light"):
            window.preferences.set_appearance(name)
            wait_for(qtbot, window, name)
            for button in buttons:
                text, ground = button.palette().buttonText().color(), window.palette().window().color()
                assert contrast(text, ground) >= 4.5, (name, button.text())
