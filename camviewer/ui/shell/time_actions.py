"""Actions about time: the history of a live source. `actions.table` includes them."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QMenu

from camviewer.ui.shell.action_records import ActionRecord, MenuRecord, Place, Record
from camviewer.ui.shell.window_protocol import Window
from camviewer.ui.widgets.menu_choices import add_choices
from camviewer.ui.widgets.words import decimal, whole

translate = QCoreApplication.translate
HISTORY = "history"
SECONDS, MEGABYTES = (5, 10, 30, 60), (50, 100, 200, 500, 1000)
"""That are offered, besides nothing."""


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
            lambda w: w.history.again.explain_again(),
            keys=("Shift+E",),
            icon="refresh",
            menu=Place(HISTORY, 1),
        ),
        ActionRecord(
            "save_history",
            translate("actions", "&Save the last seconds"),
            lambda w: w.history.saving.save(),
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
    """Choices of how many seconds, and how much memory."""
    menu = QMenu(translate("menus", "&Keep"), window.window())

    def fill() -> None:
        menu.clear()
        control, history = window.history, window.history.keeper.history
        seconds, megabytes = history.seconds, history.budget / 1e6
        texts = {"0": translate("menus", "Nothing")}
        texts |= {str(s): translate("menus", "The last {0} s").format(whole(s)) for s in SECONDS}
        add_choices(menu, texts, f"{seconds:g}", lambda chosen: control.limit(float(chosen), megabytes))
        menu.addSeparator()
        for most in MEGABYTES:
            action = menu.addAction(translate("menus", "At most {0} MB").format(whole(most)))
            action.setCheckable(True)
            action.setChecked(most == round(megabytes))
            action.triggered.connect(partial(_limit, window, seconds, most))
        menu.addSeparator()
        span = history.span()
        kept, size = (span.seconds, span.size) if span is not None else (0.0, 0)
        text = translate("menus", "Kept now: {0} s in {1} MB")
        menu.addAction(text.format(decimal(kept, 1), whole(round(size / 1e6)))).setEnabled(False)

    menu.aboutToShow.connect(fill)
    return menu


def _limit(window: Window, seconds: float, megabytes: float, _checked: bool = False) -> None:
    window.history.limit(seconds, megabytes)
