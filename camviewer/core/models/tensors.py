"""Tensors as they lie in a file: what is said of them is checked before any memory is taken for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import BufferedReader
from math import prod
from pathlib import Path
from zipfile import ZipFile, ZipInfo

import numpy as np

from camviewer.core.arrays import (
    AnyArray,
    read_only,
)

MAX_DIMENSIONS = 16
"""Of a tensor."""
_NUMPY = {
    "float64": "f8",
    "float32": "f4",
    "float16": "f2",
    "bfloat16": "u2",  # the upper half of a float32
    "int64": "i8",
    "int32": "i4",
    "int16": "i2",
    "int8": "i1",
    "uint64": "u8",
    "uint32": "u4",
    "uint16": "u2",
    "uint8": "u1",
    "bool": "u1",
}
"""What numpy reads for each type of plain tensors. No network here has others: complex, quantised, float8."""


@dataclass(frozen=True, slots=True, eq=False)
class Storage:
    """Numbers that tensors are views of. first: the element that the tensors' offsets count from."""

    key: str
    dtype: str
    first: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class StoredTensor:
    """A view of a storage: size, and strides and offset in elements. None of it is checked yet."""

    storage: Storage
    dtype: str
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class OddTensor:
    """A tensor that isn't an array of plain numbers with values in the file: sparse, quantised, on "meta"."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a storage's bytes are in a file. packed: its entry if the archive has it compressed."""

    start: int
    length: int
    packed: ZipInfo | None = None


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file of tensors holds: data with `StoredTensor` and `OddTensor` in it, and where the bytes are.

    root: what was saved. paths: names of what it is made of, such as ``argparse.Namespace``. metadata: of
    safetensors' files, what their header says besides.
    """

    root: object
    places: Mapping[str, Place]
    paths: frozenset[str] = frozenset()
    big_endian: bool = False
    metadata: Mapping[str, object] | None = None

    def cost(self, tensor: StoredTensor) -> int:
        """Bytes of memory that reading it takes: its values as float32, or the part of the file it spans.

        Raises DamagedFile or KeyError if what is said of it makes no sense.
        """
        place = self.places[tensor.storage.key]
        span = _span(tensor)
        size = max(4, item_size(tensor.dtype) or 0) * max(prod(tensor.size), span)
        return size if place.packed is None else max(size, place.length)


class DamagedFile(ValueError):
    """What the file says of itself can't be true."""


class CutOffFile(DamagedFile):
    """The file says that it goes on, and doesn't."""


def item_size(dtype: str) -> int | None:
    """Bytes of an element; None for the types of odd tensors."""
    kind = _NUMPY.get(dtype)
    return None if kind is None else int(kind[1])


def _span(tensor: StoredTensor) -> int:
    """Elements of the storage from the first to the last that it has."""
    size, stride = tensor.size, tensor.stride
    for numbers in (size, stride):
        if type(numbers) is not tuple or len(numbers) > MAX_DIMENSIONS:
            raise DamagedFile("sizes of a tensor")
    numbers = (tensor.offset, tensor.storage.first, *size, *stride)
    if len(size) != len(stride) or not all(type(n) is int and 0 <= n < 2**63 for n in numbers):
        raise DamagedFile("sizes of a tensor")
    return 0 if 0 in size else 1 + sum((n - 1) * step for n, step in zip(size, stride, strict=True))


class TensorReader:
    """Reads tensors of an open file."""

    def __init__(self, file: BufferedReader, path: Path, contents: Contents) -> None:
        self._file, self._path = file, path
        self._places, self._order = contents.places, ">" if contents.big_endian else "<"
        self._unpacked: tuple[str, bytes] = ("", b"")
        """The last compressed storage."""

    def read(self, tensor: StoredTensor) -> AnyArray:
        """Its values, read-only: float32, integers or bools. Raises DamagedFile, or OSError."""
        span, element = _span(tensor), item_size(tensor.dtype)
        place = self._places[tensor.storage.key]
        assert element is not None
        first = element * (tensor.storage.first + tensor.offset)
        if span and first + span * element > place.length:
            raise DamagedFile("a tensor outside of its storage")
        kind = np.dtype(self._order + _NUMPY[tensor.dtype])
        flat = np.empty(span, kind)
        if place.packed is not None:
            flat = np.frombuffer(self._unpack(tensor.storage.key, place.packed), kind, span, first)
        elif span:
            self._file.seek(place.start + first)
            if self._file.readinto(flat.view(np.uint8).data) != flat.nbytes:
                raise CutOffFile("the file is cut off")
        strides = [step * element for step in tensor.stride]
        view = np.lib.stride_tricks.as_strided(flat, tensor.size, strides, writeable=False)
        return read_only(_plain(view, tensor.dtype))

    def _unpack(self, key: str, entry: ZipInfo) -> bytes:
        if self._unpacked[0] != key:
            with ZipFile(self._path) as archive:
                self._unpacked = (key, unpacked(archive, entry))
        return self._unpacked[1]


def unpacked(archive: ZipFile, entry: ZipInfo) -> bytes:
    """The bytes of a compressed entry, and no more than the archive says there are."""
    # ZipFile.read takes all that come out before it counts them.
    with archive.open(entry) as file:
        return file.read(entry.file_size)


def _plain(values: AnyArray, dtype: str) -> AnyArray:
    """Values in memory of their own, in this computer's byte order, as float32, integers or bools."""
    if dtype == "bfloat16":
        wide = values.astype(np.uint32, order="C")
        wide <<= 16
        return wide.view(np.float32)
    if dtype == "bool":
        return values.astype(np.bool_, order="C")
    if dtype == "float64":
        with np.errstate(over="ignore"):  # what doesn't fit is not finite, and refused as such
            return values.astype(np.float32, order="C")
    wanted = np.dtype(np.float32) if dtype == "float16" else values.dtype.newbyteorder("=")
    return values.astype(wanted, order="C", copy=not values.flags.c_contiguous)
