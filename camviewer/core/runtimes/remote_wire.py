"""Messages between a Python program and its window: JSON, and the bytes of arrays. No pickles.

A message is the length of its JSON (4 bytes, big-endian), the JSON, and the arrays' bytes in the order in
which the JSON names them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from camviewer.core.frames import Region
from camviewer.core.geometry import InputGeometry
from camviewer.core.storage.manifest import Facts
from camviewer.core.targets import (
    ChannelPart,
    ClassScore,
    ScoreDifference,
    Target,
)

MAX_BYTES = 1 << 31
"""Of one message."""
_ARRAY = "array of"
_TYPES: Mapping[str, np.dtype[Any]] = {"u1": np.dtype(np.uint8), "f4": np.dtype("<f4")}
_MOST = 1 << 31


class WireError(Exception):
    """The bytes are no message of this protocol."""


def packed(message: Mapping[str, object]) -> bytes:
    """Values: None, bool, int, float, str, lists and tuples, dicts, and arrays of uint8 and float32."""
    parts: list[bytes] = []

    def as_json(value: object) -> object:
        if not isinstance(value, np.ndarray):
            raise TypeError(f"{type(value).__name__} can't be sent")
        name = next(name for name, dtype in _TYPES.items() if dtype == value.dtype)
        parts.append(value.tobytes())
        return {_ARRAY: name, "shape": value.shape}

    text = json.dumps(message, default=as_json).encode("ascii")
    return b"".join((len(text).to_bytes(4, "big"), text, *parts))


def unpacked(data: bytes) -> dict[str, Any]:
    """What `packed` was given, with lists for tuples. Arrays are read-only.

    Raises WireError for anything else.
    """
    end = 4 + int.from_bytes(data[:4], "big")
    if len(data) < max(end, 4):
        raise WireError("the message is cut off")
    at = end

    def arrays(value: dict[str, Any]) -> object:
        nonlocal at
        if _ARRAY not in value:
            return value
        dtype, shape = _TYPES.get(str(value[_ARRAY])), value.get("shape")
        if dtype is None or not isinstance(shape, list) or len(shape) > 5:
            raise WireError("an array is of no kind that is sent")
        if not all(type(side) is int and 0 <= side <= _MOST for side in shape):
            raise WireError("an array has no such shape")
        count = math.prod(shape)
        if count * dtype.itemsize > len(data) - at:
            raise WireError("an array is cut off")
        array: NDArray[Any] = np.frombuffer(data, dtype, count, at).reshape(shape)
        at += array.nbytes
        return array

    try:
        message = json.loads(data[4:end], object_hook=arrays)
    except (ValueError, RecursionError) as error:
        raise WireError("the message is no JSON") from error
    if not isinstance(message, dict) or at != len(data):
        raise WireError("the message is not whole")
    return message


def geometry_json(geometry: InputGeometry) -> dict[str, object]:
    """As `geometry_of` reads it."""
    regions = {name: getattr(geometry, name) for name in ("trim", "crop", "region")}
    sides = {name: [r.left, r.top, r.width, r.height] for name, r in regions.items()}
    flags = {"exact": geometry.exact, "mirrored": geometry.mirrored}
    return {**sides, "resized": list(geometry.resized), **flags}


def geometry_of(facts: Facts) -> InputGeometry:
    """Raises DamagedError."""

    def region(name: str) -> Region:
        left, top, width, height = facts.integers(name, 4, 4, 1 << 20)
        return Region(left, top, width, height)

    height, width = facts.integers("resized", 2, 2, 1 << 16)
    regions = region("trim"), (height, width), region("crop"), region("region")
    return InputGeometry(*regions, exact=facts.flag("exact"), mirrored=facts.flag("mirrored"))


def target_json(target: Target) -> list[int]:
    """As `target_of` reads it: −1 for what the target doesn't have."""
    return [target.class_id, *(-1 if part is None else part for part in (target.other, target.channel))]


def target_of(value: object) -> Target:
    """Raises WireError."""
    if not isinstance(value, list) or len(value) != 3 or not all(type(part) is int for part in value):
        raise WireError("a target is three numbers")
    class_id, other, channel = value
    if other >= 0:
        return ScoreDifference(class_id, other)
    return ClassScore(class_id) if channel < 0 else ChannelPart(class_id, channel)
