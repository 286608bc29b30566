"""What the Help menu opens. It is imported when it is opened: the main window shows sooner."""

from __future__ import annotations

from camviewer.ui.shell.window_protocol import Window
from camviewer.ui.system import logs


def show_help(window: Window) -> None:
    from camviewer.ui.help.help_windows import show_help

    show_help(window.window(), list(window.actions_by_name.values()))


def show_about(window: Window) -> None:
    from camviewer.ui.help.help_windows import show_about

    show_about(window.window(), window.model, logs.log_file())


def show_guide(window: Window) -> None:
    from camviewer.ui.help.guide import show_guide

    show_guide(window.window())


def show_diagnostics(window: Window) -> None:
    from camviewer.ui.help.diagnostics import show_diagnostics

    show_diagnostics(window.window())
