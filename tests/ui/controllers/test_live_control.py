"""The window that a Python program opened for its network."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from camviewer.core.loading import ModelChoice
from camviewer.core.models.spec import WeightsOrigin
from camviewer.ui.controllers.live_control import LiveControl
from camviewer.ui.shell.main_window import MainWindow
from camviewer.ui.system.python_program import PythonProgram
from camviewer.ui.widgets.banner import BannerKey
from tests.ui.fakes import (
    FakeExplainer,
    FakeLoader,
    FakeModel,
    Windows,
    model_info,
    pipeline_of,
    ready,
    settings_in,
)

LIVE = ModelChoice(live=True)
NAMES = ["The network from Python", "ResNet18", "EfficientNet-Lite0"]


def answer(choice: ModelChoice) -> FakeModel:
    if not choice.live:
        return ready(choice.name)
    info = replace(model_info("resnet18", WeightsOrigin.LIVE), name="MyNet", title="MyNet (from Python)")
    return FakeModel(FakeExplainer(info))


class Program:
    """The other end of the window's standard input."""

    def __init__(self) -> None:
        self.reading, self._writing = os.pipe()
        self.tell(begin="/nowhere", key="00", paths=[])

    def tell(self, **what: object) -> None:
        os.write(self._writing, json.dumps(what).encode() + b"\n")

    def end(self) -> None:
        if self._writing >= 0:
            os.close(self._writing)
        self._writing = -1


@pytest.fixture
def program() -> Iterator[Program]:
    there = Program()
    yield there
    there.end()


@pytest.fixture
def open_window(qtbot: QtBot, tmp_path: Path, program: Program) -> Iterator[Callable[[], MainWindow]]:
    def opened() -> MainWindow:
        window = Windows(qtbot)(loader=FakeLoader(answer), choice=LIVE)
        reader = PythonProgram(program.reading)
        LiveControl(reader, pipeline_of(window), window.banners, LIVE, window)
        reader.listen()
        return window

    with settings_in(tmp_path):
        yield opened


def model_menu(window: MainWindow) -> dict[str, bool]:
    window.model_menu.menu.aboutToShow.emit()
    actions = window.model_menu.menu.actions()
    return {action.text(): action.isChecked() for action in actions if action.isCheckable()}


def choose(window: MainWindow, title: str, qtbot: QtBot) -> None:
    model_menu(window)
    (action,) = (action for action in window.model_menu.menu.actions() if action.text() == title)
    with qtbot.waitSignal(pipeline_of(window).model_ready):
        action.trigger()


def test_its_network_is_one_of_the_models(open_window: Callable[[], MainWindow], qtbot: QtBot) -> None:
    window = open_window()
    assert model_menu(window) == dict(zip(NAMES, [True, False, False], strict=True))
    choose(window, "ResNet18", qtbot)
    assert pipeline_of(window).model == model_info("resnet18")
    assert model_menu(window) == dict(zip(NAMES, [False, True, False], strict=True))
    choose(window, "The network from Python", qtbot)
    model = pipeline_of(window).model
    assert model is not None
    assert model.title == "MyNet (from Python)"


def test_a_changed_network_is_loaded_again(
    open_window: Callable[[], MainWindow], qtbot: QtBot, program: Program
) -> None:
    window = open_window()
    pipeline = pipeline_of(window)
    with qtbot.waitSignal(pipeline.model_ready), qtbot.waitSignal(pipeline.explained):
        program.tell(reload=True)
    choose(window, "ResNet18", qtbot)
    loading: list[object] = []
    pipeline.model_loading.connect(loading.append)
    with qtbot.waitSignal(window.closing):
        program.tell(reload=True)
        program.tell(close=True)
    assert loading == [], "another model was chosen: it stays"


def test_a_program_that_ends_is_told_and_the_frame_stays(
    open_window: Callable[[], MainWindow], qtbot: QtBot, program: Program
) -> None:
    window = open_window()
    shown = pipeline_of(window).current
    program.end()
    qtbot.waitUntil(lambda: window.banners.text(BannerKey.DEVICE) is not None)
    text = window.banners.text(BannerKey.DEVICE)
    assert text is not None
    assert "has ended. What is in view stays" in text
    assert pipeline_of(window).current is shown


def test_with_another_model_its_end_is_of_no_interest(
    open_window: Callable[[], MainWindow], qtbot: QtBot, program: Program
) -> None:
    window = open_window()
    choose(window, "ResNet18", qtbot)
    with qtbot.waitSignal(window.closing):
        program.tell(close=True)
        program.end()
    assert window.banners.text(BannerKey.DEVICE) is None
