"""`camviewer train`: a model file from class folders, and what is printed of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from camviewer.commands import cli
from camviewer.commands.options import UsageError
from camviewer.commands.train import find_class_photos
from camviewer.core.loading import ModelChoice, load_model


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two classes: noise, and stripes on it. One photo can't be read; one moment has two photos."""
    root = tmp_path / "photos"
    for name in ("stripes", "plain"):
        for number in range(4):
            path = root / name / ("one" if number < 2 else "") / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            image = np.random.default_rng(number).integers(0, 120, (240, 320, 3)).astype(np.uint8)
            if name == "stripes":
                image[:, ::16] += 120
            Image.fromarray(image).save(path)
    (root / "plain" / "broken.jpg").write_bytes(b"no picture")
    return root


def test_class_folders(folder: Path, tmp_path: Path) -> None:
    found = find_class_photos(folder)
    assert found.names == ("plain", "stripes")
    assert sorted(moment for _, class_id, moment in found.photos if class_id == 1) == [
        "2.png",
        "3.png",
        "one",
        "one",
    ]
    with pytest.raises(UsageError, match="0 folders"):
        find_class_photos(folder / "stripes" / "one")
    parts = tmp_path / "parts"
    (parts / "val" / "other").mkdir(parents=True)
    folder.rename(parts / "train")
    assert find_class_photos(parts).names == ("plain", "stripes"), "the part for training"


def test_a_model_is_trained(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "mine.safetensors"
    arguments = [str(folder), "--out", str(out), "--model", "efficientnet_lite0", "--device", "cpu"]
    assert cli.main(["train", *arguments]) == 0
    printed, told = capsys.readouterr()
    assert "examples: plain 4, stripes 4" in printed
    assert "accuracy: 100.0 %, 95 % interval 61.0 to 100.0 % (3-fold cross-validated, 6 moments)" in printed
    assert "warning: plain has only 4 examples." in printed
    assert "broken.jpg" in told
    assert load_model(ModelChoice(file=out, device="cpu")).explainer.labels == ("plain", "stripes")


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (["nowhere", "--out", "a.safetensors"], "is no folder"),
        ([".", "--out", "a.pth"], "add .safetensors"),
        ([".", "--out", "a.safetensors", "--export", "a.h5"], "end a.h5 with"),
    ],
)
def test_wrong_usage(wrong: list[str], why: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["train", *wrong])
    assert why in capsys.readouterr().err
