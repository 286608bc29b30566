"""What is presented of a frame, and how often."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from camviewer.core.loading import ModelChoice
from camviewer.media.drawing.view_state import ViewState
from camviewer.ui.shell.main_window import MainWindow
from tests.ui.fakes import (
    SCORES,
    FakeCamera,
    FakeExplainer,
    FakeModel,
    Windows,
    model_info,
    pipeline_of,
    settings_in,
)


class Live:
    """A window with a camera, and what it presented."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.explainer = FakeExplainer(model_info("resnet18"))
        self.window: MainWindow = Windows(qtbot)(None, loader=self.load)
        self.camera = FakeCamera()
        self.states: list[ViewState] = []
        self.window.presenter.presented.connect(self._on_presented)
        pipeline_of(self.window).open(self.camera)

    def load(self, choice: ModelChoice) -> FakeModel:
        return FakeModel(self.explainer)

    def _on_presented(self, state: ViewState) -> None:
        self.states.append(state)

    def bring(self, *scores: float) -> list[ViewState]:
        """A frame with these scores; what is presented of it."""
        self.states.clear()
        self.explainer.scores = scores
        self.camera.bring()
        self.qtbot.waitUntil(lambda: bool(self.states))
        return self.states


@pytest.fixture
def live(qtbot: QtBot, tmp_path: Path) -> Iterator[Live]:
    with settings_in(tmp_path):
        yield Live(qtbot)


def test_a_frame_with_another_top_class_is_presented_once(live: Live) -> None:
    """The tabs tell of the class, and the frame comes: one view state has both."""
    assert [state.target.class_id for state in live.bring(*SCORES)] == [0]
    assert [state.target.class_id for state in live.bring(*reversed(SCORES))] == [7]
    assert live.window.view.state is live.states[0]


def test_a_class_that_the_user_chooses_is_presented_at_once(live: Live) -> None:
    live.bring(*SCORES)
    live.states.clear()
    live.window.tabs.choose(2)
    assert [state.target.class_id for state in live.states] == [2]
    assert [state.target.class_id for state in live.bring(*reversed(SCORES))] == [2]
