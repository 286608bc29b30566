"""What torch.save wrote, read without torch: the zip archive of today, and the older pickles in a row."""

from __future__ import annotations

import io
import os
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

from camviewer.core.models.pickles import (
    MAX_PICKLE,
    Call,
    StandIn,
    put,
    unpickle,
)
from camviewer.core.models.tensors import (
    Contents,
    CutOffFile,
    DamagedFile,
    OddTensor,
    Place,
    Storage,
    StoredTensor,
    item_size,
    unpacked,
)

MAGIC = 0x1950A86A20F9469CFC6C
"""The first pickle of the older form."""
_ODD = "odd"
"""The type of storages of odd tensors."""
_TYPES = {
    "DoubleStorage": "float64",
    "FloatStorage": "float32",
    "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16",
    "LongStorage": "int64",
    "IntStorage": "int32",
    "ShortStorage": "int16",
    "CharStorage": "int8",
    "ByteStorage": "uint8",
    "UntypedStorage": "uint8",
    "BoolStorage": "bool",
}
_SIZES = {
    **{name: item_size(dtype) for name, dtype in _TYPES.items()},
    **{"ComplexDoubleStorage": 16, "ComplexFloatStorage": 8, "QInt32Storage": 4},
    **dict.fromkeys(("QInt8Storage", "QUInt8Storage", "QUInt4x2Storage", "QUInt2x4Storage"), 1),
}
"""Bytes of an element, of odd ones too: in the older form the next storage comes after them."""


def read_torch(path: Path) -> Contents:
    """What a file of torch.save holds.

    Raises OSError; DamagedFile and other exceptions, of zipfile's and `unpickle`, if it is damaged.
    """
    with path.open("rb") as file:
        archive = file.read(4) == b"PK\x03\x04"
    return _read_zip(path) if archive else _read_legacy(path)


# Tensors


def _tensor(storage: object, offset: object, size: object, stride: object, *_: object) -> object:
    if isinstance(storage, Storage):
        return _typed(storage, storage.dtype, offset, size, stride)
    raise DamagedFile("a tensor without a storage")


def _tensor_v2(storage: object, offset: object, size: object, stride: object, *more: object) -> object:
    """more: whether it requires a gradient, hooks, and bits such as "negated" that no weights have."""
    return OddTensor() if len(more) > 2 and more[2] else _tensor(storage, offset, size, stride)


def _tensor_v3(
    storage: object,
    offset: object,
    size: object,
    stride: object,
    _: object,
    __: object,
    dtype: object,
    *bits: object,
) -> object:
    """Of types that have no storage of their own."""
    if not isinstance(storage, Storage) or not isinstance(dtype, StandIn):
        raise DamagedFile("a tensor without a storage")
    name = dtype.path.removeprefix("torch.")
    return OddTensor() if bits and bits[0] else _typed(storage, name, offset, size, stride)


def _typed(storage: Storage, dtype: str, offset: object, size: object, stride: object) -> object:
    if item_size(dtype) is None:
        return OddTensor()
    if not isinstance(offset, int) or not isinstance(size, tuple) or not isinstance(stride, tuple):
        raise DamagedFile("sizes of a tensor")
    return StoredTensor(storage, dtype, offset, size, stride)


def _odd(*_: object) -> OddTensor:
    return OddTensor()


def _first(data: object, *_: object) -> object:
    """Of a parameter, its tensor."""
    return data


def _subclass(function: object, _: object, args: object, __: object) -> object:
    """A tensor of a class of somebody's, or with attributes: the tensor."""
    call = _CALLS.get(function.path) if isinstance(function, StandIn) else None
    if call is None or not isinstance(args, tuple):
        raise DamagedFile("a tensor made of nothing")
    return call(*args)


def _dict(*args: object) -> object:
    """An OrderedDict or the like. A list of pairs is used up: nobody can have it copied over and over."""
    for arg in args:
        if isinstance(arg, dict):
            return arg
        if isinstance(arg, list):
            pairs, arg[:] = tuple(arg), ()
            if not all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in pairs):
                raise DamagedFile("entries of a dict")
            return put({}, [each for pair in pairs for each in pair])
    return {}


_CALLS: Mapping[str, Call] = {
    "collections.OrderedDict": _dict,
    "collections.defaultdict": _dict,
    "collections.Counter": _dict,
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v2": _tensor_v2,
    "torch._utils._rebuild_tensor_v3": _tensor_v3,
    "torch._utils._rebuild_parameter": _first,
    "torch._utils._rebuild_parameter_with_state": _first,
    "torch._utils._rebuild_device_tensor_from_cpu_tensor": _first,
    "torch._tensor._rebuild_from_type_v2": _subclass,
    "torch._utils._rebuild_device_tensor_from_numpy": _odd,
    "torch._utils._rebuild_meta_tensor_no_storage": _odd,
    "torch._utils._rebuild_nested_tensor": _odd,
    "torch._utils._rebuild_qtensor": _odd,
    "torch._utils._rebuild_sparse_tensor": _odd,
    "torch._utils._rebuild_sparse_csr_tensor": _odd,
    "torch._utils._rebuild_wrapper_subclass": _odd,
}


def _storage_type(pid: object, length: int) -> tuple[str, str]:
    """The name of its class and its key, of the persistent id of a storage."""
    if not isinstance(pid, tuple) or len(pid) != length or pid[0] != "storage":
        raise DamagedFile("a persistent id that is no storage's")
    kind, key = pid[1], pid[2]
    if not isinstance(kind, StandIn) or not isinstance(key, str):
        raise DamagedFile("a storage without a type")
    return kind.path.rpartition(".")[2], key


# The zip archive


def _read_zip(path: Path) -> Contents:
    with zipfile.ZipFile(path) as archive, path.open("rb") as file:
        entries = {entry.filename: entry for entry in archive.infolist()}
        top = next(name for name in entries if name == "data.pkl" or name.endswith("/data.pkl"))[:-8]

        def content(name: str) -> bytes:
            entry = entries[top + name]
            place = _place(file, entry)
            if place.length > MAX_PICKLE:
                raise DamagedFile("a huge pickle")
            if place.packed is not None:
                return unpacked(archive, entry)
            file.seek(place.start)
            return file.read(place.length)

        places: dict[str, Place] = {}

        def storage(pid: object) -> Storage:
            kind, key = _storage_type(pid, 5)
            if key not in places:
                places[key] = _place(file, entries[f"{top}data/{key}"])
            return Storage(key, _TYPES.get(kind, _ODD))

        paths: set[str] = set()
        root = unpickle(io.BytesIO(content("data.pkl")), _CALLS, storage, paths)
        big = f"{top}byteorder" in entries and content("byteorder").strip() == b"big"
    return Contents(root, places, frozenset(paths), big)


def _place(file: BinaryIO, entry: zipfile.ZipInfo) -> Place:
    """Where an entry's bytes are. Checksums are not looked at: torch can leave them out."""
    if entry.flag_bits & 1:
        raise DamagedFile("an encrypted entry")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise DamagedFile("a compression that torch doesn't know")
    if entry.compress_type == zipfile.ZIP_DEFLATED:
        return Place(0, entry.file_size, entry)
    file.seek(entry.header_offset)
    header = file.read(30)
    if len(header) < 30 or not header.startswith(b"PK\x03\x04"):
        raise DamagedFile("an entry without a header")
    name, extra = struct.unpack_from("<HH", header, 26)
    return Place(entry.header_offset + 30 + name + extra, entry.file_size)


# The older form


class _Clipped(io.BufferedReader):
    """A file that isn't asked for more than it has: Python would take memory for it first."""

    def __init__(self, path: Path) -> None:
        super().__init__(io.FileIO(path))
        self.size = os.fstat(self.fileno()).st_size

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(self.size if size is None or size < 0 else min(size, self.size))


def is_legacy(head: bytes) -> bool:
    """Whether a file that begins so is one of torch.save's older form."""
    try:
        return unpickle(io.BytesIO(head), {}, _none, set()) == MAGIC
    except (ValueError, LookupError, TypeError):
        return False


def names_in_pickle(path: Path) -> set[str]:
    """What a file that is one pickle wants to import. Raises OSError; other exceptions if it is damaged."""
    names: set[str] = set()
    with _Clipped(path) as file:
        unpickle(file, {}, _none, names)
    return names


def _none(_: object) -> None:
    return None


def _read_legacy(path: Path) -> Contents:
    with _Clipped(path) as file:
        types: dict[str, str] = {}

        def storage(pid: object) -> object:
            if isinstance(pid, tuple) and len(pid) == 4 and pid[0] == "module":
                return pid[1]  # a class of a pickled module, with its source
            kind, key = _storage_type(pid, 6)
            types.setdefault(key, kind)
            view = pid[5] if isinstance(pid, tuple) else None
            first = view[1] if isinstance(view, tuple) and len(view) == 3 else 0
            if not isinstance(first, int):
                raise DamagedFile("a view of a storage")
            return Storage(key, _TYPES.get(kind, _ODD), first)

        def pickle(persistent: Callable[[object], object] = _none) -> object:
            return unpickle(file, _CALLS, persistent, paths)

        paths: set[str] = set()
        if pickle() != MAGIC:
            raise DamagedFile("no magic number")
        pickle()  # the protocol's version
        pickle()  # the sizes of integers where it was written; the numbers are little-endian everywhere
        root = pickle(storage)
        keys = pickle()
        if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
            raise DamagedFile("no list of storages")
        places: dict[str, Place] = {}
        for key in keys:
            head = file.read(8)
            element = _SIZES.get(types[key])
            if len(head) < 8 or element is None:
                raise DamagedFile("a storage without a size")
            length = int.from_bytes(head, "little") * element
            if length > file.size - file.tell():
                raise CutOffFile("the file is cut off")
            places[key] = Place(file.tell(), length)
            file.seek(length, os.SEEK_CUR)
    return Contents(root, places, frozenset(paths))
