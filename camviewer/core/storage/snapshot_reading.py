"""Reads a snapshot without trusting it: from a file's bytes to an explanation, or a reason why not."""

from __future__ import annotations

import io
import json
import struct
import time
import zipfile
from dataclasses import replace
from pathlib import PurePosixPath
from typing import BinaryIO, Never

import numpy as np
from PIL import Image, UnidentifiedImageError

from camviewer.core.arrays import (
    ByteArray,
    FloatArray,
    read_only,
)
from camviewer.core.edits import FrameEdit
from camviewer.core.explanation import (
    Before,
    Delivery,
    ExplainRequest,
    Explanation,
    Origin,
    SnapshotInfo,
    Timing,
    predicted,
)
from camviewer.core.frames import (
    Fit,
    Frame,
    Region,
)
from camviewer.core.models.builtin import DEFAULT
from camviewer.core.models.spec import (
    Link,
    ModelInfo,
    Preprocessing,
    SizeRule,
    WeightsOrigin,
)
from camviewer.core.runtimes.device import Device
from camviewer.core.runtimes.precision import Precision
from camviewer.core.storage.edit_facts import (
    read_edit,
    read_made,
)
from camviewer.core.storage.manifest import (
    MANIFEST,
    DamagedError,
    Facts,
    NewerVersionError,
    checked_text,
)
from camviewer.core.storage.snapshot_maps import (
    CHANGES,
    EDITED,
    EXACT,
    read_covering,
    read_maps,
)

FORMAT, NEWEST_VERSION = "camviewer snapshot", EDITED
FRAME, ORIGINAL, EDIT, NETWORK_INPUT, ARRAYS = (
    "frame.png",
    "original.png",
    "edit.json",
    "network_input.png",
    "arrays.safetensors",
)
MAX_FRAME_PIXELS = 70_000_000
"""A little more than `images.SHOWN_PIXELS`: they are in memory twice for a moment."""
_MAX_BYTES = {
    MANIFEST: 8_000_000,
    FRAME: 250_000_000,
    ORIGINAL: 250_000_000,
    EDIT: 8_000_000,
    NETWORK_INPUT: 50_000_000,
    ARRAYS: 150_000_000,
}
_MAX_CLASSES = 100_000
_MAX_SIDE = 4_096
_MAX_INPUT_CHANNELS = 4
"""The longest side of the network's input, in pixels."""
_MAX_DIRECTORY = 65_536
"""Bytes of the archive's list of entries. A snapshot needs a few hundred."""


def read_delivery(file: BinaryIO) -> Delivery:
    """Raises DamagedError, NewerVersionError, and OSError if the file can't be read."""
    try:
        _check_end(file)
        with zipfile.ZipFile(file) as archive:
            entries = {entry.filename: entry for entry in archive.infolist()}
            if len(entries) != len(archive.infolist()):
                raise DamagedError("an entry is there twice")
            manifest = Facts(_json(_content(archive, entries, MANIFEST)))
            version = _checked_version(manifest)
            for name in entries:
                if name not in _MAX_BYTES or (name in (ORIGINAL, EDIT) and version != EDITED):
                    raise DamagedError("{name!r} doesn't belong into it", name=PurePosixPath(name).name[:40])
            frame = _frame(manifest, _content(archive, entries, FRAME))
            network_input = None
            if NETWORK_INPUT in entries:
                network_input = _pixels(_content(archive, entries, NETWORK_INPUT), _MAX_SIDE**2 // 4)
            arrays = _arrays(_content(archive, entries, ARRAYS))
            if version != EDITED:
                return _delivery(manifest, version, frame, network_input, arrays)
            before = arrays.pop("before", None)
            maps_version = manifest.integer("maps_version", EXACT, CHANGES)
            delivery = _delivery(manifest, maps_version, frame, network_input, arrays)
            edit = read_edit(Facts(_json(_content(archive, entries, EDIT)), EDIT), frame.height)
            original = _pixels(_content(archive, entries, ORIGINAL), MAX_FRAME_PIXELS)
            explanation = _edited(manifest, delivery.explanation, edit, original, before)
            return replace(delivery, explanation=explanation)
    except (DamagedError, NewerVersionError, OSError):
        raise
    except Exception as error:
        # Whatever zipfile, zlib, json, Pillow and safetensors raise for what is not theirs.
        raise DamagedError(str(error) or type(error).__name__) from error


# The archive


def _check_end(file: BinaryIO) -> None:
    """Check the length of the list of entries, in the end record: zipfile would read millions of them."""
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
    """An entry's bytes; never more than allowed are unpacked, whatever size the archive states."""
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


def _checked_version(manifest: Facts) -> int:
    if manifest.text("format") != FORMAT:
        raise DamagedError("it is no snapshot")
    version = manifest.integer("version", 1, 1_000_000)
    if version > NEWEST_VERSION:
        raise NewerVersionError(manifest.text("camviewer")[:40])
    return version


# Its entries


def _json(data: bytes) -> object:
    def refuse(constant: str) -> Never:
        raise DamagedError("{name} is no number", name=constant)

    return json.loads(data.decode("utf-8"), parse_constant=refuse)


def _frame(manifest: Facts, data: bytes) -> Frame:
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


def _delivery(
    manifest: Facts,
    version: int,
    frame: Frame,
    network_input: ByteArray | None,
    arrays: dict[str, FloatArray],
) -> Delivery:
    labels = tuple(checked_text(v, "labels") for v in manifest.values("labels", 1, _MAX_CLASSES))
    count = len(labels)
    classes = manifest.integers("classes", 0, 1000, count - 1)
    if len(set(classes)) != len(classes):
        raise DamagedError("a class is there twice")
    if "logits" not in arrays:
        raise DamagedError("arrays are missing or unknown: {names}", names=["logits"])
    if arrays["logits"].shape != (count,):
        raise DamagedError("logits and labels are not as many")
    maps, drawn = read_maps(manifest, version, arrays, labels)
    left, top, width, height = manifest.integers("region", 4, 4, 10_000_000)
    if min(width, height) < 1 or left + width > frame.width or top + height > frame.height:
        raise DamagedError("the region is not in the frame")
    seconds, now = manifest.facts("seconds"), time.monotonic()
    model = _model(manifest.facts("model"))
    if count == 1:
        model = replace(model, link=Link.SIGMOID)  # files of before say softmax, which is 1 for every picture
    # Files of 0.1 don't say which sizes their network takes: both of its networks take the same.
    sizes = model.sizes if model.sizes is not None else DEFAULT.sizes
    explanation = Explanation(
        frame=frame,
        region=Region(left, top, width, height),
        prediction=predicted(arrays["logits"], labels, model.link),
        maps=maps,
        timing=Timing(now, now, seconds.number("load"), seconds.number("forward")),
        model=model,
        request=ExplainRequest(
            Fit(manifest.text("fit")),
            sizes.check(manifest.integer("resolution", 1, 100_000)),
            manifest.flag("fine"),
            maps.method,
            covering=read_covering(manifest, version),
        ),
        network_input=network_input,
        drawn=drawn,
    )
    info = SnapshotInfo(manifest.text("time"), manifest.text("camviewer"), classes)
    return Delivery(explanation, Origin(manifest.number("smoothing", 0.0, 1000.0), info))


def _edited(
    manifest: Facts,
    explanation: Explanation,
    edit: FrameEdit,
    original: ByteArray,
    before: FloatArray | None,
) -> Explanation:
    """With the edit, the frame as it was, and what was said of that: logits `before` [N]."""
    if original.shape != explanation.frame.image.shape:
        raise DamagedError("the frame is not as large as it says")
    was = None
    if before is not None:
        if before.shape != explanation.logits.shape:
            raise DamagedError("logits and labels are not as many")
        prediction = predicted(before, explanation.labels, explanation.model.link)
        was = Before(prediction, manifest.number("before_age"))
    return replace(
        explanation,
        request=replace(explanation.request, edit=edit),
        unedited=replace(explanation.frame, image=original),
        before=was,
        made_by_fill=read_made(manifest, len(explanation.labels)),
    )


def _model(facts: Facts) -> ModelInfo:
    preprocessing = None
    if facts["preprocessing"] is not None:
        how = facts.facts("preprocessing")
        channels = len(how.values("mean", 1, _MAX_INPUT_CHANNELS))
        preprocessing = Preprocessing(
            how.integer("resize", 1, 100_000),
            how.integer("crop", 1, 100_000),
            how.numbers("mean", channels),
            how.numbers("std", channels),
            how.flag("bicubic"),
            "bgr" in how and how.flag("bgr"),
            "squash" in how and how.flag("squash"),
        )
    sizes = None
    if "sizes" in facts:
        rule = facts.facts("sizes")
        stride, smallest, largest = (rule.integer(k, 1, 100_000) for k in ("stride", "smallest", "largest"))
        offered = rule.integers("offered", 0, 100, 100_000)
        square = "square" in rule and rule.flag("square")
        sizes = SizeRule(stride, smallest, largest, offered, square)
    return ModelInfo(
        name=facts.text("name"),
        title=facts.text("title"),
        device=Device(facts.text("device")),
        device_title=facts.text("device_title"),
        weights_sha256=facts.text("weights_sha256"),
        weights_file=facts.text("weights_file"),
        weights_origin=WeightsOrigin(facts.text("weights_origin")),
        preprocessing=preprocessing,
        sizes=sizes,
        layer=facts.text("layer") if "layer" in facts else "",
        link=Link(facts.text("link")) if "link" in facts else Link.SOFTMAX,
        precision=Precision(facts.text("precision")) if "precision" in facts else Precision.FLOAT32,
    )
