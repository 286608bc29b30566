"""What the drawing shows of one view state: numbers of its explanation, and images made of them once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from camviewer.core import colormaps
from camviewer.core.arrays import FloatArray
from camviewer.core.explanation import Explanation, largest
from camviewer.core.maps import Unit
from camviewer.core.scaling import Interpolation, ValueRange, scaled, value_range
from camviewer.core.score_parts import ScoreParts, score_parts
from camviewer.media.drawing.heat_map import heat_map
from camviewer.media.drawing.style import OverlayStyle, style_for
from camviewer.media.drawing.view_state import ViewState
from camviewer.media.frames import array_to_image

MOST_CLASSES = 5
"""Bars of probabilities."""
SEEN = 448
"""Points of the longer side of the frame's image, at most: enough for paper."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the map that is pointed at."""

    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel of the features that is pointed at."""

    channel: int


Pointed = Cell | Channel | None


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """What the grid and the overlay show: values [h, w] whose numbers count, and their colours.

    grid: a pixel a cell; heat: upsampled.
    """

    values: FloatArray
    grid: QImage
    heat: QImage


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """seen: what the network saw of the frame; tiles: a small map of each channel of the parts."""

    seen: QImage
    tiles: tuple[QImage, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Contents:
    """The numbers. flatten: whether the other way is drawn; classes: those with a bar, the most probable
    first; aspect: of what the network saw, height by width."""

    state: ViewState
    parts: ScoreParts
    classes: tuple[int, ...]
    aspect: float
    flatten: bool = False

    @property
    def explanation(self) -> Explanation:
        return self.state.explanation

    @property
    def adds_up(self) -> bool:
        """Whether the map is in logits, so that there is a sum to speak of."""
        return self.parts.sums is not None

    @property
    def flattens(self) -> bool:
        """Whether the other way is drawn: only of channels that are pooled."""
        return self.flatten and bool(self.parts.channels)

    def has(self, pointed: Pointed) -> bool:
        """Whether what is pointed at is in the drawing."""
        if isinstance(pointed, Cell):
            rows, columns = self.parts.values.shape
            return 0 <= pointed.row < int(rows) and 0 <= pointed.column < int(columns)
        return pointed is not None and self.parts.channel(pointed.channel) is not None

    def lit_channel(self, pointed: Pointed) -> int | None:
        """The channel whose map is in the grid: the one pointed at, else the chosen one."""
        return pointed.channel if isinstance(pointed, Channel) else self.state.target.channel


def contents_of(state: ViewState, flatten: bool = False, held: Sequence[int] = ()) -> Contents:
    """held: as `score_parts`. Raises as that does."""
    explanation = state.explanation
    parts, region, seen = (
        score_parts(explanation, state.target, held),
        explanation.region,
        explanation.network_input,
    )
    height, width = seen.shape[:2] if seen is not None else (region.height, region.width)
    return Contents(state, parts, _classes(state), height / max(width, 1), flatten)


def pictures_of(contents: Contents) -> Pictures:
    """What costs a little: it is made for what is seen only."""
    return Pictures(_seen(contents.explanation), _tiles(contents.parts))


def _tiles(parts: ScoreParts) -> tuple[QImage, ...]:
    """A pixel a cell. Each channel's own strength: brightest where it answers most, for a class or against.

    Not upsampled: they are the cells of the grid, and ten times as cheap.
    """
    if not parts.channels:
        return ()
    colours = colormaps.table(colormaps.DEFAULT)
    ranges = (value_range((each.plane,), signed=False) for each in parts.channels)
    steps = [scaled(each.plane, shown) for each, shown in zip(parts.channels, ranges, strict=True)]
    pixels = colours[(np.stack(steps) * 255 + 0.5).astype(np.uint8)]
    return tuple(array_to_image(each) for each in pixels)


def plane_of(contents: Contents, channel: int | None) -> Plane:
    """The map in view; or what one channel adds to it, in the same unit."""
    state, found = contents.state, contents.parts.channel(channel)
    if found is None or channel == state.target.channel:
        drawn = state.drawn_values
        values = state.map.values
        return _plane(values, values if drawn is None else drawn, state.style, state.shown)
    values, whole = found.values, contents.parts.target
    style = style_for(whole, state.style, Unit.LOGIT)
    return _plane(values, values, style, value_range((values,), style.signed))


def _plane(values: FloatArray, drawn: FloatArray, style: OverlayStyle, shown: ValueRange) -> Plane:
    rows, columns = values.shape
    flat = replace(style, opacity=1.0, follow_value=False, interpolation=Interpolation.NEAREST)
    height, width = drawn.shape
    points = max(1, min(16, 320 // max(height, width)))
    return Plane(
        values,
        heat_map(values, shown, flat, columns, rows),
        heat_map(drawn, shown, style, width * points, height * points),
    )


def _seen(explanation: Explanation) -> QImage:
    """The network's input; of a snapshot, which doesn't hold it, the same region of the frame."""
    if explanation.network_input is not None:
        return array_to_image(explanation.network_input)
    region = explanation.region
    rows = slice(max(0, region.top), region.top + region.height)
    columns = slice(max(0, region.left), region.left + region.width)
    image = array_to_image(explanation.frame.image[rows, columns])
    if max(image.width(), image.height()) <= SEEN:
        return image
    return image.scaled(
        SEEN, SEEN, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.FastTransformation
    )


def _classes(state: ViewState) -> tuple[int, ...]:
    """The most probable, and always those that the map speaks for; as many at each frame."""
    logits = state.explanation.logits
    must = [c for c in state.target.classes if c < len(logits)]
    top = [c for c in largest(logits, MOST_CLASSES) if c not in must]
    shown = [*must, *top][: min(MOST_CLASSES, len(logits))]
    return tuple(sorted(shown, key=lambda c: (-float(logits[c]), c)))
