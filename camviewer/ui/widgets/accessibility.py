"""Roles, for screen readers, of the widgets that paint themselves.

Qt reports a widget that it doesn't know as a container. One with a class attribute ``accessible_role`` is
reported as that. Widgets set their names and descriptions themselves.
"""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QWidget
from shiboken6 import isValid

_installed = False
_made: list[QAccessibleInterface] = []


def install() -> None:
    """Call it once a process. It does nothing until a screen reader, or a test, asks."""
    global _installed
    if not _installed:
        _installed = True
        QAccessible.installFactory(_interface)


def _interface(_class_name: str, thing: QObject) -> QAccessibleInterface | None:
    role = getattr(thing, "accessible_role", None)
    if role is None or not isinstance(thing, QWidget):
        return None
    # Qt deletes it with its widget; until then Python must keep a reference.
    _made[:] = [made for made in _made if isValid(made)]
    _made.append(QAccessibleWidget(thing, role))
    return _made[-1]


def announce(widget: QWidget, text: str, urgent: bool = False) -> None:
    """Let a screen reader say it now, or once it is done with what it says."""
    if QAccessible.isActive():
        event = QAccessibleAnnouncementEvent(widget, text)
        if urgent:
            event.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
        QAccessible.updateAccessibility(event)
