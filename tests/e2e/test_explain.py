"""`camviewer explain` as a user runs it, with the embedded model and the sample photos."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QGuiApplication

from camviewer.commands import cli
from camviewer.commands import explain as explain_command
from camviewer.commands import model as command_model
from camviewer.commands.explain_records import class_names
from camviewer.core.explainer import Explainer
from camviewer.core.explanation import Explanation
from camviewer.core.frames import Frame
from camviewer.core.models.builtin import EFFICIENTNET_LITE0
from camviewer.core.storage.export import read_facts
from camviewer.core.storage.images import read_photo

CAT = 281, 282, 285  # tabby, tiger cat, Egyptian cat
pytestmark = pytest.mark.usefixtures("qapp")


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def read_json(path: Path) -> Any:
    return json.loads(path.read_text("ascii"))


def explain(*arguments: object) -> int:
    return cli.main(["explain", *(str(a) for a in arguments)])


@pytest.fixture(scope="module")
def everything(samples: Path, tmp_path_factory: pytest.TempPathFactory, qapp: QGuiApplication) -> Path:
    """The folder after one run with all outputs over all samples."""
    out = tmp_path_factory.mktemp("explain") / "new" / "out"
    json_file = out.parent.parent / "all.json"
    assert explain(samples, "--out", out, "--classes", "top2,tiger cat", "--raw", "--json", json_file) == 0
    return out


# What comes out


def test_each_photo_gets_an_overlay_a_class(everything: Path, samples: Path) -> None:
    records = read_json(everything.parent.parent / "all.json")
    photos = sorted(p for p in samples.iterdir() if p.suffix != ".md")
    assert [record["path"] for record in records] == [str(p) for p in photos]
    expected = set()
    for photo, record in zip(photos, records, strict=True):
        expected.add(f"{photo.stem}.npz")
        with Image.open(photo) as image:
            assert (record["width"], record["height"]) == image.size
        for prediction in record["predictions"]:
            name = f"{photo.stem}.{prediction['label'].replace(' ', '_')}.png"
            expected.add(name)
            facts = read_facts(everything / name)
            assert facts is not None
            assert {k: facts[k] for k in prediction} == prediction
            assert facts["source"] == photo.name
            assert facts["region"] == record["region"]
            assert facts["model"] == record["model"] == "efficientnet_lite0"
            assert facts["shown"][0] == 0 < facts["shown"][1]
            with Image.open(everything / name) as overlay:
                assert overlay.width == record["width"]
                assert overlay.height > record["height"], "the caption is below the photo"
    assert set(names_in(everything)) == expected


def test_json_says_what_the_model_says(everything: Path, samples: Path) -> None:
    records = {Path(r["path"]).stem: r for r in read_json(everything.parent.parent / "all.json")}
    cat, rocket = records["cat"], records["rocket"]
    keys = ("path", "width", "height", "region", "model", "device", "precision", "predictions", "seconds")
    assert tuple(cat) == keys
    assert cat["predictions"][0]["class_id"] in CAT
    assert [p["label"] for p in cat["predictions"]].count("tiger cat") == 1
    assert rocket["predictions"][0]["label"] in ("missile", "projectile", "space shuttle")
    assert cat["device"] in ("cpu", "cuda", "mps")
    assert 0 < cat["seconds"] < 60
    top, second, *_ = cat["predictions"]
    assert 1 >= top["probability"] > second["probability"] > 0


def test_raw_maps_add_up(everything: Path) -> None:
    for record in read_json(everything.parent.parent / "all.json"):
        with np.load(everything / f"{Path(record['path']).stem}.npz", allow_pickle=False) as raw:
            ids = raw["class_ids"]
            assert list(ids) == [p["class_id"] for p in record["predictions"]]
            assert raw["cams"].shape == (len(ids), 7, 7)
            assert raw["logits"].shape == raw["probabilities"].shape == (1000,)
            assert list(raw["region"]) == record["region"]
            assert list(raw["image_size"]) == [record["width"], record["height"]]
            for rest in ("bias", "remainder"):
                assert np.abs(raw["cams"].mean((1, 2)) + raw[rest] - raw["logits"][ids]).max() < 1e-4
            assert (str(raw["unit"]), str(raw["method"])) == ("LOGIT", "CAM")
            assert raw["probabilities"].sum() == pytest.approx(1, abs=1e-5)


def test_options_reach_the_result(samples: Path, tmp_path: Path) -> None:
    json_file = tmp_path / "a.json"
    options = (
        "--fit whole --resolution 160 --colormap vik_r --opacity 0.25 --classes 281,#282 --raw --device cpu"
    )
    run = [samples / "rocket.jpg", "--out", tmp_path / "out", *options.split(), "--json", json_file]
    assert explain(*run, "--model", "efficientnet_lite0") == 0
    assert names_in(tmp_path / "out") == ["rocket.npz", "rocket.tabby.png", "rocket.tiger_cat.png"]
    (record,) = read_json(json_file)
    assert record["region"] == [0, 0, record["width"], record["height"]]
    facts = read_facts(tmp_path / "out" / "rocket.tabby.png")
    assert facts is not None
    assert (facts["fit"], facts["resolution"]) == ("whole", 160)
    assert (facts["colormap"], facts["opacity"]) == ("vik_r", 0.25)
    assert facts["shown"][0] == -facts["shown"][1]
    with np.load(tmp_path / "out" / "rocket.npz") as raw:
        assert min(raw["cams"].shape[1:]) == 5
        assert max(raw["cams"].shape[1:]) > 5


def test_no_images_needs_no_folder(samples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert explain(samples / "cat.png", "--no-images") == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "cat.png: " in captured.err
    assert "The weights of ResNet18 are not on this computer." in captured.err
    assert "EfficientNet-Lite0 on " in captured.err


def test_json_on_stdout_is_alone_there(samples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert explain(samples / "cat.png", samples / "none.png", "--no-images", "--json", "-") == 1
    captured = capsys.readouterr()
    good, bad = json.loads(captured.out)
    assert good["predictions"][0]["class_id"] in CAT
    assert list(bad) == ["path", "error"]


# Many photos


def test_a_broken_photo_stops_no_other(
    samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photos = tmp_path / "photos"
    (photos / "empty folder").mkdir(parents=True)
    data = (samples / "cat.png").read_bytes()
    (photos / "a.png").write_bytes(data[:5000])
    (photos / "b.png").write_bytes(data)
    (photos / "c.png").write_bytes(b"")
    (photos / "notes.txt").write_text("not a photo")
    inputs = [photos / "missing.jpg", photos, photos / "notes.txt", photos / "empty folder"]
    run = [*inputs, "--out", tmp_path / "out", "--classes", "top1", "--json", tmp_path / "a.json"]
    assert explain(*run) == 1
    records = read_json(tmp_path / "a.json")
    names = [Path(record["path"]).name for record in records]
    assert names == ["missing.jpg", "a.png", "b.png", "c.png", "notes.txt", "empty folder"]
    assert [name for name, record in zip(names, records, strict=True) if "error" not in record] == ["b.png"]
    assert len(names_in(tmp_path / "out")) == 1
    errors = capsys.readouterr().err
    for record in records:
        if "error" in record:
            assert f"{record['path']}: {record['error']}" in errors
    assert "5 of 6 failed" in errors
    assert "There are no photos in this folder." in errors


def test_a_photo_that_the_model_fails_on_stops_no_other(
    samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    explain_frame = Explainer.explain

    def failing(self: Any, frame: Frame, *args: Any) -> Explanation:
        if frame.source == "cat.png":
            raise RuntimeError("out of memory")
        return explain_frame(self, frame, *args)

    monkeypatch.setattr(Explainer, "explain", failing)
    json_file = tmp_path / "a.json"
    assert explain(samples / "cat.png", samples / "rocket.jpg", "--no-images", "--json", json_file) == 1
    bad, good = read_json(json_file)
    assert "out of memory" in bad["error"]
    assert good["predictions"]


def test_photos_of_one_name_keep_apart(samples: Path, tmp_path: Path) -> None:
    inputs = []
    for folder, name in (("x", "cat.png"), ("y", "Cat.png"), ("z", "cat-2.png"), ("z", "cat.png")):
        (tmp_path / folder).mkdir(exist_ok=True)
        inputs.append(tmp_path / folder / name)
        shutil.copy(samples / "cat.png", inputs[-1])
    out = tmp_path / "out"
    run = [*inputs, tmp_path / "x", tmp_path / "x" / ".." / "y", "--out", out, "--raw", "--classes", "tabby"]
    assert explain(*run, "--json", tmp_path / "a.json") == 0
    assert [r["path"] for r in read_json(tmp_path / "a.json")] == [str(p) for p in inputs], "each once"
    stems = "cat", "Cat-2", "cat-2-2", "cat-3"
    assert names_in(out) == sorted([f"{s}.npz" for s in stems] + [f"{s}.tabby.png" for s in stems])


def test_a_second_run_over_its_own_output(
    samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Photos are never replaced; overlays of the run before are, and are no input."""
    original = (samples / "cat.png").read_bytes()
    (tmp_path / "cat.png").write_bytes(original)
    (tmp_path / "cat.tabby.png").write_bytes(original)
    expected = ["cat.png", "cat.tabby-2.png", "cat.tabby.png", "cat.tabby.tabby.png"]
    for _ in range(2):
        assert explain(tmp_path, "--out", tmp_path, "--classes", "tabby") == 0
        assert names_in(tmp_path) == expected
        assert (tmp_path / "cat.png").read_bytes() == (tmp_path / "cat.tabby.png").read_bytes() == original
    assert "2 overlays that camviewer wrote are left out" in capsys.readouterr().err


def test_labels_that_look_alike_get_their_ids(samples: Path, tmp_path: Path) -> None:
    labels = tmp_path / "labels.txt"
    labels.write_text("\n".join(["a b", "A/B", "CON", *(f"label {i}" for i in range(3, 1000))]), "utf-8")
    out = tmp_path / "out"
    run = [samples / "cat.png", "--out", out, "--labels", labels, "--classes", "0,1,2,label 77"]
    assert explain(*run) == 0
    assert names_in(out) == ["cat.A_B-1.png", "cat.CON_.png", "cat.a_b-0.png", "cat.label_77.png"]


def test_ctrl_c_keeps_what_is_done(
    samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(path: Path, index: int) -> Any:
        if path.name == "rocket.jpg":
            raise KeyboardInterrupt
        return read_photo(path, index)

    monkeypatch.setattr(explain_command, "read_photo", interrupted)
    inputs = [samples / "cat.png", samples / "rocket.jpg", samples / "coffee.png"]
    assert explain(*inputs, "--no-images", "--json", tmp_path / "a.json") == 130
    (record,) = read_json(tmp_path / "a.json")
    assert record["path"].endswith("cat.png")
    assert "what was done is kept" in capsys.readouterr().err


# What can go wrong before the work


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", "required: PATH"),
        ("p.png", "--out is needed"),
        ("p.png --no-images --raw", "--out is needed"),
        ("p.png --out FILE", "FILE is a file, not a folder"),
        ("p.png --out o --json .", "is a folder, not a file"),
        ("p.png --out o --json nowhere/a.json", "there is no folder nowhere"),
        ("p.png --out o --resolution 200", "multiple of 32"),
        ("p.png --out o --resolution big", "--resolution"),
        ("p.png --out o --opacity 1.5", "1.5 is not between 0 and 1"),
        ("p.png --out o --opacity nan", "nan is not between 0 and 1"),
        ("p.png --out o --colormap pink", "no colormap 'pink'; there are inferno, "),
        ("p.png --out o --fit stretch", "--fit"),
        ("p.png --out o --model vgg", "--model"),
        ("p.png --out o --device toaster", "There is no device 'toaster'"),
        ("p.png --out o --classes terrier,doodle", "--classes: 'terrier' is not clear"),
        ("p.png --out o --classes doodlebug", "--classes: no class is called 'doodlebug'"),
        ("p.png --out o --classes 1000", "--classes: class 1000 doesn't exist"),
    ],
)
def test_wrong_usage_is_told_before_the_model_loads(
    arguments: str,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("FILE").touch()
    monkeypatch.setattr(command_model, "load_model", lambda _: pytest.fail("loaded"))
    with pytest.raises(SystemExit) as caught:
        explain(*arguments.split())
    assert caught.value.code == 2
    assert message in capsys.readouterr().err


def test_unknown_classes_of_other_weights_are_wrong_usage_too(
    samples: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whose labels are known only with the model."""
    assert EFFICIENTNET_LITE0.embedded is not None
    file = EFFICIENTNET_LITE0.embedded.find()
    assert file is not None
    monkeypatch.setenv("CAMVIEWER_WEIGHTS", str(file))
    with pytest.raises(SystemExit) as caught:
        explain(samples / "cat.png", "--no-images", "--model", "efficientnet_lite0", "--classes", "doodlebug")
    assert caught.value.code == 2
    assert "no class is called 'doodlebug'" in capsys.readouterr().err


@pytest.mark.parametrize("weights", ["missing.pth", "text.pth", "other-model"])
def test_weights_that_cannot_be_used(
    weights: str, samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.pth").write_text("not weights")
    assert EFFICIENTNET_LITE0.embedded is not None
    file = EFFICIENTNET_LITE0.embedded.find() if weights == "other-model" else tmp_path / weights
    run = [samples / "cat.png", "--no-images", "--model", "resnet18", "--weights", file]
    assert explain(*run, "--json", tmp_path / "a.json") == 1
    errors = capsys.readouterr().err
    assert errors.startswith("camviewer: ")
    assert errors.count("\n") == 1, "one line, no traceback"
    assert not (tmp_path / "a.json").exists()


def test_a_labels_file_of_the_wrong_length(
    samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "labels.txt").write_text("cat\ndog\n")
    assert explain(samples / "cat.png", "--no-images", "--labels", tmp_path / "labels.txt") == 1
    assert "2 labels, but the model has 1000 classes" in capsys.readouterr().err


def test_nothing_to_explain(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert explain(tmp_path, "--no-images", "--json", "-") == 1
    captured = capsys.readouterr()
    assert json.loads(captured.out) == [
        {"path": str(tmp_path), "error": "There are no photos in this folder."}
    ]


def test_a_folder_that_cannot_be_made(
    samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert explain(samples / "cat.png", "--out", tmp_path / "file" / "out") == 1
    assert "can't be made" in capsys.readouterr().err


def test_class_names_of_a_fake(make_explanation: Callable[..., Explanation]) -> None:
    names = class_names(make_explanation(), (5, 6, 4, 0))
    assert names == {5: "crane-5", 6: "Crane-6", 4: "Löwe_Leo", 0: "tabby"}


# As its own process


def python(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    without_display = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return subprocess.run(
        [sys.executable, *(str(a) for a in arguments)],
        env={**without_display, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="displays that can be missing")
def test_it_needs_no_display(samples: Path, tmp_path: Path) -> None:
    """Not even where the environment asks for one."""
    run = ["-m", "camviewer", "explain", samples / "cat.png", "--out", tmp_path, "--classes", "top1"]
    done = python(*run, "--json", "-", QT_QPA_PLATFORM="xcb")
    assert done.returncode == 0, done.stderr
    (record,) = json.loads(done.stdout)
    assert record["predictions"][0]["class_id"] in CAT
    assert len(names_in(tmp_path)) == 1
    assert "\r" not in done.stderr, "the progress bar is for terminals"


def test_numbers_need_no_qt(samples: Path, tmp_path: Path) -> None:
    code = "import sys; sys.modules['PySide6'] = None; from camviewer.commands.cli import main; "
    code += "sys.exit(main(sys.argv[1:]))"
    run = ["explain", samples / "cat.png", "--no-images", "--raw", "--out", tmp_path, "--json", "-"]
    done = python("-c", code, *run)
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)) == 1
    assert names_in(tmp_path) == ["cat.npz"]


def test_raw_maps_of_extent_say_that_they_are_no_evidence(samples: Path, tmp_path: Path) -> None:
    json_file = tmp_path / "a.json"
    run = [samples / "cat.png", "--out", tmp_path, "--json", json_file, "--model", "efficientnet_lite0"]
    assert (
        explain(*run, *["--raw", "--boxes", "--method", "extent", "--resolution", "448", "--device", "cpu"])
        == 0
    )
    (record,) = read_json(json_file)
    with np.load(tmp_path / "cat.npz", allow_pickle=False) as raw:
        assert [str(raw[name]) for name in ("kind", "unit", "method")] == [
            "extent",
            "RELATIVE",
            "Object extent",
        ]
        assert raw["cams"].shape == (5, 28, 28)
        assert np.isnan(raw["remainder"]).all()
        assert "bias" not in raw
    assert record["predictions"][0]["class_id"] in CAT
    left, top, right, bottom = record["predictions"][0]["box"]
    assert 0 <= left < right <= record["width"]
    assert 0 <= top < bottom <= record["height"]
    facts = read_facts(next(tmp_path.glob("cat.*.png")))
    assert facts is not None
    assert (facts["method"], facts["unit"]) == ("Object extent", "RELATIVE")
    assert "remainder" not in facts
