"""Closing that hangs, and what the desktop asks to open."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

HANGS = """
import sys, time
from PySide6.QtCore import QTimer
from camviewer.media.sources.photos import PhotoSource
from camviewer.ui.shell import main_window

def stop(self):  # as of a share or a driver that doesn't answer
    print("hangs", time.monotonic(), flush=True)
    time.sleep(60)

PhotoSource.stop = stop
show = main_window.MainWindow.show
main_window.MainWindow.show = lambda self: (show(self), QTimer.singleShot(3000, self.close))
from camviewer.commands.cli import main
sys.exit(main(sys.argv[1:]))
"""
OPENS = """
import json
from PySide6.QtCore import QUrl
from PySide6.QtGui import QFileOpenEvent
from camviewer.app import make_application
app = make_application()
app.sendEvent(app, QFileOpenEvent("/photos/early.png"))
opened = []
app.open_paths = opened.extend
app.sendEvent(app, QFileOpenEvent(QUrl.fromLocalFile("/photos/a later one.png")))
print(json.dumps([[str(p) for p in paths] for paths in (app.early, opened)]))
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}


def test_the_process_ends_though_closing_hangs(environment: dict[str, str], samples: Path) -> None:
    command = [sys.executable, "-c", HANGS, str(samples / "cat.png"), "--model", "efficientnet_lite0"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=50, check=False)
    took = time.monotonic() - float(done.stdout.split()[-1])
    assert done.returncode == 0, done.stderr
    assert took < 2


@pytest.mark.skipif(sys.platform == "win32", reason="paths are written otherwise")
def test_what_the_desktop_asks_to_open_is_opened_also_before_there_is_a_window(
    environment: dict[str, str],
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", OPENS], env=environment, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == [["/photos/early.png"], ["/photos/a later one.png"]]
