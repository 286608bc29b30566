"""Files that leave the program: what is in them, and that none is ever half written or lost."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QGuiApplication

from camviewer import __version__
from camviewer.core.explanation import Explanation
from camviewer.core.failures import SaveFailure
from camviewer.core.frames import Region
from camviewer.core.maps import Difference, shown_values, values
from camviewer.core.scaling import ValueRange
from camviewer.media.drawing.compositor import OverlayStyle, compose, shown_range
from camviewer.media.export import metadata, read_metadata, save_overlay, write_csv, write_grey_png, write_npz
from camviewer.media.frames import image_to_array

STYLE = OverlayStyle(colormap="vik_r", opacity=0.5)
UMLAUTS = 4  # the class "Löwe, “Leo”"


@pytest.fixture
def explanation(make_explanation: Callable[..., Explanation], qapp: QGuiApplication) -> Explanation:
    return make_explanation(region=Region(8, 0, 48, 48))


def save(explanation: Explanation, path: Path, **options: object) -> Path:
    shown = shown_range(explanation, (UMLAUTS,), STYLE)
    return save_overlay(explanation, UMLAUTS, STYLE, shown, path, **options)  # type: ignore[arg-type]


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# What is inside


def test_metadata_says_all_that_the_overlay_depends_on(explanation: Explanation) -> None:
    facts = metadata(explanation, UMLAUTS, STYLE, ValueRange(-2.0, 2.0))
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts
    moment = datetime.fromisoformat(str(facts.pop("time")))
    assert moment.tzinfo is not None
    assert facts == {
        "camviewer": __version__,
        "source": "photo.png",
        "class_id": UMLAUTS,
        "label": "Löwe, “Leo”",
        "probability": float(explanation.probabilities[UMLAUTS]),
        "logit": float(explanation.logits[UMLAUTS]),
        "model": "fake",
        "model_title": "Fake",
        "weights_sha256": "0" * 64,
        "device": "cpu",
        "fit": "crop",
        "resolution": 224,
        "region": [8, 0, 48, 48],
        "overlay": True,
        "colormap": "vik_r",
        "opacity": 0.5,
        "follow_value": True,
        "scale": "map",
        "interpolation": "bicubic",
        "shown": [-2.0, 2.0],
    }
    assert "shown" not in metadata(explanation, UMLAUTS, STYLE)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".JPEG"])
def test_metadata_comes_back_from_the_file(explanation: Explanation, tmp_path: Path, suffix: str) -> None:
    path = save(explanation, tmp_path / f"overlay{suffix}")
    facts = read_metadata(path)
    assert facts is not None
    shown = shown_range(explanation, (UMLAUTS,), STYLE)
    expected = metadata(explanation, UMLAUTS, STYLE, shown)
    assert {**facts, "time": None} == {**expected, "time": None}


def test_other_programs_find_their_fields(explanation: Explanation, tmp_path: Path) -> None:
    with Image.open(save(explanation, tmp_path / "a.png")) as png:
        assert isinstance(png, Image.Image)
        assert png.info["Software"] == f"camviewer {__version__}"
        assert png.info["Description"] == "Class activation map of Löwe, “Leo” by Fake"
    with Image.open(save(explanation, tmp_path / "a.jpg")) as jpeg:
        exif = jpeg.getexif()
        assert exif[0x0131] == f"camviewer {__version__}"
        assert str(exif[0x010E]).isascii()


def test_a_png_has_the_composed_pixels(explanation: Explanation, tmp_path: Path) -> None:
    shown = shown_range(explanation, (UMLAUTS,), STYLE)
    for caption in (True, False):
        path = save(explanation, tmp_path / f"{caption}.png", caption=caption)
        with Image.open(path) as image:
            expected = image_to_array(compose(explanation, UMLAUTS, STYLE, shown, caption))
            np.testing.assert_array_equal(np.asarray(image), expected)
    with Image.open(tmp_path / "False.png") as image:
        assert image.size == (64, 48)


def test_a_jpeg_keeps_colours(explanation: Explanation, tmp_path: Path) -> None:
    path = save(explanation, tmp_path / "a.jpg", caption=False, quality=100)
    shown = shown_range(explanation, (UMLAUTS,), STYLE)
    expected = image_to_array(compose(explanation, UMLAUTS, STYLE, shown, False)).astype(int)
    with Image.open(path) as image:
        assert np.abs(np.asarray(image).astype(int) - expected).mean() < 2


@pytest.mark.parametrize(
    "name", ["missing.png", "text.png", "plain.png", "plain.jpg", "other.jpg", "list.png"]
)
def test_other_files_have_no_metadata(tmp_path: Path, name: str) -> None:
    from PIL.PngImagePlugin import PngInfo

    plain = Image.new("RGB", (4, 4))
    (tmp_path / "text.png").write_text("not an image")
    plain.save(tmp_path / "plain.png")
    plain.save(tmp_path / "plain.jpg")
    exif = Image.Exif()
    exif[0x010E] = '{"title": "somebody else\'s JSON"}'
    plain.save(tmp_path / "other.jpg", exif=exif)
    info = PngInfo()
    info.add_itxt("camviewer", "[1]")
    plain.save(tmp_path / "list.png", pnginfo=info)
    assert read_metadata(tmp_path / name) is None


def test_npz_holds_the_maps_as_computed(explanation: Explanation, tmp_path: Path) -> None:
    ids = (3, 0, 5)
    with np.load(write_npz(explanation, ids, tmp_path / "raw.npz")) as raw:
        kinds = {name: (raw[name].dtype.name, raw[name].shape) for name in raw.files}
        assert kinds == {
            "class_ids": ("int64", (3,)),
            "cams": ("float32", (3, 2, 3)),
            "bias": ("float32", (3,)),
            "logits": ("float32", (7,)),
            "probabilities": ("float32", (7,)),
            "region": ("int32", (4,)),
            "image_size": ("int32", (2,)),
        }
        assert tuple(raw["class_ids"]) == ids
        assert tuple(raw["region"]) == (8, 0, 48, 48)
        assert tuple(raw["image_size"]) == (64, 48)
        for index, class_id in enumerate(ids):
            np.testing.assert_array_equal(raw["cams"][index], explanation.cam(class_id))
        residual = raw["cams"].mean((1, 2)) + raw["bias"] - raw["logits"][raw["class_ids"]]
        assert np.abs(residual).max() < 1e-5
        assert raw["cams"].min() < 0, "signed"


def test_npz_of_averages_says_so(explanation: Explanation, tmp_path: Path) -> None:
    averaged = np.repeat(np.repeat(explanation.features, 2, axis=1), 2, axis=2) * 0.5
    mean = replace(explanation, averaged=averaged)
    with np.load(write_npz(mean, (1, 4), tmp_path / "raw.npz")) as raw:
        assert bool(raw["fine"])
        assert raw["cams"].shape == (2, 4, 6)
        np.testing.assert_array_equal(raw["cams"][1], shown_values(mean, 4))
        np.testing.assert_array_equal(raw["logits"], explanation.logits)


def test_npz_without_classes(explanation: Explanation, tmp_path: Path) -> None:
    with np.load(write_npz(explanation, (), tmp_path / "raw.npz")) as raw:
        assert raw["cams"].shape == (0, 2, 3)
        assert raw["bias"].shape == (0,)


@pytest.mark.parametrize("name", ["overlay.gif", "overlay", "overlay.png.txt"])
def test_other_suffixes_are_refused(explanation: Explanation, tmp_path: Path, name: str) -> None:
    with pytest.raises(SaveFailure, match=re.escape(".png, .jpg, .jpeg")):
        save(explanation, tmp_path / name)
    assert names_in(tmp_path) == []


def test_an_existing_file_is_replaced_only_on_request(explanation: Explanation, tmp_path: Path) -> None:
    path = tmp_path / "mine.png"
    path.write_bytes(b"mine")
    with pytest.raises(SaveFailure, match=r"mine\.png already exists"):
        save(explanation, path)
    assert path.read_bytes() == b"mine"
    save(explanation, path, overwrite=True)
    assert read_metadata(path) is not None
    assert names_in(tmp_path) == ["mine.png"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere/name.png", "The folder .*nowhere doesn't exist"),
        ("file/name.png", "file is not a folder"),
        ("folder.png", "folder.png is a folder"),
        ("x" * 300 + ".png", "is too long"),
    ],
)
@pytest.mark.parametrize("overwrite", [True, False])
@pytest.mark.skipif(sys.platform == "win32", reason="Windows words its errors differently")
def test_impossible_places_are_told(
    explanation: Explanation, tmp_path: Path, name: str, message: str, overwrite: bool
) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(SaveFailure, match=message) as caught:
        save(explanation, tmp_path / name, overwrite=overwrite)
    assert caught.value.mend
    assert names_in(tmp_path) == ["file", "folder.png"]


def test_a_grey_png_has_the_values_to_the_step(explanation: Explanation, tmp_path: Path) -> None:
    choice = Difference(1, 2)
    path = write_grey_png(explanation, choice, tmp_path / "map.png")
    facts, cam = read_metadata(path), values(explanation, choice)
    assert facts is not None
    low, high = facts["values"]
    assert (low, high) == (cam.min(), cam.max())
    assert (facts["class_id"], facts["other"]) == (1, 2)
    with Image.open(path) as image:
        assert image.mode == "I;16"
        grey = np.asarray(image).astype(np.float64)
    np.testing.assert_allclose(low + grey / 65535 * (high - low), cam, atol=(high - low) / 65535)


@pytest.mark.parametrize("value", [2.5, np.nan])
def test_a_grey_png_of_a_flat_map(
    value: float, make_explanation: Callable[..., Explanation], tmp_path: Path
) -> None:
    plain = make_explanation()
    flat = replace(plain, features=np.full_like(plain.features, value))
    path = write_grey_png(flat, 0, tmp_path / "map.png")
    with Image.open(path) as image:
        assert not np.asarray(image).any()


def test_a_table_has_all_digits(explanation: Explanation, tmp_path: Path) -> None:
    path = write_csv(explanation, 3, tmp_path / "map.csv")
    np.testing.assert_array_equal(np.loadtxt(path, np.float32, delimiter=","), explanation.cam(3))
    assert len(path.read_text("ascii").splitlines()) == explanation.cam(3).shape[0]
