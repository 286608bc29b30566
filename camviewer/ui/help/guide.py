"""Help → User's guide: the text in resources/guide, with its screenshots where they were taken.

packaging/guide.py makes web pages and screenshots: resources/guide/html of a bundle. A checkout has text.
"""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QSize, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QImage
from PySide6.QtWidgets import QDialogButtonBox, QPushButton, QTextBrowser, QWidget

from camviewer.core.resources import resource_path
from camviewer.ui.system import language
from camviewer.ui.widgets.text_window import (
    TextWindow,
    raised,
)

translate = QCoreApplication.translate


def guide_text(code: str) -> tuple[Path, str]:
    """The guide's file in a language (English where there is none) and the language that it is in."""
    if code != language.ENGLISH:
        try:
            return resource_path(f"guide/guide.{code}.md"), code
        except FileNotFoundError:
            pass
    return resource_path("guide/guide.md"), language.ENGLISH


def guide_page(code: str) -> Path | None:
    """The same as a web page; None if it was not made."""
    try:
        return resource_path(f"guide/html/guide.{code}.html")
    except FileNotFoundError:
        return None


class _Browser(QTextBrowser):
    """Shows screenshots no wider than itself."""

    def __init__(self, screenshots: Path | None) -> None:
        super().__init__()
        self._screenshots = screenshots

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        if self._screenshots is None:
            return super().loadResource(kind, name)
        file = self._screenshots / f"{Path(QUrl(name).path()).stem}.webp"
        image, ratio = QImage(str(file)), self.devicePixelRatioF()
        width = round((self.viewport().width() - 32) * ratio)
        if image.width() > width > 0:
            image = image.scaledToWidth(width, Qt.TransformationMode.SmoothTransformation)
        image.setDevicePixelRatio(ratio)
        return image


def show_guide(parent: QWidget) -> TextWindow:
    """A window of its own, at its beginning."""
    title = translate("guide", "User's guide")
    shown = raised(parent, title)
    if shown is not None:
        return shown
    file, code = guide_text(language.present())
    page = guide_page(code)
    text = file.read_text("utf-8")
    if page is None:
        text = re.sub(r"^!\[.*\n+", "", text, flags=re.MULTILINE)  # a checkout has no screenshots
    browser = _Browser(page.parent / "images" / code if page is not None else None)
    window = TextWindow(parent, title, browser, QSize(860, 720))
    browser.document().setDefaultFont(browser.font())  # Markdown would take the usual size of text
    browser.setMarkdown(text)
    if page is not None:
        button = QPushButton(translate("guide", "Open in the &browser"))
        button.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(page))))
        window.buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
    return window
