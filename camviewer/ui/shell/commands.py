"""What the actions do. Playback's three are `playback`'s own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from camviewer.core import colormaps
from camviewer.ui.help import windows as help_windows
from camviewer.ui.help.diagnostics import show_diagnostics
from camviewer.ui.help.guide import show_guide
from camviewer.ui.system import logs

if TYPE_CHECKING:
    from camviewer.ui.shell.main_window import MainWindow


def connect_commands(window: MainWindow) -> None:
    """Connect every action of the window to what it does."""
    actions, tabs, sources, view = window.actions_by_name, window.tabs, window.sources, window.view
    saves, show, reviews = window.saves, window.presenter, window.reviews

    calls: dict[str, Callable[[], object]] = {
        "open": sources.ask_for_files,
        "open_folder": sources.ask_for_folder,
        "open_screen": sources.open_screen,
        "review": reviews.ask_for_folder,
        "convert": window.conversions.convert,
        "report": reviews.ask_for_report,
        "next_mistake": lambda: reviews.go_to_mistake(1, large=not window.centre.review_on),
        "previous_mistake": lambda: reviews.go_to_mistake(-1, large=not window.centre.review_on),
        "paste": sources.paste,
        "save": lambda: window.export(saves.save),
        "snapshot": lambda: window.export(saves.save_snapshot),
        "export": lambda: window.export(saves.export),
        "copy": lambda: window.export(saves.copy),
        "quit": window.close,
        "find_class": window.find_class,
        "pin": window.toggle_pin,
        "next_colormap": show.next_colormap,
        "reverse": lambda: show.restyle(colormap=colormaps.reversed_name(show.style.colormap)),
        "less_opacity": lambda: show.change_opacity(-0.1),
        "more_opacity": lambda: show.change_opacity(0.1),
        "zoom_in": lambda: view.zoom_by(1.25),
        "zoom_out": lambda: view.zoom_by(0.8),
        "fit_window": view.fit,
        "help": lambda: help_windows.show_help(window, list(actions.values())),
        "diagnostics": lambda: show_diagnostics(window),
        "guide": lambda: show_guide(window),
        "about": lambda: help_windows.show_about(window, window.model, logs.log_file()),
    }
    for name, call in calls.items():
        actions[name].triggered.connect(lambda _=False, call=call: call())
    for i in range(1, 10):
        actions[f"tab{i}"].triggered.connect(lambda _=False, i=i: tabs.choose_tab(i - 1))
    toggles: dict[str, Callable[[bool], None]] = {
        "follow": tabs.set_follow,
        "all": tabs.set_all,
        "compare": show.toggle_compare,
        "overlay": lambda on: show.restyle(visible=on),
        "full_screen": window.set_full_screen,
        "show_review": window.show_review,
        "record": window.records.set_recording,
        "caption": saves.set_caption,
    }
    for name, toggle in toggles.items():
        actions[name].triggered.connect(toggle)
    tabs.follow_changed.connect(actions["follow"].setChecked)
    for name, on in (("follow", True), ("overlay", True), ("caption", saves.caption)):
        actions[name].setChecked(on)
