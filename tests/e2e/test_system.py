"""Hostile surroundings: no home, no fonts, a process put to sleep, an end at the worst moment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals, and home, are others on Windows")

CLOSE_WHILE_IMPORTING = """
import sys, time
from PySide6.QtCore import QTimer
import importlib.abc

class Slow(importlib.abc.MetaPathFinder):
    '''It takes long to import, as on a slow disk.'''
    def find_spec(self, name, path=None, target=None):
        if name == "onnxruntime":
            print("importing", flush=True)
            time.sleep(30)

sys.meta_path.insert(0, Slow())
from camviewer.commands.cli import main
sys.exit(main(sys.argv[1:]))
"""


def environment(home: Path, **more: str) -> dict[str, str]:
    folders = ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "TORCH_HOME")
    isolated = {name: str(home / name.lower()) for name in folders}
    return {**os.environ, "HOME": str(home), **isolated, "QT_QPA_PLATFORM": "offscreen", **more}


def arguments(samples: Path, *more: str) -> list[str]:
    return [str(samples / "cat.png"), "--model", "efficientnet_lite0", *more]


def test_closing_while_the_runtime_is_imported_takes_no_two_seconds(samples: Path, tmp_path: Path) -> None:
    start = [sys.executable, "-c", CLOSE_WHILE_IMPORTING, *arguments(samples)]
    with subprocess.Popen(
        start, env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        try:
            assert program.stdout is not None
            assert program.stdout.readline() == "importing\n"
            sent = time.monotonic()
            program.send_signal(signal.SIGTERM)
            _, errors = program.communicate(timeout=20)
            assert time.monotonic() - sent < 2
            assert program.returncode == 0, errors
            assert "QThread" not in errors
            assert "Traceback" not in errors
        finally:
            program.kill()
    assert (tmp_path / "xdg_config_home" / "camviewer" / "camviewer.ini").stat().st_size > 0
    assert list((tmp_path / "xdg_state_home").rglob("crash*")) == []


@pytest.mark.parametrize("trouble", ["no home", "no fonts"])
def test_it_runs_without(trouble: str, samples: Path, tmp_path: Path) -> None:
    surroundings = environment(tmp_path)
    if trouble == "no home":
        (tmp_path / "file").touch()
        surroundings = environment(tmp_path / "file" / "home")  # nobody, not even root, can make that folder
        surroundings["XDG_RUNTIME_DIR"] = str(tmp_path / "file" / "run")
    else:
        config = tmp_path / "fonts.conf"
        config.write_text("<?xml version='1.0'?><fontconfig></fontconfig>")
        surroundings["FONTCONFIG_FILE"] = str(config)
    stats = tmp_path / "stats.jsonl"
    start = [sys.executable, "-m", "camviewer", *arguments(samples, "--stats", str(stats))]
    with subprocess.Popen(start, env=surroundings, stderr=subprocess.PIPE, text=True) as program:
        try:
            _wait_for(program, lambda: any(record["top1"] for record in _records(stats)))
            program.send_signal(signal.SIGTERM)
            _, errors = program.communicate(timeout=10)
            assert program.returncode == 0, errors
        finally:
            program.kill()
    assert "Traceback" not in errors
    assert ("Install one" in errors) == (trouble == "no fonts")


def test_a_process_that_was_put_to_sleep_goes_on(samples: Path, tmp_path: Path) -> None:
    stats = tmp_path / "stats.jsonl"
    start = [sys.executable, "-m", "camviewer", *arguments(samples, "--stats", str(stats))]
    with subprocess.Popen(start, env=environment(tmp_path), stderr=subprocess.PIPE, text=True) as program:
        try:
            _wait_for(program, lambda: len(_records(stats)) >= 2)
            program.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, program.pid, os.WSTOPPED)
            count = len(_records(stats))
            program.send_signal(signal.SIGCONT)
            _wait_for(program, lambda: len(_records(stats)) >= count + 2)
            program.send_signal(signal.SIGTERM)
            _, errors = program.communicate(timeout=10)
            assert program.returncode == 0, errors
            assert "Traceback" not in errors
        finally:
            program.kill()


def _records(stats: Path) -> list[dict[str, Any]]:
    """Those of whole lines: the last may be half written."""
    return [json.loads(line) for line in stats.read_text("utf-8").split("\n")[:-1]] if stats.exists() else []


def _wait_for(program: subprocess.Popen[str], condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert program.poll() is None
        assert time.monotonic() < deadline
        try:
            program.wait(0.1)
        except subprocess.TimeoutExpired:
            continue


def test_nothing_goes_by_the_clock_that_people_set() -> None:
    """Durations and ages are of the monotonic clock; the other may jump. `stats` notes the time of day."""
    package = Path(__file__).parents[2] / "camviewer"
    users = [p.name for p in package.rglob("*.py") if "time.time(" in p.read_text("utf-8")]
    assert users == ["stats.py"]


def test_without_a_display_the_window_says_so(samples: Path, tmp_path: Path) -> None:
    surroundings = environment(tmp_path)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        surroundings.pop(name, None)
    start = [sys.executable, "-m", "camviewer", *arguments(samples)]
    done = subprocess.run(start, env=surroundings, capture_output=True, text=True, timeout=60, check=False)
    if sys.platform == "linux":
        assert done.returncode == 1
        assert "there is no display for the window" in done.stderr
        assert "camviewer explain" in done.stderr
