"""Minutes of random but seeded use of the real window; then memory, threads, files and objects as before.

    python tests/benchmarks/soak.py [--minutes 10] [--actions 1200] [--seed 0] [--model NAME] [--settle 33]
                                    [--shows 0.6] [--no-film]

Sources are the software webcam (where it can be built), the sample photos, the screen and a film. Every
action goes the way that a user's does: through the window's actions, tabs, docks and drops. After the first
minute and at the end the window is brought back to the same state and measured. Prints JSON; exit status 1 if
memory has grown by 30 MB, a thread or descriptor is left, the GUI stood still for 250 ms, or something
unexpected was logged. With CAMVIEWER_WEIGHTS set, ResNet18 is switched to and from as well; with --model
resnet18 it is the only one, on the GPU and on the CPU, and the GPU's memory must not have grown either. A
shorter --settle leaves the threads uncounted. --no-film: for a computer without Qt's video player.
"""

from __future__ import annotations

import argparse
import ctypes
import faulthandler
import gc
import json
import logging
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
GROWTH_MB, GAP_MS, WARM_UP_S = 30.0, 250.0, 60.0
SETTLE_S = 33.0
"""A thread of a Qt pool that has nothing to do ends after 30 s."""
EXPECTED = (
    *("propagateSizeHints", "PipeWire", "pipewire", "RHI backend", "grabbing the", "support raise()"),
    "xcb_shm_create_segment() failed",
    "No QtMultimedia backends found",
)
"""Parts of log lines that say nothing of the program: Qt's offscreen platform, and this machine's lacks.
Where the X server has no shared memory to give, Qt paints through its socket."""


class Soak:
    """The window, and what a restless user does with it."""

    def __init__(self, args: argparse.Namespace, folder: Path) -> None:
        from PySide6.QtCore import Qt, QTimer
        from PySide6.QtWidgets import QApplication

        from camviewer.core.loading import ModelChoice, load_model
        from camviewer.media.pipeline.pipeline import Pipeline
        from camviewer.ui.shell.main_window import MainWindow
        from camviewer.ui.shell.window_size import FIRST
        from camviewer.ui.system.settings import Settings

        self.app = QApplication.instance()
        assert isinstance(self.app, QApplication)
        self.chance = random.Random(args.seed)
        self.film = _film(folder / "film.avi")
        self.args = args
        weights = os.environ.get("CAMVIEWER_WEIGHTS")
        own = Path(weights) if weights and args.model == "resnet18" else None
        self.choice = ModelChoice(args.model, own)
        self.pipeline = Pipeline(load_model)
        settings = Settings(folder / "settings.ini")
        settings.set("save/folder", str(folder / "saved"))
        self.window = MainWindow(self.pipeline, settings, self.choice, None)
        self.window.resize(FIRST)  # whatever the screen: what is measured depends on it
        self.window.show()
        self.pipeline.start(self.choice)
        self.window.sources.open_first([], None, False)
        self.done: Counter[str] = Counter()
        self.gaps: list[tuple[float, str]] = []
        self.last_action = "start"
        self._beat = time.monotonic()
        self._heart = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=10)
        self._heart.timeout.connect(self.on_beat)
        self._heart.start()
        self.actions = self.table()

    def on_beat(self) -> None:
        now = time.monotonic()
        self.gaps.append((1000 * (now - self._beat), self.last_action))
        self._beat = now

    def wait(self, seconds: float) -> None:
        from PySide6.QtCore import QEventLoop, QTimer

        loop = QEventLoop()
        QTimer.singleShot(round(1000 * seconds), loop.quit)
        loop.exec()

    def table(self) -> dict[str, tuple[int, Callable[[], object]]]:
        """name → weight, what to do."""
        from PySide6.QtCore import QMimeData, QUrl
        from PySide6.QtWidgets import QApplication

        from camviewer.core.explanation import ExplainRequest
        from camviewer.core.frames import Fit
        from camviewer.core.loading import ModelChoice
        from camviewer.core.scaling import Interpolation, Scale
        from camviewer.media.sources.photos import sample_photos

        window, pipeline, chance = self.window, self.pipeline, self.chance
        acts, samples = window.actions_by_name, sample_photos()

        def trigger(name: str) -> Callable[[], object]:
            return acts[name].trigger

        def request() -> None:
            pipeline.set_request(
                ExplainRequest(
                    chance.choice(list(Fit)),
                    chance.choice([224, 224, 320, 448]),
                    chance.random() < 0.2,
                )
            )
            pipeline.set_smoothing(chance.choice([0.0, 0.0, 0.5]))

        def style() -> None:
            window.styles.restyle(
                scale=chance.choice(list(Scale)),
                interpolation=chance.choice(list(Interpolation)),
                threshold=chance.choice([None, None, 0.2]),
                follow_value=chance.random() < 0.7,
            )

        def model() -> None:
            name = "efficientnet_lite0"
            weights = os.environ.get("CAMVIEWER_WEIGHTS")
            if self.args.model == "resnet18":
                window.models.choose(replace(self.choice, device=chance.choice(["auto", "auto", "cpu"])))
            elif weights and chance.random() < 0.5:
                window.models.choose(ModelChoice("resnet18", Path(weights)))
            else:
                window.models.choose(ModelChoice(name))

        def pin() -> None:
            if pipeline.current is not None:
                class_id = chance.randrange(len(pipeline.current.logits))
                window.classes.show(class_id)
                if len(window.tabs.pinned) > 4:
                    window.tabs.choose(window.tabs.pinned[0])
                    window.classes.toggle_pin()

        def find() -> None:
            window.classes.find()
            window.classes.finder.hide()

        def drop() -> None:
            mime = QMimeData()
            snapshots = sorted(window.saves.folder().glob("*.camsnap"))[-3:]
            films = [] if self.args.no_film else [self.film]
            mime.setUrls([QUrl.fromLocalFile(str(chance.choice([*samples, *films, *snapshots])))])
            window.sources.open_mime(mime)

        def resize() -> None:
            window.resize(chance.randint(700, 1500), chance.randint(480, 1000))

        def dialog() -> None:
            trigger(chance.choice(["help", "about", "open", "export", "review"]))()
            for widget in QApplication.topLevelWidgets():
                if widget is not window and widget.isVisible() and widget.isWindow():
                    widget.close()

        def screenshot() -> None:
            window.sources.open_screen()

        def menus() -> None:
            for menu in (
                window.source_menus.camera_menu,
                window.model_menu.menu,
                window.source_menus.recent_menu,
            ):
                menu.aboutToShow.emit()

        def tab() -> None:
            window.tabs.choose_tab(chance.randrange(8))

        def hover() -> None:
            from PySide6.QtCore import QPoint
            from PySide6.QtTest import QTest

            QTest.mouseMove(window.view, QPoint(chance.randint(0, 600), chance.randint(0, 400)))

        def review() -> None:
            window.reviews.start(samples[0].parent)

        def convert() -> None:
            if window.conversions.conversion is None:
                window.conversions.start(self.film, window.saves.folder() / "converted.mp4")
            else:
                window.conversions.cancel()

        def camera() -> None:
            if window.sources.cameras.all():
                window.sources.open_camera("")

        def timeline() -> None:
            dock = window.timeline.dock
            dock.setVisible(not dock.isVisible())

        def moment() -> None:
            span = window.history.keeper.history.span()
            if span is not None:
                window.timeline.dock.moment_chosen.emit(chance.uniform(span.first, span.last))

        table: dict[str, tuple[int, Callable[[], object]]] = {
            "timeline": (3, timeline),
            "moment": (4, moment),
            "tab": (14, tab),
            "pin a class": (4, pin),
            "find": (2, find),
            "drop a file": (8, drop),
            "camera": (8, camera),
            "screen": (2, screenshot),
            "model": (3, model),
            "request": (5, request),
            "style": (6, style),
            "resize": (4, resize),
            "dialog": (3, dialog),
            "menus": (3, menus),
            "hover": (6, hover),
            "review": (3, review),
            "convert": (2, convert),
        }
        weights = {
            **{"freeze": 8, "all": 4, "compare": 4, "follow": 2, "overlay": 2, "next_colormap": 5},
            **{"reverse": 2, "less_opacity": 2, "more_opacity": 2, "zoom_in": 2, "zoom_out": 2},
            **{"fit_window": 2, "full_screen": 2, "previous": 4, "next": 4, "save": 4, "copy": 3},
            **{"back_to_live": 4, "explain_again": 3, "save_history": 2, "forget_history": 1},
            **{"paste": 2, "record": 4, "snapshot": 3, "show_review": 2, "next_mistake": 2},
        }
        if QApplication.platformName() == "offscreen":
            # Qt's screen capture reads the windows from another thread; offscreen, where a window is a QImage
            # that is painted on meanwhile, that takes the paint engine from under it (a crash in drawWidget).
            del table["screen"]
        for name, weight in weights.items():
            if name in acts:
                table[name] = (weight, trigger(name))
        return table

    def act(self) -> None:
        """One action at random; said, so that a crash is known by its last words."""
        names = list(self.actions)
        (name,) = self.chance.choices(names, [self.actions[n][0] for n in names])
        self.last_action = name
        self.done[name] += 1
        print(f"{time.monotonic():.2f} {name}", file=sys.stderr, flush=True)
        self.actions[name][1]()

    def warm_up(self) -> None:
        """Everything once: libraries that load, and caches that fill, at the first use."""
        from camviewer.core.explanation import ExplainRequest
        from camviewer.core.frames import Fit
        from camviewer.core.loading import ModelChoice
        from camviewer.media.sources.photos import sample_photos

        weights = os.environ.get("CAMVIEWER_WEIGHTS")
        # oneDNN keeps the code of a layer for each size of input, at most 1,024 of them: every size once.
        shapes = [(fit, size) for fit in (Fit.CROP, Fit.WHOLE) for size in (224, 320, 448)]
        shows: list[Callable[[], object]] = [
            self.actions[n][1] for n in ("camera", "screen") if n in self.actions
        ]
        films = [] if self.args.no_film else [self.film]
        shows += [partial(self.window.sources.open_paths, [p]) for p in (*sample_photos(), *films)]
        choices = [ModelChoice("resnet18", Path(weights)) if weights else self.choice, self.choice]
        if self.args.model == "resnet18":
            choices = [replace(self.choice, device="cpu"), self.choice]
        for choice in choices:
            self.window.models.choose(choice)
            self.wait(4)
            for show in shows:
                show()
                for fit, size in shapes:
                    self.pipeline.set_request(ExplainRequest(fit, size, fine=True))
                    self.wait(self.args.shows)
        for _, act in self.actions.values():
            act()
            self.wait(min(self.args.shows, 0.5))

    def settle(self) -> dict[str, Any]:
        """Bring the window back to one state, and measure it."""
        from PySide6.QtCore import QObject
        from PySide6.QtWidgets import QApplication

        from camviewer.core.explanation import ExplainRequest
        from camviewer.media.drawing.style import OverlayStyle
        from camviewer.media.sources.photos import sample_photos
        from camviewer.ui.widgets.banner import BannerKey

        window = self.window
        self.last_action = "settle"
        window.records.recorder.stop()
        window.conversions.cancel()
        window.reviews.close()
        window.show_review(False)
        window.full_screen.leave()
        window.resize(1280, 800)
        while window.tabs.pinned:
            window.tabs.choose(window.tabs.pinned[0])
            window.classes.toggle_pin()
        window.tabs.set_all(False)
        window.presenter.selection.clear()
        window.styles.set_style(OverlayStyle())
        self.pipeline.set_request(ExplainRequest())
        self.pipeline.set_smoothing(0.0)
        window.models.choose(self.choice)
        QApplication.clipboard().clear()
        if window.sources.cameras.all():
            window.sources.open_camera("")
        else:
            window.sources.open_paths(sample_photos()[:1])
        self.wait(self.args.settle)
        for key in BannerKey:
            if key not in (BannerKey.SOURCE, BannerKey.MODEL, BannerKey.DEVICE):
                window.banners.clear(key)
        self.last_action = "measure"
        self._heart.stop()
        gc.collect()
        if sys.platform == "linux":
            ctypes.CDLL(None).malloc_trim(0)  # what is free is no growth
        task, descriptors = Path("/proc/self/task"), Path("/proc/self/fd")
        import psutil

        kinds = Counter(type(thing).__name__ for thing in window.findChildren(QObject))
        measured = {
            "rss_mb": round(psutil.Process().memory_info().rss / 1e6, 1),
            "threads": len(list(task.iterdir())) if task.exists() else None,
            "descriptors": len(list(descriptors.iterdir())) if descriptors.exists() else None,
            "qt_objects": sum(kinds.values()),
            "top_level_widgets": len(QApplication.topLevelWidgets()),
            "gpu_mb": _gpu_mb(),
            "thread_names": _names(task.glob("*/comm")),
            "kinds": kinds,
        }
        self._beat = time.monotonic()
        self._heart.start()
        return measured


class Unexpected(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: Counter[str] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        line = self.format(record)
        if not any(part in line for part in EXPECTED):
            self.lines[line[:600]] += 1


def inside(args: argparse.Namespace) -> int:
    """The process with the window."""
    faulthandler.enable()
    from camviewer.app import make_application
    from camviewer.ui.system import logs

    logs.start("info")
    unexpected = Unexpected()
    logging.getLogger().addHandler(unexpected)
    app = make_application()
    with tempfile.TemporaryDirectory() as name:
        soak = Soak(args, Path(name))
        pause = 60 * args.minutes / args.actions
        soak.wait(8)
        soak.warm_up()
        begin = time.monotonic()
        start: dict[str, Any] | None = None
        soak.gaps.clear()
        for _ in range(args.actions):
            soak.act()
            soak.wait(pause * soak.chance.uniform(0.4, 1.6))
            if start is None and time.monotonic() - begin > min(WARM_UP_S, 15 * args.minutes):
                start = soak.settle()
                print("after the first minute", json.dumps(start), file=sys.stderr, flush=True)
        end = soak.settle()
        counters = soak.pipeline.counters()
        soak.window.close()
        ended = soak.window.has_ended
        seconds = time.monotonic() - begin
    logs.stop()
    assert start is not None
    more = {
        kind: count - start["kinds"].get(kind, 0)
        for kind, count in end.pop("kinds").items()
        if count != start["kinds"].get(kind, 0)
    }
    start.pop("kinds")
    gaps = sorted((gap for gap in soak.gaps if gap[1] != "measure"), reverse=True)
    report = {
        "seconds": round(seconds),
        "actions": sum(soak.done.values()),
        "kinds_of_action": dict(soak.done.most_common()),
        "explained": counters.explained,
        "after_the_first_minute": start,
        "at_the_end": end,
        "growth_mb": round(end["rss_mb"] - start["rss_mb"], 1),
        "gpu_growth_mb": round(end["gpu_mb"] - start["gpu_mb"], 1),
        "more_objects": more,
        "longest_gaps_ms": [(round(gap), action) for gap, action in gaps[:5]],
        "unexpected_log_lines": dict(unexpected.lines),
        "ended": ended,
    }
    good = (
        report["growth_mb"] < GROWTH_MB
        and report["gpu_growth_mb"] < GROWTH_MB
        and (args.settle < SETTLE_S or end["threads"] <= start["threads"])
        and end["descriptors"] <= start["descriptors"]
        and gaps[0][0] <= GAP_MS
        and not unexpected.lines
        and ended
    )
    report["good"] = good
    print(json.dumps(report, indent=2), flush=True)
    del app
    return 0 if good else 1


def _names(files: Iterable[Path]) -> Counter[str]:
    """What the threads are called: a thread may end while we ask."""
    names: Counter[str] = Counter()
    for file in files:
        with suppress(OSError):
            names[file.read_text().strip()] += 1
    return names


def _gpu_mb() -> float:
    """Memory that torch holds on the GPU, used or kept for later; 0 without one."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return 0.0
    return float(round(torch.cuda.memory_reserved() / 1e6, 1))


def _film(path: Path) -> Path:
    import av
    import numpy as np
    from av.video.stream import VideoStream

    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=30)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 640, 480, "yuvj420p"
        for index in range(150):
            image = np.full((480, 640, 3), index % 256, np.uint8)
            image[:, 4 * index : 4 * index + 40] = 255
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        container.mux(stream.encode())
    return path


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--actions", type=int, default=1200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", choices=["efficientnet_lite0", "resnet18"], default="efficientnet_lite0")
    parser.add_argument("--settle", type=float, default=SETTLE_S, help="seconds before it is measured")
    parser.add_argument("--shows", type=float, default=0.6, help="seconds that each size is shown at first")
    parser.add_argument("--no-film", action="store_true")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.inside:
        return inside(args)
    from tests.softcam.camera import SoftCamera, why_not

    with tempfile.TemporaryDirectory() as name:
        environment = {**os.environ, "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}
        camera = None
        if not why_not():
            camera = SoftCamera(Path(name))
            environment |= {k: v for k, v in camera.environment().items() if k != "QT_QPA_PLATFORM"}
        environment |= {"HOME": name, "XDG_CONFIG_HOME": f"{name}/config", "XDG_STATE_HOME": f"{name}/state"}
        try:
            return subprocess.call([sys.executable, __file__, "--inside", *sys.argv[1:]], env=environment)
        finally:
            if camera is not None:
                camera.unplug()


if __name__ == "__main__":
    sys.exit(main())
