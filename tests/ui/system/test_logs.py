"""What is written into the log file, by a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from camviewer.ui.system import logs

PROGRAM = """
import logging, sys
from pathlib import Path
from camviewer.ui.system import logs
logs.log_folder = lambda: Path(sys.argv[1])
logs.start("info")
{}
"""


def written(folder: Path, words: str) -> str:
    start = [sys.executable, "-c", PROGRAM.format(words), str(folder)]
    done = subprocess.run(start, timeout=60, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Logging error" not in done.stderr
    return (folder / "camviewer.log").read_text("utf-8")


FAILING = """
def fail():
    raise KeyError("here")
for _ in range(350):
    try:
        fail()
    except KeyError:
        sys.excepthook(*sys.exc_info())
"""


def test_what_happens_at_every_frame_does_not_fill_the_log(tmp_path: Path) -> None:
    log = written(tmp_path, FAILING)
    assert log.count("KeyError: 'here'") == logs.FULLY_LOGGED + 3
    assert [line.rpartition(": ")[2] for line in log.splitlines() if "CRITICAL" in line][-4:] == [
        "an error that nobody caught",
        *(f"an error that nobody caught, {count} times" for count in (100, 200, 300)),
    ]


NAMED = """
name = "caf" + chr(0xDCE9) + ".png"
try:
    raise ValueError(name)
except ValueError:
    logging.getLogger("a").exception("%s failed", name)
"""


def test_a_name_that_is_no_unicode_is_written_with_its_traceback(tmp_path: Path) -> None:
    log = written(tmp_path, NAMED)
    assert "caf\\udce9.png failed" in log
    assert "ValueError: caf\\udce9.png" in log
