"""The built-in networks in ONNX Runtime. torch is not imported, unless gradients are asked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from functools import cached_property
from pathlib import Path

import numpy as np

from camviewer.core.arrays import (
    AnyArray,
    ByteArray,
    FloatArray,
    read_only,
)
from camviewer.core.geometry import InputGeometry
from camviewer.core.models.graphs import (
    NetworkGraph,
    graph_weights,
    network_graph,
    with_output,
)
from camviewer.core.models.labels import labels_for
from camviewer.core.models.spec import (
    LinearHead,
    ModelSpec,
    Preprocessing,
)
from camviewer.core.runtimes.base import (
    BasicRun,
    ForwardPass,
    Needs,
    earlier_layer,
)
from camviewer.core.runtimes.device import (
    CPU,
    Device,
)
from camviewer.core.runtimes.gradients_later import GradientsLater
from camviewer.core.runtimes.head_scores import scores
from camviewer.core.runtimes.libraries import (
    has_torch,
    limit_thread_pools,
)
from camviewer.core.runtimes.live_pixels import live_pixels
from camviewer.core.runtimes.onnx_builtin_passes import GraphPasses
from camviewer.core.runtimes.onnx_session import OnnxSession
from camviewer.core.runtimes.precision import Precision
from camviewer.core.text import Text

MakeSession = Callable[[bytes, Mapping[str, FloatArray]], OnnxSession]
"""A graph and its weights → what runs it on the device."""


class BuiltinRun(BasicRun):
    """A built-in network. Its head is computed outside of the graph, from the very features."""

    head: LinearHead
    no_gradients = Text("It needs the full edition of camviewer, with PyTorch, for gradients.")

    def __init__(
        self,
        spec: ModelSpec,
        state: Mapping[str, AnyArray],
        labels: Callable[[int], Sequence[str]],
        device: Device = CPU,
        device_title: str = "CPU",
        session: MakeSession = OnnxSession,
    ) -> None:
        """labels: of a head with so many classes.

        Raises ModelFailure if the state dict is not of this model; RuntimeError if the device fails.
        """
        limit_thread_pools()
        self._spec, self._state, self._make_session = spec, state, session
        self._graph = network_graph(spec)
        self._weights = graph_weights(spec, self._graph, state, spec.preprocessing)
        self._session = session(self._graph.model, self._weights)
        self.layer, self.layers = spec.layer, tuple(layer for layer, _ in self._graph.layers)
        self.device, self.device_title = device, device_title
        weight, bias = (
            read_only(np.array(state[key], np.float32)) for key in (spec.head.weight_key, spec.head.bias_key)
        )
        self._take_head(LinearHead(weight, bias, tuple(labels(len(weight)))), state)

    def _take_head(self, head: LinearHead, state: Mapping[str, AnyArray]) -> None:
        """state: a state dict with this head."""
        graph, weights, preprocessing = self._graph, self._weights, self._spec.preprocessing
        self.head, self.labels = head, head.labels
        self._frames = _Frames(self._session, preprocessing, head)
        self.passes = GraphPasses(graph, weights, preprocessing, head)
        self.offers = Needs.LINEAR_HEAD | Needs.MANY_PASSES
        earlier = earlier_layer(self.layers, self.layer)
        if earlier is not None:
            self.earlier = _EarlierLayer(
                graph, weights, earlier.name, self._make_session, preprocessing, head
            )
            self.offers |= Needs.EARLIER_LAYER
        if has_torch():
            self.gradients = GradientsLater(self._spec, state)
            self.offers |= Needs.GRADIENTS

    def with_head(self, head: LinearHead) -> BuiltinRun:
        """The same network with another head, of as many channels. The session is shared."""
        other = copy(self)
        keys = self._spec.head
        other._take_head(head, {**self._state, keys.weight_key: head.weight, keys.bias_key: head.bias})
        return other

    def run(self, image: ByteArray, geometry: InputGeometry) -> ForwardPass:
        """As `ModelRun.run`. Raises RuntimeError if ONNX Runtime fails."""
        return self.run_batch([image], [geometry])[0]

    def run_batch(
        self, images: Sequence[ByteArray], geometries: Sequence[InputGeometry]
    ) -> list[ForwardPass]:
        """As `ModelRun.run_batch`. Raises RuntimeError if ONNX Runtime fails."""
        return self._frames.run_batch(images, geometries)


class _Frames:
    """Frames through a graph: prepared, computed, scored."""

    def __init__(self, session: OnnxSession, preprocessing: Preprocessing, head: LinearHead) -> None:
        """session: its outputs are the features, and perhaps an earlier layer's output."""
        self._session, self._preprocessing, self._head = session, preprocessing, head

    def run_batch(
        self, images: Sequence[ByteArray], geometries: Sequence[InputGeometry]
    ) -> list[ForwardPass]:
        """As `ModelRun.run_batch`. Raises RuntimeError if ONNX Runtime fails."""
        seen = [
            live_pixels(image, geometry, self._preprocessing)
            for image, geometry in zip(images, geometries, strict=True)
        ]
        planes = np.stack([each.transpose(2, 0, 1) for each in seen])
        start = time.perf_counter()
        features, *others = self._session.run(planes)
        logits = scores(self._head, features)
        forward = (time.perf_counter() - start) / len(seen)
        pixels = planes.transpose(0, 2, 3, 1)
        if len(seen) == 1:
            earlier = read_only(others[0][0]) if others else None
            return [
                ForwardPass(
                    read_only(features[0]), read_only(logits[0]), forward, read_only(pixels[0]), earlier
                )
            ]
        return [
            # Copies: one of a batch must not keep the others in memory.
            ForwardPass(read_only(one.copy()), read_only(its.copy()), forward, read_only(of_it.copy()))
            for one, its, of_it in zip(features, logits, pixels, strict=True)
        ]


class _EarlierLayer:
    """As `base.EarlierLayer`: a second session, of the same weights, is made when it is needed, and kept."""

    def __init__(
        self,
        graph: NetworkGraph,
        weights: Mapping[str, FloatArray],
        layer: str,
        session: MakeSession,
        preprocessing: Preprocessing,
        head: LinearHead,
    ) -> None:
        self._graph, self._weights, self._layer, self._session = graph, weights, layer, session
        self._preprocessing, self._head = preprocessing, head

    def run(self, image: ByteArray, geometry: InputGeometry) -> ForwardPass:
        """As `EarlierLayer.run`. Raises RuntimeError if ONNX Runtime fails."""
        return self._frames.run_batch([image], [geometry])[0]

    @cached_property
    def _frames(self) -> _Frames:
        session = self._session(with_output(self._graph, self._layer), self._weights)
        return _Frames(session, self._preprocessing, self._head)


class OnnxCpu:
    """The runtime of the CPU for built-in networks. It is always there."""

    name = "onnx_cpu"

    def devices(self) -> tuple[Device, ...]:
        """The CPU."""
        return (CPU,)

    def resolve(self, device: Device) -> Device | None:
        """The CPU; None for every other kind."""
        return CPU if device.kind == CPU else None

    def title(self, device: Device) -> str:  # noqa: ARG002
        """``CPU``."""
        return "CPU"

    def precisions(self, device: Device) -> tuple[Precision, ...]:  # noqa: ARG002
        """float32."""
        return (Precision.FLOAT32,)

    def load(
        self,
        spec: ModelSpec,
        state: Mapping[str, AnyArray],
        device: Device,  # noqa: ARG002
        labels_file: Path | None = None,
        precision: Precision | None = None,  # noqa: ARG002
    ) -> BuiltinRun:
        """As `Runtime.load`."""
        return BuiltinRun(spec, state, lambda classes: labels_for(classes, labels_file, spec.labels))
