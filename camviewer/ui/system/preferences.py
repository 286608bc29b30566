"""Preferences: the appearance and the language that the user chose."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QApplication

from camviewer.ui.system import language
from camviewer.ui.system.settings import Settings
from camviewer.ui.widgets import theme
from camviewer.ui.widgets.banner import (
    BannerArea,
    BannerKey,
    Severity,
)


class Preferences:
    """Kept in the settings, and in effect at once, or from the next start on."""

    def __init__(self, settings: Settings, banners: BannerArea) -> None:
        self._settings, self._banners = settings, banners
        self.restart: Callable[[], object] | None = None
        """Starts the program again; None where that is not ours to do."""

    @property
    def appearance(self) -> str:
        """``system``, ``light`` or ``dark``."""
        return self._settings.text("window/appearance", "system")

    def set_appearance(self, name: str) -> None:
        self._settings.set("window/appearance", name)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.apply_appearance(app, name)

    @property
    def language(self) -> str:
        """``system``, or the code of a language."""
        return self._settings.text(language.KEY, language.SYSTEM)

    def set_language(self, setting: str) -> None:
        """It counts from the next start on; a banner says so, unless it is the one that is spoken."""
        self._settings.set(language.KEY, setting)
        if language.resolved(setting) == language.present():
            self._banners.clear(BannerKey.LANGUAGE)
            return
        again = [(language.restart_title(setting), self.restart)] if self.restart is not None else []
        self._banners.show_message(
            *(BannerKey.LANGUAGE, Severity.INFO, language.restart_notice(setting), again),
            seconds=0 if again else 12,
        )
