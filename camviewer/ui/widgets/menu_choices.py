"""Entries of a menu of which one is chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu


def one_group(menu: QMenu) -> QActionGroup:
    """A new group for a menu that is filled anew each time it opens; the one before goes."""
    for group in menu.findChildren(QActionGroup, options=Qt.FindChildOption.FindDirectChildrenOnly):
        group.deleteLater()
    return QActionGroup(menu)


def add_choices(menu: QMenu, texts: Mapping[str, str], present: str, choose: Callable[[str], object]) -> None:
    """One of several, by name. texts: what stands in the menu for each name."""
    group = one_group(menu)
    for name, text in texts.items():
        action = menu.addAction(text)
        action.setCheckable(True)
        action.setActionGroup(group)
        action.setChecked(name == present)
        action.triggered.connect(lambda _=False, name=name: choose(name))
