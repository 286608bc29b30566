"""LaterUpdate: painted in turns of the event loop."""

from __future__ import annotations

from PySide6.QtCore import QRect, QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from camviewer.ui.widgets.later import LaterUpdate


class Painted(QWidget):
    """Notes when it is painted, and what of it."""

    def __init__(self, parent: QWidget, log: list[str], turn: int) -> None:
        super().__init__(parent)
        self.log, self.rects = log, list[QRect]()
        self.later = LaterUpdate(self, turn)

    def paintEvent(self, event: QPaintEvent) -> None:
        self.log.append(self.objectName())
        self.rects.append(event.rect())


def shown(qtbot: QtBot) -> tuple[QWidget, Painted, Painted, list[str]]:
    """A window, a picture and its tabs in it, both painted once."""
    log: list[str] = []
    window = QWidget()
    qtbot.addWidget(window)
    picture, tabs = Painted(window, log, 1), Painted(window, log, 2)
    picture.setObjectName("picture")
    tabs.setObjectName("tabs")
    picture.setGeometry(0, 50, 100, 50)
    tabs.setGeometry(0, 0, 100, 50)
    window.resize(100, 100)
    with qtbot.waitExposed(window):
        window.show()
    qtbot.waitUntil(lambda: {"picture", "tabs"} <= set(log))
    log.clear()
    picture.rects.clear()
    tabs.rects.clear()
    return window, picture, tabs, log


def test_the_picture_is_painted_first_and_other_things_are_done_between(qtbot: QtBot) -> None:
    _window, picture, tabs, log = shown(qtbot)
    tabs.later()
    picture.later()
    other = QTimer(interval=0)
    other.timeout.connect(lambda: log.append("other"))
    other.start()
    qtbot.waitUntil(lambda: "tabs" in log)
    other.stop()
    assert log.index("picture") < log.index("tabs")
    assert "other" in log[: log.index("picture")]
    assert "other" in log[log.index("picture") : log.index("tabs")]


def test_what_is_asked_for_many_times_is_painted_once(qtbot: QtBot) -> None:
    _window, _, tabs, log = shown(qtbot)
    for _ in range(5):
        tabs.later(QRect(0, 0, 10, 10))
        tabs.later(QRect(20, 0, 10, 10))
    qtbot.waitUntil(lambda: "tabs" in log)
    assert tabs.rects == [QRect(0, 0, 30, 10)]
    tabs.later()
    qtbot.waitUntil(lambda: len(tabs.rects) == 2)
    assert tabs.rects[1] == QRect(0, 0, 100, 50)
