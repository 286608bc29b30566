"""TextWindow: something to read, in a window of its own that doesn't stop the program."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

USUAL_LINE = 17
"""Points of a line of text for which windows are `usual` in size."""


class TextWindow(QDialog):
    """Deletes itself when it is closed. content: what it shows; the browser is somewhere in it, or is all."""

    def __init__(
        self,
        parent: QWidget,
        title: str,
        browser: QTextBrowser,
        usual: QSize,
        content: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.browser = browser
        browser.setOpenExternalLinks(True)
        browser.setAccessibleName(title)
        browser.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        layout.addWidget(content or browser, 1)
        layout.addWidget(self.buttons)
        resize_for_text(self, usual)
        self.show()


def resize_for_text(window: QWidget, usual: QSize) -> None:
    """Make a window larger than usual as its text is, within the screen."""
    larger = max(1.0, window.fontMetrics().height() / USUAL_LINE)
    window.resize((usual * larger).boundedTo(window.screen().availableSize() * 0.95))


def raised(parent: QWidget, title: str) -> TextWindow | None:
    """The window of this title, brought to the front if it is open."""
    for window in parent.findChildren(TextWindow):
        if window.windowTitle() == title:
            window.raise_()
            window.activateWindow()
            return window
    return None
