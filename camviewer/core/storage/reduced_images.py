"""Decodes photos that are too large for memory at a fraction of their size.

JPEGs are reduced by their decoder, PNGs strip by strip.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from PIL import Image, JpegImagePlugin, PngImagePlugin

STRIP_BYTES = 32_000_000
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # of PNG's colour types


def reduced_jpeg(file: BinaryIO, pixels: int) -> Image.Image:
    """At 1/2, 1/4 or 1/8 of the size, whichever first has no more pixels: libjpeg leaves the rest out."""
    image = JpegImagePlugin.JpegImageFile(file)
    factor = next((f for f in (1, 2, 4) if image.width * image.height <= pixels * f * f), 8)
    image.draft(None, (image.width // factor, image.height // factor))
    image.load()
    return image


def reduced_png(file: BinaryIO, pixels: int) -> Image.Image:
    """Averaged over squares, so that there are no more pixels than so many. RGB or RGBA.

    The rows are unpacked strip by strip, and each strip goes to Pillow as a small PNG of its own, after
    the row before it, which its first row may refer to. Raises ValueError for interlaced files and for
    16 bits a channel.
    """
    whole = PngImagePlugin.PngImageFile(file)
    width, height = whole.size
    file.seek(0)
    header, colours = _header_and_colours(file)
    depth, colour_type, *_, interlaced = struct.unpack(">8xBBBBB", header)
    if interlaced or depth != 8:
        raise ValueError("interlaced, or not of 8 bits")
    row_bytes = 1 + width * _CHANNELS[colour_type]
    factor = 1
    while (width // factor) * (height // factor) > pixels:
        factor += 1
    rows_at_once = max(factor, STRIP_BYTES // row_bytes // factor * factor)
    transparent = "A" in whole.mode or "transparency" in whole.info
    mode = "RGBA" if transparent else "RGB"
    out = Image.new(mode, (-(-width // factor), -(-height // factor)))
    before = b""  # the last row of the strip before, as it is
    packed = _unpacked(file)
    buffer = b""
    for top in range(0, height, rows_at_once):
        rows = min(rows_at_once, height - top)
        parts, size = [buffer], len(buffer)
        while size < rows * row_bytes:
            part = next(packed, None)
            if part is None:
                raise OSError("image file is truncated")
            parts.append(part)
            size += len(part)
        joined = b"".join(parts)
        strip_bytes, buffer = joined[: rows * row_bytes], joined[rows * row_bytes :]
        strip = _strip(header, colours, before, strip_bytes, width, rows)
        before = strip.crop((0, strip.height - 1, width, strip.height)).tobytes()
        lead = strip.height - rows
        part_image = strip.crop((0, lead, width, strip.height))
        if "transparency" in strip.info:
            part_image.info["transparency"] = strip.info["transparency"]
        out.paste(part_image.convert(mode).reduce(factor), (0, top // factor))
    out.info.update({key: value for key, value in whole.info.items() if key == "exif"})
    return out


def _strip(
    header: bytes, colours: bytes, before: bytes, rows_bytes: bytes, width: int, rows: int
) -> Image.Image:
    lead = b"\0" + before if before else b""
    size = struct.pack(">II", width, rows + bool(before))
    data = zlib.compress(lead + rows_bytes, 0)
    small = _SIGNATURE + _chunk(b"IHDR", size + header[8:]) + colours
    small += _chunk(b"IDAT", data) + _chunk(b"IEND", b"")
    image = PngImagePlugin.PngImageFile(io.BytesIO(small))
    image.load()
    return image


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _header_and_colours(file: BinaryIO) -> tuple[bytes, bytes]:
    """IHDR's content; the palette's and transparency's whole chunks. Leaves the file at the first IDAT."""
    file.seek(len(_SIGNATURE))
    header, colours = b"", b""
    while len(start := file.read(8)) == 8:
        length, name = struct.unpack(">I4s", start)
        if name == b"IDAT":
            file.seek(-8, io.SEEK_CUR)
            break
        content = file.read(length)
        if name == b"IHDR":
            header = content
        elif name in (b"PLTE", b"tRNS"):
            colours += _chunk(name, content)
        file.seek(4, io.SEEK_CUR)
    if len(header) != 13:
        raise OSError("image file is truncated")
    return header, colours


def _unpacked(file: BinaryIO) -> Iterator[bytes]:
    """The content of all IDAT chunks, unpacked, in pieces of at most a few megabytes."""
    unpacker = zlib.decompressobj()
    while len(start := file.read(8)) == 8:
        length, name = struct.unpack(">I4s", start)
        if name != b"IDAT":
            return
        while length:
            content = file.read(min(length, 1_000_000))
            if not content:
                return
            length -= len(content)
            while content:
                yield unpacker.decompress(content, 4_000_000)
                content = unpacker.unconsumed_tail
        file.seek(4, io.SEEK_CUR)
