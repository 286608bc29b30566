"""How well the maps find objects: MaxBoxAccV2 over photos with boxes, the class given.

    python tests/benchmarks/localisation.py IMAGES BOXES LABELS --fit squash [--method NAME] [--fine]

IMAGES is a folder; BOXES has lines `file,x0,y0,x1,y1` in pixels of the photo (several a file if it has
several objects); LABELS has lines `file,class_id`. Photos that aren't in the folder are left out.
boxes_by_eye/ beside this file has both lists for the photos of CAMVIEWER_TEST_ASSETS/images.

    J. Choe, S. J. Oh, S. Lee, S. Chun, Z. Akata, H. Shim:
    Evaluating Weakly Supervised Object Localization Methods Right. CVPR 2020 (and its journal version).

The definition is that of the authors' evaluation (clovaai/wsolevaluation, evaluation.py), to the pixel:

- the map at 224 x 224 points, scaled to 0..1, in 256 steps; at each threshold the points strictly above;
- *every* contour of them (cv2.findContours with RETR_TREE: of parts that touch at a corner as of one part,
  and of holes) gives a box; the true boxes are brought to 224ths of the photo, cut to whole numbers;
- a photo counts at a threshold if any of its boxes has the IoU (of pixels, both ends included) with any true
  one; accuracy is the best threshold's; MaxBoxAccV2 is the mean of the accuracies for IoU 0.3, 0.5 and 0.7.

The older MaxBoxAcc takes the largest contour's box alone, for IoU 0.5: that is in the row "largest part",
which is the box that the program draws, at the best threshold instead of at its 20 % (of extents 55 %).

Ours differs from theirs in the map alone, which is the program's: Pillow's bicubic interpolation, and 0..1
from 0 to the maximum (evidence against a class is no reason to enlarge its box) where they go from minimum
to maximum (`--normalise minmax`). Where the network saw a part of the photo (`--fit crop`), the boxes are
those of that part, brought to 224ths of the whole photo.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from camviewer.commands.arguments import method_named
from camviewer.core.arrays import ByteArray, FloatArray
from camviewer.core.explanation import ExplainRequest, Explanation
from camviewer.core.failures import Failure
from camviewer.core.frames import Fit, Frame, Region
from camviewer.core.loading import ModelChoice, load_model
from camviewer.core.localize import PAPER_THRESHOLD, localize, usual_threshold
from camviewer.core.methods.offers import offer_of
from camviewer.core.models.builtin import DEFAULT, MODELS, spec_named
from camviewer.core.models.weights import chosen_weights
from camviewer.core.scaling import Interpolation, upsampled
from camviewer.core.storage.images import read_image
from camviewer.core.targets import ClassScore

SIDE = 224
IOUS = (0.3, 0.5, 0.7)
STEPS = 255
"""Thresholds 0/255, 1/255, … 254/255: all that differ in a map of 256 steps."""
ROWS = ("any part", "largest part", "the program's", "whole photo")
SWEPT = ROWS[:2]

Boxes = NDArray[np.float64]
"""[n, 4]: left, top, right, bottom."""


class Explains(Protocol):
    """`Explainer`, or what a test has for it."""

    def explain(self, frame: Frame, request: ExplainRequest) -> Explanation: ...


@dataclass(frozen=True, slots=True)
class Item:
    """One photo, its class, and its true boxes in its pixels."""

    path: Path
    class_id: int
    boxes: Boxes


def read_items(images: Path, boxes: Path, labels: Path) -> tuple[list[Item], int]:
    """The photos of BOXES that are there, in its order, and how many are not. Raises Failure."""
    true_boxes: dict[str, list[list[float]]] = {}
    for name, *sides in _rows(boxes, 5):
        true_boxes.setdefault(name, []).append([float(side) for side in sides])
    classes = {name: int(class_id) for name, class_id in _rows(labels, 2)}
    items, missing = [], 0
    for name, found in true_boxes.items():
        # Lists of ImageNet have the folder of the split before the name.
        path = next((p for p in (images / name, images / Path(name).name) if p.is_file()), None)
        if path is None:
            missing += 1
            continue
        if name not in classes:
            raise Failure(f"{labels} has no class for {name}.")
        items.append(Item(path, classes[name], np.array(found)))
    return items, missing


def _rows(path: Path, fields: int) -> Iterable[list[str]]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            for row in csv.reader(file):
                if not row:
                    continue
                if len(row) != fields:
                    raise Failure(f"{path}: {','.join(row)!r} has not {fields} fields.")
                for text in row[1:]:
                    float(text)
                yield row
    except (OSError, ValueError) as error:
        raise Failure(f"{path} can't be read ({error}).") from error


def steps_of(cam: FloatArray, minmax: bool = False) -> ByteArray:
    """The map in 256 steps at 224 x 224 points; all 0 without evidence."""
    values = np.nan_to_num(upsampled(cam, SIDE, SIDE, Interpolation.BICUBIC), posinf=0.0, neginf=0.0)
    low, peak = float(values.min()) if minmax else 0.0, float(values.max())
    if peak <= low:
        return np.zeros((SIDE, SIDE), np.uint8)
    unit = np.clip((values - low) / (peak - low), 0.0, 1.0)
    steps: ByteArray = (unit * 255).astype(np.uint8)
    return steps


def contour_boxes(mask: ByteArray) -> tuple[Boxes, int]:
    """The boxes of all contours of a mask, in points, and which is the largest's; without any, the corner."""
    contours, _ = cv2.findContours(mask, cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE)
    if not contours:
        return np.zeros((1, 4)), 0
    boxes = np.array([cv2.boundingRect(contour) for contour in contours], np.float64)
    boxes[:, 2:] = np.minimum(boxes[:, :2] + boxes[:, 2:], np.array(mask.shape[::-1]) - 1)
    return boxes, int(np.argmax([cv2.contourArea(contour) for contour in contours]))


def ious(boxes: Boxes, others: Boxes) -> NDArray[np.float64]:
    """[n, m], of pixels with both ends included."""
    a, b = boxes[:, None], others[None]
    sides = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2]) + 1
    shared = np.maximum(sides, 0).prod(-1)
    both = (a[..., 2:] - a[..., :2] + 1).prod(-1) + (b[..., 2:] - b[..., :2] + 1).prod(-1)
    result: NDArray[np.float64] = shared / (both - shared)
    return result


def best_ious(cam: FloatArray, region: Region, size: tuple[int, int], true: Boxes, minmax: bool) -> Boxes:
    """[2, STEPS]: at each threshold the best IoU of any part's box, and that of the largest part's.

    size: width and height of the photo; true: its boxes in 224ths of it.
    """
    steps = steps_of(cam, minmax)
    present = np.bincount(steps.ravel(), minlength=256) > 0
    photo = np.array([*size, *size], np.float64)
    scale = np.array([region.width, region.height, region.width, region.height]) / photo
    shift = np.array([region.left, region.top, region.left, region.top]) * SIDE / photo
    best = np.zeros((2, STEPS))
    for step in range(STEPS):
        if step and not present[step]:
            best[:, step] = best[:, step - 1]  # the same points are above it
            continue
        boxes, largest = contour_boxes((steps > step).astype(np.uint8))
        found = ious(boxes * scale + shift, true).max(1)
        best[:, step] = found.max(), found[largest]
    return best


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
        to_side = SIDE / np.array([*size, *size], np.float64)
        true = np.trunc(boxes * to_side)
        wanted = np.array(IOUS)
        best = best_ious(cam, region, size, true, self.minmax)
        self.swept += best[:, None] >= wanted[:, None]
        found = localize(cam, region, self.threshold).box
        drawn = np.zeros(4) if found is None else np.minimum(np.array(found) * to_side, SIDE - 1)
        whole = np.array([0, 0, SIDE - 1, SIDE - 1], np.float64)
        self.fixed += ious(np.stack([drawn, whole]), true).max(1)[:, None] >= wanted
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
        target = ClassScore(item.class_id)
        explanation = explainer.explain(Frame(read_image(item.path)), replace(request, targets=(target,)))
        size = explanation.frame.width, explanation.frame.height
        drawn = explanation.drawn_map(target)
        tally.add(drawn.values, explanation.region, size, item.boxes)
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
        if not items:
            raise Failure(f"There are no photos of {args.boxes} in {args.images}.")
        choice = ModelChoice(spec.name, chosen_weights(args.weights), None, args.device)
        loaded = load_model(choice, allow_embedded=args.model is None)
        classes = len(loaded.explainer.labels)
        for item in items:
            if not 0 <= item.class_id < classes:
                raise Failure(f"{item.path.name}: class {item.class_id} is not among 0..{classes - 1}.")
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
