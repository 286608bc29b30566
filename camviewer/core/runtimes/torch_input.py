"""From frames to a network's input, in torch."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from camviewer.core.arrays import (
    ByteArray,
    read_only,
)
from camviewer.core.failures import ModelFailure
from camviewer.core.geometry import InputGeometry
from camviewer.core.models.spec import Preprocessing
from camviewer.core.runtimes.device import Device
from camviewer.core.runtimes.preprocess import (
    gain_and_offset,
    input_pixels,
    pillow_resized,
)

# torch warns, once a process, that read-only arrays could be written to through a tensor. Frames are only
# read here: trigger the warning once, and hide it.
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    torch.from_numpy(read_only(np.zeros(1, np.uint8)))

_LUMINANCE = (0.299, 0.587, 0.114)
"""Of red, green and blue: ITU-R BT.601, as Pillow makes grey of colours."""
_OPAQUE = 255


class InputPreparation:
    """Makes the input of one network: resized pixels, its channels, normalised, on its device."""

    def __init__(
        self,
        preprocessing: Preprocessing,
        device: Device,
        memory_format: torch.memory_format = torch.channels_last,
    ) -> None:
        """The network has as many channels as the preprocessing's mean.

        Raises ModelFailure unless these are 1 (luminance), 3 (RGB) or 4 (RGB, and alpha that is opaque).
        """
        self.channels = len(preprocessing.mean)
        if self.channels not in (1, 3, 4):
            raise ModelFailure(
                "The network's input has {channels} channels.",
                "Open a network whose input has 1 (grey), 3 (colour) or 4 (colour and alpha) channels.",
                channels=self.channels,
            )
        self._preprocessing, self._device, self._memory_format = preprocessing, device, memory_format
        # Not made when it is needed: what is copied to a GPU can't be part of recorded work.
        self._luminance = torch.tensor(_LUMINANCE).view(1, 3, 1, 1).to(device)
        self._gain, self._offset = (
            torch.from_numpy(numbers).view(1, -1, 1, 1).to(device)
            for numbers in gain_and_offset(preprocessing)
        )

    def __call__(self, image: ByteArray, geometry: InputGeometry) -> Tensor:
        """The network's input: float32 [1, C, h, w], as the weights' torchvision preset makes it."""
        return self.normalised([self.pixels(image, geometry)])

    def pixels(self, image: ByteArray, geometry: InputGeometry) -> ByteArray:
        """What the network sees of a frame, uint8 [H, W, 3]: resized and cut, uint8 [h, w, 3]."""
        resize = pillow_resized if geometry.exact else torch_resized
        return input_pixels(image, geometry, self._preprocessing, resize)

    def normalised(self, pixels: Sequence[ByteArray]) -> Tensor:
        """All of one size, uint8 [h, w, 3]: float32 [n, C, h, w]."""
        # torch has no views that go backwards, as mirrored pixels are.
        bytes_ = [torch.from_numpy(np.ascontiguousarray(p)).permute(2, 0, 1)[None] for p in pixels]
        batch = bytes_[0] if len(bytes_) == 1 else torch.cat(bytes_)
        return self.of_colours(batch.to(self._device).float())

    def of_colours(self, colours: Tensor) -> Tensor:
        """The network's input of RGB pixels on its device, float32 [n, 3, h, w], 0..255."""
        network_input: Tensor = torch.addcmul(self._offset, self._in_channels(colours), self._gain)
        return network_input.contiguous(memory_format=self._memory_format)

    @property
    def bicubic(self) -> bool:
        """How frames are resized; else bilinear."""
        return self._preprocessing.bicubic

    def noise(self, size: tuple[int, int], seed: int, device: torch.device | None = None) -> Tensor:
        """An input with coarse and fine structures, as frames have: float32 [1, C, h, w] of this size.

        device: the preparation's own unless given.
        """
        generator = torch.Generator().manual_seed(seed)
        total = torch.zeros(1, self.channels, *size)
        for divisor in (size[0], 16, 4, 1):
            coarse = [max(side // divisor, 1) for side in size]
            part = torch.randn(1, self.channels, *coarse, generator=generator)
            total += nn.functional.interpolate(part, size=size, mode="bilinear", align_corners=False)
        return (total * 0.7).to(device or self._device).contiguous(memory_format=self._memory_format)

    def _in_channels(self, colours: Tensor) -> Tensor:
        """float32 [n, 3, h, w], RGB, 0..255 → [n, C, h, w]."""
        if self.channels == 1:
            return (colours * self._luminance).sum(1, keepdim=True)
        if self._preprocessing.bgr:
            colours = colours.flip(1)
        if self.channels == 4:
            colours = torch.cat((colours, torch.full_like(colours[:, :1], _OPAQUE)), 1)
        return colours


def torch_resized(pixels: ByteArray, size: tuple[int, int], bicubic: bool) -> ByteArray:
    """What torchvision's preset does with a tensor of bytes: uint8 [H, W, 3] → [h, w, 3].

    Resized as bytes with antialiasing: five times faster than as floats.
    """
    # Views before and after: channels are last in memory, as interpolate likes them.
    batch = torch.from_numpy(pixels).permute(2, 0, 1)[None]
    resized = nn.functional.interpolate(
        batch, size=size, mode="bicubic" if bicubic else "bilinear", align_corners=False, antialias=True
    )
    as_pixels: ByteArray = resized[0].permute(1, 2, 0).numpy()
    return as_pixels
