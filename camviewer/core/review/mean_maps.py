"""Mean maps of a review: where the evidence lies in all photos of a class, or of a pair that is confused.

What one photo shows by chance averages out; what is at the same place in many photos stays. A mark, a ruler
or a border by which a network tells classes apart (a shortcut) glows in the mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from camviewer.core.arrays import FloatArray, read_only
from camviewer.core.maps import Unit
from camviewer.core.review.items import Reviewed
from camviewer.core.review.thumbnails import StoredThumbnail
from camviewer.core.scaling import Interpolation, upsampled


@dataclass(frozen=True, slots=True, eq=False)
class MeanMap:
    """values: float32 [h, w], read-only: the mean of so many photos' maps, in their unit. count: 1 or more.

    Maps of different sizes (`Fit.WHOLE`) are stretched to the first one's before: a place is its share of the
    region's width and height. method: that made the first.
    """

    values: FloatArray
    count: int
    unit: Unit
    method: str

    def merged(self, other: MeanMap) -> MeanMap:
        """The mean of the photos of both."""
        rows, columns = self.values.shape
        theirs = other.values
        if theirs.shape != self.values.shape:
            theirs = upsampled(theirs, columns, rows, Interpolation.BILINEAR)
        count = self.count + other.count
        mean = (self.count * self.values.astype(np.float64) + other.count * theirs.astype(np.float64)) / count
        return MeanMap(read_only(mean.astype(np.float32)), count, self.unit, self.method)


@dataclass(frozen=True)
class MeanMaps:
    """by_photos: for (true class, predicted class, class that the map is of)."""

    by_photos: Mapping[tuple[int, int, int], MeanMap] = field(default_factory=dict)

    def of_pair(self, truth: int, predicted: int) -> tuple[MeanMap | None, MeanMap | None]:
        """Of the photos of one class that were taken for another: the predicted and the true class's map."""
        found = self.by_photos.get
        return found((truth, predicted, predicted)), found((truth, predicted, truth))

    def of_class(self, class_id: int) -> MeanMap | None:
        """The class's own map, of its photos, whatever they were taken for."""
        return self._of_classes.get(class_id)

    @cached_property
    def _of_classes(self) -> Mapping[int, MeanMap]:
        classes: dict[int, MeanMap] = {}
        for (truth, _, of), mean in self.by_photos.items():
            if of == truth:
                classes[of] = classes[of].merged(mean) if of in classes else mean
        return classes

    def merged(self, other: MeanMaps) -> MeanMaps:
        """Of the photos of both."""
        both = dict(self.by_photos)
        for key, mean in other.by_photos.items():
            both[key] = both[key].merged(mean) if key in both else mean
        return MeanMaps(both)


def mean_maps(
    items: Iterable[Reviewed], maps_of: Callable[[StoredThumbnail], Sequence[FloatArray]]
) -> MeanMaps:
    """Of the photos whose true class is known and whose maps are stored.

    maps_of: reads a photo's maps, as `ThumbnailStore.maps`; what it raises is raised.
    """
    means = MeanTally()
    for item in items:
        if item.thumbnail is not None:
            maps = item.known_maps(maps_of(item.thumbnail))
            means.add(item, maps, item.thumbnail.unit, item.thumbnail.method)
    return means.taken()


class MeanTally:
    """Adds up the maps of one photo after the other, in float64."""

    def __init__(self) -> None:
        self._sums: dict[tuple[int, int, int], _Sum] = {}

    def add(self, item: Reviewed, maps: Mapping[int, FloatArray], unit: Unit, method: str) -> None:
        """maps: by class, float32 [h, w]. A photo whose true class isn't known counts for nothing."""
        predicted, truth = item.predicted, item.truth
        if predicted is None or truth is None:
            return
        for of in dict.fromkeys((predicted.class_id, truth)):
            values = maps.get(of)
            if values is None or not np.isfinite(values).all():
                continue
            key = (truth, predicted.class_id, of)
            if key not in self._sums:
                self._sums[key] = _Sum(np.zeros(values.shape), unit, method)
            self._sums[key].add(values)

    def taken(self) -> MeanMaps:
        """What has been added so far."""
        return MeanMaps({key: tally.mean for key, tally in self._sums.items()})


@dataclass(slots=True, eq=False)
class _Sum:
    total: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
    unit: Unit
    method: str
    count: int = 0

    def add(self, values: FloatArray) -> None:
        if values.shape != self.total.shape:
            rows, columns = self.total.shape
            values = upsampled(values, columns, rows, Interpolation.BILINEAR)
        self.total += values
        self.count += 1

    @property
    def mean(self) -> MeanMap:
        return MeanMap(
            read_only((self.total / self.count).astype(np.float32)), self.count, self.unit, self.method
        )
