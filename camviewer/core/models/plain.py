"""Plain data of what else lies in a checkpoint: hyperparameters, names of classes, a training's arguments."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from camviewer.core.models.pickles import StandIn
from camviewer.core.models.programs import is_module

_MAX_VALUES, _MAX_DEPTH = 300_000, 20
"""A file can name the same list many times in many lists: written out, that has no end."""
_NUMBERS = re.compile(r"[<>=|]?(b1|[iu][1248]|f[248]|U[0-9]{1,4}|S[0-9]{1,4})")
_SCALARS = frozenset({"numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar"})
_ARRAYS = frozenset({"numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct"})
_COLLECTIONS = frozenset(
    {"builtins.set", "builtins.frozenset", "builtins.list", "builtins.tuple", "torch.Size"}
)
_PATHS = frozenset(
    {"pathlib.PosixPath", "pathlib.WindowsPath", "pathlib.PurePosixPath", "pathlib.PureWindowsPath"}
)


class _NotPlainError(ValueError):
    """There is something else in it, such as a tensor."""


class _EndlessError(Exception):
    """There is too much of it."""


def plain(value: object) -> object:
    """str, int, float, bool, and lists, tuples and dicts of them; None if nothing of it is.

    Objects become the dict of their attributes or entries, OmegaConf's nodes what they hold; numpy's numbers
    and arrays become Python's numbers and lists, paths become str. Entries of dicts that are something else,
    such as tensors, are left out.
    """
    try:
        return _Converter().plain(value, 0)
    except (ValueError, TypeError, OverflowError, _EndlessError):  # numpy raises them all for damaged arrays
        return None


@dataclass
class _Converter:
    left: int = _MAX_VALUES

    def plain(self, value: object, depth: int) -> object:
        self.left -= 1
        if self.left < 0 or depth > _MAX_DEPTH:
            raise _EndlessError
        if value is None or isinstance(value, str | int | float):
            return value
        if isinstance(value, list):
            return [self.plain(each, depth + 1) for each in value]
        if isinstance(value, tuple):
            return tuple(self.plain(each, depth + 1) for each in value)
        if isinstance(value, dict):
            return self._dict(value, depth + 1)
        if isinstance(value, StandIn):
            return self._object(value, depth + 1)
        raise _NotPlainError

    def _dict(self, entries: dict[object, object], depth: int) -> dict[object, object]:
        kept: dict[object, object] = {}
        for key, value in entries.items():
            if not isinstance(key, StandIn):
                with suppress(ValueError, TypeError, OverflowError):
                    kept[key] = self.plain(value, depth)
        if entries and not kept:
            raise _NotPlainError
        return kept

    def _object(self, value: StandIn, depth: int) -> object:
        """Of what would be an object."""
        path, args, state = value.path, value.args, value.state
        if is_module(value):
            raise _NotPlainError
        if args is None:  # a name, such as torch.float32
            return path
        if path in _SCALARS or path in _ARRAYS:
            return self._numpy(value, depth)
        if path == "_codecs.encode" and args and isinstance(args[0], str):
            return args[0]
        if path in _PATHS:
            return "/".join(str(self.plain(part, depth)) for part in args)
        if path in _COLLECTIONS and len(args) == 1:
            return self.plain(args[0], depth)
        if value.entries:
            return self.plain(value.entries, depth)
        if value.items:
            return self.plain(value.items, depth)
        if isinstance(state, dict):
            for inner in ("_content", "_val"):  # OmegaConf's containers and leaves
                if inner in state:
                    return self.plain(state[inner], depth)
            return self.plain(state, depth)
        return self.plain(args[0], depth) if len(args) == 1 else {}  # one argument: an enumeration, a device

    def _numpy(self, value: StandIn, depth: int) -> object:
        if value.path in _SCALARS:
            kind, content = (value.args or ())[:2]
            shape: object = ()
        elif isinstance(value.state, tuple) and len(value.state) == 5:
            _, shape, kind, fortran, content = value.state
            if fortran and isinstance(shape, tuple) and len(shape) > 1:
                raise _NotPlainError
        else:
            raise _NotPlainError
        if isinstance(content, list):  # of Python's objects
            return self.plain(content, depth)
        if isinstance(content, StandIn) and content.path == "_codecs.encode" and content.args:
            content = str(content.args[0]).encode("latin-1")
        if not isinstance(content, bytes | str) or not isinstance(shape, tuple):
            raise _NotPlainError
        data = content.encode("latin-1") if isinstance(content, str) else content
        values = np.frombuffer(data, _kind(kind))
        self.left -= len(values)
        if self.left < 0:
            raise _EndlessError
        numbers = values.reshape(shape)
        return numbers.astype(str).tolist() if numbers.dtype.kind == "S" else numbers.tolist()


def _kind(value: object) -> np.dtype[np.generic]:
    """numpy's type that a stand-in names, if it is one of numbers or texts."""
    if not isinstance(value, StandIn) or value.path != "numpy.dtype" or not value.args:
        raise _NotPlainError
    name, state = value.args[0], value.state
    if not isinstance(name, str) or not _NUMBERS.fullmatch(name):
        raise _NotPlainError
    big = isinstance(state, tuple) and len(state) > 1 and state[1] == ">"
    return np.dtype(name).newbyteorder(">" if big else "<")
