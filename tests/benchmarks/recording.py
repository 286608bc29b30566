"""What recording costs: a video or a camera explained and painted live, without and with a recording of it.

    python tests/benchmarks/recording.py VIDEO|camera [--weights FILE] [--seconds 12] [--out FOLDER]
        [--caption]

Prints JSON: how many frames a second were explained, how many the movie has, how many were left out, how late
the GUI thread's 10 ms timer came, and how long the recorder took to end. Exit status 1 if it left out more
than one in twenty. The software webcam will do: softcam.py --size 1280x720 --images FOLDER -- python …
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from PySide6.QtCore import QCoreApplication, QObject, QRectF, QTimer, Slot
from PySide6.QtGui import QGuiApplication, QImage, QPainter

from camviewer.core.explanation import Explanation
from camviewer.core.loading import ModelChoice, load_model
from camviewer.core.targets import ClassScore
from camviewer.media.drawing.compositor import layers_of, paint
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.drawing.view_state import view_state
from camviewer.media.movies.recorder import Recorded, Recorder
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.media.sources.camera import Cameras, CameraSource
from camviewer.media.sources.source import Source
from camviewer.media.sources.video import VideoSource


class Window(QObject):
    """Paints each explanation as the window does, and lets the recorder have it."""

    def __init__(self, source: Source, choice: ModelChoice) -> None:
        super().__init__()
        self.recorder = Recorder(self)
        self.pipeline = Pipeline(load_model)
        self.pipeline.explained.connect(self._on_explained)
        self.recorder.finished.connect(self._on_finished)
        self.recorder.failed.connect(self._on_failed)
        self.style, self.canvas = OverlayStyle(), QImage(1280, 720, QImage.Format.Format_RGB32)
        self.explained, self.recorded = 0, [Recorded(None, 0.0, 0, 0, 0)]
        self.late: list[float] = []
        self._expected = 0.0
        self._beat = QTimer(self, interval=10)
        self._beat.timeout.connect(self._on_beat)
        self.pipeline.open(source)
        self.pipeline.start(choice)
        self._beat.start()

    @Slot(object)
    def _on_explained(self, explanation: Explanation) -> None:
        self.explained += 1
        state = view_state(explanation, ClassScore(explanation.top(1)[0]), self.style)
        painter = QPainter(self.canvas)
        paint(painter, layers_of(state), QRectF(self.canvas.rect()))
        painter.end()
        self.recorder.put(state)

    @Slot()
    def _on_beat(self) -> None:
        now = time.perf_counter()
        if self._expected:
            self.late.append(max(0.0, now - self._expected))
        self._expected = now + 0.01

    @Slot(object)
    def _on_finished(self, recorded: Recorded) -> None:
        self.recorded.append(recorded)

    @Slot(object)
    def _on_failed(self, failure: Exception) -> None:
        print(failure, file=sys.stderr)

    def watch(self, seconds: float) -> dict[str, float]:
        """So many seconds of it."""
        self.late.clear()
        before, start = self.explained, time.perf_counter()
        cpu = time.process_time()
        while time.perf_counter() < start + seconds:
            QCoreApplication.processEvents()
            time.sleep(0.001)
        took = time.perf_counter() - start
        return {
            "explained_fps": round((self.explained - before) / took, 1),
            "cpu_cores": round((time.process_time() - cpu) / took, 2),
            "gui_late_ms_p50": round(1000 * float(np.percentile(self.late, 50)), 1),
            "gui_late_ms_p99": round(1000 * float(np.percentile(self.late, 99)), 1),
        }


def open_source(name: str) -> Source:
    if name != "camera":
        return VideoSource(Path(name))
    cameras = Cameras()
    device = cameras.find("")
    assert device is not None, "there is no camera"
    return CameraSource(cameras, device)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("source")
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--seconds", type=float, default=12.0)
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--caption", action="store_true")
    args = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    app = QGuiApplication(sys.argv[:1])  # QtMultimedia needs one
    model = "resnet18" if args.weights is not None else "efficientnet_lite0"
    window = Window(open_source(args.source), ModelChoice(model, args.weights, device="cpu"))
    while window.explained < 30:
        app.processEvents()
    report: dict[str, object] = {"without": window.watch(args.seconds)}
    window.recorder.start(args.out, "recording", args.caption)
    report["with"] = window.watch(args.seconds)
    start = time.perf_counter()
    window.recorder.stop()
    report["gui_waited_ms"] = round(1000 * (time.perf_counter() - start), 2)
    while window.recorder.busy:
        app.processEvents()
    report["ended_after_ms"] = round(1000 * (time.perf_counter() - start), 1)
    recorded = window.recorded[-1]
    report |= {key: str(value) if key == "path" else value for key, value in asdict(recorded).items()}
    window.pipeline.close()
    print(json.dumps(report, indent=2))
    return 0 if recorded.path is not None and 20 * recorded.left_out <= recorded.frames else 1


if __name__ == "__main__":
    sys.exit(main())
