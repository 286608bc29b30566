"""Curves and the relevance gain: identities, by hand, and torch-cam's metric."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
import torch
from PIL import Image, ImageFilter
from torch import Tensor, nn

from camviewer.core.arrays import FloatArray
from camviewer.core.gauge.curves import (
    STRONG,
    Curves,
    blurred,
    curve_inputs,
    curves_from,
    passes_for,
    ranks,
)
from camviewer.core.many_passes import batches_of_logits
from tests.core.gauge.networks import SIDE, StripesRun, striped

NUMBERS = np.random.default_rng(4)


def probabilities(run: StripesRun, maps: list[FloatArray], steps: int = 7) -> np.ndarray:
    pixels = striped()
    inputs = curve_inputs(pixels, blurred(pixels), maps, steps)
    logits = np.concatenate(list(batches_of_logits(run, inputs, passes_for(len(maps), steps))))
    shifted = np.exp(logits.astype(np.float64))
    return np.asarray(shifted[:, 0] / shifted.sum(1))


def curves_of(*maps: FloatArray, steps: int = 7) -> tuple[Curves, ...]:
    return curves_from(probabilities(StripesRun(), list(maps), steps), steps)


def random_map(rows: int = 7, columns: int = 7) -> FloatArray:
    return NUMBERS.standard_normal((rows, columns)).astype(np.float32)


def test_nothing_deleted_is_the_whole_and_all_deleted_is_the_cover() -> None:
    run, pixels = StripesRun(), striped()
    (curves,) = curves_from(probabilities(run, [random_map()]))
    whole, covered = probabilities(run, [])
    assert curves.deletion[0] == curves.insertion[-1] == curves.whole == whole
    assert curves.deletion[-1] == curves.insertion[0] == covered
    assert covered < whole
    inputs = list(curve_inputs(pixels, blurred(pixels), [random_map()]))
    assert (inputs[0] == pixels).all()
    assert (inputs[1] == blurred(pixels)).all()


def test_the_gain_is_the_issues_formula() -> None:
    """By hand: the mean over k of p(keep the top k/7) − p(keep the bottom k/7), by the whole frame's p."""
    run, pixels, values = StripesRun(), striped(), random_map()
    cover, rank = blurred(pixels), ranks(values, SIDE, SIDE)

    def kept(which: np.ndarray) -> float:
        (logits,) = batches_of_logits(run, iter([np.where(which[..., None], pixels, cover)]), 1)
        shifted = np.exp(logits[0].astype(np.float64))
        return float(shifted[0] / shifted.sum())

    whole = kept(rank >= 0)
    gains = []
    for k in range(1, 7):
        share = round(rank.size * k / 7)
        gains.append(kept(rank < share) - kept(rank >= rank.size - share))
    (curves,) = curves_of(values)
    assert curves.gain == pytest.approx(np.mean(gains) / whole, abs=1e-7)


def test_a_constant_and_a_factor_do_not_change_the_gain_and_the_sign_turns_it() -> None:
    values = random_map()
    plain, moved, scaled, turned = curves_of(values, values + 3, values * 2, -values)
    assert plain.gain == moved.gain == scaled.gain
    assert turned.gain == pytest.approx(-plain.gain, abs=1e-5), "but for equal pixels"


def test_the_map_of_what_the_network_uses_gains_most() -> None:
    there = np.zeros((7, 7), np.float32)
    there[1:4, 4:] = 1
    good, bad = curves_of(there + 0.01 * random_map(), -there + 0.01 * random_map())
    assert good.gain > 0.2 > -0.2 > bad.gain
    assert good.insertion_area > bad.insertion_area
    assert good.deletion_area < bad.deletion_area


def test_ranks_count_from_the_largest_and_put_no_number_last() -> None:
    values = np.array([[3, np.nan], [1, 2]], np.float32)
    assert ranks(values, 2, 2).tolist() == [[0, 3], [2, 1]]
    assert sorted(ranks(random_map(), 30, 20).ravel()) == list(range(600))
    assert ranks(np.ones((2, 2), np.float32), 2, 2).tolist() == [[0, 1], [2, 3]]


def test_the_blur_grows_with_the_input_and_keeps_what_is_flat() -> None:
    flat = np.full((40, 60, 3), 90, np.uint8)
    assert (blurred(flat) == 90).all()
    small, large = np.zeros((224, 224, 3), np.uint8), np.zeros((448, 448, 3), np.uint8)
    small[112, 112], large[224, 224] = 255, 255
    spot, wide = blurred(small)[..., 0], blurred(large)[..., 0]
    assert np.ptp(np.flatnonzero(spot.any(0))) == 10, "11 × 11"
    assert np.ptp(np.flatnonzero(spot.any(1))) == 10
    assert np.ptp(np.flatnonzero(wide.any(0))) <= 20


def test_the_strong_blur_is_the_gaussian_that_it_says() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (224, 300, 3), np.uint8)
    theirs = np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(20))).astype(int)
    inner = np.s_[60:-60, 60:-60]
    assert np.abs(blurred(pixels, STRONG).astype(int) - theirs)[inner].max() <= 2, "Pillow's is of boxes"


def test_passes_are_counted_and_batches_bounded() -> None:
    run = StripesRun()
    probabilities(run, [random_map(), random_map(9, 5)], steps=5)
    assert run.inputs == passes_for(2, 5) == 18
    few = StripesRun()
    pixels = striped()
    inputs = curve_inputs(pixels, blurred(pixels), [random_map()])
    list(batches_of_logits(few, inputs, passes_for(1), batch_pixels=3 * SIDE * SIDE))
    assert (few.inputs, few.largest_batch) == (14, 3)


class _Stripes(nn.Module):
    """The same network in torch, for torch-cam."""

    def forward(self, pixels: Tensor) -> Tensor:
        grey = pixels.mean(1)
        steps = (grey[:, :, 1:] - grey[:, :, :-1]).abs().sum((1, 2)) / SIDE**2
        ones = torch.ones_like(steps)
        return torch.stack([60 * steps - 1, 2 * grey.mean((1, 2)), ones], 1)


class _Extractor:
    """What torch-cam's metric needs of its extractors: a map, whatever the input."""

    def __init__(self, values: FloatArray) -> None:
        self.model, self._values = _Stripes(), values

    def __call__(self, *_: object) -> list[Tensor]:
        return [torch.from_numpy(self._values)[None]]

    def fuse_cams(self, cams: list[Tensor]) -> Tensor:
        return cams[0]

    def _hooks_off(self) -> torch.inference_mode:
        return torch.inference_mode()


def test_the_areas_are_torch_cams() -> None:
    metrics = pytest.importorskip("torchcam.metrics")
    pixels, values = striped(), random_map(5, 6)

    def as_input(image: np.ndarray) -> Tensor:
        return torch.from_numpy(image.copy()).permute(2, 0, 1)[None].float() / 255

    metric = metrics.DeletionInsertionMetric(
        _Extractor(values), partial(torch.softmax, dim=-1), steps=7, baseline=as_input(blurred(pixels))
    )
    metric.update(as_input(pixels), 0)
    (curves,) = curves_of(values)
    found = metric.summary()
    assert curves.deletion_area == pytest.approx(found["deletion_auc"], abs=1e-4)
    assert curves.insertion_area == pytest.approx(found["insertion_auc"], abs=1e-4)
