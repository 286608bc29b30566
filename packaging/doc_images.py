"""The pictures of README and of the guide: small, and left as they were where nothing changed.

screenshots.py --docs makes them anew. The moving picture is the window before a camera that pans over the
sample photos, whose frames come one at a time, each once the one before is in view.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image, ImageChops, ImageSequence

from camviewer.core.arrays import ByteArray, read_only
from camviewer.core.frames import Frame
from camviewer.core.resources import resource_path
from camviewer.core.storage.images import read_image
from camviewer.media.pipeline.inlet import Inlet
from camviewer.media.sources.source import Source

ROOT = Path(__file__).resolve().parent.parent
README_IMAGES = ROOT / "docs" / "images"
GUIDE_IMAGES = ROOT / "resources" / "guide" / "images"
MOST_BYTES, MOST_BYTES_MOVING = 150_000, 1_000_000
GUIDE_WIDTH, MOVING_WIDTH = 1000, 640
PANNED = ("cat.png", "coffee.png", "rocket.jpg")
STOPS = 15
"""Frames from one photo to the next."""
FRAME_MS = 130
HEIGHT = 480
MOVING_QUALITY = 55
SEEN_LEVELS = 24
"""So many levels of 255 may a pixel differ before a picture counts as changed."""
STATUS_SHARE = 0.05
"""Of a picture's height: the status line with its milliseconds, which differ every time."""


class PanSource(Source):
    """A camera that pans over a row of photos and, at the end, comes to the first again."""

    live = True

    def __init__(self) -> None:
        super().__init__()
        self.frames = pan([read_image(resource_path(f"samples/{name}")) for name in PANNED])
        self._inlet: Inlet | None = None

    @property
    def title(self) -> str:
        return "camera"

    @property
    def running(self) -> bool:
        return True

    def start(self, inlet: Inlet) -> None:
        self._inlet = inlet
        self.show(0)

    def stop(self) -> None:
        self._inlet = None

    def show(self, index: int) -> None:
        """Send this frame, as taken at its own time."""
        frame = Frame(self.frames[index], index, index * FRAME_MS / 1000, self.title)
        if self._inlet is not None:
            self._inlet.put(lambda: frame)


def pan(photos: Sequence[ByteArray]) -> list[ByteArray]:
    """RGB frames of 4:3: from the middle of one photo to that of the next, slow there and quick between."""
    width = HEIGHT * 4 // 3
    tiles = [scaled_to_height(photo) for photo in photos]
    tiles.append(tiles[0])
    row = np.concatenate(tiles, axis=1)
    ends = np.cumsum([0, *(tile.shape[1] for tile in tiles)])
    middles = [int(end) + tile.shape[1] // 2 for end, tile in zip(ends, tiles, strict=False)]
    frames = []
    for here, there in pairwise(middles):
        for step in range(STOPS):
            share = (1 - math.cos(math.pi * step / STOPS)) / 2
            left = round(here + (there - here) * share) - width // 2
            frames.append(read_only(np.ascontiguousarray(row[:, left : left + width])))
    return frames


def scaled_to_height(photo: ByteArray) -> ByteArray:
    """Of `HEIGHT` rows."""
    height, width = photo.shape[:2]
    image = Image.fromarray(photo).resize((round(width * HEIGHT / height), HEIGHT), Image.Resampling.LANCZOS)
    return np.asarray(image)


def make_all() -> list[Path]:
    """Take all pictures, each kind in a process of its own, and write those that changed; their files."""
    with tempfile.TemporaryDirectory(prefix="camviewer-docs-") as name:
        taken = Path(name)
        kinds = {
            "en": ["--language=en"],
            "ko": ["--language=ko"],
            "dark": ["--appearance=dark", "--scenes=window"],
            "live": ["--scenes=live"],
        }
        script = str(Path(__file__).resolve().parent / "screenshots.py")
        own = ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
        environment = {key: value for key, value in os.environ.items() if key not in own}
        running = []
        for kind, arguments in kinds.items():
            home = taken / f"home-{kind}"
            home.mkdir()
            # Nothing of the user's, and no display whose fonts or scale differ from another's.
            environment |= {"HOME": str(home), "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": "1"}
            environment["PYTHONPATH"] = str(ROOT)  # the window of this checkout
            command = [sys.executable, script, str(taken / kind), *arguments]
            running.append(subprocess.Popen(command, env=environment))
        ends = [process.wait() for process in running]
        if any(ends):
            raise SystemExit("Not all pictures were taken; those in the project are as before.")
        return write_all(taken)


def write_all(taken: Path) -> list[Path]:
    """From folders ``en``, ``ko``, ``dark`` and ``live`` with what was taken: the files of the project."""
    written = []
    for look, kind in (("light", "en"), ("dark", "dark")):
        written.append(README_IMAGES / f"window-{look}.webp")
        write_small(taken / kind / "main.png", written[-1], most=MOST_BYTES)
    written.append(README_IMAGES / "live.webp")
    write_moving(sorted((taken / "live").glob("*.png")), written[-1])
    for code in ("en", "ko"):
        for picture in sorted((taken / code).glob("*.png")):
            written.append(GUIDE_IMAGES / code / f"{picture.stem}.webp")
            write_small(picture, written[-1], most=MOST_BYTES, width=GUIDE_WIDTH)
    return written


def write_small(picture: Path, small: Path, *, most: int, width: int = 0) -> None:
    """As WebP a picture has an eighth of its size, and looks the same. width: at most so many pixels."""
    with Image.open(picture) as image:
        rgb = image.convert("RGB")
    if 0 < width < rgb.width:
        rgb = rgb.resize((width, round(rgb.height * width / rgb.width)), Image.Resampling.LANCZOS)
    encoded = BytesIO()
    rgb.save(encoded, "WEBP", quality=85, method=6)
    _replace(small, encoded, most)


def write_moving(pictures: Sequence[Path], moving: Path) -> None:
    """An animated WebP without end, from its frames in their order."""
    frames = []
    for picture in pictures:
        with Image.open(picture) as image:
            height = round(image.height * MOVING_WIDTH / image.width)
            frames.append(image.convert("RGB").resize((MOVING_WIDTH, height), Image.Resampling.LANCZOS))
    encoded = BytesIO()
    first, *others = frames
    first.save(
        encoded,
        "WEBP",
        save_all=True,
        append_images=others,
        duration=FRAME_MS,
        loop=0,
        quality=MOVING_QUALITY,
        method=4,
    )
    _replace(moving, encoded, MOST_BYTES_MOVING)


def _replace(file: Path, encoded: BytesIO, most: int) -> None:
    """Write a file, unless the one that is there looks the same."""
    if len(encoded.getvalue()) > most:
        raise SystemExit(f"{file} would have {len(encoded.getvalue())} bytes, more than {most}.")
    if not file.is_file() or not look_alike(file.read_bytes(), encoded.getvalue()):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(encoded.getvalue())


def look_alike(one: bytes, other: bytes) -> bool:
    """Whether two pictures, moving or not, differ in no more than what the status line measures."""
    if one == other:
        return True
    with Image.open(BytesIO(one)) as old, Image.open(BytesIO(other)) as new:
        if old.size != new.size or getattr(old, "n_frames", 1) != getattr(new, "n_frames", 1):
            return False
        box = (0, 0, new.width, round(new.height * (1 - STATUS_SHARE)))
        for before, after in zip(ImageSequence.Iterator(old), ImageSequence.Iterator(new), strict=True):
            parts = [image.convert("RGB").crop(box) for image in (before, after)]
            if np.asarray(ImageChops.difference(*parts)).max() > SEEN_LEVELS:
                return False
    return True
