"""Native crashes leave a report that the next start finds, once."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from camviewer.ui.system import crash_reports

CRASH = """
import faulthandler, sys
from pathlib import Path
from camviewer.ui.system import crash_reports
crash_reports.watch(Path(sys.argv[1]))
{}
"""


def run(folder: Path, last_words: str) -> int:
    # A core dump would be of no use to anybody here.
    code = "import resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n" if os.name == "posix" else ""
    start = [sys.executable, "-c", code + CRASH.format(last_words), str(folder)]
    return subprocess.run(start, timeout=60, check=False, capture_output=True).returncode


def test_a_crash_is_found_once(tmp_path: Path) -> None:
    assert run(tmp_path, "import ctypes; ctypes.string_at(0)") != 0
    report = crash_reports.found(tmp_path)
    assert report is not None
    assert "Segmentation fault" in crash_reports.text(report) or "access violation" in crash_reports.text(
        report
    )
    assert "string_at" in crash_reports.text(report)
    assert crash_reports.found(tmp_path) is None
    assert report.exists(), "it can still be shown"


@pytest.mark.parametrize("last_words", ["crash_reports.stop()", "import os; os._exit(9)"])
def test_an_end_without_a_crash_leaves_nothing_to_tell(tmp_path: Path, last_words: str) -> None:
    run(tmp_path, last_words)
    assert crash_reports.found(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_the_file_of_a_program_that_runs_is_left_alone(tmp_path: Path) -> None:
    crash_reports.watch(tmp_path)
    try:
        assert crash_reports.found(tmp_path) is None
        assert len(list(tmp_path.iterdir())) == 1
    finally:
        crash_reports.stop()
    assert list(tmp_path.iterdir()) == []


def test_the_file_of_another_program_that_runs_is_left_alone_though_the_clock_was_set(tmp_path: Path) -> None:
    words = "print('watching', flush=True); sys.stdin.read(); crash_reports.stop()"
    start = [sys.executable, "-c", CRASH.format(words), str(tmp_path)]
    with subprocess.Popen(start, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "watching\n"
        file = tmp_path / f"crash-{other.pid}.txt"
        for hours in (-1, 1):
            then = time.time() + hours * 3600
            os.utime(file, (then, then))
            assert crash_reports.found(tmp_path) is None
            assert file.exists()
    assert other.returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_a_report_is_found_though_another_process_has_the_number_by_now(tmp_path: Path) -> None:
    (tmp_path / f"crash-{os.getppid()}.txt").write_text("Segmentation fault")
    report = crash_reports.found(tmp_path)
    assert report is not None
    assert crash_reports.text(report) == "Segmentation fault"
    (tmp_path / f"crash-{os.getppid()}.txt").touch()
    assert crash_reports.found(tmp_path) is None
    assert list(tmp_path.iterdir()) == [report]


def test_a_folder_that_cannot_be_written_is_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    crash_reports.watch(tmp_path / "file" / "folder")
    crash_reports.stop()
    assert crash_reports.found(tmp_path / "file" / "folder") is None
