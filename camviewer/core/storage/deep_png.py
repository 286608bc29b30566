"""PNGs of 16 bits a channel with a transparent colour: Pillow drops 8 of the bits, and then can't find it."""

from __future__ import annotations

from typing import BinaryIO

import numpy as np
from PIL import Image


def with_alpha(image: Image.Image, file: BinaryIO) -> Image.Image:
    """The photo as RGBA if it is such a one in colour; else as it is. file: its own, left where it is."""
    if image.format != "PNG" or image.mode != "RGB" or "transparency" not in image.info:
        return image
    at = file.tell()
    file.seek(0)
    data = file.read()
    file.seek(at)
    if data[24] != 16:
        return image
    import av

    decoder = av.CodecContext.create("png", "r")
    (frame,) = decoder.decode(av.Packet(data)) + decoder.decode(None)
    deep = frame.to_ndarray(format="rgba64le").astype(np.uint32)
    rgba = Image.fromarray(((deep + 128) // 257).astype(np.uint8))
    rgba.info.update({key: value for key, value in image.info.items() if key != "transparency"})
    rgba.format = image.format
    return rgba
