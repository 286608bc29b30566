"""Which colours the numbers of a photo mean, and how they become sRGB: what screens show and networks learnt.

A photo says it by an ICC profile, by EXIF's mark of Adobe RGB, by PNG's chunks, or by H.273's codes in PNG,
AVIF and HEIC. LittleCMS, which comes with Pillow, computes. torchvision and most readers of data sets take
the bare numbers.
"""

from __future__ import annotations

import io
import logging
import os
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from PIL import ExifTags, Image

from camviewer.core.arrays import FloatArray
from camviewer.core.storage.profiles import (
    ADOBE_GAMMA,
    ADOBE_RGB,
    CURVES,
    PRIMARIES,
    SRGB,
    SRGB_CURVE,
    Primaries,
    matrix_profile,
)
from camviewer.core.storage.tone_mapping import (
    BT2020,
    HLG,
    PQ,
    tone_mapping,
)

if TYPE_CHECKING:
    from PIL.ImageCms import ImageCmsTransform

log = logging.getLogger(__name__)

VARIABLE = "CAMVIEWER_COLOUR_MANAGEMENT"
"""Set to ``off``, photos are read as bare numbers: by this process and by those that it starts."""
SAME = 2
"""A space whose colours are nowhere more than so many levels of 255 from sRGB's is sRGB: many profiles of it
differ in the last digits, and a photo of the usual kind stays as it is, to the bit."""
_MODES = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK"}
"""ICC's names of colour spaces → Pillow's."""
_HEAD_BYTES = 1 << 16


def leave_colours_alone() -> None:
    """From now on: photos' numbers as they are, whatever they mean, as torchvision reads them."""
    os.environ[VARIABLE] = "off"


def manages_colours() -> bool:
    """Whether photos are converted to sRGB."""
    return os.environ.get(VARIABLE) != "off"


@dataclass(frozen=True, slots=True)
class Colours:
    """The colours of a photo that isn't sRGB. profile: its ICC profile; mode: RGB, L (grey) or CMYK.

    hdr: instead of a profile, H.273's codes of transfer characteristics and primaries.
    """

    profile: bytes
    mode: str
    hdr: tuple[int, int] | None = None

    def srgb(self, image: Image.Image) -> Image.Image:
        """A new image: of the CMYK image of a CMYK photo an RGB one; else of an RGB or RGBA one its kind."""
        if self.hdr is not None:
            return image.filter(tone_mapping(*self.hdr))
        if self.mode != "L":
            return _transform(self.profile, image.mode).apply(image)
        grey = image.getchannel(0)
        bands = [grey.point(table) for table in self.of_greys().T.astype(np.uint8).tolist()]
        alpha = [image.getchannel("A")] if image.mode == "RGBA" else []
        return Image.merge(image.mode, bands + alpha)

    def srgb_in_place(self, image: Image.Image) -> None:
        """As `srgb`, of an RGB image of an RGB photo: without more memory."""
        if self.hdr is not None:
            image.paste(image.filter(tone_mapping(*self.hdr)))
        else:
            _transform(self.profile, image.mode).apply_in_place(image)

    def of_greys(self) -> FloatArray:
        """The sRGB values, 0..255, of the greys 0 to 255: float32 [256, 3]."""
        ramp = Image.fromarray(np.arange(256, dtype=np.uint8)[None]).convert(self.mode)
        colours: FloatArray = np.array(_transform(self.profile, self.mode).apply(ramp), np.float32)[0]
        return colours


def colours_of(image: Image.Image, file: BinaryIO) -> Colours | None:
    """Of a photo that was opened, but perhaps not loaded. None: leave the numbers as they are.

    That is of sRGB, of what isn't told or is told wrongly (the log says so), and of all photos where colours
    are not managed. file: the photo's, which stays where it is.
    """
    if not manages_colours():
        return None
    try:
        return _told(image, file)
    except Exception as error:  # noqa: BLE001
        # What is damaged makes LittleCMS and Pillow raise nearly anything.
        log.info("the photo's colour profile can't be used; its numbers are taken as sRGB: %r", error)
        return None


def _told(image: Image.Image, file: BinaryIO) -> Colours | None:
    icc = image.info.get("icc_profile")
    if image.format == "PNG":
        codes = _restoring(file, _png_codes)
        if codes is not None:
            return _by_codes(*codes, image)
    if icc:
        return _by_profile(icc, image)
    if image.format == "PNG" and "srgb" not in image.info and {"gamma", "chromaticity"} & image.info.keys():
        return _by_png_chunks(image)
    if image.format in ("AVIF", "HEIF"):
        codes = _restoring(file, _heif_codes)
        return None if codes is None else _by_codes(*codes, image)
    if _is_adobe_rgb(image):
        return _by_profile(matrix_profile(ADOBE_RGB, (ADOBE_GAMMA,)), image)
    return None


def _by_profile(profile: bytes, image: Image.Image) -> Colours | None:
    mode, is_srgb = _opened(profile)
    if is_srgb:
        return None
    grey = image.mode.startswith(("1", "L", "I")) and image.mode != "LAB"
    if (mode == "CMYK") != (image.mode == "CMYK") or (mode == "L" and not grey) or image.mode in ("LAB", "F"):
        raise ValueError(f"it is of {mode}, and the photo is {image.mode}")
    return Colours(profile, mode)


def _by_codes(primaries: int, transfer: int, image: Image.Image) -> Colours | None:
    """H.273's. 2 is "unspecified"."""
    if primaries == 2 and transfer == 2:
        return None
    if transfer in (PQ, HLG):
        if image.mode not in ("RGB", "RGBA"):
            raise ValueError(f"HDR, and the photo is {image.mode}")
        return Colours(b"", "RGB", (transfer, BT2020 if primaries == 2 else primaries))
    space = PRIMARIES.get(1 if primaries == 2 else primaries)
    curve = CURVES.get(13 if transfer == 2 else transfer)
    if space is None or curve is None:
        raise ValueError(f"colour primaries {primaries}, transfer characteristics {transfer}")
    return _by_profile(matrix_profile(space, curve), image)


def _by_png_chunks(image: Image.Image) -> Colours | None:
    gamma = image.info.get("gamma")
    curve: tuple[float, ...] = (
        SRGB_CURVE  # also for 1/2.2, which PNG's specification tells writers of sRGB to write
    )
    if gamma is not None and abs(gamma - 1 / 2.2) > 0.001:
        curve = (1 / gamma,)
    at = image.info.get("chromaticity")
    space = SRGB if at is None else Primaries(at[0:2], at[2:4], at[4:6], at[6:8])
    return _by_profile(matrix_profile(space, curve), image)


def _is_adobe_rgb(image: Image.Image) -> bool:
    """By DCF's mark: cameras that write it embed no profile."""
    if image.format == "PNG" and "exif" not in image.info:
        return False  # Pillow would decode all of it to look for EXIF behind the pixels
    exif = image.getexif()
    colour_space = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.ColorSpace)
    if colour_space == 2:  # of no standard, but what some programs write
        return True
    mark = exif.get_ifd(ExifTags.IFD.Interop).get(1) if colour_space == 0xFFFF else None
    return isinstance(mark, str) and mark.startswith("R03")


def _restoring(file: BinaryIO, read: Callable[[BinaryIO], tuple[int, int] | None]) -> tuple[int, int] | None:
    at = file.tell()
    file.seek(0)
    try:
        return read(file)
    finally:
        file.seek(at)


def _png_codes(file: BinaryIO) -> tuple[int, int] | None:
    """cICP's colour primaries and transfer function: Pillow doesn't read that chunk."""
    file.seek(8)
    while len(start := file.read(8)) == 8:
        length, name = struct.unpack(">I4s", start)
        if name == b"cICP":
            content = file.read(2)
            return (content[0], content[1]) if len(content) == 2 else None
        if name in (b"IDAT", b"IEND"):
            break
        file.seek(length + 4, io.SEEK_CUR)
    return None


def _heif_codes(file: BinaryIO) -> tuple[int, int] | None:
    """Those of the first `colr` box of the kind `nclx` (ISO/IEC 14496-12): Pillow doesn't tell them."""
    head = file.read(_HEAD_BYTES)
    at = head.find(b"colrnclx")
    return None if at < 0 or len(head) < at + 12 else struct.unpack(">HH", head[at + 8 : at + 12])


@lru_cache(maxsize=8)
def _opened(profile: bytes) -> tuple[str, bool]:
    """Pillow's mode of the profile's colours, and whether they are sRGB's. Raises what LittleCMS raises."""
    from PIL import ImageCms

    space = ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile.xcolor_space
    if space not in _MODES:
        raise ValueError(f"its colour space is {space}")
    mode = _MODES[space]
    if mode == "CMYK":
        return mode, False
    levels = np.arange(256, dtype=np.uint8)
    steps = levels[::17]
    cube = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 3)
    probe = np.concatenate([cube, levels[:, None].repeat(3, axis=1)])[None]
    if mode == "L":
        probe = probe[:, -256:]
    image = Colours(profile, mode).srgb(Image.fromarray(probe))
    return mode, bool((np.abs(np.asarray(image).astype(int) - probe) <= SAME).all())


@lru_cache(maxsize=8)
def _transform(profile: bytes, mode: str) -> ImageCmsTransform:
    """From the profile's colours to sRGB's: light as it is, black to black, as photo programs convert.

    Any thread may use it.
    """
    from PIL import ImageCms

    flags = ImageCms.Flags.BLACKPOINTCOMPENSATION
    if mode == "L":  # 256 colours need no quick way, and LittleCMS's is 10 levels off in the dark
        flags |= ImageCms.Flags.NOOPTIMIZE
    return ImageCms.buildTransform(
        ImageCms.ImageCmsProfile(io.BytesIO(profile)),
        ImageCms.createProfile("sRGB"),
        mode,
        "RGBA" if mode == "RGBA" else "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        flags,
    )
