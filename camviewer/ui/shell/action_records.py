"""Records of actions and menus: what the table in `actions` is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from camviewer.ui.shell.window_protocol import Window


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a menu or bar. Separators stand between groups. In a group, `order` counts, then the table's
    order."""

    menu: str
    group: int = 1
    order: int = 0


@dataclass(frozen=True, slots=True)
class ActionRecord:
    """One action. It either `does` something, or is checkable and `toggles` it."""

    id: str
    text: str
    does: Callable[[Window], object] | None = None
    toggles: Callable[[Window, bool], object] | None = None
    keys: tuple[str, ...] = ()
    """The first is the one that is shown beside it."""
    icon: str = ""
    menu: Place | None = None
    toolbar: Place | None = None
    short: str = ""
    """Its text on the toolbar, if that is another."""
    plain: bool = False
    """A key without Ctrl: works in the view and the tabs, not while typing or in the docks."""
    repeats: bool = False
    """Whether a key that is held down repeats it. Saving must not: it would write a hundred files."""
    of_review: bool = False
    """Only while there is a review of a folder; a plain key of it works there, too."""
    starts_checked: Callable[[Window], bool] | None = None
    role: QAction.MenuRole = QAction.MenuRole.NoRole
    """Where macOS keeps it. It would guess by the text, but in English only."""

    def trigger(self, window: Window, on: bool) -> None:
        if self.toggles is not None:
            self.toggles(window, on)
        elif self.does is not None:
            self.does(window)


@dataclass(frozen=True, slots=True)
class MenuRecord:
    """A menu: of what the table places in it, or `made` elsewhere, with what is known only while it runs."""

    id: str
    place: Place
    text: str = ""
    made: Callable[[Window], QMenu] | None = None


Record = ActionRecord | MenuRecord
