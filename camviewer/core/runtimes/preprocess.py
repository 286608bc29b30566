"""Makes the network's input from a frame, as torchvision's preset of the weights does; without torch.

Two steps: the pixels that the network sees (uint8, kept to be shown), then their normalisation. A runtime
may hand in a faster way to resize.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

from camviewer.core.arrays import (
    ByteArray,
    FloatArray,
)
from camviewer.core.geometry import InputGeometry
from camviewer.core.models.spec import Preprocessing

Resize = Callable[[ByteArray, tuple[int, int], bool], ByteArray]
"""Pixels uint8 [H, W, 3], the new height and width, whether bicubic (else bilinear) → uint8 [h, w, 3].

With antialiasing; never asked for the size that the pixels have.
"""


def pillow_resized(pixels: ByteArray, size: tuple[int, int], bicubic: bool) -> ByteArray:
    """What torchvision's preset does with a PIL image, to the bit."""
    how = Image.Resampling.BICUBIC if bicubic else Image.Resampling.BILINEAR
    image = Image.fromarray(np.ascontiguousarray(pixels))
    return np.asarray(image.resize((size[1], size[0]), how))


def input_pixels(
    image: ByteArray, geometry: InputGeometry, preprocessing: Preprocessing, resize: Resize = pillow_resized
) -> ByteArray:
    """What the network sees of a frame, uint8 [H, W, 3]: resized and cut, uint8 [h, w, 3].

    It may be a view of the frame, or of more than was cut. geometry: the one made for the frame's size.
    """
    trim, crop = geometry.trim, geometry.crop
    pixels = image[trim.top : trim.top + trim.height, trim.left : trim.left + trim.width]
    if pixels.shape[:2] != geometry.resized:
        pixels = resize(pixels, geometry.resized, preprocessing.bicubic)
    pixels = pixels[crop.top : crop.top + crop.height, crop.left : crop.left + crop.width]
    return pixels[:, ::-1] if geometry.mirrored else pixels


def in_channels(pixels: ByteArray, preprocessing: Preprocessing) -> ByteArray:
    """RGB pixels uint8 [h, w, 3] in the channels that the network takes: uint8 [h, w, C].

    As many as `mean` has numbers: 1: luminance as Pillow's (and ITU-R 601); 3: RGB, or BGR; 4: also opacity.
    """
    channels = len(preprocessing.mean)
    if channels == 1:
        return np.asarray(Image.fromarray(np.ascontiguousarray(pixels)).convert("L"))[..., None]
    if preprocessing.bgr:
        pixels = pixels[..., ::-1]
    if channels == 4:
        return np.concatenate([pixels, np.full_like(pixels[..., :1], 255)], axis=2)
    return pixels


def gain_and_offset(preprocessing: Preprocessing) -> tuple[FloatArray, FloatArray]:
    """float32 [C] each: x·gain + offset is (x/255 - mean) / std, in one multiplication and one addition."""
    gain = np.array([1 / (255 * std) for std in preprocessing.std], np.float32)
    pairs = zip(preprocessing.mean, preprocessing.std, strict=True)
    return gain, np.array([-mean / std for mean, std in pairs], np.float32)


def normalised(pixels: ByteArray, preprocessing: Preprocessing) -> FloatArray:
    """The network's input, float32 [1, C, h, w], of RGB pixels uint8 [h, w, 3]."""
    planes = in_channels(pixels, preprocessing).transpose(2, 0, 1)
    # Plane by plane: numpy is nine times slower where three channels are the last axis.
    network_input = np.empty((1, *planes.shape), np.float32)
    network_input[0] = planes
    for numbers, compute in zip(gain_and_offset(preprocessing), (np.multiply, np.add), strict=True):
        compute(network_input, numbers[:, None, None], out=network_input)
    return network_input
