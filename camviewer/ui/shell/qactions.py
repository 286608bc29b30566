"""The window's QActions, made of the table in `actions`."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence

from camviewer.ui.shell.action_records import ActionRecord
from camviewer.ui.shell.actions import action_records
from camviewer.ui.shell.window_protocol import Window
from camviewer.ui.widgets.icons import icon
from camviewer.ui.widgets.words import without_mnemonic


def make_actions(window: Window) -> dict[str, QAction]:
    """All actions by id, in the table's order.

    They look up the parts of the window when they are triggered, so those may be made later.
    """
    return {record.id: _make_action(record, window) for record in action_records()}


def check_at_start(window: Window) -> None:
    """Check what is on from the beginning. Call it once the window has its parts."""
    for record in action_records():
        if record.starts_checked is not None:
            window.actions_by_name[record.id].setChecked(record.starts_checked(window))


def plain_actions(actions: dict[str, QAction]) -> list[QAction]:
    """Those whose keys belong to the view and the tabs."""
    return [actions[record.id] for record in action_records() if record.plain]


def review_actions(actions: dict[str, QAction]) -> list[QAction]:
    """Those that are of use only while there is a review of a folder."""
    return [actions[record.id] for record in action_records() if record.of_review]


def _make_action(record: ActionRecord, window: Window) -> QAction:
    """It looks up the parts of the window when it is triggered."""
    action = QAction(record.text, window.window())
    action.setObjectName(record.id)
    action.setShortcuts([QKeySequence(key) for key in record.keys])
    action.setCheckable(record.toggles is not None)
    action.setAutoRepeat(record.repeats)
    action.setMenuRole(record.role)
    if record.plain:
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    if record.icon:
        action.setIcon(icon(record.icon))
    tip = without_mnemonic(record.text).rstrip("…")
    action.setIconText(record.short or tip)
    if record.keys:
        native = QKeySequence(record.keys[0]).toString(QKeySequence.SequenceFormat.NativeText)
        tip = f"{tip} ({native})"
    action.setToolTip(tip)
    action.triggered.connect(lambda on=False: record.trigger(window, on))
    return action
