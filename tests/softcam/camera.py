"""A software webcam that programs started by a test see: plugged in, unplugged, stalled or busy."""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np

from camviewer.core.arrays import ByteArray

HERE = Path(__file__).resolve().parent
NAME = "Software Webcam"
WIDTH, HEIGHT, FPS = 640, 360, 30


def why_not() -> str:
    """Why there can't be a software webcam here; empty if there can."""
    if sys.platform != "linux":
        return "the software webcam needs Linux"
    if os.geteuid() != 0:
        return "the software webcam needs root, to make a device node"
    if shutil.which("gcc") is None:
        return "the software webcam needs gcc"
    return ""


def yuyv(rgb: ByteArray) -> bytes:
    """uint8 [HEIGHT, WIDTH, 3] as YUYV 4:2:2 (BT.601, limited range)."""
    pixels = rgb.astype(np.float32)
    y = 16 + pixels @ np.array([65.481, 128.553, 24.966], np.float32) / 255
    u = 128 + pixels @ np.array([-37.797, -74.203, 112.0], np.float32) / 255
    v = 128 + pixels @ np.array([112.0, -93.786, -18.214], np.float32) / 255
    out = np.empty((HEIGHT, WIDTH, 2), np.uint8)
    out[..., 0] = y.round()
    out[:, 0::2, 1] = u[:, 0::2].round()
    out[:, 1::2, 1] = v[:, 0::2].round()
    return out.tobytes()


class SoftCamera:
    """Plugged in from `plug` to `unplug`. Raises OSError if no device node can be made."""

    def __init__(self, folder: Path) -> None:
        self._control = folder / "control"
        self._library, self._raw = folder / "softcam.so", folder / "frames.yuyv"
        source = HERE / "softcam.c"
        subprocess.run(
            ["gcc", "-shared", "-fPIC", "-O2", "-o", self._library, source, "-ldl"], check=True, timeout=60
        )
        # A second of frames, each brighter than the one before: a still picture would show.
        shades = [np.full((HEIGHT, WIDTH, 3), 20 + 7 * i, np.uint8) for i in range(FPS)]
        self._raw.write_bytes(b"".join(yuyv(shade) for shade in shades))
        self.device = self._free_node()

    def _free_node(self) -> Path:
        for number in range(64):
            self.device = Path(f"/dev/video{number}")
            try:
                self.plug()
            except FileExistsError:  # a real camera, or that of another test run
                continue
            return self.device
        raise FileExistsError("/dev/video0 to /dev/video63 are all taken")

    def plug(self) -> None:
        self.set("")
        number = int(self.device.name.removeprefix("video"))
        os.mknod(self.device, stat.S_IFCHR | 0o666, os.makedev(81, number))

    def unplug(self) -> None:
        self.set("U")
        self.device.unlink(missing_ok=True)

    def set(self, state: str) -> None:
        """``S``: stalled. ``B``: busy. Empty: works."""
        # At once: half a write would be read as "works".
        new = self._control.with_suffix(".new")
        new.write_text(state)
        new.replace(self._control)

    def environment(self) -> dict[str, str]:
        """For programs that are to see it: the library must be there when they start."""
        return dict(
            os.environ,
            LD_PRELOAD=str(self._library),
            SOFTCAM_DEVICE=str(self.device),
            SOFTCAM_RAW=str(self._raw),
            SOFTCAM_NAME=NAME,
            SOFTCAM_CTL=str(self._control),
            QT_QPA_PLATFORM="offscreen",
        )


class Driven:
    """`driver.py` running, and the events that it tells, each with the time at which it happened."""

    def __init__(self, camera: SoftCamera) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "driver.py"), NAME],
            env=camera.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.events: list[dict[str, Any]] = []
        self._new: queue.Queue[dict[str, Any]] = queue.Queue()
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self._errors: list[str] = []
        self._readers = [
            threading.Thread(target=self._read, args=(self.process.stdout,)),
            threading.Thread(target=self._errors.extend, args=(self.process.stderr,)),
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, out: IO[str]) -> None:
        for line in out:
            self._new.put(json.loads(line))

    def wait_for(
        self, event: str, seconds: float, where: Callable[[dict[str, Any]], bool] = lambda _: True
    ) -> dict[str, Any]:
        """The next event of this name; those before it are passed over."""
        deadline = time.monotonic() + seconds
        seen: list[str] = []
        while True:
            try:
                found = self._new.get(timeout=max(deadline - time.monotonic(), 0))
            except queue.Empty:
                errors = "".join(self._errors[-20:])
                raise AssertionError(f"no {event} within {seconds} s, but {seen[-9:]}\n{errors}") from None
            self.events.append(found)
            seen.append(found["event"])
            if found["event"] == event and where(found):
                return found

    def close(self) -> int:
        """Ask it to end; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(10)
        finally:
            self.process.kill()
            for reader in self._readers:
                reader.join(5)
            for stream in (self.process.stdout, self.process.stderr):
                assert stream is not None
                stream.close()
            print("".join(self._errors[-40:]))  # pytest shows it if the test fails
