"""A second start with files: they open in the window that is there."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtNetwork import QLocalSocket
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from camviewer.commands.parser import parse_window
from camviewer.ui.system import single_instance
from tests.ui.fakes import settings_in

SECOND_START = """
import sys
from pathlib import Path
from camviewer.ui.system.single_instance import hand_over
sys.exit(not hand_over([Path(p) for p in sys.argv[2:]], sys.argv[1]))
"""


@pytest.fixture(autouse=True)
def _own_server(tmp_path: Path) -> Iterator[None]:
    with settings_in(tmp_path):
        yield


@pytest.fixture
def opened() -> list[Path]:
    return []


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


@pytest.fixture
def receiver(window: QWidget, opened: list[Path]) -> Iterator[single_instance.Receiver]:
    receiver = single_instance.Receiver(window, opened.extend)
    assert receiver.listen()
    yield receiver
    receiver.close()


def hand_over(paths: list[Path], qtbot: QtBot) -> bool:
    """As another process does it, while the window's event loop runs."""
    start = [sys.executable, "-c", SECOND_START, single_instance.server_name(), *map(str, paths)]
    with subprocess.Popen(start) as second:
        qtbot.waitUntil(lambda: second.poll() is not None, timeout=20_000)
    return second.returncode == 0


def test_files_arrive_with_any_name(
    receiver: single_instance.Receiver, opened: list[Path], qtbot: QtBot
) -> None:
    paths = [Path("/photos/Löwe 猫.jpg"), Path("/photos/\udcff.png"), Path("/a\nb.jpg")]
    assert hand_over(paths, qtbot)
    assert opened == paths
    assert hand_over([Path("relative.jpg")], qtbot)
    assert opened[-1] == Path("relative.jpg").absolute()


def test_without_a_window_nothing_takes_them() -> None:
    assert not single_instance.hand_over([Path("a.jpg")])


def test_a_second_window_does_not_listen_and_the_next_first_one_does(
    receiver: single_instance.Receiver, window: QWidget
) -> None:
    second = single_instance.Receiver(window, lambda _: None)
    assert not second.listen()
    receiver.close()
    assert second.listen()
    second.close()


@pytest.mark.parametrize("message", [b"\xff\xfe\n", b"{}[\n", b"5\n", b"[[1]]\n", b"[" * 5000 + b"\n"])
def test_other_messages_are_refused(
    receiver: single_instance.Receiver, opened: list[Path], qtbot: QtBot, message: bytes
) -> None:
    socket = QLocalSocket()
    socket.connectToServer(single_instance.server_name())
    assert socket.waitForConnected(1000)
    socket.write(message)
    qtbot.waitUntil(lambda: socket.state() == QLocalSocket.LocalSocketState.UnconnectedState)
    assert opened == []


@pytest.mark.parametrize(
    ("line", "elsewhere"),
    [
        ("a.jpg", True),
        ("", False),
        ("a.jpg --new-window", False),
        ("a.jpg --model resnet18", False),
        ("a.jpg --device cpu", False),
        ("a.jpg --quit-after 3", False),
    ],
)
def test_only_files_alone_open_elsewhere(line: str, elsewhere: bool) -> None:
    assert parse_window(line.split()).fits_any_window is elsewhere
