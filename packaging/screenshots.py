"""Screenshots of the real window: for the user's guide, and for looking at all of it.

    python packaging/screenshots.py DIR                     those of the guide, in English, light, 100 %
    python packaging/screenshots.py DIR --language ko --appearance dark --text 200
    python packaging/screenshots.py DIR --all               every window and dialog, in all of these
    python packaging/screenshots.py --docs                  README's and the guide's, in place (doc_images.py)

The window runs on the sample photos with the embedded model, unless --photos (a folder with a subfolder for
each class) and --weights (of ResNet18) name others. It is shown on the display if there is one, else on none
(offscreen). Nothing of the user's is read or written but the fonts.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

if sys.platform == "linux" and not any(os.environ.get(n) for n in ("DISPLAY", "QT_QPA_PLATFORM")):
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
if sys.platform == "win32":
    with contextlib.suppress(ImportError):  # the light edition has none
        import torch  # noqa: F401 (before Qt's DLLs, as the program does)

import doc_images  # beside this script
from PySide6.QtCore import QElapsedTimer, QEvent, QEventLoop, QPoint, QSize, Qt, QTimer
from PySide6.QtGui import QCursor, QFontDatabase
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QWidget

from camviewer.app import make_application
from camviewer.core.failures import SourceFailure
from camviewer.core.loading import (
    ModelChoice,
    load_model,
)
from camviewer.core.models.builtin import EMBEDDED
from camviewer.core.models.labels import imagenet_wnids
from camviewer.core.resources import resource_path
from camviewer.core.storage.snapshot import write_snapshot
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.ui.help import first_start
from camviewer.ui.shell.main_window import MainWindow
from camviewer.ui.system import language
from camviewer.ui.system.settings import Settings
from camviewer.ui.widgets import theme
from camviewer.ui.widgets.banner import (
    BannerKey,
    Severity,
)
from camviewer.ui.widgets.words import translated

SIZE = QSize(1280, 800)
LIVE_SIZE = QSize(800, 680)
"""Of the moving picture: so small that the panels give way."""
PATIENCE_S = 60.0
CLASSES = {
    "cat.png": "n02124075",
    "coffee.png": "n07920052",
    "rocket.jpg": "n04008634",
    "camera.png": "n04069434",
}
"""Of the sample photos. One is put in another folder, so that there is a mistake to see."""
WRITING = {"ko": QFontDatabase.WritingSystem.Korean}


@dataclass(frozen=True)
class Wish:
    """What to take. text: percent of the usual size."""

    folder: Path
    language: str = "en"
    appearance: str = "light"
    text: int = 100
    scenes: str = "guide"
    photos: Path | None = None
    weights: Path | None = None


class Studio:
    """One window, and what brings it into each scene."""

    def __init__(self, wish: Wish, home: Path) -> None:
        self.wish, self.home = wish, home
        self.taken: list[Path] = []
        self.settings = Settings(home / "settings.ini")
        self.settings.set("save/folder", str(home / "pictures"))
        self.settings.set("source/folder", str(home))
        self.choice = ModelChoice("resnet18", wish.weights) if wish.weights else ModelChoice(EMBEDDED.name)
        self.pipeline = Pipeline(load_model)
        self.window = MainWindow(self.pipeline, self.settings, self.choice, None)
        self.window.resize(SIZE if wish.scenes != "live" else LIVE_SIZE)
        self.window.show()
        self.window.activateWindow()
        QCursor.setPos(self.window.mapToGlobal(QPoint(2, 2)))  # nothing is pointed at
        self.pipeline.start(self.choice)

    # Waiting

    def wait(self, until: Callable[[], object], what: str) -> None:
        clock = QElapsedTimer()
        clock.start()
        while not until():
            if clock.elapsed() > 1000 * PATIENCE_S:
                raise SystemExit(f"{what} didn't come within {PATIENCE_S:.0f} s.")
            self.settle(20)

    def settle(self, milliseconds: int = 400) -> None:
        """Let the event loop lay out and paint what was asked for."""
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()

    def open(self, *paths: Path) -> None:
        before = self.pipeline.current
        self.window.sources.open_paths(paths, remember=False)
        self.wait(lambda: self.pipeline.current not in (None, before), f"An overlay of {paths[0]}")

    # Taking

    def take(self, name: str, widget: QWidget | None = None, settle: int = 400) -> None:
        """Of the window, or of a part of it. settle: how many milliseconds it may need to be painted."""
        self.settle(settle)
        file = self.wish.folder / f"{name}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        (widget or self.window).grab().save(str(file), quality=80)  # quickly written
        self.taken.append(file)

    def keep(self, name: str, picture: Path) -> None:
        """One that the program saved itself."""
        file = self.wish.folder / f"{name}.png"
        shutil.copyfile(picture, file)
        self.taken.append(file)

    def take_menu(self, name: str, menu: QMenu) -> None:
        menu.popup(self.window.mapToGlobal(QPoint(40, 40)))
        self.take(name, menu)
        menu.close()

    def take_dialog(self, name: str, action: str) -> None:
        """What an action opens."""
        before = set(self.window.findChildren(QDialog))
        self.window.actions_by_name[action].trigger()
        self.settle()
        for dialog in set(self.window.findChildren(QDialog)) - before:
            self.take(name, dialog)
            dialog.close()
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    def close(self) -> None:
        self.window.close()
        self.window.deleteLater()


def sorted_photos(home: Path) -> Path:
    """The sample photos in folders of their classes."""
    folder = home / "photos"
    for name, wnid in CLASSES.items():
        place = folder / (wnid if name != "camera.png" else imagenet_wnids()[0])
        place.mkdir(parents=True)
        shutil.copy(resource_path(f"samples/{name}"), place / name)
    return folder


def window_scene(studio: Studio) -> None:
    """The window, and the value of one cell."""
    studio.open(resource_path("samples/cat.png"))
    point_at_cell(studio)
    studio.take("main")


def live_scene(studio: Studio) -> None:
    """What a camera that pans over the sample photos shows, frame by frame, at the pace of its frames.

    A class that leaves keeps its tab for a while: so a slow computer may show another tab at the edge.
    """
    window, source, clock = studio.window, doc_images.PanSource(), QElapsedTimer()
    studio.pipeline.open(source)
    clock.start()
    for index in range(len(source.frames)):
        while clock.elapsed() < index * doc_images.FRAME_MS:
            studio.settle(5)
        source.show(index)
        studio.wait(partial(is_shown, window, index), f"Frame {index}")
        studio.take(f"{index:03}", window.centre, settle=40)


def is_shown(window: MainWindow, index: int) -> bool:
    """Whether the frame of this number is in view."""
    state = window.presenter.state
    return state is not None and state.explanation.frame.index == index


def guide_scenes(studio: Studio) -> None:
    """Those that resources/guide shows."""
    window = studio.window
    studio.open(resource_path("samples/cat.png"))
    first_start.show_hint_once(window.banners, studio.settings)
    studio.take("first-start")
    window.banners.clear(first_start.KEY)
    point_at_cell(studio)
    studio.take("main")
    window.view.clearFocus()
    window.presenter.comparison.toggle(True)
    studio.take("comparison")
    window.presenter.comparison.toggle(False)
    window.tabs.set_all(True)
    studio.take("all")
    window.tabs.set_all(False)
    window.evidence.raise_()
    studio.take("evidence")
    window.actions_by_name["brush"].trigger()
    window.covers.cover_evidence()
    studio.wait(lambda: window.presenter.state and window.presenter.state.explanation.edited, "The edit")
    studio.take("what-if")
    window.actions_by_name["brush"].trigger()
    window.edits.clear()
    studio.wait(lambda: window.presenter.state and not window.presenter.state.explanation.edited, "The frame")
    window.dock.raise_()
    window.export(window.saves.save)
    studio.wait(lambda: window.banners.text(BannerKey.SAVE), "The saved image")
    studio.keep("saved", next((studio.home / "pictures").iterdir()))
    window.banners.clear(BannerKey.SAVE)
    review(studio, studio.wish.photos or sorted_photos(studio.home))
    studio.take("review")
    window.show_review(False)


def point_at_cell(studio: Studio) -> None:
    view = studio.window.view
    view.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Up):
        QTest.keyClick(view, key, Qt.KeyboardModifier.ShiftModifier)


def review(studio: Studio, folder: Path) -> None:
    reviews = studio.window.reviews
    reviews.start(folder)
    studio.wait(lambda: reviews.job is None or reviews.job.over, "The end of the review")


def other_scenes(studio: Studio) -> None:
    """All the rest: dialogs, menus, banners, states."""
    window = studio.window
    studio.open(resource_path("samples/coffee.png"))
    window.tabs.toggle_pin()
    window.styles.restyle(threshold=0.2)
    studio.take("box")
    window.styles.restyle(threshold=None)
    window.classes.find()
    studio.take("finder", window.classes.finder)
    window.classes.finder.close()
    for name in ("help", "guide", "about", "diagnostics"):
        studio.take_dialog(name, name)
    for name in ("open", "open_folder", "export", "review", "convert"):
        studio.take_dialog(f"file-{name}", name)
    for action in window.menuBar().actions():
        menu = action.menu()
        if isinstance(menu, QMenu):
            studio.take_menu(f"menu-{len(studio.taken):02}", menu)
            for below in menu.actions():
                submenu = below.menu()
                if isinstance(submenu, QMenu):
                    studio.take_menu(f"menu-{len(studio.taken):02}", submenu)
    banners(studio)
    snapshot(studio)
    recording(studio)
    review(studio, resource_path("samples"))
    studio.take("review-without-truth")
    window.show_review(False)
    window.presenter.show_message(window.tr("No picture yet"))
    studio.take("no-picture")


def banners(studio: Studio) -> None:
    area = studio.window.banners
    failure = SourceFailure(
        "{camera} doesn't start: it may be in use by another program.",
        "Close the other program; camviewer tries again by itself.",
        camera="HD Webcam",
    )
    again = (studio.window.source_banners.tr("Try again"), lambda: None)
    area.show_message(BannerKey.SOURCE, Severity.ERROR, translated(failure.text), [again])
    cancel = (studio.window.models.tr("Cancel"), lambda: None)
    text = studio.window.models.tr("Downloading {0} ({1} MB, once). {2} runs meanwhile.")
    area.show_message(
        BannerKey.MODEL, Severity.INFO, text.format("ResNet18", 47, "EfficientNet-Lite0"), [cancel]
    )
    area.show_progress(BannerKey.MODEL, 20, 47)
    text = studio.window.models.tr("{0} runs instead of {1}: {2}")
    why = studio.window.models.tr("the download was cancelled.")
    area.show_message(
        BannerKey.DEVICE, Severity.WARNING, text.format("EfficientNet-Lite0", "ResNet18", why), [again]
    )
    area.show_message(BannerKey.LANGUAGE, Severity.INFO, language.restart_notice("ko"))
    studio.take("banners")
    for key in (BannerKey.SOURCE, BannerKey.MODEL, BannerKey.DEVICE, BannerKey.LANGUAGE):
        area.clear(key)


def snapshot(studio: Studio) -> None:
    explanation = studio.pipeline.current
    assert explanation is not None
    file = write_snapshot(explanation, studio.window.tabs.classes, studio.home / "coffee.camsnap")
    studio.open(file)
    studio.take("snapshot")


def recording(studio: Studio) -> None:
    window = studio.window
    studio.open(resource_path("samples/cat.png"))
    window.records.set_recording(True)
    window.status_line.show_recording(83.0, 4_200_000)
    studio.take("recording")
    window.records.set_recording(False)
    studio.wait(lambda: not window.records.recorder.recording, "The end of the recording")


SCENES = {
    "guide": (guide_scenes,),
    "window": (window_scene,),
    "live": (live_scene,),
    "everything": (guide_scenes, other_scenes),
}


def take(wish: Wish) -> list[Path]:
    """The screenshots of one language, appearance and size of text; their files."""
    app = QApplication.instance() or make_application()
    assert isinstance(app, QApplication)
    app.setStyle("fusion")
    theme.apply_appearance(app, wish.appearance)
    language.apply(app, wish.language)
    if not QFontDatabase.families(WRITING.get(wish.language, QFontDatabase.WritingSystem.Latin)):
        raise SystemExit(f"There is no font for {wish.language}: its pictures would be full of empty boxes.")
    font = app.font()
    font.setPointSizeF(font.pointSizeF() * wish.text / 100)
    app.setFont(font)
    with tempfile.TemporaryDirectory(prefix="camviewer-") as home:
        studio = Studio(wish, Path(home))
        try:
            for scenes in SCENES[wish.scenes]:
                scenes(studio)
        finally:
            studio.close()
    return studio.taken


def every_kind(args: argparse.Namespace) -> Iterator[list[str]]:
    """The commands that take all of it: a process each, as a start of the program is."""
    more = [f"--{name}={value}" for name in ("photos", "weights") if (value := getattr(args, name))]
    for code in language.languages():
        for appearance in ("light", "dark"):
            for text in (100, 200):
                folder = args.folder / f"{code}-{appearance}-{text}"
                own = [
                    f"--language={code}",
                    f"--appearance={appearance}",
                    f"--text={text}",
                    "--scenes=everything",
                ]
                yield [sys.executable, str(Path(__file__).resolve()), str(folder), *own, *more]


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser("screenshots.py", description="Screenshots of camviewer's window.")
    parser.add_argument("folder", type=Path, metavar="DIR", nargs="?")
    parser.add_argument("--docs", action="store_true", help="make README's and the guide's pictures anew")
    parser.add_argument("--language", default="en", metavar="XX")
    parser.add_argument("--appearance", choices=("light", "dark"), default="light")
    parser.add_argument("--text", type=int, default=100, metavar="PERCENT", help="the size of text")
    parser.add_argument("--scenes", choices=tuple(SCENES), default="guide", help="the guide's by default")
    parser.add_argument("--all", action="store_true", help="everything, in all languages, looks and sizes")
    parser.add_argument("--photos", type=Path, metavar="DIR", help="to review; a folder for each class")
    parser.add_argument("--weights", type=Path, metavar="FILE", help="of ResNet18")
    args = parser.parse_args(arguments)
    if args.docs:
        for written in doc_images.make_all():
            print(written)
        return 0
    if args.folder is None:
        parser.error("DIR is missing")
    if args.all:
        return max(subprocess.run(command, check=False).returncode for command in every_kind(args))
    take(
        Wish(
            args.folder,
            args.language,
            args.appearance,
            args.text,
            args.scenes,
            args.photos,
            args.weights,
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
