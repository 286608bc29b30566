"""Frames of what Python programs have as images: files, Pillow's images, arrays and tensors."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from camviewer.core.arrays import (
    ByteArray,
    read_only,
)
from camviewer.core.frames import Frame
from camviewer.core.storage.images import (
    read_photo,
    to_rgb,
)

_CHANNELS = (1, 3, 4)


def frame_of(image: object) -> Frame:
    """The image as a frame, RGB.

    image: a path; a Pillow image, taken as it lies; a numpy array [H, W], [H, W, 1], [H, W, 3] or [H, W, 4];
    a tensor [H, W], [1, H, W], [3, H, W], [4, H, W], or one of these in a batch of one. Grey becomes RGB, a
    fourth channel is alpha, over white. Values: uint8; floats 0..1; bool; uint16 with its whole range.

    Raises SourceFailure if a file can't be read, TypeError for what is no image, ValueError for another
    shape or other values, such as those of an image that was normalised for a network.
    """
    if isinstance(image, str | os.PathLike):
        return read_photo(Path(image))
    if isinstance(image, Image.Image):
        return Frame(to_rgb(image), source="image")
    return Frame(_pixels(image), source="image")


def _pixels(image: object) -> ByteArray:
    if hasattr(image, "detach"):  # a tensor, told without importing torch
        array = _from_tensor(image)
    elif isinstance(image, np.ndarray):
        array = image
    else:
        raise TypeError(
            f"an image is a path, a Pillow image, a numpy array or a tensor, not {type(image).__name__}"
        )
    if array.ndim == 3 and array.shape[2] not in _CHANNELS and array.shape[0] in _CHANNELS:
        raise ValueError(
            f"an array has its channels last, [H, W, 3], and this one is {list(array.shape)}: give "
            "image.transpose(1, 2, 0)"
        )
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in _CHANNELS) or not array.size:
        raise ValueError(f"an image is [H, W] or [H, W, 3], not {list(array.shape)}")
    array = _bytes(array)
    if array.ndim == 3 and array.shape[2] == 3:
        return read_only(np.ascontiguousarray(array).copy())
    return to_rgb(Image.fromarray(np.ascontiguousarray(array[..., 0] if array.shape[2:] == (1,) else array)))


def _from_tensor(tensor: Any) -> NDArray[Any]:
    tensor = tensor.detach().cpu()
    if tensor.is_floating_point():
        tensor = tensor.float()  # numpy has no bfloat16
    array: NDArray[Any] = tensor.numpy()
    if array.ndim == 4 and len(array) == 1:
        array = array[0]
    if array.ndim == 3:
        if array.shape[0] not in _CHANNELS:
            shape = list(array.shape)
            raise ValueError(f"a tensor has its channels first, [3, H, W], and this one is {shape}")
        array = array.transpose(1, 2, 0)
    return array


def _bytes(array: NDArray[Any]) -> ByteArray:
    if array.dtype == np.uint8:
        return array.view(np.uint8)
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * np.uint8(255)
    if array.dtype == np.uint16:
        return ((array.astype(np.uint32) + 128) // 257).astype(np.uint8)
    low, high = float(array.min()), float(array.max())  # NaN is in no range
    if np.issubdtype(array.dtype, np.integer) and low >= 0 and high <= 255:
        return array.astype(np.uint8)
    if np.issubdtype(array.dtype, np.floating) and low >= 0 and high <= 1:
        return np.rint(array.astype(np.float64) * 255).astype(np.uint8)
    if np.issubdtype(array.dtype, np.floating) and low >= 0 and 16 < high <= 255:  # normalised ones are small
        raise ValueError(f"an image's floats are from 0 to 1; these go to {high:.4g}: divide by 255")
    raise ValueError(
        f"an image's values are uint8, or floats from 0 to 1; these are {array.dtype} from {low:.4g} to "
        f"{high:.4g}. Give the image as it is before it is normalised: camviewer does that, by mean and std"
    )
