"""Tells the kind of a file by its name: the one place that knows which suffixes camviewer opens."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, auto
from pathlib import Path

from camviewer.core.storage.files import (
    is_file,
    is_folder,
)

PHOTO_SUFFIXES = frozenset(
    {
        *(".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".apng", ".webp", ".gif"),
        *(".bmp", ".dib", ".tif", ".tiff", ".avif", ".avifs", ".heic", ".heif", ".heics", ".heifs", ".hif"),
    }
)
VIDEO_SUFFIXES = frozenset(
    {
        *(".mp4", ".m4v", ".mov", ".3gp", ".3g2", ".mkv", ".webm", ".avi", ".wmv", ".asf", ".flv", ".f4v"),
        *(".mpg", ".mpeg", ".m2v", ".vob", ".ts", ".mts", ".m2ts", ".m2t", ".ogv", ".mxf", ".dv"),
    }
)
SNAPSHOT_SUFFIX = ".camsnap"
MODEL_SUFFIXES = frozenset(
    {
        ".pth",
        ".pt",
        ".bin",
        ".ckpt",
        ".safetensors",
        ".onnx",
        ".h5",
        ".keras",
        ".pkl",
        ".torchscript",
        ".tflite",
    }
)
"""Those of all model files, also of the kinds that are refused: with a sentence on what to do."""
_CONFIG = "config.json"


class FileKind(Enum):
    """What camviewer can open, and all else."""

    PHOTO = auto()
    VIDEO = auto()
    SNAPSHOT = auto()
    FOLDER = auto()
    OTHER = auto()
    """Any other file: perhaps a photo without a suffix."""


def kind_of(path: Path) -> FileKind:
    """FOLDER for a folder, whatever its name is; otherwise as the name says."""
    return FileKind.FOLDER if is_folder(path) else kind_by_name(path)


def kind_by_name(path: Path) -> FileKind:
    """By the suffix alone, for names that needn't be on the disk. Never FOLDER."""
    suffix = path.suffix.lower()
    if suffix in PHOTO_SUFFIXES:
        return FileKind.PHOTO
    if suffix in VIDEO_SUFFIXES:
        return FileKind.VIDEO
    return FileKind.SNAPSHOT if suffix == SNAPSHOT_SUFFIX else FileKind.OTHER


def is_model(path: Path) -> bool:
    """Whether it is to be opened as a model: a file of such a name, or a folder as a hub checkpoint is.

    What is in it, its content says when it is read.
    """
    if is_folder(path):
        return is_file(path / _CONFIG)
    return path.suffix.lower() in MODEL_SUFFIXES


def patterns(suffixes: Iterable[str]) -> str:
    """``*.gif *.jpg …``, as file dialogs have them."""
    return " ".join(f"*{suffix}" for suffix in sorted(suffixes))
