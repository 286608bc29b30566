"""Help and About: what the window shows, the keys, the versions, where the log is."""

from __future__ import annotations

import platform
import sys
from collections.abc import Sequence
from html import escape
from pathlib import Path

from PySide6 import __version__ as pyside_version
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

from camviewer import __version__
from camviewer.core.types import ModelInfo


def _tr(text: str) -> str:
    return QCoreApplication.translate("help", text)


def _show(parent: QWidget, title: str, html: str, width: int, height: int) -> QDialog:
    """A window of its own that doesn't stop the program."""
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)
    text = QTextBrowser()
    text.setOpenExternalLinks(True)
    text.setHtml(html)
    text.setFrameShape(QTextBrowser.Shape.NoFrame)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.close)
    layout = QVBoxLayout(dialog)
    layout.addWidget(text)
    layout.addWidget(buttons)
    dialog.resize(width, height)
    dialog.show()
    return dialog


def show_help(parent: QWidget, actions: Sequence[QAction]) -> QDialog:
    rows = "".join(
        "<tr><td style='padding:2px 18px 2px 0'><b>{}</b></td><td>{}</td></tr>".format(
            escape(", ".join(s.toString(QKeySequence.SequenceFormat.NativeText) for s in action.shortcuts())),
            escape(action.text().replace("&", "").rstrip("…")),
        )
        for action in actions
        if action.shortcuts()
    )
    parts = (
        _tr("What you see"),
        _tr(
            "The network cuts the picture into cells (usually 7 × 7) and asks each cell, for every class, "
            "how much evidence it finds. That is the class activation map. It glows over the place where "
            "the evidence is; dark or clear places add nothing."
        ),
        _tr(
            "The map is exact: its mean plus the class's bias is the logit, the number from which the "
            "probability is made. Point at a cell to read its share. Cells may be negative: evidence "
            "against. Choose a colormap “for and against” to see them."
        ),
        _tr(
            "Only the outlined region went into the network; the dimmed rest was never seen. The map says "
            "where evidence was added up, not what caused it."
        ),
        _tr("Keys"),
    )
    html = (
        f"<h3>{parts[0]}</h3><p>{parts[1]}</p><p>{parts[2]}</p><p>{parts[3]}</p>"
        f"<h3>{parts[4]}</h3><table>{rows}</table>"
    )
    return _show(parent, _tr("camviewer help"), html, 560, 640)


def show_about(parent: QWidget, model: ModelInfo | None, log_file: Path | None) -> QDialog:
    # Not imported for this: before the worker has it, there is no version to show.
    torch = sys.modules.get("torch")
    facts = [
        (_tr("Version"), __version__),
        (_tr("Model"), f"{model.title} ({model.device_title})" if model else _tr("not loaded yet")),
        (_tr("Weights"), f"{model.weights_file}\nSHA-256 {model.weights_sha256}" if model else "–"),
        (
            "Python, Qt, torch",
            f"{platform.python_version()}, {pyside_version}, {getattr(torch, '__version__', '–')}",
        ),
        (_tr("Log"), str(log_file) if log_file else _tr("none: its folder can't be written")),
    ]
    rows = "".join(
        f"<tr><td style='padding:3px 16px 3px 0'>{escape(name)}</td>"
        f"<td>{escape(value).replace(chr(10), '<br>')}</td></tr>"
        for name, value in facts
    )
    about = _tr(
        "See, live, where an image classifier looks: exact class activation maps (Zhou et al., CVPR 2016)."
    )
    licence = _tr("MIT licence. Nothing that the camera sees leaves this computer.")
    html = f"<h2>camviewer</h2><p>{about}</p><table>{rows}</table><p>{licence}</p>"
    return _show(parent, _tr("About camviewer"), html, 640, 360)
