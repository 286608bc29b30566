"""The runtime that computes ONNX files on the CPU, with ONNX Runtime. torch is not imported."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from camviewer.core.arrays import (
    ByteArray,
    FloatArray,
    read_only,
)
from camviewer.core.failures import ModelFailure
from camviewer.core.geometry import InputGeometry
from camviewer.core.models.corrections import size_mend
from camviewer.core.models.labels import check_labels
from camviewer.core.models.onnx_file import OnnxFile
from camviewer.core.models.spec import (
    LinearHead,
    Preprocessing,
    SizeRule,
)
from camviewer.core.runtimes.base import (
    BasicRun,
    ForwardPass,
    Needs,
    earlier_layer,
)
from camviewer.core.runtimes.device import CPU
from camviewer.core.runtimes.live_pixels import live_pixels
from camviewer.core.runtimes.onnx_graph import OnnxGraph
from camviewer.core.runtimes.onnx_layers import (
    GraphLayer,
    graph_layer,
    graph_layers,
)
from camviewer.core.runtimes.onnx_passes import OnnxPasses
from camviewer.core.runtimes.onnx_proof import (
    PooledHead,
    both_sides,
    prove_head,
)
from camviewer.core.runtimes.onnx_session import OnnxSession
from camviewer.core.runtimes.preprocess import (
    in_channels,
    normalised,
)
from camviewer.core.runtimes.probing import noise_frame

_OFFERED = (0.7, 1, 1.3, 1.4, 1.7, 2, 2.3, 2.9, 3.4, 4)
"""Sizes of inputs that a list offers, times what the network was trained with. Larger ones take seconds."""


class OnnxRun(BasicRun):
    """An ONNX network on the CPU. An exact head is computed outside of the graph, from the very features."""

    device, device_title = CPU, "CPU"

    def __init__(self, file: OnnxFile, preprocessing: Preprocessing, labels: Sequence[str]) -> None:
        """As `onnx_run`."""
        _check(file, preprocessing)
        self._image, self._outputs, self._preprocessing = file.input, file.outputs, preprocessing
        self.labels = check_labels(labels, file.classes)
        try:
            self._open(OnnxGraph(file))
        except ModelFailure:
            raise
        except Exception as error:
            # Nobody vouches for the graph: a damaged one fails in many ways.
            raise ModelFailure(
                "{name} can't be run with an image of {side} × {side} pixels ({reason}).",
                size_mend(file.path),
                repr(error),
                name=file.path.name,
                side=preprocessing.crop,
                reason=error,
            ) from error

    def _open(self, graph: OnnxGraph) -> None:
        """Run the network a few times, and look."""
        probes = [self.prepare(*noise_frame(self._preprocessing.crop, seed)) for seed in range(2)]
        pooled, proof = prove_head(graph, probes)
        found = graph_layers(graph, probes[0])
        place = _feature_place(graph, found, pooled, probes[0])
        # What comes after the features shows nothing that they don't.
        before = found[: found.index(place)] if place in found else found
        self.layer = place.layer.name
        self.layers = (*(each.layer for each in before), place.layer)
        self.proof = replace(proof, layer=self.layer)
        self._place = place
        self._pooled = both_sides(pooled) if pooled is not None and self._outputs == 1 else pooled
        self.head = None
        self.offers = Needs.MANY_PASSES
        if self._pooled is not None:
            self.head = LinearHead(read_only(self._pooled.weight), read_only(self._pooled.bias), self.labels)
            self.offers |= Needs.LINEAR_HEAD
        self._session = graph.session([place.tensor] if pooled is not None else [place.tensor, graph.logits])
        self.batches = self._image.batch is None and _takes_batches(graph, place, probes)
        self.passes = OnnxPasses(
            graph, (*before, place), self.prepare, self._logits, self._two_sided, batches=self.batches
        )
        earlier = earlier_layer(self.layers, self.layer)
        if earlier is not None:
            self.offers |= Needs.EARLIER_LAYER
            self.earlier = _EarlierLayer(self, graph, next(each for each in before if each.layer == earlier))

    def prepare(self, image: ByteArray, geometry: InputGeometry) -> NDArray[Any]:
        """The network's input for a frame: one image, in the file's order of axes and type."""
        return self.network_input(self.pixels(image, geometry))

    def pixels(self, image: ByteArray, geometry: InputGeometry) -> ByteArray:
        """uint8 [h', w', 3]: a frame, resized for the network."""
        return live_pixels(image, geometry, self._preprocessing)

    def network_input(self, pixels: ByteArray) -> NDArray[Any]:
        """As `prepare`, of what was resized already."""
        if self._image.dtype == "uint8":
            network_input: NDArray[Any] = in_channels(pixels, self._preprocessing).transpose(2, 0, 1)[None]
        else:
            network_input = normalised(pixels, self._preprocessing)
        if self._image.channels_last:
            network_input = network_input.transpose(0, 2, 3, 1)
        return np.ascontiguousarray(network_input)

    def run(self, image: ByteArray, geometry: InputGeometry) -> ForwardPass:
        """As `ModelRun.run`. Raises RuntimeError if ONNX Runtime fails."""
        return self.run_batch([image], [geometry])[0]

    def run_batch(
        self, images: Sequence[ByteArray], geometries: Sequence[InputGeometry]
    ) -> list[ForwardPass]:
        """As `ModelRun.run_batch`; one by one where the file is made for one image."""
        if len(images) > 1 and not self.batches:
            return [self.run(*each) for each in zip(images, geometries, strict=True)]
        pixels = [self.pixels(i, g) for i, g in zip(images, geometries, strict=True)]
        inputs = [self.network_input(each) for each in pixels]
        start = time.perf_counter()
        features, logits = self._passed(inputs[0] if len(inputs) == 1 else np.concatenate(inputs))
        forward = (time.perf_counter() - start) / len(pixels)
        return [
            # Copies: what is cut out of a large frame or a batch must not keep all of it in memory.
            ForwardPass(
                read_only(features[i].copy()), read_only(logits[i].copy()), forward, read_only(each.copy())
            )
            for i, each in enumerate(pixels)
        ]

    def _passed(self, network_input: NDArray[Any]) -> tuple[FloatArray, FloatArray]:
        """Features [n, C, h, w] and logits [n, N] of inputs."""
        return self.passed(self._session.run(network_input), network_input)

    @property
    def outputs(self) -> tuple[str, ...]:
        """The tensors that a pass needs."""
        return self._session.outputs

    def passed(
        self, results: Sequence[NDArray[Any]], network_input: NDArray[Any]
    ) -> tuple[FloatArray, FloatArray]:
        """Features [n, C, h, w] and logits [n, N]. results: of `outputs`, for these inputs."""
        features = self._place.cells.taken(results[0], *self._image.sides(network_input.shape))
        if self._pooled is None:
            return features, self._two_sided(results[1].reshape(len(network_input), -1))
        features = self._pooled.scaled(features)
        # From the very features that are returned, so that mean(CAM) + bias is the logit.
        return features, self._pooled.scores(features)

    def _logits(self, network_input: NDArray[Any]) -> FloatArray:
        return self._passed(network_input)[1]

    def _two_sided(self, logits: FloatArray) -> FloatArray:
        """One output z stands for two classes: -z and z."""
        return np.concatenate([-logits, logits], axis=1) if self._outputs == 1 else logits

    @property
    def side(self) -> int:
        """Pixels of the sides of inputs that the network was trained with."""
        return self._preprocessing.crop

    @property
    def fixed(self) -> bool:
        """Whether the file says that there is no other size."""
        return self._image.height is not None or self._image.width is not None

    def takes(self, height: int, width: int) -> bool:
        """Whether inputs of so many pixels can be run, and their features have more cells."""
        try:
            features, _ = self._passed(self.network_input(np.zeros((height, width, 3), np.uint8)))
        except (RuntimeError, ValueError):
            return False
        cells = self.layers[-1]
        return bool(features.shape[2] * features.shape[3] > cells.rows * cells.columns)


class _EarlierLayer:
    """As `base.EarlierLayer`: a session with one more output, made when it is needed, and kept."""

    def __init__(self, run: OnnxRun, graph: OnnxGraph, place: GraphLayer) -> None:
        self._run, self._graph, self._place = run, graph, place

    def run(self, image: ByteArray, geometry: InputGeometry) -> ForwardPass:
        """As `EarlierLayer.run`. Raises RuntimeError if ONNX Runtime fails."""
        pixels = self._run.pixels(image, geometry)
        network_input = self._run.network_input(pixels)
        start = time.perf_counter()
        *results, earlier = self._session.run(network_input)
        features, logits = self._run.passed(results, network_input)
        forward = time.perf_counter() - start
        planes = self._place.cells.taken(earlier, *self._graph.image.sides(network_input.shape))
        arrays = (features[0], logits[0], pixels, np.ascontiguousarray(planes[0]))
        features, logits, pixels, planes = (read_only(each.copy()) for each in arrays)
        return ForwardPass(features, logits, forward, pixels, planes)

    @cached_property
    def _session(self) -> OnnxSession:
        return self._graph.session([*self._run.outputs, self._place.tensor])


def onnx_run(file: OnnxFile, preprocessing: Preprocessing, labels: Sequence[str]) -> OnnxRun:
    """The network of a file that `read_onnx` read, its head proved. That takes seconds for large ones.

    labels: one a class. Raises ModelFailure if ONNX Runtime can't run it, if the preparation isn't for such
    an input, or for another number of labels.
    """
    return OnnxRun(file, preprocessing, labels)


def onnx_sizes(run: OnnxRun) -> SizeRule:
    """Which inputs the network takes: those that the file fixes, else those that it was seen to take."""
    side, rows = run.side, run.layers[-1].rows
    stride = 2 ** round(math.log2(side / rows))
    longer = side + 2 * stride
    # Open sizes promise nothing: the rest of the graph may be made for one size.
    if run.fixed or side % stride or not run.takes(longer, longer):
        return SizeRule(side // rows if side % rows == 0 else side, side, side, (side,), square=True)
    offered = sorted({max(round(side * part / stride), 1) * stride for part in _OFFERED})
    return SizeRule(stride, offered[0], offered[-1], tuple(offered), square=not run.takes(side, longer))


def _feature_place(
    graph: OnnxGraph, found: Sequence[GraphLayer], pooled: PooledHead | None, probe: NDArray[Any]
) -> GraphLayer:
    """The layer of the features: what the head averages, else the last one that has cells."""
    if pooled is not None:
        for each in found:
            if each.tensor == pooled.tensor:
                return each
        (values,) = graph.session([pooled.tensor]).run(probe)
        return graph_layer(graph, pooled.tensor, pooled.cells, values, graph.image.sides(probe.shape))
    if not found:
        raise ModelFailure(
            "No layer of {name} has cells that its scores depend on.",
            "Choose a convolutional network or a vision transformer.",
            name=graph.name,
        )
    return found[-1]


def _takes_batches(graph: OnnxGraph, place: GraphLayer, probes: Sequence[NDArray[Any]]) -> bool:
    """Whether two images at once give what each gives alone: not all files that say so can."""
    session = graph.session([place.tensor, graph.logits])
    try:
        together = session.run(np.concatenate(probes))
    except RuntimeError:
        return False
    alone = zip(*(session.run(probe) for probe in probes), strict=True)
    return all(
        both.shape == (one := np.concatenate(each)).shape and np.allclose(both, one, rtol=1e-3, atol=1e-3)
        for both, each in zip(together, alone, strict=True)
    )


def _check(file: OnnxFile, preprocessing: Preprocessing) -> None:
    """Raises ModelFailure if the preparation makes other inputs than the file takes."""
    if len(preprocessing.mean) != file.input.channels:
        raise ModelFailure(
            "{name} takes images of {channels} channels, not of {given}.",
            "Give as many numbers for mean and std in the model card.",
            name=file.path.name,
            channels=file.input.channels,
            given=len(preprocessing.mean),
        )
    for fixed in (file.input.height, file.input.width):
        if fixed not in (None, preprocessing.crop):
            raise ModelFailure(
                "{name} takes images of {fixed} pixels a side, not of {side}.",
                size_mend(file.path),
                name=file.path.name,
                fixed=fixed,
                side=preprocessing.crop,
            )
