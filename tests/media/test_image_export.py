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
from camviewer.core.maps import Unit
from camviewer.core.scaling import ValueRange
from camviewer.core.storage.export import read_facts
from camviewer.core.targets import ClassScore, ScoreDifference, Target
from camviewer.media.drawing.compositor import compose
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.drawing.view_state import ViewState, view_state
from camviewer.media.frames import image_to_array
from camviewer.media.image_export import overlay_facts, save_overlay
from tests.helpers import computed, exact

STYLE = OverlayStyle(colormap="vik_r", opacity=0.5)
UMLAUTS = ClassScore(4)  # the class "Löwe, “Leo”"


@pytest.fixture
def explanation(make_explanation: Callable[..., Explanation], qapp: QGuiApplication) -> Explanation:
    return make_explanation(region=Region(8, 0, 48, 48))


def state_of(explanation: Explanation, target: Target = UMLAUTS, style: OverlayStyle = STYLE) -> ViewState:
    return view_state(explanation, target, style)


def save(explanation: Explanation, path: Path, **options: object) -> Path:
    return save_overlay(state_of(explanation), path, **options)  # type: ignore[arg-type]


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# What is inside


def test_facts_say_all_that_the_overlay_depends_on(explanation: Explanation) -> None:
    facts = overlay_facts(replace(state_of(explanation), shown=ValueRange(-2.0, 2.0)))
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts
    moment = datetime.fromisoformat(str(facts.pop("time")))
    assert moment.tzinfo is not None
    assert facts == {
        "camviewer": __version__,
        "source": "photo.png",
        "class_id": 4,
        "label": "Löwe, “Leo”",
        "probability": float(explanation.probabilities[4]),
        "logit": float(explanation.logits[4]),
        "method": "CAM",
        "layer": "layer4",
        "unit": "LOGIT",
        "remainder": float(exact(explanation).head.bias[4]),
        "model": "fake",
        "model_title": "Fake",
        "weights_sha256": "0" * 64,
        "device": "cpu",
        "precision": "float32",
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


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".JPEG"])
def test_facts_come_back_from_the_file(explanation: Explanation, tmp_path: Path, suffix: str) -> None:
    path = save(explanation, tmp_path / f"overlay{suffix}")
    facts = read_facts(path)
    assert facts is not None
    expected = overlay_facts(state_of(explanation))
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


@pytest.mark.parametrize("unit", Unit)
def test_overlays_of_other_methods_say_which(unit: Unit, explanation: Explanation, tmp_path: Path) -> None:
    target = ScoreDifference(4, 0)
    state = state_of(computed(explanation, [target], unit), target)
    path = save_overlay(state, tmp_path / "a.png")
    with Image.open(path) as png:
        assert isinstance(png, Image.Image)
        assert png.info["Description"] == "Fake-CAM map of Löwe, “Leo” by Fake"
    facts = read_facts(path)
    assert facts is not None
    assert (facts["method"], facts["layer"], facts["unit"]) == ("Fake-CAM", "layer3", unit.value)
    assert facts.get("remainder") == state.map.remainder
    assert (facts["other"], facts["other_label"]) == (0, "tabby")


def test_a_box_is_told_where_one_is_drawn(explanation: Explanation, tmp_path: Path) -> None:
    state = state_of(explanation, ClassScore(2), replace(STYLE, threshold=0.3))
    assert state.localization is not None
    facts = read_facts(save_overlay(state, tmp_path / "a.png"))
    assert facts is not None
    assert facts["threshold"] == 0.3
    box = None if state.localization.box is None else [round(side, 1) for side in state.localization.box]
    assert (facts["box"], facts["area"]) == (box, round(state.localization.area, 4))


def test_a_png_has_the_composed_pixels(explanation: Explanation, tmp_path: Path) -> None:
    for caption in (True, False):
        path = save(explanation, tmp_path / f"{caption}.png", caption=caption)
        with Image.open(path) as image:
            expected = image_to_array(compose(state_of(explanation), caption))
            np.testing.assert_array_equal(np.asarray(image), expected)
    with Image.open(tmp_path / "False.png") as image:
        assert image.size == (64, 48)


def test_a_jpeg_keeps_colours(explanation: Explanation, tmp_path: Path) -> None:
    path = save(explanation, tmp_path / "a.jpg", caption=False, quality=100)
    expected = image_to_array(compose(state_of(explanation), False)).astype(int)
    with Image.open(path) as image:
        assert np.abs(np.asarray(image).astype(int) - expected).mean() < 2


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
    assert read_facts(path) is not None
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
