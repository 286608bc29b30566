"""`camviewer explain --cover`, --cover-map and --keep-map."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from camviewer.commands.cover import FILLS
from camviewer.commands.explain import ExplainRun, _check_cover
from camviewer.commands.inputs import find_photos, with_stems
from camviewer.commands.options import STDOUT, CoverOptions, ExplainOptions, ReportOptions, UsageError
from camviewer.commands.parser import parse_explain
from camviewer.core.arrays import read_only
from camviewer.core.coverage import coverage_of
from camviewer.core.covering import Fill
from camviewer.core.edits import FrameEdit, Rectangle
from camviewer.core.explanation import ExplainRequest
from camviewer.core.frames import Fit
from camviewer.core.map_outlines import all_else, looked_at
from camviewer.core.storage.images import read_photo
from camviewer.core.targets import ClassScore
from camviewer.core.what_if import changes
from tests.method_fakes import LABELS, deep_explainer, local

REQUEST = ExplainRequest(Fit.WHOLE, method="Local")


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    image = np.random.default_rng(1).integers(0, 256, (48, 64, 3)).astype(np.uint8)
    path = tmp_path / "photo.png"
    Image.fromarray(image).save(path)
    return path


def parsed(*line: str) -> CoverOptions:
    options = parse_explain(["a.png", "--out", "o", *line])
    assert isinstance(options, ExplainOptions)
    return options.cover


def test_the_command_line_knows_all_fills() -> None:
    assert sorted(FILLS) == sorted(fill.value for fill in Fill)


def test_what_is_covered() -> None:
    assert parsed() == CoverOptions()
    assert parsed().nothing
    assert parsed("--cover", "1,2,30,40", "--cover=-5,0,2.5,9:noise") == CoverOptions(
        (((1, 2, 30, 40), "blur"), ((-5, 0, 2.5, 9), "noise"))
    )
    assert parsed("--cover-map", "0.5") == CoverOptions((), (0.5, "blur"))
    assert parsed("--keep-map", "0.2:around") == CoverOptions((), (0.2, "around"), keep=True)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (["--cover", "1,2,3"], "is not LEFT,TOP,RIGHT,BOTTOM in pixels"),
        (["--cover", "a,2,3,4"], "is not LEFT,TOP,RIGHT,BOTTOM in pixels"),
        (["--cover", "1,2,inf,4"], "no number of pixels"),
        (["--cover", "9,2,3,4"], "covers nothing"),
        (["--cover", "1,2,3,4:glitter"], "there is no fill 'glitter' (there are blur, mean"),
        (["--cover-map", "1.5"], "1.5 is not above 0 and below 1"),
        (["--cover-map", "much"], "is not a share"),
        (["--cover-map", "0.5", "--keep-map", "0.5"], "not allowed with"),
    ],
)
def test_what_can_not_be_covered(line: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse_explain(["a.png", "--out", "o", *line])
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("line", [["--cover", "1,2,3,4"], ["--cover-map", "0.5"], ["--keep-map", "0.5"]])
def test_a_report_is_about_photos_as_they_are(line: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse_explain(["a.png", "--report", "r.html", *line])
    assert "--report goes without --cover" in capsys.readouterr().err
    assert isinstance(parse_explain(["a.png", "--report", "r.html"]), ReportOptions)


def run(
    photo: Path,
    cover: CoverOptions,
    out: Path | None = None,
    classes: str = "top3",
    json: Path | None = STDOUT,
) -> int:
    options = ExplainOptions(
        (photo,), REQUEST, images=False, json=json, classes=classes, cover=cover, out=out, raw=out is not None
    )
    return ExplainRun(options, deep_explainer(local()), with_stems(find_photos(options.paths))).run()


def record(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    (found,) = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


def test_the_same_edit_by_request_gives_the_same_numbers(
    photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(photo, CoverOptions((((5, 6, 40, 30), "noise"),)), tmp_path) == 0
    told = record(capsys)
    edit = FrameEdit((64, 48), (Rectangle(5, 6, 40, 30, Fill.NOISE),))
    frame = read_photo(photo, 0)
    explanation = deep_explainer(local()).explain(frame, ExplainRequest(Fit.WHOLE, method="Local", edit=edit))
    change = changes(explanation)
    assert change is not None
    assert explanation.before is not None
    was = explanation.before.prediction
    for each in told["predictions"]:
        i = each["class_id"]
        assert each["logit"] == explanation.logits[i]
        assert each["before"] == {"probability": was.probabilities[i], "logit": was.logits[i]}
        assert each["change"]["logit"] == pytest.approx(change.logits[i], abs=1e-6)
        assert each["change"]["probability"] == pytest.approx(change.probabilities[i], abs=1e-6)
        assert each["change"]["logit"] != 0
    share = coverage_of(edit, 64, 48).share
    assert told["edit"] == {"covered": round(share, 4), "fills": ["noise"]}
    assert told["made_by_fill"] == []
    with np.load(tmp_path / "photo.npz") as arrays:
        assert arrays["edited"]
        np.testing.assert_array_equal(arrays["logits"], explanation.logits)
        np.testing.assert_array_equal(arrays["before_logits"], was.logits)
        np.testing.assert_array_equal(arrays["before_probabilities"], was.probabilities)


def test_without_cover_nothing_is_new(
    photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(photo, CoverOptions(), tmp_path) == 0
    told = record(capsys)
    assert not {"edit", "made_by_fill"} & set(told)
    assert not {"before", "change"} & set(told["predictions"][0])
    with np.load(tmp_path / "photo.npz") as arrays:
        assert not {"edited", "before_logits"} & set(arrays)


@pytest.mark.parametrize("keep", [False, True])
def test_what_a_map_looks_at_is_covered_or_kept(
    keep: bool, photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(photo, CoverOptions((), (0.5, "black"), keep), classes=f"{LABELS[4]},top1") == 0
    told = record(capsys)
    explainer, frame = deep_explainer(local()), read_photo(photo, 0)
    plain = explainer.with_maps(explainer.explain(frame, REQUEST), [ClassScore(4)])
    outline = looked_at(plain, ClassScore(4), 0.5, Fill.BLACK)
    assert outline is not None
    edit = FrameEdit((64, 48), (all_else(outline, 64, 48) if keep else outline,))
    share = coverage_of(edit, 64, 48).share
    assert told["edit"] == {"covered": round(share, 4), "fills": ["black"]}
    asked = ExplainRequest(Fit.WHOLE, method="Local", edit=edit)
    assert told["predictions"][0]["logit"] == explainer.explain(frame, asked).logits[4]


def test_beside_the_photo_nothing_can_be_covered(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(photo, CoverOptions((((64, 0, 90, 9), "blur"),))) == 1
    assert "64,0,90,9 covers nothing of photo.png. It has 64 x 48 pixels." in capsys.readouterr().err


def test_people_read_before_and_after(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(photo, CoverOptions((((5, 6, 40, 30), "black"),)), json=None) == 0
    said = capsys.readouterr()
    line = said.out + said.err
    assert f"{LABELS[0]} " in line
    assert " → " in line
    assert "(logit -" in line


@pytest.mark.parametrize(
    ("name", "cover", "words"),
    [
        ("a.camsnap", CoverOptions((((0, 0, 9, 9), "blur"),)), "is a snapshot, which stays as it was"),
        ("a.mp4", CoverOptions((), (0.5, "blur")), "is a video: cover a place of it, by --cover"),
    ],
)
def test_what_is_covered_of_photos_alone(name: str, cover: CoverOptions, words: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(read_only(np.zeros(4, np.uint8)).tobytes())
    options = ExplainOptions((path,), REQUEST, cover=cover)
    with pytest.raises(UsageError, match=words):
        _check_cover(options, find_photos([path]))
    _check_cover(ExplainOptions((path,), REQUEST), find_photos([path]))
