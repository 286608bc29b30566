"""Examples of one's own classes: the features of each, and which of them belong together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from camviewer.core.arrays import ByteArray, FloatArray, read_only
from camviewer.core.frames import Fit, Frame, Region
from camviewer.core.geometry import InputGeometry, input_geometry
from camviewer.core.models.spec import Preprocessing, SizeRule

CROP_SHARE = 0.8
"""Of the region's side: what a crop shows of it."""
COVERED_SHARE = 2 / 3
"""Of the region's side: what is covered of it, in the middle, to see what the background alone says."""


@dataclass(frozen=True, slots=True, eq=False)
class ExampleFeatures:
    """What the backbone made of one example: means of features over the cells. Arrays are read-only.

    pooled: float32 [1 + a, C], first of the frame as the network sees it, then of its a augmentations.
    covered: float32 [C], of the frame with its middle covered.
    """

    pooled: FloatArray
    covered: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class TaughtExample:
    """class_id: its class, counted from 0. moment: frames that were taken together have the same one."""

    features: ExampleFeatures
    class_id: int
    moment: str


def example_passes(
    frame: Frame, preprocessing: Preprocessing, sizes: SizeRule
) -> list[tuple[ByteArray, InputGeometry]]:
    """What the network is to see of an example: images uint8 [H, W, 3], and how they become its input.

    The frame as the network was trained to see it; mirrored; two crops, one of them mirrored; and the frame
    with its middle covered. The crops show `CROP_SHARE` of the region, at its top left and,
    mirrored, at its bottom right: another size and another place. Raises ValueError for an empty frame.
    """
    seen = input_geometry(frame.width, frame.height, Fit.CROP, None, preprocessing, sizes)
    # Not as live frames are resized: that keeps a plan for each size, and these have three.
    seen = replace(seen, exact=True)
    shown = [seen, replace(seen, mirrored=True), _cut(seen, at_end=False), _cut(seen, at_end=True)]
    covered = _covered(frame.image, seen.region)
    return [*((frame.image, geometry) for geometry in shown), (covered, seen)]


def example_features(passes: Sequence[FloatArray]) -> ExampleFeatures:
    """passes: features float32 [C, h, w] of all of `example_passes`."""
    *pooled, covered = (each.mean(axis=(1, 2)) for each in passes)
    return ExampleFeatures(read_only(np.stack(pooled)), read_only(covered))


def _covered(image: ByteArray, region: Region) -> ByteArray:
    """The image with the middle of the region covered by the mean colour of the rest of the region."""
    covered = image.copy()
    seen = covered[region.top : region.top + region.height, region.left : region.left + region.width]
    height, width = (round(COVERED_SHARE * side) for side in seen.shape[:2])
    top, left = (seen.shape[0] - height) // 2, (seen.shape[1] - width) // 2
    rest = np.ones(seen.shape[:2], bool)
    rest[top : top + height, left : left + width] = False
    seen[~rest] = seen[rest].mean(axis=0).round()
    return covered


def _cut(seen: InputGeometry, *, at_end: bool) -> InputGeometry:
    """A part of what the network saw, as large an input as before. at_end: at the bottom right, mirrored."""
    region = seen.region
    width, height = (max(round(CROP_SHARE * side), 1) for side in (region.width, region.height))
    left = region.left + (region.width - width) * at_end
    top = region.top + (region.height - height) * at_end
    part = Region(left, top, width, height)
    size = seen.crop.height, seen.crop.width
    return InputGeometry(part, size, Region(0, 0, size[1], size[0]), part, exact=True, mirrored=at_end)


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Examples as a table: what a head is fitted to. All of n rows; examples are counted from 0.

    pooled: float64 [n, C]. class_ids: [n]. examples: [n], whose row it is; its first row is the plain one.
    """

    pooled: NDArray[np.float64]
    class_ids: NDArray[np.int64]
    examples: NDArray[np.int64]

    @property
    def plain(self) -> NDArray[np.int64]:
        """Where each example's plain row is: [number of examples], in their order."""
        first: NDArray[np.int64] = np.unique(self.examples, return_index=True)[1]
        return first

    def of(self, kept: NDArray[np.bool_]) -> Rows:
        """The rows of these examples alone. kept: [number of examples]."""
        where = kept[self.examples]
        return Rows(self.pooled[where], self.class_ids[where], self.examples[where])


def rows_of(examples: Sequence[TaughtExample]) -> Rows:
    """Raises ValueError without any, or for examples of several backbones."""
    if len({each.features.pooled.shape[1] for each in examples}) != 1:
        raise ValueError("examples of one backbone are needed")
    counts = [len(each.features.pooled) for each in examples]
    classes: Any = [each.class_id for each in examples]
    return Rows(
        np.concatenate([each.features.pooled for each in examples]).astype(np.float64),
        np.repeat(np.asarray(classes, np.int64), counts),
        np.repeat(np.arange(len(examples), dtype=np.int64), counts),
    )
