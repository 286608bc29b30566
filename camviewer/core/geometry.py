"""From a frame to the network's input and back: pure arithmetic on sizes.

The torchvision preset resizes the short side and cuts the centre. A map is about the pixels
that went into the network and no others, so this module also says which rectangle of the frame they are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from camviewer.core.arrays import ByteArray
from camviewer.core.frames import (
    Fit,
    Region,
)
from camviewer.core.models.spec import (
    Preprocessing,
    SizeRule,
)

MAX_ASPECT = 4
"""Frames more elongated than this are trimmed (crop) or squeezed (whole) to it: a 1x10,000 image
resized by its short side would not fit in memory."""


@dataclass(frozen=True, slots=True)
class InputGeometry:
    """How one frame size becomes one network input.

    trim (frame pixels) is resized to `resized` (height, width); `crop` (left, top, width, height in
    resized pixels) of that is the input; `region` is the crop in frame pixels. exact: resized to the bit as
    torchvision's presets resize photos, which takes longer. mirrored: left and right change places.
    """

    trim: Region
    resized: tuple[int, int]
    crop: Region
    region: Region
    exact: bool = False
    mirrored: bool = False


def input_geometry(
    width: int,
    height: int,
    fit: Fit,
    resolution: int | None,
    preprocessing: Preprocessing,
    sizes: SizeRule,
) -> InputGeometry:
    """Geometry for a frame of width x height pixels.

    A network that takes only squares sees a whole frame squeezed.

    resolution: the input's short side, None for the one that the model was trained with. Raises ValueError
    for an empty frame, and for a resolution that the model doesn't take.
    """
    if width < 1 or height < 1:
        raise ValueError(f"a frame of {width}x{height} pixels has nothing to explain")
    resolution = sizes.check(preprocessing.crop if resolution is None else resolution)
    whole = Region(0, 0, width, height)
    if fit is Fit.SQUASH or (fit is Fit.WHOLE and sizes.square):
        return InputGeometry(whole, (resolution, resolution), Region(0, 0, resolution, resolution), whole)
    if fit is Fit.WHOLE:
        short = min(width, height)

        def side(pixels: int) -> int:
            aspect = min(pixels / short, MAX_ASPECT)
            return math.ceil(resolution * aspect / sizes.stride - 1e-9) * sizes.stride

        resized = (side(height), side(width))
        return InputGeometry(whole, resized, Region(0, 0, resized[1], resized[0]), whole)
    return _crop(width, height, resolution, preprocessing)


def _crop(width: int, height: int, resolution: int, preprocessing: Preprocessing) -> InputGeometry:
    """torchvision's ImageClassification preset: Resize, of both sides where they are squeezed; CenterCrop."""
    limit = MAX_ASPECT * min(width, height)
    if preprocessing.squash:
        limit = max(width, height)
    trim_width, trim_height = min(width, limit), min(height, limit)
    trim = Region((width - trim_width) // 2, (height - trim_height) // 2, trim_width, trim_height)
    short = round(resolution * preprocessing.resize / preprocessing.crop)
    if preprocessing.squash:
        resized = (short, short)
    elif trim_width <= trim_height:
        resized = (int(short * trim_height / trim_width), short)
    else:
        resized = (short, int(short * trim_width / trim_height))
    top, left = round((resized[0] - resolution) / 2.0), round((resized[1] - resolution) / 2.0)
    across, down = trim_width / resized[1], trim_height / resized[0]
    x0, x1 = round(left * across), round((left + resolution) * across)
    y0, y1 = round(top * down), round((top + resolution) * down)
    region = Region(trim.left + x0, trim.top + y0, max(x1 - x0, 1), max(y1 - y0, 1))
    return InputGeometry(trim, resized, Region(left, top, resolution, resolution), region)


def as_input(pixels: ByteArray, region: Region) -> InputGeometry:
    """The geometry of pixels uint8 [h, w, 3] that are an input already: nothing is cut or resized.

    region: what of the frame they show, in its pixels.
    """
    height, width = pixels.shape[:2]
    whole = Region(0, 0, width, height)
    return InputGeometry(whole, (height, width), whole, region, exact=True)


def cell_rect(
    region: Region, shape: tuple[int, int], row: int, column: int
) -> tuple[float, float, float, float]:
    """Left, top, width, height in frame pixels of one CAM cell; shape is the CAM's (h, w)."""
    width, height = region.width / shape[1], region.height / shape[0]
    return region.left + column * width, region.top + row * height, width, height


def cell_at(region: Region, shape: tuple[int, int], x: float, y: float) -> tuple[int, int] | None:
    """Row and column of the CAM cell under a point of the frame, None outside of the region."""
    column = math.floor((x - region.left) / region.width * shape[1])
    row = math.floor((y - region.top) / region.height * shape[0])
    if 0 <= row < shape[0] and 0 <= column < shape[1]:
        return row, column
    return None
