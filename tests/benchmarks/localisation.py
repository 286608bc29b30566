"""How well the maps find objects: MaxBoxAccV2 over photos with boxes, the class given.

    python tests/benchmarks/localisation.py IMAGES BOXES LABELS --fit squash [--method NAME] [--fine]

IMAGES is a folder; BOXES has lines `file,x0,y0,x1,y1` in pixels of the photo (several a file if it has
several objects); LABELS has lines `file,class_id`. Photos that aren't in the folder are left out.
boxes_by_eye/ beside this file has both lists for the photos of CAMVIEWER_TEST_ASSETS/images.

The definition is that of `camviewer.core.quality.boxes`, with more rows than `camviewer bench --quality`:
"largest part" takes the box of the largest part alone, which is the box that the program draws, at the best
threshold (for IoU 0.5 that is the older MaxBoxAcc); "the program's" takes it at the program's own 20 % (of
extents 55 %). `--normalise minmax` scales maps as the authors do, `--fit` shows other parts of photos.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from camviewer.commands.arguments import method_named
from camviewer.core.arrays import FloatArray
from camviewer.core.explanation import ExplainRequest, Explanation
from camviewer.core.failures import Failure
from camviewer.core.frames import Fit, Frame, Region
from camviewer.core.loading import ModelChoice, load_model
from camviewer.core.localize import PAPER_THRESHOLD, localize, usual_threshold
from camviewer.core.methods.offers import offer_of
from camviewer.core.models.builtin import DEFAULT, MODELS, spec_named
from camviewer.core.models.weights import chosen_weights
from camviewer.core.quality.boxes import (
    IOUS,
    SIDE,
    STEPS,
    Boxes,
    best_ious,
    found_at,
    in_points,
    ious,
)
from camviewer.core.quality.items import Item, check_classes, read_items
from camviewer.core.storage.images import read_image
from camviewer.core.targets import ClassScore

ROWS = ("any part", "largest part", "the program's", "whole photo")
SWEPT = ROWS[:2]


class Explains(Protocol):
    """`Explainer`, or what a test has for it."""

    def explain(self, frame: Frame, request: ExplainRequest) -> Explanation: ...


@dataclass(slots=True)
class Tally:
    """Counts of the photos whose object was found, for each IoU of `IOUS` (and each threshold)."""

    minmax: bool = False
    threshold: float = PAPER_THRESHOLD
    photos: int = 0
    seconds: float = 0.0
    swept: NDArray[np.int64] = field(default_factory=lambda: np.zeros((2, len(IOUS), STEPS), np.int64))
    fixed: NDArray[np.int64] = field(default_factory=lambda: np.zeros((2, len(IOUS)), np.int64))

    def add(self, cam: FloatArray, region: Region, size: tuple[int, int], boxes: Boxes) -> None:
        to_side, true = SIDE / np.array([*size, *size], np.float64), in_points(boxes, size)
        self.swept += found_at(best_ious(cam, region, size, true, self.minmax))
        found = localize(cam, region, self.threshold).box
        drawn = np.zeros(4) if found is None else np.minimum(np.array(found) * to_side, SIDE - 1)
        whole = np.array([0, 0, SIDE - 1, SIDE - 1], np.float64)
        self.fixed += ious(np.stack([drawn, whole]), true).max(1)[:, None] >= np.array(IOUS)
        self.photos += 1

    def accuracies(self) -> dict[str, NDArray[np.float64]]:
        """Row → percent for each IoU, at the best threshold where there is one to choose."""
        rows = [*self.swept.max(2), *self.fixed]
        return {name: 100 * row / max(self.photos, 1) for name, row in zip(ROWS, rows, strict=True)}

    def thresholds(self) -> dict[str, NDArray[np.float64]]:
        """Row → the best threshold for each IoU."""
        return dict(zip(SWEPT, self.swept.argmax(2) / 255, strict=True))

    def figures(self) -> dict[str, object]:
        """What the JSON file says."""
        thresholds = self.thresholds()
        rows = {}
        for name, row in self.accuracies().items():
            rows[name] = {
                "accuracy": dict(zip(map(str, IOUS), row.round(2).tolist(), strict=True)),
                "mean": round(float(row.mean()), 2),
            }
            if name in thresholds:
                rows[name]["threshold"] = dict(
                    zip(map(str, IOUS), thresholds[name].round(3).tolist(), strict=True)
                )
        return {
            "photos": self.photos,
            "photos_per_second": round(self.photos / self.seconds, 2) if self.seconds else None,
            "max_box_acc_v2": rows[ROWS[0]]["mean"],
            "rows": rows,
        }

    def table(self) -> str:
        """For people: accuracies in percent, the best threshold behind each."""
        lines = [" " * 16 + "".join(f"IoU {iou}".rjust(14) for iou in IOUS) + "      mean"]
        thresholds = self.thresholds()
        for name, row in self.accuracies().items():
            cells = [f"{value:.1f}" for value in row]
            if name in thresholds:
                cells = [f"{c} ({t:.2f})" for c, t in zip(cells, thresholds[name], strict=True)]
            elif name == "the program's":
                cells = [f"{c} ({self.threshold:.2f})" for c in cells]
            else:
                cells = [f"{c}       " for c in cells]
            note = "  = MaxBoxAccV2" if name == ROWS[0] else ""
            lines.append(name.ljust(16) + "".join(c.rjust(14) for c in cells) + f"{row.mean():10.1f}{note}")
        return "\n".join(lines)


def measure(
    explainer: Explains, items: Sequence[Item], request: ExplainRequest, minmax: bool = False
) -> Tally:
    """Explain every photo and count. Raises Failure for a photo that can't be read, or has no such map."""
    tally = Tally(minmax, usual_threshold(request.method))
    tqdm.monitor_interval = 0  # without its monitor tqdm starts no thread
    start = time.perf_counter()
    for item in tqdm(items, unit="photo", file=sys.stderr, disable=not sys.stderr.isatty()):
        assert item.truth is not None, "it stands in the lists"
        target = ClassScore(item.truth.class_id)
        explanation = explainer.explain(Frame(read_image(item.path)), replace(request, targets=(target,)))
        size = explanation.frame.width, explanation.frame.height
        drawn = explanation.drawn_map(target)
        tally.add(drawn.values, explanation.region, size, item.truth.boxes)
    tally.seconds = time.perf_counter() - start
    return tally


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        "localisation.py", description="MaxBoxAccV2 of the program's maps, the class given."
    )
    result.add_argument("images", metavar="IMAGES", type=Path, help="folder with the photos")
    result.add_argument("boxes", metavar="BOXES", type=Path, help="lines file,x0,y0,x1,y1 in photo pixels")
    result.add_argument("labels", metavar="LABELS", type=Path, help="lines file,class_id")
    result.add_argument("--model", choices=tuple(MODELS), help=f"default: {DEFAULT.name}")
    result.add_argument("--weights", metavar="FILE", type=Path, help="a state dict of the model")
    result.add_argument("--device", default="auto", help="auto (default), cpu, cuda, mps, …")
    result.add_argument("--fit", choices=[fit.value for fit in Fit], default="squash", help="default: squash")
    result.add_argument("--resolution", metavar="N", type=int, help="default: the model's own")
    result.add_argument("--method", metavar="NAME", type=method_named, help="default: the most faithful one")
    result.add_argument("--fine", action="store_true", help="the averaged maps")
    result.add_argument(
        "--normalise",
        choices=("max", "minmax"),
        default="max",
        help="0..1 of the thresholds: from 0 to the maximum (default), or from the minimum",
    )
    result.add_argument("--limit", metavar="N", type=int, help="the first N photos only")
    result.add_argument("--json", metavar="FILE", type=Path, help="write the figures to a file too")
    return result


def main(argv: Sequence[str] | None = None) -> int:
    args = parser().parse_args(argv)
    try:
        spec = spec_named(args.model)
        resolution = spec.sizes.check(args.resolution or spec.preprocessing.crop)
        request = ExplainRequest(Fit(args.fit), resolution, fine=args.fine, method=args.method)
        items, missing = read_items(args.images, args.boxes, args.labels)
        items = items[: args.limit]
        if missing:
            print(f"{missing} photos are not in {args.images} and are left out", file=sys.stderr)
        choice = ModelChoice(spec.name, chosen_weights(args.weights), None, args.device)
        loaded = load_model(choice, allow_embedded=args.model is None)
        check_classes(items, len(loaded.explainer.labels))
        info = loaded.explainer.info
        tally = measure(loaded.explainer, items, request, args.normalise == "minmax")
    except (Failure, ValueError) as failure:
        print(f"localisation.py: {failure}", file=sys.stderr)
        return 1
    how = f"{request.fit.value} {request.resolution}{', fine' if request.fine else ''}, {args.normalise}"
    method = offer_of(loaded.explainer.methods, request.method)
    assert method is not None, "maps were made"
    how = f"{method.name}, {how}"
    print(f"{info.title} on {info.device_title}, {how}: {tally.photos} photos", end="")
    print(f", {tally.photos / tally.seconds:.1f} images a second")
    print(tally.table())
    if args.json is not None:
        facts: dict[str, object] = {
            "model": info.name,
            "device": info.device,
            "fit": request.fit.value,
            "resolution": request.resolution,
            "method": method.name,
            "fine": request.fine,
            "normalise": args.normalise,
            "missing": missing,
        }
        args.json.write_text(json.dumps(facts | tally.figures(), indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
