"""A head of one's own classes, the backbone that it belongs to, and the file that holds both facts.

The file is one of safetensors: ``weight`` float32 [N, C], ``bias`` float32 [N], and JSON in its metadata. It
holds no examples, no paths and no weights of the backbone, so it is small, and may be given to others.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from camviewer.core.failures import ModelFailure
from camviewer.core.models.card import FileFormat
from camviewer.core.models.checkpoint import read_checkpoint, reading
from camviewer.core.models.files import ModelFile
from camviewer.core.models.safetensors_files import read_safetensors
from camviewer.core.models.spec import LinearHead, ModelInfo
from camviewer.core.storage.files import atomic_write
from camviewer.core.text import Text

KEY, VERSION = "camviewer_taught_head", 1
"""Of the metadata."""
FEWEST, MOST = 2, 20
"""Classes."""
LONGEST = 100
"""Characters of a class's name."""
_MOST_CHARACTERS = 100_000
_SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Backbone:
    """Which network a head belongs to. sha256: of its weights' file, which was called `file`.

    name, title: as `ModelInfo` has them; channels: of its features.
    """

    name: str
    title: str
    sha256: str
    file: str
    channels: int


@dataclass(frozen=True, slots=True)
class Taught:
    """How a head was made. examples: of each class. accuracy: cross-validated, None if there were too few.

    interval: 95 %, of that accuracy. moments: the independent ones that it was measured with.
    """

    examples: tuple[int, ...]
    time: str
    accuracy: float | None = None
    interval: tuple[float, float] | None = None
    folds: int = 0
    moments: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class TaughtHead:
    """A linear head of one's own classes, on the pooled features of a backbone."""

    head: LinearHead
    backbone: Backbone
    taught: Taught

    @property
    def sha256(self) -> str:
        """Of what it computes, and what that is called: of two that are equal in this, each is the other."""
        digest = hashlib.sha256(self.backbone.sha256.encode())
        digest.update(self.head.weight.tobytes() + self.head.bias.tobytes())
        digest.update(json.dumps(self.head.labels).encode())
        return digest.hexdigest()

    @property
    def text(self) -> Text:
        """What it is, for people: a sentence."""
        total, classes = sum(self.taught.examples), len(self.head.labels)
        values = {"classes": classes, "examples": total, "backbone": self.backbone.title}
        if self.taught.accuracy is None or self.taught.interval is None:
            return Text(
                "A linear head of {classes} classes, taught with {examples} examples on {backbone}. Its "
                "accuracy was not measured.",
                **values,
            )
        low, high = self.taught.interval
        return Text(
            "A linear head of {classes} classes, taught with {examples} examples on {backbone}. "
            "Cross-validated accuracy: {accuracy} % (95 % interval {low}–{high} %).",
            **values,
            accuracy=round(100 * self.taught.accuracy),
            low=round(100 * low),
            high=round(100 * high),
        )


def backbone_of(info: ModelInfo, channels: int) -> Backbone:
    """The identity of a network that runs."""
    return Backbone(info.name, info.title, info.weights_sha256, Path(info.weights_file).name, channels)


def now() -> str:
    """ISO 8601, with the offset from UTC."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def write_head(taught: TaughtHead, path: Path, *, overwrite: bool = False) -> Path:
    """Write the model file; return its path. Raises SaveFailure."""
    from safetensors.numpy import save

    metadata = {
        "version": VERSION,
        "labels": taught.head.labels,
        "backbone": asdict(taught.backbone),
        "taught": asdict(taught.taught),
    }
    tensors = {
        "weight": np.ascontiguousarray(taught.head.weight),
        "bias": np.ascontiguousarray(taught.head.bias),
    }
    data = save(tensors, {"format": "np", KEY: json.dumps(metadata)})
    with atomic_write(path, overwrite=overwrite) as file:
        file.write(data)
    return path


def is_taught(file: ModelFile) -> bool:
    """Whether a model file says that it is a head of one's own classes."""
    if file.format is not FileFormat.SAFETENSORS:
        return False
    with reading(file.path):
        return KEY in (read_safetensors(file.path).metadata or {})


def read_head(file: ModelFile) -> tuple[TaughtHead, str]:
    """The head in a file that nobody vouches for, and the file's SHA-256. Raises ModelFailure."""
    checkpoint = read_checkpoint(file.path, file.format)
    try:
        text = checkpoint.extras[KEY]
        if not isinstance(text, str) or len(text) > _MOST_CHARACTERS:
            raise ValueError("metadata")
        said = json.loads(text)
        if said["version"] != VERSION:
            raise ModelFailure(
                "{name} was saved by another version of camviewer.", "Save it anew.", name=file.path.name
            )
        labels = _labels(said["labels"])
        weight, bias = checkpoint.tensors["weight"], checkpoint.tensors["bias"]
        backbone = _backbone(said["backbone"])
        if weight.shape != (len(labels), backbone.channels) or set(checkpoint.tensors) != {"weight", "bias"}:
            raise ValueError(f"a weight of {weight.shape} for {len(labels)} labels")
        head = LinearHead(weight.astype(np.float32), bias.astype(np.float32), labels)
        return TaughtHead(head, backbone, _taught(said["taught"], len(labels))), checkpoint.sha256
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, OverflowError) as error:
        raise ModelFailure(
            "{name} is damaged: it is no head of one's own classes.",
            "Save it again where it was taught.",
            repr(error),
            name=file.path.name,
        ) from error


def _labels(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not FEWEST <= len(value) <= MOST:
        raise ValueError("labels")
    return tuple(_text(each, LONGEST) for each in value)


def _text(value: object, longest: int) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > longest:
        raise ValueError("a text")
    return value


def _backbone(value: Mapping[str, Any]) -> Backbone:
    sha256, channels = value["sha256"], value["channels"]
    if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256) or type(channels) is not int:
        raise ValueError("backbone")
    name, title = _text(value["name"], 200), _text(value["title"], 200)
    # A name alone: no file elsewhere is looked for.
    return Backbone(name, title, sha256, Path(_text(value["file"], 255)).name, channels)


def _taught(value: Mapping[str, Any], classes: int) -> Taught:
    examples = tuple(_count(each) for each in value["examples"])
    if len(examples) != classes:
        raise ValueError("examples")
    time, accuracy, interval = _text(value["time"], 40), value["accuracy"], value["interval"]
    if accuracy is None or interval is None:
        return Taught(examples, time)
    low, high = interval
    shares = _share(accuracy), (_share(low), _share(high))
    return Taught(examples, time, *shares, _count(value["folds"]), _count(value["moments"]))


def _count(value: object) -> int:
    if type(value) is not int or not 0 <= value < 10**9:
        raise ValueError("a count")
    return value


def _share(value: object) -> float:
    if not isinstance(value, float | int) or not 0 <= value <= 1:
        raise ValueError("a share")
    return float(value)
