"""Colours of the window, in dark and light. Contrast of text on its ground is 4.5:1 or more."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFocusEvent, QGuiApplication, QPainter, QPalette, QPen
from PySide6.QtWidgets import QApplication

from camviewer.core.finding import State


def is_dark(palette: QPalette) -> bool:
    return palette.color(QPalette.ColorRole.Window).lightness() < 128


def accent(palette: QPalette) -> QColor:
    """Numbers and bars that matter."""
    return QColor("#ffb020") if is_dark(palette) else QColor("#8f5400")


def muted(palette: QPalette) -> QColor:
    """Text that may stand back."""
    return QColor("#a3a7ad") if is_dark(palette) else QColor("#5b5e63")


def canvas(palette: QPalette) -> QColor:
    """The ground of the view."""
    return QColor("#131416") if is_dark(palette) else QColor("#e4e4e0")


def against(palette: QPalette) -> QColor:
    """Bars of evidence against."""
    return QColor("#5fb0f0") if is_dark(palette) else QColor("#1f6fb2")


def groove(palette: QPalette) -> QColor:
    """The empty part of bars, and thin lines."""
    return QColor("#3c3f44") if is_dark(palette) else QColor("#cfcfca")


def raised(palette: QPalette) -> QColor:
    """The chosen tab, hovered buttons."""
    return QColor("#2d2f33") if is_dark(palette) else QColor("#ffffff")


def hovered(palette: QPalette) -> QColor:
    """The ground of a tile that is chosen or under the pointer."""
    return QColor("#26282c") if is_dark(palette) else QColor("#f3efe8")


_SERIES = (
    ("#8f5400", "#ffb020"),
    ("#1f6fb2", "#5fb0f0"),
    ("#1b7a34", "#7fd18b"),
    ("#b3261e", "#ff8a80"),
    ("#7b3fb0", "#c792ea"),
    ("#00797a", "#4dd0c9"),
    ("#b8306f", "#f78fb3"),
    ("#6d6300", "#d4c75a"),
    ("#3f51c5", "#9fb4ff"),
    ("#6b5a4a", "#b9a894"),
    ("#4f7a00", "#b6e05a"),
    ("#555b66", "#c4c9d2"),
)
"""Of curves: light, dark."""
SERIES = len(_SERIES)


def series(palette: QPalette, slot: int) -> QColor:
    """One of the colours that tell curves apart; the first is the accent."""
    return QColor(_SERIES[slot % SERIES][is_dark(palette)])


BUBBLE, ON_BUBBLE = QColor(18, 19, 21, 225), QColor("white")
"""Of what is written over a frame, whatever its colours."""


def banner_ground(palette: QPalette, severity: str) -> QColor:
    """The ground of a banner: ``info``, ``warning`` or ``error``."""
    light, dark = {
        "info": ("#e3eefa", "#24303d"),
        "warning": ("#fdf0d2", "#3a2f17"),
        "error": ("#fbe1de", "#43221f"),
    }[severity]
    return QColor(dark if is_dark(palette) else light)


def finding(palette: QPalette, state: State) -> QColor:
    """The word that a check's finding begins with."""
    light, dark = {
        State.OK: ("#1b6e2b", "#7fd18b"),
        State.NOTE: ("#1d5fa8", "#8ab8f0"),
        State.PROBLEM: ("#b3261e", "#ff8a80"),
    }[state]
    return QColor(dark if is_dark(palette) else light)


def _palette(dark: bool) -> QPalette:
    window, base, button = ("#1e1f22", "#17181a", "#2b2d31") if dark else ("#f5f5f3", "#ffffff", "#ececea")
    text, disabled = ("#e6e7e9", "#73777d") if dark else ("#1d1e20", "#9b9da1")
    placeholder = "#a3a7ad" if dark else "#5b5e63"
    palette = QPalette(QColor(button), QColor(window))
    role = QPalette.ColorRole
    for which, colour in (
        (role.Base, base),
        (role.AlternateBase, button),
        (role.Text, text),
        (role.WindowText, text),
        (role.ButtonText, text),
        (role.ToolTipBase, button),
        (role.ToolTipText, text),
        (role.PlaceholderText, placeholder),
        (role.Highlight, "#9f6300" if dark else "#9a5b00"),
        (role.HighlightedText, "#ffffff"),
        (role.Link, "#ffb020" if dark else "#9a5b00"),
        (role.Accent, "#ffb020" if dark else "#9a5b00"),
    ):
        palette.setColor(which, QColor(colour))
    for which in (role.Text, role.WindowText, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(disabled))
    return palette


def paper() -> QPalette:
    """Of what is printed, whatever the window's appearance is."""
    return _palette(dark=False)


def apply_appearance(app: QApplication, appearance: str) -> None:
    """``system``, ``light`` or ``dark``. Where the style is the system's own, only its scheme is chosen."""
    scheme = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}.get(
        appearance, Qt.ColorScheme.Unknown
    )
    app.styleHints().setColorScheme(scheme)
    if app.style().objectName().lower() == "fusion":
        # Platforms without a scheme of their own (plain X11) ignore the one that was set.
        wanted = scheme if scheme != Qt.ColorScheme.Unknown else app.styleHints().colorScheme()
        app.setPalette(_palette(wanted == Qt.ColorScheme.Dark))


def shows_focus(event: QFocusEvent) -> bool:
    """Whether to paint a border around what has the focus: only if the keyboard brought it there."""
    return event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)


def paint_focus(painter: QPainter, place: QRect) -> None:
    """The border, inside of the place."""
    painter.setPen(QPen(accent(QGuiApplication.palette()), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(place.adjusted(1, 1, -1, -1))
