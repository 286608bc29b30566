"""MaxBoxAccV2: how well maps find objects, the class given.

J. Choe, S. J. Oh, S. Lee, S. Chun, Z. Akata, H. Shim: Evaluating Weakly Supervised Object Localization
Methods Right. CVPR 2020 (and its journal version).

The definition is that of the authors' evaluation (clovaai/wsolevaluation, evaluation.py), to the pixel:

- the map at 224 x 224 points, scaled to 0..1, in 256 steps; at each threshold the points strictly above;
- *every* contour of them (of parts that touch at a corner as of one part, and of holes) gives a box; the true
  boxes are brought to 224ths of the photo, cut to whole numbers;
- a photo counts at a threshold if any of its boxes has the IoU (of pixels, both ends included) with any true
  one; accuracy is the best threshold's; MaxBoxAccV2 is the mean of the accuracies for IoU 0.3, 0.5 and 0.7.

The older MaxBoxAcc takes the largest part's box alone, for IoU 0.5.

Ours differs from theirs in the map alone, which is the program's: Pillow's bicubic interpolation, and 0..1
from 0 to the maximum (evidence against a class is no reason to enlarge its box) where they go from minimum to
maximum. Where the network saw a part of the photo, the boxes are those of that part, brought to 224ths of the
whole photo.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from camviewer.core.arrays import ByteArray, FloatArray
from camviewer.core.frames import Region
from camviewer.core.scaling import Interpolation, upsampled

SIDE = 224
"""Points of a side at which maps are looked at."""
IOUS = (0.3, 0.5, 0.7)
"""From which IoU on an object is found."""
STEPS = 255
"""Thresholds 0/255, 1/255, … 254/255: all that differ in a map of 256 steps."""

Boxes = NDArray[np.float64]
"""[n, 4]: left, top, right, bottom."""
_EIGHT = np.ones((3, 3), bool)
"""Points that touch at a corner are of one part."""
_AROUND = np.array([-1, -1, 1, 1])


def steps_of(cam: FloatArray, minmax: bool = False) -> ByteArray:
    """The map in 256 steps at 224 x 224 points; all 0 without evidence. minmax: as the authors scale it."""
    values = np.nan_to_num(upsampled(cam, SIDE, SIDE, Interpolation.BICUBIC), posinf=0.0, neginf=0.0)
    low, peak = float(values.min()) if minmax else 0.0, float(values.max())
    if peak <= low:
        return np.zeros((SIDE, SIDE), np.uint8)
    unit = np.clip((values - low) / (peak - low), 0.0, 1.0)
    steps: ByteArray = (unit * 255).astype(np.uint8)
    return steps


def contour_boxes(mask: NDArray[np.bool_]) -> tuple[Boxes, int]:
    """The boxes of all contours of a mask [h, w], in points, and which is of the part with most points.

    As OpenCV's ``findContours`` and ``boundingRect`` have them: right and bottom are one beyond the contour,
    but inside of the mask; a hole's contour runs on the points around it. Without any: the corner.
    """
    from scipy import ndimage  # here: the window starts without scipy

    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        return np.zeros((1, 4)), 0
    top, left = int(rows[0]), int(columns[0])
    inner = mask[top : rows[-1] + 1, left : columns[-1] + 1]  # less to look at
    height, width = inner.shape
    labels, count = ndimage.label(inner, _EIGHT)
    parts = _boxes_of(ndimage.find_objects(labels))
    holes = _boxes_of(ndimage.find_objects(ndimage.label(~inner)[0]))
    # What reaches the edge is outside.
    holes = holes[(holes[:, :2] > 0).all(1) & (holes[:, 2] < width) & (holes[:, 3] < height)]
    boxes = np.concatenate([parts, holes + _AROUND]) + np.array([left, top, left, top])
    boxes[:, 2:] = np.minimum(boxes[:, 2:], np.array(mask.shape[::-1]) - 1)
    return boxes, int(np.argmax(np.bincount(labels.ravel(), minlength=count + 1)[1:]))


def _boxes_of(found: list[tuple[slice, slice]]) -> Boxes:
    sides = [(x.start, y.start, x.stop, y.stop) for y, x in found]
    return np.array(sides, np.float64).reshape(-1, 4)


def ious(boxes: Boxes, others: Boxes) -> NDArray[np.float64]:
    """[n, m], of pixels with both ends included."""
    a, b = boxes[:, None], others[None]
    sides = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2]) + 1
    shared = np.maximum(sides, 0).prod(-1)
    both = (a[..., 2:] - a[..., :2] + 1).prod(-1) + (b[..., 2:] - b[..., :2] + 1).prod(-1)
    result: NDArray[np.float64] = shared / (both - shared)
    return result


def in_points(boxes: Boxes, size: tuple[int, int]) -> Boxes:
    """True boxes, in pixels of a photo of this width and height, in whole 224ths of it."""
    whole: Boxes = np.trunc(boxes * (SIDE / np.array([*size, *size], np.float64)))
    return whole


def best_ious(
    cam: FloatArray, region: Region, size: tuple[int, int], true: Boxes, minmax: bool = False
) -> NDArray[np.float64]:
    """[2, STEPS]: at each threshold the best IoU of any contour's box, and that of the largest part's.

    region: what the map is of, in pixels. size: width and height of the photo; true: `in_points`.
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
        boxes, largest = contour_boxes(steps > step)
        found = ious(boxes * scale + shift, true).max(1)
        best[:, step] = found.max(), found[largest]
    return best


def found_at(best: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether an object is found, bool [.., 3, STEPS]: for each of `IOUS`, of the best IoUs [.., STEPS]."""
    found: NDArray[np.bool_] = best[..., None, :] >= np.array(IOUS)[:, None]
    return found


def max_box_acc_v2(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """[..]: 0..1, of the shares [.., 3, STEPS] of the photos where the object is found."""
    best: NDArray[np.float64] = shares.max(-1).mean(-1)
    return best
