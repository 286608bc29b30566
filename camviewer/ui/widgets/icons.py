"""The program's own icons, drawn in the application's text colour of the moment."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QIcon,
    QIconEngine,
    QPainter,
    QPalette,
    QPixmap,
    QPixmapCache,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QWidget
from shiboken6 import isValid

from camviewer.core.resources import resource_path

_APP = "app"
_APP_SIZES = (16, 20, 24, 32, 40, 48, 64, 128, 256, 512)


@cache
def icon_names() -> tuple[str, ...]:
    """Every name that `icon` knows, sorted."""
    return tuple(sorted(path.stem for path in resource_path("icons").glob("*.svg") if path.stem != _APP))


def icon(name: str) -> QIcon:
    """The icon `name`; it follows the application's palette by itself, at any size and pixel ratio.

    Raises KeyError for a name that is not in `icon_names()`.
    """
    if name not in icon_names():
        raise KeyError(f"no icon named {name!r}; there are {', '.join(icon_names())}")
    return QIcon(_PaletteEngine(name))


def icon_side(widget: QWidget, usual: int = 20) -> int:
    """How large icons beside a widget's text are, that are `usual` points at the usual size of text."""
    return max(usual, round(usual * widget.fontMetrics().height() / 17))


def fit_icons(*buttons: QAbstractButton) -> None:
    """Small icons (16 points) as large as the buttons' text asks for."""
    for button in buttons:
        side = icon_side(button, 16)
        button.setIconSize(QSize(side, side))


def app_icon() -> QIcon:
    """The application's icon in full colour, at the sizes that window managers ask for."""
    svg = _source(_APP)
    result = QIcon()
    for side in _APP_SIZES:
        result.addPixmap(_render(svg, QSize(side, side), 1.0))
    return result


class _PaletteEngine(QIconEngine):
    """Draws one SVG with `currentColor` taken from the application's palette when asked to draw."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        # The painter's own device decides the sharpness: a window may lie on another screen than the first.
        device = painter.device()
        ratio = device.devicePixelRatio() if device is not None else 1.0
        pixmap = self.scaledPixmap(rect.size(), mode, state, ratio)
        painter.drawPixmap(rect, pixmap)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(
        self,
        size: QSize,
        mode: QIcon.Mode,
        state: QIcon.State,
        scale: float,
    ) -> QPixmap:
        if size.isEmpty():
            return QPixmap()
        colour = _colour(mode)
        # Qt's own cache: bounded, and emptied by the application before it goes.
        key = f"camviewer:{self._name}:{colour.rgba():08x}:{size.width()}x{size.height()}@{scale}"
        cached = QPixmap()
        if QPixmapCache.find(key, cached):
            return cached
        svg = _source(self._name).replace(b"currentColor", colour.name().encode())
        pixmap = _render(svg, size, scale, colour.alphaF())
        QPixmapCache.insert(key, pixmap)
        return pixmap

    def clone(self) -> QIconEngine:
        # PySide does not hand the result over to Qt: without a reference of ours it would be deleted on
        # return, under Qt's hands. Once Qt has deleted it, it is no longer valid and is let go.
        _clones[:] = [engine for engine in _clones if isValid(engine)]
        copy = _PaletteEngine(self._name)
        _clones.append(copy)
        return copy

    def key(self) -> str:
        return "camviewer"

    def iconName(self) -> str:
        return self._name


_clones: list[_PaletteEngine] = []


def _colour(mode: QIcon.Mode) -> QColor:
    """The colour for `mode`; checked looks like unchecked.

    Styles show "checked" by the ground behind the icon, and a menu's selected entry has the highlight
    as its ground: an icon in the highlight colour would vanish there.
    """
    palette = QGuiApplication.palette()
    if mode == QIcon.Mode.Disabled:
        return palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.WindowText)
    if mode == QIcon.Mode.Selected:
        return palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.HighlightedText)
    return palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.WindowText)


@cache
def _source(name: str) -> bytes:
    return resource_path(f"icons/{name}.svg").read_bytes()


def _render(svg: bytes, size: QSize, ratio: float, opacity: float = 1.0) -> QPixmap:
    """`svg` centred and unstretched in `size` (device-independent), with `ratio` pixels to a unit."""
    pixmap = QPixmap(size * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    renderer = QSvgRenderer(QByteArray(svg))
    renderer.setAspectRatioMode(Qt.AspectRatioMode.KeepAspectRatio)
    painter = QPainter(pixmap)
    painter.setOpacity(opacity)
    renderer.render(painter, QRectF(0, 0, size.width(), size.height()))
    painter.end()
    return pixmap
