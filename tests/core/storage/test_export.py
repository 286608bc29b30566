"""What files say of explanations as numbers and facts. No Qt."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from camviewer import __version__
from camviewer.core.explanation import Explanation
from camviewer.core.failures import SaveFailure
from camviewer.core.frames import Fit, Region
from camviewer.core.localize import localize
from camviewer.core.maps import MapUnavailableError, Unit
from camviewer.core.storage.export import (
    localization_facts,
    map_facts,
    prediction_facts,
    read_facts,
    write_csv,
    write_grey_png,
    write_npz,
)
from camviewer.core.targets import ChannelPart, ClassScore, ScoreDifference, Target, scores_of
from tests.helpers import cam, computed, drawn_as, drawn_cam, exact, with_features

UMLAUTS = 4  # the class "Löwe, “Leo”"


@pytest.fixture
def explanation(make_explanation: Callable[..., Explanation]) -> Explanation:
    return make_explanation(region=Region(8, 0, 48, 48))


def averaged(explanation: Explanation) -> Explanation:
    """Drawn on a grid twice as fine, at half the values."""
    return drawn_as(explanation, np.repeat(np.repeat(explanation.maps.planes, 2, axis=1), 2, axis=2) * 0.5)


# Facts


def test_facts_say_all_of_the_map(explanation: Explanation) -> None:
    facts = map_facts(explanation, ClassScore(UMLAUTS))
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
        "method": "CAM",
        "layer": "layer4",
        "unit": "LOGIT",
        "remainder": float(exact(explanation).head.bias[UMLAUTS]),
        "model": "fake",
        "model_title": "Fake",
        "weights_sha256": "0" * 64,
        "device": "cpu",
        "precision": "float32",
        "fit": "crop",
        "resolution": 224,
        "region": [8, 0, 48, 48],
    }
    assert "shown" not in map_facts(explanation, ClassScore(UMLAUTS)), "however it is drawn"


def test_facts_of_what_is_special(explanation: Explanation) -> None:
    plain = set(map_facts(explanation, ClassScore(0)))
    difference = map_facts(explanation, ScoreDifference(0, UMLAUTS))
    assert set(difference) - plain == {"other", "other_label"}
    assert (difference["class_id"], difference["other"], difference["other_label"]) == (
        0,
        UMLAUTS,
        "Löwe, “Leo”",
    )
    bias = exact(explanation).head.bias
    assert difference["remainder"] == float(bias[0]) - float(bias[UMLAUTS])
    part = map_facts(explanation, ChannelPart(3, 0))
    assert set(part) - plain == {"channel"}
    assert (part["class_id"], part["channel"], part["remainder"]) == (3, 0, 0.0)
    request = replace(explanation.request, fit=Fit.WHOLE, resolution=320, fine=True)
    mean = replace(averaged(explanation), request=request)
    facts = map_facts(mean, ClassScore(0))
    assert set(facts) - plain == {"averaged", "fine"}
    assert (facts["averaged"], facts["fine"]) == (True, True)
    assert (facts["fit"], facts["resolution"]) == ("whole", 320)
    assert facts["remainder"] == float(bias[0]), "of the exact map: its numbers are told"
    of_video = replace(explanation, frame=replace(explanation.frame, position=1.25))
    assert map_facts(of_video, ClassScore(0))["position"] == 1.25


@pytest.mark.parametrize("unit", Unit)
def test_facts_of_other_methods(unit: Unit, explanation: Explanation) -> None:
    target = ScoreDifference(1, 2)
    there = computed(explanation, [target], unit)
    facts = map_facts(there, target)
    assert (facts["method"], facts["layer"], facts["unit"]) == ("Fake-CAM", "layer3", unit.value)
    assert facts.get("remainder") == there.map(target).remainder
    assert ("remainder" in facts) is (unit is Unit.LOGIT)
    assert json.loads(json.dumps(facts, allow_nan=False)) == facts


def test_predictions_with_and_without_boxes(explanation: Explanation) -> None:
    ids = (UMLAUTS, 0)
    plain = prediction_facts(explanation, ids)
    assert plain == [
        {
            "class_id": i,
            "label": explanation.label(i),
            "probability": float(explanation.probabilities[i]),
            "logit": float(explanation.logits[i]),
        }
        for i in ids
    ]
    for there in (explanation, averaged(explanation), computed(explanation, scores_of(ids))):
        boxes = prediction_facts(there, ids, 0.3)
        for said, box, class_id in zip(plain, boxes, ids, strict=True):
            found = localize(drawn_cam(there, class_id), there.region, 0.3)
            assert box == said | localization_facts(found)
    # What isn't there has no box, and its prediction all the same.
    there = computed(explanation, scores_of(ids[:1]))
    assert ["box" in facts for facts in prediction_facts(there, ids, 0.3)] == [True, False]
    assert prediction_facts(there, ids, None) == plain


@pytest.mark.parametrize(
    "name", ["missing.png", "text.png", "plain.png", "plain.jpg", "other.jpg", "list.png"]
)
def test_other_files_have_no_facts(tmp_path: Path, name: str) -> None:
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
    assert read_facts(tmp_path / name) is None


# Arrays


KINDS = {
    "class_ids": ("int64", (3,)),
    "remainder": ("float32", (3,)),
    "logits": ("float32", (7,)),
    "probabilities": ("float32", (7,)),
    "region": ("int32", (4,)),
    "image_size": ("int32", (2,)),
}
TEXTS = ("unit", "kind", "method", "layer", "fill")


def test_npz_holds_the_maps_as_computed(explanation: Explanation, tmp_path: Path) -> None:
    ids = (3, 0, 5)
    with np.load(write_npz(explanation, ids, tmp_path / "raw.npz"), allow_pickle=False) as raw:
        kinds = {name: (raw[name].dtype.name, raw[name].shape) for name in raw.files if name not in TEXTS}
        assert kinds == KINDS | {"cams": ("float32", (3, 2, 3)), "bias": ("float32", (3,))}
        assert [str(raw[name]) for name in TEXTS[:4]] == ["LOGIT", "exact", "CAM", "layer4"]
        assert tuple(raw["class_ids"]) == ids
        assert tuple(raw["region"]) == (8, 0, 48, 48)
        assert tuple(raw["image_size"]) == (64, 48)
        for index, class_id in enumerate(ids):
            np.testing.assert_array_equal(raw["cams"][index], cam(explanation, class_id))
        np.testing.assert_array_equal(raw["bias"], exact(explanation).head.bias[list(ids)])
        np.testing.assert_array_equal(raw["remainder"], raw["bias"])
        for sums in ("bias", "remainder"):
            residual = raw["cams"].mean((1, 2)) + raw[sums] - raw["logits"][raw["class_ids"]]
            assert np.abs(residual).max() < 1e-5
        assert raw["cams"].min() < 0, "signed"


@pytest.mark.parametrize("unit", Unit)
def test_npz_of_other_methods(unit: Unit, explanation: Explanation, tmp_path: Path) -> None:
    """What has a unit adds up; what has none says so, and has no number in its place."""
    ids = (3, 0, 5)
    there = computed(explanation, [ScoreDifference(0, 1), *scores_of(range(7))], unit)
    with np.load(write_npz(there, ids, tmp_path / "raw.npz"), allow_pickle=False) as raw:
        kinds = {name: (raw[name].dtype.name, raw[name].shape) for name in raw.files if name not in TEXTS}
        covered = {"patch": ("int32", ())} if unit is Unit.LOGIT_CHANGE else {}
        assert kinds == KINDS | covered | {"cams": ("float32", (3, 5, 4))}, "no bias without a linear head"
        kind = {Unit.LOGIT: "local", Unit.RELATIVE: "relative", Unit.LOGIT_CHANGE: "change"}[unit]
        assert [str(raw[name]) for name in TEXTS[:4]] == [unit.value, kind, "Fake-CAM", "layer3"]
        assert [raw[name].shape for name in TEXTS[:4]] == [()] * 4
        assert ("fill" in raw.files) == (unit is Unit.LOGIT_CHANGE)
        assert tuple(raw["class_ids"]) == ids
        for index, class_id in enumerate(ids):
            np.testing.assert_array_equal(raw["cams"][index], cam(there, class_id))
        if unit is not Unit.LOGIT:
            assert np.isnan(raw["remainder"]).all()
        else:
            residual = raw["cams"].mean((1, 2)) + raw["remainder"] - raw["logits"][raw["class_ids"]]
            assert np.abs(residual).max() < 1e-5
            assert np.abs(raw["remainder"]).min() > 0


@pytest.mark.parametrize("unit", [None, *Unit])
def test_npz_of_averages_says_so(unit: Unit | None, explanation: Explanation, tmp_path: Path) -> None:
    """The maps are the averages, and all else is of the exact ones."""
    plain = explanation if unit is None else computed(explanation, scores_of(range(7)), unit)
    mean = averaged(plain)
    write_npz(plain, (1, 4), tmp_path / "plain.npz")
    with (
        np.load(write_npz(mean, (1, 4), tmp_path / "raw.npz"), allow_pickle=False) as raw,
        np.load(tmp_path / "plain.npz", allow_pickle=False) as exact_,
    ):
        assert bool(raw["fine"])
        assert (raw["fine"].dtype, raw["fine"].shape) == (bool, ())
        assert set(raw) == {*exact_, "fine"}
        rows, columns = plain.maps.planes.shape[1:]
        assert raw["cams"].shape == (2, 2 * rows, 2 * columns)
        np.testing.assert_array_equal(raw["cams"][1], drawn_cam(mean, 4))
        np.testing.assert_array_equal(raw["logits"], explanation.logits)
        for name in set(exact_) - {"cams"}:
            np.testing.assert_array_equal(raw[name], exact_[name], err_msg=name)


@pytest.mark.parametrize("unit", [None, *Unit])
def test_npz_without_classes(unit: Unit | None, explanation: Explanation, tmp_path: Path) -> None:
    there = explanation if unit is None else computed(explanation, [ClassScore(0)], unit)
    with np.load(write_npz(there, (), tmp_path / "raw.npz"), allow_pickle=False) as raw:
        assert raw["cams"].shape == (0, *there.maps.planes.shape[1:])
        assert raw["remainder"].shape == raw["class_ids"].shape == (0,)
        assert raw["class_ids"].dtype == np.int64
        assert ("bias" in raw) is (unit is None)
        assert unit is not None or raw["bias"].shape == (0,)


def test_npz_of_maps_that_are_not_there(explanation: Explanation, tmp_path: Path) -> None:
    with pytest.raises(IndexError, match="is not among"):
        write_npz(explanation, (0, 7), tmp_path / "raw.npz")
    with pytest.raises(MapUnavailableError):
        write_npz(computed(explanation, [ClassScore(0)]), (0, 1), tmp_path / "raw.npz")
    assert list(tmp_path.iterdir()) == []


# Single maps


TARGETS: tuple[Target, ...] = (ClassScore(2), ScoreDifference(1, 2), ChannelPart(1, 3))


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("kind", ["exact", "averaged", *Unit])
def test_a_grey_png_has_the_values_to_the_step(
    kind: Unit | str, target: Target, explanation: Explanation, tmp_path: Path
) -> None:
    there = computed(explanation, TARGETS, kind) if isinstance(kind, Unit) else explanation
    there = averaged(there) if kind == "averaged" else there
    path = write_grey_png(there, target, tmp_path / "map.png")
    facts, values = read_facts(path), there.drawn_map(target).values
    assert facts is not None
    low, high = facts["values"]
    assert (low, high) == (values.min(), values.max())
    assert (facts["class_id"], facts.get("other"), facts.get("channel")) == (
        target.class_id,
        target.other,
        target.channel,
    )
    assert facts["unit"] == there.maps.unit.value
    assert {**facts, "time": None} == {**map_facts(there, target), "time": None, "values": [low, high]}
    with Image.open(path) as image:
        assert image.mode == "I;16"
        grey = np.asarray(image).astype(np.float64)
    np.testing.assert_allclose(low + grey / 65535 * (high - low), values, atol=(high - low) / 65535)


@pytest.mark.parametrize("value", [2.5, np.nan])
def test_a_grey_png_of_a_flat_map(
    value: float, make_explanation: Callable[..., Explanation], tmp_path: Path
) -> None:
    plain = make_explanation()
    flat = with_features(plain, np.full_like(exact(plain).features, value))
    path = write_grey_png(flat, ClassScore(0), tmp_path / "map.png")
    with Image.open(path) as image:
        assert not np.asarray(image).any()


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("kind", ["exact", "averaged", *Unit])
def test_a_table_has_all_digits(
    kind: Unit | str, target: Target, explanation: Explanation, tmp_path: Path
) -> None:
    there = computed(explanation, TARGETS, kind) if isinstance(kind, Unit) else explanation
    there = averaged(there) if kind == "averaged" else there
    path = write_csv(there, target, tmp_path / "map.csv")
    values = there.drawn_map(target).values
    np.testing.assert_array_equal(np.loadtxt(path, np.float32, delimiter=","), values)
    assert len(path.read_text("ascii").splitlines()) == values.shape[0]


def test_an_existing_file_is_replaced_only_on_request(explanation: Explanation, tmp_path: Path) -> None:
    writers: dict[str, Callable[..., Path]] = {
        "mine.png": lambda path, **how: write_grey_png(explanation, ClassScore(0), path, **how),
        "mine.csv": lambda path, **how: write_csv(explanation, ClassScore(0), path, **how),
        "mine.npz": lambda path, **how: write_npz(explanation, (0,), path, **how),
    }
    for name, write in writers.items():
        path = tmp_path / name
        path.write_bytes(b"mine")
        with pytest.raises(SaveFailure, match=f"{name} already exists"):
            write(path)
        assert path.read_bytes() == b"mine"
        assert write(path, overwrite=True) == path
        assert path.read_bytes() != b"mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(writers)
