"""The window in a process of its own, and the thread here that runs the network for it.

Nothing of the network leaves this process: no weight and no class is pickled. The window sends frames, and
gets numbers. They talk through a socket (on Windows a pipe) that only this user can open, with a random key.
What else the window is told goes through its standard input, one JSON object a line: ``begin`` first, then
``reload`` and ``close``. Its end tells the window that this process has ended.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from types import TracebackType
from typing import Self

from camviewer.core.failures import Failure
from camviewer.core.live.model import LiveModel
from camviewer.core.own_process import (
    has_display,
    own_argv,
    own_environment,
)
from camviewer.core.runtimes.remote_server import RemoteServer

log = logging.getLogger(__name__)
CLOSING_S = 5.0
"""A window that was asked to close, and hasn't within this, is ended."""


class Viewer:
    """The window of a network that lives here.

    The network runs in a thread of this process, one frame after the other, whenever the window asks. While
    its weights change, keep the window waiting: ``with viewer.paused(): optimizer.step()``.
    """

    def __init__(
        self,
        look: Callable[[], LiveModel],
        paths: Sequence[Path] = (),
        options: Sequence[str] = (),
        images: TemporaryDirectory[str] | None = None,
    ) -> None:
        """look: look at the network, as it is now. paths: what the window opens first.

        options: of the command line. images: a folder that is removed when the window has closed.
        Raises as look does, and Failure if there is no display.
        """
        if not has_display(os.environ):
            raise Failure(
                "There is no display for the window.",
                "`camviewer.explain` needs none; over SSH, start with `ssh -X`.",
            )
        self._look, self._images = look, images
        self._server = RemoteServer(look())
        key = secrets.token_bytes()
        self._listener = Listener(backlog=1, authkey=key)
        self._process = subprocess.Popen(
            own_argv("--from-python", *options), stdin=subprocess.PIPE, env=own_environment(os.environ)
        )
        address = self._listener.address
        self._tell(begin=address, key=key.hex(), paths=[str(path.absolute()) for path in paths])
        self._serving = Thread(target=self._serve, name="camviewer-serve", daemon=True)
        self._watching = Thread(target=self._watch, name="camviewer-watch", daemon=True)
        self._serving.start()
        self._watching.start()

    @property
    def is_open(self) -> bool:
        """Whether the window is there."""
        return self._process.returncode is None

    def update(self) -> None:
        """The weights have changed: prove the head again, and have the window explain its frame with them.

        Raises as `camviewer.view` does if the network no longer runs; the window then keeps what it has.
        """
        with self.paused():
            self._server.replace(self._look())
        self._tell(reload=True)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """The network doesn't run for the window meanwhile: its weights may change."""
        with self._server.lock:
            yield

    def wait(self, timeout: float | None = None) -> int:
        """Wait until the window is closed; its exit status, 0 if nothing went wrong.

        timeout: seconds, after which it raises TimeoutError.
        """
        self._watching.join(timeout)
        if self._watching.is_alive():
            raise TimeoutError(f"the window is still open after {timeout} s")
        return int(self._process.returncode)

    def close(self) -> None:
        """Close the window, and wait until it is gone."""
        self._tell(close=True)
        try:
            self.wait(CLOSING_S)
        except TimeoutError:
            self._process.kill()
            self.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def _tell(self, **what: object) -> None:
        assert self._process.stdin is not None
        with suppress(OSError, ValueError):  # the window is gone: the caller sees that it is closed
            self._process.stdin.write(json.dumps(what).encode("ascii") + b"\n")
            self._process.stdin.flush()

    def _serve(self) -> None:
        while self.is_open:
            connection = self._accepted()
            if connection is not None:
                self._server.serve(connection)

    def _accepted(self) -> Connection | None:
        try:
            return self._listener.accept()
        except (AuthenticationError, EOFError, OSError):  # not our window
            return None

    def _watch(self) -> None:
        """Clean up behind the window, however it ended."""
        status = self._process.wait()
        if status:
            log.warning("the window ended with status %s", status)
        # Whoever waits in `accept` sees by this that nobody comes any more.
        with suppress(Exception):
            Client(self._listener.address).close()
        self._serving.join()
        self._listener.close()
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()
        if self._images is not None:
            self._images.cleanup()
