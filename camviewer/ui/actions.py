"""The window's actions: texts, keys and icons in one table. What they do is the window's business."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QObject, Qt
from PySide6.QtGui import QAction, QKeySequence

from camviewer.ui.icons import icon

# lupdate finds the texts by this function's name.
_ = QT_TRANSLATE_NOOP


@dataclass(frozen=True, slots=True)
class _Spec:
    name: str
    text: object
    keys: tuple[str, ...] = ()
    icon: str = ""
    checkable: bool = False
    plain: bool = False
    """A key without Ctrl: works in the picture and the tabs, not while typing or in the docks."""


_SPECS = (
    _Spec("open", _("actions", "&Open…"), ("Ctrl+O",), "open"),
    _Spec("open_folder", _("actions", "Open &folder…"), ("Ctrl+Shift+O",), "folder"),
    _Spec("save", _("actions", "&Save image"), ("Ctrl+S",), "save"),
    _Spec("review", _("actions", "Re&view folder…"), ("Ctrl+Shift+R",), "review"),
    _Spec("report", _("actions", "Review as repor&t…")),
    _Spec("convert", _("actions", "Convert vi&deo…"), (), "convert"),
    _Spec("snapshot", _("actions", "Save s&napshot"), ("Ctrl+Shift+S",), "snapshot"),
    _Spec("export", _("actions", "&Export…"), ("Ctrl+E",), "export"),
    _Spec("caption", _("actions", "Capt&ion strip in saved images"), checkable=True),
    _Spec("copy", _("actions", "&Copy overlay"), ("Ctrl+C",), "copy"),
    _Spec("paste", _("actions", "&Paste picture"), ("Ctrl+V",), "paste"),
    _Spec("quit", _("actions", "&Quit"), ("Ctrl+Q",)),
    _Spec("open_screen", _("actions", "Screen"), (), "screen"),
    _Spec("freeze", _("actions", "&Freeze"), ("Space",), "freeze", checkable=True, plain=True),
    _Spec("record", _("actions", "&Record"), ("Ctrl+R",), "record", checkable=True),
    _Spec("previous", _("actions", "&Previous"), ("Left",), "previous", plain=True),
    _Spec("next", _("actions", "&Next"), ("Right",), "next", plain=True),
    _Spec("show_review", _("actions", "Re&view of the folder"), ("G",), "review", checkable=True, plain=True),
    _Spec("next_mistake", _("actions", "Next mista&ke"), ("N",), plain=True),
    _Spec("previous_mistake", _("actions", "&Previous mistake"), ("Shift+N",), plain=True),
    _Spec("find_class", _("actions", "&Find class…"), ("/",), "search", plain=True),
    _Spec("pin", _("actions", "&Pin class"), ("P",), "pin", checkable=True, plain=True),
    _Spec("follow", _("actions", "Follow the &top class"), ("T",), "target", checkable=True, plain=True),
    _Spec("all", _("actions", "&All classes side by side"), ("A",), "grid", checkable=True, plain=True),
    _Spec("compare", _("actions", "&Why this and not the next class"), ("W",), checkable=True, plain=True),
    _Spec("overlay", _("actions", "&Show the overlay"), ("O",), "overlay", checkable=True, plain=True),
    _Spec("next_colormap", _("actions", "Next &colormap"), ("C",), "colormap", plain=True),
    _Spec("reverse", _("actions", "&Reverse the colormap"), ("R",), "reverse", plain=True),
    _Spec("less_opacity", _("actions", "&Less opacity"), ("[",), plain=True),
    _Spec("more_opacity", _("actions", "&More opacity"), ("]",), plain=True),
    _Spec("zoom_in", _("actions", "Zoom &in"), ("Ctrl++", "Ctrl+=")),
    _Spec("zoom_out", _("actions", "Zoom &out"), ("Ctrl+-",)),
    _Spec("fit_window", _("actions", "Fit to &window"), ("Ctrl+F", "Ctrl+0"), "fit"),
    _Spec("full_screen", _("actions", "F&ull screen"), ("F11",), "fullscreen", checkable=True),
    _Spec("help", _("actions", "camviewer &help"), ("F1",), "help"),
    _Spec("diagnostics", _("actions", "&Diagnostics…")),
    _Spec("about", _("actions", "&About camviewer")),
    *(_Spec(f"tab{i}", _("actions", "Tab &{0}"), (str(i),), plain=True) for i in range(1, 10)),
)


IN_REVIEW = ("show_review", "next_mistake", "previous_mistake")
"""What keys of the picture also do in a review."""
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
    for spec in _SPECS:
        text = QCoreApplication.translate("actions", str(spec.text))
        if spec.name.startswith("tab"):
            text = text.format(spec.name[-1])
        action = QAction(text, parent)
        action.setObjectName(spec.name)
        action.setShortcuts([QKeySequence(key) for key in spec.keys])
        action.setCheckable(spec.checkable)
        action.setAutoRepeat(spec.name in _REPEATED)
        if spec.plain:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        if spec.icon:
            action.setIcon(icon(spec.icon))
        tip = text.replace("&", "").rstrip("…")
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
