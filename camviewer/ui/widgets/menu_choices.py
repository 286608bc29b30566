"""Entries of a menu of which one is chosen."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu


def one_group(menu: QMenu) -> QActionGroup:
    """A new group for a menu that is filled anew each time it opens; the one before goes."""
    for group in menu.findChildren(QActionGroup, options=Qt.FindChildOption.FindDirectChildrenOnly):
        group.deleteLater()
    return QActionGroup(menu)
