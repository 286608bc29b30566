"""How fast a video is converted: frames a second, how often real time that is, and what each part takes.

    python tests/benchmarks/convert_speed.py [--device cpu|cuda|none] [--height 1080] [--frames 600]
        [--calm] [--cores N] [--threads 1x4 3x4] [--rounds 2] [--against CHECKOUT] [--images FOLDER]
        [--json FILE]

Makes its own clip with PyAV, of 30 frames a second: photos side by side, panned and zoomed, so that all of
the picture moves, which is hard to encode; or, calm, a picture of which a part moves. Nothing is needed but
Qt's offscreen platform. The network is a ResNet18 with the weights CAMVIEWER_WEIGHTS, else the embedded
EfficientNet. --device none: an explainer that has its answer after 1 ms a frame, without Python's lock, as
with a fast GPU. --cores: only so many of them (Linux). --threads: also with so many encoders, times threads
of each. --against: another checkout converts the same clip, in turns, each time in a process of its own. The
last frames go through one encoder alone, so a short clip says too little of several: with sixteen cores take
1,800 frames.

The parts are measured alone, one after the other, each in one thread: milliseconds a frame. Their sum is what
a frame costs without overlap. `conversion` is all of it as it is: with caption and lines of JSON.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, os.environ.get("CONVERT_SPEED_CHECKOUT", str(Path(__file__).resolve().parents[2])))

import av
import numpy as np
from av.video.frame import VideoFrame
from PIL import Image
from PySide6.QtGui import QGuiApplication

import camviewer
from camviewer.core.arrays import FloatArray, read_only
from camviewer.core.explanation import ExplainRequest, Explanation, Prediction, Timing, predicted
from camviewer.core.frames import Frame, Region
from camviewer.core.loading import ModelChoice, load_model
from camviewer.core.maps import ExactMaps
from camviewer.core.methods.offers import MethodOffer
from camviewer.core.models.card import Layer
from camviewer.core.models.spec import LinearHead, ModelInfo, WeightsOrigin
from camviewer.core.resources import resource_path
from camviewer.core.runtimes.device import Device
from camviewer.core.storage.export import prediction_facts
from camviewer.core.targets import ClassScore, Target
from camviewer.media.drawing.compositor import compose
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.drawing.view_state import view_state
from camviewer.media.movies.conversion import Conversion, top_class_state
from camviewer.media.movies.conversion_files import ConversionFiles
from camviewer.media.movies.movie import MovieWriter
from camviewer.media.movies.video_reader import VideoReader
from camviewer.media.pipeline.jobs import FrameExplainer
from tests.gauge_fakes import Unmeasured

T = TypeVar("T")
R = TypeVar("R")
ROOT = str(Path(__file__).resolve().parents[2])
RATE, MEASURED, ANSWER_SECONDS = 30, 60, 0.001
STYLE = OverlayStyle()


class Quick(Unmeasured):
    """An explainer whose answer is there after a millisecond a frame: a spot that wanders over the frame."""

    def __init__(self) -> None:
        chance = np.random.default_rng(0)
        self.info = ModelInfo("quick", "Quick", Device("cpu"), "1 ms", "0" * 64, "quick", WeightsOrigin.FILE)
        self.labels = tuple(f"class {index}" for index in range(1000))
        weight = chance.normal(0, 0.05, (1000, 512)).astype(np.float32)
        self._head = LinearHead(weight, np.zeros(1000, np.float32), self.labels)
        self._channels = chance.random(512).astype(np.float32)

    methods: tuple[MethodOffer, ...] = ()
    layers: tuple[Layer, ...] = ()
    default_layer = ""

    def batch_size(self, request: ExplainRequest) -> int:
        return 32

    def explain_batch(self, frames: Sequence[Frame], request: ExplainRequest) -> list[Explanation]:
        time.sleep(ANSWER_SECONDS * len(frames))
        return [self._explanation(frame, request) for frame in frames]

    def for_prepared(self, request: ExplainRequest) -> None:
        return None

    def explain(self, frame: Frame, request: ExplainRequest, load: float = 0.0) -> Explanation:
        return self.explain_batch([frame], request)[0]

    def predict(self, frame: Frame, request: ExplainRequest | None = None) -> Prediction:
        return self.explain(frame, ExplainRequest()).prediction

    def with_maps(self, explanation: Explanation, targets: Sequence[Target]) -> Explanation:
        return explanation

    def _explanation(self, frame: Frame, request: ExplainRequest) -> Explanation:
        features = self._features(frame.time)
        logits = self._head.weight @ features.mean((1, 2))
        side = min(frame.width, frame.height)
        return Explanation(
            frame=frame,
            region=Region((frame.width - side) // 2, (frame.height - side) // 2, side, side),
            prediction=predicted(logits, self.labels),
            maps=ExactMaps(features, self._head),
            timing=Timing(frame.time, time.monotonic(), 0.0, ANSWER_SECONDS),
            model=self.info,
            request=request,
        )

    def _features(self, seconds: float) -> FloatArray:
        rows, columns = np.mgrid[:7, :7]
        distance = (rows - 3 - 2 * np.sin(seconds)) ** 2 + (columns - 3 - 2 * np.cos(seconds)) ** 2
        spot = np.exp(-distance / 6).astype(np.float32)
        return read_only(self._channels[:, None, None] * spot)


def clip_writer(file: BinaryIO) -> MovieWriter:
    try:
        from camviewer.media.movies.encoders import all_threads, usable_cores
    except ImportError:  # a checkout of before
        return MovieWriter(file)
    return MovieWriter(file, threads=all_threads(usable_cores()))


MOST_MADE = 90
"""Frames of the clip: making one takes longer than converting it. There and back again, so that
nothing jumps, they are a turn."""


def make_clip(path: Path, height: int, frames: int, images: Path, calm: bool = False) -> None:
    """Photos side by side, in a window that moves and zooms; with a little grain, as a camera's.

    calm: the window stands still, and a photo moves.
    """
    width, chance = height * 16 // 9, np.random.default_rng(0)
    photos = [Image.open(each).convert("RGB") for each in sorted(images.glob("*.[jp][pn]g"))[:24]]
    wall = Image.new("RGB", (6 * 500, 4 * 420))
    for index in range(24):
        photo = photos[index % len(photos)].resize((500, 420))
        wall.paste(photo, (index % 6 * 500, index // 6 * 420))
    still = wall.resize((width, height), box=(600, 300, 2200, 1200))
    moving = photos[0].resize((width // 5, height // 4))
    grain = [chance.integers(-2, 3, (height, width, 3), np.int16) for _ in range(4)]
    made: list[Any] = []
    turn = path.with_name(f"turn-{path.name}")
    length = min(frames, 2 * MOST_MADE)
    with turn.open("wb") as file:
        writer = clip_writer(file)
        for index in range(length):
            if index >= MOST_MADE:
                writer.write(made[2 * MOST_MADE - 1 - index], Fraction(index, RATE))
                continue
            seconds = index / RATE
            if calm:
                view = still.copy()
                view.paste(moving, (int(width * (0.4 + 0.3 * np.sin(seconds))), height // 3))
            else:
                across = 1400 + 300 * np.sin(0.8 * seconds)
                down = across * 9 / 16
                left = (wall.width - across) * (0.5 + 0.45 * np.sin(0.5 * seconds))
                top = (wall.height - down) * (0.5 + 0.45 * np.cos(0.7 * seconds))
                box = (left, top, left + across, top + down)
                view = wall.resize((width, height), Image.Resampling.BILINEAR, box=box)
            pixels = np.asarray(view, np.int16) + grain[index % len(grain)]
            made.append(np.clip(pixels, 0, 255).astype(np.uint8))
            writer.write(made[-1], Fraction(index, RATE))
        writer.close(Fraction(length, RATE))
    repeat(turn, path, frames, length)
    turn.unlink()


def repeat(turn: Path, path: Path, frames: int, length: int) -> None:
    """So many frames, of a clip of fewer played again and again: nothing is encoded twice."""
    with av.open(str(turn)) as source, av.open(str(path), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for first in range(0, frames, length):
            source.seek(0)
            for packet in list(source.demux(video=0))[: frames - first]:
                if packet.pts is None or packet.dts is None:  # the end
                    continue
                passed = round(Fraction(first, RATE) / packet.time_base)
                packet.pts, packet.dts, packet.stream = packet.pts + passed, packet.dts + passed, stream
                target.mux_one(packet)


def explainer_for(device: str) -> FrameExplainer:
    if device == "none":
        return Quick()
    weights = os.environ.get("CAMVIEWER_WEIGHTS")
    if weights:
        return load_model(ModelChoice("resnet18", Path(weights), device=device)).explainer
    return load_model(ModelChoice("efficientnet_lite0", device=device)).explainer


# The parts, one by one


@dataclass
class Parts:
    """Milliseconds a frame, by part."""

    took: dict[str, float]

    def measure(self, name: str, work: Callable[[T], R], items: Iterable[T]) -> list[R]:
        start = time.perf_counter()
        results = [work(item) for item in items]
        self.took[name] = 1000 * (time.perf_counter() - start) / max(len(results), 1)
        return results


def write_frame(writer: MovieWriter, timed: tuple[VideoFrame, float]) -> None:
    writer.write_frame(*timed)


def measured_parts(clip: Path, explainer: FrameExplainer) -> dict[str, float]:
    from camviewer.media.movies.encoders import EncoderThreads
    from camviewer.media.movies.movie_frames import MovieFrames

    parts = Parts({})
    reader = VideoReader(clip)
    frames = [read[0] for read in parts.measure("read", lambda _: reader.read(), range(MEASURED)) if read]
    reader.close()
    batches = [frames[start : start + 8] for start in range(0, len(frames), 8)]
    request = ExplainRequest()
    explainer.explain_batch(batches[0], request)  # graphs and kernels are made at the first one
    explained = parts.measure("explain", lambda batch: explainer.explain_batch(batch, request), batches)
    parts.took["explain"] *= len(batches) / len(frames)
    explanations = [each for batch in explained for each in batch]
    states = parts.measure(
        "state", lambda each: view_state(each, ClassScore(each.top(1)[0]), STYLE), explanations
    )
    parts.measure("json", lambda each: json.dumps(prediction_facts(each, each.top(5))), explanations)
    canvas = compose(states[0], True, full_resolution=False)
    parts.measure("compose", lambda state: compose(state, True, full_resolution=False, onto=canvas), states)
    maker = MovieFrames((canvas.width(), canvas.height()), threads=1)
    parts.measure("colours", lambda _: maker.frame(canvas), states)
    made = [maker.frame(compose(state, True, full_resolution=False, onto=canvas)) for state in states]
    timed = [(frame, index / RATE) for index, frame in enumerate(made)]
    for threads in (1, 4):
        writer = MovieWriter(io.BytesIO(), threads=EncoderThreads(1, threads))
        parts.measure(f"encode, threads: {threads}", partial(write_frame, writer), timed)
        writer.close()
    return {name: round(each, 2) for name, each in parts.took.items()}


# All of it


def conversion(
    clip: Path, explainer: FrameExplainer, folder: Path, threads: str | None = None
) -> dict[str, float]:
    """threads: of the encoders, such as 3x4; None: as the program does."""
    options: dict[str, Any] = {}
    if threads is not None:
        from camviewer.media.movies.encoders import EncoderThreads

        options["open_files"] = partial(
            ConversionFiles, threads=EncoderThreads(*map(int, threads.split("x")))
        )
    movie = folder / "converted.mp4"
    made = Conversion(
        clip,
        movie,
        top_class_state(STYLE),
        lines=folder / "converted.jsonl",
        caption=True,
        overwrite=True,
        **options,
    )
    start, cpu = time.perf_counter(), time.process_time()
    result = made.run(explainer)
    took = time.perf_counter() - start
    assert result is not None
    return {
        "frames_per_s": round(result.frames / took, 1),
        "times_real_time": round(result.frames / RATE / took, 2),
        "cores_busy": round((time.process_time() - cpu) / took, 2),
        "megabytes": round(movie.stat().st_size / 1e6, 2),
    }


def in_process(checkout: str, args: argparse.Namespace, clip: Path, folder: Path) -> dict[str, Any]:
    """Conversions by a checkout, by name: as it does it, and with other threads."""
    command = [sys.executable, __file__, "--clip", str(clip), "--folder", str(folder)]
    command += ["--device", args.device]
    if checkout == ROOT:
        command += ["--threads", *args.threads]
    environment = {
        **os.environ,
        "CONVERT_SPEED_CHECKOUT": checkout,
        "PYTHONPATH": os.pathsep.join([checkout, *sys.path]),
    }
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def convert_in_child(args: argparse.Namespace) -> dict[str, Any]:
    explainer = explainer_for(args.device)
    conversion(args.folder / "short.mp4", explainer, args.folder)  # the first one warms up
    names: list[str | None] = [None, *args.threads]
    return {name or "as it is": conversion(args.clip, explainer, args.folder, name) for name in names}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--device", default="cpu", help="cpu, cuda, mps, or none")
    parser.add_argument("--height", type=int, default=1080)
    parser.add_argument("--frames", type=int, default=600)
    parser.add_argument("--calm", action="store_true", help="a clip of which most stands still")
    parser.add_argument("--no-parts", action="store_true", help="only the whole is measured")
    parser.add_argument("--cores", type=int)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", nargs="*", default=[], help="of the encoders, to compare: 1x4 3x4 …")
    parser.add_argument("--against", type=Path)
    parser.add_argument("--images", type=Path, default=resource_path("samples"))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--clip", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.cores is not None:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: args.cores])
    app = QGuiApplication(sys.argv[:1])  # the caption has a font
    if args.clip is not None:
        print(json.dumps(convert_in_child(args)))
        return 0
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    report: dict[str, Any] = {
        "camviewer": camviewer.__version__,
        "device": args.device,
        "clip": f"{args.height}p, {args.frames} frames, {RATE}/s, {'calm' if args.calm else 'moving'}",
        "cores": cores,
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip = folder / "clip.mp4"
        make_clip(clip, args.height, args.frames, args.images, args.calm)
        report["clip_mbit_s"] = round(8e-6 * clip.stat().st_size * RATE / args.frames, 1)
        make_clip(folder / "short.mp4", 128, 30, args.images)
        checkouts = [ROOT] + ([str(args.against)] if args.against else [])
        for _ in range(args.rounds):
            for checkout in checkouts:
                for way, found in in_process(checkout, args, clip, folder).items():
                    print(checkout, way, found, flush=True)
                    report.setdefault(f"{checkout}, {way}", []).append(found)
        if not args.no_parts:
            report["ms_per_frame_alone"] = measured_parts(clip, explainer_for(args.device))
    app.quit()
    print(json.dumps(report, indent=2))
    if args.json is not None:
        args.json.write_text(json.dumps(report, indent=2) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
