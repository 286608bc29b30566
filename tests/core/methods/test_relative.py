"""Methods without a unit: what their maps speak of, what they have none of, and what they cost."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from torch import nn

from camviewer.core.arrays import ByteArray, FloatArray
from camviewer.core.failures import ModelFailure
from camviewer.core.geometry import InputGeometry
from camviewer.core.maps import Unit
from camviewer.core.methods.attention import AttentionRollout, rolled_out
from camviewer.core.methods.base import Method, PassedFrame
from camviewer.core.methods.eigen_cam import EigenCam, first_component
from camviewer.core.methods.grad_cam import GradCam, GradCamPlusPlus, LayerCam
from camviewer.core.methods.recipro_cam import ReciproCam
from camviewer.core.methods.registry import METHODS
from camviewer.core.methods.score_cam import ScoreCam
from camviewer.core.runtimes.base import Needs
from camviewer.core.runtimes.torch_passes import ModulePasses
from camviewer.core.targets import ChannelPart, ClassScore, ScoreDifference, Target
from tests.core.methods.networks import NetworkRun, frame, geometry, prepare, run_of

OF_SCORES: tuple[Method, ...] = (GradCam(), GradCamPlusPlus(), LayerCam(), ReciproCam(), ScoreCam(8))
OF_NO_CLASS: tuple[Method, ...] = (EigenCam(), AttentionRollout())
SCORES: tuple[Target, ...] = (ClassScore(0), ClassScore(2))
DIFFERENCE, CHANNEL = ScoreDifference(2, 0), ChannelPart(2, 1)


def each(methods: Sequence[Method]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("method", methods, ids=[method.name for method in methods])


def small_network() -> nn.Module:
    torch.manual_seed(3)
    return (
        nn.Sequential(
            nn.Sequential(
                nn.Conv2d(3, 8, 8, stride=8), nn.ReLU(inplace=True), nn.Conv2d(8, 12, 3), nn.ReLU()
            ),
            nn.Sequential(nn.Flatten(), nn.Linear(1200, 3)),
        )
        .eval()
        .requires_grad_(False)
    )


@pytest.fixture(scope="module")
def run() -> NetworkRun:
    return NetworkRun(small_network())


def a_run_for(method: Method, run: NetworkRun) -> NetworkRun:
    return run_of("vit_b_16") if method.needs is Needs.ATTENTION else run


@each(OF_SCORES + OF_NO_CLASS)
def test_maps_without_a_unit(method: Method, run: NetworkRun) -> None:
    run = a_run_for(method, run)
    maps = method.maps(run, run.passed(frame(1)), (*SCORES, CHANNEL))
    assert (maps.method, maps.layer, maps.unit, method.unit) == (
        method.name,
        run.layer,
        Unit.RELATIVE,
        Unit.RELATIVE,
    )
    assert not maps.available(CHANNEL)
    shown = False
    for target in SCORES:
        found = maps.get(target)
        assert found.remainder is None
        assert found.values.dtype == np.float32
        assert found.values.shape == (run.layers[-1].rows, run.layers[-1].columns)
        assert found.values.min() >= 0
        assert not found.values.flags.writeable
        shown |= bool(found.values.max() > 0)
    assert shown, "of two scores, not both can be without any evidence"


@each(OF_SCORES)
def test_differences_have_maps_of_their_own(method: Method, run: NetworkRun) -> None:
    maps = method.maps(run, run.passed(frame(1)), (*SCORES, DIFFERENCE, ScoreDifference(0, 2)))
    there, back = maps.get(DIFFERENCE).values, maps.get(ScoreDifference(0, 2)).values
    assert not np.allclose(there, maps.get(SCORES[1]).values)
    assert not np.allclose(there, back)


@each(OF_NO_CLASS)
def test_what_is_the_same_for_every_class_says_nothing_of_two(method: Method, run: NetworkRun) -> None:
    run = a_run_for(method, run)
    maps = method.maps(run, run.passed(frame(1)), (*SCORES, DIFFERENCE))
    np.testing.assert_array_equal(maps.get(SCORES[0]).values, maps.get(SCORES[1]).values)
    assert not maps.available(DIFFERENCE)


@each([m for m in METHODS.values() if m.chooses_layer])
def test_layers_are_chosen_by_name(method: Method, run: NetworkRun) -> None:
    first = run.layers[0]
    assert first.name != run.layer
    maps = method.maps(run, run.passed(frame(1), first.name), [ClassScore(1)])
    assert maps.layer == first.name
    assert maps.get(ClassScore(1)).values.shape == (first.rows, first.columns)
    with pytest.raises(ModelFailure, match="no layer nowhere") as failure:
        method.maps(run, run.passed(frame(1), "nowhere"), [ClassScore(1)])
    assert all(layer.name in failure.value.mend for layer in run.layers)


def test_every_method_says_who_described_it_and_what_it_costs() -> None:
    order = [method.unit for method in METHODS.values()]
    ranks = [Unit.LOGIT, Unit.RELATIVE, Unit.LOGIT_CHANGE]
    assert order == sorted(order, key=ranks.index), "the faithful ones first; another question last"
    for name, method in METHODS.items():
        assert method.name == name
        assert method.paper
        assert any(word in method.cost for word in ("pass", "gradient"))


class CountedPasses(ModulePasses):
    """Counts how many inputs or activations go through the network."""

    passes = 0

    def of_masked(self, image: ByteArray, geometry: InputGeometry, masks: FloatArray) -> FloatArray:
        self.passes += len(masks)
        assert masks.min() >= 0
        assert masks.max() <= 1
        return super().of_masked(image, geometry, masks)

    def of_activations(
        self, image: ByteArray, geometry: InputGeometry, layer: str, activations: FloatArray
    ) -> FloatArray:
        self.passes += len(activations)
        return super().of_activations(image, geometry, layer, activations)


@pytest.mark.parametrize(("method", "passes"), [(ScoreCam(), 12), (ScoreCam(5), 5), (ReciproCam(), 100)])
def test_passes_are_shared_by_all_targets(method: Method, passes: int) -> None:
    run = NetworkRun(small_network())
    run.passes = counted = CountedPasses(run.network, prepare)
    method.maps(run, run.passed(frame(1)), [ClassScore(0), ClassScore(1), ScoreDifference(0, 2)])
    assert counted.passes == passes


def test_recipro_cam_is_the_score_of_one_cell_alone(run: NetworkRun) -> None:
    found = ReciproCam().maps(run, run.passed(frame(1)), [ClassScore(2)]).get(ClassScore(2)).values
    features, head = run.network.children()
    with torch.no_grad():
        activations = features(prepare(frame(1), geometry()))
        alone = torch.zeros(10, 10)
        for row in range(10):
            for column in range(10):
                kept = torch.zeros_like(activations)
                kept[..., row, column] = activations[..., row, column]
                alone[row, column] = head(kept)[0, 2]
    np.testing.assert_allclose(found, alone - alone.min(), atol=1e-5)


def test_score_cam_of_few_channels_takes_those_that_vary_most(run: NetworkRun) -> None:
    activations = run.passes.activations(frame(1), geometry(), run.layer)
    (strongest,) = np.argsort(-activations.std((1, 2)))[:1]
    found = ScoreCam(1).maps(run, run.passed(frame(1)), [ClassScore(2)]).get(ClassScore(2)).values
    np.testing.assert_allclose(found, activations[strongest], atol=1e-6)


def test_the_first_component_grows_with_the_activations() -> None:
    rng = np.random.default_rng(0)
    blob = np.zeros((6, 8), np.float32)
    blob[2:4, 3:5] = 1
    activations = rng.random((20, 1, 1), np.float32) * blob + 0.01 * rng.random((20, 6, 8), np.float32)
    found = first_component(activations)
    assert found[2:4, 3:5].min() > 10 * found[blob == 0].max()


def test_rollout_by_hand() -> None:
    """Two blocks, one head, three tokens: rows of (A1/2 + I/2) after (A2/2 + I/2)."""
    rng = np.random.default_rng(0)
    weights = rng.random((2, 1, 3, 3)).astype(np.float32)
    weights /= weights.sum(-1, keepdims=True)
    first, second = ((w[0] + np.eye(3)) / 2 for w in weights)
    for token in range(3):
        found = rolled_out(weights, np.eye(3, dtype=np.float32)[token])
        np.testing.assert_allclose(found, (second @ first)[token], atol=1e-6)
        assert found.sum() == pytest.approx(1, abs=1e-6)


def test_rollout_starts_from_the_class_token_or_from_the_cells() -> None:
    class FixedAttention:
        """One block in which the first token looks at cell 0, and cells look at cell 3."""

        extra_tokens = 1

        def __init__(self, reads_cells: bool) -> None:
            self.reads_cells = reads_cells

        def weights(self, image: ByteArray, geometry: InputGeometry) -> FloatArray:
            block = np.zeros((5, 5), np.float32)
            block[0, 1] = block[1:, 4] = 1
            return block[None, None]

        def cells(self, geometry: InputGeometry) -> tuple[int, int]:
            return 2, 2

    run = NetworkRun(small_network())
    passed: PassedFrame = run.passed(frame(1))
    for reads_cells, place in ((False, (0, 0)), (True, (1, 1))):
        run.attention = FixedAttention(reads_cells)
        found = AttentionRollout().maps(run, passed, [ClassScore(0)]).get(ClassScore(0)).values
        assert divmod(int(found.argmax()), found.shape[1]) == place
