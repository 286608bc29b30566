"""The actions of the Edit menu: what is painted over a frame before it is explained."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QMenu

from camviewer.core.covering import Fill
from camviewer.ui.picture.edit_tools import Tool
from camviewer.ui.shell.action_records import ActionRecord, MenuRecord, Place, Record
from camviewer.ui.shell.window_protocol import Window
from camviewer.ui.widgets.menu_choices import add_choices
from camviewer.ui.widgets.words import fill_word

translate = QCoreApplication.translate
EDIT = "edit"


def edit_records(toolbar: str) -> tuple[Record, ...]:
    """The actions, in their order. toolbar: its id."""
    action = ActionRecord
    plain = partial(ActionRecord, plain=True)
    return (
        action(
            "undo",
            translate("actions", "&Undo"),
            lambda w: w.edits.undo(),
            keys=("Ctrl+Z",),
            icon="undo",
            menu=Place(EDIT, 1),
            repeats=True,
        ),
        action(
            "redo",
            translate("actions", "Re&do"),
            lambda w: w.edits.redo(),
            keys=("Ctrl+Shift+Z", "Ctrl+Y"),
            icon="redo",
            menu=Place(EDIT, 1),
            repeats=True,
        ),
        plain(
            "brush",
            translate("actions", "&Brush: cover parts"),
            toggles=lambda w, _on: w.edits.choose(Tool.BRUSH),
            keys=("B",),
            icon="brush",
            menu=Place(EDIT, 2),
            toolbar=Place(toolbar, 2),
            short=translate("actions", "Brush"),
        ),
        plain(
            "eraser",
            translate("actions", "&Eraser: uncover parts"),
            toggles=lambda w, _on: w.edits.choose(Tool.ERASER),
            keys=("E",),
            icon="eraser",
            menu=Place(EDIT, 2),
        ),
        plain(
            "rectangle",
            translate("actions", "Cover a &rectangle"),
            toggles=lambda w, _on: w.edits.choose(Tool.RECTANGLE),
            keys=("M",),
            icon="rectangle",
            menu=Place(EDIT, 2),
        ),
        plain(
            "lasso",
            translate("actions", "&Lasso: cover what is encircled"),
            toggles=lambda w, _on: w.edits.choose(Tool.LASSO),
            keys=("L",),
            icon="lasso",
            menu=Place(EDIT, 2),
        ),
        plain(
            "smaller_brush",
            translate("actions", "&Smaller brush"),
            lambda w: w.edits.resize_brush(-1),
            keys=(",",),
            menu=Place(EDIT, 3),
            repeats=True,
        ),
        plain(
            "larger_brush",
            translate("actions", "Lar&ger brush"),
            lambda w: w.edits.resize_brush(1),
            keys=(".",),
            menu=Place(EDIT, 3),
            repeats=True,
        ),
        MenuRecord("edit_fill", Place(EDIT, 3), made=_fills),
        plain(
            "cover_evidence",
            translate("actions", "&Cover what it looks at"),
            lambda w: w.covers.cover_evidence(),
            keys=("H",),
            icon="cover",
            menu=Place(EDIT, 4),
        ),
        plain(
            "keep_evidence",
            translate("actions", "&Keep only what it looks at"),
            lambda w: w.covers.cover_evidence(keep=True),
            keys=("K",),
            icon="keep",
            menu=Place(EDIT, 4),
        ),
        plain(
            "cover_cell",
            translate("actions", "Cover the cell that is &pointed at"),
            lambda w: w.covers.cover_cell(),
            keys=("X",),
            menu=Place(EDIT, 4),
        ),
        plain(
            "invert_edit",
            translate("actions", "&Invert what is covered"),
            lambda w: w.edits.invert(),
            keys=("I",),
            icon="invert",
            menu=Place(EDIT, 5),
        ),
        plain(
            "clear_edit",
            translate("actions", "Cle&ar: uncover everything"),
            lambda w: w.edits.clear(),
            keys=("Del", "Backspace"),
            icon="clear",
            menu=Place(EDIT, 5),
        ),
        plain(
            "show_original",
            translate("actions", "See the &original (hold the key)"),
            toggles=lambda w, on: w.original.show(on),
            keys=("V",),
            icon="original",
            menu=Place(EDIT, 6),
        ),
    )


def _fills(window: Window) -> QMenu:
    """What covers the parts that are drawn next."""
    menu = QMenu(translate("menus", "&Fill"), window.window())
    texts = {fill.value: fill_word(fill) for fill in Fill}

    def show() -> None:
        menu.clear()
        add_choices(menu, texts, window.edits.fill.value, lambda name: window.edits.set_fill(Fill(name)))

    menu.aboutToShow.connect(show)
    return menu
