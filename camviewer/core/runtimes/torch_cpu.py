"""The engine runs a backbone: image in, features and logits out. One thread owns it and all device calls."""

from __future__ import annotations

import copy
import time
import warnings
from typing import TYPE_CHECKING

import numpy as np

from camviewer.core.arrays import ByteArray, FloatArray, read_only
from camviewer.core.failures import ModelFailure
from camviewer.core.geometry import InputGeometry
from camviewer.core.models.builtin import Backbone
from camviewer.core.models.labels import labels_for
from camviewer.core.models.spec import LinearHead
from camviewer.core.runtimes.base import ForwardPass, Needs
from camviewer.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from torch import Tensor, nn


def resolve_device(wanted: str) -> str:
    """``auto`` → cuda, else mps (Metal), else cpu; a named device as it is.

    Raises ModelFailure for a name that torch doesn't know.
    """
    import torch

    if wanted != "auto":
        try:
            return str(torch.device({"metal": "mps"}.get(wanted, wanted)))
        except RuntimeError as error:
            raise ModelFailure(
                "There is no device {name!r}.", "Use auto, cpu, cuda or mps.", name=wanted
            ) from error
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def device_title(device: str) -> str:
    """For people: the GPU's name, ``Metal`` or ``CPU``."""
    import torch

    if device.startswith("cuda"):
        return torch.cuda.get_device_name(device)
    return {"mps": "Metal", "cpu": "CPU"}.get(device, device)


class TorchEngine:
    """A backbone in torch: batch norms fused, channels last, float32, inference mode; packed on CPUs."""

    def __init__(
        self, backbone: Backbone, state: Mapping[str, Tensor], device: str, labels_file: Path | None = None
    ) -> None:
        """Raises ModelFailure if the state dict is not of this backbone; RuntimeError if the device fails."""
        import torch

        # torch warns, once a process, that read-only arrays could be written to through a tensor. We
        # only ever read frames; let it say so here, where nobody mistakes it for a fault.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.from_numpy(read_only(np.zeros(1, np.uint8)))
        self._torch = torch
        self._backbone = backbone
        self.layer = "last convolution"
        self.offers = Needs.LINEAR_HEAD | Needs.MANY_PASSES
        self.device = device
        self.device_title = device_title(device)
        network = _trained(backbone, state)
        weight = state[f"{backbone.head_key}.weight"].detach().float()
        bias = state[f"{backbone.head_key}.bias"].detach().float()
        self.head = LinearHead(
            read_only(weight.numpy().copy()),
            read_only(bias.numpy().copy()),
            labels_for(len(bias), labels_file),
        )
        self.labels = self.head.labels
        features = backbone.simplified(fused(backbone.features(network), backbone.conv_bn)).to(device)
        self._features = features.to(memory_format=torch.channels_last)
        if device == "cpu":
            from camviewer.core.runtimes.packing import packed

            side = backbone.preprocessing.crop
            example = torch.randn(1, 3, side, side, generator=torch.Generator().manual_seed(0))
            self._features = packed(self._features, example.to(memory_format=torch.channels_last))
        self._weight, self._bias = weight.to(device), bias.to(device)
        prep = backbone.preprocessing
        # x/255 normalised by mean and std, as one multiplication and one addition.
        self._gain = torch.tensor([1 / (255 * s) for s in prep.std], device=device).view(1, 3, 1, 1)
        self._offset = torch.tensor(
            [-m / s for m, s in zip(prep.mean, prep.std, strict=True)], device=device
        ).view(1, 3, 1, 1)

    def prepare(self, image: ByteArray, geometry: InputGeometry) -> Tensor:
        """The network's input: float32 [1, 3, h, w], as the weights' torchvision preset makes it."""
        return self._normalised(self._resized(image, geometry))

    def _resized(self, image: ByteArray, geometry: InputGeometry) -> Tensor:
        """uint8 [1, 3, h, w], channels last in memory.

        Resized as bytes with antialiasing: five times faster than as floats, and what the preset does.
        """
        torch, trim, crop = self._torch, geometry.trim, geometry.crop
        rows, columns = slice(trim.top, trim.top + trim.height), slice(trim.left, trim.left + trim.width)
        # A view: channels are last in memory, as interpolate likes them.
        pixels = torch.from_numpy(image)[rows, columns].permute(2, 0, 1)[None]
        if pixels.shape[-2:] != geometry.resized:
            mode = "bicubic" if self._backbone.preprocessing.bicubic else "bilinear"
            pixels = torch.nn.functional.interpolate(
                pixels, size=geometry.resized, mode=mode, align_corners=False, antialias=True
            )
        cut: Tensor = pixels[:, :, crop.top : crop.top + crop.height, crop.left : crop.left + crop.width]
        return cut

    def _normalised(self, pixels: Tensor) -> Tensor:
        torch = self._torch
        network_input: Tensor = torch.addcmul(self._offset, pixels.to(self.device).float(), self._gain)
        return network_input.contiguous(memory_format=torch.channels_last)

    def run(self, image: ByteArray, geometry: InputGeometry) -> ForwardPass:
        return self.run_batch([image], [geometry])[0]

    def run_batch(
        self, images: Sequence[ByteArray], geometries: Sequence[InputGeometry]
    ) -> list[ForwardPass]:
        torch = self._torch
        with torch.inference_mode():
            pixels = [self._resized(i, g) for i, g in zip(images, geometries, strict=True)]
            network_input = self._normalised(pixels[0] if len(pixels) == 1 else torch.cat(pixels))
            start = time.perf_counter()
            features = self._features(network_input)
            # The mean is of the same tensor that is handed out, so that CAM mean + bias is the logit.
            logits = torch.nn.functional.linear(features.mean((2, 3)), self._weight, self._bias)
            all_features = features.float().contiguous().cpu().numpy()
            all_logits = logits.float().cpu().numpy()
            forward = (time.perf_counter() - start) / len(pixels)  # .cpu() has waited for the device
            # A copy: what is cut out of a large frame must not keep all of it in memory.
            seen = [
                p[0].permute(1, 2, 0).clone(memory_format=torch.contiguous_format).numpy() for p in pixels
            ]
        return [
            ForwardPass(_own(all_features, i), _own(all_logits, i), forward, read_only(s))
            for i, s in enumerate(seen)
        ]


def _own(batch: FloatArray, index: int) -> FloatArray:
    """One of a batch, in memory of its own: it must not keep the others alive."""
    return read_only(batch[index] if len(batch) == 1 else batch[index].copy())


def _trained(backbone: Backbone, state: Mapping[str, Tensor]) -> nn.Module:
    weight = state.get(f"{backbone.head_key}.weight")
    other = Text("Choose a state dict of torchvision's {model}, or another model.", model=backbone.title)
    if weight is None or weight.ndim != 2 or f"{backbone.head_key}.bias" not in state:
        keys = ", ".join(sorted(state)[:20])
        raise ModelFailure("These weights are not of {model}.", other, keys, model=backbone.title)
    network = backbone.build(len(weight))
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        raise ModelFailure(
            "These weights are not of {model}.", other, str(error), model=backbone.title
        ) from error
    return network.eval()


def fused(network: nn.Module, pairs: tuple[tuple[str, str], ...]) -> nn.Module:
    """The same function with every named batch norm folded into the convolution before it."""
    import torch
    from torch import nn
    from torch.nn.utils.fusion import fuse_conv_bn_eval

    network = copy.deepcopy(network)
    with torch.no_grad():
        for module in network.modules():
            for conv_name, bn_name in pairs:
                conv, bn = getattr(module, conv_name, None), getattr(module, bn_name, None)
                if isinstance(conv, nn.Conv2d) and isinstance(bn, nn.BatchNorm2d):
                    setattr(module, conv_name, fuse_conv_bn_eval(conv, bn))
                    setattr(module, bn_name, nn.Identity())
    return network.requires_grad_(False)
