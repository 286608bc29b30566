"""How free the GUI thread is while the worker runs at full speed, and what it spends its time on.

    python tests/benchmarks/gui_gaps.py [--pass-ms 1] [--glue-ms 0] [--weights FILE [--device cpu]]
        [--seconds 6] [--switch-ms 5] [--parts] [--json]

Without weights a network that takes so many milliseconds a pass, as a GPU's does (fast_model.py), and then
so many of Python. The window is the real one; 1280 x 720 frames come as fast as they are taken. Prints the
gaps of a 16 ms timer, paintings and explanations a second, the delay from frame to painting, and the GUI
thread's own time for a painting; with --parts of each part of the window, which itself takes a little.
QT_QPA_PLATFORM=xcb for a screen instead of none.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer

from camviewer.app import make_application
from camviewer.commands.bench_figures import Live, percentiles
from camviewer.commands.bench_source import LoopSource, synthetic_frames
from camviewer.core.explanation import Explanation
from camviewer.core.loading import ModelChoice, load_model
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.ui.controllers.presenter import Presenter
from camviewer.ui.docks.evidence import EvidenceDock
from camviewer.ui.docks.overlay import OverlayDock
from camviewer.ui.picture.class_tab_bar import ClassTabBar
from camviewer.ui.picture.class_tabs import ClassTabs
from camviewer.ui.picture.colour_bar import ColourBar
from camviewer.ui.picture.overlay_view import OverlayView
from camviewer.ui.shell.main_window import MainWindow
from camviewer.ui.shell.status_line import StatusLine
from camviewer.ui.shell.window_size import FIRST
from camviewer.ui.system.settings import Settings
from tests.benchmarks.fast_model import fast_model

WARM_UP_S = 2.0
PARTS: tuple[tuple[str, type, str], ...] = (
    ("all that an explanation changes", Presenter, "_on_pipeline_explained"),
    ("tabs", ClassTabs, "show_explanation"),
    ("view state, view and docks", Presenter, "refresh"),
    ("frame as an image, and layers", OverlayView, "_prepare"),
    ("evidence dock", EvidenceDock, "show_state"),
    ("evidence dock, five times a second", EvidenceDock, "_refresh"),
    ("overlay dock", OverlayDock, "show_found"),
    ("painting: view", OverlayView, "paintEvent"),
    ("painting: tabs", ClassTabBar, "paintEvent"),
    ("painting: colour bar", ColourBar, "paintEvent"),
    ("status line", StatusLine, "refresh"),
)


@dataclass
class Spent:
    """Seconds of the GUI thread: its processor time, and by the clock, which has what it waited for."""

    count: int = 0
    processor: float = 0.0
    clock: float = 0.0


def voluntary_switches() -> int:
    """How often the GUI thread has waited so far: for events, and for the GIL. 0 where that isn't known."""
    try:
        lines = Path(f"/proc/self/task/{threading.get_native_id()}/status").read_text(encoding="ascii")
    except OSError:
        return 0
    return int(lines.partition("voluntary_ctxt_switches:")[2].split()[0])


def timed(spent: Spent, function: Callable[..., Any]) -> Callable[..., Any]:
    def wrapper(*arguments: Any, **named: Any) -> Any:
        processor, clock = time.thread_time(), time.perf_counter()
        try:
            return function(*arguments, **named)
        finally:
            spent.count += 1
            spent.processor += time.thread_time() - processor
            spent.clock += time.perf_counter() - clock

    return wrapper


def watch_parts() -> dict[str, Spent]:
    """To be called before there is a window."""
    found: dict[str, Spent] = {}
    for name, owner, method in PARTS:
        found[name] = Spent()
        setattr(owner, method, timed(found[name], getattr(owner, method)))
    found["painting: all of the window"] = painting = Spent()
    plain = MainWindow.event
    counted = timed(painting, plain)

    def event(window: MainWindow, what: QEvent) -> bool:
        is_painting = what.type() == QEvent.Type.UpdateRequest
        return bool(counted(window, what) if is_painting else plain(window, what))

    setattr(MainWindow, "event", event)  # noqa: B010
    return found


class Watch(QObject):
    """Counts what the window does."""

    def __init__(self, pipeline: Pipeline, window: MainWindow) -> None:
        super().__init__()
        self.live, self.gaps, self.rested = Live(), list[float](), 0
        self._pipeline, self._last = pipeline, 0.0
        window.view.painted.connect(self._on_painted)
        self._tick = QTimer(self, interval=16, timerType=Qt.TimerType.PreciseTimer)
        self._tick.timeout.connect(self._on_tick)

    def spend(self, seconds: float) -> float:
        """Live for so long; returns the GUI thread's processor time, in seconds."""
        before, waited = self._pipeline.counters().work, self._pipeline.pacer.waited
        self.live, self.gaps, self._last = Live(), [], time.perf_counter()
        loop = QEventLoop()
        QTimer.singleShot(round(1000 * seconds), loop.quit)
        self._tick.start()
        begin, processor = time.perf_counter(), time.thread_time()
        loop.exec()
        self.live.seconds, processor = time.perf_counter() - begin, time.thread_time() - processor
        self._tick.stop()
        work = self._pipeline.counters().work
        self.live.explained = work.explained - before.explained
        self.live.busy, self.rested = work.busy - before.busy, work.rested - before.rested
        self.live.gui = processor
        self.live.held = self.rested + self._pipeline.pacer.waited - waited
        return processor

    def _on_painted(self, explanation: Explanation) -> None:
        self.live.painted += 1
        self.live.latencies.append(1000 * (time.monotonic() - explanation.timing.captured))

    def _on_tick(self) -> None:
        now = time.perf_counter()
        self.gaps.append(1000 * (now - self._last))
        self._last = now


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pass-ms", type=float, default=1.0)
    parser.add_argument("--glue-ms", type=float, default=0.0, help="of Python after a pass, with the GIL")
    parser.add_argument("--weights", type=Path, help="of ResNet18, instead of the network that takes no time")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--switch-ms", type=float, help="the GIL's switch interval")
    parser.add_argument("--parts", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    parts = watch_parts() if options.parts else {}
    app = make_application()
    if options.switch_ms is not None:
        sys.setswitchinterval(options.switch_ms / 1000)
    choice = ModelChoice(weights=options.weights, device=options.device)
    fast = fast_model(options.pass_ms / 1000, options.glue_ms / 1000)
    pipeline = Pipeline(load_model if options.weights is not None else lambda _: fast)
    with tempfile.TemporaryDirectory() as folder:
        window = MainWindow(pipeline, Settings(Path(folder) / "gaps.ini"), choice, make_download=None)
        window.resize(FIRST)  # whatever the screen: what is measured depends on it
        watch = Watch(pipeline, window)
        window.show()
        pipeline.start(choice)
        pipeline.open(LoopSource(synthetic_frames()))
        while pipeline.current is None:
            watch.spend(0.05)
        watch.spend(WARM_UP_S)
        for spent in parts.values():
            spent.count, spent.processor, spent.clock = 0, 0.0, 0.0
        switches = voluntary_switches()
        processor = watch.spend(options.seconds)
        switches = voluntary_switches() - switches
        window.close()
    live = watch.live
    pictures = max(live.painted, 1)
    figures: dict[str, object] = {
        "gui_gap_ms": percentiles(watch.gaps, p50=50, p99=99, max=100),
        "painted_per_second": round(1000 / live.painted_ms, 1),
        "explained_per_second": round(1000 / live.explained_ms, 1),
        "rested": f"before {watch.rested} of {live.explained}",
        "busy_ms": round(live.busy_ms, 2),
        "refresh_ms": round(1000 * pipeline.pacer.period, 2),
        "latency_ms": percentiles(live.latencies, p50=50, p95=95),
        "gui_ms_a_picture": round(live.gui_ms, 2),
        "gui_waits_a_picture": round(switches / pictures, 1),
        "gui_busy": round(processor / live.seconds, 3),
        "switch_ms": 1000 * sys.getswitchinterval(),
        "platform": app.platformName(),
    }
    if options.json:
        print(json.dumps(figures, indent=2))
    else:
        for name, figure in figures.items():
            print(f"{name:24s} {figure}")
    for name, spent in parts.items():
        processor, clock = (1000 * seconds / pictures for seconds in (spent.processor, spent.clock))
        print(f"{name:38s} {spent.count:6d} times {processor:7.3f} ms a picture, {clock:7.3f} by the clock")
    return 0


if __name__ == "__main__":
    sys.exit(main())
