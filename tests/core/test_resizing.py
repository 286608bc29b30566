"""Weights of whole numbers, by which a device resizes as Pillow does: compared with Pillow itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from camviewer.core.arrays import ByteArray
from camviewer.core.frames import Fit
from camviewer.core.geometry import InputGeometry, input_geometry
from camviewer.core.models.builtin import EFFICIENTNET_LITE0, RESNET18
from camviewer.core.models.spec import ModelSpec
from camviewer.core.resizing import LOW_BITS, axis_weights
from camviewer.core.runtimes.device import CPU
from camviewer.core.runtimes.preprocess import input_pixels
from camviewer.core.runtimes.torch_resize import DeviceResize


def noise(width: int, height: int, seed: int = 0) -> ByteArray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint8)


def on_device(image: ByteArray, geometries: list[InputGeometry], *, bicubic: bool) -> list[ByteArray]:
    resize = DeviceResize(geometries, CPU, bicubic=bicubic)
    parts = torch.from_numpy(resize.part.of(image).copy())[None]
    return [each[0].permute(1, 2, 0).to(torch.uint8).numpy() for each in resize(parts)]


@given(st.integers(1, 500), st.integers(1, 300), st.booleans())
def test_weights_are_those_that_a_row_shows(old: int, new: int, bicubic: bool) -> None:
    """Of a row with one bright pixel Pillow's result is that pixel's weights, in bytes."""
    weights = axis_weights(old, new, 0, new, bicubic=bicubic)
    bright = old // 2
    row = np.zeros((1, old), np.uint8)
    row[0, bright] = 255
    how = Image.Resampling.BICUBIC if bicubic else Image.Resampling.BILINEAR
    theirs = np.asarray(Image.fromarray(row).resize((new, 1), how))[0]
    if not weights.start <= bright < weights.start + weights.count:
        assert not theirs.any()
        return
    ours = (weights.whole[:, bright - weights.start].astype(np.int64) * 255 + (1 << 21)) >> 22
    if old != new:
        np.testing.assert_array_equal(np.clip(ours, 0, 255), theirs)
    high, low = weights.parts()
    together = high.astype(np.int64) * (1 << LOW_BITS) + low.astype(np.int64)
    np.testing.assert_array_equal(together, weights.whole)
    assert np.abs(low).max() <= 1 << (LOW_BITS - 1)


SIZES = [
    (1280, 720), (720, 1280), (640, 480), (224, 224), (256, 256), (100, 37), (1, 1), (3, 500), (333, 500),
    (225, 1000), (2000, 1500), (9000, 60),
]  # fmt: skip


@pytest.mark.parametrize("spec", [RESNET18, EFFICIENTNET_LITE0], ids=["bilinear", "bicubic"])
@pytest.mark.parametrize("size", SIZES)
def test_a_device_resizes_as_pillow_to_the_bit(spec: ModelSpec, size: tuple[int, int]) -> None:
    image = noise(*size)
    for fit in Fit:
        for resolution in (None, 320):
            geometry = input_geometry(*size, fit, resolution, spec.preprocessing, spec.sizes)
            (ours,) = on_device(image, [geometry], bicubic=spec.preprocessing.bicubic)
            np.testing.assert_array_equal(ours, input_pixels(image, geometry, spec.preprocessing))


def test_geometries_of_one_frame_share_its_part() -> None:
    image = noise(500, 333)
    geometries = [
        input_geometry(500, 333, Fit.CROP, resolution, RESNET18.preprocessing, RESNET18.sizes)
        for resolution in (224, 320, 448)
    ]
    for ours, geometry in zip(on_device(image, geometries, bicubic=False), geometries, strict=True):
        np.testing.assert_array_equal(ours, input_pixels(image, geometry, RESNET18.preprocessing))


def test_mirrored_pixels_are_the_pixels_the_other_way_round() -> None:
    image = noise(501, 333)
    geometry = input_geometry(501, 333, Fit.CROP, None, RESNET18.preprocessing, RESNET18.sizes)
    plain = input_pixels(image, geometry, RESNET18.preprocessing)
    mirrored = input_pixels(image, replace(geometry, mirrored=True), RESNET18.preprocessing)
    np.testing.assert_array_equal(mirrored, plain[:, ::-1])
