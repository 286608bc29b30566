"""Keeps the curves of whole videos in the user's cache folder: computing one takes minutes.

A file holds times (float64 [n], seconds) and logits (float32 [n, N]). It is found by what is in the video, by
the model, and by how frames become its input; never by a name.
"""

from __future__ import annotations

import hashlib
import io
import logging
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
from platformdirs import user_cache_path

from camviewer.core.arrays import AnyArray
from camviewer.core.explanation import (
    ExplainRequest,
    class_set_of,
    predicted,
)
from camviewer.core.failures import Failure
from camviewer.core.models.spec import (
    Link,
    ModelInfo,
)
from camviewer.core.storage.colour import manages_colours
from camviewer.core.storage.files import (
    atomic_write,
    file_sha256,
    make_folder,
)
from camviewer.core.timeline import Timeline

log = logging.getLogger(__name__)

VERSION = 2
MOST_BYTES = 200 * 10**6
"""Of all curves together: the ones that were used longest ago go."""


def curves_folder() -> Path:
    """Where they are."""
    return user_cache_path("camviewer", appauthor=False) / "timelines"


def curve_file(
    video: Path, model: ModelInfo, labels: tuple[str, ...], request: ExplainRequest
) -> Path | None:
    """The file of a video's curve; reads all of the video. None if the model can't be told from others.

    Raises OSError if the video can't be read; CancelledError.
    """
    if not model.weights_sha256:
        return None
    facts = (
        VERSION,
        file_sha256(video),
        model.name,
        model.weights_sha256,
        class_set_of(labels),
        model.link.value,
        model.preprocessing,
        manages_colours(),
        model.precision.value,
        request.fit.value,
        request.resolution,
    )
    name = hashlib.sha256(repr(facts).encode("utf-8")).hexdigest()[:32]
    return curves_folder() / f"{name}.npz"


def write_curve(timeline: Timeline, path: Path) -> None:
    """Into the cache; a disk without room for it is no failure."""
    buffer = io.BytesIO()
    everything = range(len(timeline.labels))
    np.savez(buffer, times=timeline.times, logits=timeline.scores(everything, logits=True))
    try:
        make_folder(path.parent)
        with atomic_write(path, overwrite=True) as file:
            file.write(buffer.getbuffer())
    except Failure as failure:
        log.warning("a curve isn't kept: %s", failure)
    _make_room(path)


def read_curve(path: Path, labels: tuple[str, ...], link: Link) -> Timeline | None:
    """As it was written; None if there is none, or it is damaged."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            times, logits = stored["times"], stored["logits"]
        path.touch()
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, TypeError) as error:
        if not isinstance(error, FileNotFoundError):
            log.warning("a curve can't be read: %r", error)
        return None
    if not _is_sound(times, logits, len(labels)):
        return None
    timeline = Timeline(labels, max(len(times), 1))
    for time, row in zip(times, logits, strict=True):
        timeline.append(float(time), predicted(row, labels, link))
    return timeline if len(timeline) == len(times) else None


def _is_sound(times: AnyArray, logits: AnyArray, classes: int) -> bool:
    kinds = times.dtype == np.float64 and logits.dtype == np.float32
    return bool(
        kinds and times.ndim == 1 and logits.shape == (len(times), classes) and np.isfinite(times).all()
    )


def _make_room(kept: Path) -> None:
    with suppress(OSError):
        files = sorted(kept.parent.glob("*.npz"), key=lambda file: file.stat().st_mtime, reverse=True)
        size = 0
        for file in files:
            size += file.stat().st_size
            if size > MOST_BYTES and file != kept:
                file.unlink()
