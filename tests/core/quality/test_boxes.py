"""MaxBoxAccV2's arithmetic, against OpenCV and by hand; benchmarks/test_localisation.py has whole photos."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from camviewer.core.arrays import FloatArray
from camviewer.core.frames import Region
from camviewer.core.quality.boxes import (
    SIDE,
    STEPS,
    best_ious,
    contour_boxes,
    found_at,
    in_points,
    ious,
    max_box_acc_v2,
    steps_of,
)

Sides = tuple[int, int, int, int]
BOX: Sides = (40, 60, 140, 160)


def a_map(*parts: tuple[Sides, float]) -> FloatArray:
    """Values in boxes (right and bottom outside), in 224ths; 0 elsewhere."""
    cam = np.zeros((SIDE, SIDE), np.float32)
    for (left, top, right, bottom), value in parts:
        cam[top:bottom, left:right] = value
    return cam


def test_negative_evidence_is_cut_off_or_counted_as_asked() -> None:
    cam = a_map((BOX, 1.0), ((0, 0, 20, 20), -1.0))
    assert np.unique(steps_of(cam)).tolist() == [0, 255]
    assert np.unique(steps_of(cam, minmax=True)).tolist() == [0, 127, 255]
    assert steps_of(cam - 5).max() == 0
    assert steps_of(cam - 5, minmax=True).max() == 255
    for nothing in (np.zeros((7, 7)), np.full((7, 7), np.nan), np.full((7, 7), -3.0)):
        assert steps_of(nothing.astype(np.float32)).max() == 0
        assert steps_of(nothing.astype(np.float32), minmax=True).max() == 0


def test_contours_are_the_official_ones() -> None:
    """Corners connect, holes have boxes, right and bottom are one beyond but inside of the map."""
    mask = np.zeros((SIDE, SIDE), bool)
    mask[10:20, 30:50] = 1
    mask[20:25, 50:60] = 1  # touches at a corner
    mask[100:150, 100:150] = 1
    mask[120:130, 110:130] = 0  # a hole: its contour runs on the pixels around it
    mask[200:, 180:] = 1
    boxes, largest = contour_boxes(mask)
    expected = [[30, 10, 60, 25], [100, 100, 150, 150], [109, 119, 131, 131], [180, 200, 223, 223]]
    assert sorted(boxes.tolist()) == expected
    assert boxes[largest].tolist() == expected[1]
    none, _ = contour_boxes(np.zeros((SIDE, SIDE), bool))
    assert none.tolist() == [[0, 0, 0, 0]]


@pytest.mark.parametrize("seed", range(5))
def test_contour_boxes_are_opencv_s(seed: int) -> None:
    """Of noise, with holes and corners everywhere, and of maps at several thresholds."""
    numbers = np.random.default_rng(seed)
    sides = numbers.integers(1, 40, (40, 2))
    masks = [numbers.random((height, width)) < numbers.random() for height, width in sides]
    steps = steps_of(numbers.standard_normal((7, 7)).astype(np.float32))
    for mask in (*masks, *(steps > step for step in range(0, STEPS, 30))):
        contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE)
        height, width = mask.shape
        rectangles = [cv2.boundingRect(contour) for contour in contours]
        theirs = [[x, y, min(x + w, width - 1), min(y + h, height - 1)] for x, y, w, h in rectangles]
        assert sorted(contour_boxes(mask)[0].tolist()) == sorted(theirs or [[0, 0, 0, 0]])


def test_iou_counts_both_ends() -> None:
    one, other = np.array([[0.0, 0, 9, 9]]), np.array([[5.0, 0, 14, 9], [10, 0, 19, 9], [0, 0, 9, 9]])
    assert ious(one, other).tolist() == [[50 / 150, 0, 1]]


def test_a_photo_is_found_at_the_thresholds_that_cut_its_object_out() -> None:
    """Of 448 x 336 pixels; the object at half of the map's maximum, around it a quarter, in it a peak."""
    size, true = (448, 336), np.array([[80.0, 90, 280, 240]])
    assert in_points(true, size).tolist() == [list(BOX)]
    cam = a_map(((0, 0, 224, 224), 0.25), (BOX, 0.5), ((90, 100, 95, 105), 1.0))
    best = best_ious(cam, Region(0, 0, *size), size, in_points(true, size))
    assert (best[0, 64:127] == 1).all()
    assert best[0, :63].max() < 0.3
    assert best[0, 128:].max() < 0.3
    found = found_at(best[0])
    assert found.shape == (3, STEPS)
    assert found[:, 100].all()
    assert not found[:, 200].any()
    both = np.stack([found, ~found]).mean(0)
    assert max_box_acc_v2(found.astype(np.float64)) == 1
    assert max_box_acc_v2(both) == 0.5
    assert max_box_acc_v2(np.stack([both, both * 0])).tolist() == [0.5, 0]
