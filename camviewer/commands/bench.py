"""``camviewer bench``: how fast the real window is, against the bare network, in one run.

Everything is measured in the real program: source → worker → tabs, view and colour bar painted. The
baseline, torchvision's unchanged network, runs in the same worker thread between the live parts, so that a
slow or busy machine slows both. Without torch there is none, and no ratio to it.

The window paints no more than its screen can show, and the worker rests where it would make more. Where that
limits the loop, ``paced`` is true, and its ratios are of what a picture costs, not of paintings a second.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer

from camviewer.app import make_application
from camviewer.commands.bench_figures import (
    Live,
    loop_figures,
    percentiles,
)
from camviewer.commands.bench_source import (
    HEIGHT,
    WIDTH,
    LoopSource,
    file_frames,
    synthetic_frames,
)
from camviewer.commands.console import (
    DONE,
    FAILED,
    print_message,
)
from camviewer.commands.model import fitting, tell_problems
from camviewer.commands.options import (
    STDOUT,
    BenchOptions,
    UsageError,
)
from camviewer.commands.stopping import calling
from camviewer.core.arrays import ByteArray
from camviewer.core.explainer import Explainer
from camviewer.core.explanation import (
    ExplainRequest,
    Explanation,
)
from camviewer.core.failures import Failure
from camviewer.core.frames import Frame
from camviewer.core.loading import (
    LoadedModel,
    ModelChoice,
    load_model,
)
from camviewer.core.models.builtin import spec_named
from camviewer.core.models.weights import (
    WeightsFile,
    read_state_dict,
)
from camviewer.core.runtimes.libraries import (
    has_torch,
    prepare_torch,
)
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.ui.shell.main_window import MainWindow
from camviewer.ui.shell.window_size import FIRST
from camviewer.ui.system.settings import Settings

ROUNDS = 4
"""Live parts with one tab and with five take turns, so that drift hits both."""
FORWARDS = 20
WARM_UP_S, SETTLE_S = 2.0, 0.3
"""Before the first part: caches, allocators, the processor's clock; and after each change of the window."""


class Bench(QObject):
    """Runs the parts one after the other in the GUI thread's event loop."""

    def __init__(
        self,
        seconds: float,
        frames: list[ByteArray],
        choice: ModelChoice,
        settings: Settings,
        load: Callable[[ModelChoice], LoadedModel] = load_model,
        resolution: int | None = None,
    ) -> None:
        """settings: from a file of their own, so that the user's are neither used nor changed."""
        super().__init__()
        self._seconds = seconds
        self._request = ExplainRequest(resolution=resolution)
        self._load_model = load
        self._loaded: LoadedModel | None = None
        self._failure: Failure | None = None
        self._pipeline = Pipeline(self._load)
        self.window = MainWindow(self._pipeline, settings, choice, make_download=None)
        self.window.resize(FIRST)  # whatever the screen: what is measured depends on it
        self._choice = choice
        self._source = LoopSource(frames)
        self._plain_ms: list[float] = []
        self._forward_ms: list[float] = []
        self._gaps: list[float] = []
        self._ends = False
        self._now: Live | None = None
        self._last_tick: float | None = None
        self._tick = QTimer(self, interval=16, timerType=Qt.TimerType.PreciseTimer)
        self._tick.timeout.connect(self._on_tick_timeout)
        for view in (self.window.view, self.window.centre.all_view):
            view.painted.connect(self._on_painted)
        self._pipeline.model_failed.connect(self._on_model_failed)

    def _load(self, choice: ModelChoice) -> LoadedModel:
        """In the worker."""
        self._loaded = self._load_model(choice)
        tell_problems(self._loaded)
        return self._loaded

    def _on_model_failed(self, failure: Failure) -> None:
        self._failure = failure

    def run(self) -> dict[str, object]:
        """Raises Failure if no model can be loaded, UsageError for a resolution that it doesn't take."""
        window, pipeline = self.window, self._pipeline
        window.show()
        pipeline.start(self._choice)
        pipeline.open(self._source)
        self._wait_until(lambda: pipeline.current is not None or self._failure is not None)
        if self._failure is not None:
            raise self._failure
        assert self._loaded is not None
        fitting(self._loaded, self._request)
        pipeline.set_request(replace(pipeline.request, resolution=self._request.resolution))
        one, five, evidence = Live(), Live(), Live()
        self._spend(WARM_UP_S, Live())
        self._in_worker(self._measure_forwards)
        memory, start = psutil.Process(), 0.0
        for part in range(ROUNDS):
            turns = [(1, one, window.dock), (5, five, window.dock), (5, evidence, window.evidence)]
            for tabs, live, dock in turns if part % 2 == 0 else reversed(turns):
                window.tabs.set_count(tabs)
                dock.raise_()
                self._spend(SETTLE_S, Live())
                if start == 0.0:
                    start = memory.memory_info().rss / 1e6
                # Most of the time goes to what is reported: the loop with five tabs.
                self._spend(self._seconds / ROUNDS * (0.5 if live is five else 0.25), live)
            self._in_worker(self._measure_forwards)
        end = memory.memory_info().rss / 1e6
        counters, info = pipeline.counters(), self._loaded.explainer.info
        plain = statistics.median(self._plain_ms) if self._plain_ms else None
        return {
            "plain_forward_ms": None if plain is None else round(plain, 3),
            "forward_ms": round(statistics.median(self._forward_ms), 3),
            **loop_figures(one, five, evidence, plain, 1000 * pipeline.pacer.period),
            "gui_gap_ms": percentiles(self._gaps, p99=99, max=100),
            "explained": counters.explained,
            "dropped": counters.explained - window.stats.painted,
            "rss_mb": {"start": round(start, 1), "end": round(end, 1)},
            "model": info.name,
            "resolution": self._request.resolution or info.native_resolution,
            "device": info.device,
            "precision": info.precision.value,
        }

    def close(self) -> None:
        """Waits for what the worker is at."""
        self._ends = True
        self.window.close()
        self._pipeline.close()

    # Parts

    def _spend(self, seconds: float, live: Live) -> None:
        """Live for so long."""
        self._now, self._last_tick = live, None
        self._tick.start()
        pipeline = self._pipeline
        before, waited = pipeline.counters().work, pipeline.pacer.waited
        begin, gui = time.perf_counter(), time.thread_time()
        loop = QEventLoop()
        QTimer.singleShot(round(seconds * 1000), loop.quit)
        self._run(loop)
        live.seconds += time.perf_counter() - begin
        live.gui += time.thread_time() - gui
        work = pipeline.counters().work
        live.explained += work.explained - before.explained
        live.busy += work.busy - before.busy
        live.held += work.rested - before.rested + pipeline.pacer.waited - waited
        self._tick.stop()
        self._now = None

    def _wait_until(self, condition: Callable[[], bool]) -> None:
        loop, poll = QEventLoop(), QTimer(interval=20)
        poll.timeout.connect(lambda: loop.quit() if condition() else None)
        poll.start()
        self._run(loop)
        poll.stop()

    def _run(self, loop: QEventLoop) -> None:
        """Until it is quit. Raises KeyboardInterrupt if somebody asks for the end."""
        asked: list[bool] = []

        def stop() -> None:
            asked.append(True)
            loop.quit()

        with calling(stop):
            loop.exec()
        if asked:
            raise KeyboardInterrupt

    def _in_worker(self, work: Callable[[], None]) -> None:
        done = threading.Event()

        def work_then_signal() -> None:
            work()
            done.set()

        self._source.work = work_then_signal
        self._wait_until(done.is_set)

    def _measure_forwards(self) -> None:
        """In the worker, the window idle: torchvision's network and the explainer's, in turns."""
        assert self._loaded is not None
        explainer = self._loaded.explainer
        frame = Frame(np.zeros((HEIGHT, WIDTH, 3), np.uint8))
        if not has_torch():
            for _ in range(FORWARDS):
                explanation = explainer.explain(frame, self._request)
                self._forward_ms.append(1000 * explanation.timing.forward)
            return
        prepare_torch()
        import torch

        plain, network_input = _plain_network(explainer, self._request.resolution)
        with torch.inference_mode():
            plain(network_input)
            for _ in range(FORWARDS):
                if self._ends:
                    return
                start = time.perf_counter()
                plain(network_input)
                if explainer.info.device.kind == "cuda":
                    torch.cuda.synchronize()
                elif explainer.info.device.kind == "mps":
                    torch.mps.synchronize()
                self._plain_ms.append(1000 * (time.perf_counter() - start))
                explanation = explainer.explain(frame, self._request)
                self._forward_ms.append(1000 * explanation.timing.forward)

    def _on_painted(self, explanation: Explanation) -> None:
        if self._now is not None:
            self._now.painted += 1
            self._now.latencies.append(1000 * (time.monotonic() - explanation.timing.captured))

    def _on_tick_timeout(self) -> None:
        now = time.perf_counter()
        if self._last_tick is not None:
            self._gaps.append(1000 * (now - self._last_tick))
        self._last_tick = now


def _plain_network(explainer: Explainer, resolution: int | None) -> tuple[Callable[[object], object], object]:
    """The same weights in torchvision's module, where it has one; on the same device, and an input for it."""
    import torch
    import torchvision.models

    from camviewer.core.runtimes.torch_base import trained

    info = explainer.info
    spec = spec_named(info.name)
    state, _ = read_state_dict(WeightsFile(Path(info.weights_file), info.weights_origin))
    classes = len(state[spec.head.bias_key])
    theirs = getattr(torchvision.models, info.name, None)
    plain = theirs(num_classes=classes) if theirs is not None else spec.architecture.build(classes)
    network = trained(plain, state)
    side = resolution or spec.preprocessing.crop
    device = info.device if info.device.kind in ("cuda", "mps") else "cpu"
    return network.to(device), torch.zeros(1, spec.channels, side, side, device=device)


def run(options: BenchOptions) -> int:
    """Exit status 0, or 1 if it can't be measured."""
    file = options.json if options.json != STDOUT else None
    if file is not None and not file.absolute().parent.is_dir():
        print_message(f"camviewer bench: there is no folder for {file}")
        return FAILED
    app = make_application()
    try:
        frames = synthetic_frames() if options.source is None else file_frames(options.source)
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(Path(folder) / "bench.ini")
            bench = Bench(
                options.seconds, frames, options.model.choice(), settings, resolution=options.resolution
            )
            try:
                figures = bench.run()
            finally:
                bench.close()
    except (Failure, UsageError) as failure:
        print_message(f"camviewer bench: {failure}")
        return FAILED
    app.processEvents()
    text = json.dumps(figures, indent=2)
    if file is None:
        print(text)
    else:
        file.write_text(text + "\n", encoding="utf-8")
    return DONE
