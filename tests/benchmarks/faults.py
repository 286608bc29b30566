"""Hand the real window, with real models, every fault that a file or a disk can have.

    python tests/benchmarks/faults.py

Bad photos, videos, snapshots and weights, photos that are huge, disks that are full or gone. After each
the window must say so, or show it, and then explain a sample photo as ever. Prints JSON with the longest
pause of the GUI in each; exit status 1 if one is over 250 ms, or something else than expected came of it.
(tests/FAULTS.md has the same faults with their tests; cameras are replug.py's.) Full disks need root.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import subprocess
import sys
import tempfile
import time
import wave
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "benchmarks")]
GAP_MS, PATIENCE_S, SIDE = 250.0, 60.0, 30_000
SHOWN = ""
"""Instead of words: it must come into view."""
Files = dict[str, tuple[Path, str]]
"""name → a file, and what is to be said of it."""


@dataclass(frozen=True)
class Fault:
    """words: what a banner must say, or SHOWN."""

    name: str
    act: Callable[[], object]
    words: str
    after: Callable[[], object] = lambda: None


class Room:
    """The window, and how long it stands still."""

    def __init__(self, folder: Path) -> None:
        from PySide6.QtCore import Qt, QTimer

        from camviewer.core.loading import ModelChoice, load_model
        from camviewer.media.pipeline.pipeline import Pipeline
        from camviewer.media.sources.photos import sample_photos
        from camviewer.ui.shell.main_window import MainWindow
        from camviewer.ui.shell.window_size import FIRST
        from camviewer.ui.system.settings import Settings

        self.settings = Settings(folder / "settings.ini")
        self.saved = folder / "saved"
        self.settings.set("save/folder", str(self.saved))
        self.choice = ModelChoice("efficientnet_lite0")
        self.sample = sample_photos()[0]
        self.pipeline = Pipeline(load_model)
        self.window = MainWindow(self.pipeline, self.settings, self.choice, None)
        self.window.resize(FIRST)  # whatever the screen: what is measured depends on it
        self.window.show()
        self.longest, self._beat = 0.0, time.monotonic()
        self._heart = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=5)
        self._heart.timeout.connect(self._on_beat)
        self._heart.start()
        self.window.sources.open_paths([self.sample])
        self.pipeline.start(self.choice)
        assert self.until(lambda: self.pipeline.current is not None), "no model"

    def _on_beat(self) -> None:
        now = time.monotonic()
        self.longest, self._beat = max(self.longest, 1000 * (now - self._beat)), now

    def until(self, good: Callable[[], bool], patience: float = PATIENCE_S) -> bool:
        from PySide6.QtCore import QEventLoop, QTimer

        end = time.monotonic() + patience
        while not good():
            if time.monotonic() > end:
                return False
            loop = QEventLoop()
            QTimer.singleShot(20, loop.quit)
            loop.exec()
        return True

    def said(self) -> str:
        from camviewer.ui.widgets.banner import BannerKey

        keys = (key for key in BannerKey if key not in (BannerKey.FIRST_START, BannerKey.LANGUAGE))
        return "\n".join(text for key in keys if (text := self.window.banners.text(key)))

    def fails(self) -> bool:
        from camviewer.ui.widgets.banner import BannerKey

        return self.window.banners.text(BannerKey.SOURCE) is not None

    def clear(self) -> None:
        from camviewer.ui.widgets.banner import BannerKey

        for key in (BannerKey.SAVE, BannerKey.RECORD):
            self.window.banners.clear(key)

    def shows(self, name: str) -> bool:
        current = self.pipeline.current
        return current is not None and name in current.frame.source

    def meets(self, fault: Fault, name: str) -> dict[str, Any]:
        self.longest = 0.0
        fault.act()
        if fault.words == SHOWN:
            good = self.until(lambda: self.shows(name))
        else:
            good = self.until(lambda: fault.words in self.said())
        said = self.said()
        fault.after()
        self.clear()
        self.window.models.choose(self.choice)
        self.window.sources.open_paths([self.sample])
        alive = self.until(lambda: self.shows(self.sample.name) and not self.fails())
        return {"gap_ms": round(self.longest), "said": said, "as_expected": good, "goes_on": alive}


class RunsCode:
    def __reduce__(self) -> tuple[Any, ...]:
        return (os.system, ("touch /tmp/camviewer-code-was-run",))


def files(folder: Path) -> Files:
    import av
    import numpy as np
    import torch
    from av.video.stream import VideoStream
    from PIL import Image
    from torchvision.models import resnet18

    from tests.benchmarks.fuzz import snapshot_seeds

    found: Files = {}

    def file(name: str, content: bytes, words: str) -> Path:
        path = folder / name
        path.write_bytes(content)
        found[name] = path, words
        return path

    buffer = io.BytesIO()
    Image.new("RGB", (1200, 900), (90, 120, 150)).save(buffer, "PNG")
    png = buffer.getvalue()
    file("empty.png", b"", "is empty")
    file("cut.png", png[: len(png) // 2], "can't be read")
    file("text.png", b"no photo at all", "is not an image")
    file("wrong-name.jpg", png, SHOWN)
    (folder / "nothing").mkdir()
    found["folder"] = folder / "nothing", "no photos in"
    found["gone"] = folder / "gone.png", "doesn't exist"
    if sys.platform != "win32":
        os.mkfifo(folder / "pipe.png")
        found["pipe"] = folder / "pipe.png", "is not a file"
    for size in ((1, 1), (1, 10_000)):
        path = folder / f"{size[0]}x{size[1]}.png"
        Image.new("RGB", size).save(path)
        found[path.name] = path, SHOWN
    Image.MAX_IMAGE_PIXELS = None
    for suffix in ("png", "jpg"):
        Image.new("L", (SIDE, SIDE), 90).save(folder / f"huge.{suffix}", compress_level=1)
        found[f"huge.{suffix}"] = folder / f"huge.{suffix}", SHOWN
    Image.new("1", (SIDE, SIDE)).save(folder / "bomb.tiff", compression="tiff_deflate")
    found["bomb.tiff"] = folder / "bomb.tiff", "is too large"

    def film(name: str, count: int, size: tuple[int, int]) -> Path:
        path = folder / name
        with av.open(str(path), "w") as container:
            stream = container.add_stream("mjpeg", rate=25)
            assert isinstance(stream, VideoStream)
            stream.width, stream.height, stream.pix_fmt = *size, "yuvj420p"
            image = np.full((size[1], size[0], 3), 90, np.uint8)
            for _ in range(count):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
            container.mux(stream.encode())
        return path

    whole = film("whole.avi", 50, (640, 360)).read_bytes()
    file("cut.avi", whole[: len(whole) // 3], SHOWN)
    file("text.mp4", b"no video" * 100, "can't be played")
    file("empty.mp4", b"", "can't be played")
    with wave.open(str(folder / "sound.mp4"), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(16_000))
    found["sound.mp4"] = folder / "sound.mp4", "only sound"
    found["8k.avi"] = film("8k.avi", 3, (7680, 4320)), SHOWN
    snapshot = snapshot_seeds()[0][1]
    file("cut.camsnap", snapshot[: len(snapshot) // 2], "no snapshot that can be opened")
    file("changed.camsnap", snapshot[:400] + b"\0\0\0\0" + snapshot[404:], "no snapshot that can be opened")

    state = resnet18().state_dict()
    buffer = io.BytesIO()
    torch.save(state, buffer)
    file("cut.pth", buffer.getvalue()[:9_000_000], "not a weights file that can be read safely")
    file("code.pth", pickle.dumps(RunsCode()), "not a weights file that can be read safely")
    for name, more, words in (
        ("nan", {"conv1.weight": state["conv1.weight"] * float("nan")}, "not all finite"),
        ("shapes", {"fc.weight": torch.zeros(7, 3)}, "not of ResNet18"),
        ("terabyte", {"fc.weight": torch.zeros(1).expand(1_000_000, 250_000)}, "is larger than"),
    ):
        torch.save({**state, **more}, folder / f"{name}.pth")
        found[f"{name}.pth"] = folder / f"{name}.pth", words
    with (folder / "5gb.pth").open("wb") as sparse:
        sparse.truncate(5_000_000_000)
    found["5gb.pth"] = folder / "5gb.pth", "is larger than"
    bomb = zipfile.ZipFile(folder / "bomb.pth", "w", zipfile.ZIP_DEFLATED)
    with bomb, bomb.open("archive/data/0", "w", force_zip64=True) as entry:
        for _ in range(81):
            entry.write(bytes(50_000_000))
    found["bomb.pth"] = folder / "bomb.pth", "is larger than"
    return found


@contextmanager
def full_disk(folder: Path) -> Iterator[Path | None]:
    """A disk of its own with 20 kB left; None where nobody may mount one."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(folder)]
    if sys.platform != "linux" or subprocess.call(mount, stderr=subprocess.DEVNULL):
        yield None
        return
    try:
        (folder / "full").write_bytes(bytes(1_000_000))
        yield folder
    finally:
        subprocess.call(["umount", "-l", str(folder)])


def faults(room: Room, made: Files, folder: Path, full: Path | None) -> Iterator[Fault]:
    from camviewer.core.loading import ModelChoice

    window, settings = room.window, room.settings
    for name, (path, words) in made.items():
        if path.suffix == ".pth":
            choice = ModelChoice("resnet18", path)
            yield Fault(name, lambda c=choice: window.models.choose(c), words)  # type: ignore[misc]
        else:
            yield Fault(name, lambda p=path: window.sources.open_paths([p]), words)  # type: ignore[misc]
    labels = folder / "labels.txt"
    labels.write_text("one\ntwo\nthree\n")
    three = ModelChoice("efficientnet_lite0", labels=labels)
    yield Fault("labels", lambda: window.models.choose(three), "has 3 labels")

    def act(name: str, where: Path) -> Callable[[], object]:
        def go() -> None:
            settings.set("save/folder", str(where))
            window.actions_by_name[name].trigger()

        return go

    def back() -> None:
        window.records.recorder.stop()
        settings.set("save/folder", str(room.saved))

    gone = folder / "file" / "below"
    gone.parent.touch()
    for name in ("save", "snapshot", "record"):
        yield Fault(f"{name}: no such folder", act(name, gone), "older", back)
        if full is not None:
            yield Fault(f"{name}: full disk", act(name, full), "There is no room", back)


def inside() -> int:
    from camviewer.app import make_application
    from camviewer.ui.system import logs

    logs.start("info")
    app = make_application()
    marker = Path("/tmp/camviewer-code-was-run")
    with suppress(FileNotFoundError):
        marker.unlink()
    found: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = files(folder)
        room = Room(folder)
        with full_disk(folder / "full") as full:
            for fault in faults(room, made, folder, full):
                found[fault.name] = room.meets(fault, fault.name)
                print(fault.name, json.dumps(found[fault.name]), file=sys.stderr, flush=True)
        room.window.close()
        ended = room.window.has_ended
    logs.stop()
    bad = {
        name: result
        for name, result in found.items()
        if result["gap_ms"] > GAP_MS or not result["as_expected"] or not result["goes_on"]
    }
    report = {
        "faults": len(found),
        "longest_gaps_ms": sorted(((r["gap_ms"], n) for n, r in found.items()), reverse=True)[:5],
        "bad": bad,
        "code_was_run": marker.exists(),
        "ended": ended,
    }
    print(json.dumps(report, indent=2, ensure_ascii=False))
    del app
    return 1 if bad or marker.exists() or not ended else 0


def main() -> int:
    if "--inside" in sys.argv:
        return inside()
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}
        environment |= {"HOME": home, "XDG_CONFIG_HOME": f"{home}/config", "XDG_STATE_HOME": f"{home}/state"}
        return subprocess.call([sys.executable, __file__, "--inside"], env=environment)


if __name__ == "__main__":
    sys.exit(main())
