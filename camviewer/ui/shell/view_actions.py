"""Actions of the View menu: how maps are drawn, and the window. `actions.table` includes them."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QCoreApplication

from camviewer.ui.shell import submenus
from camviewer.ui.shell.action_records import ActionRecord, MenuRecord, Place, Record

translate = QCoreApplication.translate


def records(menu: str) -> tuple[Record, ...]:
    """menu: the id of theirs."""
    action, plain = ActionRecord, partial(ActionRecord, plain=True)
    return (
        plain(
            "overlay",
            translate("actions", "&Show the overlay"),
            toggles=lambda w, on: w.styles.restyle(visible=on),
            keys=("O",),
            icon="overlay",
            menu=Place(menu, 1),
            starts_checked=lambda _w: True,
        ),
        plain(
            "extent",
            translate("actions", "Object's e&xtent"),
            toggles=lambda w, on: w.methods.set_extent(on),
            keys=("S",),
            menu=Place(menu, 1),
        ),
        plain(
            "next_colormap",
            translate("actions", "Next &colormap"),
            lambda w: w.styles.next_colormap(),
            keys=("C",),
            icon="colormap",
            menu=Place(menu, 1),
            repeats=True,
        ),
        plain(
            "reverse",
            translate("actions", "&Reverse the colormap"),
            lambda w: w.styles.reverse_colormap(),
            keys=("R",),
            icon="reverse",
            menu=Place(menu, 1),
        ),
        plain(
            "less_opacity",
            translate("actions", "&Less opacity"),
            lambda w: w.styles.change_opacity(-0.1),
            keys=("[",),
            menu=Place(menu, 1),
            repeats=True,
        ),
        plain(
            "more_opacity",
            translate("actions", "&More opacity"),
            lambda w: w.styles.change_opacity(0.1),
            keys=("]",),
            menu=Place(menu, 1),
            repeats=True,
        ),
        action(
            "caption_strip",
            translate("actions", "Caption &below the view"),
            toggles=lambda w, on: w.captions.set_on(on),
            menu=Place(menu, 1),
            starts_checked=lambda w: w.captions.on,
        ),
        action(
            "zoom_in",
            translate("actions", "Zoom &in"),
            lambda w: w.centre.view.zoom_by(1.25),
            keys=("Ctrl++", "Ctrl+="),
            menu=Place(menu, 2),
            repeats=True,
        ),
        action(
            "zoom_out",
            translate("actions", "Zoom &out"),
            lambda w: w.centre.view.zoom_by(0.8),
            keys=("Ctrl+-",),
            menu=Place(menu, 2),
            repeats=True,
        ),
        action(
            "fit_window",
            translate("actions", "Fit to &window"),
            lambda w: w.centre.view.fit(),
            keys=("Ctrl+F", "Ctrl+0"),
            icon="fit",
            menu=Place(menu, 2),
        ),
        action(
            "full_screen",
            translate("actions", "Present in f&ull screen"),
            toggles=lambda w, on: w.full_screen.set_on(on),
            keys=("F11", "F5"),
            icon="fullscreen",
            menu=Place(menu, 2),
        ),
        MenuRecord("appearance", Place(menu, 4, order=1), made=submenus.appearance),
        MenuRecord("language", Place(menu, 4, order=1), made=submenus.languages),
    )
