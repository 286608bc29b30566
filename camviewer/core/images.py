"""Photos → upright RGB arrays, whatever their mode (Pillow decodes)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from camviewer.core.failures import SourceFailure
from camviewer.core.types import ByteArray, read_only

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif"})
MAX_PIXELS = 179_000_000  # Pillow's own limit for decompression bombs


def read_image(path: Path) -> ByteArray:
    """uint8 [H, W, 3], upright (EXIF orientation applied), the first page or frame.

    Grey, palette, alpha (over white), CMYK and 16-bit images become RGB. Raises SourceFailure.
    """
    try:
        if not path.exists():
            raise SourceFailure(f"{path.name} doesn't exist.", "Check the path.")
        if not path.is_file():
            raise SourceFailure(f"{path.name} is not a file.", "Open a photo or a folder of photos.")
        with Image.open(path) as image:
            if image.width * image.height > MAX_PIXELS:
                raise SourceFailure(
                    f"{path.name} is too large ({image.width} x {image.height} pixels).",
                    "Make it smaller than 179 megapixels.",
                )
            return to_rgb(ImageOps.exif_transpose(image))
    except SourceFailure:
        raise
    except UnidentifiedImageError as error:
        what = "is empty" if path.stat().st_size == 0 else "is not an image that camviewer can read"
        raise SourceFailure(f"{path.name} {what}.", "Open a JPEG, PNG, WebP, BMP, TIFF or GIF.") from error
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        # Pillow raises these for damaged files of the formats it knows.
        raise SourceFailure(
            f"{path.name} can't be read ({error}).", "The file may be damaged.", repr(error)
        ) from error


def to_rgb(image: Image.Image) -> ByteArray:
    """uint8 [H, W, 3] of an image of any Pillow mode."""
    if image.mode.startswith(("I", "F")):
        values = np.asarray(image).astype(np.float64)
        # 16-bit photos use the whole of 16 bits; floating point ones are scaled by what they hold.
        if image.mode == "F":
            low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
            values = (values - low) / ((high - low) or 1.0) * 65535
        grey = np.clip(np.nan_to_num(values) / 257.0, 0, 255).round().astype(np.uint8)
        return read_only(np.repeat(grey[..., None], 3, axis=2))
    if "A" in image.mode or "a" in image.mode or "transparency" in image.info:
        over = Image.new("RGBA", image.size, "white")
        over.alpha_composite(image.convert("RGBA"))
        image = over
    # np.array copies: the pixels must outlive Pillow's image.
    return read_only(np.array(image.convert("RGB")))


def images_in(folder: Path) -> list[Path]:
    """The photos of a folder and its subfolders, by name. Raises SourceFailure if it can't be read."""
    try:
        found = [p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file()]
    except OSError as error:
        raise SourceFailure(f"The folder {folder} can't be read ({error.strerror}).") from error
    return sorted(found, key=lambda p: (str(p.parent).lower(), p.name.lower()))
