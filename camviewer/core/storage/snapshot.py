"""Writes and reads snapshots: one explanation in one file, which opens again without its model.

A ``.camsnap`` file is a zip archive with

    manifest.json        what it is: version, model, request, region, source, time, labels, classes, targets
    frame.png            the frame, RGB
    network_input.png    what the network saw, RGB (may be missing)
    arrays.safetensors   features [C, h, w] (float32 or float16), averaged [C, h', w'] (may be missing),
                         logits [N], bias [N], weight [k, C]: the head's rows of the k classes in "held";
                         or, without a linear head, maps [k, h, w] of the "targets" (see `snapshot_maps`);
                         of an edited frame also before [N]: its logits before the edit (may be missing)
    original.png         the frame before it was edited, RGB; only if it was
    edit.json            the edit; only then, too (see `edit_facts`)

docs/snapshots.md describes all of it. An opened snapshot that is saved again is the same file, byte by byte.

Files are not trusted: nothing in one is run or unpacked to the disk, every size is checked before memory is
taken, and contents that contradict each other (``mean(map) + remainder = score`` included) are refused.
"""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from PIL import Image

from camviewer import __version__
from camviewer.core.arrays import ByteArray
from camviewer.core.explanation import (
    LIVE,
    Delivery,
    Explanation,
    Origin,
)
from camviewer.core.failures import (
    SaveFailure,
    SourceFailure,
)
from camviewer.core.models.spec import ModelInfo
from camviewer.core.runtimes.precision import Precision
from camviewer.core.storage.edit_facts import (
    edit_facts,
    made_facts,
)
from camviewer.core.storage.files import (
    atomic_write,
    exists,
    is_file,
)
from camviewer.core.storage.manifest import (
    MANIFEST,
    DamagedError,
    NewerVersionError,
)
from camviewer.core.storage.snapshot_maps import (
    EDITED,
    StoredMaps,
    stored_maps,
)
from camviewer.core.storage.snapshot_reading import (
    ARRAYS,
    EDIT,
    FORMAT,
    FRAME,
    NETWORK_INPUT,
    ORIGINAL,
    read_delivery,
)

_NO_TIME = (1980, 1, 1, 0, 0, 0)  # of zip entries: the manifest has the time


def write_snapshot(
    explanation: Explanation,
    classes: Sequence[int],
    path: Path,
    *,
    origin: Origin = LIVE,
    half: bool = False,
    overwrite: bool = False,
) -> Path:
    """Write a snapshot and return its path. classes: those that have a tab, in their order.

    origin: what came with the explanation. half: features as float16, half the size; the sums then hold to
    three digits only. Raises SaveFailure; then nothing is left behind.
    """
    data = snapshot_bytes(explanation, classes, origin=origin, half=half)
    with atomic_write(path, overwrite=overwrite) as file:
        file.write(data)
    return path


def snapshot_bytes(
    explanation: Explanation, classes: Sequence[int], *, origin: Origin = LIVE, half: bool = False
) -> bytes:
    """The file's content, which has been read again. Raises SaveFailure where that can't be."""
    from safetensors.numpy import save

    stored = stored_maps(explanation, classes)
    arrays = {**stored.arrays, "logits": explanation.logits}
    if explanation.before is not None:
        arrays["before"] = explanation.before.prediction.logits
    for name in ("features", "maps", "averaged"):
        planes = arrays.get(name)
        if planes is not None:
            arrays[name] = planes.astype(np.float16 if half else np.float32)
    present = {name: np.ascontiguousarray(a) for name, a in arrays.items() if a is not None}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:

        def add(name: str, content: bytes, compression: int) -> None:
            entry = zipfile.ZipInfo(name, _NO_TIME)
            entry.compress_type = compression
            archive.writestr(entry, content)

        manifest = json.dumps(_manifest(explanation, classes, stored, origin), indent=1)
        add(MANIFEST, manifest.encode("ascii"), zipfile.ZIP_DEFLATED)
        add(FRAME, _png(explanation.frame.image), zipfile.ZIP_STORED)
        if explanation.network_input is not None:
            add(NETWORK_INPUT, _png(explanation.network_input), zipfile.ZIP_STORED)
        add(ARRAYS, save(present), zipfile.ZIP_DEFLATED)
        if explanation.unedited is not None and explanation.request.edit is not None:
            add(ORIGINAL, _png(explanation.unedited.image), zipfile.ZIP_STORED)
            edit = json.dumps(edit_facts(explanation.request.edit))
            add(EDIT, edit.encode("ascii"), zipfile.ZIP_DEFLATED)
    try:
        read_delivery(buffer)
    except DamagedError as error:  # such as maps with infinities, of weights that are not good
        raise SaveFailure(
            "This can't be kept as a snapshot ({reason}).",
            "Save the overlay as an image.",
            repr(error),
            reason=error.reason,
        ) from error
    return buffer.getvalue()


def read_snapshot(path: Path) -> Delivery:
    """The explanation in a snapshot, to the bit (features saved by halves are rounded), and its origin.

    It has the maps of some classes only. Raises SourceFailure for everything else.
    """
    name = path.name
    if exists(path) and not is_file(path):
        raise SourceFailure("{name} is not a file.", "Check the path.", name=name)
    try:
        with path.open("rb") as file:
            return read_delivery(file)
    except NewerVersionError as error:
        raise SourceFailure(
            "{name} was saved by a newer camviewer ({version}).",
            "Install the newest version to open it.",
            name=name,
            version=error,
        ) from error
    except FileNotFoundError as error:
        raise SourceFailure("{name} doesn't exist.", "Check the path.", repr(error), name=name) from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SourceFailure(
            "{name} can't be read ({reason}).", "Open another file.", repr(error), name=name, reason=reason
        ) from error
    except DamagedError as error:
        raise SourceFailure(
            "{name} is no snapshot that can be opened ({reason}).",
            "It may be damaged or changed; save it again.",
            repr(error.__cause__ or error),
            name=name,
            reason=error.reason,
        ) from error


def _manifest(
    explanation: Explanation, classes: Sequence[int], stored: StoredMaps, origin: Origin
) -> dict[str, object]:
    frame, region, model = explanation.frame, explanation.region, explanation.model
    request, opened = explanation.request, origin.snapshot
    ago = timedelta(seconds=time.monotonic() - explanation.timing.finished)
    preprocessing = model.preprocessing
    return {
        "format": FORMAT,
        "version": EDITED if explanation.edited else stored.version,
        "camviewer": opened.version if opened is not None else __version__,
        "time": opened.time
        if opened is not None
        else (datetime.now().astimezone() - ago).isoformat(timespec="milliseconds"),
        "source": frame.source,
        "index": frame.index,
        "position": frame.position,
        "size": [frame.width, frame.height],
        "original_size": list(frame.original_size) if frame.original_size is not None else None,
        "region": [region.left, region.top, region.width, region.height],
        "fit": request.fit.value,
        "resolution": explanation.resolution,
        "fine": request.fine,
        "smoothing": origin.smoothing,
        "seconds": {"load": explanation.timing.load, "forward": explanation.timing.forward},
        "model": {
            "name": model.name,
            "title": model.title,
            "device": model.device,
            "device_title": model.device_title,
            "weights_sha256": model.weights_sha256,
            # Its name alone: folders' names may be private.
            "weights_file": Path(model.weights_file).name,
            "weights_origin": model.weights_origin,
            "preprocessing": _without_empty(asdict(preprocessing), "bgr", "squash")
            if preprocessing is not None
            else None,
            **_later_facts(model),
        },
        "classes": list(classes),
        **stored.facts,
        **(_edit_facts(explanation, stored.version) if explanation.edited else {}),
        "labels": list(explanation.labels),
    }


def _edit_facts(explanation: Explanation, maps_version: int) -> dict[str, object]:
    """What the manifest says of an edit, besides the edit itself."""
    facts: dict[str, object] = {"maps_version": maps_version}
    if explanation.before is not None:
        facts["before_age"] = explanation.before.age
    return facts | {"made_by_fill": made_facts(explanation.made_by_fill)}


def _later_facts(model: ModelInfo) -> dict[str, object]:
    """What older versions didn't write of a model.

    Left out where it isn't known, or is the usual, so that their files stay as they are.
    """
    facts: dict[str, object] = {}
    if model.precision is not Precision.FLOAT32:
        facts["precision"] = model.precision.value
    if model.sizes is not None:
        sizes = {**asdict(model.sizes), "offered": list(model.sizes.offered)}
        facts["sizes"] = _without_empty(sizes, "square")
    if model.layer:
        facts |= {"layer": model.layer, "link": model.link.value}
    return facts


def _without_empty(facts: dict[str, object], *names: str) -> dict[str, object]:
    """Without what 0.1 knew nothing of, where it says nothing."""
    return {key: value for key, value in facts.items() if key not in names or value}


def _png(pixels: ByteArray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=4)
    return buffer.getvalue()
