"""Actions about time: the history of a live source. `actions.table` includes them."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QMenu

from camviewer.ui.shell.action_records import ActionRecord, MenuRecord, Place, Record
from camviewer.ui.shell.window_protocol import Window

translate = QCoreApplication.translate
HISTORY = "history"


def records(place: Place) -> tuple[Record, ...]:
    """place: of their menu."""
    plain = partial(ActionRecord, plain=True)
    return (
        MenuRecord(HISTORY, place, made=lambda w: w.history.menu),
        plain(
            "back_to_live",
            translate("actions", "Back to &live"),
            lambda w: w.history.back_to_live(),
            keys=("End",),
            icon="live",
            menu=Place(HISTORY, 1),
            short=translate("actions", "Live"),
        ),
        plain(
            "explain_again",
            translate("actions", "&Explain this moment again"),
            lambda w: w.history.explain_again(),
            keys=("Shift+E",),
            icon="refresh",
            menu=Place(HISTORY, 1),
        ),
        ActionRecord(
            "save_history",
            translate("actions", "&Save the last seconds"),
            lambda w: w.history.save(),
            keys=("Ctrl+Shift+E",),
            icon="save",
            menu=Place(HISTORY, 2),
        ),
        ActionRecord(
            "forget_history",
            translate("actions", "&Forget the last seconds"),
            lambda w: w.history.forget(),
            menu=Place(HISTORY, 2),
        ),
        MenuRecord("history_limits", Place(HISTORY, 3), made=_limits),
    )


def _limits(window: Window) -> QMenu:
    menu = QMenu(translate("menus", "&Keep"), window.window())
    menu.aboutToShow.connect(lambda: window.history.fill_limits(menu))
    return menu
