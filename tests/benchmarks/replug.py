"""Unplug and replug the software webcam at random moments of the real window's life.

    python tests/benchmarks/replug.py [--count 50] [--seed 0]

While it is live, while it starts, frozen, recording, and while the window switches to it. Prints JSON with
how long after each replug (or after the user's thaw, if that came later) an explained frame came; exit status
1 if one took more than 2 s, the GUI stood still for 250 ms, or the program ended otherwise than well. Needs
Linux, root and gcc.
"""

from __future__ import annotations

import argparse
import json
import queue
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
LIMIT_S, GAP_S = 2.0, 0.25
SCENES = ("live", "starting", "frozen", "switching", "recording")

WINDOW = """
import json, sys, threading, time
from pathlib import Path
from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from camviewer.core.loading import ModelChoice, load_model
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.ui.system import logs
from camviewer.app import make_application
from camviewer.ui.shell.main_window import MainWindow
from camviewer.ui.system.settings import Settings
from camviewer.media.sources.photos import sample_photos

class Remote(QObject):
    said = Signal(str)
    def __init__(self, window, pipeline):
        super().__init__(window)
        self.window, self.pipeline = window, pipeline
        pipeline.explained.connect(self.on_explained)
        self.said.connect(self.on_said)
        self.beat, self.gap = time.monotonic(), 0.0
        self.heart = QTimer(self, timerType=Qt.TimerType.PreciseTimer, interval=5)
        self.heart.timeout.connect(self.on_beat)
    @Slot()
    def on_beat(self):
        now = time.monotonic()
        if now - self.beat > self.gap:
            self.gap = now - self.beat
            print(json.dumps({"gap": self.gap}), flush=True)
        self.beat = now
    @Slot(object)
    def on_explained(self, explanation):
        if self.pipeline.source.live:
            if not self.heart.isActive():  # once it runs: the start imports torch
                self.beat = time.monotonic()
                self.heart.start()
            print(json.dumps(time.monotonic()), flush=True)
    @Slot(str)
    def on_said(self, word):
        if word == "freeze": self.pipeline.set_frozen(True)
        if word == "thaw": self.pipeline.set_frozen(False)
        if word == "photo": self.window.sources.open_paths(sample_photos()[:1])
        if word == "camera": self.window.sources.open_camera("")
        if word == "record": self.window.actions_by_name["record"].trigger()
        if word == "close": self.window.close()

logs.start("info")
app = make_application()
pipeline = Pipeline(load_model)
choice = ModelChoice("efficientnet_lite0")
window = MainWindow(pipeline, Settings(Path(sys.argv[1])), choice, None)
remote = Remote(window, pipeline)
window.show()
pipeline.start(choice)
window.sources.open_camera("")
def read():
    for line in sys.stdin:
        remote.said.emit(line.strip())
threading.Thread(target=read, daemon=True).start()
status = app.exec()
logs.stop()
sys.exit(status)
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    from tests.softcam.camera import SoftCamera

    chance = random.Random(args.seed)
    with tempfile.TemporaryDirectory() as folder:
        camera = SoftCamera(Path(folder))
        environment = {**camera.environment(), "HOME": folder, "XDG_STATE_HOME": folder}
        program = subprocess.Popen(
            [sys.executable, "-c", WINDOW, f"{folder}/settings.ini"],
            env={**environment, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert program.stdin is not None
        assert program.stdout is not None
        assert program.stderr is not None
        explained: queue.Queue[float] = queue.Queue()
        errors: list[str] = []
        gaps: list[float] = []
        threading.Thread(target=_read, args=(program.stdout, explained, gaps), daemon=True).start()
        threading.Thread(target=errors.extend, args=(program.stderr,), daemon=True).start()
        commands = program.stdin

        def say(word: str) -> None:
            print(f"{time.monotonic():.2f}", word, file=sys.stderr)
            commands.write(word + "\n")
            commands.flush()

        def until_after(moment: float, patience: float) -> float | None:
            """Seconds from the moment to the next explained frame; None if none came in time."""
            while (left := moment + patience - time.monotonic()) > 0:
                try:
                    came = explained.get(timeout=left)
                except queue.Empty:
                    return None
                if came > moment:
                    return came - moment
            return None

        rounds = []
        try:
            if until_after(time.monotonic(), 60) is None:
                print("the camera never came up", "".join(errors), file=sys.stderr)
                return 1
            for index in range(args.count):
                scene = chance.choice(SCENES)
                time.sleep(chance.uniform(0, 0.8))
                if scene == "frozen":
                    say("freeze")
                    time.sleep(chance.uniform(0, 0.2))
                elif scene == "switching":
                    say("photo")
                    time.sleep(chance.uniform(0, 0.4))
                    say("camera")
                    time.sleep(chance.uniform(0, 0.3))
                elif scene == "recording":
                    say("record")
                    time.sleep(chance.uniform(0, 0.3))
                elif scene == "starting":
                    camera.unplug()
                    time.sleep(chance.uniform(0, 0.6))
                    camera.plug()
                    time.sleep(chance.uniform(0, 0.3))
                camera.unplug()
                time.sleep(chance.uniform(0, 1.5))
                camera.plug()
                moment = time.monotonic()
                if scene == "frozen":
                    time.sleep(chance.uniform(0, 1.0))
                    say("thaw")
                    moment = time.monotonic()
                took = until_after(moment, 10)
                if scene == "recording":
                    say("record")
                rounds.append({"scene": scene, "took": None if took is None else round(took, 3)})
                print(f"{index + 1}/{args.count}", rounds[-1], file=sys.stderr, flush=True)
            say("close")
            status = program.wait(10)
        finally:
            program.kill()
            camera.unplug()
    times = [r["took"] for r in rounds if isinstance(r["took"], float)]
    slow = [r for r in rounds if not isinstance(r["took"], float) or r["took"] > LIMIT_S]
    worst = {
        scene: max((r["took"] or 99.0 for r in rounds if r["scene"] == scene), default=None)
        for scene in SCENES
    }
    traces = [line for line in errors if "Traceback" in line or "CRITICAL" in line]
    report = {
        "replugs": len(rounds),
        "longest_s": max(times, default=None),
        "worst_by_scene": worst,
        "slow": slow,
        "longest_gui_gap_ms": round(1000 * max(gaps, default=0.0)),
        "exit": status,
        "traces": traces,
    }
    print(json.dumps(report, indent=2))
    if slow:
        print("".join(errors[-60:]), file=sys.stderr)
    return 1 if slow or status or traces or max(gaps, default=0.0) > GAP_S else 0


def _read(out: IO[str], explained: queue.Queue[float], gaps: list[float]) -> None:
    for line in out:
        match json.loads(line):
            case {"gap": gap}:
                gaps.append(gap)
            case moment:
                explained.put(moment)


if __name__ == "__main__":
    sys.exit(main())
