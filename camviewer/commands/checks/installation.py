"""Checks of `camviewer doctor`: is the installation complete? One function a check.

Each runs in a process of its own (see `doctor`): a library that crashes its process becomes a line of the
report. A check prints what it is about to do, so that the last line before a crash names the cause.
"""

from __future__ import annotations

import importlib
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from camviewer.commands.checks.bundle import bundle_files, bundle_folder
from camviewer.commands.checks.devices import explained_sample
from camviewer.core.finding import (
    INSTALL_AGAIN,
    Finding,
    State,
    about_to,
    ok,
)
from camviewer.core.text import Text

if TYPE_CHECKING:
    from camviewer.core.models.spec import ModelSpec

WINDOW_S = 60.0
"""How long the window's first overlay may take."""
LIBRARIES = (
    *("numpy", "PIL", "cmap", "contourpy", "platformdirs", "psutil", "safetensors", "threadpoolctl", "tqdm"),
    *("av", "jinja2", "yaml", "onnx", "onnxruntime"),
)
QT_MODULES = ("QtCore", "QtGui", "QtWidgets", "QtMultimedia", "QtNetwork", "QtSvg")
_PLAIN_AGAIN = Text("Install camviewer again.")
_REPORT = Text("Report it.")
TORCH_MODULES = ("torch", "torchvision", "torchvision.ops", "safetensors.torch", "timm")
"""And those that the models are built of."""


def _imported(name: str, modules: tuple[str, ...]) -> Iterator[Finding]:
    loaded_modules = []
    for module in modules:
        about_to(f"import {module}")
        try:
            loaded = importlib.import_module(module)
        except Exception as error:
            text = Text(
                "{name} can't be loaded: {reason}", name=module, reason=f"{type(error).__name__}: {error}"
            )
            yield Finding(name, State.PROBLEM, text, INSTALL_AGAIN)
        else:
            loaded_modules.append(f"{module} {getattr(loaded, '__version__', '')}".strip())
    if len(loaded_modules) == len(modules):
        yield ok(name, ", ".join(loaded_modules))


def versions() -> Iterator[Finding]:
    from camviewer import __version__

    bits = Text("bundle") if getattr(sys, "frozen", False) else sys.prefix
    text = "{version} ({where}), Python {python}"
    yield ok("camviewer", Text(text, version=__version__, where=bits, python=platform.python_version()))
    text = Text("{system}, {count} processors", system=platform.platform(), count=os.cpu_count())
    yield ok(Text("system"), text)


def libraries() -> Iterator[Finding]:
    from camviewer.core.models.builtin import MODELS

    weights = [spec.embedded.package for spec in MODELS.values() if spec.embedded is not None]
    yield from _imported(Text("libraries"), (*LIBRARIES, *weights))


def qt() -> Iterator[Finding]:
    findings = list(_imported("Qt", tuple(f"PySide6.{module}" for module in QT_MODULES)))
    if any(finding.state is State.PROBLEM for finding in findings):
        yield from findings
        return
    from PySide6 import __version__
    from PySide6.QtCore import QLibraryInfo
    from PySide6.QtGui import QImageReader

    yield ok("Qt", f"PySide6 {__version__}, Qt {QLibraryInfo.version().toString()}")
    formats = {bytes(f.data()).decode() for f in QImageReader.supportedImageFormats()}
    if missing := {"svg", "jpeg", "png"} - formats:
        text = Text("Qt's plugins for {names} are missing.", names=", ".join(sorted(missing)))
        yield Finding("Qt", State.PROBLEM, text, _PLAIN_AGAIN)


def torch() -> Iterator[Finding]:
    from camviewer.core.models.builtin import MODELS
    from camviewer.core.runtimes.libraries import has_torch

    if not has_torch():
        yield ok("torch", Text("not installed: this is the light edition"))
        return
    built_of = [name for spec in MODELS.values() for name in spec.architecture.libraries]
    yield from _imported("torch", (*TORCH_MODULES, *built_of))


def resources() -> Iterator[Finding]:
    folder = bundle_folder()
    if folder is not None:
        yield from bundle_files(folder)
    from camviewer.core.models.builtin import MODELS
    from camviewer.core.models.labels import known_labels
    from camviewer.core.resources import resource_path
    from camviewer.core.storage.images import read_image
    from camviewer.core.storage.photo_folders import photos_in

    about_to("read the labels")
    sources = dict.fromkeys(spec.labels for spec in MODELS.values() if spec.labels is not None)
    for source in sources:
        count = len(known_labels(source))
        if count != source.classes:
            text = Text("There are {count} labels, not {classes}.", count=count, classes=source.classes)
            yield Finding(Text("files"), State.PROBLEM, text, _PLAIN_AGAIN)
            return
    samples = photos_in(resource_path("samples"))
    for sample in samples:
        about_to(f"read {sample}")
        read_image(sample)
    icons = list(resource_path("icons").glob("*.svg"))
    text = Text(
        "{labels} labels, {photos} sample photos, {icons} icons",
        labels=sum(source.classes for source in sources),
        photos=len(samples),
        icons=len(icons),
    )
    yield ok(Text("files"), text)


def embedded_weights() -> Iterator[Finding]:
    from camviewer.core.models.builtin import EMBEDDED

    yield from _weights_of(EMBEDDED, missing_is=State.PROBLEM)


def weights() -> Iterator[Finding]:
    from camviewer.core.models.builtin import EMBEDDED, MODELS

    for spec in MODELS.values():
        if spec is not EMBEDDED:
            yield from _weights_of(spec, missing_is=State.NOTE)


def _weights_of(spec: ModelSpec, missing_is: State) -> Iterator[Finding]:
    from camviewer.core.failures import Failure
    from camviewer.core.models.spec import WeightsOrigin
    from camviewer.core.models.weights import (
        chosen_weights,
        find_weights,
    )
    from camviewer.core.storage.files import file_sha256

    title = Text("weights of {model}", model=spec.title)
    try:
        file = find_weights(spec, chosen_weights(None, spec))
    except Failure as failure:
        yield Finding(title, State.PROBLEM, failure.message, failure.mend)
        return
    except ImportError as error:
        yield Finding(title, State.PROBLEM, f"{error}", _PLAIN_AGAIN)
        return
    if file is None:
        mend = Text("The window downloads them once, or open a weights file there.")
        if missing_is is State.PROBLEM:
            mend = _PLAIN_AGAIN
        yield Finding(title, missing_is, Text("They are not on this computer."), mend)
        return
    about_to(f"read {file.path}")
    digest = file_sha256(file.path)
    if file.sha256 is not None and digest != file.sha256:
        mend = Text("Delete the file; camviewer downloads it again.")
        if file.came_with_program:
            mend = _PLAIN_AGAIN
        text = Text("{path} is damaged: its checksum is wrong.", path=file.path)
        yield Finding(title, State.PROBLEM, text, mend)
        return
    verified = Text("verified") if file.sha256 is not None else Text("chosen by you, not verified")
    origin = {
        WeightsOrigin.FILE: WeightsOrigin.FILE.value,
        WeightsOrigin.BUNDLE: Text("bundle"),
        WeightsOrigin.CACHE: Text("cache"),
        WeightsOrigin.EMBEDDED: Text("embedded"),
    }[file.origin]
    text = Text("{path} ({origin}, {verified})", path=file.path, origin=origin, verified=verified)
    yield ok(title, text)


def overlay() -> Iterator[Finding]:
    """An overlay is saved, and opened again with its facts."""
    from camviewer.commands.drawing import ensure_gui_application
    from camviewer.core.storage.export import read_facts
    from camviewer.core.storage.images import read_image
    from camviewer.core.targets import ClassScore
    from camviewer.media.drawing.style import OverlayStyle
    from camviewer.media.drawing.view_state import view_state
    from camviewer.media.image_export import save_overlay

    name = Text("overlay")
    ensure_gui_application()
    explanation = explained_sample("cpu").explanation
    best = explanation.top(1)[0]
    label = explanation.label(best)
    if "cat" not in label and "tabby" not in label:
        text = Text("The sample photo of a cat is taken for {label}.", label=label)
        yield Finding(name, State.PROBLEM, text, _REPORT)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "overlay.png"
        about_to("save an overlay")
        save_overlay(view_state(explanation, ClassScore(best), OverlayStyle()), path)
        facts = read_facts(path)
        pixels = read_image(path)
    if facts is None or facts["class_id"] != best or pixels.shape[1] != explanation.frame.width:
        yield Finding(name, State.PROBLEM, Text("A saved overlay can't be read again."), _REPORT)
        return
    share = f"{100 * explanation.probabilities[best]:.0f}"
    yield ok(name, Text("saved and read again: {label}, {share} %", label=label, share=share))


def window() -> Iterator[Finding]:
    """The window itself, on a sample photo, until the overlay is painted."""
    from PySide6.QtCore import QElapsedTimer
    from PySide6.QtWidgets import QApplication

    from camviewer.app import make_application
    from camviewer.core.loading import ModelChoice, load_model
    from camviewer.core.models.builtin import EMBEDDED
    from camviewer.core.resources import resource_path
    from camviewer.media.pipeline.pipeline import Pipeline
    from camviewer.ui.shell.main_window import MainWindow
    from camviewer.ui.system.settings import Settings
    from camviewer.ui.widgets.banner import BannerKey

    application = QApplication.instance() or make_application()
    assert isinstance(application, QApplication)
    with tempfile.TemporaryDirectory() as folder:
        choice = ModelChoice(EMBEDDED.name)
        pipeline = Pipeline(load_model)
        window = MainWindow(pipeline, Settings(Path(folder) / "settings.ini"), choice, None)
        about_to("open the window")
        clock = QElapsedTimer()
        clock.start()
        window.show()
        pipeline.start(choice)
        window.sources.open_paths([resource_path("samples/cat.png")], remember=False)
        while window.stats.painted == 0 and clock.elapsed() < 1000 * WINDOW_S:
            application.processEvents()
            time.sleep(0.01)
        painted, seconds = window.stats.painted, clock.elapsed() / 1000
        message = window.banners.text(BannerKey.SOURCE) or window.banners.text(BannerKey.MODEL) or ""
        window.close()
        del window
    name = Text("window")
    if painted:
        where = application.platformName()
        yield ok(name, Text("first overlay after {time} s ({where})", time=f"{seconds:.1f}", where=where))
    else:
        text = Text("No overlay within {seconds} s. {words}", seconds=round(WINDOW_S), words=message)
        yield Finding(name, State.PROBLEM, text, Text("See the log."))
