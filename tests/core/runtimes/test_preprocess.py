"""Preparation without torch, and torch's way to resize: both against torchvision's own presets."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms import InterpolationMode, functional, v2

from camviewer.core.arrays import ByteArray, read_only
from camviewer.core.frames import Fit, Region
from camviewer.core.geometry import input_geometry
from camviewer.core.models.builtin import MODELS
from camviewer.core.models.spec import ModelSpec, Preprocessing
from camviewer.core.runtimes.preprocess import (
    Resize,
    gain_and_offset,
    in_channels,
    input_pixels,
    normalised,
    pillow_resized,
)
from camviewer.core.runtimes.torch_input import torch_resized
from camviewer.core.storage.images import read_image
from tests.core.runtimes.test_torch import PRESETS, SIZES, noise

every = pytest.mark.parametrize("spec", MODELS.values(), ids=MODELS.keys())


def seen(
    spec: ModelSpec, image: ByteArray, resize: Resize = pillow_resized, fit: Fit = Fit.CROP
) -> ByteArray:
    height, width = image.shape[:2]
    geometry = input_geometry(width, height, fit, None, spec.preprocessing, spec.sizes)
    return input_pixels(image, geometry, spec.preprocessing, resize)


@every
@pytest.mark.parametrize("size", SIZES)
def test_pillow_s_pixels_are_those_of_the_preset_to_the_bit(spec: ModelSpec, size: tuple[int, int]) -> None:
    image, preset = noise(*size), PRESETS[spec.name]
    theirs = functional.resize(Image.fromarray(image), preset.resize_size, preset.interpolation)
    np.testing.assert_array_equal(
        seen(spec, image), np.asarray(functional.center_crop(theirs, preset.crop_size))
    )


@every
@pytest.mark.parametrize("size", SIZES)
def test_torch_s_pixels_are_those_of_torchvision_to_the_bit(spec: ModelSpec, size: tuple[int, int]) -> None:
    """Its second edition resizes bytes as bytes. The preset, of the first, goes over floats and back."""
    image, preset = noise(*size), PRESETS[spec.name]
    tensor = torch.from_numpy(image.transpose(2, 0, 1).copy())
    theirs = v2.functional.resize(tensor, preset.resize_size, preset.interpolation, antialias=True)
    theirs = functional.center_crop(theirs, preset.crop_size)
    np.testing.assert_array_equal(seen(spec, image, torch_resized), theirs.permute(1, 2, 0).numpy())


@every
@pytest.mark.parametrize("size", [(451, 300), (224, 224), (60, 90)])
def test_the_input_is_the_preset_of_a_photo(spec: ModelSpec, size: tuple[int, int], samples: Path) -> None:
    photo = Image.fromarray(read_image(samples / "coffee.png")).resize(size)
    ours = normalised(seen(spec, np.array(photo)), spec.preprocessing)
    assert ours.dtype == np.float32
    assert ours.shape == (1, 3, 224, 224)
    assert ours.flags.c_contiguous
    theirs = PRESETS[spec.name](photo).numpy()
    np.testing.assert_allclose(ours[0], theirs, rtol=0, atol=2e-6)


def test_the_interpolation_is_the_preset_s() -> None:
    modes = {False: InterpolationMode.BILINEAR, True: InterpolationMode.BICUBIC}
    assert all(PRESETS[s.name].interpolation is modes[s.preprocessing.bicubic] for s in MODELS.values())


@every
def test_gain_and_offset(spec: ModelSpec) -> None:
    gain, offset = gain_and_offset(spec.preprocessing)
    mean, std = np.array(spec.preprocessing.mean), np.array(spec.preprocessing.std)
    for value in (0, 1, 128, 255):
        np.testing.assert_allclose(value * gain + offset, (value / 255 - mean) / std, atol=1e-6)


@every
def test_what_has_its_size_is_not_resized(spec: ModelSpec) -> None:
    def never(pixels: ByteArray, size: tuple[int, int], bicubic: bool) -> ByteArray:
        raise AssertionError

    image = noise(224, 224)
    np.testing.assert_array_equal(seen(spec, image, never, Fit.SQUASH), image)


@every
def test_what_is_trimmed_is_not_seen(spec: ModelSpec) -> None:
    """Frames more elongated than 4:1."""
    image = noise(640, 100)
    geometry = input_geometry(640, 100, Fit.CROP, None, spec.preprocessing, spec.sizes)
    assert geometry.trim == Region(120, 0, 400, 100)
    changed = image.copy()
    changed[:, :120] = changed[:, 520:] = 0
    for resize in (pillow_resized, torch_resized):
        ours = input_pixels(image, geometry, spec.preprocessing, resize)
        assert ours.shape == (224, 224, 3)
        np.testing.assert_array_equal(
            ours, input_pixels(read_only(changed), geometry, spec.preprocessing, resize)
        )


def test_it_works_without_torch() -> None:
    code = (
        "import sys; sys.modules['torch'] = None; import numpy as np;"
        "from camviewer.core.frames import Fit; from camviewer.core.geometry import input_geometry;"
        "from camviewer.core.models.builtin import DEFAULT as s;"
        "from camviewer.core.runtimes.preprocess import normalised, input_pixels;"
        "g = input_geometry(64, 48, Fit.WHOLE, None, s.preprocessing, s.sizes);"
        "p = input_pixels(np.zeros((48, 64, 3), np.uint8), g, s.preprocessing);"
        "print(normalised(p, s.preprocessing).shape)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "(1, 3, 224, 320)", done.stderr


def test_another_network_has_another_input() -> None:
    spec = MODELS["resnet18"]
    small = dataclasses.replace(
        spec, preprocessing=dataclasses.replace(spec.preprocessing, resize=192, crop=192)
    )
    assert seen(small, noise(300, 200)).shape == (192, 192, 3)


PIXELS = noise(40, 30)


def test_one_channel_is_luminance_as_pillow_and_itu_r_601_have_it() -> None:
    grey = in_channels(PIXELS, Preprocessing(30, 30, (0.5,), (0.25,)))
    assert grey.shape == (30, 40, 1)
    expected = PIXELS @ np.array([0.299, 0.587, 0.114])
    np.testing.assert_allclose(grey[..., 0], expected, rtol=0, atol=0.51)
    theirs = functional.rgb_to_grayscale(torch.from_numpy(PIXELS.transpose(2, 0, 1).copy())).numpy()
    np.testing.assert_allclose(grey[..., 0].astype(float), theirs[0], rtol=0, atol=1)


@pytest.mark.parametrize("bgr", [False, True])
@pytest.mark.parametrize("channels", [3, 4])
def test_channels_in_the_network_s_order(channels: int, bgr: bool) -> None:
    mean, std = (0.4, 0.5, 0.6, 0.7)[:channels], (0.1, 0.2, 0.3, 0.4)[:channels]
    ours = normalised(PIXELS, Preprocessing(30, 30, mean, std, bgr=bgr))
    assert ours.shape == (1, channels, 30, 40)
    colours = PIXELS[..., ::-1] if bgr else PIXELS
    for i in range(channels):
        plane = colours[..., i] if i < 3 else np.full((30, 40), 255)
        np.testing.assert_allclose(ours[0, i], (plane / 255 - mean[i]) / std[i], atol=1e-5)
