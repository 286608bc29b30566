"""Reads photos as upright RGB arrays, whatever their mode (Pillow decodes)."""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, JpegImagePlugin, PngImagePlugin, UnidentifiedImageError

from camviewer.core.arrays import (
    ByteArray,
    FloatArray,
    read_only,
)
from camviewer.core.failures import SourceFailure
from camviewer.core.frames import Frame
from camviewer.core.storage.colour import (
    Colours,
    colours_of,
)
from camviewer.core.storage.deep_png import with_alpha
from camviewer.core.storage.reduced_images import (
    reduced_jpeg,
    reduced_png,
)
from camviewer.core.storage.tiffs import (
    STARTS,
    open_tiff,
)

log = logging.getLogger(__name__)

SHOWN_PIXELS = 64_000_000
"""Photos with more pixels are reduced: neither a screen nor a network needs so many."""
MAX_REDUCED_PIXELS = 1_000_000_000
"""Of PNGs, which take seconds for each 100 megapixels; libjpeg reduces all that a JPEG can be."""
MAX_PIXELS = 2 * 89_478_485  # where Pillow refuses to decode; it warns at half of that
MAX_WEBP_PIXELS = MAX_PIXELS // 2  # libwebp holds several copies: 1.4 GB for as many
FORMATS = ("JPEG", "PNG", "BMP", "DIB", "GIF", "TIFF", "WEBP", "AVIF")
"""Pillow knows more, among them EPS, for which it runs Ghostscript. MPO comes with JPEG."""
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
"""ISO/IEC 23008-12's names of HEVC's pictures; ``mif1`` and ``msf1`` may be AVIF's too."""
TILE_PIXELS = 1 << 20


def read_image(path: Path) -> ByteArray:
    """The pixels of `read_photo`."""
    return read_photo(path).image


def read_photo(path: Path, index: int = 0) -> Frame:
    """The photo as a frame: upright (EXIF orientation applied), the first page or frame, RGB.

    Grey, palette, alpha (over white), CMYK and 16-bit images become RGB, and all colours sRGB (see
    `storage.colour`). Photos with more than `SHOWN_PIXELS` are reduced; the frame then says how large they
    are. Raises SourceFailure.
    """
    with _upright_photo(path) as (image, size, colours):
        pixels = to_rgb(image, colours=colours)
    if pixels.shape[0] * pixels.shape[1] < size[0] * size[1]:
        turned = (pixels.shape[1] > pixels.shape[0]) != (size[0] > size[1])
        original = (size[1], size[0]) if turned else size
    else:
        original = None
    return Frame(pixels, index, time.monotonic(), path.name, original_size=original, still=True)


def read_rgb(path: Path) -> Image.Image:
    """The pixels of `read_photo` as Pillow's image: of most photos, what was decoded, not copied.

    Raises SourceFailure.
    """
    with _upright_photo(path) as (image, _, colours):
        if image.mode != "RGB" or "transparency" in image.info or (colours and colours.mode != "RGB"):
            return Image.fromarray(to_rgb(image, colours=colours))
        if colours is not None:
            colours.srgb_in_place(image)
        return image


@contextmanager
def _upright_photo(path: Path) -> Iterator[tuple[Image.Image, tuple[int, int], Colours | None]]:
    """The photo, loaded and turned; the width and height of what is in the file; what becomes of its colours.

    Raises SourceFailure, also for what is raised inside.
    """
    try:
        if not path.exists():
            raise SourceFailure("{name} doesn't exist.", "Check the path.", name=path.name)
        if not path.is_file():
            raise SourceFailure(
                "{name} is not a file.", "Open a photo or a folder of photos.", name=path.name
            )
        with warnings.catch_warnings():
            # Pillow warns of large photos and of odd metadata: no reason not to show the pixels.
            warnings.simplefilter("ignore")
            # Given the path, Pillow maps uncompressed TIFFs into memory, and gets turned ones wrong.
            with path.open("rb") as file, _opened(file, path) as image:
                size = image.size
                colours = colours_of(image, file)
                if size[0] * size[1] > SHOWN_PIXELS:
                    image, colours = _reduced(image, file, path, colours)  # noqa: PLW2901
                else:
                    image = with_alpha(image, file)  # noqa: PLW2901
                image.load()
                yield _upright(image, image), size, colours
    except SourceFailure:
        raise
    except UnidentifiedImageError as error:
        raise SourceFailure(
            "{name} is empty."
            if path.stat().st_size == 0
            else "{name} is not an image that camviewer can read.",
            "Open a JPEG, PNG, WebP, AVIF, HEIC, BMP, TIFF or GIF.",
            name=path.name,
        ) from error
    except Exception as error:
        # Damaged files make Pillow raise nearly anything, from struct.error to MemoryError.
        reason = str(error) or type(error).__name__
        raise SourceFailure(
            "{name} can't be read ({reason}).",
            "The file may be damaged.",
            repr(error),
            name=path.name,
            reason=reason,
        ) from error


def _opened(file: BinaryIO, path: Path) -> Image.Image:
    """As Image.open; also for photos that Pillow refuses as too large, if they can be reduced."""
    try:
        start = file.read(4)
        file.seek(0)
        if start in STARTS:
            return open_tiff(file, path.name)
        return Image.open(file, formats=_formats(file))
    except Image.DecompressionBombError as error:
        file.seek(0)
        start = file.read(8)
        file.seek(0)
        if start.startswith(b"\xff\xd8"):
            return JpegImagePlugin.JpegImageFile(file)
        if start == b"\x89PNG\r\n\x1a\n":
            return PngImagePlugin.PngImageFile(file)
        raise _too_large(path) from error


def _formats(file: BinaryIO) -> tuple[str, ...]:
    """Those that a file may have, for Pillow: HEIF's decoder is loaded for HEIF's files only."""
    start = file.read(64)
    file.seek(0)
    if start[4:8] != b"ftyp":
        return FORMATS
    brands = {start[at : at + 4] for at in range(8, min(int.from_bytes(start[:4]), len(start)), 4)}
    if not brands & (_HEIF_BRANDS | {b"mif1", b"msf1"}) or brands & {b"avif", b"avis"}:
        return FORMATS
    from pi_heif import register_heif_opener

    register_heif_opener(thumbnails=False)
    return ("HEIF",)


def _reduced(
    image: Image.Image, file: BinaryIO, path: Path, colours: Colours | None
) -> tuple[Image.Image, Colours | None]:
    """The photo with at most about `SHOWN_PIXELS`, and what is still to be done with its colours.

    A huge one is never in memory as a whole.
    """
    if image.format == "JPEG":
        file.seek(0)
        return reduced_jpeg(file, SHOWN_PIXELS), colours
    most = MAX_WEBP_PIXELS if image.format == "WEBP" else MAX_PIXELS
    huge = image.width * image.height > most
    if huge and image.format == "PNG" and image.width * image.height <= MAX_REDUCED_PIXELS:
        file.seek(0)
        try:
            return reduced_png(file, SHOWN_PIXELS), colours
        except ValueError as error:
            raise _too_large(path) from error
    if huge:
        raise _too_large(path, most)
    return _upright(Image.fromarray(to_rgb(image, 2, colours)), image), None


def _too_large(path: Path, most: int = MAX_PIXELS) -> SourceFailure:
    return SourceFailure(
        "{name} is too large.",
        "Make it {most} megapixels or less, or a JPEG or plain PNG, which may be larger.",
        name=path.name,
        most=most // 1_000_000,
    )


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _upright(image: Image.Image, original: Image.Image) -> Image.Image:
    """Turned as the EXIF orientation of the original says; as it lies where that can't be read.

    ImageOps.exif_transpose also writes the EXIF data anew, and fails where another tag is damaged.
    """
    try:
        turn = _TURNS.get(original.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:
        log.info("the EXIF data can't be read", exc_info=True)
        turn = None
    return image if turn is None else image.transpose(turn)


def to_rgb(image: Image.Image, factor: int = 1, colours: Colours | None = None) -> ByteArray:
    """uint8 [H, W, 3] of an image of any mode that Pillow reads from files.

    Averaged over squares of factor x factor pixels. colours: those of the image, if it isn't sRGB.

    Tile by tile: all of it as floating point numbers, or as another of Pillow's images, would take gigabytes.
    """
    low, high = _finite_range(image) if image.mode == "F" else (0.0, 65535.0)
    rgb = np.empty((-(-image.height // factor), -(-image.width // factor), 3), np.uint8)
    for box in _tiles(image, factor):
        tile = np.asarray(_tile_to_rgb(image.crop(box), low, high, colours).reduce(factor))
        left, top = box[0] // factor, box[1] // factor
        rgb[top : top + tile.shape[0], left : left + tile.shape[1]] = tile
    return read_only(rgb)


def _tiles(image: Image.Image, factor: int = 1) -> Iterator[tuple[int, int, int, int]]:
    """Whole rows where they aren't huge. All begin at a multiple of factor."""
    columns = min(image.width, TILE_PIXELS // factor // factor * factor)
    rows = TILE_PIXELS // columns // factor * factor
    for top in range(0, image.height, rows):
        for left in range(0, image.width, columns):
            yield left, top, min(left + columns, image.width), min(top + rows, image.height)


def _finite_range(image: Image.Image) -> tuple[float, float]:
    tiles = (np.asarray(image.crop(box)) for box in _tiles(image))
    finite = (tile[np.isfinite(tile)] for tile in tiles)
    ranges = [(float(values.min()), float(values.max())) for values in finite if values.size]
    return (min(low for low, _ in ranges), max(high for _, high in ranges)) if ranges else (0.0, 1.0)


def _tile_to_rgb(image: Image.Image, low: float, high: float, colours: Colours | None) -> Image.Image:
    """low, high: of floating point images, which are scaled by what they hold."""
    if image.mode == "F":
        values = (np.asarray(image).astype(np.float64) - low) / ((high - low) or 1.0) * 65535
        grey = np.nan_to_num(np.clip(values / 257.0, 0, 255)).round()
        return Image.fromarray(grey.astype(np.uint8)).convert("RGB")
    if image.mode.startswith("I"):  # 16-bit photos use the whole of 16 bits
        deep = np.clip(np.asarray(image), 0, 65535).astype(np.uint32)
        if colours is None:
            rgb = ((deep + 128) // 257).astype(np.uint8)[..., None].repeat(3, axis=2)
        else:
            rgb = _in_between(colours.of_greys(), deep)
        if "transparency" in image.info:
            rgb[deep == image.info["transparency"]] = 255
        return Image.fromarray(rgb)
    if image.mode == "CMYK" and colours is not None:
        return colours.srgb(image)
    if "A" in image.mode or "a" in image.mode or "transparency" in image.info:
        clear = image.convert("RGBA")
        over = Image.new("RGBA", image.size, "white")
        over.alpha_composite(clear if colours is None else colours.srgb(clear))
        return over.convert("RGB")
    image = image.convert("RGB")
    return image if colours is None else colours.srgb(image)


def _in_between(table: FloatArray, deep: NDArray[np.uint32]) -> ByteArray:
    """uint8 [H, W, 3] of 16-bit greys [H, W], by the colours of 256 of them: [256, 3]."""
    places = np.arange(256) * 257
    return np.stack([np.interp(deep, places, channel) for channel in table.T], -1).round().astype(np.uint8)
