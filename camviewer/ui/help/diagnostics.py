"""Help → Diagnostics: the findings of `camviewer doctor` in a window, to read and to copy."""

from __future__ import annotations

import json
from html import escape

from PySide6.QtCore import QProcess, QProcessEnvironment, QSize, Qt, Slot
from PySide6.QtGui import QCloseEvent, QGuiApplication, QTextCursor
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QProgressBar,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from camviewer.core.finding import (
    Finding,
    State,
)
from camviewer.core.own_process import own_argv
from camviewer.ui.widgets import theme
from camviewer.ui.widgets.text_window import resize_for_text
from camviewer.ui.widgets.words import (
    translated,
    whole,
)


class Diagnostics(QDialog):
    """The checks run in other processes; closing ends them."""

    def __init__(self, parent: QWidget, command: list[str]) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Diagnostics"))
        self._lines: list[str] = []
        self._problems = 0
        self._rest = b""
        self._summary = QLabel(self.tr("Checking this computer…"))
        self._summary.setWordWrap(True)
        self._progress = QProgressBar()
        self._progress.setRange(0, 0)
        self._progress.setAccessibleName(self.tr("Checking"))
        self._text = QTextBrowser()
        self._text.setAccessibleName(self.tr("Findings"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self._copy = QPushButton(self.tr("&Copy"))
        self._copy.clicked.connect(self._on_copy_clicked)
        buttons.addButton(self._copy, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        for part in (self._summary, self._progress, self._text, buttons):
            layout.addWidget(part)
        resize_for_text(self, QSize(760, 560))
        self._process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("PYTHONUTF8", "1")
        self._process.setProcessEnvironment(environment)
        self._process.readyReadStandardOutput.connect(self._on_process_ready_read)
        self._process.finished.connect(self._on_process_finished)
        self._process.errorOccurred.connect(self._on_process_error_occurred)
        self._process.start(command[0], command[1:])

    @property
    def text(self) -> str:
        """The report as it can be pasted into a message."""
        return "\n".join(self._lines)

    @property
    def summary(self) -> str:
        """The line above the findings."""
        return self._summary.text()

    @property
    def shown(self) -> str:
        """The findings as the window shows them."""
        return self._text.toPlainText()

    @property
    def process_id(self) -> int:
        """Of the process that runs the checks; 0 if it doesn't run."""
        return self._process.processId()

    @property
    def finished_checking(self) -> bool:
        return self._process.state() == QProcess.ProcessState.NotRunning

    @Slot()
    def _on_process_ready_read(self) -> None:
        *lines, self._rest = (self._rest + bytes(self._process.readAllStandardOutput().data())).split(b"\n")
        for line in lines:
            if line.startswith(b"{"):
                self._show(Finding.from_json(json.loads(line)))

    def _show(self, finding: Finding) -> None:
        self._lines.append(
            finding.report_line()
        )  # in English: it may be sent to somebody of another language
        name, text, mend = translated(finding.name), translated(finding.text), translated(finding.mend)
        self._problems += finding.state is State.PROBLEM
        word = {
            State.OK: self.tr("✓ ok"),
            State.NOTE: self.tr("i note"),
            State.PROBLEM: self.tr("✗ problem"),
        }[finding.state]
        colour = theme.finding(self.palette(), finding.state).name()
        todo = f"<br><i>{escape(mend)}</i>" if mend else ""
        html = (
            f"<p style='margin:0 0 8px 0'><span style='color:{colour}'><b>{escape(word)}</b></span>&nbsp; "
            f"<b>{escape(name)}</b><br>{escape(text)}{todo}</p>"
        )
        self._text.append(html)
        self._text.moveCursor(QTextCursor.MoveOperation.Start)

    @Slot()
    def _on_process_finished(self) -> None:
        self._progress.hide()
        if not self._lines:
            self._summary.setText(self.tr("The checks could not be run. The log may say more."))
        elif self._problems:
            text = (
                self.tr("1 problem found. What to do stands below it.")
                if self._problems == 1
                else self.tr("{0} problems found. What to do stands below each.")
            )
            self._summary.setText(text.format(whole(self._problems)))
        else:
            self._summary.setText(self.tr("Everything works."))

    @Slot(QProcess.ProcessError)
    def _on_process_error_occurred(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:  # then nothing else comes
            self._on_process_finished()

    @Slot()
    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self.text)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._process.blockSignals(True)
        self._process.kill()
        self._process.waitForFinished(500)
        super().closeEvent(event)


def show_diagnostics(parent: QWidget, command: list[str] | None = None) -> Diagnostics:
    """The one window, brought to the front if it is open."""
    shown = parent.findChild(Diagnostics)
    if isinstance(shown, Diagnostics):
        shown.raise_()
        shown.activateWindow()
        return shown
    window = Diagnostics(parent, command or own_argv("doctor", "--lines"))
    window.show()
    return window
