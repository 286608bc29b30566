"""Which files camviewer takes for what."""

from __future__ import annotations

from pathlib import Path

import pytest

from camviewer.core.storage.file_kinds import FileKind, is_model, kind_by_name, kind_of, patterns


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
