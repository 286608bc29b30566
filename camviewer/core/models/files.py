"""What a model file is, found out from its content and never from its name."""

from __future__ import annotations

import json
import os
import shlex
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from camviewer.core.failures import ModelFailure
from camviewer.core.models.card import FileFormat
from camviewer.core.models.checkpoint import (
    check_size,
    read_contents,
    reading,
)
from camviewer.core.models.pickles import MAX_PICKLE
from camviewer.core.models.programs import (
    refuse_harmful,
    torchscript,
)
from camviewer.core.models.safetensors_files import is_cut_off, is_safetensors
from camviewer.core.models.tensors import CutOffFile
from camviewer.core.models.torch_files import (
    is_legacy,
    names_in_pickle,
)
from camviewer.core.storage.files import (
    exists,
    is_file,
    is_folder,
)
from camviewer.core.text import Text

CONFIG, PREPROCESSOR = "config.json", "preprocessor_config.json"
_MAX_CONFIG = 20_000_000
_IN_FOLDERS = ("model.safetensors", "pytorch_model.bin", "model.onnx", "onnx/model.onnx")
"""What hubs call the weights, the best first."""
_SUFFIXES = frozenset(
    {".safetensors", ".bin", ".pth", ".pt", ".ckpt", ".onnx", ".pkl", ".h5", ".keras", ".tflite", ".pt2"}
)
"""Of model files in a folder with other names: only to find the one there is. Its content says what it is."""
_STATE_DICT = "torch.save(model.state_dict(), 'weights.pth')"
_ONNX_FIELDS = frozenset((*range(1, 9), 14, 20, 25, 26))
_GRAPH = 7
_MAX_FIELDS = 100_000


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file that holds a model. path: of the weights.

    config, preprocessor: ``config.json`` and transformers' ``preprocessor_config.json`` beside them, parsed.
    """

    path: Path
    format: FileFormat
    config: Mapping[str, object] | None = None
    preprocessor: Mapping[str, object] | None = None


def find_model_file(path: Path) -> ModelFile:
    """The model file at a path: a file, or a folder as a hub's checkpoint is.

    Raises ModelFailure, which says what the file is and what to do, if it is none that can be opened.
    """
    if is_folder(path):
        weights, beside = _weights_in(path), path / CONFIG
    elif is_file(path):
        weights, beside = path, path.parent / CONFIG
    else:
        raise ModelFailure(
            "The model file {path} is not a file."
            if exists(path)
            else "The model file {path} doesn't exist.",
            "Check the path.",
            path=path,
        )
    format = file_format(weights)
    if format is not FileFormat.ONNX:
        read_contents(weights, format)
    has_config = is_folder(path) or path.suffix.lower() == ".safetensors" or path.name in _IN_FOLDERS
    if not has_config or not is_file(beside):
        return ModelFile(weights, format)
    preprocessor = beside.with_name(PREPROCESSOR)
    return ModelFile(
        weights, format, _config(beside), _config(preprocessor) if is_file(preprocessor) else None
    )


def file_format(path: Path) -> FileFormat:
    """What a file is, by its content. Raises ModelFailure if it is none of the formats."""
    with reading(path):
        check_size(path)
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(512)
        if is_safetensors(head, size):  # first: a length can look like any mark of another format
            return FileFormat.SAFETENSORS
        if head.startswith(b"PK\x03\x04"):
            return _zip_format(path)
        if head.startswith(b"\x80"):
            if is_legacy(head):
                return FileFormat.TORCH
            if size <= MAX_PICKLE:
                refuse_harmful(path, names_in_pickle(path))
            raise ModelFailure(
                "{name} is a pickle of Python objects: a program, which opening would run.",
                "Save the weights alone where it was made, and open that file: {line}",
                name=path.name,
                line=_STATE_DICT,
            )
        refusal = _refusal(path, head)
        if refusal is not None:
            raise refusal
        if is_cut_off(head, size):
            raise CutOffFile("a header of safetensors")
        with path.open("rb") as file:
            fields, whole = _fields(file, size)
        if _GRAPH in fields and fields <= _ONNX_FIELDS:
            if not whole:
                raise CutOffFile("a message of ONNX")
            return FileFormat.ONNX
        if fields == {1, 2} and whole:
            raise _saved_model(path.parent)
        raise ValueError("none of the formats")


def _zip_format(path: Path) -> FileFormat:
    """Of a zip archive."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    top = next((name[:-8] for name in names if name == "data.pkl" or name.endswith("/data.pkl")), None)
    if top is not None:
        if any(name == f"{top}constants.pkl" or name.startswith(f"{top}code/") for name in names):
            raise torchscript(path)
        return FileFormat.TORCH
    if {"config.json", "model.weights.h5"} <= set(names):
        raise _keras(path)
    if any(
        name.rpartition("/")[2] in ("archive_format", "serialized_exported_program.json") for name in names
    ):
        raise ModelFailure(
            "{name} is a program of torch.export.",
            "Save its weights alone, and open that file: {line}",
            name=path.name,
            line=f"torch.save(torch.export.load({path.name!r}).state_dict, 'weights.pth')",
        )
    if names and all(name.endswith(".npy") for name in names):
        raise _numpy(path)
    raise _no_model(path, Text("a zip archive"), Text("Unpack it, and open the model file inside."))


def _refusal(path: Path, head: bytes) -> ModelFailure | None:
    """Why a file that begins so is none of the formats, if that is known."""
    if not head:
        return _no_model(path, Text("an empty file"), Text("Download or save it again."))
    if head.startswith(b"\x89HDF\r\n\x1a\n"):
        return _keras(path)
    if head[4:8] == b"TFL3":
        return ModelFailure(
            "{name} is a model of TensorFlow Lite.",
            "Convert it to ONNX, and open that file: {line}",
            name=path.name,
            line=f"python -m tf2onnx.convert --tflite {shlex.quote(path.name)} --output model.onnx",
        )
    if head.startswith(b"\x93NUMPY"):
        return _numpy(path)
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM", b"RIFF", b"II*\0", b"MM\0*")):
        return _no_model(path, Text("an image or a video"), Text("Open a model file here."))
    if (
        head.startswith((b"\x1f\x8b", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!", b"BZh"))
        or head[257:262] == b"ustar"
    ):
        return _no_model(path, Text("an archive"), Text("Unpack it, and open the model file inside."))
    if head.startswith(b"version https://git-lfs"):
        return _no_model(path, Text("a pointer of Git LFS"), Text("Fetch the file itself: git lfs pull"))
    if head.lstrip()[:9].lower().startswith((b"<!doctype", b"<html")):
        return _no_model(path, Text("a web page"), Text("Download the file itself."))
    if head.lstrip()[:1] in (b"{", b"["):
        return _no_model(path, Text("a JSON file"), Text("Open the weights beside it, or the folder."))
    return None


def _no_model(path: Path, what: Text, mend: Text) -> ModelFailure:
    return ModelFailure(Text("{name} is {what}, not a model file.", name=path.name, what=what), mend)


def _numpy(path: Path) -> ModelFailure:
    return ModelFailure(
        "{name} holds arrays of numpy, not a model.",
        "Save a state dict with torch, and open that file: {line}",
        name=path.name,
        line=_STATE_DICT,
    )


def _keras(path: Path) -> ModelFailure:
    return ModelFailure(
        "{name} is a model of Keras.",
        "Convert it to ONNX, and open that file: {line}",
        name=path.name,
        line=f"python -m tf2onnx.convert --keras {shlex.quote(path.name)} --output model.onnx",
    )


def _saved_model(folder: Path) -> ModelFailure:
    return ModelFailure(
        "{name} is a SavedModel of TensorFlow: a program.",
        "Convert it to ONNX, and open that file: {line}",
        name=folder.name,
        line=f"python -m tf2onnx.convert --saved-model {shlex.quote(folder.name)} --output model.onnx",
    )


def _fields(file: BinaryIO, size: int) -> tuple[frozenset[int], bool]:
    """The numbers of a protobuf message's fields, and whether it is whole; none if the file is no message.

    Only lengths are read; what they hold is skipped. A message that isn't whole ends in its last field.
    """
    numbers: set[int] = set()
    for _ in range(_MAX_FIELDS):
        at = file.tell()
        if at >= size:
            return frozenset(numbers), at == size
        tag = _varint(file)
        if tag is None or tag >> 3 == 0:
            return frozenset(), False
        numbers.add(tag >> 3)
        match tag & 7:
            case 0:
                skip = 0 if _varint(file) is not None else None
            case 1:
                skip = 8
            case 2:
                skip = _varint(file)
            case 5:
                skip = 4
            case _:
                skip = None
        if skip is None:
            return frozenset(), False
        if skip > size:
            return frozenset(numbers), False
        file.seek(skip, os.SEEK_CUR)
    return frozenset(), False


def _varint(file: BinaryIO) -> int | None:
    value = 0
    for shift in range(0, 70, 7):
        byte = file.read(1)
        if not byte:
            return None
        value |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            return value
    return None


def _weights_in(folder: Path) -> Path:
    """The weights in a folder. Raises ModelFailure if there are none, or several files."""
    for name in _IN_FOLDERS:
        if is_file(folder / name):
            return folder / name
    if exists(folder / "saved_model.pb"):
        raise _saved_model(folder)
    with reading(folder):
        files = sorted(each for each in folder.iterdir() if is_file(each))
    if any(each.name.endswith((".safetensors.index.json", ".bin.index.json")) for each in files):
        raise ModelFailure(
            "The weights in {name} are in several files.",
            "Save them in one, and open that folder: {line}",
            name=folder.name,
            line="model.save_pretrained('folder', max_shard_size='4GB')",
        )
    found = [each for each in files if each.suffix.lower() in _SUFFIXES]
    if not found:
        raise ModelFailure("{name} is a folder without a model.", "Choose a model file.", name=folder.name)
    if len(found) > 1:
        raise ModelFailure(
            "{name} is a folder with several model files ({files}).",
            "Choose one of them.",
            name=folder.name,
            files=", ".join(each.name for each in found[:10]),
        )
    return found[0]


def _config(path: Path) -> Mapping[str, object]:
    """A parsed config.json. Raises ModelFailure if it is damaged."""
    try:
        if path.stat().st_size > _MAX_CONFIG:
            raise ValueError("too large")
        config = json.loads(path.read_text("utf-8"))
        if not isinstance(config, dict):
            raise ValueError("no object")
    except (OSError, ValueError, RecursionError) as error:
        raise ModelFailure(
            "{path} is damaged, or not a description of a model.",
            "Mend it, or move the weights into a folder of their own.",
            repr(error),
            path=path,
        ) from error
    return config
