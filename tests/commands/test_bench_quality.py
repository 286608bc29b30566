"""`camviewer bench --quality`, as a user starts it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from camviewer.commands import bench_quality
from camviewer.commands.bench_parser import parse_bench
from camviewer.commands.cli import main
from camviewer.commands.options import QualityOptions
from camviewer.core.explainer import Explainer
from camviewer.core.loading import LoadedModel
from camviewer.core.models.builtin import RESNET18
from camviewer.core.quality.measuring import CENTRE
from tests.core.gauge.networks import PREPROCESSING, SIDE, explainer_of, striped
from tests.core.quality.networks import MaskableRun


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two photos, and their lists beside it; the model is one that finds stripes."""
    made = explainer_of(MaskableRun())
    sizes = replace(RESNET18.sizes, stride=8, smallest=SIDE, largest=SIDE)
    info = replace(made.info, sizes=sizes)
    spec = replace(RESNET18, preprocessing=PREPROCESSING, sizes=sizes)
    explainer = Explainer(MaskableRun(), spec, info)
    monkeypatch.setattr(bench_quality, "load", lambda _: LoadedModel(explainer))
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, top in (("a.png", 8), ("b.png", 24)):
        Image.fromarray(striped(slice(top, top + 24))).save(folder / name)
    (tmp_path / "boxes.csv").write_text("a.png,32,8,55,31\nb.png,32,24,55,47\ngone.png,1,1,2,2\n")
    (tmp_path / "labels.csv").write_text("a.png,0\nb.png,0\ngone.png,0\n")
    return folder


def test_the_table_and_the_file(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lists = [str(photos.parent / name) for name in ("boxes.csv", "labels.csv")]
    file = photos.parent / "figures.json"
    assert main(["bench", "--quality", str(photos), *lists, "--json", str(file)]) == 0
    out, err = capsys.readouterr()
    title, _, head, line, cam, centre, *_ = out.splitlines()
    assert title == "Stripes on CPU, photos squeezed to 56: 2 photos"
    for text in ("MaxBoxAccV2 ↑", "difference, 95 %", "Average Drop ↓", "ADCC ↑", "Deletion ↓"):
        assert text in head
    assert set(line) == set("| -")
    assert cam.startswith("| CAM ")
    assert centre.startswith(f"| {CENTRE} ")
    assert len({len(each) for each in (head, line, cam, centre)}) == 1
    assert "* differs from CAM" in out
    assert "1 photo of" in err
    figures = json.loads(file.read_text("ascii"))
    assert (figures["photos"], figures["resolution"], figures["model"]) == (2, SIDE, "stripes")
    boxes = figures["rows"][CENTRE]["max_box_acc_v2"]
    low, high = boxes["interval"]
    assert low <= boxes["difference"] <= high
    assert f"{100 * boxes['difference']:+.1f} [" in centre
    assert set(figures["rows"]["CAM"]["drop"]) == {"value"}


def test_without_lists_all_photos_are_measured_but_for_boxes(
    photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (photos / "bad.jpg").write_bytes(b"no photo")
    assert main(["bench", "--quality", str(photos), "--json", "-"]) == 1
    out, err = capsys.readouterr()
    assert "bad.jpg" in err
    figures = json.loads(out)
    assert figures["photos"] == 2
    assert "max_box_acc_v2" not in figures["rows"]["CAM"]
    assert main(["bench", "--quality", str(photos), "--limit", "1"]) == 0
    out = capsys.readouterr().out
    assert "1 photo\n" in out
    assert "MaxBoxAccV2" not in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--quality", "{photos}", "a.csv"], "IMAGES alone, or IMAGES BOXES LABELS"),
        (["--quality", "{photos}/none"], "there is no folder"),
        (["--quality", "{photos}", "--seconds", "3"], "goes without --seconds"),
        (["--quality", "{photos}", "--limit", "0"], "not a number of photos above 0"),
        (["--quality", "{photos}", "--resolution", "60"], "multiple of 8"),
        (["--quality", "{photos}", "--json", "{photos}/none/f.json"], "there is no folder"),
        (["--slow"], "--slow is of --quality"),
    ],
)
def test_wrong_usage_is_told(
    photos: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["bench", *(each.format(photos=photos) for each in arguments)])
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


def test_what_can_t_be_measured_is_told(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lists = [str(photos.parent / name) for name in ("boxes.csv", "labels.csv")]
    (photos.parent / "labels.csv").write_text("a.png,3\nb.png,0\n")
    assert main(["bench", "--quality", str(photos), *lists]) == 1
    assert "class 3 is not among 0..2" in capsys.readouterr().err
    for photo in photos.iterdir():
        photo.unlink()
    assert main(["bench", "--quality", str(photos)]) == 1
    assert "There are no photos in" in capsys.readouterr().err


def test_options(tmp_path: Path) -> None:
    line = ["--quality", str(tmp_path), "b.csv", "l.csv", "--slow", "--limit", "5", "--resolution", "256"]
    assert parse_bench(line) == QualityOptions(
        tmp_path, Path("b.csv"), Path("l.csv"), slow=True, limit=5, resolution=256
    )
