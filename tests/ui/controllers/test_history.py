"""Going back in a camera's last seconds, in the window."""

from __future__ import annotations

import gc
import json
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from camviewer.core.arrays import read_only
from camviewer.core.explanation import Delivery, Explanation, Origin
from camviewer.core.frames import Fit, Frame
from camviewer.core.kept import KeptExplanation
from camviewer.core.loading import ModelChoice
from camviewer.ui.picture.edit_tools import Tool
from camviewer.ui.shell.main_window import MainWindow
from camviewer.ui.widgets.banner import BannerKey
from tests.media.videos import look_at, needs_openh264
from tests.ui.fakes import (
    FakeCamera,
    FakeExplainer,
    FakeModel,
    FakeVideo,
    Windows,
    crafted,
    current,
    model_info,
    pipeline_of,
    press,
    settings_in,
)


class Numbered(FakeExplainer):
    """The first logit is the frame's index, so that each frame has numbers of its own."""

    def explain(self, frame: Frame, request: object, load: float = 0.0) -> Explanation:
        scores = (float(frame.index), *self.scores[1:])
        return crafted(frame, request, scores=scores, labels=self.labels, info=self.info)  # type: ignore[arg-type]


def frame_of(index: int, time: float | None = None) -> Frame:
    image = read_only(np.full((48, 64, 3), 10 * index % 256, np.uint8))
    return Frame(image, index, 100.0 + 0.1 * index if time is None else time, "Fake camera")


class Live:
    """A window with a camera that brings numbered frames."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self.window, self.pipeline, self._qtbot = window, pipeline_of(window), qtbot
        self.history, self.camera = window.history, FakeCamera()
        self.pipeline.open(self.camera)

    def bring(self, *indices: int) -> None:
        """One frame after the other, each kept before the next one comes."""
        for index in indices:
            with self._qtbot.waitSignal(self.pipeline.arrived):
                self.camera.bring(frame_of(index))
            self.wait(partial(self._is_kept, index))

    def _is_kept(self, index: int) -> bool:
        return bool(self.kept) and self.kept[-1].explained.frame.index == index

    def wait(self, condition: Callable[[], bool]) -> None:
        self._qtbot.waitUntil(condition)

    @property
    def kept(self) -> tuple[KeptExplanation, ...]:
        return self.history.keeper.history.items()

    @property
    def index(self) -> int:
        return current(self.window).frame.index

    @property
    def stands(self) -> tuple[bool, bool, bool]:
        """Frozen; an earlier moment is in view; what the button says."""
        checked = self.window.actions_by_name["freeze"].isChecked()
        return self.pipeline.frozen, self.pipeline.in_view.looks_back, checked

    def comes_to(self, index: int) -> None:
        self.wait(lambda: self.index == index)


@pytest.fixture
def live(qtbot: QtBot, tmp_path: Path) -> Iterator[Live]:
    def load(choice: ModelChoice) -> FakeModel:
        return FakeModel(Numbered(model_info(choice.name)))

    with settings_in(tmp_path):
        window = Windows(qtbot)(None, loader=load)
        window._settings.set("save/folder", str(tmp_path / "saved"))
        yield Live(window, qtbot)


def test_the_arrows_go_back_while_the_camera_goes_on(live: Live) -> None:
    live.bring(1, 2, 3, 4, 5)
    live.window.view.setFocus()
    live.wait(live.window.actions_by_name["previous"].isEnabled)
    press(live.window.view, Qt.Key.Key_Left)
    live.comes_to(4)
    press(live.window.view, Qt.Key.Key_Left)
    live.comes_to(3)
    # Its own numbers, and its own picture.
    explanation = current(live.window)
    assert explanation.logits[0] == 3.0
    assert abs(int(explanation.frame.image.mean()) - 30) <= 1
    assert live.window.presenter.state is not None
    assert live.window.presenter.state.explanation is explanation
    live.bring(6, 7)
    assert live.index == 3
    press(live.window.view, Qt.Key.Key_Right)
    live.comes_to(4)
    press(live.window.view, Qt.Key.Key_Escape)
    assert not live.pipeline.in_view.looks_back
    assert live.index == 7
    live.bring(8)
    assert live.index == 8


def test_escape_leaves_a_tool_before_it_leaves_the_moment(live: Live) -> None:
    live.bring(1, 2)
    live.history.step(-1)
    live.comes_to(1)
    live.window.edits.choose(Tool.BRUSH)
    press(live.window.view, Qt.Key.Key_Escape)
    assert live.window.centre.edit_layer.tool is None
    assert live.index == 1
    press(live.window.view, Qt.Key.Key_Escape)
    assert live.index == 2


def test_what_is_asked_for_and_forgotten_lets_old_frames_go(live: Live) -> None:
    """While the user looks back nothing goes by its age; it must not stay so."""
    live.bring(1, 2)
    live.history.step(-1)
    live.history.forget()
    live.camera.bring(frame_of(3, 200.0))
    live.wait(partial(live._is_kept, 3))
    live.camera.bring(frame_of(4, 300.0))
    live.wait(partial(live._is_kept, 4))
    assert len(live.kept) == 1


def test_after_the_last_kept_one_comes_live(live: Live) -> None:
    live.bring(1, 2)
    live.history.step(-1)
    live.comes_to(1)
    live.history.step(1)
    live.comes_to(2)
    live.history.step(1)
    assert not live.pipeline.in_view.looks_back
    live.history.step(1)
    assert live.index == 2


def test_frozen_after_it_happened_then_back(live: Live) -> None:
    live.bring(1, 2, 3)
    freeze = live.window.actions_by_name["freeze"]
    freeze.trigger()
    assert live.stands == (True, False, True)
    live.history.step(-1)
    live.comes_to(2)
    assert live.stands == (True, True, True)
    freeze.trigger()  # let it go on
    assert live.stands == (False, False, False)
    live.bring(4)
    assert live.index == 4


def test_the_bar_shows_where_the_frame_is_and_goes_there(live: Live) -> None:
    bar = live.window.centre.history_bar
    live.bring(1, 2, 3, 4, 5)
    assert bar.isVisible()
    live.history.refresh()
    assert bar.text == "0.4 s · 0 MB"
    assert bar.slider.value() == bar.slider.maximum() == 400
    bar.slider.setSliderPosition(110)
    bar.slider.sliderMoved.emit(110)
    live.comes_to(2)
    live.history.refresh()
    assert bar.text == "−0.30 s"
    assert bar.slider.value() == 100
    live.pipeline.open(FakeVideo())
    assert bar.isHidden()


def test_looking_back_longer_than_is_kept_loses_nothing(live: Live) -> None:
    live.history.limit(1.0, 200)
    live.bring(1, 2, 3)
    live.history.step(-1)
    live.comes_to(2)
    for index in (20, 30):
        with live._qtbot.waitSignal(live.pipeline.arrived):
            live.camera.bring(frame_of(index))
        live.wait(partial(live._is_kept, index))
    assert [k.explained.frame.index for k in live.kept] == [1, 2, 3, 20, 30]
    live.history.back_to_live()
    assert [k.explained.frame.index for k in live.kept] == [20, 30]


def test_explained_again_as_it_is_asked_for_now(live: Live, qtbot: QtBot) -> None:
    live.bring(1, 2, 3)
    live.history.step(-2)
    live.comes_to(1)
    first = current(live.window)
    live.window.actions_by_name["explain_again"].trigger()
    qtbot.waitUntil(lambda: live.pipeline.origin.again)
    again = current(live.window)
    assert again is not first
    assert (again.frame.index, again.frame.still) == (1, True)
    live.pipeline.set_request(replace(live.pipeline.request, fit=Fit.SQUASH))
    qtbot.waitUntil(lambda: current(live.window).request.fit is Fit.SQUASH)
    assert live.index == 1
    live.history.step(1)
    live.comes_to(2)
    assert not live.pipeline.origin.again


def test_what_is_explained_again_is_the_frame_without_its_edit(live: Live, qtbot: QtBot) -> None:
    live.bring(1, 2)
    live.history.step(-1)
    live.comes_to(1)
    plain = current(live.window)
    covered = replace(plain.frame, image=read_only(np.zeros_like(plain.frame.image)))
    edited = replace(plain, frame=covered, unedited=plain.frame)
    live.pipeline.in_view.show_earlier(Delivery(edited, Origin(from_history=True)))
    live.window.actions_by_name["explain_again"].trigger()
    qtbot.waitUntil(lambda: live.pipeline.origin.again)
    assert np.array_equal(current(live.window).frame.image, plain.frame.image)


def test_moments_of_another_model_keep_their_own_classes(live: Live, qtbot: QtBot) -> None:
    live.bring(1, 2)
    bar, name = live.window.centre.history_bar, current(live.window).model.title
    with qtbot.waitSignal(live.pipeline.model_ready):
        live.pipeline.choose_model(ModelChoice("efficientnet_lite0"))
    live.bring(3)
    live.history.step(-1)
    live.comes_to(2)
    assert current(live.window).model.title == name
    live.history.refresh()
    assert bar.text.endswith(f"by {name}")
    live.history.again.explain_again()
    qtbot.waitUntil(lambda: current(live.window).model.name == "efficientnet_lite0")
    assert live.index == 2


@pytest.mark.parametrize("how", ["forget", "no more", "another source", "close"])
def test_nothing_is_kept_after(how: str, live: Live) -> None:
    ends: dict[str, Callable[[], object]] = {
        "forget": live.history.forget,
        "no more": lambda: live.history.limit(0.0, 200),
        "another source": lambda: live.pipeline.open(FakeVideo()),
        "close": lambda: live.window.close(),  # noqa: PLW0108
    }
    live.bring(1, 2, 3)
    live.history.step(-1)
    live.comes_to(2)
    gone = [weakref.ref(kept.maps.planes) for kept in live.kept]
    assert len(gone) == 3
    ends[how]()
    gc.collect()
    assert [ref() for ref in gone] == [None] * 3
    assert live.history.keeper.history.span() is None
    if how != "close":
        assert not live.window.actions_by_name["save_history"].isEnabled()
    if how in ("forget", "no more"):
        assert live.index == 3


def test_the_last_seconds_become_a_movie_and_lines(live: Live, qtbot: QtBot, tmp_path: Path) -> None:
    needs_openh264()
    live.bring(1, 2, 3, 4)
    live.history.saving.save()
    banners = live.window.banners
    qtbot.waitUntil(lambda: (banners.text(BannerKey.HISTORY) or "").startswith("Saved"))
    movie, lines = (next((tmp_path / "saved").glob(f"*.{suffix}")) for suffix in ("mp4", "jsonl"))
    assert movie.stem == lines.stem
    records = [json.loads(line) for line in lines.read_text("ascii").splitlines()]
    assert [record["index"] for record in records] == [1, 2, 3, 4]
    assert [record["time"] for record in records] == [0.0, 0.1, 0.2, 0.3]
    for record in records[2:]:
        assert {"class_id": 0, "logit": float(record["index"])}.items() <= record["predictions"][0].items()
    assert look_at(movie).times == pytest.approx([0.0, 0.1, 0.2, 0.3], abs=1e-3)
