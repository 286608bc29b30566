"""How fast `camviewer explain --report` is beside a plain torchvision loop; whether its memory stays flat.

    python tests/benchmarks/report_speed.py [--photos 5000] [--batch 32] [--json FILE]

Makes that many JPEGs of about 500 x 375 pixels, in folders of classes, out of the sample photos. Then, in
turns and each as a process of its own, with as many threads: the plain loop over one half, the report over
all, the plain loop over the other half. The plain loop is what a script would do: Pillow decodes, the
weights' own preset transforms, torchvision's resnet18 in batches, in inference mode. Times are of whole
processes, with their start. Memory is that of the report's process (resident), asked for twice a second.

Exit status 1 if the report makes less than 0.8 of the plain loop's images a second, or if its memory grows by
more than 30 MB from its first quarter to its end. The weights are CAMVIEWER_WEIGHTS', or random ones.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
LEAST_RATIO, MOST_GROWTH_MB, CLASSES = 0.8, 30.0, ("tabby", "espresso", "missile", "airliner", "tripod")


def make_photos(folder: Path, count: int) -> None:
    from PIL import Image

    from camviewer.core.resources import resource_path

    chance = random.Random(0)
    originals = [
        Image.open(path).convert("RGB")
        for path in sorted(resource_path("samples").iterdir())
        if path.suffix in (".png", ".jpg")
    ]
    for index in range(count):
        original = chance.choice(originals)
        width, height = chance.choice(
            [(500, 375), (375, 500), (500, 333), (480, 360), (640, 480), (400, 400)]
        )
        # A part of a photo, so that no two are the same.
        share = chance.uniform(0.5, 0.95)
        across, down = int(original.width * share), int(original.height * share)
        left, top = chance.randint(0, original.width - across), chance.randint(0, original.height - down)
        part = original.resize((width, height), box=(left, top, left + across, top + down))
        place = folder / ("first", "second")[index % 2] / CLASSES[index // 2 % len(CLASSES)]
        place.mkdir(parents=True, exist_ok=True)
        part.save(place / f"{index:06}.jpg", quality=chance.randint(75, 93))


def make_weights(path: Path) -> Path:
    import torch
    from torchvision.models import resnet18

    torch.manual_seed(0)
    torch.save(resnet18().state_dict(), path)
    return path


def plain(folder: Path, weights: Path, batch: int) -> None:
    """The loop that is compared with. In a process of its own."""
    import torch
    from PIL import Image
    from torchvision.models import ResNet18_Weights, resnet18

    network = resnet18()
    network.load_state_dict(torch.load(weights, weights_only=True))
    network.eval()
    transforms = ResNet18_Weights.IMAGENET1K_V1.transforms()
    paths = sorted(folder.rglob("*.jpg"))
    answers: list[int] = []
    with torch.inference_mode():
        for start in range(0, len(paths), batch):
            images = [transforms(Image.open(path).convert("RGB")) for path in paths[start : start + batch]]
            answers += network(torch.stack(images)).softmax(1).argmax(1).tolist()
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
    parser.add_argument("--batch", type=int, default=32, help="of the plain loop")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plain", nargs=2, type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.plain is not None:
        plain(args.plain[0], args.plain[1], args.batch)
        return 0
    with tempfile.TemporaryDirectory(prefix="camviewer-report-speed-") as name:
        folder = Path(name)
        make_photos(folder / "photos", args.photos)
        chosen = os.environ.get("CAMVIEWER_WEIGHTS")
        weights = Path(chosen).resolve() if chosen else make_weights(folder / "weights.pth")
        environment = {
            **os.environ,
            "CAMVIEWER_WEIGHTS": str(weights),
            "OMP_NUM_THREADS": str(os.cpu_count()),
        }
        loop = [sys.executable, __file__, "--batch", str(args.batch), "--plain"]
        report = [sys.executable, "-m", "camviewer", "explain", "--device", "cpu", "--truth", "folders"]
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
