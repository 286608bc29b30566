"""A data set with a shortcut, drawn by this module: a ball and a cup, each always on one background.

A network that is taught by it may look at the background as well as at the thing: both are right each time.
Which one it learned is seen where thing and background are exchanged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from camviewer.core.storage.files import atomic_write, make_folder

SIDE = 256
"""Pixels of a picture's sides."""
_FINE = 2
"""Things are drawn so many times as large, and reduced: their edges are smooth."""
THINGS = ("ball", "cup")
BACKGROUNDS = {"ball": "meadow", "cup": "bricks"}
"""What each thing always lies on in the examples of `SHORTCUT`."""
SHORTCUT, TEST, MEND = "1 examples", "2 test", "3 more examples"
"""Folders: one background a thing; the backgrounds exchanged; examples that mend it."""

EXAMPLES_A_THING, _TESTS_A_THING = 12, 4


def shortcut_folder(lessons: Path) -> Path:
    """Where the set is, below the folder of what lessons make."""
    return lessons / "shortcut"


@dataclass(frozen=True, slots=True)
class Picture:
    """Where it is written, below the folder of the set; what is on it, and a number that makes it differ."""

    path: str
    thing: str
    background: str
    seed: int


def shortcut_pictures() -> tuple[Picture, ...]:
    """All pictures of the set."""
    found, seed = [], 0
    for thing in THINGS:
        usual = BACKGROUNDS[thing]
        (other,) = (each for each in BACKGROUNDS.values() if each != usual)
        for folder, background, count in (
            (f"{SHORTCUT}/{thing}", usual, EXAMPLES_A_THING),
            (f"{MEND}/{thing}", other, EXAMPLES_A_THING),
        ):
            for number in range(count):
                seed += 1
                path = f"{folder}/{thing} on {background} {number + 1}.jpg"
                found.append(Picture(path, thing, background, seed))
        for number in range(_TESTS_A_THING):
            seed += 1
            found.append(Picture(f"{TEST}/{thing} on {other} {number + 1}.jpg", thing, other, seed))
    return tuple(found)


def write_shortcut_set(folder: Path, stopped: Callable[[], bool] = lambda: False) -> None:
    """Write all pictures that aren't there yet. stopped: asked before each. Raises SaveFailure."""
    for picture in shortcut_pictures():
        path = folder / picture.path
        if stopped() or path.exists():
            continue
        make_folder(path.parent)
        with atomic_write(path, overwrite=True) as file:
            drawn(picture).save(file, "JPEG", quality=90)


def drawn(picture: Picture) -> Image.Image:
    """RGB, `SIDE` pixels wide and high; the same for the same picture."""
    numbers = np.random.default_rng(picture.seed)
    image = _BACKGROUND[picture.background](numbers)
    thing = Image.new("RGBA", (_FINE * SIDE, _FINE * SIDE))
    side = int(_FINE * SIDE * numbers.uniform(0.2, 0.26))
    left, top = (int(numbers.uniform(0.18, 0.82) * (_FINE * SIDE - side)) for _ in range(2))
    _THING[picture.thing](ImageDraw.Draw(thing), left, top, side, numbers)
    thing = thing.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    image.paste(thing, (0, 0), thing)
    return image


def _meadow(numbers: np.random.Generator) -> Image.Image:
    """Grass: many short blades, the nearer the larger."""
    image = Image.new("RGB", (SIDE, SIDE), (58, 104, 40))
    draw = ImageDraw.Draw(image)
    for row in np.sort(numbers.uniform(0, SIDE + 20, 1300)):
        x, length = numbers.uniform(-5, SIDE + 5), 5 + 16 * row / SIDE
        green = int(numbers.uniform(80, 190))
        colour = (int(green * 0.55), green, int(green * 0.3))
        draw.line(
            (x, row, x + numbers.normal(0, 4), row - length), fill=colour, width=1 + int(row > SIDE / 2)
        )
    return image.filter(ImageFilter.GaussianBlur(0.6))


def _bricks(numbers: np.random.Generator) -> Image.Image:
    """A wall: rows of bricks, every other one by half a brick to the side."""
    image = Image.new("RGB", (SIDE, SIDE), (178, 170, 158))
    draw = ImageDraw.Draw(image)
    height, width = int(numbers.uniform(22, 30)), int(numbers.uniform(50, 66))
    shift = int(numbers.uniform(0, width))
    for row in range(-1, SIDE // height + 2):
        for column in range(-2, SIDE // width + 2):
            x, y = column * width + shift + (row % 2) * width // 2, row * height
            red = int(numbers.normal(152, 14))
            draw.rectangle((x, y, x + width - 4, y + height - 4), fill=(red, int(red * 0.5), int(red * 0.4)))
    rough = np.asarray(image, np.float32) + numbers.normal(0, 7, (SIDE, SIDE, 1))
    return Image.fromarray(np.clip(rough, 0, 255).astype(np.uint8))


def _ball(draw: ImageDraw.ImageDraw, left: int, top: int, side: int, numbers: np.random.Generator) -> None:
    """White, with a coloured belt and a shadow."""
    tone = int(numbers.uniform(215, 245))
    draw.ellipse(
        (left, top, left + side, top + side), fill=(tone, tone, tone, 255), outline=(90, 90, 90, 255)
    )
    inset = side // 3
    draw.chord((left, top, left + side, top + side), 150, 210, fill=(40, 70, 170, 255))
    draw.chord((left, top, left + side, top + side), -30, 30, fill=(40, 70, 170, 255))
    draw.ellipse((left + inset, top + inset // 2, left + 2 * inset, top + inset), fill=(255, 255, 255, 255))


def _cup(draw: ImageDraw.ImageDraw, left: int, top: int, side: int, numbers: np.random.Generator) -> None:
    """White, with a handle; one sees into it."""
    tone = int(numbers.uniform(215, 245))
    white, edge = (tone, tone, tone, 255), (90, 90, 90, 255)
    right, bottom, rim = left + int(side * 0.75), top + side, side // 6
    draw.ellipse(
        (right - rim, top + side // 4, left + side, bottom - side // 4), outline=white, width=side // 12
    )
    draw.polygon(
        [(left, top + rim), (right, top + rim), (right - side // 8, bottom), (left + side // 8, bottom)],
        fill=white,
    )
    draw.ellipse((left, top, right, top + 2 * rim), fill=white, outline=edge, width=3)
    draw.ellipse(
        (left + side // 16, top + side // 16, right - side // 16, top + 2 * rim - side // 16),
        fill=(70, 40, 22, 255),
    )


_BACKGROUND: dict[str, Callable[[np.random.Generator], Image.Image]] = {"meadow": _meadow, "bricks": _bricks}
_THING: dict[str, Callable[[ImageDraw.ImageDraw, int, int, int, np.random.Generator], None]] = {
    "ball": _ball,
    "cup": _cup,
}
