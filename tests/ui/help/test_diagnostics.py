"""Help → Diagnostics: the findings, in a window."""

from __future__ import annotations

import os
import sys

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from camviewer.ui.help.diagnostics import Diagnostics, show_diagnostics


def click(window: Diagnostics, text: str) -> None:
    (button,) = (b for b in window.findChildren(QPushButton) if b.text().replace("&", "") == text)
    button.click()


DAMAGED = """
import json, sys
print(json.dumps(dict(name="window", state="ok", text="first <overlay>", mend="")), flush=True)
print(json.dumps(dict(name="fonts", state="problem", text="none", mend="Install one.")), flush=True)
"""


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    parent = QWidget()
    qtbot.addWidget(parent)
    return parent


def test_the_window_shows_and_copies_the_findings(parent: QWidget, qtbot: QtBot) -> None:
    window = show_diagnostics(parent, [sys.executable, "-c", DAMAGED])
    assert show_diagnostics(parent) is window, "one is enough"
    qtbot.waitUntil(lambda: window.finished_checking, timeout=20_000)
    qtbot.waitUntil(lambda: "1 problem found" in window.summary)
    shown = window.shown
    assert "first <overlay>" in shown
    assert "✗ problem" in shown
    assert "Install one." in shown
    click(window, "Copy")
    assert "PROBLEM  fonts: none" in QGuiApplication.clipboard().text()
    window.close()


def test_closing_ends_the_checks(parent: QWidget, qtbot: QtBot) -> None:
    forever = [sys.executable, "-c", "import threading; threading.Event().wait()"]
    window = show_diagnostics(parent, forever)
    qtbot.waitUntil(lambda: window.process_id > 0)
    number = window.process_id
    window.close()
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


def test_checks_that_cannot_start_are_told(parent: QWidget, qtbot: QtBot) -> None:
    window = show_diagnostics(parent, ["/nowhere/at/all"])
    qtbot.waitUntil(lambda: "could not be run" in window.summary)
    window.close()
