"""Help: what somebody asks who meets a class activation map for the first time, and the keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QDockWidget, QLabel, QTextBrowser
from pytestqt.qtbot import QtBot

from camviewer.ui.help.help_windows import help_texts
from camviewer.ui.shell.main_window import MainWindow
from tests.ui.fakes import Windows, settings_in


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    with settings_in(tmp_path / "settings"):
        yield Windows(qtbot)(None)


@pytest.fixture
def help_text(window: MainWindow, qtbot: QtBot) -> str:
    """What the help window says."""
    window.actions_by_name["help"].trigger()
    (dialog,) = window.findChildren(QDialog)
    (browser,) = dialog.findChildren(QTextBrowser)
    assert dialog.isVisible()
    assert not dialog.isModal(), "one reads it beside the view"
    text = browser.toPlainText()
    with qtbot.waitSignal(dialog.destroyed):
        dialog.close()
    return text


@pytest.mark.parametrize(
    ("question", "answers"),
    [
        ("what is a class activation map", ("weight times feature", "mean plus the class's bias")),
        ("what do the colours mean", ("units of the logit", "largest value of this one map", "comparable")),
        ("what does negative mean", ("evidence against", "difference of the two maps", "ctrl+click")),
        ("what can it not tell", ("not what caused it", "surroundings", "taken away")),
    ],
)
def test_the_questions_are_answered(question: str, answers: tuple[str, ...]) -> None:
    sections = {title.lower().rstrip("?"): " ".join(texts).lower() for title, texts in help_texts()}
    for answer in answers:
        assert answer in sections[question]


def test_the_window_says_all_of_it(help_text: str) -> None:
    for title, texts in help_texts():
        for text in (title, *texts):
            assert text in help_text


def test_every_key_is_listed(window: MainWindow, help_text: str) -> None:
    lines = help_text.splitlines()
    with_keys = [a for a in window.findChildren(QAction) if a.shortcuts() and a.text()]
    assert set(with_keys) >= {a for a in window.actions_by_name.values() if a.shortcuts()}
    for action in with_keys:
        keys = [s.toString(QKeySequence.SequenceFormat.NativeText) for s in action.shortcuts()]
        place = lines.index(", ".join(keys))
        assert lines[place + 1] == action.text().replace("&", "").rstrip("…")


def test_what_it_quotes_is_in_the_window(window: MainWindow) -> None:
    """The words that it tells to look for are those that the controls have."""
    said = [a.text() for a in window.findChildren(QAction)]
    said += [label.text() for label in window.findChildren(QLabel)]
    said += [box.text() for box in window.findChildren(QCheckBox)]
    said += [d.windowTitle() for d in window.findChildren(QDockWidget)]
    said += [c.itemText(i) for c in window.findChildren(QComboBox) for i in range(c.count())]
    controls = "\n".join(said).replace("&", "").lower()
    quoted = re.findall("“([^”]+)”", " ".join(t for _, texts in help_texts() for t in texts))
    assert len(quoted) >= 6
    questions = {"why this and not that"}  # asked, not read
    assert [q for q in quoted if q.lower() not in controls and q not in questions] == []


def test_asking_twice_shows_one_window(window: MainWindow, qtbot: QtBot) -> None:
    for _ in range(2):
        window.actions_by_name["help"].trigger()
    (dialog,) = window.findChildren(QDialog)
    with qtbot.waitSignal(dialog.destroyed):
        dialog.close()
