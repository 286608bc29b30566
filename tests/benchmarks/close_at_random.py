"""Close the window at random moments of its life: exit code 0, within 2 s, nothing half-written, no crash.

    python tests/benchmarks/close_at_random.py [--count 100] [--seed 0]

What it is closed in the middle of goes round: starting, loading the model, downloading, a camera that
starts (the software webcam, where it can be built), recording, saving, converting, reviewing. Recordings that
are there must play. Prints JSON; exit status 1 if any end was not as it should be. Takes about four minutes.
"""

from __future__ import annotations

import argparse
import http.server
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 2.0
SCENES = (
    "starting",
    "loading",
    "downloading",
    "camera",
    "saving",
    "recording",
    "snapshot",
    "converting",
    "reviewing",
)

PROGRAM = """
import json, sys, time
from pathlib import Path
from PySide6.QtCore import QTimer
scene, delay, server = sys.argv[1], float(sys.argv[2]), sys.argv[3]
del sys.argv[1:4]

from camviewer import app
from camviewer.ui.shell import main_window
from camviewer.ui.controllers import model_control
from camviewer.media.download import FileDownload

def slow_download(backbone, parent):
    target = model_control.hub_folder() / "weights.pth"
    return FileDownload(server, target, size=50_000_000, sha256="0" * 64, parent=parent)

class Closing(main_window.MainWindow):
    def __init__(self, *args):
        super().__init__(*args, make_download=slow_download if scene == "downloading" else None)
        self.shown_first.connect(self.on_shown_first)
        if scene in ("saving", "snapshot", "recording", "converting", "reviewing"):
            self._pipeline.explained.connect(self.on_explained)
            self.busy = QTimer(self, interval=30)
            self.busy.timeout.connect(self.act)

    def on_explained(self):
        if not self.busy.isActive():
            self.busy.start()
            if scene == "recording":
                self.actions_by_name["record"].trigger()
            if scene == "converting":
                film = self._pipeline.source.path
                self.conversions.start(film, self.saves.folder() / "converted.mp4")
            if scene == "reviewing":
                self.reviews.start(Path(main_window.__file__).parents[3] / "resources" / "samples")
            self.close_in(delay)

    def act(self):
        name = {"saving": "save", "snapshot": "snapshot"}.get(scene)
        if name in self.actions_by_name:
            self.actions_by_name[name].trigger()

    def on_shown_first(self):
        if not hasattr(self, "busy"):
            self.close_in(delay)

    def close_in(self, seconds):
        QTimer.singleShot(round(1000 * seconds), self.now)

    def now(self):
        print("closing", time.monotonic(), flush=True)
        self.close()

app.MainWindow = Closing
from camviewer.commands.cli import main
sys.exit(main(sys.argv[1:]))
"""


class _Slow(http.server.BaseHTTPRequestHandler):
    """Sends a little of the file now and then, without end."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "50000000")
        self.end_headers()
        try:
            for _ in range(400):
                self.wfile.write(b"x" * 20_000)
                threading.Event().wait(0.02)
        except OSError:
            return

    def log_message(self, format: str, *args: object) -> None:
        return


@contextmanager
def slow_server() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Slow)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/weights.pth"
    server.shutdown()


def close_once(scene: str, delay: float, server: str, home: Path, camera: list[str]) -> dict[str, object]:
    arguments = {
        "camera": ["--camera", *_model("efficientnet_lite0")],
        "downloading": [str(ROOT / "resources/samples/cat.png"), "--new-window"],
        "recording": [str(_video(home)), *_model("efficientnet_lite0")],
        "converting": [str(_video(home)), *_model("efficientnet_lite0")],
    }.get(scene, [str(ROOT / "resources/samples/cat.png"), *_model("efficientnet_lite0")])
    environment = {key: value for key, value in os.environ.items() if not key.startswith("XDG_")}
    environment |= {"HOME": str(home), "TORCH_HOME": str(home / "torch"), "PYTHONPATH": str(ROOT)}
    environment |= {"QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(home)}
    prefix = camera if scene == "camera" else []
    start = [*prefix, sys.executable, "-c", PROGRAM, scene, str(delay), server, *arguments]
    done = subprocess.run(start, env=environment, capture_output=True, text=True, timeout=120, check=False)
    ended = time.monotonic()
    closing = [float(line.split()[1]) for line in done.stdout.splitlines() if line.startswith("closing")]
    took = ended - closing[0] if closing else None
    bad = [
        word for word in ("QThread", "Traceback", "core dumped", "Fatal", "CRITICAL") if word in done.stderr
    ]
    parts = [str(p) for p in home.rglob(".camviewer-*.part")] + [str(p) for p in home.rglob("crash-*")]
    parts += [str(p) for p in home.rglob("*.mp4") if not _plays(p)]
    good = done.returncode == 0 and took is not None and took <= LIMIT_S and not bad and not parts
    result = {"scene": scene, "delay": round(delay, 3), "took": took, "exit": done.returncode, "good": good}
    if not good:
        result |= {"stderr": done.stderr[-2000:], "bad": bad, "parts": parts}
    return result


def _plays(path: Path) -> bool:
    """Whether there is a picture in it, and nothing in it is damaged."""
    import av

    try:
        with av.open(str(path)) as container:
            return sum(1 for _ in container.decode(video=0)) > 0
    except av.FFmpegError:
        return False


def _model(name: str) -> list[str]:
    return ["--model", name]


def _video(home: Path) -> Path:
    """A small moving picture, made once."""
    path = home / "film.avi"
    if not path.exists():
        import av
        import numpy as np
        from av.video.stream import VideoStream

        with av.open(str(path), "w") as container:
            stream = container.add_stream("mjpeg", rate=30)
            assert isinstance(stream, VideoStream)
            stream.width, stream.height, stream.pix_fmt = 640, 480, "yuvj420p"
            for index in range(300):
                image = np.full((480, 640, 3), index % 256, np.uint8)
                image[:, (2 * index) % 600 : (2 * index) % 600 + 40] = 255
                container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
            container.mux(stream.encode())
    return path


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--scene", choices=SCENES, action="append")
    args = parser.parse_args()
    chance = random.Random(args.seed)
    camera: list[str] = []
    softcam = ROOT.parent / "shared" / "softcam" / "softcam.py"
    if sys.platform == "linux" and os.geteuid() == 0 and softcam.exists():
        camera = [sys.executable, str(softcam), "--images", str(ROOT / "resources/samples"), "--"]
    scenes = [s for s in (args.scene or SCENES) if s != "camera" or camera]
    results = []
    with slow_server() as server, tempfile.TemporaryDirectory() as folder:
        for index in range(args.count):
            home = Path(folder) / str(index)
            home.mkdir(mode=0o700)
            scene = scenes[index % len(scenes)]
            longest = {"starting": 0.3, "loading": 4.0, "downloading": 8.0, "camera": 8.0}.get(scene, 1.5)
            result = close_once(scene, chance.uniform(0, longest), server, home, camera)
            results.append(result)
            print(f"{index + 1}/{args.count}", json.dumps(result), file=sys.stderr, flush=True)
    times = sorted(r["took"] for r in results if isinstance(r["took"], float))
    bad = [r for r in results if not r["good"]]
    print(
        json.dumps({"closed": len(results), "longest_s": times[-1] if times else None, "bad": bad}, indent=2)
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
