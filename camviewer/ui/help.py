"""Help and About: what the window shows, the keys, the versions, where the log is."""

from __future__ import annotations

import platform
import sys
from collections.abc import Sequence
from html import escape
from importlib import metadata
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

from camviewer import __version__
from camviewer.core.types import ModelInfo
from camviewer.ui.words import without_mnemonic

translate = QCoreApplication.translate


def _show(parent: QWidget, title: str, html: str, width: int, height: int) -> QDialog:
    """A window of its own that doesn't stop the program."""
    for shown in parent.findChildren(QDialog):
        if shown.windowTitle() == title:
            shown.raise_()
            shown.activateWindow()
            return shown
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


def help_texts() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Headings and paragraphs, for somebody who meets a class activation map for the first time."""
    return (
        (
            translate("help", "What is a class activation map?"),
            (
                translate(
                    "help",
                    "The network cuts the picture into cells, usually 7 by 7. In each cell it measures "
                    "hundreds of features: edges, fur, wheels, and others that have no name. Every class "
                    "has a weight for each feature. Weight times feature, added up in a cell, is that "
                    "cell's evidence for the class. All cells together are the map.",
                ),
                translate(
                    "help",
                    "The map is exact. Its mean plus the class's bias is the logit, the number from which "
                    "the probability is made. Point at a cell to read its share. “How it adds up” (in the "
                    "View menu) shows every step.",
                ),
            ),
        ),
        (
            translate("help", "What do the colours mean?"),
            (
                translate(
                    "help",
                    "The bar beside the picture tells, in units of the logit. With the scale “this map” the "
                    "brightest place is the largest value of this one map, however small it is: look at "
                    "the numbers before you compare. “Shared” and “fixed” make classes and frames "
                    "comparable.",
                ),
                translate(
                    "help",
                    "Only the outlined region went into the network. The dimmed rest was never seen. "
                    "Choose the fit “whole frame” to show it all of the picture.",
                ),
            ),
        ),
        (
            translate("help", "What does negative mean?"),
            (
                translate(
                    "help",
                    "Evidence against: the cell holds features that count against this class. Choose "
                    "“evidence for and against” to see it. A softmax compares classes, so ask “why this "
                    "and not that” (Ctrl+click on another tab): the difference of the two maps shows which "
                    "places tell the two apart.",
                ),
            ),
        ),
        (
            translate("help", "What can it not tell?"),
            (
                translate(
                    "help",
                    "It shows where evidence was added up, not what caused it. A cell's features also look "
                    "at its surroundings, often at most of the picture. And it does not say what would "
                    "happen if something were taken away: cover it and look.",
                ),
                translate(
                    "help",
                    "“Sharper” and “smooth over” average several maps for the eye, and the colour bar and "
                    "the box go by what you see. The values under the pointer and in “How it adds up” are "
                    "those of the one exact map.",
                ),
            ),
        ),
    )


def show_help(parent: QWidget, actions: Sequence[QAction]) -> QDialog:
    rows = "".join(
        "<tr><td style='padding:2px 18px 2px 0'><b>{}</b></td><td>{}</td></tr>".format(
            escape(", ".join(s.toString(QKeySequence.SequenceFormat.NativeText) for s in action.shortcuts())),
            escape(without_mnemonic(action.text()).rstrip("…")),
        )
        for action in actions
        if action.shortcuts()
    )
    html = "".join(
        f"<h3>{escape(title)}</h3>" + "".join(f"<p>{escape(t)}</p>" for t in texts)
        for title, texts in help_texts()
    )
    html += f"<h3>{translate('help', 'Keys')}</h3><table>{rows}</table>"
    return _show(parent, translate("help", "camviewer help"), html, 560, 640)


_LIBRARIES = (
    ("PySide6", "Qt for Python", "LGPL 3"),
    ("torch", "PyTorch", "BSD"),
    ("torchvision", "torchvision", "BSD"),
    ("numpy", "NumPy", "BSD"),
    ("pillow", "Pillow", "HPND"),
    ("av", "PyAV, FFmpeg", "BSD, LGPL"),
    ("contourpy", "ContourPy", "BSD"),
    ("cmap", "cmap", "BSD"),
    ("safetensors", "safetensors", "Apache 2.0"),
    ("jinja2", "Jinja", "BSD"),
    ("efficientnet-lite-pytorch", "EfficientNet-Lite", "Apache 2.0"),
)
"""Distribution, name for people, licence."""


def show_about(parent: QWidget, model: ModelInfo | None, log_file: Path | None) -> QDialog:
    facts = [
        (translate("help", "Version"), __version__),
        (
            translate("help", "Model"),
            f"{model.title} ({model.device_title})" if model else translate("help", "not loaded yet"),
        ),
        (
            translate("help", "Weights"),
            f"{model.weights_file}\nSHA-256 {model.weights_sha256}" if model else "–",
        ),
        ("Python", platform.python_version()),
        (
            translate("help", "Log"),
            str(log_file) if log_file else translate("help", "none: its folder can't be written"),
        ),
    ]
    about = translate(
        "help",
        "See, live, where an image classifier looks: exact class activation maps (Zhou et al., CVPR 2016).",
    )
    licence = translate("help", "MIT licence. Nothing that the camera sees leaves this computer.")
    made_with = translate("help", "Made with")
    libraries = [(name, f"{_version(of)}  ({terms})") for of, name, terms in _LIBRARIES]
    html = (
        f"<h2>camviewer</h2><p>{escape(about)}</p>{_table(facts)}<p>{escape(licence)}</p>"
        f"<h3>{escape(made_with)}</h3>{_table(libraries)}"
    )
    notices = Path(getattr(sys, "_MEIPASS", "")) / "THIRD-PARTY-NOTICES.txt"  # in a bundle
    if notices.is_file():
        html += f"<p><a href='{notices.as_uri()}'>{escape(translate('help', 'All licences'))}</a></p>"
    return _show(parent, translate("help", "About camviewer"), html, 640, 560)


def _table(rows: Sequence[tuple[str, str]]) -> str:
    cells = (
        f"<tr><td style='padding:3px 16px 3px 0'>{escape(name)}</td>"
        f"<td>{escape(value).replace(chr(10), '<br>')}</td></tr>"
        for name, value in rows
    )
    return f"<table>{''.join(cells)}</table>"


def _version(distribution: str) -> str:
    """From its metadata: importing torch for this would take seconds."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "–"
