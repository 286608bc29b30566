"""Measures the maps of a model's methods, photo by photo.

Photos are squeezed to the network's square, as evaluations of boxes have it. Every map is judged by the same
passes of the network, at one resolution, whatever the map was made at; only `coherency` asks for another map,
made as the first one was. The class is the predicted one; for boxes it is the one that is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from camviewer.core.arrays import ByteArray, FloatArray
from camviewer.core.explainer import Explainer
from camviewer.core.explanation import CAM, ExplainRequest, Explanation, Prediction
from camviewer.core.failures import ModelFailure
from camviewer.core.frames import Fit, Frame, Region
from camviewer.core.gauge.curves import blurred, curve_inputs, curves_from, passes_for
from camviewer.core.gauge.rivals import gaussian_map
from camviewer.core.maps import EXTENT
from camviewer.core.methods.offers import MethodOffer
from camviewer.core.models.spec import SizeRule
from camviewer.core.quality.boxes import best_ious, found_at, in_points
from camviewer.core.quality.comparison import RowScores
from camviewer.core.quality.items import Item, TrueBoxes
from camviewer.core.quality.scores import map_scores, mask_of, masked
from camviewer.core.storage.images import read_photo
from camviewer.core.targets import ClassScore

SLOW = ("Score-CAM", "Occlusion")
"""Methods of tens to hundreds of passes a map, which would take most of the time."""
CENTRE = "a hill in the centre"
"""The row of a map that knows neither the network nor the photo."""


@dataclass(frozen=True, slots=True)
class Row:
    """What is measured under one name. request: how its maps are made; None for `CENTRE`."""

    name: str
    request: ExplainRequest | None


def rows_for(
    offers: Sequence[MethodOffer], sizes: SizeRule | None, resolution: int, slow: bool
) -> tuple[Row, ...]:
    """All maps that a model has, plain CAM first: the others are compared with it.

    Of a model without CAM it is the most faithful method. resolution: of the network's input, pixels. slow:
    whether those of `SLOW` are measured too.
    """
    rows = []
    for offer in offers:
        if offer.missing is not None or (offer.name in SLOW and not slow):
            continue
        request = ExplainRequest(Fit.SQUASH, resolution, method=offer.name)
        rows.append(Row(offer.name, request))
        larger = 2 * resolution
        if offer.name == EXTENT and sizes is not None and sizes.takes(larger):
            rows.append(Row(f"{EXTENT}, {larger}", replace(request, resolution=larger)))
        if offer.name == CAM and sizes is not None and not sizes.fixed:
            rows.append(Row(f"{CAM}, fine", replace(request, fine=True)))
    return (*rows, Row(CENTRE, None)) if rows else ()


class QualityMeasuring:
    """Measures one photo after the other. One thread uses it."""

    def __init__(self, explainer: Explainer, rows: Sequence[Row]) -> None:
        """rows: `rows_for`; the first is of a method. Raises ModelFailure without any."""
        preprocessing = explainer.info.preprocessing
        if not rows or rows[0].request is None or preprocessing is None:
            raise ModelFailure(
                "{model} has no maps that can be measured.",
                "Choose another model.",
                model=explainer.info.title,
            )
        self._explainer, self._rows, self._first = explainer, rows, rows[0].request
        self._preprocessing = preprocessing
        self.scores = {row.name: RowScores() for row in rows}
        """Of all photos so far."""

    def add(self, item: Item) -> None:
        """Measure all maps of one more photo. Raises Failure for one that can't be read, CancelledError."""
        frame = read_photo(item.path)
        first = self._explainer.explain(frame, self._first)
        class_id = first.top(1)[0]
        classes = {class_id} if item.truth is None else {class_id, item.truth.class_id}
        targets = tuple(ClassScore(each) for each in sorted(classes))
        explained = [
            self._explainer.with_maps(first, targets),
            *(self._explained(row, frame, targets) for row in self._rows[1:]),
        ]
        pixels = _pixels(first)
        height, width = pixels.shape[:2]
        maps = [gaussian_map(pixels) if each is None else _map(each, class_id) for each in explained]
        masks = [mask_of(values, width, height) for values in maps]
        inputs = curve_inputs(pixels, blurred(pixels), maps)
        predictions = self._explainer.predictions(inputs, passes_for(len(maps)))
        curves = curves_from(_probabilities(predictions, class_id))
        halves = np.stack([half for mask in masks for half in (mask, 1 - mask)])
        halved = _probabilities(self._explainer.masked_predictions(pixels, halves), class_id)
        for i, (row, explanation) in enumerate(zip(self._rows, explained, strict=True)):
            kept, removed = halved[2 * i : 2 * i + 2].tolist()
            again = masks[i] if explanation is None else self._again(explanation, class_id, masks[i].shape)
            found = None if item.truth is None else _found(explanation, maps[i], frame, item.truth)
            self.scores[row.name].add(map_scores(curves[i], kept, removed, masks[i], again), found)

    def _explained(self, row: Row, frame: Frame, targets: tuple[ClassScore, ...]) -> Explanation | None:
        if row.request is None:
            return None
        return self._explainer.explain(frame, replace(row.request, targets=targets))

    def _again(self, explanation: Explanation, class_id: int, shape: tuple[int, ...]) -> FloatArray:
        """The mask of the input times the map: made as the map was, of an input of the same resolution."""
        pixels, (height, width) = _pixels(explanation), shape
        mask = mask_of(_map(explanation, class_id), pixels.shape[1], pixels.shape[0])
        frame = Frame(masked(pixels, mask, self._preprocessing), still=True)
        request = replace(explanation.request, targets=(ClassScore(class_id),))
        return mask_of(_map(self._explainer.explain(frame, request), class_id), width, height)


def _probabilities(predictions: Iterable[Prediction], class_id: int) -> NDArray[np.float64]:
    return np.array([float(each.probabilities[class_id]) for each in predictions])


def _map(explanation: Explanation, class_id: int) -> FloatArray:
    return explanation.drawn_map(ClassScore(class_id)).values


def _pixels(explanation: Explanation) -> ByteArray:
    assert explanation.network_input is not None, "explainers keep it"
    return explanation.network_input


def _found(
    explanation: Explanation | None, centre: FloatArray, frame: Frame, truth: TrueBoxes
) -> NDArray[np.bool_]:
    size = frame.width, frame.height
    if explanation is None:
        values, region = centre, Region(0, 0, *size)
    else:
        values, region = _map(explanation, truth.class_id), explanation.region
    true = in_points(truth.boxes, frame.original_size or size)  # huge photos are read reduced
    return found_at(best_ious(values, region, size, true)[0])
