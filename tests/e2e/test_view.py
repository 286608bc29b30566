"""`camviewer.view` as a training script calls it: the real window, in a process of its own."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import camviewer
from camviewer.core.failures import Failure
from camviewer.core.live.viewer import Viewer
from tests.live_fakes import LABELS, SmallNet, install

install()
pytestmark = pytest.mark.slow
START_S = 40.0  # Python, Qt and a busy machine
PIXELS = np.random.default_rng(7).integers(0, 256, (64, 96, 3), dtype=np.uint8)


@pytest.fixture
def network() -> SmallNet:
    torch.manual_seed(3)
    return SmallNet()


def favour(network: SmallNet, class_id: int) -> None:
    """As a step of training does, in place."""
    with torch.no_grad():
        network.fc.bias.zero_()
        network.fc.bias[class_id] = 50


class Stats:
    """What the window writes for `--stats`."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "stats.jsonl"
        self.options = ["--stats", str(self.path)]

    def wait_for(self, viewer: Viewer, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first of the window's lines that is as wanted."""
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            assert viewer.is_open, "the window has ended"
            lines = self.path.read_text("utf-8").splitlines(keepends=True) if self.path.exists() else []
            for line in lines:
                if line.endswith("\n") and wanted(json.loads(line)):
                    found: dict[str, Any] = json.loads(line)
                    return found
            with pytest.raises(TimeoutError):
                viewer.wait(0.2)
        raise AssertionError(f"not seen in {START_S} s; the last line is {lines[-1:]}")


def test_the_window_shows_the_network_and_follows_its_training(network: SmallNet, tmp_path: Path) -> None:
    stats = Stats(tmp_path)
    favour(network, 2)
    network.train()
    with camviewer.view(network, PIXELS, LABELS, size=64, wait=False, options=stats.options) as viewer:
        seen = stats.wait_for(viewer, lambda line: line["painted"] > 0)
        assert (seen["model"], seen["device"], seen["source"]) == ("SmallNet", "cpu", "image 1.png")
        assert seen["top1"]["label"] == "tiger cat"
        with viewer.paused():
            favour(network, 6)
        viewer.update()
        stats.wait_for(viewer, lambda line: line["top1"]["label"] == "owl")
        assert network.training
        images = viewer._images
        assert images is not None
        assert Path(images.name).exists()
    assert not viewer.is_open
    assert viewer.wait() == 0
    assert not Path(images.name).exists()
    viewer.close()  # once more does no harm
    viewer.update()


def test_it_waits_until_the_window_is_closed(network: SmallNet, tmp_path: Path) -> None:
    stats = Stats(tmp_path)
    options = [*stats.options, "--quit-after", "4"]
    viewer = camviewer.view(network, [PIXELS, PIXELS[::-1]], LABELS, size=64, options=options)
    assert not viewer.is_open
    last = json.loads(stats.path.read_text("utf-8").splitlines()[-1])
    assert last["top1"]["label"] in LABELS


def test_a_window_that_fails_is_told(network: SmallNet) -> None:
    with pytest.raises(RuntimeError, match="ended with status 2"):
        camviewer.view(network, PIXELS, LABELS, size=64, options=["--no-such-option"])
    viewer = camviewer.view(network, PIXELS, LABELS, size=64, wait=False)
    viewer._process.kill()
    assert viewer.wait() != 0


def test_there_must_be_a_display(network: SmallNet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("camviewer.core.live.viewer.has_display", lambda _: False)
    with pytest.raises(Failure, match=r"no display for the window\. `camviewer\.explain` needs none"):
        camviewer.view(network, PIXELS, size=64)
