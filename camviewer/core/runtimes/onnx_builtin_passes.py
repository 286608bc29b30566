"""More passes of a built-in network in ONNX Runtime. onnx is imported when the first one is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from camviewer.core.arrays import (
    ByteArray,
    FloatArray,
)
from camviewer.core.geometry import InputGeometry
from camviewer.core.models.graphs import (
    FEATURES,
    NORMALISED,
    NetworkGraph,
)
from camviewer.core.models.onnx_file import OnnxFile, OnnxInput
from camviewer.core.models.spec import (
    LinearHead,
    Link,
    Preprocessing,
)
from camviewer.core.runtimes.head_scores import scores
from camviewer.core.runtimes.live_pixels import live_pixels
from camviewer.core.runtimes.onnx_cells import Cells, Order
from camviewer.core.runtimes.onnx_graph import OnnxGraph
from camviewer.core.runtimes.onnx_layers import GraphLayer
from camviewer.core.runtimes.onnx_passes import OnnxPasses
from camviewer.core.runtimes.preprocess import normalised


class GraphPasses:
    """As `base.Passes`. Parts of the graph are cut out when they are needed, and kept."""

    def __init__(
        self,
        graph: NetworkGraph,
        weights: Mapping[str, FloatArray],
        preprocessing: Preprocessing,
        head: LinearHead,
    ) -> None:
        """weights: as `graph_weights` makes them."""
        self._graph, self._weights = graph, weights
        self._preprocessing, self._head = preprocessing, head

    def activations(self, image: ByteArray, geometry: InputGeometry, layer: str) -> FloatArray:
        """As `Passes.activations`. Raises KeyError for a layer that isn't listed."""
        return self._passes.activations(image, geometry, layer)

    def of_masked(self, image: ByteArray, geometry: InputGeometry, masks: FloatArray) -> FloatArray:
        """As `Passes.of_masked`."""
        return self._passes.of_masked(image, geometry, masks)

    def of_activations(
        self, image: ByteArray, geometry: InputGeometry, layer: str, activations: FloatArray
    ) -> FloatArray:
        """As `Passes.of_activations`. Raises KeyError as above."""
        return self._passes.of_activations(image, geometry, layer, activations)

    @cached_property
    def _passes(self) -> OnnxPasses:
        graph = OnnxGraph(self._file())
        whole = graph.session([FEATURES])
        layers = [
            GraphLayer(
                layer, tensor, Cells(Order.CHANNELS_FIRST), (1, layer.channels, layer.rows, layer.columns)
            )
            for layer, tensor in self._graph.layers
        ]
        return OnnxPasses(
            graph,
            layers,
            lambda image, geometry: normalised(self._pixels(image, geometry), self._preprocessing),
            lambda network_input: scores(self._head, whole.run(network_input)[0]),
            lambda flat: scores(self._head, flat.reshape(len(flat), self._head.weight.shape[1], -1)),
            batches=True,
        )

    def _pixels(self, image: ByteArray, geometry: InputGeometry) -> ByteArray:
        return live_pixels(image, geometry, self._preprocessing)

    def _file(self) -> OnnxFile:
        """The graph as one that takes what is normalised already, where masks are laid on it."""
        from onnx import ModelProto, TensorProto, helper

        model = ModelProto()
        model.ParseFromString(self._graph.model)
        del model.graph.input[:]
        model.graph.input.append(
            helper.make_tensor_value_info(NORMALISED, TensorProto.FLOAT, ["n", 3, "h", "w"])
        )
        return OnnxFile(
            path=Path(model.graph.name),
            sha256="",
            input=OnnxInput(
                NORMALISED, "float32", 3, channels_last=False, batch=None, height=None, width=None
            ),
            scores=FEATURES,
            logits=FEATURES,
            outputs=len(self._head.bias),
            link=Link.SOFTMAX,
            opset=model.opset_import[0].version,
            producer=model.producer_name,
            parameters=0,
            model=model,
            weights=self._weights,
            metadata={},
        )
