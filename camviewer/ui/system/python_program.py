"""What the Python program that opened this window says on its standard input: see `core.live.viewer`."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from PySide6.QtCore import QObject, Signal

log = logging.getLogger(__name__)
_MAX_LINE = 16_000_000


@dataclass(frozen=True, slots=True)
class Beginning:
    """The first line. address, key: where the network is served; paths: what to open first."""

    address: str
    key: bytes
    paths: tuple[Path, ...]


class PythonProgram(QObject):
    """Reads what the program says, in a thread that ends with the program or this process."""

    reload_asked = Signal()
    """The network has changed."""
    close_asked = Signal()
    ended = Signal()
    """Nothing more comes: the program has ended."""

    def __init__(self, file: int = 0, parent: QObject | None = None) -> None:
        """file: a descriptor. Raises ValueError if its first line is none of `core.live.viewer`'s."""
        super().__init__(parent)
        # os.read, not sys.stdin: a thread that waits there holds a lock that Python wants as it ends.
        self._lines = _lines(file)
        try:
            first = _object(next(self._lines, b""))
            paths = tuple(Path(str(path)) for path in list(first["paths"]))  # type: ignore[call-overload]
            self.beginning = Beginning(str(first["begin"]), bytes.fromhex(str(first["key"])), paths)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError("the first line doesn't say where the network is") from error
        self._thread = Thread(target=self._listen, name="python-program", daemon=True)

    def listen(self) -> None:
        """From now on the signals are emitted."""
        self._thread.start()

    def _listen(self) -> None:
        for line in self._lines:
            try:
                told = _object(line)
            except ValueError:
                log.warning("the Python program said what can't be understood")
                continue
            if "reload" in told:
                self.reload_asked.emit()
            if "close" in told:
                self.close_asked.emit()
        self.ended.emit()


def _lines(file: int) -> Iterator[bytes]:
    rest = b""
    while len(rest) < _MAX_LINE:
        try:
            more = os.read(file, 1 << 16)
        except OSError:  # there is no standard input
            return
        if not more:
            return
        *lines, rest = (rest + more).split(b"\n")
        yield from lines


def _object(line: bytes) -> dict[str, object]:
    told = json.loads(line)
    if not isinstance(told, dict):
        raise ValueError("it is no object")
    return told
