"""`camviewer explain FILE.camsnap`: all that a snapshot holds, without torch."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from camviewer.core.explanation import ExplainRequest, Explanation
from camviewer.core.frames import Fit
from camviewer.core.loading import ModelChoice, load_model
from camviewer.core.storage.images import read_photo
from camviewer.core.storage.snapshot import write_snapshot
from camviewer.core.targets import ClassScore, scores_of
from tests.helpers import cam, computed

WITHOUT_TORCH = (
    "import sys; sys.modules['torch'] = None; from camviewer.commands.cli import main; "
    "sys.exit(main(sys.argv[1:]))"
)


@pytest.fixture(scope="module")
def explanation(samples: Path) -> Explanation:
    explainer = load_model(ModelChoice("efficientnet_lite0")).explainer
    return explainer.explain(read_photo(samples / "cat.png"), ExplainRequest(Fit.WHOLE))


def explain(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", WITHOUT_TORCH, "explain", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_it_gives_the_same_numbers_and_images(explanation: Explanation, tmp_path: Path) -> None:
    snapshot = write_snapshot(explanation, (281, 3), tmp_path / "mine.camsnap")
    out = tmp_path / "out"
    done = explain(
        *(snapshot, "--out", out, "--raw", "--classes", "top2,3", "--boxes", "--json", tmp_path / "a.json")
    )
    assert done.returncode == 0, done.stderr
    (record,) = json.loads((tmp_path / "a.json").read_text("ascii"))
    ids = [p["class_id"] for p in record["predictions"]]
    assert ids == [*explanation.top(2), 3]
    assert [p["logit"] for p in record["predictions"]] == [float(explanation.logits[i]) for i in ids]
    with np.load(out / "mine.npz") as raw:
        np.testing.assert_array_equal(raw["cams"], [cam(explanation, i) for i in ids])
    images = sorted(out.glob("mine.*.png"))
    assert len(images) == 3
    with Image.open(images[0]) as image:
        assert image.width == explanation.frame.width


def test_it_gives_the_maps_of_other_methods(explanation: Explanation, tmp_path: Path) -> None:
    """Which it can only have from the file: their method needn't be one that this program knows."""
    there = computed(explanation, [*scores_of(explanation.top(2)), ClassScore(3)])
    snapshot = write_snapshot(there, (281, 3), tmp_path / "mine.camsnap")
    out = tmp_path / "out"
    done = explain(snapshot, "--out", out, "--raw", "--classes", "top2,3", "--boxes")
    assert done.returncode == 0, done.stderr
    ids = [*explanation.top(2), 3]
    with np.load(out / "mine.npz", allow_pickle=False) as raw:
        np.testing.assert_array_equal(raw["cams"], [cam(there, i) for i in ids])
        assert (str(raw["method"]), str(raw["unit"])) == ("Fake-CAM", "LOGIT")
        assert np.abs(raw["cams"].mean((1, 2)) + raw["remainder"] - raw["logits"][ids]).max() < 1e-4
    assert len(sorted(out.glob("mine.*.png"))) == 3


def test_a_class_that_it_does_not_hold_is_named(explanation: Explanation, tmp_path: Path) -> None:
    snapshot = write_snapshot(explanation, (), tmp_path / "mine.camsnap")
    outside = next(i for i in range(1000) if i not in explanation.top(20))
    done = explain(snapshot, "--no-images", "--classes", outside)
    assert done.returncode == 1
    assert f"mine.camsnap doesn't hold the maps of {explanation.label(outside)}" in done.stderr


def test_a_damaged_one_is_told_and_the_others_are_done(explanation: Explanation, tmp_path: Path) -> None:
    good = write_snapshot(explanation, (), tmp_path / "good.camsnap")
    bad = tmp_path / "bad.camsnap"
    bad.write_bytes(good.read_bytes()[:5000])
    done = explain(bad, good, "--no-images", "--json", "-")
    assert done.returncode == 1
    first, second = json.loads(done.stdout)
    assert "no snapshot that can be opened" in first["error"]
    assert second["predictions"]
