"""The pixels of live frames, made by ONNX Runtime: against what torchvision's presets make of photos."""

from __future__ import annotations

import dataclasses
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from torchvision.transforms import functional

from camviewer.core.arrays import ByteArray, read_only
from camviewer.core.cam import class_activation_maps, softmax
from camviewer.core.frames import Fit
from camviewer.core.geometry import InputGeometry, as_input, input_geometry
from camviewer.core.loading import ModelChoice, load_model
from camviewer.core.models.builtin import MODELS, RESNET18
from camviewer.core.models.spec import ModelSpec
from camviewer.core.runtimes import live_pixels as module
from camviewer.core.runtimes.live_pixels import live_pixels
from camviewer.core.runtimes.preprocess import input_pixels
from camviewer.core.storage.images import read_image
from tests.core.runtimes.test_torch import PRESETS, noise

every = pytest.mark.parametrize("spec", MODELS.values(), ids=MODELS.keys())

SIZES = ((1280, 720), (640, 480), (300, 451), (225, 1000), (90, 60), (1000, 7), (1, 1))


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Each test makes its own graphs."""
    module._session.cache_clear()
    yield
    module._session.cache_clear()


@pytest.fixture(scope="module")
def photo(samples: Path) -> Image.Image:
    return Image.fromarray(read_image(samples / "coffee.png"))


def geometry_of(
    image: ByteArray, spec: ModelSpec, fit: Fit = Fit.CROP, resolution: int | None = None
) -> InputGeometry:
    return input_geometry(image.shape[1], image.shape[0], fit, resolution, spec.preprocessing, spec.sizes)


def check(ours: ByteArray, theirs: ByteArray, by_one: float, by_two: float) -> None:
    """At most such shares of the values differ by 1 or more, and by 2, and none by more."""
    assert ours.shape == theirs.shape
    assert ours.dtype == np.uint8
    differences = np.abs(ours.astype(int) - theirs)
    assert differences.max() <= 2
    assert (differences > 1).mean() <= by_two
    assert (differences > 0).mean() <= by_one


@every
@pytest.mark.parametrize("size", [size for size in SIZES if max(size) <= 4 * min(size)])
def test_photos_are_those_of_the_preset(spec: ModelSpec, size: tuple[int, int], photo: Image.Image) -> None:
    """Nearly all values are at most 1 of 255 off. 1:4 is where the preset's frames are trimmed."""
    frame, preset = photo.resize(size), PRESETS[spec.name]
    image = np.asarray(frame)
    theirs = functional.resize(frame, preset.resize_size, preset.interpolation)
    theirs = np.asarray(functional.center_crop(theirs, preset.crop_size))
    ours = live_pixels(image, geometry_of(image, spec), spec.preprocessing)
    check(ours, theirs, 0.05, 3e-4)
    assert np.mean(ours.astype(int) - theirs) == pytest.approx(0, abs=0.01)  # neither lighter nor darker
    assert module._session.cache_info().currsize == 1  # it was not Pillow


@every
@pytest.mark.parametrize("fit", Fit)
@pytest.mark.parametrize("resolution", [224, 448])
@pytest.mark.parametrize("size", SIZES)
def test_noise_is_that_of_pillow(spec: ModelSpec, size: tuple[int, int], resolution: int, fit: Fit) -> None:
    """The worst that there is: a cubic goes far beyond black and white."""
    image = noise(*size)
    geometry = geometry_of(image, spec, fit, resolution)
    ours = live_pixels(image, geometry, spec.preprocessing)
    check(ours, input_pixels(image, geometry, spec.preprocessing), 0.25, 4e-3)


@every
@pytest.mark.parametrize("size", [(1280, 720), (90, 60)])
def test_a_plain_area_keeps_its_colour(spec: ModelSpec, size: tuple[int, int]) -> None:
    for colour in ((0, 255, 1), (127, 128, 254)):
        image = np.full((size[1], size[0], 3), colour, np.uint8)
        ours = live_pixels(image, geometry_of(image, spec), spec.preprocessing)
        assert (ours == colour).all()


@every
@pytest.mark.parametrize("size", [(1280, 720), (640, 480)])
def test_what_is_cut_off_does_not_count(spec: ModelSpec, size: tuple[int, int]) -> None:
    """And isn't computed: frames that aren't contiguous are copied no further than they count."""
    image = noise(*size)
    geometry = geometry_of(image, spec)
    region = geometry.region
    around = 8
    changed = np.zeros_like(image)
    rows = slice(region.top - around, region.top + region.height + around)
    columns = slice(region.left - around, region.left + region.width + around)
    changed[rows, columns] = image[rows, columns]
    assert (changed != image).any()
    ours = live_pixels(image, geometry, spec.preprocessing)
    np.testing.assert_array_equal(live_pixels(read_only(changed), geometry, spec.preprocessing), ours)


@every
def test_frames_with_gaps_between_their_rows(spec: ModelSpec) -> None:
    image = noise(640, 480)
    wide = np.zeros((480, 700, 3), np.uint8)
    wide[:, 20:660] = image
    for fit in Fit:
        geometry = geometry_of(image, spec, fit)
        np.testing.assert_array_equal(
            live_pixels(wide[:, 20:660], geometry, spec.preprocessing),
            live_pixels(image, geometry, spec.preprocessing),
        )


@pytest.mark.weights
@pytest.mark.slow
@pytest.mark.parametrize("size", [None, (1280, 720)])
@every
def test_real_networks_say_the_same(spec: ModelSpec, size: tuple[int, int] | None, assets: Path) -> None:
    """Of the shared photos, also as frames of a camera.

    torch's own resize changes probabilities by up to 0.0106. Where two classes are that close, either may be
    first. With the axes in the other order it is 0.024.
    """
    most = 0.01
    weights = assets / "weights/resnet18-imagenet1k-pq.pth" if spec is RESNET18 else None
    run = load_model(ModelChoice(spec.name, weights, device="cpu")).explainer._run
    assert run.head is not None
    names = [photo["file"] for photo in json.loads((assets / "images/expected.json").read_text())]
    assert len(names) == 43
    for name in names:
        image = read_image(assets / "images" / name)
        if size is not None:
            image = np.asarray(Image.fromarray(image).resize(size))
        geometry = geometry_of(image, spec)
        passes = [
            run.run(make(image, geometry, spec.preprocessing), as_input_of(geometry))
            for make in (input_pixels, live_pixels)
        ]
        exact, ours = (softmax(each.logits) for each in passes)
        assert np.abs(exact - ours).max() <= most, name
        top = int(exact.argmax())
        assert ours[top] >= ours.max() - most, name
        cams = [class_activation_maps(each.features, run.head.weight[[top]]) for each in passes]
        assert np.abs(cams[0] - cams[1]).max() <= 0.02 * np.abs(cams[0]).max(), name


def as_input_of(geometry: InputGeometry) -> InputGeometry:
    """Of pixels that are cut already."""
    pixels = np.empty((geometry.crop.height, geometry.crop.width, 3), np.uint8)
    return as_input(pixels, geometry.region)


def test_mirrored() -> None:
    image = noise(640, 480)
    geometry = geometry_of(image, RESNET18)
    mirrored = dataclasses.replace(geometry, mirrored=True)
    ours = live_pixels(image, mirrored, RESNET18.preprocessing)
    np.testing.assert_array_equal(ours, live_pixels(image, geometry, RESNET18.preprocessing)[:, ::-1])


def test_each_colour_is_a_plane_in_memory() -> None:
    image = noise(640, 480)
    pixels = live_pixels(image, geometry_of(image, RESNET18), RESNET18.preprocessing)
    assert pixels.transpose(2, 0, 1).flags.c_contiguous


@every
def test_an_exact_geometry_is_to_the_bit_as_pillow_s(spec: ModelSpec) -> None:
    image = noise(640, 480)
    exact = dataclasses.replace(geometry_of(image, spec), exact=True)
    ours = live_pixels(image, exact, spec.preprocessing)
    np.testing.assert_array_equal(ours, input_pixels(image, exact, spec.preprocessing))
    assert module._session.cache_info().currsize == 0


def test_what_has_its_size_is_not_resized() -> None:
    image = noise(224, 224)
    ours = live_pixels(image, geometry_of(image, RESNET18, Fit.SQUASH), RESNET18.preprocessing)
    assert np.shares_memory(ours, image)


def test_graphs_are_made_once_and_not_all_kept() -> None:
    for height in range(300, 310):
        image = noise(320, height)
        for _ in range(2):
            live_pixels(image, geometry_of(image, RESNET18), RESNET18.preprocessing)
    found = module._session.cache_info()
    assert (found.misses, found.hits, found.currsize) == (10, 10, 4)


def test_where_onnx_runtime_can_t_pillow_does(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    image = noise(640, 480)
    geometry = geometry_of(image, RESNET18)
    with caplog.at_level(logging.WARNING):
        ours = live_pixels(image, geometry, RESNET18.preprocessing)
    np.testing.assert_array_equal(ours, input_pixels(image, geometry, RESNET18.preprocessing))
    assert "Pillow does" in caplog.text


def test_neither_torch_nor_onnx_is_needed() -> None:
    code = (
        "import sys; sys.modules['torch'] = sys.modules['onnx'] = None; import numpy as np;"
        "from camviewer.core.frames import Fit; from camviewer.core.geometry import input_geometry;"
        "from camviewer.core.models.builtin import DEFAULT as s;"
        "from camviewer.core.runtimes import live_pixels as l;"
        "g = input_geometry(640, 480, Fit.WHOLE, None, s.preprocessing, s.sizes);"
        "p = l.live_pixels(np.zeros((480, 640, 3), np.uint8), g, s.preprocessing);"
        "print(p.shape, l._session.cache_info().currsize)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "(224, 320, 3) 1", done.stderr
