"""`camviewer explain --fine`, `--boxes` and `--threshold` as a user runs them, with the embedded model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QGuiApplication

from camviewer.commands import cli
from camviewer.core.frames import Region
from camviewer.core.localize import localize
from camviewer.core.storage.export import read_facts

pytestmark = pytest.mark.usefixtures("qapp")
CAT = 282


def explain(*arguments: object) -> int:
    return cli.main(["explain", *(str(a) for a in arguments), "--classes", str(CAT)])


def record_of(path: Path) -> Any:
    (record,) = json.loads(path.read_text("ascii"))
    return record


def overlay(folder: Path) -> Path:
    (path,) = folder.glob("*.png")
    return path


@pytest.fixture(scope="module")
def runs(samples: Path, tmp_path_factory: pytest.TempPathFactory, qapp: QGuiApplication) -> Path:
    """A folder a run over the cat's photo: plain, fine, boxes, wide (a low threshold) and both."""
    folder = tmp_path_factory.mktemp("boxes")
    options: dict[str, tuple[str, ...]] = {
        "plain": (),
        "fine": ("--fine",),
        "boxes": ("--boxes",),
        "wide": ("--boxes", "--threshold", "0.05"),
        "both": ("--fine", "--boxes"),
    }
    for name, extra in options.items():
        out = folder / name
        run = (samples / "cat.png", "--out", out, "--raw", "--json", folder / f"{name}.json", *extra)
        assert explain(*run) == 0
    return folder


def cams(runs: Path, name: str) -> Any:
    with np.load(runs / name / "cat.npz") as raw:
        return raw["cams"]


def test_without_the_options_nothing_is_said_of_them(runs: Path) -> None:
    record = record_of(runs / "plain.json")
    assert "fine" not in record
    assert list(record["predictions"][0]) == ["class_id", "label", "probability", "logit"]
    facts = read_facts(overlay(runs / "plain"))
    assert facts is not None
    assert not {"box", "area", "threshold", "averaged", "fine"} & set(facts)
    with np.load(runs / "plain" / "cat.npz") as raw:
        assert "fine" not in raw


def test_fine_maps_are_averages_and_say_so(runs: Path) -> None:
    assert record_of(runs / "fine.json")["fine"] is True
    assert overlay(runs / "fine").read_bytes() != overlay(runs / "plain").read_bytes()
    facts = read_facts(overlay(runs / "fine"))
    assert facts is not None
    assert (facts["averaged"], facts["fine"]) == (True, True)
    with np.load(runs / "fine" / "cat.npz") as raw, np.load(runs / "plain" / "cat.npz") as plain:
        assert raw["fine"].dtype == bool
        assert raw["fine"].shape == ()
        assert bool(raw["fine"])
        assert set(raw) == {*plain, "fine"}
        for name in sorted(set(plain) - {"cams"}):  # of the one exact pass
            np.testing.assert_array_equal(raw[name], plain[name], err_msg=name)
            assert raw[name].dtype == plain[name].dtype
        assert raw["cams"].shape == (1, 14, 14)
        assert raw["cams"].dtype == np.float32
        cells = raw["cams"][0].reshape(7, 2, 7, 2).mean((1, 3))
        alike, mirrored = (
            np.corrcoef(m.ravel(), plain["cams"].ravel())[0, 1] for m in (cells, cells[:, ::-1])
        )
        assert alike > max(0.6, mirrored + 0.2)
        assert facts["shown"][1] == pytest.approx(float(raw["cams"].max()))


@pytest.mark.parametrize(("name", "threshold"), [("boxes", 0.2), ("wide", 0.05), ("both", 0.2)])
def test_boxes_are_those_of_the_map(runs: Path, name: str, threshold: float) -> None:
    record = record_of(runs / f"{name}.json")
    (prediction,) = record["predictions"]
    assert list(prediction) == ["class_id", "label", "probability", "logit", "box", "area"]
    found = localize(cams(runs, name)[0], Region(*record["region"]), threshold)
    assert found.box is not None
    assert prediction["box"] == [round(side, 1) for side in found.box]
    assert prediction["area"] == pytest.approx(found.area, abs=1e-4)
    left, top, right, bottom = prediction["box"]
    region = Region(*record["region"])
    assert region.left <= left < right <= region.left + region.width
    assert region.top <= top < bottom <= region.top + region.height
    facts = read_facts(overlay(runs / name))
    assert facts is not None
    assert (facts["threshold"], facts["box"], facts["area"]) == (
        threshold,
        prediction["box"],
        prediction["area"],
    )


def test_a_lower_threshold_gives_a_larger_area(runs: Path) -> None:
    area, wide = (record_of(runs / f"{n}.json")["predictions"][0]["area"] for n in ("boxes", "wide"))
    assert wide > area


def test_the_box_is_drawn_in_the_overlay(runs: Path) -> None:
    """What differs from the plain overlay lies at the box and at the contours, and the box's sides do."""
    with Image.open(overlay(runs / "plain")) as plain, Image.open(overlay(runs / "boxes")) as boxes:
        difference = np.abs(np.asarray(plain, np.int16) - np.asarray(boxes, np.int16)).max(2)
    record = record_of(runs / "boxes.json")
    left, top, right, bottom = record["predictions"][0]["box"]
    inside = [
        min(max(round(v), 2), limit - 3) for v, limit in ((left, record["width"]), (top, record["height"]))
    ]
    middle_x, middle_y = round((left + right) / 2), round((top + bottom) / 2)
    assert difference[inside[1] - 2 : inside[1] + 3, middle_x].max() > 10
    assert difference[middle_y, inside[0] - 2 : inside[0] + 3].max() > 10
    assert (difference > 0).mean() < 0.2, "lines, not surfaces"


def test_a_class_without_evidence_has_no_box(samples: Path, tmp_path: Path) -> None:
    """Among 1,000 classes some map has no positive cell."""
    json_file = tmp_path / "a.json"
    run = [
        "explain",
        samples / "cat.png",
        "--classes",
        "top1000",
        "--boxes",
        "--no-images",
        "--json",
        json_file,
    ]
    assert cli.main([str(a) for a in run]) == 0
    predictions = record_of(json_file)["predictions"]
    without = [p for p in predictions if p["box"] is None]
    assert 0 < len(without) < len(predictions)
    assert all(p["area"] == 0 for p in without)
    assert all(p["area"] > 0 for p in predictions if p["box"] is not None)


@pytest.mark.parametrize("threshold", ["0", "1", "-0.2", "1.5", "nan", "a", ""])
def test_thresholds_are_checked(threshold: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_info:
        cli.main(["explain", "a.png", "--no-images", "--boxes", f"--threshold={threshold}"])
    assert exit_info.value.code == 2
    assert "--threshold" in capsys.readouterr().err


def test_a_threshold_without_boxes_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_info:
        cli.main(["explain", "a.png", "--no-images", "--threshold", "0.5"])
    assert exit_info.value.code == 2
    assert "add --boxes" in capsys.readouterr().err
