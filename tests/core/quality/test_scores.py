"""The figures of one map, by identity and against other people's code."""

from __future__ import annotations

import statistics
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from scipy.stats import pearsonr

from camviewer.core.arrays import ByteArray, FloatArray
from camviewer.core.gauge.curves import Curves
from camviewer.core.models.builtin import RESNET18
from camviewer.core.quality.scores import (
    MapScores,
    adcc,
    coherency,
    complexity,
    map_scores,
    mask_of,
    masked,
    nothing_colour,
)
from camviewer.core.runtimes.preprocess import normalised

IMAGENET = RESNET18.preprocessing


def random_map(seed: int, rows: int = 7, columns: int = 7) -> FloatArray:
    return np.random.default_rng(seed).standard_normal((rows, columns)).astype(np.float32)


def random_pixels(seed: int = 0, side: int = 32) -> ByteArray:
    return np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8)


def curves(whole: float) -> Curves:
    return Curves(np.array([whole, 0.2, 0.1]), np.array([0.1, 0.5, whole]))


def scores(whole: float, kept: float, removed: float) -> MapScores:
    mask = mask_of(random_map(0), 14, 14)
    return map_scores(curves(whole), kept, removed, mask, mask)


def test_a_mask_is_what_speaks_for_the_class() -> None:
    values = np.array([[4, -3], [np.nan, 1]], np.float32)
    mask = mask_of(values, 2, 2)
    assert mask.tolist() == [[1, 0], [0, 0.25]]
    assert (mask_of(7 * values, 30, 20) == mask_of(values, 30, 20)).all()
    assert mask_of(values, 30, 20).shape == (20, 30)
    assert (mask_of(-np.abs(values), 4, 4) == 0).all(), "nothing speaks for it"
    assert (mask_of(np.ones((2, 2), np.float32), 4, 4) == 1).all(), "all of it does"


def test_masked_pixels_are_the_normalised_input_times_the_mask() -> None:
    pixels, mask = random_pixels(), mask_of(random_map(1), 32, 32)
    ours = normalised(masked(pixels, mask, IMAGENET), IMAGENET)
    half_a_level = 0.5 / 255 / min(IMAGENET.std)
    np.testing.assert_allclose(ours, normalised(pixels, IMAGENET) * mask, atol=half_a_level + 1e-6)
    assert (masked(pixels, np.ones((32, 32), np.float32), IMAGENET) == pixels).all()
    grey, bgr = replace(IMAGENET, mean=(0.4,), std=(1.0,)), replace(IMAGENET, bgr=True)
    assert nothing_colour(grey).tolist() == [102, 102, 102]
    for preprocessing in (grey, bgr):
        nothing = masked(pixels, np.zeros((32, 32), np.float32), preprocessing)
        assert np.abs(normalised(nothing, preprocessing)).max() < 0.011


def test_drops_are_shares_of_the_whole() -> None:
    found = scores(0.8, 0.6, 0.2)
    assert found.drop == pytest.approx(0.25)
    assert found.increase == 0
    assert found.drop_in_deletion == pytest.approx(0.75)
    assert found.insertion == pytest.approx((0.1 + 0.5) / 4 + (0.5 + 0.8) / 4)
    assert found.gain == pytest.approx((0.5 - 0.2) / 0.8)
    risen = scores(0.8, 0.9, 1.0)
    assert (risen.drop, risen.increase) == (0, 1)
    assert risen.drop_in_deletion == pytest.approx(-0.25)
    same = scores(0.8, 0.8, 0.8)
    assert (same.drop, same.increase, same.drop_in_deletion) == (0, 0, 0)


def test_coherency_is_scipy_s_correlation_between_0_and_1() -> None:
    first, second = mask_of(random_map(2), 40, 30), mask_of(random_map(3), 40, 30)
    found = float(pearsonr(first.ravel(), second.ravel()).statistic)
    assert coherency(first, second) == pytest.approx((found + 1) / 2, abs=1e-6)
    assert coherency(first, first) == pytest.approx(1)
    assert coherency(first, 1 - first) == pytest.approx(0, abs=1e-6)
    assert coherency(first, np.zeros_like(first)) == 0
    assert complexity(first) == pytest.approx(first.mean())
    assert complexity(np.ones((3, 3), np.float32)) == 1


def test_adcc_is_the_harmonic_mean() -> None:
    drops, coherencies, complexities = np.array([0.2, 0.7]), np.array([0.9, 0.6]), np.array([0.3, 0.1])
    columns = zip(drops, coherencies, complexities, strict=True)
    expected = [statistics.harmonic_mean([c, 1 - x, 1 - d]) for d, c, x in columns]
    np.testing.assert_allclose(adcc(drops, coherencies, complexities), expected, rtol=1e-12)
    assert adcc(np.array([1.0]), np.array([0.9]), np.array([0.3])).tolist() == [0]


class Extractor:
    """What torch-cam's metric needs of its extractors: a map for each input, whatever it is."""

    def __init__(self, model: Any, maps: list[FloatArray]) -> None:
        self.model, self._maps = model, maps

    def __call__(self, *_: object, **__: object) -> list[Any]:
        import torch

        return [torch.from_numpy(np.stack(self._maps))]

    def fuse_cams(self, cams: list[Any]) -> Any:
        return cams[0]

    def _hooks_off(self) -> Any:
        import torch

        return torch.inference_mode()


def test_drops_and_increases_are_torch_cam_s_and_grad_cam_s() -> None:
    """Of a network of one layer; of every other input for a class that isn't predicted, and may rise."""
    torch = pytest.importorskip("torch")
    metrics = pytest.importorskip("torchcam.metrics")
    cam_mult_image = pytest.importorskip("pytorch_grad_cam.metrics.cam_mult_image")
    targets = pytest.importorskip("pytorch_grad_cam.utils.model_targets")
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 32 * 32, 4)).eval()
    pixels = [random_pixels(seed) for seed in range(6)]
    cells = [mask_of(random_map(seed, 4, 5), 5, 4) for seed in range(6)]
    inputs = torch.cat([torch.from_numpy(normalised(each, IMAGENET)) for each in pixels])

    with torch.inference_mode():
        whole = network(inputs).softmax(1).numpy()
    classes = [int(each.argsort()[-1 - 2 * (i % 2)]) for i, each in enumerate(whole)]
    masks = [mask_of(each, 32, 32) for each in cells]
    with torch.inference_mode():
        kept = network(inputs * torch.from_numpy(np.stack(masks))[:, None]).softmax(1).numpy()
    ours = [scores(float(whole[i, c]), float(kept[i, c]), 0) for i, c in enumerate(classes)]

    metric = metrics.ClassificationMetric(Extractor(network, cells), partial(torch.softmax, dim=-1))
    metric.update(inputs, classes)
    summary = metric.summary()
    assert np.mean([each.drop for each in ours]) == pytest.approx(summary["avg_drop"], abs=1e-6)
    assert np.mean([each.increase for each in ours]) == summary["conf_increase"]
    assert 0 < summary["conf_increase"] < 1

    wanted = [targets.ClassifierOutputSoftmaxTarget(c) for c in classes]
    lost = cam_mult_image.DropInConfidence()(inputs, np.stack(masks), wanted, network)
    risen = cam_mult_image.IncreaseInConfidence()(inputs, np.stack(masks), wanted, network)
    own = np.array([whole[i, c] for i, c in enumerate(classes)])
    np.testing.assert_allclose([each.drop for each in ours], lost / own, atol=1e-6)
    assert [each.increase for each in ours] == risen.tolist()
