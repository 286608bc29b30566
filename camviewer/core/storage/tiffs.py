"""TIFFs that Pillow reads wrongly or not at all: deep, planar, negative, many bands, or a thumbnail first.

tifffile reads those; Pillow reads all others, because it knows more compressions.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin, UnidentifiedImageError

from camviewer.core.arrays import ByteArray
from camviewer.core.failures import SourceFailure

if TYPE_CHECKING:
    import tifffile

log = logging.getLogger(__name__)

MOST_BYTES = 1 << 30
"""Of an image that Pillow can't read: all of it is decoded at once."""
STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""Of TIFF and BigTIFF."""
SUBFILE, BITS, PHOTOMETRIC, BANDS, MOST, PLANAR, FORMAT = 254, 258, 262, 277, 281, 284, 339
ORIENTATION, PROFILE = 274, 34675
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB = 0, 1, 2
UNSIGNED, SIGNED, FLOAT = 1, 2, 3
for order in (b"II", b"MM"):  # Pillow knows 12 bits only where black is zero
    for white in (0, 1):
        TiffImagePlugin.OPEN_INFO.setdefault((order, white, (1,), 1, (12,), ()), ("I;16", "I;12"))
_DEPTHS = {2**bits - 1 for bits in range(9, 16)}
"""What a greatest value means by which a photo is to be scaled. Others are just what happens to be in it."""


def open_tiff(file: BinaryIO, name: str) -> Image.Image:
    """As `Image.open`: the first page that is no thumbnail. Raises what that raises, and SourceFailure."""
    problem = None
    try:
        image = Image.open(file, formats=("TIFF",))
        assert isinstance(image, TiffImagePlugin.TiffImageFile)
        _leave_thumbnails(image)
        tags = dict(image.tag_v2)
        if not _is_beyond_pillow(tags):
            return image
        if _first(tags, BITS) == 12 and _first(tags, BANDS) == 1:
            return _of_12_bits(image, _first(tags, PHOTOMETRIC))
    except (UnidentifiedImageError, SyntaxError) as error:
        problem = error
    file.seek(0)
    try:
        return _by_tifffile(file, name)
    except SourceFailure:
        raise
    except Exception as error:
        raise problem or error from error


def _first(tags: dict[int, Any], tag: int) -> Any:
    value = tags.get(tag, 1)
    return value[0] if isinstance(value, tuple) and value else value


def _leave_thumbnails(image: TiffImagePlugin.TiffImageFile) -> None:
    """Seek the first page that isn't a reduced one of another."""
    try:
        while image.tag_v2.get(SUBFILE, 0) & 1:
            image.seek(image.tell() + 1)
    except EOFError:
        image.seek(0)


def _is_beyond_pillow(tags: dict[int, Any]) -> bool:
    bits, bands, kind = (_first(tags, tag) for tag in (BITS, BANDS, FORMAT))
    if bands > 4:
        return True
    if kind == SIGNED:
        return True
    if bits <= 8:
        return False
    negative = _first(tags, PHOTOMETRIC) == WHITE_IS_ZERO and PHOTOMETRIC in tags
    planar = bands > 1 and _first(tags, PLANAR) == 2
    return (
        negative
        or planar
        or bits == 12
        or (kind != FLOAT and bits > 16)
        or (bits == 16 and _first(tags, MOST) in _DEPTHS)
    )


def _of_12_bits(image: Image.Image, photometric: int) -> Image.Image:
    """Pillow unpacks them; it doesn't scale them."""
    values = np.asarray(image).astype(np.uint32)
    if photometric == WHITE_IS_ZERO:
        values = 4095 - np.minimum(values, 4095)
    return _like(image, Image.fromarray(((values * 65535 + 2047) // 4095).astype(np.uint16)))


def _like(original: Image.Image, image: Image.Image) -> Image.Image:
    """The image with what the original says of its colours and its orientation."""
    image.format = "TIFF"
    if "icc_profile" in original.info:
        image.info["icc_profile"] = original.info["icc_profile"]
    image.getexif()[ORIENTATION] = original.getexif().get(ORIENTATION, 1)
    return image


@dataclass(frozen=True, slots=True)
class _Kind:
    """What is in a page. words: for people."""

    words: str
    bands: int
    photometric: int


def _by_tifffile(file: BinaryIO, name: str) -> Image.Image:
    import tifffile

    with tifffile.TiffFile(file) as tiff:
        page = _page(tiff)
        kind = _Kind(_words(page), page.samplesperpixel, int(page.photometric))
        if kind.photometric not in (WHITE_IS_ZERO, BLACK_IS_ZERO, RGB) or page.imagedepth > 1:
            raise _not_read(name, kind.words)
        if kind.photometric != RGB and kind.bands > 2:
            raise SourceFailure(
                "{name} has {count} bands, and doesn't say which are red, green and blue.",
                "Save those three as an RGB image.",
                name=name,
                count=kind.bands,
            )
        pixels = page.imagewidth * page.imagelength
        if pixels * page.samplesperpixel * page.bitspersample // 8 > MOST_BYTES:
            raise SourceFailure(
                "{name} is too large.",
                "Make it {most} megapixels or less.",
                name=name,
                most=pixels * MOST_BYTES // page.nbytes // 1_000_000,
            )
        try:
            values = page.asarray()
        except (NotImplementedError, ValueError, KeyError) as error:
            log.info("%s: %s", name, error)
            raise _not_read(name, kind.words) from error
        values = values.reshape(page.shape)
        if page.axes.startswith("S"):  # each band for itself
            values = np.moveaxis(values, 0, -1)
        greatest = _first({MOST: page.tags.valueof(MOST)}, MOST)
        image = Image.fromarray(_bytes(values, page, greatest, kind))
        profile = page.tags.valueof(PROFILE)
        if profile is not None:
            image.info["icc_profile"] = bytes(profile)
        image.getexif()[ORIENTATION] = page.tags.valueof(ORIENTATION, 1)
        image.format = "TIFF"
        return image


def _page(tiff: tifffile.TiffFile) -> tifffile.TiffPage:
    """The first that is no thumbnail, also of those inside others."""
    pages = []
    for page in list(tiff.pages)[:20]:
        full = page.aspage()
        pages += [full, *(inner.aspage() for inner in full.pages or ())]
    return next((page for page in pages if not page.is_reduced), pages[0])


def _words(page: tifffile.TiffPage) -> str:
    """For people, such as "32-bit floating point, RGB, 3 bands, compression LZW"."""
    number = {UNSIGNED: "", SIGNED: " signed", FLOAT: " floating point"}.get(int(page.sampleformat), "")
    bands = "1 band" if page.samplesperpixel == 1 else f"{page.samplesperpixel} bands"
    photometric = getattr(page.photometric, "name", str(page.photometric))
    compression = getattr(page.compression, "name", str(page.compression))
    return f"{page.bitspersample}-bit{number}, {photometric}, {bands}, compression {compression}"


def _not_read(name: str, words: str) -> SourceFailure:
    return SourceFailure(
        "{name} is a TIFF of a kind that camviewer doesn't read ({reason}).",
        "Save it with 8 or 16 bits, as RGB or grey, without compression or with Deflate.",
        name=name,
        reason=words,
    )


def _bytes(values: NDArray[Any], page: tifffile.TiffPage, greatest: object, kind: _Kind) -> ByteArray:
    """uint8 [H, W], [H, W, 3] or, with alpha, [H, W, 4] or grey and alpha [H, W, 2].

    16 bits and fewer are scaled as a whole. So are colours that are floats from 0 to 1. What has no range of
    its own, all other floats and whole numbers, is scaled by what it holds.
    """
    if values.ndim == 2:
        values = values[..., None]
    colours = 3 if kind.photometric == RGB else 1
    has_alpha = bool(page.extrasamples) and int(page.extrasamples[0]) in (1, 2) and kind.bands > colours
    values = values[..., : colours + has_alpha]
    colour = values[..., :colours]
    low, high = 0.0, float(2**page.bitspersample - 1)
    if values.dtype.kind == "f":
        low, high = _held(colour)
        if colours == 3 and low >= 0 and high <= 1:
            low, high = 0.0, 1.0
    elif values.dtype.kind == "i" or page.bitspersample > 16:
        low, high = _held(colour)
    elif greatest in _DEPTHS and colour.max() <= greatest:
        high = float(greatest)  # type: ignore[arg-type]
    out = np.empty(values.shape, np.uint8)
    depth = values.shape[-1]
    whole = 1.0 if values.dtype.kind == "f" else float(2**page.bitspersample - 1)
    for row in range(0, len(values), 256):
        part = values[row : row + 256].astype(np.float64)
        part[..., :colours] = (part[..., :colours] - low) * (255 / ((high - low) or 1))
        if kind.photometric == WHITE_IS_ZERO:
            part[..., :colours] = 255 - part[..., :colours]
        if has_alpha:
            part[..., colours:] *= 255 / whole
        out[row : row + 256] = np.nan_to_num(np.clip(part, 0, 255)).round()
    return out[..., 0] if depth == 1 else out


def _held(values: NDArray[Any]) -> tuple[float, float]:
    finite = values[np.isfinite(values)] if values.dtype.kind == "f" else values
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
