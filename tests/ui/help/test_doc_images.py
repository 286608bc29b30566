"""The pictures of README and the guide: small, and rewritten only where something changed."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

ROOT = Path(__file__).resolve().parents[3]
sys.path.append(str(ROOT / "packaging"))  # as for a script that lies there; it is no package
doc_images = importlib.import_module("doc_images")


def test_the_camera_pans_over_all_photos_and_comes_back() -> None:
    shades = (40, 120, 200)
    photos = [np.full((60, 90, 3), shade, np.uint8) for shade in shades]
    frames = doc_images.pan(photos)
    stops = doc_images.STOPS
    assert len(frames) == len(photos) * stops
    assert {frame.shape for frame in frames} == {(480, 640, 3)}
    for number, shade in enumerate(shades):
        assert set(np.unique(frames[number * stops])) == {shade}, "one photo alone, in the middle"
    seen = {int(shade) for frame in frames[-stops // 2 :] for shade in np.unique(frame)}
    assert seen == {shades[-1], shades[0]}, "the last goes over into the first"


def picture(folder: Path, status: str, words: str = "tabby") -> Path:
    """Something like a window, 800 x 500, with a status line."""
    image = Image.new("RGB", (800, 500), (240, 240, 236))
    draw = ImageDraw.Draw(image)
    draw.text((40, 40), words, fill="black")
    draw.text((10, 486), status, fill="black")
    file = folder / f"{words}{status}.png"
    image.save(file)
    return file


def test_other_milliseconds_leave_a_picture_as_it_is(tmp_path: Path) -> None:
    small = tmp_path / "images" / "small.webp"
    doc_images.write_small(picture(tmp_path, "23 ms"), small, most=50_000, width=400)
    before = small.read_bytes()
    with Image.open(small) as image:
        assert (image.format, image.size) == ("WEBP", (400, 250))
    doc_images.write_small(picture(tmp_path, "184 ms"), small, most=50_000, width=400)
    assert small.read_bytes() == before
    doc_images.write_small(picture(tmp_path, "23 ms", "lynx"), small, most=50_000, width=400)
    assert small.read_bytes() != before


def test_a_moving_picture_has_all_frames_and_no_end(tmp_path: Path) -> None:
    frames = [picture(tmp_path, "", words) for words in ("tabby", "lynx", "cup")]
    moving = tmp_path / "live.webp"
    doc_images.write_moving(frames, moving)
    with Image.open(moving) as image:
        assert getattr(image, "n_frames", 1) == 3
        assert image.info["loop"] == 0
        assert image.width == 640
    before = moving.read_bytes()
    doc_images.write_moving(frames[:2], moving)
    assert moving.read_bytes() != before


def test_what_is_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"more than 100\."):
        doc_images.write_small(picture(tmp_path, "x"), tmp_path / "small.webp", most=100)


def test_readmes_pictures_are_there_and_small() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    sizes = {"window-light": 150_000, "window-dark": 150_000, "live": 1_000_000}
    for name, most in sizes.items():
        file = doc_images.README_IMAGES / f"{name}.webp"
        assert f"docs/images/{name}.webp" in text
        assert file.stat().st_size <= most
        with Image.open(file) as image:
            assert image.width <= (640 if name == "live" else 1280)
