"""A real ResNet18 on a real video, through the whole pipeline: what is explained is what plays."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from camviewer.core.explanation import Explanation
from camviewer.core.loading import ModelChoice, load_model
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.media.sources.video import VideoSource

pytestmark = pytest.mark.weights
CLASSES = {
    88: "macaw",
    38: "banded gecko",
    642: "marimba",
    429: "baseball",
    105: "koala",
    147: "grey whale",
}
DURATION_S, EACH_S, FRAME_S = 12.0, 2.0, 1 / 30
PATIENCE_MS = 60_000  # torch's import alone takes ten seconds on a busy machine


class Shown:
    def __init__(self, path: Path, weights: Path, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.explanations: list[Explanation] = []
        self.source = VideoSource(path)
        self.pipeline = Pipeline(load_model)
        self.pipeline.explained.connect(self.explanations.append)
        self.pipeline.open(self.source)
        self.pipeline.start(ModelChoice("resnet18", weights, device="cpu"))

    @property
    def positions(self) -> list[float]:
        return [e.frame.position or 0.0 for e in self.explanations]


@pytest.fixture
def shown(assets: Path, qtbot: QtBot) -> Iterator[Shown]:
    shown = Shown(assets / "media/six-classes-720p.mp4", assets / "weights/resnet18-imagenet1k-pq.pth", qtbot)
    yield shown
    shown.pipeline.close()


def class_at(position: float) -> int:
    return list(CLASSES)[int(position / EACH_S)]


def wrong(explanations: list[Explanation]) -> list[tuple[float, str]]:
    """Explanations that name another class than that of their own frame's place.

    The video fades nothing: each class has its two seconds. The first and last frames of them are left
    out, for the codec may mix them.
    """
    found = []
    for explanation in explanations:
        position = explanation.frame.position or 0.0
        into = position % EACH_S
        if 2 * FRAME_S < into < EACH_S - 2 * FRAME_S and explanation.top(1)[0] != class_at(position):
            found.append((position, explanation.label(explanation.top(1)[0])))
    return found


def test_each_class_is_seen_in_its_own_two_seconds(shown: Shown, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: len(shown.explanations) > 0, timeout=PATIENCE_MS)
    # The first frames wait for the model, instead of passing unseen.
    assert shown.positions[0] < 0.5
    qtbot.waitUntil(
        lambda: shown.positions[-1] < shown.positions[0] + 1 < max(shown.positions), timeout=PATIENCE_MS
    )
    assert not wrong(shown.explanations)
    labels = {e.top(1)[0]: e.label(e.top(1)[0]) for e in shown.explanations}
    assert {class_id: labels.get(class_id) for class_id in CLASSES} == CLASSES
    positions = shown.positions
    backwards = [(a, b) for a, b in pairwise(positions) if b < a]
    assert len(backwards) == 1, backwards  # the loop
    assert backwards[0][0] > DURATION_S - 1
    assert backwards[0][1] < 1


def test_after_a_seek_nothing_of_another_place_is_seen(shown: Shown, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: len(shown.explanations) > 2, timeout=PATIENCE_MS)
    numbers = random.Random(3)
    for seconds in (numbers.uniform(0, DURATION_S - 3) for _ in range(5)):
        shown.explanations.clear()
        start = time.monotonic()
        shown.source.seek(seconds)
        qtbot.waitUntil(lambda: len(shown.explanations) >= 3, timeout=PATIENCE_MS)
        elapsed, positions = time.monotonic() - start, shown.positions
        # It plays on in real time, however slow the machine is.
        assert all(seconds - FRAME_S <= p < seconds + elapsed + 0.2 for p in positions), (seconds, positions)
        assert positions == sorted(positions)
        assert not wrong(shown.explanations)


def test_paused_and_stepped_each_frame_is_explained(shown: Shown, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: len(shown.explanations) > 0, timeout=PATIENCE_MS)
    shown.pipeline.set_frozen(True)
    for seconds in (1.0, 3.0, 9.0):
        shown.explanations.clear()
        shown.source.seek(seconds)
        qtbot.waitUntil(lambda: len(shown.explanations) == 1)
        shown.source.step(1)
        qtbot.waitUntil(lambda: len(shown.explanations) == 2)
        assert shown.positions == pytest.approx([seconds, seconds + FRAME_S], abs=FRAME_S / 2)
        assert not wrong(shown.explanations)
