"""The program as its users start it, in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

CATS = {281, 282, 283, 284, 285, 287}
"""tabby, tiger cat, Persian, Siamese, Egyptian cat, lynx"""
KEYS = {
    "time",
    "source",
    "model",
    "device",
    "precision",
    "frames_in",
    "explained",
    "painted",
    "dropped",
    "fps",
    "latency_ms",
    "top1",
}


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A home of its own: no settings, no downloaded weights."""
    home = tmp_path / "home"
    home.mkdir()
    folders = ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "TORCH_HOME")
    isolated = dict.fromkeys(("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"), str(home))
    isolated |= {name: str(home / name.lower()) for name in folders}
    return {**os.environ, **isolated, "QT_QPA_PLATFORM": "offscreen"}


def command(samples: Path, stats: Path, *more: str) -> list[str]:
    photo = str(samples / "cat.png")
    start = [sys.executable, "-m", "camviewer", photo, "--model", "efficientnet_lite0"]
    return [*start, "--stats", str(stats), *more]


def run(start: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """The program until it ends by itself."""
    return subprocess.run(start, env=environment, capture_output=True, text=True, timeout=60, check=False)


def records(stats: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stats.read_text("utf-8").splitlines()]


def test_a_photo_is_explained_until_the_time_is_up(
    environment: dict[str, str], samples: Path, tmp_path: Path
) -> None:
    stats = tmp_path / "stats.jsonl"
    done = run(command(samples, stats, "--quit-after", "12"), environment)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    written = records(stats)
    assert written
    for record in written:
        assert set(record) == KEYS
        assert set(record["latency_ms"]) == {"p50", "p95"}
    last = written[-1]
    assert (last["source"], last["model"]) == ("cat.png", "efficientnet_lite0")
    assert last["explained"] >= 1
    assert last["painted"] >= 1
    assert set(last["top1"]) == {"class_id", "label", "probability"}
    assert last["top1"]["class_id"] in CATS
    assert 0 < last["top1"]["probability"] <= 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM")
def test_sigterm_ends_it_at_once(environment: dict[str, str], samples: Path, tmp_path: Path) -> None:
    stats = tmp_path / "stats.jsonl"
    with subprocess.Popen(
        command(samples, stats), env=environment, stderr=subprocess.PIPE, text=True
    ) as program:
        try:
            deadline = time.monotonic() + 60
            while not (stats.exists() and any(r["top1"] for r in _complete(stats))):
                assert program.poll() is None, program.communicate()[1]
                assert time.monotonic() < deadline, "nothing was explained"
                _wait_a_little(program)
            sent = time.monotonic()
            program.send_signal(signal.SIGTERM)
            _, errors = program.communicate(timeout=10)
            assert time.monotonic() - sent < 2
            assert program.returncode == 0, errors
            assert "Traceback" not in errors
        finally:
            program.kill()


def _complete(stats: Path) -> list[dict[str, Any]]:
    """The records of whole lines: the last may be half written."""
    return [json.loads(line) for line in stats.read_text("utf-8").split("\n")[:-1]]


def _wait_a_little(program: subprocess.Popen[str]) -> None:
    """Until the program ends, at most for a moment."""
    try:
        program.wait(0.1)
    except subprocess.TimeoutExpired:
        return


DRIVER = """
import sys
from PySide6.QtCore import QTimer
from camviewer import app
from camviewer.ui.shell import main_window

class Watched(main_window.MainWindow):
    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.shown_first.connect(self.on_shown_first)  # before whatever the program does then

    def on_shown_first(self):
        heavy = sorted({"torch", "torchvision"} & set(sys.modules))
        print("visible" if self.isVisible() else "hidden", heavy)
        QTimer.singleShot(0, self.close)

app.MainWindow = Watched
from camviewer.commands.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there torch must be loaded before Qt")
def test_the_window_is_visible_before_torch_is_imported(environment: dict[str, str], samples: Path) -> None:
    start = [sys.executable, "-c", DRIVER, str(samples / "cat.png"), "--model", "efficientnet_lite0"]
    done = run(start, environment)
    assert done.stdout.split("\n")[0] == "visible []", done.stderr
    assert done.returncode == 0, done.stderr


def test_a_stats_file_that_cannot_be_written_is_told(
    environment: dict[str, str], samples: Path, tmp_path: Path
) -> None:
    done = run(command(samples, tmp_path / "nowhere" / "stats.jsonl", "--quit-after", "1"), environment)
    assert done.returncode == 2
    assert "can't be written" in done.stderr
    assert "Traceback" not in done.stderr


FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")
def test_a_full_disk_ends_the_stats_and_nothing_else(environment: dict[str, str], samples: Path) -> None:
    done = run(command(samples, FULL, "--quit-after", "3"), environment)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("/dev/full can't be written") == 1


FAILING_END = """
import sys
from camviewer.ui.system import single_instance
def fail(receiver):
    raise OSError("made to fail")
single_instance.Receiver.close = fail
from camviewer.commands.cli import main
sys.exit(main(sys.argv[1:]))
"""


def test_a_step_of_the_end_that_fails_does_not_stop_the_others(
    environment: dict[str, str], samples: Path
) -> None:
    start = [sys.executable, "-c", FAILING_END, str(samples / "cat.png"), "--quit-after", "0.0001"]
    done = run(start, environment)
    assert done.returncode == 1
    assert "made to fail" in done.stderr
    logs = [path.parent for path in Path(environment["HOME"]).rglob("camviewer.log")]
    assert len(logs) == 1
    assert list(logs[0].glob("crash-*")) == [], "it was no crash"


def test_it_can_be_closed_before_it_is_shown(environment: dict[str, str], samples: Path) -> None:
    start = [sys.executable, "-m", "camviewer", str(samples / "cat.png"), "--quit-after", "0.0001"]
    done = run(start, environment)
    assert done.returncode == 0, done.stderr
