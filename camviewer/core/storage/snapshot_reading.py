"""The distrustful half of snapshots: from a file's bytes to an explanation, or a reason why not."""

from __future__ import annotations

import io
import json
import math
import struct
import time
import zipfile
from pathlib import PurePosixPath
from typing import BinaryIO, Never, NoReturn

import numpy as np
from PIL import Image, UnidentifiedImageError

from camviewer.core.arrays import ByteArray, FloatArray, read_only
from camviewer.core.cam import softmax
from camviewer.core.explanation import ExplainRequest, Explanation, SnapshotInfo, Timing
from camviewer.core.frames import Fit, Frame, Region
from camviewer.core.geometry import MAX_ASPECT
from camviewer.core.models.builtin import DEFAULT
from camviewer.core.models.spec import LinearHead, ModelInfo, Preprocessing, WeightsOrigin
from camviewer.core.runtimes.device import Device
from camviewer.core.text import Text

FORMAT, VERSION = "camviewer snapshot", 1
MANIFEST, FRAME, NETWORK_INPUT, ARRAYS = (
    "manifest.json",
    "frame.png",
    "network_input.png",
    "arrays.safetensors",
)
MAX_FRAME_PIXELS = 70_000_000
"""As many as the program shows (`images.SHOWN_PIXELS`), and some: they are in memory twice for a moment."""
_MAX_BYTES = {MANIFEST: 8_000_000, FRAME: 250_000_000, NETWORK_INPUT: 50_000_000, ARRAYS: 150_000_000}
_MAX_CLASSES, _MAX_CHANNELS, _MAX_TEXT = 100_000, 16_384, 2_000
_MAX_SIDE = DEFAULT.sizes.largest * MAX_ASPECT
_MAX_DIRECTORY = 65_536
"""Bytes of the archive's list of entries; ours has a few hundred."""


class DamagedError(Exception):
    """Why this is no snapshot that can be opened. reason: a part of a sentence, for the user."""

    def __init__(self, reason: str, **values: object) -> None:
        self.reason = Text(reason, **values)
        super().__init__(self.reason)


class NewerVersionError(Exception):
    """The version of the program that wrote it."""


def read_explanation(file: BinaryIO) -> Explanation:
    """Raises DamagedError, NewerVersionError, and OSError if the file can't be read."""
    try:
        _check_end(file)
        with zipfile.ZipFile(file) as archive:
            entries = {entry.filename: entry for entry in archive.infolist()}
            if len(entries) != len(archive.infolist()):
                raise DamagedError("an entry is there twice")
            manifest = _Facts(_json(_content(archive, entries, MANIFEST)))
            _check_version(manifest)
            for name in entries:
                if name not in _MAX_BYTES:
                    raise DamagedError("{name!r} doesn't belong into it", name=PurePosixPath(name).name[:40])
            frame = _frame(manifest, _content(archive, entries, FRAME))
            seen = None
            if NETWORK_INPUT in entries:
                seen = _pixels(_content(archive, entries, NETWORK_INPUT), _MAX_SIDE * DEFAULT.sizes.largest)
            return _explanation(manifest, frame, seen, _arrays(_content(archive, entries, ARRAYS)))
    except (DamagedError, NewerVersionError, OSError):
        raise
    except Exception as error:
        # Whatever zipfile, zlib, json, Pillow and safetensors raise for what is not theirs.
        raise DamagedError(str(error) or type(error).__name__) from error


# The archive


def _check_end(file: BinaryIO) -> None:
    """The end record says how long the list of entries is: zipfile would read millions of them."""
    size = file.seek(0, io.SEEK_END)
    if size > sum(_MAX_BYTES.values()):
        raise DamagedError("it is too large")
    if size < 22:
        raise DamagedError("it is cut off" if size else "it is empty")
    file.seek(max(size - 42, 0))
    tail = file.read()
    if tail[-22:-18] != b"PK\x05\x06" or tail[:4] == b"PK\x06\x07":
        raise DamagedError("it is cut off, or no snapshot")
    count, length = struct.unpack("<HI", tail[-12:-6])
    if count > len(_MAX_BYTES) * 4 or length > _MAX_DIRECTORY:
        raise DamagedError("it has too many entries")
    file.seek(0)


def _content(archive: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo], name: str) -> bytes:
    """An entry's bytes; no more than may be are ever unpacked, whatever it says of itself."""
    entry, most = entries.get(name), _MAX_BYTES[name]
    if entry is None:
        raise DamagedError("{name} is missing", name=name)
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise DamagedError("{name} is packed in an unknown way", name=name)
    if entry.file_size > most:
        raise DamagedError("{name} is too large", name=name)
    with archive.open(entry) as content:
        data = content.read(most + 1)
    if len(data) != entry.file_size:
        raise DamagedError("{name} is not as long as it says", name=name)
    return data


def _check_version(manifest: _Facts) -> None:
    if manifest.text("format") != FORMAT:
        raise DamagedError("it is no snapshot")
    version = manifest.integer("version", 1, 1_000_000)
    if version > VERSION:
        raise NewerVersionError(manifest.text("camviewer")[:40])


# Its entries


def _json(data: bytes) -> object:
    def refuse(constant: str) -> Never:
        raise DamagedError("{name} is no number", name=constant)

    return json.loads(data.decode("utf-8"), parse_constant=refuse)


class _Facts:
    """A JSON object whose values are of the kind that is asked for; DamagedError otherwise."""

    def __init__(self, value: object, name: str = MANIFEST) -> None:
        if not isinstance(value, dict):
            raise DamagedError("{name} is no object", name=name)
        self._values: dict[str, object] = value

    def __getitem__(self, key: str) -> object:
        if key not in self._values:
            raise DamagedError("{name!r} is missing", name=key)
        return self._values[key]

    def facts(self, key: str) -> _Facts:
        return _Facts(self[key], key)

    def text(self, key: str) -> str:
        return _text(self[key], key)

    def flag(self, key: str) -> bool:
        value = self[key]
        return value if isinstance(value, bool) else _wrong(key)

    def integer(self, key: str, low: int, high: int) -> int:
        return _integer(self[key], key, low, high)

    def number(self, key: str, low: float = 0.0, high: float = 1e12) -> float:
        return _number(self[key], key, low, high)

    def numbers(self, key: str, count: int) -> tuple[float, ...]:
        return tuple(_number(v, key, -1e6, 1e6) for v in self.values(key, count, count))

    def integers(self, key: str, least: int, most: int, high: int) -> tuple[int, ...]:
        return tuple(_integer(v, key, 0, high) for v in self.values(key, least, most))

    def values(self, key: str, least: int, most: int) -> list[object]:
        value = self[key]
        return value if isinstance(value, list) and least <= len(value) <= most else _wrong(key)


def _wrong(key: str) -> NoReturn:
    raise DamagedError("{name!r} can't be right", name=key)


def _text(value: object, key: str) -> str:
    if not isinstance(value, str) or len(value) > _MAX_TEXT:
        _wrong(key)
    value.encode("utf-8", "surrogateescape")  # a lone surrogate can't be shown; names of files may have some
    return value


def _integer(value: object, key: str, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        _wrong(key)
    return value


def _number(value: object, key: str, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        _wrong(key)
    number = float(value) if abs(value) <= 1e300 else math.inf
    return number if low <= number <= high else _wrong(key)


def _frame(manifest: _Facts, data: bytes) -> Frame:
    width, height = manifest.integers("size", 2, 2, 10_000_000)
    image = _pixels(data, MAX_FRAME_PIXELS)
    if image.shape[:2] != (height, width):
        raise DamagedError("the frame is not as large as it says")
    original = manifest["original_size"]
    sides = manifest.integers("original_size", 2, 2, 10_000_000) if original is not None else None
    return Frame(
        image,
        manifest.integer("index", 0, 2**53),
        time.monotonic(),
        manifest.text("source"),
        None if manifest["position"] is None else manifest.number("position"),
        None if sides is None else (sides[0], sides[1]),
    )


def _pixels(data: bytes, most: int) -> ByteArray:
    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
            if image.width * image.height > most:
                raise DamagedError("a picture is too large")
            if image.mode != "RGB":
                raise DamagedError("a picture is not RGB but {mode}", mode=image.mode)
            return read_only(np.asarray(image))
    except OSError as error:  # Pillow's, for damaged data; nothing is read from a disk here
        other = isinstance(error, UnidentifiedImageError)
        raise DamagedError("a picture is no PNG" if other else "a picture is damaged") from error


def _arrays(data: bytes) -> dict[str, FloatArray]:
    from safetensors.numpy import load

    arrays: dict[str, FloatArray] = {}
    for name, array in load(data).items():
        if array.dtype not in (np.float32, np.float16):
            raise DamagedError("{name!r} is of {type}", name=name[:40], type=array.dtype)
        arrays[name] = read_only(array.astype(np.float32))
        if not np.isfinite(arrays[name]).all():
            raise DamagedError("{name!r} has values that are no numbers", name=name[:40])
    return arrays


def _explanation(
    manifest: _Facts, frame: Frame, seen: ByteArray | None, arrays: dict[str, FloatArray]
) -> Explanation:
    unknown = set(arrays) - {"features", "averaged", "logits", "bias", "weight"}
    missing = {"features", "logits", "bias", "weight"} - set(arrays)
    if unknown or missing:
        names = str(sorted(unknown | missing))[:160]
        raise DamagedError("arrays are missing or unknown: {names}", names=names)
    labels = tuple(_text(v, "labels") for v in manifest.values("labels", 1, _MAX_CLASSES))
    count = len(labels)
    held = manifest.integers("held", 0, count, count - 1)
    classes = manifest.integers("classes", 0, 1000, count - 1)
    if list(held) != sorted(set(held)) or len(set(classes)) != len(classes):
        raise DamagedError("a class is there twice")
    features, logits = arrays["features"], arrays["logits"]
    for drawn in (features, arrays.get("averaged", features)):
        if drawn.ndim != 3 or drawn.shape[0] != features.shape[0] or not _fits(drawn.shape):
            raise DamagedError("features of shape {shape} can't be right", shape=drawn.shape)
    channels = features.shape[0]
    if logits.shape != (count,) or arrays["bias"].shape != (count,):
        raise DamagedError("logits and labels are not as many")
    if arrays["weight"].shape != (len(held), channels):
        raise DamagedError("the weights don't belong to the features")
    head = LinearHead(arrays["weight"], arrays["bias"], labels, held)
    _check_sums(features, head, logits)
    left, top, width, height = manifest.integers("region", 4, 4, 10_000_000)
    if min(width, height) < 1 or left + width > frame.width or top + height > frame.height:
        raise DamagedError("the region is not in the frame")
    seconds, now = manifest.facts("seconds"), time.monotonic()
    return Explanation(
        frame=frame,
        region=Region(left, top, width, height),
        features=features,
        head=head,
        logits=logits,
        probabilities=read_only(softmax(logits)),
        timing=Timing(now, now, seconds.number("load"), seconds.number("forward")),
        model=_model(manifest.facts("model")),
        request=ExplainRequest(
            Fit(manifest.text("fit")),
            DEFAULT.sizes.check(manifest.integer("resolution", 1, 100_000)),
            manifest.flag("fine"),
            manifest.number("smoothing", 0.0, 1000.0),
        ),
        network_input=seen,
        averaged=arrays.get("averaged"),
        snapshot=SnapshotInfo(manifest.text("time"), manifest.text("camviewer"), classes),
    )


def _fits(shape: tuple[int, ...]) -> bool:
    channels, height, width = shape
    cells = _MAX_SIDE // DEFAULT.sizes.stride
    return 1 <= channels <= _MAX_CHANNELS and 1 <= height <= cells and 1 <= width <= cells


def _check_sums(features: FloatArray, head: LinearHead, logits: FloatArray) -> None:
    """What makes it an explanation: mean(CAM) + bias = logit, as far as halves can tell."""
    assert head.held is not None
    held = list(head.held)
    with np.errstate(all="ignore"):
        pooled = features.mean((1, 2), dtype=np.float64)
        parts = head.weight.astype(np.float64) * pooled
        sums = parts.sum(1) + head.bias[held]
        # Rounding to float16 changes each feature by up to 2^-11 of itself.
        slack = 1e-3 * (np.abs(parts).sum(1) + np.abs(head.bias[held]) + 1)
        holds = bool((np.abs(sums - logits[held]) <= slack).all())
    if not holds:
        raise DamagedError("its maps and its logits don't belong together")


def _model(facts: _Facts) -> ModelInfo:
    preprocessing = None
    if facts["preprocessing"] is not None:
        how = facts.facts("preprocessing")
        mean, std = how.numbers("mean", 3), how.numbers("std", 3)
        preprocessing = Preprocessing(
            how.integer("resize", 1, 100_000),
            how.integer("crop", 1, 100_000),
            (mean[0], mean[1], mean[2]),
            (std[0], std[1], std[2]),
            how.flag("bicubic"),
        )
    return ModelInfo(
        facts.text("name"),
        facts.text("title"),
        Device(facts.text("device")),
        facts.text("device_title"),
        facts.text("weights_sha256"),
        facts.text("weights_file"),
        WeightsOrigin(facts.text("weights_origin")),
        preprocessing,
    )
