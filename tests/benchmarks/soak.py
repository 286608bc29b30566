"""Minutes of random but seeded use of the real window; then memory, threads, files and objects as before.

    python tests/benchmarks/soak.py [--minutes 10] [--actions 1200] [--seed 0] [--model NAME] [--settle 33]
                                    [--shows 0.6] [--every MINUTES] [--no-film]

Sources are the software webcam (where it can be built), the sample photos, the screen and a film. Every
action goes the way that a user's does: through the window's actions, tabs, docks and drops. After the first
minute and at the end the window is brought back to the same state and measured. Prints JSON; exit status 1 if
memory has grown by 30 MB, a thread or descriptor is left, the GUI stood still for 250 ms, or something
unexpected was logged. With CAMVIEWER_WEIGHTS set, ResNet18 is switched to and from as well; with --model
resnet18 it is the only one, on the GPU and on the CPU, and the GPU's memory must not have grown either. A
shorter --settle leaves the threads uncounted. With --every, memory is also measured so often, and the trend
after the first five minutes is told with its 95 % interval. --no-film: for a computer without Qt's video
player.
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
from tests.benchmarks.soak_actions import table  # noqa: E402

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
        self.actions = table(self.window, self.chance, args, self.film, self.choice)

    def on_beat(self) -> None:
        now = time.monotonic()
        self.gaps.append((1000 * (now - self._beat), self.last_action))
        self._beat = now

    def wait(self, seconds: float) -> None:
        from PySide6.QtCore import QEventLoop, QTimer

        loop = QEventLoop()
        QTimer.singleShot(round(1000 * seconds), loop.quit)
        loop.exec()

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
        window.lessons.leave()
        window.edits.clear()
        window.teaching.delete_all()
        for name in ("teach_dock", "gauge_dock", "timeline_dock", "what_if_dock"):
            window.docks[name].hide()
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
        window.history.forget()  # how much it keeps depends on how fast frames came
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
        series: list[tuple[float, float]] = []
        """Minutes, MB: each in the same state."""
        for _ in range(args.actions):
            soak.act()
            soak.wait(pause * soak.chance.uniform(0.4, 1.6))
            minutes = (time.monotonic() - begin) / 60
            if start is None and minutes > min(WARM_UP_S / 60, args.minutes / 4):
                start = soak.settle()
                print("after the first minute", json.dumps(start), file=sys.stderr, flush=True)
            elif args.every and minutes > args.every * (len(series) + 1):
                series.append((round(minutes, 1), soak.settle()["rss_mb"]))
                print("memory", *series[-1], file=sys.stderr, flush=True)
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
        "memory": series,
        "trend": _trend([each for each in series if each[0] > 5]),
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


def _trend(series: list[tuple[float, float]]) -> dict[str, float] | None:
    """Of minutes and MB: MB an hour by least squares, with the half of its 95 % interval."""
    if len(series) < 4:
        return None
    from scipy import stats

    line = stats.linregress(*zip(*series, strict=True))
    reach = float(stats.t.ppf(0.975, len(series) - 2)) * line.stderr
    return {"mb_an_hour": round(60 * line.slope, 1), "reach": round(60 * reach, 1)}


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
    parser.add_argument("--every", type=float, help="minutes from one measurement of memory to the next")
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
