"""Reads the weights of a network from a checkpoint, without torch and without running anything."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from camviewer.core.arrays import AnyArray
from camviewer.core.failures import ModelFailure
from camviewer.core.models.card import FileFormat
from camviewer.core.models.pickles import StandIn
from camviewer.core.models.plain import plain
from camviewer.core.models.prefixes import cleaned
from camviewer.core.models.programs import (
    is_module,
    pickled_program,
    refuse_harmful,
)
from camviewer.core.models.safetensors_files import read_safetensors
from camviewer.core.models.tensors import (
    Contents,
    CutOffFile,
    OddTensor,
    StoredTensor,
    TensorReader,
)
from camviewer.core.models.torch_files import read_torch
from camviewer.core.storage.files import file_sha256
from camviewer.core.text import Text

MAX_BYTES = 4_000_000_000
"""Of a checkpoint, packed and unpacked, and of its network's weights as float32.

A computer with 24 GB of memory has room for them as they are read, in the network and fused on the device.
"""
_OTHER = Text("Choose a state dict saved by torch.save, a .safetensors or an ONNX file.")
_WRAPPERS = (
    *(
        "state_dict",
        "model_state_dict",
        "model_state",
        "model",
        "net",
        "network",
        "weights",
        "params",
        "module",
    ),
    *("teacher", "student"),
    *("state_dict_ema", "model_ema_state_dict", "model_ema", "ema_state_dict", "ema_model", "ema", "shadow"),
)
"""Where checkpoints have the weights, the best first: averaged ones (EMA) only where there are no others."""
_TRAINING = re.compile(
    r"(.*_)?(opt|optim\w*|\w*sched\w*|\w*scaler|\w*scaling|amp|ema|rng|epochs?|steps?|iter\w*|\w*loss\w*|callbacks?"
    r"|loops?|best)(_.*)?",
    re.IGNORECASE,
)
"""Names of what only going on with the training needs."""
_LOOKED_AT = 1000
"""Entries of a dict: a state dict has tensors among the first ones."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The tensors of one network, and what else its file holds.

    tensors: by clean name; read-only; floats are float32, integers and bools as they are. wrapper: the key
    they were found under, such as ``state_dict`` or ``model.state_dict``; empty if they were bare. prefix:
    what was taken off their names. left_out: names of what nobody needs here, such as the optimizer's state.
    extras: plain data found beside the tensors, such as hyperparameters and names of classes; safetensors'
    metadata.
    """

    tensors: Mapping[str, AnyArray]
    wrapper: str
    prefix: str
    left_out: tuple[str, ...]
    extras: Mapping[str, object]
    sha256: str


def read_checkpoint(path: Path, format: FileFormat, sha256: str | None = None) -> Checkpoint:
    """The network's weights in a file of torch or safetensors. sha256: the file's, if it is known.

    Raises ModelFailure for anything that isn't the finite weights of one network.
    """
    contents = read_contents(path, format)
    wrapped, wrapper, beside = _unwrapped(contents.root)
    weights: dict[str, StoredTensor | OddTensor] = {}
    for key, value in wrapped.items():
        if isinstance(key, str) and isinstance(value, StoredTensor | OddTensor):
            weights[key] = value
        else:
            beside.setdefault(str(key), value)
    names, prefix, dropped = cleaned(weights)
    tensors = _read(path, contents, {new: weights[old] for old, new in names.items()})
    extras = dict(contents.metadata or {})
    left_out = list(dropped)
    for key, value in beside.items():
        kept = None if _TRAINING.fullmatch(key) else plain(value)
        if kept is None:
            left_out.append(key)
        else:
            extras[key] = kept
    with reading(path):
        return Checkpoint(tensors, wrapper, prefix, tuple(left_out), extras, sha256 or file_sha256(path))


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Whatever goes wrong with a file becomes a ModelFailure: readers of damaged files fail in many ways."""
    try:
        yield
    except ModelFailure:
        raise
    except OSError as error:
        raise ModelFailure(
            "The weights file {path} can't be read.", Text(error.strerror or str(error)), path=path
        ) from error
    except (CutOffFile, zipfile.BadZipFile) as error:
        raise ModelFailure(
            "{name} is incomplete or damaged.", "Download or copy it again.", repr(error), name=path.name
        ) from error
    except Exception as error:
        raise ModelFailure(
            "{name} is not a weights file that can be read safely.", _OTHER, repr(error), name=path.name
        ) from error


def read_contents(path: Path, format: FileFormat) -> Contents:
    """What is in a file of torch or safetensors, where there are weights of a network in it; no values yet.

    Raises ModelFailure: for pickled programs too, with what to save instead.
    """
    with reading(path):
        check_size(path)
        if format is FileFormat.SAFETENSORS:
            contents = read_safetensors(path)
        else:
            contents = read_torch(path)
            refuse_harmful(path, contents.paths)
    root = contents.root
    if not _unwrapped(root)[0]:
        inside = _mapping(root)
        several = [str(key) for key, value in inside.items() if _tensors_in(value)]
        if several:
            raise ModelFailure(
                "{name} holds several networks ({keys}).",
                "Save the state dict of one of them: torch.save(model.state_dict(), …).",
                name=path.name,
                keys=", ".join(several[:10]),
            )
        for value in (root, *inside.values()):
            if isinstance(value, StandIn) and (value is root or is_module(value)):
                raise pickled_program(path, value, contents.paths)
        raise ModelFailure("{name} holds no state dict.", _OTHER, name=path.name)
    return contents


def _unwrapped(root: object) -> tuple[Mapping[object, object], str, dict[str, object]]:
    """The dict with the weights, empty if there is none; the keys that lead to it; what lies beside them."""
    inside, keys, beside = _mapping(root), list[str](), dict[str, object]()
    while (key := _wrapper(inside)) is not None:
        keys.append(key)
        beside |= {
            str(name): value for name, value in inside.items() if name != key and str(name) not in beside
        }
        inside = _mapping(inside[key])
    return (inside if _tensors_in(inside) else {}), ".".join(keys), beside


def _wrapper(inside: Mapping[object, object]) -> str | None:
    """The key of the weights in a dict; None if they are in itself or nowhere."""
    for key in _WRAPPERS:
        value = inside.get(key)
        if _tensors_in(value) or any(_tensors_in(_mapping(value).get(deeper)) for deeper in _WRAPPERS):
            return key
    if _tensors_in(inside):
        return None
    others = [key for key, value in inside.items() if isinstance(key, str) and _tensors_in(value)]
    return others[0] if len(others) == 1 and not _TRAINING.fullmatch(others[0]) else None


def _mapping(value: object) -> Mapping[object, object]:
    """A dict, or what an object of a class like it would hold; else nothing."""
    if isinstance(value, StandIn):
        return value.entries
    return value if isinstance(value, dict) else {}


def _tensors_in(value: object) -> bool:
    """Whether it is a dict with tensors."""
    return any(
        isinstance(each, StoredTensor | OddTensor) for each in islice(_mapping(value).values(), _LOOKED_AT)
    )


def _read(
    path: Path, contents: Contents, wanted: Mapping[str, StoredTensor | OddTensor]
) -> dict[str, AnyArray]:
    """The values of the wanted tensors."""
    tensors: dict[str, AnyArray] = {}
    with reading(path):
        stored: dict[str, StoredTensor] = {}
        for key, value in wanted.items():
            if isinstance(value, OddTensor):
                raise ModelFailure(
                    "{name} holds no state dict ({key!r} is no plain tensor).",
                    _OTHER,
                    name=path.name,
                    key=key,
                )
            stored[key] = value
        # A view can claim any size, whatever its storage has.
        if sum(contents.cost(value) for value in stored.values()) > MAX_BYTES:
            raise _too_large(path)
        with path.open("rb") as file:
            reader = TensorReader(file, path, contents)
            for key, value in stored.items():
                tensors[key] = values = reader.read(value)
                if values.dtype.kind == "f" and not np.isfinite(values).all():
                    raise ModelFailure(
                        "The weights in {name} are not all finite ({key!r}).",
                        "The file is damaged or its training failed; choose another.",
                        name=path.name,
                        key=key,
                    )
    return tensors


def check_size(path: Path) -> None:
    """Raises ModelFailure for a file that would take too much memory; OSError if it can't be read."""
    total = path.stat().st_size
    if total <= MAX_BYTES and zipfile.is_zipfile(path):  # what torch.save writes
        with zipfile.ZipFile(path) as archive:
            total = sum(entry.file_size for entry in archive.infolist())
    if total > MAX_BYTES:
        raise _too_large(path)


def _too_large(path: Path) -> ModelFailure:
    return ModelFailure(
        "{name} is larger than {most} MB.",
        "Choose a state dict of the model alone: torch.save(model.state_dict(), …).",
        name=path.name,
        most=MAX_BYTES // 1_000_000,
    )
