"""Which files camviewer takes for what."""

from __future__ import annotations

from pathlib import Path

import pytest
from pi_heif import register_heif_opener
from PIL import Image

from camviewer.core.storage.file_kinds import (
    PHOTO_SUFFIXES,
    VIDEO_SUFFIXES,
    FileKind,
    is_model,
    kind_by_name,
    kind_of,
    patterns,
)
from camviewer.core.storage.images import FORMATS


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.jpg", FileKind.PHOTO),
        ("a.JPEG", FileKind.PHOTO),
        ("a.b.png", FileKind.PHOTO),
        ("a.MP4", FileKind.VIDEO),
        ("a.webm", FileKind.VIDEO),
        ("a.camsnap", FileKind.SNAPSHOT),
        ("a.txt", FileKind.OTHER),
        ("jpg", FileKind.OTHER),
        (".png", FileKind.OTHER),
        ("USB2.0 Camera", FileKind.OTHER),
    ],
)
def test_the_name_says_it(name: str, kind: FileKind, tmp_path: Path) -> None:
    assert kind_by_name(Path(name)) is kind
    assert kind_of(tmp_path / name) is kind, "it needn't be there"


def test_all_that_the_reader_opens_is_a_photo_by_name() -> None:
    """As Pillow knows the names of its formats."""
    register_heif_opener()
    named = {
        suffix for suffix, kind in Image.registered_extensions().items() if kind in (*FORMATS, "HEIF", "MPO")
    }
    assert {".jfif", ".jpe", ".avif", ".heic", ".hif"} < named
    assert named == PHOTO_SUFFIXES


@pytest.mark.parametrize(
    "suffix",
    [
        "mp4",
        "m4v",
        "mov",
        "3gp",
        "3g2",
        "mkv",
        "webm",
        "avi",
        "wmv",
        "flv",
        "mpg",
        "mpeg",
        "m2v",
        "vob",
        "ts",
        "mts",
        "m2ts",
        "ogv",
        "mxf",
        "dv",
    ],
)
def test_videos_by_name(suffix: str) -> None:
    assert kind_by_name(Path(f"film.{suffix.upper()}")) is FileKind.VIDEO
    assert not PHOTO_SUFFIXES & VIDEO_SUFFIXES


def test_a_folder_is_one_whatever_its_name_is(tmp_path: Path) -> None:
    (tmp_path / "holidays.mp4").mkdir()
    assert kind_of(tmp_path / "holidays.mp4") is FileKind.FOLDER
    assert kind_of(tmp_path) is FileKind.FOLDER
    assert kind_by_name(tmp_path / "holidays.mp4") is FileKind.VIDEO


def test_patterns_of_a_file_dialog() -> None:
    assert patterns({".b", ".a"}) == "*.a *.b"


@pytest.mark.parametrize("name", ["a.pth", "A.PT", "x.safetensors", "n.onnx", "m.h5", "e.pkl", "l.ckpt"])
def test_models_are_told_by_their_names(name: str, tmp_path: Path) -> None:
    assert is_model(tmp_path / name)


@pytest.mark.parametrize("name", ["a.png", "film.mp4", "s.camsnap", "pth", "notes.txt"])
def test_other_files_are_no_models(name: str, tmp_path: Path) -> None:
    assert not is_model(tmp_path / name)


def test_a_hub_folder_is_a_model(tmp_path: Path) -> None:
    assert not is_model(tmp_path)
    (tmp_path / "config.json").write_text("{}")
    assert is_model(tmp_path)
