"""The benchmark's figures where a hand can compute them, and one run of it as a user starts it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from camviewer.core.arrays import FloatArray
from camviewer.core.explanation import ExplainRequest, Explanation, Timing, predicted
from camviewer.core.frames import Frame, Region
from camviewer.core.maps import ExactMaps
from camviewer.core.models.spec import LinearHead, ModelInfo, WeightsOrigin
from camviewer.core.quality.boxes import SIDE, Boxes
from camviewer.core.quality.items import Item, TrueBoxes
from camviewer.core.runtimes.device import CPU
from tests.benchmarks.localisation import Tally, main, measure

WIDTH, HEIGHT = 448, 336
"""Photos of 2 x 1.5 pixels a 224th."""

LABELS = ("it", "not it")

Sides = tuple[int, int, int, int]


def a_map(*parts: tuple[Sides, float]) -> FloatArray:
    """Values in boxes (right and bottom outside), in 224ths; 0 elsewhere."""
    cam = np.zeros((SIDE, SIDE), np.float32)
    for (left, top, right, bottom), value in parts:
        cam[top:bottom, left:right] = value
    return cam


def in_photo(*sides: Sides) -> Boxes:
    """Boxes in 224ths as boxes in pixels of the photo."""
    return np.array(sides, np.float64) * (WIDTH / SIDE, HEIGHT / SIDE, WIDTH / SIDE, HEIGHT / SIDE)


class KnownMaps:
    """Says of the n-th photo that class 0 has the n-th map, class 1 its negative."""

    def __init__(self, cams: Sequence[FloatArray], region: Region | None = None) -> None:
        self._cams = list(cams)
        self._region = region or Region(0, 0, WIDTH, HEIGHT)
        self._count = 0

    def explain(self, frame: Frame, request: ExplainRequest) -> Explanation:
        assert (frame.width, frame.height) == (WIDTH, HEIGHT)
        cam, self._count = self._cams[self._count], self._count + 1
        weight = np.array([[1], [-1]], np.float32)
        logits = (weight[:, 0] * cam.mean()).astype(np.float32)
        return Explanation(
            frame=frame,
            region=self._region,
            prediction=predicted(logits, LABELS),
            maps=ExactMaps(cam[None], LinearHead(weight, np.zeros(2, np.float32), LABELS)),
            timing=Timing(0.0, 0.0, 0.0, 0.0),
            model=ModelInfo("fake", "Fake", CPU, "CPU", "0" * 64, "fake.pth", WeightsOrigin.FILE),
            request=request,
        )


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    Image.new("RGB", (WIDTH, HEIGHT)).save(path)
    return path


def tally_of(photo: Path, cases: Sequence[tuple[FloatArray, Boxes]], class_id: int = 0) -> Tally:
    items = [Item(photo, TrueBoxes(class_id, boxes)) for _, boxes in cases]
    return measure(KnownMaps([cam for cam, _ in cases]), items, ExplainRequest())


def accuracies(tally: Tally, row: str) -> list[float]:
    found: list[float] = tally.accuracies()[row].round(2).tolist()
    return found


BOX: Sides = (40, 60, 140, 160)


def test_perfect_boxes_are_100_percent(photo: Path) -> None:
    cases = [
        (a_map((BOX, 3.0)), in_photo(BOX)),
        (a_map(((10, 20, 60, 200), 0.1)), in_photo((10, 20, 60, 200))),
    ]
    tally = tally_of(photo, cases)
    for row in ("any part", "largest part", "the program's"):
        assert accuracies(tally, row) == [100, 100, 100]
    assert tally.figures()["max_box_acc_v2"] == 100
    assert tally.photos == 2
    assert tally.seconds > 0


def test_the_wrong_class_finds_nothing(photo: Path) -> None:
    """Its map is all negative: the official box of such a map is the corner's pixel."""
    tally = tally_of(photo, [(a_map((BOX, 3.0)), in_photo(BOX))], class_id=1)
    for row in ("any part", "largest part", "the program's"):
        assert accuracies(tally, row) == [0, 0, 0]
    tally = tally_of(photo, [(a_map((BOX, 3.0)), in_photo((0, 0, 0, 0)))], class_id=1)
    assert accuracies(tally, "any part") == [100, 100, 100]


def test_each_iou_has_its_accuracy(photo: Path) -> None:
    """Of 101 x 101 pixels, moved by 25: 76 / 126 = 0.60. By 50: 51 / 151 = 0.34. By 60: 41 / 161 = 0.25."""
    cases = [(a_map((BOX, 1.0)), in_photo((40 + moved, 60, 140 + moved, 160))) for moved in (0, 25, 50, 60)]
    tally = tally_of(photo, cases)
    assert accuracies(tally, "any part") == [75, 50, 25]
    assert tally.figures()["max_box_acc_v2"] == 50


def test_any_of_several_true_boxes_will_do(photo: Path) -> None:
    cam = a_map((BOX, 1.0))
    tally = tally_of(photo, [(cam, in_photo((0, 0, 20, 20), BOX)), (cam, in_photo((0, 0, 20, 20)))])
    assert accuracies(tally, "any part") == [50, 50, 50]


def test_any_part_counts_in_v2_and_the_largest_in_its_row(photo: Path) -> None:
    cam = a_map((BOX, 0.9), ((180, 180, 210, 210), 1.0))
    tally = tally_of(photo, [(cam, in_photo((180, 180, 210, 210)))])
    assert accuracies(tally, "any part") == [100, 100, 100]
    # Above 0.9 of the maximum the small part is the only one, and so the largest.
    assert accuracies(tally, "largest part") == [100, 100, 100]
    assert tally.thresholds()["any part"].tolist() == [0, 0, 0]
    assert tally.thresholds()["largest part"] == pytest.approx(np.full(3, 229 / 255))
    assert accuracies(tally, "the program's") == [0, 0, 0]
    even = a_map((BOX, 1.0), ((180, 180, 210, 210), 1.0))
    assert accuracies(tally_of(photo, [(even, in_photo((180, 180, 210, 210)))]), "largest part") == [0, 0, 0]


def test_one_threshold_holds_for_all_photos(photo: Path) -> None:
    """Low ones find the first photo's object, high ones the second's, none both."""
    inner = (80, 100, 100, 120)
    cam = a_map((BOX, 0.5), (inner, 1.0))
    first, second = (cam, in_photo(BOX)), (cam, in_photo(inner))
    assert accuracies(tally_of(photo, [first, second]), "any part") == [50, 50, 50]
    assert tally_of(photo, [first]).thresholds()["any part"].tolist() == [0, 0, 0]
    tally = tally_of(photo, [second])
    assert accuracies(tally, "any part") == [100, 100, 100]
    assert tally.thresholds()["any part"] == pytest.approx(np.full(3, 127 / 255))


def test_the_whole_photo_is_the_baseline(photo: Path) -> None:
    """Half of 224 columns: 112 / 224; a third: 75 / 224 = 0.33; four fifths: 180 / 224 = 0.80."""
    cam = a_map((BOX, 1.0))
    cases = [(cam, in_photo((0, 0, right - 1, 223))) for right in (112, 75, 180)]
    assert accuracies(tally_of(photo, cases), "whole photo") == [100, 66.67, 33.33]


def test_boxes_of_a_crop_are_brought_to_the_photo(photo: Path) -> None:
    """The network saw columns 56..392 of 448; a quarter of that from its left is at 140..224 of the photo."""
    cam = a_map(((56, 20, 112, 200), 1.0))
    explainer = KnownMaps([cam], Region(56, 0, 336, HEIGHT))
    items = [Item(photo, TrueBoxes(0, np.array([[140.0, 30, 224, 300]])))]
    tally = measure(explainer, items, ExplainRequest())
    for row in ("any part", "largest part", "the program's"):
        assert accuracies(tally, row) == [100, 100, 100]


# As a user starts it


def write(path: Path, *lines: str) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


@pytest.fixture
def lists(tmp_path: Path) -> tuple[Path, Path]:
    """Boxes drawn by hand around the sample photos' cat and cup."""
    boxes = write(tmp_path / "boxes.txt", "cat.png,60,20,420,290", "coffee.png,150,40,450,370")
    return boxes, write(tmp_path / "labels.txt", "cat.png,282", "coffee.png,504")


def test_a_run_over_the_samples(
    samples: Path, lists: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    json_file = tmp_path / "figures.json"
    options = ["--model", "efficientnet_lite0", "--device", "cpu", "--json", str(json_file)]
    assert main([str(samples), *map(str, lists), *options]) == 0
    out = capsys.readouterr().out
    for text in (
        "EfficientNet-Lite0 on CPU, CAM, squash 224",
        "2 photos",
        "images a second",
        "= MaxBoxAccV2",
    ):
        assert text in out
    assert [line.split("  ")[0] for line in out.splitlines()[2:]] == [
        "any part",
        "largest part",
        "the program's",
        "whole photo",
    ]
    figures = json.loads(json_file.read_text("utf-8"))
    assert figures["photos"] == 2
    assert figures["fine"] is False
    assert figures["method"] == "CAM"
    any_part = figures["rows"]["any part"]
    assert figures["max_box_acc_v2"] == any_part["mean"]
    assert any_part["mean"] == pytest.approx(np.mean(list(any_part["accuracy"].values())), abs=0.01)
    assert any_part["accuracy"]["0.3"] == 100, "the cat and the cup are found"
    assert set(any_part["threshold"]) == {"0.3", "0.5", "0.7"}


def test_fine_crop_and_limit(
    samples: Path, lists: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    options = "--model efficientnet_lite0 --fit crop --resolution 160 --fine --normalise minmax --limit 1"
    assert main([str(samples), *map(str, lists), *options.split()]) == 0
    assert "CAM, crop 160, fine, minmax: 1 photos" in capsys.readouterr().out


@pytest.mark.parametrize("resolution", ["224", "448"])
def test_extent_is_measured(
    resolution: str,
    samples: Path,
    lists: tuple[Path, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The boxes of the cat and the cup fit no worse than CAM's."""
    json_file = tmp_path / "figures.json"
    options = ["--model", "efficientnet_lite0", "--resolution", resolution, "--json", str(json_file)]
    scores = {}
    for method in ("cam", "extent"):
        assert main([str(samples), *map(str, lists), *options, "--method", method]) == 0
        figures = json.loads(json_file.read_text("utf-8"))
        scores[figures["method"]] = figures["max_box_acc_v2"]
    assert f"Object extent, squash {resolution}, max: 2 photos" in capsys.readouterr().out
    assert scores["Object extent"] >= scores["CAM"], scores


def test_what_can_t_work_is_told(
    samples: Path, lists: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = [str(samples), *map(str, lists), "--model", "efficientnet_lite0"]
    assert main([*run, "--resolution", "100"]) == 1
    assert "multiple of 32" in capsys.readouterr().err
    assert main([str(tmp_path / "none"), *run[1:]]) == 1
    assert "There are no photos" in capsys.readouterr().err
    write(lists[1], "cat.png,1000", "coffee.png,504")
    assert main(run) == 1
    assert "class 1000 is not among 0..999" in capsys.readouterr().err
