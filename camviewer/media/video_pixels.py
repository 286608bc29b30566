"""A video frame's pixels as sRGB: one way for files that are explained and for what plays or comes live."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from PIL import Image

from camviewer.core.arrays import ByteArray
from camviewer.core.storage.colour import manages_colours
from camviewer.core.storage.tone_mapping import HLG, PQ, tone_mapping
from camviewer.media.interlacing import deinterlaces

EXACT = Interpolation.BILINEAR | 0x40000 | 0x2000
"""FFmpeg's SWS_ACCURATE_RND and SWS_FULL_CHR_H_INT: without, 10 bits come 2 levels of 255 too dark."""
UNTOLD = 2
"""ITU-T H.273's code."""
_SPACES = {
    1: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M,
    9: 9,  # BT.2020, which PyAV has no name for
    10: 9,
}
"""ITU-T H.273's matrices → FFmpeg's."""


@dataclass(frozen=True, slots=True)
class VideoTags:
    """What a video says of its frames. Numbers are ITU-T H.273's codes; 2: it doesn't say.

    full: whether the values go from 0 to 255; None: as the format has it. layout: FFmpeg's name
    of its pixels' format. aspect: of a pixel, width : height.
    """

    matrix: int = UNTOLD
    transfer: int = UNTOLD
    primaries: int = UNTOLD
    full: bool | None = None
    layout: str = ""
    interlaced: bool = False
    aspect: Fraction = Fraction(1)


def tags_of(frame: VideoFrame, aspect: Fraction | None) -> VideoTags:
    """aspect: of the stream's pixels."""
    ranges = {ColorRange.JPEG: True, ColorRange.MPEG: False}
    sound = aspect is not None and Fraction(1, 8) < aspect < 8
    return VideoTags(
        int(frame.colorspace),
        int(frame.color_trc),
        int(frame.color_primaries),
        ranges.get(ColorRange(frame.color_range)),
        frame.format.name,
        frame.interlaced_frame,
        aspect if sound and aspect is not None else Fraction(1),
    )


def rgb_pixels(
    frame: VideoFrame,
    tags: VideoTags,
    reformatter: VideoReformatter,
    max_pixels: int,
    drawn: bool = False,
) -> ByteArray:
    """uint8 [H, W, 3]: sRGB, with square pixels, transparent on white, of one field where there are two
    unless both are wanted.

    Not turned. max_pixels: limits the width. drawn: as QImage's RGB32, [H, W, 4], if nothing but the matrix
    and the range is to be applied. Raises av.FFmpegError.
    """
    width = frame.width
    if tags.aspect != 1:
        width = max(1, min(round(width * tags.aspect), max_pixels // frame.height))
    matrix = tags.matrix
    if matrix not in _SPACES:  # as players guess
        matrix = 1 if frame.height > 576 or frame.width > 1024 else 5
    full = _is_full(frame) if tags.full is None else tags.full
    has_alpha = any(component.is_alpha for component in frame.format.components)
    frame.colorspace = matrix  # that of the arguments alone is not taken for BT.2020
    is_hdr = tags.transfer in (PQ, HLG) and manages_colours()
    has_fields = tags.interlaced and deinterlaces()
    is_plain = not (has_alpha or has_fields or is_hdr)
    # Only the matrix and the range are its work: by these it would map tones in a way of its own.
    frame.color_trc = frame.color_primaries = UNTOLD
    rgb = reformatter.reformat(
        frame,
        width,
        frame.height,
        "rgba" if has_alpha else "bgra" if drawn and is_plain else "rgb24",
        src_colorspace=_SPACES[matrix],
        src_color_range=ColorRange.JPEG if full else ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
        interpolation=EXACT if frame.format.components[0].bits > 8 else Interpolation.BILINEAR,
    )
    pixels = np.asarray(rgb.to_ndarray(), np.uint8)
    if has_alpha:
        image = Image.fromarray(pixels)
        white = Image.new("RGBA", image.size, "white")
        white.alpha_composite(image)
        pixels = np.array(white.convert("RGB"))
    if has_fields:
        pixels = _one_field(pixels)
    if is_hdr:
        pixels = np.asarray(Image.fromarray(pixels).filter(tone_mapping(tags.transfer, tags.primaries)))
    return pixels


def _one_field(pixels: ByteArray) -> ByteArray:
    """The upper field, and between its rows their mean: without the frame before, which may not be there."""
    whole = pixels.copy()
    upper = pixels[::2].astype(np.uint16)
    between = (upper[:-1] + upper[1:] + 1) // 2
    whole[1 : 2 * len(between) : 2] = between
    if len(whole) % 2 == 0:
        whole[-1] = whole[-2]
    return whole


def _is_full(frame: VideoFrame) -> bool:
    """Whether the format says by itself that its values go from 0 to 255."""
    return frame.format.name.startswith(("yuvj", "gray", "mono", "pal")) or frame.format.is_rgb
