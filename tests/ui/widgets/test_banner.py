"""Banners look as severe as they are, all over."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from camviewer.ui.widgets.banner import Banner, BannerArea, BannerKey, Severity


class Paintings(QObject):
    """Remembers what was painted of a widget."""

    def __init__(self) -> None:
        super().__init__()
        self.painted = QRect()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            self.painted = self.painted.united(event.rect())
        return False


def test_another_severity_repaints_the_whole_ground(qtbot: QtBot) -> None:
    """Seen once: the label on the new ground, the close button beside it still on the old one."""
    area = BannerArea()
    qtbot.addWidget(area)
    area.resize(900, 60)
    area.show_message(BannerKey.SOURCE, Severity.INFO, "the same text")
    qtbot.waitExposed(area)
    banner = area.findChild(Banner)
    assert isinstance(banner, Banner)
    qtbot.waitUntil(lambda: banner.width() > 800)
    paintings = Paintings()
    banner.installEventFilter(paintings)
    banner.update()
    qtbot.waitUntil(lambda: paintings.painted == banner.rect())
    QApplication.processEvents()
    paintings.painted = QRect()
    area.show_message(BannerKey.SOURCE, Severity.WARNING, "another text")
    qtbot.waitUntil(lambda: paintings.painted == banner.rect(), timeout=2000)
