"""Makes the cards of a report: one photo each, with its overlays as data URIs."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtGui import QImage

from camviewer.core.arrays import ByteArray
from camviewer.core.numbers import percent
from camviewer.core.review.border import border_share
from camviewer.core.review.items import Reviewed
from camviewer.core.review.mean_maps import MeanMap, MeanMaps
from camviewer.core.review.summary import Confusion
from camviewer.core.review.thumbnails import ThumbnailStore
from camviewer.core.scaling import value_range
from camviewer.media.drawing.caption import UNIT_WORDS
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.frames import (
    array_to_image,
    image_to_array,
)
from camviewer.media.review.overlays import (
    map_image,
    overlay_range,
    overlays,
)

MEAN_SIDE = 196
"""Pixels of a mean map's longer side: 28 a cell of most networks."""
_RGB = QImage.Format.Format_RGB32


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
        """With the maps of the predicted and of the true class, as far as they are there."""
        assert item.truth is not None
        said, true = item.top[0], item.true
        role = "is" if item.rank is None else f"is, at rank {item.rank}"
        probability = percent(true.probability) if true is not None else ""
        return self._card(
            item,
            anchor,
            {
                said.class_id: Overlay("said", self._labels[said.class_id], percent(said.probability)),
                item.truth: Overlay(role, self._labels[item.truth], probability),
            },
        )

    def single(self, item: Reviewed, anchor: str) -> Card:
        """With the predicted class's map, and what came second."""
        first = item.top[0]
        named = Overlay("", self._labels[first.class_id], percent(first.probability))
        card = self._card(item, anchor, {first.class_id: named})
        if len(item.top) < 2:
            return card
        second = item.top[1]
        return replace(card, second=(f"then {self._labels[second.class_id]}", percent(second.probability)))

    def pair(self, pair: Confusion, anchor: str, means: MeanMaps) -> Card | None:
        """The mean maps of the photos of one class that were taken for another; None if there are none."""
        said, true = means.of_pair(pair.truth, pair.predicted)
        maps = {pair.predicted: ("said", said), pair.truth: ("is", true)}
        return self._mean_card(anchor, maps)

    def class_mean(self, class_id: int, anchor: str, means: MeanMaps) -> Card | None:
        """The mean of the class's map over its photos; None if there are none."""
        return self._mean_card(anchor, {class_id: ("", means.of_class(class_id))})

    def _mean_card(self, anchor: str, maps: Mapping[int, tuple[str, MeanMap | None]]) -> Card | None:
        there = {class_id: mean for class_id, (_, mean) in maps.items() if mean is not None}
        if not there:
            return None
        shown = value_range((mean.values for mean in there.values()), self._style.signed)
        painted = []
        for class_id, (role, mean) in maps.items():
            if mean is None:
                painted.append(Overlay(role, self._labels[class_id], ""))
                continue
            share = border_share(mean.values)
            border = "" if share is None else f"{percent(share)} at the border"
            image = image_to_array(
                map_image(mean.values, self._style, shown, MEAN_SIDE).convertToFormat(_RGB)
            )
            size = (image.shape[1], image.shape[0])
            painted.append(Overlay(role, self._labels[class_id], border, _data_uri(image), size))
        first = next(iter(there.values()))
        name = f"mean of {first.count:,} {'photo' if first.count == 1 else 'photos'}"
        high = f"{shown.high:.3g} {UNIT_WORDS[first.unit]}"
        return Card(anchor, name, tuple(painted), low=f"{shown.low:.3g}", high=high)

    def _card(self, item: Reviewed, anchor: str, unpainted: Mapping[int, Overlay]) -> Card:
        """unpainted: by class, as they stand side by side."""
        card = Card(anchor, self.name(item), tuple(unpainted.values()))
        if item.thumbnail is None:
            return card
        thumbnail = self._store.get(item.thumbnail)
        shown = overlay_range(thumbnail, self._style)
        with Image.open(io.BytesIO(thumbnail.jpeg), formats=("JPEG",)) as opened:
            photo = array_to_image(np.asarray(opened.convert("RGB")))
        size = photo.width(), photo.height()
        images = overlays(photo, item, thumbnail, self._style)
        painted = dict(unpainted)
        for class_id, image in zip(item.known_maps(thumbnail.maps), images, strict=True):
            source = _data_uri(image_to_array(image))
            painted[class_id] = replace(unpainted[class_id], source=source, size=size)
        high = f"{shown.high:.3g} {UNIT_WORDS[thumbnail.unit]}"
        return replace(card, overlays=tuple(painted.values()), low=f"{shown.low:.3g}", high=high)


def _data_uri(pixels: ByteArray) -> str:
    buffer = io.BytesIO()
    # Chroma subsampling would smear the heat map's colours.
    Image.fromarray(pixels).save(buffer, "JPEG", quality=85, subsampling=0, optimize=True)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"
