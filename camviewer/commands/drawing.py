"""What commands need to draw overlays: a QGuiApplication, and a style made of options."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from camviewer.commands.options import DrawingOptions

if TYPE_CHECKING:
    from PySide6.QtGui import QGuiApplication

    from camviewer.media.drawing.style import OverlayStyle

_application: QGuiApplication | None = None  # Qt's fonts live as long as it does


def ensure_gui_application() -> None:
    """A QGuiApplication, which text on overlays needs; without a display."""
    global _application
    from PySide6.QtGui import QGuiApplication

    if QGuiApplication.instance() is not None:
        return
    arguments = ["camviewer"]
    if sys.platform != "win32":
        # An argument, because it goes before QT_QPA_PLATFORM: that may ask for a display that isn't there,
        # and Qt aborts. Windows' normal platform needs no display, and its offscreen one has no fonts.
        arguments += ["-platform", "offscreen"]
    _application = QGuiApplication(arguments)


def overlay_style(options: DrawingOptions) -> OverlayStyle:
    from camviewer.media.drawing.style import OverlayStyle

    style = OverlayStyle(threshold=options.threshold)
    if options.colormap is not None:
        style = replace(style, colormap=options.colormap)
    if options.opacity is not None:
        style = replace(style, opacity=options.opacity)
    return style
