"""Photos prepared elsewhere: what the network says of them is, to the bit, what it says of their frames."""

from __future__ import annotations

import io
import os
import pickle
from contextlib import closing
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from camviewer.core.explainer import Explainer
from camviewer.core.explanation import ExplainRequest
from camviewer.core.failures import SourceFailure
from camviewer.core.frames import Fit
from camviewer.core.methods.registry import METHODS
from camviewer.core.models.builtin import MODELS, RESNET18
from camviewer.core.models.spec import ModelInfo, ModelSpec, WeightsOrigin
from camviewer.core.review.helper_process import Lost
from camviewer.core.review.pool import Pool
from camviewer.core.review.prepared import works_on_pixels
from camviewer.core.review.preparing import (
    PreparationPlan,
    PreparedPhoto,
    Stamp,
    jpeg_again,
    prepare_photo,
    stamp_of,
)
from camviewer.core.review.thumbnails import small_jpeg
from camviewer.core.runtimes.device import CPU
from camviewer.core.runtimes.torch_cpu import CpuRun
from camviewer.core.storage.images import read_photo
from camviewer.core.targets import scores_of
from camviewer.core.text import Text
from tests.helpers import arrays, cam

PLAN = PreparationPlan(RESNET18.preprocessing, RESNET18.sizes, Fit.CROP, 224)
CLASSES = 10


@cache
def explainer_of(spec: ModelSpec) -> Explainer:
    torch.manual_seed(0)
    run = CpuRun(spec, arrays(spec.architecture.build(CLASSES).state_dict()))
    return Explainer(run, spec, ModelInfo(spec.name, spec.title, CPU, "CPU", "", "", WeightsOrigin.FILE))


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Of many kinds: turned, transparent, grey, long, tiny, of the input's size and of the resized one's."""
    folder = tmp_path_factory.mktemp("photos")
    numbers = np.random.default_rng(0)

    def saved(name: str, size: tuple[int, int], mode: str = "RGB", **options: Any) -> Path:
        coarse = numbers.integers(0, 256, (8, 8, len(mode)), np.uint8)
        image = Image.fromarray(coarse[..., 0] if mode == "L" else coarse).resize(size)
        image.save(folder / name, **options)
        return folder / name

    turned = Image.Exif()
    turned[0x0112] = 6
    return [
        saved("wide.jpg", (500, 375)),
        saved("high.jpg", (333, 500)),
        saved("turned.jpg", (400, 300), exif=turned, comment=b"who took it"),
        saved("transparent.png", (300, 300), "RGBA"),
        saved("grey.png", (320, 240), "L"),
        saved("long.png", (1300, 100)),
        saved("tiny.png", (3, 5)),
        saved("input.png", (224, 224)),
        saved("resized.png", (256, 256)),
        saved("wide-again.jpg", (500, 375)),
    ]


def prepared(photo: Path, plan: PreparationPlan = PLAN) -> PreparedPhoto:
    """As it comes from another process."""
    found = pickle.loads(pickle.dumps(prepare_photo(photo, plan)))
    assert isinstance(found, PreparedPhoto)
    return found


@pytest.mark.parametrize("spec", MODELS.values(), ids=lambda spec: spec.name)
@pytest.mark.parametrize(
    "request_",
    [
        ExplainRequest(),
        ExplainRequest(Fit.SQUASH),
        ExplainRequest(Fit.WHOLE, 160),
        ExplainRequest(resolution=320),
        ExplainRequest(resolution=323),  # which no network takes
    ],
    ids=["crop", "squash", "whole", "large", "odd"],
)
def test_they_are_explained_as_their_frames_are(
    spec: ModelSpec, request_: ExplainRequest, photos: list[Path]
) -> None:
    explainer = explainer_of(spec)
    by_pixels = explainer.for_prepared(request_)
    assert by_pixels is not None
    expected = explainer.explain_batch([read_photo(photo) for photo in photos], request_)
    found = by_pixels.explain([prepared(photo, by_pixels.plan) for photo in photos])
    assert len(found) == len(expected) == len(photos)
    for ours, theirs in zip(found, expected, strict=True):
        frame = theirs.frame
        assert (ours.frame.source, ours.frame.width, ours.frame.height) == (
            frame.source,
            frame.width,
            frame.height,
        )
        assert ours.region == theirs.region
        np.testing.assert_array_equal(ours.frame.pixels, theirs.network_input)
        np.testing.assert_array_equal(ours.prediction.logits, theirs.logits)
        np.testing.assert_array_equal(ours.prediction.probabilities, theirs.probabilities)
        assert ours.prediction.labels == theirs.labels
        for target in scores_of(range(CLASSES)):
            np.testing.assert_array_equal(ours.maps.get(target).values, cam(theirs, target.class_id))
            assert ours.maps.get(target).remainder == theirs.map(target).remainder
            assert ours.maps.get(target).layer == theirs.map(target).layer


def test_only_the_exact_method_works_on_pixels() -> None:
    """All others look at the frame again, or compute maps on request."""
    explainer = explainer_of(RESNET18)
    assert [name for name, method in METHODS.items() if works_on_pixels(method, ExplainRequest())] == ["CAM"]
    for method in ("CAM", None):
        assert explainer.for_prepared(ExplainRequest(method=method)) is not None
        assert explainer.for_prepared(ExplainRequest(method=method, fine=True)) is None
    for method in (*(set(METHODS) - {"CAM"}), "no such method"):
        assert explainer.for_prepared(ExplainRequest(method=method)) is None


@given(st.sampled_from(Fit), st.integers(1, 6), st.integers(1, 4000), st.integers(1, 4000))
def test_no_input_is_larger_than_said(fit: Fit, cells: int, width: int, height: int) -> None:
    for spec in MODELS.values():
        resolution = spec.sizes.nearest(cells * 64)
        plan = PreparationPlan(spec.preprocessing, spec.sizes, fit, resolution)
        crop = plan.geometry(width, height).crop
        assert 3 * crop.width * crop.height <= plan.most_bytes


def test_what_comes_back_is_small(photos: list[Path]) -> None:
    """The pixels, and little more; their memory is their own."""
    photo = prepare_photo(photos[0], PLAN)
    assert isinstance(photo, PreparedPhoto)
    assert photo.pixels.shape == (224, 224, 3)
    assert photo.pixels.flags.owndata
    assert not photo.pixels.flags.writeable
    assert len(pickle.dumps(photo)) < photo.pixels.nbytes + 1000


def test_what_can_not_be_read_is_a_sentence(tmp_path: Path) -> None:
    """Which the window can still translate when it comes from another process."""
    (tmp_path / "empty.jpg").touch()
    for name, template in (("gone.jpg", "{name} doesn't exist."), ("empty.jpg", "{name} is empty.")):
        told = pickle.loads(pickle.dumps(prepare_photo(tmp_path / name, PLAN)))
        assert isinstance(told, Text)
        assert told.startswith(template.format(name=name))
        parts = list(told.values.values())
        assert isinstance(parts[0], Text)
        assert (parts[0].template, parts[0].values) == (template, {"name": name})


# Thumbnails


def test_a_thumbnail_is_made_at_once_or_later(photos: list[Path]) -> None:
    frame = read_photo(photos[2])
    plan = PreparationPlan(PLAN.preprocessing, PLAN.sizes, Fit.CROP, 224, side=100)
    at_once, without = prepared(photos[2], plan), prepared(photos[2])
    assert at_once.jpeg == small_jpeg(frame.image, 100)
    assert without.jpeg is None
    assert jpeg_again((photos[2], without.stamp), 100) == at_once.jpeg
    assert b"who took it" not in at_once.jpeg
    for photo in photos:
        for side in (20, 100, 1000):
            plan = PreparationPlan(PLAN.preprocessing, PLAN.sizes, Fit.CROP, 224, side=side)
            assert prepared(photo, plan).jpeg == small_jpeg(read_photo(photo).image, side)
    with Image.open(io.BytesIO(at_once.jpeg)) as image:
        assert image.size == (75, 100), "upright"


def test_a_photo_that_has_changed_gives_no_thumbnail(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (40, 30), "red").save(path)
    stamp = prepared(path).stamp
    os.utime(path, ns=(1, stamp.modified + 1_000_000_000))
    assert jpeg_again((path, stamp), 100) is None
    path.unlink()
    assert stamp_of(path) == Stamp(0, 0)
    with pytest.raises(SourceFailure, match="doesn't exist"):
        jpeg_again((path, stamp), 100)


# In another process


def test_another_process_needs_neither_torch_nor_qt(photos: list[Path]) -> None:
    plan = PreparationPlan(PLAN.preprocessing, PLAN.sizes, Fit.CROP, 224, side=100)
    with closing(Pool(1, processes=True)) as pool:
        found = pool.submit(partial(prepare_photo, plan=plan), [*photos, Path("gone.jpg")]).result(20)
        (loaded,) = pool.submit(eval, ["sorted(__import__('sys').modules)"]).result(20)
    for photo, ours in zip(photos, found[:-1], strict=True):
        here = prepared(photo, plan)
        assert isinstance(ours, PreparedPhoto)
        np.testing.assert_array_equal(ours.pixels, here.pixels)
        assert not ours.pixels.flags.writeable
        assert (ours.source, ours.region, ours.stamp, ours.jpeg) == (
            here.source,
            here.region,
            here.stamp,
            here.jpeg,
        )
    assert found[-1] == "gone.jpg doesn't exist. Check the path."
    assert not isinstance(loaded, Lost)
    assert "PIL.Image" in loaded
    assert not {"torch", "torchvision", "PySide6", "shiboken6"} & set(loaded)
