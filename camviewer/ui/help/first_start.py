"""The hint of the first start: three lines, once, about what the window shows."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from camviewer.ui.system.settings import Settings
from camviewer.ui.widgets.banner import (
    BannerArea,
    BannerKey,
    Severity,
)
from camviewer.ui.widgets.words import with_native_keys

translate = QCoreApplication.translate
KEY = BannerKey.FIRST_START


def show_hint_once(banners: BannerArea, settings: Settings) -> None:
    """At the first start only; it stays until it is dismissed."""
    if settings.flag("hint/seen", False):
        return
    settings.set("hint/seen", True)

    lines = (
        translate(
            "first_start",
            "Each tab is a class. Where the picture glows is the evidence for it, in the colour bar's units.",
        ),
        translate(
            "first_start",
            "Point at the picture to read its values; Ctrl+click another tab to ask: why this and not that?",
        ),
        translate(
            "first_start",
            "Space freezes, Ctrl+S saves, and dropped photos, folders and videos open. F1 explains the rest.",
        ),
    )
    got_it = (translate("first_start", "Got it"), lambda: banners.clear(KEY))
    banners.show_message(KEY, Severity.INFO, with_native_keys("\n".join(lines)), [got_it])
