"""HEIC, as phones write it, and AVIF. Nothing here can encode HEVC: two small files are kept in the text."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from camviewer.core.failures import SourceFailure
from camviewer.core.storage.images import read_image

RED, BLUE = (200, 40, 30), (20, 60, 220)
HEIC = (
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAX1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAA"
    "AAAAACJpbG9jAAAAAERAAAEAAQAAAAABoQABAAAAAAAAAHwAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAA"
    "AA5waXRtAAAAAAABAAAA/WlwcnAAAADdaXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNw"
    "AAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFz"
    "wIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xhcAAAAEAAAAABAAAAMAAAAAEAAAAAAAAA"
    "Av////AAAAACAAAAEHBpeGkAAAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWBAgMFhAAAAIRtZGF0AAAAeCgBrwngOSMkv//5"
    "BH//+MRuQ/YtCcF//PoB9/iKwf/7wpdRXZV97t/2CFhwPfW/EqWyex49Nz/S/8XJWoGcIj//SXYQQsmsDXTFdIf+u3yOr546"
    "twH/3Vn3PBWnqIAuiUj1rrZ5oGeagUDdE79fzVJhXTcB03FjwA=="
)
"""64 x 48, red left, blue right; by pillow-heif 1.8.1 with quality 60."""
TURNED = (
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAchtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAA"
    "AAAAADRpbG9jAAAAAERAAAIAAQAAAAAB7AABAAAAAAAAAHwAAgAAAAACaAABAAAAAAAAACQAAAA4aWluZgAAAAAAAgAAABVp"
    "bmZlAgAAAAABAABodmMxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAABB2lwcnAAAADmaXBjbwAAAHZo"
    "dmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAA"
    "AwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAA"
    "AAAAQAAAAEAAAAAoY2xhcAAAAEAAAAABAAAAMAAAAAEAAAAAAAAAAv////AAAAACAAAAEHBpeGkAAAAAAwgICAAAAAlpcm90"
    "AwAAABlpcG1hAAAAAAAAAAEAAQaBAgMFhIYAAAAaaXJlZgAAAAAAAAAOY2RzYwACAAEAAQAAAKhtZGF0AAAAeCgBrwngOSMk"
    "v//5BH//+MRuQ/YtCcF//PoB9/iKwf/7wpdRXZV97t/2CFhwPfW/EqWyex49Nz/S/8XJWoGcIj//SXYQQsmsDXTFdIf+u3yO"
    "r546twH/3Vn3PBWnqIAuiUj1rrZ5oGeagUDdE79fzVJhXTcB03FjwAAAAAZFeGlmAABNTQAqAAAACAABARIAAwAAAAEABgAA"
    "AAAAAA=="
)
"""The same, with EXIF's orientation 6, as a rotation of the container."""


def heic(path: Path, data: str = HEIC) -> Path:
    path.write_bytes(base64.b64decode(data))
    return path


@pytest.mark.parametrize("name", ["a.heic", "a.jpg", "a"])
def test_a_heic_is_opened_whatever_its_name(name: str, tmp_path: Path) -> None:
    image = read_image(heic(tmp_path / name))
    assert image.shape == (48, 64, 3)
    assert np.abs(image[24, 8].astype(int) - RED).max() <= 6
    assert np.abs(image[24, 56].astype(int) - BLUE).max() <= 6


def test_a_turned_one_is_turned_once(tmp_path: Path) -> None:
    image = read_image(heic(tmp_path / "a.heic", TURNED))
    assert image.shape == (64, 48, 3)
    assert np.abs(image[8, 24].astype(int) - RED).max() <= 6, "EXIF's 6: what was left is at the top"
    assert np.abs(image[56, 24].astype(int) - BLUE).max() <= 6


def test_damage_is_a_source_failure(tmp_path: Path) -> None:
    whole = base64.b64decode(HEIC)
    for end in (12, 30, 200, len(whole) - 60):
        path = tmp_path / "a.heic"
        path.write_bytes(whole[:end])
        with pytest.raises(SourceFailure):
            read_image(path)


def test_an_avif_is_opened(tmp_path: Path) -> None:
    image = Image.new("RGB", (64, 48), RED)
    image.paste(BLUE, (32, 0, 64, 48))
    image.save(tmp_path / "a.avif", quality=90)
    pixels = read_image(tmp_path / "a.avif")
    assert np.abs(pixels[24, 8].astype(int) - RED).max() <= 6
    assert np.abs(pixels[24, 56].astype(int) - BLUE).max() <= 6


def test_the_decoder_is_loaded_for_its_own_files_only(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    Image.new("RGB", (8, 8)).save(tmp_path / "a.avif")
    heic(tmp_path / "a.heic")
    code = (
        "import sys; from pathlib import Path; from camviewer.core.storage.images import read_image\n"
        "for name in ('a.png', 'a.avif', 'a.heic'):\n"
        "    read_image(Path(sys.argv[1], name)); print(any('heif' in module for module in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "False", "True"]
