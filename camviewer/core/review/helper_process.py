"""A process that works for a `pool.Pool`: another camviewer, asked and answering through pipes.

Why not `multiprocessing`: its processes import the main script again, in a bundle they need a start of their
own, and their queues, which they hold both ends of, let them outlive a program that was killed. This one ends
as soon as its standard input does, whatever it is doing.

A message is a pickle. Arrays follow it as they are: they are read to where they stay, without a copy.
"""

from __future__ import annotations

import os
import pickle
import signal
import struct
import subprocess
import sys
import traceback
from collections.abc import (
    Callable,
    Sequence,
)
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Thread
from typing import (
    IO,
    Any,
    TypeVar,
)

import numpy as np

from camviewer.core.own_process import (
    own_argv,
    own_environment,
)

OPTION = "--work-for-pool"
"""The one argument of the command line that makes a process of this kind."""
_PIPE_BYTES = 1 << 20
"""What a pipe holds: the answer for several photos, so that the process needn't wait until it is read."""
_LENGTH = struct.Struct("<Q")

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Lost:
    """What comes instead of a result. reason: for people; details: for the log."""

    reason: str
    details: str = ""


class HelperEndedError(Exception):
    """The process has ended, and no answer comes any more."""


def outcome(function: Callable[[T], R], item: T) -> R | Lost:
    """The function's result for one item; what it raises is a loss of this item alone."""
    try:
        return function(item)
    except Exception as error:  # noqa: BLE001  # it is told, with its traceback
        return Lost(f"{type(error).__name__}: {error}", traceback.format_exc())


class HelperProcess:
    """The process, seen from the program that started it. One thread asks; any thread may kill."""

    def __init__(self, argv: Sequence[str] | None = None) -> None:
        """argv: by default, the program itself. Raises OSError if no process can be started."""
        if argv is None:
            if not sys.executable:
                raise OSError("the program that runs isn't known")
            argv = own_argv(OPTION)
        # Each process has one thread, also in numpy. OpenBLAS would start one a core.
        environment = own_environment(os.environ) | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        # Out of the terminal's group: Ctrl+C is for the program, which then ends its helpers.
        apart: dict[str, Any] = {"process_group": 0}
        if sys.platform == "win32":
            apart = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
        self._process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            **apart,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._questions, self._answers = self._process.stdin, self._process.stdout
        _enlarge(self._answers)
        self.works = False
        """Whether it has answered once."""

    def ask(self, function: Callable[[T], R], items: Sequence[T]) -> None:
        """Ask for the function's result for each item. Raises HelperEndedError.

        The function must be importable by its name, or be a `partial` of such a one.
        """
        try:
            _send(self._questions, (function, list(items)))
        except Exception as error:
            raise HelperEndedError(repr(error)) from error

    def answer(self) -> list[Any]:
        """Wait for the results of the oldest question. Raises HelperEndedError."""
        try:
            results: list[Any] = _receive(self._answers)
        except Exception as error:  # nothing, or what can't be unpickled
            raise HelperEndedError(repr(error)) from error
        self.works = True
        return results

    def kill(self) -> None:
        """End it at once: it only reads. `ask` and `answer` raise from now on."""
        with suppress(OSError):
            self._process.kill()

    def close(self) -> int:
        """Kill it, wait until it is gone, and let go of its pipes; its exit status."""
        self.kill()
        status = self._process.wait()
        for pipe in (self._questions, self._answers):
            with suppress(OSError):  # what is left to be written
                pipe.close()
        return status


def serve() -> int:
    """The whole life of the process, which ends with its standard input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    questions, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # What any library prints must not get between the answers.
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    asked: SimpleQueue[tuple[Callable[[Any], Any], list[Any]]] = SimpleQueue()
    Thread(target=_listen, args=(questions, asked), daemon=True).start()
    while True:
        function, items = asked.get()
        try:
            _send(answers, [outcome(function, item) for item in items])
        except OSError:
            return 1


def _listen(questions: IO[bytes], asked: SimpleQueue[Any]) -> None:
    """Read ahead, so that whoever asks never waits, and end the process when nobody can ask any more."""
    try:
        while True:
            asked.put(_receive(questions))
    finally:
        os._exit(0)


def _send(file: IO[bytes], message: object) -> None:
    """Raises OSError."""
    arrays: list[memoryview] = []
    data = pickle.dumps(message, 5, buffer_callback=lambda buffer: arrays.append(buffer.raw()))
    sizes = [len(data), *(array.nbytes for array in arrays)]
    file.write(_LENGTH.pack(len(sizes)) + b"".join(map(_LENGTH.pack, sizes)) + data)
    for array in arrays:
        file.write(array)
    file.flush()


def _receive(file: IO[bytes]) -> Any:
    """Raises OSError, EOFError, and what unpickling raises. Arrays are read-only."""
    (count,) = _LENGTH.unpack(_read(file, _LENGTH.size))
    sizes = [size for (size,) in _LENGTH.iter_unpack(_read(file, count * _LENGTH.size))]
    data = _read(file, sizes[0])
    block = _read(file, sum(sizes[1:])).toreadonly()
    arrays, start = [], 0
    for size in sizes[1:]:
        arrays.append(block[start : start + size])
        start += size
    return pickle.loads(data, buffers=arrays)


def _read(file: IO[bytes], size: int) -> memoryview:
    """So many bytes. Raises OSError, and EOFError if there are fewer."""
    block = np.empty(size, np.uint8).data  # a bytearray would be filled with zeros first
    if size and file.readinto(block) < size:  # type: ignore[attr-defined]  # buffered: as many as there are
        raise EOFError
    return block


def _enlarge(pipe: IO[bytes]) -> None:
    """Where the system allows it."""
    if sys.platform == "linux":
        import fcntl

        with suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
