"""Help → User's guide: the text in resources/guide with its pictures, a list of its chapters, and a search.

packaging/screenshots.py --docs takes the pictures. packaging/guide.py makes web pages of it all for a bundle.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QSignalBlocker, QSize, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QImage, QResizeEvent, QTextBlock, QTextCursor, QTextDocument
from PySide6.QtWidgets import (
    QDialogButtonBox,
    QFrame,
    QPushButton,
    QSplitter,
    QTextBrowser,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from camviewer.core.resources import resource_path
from camviewer.ui.help.find_bar import FindBar
from camviewer.ui.system import language
from camviewer.ui.widgets.text_window import (
    TextWindow,
    raised,
)

translate = QCoreApplication.translate
CHAPTER, PART = 2, 3
"""Levels of headings that the contents list has."""
_IMAGE = QTextDocument.ResourceType.ImageResource.value


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


class GuideBrowser(QTextBrowser):
    """Shows pictures as wide as itself at most, and as sharp as the screen is."""

    def __init__(self, pictures: Path) -> None:
        super().__init__()
        self._pictures = pictures
        self._shown: dict[str, QImage] = {}
        """As they were read, by the names that the text has for them."""

    def show_text(self, text: str) -> None:
        document = self.document()
        document.setDefaultFont(self.font())  # Markdown would take the usual size of text
        document.setDocumentMargin(2 * self.fontMetrics().averageCharWidth())
        self.setMarkdown(text)
        block = document.begin()
        while block.isValid():
            how = block.blockFormat()
            if how.nonBreakableLines():  # a line to copy, which would stick out where there is little room
                how.setNonBreakableLines(False)
                QTextCursor(block).setBlockFormat(how)
            block = block.next()
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        address = QUrl(name).toString()
        image = QImage(str(self._pictures / f"{Path(address).stem}.webp"))
        if image.isNull():
            return super().loadResource(kind, name)
        self._shown[address] = image
        return self._fitted(image)

    def _fitted(self, image: QImage) -> QImage:
        ratio, margin = self.devicePixelRatioF(), 2 * self.document().documentMargin()
        width = round((self.viewport().width() - margin) * ratio)
        if image.width() > width > 0:
            image = image.scaledToWidth(width, Qt.TransformationMode.SmoothTransformation)
        else:
            image = image.copy()
        image.setDevicePixelRatio(ratio)
        return image

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        document, before = self.document(), event.oldSize().width()
        if self._shown and self.width() != before:
            for address, image in self._shown.items():
                document.addResource(_IMAGE, QUrl(address), self._fitted(image))
            document.markContentsDirty(0, document.characterCount())

    def headings(self) -> Iterator[QTextBlock]:
        """Those that the contents list has."""
        block = self.document().begin()
        while block.isValid():
            if block.blockFormat().headingLevel() in (CHAPTER, PART):
                yield block
            block = block.next()

    def top_of(self, block: QTextBlock) -> int:
        """Where it is, in pixels from the beginning of the text."""
        return round(self.document().documentLayout().blockBoundingRect(block).top())


class Contents(QTreeWidget):
    """The chapters and their parts. It goes to what is chosen in it, and chooses what is in view."""

    def __init__(self, browser: GuideBrowser) -> None:
        super().__init__()
        self._browser = browser
        self._blocks: list[tuple[QTextBlock, QTreeWidgetItem]] = []
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setItemsExpandable(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setIndentation(2 * self.fontMetrics().averageCharWidth())
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(translate("guide", "Contents"))
        chapter: QTreeWidgetItem | None = None
        for block in browser.headings():
            is_part = block.blockFormat().headingLevel() == PART and chapter is not None
            item = QTreeWidgetItem([block.text()])
            item.setToolTip(0, block.text())
            item.setSizeHint(0, QSize(0, self.fontMetrics().lineSpacing() * 3 // 2))
            if is_part and chapter is not None:
                chapter.addChild(item)
            else:
                self.addTopLevelItem(item)
                chapter = item
            self._blocks.append((block, item))
        self.expandAll()
        if self._blocks:
            self.setCurrentItem(self._blocks[0][1])
        self.currentItemChanged.connect(self._on_current_item_changed)
        browser.verticalScrollBar().valueChanged.connect(self._on_browser_scrolled)

    @property
    def usual_width(self) -> int:
        """For all of its lines."""
        lines = (self.fontMetrics().horizontalAdvance(block.text()) for block, _ in self._blocks)
        return max(lines, default=0) + 2 * self.indentation() + self.verticalScrollBar().sizeHint().width()

    @Slot(QTreeWidgetItem)
    def _on_current_item_changed(self, chosen: QTreeWidgetItem | None) -> None:
        for block, item in self._blocks:
            if item is chosen:
                with QSignalBlocker(self):  # the end of the text can't be scrolled to the top
                    self._browser.verticalScrollBar().setValue(self._browser.top_of(block))
                    self.setCurrentItem(item)

    @Slot(int)
    def _on_browser_scrolled(self, top: int) -> None:
        if self.signalsBlocked():
            return
        line = self._browser.fontMetrics().lineSpacing()
        above = [item for block, item in self._blocks if self._browser.top_of(block) <= top + 2 * line]
        with QSignalBlocker(self):
            self.setCurrentItem(above[-1] if above else self._blocks[0][1])
            self.viewport().update()


class GuideWindow(TextWindow):
    """The guide beside its contents, with a search above."""

    def __init__(self, parent: QWidget, title: str, text: str, pictures: Path, page: Path | None) -> None:
        browser = GuideBrowser(pictures)
        beside = QSplitter()
        super().__init__(parent, title, browser, QSize(1040, 720), beside)
        self.find_bar = FindBar(browser)
        self.find_bar.add_keys(self)
        reading = QWidget()
        column = QVBoxLayout(reading)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.find_bar)
        column.addWidget(browser, 1)
        browser.show_text(text)
        self.contents = Contents(browser)
        beside.addWidget(self.contents)
        beside.addWidget(reading)
        beside.setCollapsible(1, False)
        beside.setStretchFactor(1, 1)
        width = min(self.contents.usual_width, self.width() * 3 // 10)
        beside.setSizes([width, self.width() - width])
        if page is not None:
            button = QPushButton(translate("guide", "Open in the &browser"))
            button.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(page))))
            self.buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        browser.setFocus()


def show_guide(parent: QWidget) -> TextWindow:
    """A window of its own, at its beginning."""
    title = translate("guide", "User's guide")
    shown = raised(parent, title)
    if shown is not None:
        return shown
    file, code = guide_text(language.present())
    pictures = file.parent / "images" / code
    return GuideWindow(parent, title, file.read_text("utf-8"), pictures, guide_page(code))
