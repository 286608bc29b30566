"""Makes the cards of a report: one photo each, with its overlays as data URIs."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from camviewer.core.arrays import ByteArray
from camviewer.core.numbers import percent
from camviewer.core.review.items import (
    Reviewed,
    Score,
)
from camviewer.core.review.thumbnails import ThumbnailStore
from camviewer.media.drawing.caption import UNIT_WORDS
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.frames import (
    array_to_image,
    image_to_array,
)
from camviewer.media.review.overlays import (
    overlay_range,
    overlays,
)


@dataclass(frozen=True, slots=True)
class Overlay:
    """source: a data URI, or nothing where nothing was kept of the photo."""

    role: str
    label: str
    probability: str
    source: str = ""
    size: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Card:
    """One photo as the page shows it. low, high: at the ends of the colour bar, if there are overlays."""

    anchor: str
    name: str
    overlays: tuple[Overlay, ...]
    second: tuple[str, str] | None = None
    low: str = ""
    high: str = ""


class Cards:
    """Makes the cards of photos, with their overlays."""

    def __init__(
        self, store: ThumbnailStore, labels: Sequence[str], folders: Sequence[Path], style: OverlayStyle
    ) -> None:
        """folders: those that were opened; photos are named within them."""
        self._store, self._labels, self._folders, self._style = store, labels, folders, style

    def name(self, item: Reviewed) -> str:
        """The photo's path within the opened folder, for people; of several, with the folder's name."""
        for folder in self._folders:
            if item.path.is_relative_to(folder):
                within = item.path.relative_to(folder)
                return (within if len(self._folders) == 1 else folder.name / within).as_posix()
        return item.path.name

    def mistake(self, item: Reviewed, anchor: str) -> Card:
        """With the maps of the predicted and of the true class."""
        assert item.true is not None
        return self._card(item, anchor, [("said", item.top[0]), (f"is, at rank {item.rank}", item.true)])

    def single(self, item: Reviewed, anchor: str) -> Card:
        """With the predicted class's map, and what came second."""
        card = self._card(item, anchor, [("", item.top[0])])
        if len(item.top) < 2:
            return card
        second = item.top[1]
        named = (f"then {self._labels[second.class_id]}", percent(second.probability))
        return replace(card, second=named)

    def _card(self, item: Reviewed, anchor: str, scores: Sequence[tuple[str, Score]]) -> Card:
        unpainted = [
            Overlay(role, self._labels[score.class_id], percent(score.probability)) for role, score in scores
        ]
        card = Card(anchor, self.name(item), tuple(unpainted))
        if item.thumbnail is None:
            return card
        thumbnail = self._store.get(item.thumbnail)
        shown = overlay_range(thumbnail, self._style)
        with Image.open(io.BytesIO(thumbnail.jpeg), formats=("JPEG",)) as opened:
            photo = array_to_image(np.asarray(opened.convert("RGB")))
        size = photo.width(), photo.height()
        painted = (
            replace(overlay, source=_data_uri(image_to_array(image)), size=size)
            for overlay, image in zip(unpainted, overlays(photo, item, thumbnail, self._style), strict=True)
        )
        high = f"{shown.high:.3g} {UNIT_WORDS[thumbnail.unit]}"
        return replace(card, overlays=tuple(painted), low=f"{shown.low:.3g}", high=high)


def _data_uri(pixels: ByteArray) -> str:
    buffer = io.BytesIO()
    # Chroma subsampling would smear the heat map's colours.
    Image.fromarray(pixels).save(buffer, "JPEG", quality=85, subsampling=0, optimize=True)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"
