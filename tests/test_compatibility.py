"""What version 0.1 wrote is read as it was meant: snapshots, settings, command lines.

The files in tests/data were written by 0.1's own code (commit c95ba15), the numbers beside them read by it.
"""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDockWidget
from pytestqt.qtbot import QtBot

from camviewer.commands import parser as parsers
from camviewer.commands.bench_parser import bench_parser
from camviewer.core.arrays import FloatArray
from camviewer.core.explanation import Delivery, ExplainRequest, Explanation
from camviewer.core.frames import Fit, Region
from camviewer.core.models.spec import Preprocessing
from camviewer.core.scaling import Interpolation, Scale
from camviewer.core.storage.snapshot import read_snapshot, write_snapshot
from camviewer.core.targets import ClassScore
from camviewer.media.drawing.style import OverlayStyle
from camviewer.ui.system.settings import Settings
from tests.ui.fakes import Windows, pipeline_of, settings_in

DATA = Path(__file__).parent / "data"
SNAPSHOTS = ("snapshot-0.1", "snapshot-0.1-averaged")
SETTINGS = DATA / "settings-0.1.ini"


def delivered(name: str) -> tuple[Delivery, dict[str, Any]]:
    """A snapshot of 0.1 as it is read now, and what 0.1 read in it."""
    facts = json.loads((DATA / f"{name}.json").read_text("utf-8"))
    return read_snapshot(DATA / f"{name}.camsnap"), facts


def opened(name: str) -> tuple[Explanation, dict[str, Any]]:
    delivery, facts = delivered(name)
    return delivery.explanation, facts


def exact_map(explanation: Explanation, class_id: int) -> FloatArray:
    """The map of a class: the numbers that readouts and exports say."""
    return explanation.map(ClassScore(class_id)).values


def drawn_map(explanation: Explanation, class_id: int) -> FloatArray:
    """The map of a class as it is drawn: averaged, where it was."""
    return explanation.drawn_map(ClassScore(class_id)).values


# Snapshots


@pytest.mark.parametrize("name", SNAPSHOTS)
def test_a_snapshot_gives_the_same_frame_and_facts(name: str) -> None:
    explanation, facts = opened(name)
    frame, model = explanation.frame, explanation.model
    assert [frame.width, frame.height] == facts["size"]
    assert frame.original_size == tuple(facts["original_size"])
    assert (frame.source, frame.index, frame.position) == (facts["source"], facts["index"], facts["position"])
    assert int(frame.image.sum(dtype=np.int64)) == facts["pixel_sum"]
    assert explanation.network_input is not None
    assert list(explanation.network_input.shape) == facts["network_input_shape"]
    assert int(explanation.network_input.sum(dtype=np.int64)) == facts["network_input_sum"]
    assert explanation.region == Region(*facts["region"])
    wanted = facts["model"]
    assert (model.name, model.title, model.device) == (wanted["name"], wanted["title"], wanted["device"])
    assert (model.weights_sha256, model.weights_file) == (wanted["weights_sha256"], wanted["weights_file"])
    assert model.weights_origin == wanted["weights_origin"]
    how = facts["preprocessing"]
    assert model.preprocessing == Preprocessing(
        how["resize"], how["crop"], tuple(how["mean"]), tuple(how["std"]), how["bicubic"]
    )


@pytest.mark.parametrize("name", SNAPSHOTS)
def test_a_snapshot_tells_how_and_when_it_was_made(name: str) -> None:
    delivery, facts = delivered(name)
    request, wanted = delivery.explanation.request, facts["request"]
    assert (request.fit, request.resolution) == (Fit(wanted["fit"]), wanted["resolution"])
    assert (request.fine, delivery.origin.smoothing) == (wanted["fine"], wanted["smoothing"])
    snapshot = delivery.origin.snapshot
    assert snapshot is not None
    assert (snapshot.version, snapshot.time) == (facts["version"], facts["time"])
    assert snapshot.version == "0.1.0"
    assert list(snapshot.classes) == facts["classes"]


@pytest.mark.parametrize("name", SNAPSHOTS)
def test_a_snapshot_gives_the_same_predictions(name: str) -> None:
    explanation, facts = opened(name)
    top = facts["top"]
    assert len(explanation.logits) == facts["class_count"] == 1000
    assert list(explanation.top(5)) == top
    assert [explanation.label(c) for c in top] == facts["labels"]
    assert [float(explanation.logits[c]) for c in top] == facts["logits"]
    assert [float(explanation.probabilities[c]) for c in top] == pytest.approx(
        facts["probabilities"], rel=1e-5
    )


@pytest.mark.parametrize("name", SNAPSHOTS)
def test_a_snapshot_gives_the_same_maps(name: str) -> None:
    explanation, facts = opened(name)
    top = facts["top"]
    exact = [exact_map(explanation, c) for c in top]
    assert list(exact[0].shape) == facts["cam_shape"]
    np.testing.assert_allclose(exact[0], facts["cam_of_first"], rtol=1e-4, atol=1e-4)
    assert [float(cam.mean()) for cam in exact] == pytest.approx(facts["cam_means"], rel=1e-4)
    assert [float(cam.max()) for cam in exact] == pytest.approx(facts["cam_maxima"], rel=1e-4)
    # mean(CAM) + bias = logit, as far as halves can tell.
    sums = [float(cam.mean()) + bias for cam, bias in zip(exact, facts["bias"], strict=True)]
    assert sums == pytest.approx(facts["logits"], abs=0.02)


@pytest.mark.parametrize("name", SNAPSHOTS)
def test_a_snapshot_holds_the_maps_of_the_same_classes(name: str) -> None:
    explanation, facts = opened(name)
    held = [c for c in range(facts["class_count"]) if explanation.maps.available(ClassScore(c))]
    assert held == facts["held"]
    assert set(facts["classes"]) <= set(held)


def test_what_is_drawn_of_an_averaged_snapshot_is_the_average() -> None:
    explanation, facts = opened("snapshot-0.1-averaged")
    drawn = [drawn_map(explanation, c) for c in facts["top"]]
    assert list(drawn[0].shape) == facts["averaged_shape"][1:]
    assert [float(cam.mean()) for cam in drawn] == pytest.approx(facts["averaged_means"], rel=1e-4)
    assert [float(cam.max()) for cam in drawn] == pytest.approx(facts["averaged_maxima"], rel=1e-4)
    assert facts["averaged_means"] != pytest.approx(facts["cam_means"], rel=1e-2)


def test_what_is_drawn_of_another_is_the_exact_map() -> None:
    explanation, facts = opened("snapshot-0.1")
    assert facts["averaged_shape"] is None
    for class_id in facts["top"]:
        np.testing.assert_array_equal(drawn_map(explanation, class_id), exact_map(explanation, class_id))


@pytest.mark.parametrize("name", SNAPSHOTS)
def test_a_snapshot_of_then_can_be_saved_again(name: str, tmp_path: Path) -> None:
    delivery, facts = delivered(name)
    explanation, path = delivery.explanation, tmp_path / "again.camsnap"
    write_snapshot(explanation, facts["classes"], path, origin=delivery.origin)
    once_more = read_snapshot(path)
    again = once_more.explanation
    assert once_more.origin == delivery.origin
    np.testing.assert_array_equal(again.logits, explanation.logits)
    for class_id in facts["top"]:
        np.testing.assert_array_equal(exact_map(again, class_id), exact_map(explanation, class_id))
        np.testing.assert_array_equal(drawn_map(again, class_id), drawn_map(explanation, class_id))


# Settings


@pytest.fixture
def settings_file(tmp_path: Path) -> Path:
    """A copy of 0.1's settings where a start of the program looks for them (within `settings_in`)."""
    file = tmp_path / "camviewer" / "camviewer.ini"
    file.parent.mkdir()
    shutil.copy(SETTINGS, file)
    return file


def test_settings_give_the_same_style_and_request(settings_file: Path) -> None:
    settings = Settings(settings_file)
    assert settings.put_aside is None
    assert settings.style() == OverlayStyle(
        colormap="viridis_r",
        opacity=0.35,
        visible=True,
        follow_value=False,
        scale=Scale.FIXED,
        interpolation=Interpolation.NEAREST,
        fixed=12.5,
        threshold=0.25,
    )
    assert settings.request() == ExplainRequest(Fit.SQUASH, 320, True)
    assert settings.smoothing() == 2.5


def test_settings_differ_from_the_defaults_in_every_value(settings_file: Path) -> None:
    """Or else the test before would show nothing."""
    style, default = Settings(settings_file).style(), OverlayStyle()
    kept = ("colormap", "opacity", "follow_value", "scale", "interpolation", "fixed", "threshold")
    assert [name for name in kept if getattr(style, name) == getattr(default, name)] == []
    request, plain = Settings(settings_file).request(), ExplainRequest()
    assert [
        name for name in ("fit", "resolution", "fine") if getattr(request, name) == getattr(plain, name)
    ] == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("source/camera", "/dev/video2"),
        ("source/folder", "/photos"),
        ("save/folder", "/exports"),
        ("save/format", "csv"),
        ("save/image", "jpg"),
        ("window/appearance", "dark"),
        ("window/language", "ko"),
    ],
)
def test_settings_give_the_same_texts(settings_file: Path, key: str, value: str) -> None:
    assert Settings(settings_file).text(key) == value


def test_settings_give_the_same_lists_and_flags(settings_file: Path) -> None:
    settings = Settings(settings_file)
    assert settings.texts("recent") == ["/photos/한국 cat, 2.png", "/photos/dog.jpg"]
    assert settings.texts("classes/pinned") == ["282", "7"]
    assert settings.flag("save/caption", True) is False
    assert settings.flag("hint/seen", False) is True


def test_the_window_opens_as_it_was_left(qtbot: QtBot, tmp_path: Path, settings_file: Path) -> None:
    assert settings_file.is_file()
    with settings_in(tmp_path):
        window = Windows(qtbot)((DATA / "snapshot-0.1.camsnap",))
    docks = {dock.objectName(): dock for dock in window.findChildren(QDockWidget)}
    assert window.size() == QSize(790, 666)
    assert window.dockWidgetArea(docks["evidence_dock"]) is Qt.DockWidgetArea.LeftDockWidgetArea
    assert docks["evidence_dock"].isVisible()
    assert not docks["overlay_dock"].isVisible()
    assert window.tabs.pinned == (282, 7)
    assert pipeline_of(window).origin.snapshot is not None


# Command lines

Parser = Callable[[], argparse.ArgumentParser]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "--camera",
        "--camera 1",
        '--camera "HD Webcam"',
        "dog.jpg cat.png",
        "film.mp4",
        "--screen",
        "shot.camsnap",
        "--new-window dog.jpg",
        "--model resnet18 --weights mine.pth --labels mine.txt --device cpu dog.jpg",
        "--quit-after 5 --stats stats.jsonl --log-level debug",
    ],
)
def test_command_lines_of_the_window(line: str) -> None:
    parses(parsers.window_parser, line)


@pytest.mark.parametrize(
    "line",
    [
        "photos/ --out maps",
        "photos/ --report report.html --truth folders",
        "photos/ --report report.html --truth truth.csv",
        'dog.jpg --out maps --classes "top3,282,tiger cat"',
        "dog.jpg --out maps --model efficientnet_lite0 --device auto",
        "dog.jpg --out maps --weights mine.pth --labels mine.txt",
        "dog.jpg --out maps --fit whole --resolution 448 --fine",
        "dog.jpg --out maps --fit squash --boxes --threshold 0.3",
        "dog.jpg --out maps --fit crop --colormap vik_r --opacity 0.5",
        "dog.jpg --out maps --raw --no-images --json -",
        "film.mp4 shot.camsnap --out maps --json all.json",
    ],
)
def test_command_lines_of_explain(line: str) -> None:
    parses(parsers.explain_parser, line)


@pytest.mark.parametrize(
    ("parser", "line"),
    [
        (bench_parser, ""),
        (bench_parser, "--seconds 5 --source film.mp4 --json figures.json"),
        (bench_parser, "--model resnet18 --device cpu"),
        (parsers.doctor_parser, ""),
        (parsers.doctor_parser, "--json"),
    ],
)
def test_command_lines_of_bench_and_doctor(parser: Parser, line: str) -> None:
    parses(parser, line)


def parses(parser: Parser, line: str) -> None:
    """Whether each word of a line is taken as what it was: argparse leaves the program where it isn't."""
    words = shlex.split(line)
    found = vars(parser().parse_args(words))
    named = {word.removeprefix("--").replace("-", "_") for word in words if word.startswith("--")}
    assert named <= set(found)
    paths = [str(path) for path in found.get("paths", [])]
    values = {str(value) for value in found.values() if value is not None}
    for word in words:
        plain = word.rstrip("/")
        numeric = plain.replace(".", "", 1).isdecimal()
        assert word.startswith("--") or plain in paths or plain in values or numeric
