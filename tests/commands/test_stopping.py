"""Commands that are told to end: by the system, a closed terminal, or Ctrl+C."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEventLoop, QTimer

from camviewer.commands import cli, stopping
from camviewer.commands.console import INTERRUPTED
from camviewer.core.storage.files import atomic_write

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
SIGNALS = [signal.SIGTERM, signal.SIGHUP, signal.SIGINT] if sys.platform != "win32" else []


@pytest.fixture(autouse=True)
def _usual_handlers() -> Iterator[None]:
    """Whoever runs the tests in the background may have others."""
    usual = dict.fromkeys(SIGNALS, signal.SIG_DFL) | {signal.SIGINT: signal.default_int_handler}
    before = {number: signal.signal(number, handler) for number, handler in usual.items()}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_command_that_is_told_to_end_leaves_no_half_file(
    number: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = signal.getsignal(number)

    def write(_arguments: list[str]) -> int:
        with atomic_write(tmp_path / "result") as file:
            file.write(b"half")
            os.kill(os.getpid(), number)
        return 0

    monkeypatch.setattr(cli, "_explain", write)
    assert cli.main(["explain"]) == INTERRUPTED
    assert list(tmp_path.iterdir()) == []
    assert signal.getsignal(number) == before


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.usefixtures("qapp")
def test_an_event_loop_is_left_by_them(number: signal.Signals) -> None:
    loop, asked = QEventLoop(), []

    def stop() -> None:
        asked.append(number)
        loop.quit()

    with stopping.as_interrupts(), stopping.calling(stop):
        QTimer.singleShot(0, lambda: os.kill(os.getpid(), number))
        QTimer.singleShot(5000, loop.quit)  # not for ever, where it isn't heard
        awake = QTimer(interval=5)
        awake.start()
        loop.exec()
    assert asked == [number]


def test_a_handler_that_somebody_has_set_stays() -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGHUP, lambda number, _: heard.append(number))
    try:
        with stopping.as_interrupts(), stopping.calling(lambda: pytest.fail("it was nohup's")):
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)
    assert heard == [signal.SIGHUP]
