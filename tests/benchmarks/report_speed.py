"""How fast `camviewer explain --report` is beside a plain torchvision loop; whether its memory stays flat.

    python tests/benchmarks/report_speed.py [--photos 5000] [--originals N] [--device cpu|cuda|instant]
                                            [--processes N] [--batch 32] [--rates-only] [--json FILE]

Makes that many JPEGs of about 500 x 375 pixels, in folders of classes, out of the sample photos; or only the
originals, and hard links to them, which are quicker to make (symbolic links to one photo count once).

First the rates, all in one process and after each other, in photos a second: decoding alone by one thread, by
a thread a core and by a process a core; decoding and resizing by a process a core; and the review, which does
all that a report does but for writing the page. Processes are up before their time begins, as they are where
a network is loaded meanwhile. The device ``instant`` is a network that answers at once and says that it is a
GPU: it shows what the review itself costs, where there is no GPU.

Then, in turns and each as a process of its own, with as many threads: the plain loop over one half, the
report over all, the plain loop over the other half. The plain loop is what a script would do: Pillow decodes,
the weights' own preset transforms, torchvision's resnet18 in batches, in inference mode. Times are of whole
processes, with their start. Memory is that of the report's process (resident), asked for twice a second.

Exit status 1 if the report makes less than 0.8 of the plain loop's images a second, or if its memory grows by
more than 30 MB from its first quarter to its end. The weights are CAMVIEWER_WEIGHTS', or random ones.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from camviewer.core.explainer import Explainer

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
LEAST_RATIO, MOST_GROWTH_MB, CLASSES = 0.8, 30.0, ("tabby", "espresso", "missile", "airliner", "tripod")
INSTANT = "instant"


def make_photos(folder: Path, count: int, distinct: int) -> None:
    """The first ones are distinct, all others are links to them."""
    from PIL import Image

    from camviewer.core.resources import resource_path

    chance = random.Random(0)
    originals = [
        Image.open(path).convert("RGB")
        for path in sorted(resource_path("samples").iterdir())
        if path.suffix in (".png", ".jpg")
    ]
    made: list[Path] = []
    for index in range(count):
        place = folder / ("first", "second")[index % 2] / CLASSES[index // 2 % len(CLASSES)]
        place.mkdir(parents=True, exist_ok=True)
        path = place / f"{index:06}.jpg"
        if index >= distinct:
            path.hardlink_to(made[index % distinct])
            continue
        made.append(path)
        original = chance.choice(originals)
        width, height = chance.choice(
            [(500, 375), (375, 500), (500, 333), (480, 360), (640, 480), (400, 400)]
        )
        # A part of a photo, so that no two are the same.
        share = chance.uniform(0.5, 0.95)
        across, down = int(original.width * share), int(original.height * share)
        left, top = chance.randint(0, original.width - across), chance.randint(0, original.height - down)
        part = original.resize((width, height), box=(left, top, left + across, top + down))
        part.save(path, quality=chance.randint(75, 93))


def make_weights(path: Path) -> Path:
    import torch
    from torchvision.models import resnet18

    torch.manual_seed(0)
    torch.save(resnet18().state_dict(), path)
    return path


def decoded(path: Path) -> tuple[int, int]:
    from PIL import Image

    with Image.open(path) as image:
        return image.convert("RGB").size


def rate(count: int, work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return round(count / (time.perf_counter() - start), 1)


def decoding_rate(paths: Sequence[Path], executor: Executor) -> float:
    with executor:
        list(executor.map(decoded, [paths[0]] * 64))  # it has started
        return rate(len(paths), lambda: list(executor.map(decoded, paths, chunksize=8)))


def instant_explainer() -> Explainer:
    """ResNet18's, with a run that gives random numbers at once."""
    import numpy as np

    from camviewer.core.arrays import ByteArray, read_only
    from camviewer.core.explainer import Explainer
    from camviewer.core.geometry import InputGeometry
    from camviewer.core.models.builtin import RESNET18
    from camviewer.core.models.labels import labels_for
    from camviewer.core.models.spec import LinearHead, ModelInfo, WeightsOrigin
    from camviewer.core.runtimes.base import BasicRun, ForwardPass, Needs
    from camviewer.core.runtimes.device import Device

    numbers = np.random.default_rng(0)
    several = [
        ForwardPass(
            read_only(numbers.standard_normal((512, 7, 7), np.float32)),
            read_only(3 * numbers.standard_normal(1000, np.float32)),
            0.0,
        )
        for _ in range(64)
    ]
    names = labels_for(1000, None, RESNET18.labels)
    weight, bias = numbers.standard_normal((1000, 512), np.float32), np.zeros(1000, np.float32)

    class InstantRun(BasicRun):
        device, device_title, layer, labels = Device("cuda"), "instant", RESNET18.layer, names
        head = LinearHead(read_only(weight), read_only(bias), names)
        offers = Needs.LINEAR_HEAD

        def run(self, image: ByteArray, geometry: InputGeometry) -> ForwardPass:
            return several[int(image[0, 0, 0]) % len(several)]

        def run_batch(
            self, images: Sequence[ByteArray], geometries: Sequence[InputGeometry]
        ) -> list[ForwardPass]:
            return [self.run(image, geometry) for image, geometry in zip(images, geometries, strict=True)]

    info = ModelInfo("resnet18", "ResNet18", Device("cuda"), "instant", "0" * 64, "none", WeightsOrigin.FILE)
    return Explainer(InstantRun(), RESNET18, info)


def rates(folder: Path, device: str, processes: int) -> dict[str, Any]:
    """Photos a second, of each part alone and of the review. In a process of its own."""
    from camviewer.core.explanation import ExplainRequest
    from camviewer.core.loading import ModelChoice, load_model
    from camviewer.core.models.weights import chosen_weights
    from camviewer.core.review.photos_ahead import pool_for
    from camviewer.core.review.pool import Pool, usable_cores
    from camviewer.core.review.preparing import prepare_photo
    from camviewer.core.review.reviewer import Reviewer
    from camviewer.core.review.thumbnails import ThumbnailStore
    from camviewer.core.review.truth import ClassNames, folder_truth
    from camviewer.media.review.report import ShownPhotos

    paths = sorted(folder.rglob("*.jpg"))
    cores, request = usable_cores(), ExplainRequest()
    chosen = ModelChoice(weights=chosen_weights(None), device=device)
    explainer = instant_explainer() if device == INSTANT else load_model(chosen).explainer
    on_cpu = explainer.info.device == "cpu"
    result: dict[str, Any] = {
        "cores": cores,
        "device": explainer.info.device_title,
        "decode_1_thread": rate(len(paths), lambda: [decoded(path) for path in paths]),
        "decode_threads": decoding_rate(paths, ThreadPoolExecutor(cores)),
        "decode_processes": decoding_rate(
            paths, ProcessPoolExecutor(cores, multiprocessing.get_context("spawn"))
        ),
    }
    by_pixels = explainer.for_prepared(request)
    assert by_pixels is not None
    prepare = partial(prepare_photo, plan=by_pixels.plan)
    with closing(Pool(cores, processes=True)) as pool:
        started = time.perf_counter()
        for future in [pool.submit(prepare, paths[:1]) for _ in range(4 * cores)]:
            future.result()
        result["processes_start_seconds"] = round(time.perf_counter() - started, 2)

        def prepared() -> None:
            # As far ahead as a review is: all of them would not fit into memory.
            waiting = [pool.submit(prepare, paths[i : i + 8]) for i in range(0, 16 * cores, 8)]
            for i in range(16 * cores, len(paths), 8):
                waiting.append(pool.submit(prepare, paths[i : i + 8]))
                waiting.pop(0).result()
            for future in waiting:
                future.result()

        result["decode_and_resize_processes"] = rate(len(paths), prepared)
    truth = folder_truth(paths, [folder / "first", folder / "second"], ClassNames(explainer.labels)).ids
    pool = Pool(processes, processes=True) if processes else pool_for(len(paths), on_cpu=on_cpu)
    for future in [pool.submit(prepare, paths[:1]) for _ in range(4 * pool.workers)]:
        future.result()
    explainer.explain_batch([], request)
    with closing(ThumbnailStore()) as store:
        reviewer = Reviewer(
            paths,
            truth,
            request,
            store,
            wants_thumbnail=ShownPhotos(has_truth=True).wants,
            side=400,
            new_pool=lambda: pool,
        )
        thumbnails = 0

        def review() -> None:
            nonlocal thumbnails
            while batch := reviewer.step(explainer):
                thumbnails += sum(item.thumbnail is not None for item in batch)

        with closing(reviewer):
            main_before = time.thread_time()
            result["review"] = rate(len(paths), review)
            result["review_main_thread_ms"] = round(1000 * (time.thread_time() - main_before) / len(paths), 3)
    best = max(result["decode_1_thread"], result["decode_threads"], result["decode_processes"])
    return result | {
        "review_workers": f"{pool.workers} {'processes' if pool.processes else 'threads'}",
        "review_thumbnails": thumbnails,
        "review_of_best_decoding": round(result["review"] / best, 3),
        "review_of_decoding_and_resizing": round(result["review"] / result["decode_and_resize_processes"], 3),
    }


def plain(folder: Path, weights: Path, batch: int, device: str) -> None:
    """The loop that is compared with. In a process of its own."""
    import torch
    from PIL import Image
    from torchvision.models import ResNet18_Weights, resnet18

    network = resnet18()
    network.load_state_dict(torch.load(weights, weights_only=True))
    network.eval().to(device)
    transforms = ResNet18_Weights.IMAGENET1K_V1.transforms()
    paths = sorted(folder.rglob("*.jpg"))
    answers: list[int] = []
    with torch.inference_mode():
        for start in range(0, len(paths), batch):
            images = [transforms(Image.open(path).convert("RGB")) for path in paths[start : start + batch]]
            answers += network(torch.stack(images).to(device)).softmax(1).argmax(1).tolist()
    assert len(answers) == len(paths)


def timed(command: list[str], environment: dict[str, str]) -> tuple[float, list[tuple[float, float]]]:
    """Seconds that a process took, and its memory over time: (seconds, MB)."""
    start = time.monotonic()
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    watched = psutil.Process(process.pid)
    memory: list[tuple[float, float]] = []
    told = ""
    while True:
        try:
            _, told = process.communicate(timeout=0.5)
            break
        except subprocess.TimeoutExpired:
            resident = watched.memory_info().rss
            if resident:  # it may just have ended
                memory.append((time.monotonic() - start, resident / 1e6))
    if process.returncode != 0:
        sys.exit(f"{command} failed: {told}")
    return time.monotonic() - start, memory


def growth(memory: list[tuple[float, float]]) -> tuple[float, float]:
    """MB after the first quarter of the time, and at the end: the most within a tenth of the time each."""
    seconds = memory[-1][0]
    early = [mb for at, mb in memory if 0.2 * seconds <= at <= 0.3 * seconds]
    late = [mb for at, mb in memory if at >= 0.9 * seconds]
    return max(early), max(late)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--photos", type=int, default=5000)
    parser.add_argument("--originals", type=int, help="so many photos are made; all by default")
    parser.add_argument("--device", default="cpu", help="cpu, cuda, mps or instant")
    parser.add_argument("--processes", type=int, default=0, help="of the review; else as it chooses")
    parser.add_argument("--rates-only", action="store_true")
    parser.add_argument("--batch", type=int, default=32, help="of the plain loop")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plain", nargs=2, type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--rates", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.plain is not None:
        plain(args.plain[0], args.plain[1], args.batch, args.device)
        return 0
    if args.rates is not None:
        print(json.dumps(rates(args.rates, args.device, args.processes)))
        return 0
    with tempfile.TemporaryDirectory(prefix="camviewer-report-speed-") as name:
        folder = Path(name)
        make_photos(folder / "photos", args.photos, args.originals or args.photos)
        chosen = os.environ.get("CAMVIEWER_WEIGHTS")
        weights = Path(chosen).resolve() if chosen else make_weights(folder / "weights.pth")
        environment = {
            **os.environ,
            "CAMVIEWER_WEIGHTS": str(weights),
            "OMP_NUM_THREADS": str(os.cpu_count()),
        }
        own = [sys.executable, __file__, "--device", args.device, "--processes", str(args.processes)]
        told = subprocess.run(
            [*own, "--rates", str(folder / "photos")], env=environment, stdout=subprocess.PIPE, check=True
        )
        measured = json.loads(told.stdout)
        print(json.dumps(measured, indent=2), flush=True)
        if args.rates_only or args.device == INSTANT:
            if args.json is not None:
                args.json.write_text(json.dumps({"photos": args.photos, "rates": measured}, indent=2) + "\n")
            return 0
        loop = [*own, "--batch", str(args.batch), "--plain"]
        report = [sys.executable, "-m", "camviewer", "explain", "--device", args.device, "--truth", "folders"]
        halves = [folder / "photos" / half for half in ("first", "second")]
        report += ["--report", str(folder / "report.html"), *map(str, halves)]
        before, _ = timed([*loop, str(halves[0]), str(weights)], environment)
        took, memory = timed(report, environment)
        after, _ = timed([*loop, str(halves[1]), str(weights)], environment)
        size = (folder / "report.html").stat().st_size / 1e6
        rows = len((folder / "report.csv").read_text().splitlines()) - 1
    early, late = growth(memory)
    result: dict[str, Any] = {
        "photos": args.photos,
        "rates": measured,
        "rows": rows,
        "plain_images_per_second": round(args.photos / (before + after), 2),
        "plain_seconds": [round(before, 1), round(after, 1)],
        "report_images_per_second": round(args.photos / took, 2),
        "report_seconds": round(took, 1),
        "ratio": round((before + after) / took, 3),
        "memory_mb": {f"{at:.0f} s": round(mb) for at, mb in memory[:: max(1, len(memory) // 12)]},
        "memory_early_mb": round(early, 1),
        "memory_late_mb": round(late, 1),
        "report_mb": round(size, 2),
    }
    print(json.dumps(result, indent=2))
    if args.json is not None:
        args.json.write_text(json.dumps(result, indent=2) + "\n")
    fine = rows == args.photos and result["ratio"] >= LEAST_RATIO and late - early <= MOST_GROWTH_MB
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
