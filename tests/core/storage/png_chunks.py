"""Writes chunks into PNG files that encoders don't write."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def with_chunks(png: bytes, chunks: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Behind the header, where all but the pixels may stand."""
    end = 8 + 8 + 13 + 4
    return png[:end] + b"".join(chunk(*each) for each in chunks) + png[end:]
