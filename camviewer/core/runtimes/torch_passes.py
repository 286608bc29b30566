"""More forward passes for one frame, with its input or a layer's output changed. Imports torch."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from camviewer.core.arrays import (
    ByteArray,
    FloatArray,
    read_only,
)
from camviewer.core.cancelling import check_wanted
from camviewer.core.geometry import InputGeometry
from camviewer.core.runtimes.torch_layers import (
    Prepare,
    layer_layout,
    replaced_output,
)
from camviewer.core.runtimes.torch_recording import logits_of

BATCH_PIXELS = 1 << 20
"""So many pixels of input go through the network at once: about 20 inputs of the usual size."""


class ModulePasses:
    """As `base.Passes`, for any nn.Module."""

    def __init__(self, network: nn.Module, prepare: Prepare) -> None:
        """network: in eval mode. prepare: see `Prepare`."""
        self._network, self._prepare = network, prepare

    def activations(self, image: ByteArray, geometry: InputGeometry, layer: str) -> FloatArray:
        """As `Passes.activations`. Raises ValueError for a layer without cells."""
        with torch.inference_mode():
            network_input = self._prepare(image, geometry)
            output = self._output(network_input, layer)
            layout = layer_layout(self._network, layer, output, network_input)
            planes: FloatArray = layout.planes(output)[0].float().contiguous().cpu().numpy()
        return read_only(planes)

    def of_masked(self, image: ByteArray, geometry: InputGeometry, masks: FloatArray) -> FloatArray:
        """As `Passes.of_masked`, in batches."""
        with torch.inference_mode():
            network_input = self._prepare(image, geometry)
            all_masks = torch.from_numpy(masks).to(network_input.device)
            logits = []
            for some in torch.split(all_masks, _batch(network_input)):
                check_wanted()
                logits.append(logits_of(self._network(network_input * some[:, None])))
            return _joined(logits)

    def of_activations(
        self, image: ByteArray, geometry: InputGeometry, layer: str, activations: FloatArray
    ) -> FloatArray:
        """As `Passes.of_activations`, in batches; what comes before the layer runs once a batch.

        Raises ValueError for a layer without cells.
        """
        with torch.inference_mode():
            network_input = self._prepare(image, geometry)
            output = self._output(network_input, layer)
            layout = layer_layout(self._network, layer, output, network_input)
            planes = torch.from_numpy(activations).to(output)
            logits = []
            for some in torch.split(planes, _batch(network_input)):
                check_wanted()
                logits.append(self._continued(network_input, layer, layout.output(some, output)))
            return _joined(logits)

    def _output(self, network_input: Tensor, layer: str) -> Tensor:
        """The layer's output. What follows may change it in place, so it is a copy."""
        outputs: list[Tensor] = []

        def keep(output: Tensor) -> Tensor:
            outputs.append(output.clone())
            return output

        with replaced_output(self._network, layer, keep):
            self._network(network_input)
        return outputs[-1]

    def _continued(self, network_input: Tensor, layer: str, outputs: Tensor) -> Tensor:
        """Logits [n, N] with the layer's output replaced by n others."""
        with replaced_output(self._network, layer, lambda _: outputs.clone()):
            # What comes before the layer is the same for all: it runs for one. Where a part after the layer
            # wants the batch that the network began with, it runs for all.
            try:
                logits = logits_of(self._network(network_input))
                if len(logits) == len(outputs):
                    return logits
            except RuntimeError as error:
                if isinstance(error, torch.OutOfMemoryError):
                    raise
            return logits_of(self._network(network_input.expand(len(outputs), -1, -1, -1)))


def _batch(network_input: Tensor) -> int:
    return max(1, BATCH_PIXELS // network_input[0, 0].numel())


def _joined(logits: list[Tensor]) -> FloatArray:
    joined: FloatArray = torch.cat(logits).cpu().numpy()
    return read_only(joined)
