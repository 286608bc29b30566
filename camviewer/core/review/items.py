"""What a review says of one photo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from camviewer.core.arrays import FloatArray
from camviewer.core.explanation import (
    Explanation,
    Prediction,
)
from camviewer.core.frames import Region
from camviewer.core.maps import Maps
from camviewer.core.review.border import border_share
from camviewer.core.review.prepared import ExplainedPhoto
from camviewer.core.review.thumbnails import (
    THUMBNAIL_SIDE,
    StoredThumbnail,
    Thumbnail,
    small_jpeg,
)
from camviewer.core.targets import (
    Target,
    scores_of,
)
from camviewer.core.text import Text

TOP = 5
"""So many of the most probable classes are kept for each photo."""


@dataclass(frozen=True, slots=True)
class Score:
    """One class's probability, 0..1, and its logit."""

    class_id: int
    probability: float
    logit: float


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One photo. problem: why it couldn't be read or explained; it then has no size.

    size: width, height of the frame; region: the part that the network saw, in its pixels. top: the classes
    of highest probability, most probable first. truth: the true class's id, if known; true: its score, and
    rank: its place among all classes, 1 for the first; both None where they aren't known, as of a label that
    was corrected to a class that is none of `top`.
    """

    path: Path
    size: tuple[int, int] | None = None
    region: Region | None = None
    top: tuple[Score, ...] = ()
    truth: int | None = None
    true: Score | None = None
    rank: int | None = None
    problem: str | None = None
    thumbnail: StoredThumbnail | None = None
    gain: float | None = None
    """The relevance gain (`gauge.curves`) of the predicted class's map; None where it wasn't measured."""
    border: float | None = None
    """The `border.border_share` of the predicted class's map; None where it isn't known."""
    reviewed: Reviewed | None = None
    """How it was reviewed, if its true class was corrected since: that of its thumbnail's maps."""

    @property
    def predicted(self) -> Score | None:
        """The most probable class; None without a prediction."""
        return self.top[0] if self.top else None

    @property
    def confidence(self) -> float:
        """The predicted class's probability; 0 without a prediction."""
        return self.top[0].probability if self.top else 0.0

    @property
    def margin(self) -> float:
        """How far the first class's probability is above the second's."""
        return self.confidence - (self.top[1].probability if len(self.top) > 1 else 0.0)

    @property
    def targets(self) -> tuple[Target, ...]:
        """The targets of the thumbnail's maps: the predicted class, and the true one if that is another."""
        classes = [score.class_id for score in self.top[:1]]
        return scores_of(dict.fromkeys([*classes, *([] if self.truth is None else [self.truth])]))

    @property
    def correct(self) -> bool | None:
        """None where the truth or the prediction isn't known."""
        predicted = self.predicted
        return None if self.truth is None or predicted is None else predicted.class_id == self.truth

    def known_maps(self, maps: Sequence[FloatArray]) -> dict[int, FloatArray]:
        """Which of a thumbnail's maps (`Thumbnail.maps`) is of which class: the predicted, then the true one.

        The map of a class that became the true one by a correction may not be there.
        """
        classes = [target.class_id for target in (self.reviewed or self).targets]
        wanted = [target.class_id for target in self.targets]
        kept = dict(zip(classes, maps, strict=False))
        return {class_id: kept[class_id] for class_id in wanted if class_id in kept}

    def corrected(self, truth: int | None) -> Reviewed:
        """With another true class. What it was reviewed with comes back whole."""
        before = self.reviewed or self
        if truth == before.truth:
            return replace(before, path=self.path)
        places = [score.class_id for score in before.top]
        rank = places.index(truth) + 1 if truth in places else None
        true = before.top[rank - 1] if rank is not None else None
        return replace(before, path=self.path, truth=truth, true=true, rank=rank, reviewed=before)


def review(path: Path, explanation: Explanation | ExplainedPhoto, truth: int | None) -> Reviewed:
    """What an explanation says of a photo, without a thumbnail. truth: the true class's id, if known."""
    prediction, region = explanation.prediction, explanation.region
    logits = prediction.logits
    if not np.isfinite(logits).all():
        return Reviewed(path, truth=truth, problem=Text("What the model says of it is no number."))
    size = (explanation.frame.width, explanation.frame.height)
    top = tuple(_score(prediction, class_id) for class_id in prediction.top(TOP))
    if truth is None:
        return Reviewed(path, size, region, top)
    true = _score(prediction, truth)
    # Its place in `Explanation.top`, where the lower id comes first among equals.
    before = int((logits > logits[truth]).sum()) + int((logits[:truth] == logits[truth]).sum())
    return Reviewed(path, size, region, top, truth, true, before + 1)


def thumbnail_of(explanation: Explanation, item: Reviewed, side: int = THUMBNAIL_SIDE) -> Thumbnail:
    """The photo, reduced to at most `side` pixels, with the maps of the predicted and of the true class."""
    drawn = explanation.drawn if explanation.drawn is not None else explanation.maps
    return thumbnail_with(small_jpeg(explanation.frame.image, side), drawn, item)


def thumbnail_with(jpeg: bytes, maps: Maps, item: Reviewed) -> Thumbnail:
    """The reduced photo with the maps of the predicted and of the true class."""
    predicted, *true = (maps.get(target).values for target in item.targets)
    return Thumbnail(jpeg, predicted, true[0] if true else None, maps.unit, maps.method)


def with_thumbnail(item: Reviewed, thumbnail: Thumbnail, stored: StoredThumbnail) -> Reviewed:
    """The photo with its thumbnail, and what the predicted class's map says of it."""
    return replace(item, thumbnail=stored, border=border_share(thumbnail.predicted))


def _score(prediction: Prediction, class_id: int) -> Score:
    return Score(class_id, float(prediction.probabilities[class_id]), float(prediction.logits[class_id]))
