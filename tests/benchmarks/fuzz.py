"""Feed thousands of damaged files to the readers that the program uses.

    python tests/benchmarks/fuzz.py KIND [--count 2000] [--seed 0] [--keep FOLDER]

KIND: image, video, weights, snapshot or settings. Whole files of several formats are changed (bytes, lengths,
chunks moved, copied, cut off) and read in a process of their own, which is watched: a crash, more than 10 s
for one file, more than 2 GB of memory, or an exception that is no Failure is a finding, and its file is kept.
Prints JSON; exit status 1 if there was a finding.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import struct
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
HANG_S, MEMORY_BYTES = 10.0, 2_000_000_000
KINDS = ("image", "video", "weights", "snapshot", "settings")
Seeds = list[tuple[str, bytes]]
"""Suffixes and contents of whole files."""


def mutated(content: bytes, chance: random.Random) -> bytes:
    """The content with one to six changes."""
    data = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        if not data:
            break
        at = chance.randrange(len(data))
        if chance.random() < 0.5:  # heads are where formats say how large things are
            at = chance.randrange(min(len(data), 256))
        kind = chance.randrange(8)
        if kind == 0:
            data[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            data[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
        elif kind == 2:
            number = chance.choice((0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 0x10000, chance.randrange(2**32)))
            data[at : at + 4] = struct.pack(chance.choice(("<I", ">I")), number)
        elif kind == 3:
            del data[at:]
        elif kind == 4:
            del data[at : at + chance.randint(1, 64)]
        elif kind == 5:
            data[at:at] = data[at : at + chance.randint(1, 300)]
        elif kind == 6:
            there = chance.randrange(len(data))
            length = chance.randint(1, 64)
            data[at : at + length] = data[there : there + length]
        else:
            data[at:at] = chance.randbytes(chance.randint(1, 32))
    return bytes(data)


# The whole files


def image_seeds() -> Seeds:
    import numpy as np
    from PIL import Image

    pixels = np.random.default_rng(0).integers(0, 255, (40, 60, 3)).astype(np.uint8)
    pixels[10:30] = 90
    image = Image.fromarray(pixels)
    exif = Image.Exif()
    exif[0x0112] = 6
    seeds: Seeds = []
    for name in ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP"):
        for mode in ("RGB", "L", "P", "RGBA", "CMYK"):
            buffer = io.BytesIO()
            try:
                more = {"exif": exif} if name in ("JPEG", "PNG", "TIFF") and mode == "RGB" else {}
                image.convert(mode).save(buffer, name, **more)
            except (OSError, ValueError):
                continue  # not a mode of this format
            seeds.append((f".{name.lower()}", buffer.getvalue()))
    for compression in ("tiff_lzw", "tiff_deflate", "jpeg", "packbits"):
        buffer = io.BytesIO()
        image.save(buffer, "TIFF", compression=compression)
        seeds.append((".tiff", buffer.getvalue()))
    buffer = io.BytesIO()
    image.save(buffer, "GIF", save_all=True, append_images=[image.rotate(90), image.rotate(180)])
    seeds.append((".gif", buffer.getvalue()))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", progressive=True)
    return [*seeds, (".jpg", buffer.getvalue())]


def video_seeds() -> Seeds:
    import av
    import numpy as np
    from av.video.stream import VideoStream

    seeds: Seeds = []
    with tempfile.TemporaryDirectory() as folder:
        for suffix, codec in (
            *((".mp4", "libvpx-vp9"), (".mp4", "mpeg4"), (".avi", "mjpeg"), (".mkv", "libvpx-vp9")),
            *((".webm", "libvpx"), (".mov", "mjpeg"), (".mpg", "mpeg2video"), (".mp4", "libx264")),
        ):
            path = Path(folder) / f"{codec}{suffix}"
            with av.open(str(path), "w") as container:
                stream = container.add_stream(codec, rate=25)
                assert isinstance(stream, VideoStream)
                stream.width, stream.height = 96, 64
                stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
                for index in range(12):
                    image = np.full((64, 96, 3), 20 * index, np.uint8)
                    container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
                container.mux(stream.encode())
            seeds.append((suffix, path.read_bytes()))
    return seeds


def weights_seeds() -> Seeds:
    import numpy as np
    import torch
    from safetensors.torch import save
    from torchvision.models import resnet18

    small = {"fc.weight": torch.randn(4, 8), "fc.bias": torch.randn(4), "bn.count": torch.tensor(3)}
    whole = resnet18(num_classes=10).state_dict()
    seeds: Seeds = []
    network = torch.nn.Linear(2, 2)
    optimizer = torch.optim.AdamW(network.parameters())
    network(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    lightning = {
        "state_dict": {f"model.{key}": value.half() for key, value in small.items()},
        "hyper_parameters": {"args": argparse.Namespace(lr=0.1, sizes=(1, 2)), "best": np.float64(0.5)},
        "classes": np.array(["cat", "dog"]),
        "optimizer_states": [optimizer.state_dict()],
        "pytorch-lightning_version": "2.5.0",
    }
    for state in (small, {"state_dict": small, "epoch": 3}, lightning):
        for legacy in (False, True):
            buffer = io.BytesIO()
            torch.save(state, buffer, _use_new_zipfile_serialization=not legacy)
            seeds.append((".pth", buffer.getvalue()))
    seeds += [(".safetensors", save(small, {"format": "pt"}))] * 2
    buffer = io.BytesIO()
    torch.save(whole, buffer)
    return [*seeds * 6, (".pth", buffer.getvalue()), (".safetensors", save(whole))]


def snapshot_seeds() -> Seeds:
    """With sums that hold; some packed without compression, so that a change reaches the readers inside."""
    import zipfile

    import numpy as np

    from camviewer.core.explanation import ExplainRequest, Explanation, Timing, predicted
    from camviewer.core.frames import Frame, Region
    from camviewer.core.maps import ExactMaps, Unit
    from camviewer.core.models.spec import LinearHead, ModelInfo, Preprocessing, WeightsOrigin
    from camviewer.core.runtimes.device import CPU
    from camviewer.core.storage.snapshot import snapshot_bytes
    from camviewer.core.targets import ScoreDifference, Target, scores_of
    from tests.media.fakes import computed

    numbers = np.random.default_rng(0)
    explanations: list[Explanation] = []
    for classes, averaged in ((10, False), (1000, True)):
        features = numbers.random((16, 7, 7), np.float32)
        weight = numbers.standard_normal((classes, 16)).astype(np.float32)
        bias = numbers.standard_normal(classes).astype(np.float32)
        logits = weight @ features.mean((1, 2)) + bias
        labels = tuple(f"class {i}" for i in range(classes))
        maps = ExactMaps(features, LinearHead(weight, bias, labels), "layer4" if averaged else "")
        explanation = Explanation(
            frame=Frame(numbers.integers(0, 255, (48, 64, 3)).astype(np.uint8), 1, 0.0, "cat.png", 1.5),
            region=Region(8, 0, 48, 48),
            prediction=predicted(logits, labels),
            maps=maps,
            timing=Timing(0.0, 0.0, 0.01, 0.01),
            model=ModelInfo(
                *("resnet18", "ResNet18", CPU, "CPU", "0" * 64, "w.pth", WeightsOrigin.FILE),
                Preprocessing(256, 224, (0.4, 0.4, 0.4), (0.2, 0.2, 0.2)),
            ),
            request=ExplainRequest(),
            network_input=numbers.integers(0, 255, (32, 32, 3)).astype(np.uint8) if averaged else None,
            drawn=maps.drawn_from(numbers.random((16, 14, 14), np.float32)) if averaged else None,
        )
        targets: list[Target] = [*scores_of(explanation.top(4)), ScoreDifference(*explanation.top(2))]
        explanations.append(explanation)
        for unit in Unit:
            made = computed(explanation, unit, targets)
            planes = numbers.random((len(targets), 14, 14), np.float32)
            explanations.append(replace(made, drawn=made.maps.drawn_from(planes)) if averaged else made)
    seeds: Seeds = []
    for explanation in explanations:
        for half in (False, True):
            content = snapshot_bytes(explanation, explanation.top(5), half=half)
            seeds.append((".camsnap", content))
            buffer = io.BytesIO()
            with zipfile.ZipFile(io.BytesIO(content)) as there, zipfile.ZipFile(buffer, "w") as plain:
                for name in there.namelist():
                    plain.writestr(name, there.read(name))
            seeds.append((".camsnap", buffer.getvalue()))
    return seeds


def repacked(content: bytes, chance: random.Random) -> bytes:
    """A snapshot with one damaged entry in a sound archive: checksums would keep it from the readers."""
    import zipfile

    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as there, zipfile.ZipFile(buffer, "w") as changed:
        damaged = chance.choice(there.namelist())
        for name in there.namelist():
            entry = there.read(name)
            changed.writestr(name, mutated(entry, chance) if name == damaged else entry)
    return buffer.getvalue()


def settings_seeds() -> Seeds:
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow

    from camviewer.core.explanation import ExplainRequest
    from camviewer.core.frames import Fit
    from camviewer.core.scaling import Scale
    from camviewer.media.drawing.style import OverlayStyle
    from camviewer.ui.system.settings import Settings

    app = QApplication.instance() or QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "settings.ini"
        settings = Settings(path)
        window = QMainWindow()
        dock = QDockWidget("x")
        dock.setObjectName("dock")
        window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
        settings.set_blob("window/geometry", window.saveGeometry())
        settings.set_blob("window/state", window.saveState())
        settings.set_style(OverlayStyle("vik", 0.4, scale=Scale.FIXED, threshold=0.3))
        settings.set_request(ExplainRequest(Fit.WHOLE, 448, True))
        settings.set_smoothing(0.5)
        settings.add_recent("/photos/Löwe.jpg")
        settings.add_recent("/photos/a.jpg")
        settings.set("classes/pinned", ["281", "7"])
        settings.set("formats/cam", "640x360@30")
        settings.sync()
        del app
        return [(".ini", path.read_bytes())]


# The readers. Each raises Failure for what it can't read, and nothing else.


def read_an_image(path: Path) -> str:
    from camviewer.core.storage.images import read_photo

    frame = read_photo(path)
    assert frame.image.ndim == 3
    return "read"


def play_a_video(path: Path) -> str:
    from PySide6.QtCore import QCoreApplication

    from camviewer.core.failures import Failure
    from camviewer.media.pipeline.inlet import Inlet, PendingFrame
    from camviewer.media.pipeline.mailbox import Mailbox
    from camviewer.media.sources.video import VideoSource

    app = QCoreApplication.instance() or QCoreApplication([])
    frames: Mailbox[PendingFrame] = Mailbox()
    failures: list[Failure] = []
    source = VideoSource(path)
    source.failed.connect(failures.append)
    source.start(Inlet(frames, 0))
    seen, end = 0, time.monotonic() + 1.0
    while not failures and seen < 3 and time.monotonic() < end:
        app.processEvents()
        pending = frames.take()
        if pending is not None:
            pending.load()
            seen += 1
        time.sleep(0.002)
    source.stop()
    source.deleteLater()
    app.processEvents()
    if failures:
        raise failures[0]
    return "played" if seen else "still trying"


def read_weights(path: Path) -> str:
    from camviewer.core.models.builtin import RESNET18
    from camviewer.core.models.checkpoint import read_checkpoint
    from camviewer.core.models.files import find_model_file
    from camviewer.core.runtimes.torch_cpu import CpuRun

    found = find_model_file(path)
    CpuRun(RESNET18, read_checkpoint(found.path, found.format).tensors)
    return "read"


def open_a_snapshot(path: Path) -> str:
    from camviewer.core.storage.export import map_facts
    from camviewer.core.storage.snapshot import read_snapshot, snapshot_bytes
    from camviewer.core.targets import scores_of

    delivery = read_snapshot(path)
    explanation, origin = delivery.explanation, delivery.origin
    assert origin.snapshot is not None
    for target in scores_of(origin.snapshot.classes):
        if explanation.maps.available(target):
            assert explanation.drawn_map(target).values.ndim == 2
            map_facts(explanation, target)
    snapshot_bytes(explanation, origin.snapshot.classes, origin=origin)
    return "opened"


def read_settings(path: Path) -> str:
    from PySide6.QtCore import QCoreApplication
    from PySide6.QtWidgets import QApplication, QMainWindow

    from camviewer.ui.system.settings import Settings

    app = QCoreApplication.instance() or QApplication([])
    settings = Settings(path)
    settings.style()
    settings.request()
    settings.smoothing()
    for key in ("recent", "classes/pinned", "save/suffix", "source/camera", "formats/cam"):
        settings.texts(key)
        settings.text(key)
    window = QMainWindow()
    window.restoreGeometry(settings.blob("window/geometry"))
    window.restoreState(settings.blob("window/state"))
    settings.add_recent("/x.jpg")
    settings.sync()
    window.deleteLater()
    app.processEvents()
    return "put aside" if settings.put_aside is not None else "read"


MAKE: dict[str, Callable[[], Seeds]] = {
    "image": image_seeds,
    "video": video_seeds,
    "weights": weights_seeds,
    "snapshot": snapshot_seeds,
    "settings": settings_seeds,
}
READ: dict[str, Callable[[Path], str]] = {
    "image": read_an_image,
    "video": play_a_video,
    "weights": read_weights,
    "snapshot": open_a_snapshot,
    "settings": read_settings,
}


def work(kind: str, seed: int, first: int, last: int, folder: Path) -> None:
    """In the process that is watched: says each number before it is read, and how that ended."""
    from camviewer.core.failures import Failure

    warnings.simplefilter("ignore")
    seeds = MAKE[kind]()
    print("ready", flush=True)
    for number in range(first, last):
        chance = random.Random(f"{kind} {seed} {number}")
        suffix, content = seeds[number % len(seeds)]
        path = folder / f"{kind}-{number}{suffix}"
        inside = kind == "snapshot" and number // len(seeds) % 3 > 0
        path.write_bytes(repacked(content, chance) if inside else mutated(content, chance))
        print(json.dumps({"begin": number, "path": str(path)}), flush=True)
        try:
            outcome = READ[kind](path)
        except Failure as failure:
            outcome = "refused" if failure.message and failure.mend else "refused without a mend"
        except Exception as error:  # noqa: BLE001 what is looked for
            outcome = f"finding: {type(error).__name__}: {error}"[:300]
        print(json.dumps({"end": number, "outcome": outcome}), flush=True)
        if not outcome.startswith("finding"):
            for left in folder.glob(f"{kind}-{number}*"):
                left.unlink()
    os._exit(0)


class Watched:
    """A worker, and what it has said."""

    def __init__(self, arguments: list[str], environment: dict[str, str]) -> None:
        command = [sys.executable, __file__, *arguments]
        self.command = " ".join(command)
        null = subprocess.DEVNULL
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=null, text=True, env=environment
        )
        self.lines: list[str] = []
        self.changed = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            self.changed.set()
        self.changed.set()

    def rss(self) -> int:
        try:
            return int(psutil.Process(self.process.pid).memory_info().rss)
        except psutil.Error:
            return 0


def run(kind: str, count: int, seed: int, folder: Path) -> dict[str, object]:
    outcomes: Counter[str] = Counter()
    findings: list[dict[str, object]] = []
    longest, largest, number = 0.0, 0, 0
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(folder), "PYTHONPATH": str(ROOT)}
    environment["QT_LOGGING_RULES"] = "*=false"
    while number < count:
        arguments = [kind, "--work", str(number), str(count), "--seed", str(seed), "--keep", str(folder)]
        watched = Watched(arguments, environment)
        began, read, peak = time.monotonic(), 0, 0
        path, ready = "", False
        while True:
            watched.changed.wait(0.1)
            watched.changed.clear()
            peak = max(peak, watched.rss())
            ended = watched.process.poll() is not None
            while read < len(watched.lines):
                line = watched.lines[read]
                read += 1
                if line.startswith("ready"):
                    ready, began = True, time.monotonic()
                    continue
                if not line.startswith("{"):
                    continue
                said = json.loads(line)
                if "begin" in said:
                    number, path, began = said["begin"], said["path"], time.monotonic()
                else:
                    longest = max(longest, time.monotonic() - began)
                    outcome = said["outcome"]
                    if outcome.startswith("finding"):
                        findings.append({"number": said["end"], "what": outcome, "path": path})
                        outcome = "finding"
                    outcomes[outcome] += 1
                    number = said["end"] + 1
            trouble = ""
            if ended and not ready:
                raise SystemExit(f"nothing was read: {watched.command} doesn't start")
            if ended and number < count:
                trouble = f"the process died: {watched.process.returncode}"
            elif peak > MEMORY_BYTES:
                trouble = f"{peak / 1e6:.0f} MB of memory"
            elif ready and not ended and time.monotonic() - began > HANG_S:
                trouble = f"more than {HANG_S:.0f} s"
            if trouble:
                watched.process.kill()
                findings.append({"number": number, "what": trouble, "path": path})
                outcomes["finding"] += 1
                number += 1
                break
            if ended:
                break
        watched.process.wait()
        largest = max(largest, peak)
    return {
        "kind": kind,
        "inputs": sum(outcomes.values()),
        "outcomes": dict(outcomes.most_common()),
        "longest_s": round(longest, 2),
        "largest_mb": round(largest / 1e6),
        "findings": findings,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where findings' files are kept")
    parser.add_argument("--work", nargs=2, type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    folder = args.keep or Path(tempfile.mkdtemp(prefix="camviewer-fuzz-"))
    folder.mkdir(parents=True, exist_ok=True)
    if args.work:
        first, last = args.work
        work(args.kind, args.seed, first, last, folder)
    report = run(args.kind, args.count, args.seed, folder)
    print(json.dumps(report, indent=2))
    return 1 if report["findings"] else 0


if __name__ == "__main__":
    sys.exit(main())
