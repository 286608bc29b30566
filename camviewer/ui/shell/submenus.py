"""Menus whose entries are known only while the program runs, and that no controller has."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from camviewer.ui.shell.window_protocol import Window
from camviewer.ui.system import language
from camviewer.ui.widgets.class_words import class_name_and_label
from camviewer.ui.widgets.menu_choices import add_choices

translate = QCoreApplication.translate
TABS = 9
"""So many can be chosen by a digit."""


def appearance(window: Window) -> QMenu:
    menu = QMenu(translate("menus", "&Appearance"), window.window())
    looks = {
        "system": translate("menus", "As the system"),
        "light": translate("menus", "Light"),
        "dark": translate("menus", "Dark"),
    }
    add_choices(menu, looks, window.preferences.appearance, window.preferences.set_appearance)
    return menu


def languages(window: Window) -> QMenu:
    menu = QMenu(translate("menus", "Lan&guage"), window.window())
    names = {language.SYSTEM: translate("menus", "As the system"), **language.languages()}
    add_choices(menu, names, window.preferences.language, window.preferences.set_language)
    return menu


def classes(window: Window) -> QMenu:
    """While it is open, its tabs have the names of their classes, and there are no others."""
    menu = QMenu(translate("menus", "&Classes"), window.window())

    def tabs() -> Iterator[tuple[int, QAction]]:
        for number in range(1, TABS + 1):
            yield number, window.actions_by_name[f"tab{number}"]

    def name_tabs() -> None:
        state, shown = window.presenter.state, window.centre.tabs.classes
        known = state.explanation.labels if state is not None else ()
        labels = [class_name_and_label(known, class_id) for class_id in shown] if known else []
        for number, action in tabs():
            there = number <= len(labels)
            action.setVisible(there)
            if there:
                action.setText(f"&{number}  " + labels[number - 1].replace("&", "&&"))

    def forget_names() -> None:
        for number, action in tabs():
            action.setVisible(True)
            action.setText(tab_text(number))

    menu.aboutToShow.connect(name_tabs)
    menu.aboutToHide.connect(forget_names)
    return menu


def tab_text(number: int) -> str:
    """Of the action that chooses a tab by its place, whatever class has it."""
    return translate("actions", "Tab &{0}").format(number)


def comparisons(window: Window) -> QMenu:
    """What Ctrl+click on a tab does, for the keyboard."""
    menu = QMenu(translate("menus", "W&hy this class and not"), window.window())

    def fill() -> None:
        menu.clear()
        presenter = window.presenter
        for class_id, label in presenter.comparison.others():
            action = menu.addAction(label.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(class_id == presenter.comparison.other)
            action.triggered.connect(lambda _=False, c=class_id, name=label: compare(c, name))
        if menu.isEmpty():
            menu.addAction(translate("menus", "There is no other class")).setEnabled(False)

    def compare(class_id: int, label: str) -> None:
        comparison = window.presenter.comparison
        if (class_id, label) in comparison.others():  # not a class of a network before, in a menu left open
            comparison.compare_with(class_id)

    menu.aboutToShow.connect(fill)
    return menu
