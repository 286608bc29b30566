"""Converting a video from the window."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.stream import VideoStream
from PySide6.QtWidgets import QFileDialog, QProgressBar, QPushButton
from pytestqt.qtbot import QtBot

from camviewer.core.explanation import ExplainRequest, Explanation
from camviewer.core.frames import Frame
from camviewer.core.loading import ModelChoice
from camviewer.core.storage.snapshot import write_snapshot
from camviewer.core.targets import ClassScore
from camviewer.ui.shell.main_window import MainWindow
from camviewer.ui.widgets.banner import BannerKey
from tests.ui.fakes import (
    LABELS,
    FakeExplainer,
    FakeLoader,
    FakeModel,
    FakeVideo,
    Windows,
    crafted,
    model_info,
    pipeline_of,
    plain_frame,
    settings_in,
)


class Held(FakeExplainer):
    """Explains batches only while `gate` is set."""

    def __init__(self) -> None:
        super().__init__(model_info("resnet18"))
        self.gate, self.arrived = threading.Event(), threading.Event()
        self.gate.set()
        self.requests: list[ExplainRequest] = []

    def explain_batch(self, frames: Sequence[Frame], request: ExplainRequest) -> list[Explanation]:
        self.arrived.set()
        self.requests.append(request)
        assert self.gate.wait(10)
        return super().explain_batch(frames, request)


@pytest.fixture
def held() -> Held:
    return Held()


@pytest.fixture
def window(held: Held, qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    def load(choice: ModelChoice) -> FakeModel:
        return FakeModel(held if choice.name == "resnet18" else FakeExplainer(model_info(choice.name)))

    with settings_in(tmp_path / "settings"):
        yield Windows(qtbot)(loader=FakeLoader(load))


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=25)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuvj420p"
        for index in range(40):
            image = np.full((48, 64, 3), 6 * index, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        container.mux(stream.encode())
    return path


def frames(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


def choose(window: MainWindow, *paths: Path) -> None:
    """Answer one dialog after the other."""
    window.actions_by_name["convert"].trigger()
    for path in paths:
        dialog = next(d for d in window.findChildren(QFileDialog) if d.isVisible())
        dialog.fileSelected.emit(str(path))
        dialog.close()


def test_every_frame_once_with_lines_beside(
    window: MainWindow, film: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    choose(window, film, tmp_path / "out.mp4")
    qtbot.waitUntil(lambda: "Converted 40 frames into out.mp4" in str(window.banners.text(BannerKey.CONVERT)))
    assert frames(tmp_path / "out.mp4") == 40
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("ascii").splitlines()]
    assert [line["index"] for line in lines] == list(range(40))
    assert lines[0]["predictions"][0]["label"] == "tabby"
    assert window.conversions.conversion is None


@pytest.mark.parametrize("own", [False, True])
def test_a_class_of_another_network_is_not_meant(
    own: bool, window: MainWindow, held: Held, film: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    """The map of class 7 is in view: of a snapshot of this network, saved elsewhere, or of another one's."""
    info = replace(model_info("resnet18"), weights_file="/elsewhere.pth")
    if not own:
        info = replace(info, name="own", weights_sha256="1" * 64)
    snapshot = crafted(plain_frame(), labels=LABELS if own else tuple("stuvwxyz"), info=info)
    write_snapshot(snapshot, (7,), tmp_path / "a.camsnap")
    window.sources.open_paths([tmp_path / "a.camsnap"])
    qtbot.waitUntil(lambda: pipeline_of(window).origin.snapshot is not None)
    window.tabs.choose(7)
    choose(window, film, tmp_path / "out.mp4")
    qtbot.waitUntil(lambda: window.conversions.conversion is None)
    assert {request.targets for request in held.requests} == {(ClassScore(7),) if own else ()}


def test_the_video_in_view_is_meant(window: MainWindow, tmp_path: Path) -> None:
    pipeline_of(window).open(FakeVideo())
    window.actions_by_name["convert"].trigger()
    dialog = next(d for d in window.findChildren(QFileDialog) if d.isVisible())
    assert dialog.acceptMode() == QFileDialog.AcceptMode.AcceptSave
    assert Path(dialog.selectedFiles()[0]).name == "film.cam.mp4"
    dialog.close()


def test_progress_and_cancel(
    window: MainWindow, held: Held, film: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    held.gate.clear()
    choose(window, film, tmp_path / "out.mp4")
    banner = window.banners.banner(BannerKey.CONVERT)
    assert banner is not None
    assert banner.findChild(QProgressBar) is not None
    window.actions_by_name["convert"].trigger()
    assert "is being converted" in str(window.banners.text(BannerKey.CONVERT_BUSY))
    (cancel,) = banner.findChildren(QPushButton)
    cancel.click()
    held.gate.set()
    qtbot.waitUntil(lambda: window.conversions.conversion is None)
    assert window.banners.text(BannerKey.CONVERT) is None
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == ["film.mkv"]


def test_what_is_no_video_is_told(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "bad.mp4").write_bytes(b"no video")
    choose(window, tmp_path / "bad.mp4", tmp_path / "out")
    qtbot.waitUntil(
        lambda: (
            "bad.mp4" in str(window.banners.text(BannerKey.CONVERT)) and window.conversions.conversion is None
        )
    )
    assert not (tmp_path / "out.mp4").exists()


def test_lines_of_something_else_are_not_replaced(
    window: MainWindow, held: Held, film: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "dataset.jsonl").write_text('{"text": "mine"}')
    choose(window, film, tmp_path / "dataset.mp4")
    qtbot.waitUntil(lambda: "would replace dataset.jsonl" in str(window.banners.text(BannerKey.CONVERT)))
    assert (tmp_path / "dataset.jsonl").read_text() == '{"text": "mine"}'
    assert not (tmp_path / "dataset.mp4").exists()
    assert not held.arrived.is_set(), "before the work, not after it"


def test_another_model_ends_it(
    window: MainWindow, held: Held, film: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    held.gate.clear()
    choose(window, film, tmp_path / "out.mp4")
    qtbot.waitUntil(held.arrived.is_set)
    window.models.choose(ModelChoice("efficientnet_lite0"))
    held.gate.set()
    qtbot.waitUntil(lambda: "Another model" in str(window.banners.text(BannerKey.CONVERT)))
    assert not (tmp_path / "out.mp4").exists()


def test_closing_in_the_middle_leaves_nothing(
    window: MainWindow, held: Held, film: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    held.gate.clear()
    choose(window, film, tmp_path / "out.mp4")
    qtbot.waitUntil(held.arrived.is_set)
    held.gate.set()
    window.close()
    assert window.has_ended
    left = {p.name for p in tmp_path.iterdir() if p.is_file()}
    assert left in ({"film.mkv"}, {"film.mkv", "out.mp4", "out.jsonl"})


def test_the_chosen_class_is_drawn_in_all_frames(
    window: MainWindow, film: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    window.tabs.choose(2)
    assert not window.presenter.follows
    choose(window, film, tmp_path / "chosen.mp4")
    qtbot.waitUntil(
        lambda: (
            "chosen.mp4" in str(window.banners.text(BannerKey.CONVERT))
            and window.conversions.conversion is None
        )
    )
    assert frames(tmp_path / "chosen.mp4") == 40
