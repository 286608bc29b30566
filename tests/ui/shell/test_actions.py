"""The tables of actions and docks, and what is made from them: menus, toolbar, help page, keyboard page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QDockWidget, QMenu
from pytestqt.qtbot import QtBot

from camviewer.ui.help.help_windows import key_texts
from camviewer.ui.shell.action_records import ActionRecord, MenuRecord, Place
from camviewer.ui.shell.actions import DOCKS, MENU_BAR, TOOLBAR, action_records, table
from camviewer.ui.shell.docks import dock_table
from camviewer.ui.shell.main_window import MainWindow
from camviewer.ui.widgets.words import without_mnemonic
from tests.ui.fakes import Windows, settings_in

KEYBOARD = Path(__file__).resolve().parents[3] / "docs" / "keyboard.md"
ARROWS = {"←": "Left", "→": "Right"}


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    with settings_in(tmp_path):
        yield Windows(qtbot)(None)


def documented_keys() -> dict[str, str]:
    """The table of docs/keyboard.md: what each key does."""
    lines = KEYBOARD.read_text("utf-8").split("# Keyboard")[1].split("\n\n")[1].splitlines()
    found: dict[str, str] = {}
    for line in lines[2:]:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        for keys, does in zip(cells[::2], cells[1::2], strict=True):
            ends = re.fullmatch(r"(\d) … (\d)", keys)
            each = (
                [str(digit) for digit in range(int(ends[1]), int(ends[2]) + 1)]
                if ends
                else re.split(r", | and ", keys)
            )
            found |= {ARROWS.get(key, key): does for key in each if key}
    return found


def words(text: str) -> set[str]:
    """Each by its beginning: "mistakes" is the word "mistake"."""
    return {word[:5] for word in re.findall(r"\w+", text.lower()) if len(word) > 1}


def test_the_page_of_keys_lists_those_of_the_actions(qapp: QApplication) -> None:
    table_keys = {record.keys[0]: record for record in action_records() if record.keys}
    listed = documented_keys()
    assert set(listed) == set(table_keys)
    for key, does in listed.items():
        assert words(does) & words(without_mnemonic(table_keys[key].text)), f"{key}: {does}"


def test_the_help_page_lists_them_in_the_tables_order(window: MainWindow) -> None:
    listed = [text for _, text in key_texts(list(window.actions_by_name.values()))]
    expected = [without_mnemonic(record.text).rstrip("…") for record in action_records() if record.keys]
    assert listed[: len(expected)] == expected


def test_every_record_is_whole(qapp: QApplication) -> None:
    records = table()
    assert [name for name, count in Counter(record.id for record in records).items() if count > 1] == []
    menus = {MENU_BAR, TOOLBAR, *(record.id for record in records if isinstance(record, MenuRecord))}
    for record in records:
        if isinstance(record, ActionRecord):
            assert (record.does is None) != (record.toggles is None), f"{record.id} does one thing"
            places = [place for place in (record.menu, record.toolbar) if place is not None]
            assert places, f"{record.id} is nowhere"
            assert not record.plain or not any("Ctrl" in key for key in record.keys), record.id
        else:
            assert bool(record.text) != (record.made is not None), f"{record.id} has one title"
            places = [record.place]
        assert {place.menu for place in places} <= menus, record.id


def test_the_menus_are_those_of_the_table(window: MainWindow) -> None:
    """In order, with a separator between two groups and nowhere else."""
    docks = [(DOCKS, dock.toggleViewAction().text()) for dock in window.docks.values()]
    for top, record in zip(
        window.menuBar().actions(), (r for r in table() if r.id and in_bar(r)), strict=True
    ):
        menu = top.menu()
        assert isinstance(menu, QMenu)
        if record.id in ("model", "method"):  # they are filled when they open
            continue
        texts = [(place, text) for place, text in placed(window) if place.menu == record.id]
        texts += docks if record.id == DOCKS.menu else []
        texts.sort(key=lambda pair: (pair[0].group, pair[0].order))
        expected: list[str] = []
        for (before, _), (place, text) in zip([texts[0], *texts], texts, strict=False):
            expected += [""] * (place.group != before.group) + [text]
        assert [action.text() for action in menu.actions()] == expected


def in_bar(record: ActionRecord | MenuRecord) -> bool:
    return isinstance(record, MenuRecord) and record.place.menu == MENU_BAR


def placed(window: MainWindow) -> Iterator[tuple[Place, str]]:
    for record in table():
        if isinstance(record, MenuRecord):
            yield record.place, record.made(window).title() if record.made is not None else record.text
        elif record.menu is not None:
            yield record.menu, record.text


def test_the_toolbar_is_that_of_the_table(window: MainWindow) -> None:
    expected = [r for r in action_records() if r.toolbar is not None]
    expected.sort(key=lambda r: (r.toolbar.group, r.toolbar.order) if r.toolbar is not None else (0, 0))
    named = [action.objectName() for action in window.toolbar.actions() if action.objectName()]
    assert named == [record.id for record in expected]


def test_the_docks_are_those_of_the_table(window: MainWindow, qtbot: QtBot) -> None:
    records = dock_table()
    assert {dock.objectName() for dock in window.findChildren(QDockWidget)} == {r.id for r in records}
    assert len([record for record in records if record.in_front]) == 1
    assert not window.dock.visibleRegion().isEmpty(), "the one in front"
    for record in records:
        assert window.docks[record.id].isHidden() == record.hidden
        window.docks[record.id].show()
    for record in records:
        dock = window.docks[record.id]
        assert dock.windowTitle() == record.title
        assert window.dockWidgetArea(dock) == record.area
        alike = [r.id for r in records if r.area == record.area and r is not record]
        assert sorted(d.objectName() for d in window.tabifiedDockWidgets(dock)) == sorted(alike)
