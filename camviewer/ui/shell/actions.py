"""The one table of actions and menus: texts, keys, icons, where they are found, and what they do.

The menu bar, the toolbar, the shortcuts and the keys on the help page are made from it, and the table of
docs/keyboard.md is tested against it. A new action is one more record.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction

from camviewer.ui.shell import help_menu, submenus, time_actions, view_actions
from camviewer.ui.shell.action_records import ActionRecord, MenuRecord, Place, Record
from camviewer.ui.shell.edit_actions import EDIT, edit_records
from camviewer.ui.shell.window_protocol import Window

translate = QCoreApplication.translate
MENU_BAR, TOOLBAR = "menu_bar", "toolbar"
FILE, SOURCE, VIEW, CLASSES = "file", "source", "view", "classes"
MODEL, HELP = "model", "help_menu"
DOCKS = Place(VIEW, 4)
"""Where the docks of `docks.dock_table` are shown and hidden."""


def table() -> tuple[Record, ...]:
    """All actions and menus. In this order the keys are listed on the help page."""
    action = ActionRecord
    plain = partial(ActionRecord, plain=True)
    role = QAction.MenuRole
    return (
        MenuRecord(FILE, Place(MENU_BAR), translate("menus", "&File")),
        MenuRecord(EDIT, Place(MENU_BAR), translate("menus", "&Edit")),
        MenuRecord(SOURCE, Place(MENU_BAR), translate("menus", "&Source")),
        MenuRecord(VIEW, Place(MENU_BAR), translate("menus", "&View")),
        MenuRecord(CLASSES, Place(MENU_BAR), made=submenus.classes),
        MenuRecord(MODEL, Place(MENU_BAR), made=lambda w: w.model_menu.menu),
        MenuRecord("method", Place(MENU_BAR), made=lambda w: w.methods.menu),
        MenuRecord(HELP, Place(MENU_BAR), translate("menus", "&Help")),
        # Files
        action(
            "open",
            translate("actions", "&Open…"),
            lambda w: w.source_dialogs.ask_for_files(),
            keys=("Ctrl+O",),
            icon="open",
            menu=Place(FILE, 1),
            toolbar=Place(TOOLBAR, 1),
            short=translate("actions", "Open"),
        ),
        action(
            "open_folder",
            translate("actions", "Open &folder…"),
            lambda w: w.source_dialogs.ask_for_folder(),
            keys=("Ctrl+Shift+O",),
            icon="folder",
            menu=Place(FILE, 1),
        ),
        action(
            "open_model",
            translate("actions", "Open mode&l…"),
            lambda w: w.models.ask_for_file(),
            keys=("Ctrl+Shift+M",),
            menu=Place(FILE, 1),
        ),
        MenuRecord("recent", Place(FILE, 1), made=lambda w: w.source_menus.recent_menu),
        MenuRecord("samples", Place(FILE, 1), made=lambda w: w.source_menus.samples_menu),
        action(
            "save",
            translate("actions", "&Save image"),
            lambda w: w.export(w.saves.save),
            keys=("Ctrl+S",),
            icon="save",
            menu=Place(FILE, 3),
            toolbar=Place(TOOLBAR, 2, order=1),
            short=translate("actions", "Save"),
        ),
        action(
            "review",
            translate("actions", "Re&view folder…"),
            lambda w: w.reviews.ask_for_folder(),
            keys=("Ctrl+Shift+R",),
            icon="review",
            menu=Place(FILE, 2),
        ),
        action(
            "report",
            translate("actions", "Review &as report…"),
            lambda w: w.review_report.ask(),
            menu=Place(FILE, 2),
            of_review=True,
        ),
        action(
            "convert",
            translate("actions", "Convert vi&deo…"),
            lambda w: w.conversions.convert(),
            icon="convert",
            menu=Place(FILE, 2),
        ),
        action(
            "snapshot",
            translate("actions", "Save s&napshot"),
            lambda w: w.export(w.saves.save_snapshot),
            keys=("Ctrl+Shift+S",),
            icon="snapshot",
            menu=Place(FILE, 3),
        ),
        action(
            "export",
            translate("actions", "&Export…"),
            lambda w: w.export(w.saves.export),
            keys=("Ctrl+E",),
            icon="export",
            menu=Place(FILE, 3),
        ),
        action(
            "print",
            translate("actions", "Prin&t…"),
            lambda w: w.export(w.printing.ask),
            keys=("Ctrl+P",),
            menu=Place(FILE, 3),
        ),
        action(
            "handout",
            translate("actions", "Save how it adds up as &handout"),
            lambda w: w.export(w.saves.save_handout),
            menu=Place(FILE, 3),
        ),
        action(
            "caption",
            translate("actions", "Capt&ion strip in saved images"),
            toggles=lambda w, on: w.saves.set_caption(on),
            menu=Place(FILE, 3),
            starts_checked=lambda w: w.saves.caption,
        ),
        action(
            "copy",
            translate("actions", "&Copy overlay"),
            lambda w: w.export(w.saves.copy),
            keys=("Ctrl+C",),
            icon="copy",
            menu=Place(FILE, 4),
        ),
        action(
            "paste",
            translate("actions", "&Paste picture"),
            lambda w: w.sources.paste(),
            keys=("Ctrl+V",),
            icon="paste",
            menu=Place(FILE, 4),
        ),
        action(
            "quit",
            translate("actions", "&Quit"),
            lambda w: w.close(),
            keys=("Ctrl+Q",),
            menu=Place(FILE, 5),
            role=role.QuitRole,
        ),
        *edit_records(TOOLBAR),
        # Sources
        MenuRecord("camera", Place(SOURCE, 1), made=lambda w: w.source_menus.camera_menu),
        MenuRecord("screen", Place(SOURCE, 1), made=lambda w: w.source_menus.screen_menu),
        action(
            "open_screen",  # the first one; its menu has all
            translate("actions", "Screen"),
            lambda w: w.sources.open_screen(),
            icon="screen",
            toolbar=Place(TOOLBAR, 1),
        ),
        plain(
            "freeze",
            translate("actions", "&Freeze"),
            toggles=lambda w, on: w.playback.freeze(on),
            keys=("Space",),
            icon="freeze",
            menu=Place(SOURCE, 2),
            toolbar=Place(TOOLBAR, 2),
        ),
        action(
            "record",
            translate("actions", "&Record"),
            toggles=lambda w, on: w.records.set_recording(on),
            keys=("Ctrl+R",),
            icon="record",
            menu=Place(SOURCE, 2),
            toolbar=Place(TOOLBAR, 2),
        ),
        plain(
            "previous",
            translate("actions", "&Previous"),
            lambda w: w.playback.step(-1),
            keys=("Left",),
            icon="previous",
            menu=Place(SOURCE, 3),
            repeats=True,
        ),
        plain(
            "next",
            translate("actions", "&Next"),
            lambda w: w.playback.step(1),
            keys=("Right",),
            icon="next",
            menu=Place(SOURCE, 3),
            repeats=True,
        ),
        *time_actions.records(Place(SOURCE, 4)),
        ActionRecord(
            "deinterlace",
            translate("actions", "&Deinterlace videos"),
            toggles=lambda w, on: w.playback.set_deinterlacing(on),
            starts_checked=lambda w: w.playback.deinterlaces,
            menu=Place(SOURCE, 4),
        ),
        action(
            "model_card",
            translate("actions", "Model &card…"),
            lambda w: w.cards.show(),
            keys=("Ctrl+I",),
            menu=Place(MODEL),
        ),
        MenuRecord("device", Place(MODEL), made=lambda w: w.device_menu.menu),
        # The review of a folder
        plain(
            "show_review",
            translate("actions", "Re&view of the folder"),
            toggles=lambda w, on: w.show_review(on),
            keys=("G",),
            icon="review",
            menu=Place(VIEW, 3),
            of_review=True,
        ),
        plain(
            "next_mistake",
            translate("actions", "Next mista&ke"),
            lambda w: w.review_navigation.go_to_mistake(1, large=not w.centre.review_on),
            keys=("N",),
            menu=Place(VIEW, 3),
            repeats=True,
            of_review=True,
        ),
        plain(
            "previous_mistake",
            translate("actions", "&Previous mistake"),
            lambda w: w.review_navigation.go_to_mistake(-1, large=not w.centre.review_on),
            keys=("Shift+N",),
            menu=Place(VIEW, 3),
            repeats=True,
            of_review=True,
        ),
        # Classes and their maps
        plain(
            "find_class",
            translate("actions", "&Find class…"),
            lambda w: w.classes.find(),
            keys=("/",),
            icon="search",
            menu=Place(CLASSES, 1),
        ),
        plain(
            "pin",
            translate("actions", "&Pin class"),
            toggles=lambda w, _on: w.classes.toggle_pin(),
            keys=("P",),
            icon="pin",
            menu=Place(CLASSES, 1),
        ),
        plain(
            "follow",
            translate("actions", "Follow the &top class"),
            toggles=lambda w, on: w.centre.tabs.set_follow(on),
            keys=("T",),
            icon="target",
            menu=Place(CLASSES, 1),
            starts_checked=lambda _w: True,
        ),
        plain(
            "all",
            translate("actions", "&All classes side by side"),
            toggles=lambda w, on: w.centre.tabs.set_all(on),
            keys=("A",),
            icon="grid",
            menu=Place(CLASSES, 1, order=1),
        ),
        plain(
            "compare",
            translate("actions", "&Why this and not the next class"),
            toggles=lambda w, on: w.presenter.comparison.toggle(on),
            keys=("W",),
            menu=Place(CLASSES, 1),
        ),
        MenuRecord("compare_with", Place(CLASSES, 1), made=submenus.comparisons),
        *view_actions.records(VIEW),
        # Help
        action(
            "help",
            translate("actions", "camviewer &help"),
            help_menu.show_help,
            keys=("F1",),
            icon="help",
            menu=Place(HELP),
        ),
        action(
            "guide",
            translate("actions", "User's &guide"),
            help_menu.show_guide,
            menu=Place(HELP),
        ),
        MenuRecord("lessons", Place(HELP), made=lambda w: w.lessons.menu),
        action(
            "diagnostics",
            translate("actions", "&Diagnostics…"),
            help_menu.show_diagnostics,
            menu=Place(HELP),
        ),
        action(
            "about",
            translate("actions", "&About camviewer"),
            help_menu.show_about,
            menu=Place(HELP),
            role=role.AboutRole,
        ),
        *(
            plain(
                f"tab{number}",
                submenus.tab_text(number),
                partial(_choose_tab, index=number - 1),
                keys=(str(number),),
                menu=Place(CLASSES, 2),
            )
            for number in range(1, submenus.TABS + 1)
        ),
    )


def _choose_tab(window: Window, index: int) -> None:
    window.centre.tabs.choose_tab(index)


def action_records() -> tuple[ActionRecord, ...]:
    return tuple(record for record in table() if isinstance(record, ActionRecord))
