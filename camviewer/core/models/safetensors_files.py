"""Reads the header of safetensors' files. The library's own reader for numpy knows no bfloat16."""

from __future__ import annotations

import json
import os
from itertools import accumulate
from math import prod
from operator import mul
from pathlib import Path
from typing import Any

from camviewer.core.models.tensors import (
    MAX_DIMENSIONS,
    Contents,
    CutOffFile,
    DamagedFile,
    OddTensor,
    Place,
    Storage,
    StoredTensor,
    item_size,
)

_MAX_HEADER = 20_000_000
"""Bytes; some 150 a tensor."""
_TYPES = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "BOOL": "bool",
    **{f"I{bits}": f"int{bits}" for bits in ("8", "16", "32", "64")},
    **{f"U{bits}": f"uint{bits}" for bits in ("8", "16", "32", "64")},
}


def is_cut_off(head: bytes, size: int) -> bool:
    """Whether a file of this size that begins so can be the beginning of one: a part of the header."""
    length = int.from_bytes(head[:8], "little")
    return head[8:10] == b'{"' and size - 8 < length <= _MAX_HEADER


def is_safetensors(head: bytes, size: int) -> bool:
    """Whether a file of this size that begins so can be one: the header's length, and JSON."""
    return (
        len(head) > 8
        and head[8:9] == b"{"
        and int.from_bytes(head[:8], "little") <= min(size - 8, _MAX_HEADER)
    )


def read_safetensors(path: Path) -> Contents:
    """What a safetensors file holds. Raises OSError; DamagedFile and other exceptions if it is damaged."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        head = file.read(8)
        length = int.from_bytes(head, "little")
        if len(head) < 8 or length > min(size - 8, _MAX_HEADER):
            raise DamagedFile("the file is cut off, or its header is too long")
        header: Any = json.loads(file.read(length).decode("utf-8"))
    metadata = header.pop("__metadata__", {})
    root: dict[str, object] = {}
    places: dict[str, Place] = {}
    for name, entry in header.items():
        shape, (begin, end) = tuple(entry["shape"]), entry["data_offsets"]
        if len(shape) > MAX_DIMENSIONS or not all(
            type(number) is int and number >= 0 for number in (begin, end, *shape)
        ):
            raise DamagedFile("sizes of a tensor")
        start = 8 + length + begin
        dtype = _TYPES.get(entry["dtype"], "")
        element = item_size(dtype)
        if begin > end:
            raise DamagedFile("sizes of a tensor")
        if start + end - begin > size:
            raise CutOffFile("the file is cut off")
        if element is None:
            root[name] = OddTensor()
            continue
        if prod(shape) * element != end - begin:
            raise DamagedFile("a tensor of another size")
        stride = tuple(accumulate((1, *shape[:0:-1]), mul))[::-1] if shape else ()
        places[name] = Place(start, end - begin)
        root[name] = StoredTensor(Storage(name, dtype), dtype, 0, shape, stride)
    return Contents(root, places, metadata=metadata if isinstance(metadata, dict) else {})
