"""More passes of an ONNX network for one frame, with the input masked or a layer's output replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from camviewer.core.arrays import (
    ByteArray,
    FloatArray,
    read_only,
)
from camviewer.core.cancelling import check_wanted
from camviewer.core.geometry import InputGeometry
from camviewer.core.runtimes.onnx_graph import OnnxGraph
from camviewer.core.runtimes.onnx_layers import GraphLayer
from camviewer.core.runtimes.onnx_session import OnnxSession

BATCH = 16
"""Images a pass: more take memory, and no less time."""

Prepare = Callable[[ByteArray, InputGeometry], NDArray[Any]]
"""As `OnnxRun.prepare`."""


class OnnxPasses:
    """`base.Passes` of a graph. Sessions of its parts are made when they are needed, and kept."""

    def __init__(
        self,
        graph: OnnxGraph,
        layers: Sequence[GraphLayer],
        prepare: Prepare,
        logits: Callable[[NDArray[Any]], FloatArray],
        completed: Callable[[FloatArray], FloatArray],
        *,
        batches: bool,
    ) -> None:
        """logits: float32 [n, N] of inputs; completed: the same of the graph's own.

        batches: whether the network takes several images at once.
        """
        self._graph, self._prepare, self._logits, self._completed = graph, prepare, logits, completed
        self._batches = batches
        self._layers = {each.layer.name: each for each in layers}
        self._heads: dict[str, OnnxSession] = {}
        self._tails: dict[str, OnnxSession] = {}

    def activations(self, image: ByteArray, geometry: InputGeometry, layer: str) -> FloatArray:
        """As `Passes.activations`. Raises KeyError for a layer that isn't listed."""
        network_input = self._prepare(image, geometry)
        height, width = self._graph.image.sides(network_input.shape)
        features = self._layers[layer].cells.taken(self._tensor(network_input, layer), height, width)
        return read_only(np.ascontiguousarray(features[0]))

    def of_masked(self, image: ByteArray, geometry: InputGeometry, masks: FloatArray) -> FloatArray:
        """As `Passes.of_masked`."""
        network_input = self._prepare(image, geometry)
        axis = 3 if self._graph.image.channels_last else 1

        def masked(some: FloatArray) -> NDArray[Any]:
            images = network_input * np.expand_dims(some, axis)
            whole = network_input.dtype == np.uint8
            return np.rint(images).astype(np.uint8) if whole else images.astype(np.float32)

        return read_only(np.concatenate([self._logits(masked(some)) for some in self._chunks(masks)]))

    def of_activations(
        self, image: ByteArray, geometry: InputGeometry, layer: str, activations: FloatArray
    ) -> FloatArray:
        """As `Passes.of_activations`. Tokens for no cell keep their values. Raises KeyError as above."""
        place = self._layers[layer]
        original = self._tensor(self._prepare(image, geometry), layer) if place.cells.extra else activations
        tail = self._tail(place)
        logits = [
            tail.run(np.ascontiguousarray(place.cells.put(original, some), np.float32))[0].reshape(
                len(some), -1
            )
            for some in self._chunks(activations)
        ]
        return read_only(self._completed(np.concatenate(logits)))

    def _chunks(self, arrays: FloatArray) -> Iterator[FloatArray]:
        """So many at once as the network takes. Raises CancelledError between two."""
        size = BATCH if self._batches else 1
        for start in range(0, len(arrays), size):
            check_wanted()
            yield arrays[start : start + size]

    def _tensor(self, network_input: NDArray[Any], layer: str) -> NDArray[Any]:
        if layer not in self._heads:
            self._heads[layer] = self._graph.session([self._layers[layer].tensor])
        return self._heads[layer].run(network_input)[0]

    def _tail(self, place: GraphLayer) -> OnnxSession:
        name = place.layer.name
        if name not in self._tails:
            image, channels = self._graph.image, place.layer.channels
            sizes: list[int | str] = list(place.shape)
            if image.height is None or image.width is None:
                sizes = [size if size == channels else f"open{i}" for i, size in enumerate(sizes)]
            sizes[0] = "batch" if self._batches else 1
            self._tails[name] = self._graph.session([self._graph.logits], (place.tensor, sizes))
        return self._tails[name]
