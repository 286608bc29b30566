"""The window's actions: texts, keys and icons in one table. What they do is the window's business."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QCoreApplication, QObject, Qt
from PySide6.QtGui import QAction, QKeySequence

from camviewer.ui.widgets.icons import icon
from camviewer.ui.widgets.words import without_mnemonic

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class _Spec:
    name: str
    text: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    checkable: bool = False
    plain: bool = False
    """A key without Ctrl: works in the picture and the tabs, not while typing or in the docks."""


def _specs() -> tuple[_Spec, ...]:
    plain = partial(_Spec, plain=True)
    return (
        _Spec("open", translate("actions", "&Open…"), ("Ctrl+O",), "open"),
        _Spec("open_folder", translate("actions", "Open &folder…"), ("Ctrl+Shift+O",), "folder"),
        _Spec("save", translate("actions", "&Save image"), ("Ctrl+S",), "save"),
        _Spec("review", translate("actions", "Re&view folder…"), ("Ctrl+Shift+R",), "review"),
        _Spec("report", translate("actions", "Review as repor&t…")),
        _Spec("convert", translate("actions", "Convert vi&deo…"), (), "convert"),
        _Spec("snapshot", translate("actions", "Save s&napshot"), ("Ctrl+Shift+S",), "snapshot"),
        _Spec("export", translate("actions", "&Export…"), ("Ctrl+E",), "export"),
        _Spec("caption", translate("actions", "Capt&ion strip in saved images"), checkable=True),
        _Spec("copy", translate("actions", "&Copy overlay"), ("Ctrl+C",), "copy"),
        _Spec("paste", translate("actions", "&Paste picture"), ("Ctrl+V",), "paste"),
        _Spec("quit", translate("actions", "&Quit"), ("Ctrl+Q",)),
        _Spec("open_screen", translate("actions", "Screen"), (), "screen"),
        plain("freeze", translate("actions", "&Freeze"), ("Space",), "freeze", checkable=True),
        _Spec("record", translate("actions", "&Record"), ("Ctrl+R",), "record", checkable=True),
        plain("previous", translate("actions", "&Previous"), ("Left",), "previous"),
        plain("next", translate("actions", "&Next"), ("Right",), "next"),
        plain("show_review", translate("actions", "Re&view of the folder"), ("G",), "review", checkable=True),
        plain("next_mistake", translate("actions", "Next mista&ke"), ("N",)),
        plain("previous_mistake", translate("actions", "&Previous mistake"), ("Shift+N",)),
        plain("find_class", translate("actions", "&Find class…"), ("/",), "search"),
        plain("pin", translate("actions", "&Pin class"), ("P",), "pin", checkable=True),
        plain("follow", translate("actions", "Follow the &top class"), ("T",), "target", checkable=True),
        plain("all", translate("actions", "&All classes side by side"), ("A",), "grid", checkable=True),
        plain("compare", translate("actions", "&Why this and not the next class"), ("W",), checkable=True),
        plain("overlay", translate("actions", "&Show the overlay"), ("O",), "overlay", checkable=True),
        plain("next_colormap", translate("actions", "Next &colormap"), ("C",), "colormap"),
        plain("reverse", translate("actions", "&Reverse the colormap"), ("R",), "reverse"),
        plain("less_opacity", translate("actions", "&Less opacity"), ("[",)),
        plain("more_opacity", translate("actions", "&More opacity"), ("]",)),
        _Spec("zoom_in", translate("actions", "Zoom &in"), ("Ctrl++", "Ctrl+=")),
        _Spec("zoom_out", translate("actions", "Zoom &out"), ("Ctrl+-",)),
        _Spec("fit_window", translate("actions", "Fit to &window"), ("Ctrl+F", "Ctrl+0"), "fit"),
        _Spec("full_screen", translate("actions", "F&ull screen"), ("F11",), "fullscreen", checkable=True),
        _Spec("help", translate("actions", "camviewer &help"), ("F1",), "help"),
        _Spec("guide", translate("actions", "User's &guide")),
        _Spec("diagnostics", translate("actions", "&Diagnostics…")),
        _Spec("about", translate("actions", "&About camviewer")),
        *(plain(f"tab{i}", translate("actions", "Tab &{0}"), (str(i),)) for i in range(1, 10)),
    )


IN_REVIEW = ("show_review", "next_mistake", "previous_mistake")
"""What keys of the picture also do in a review."""
_ROLES = {"quit": QAction.MenuRole.QuitRole, "about": QAction.MenuRole.AboutRole}
"""Where macOS keeps these. It would guess by the texts, but in English only."""
_REPEATED = frozenset(
    {
        "previous",
        "next",
        "next_mistake",
        "previous_mistake",
        "less_opacity",
        "more_opacity",
        "zoom_in",
        "zoom_out",
        "next_colormap",
    }
)
"""What a key that is held down does again and again. A hundred files of one picture would help nobody."""


def make_actions(parent: QObject) -> dict[str, QAction]:
    """All actions by name, in the table's order."""
    actions: dict[str, QAction] = {}
    for spec in _specs():
        text = spec.text
        if spec.name.startswith("tab"):
            text = text.format(spec.name[-1])
        action = QAction(text, parent)
        action.setObjectName(spec.name)
        action.setShortcuts([QKeySequence(key) for key in spec.keys])
        action.setCheckable(spec.checkable)
        action.setAutoRepeat(spec.name in _REPEATED)
        action.setMenuRole(_ROLES.get(spec.name, QAction.MenuRole.NoRole))
        if spec.plain:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        if spec.icon:
            action.setIcon(icon(spec.icon))
        tip = without_mnemonic(text).rstrip("…")
        action.setIconText(tip)
        if spec.keys:
            native = QKeySequence(spec.keys[0]).toString(QKeySequence.SequenceFormat.NativeText)
            tip = f"{tip} ({native})"
        action.setToolTip(tip)
        actions[spec.name] = action
    return actions


def plain_actions(actions: dict[str, QAction]) -> list[QAction]:
    """Those whose keys belong to the picture and the tabs."""
    return [
        a for a in actions.values() if a.shortcutContext() == Qt.ShortcutContext.WidgetWithChildrenShortcut
    ]
