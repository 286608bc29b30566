"""Runs of any module against the module's own forward: scores, the identity of exact maps, inputs, sizes."""

from __future__ import annotations

import copy
import dataclasses
import gc
import warnings
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from camviewer.core.arrays import ByteArray, FloatArray
from camviewer.core.failures import ModelFailure
from camviewer.core.models.builtin import RESNET18
from camviewer.core.models.proof import HeadKind
from camviewer.core.models.spec import SizeRule
from camviewer.core.runtimes.base import ForwardPass, Needs
from camviewer.core.runtimes.packing import PackedConv
from camviewer.core.runtimes.torch_cpu import CpuRun
from camviewer.core.runtimes.torch_fast import Plain
from camviewer.core.runtimes.torch_input import InputPreparation
from camviewer.core.runtimes.torch_module import ModuleRun, module_run
from camviewer.core.runtimes.torch_sizes import measured_sizes
from tests.core.runtimes.families import TIMM, TORCHVISION, timm_network, torchvision_network
from tests.core.runtimes.module_networks import (
    Convolutions,
    fixed,
    frame,
    geometry,
    preprocessing,
    randomised,
    run_of,
)
from tests.core.runtimes.test_torch_proof import EXACT, INEXACT
from tests.helpers import arrays

SEEDS = (1, 2)


def passed(run: ModuleRun, side: int = 32, seed: int = 1) -> ForwardPass:
    return run.run(frame(seed), geometry(side))


def theirs(network: nn.Module, run: ModuleRun, side: int = 32, seed: int = 1) -> FloatArray:
    """The network's own scores for what the run makes of a frame."""
    with torch.no_grad():
        output = network(run.prepare(frame(seed), geometry(side)).contiguous())
    logits: FloatArray = output[0].numpy()
    return logits


def agree(ours: FloatArray, expected: FloatArray) -> bool:
    return bool((np.abs(ours - expected) <= 1e-4 * np.maximum(1, np.abs(expected))).all())


def assert_exact(run: ModuleRun, forward: ForwardPass) -> None:
    """|mean(map) + remainder - score| of every class."""
    assert run.head is not None
    maps = np.einsum("nc,chw->nhw", run.head.weight.astype(np.float64), forward.features)
    assert agree((maps.mean((1, 2)) + run.head.bias).astype(np.float32), forward.logits)


def built(run: ModuleRun, kind: type[nn.Module]) -> int:
    """How many modules of that kind the faster network has."""
    network = next(each.cell_contents for each in run.passing.__closure__ or ())
    assert isinstance(network, nn.Module)
    return sum(isinstance(module, kind) for module in network.modules())


@pytest.mark.parametrize("name", [*EXACT, *INEXACT])
def test_small_networks(name: str) -> None:
    network = (EXACT | INEXACT)[name][1]
    run = run_of(network)
    for seed in SEEDS:
        forward = passed(run, seed=seed)
        assert agree(forward.logits, theirs(network, run, seed=seed))
        assert forward.features.ndim == 3
        if name in EXACT:
            assert_exact(run, forward)
    assert (Needs.LINEAR_HEAD in run.offers) == (name in EXACT)
    assert (run.head is None) == (name in INEXACT)


@pytest.mark.slow
@pytest.mark.parametrize("name", TORCHVISION)
def test_the_families_of_torchvision(name: str) -> None:
    check(*torchvision_network(name), TORCHVISION[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", TIMM)
def test_families_of_timm(name: str) -> None:
    check(*timm_network(name), TIMM[name])


def check(network: nn.Module, side: int, kind: HeadKind) -> None:
    run = run_of(network, side)
    assert run.proof is not None
    assert run.proof.kind is kind
    assert run.proof.error <= 1e-4
    assert bool(run.proof.reason) == (kind is HeadKind.OTHER)
    forward = passed(run, side)
    expected = theirs(network, run, side)
    assert np.ptp(expected) > 0.01
    assert agree(forward.logits, expected)
    if kind.exact:
        assert_exact(run, forward)
    assert not isinstance(run.passing, Plain)


def test_the_remainder_is_the_same_for_every_frame_though_the_scale_is_not() -> None:
    run = run_of(EXACT["a layer norm after"][1])
    assert run.head is not None
    assert run.proof is not None
    assert run.proof.kind is HeadKind.POOLED_NORM_LINEAR
    remainders, scales = [], []
    for seed in range(4):
        forward = passed(run, seed=seed)
        means = forward.features.mean((1, 2))
        remainders.append(forward.logits - run.head.weight @ means)
        scales.append(float(forward.features.std()))
        assert abs(means.mean()) < 1e-5  # the mean over the channels is taken off
    assert np.ptp(np.array(remainders), axis=0).max() < 1e-5
    assert len({round(scale, 4) for scale in scales}) == 4


def test_features_are_where_the_frame_has_them() -> None:
    """Of tokens and channels-last activations too: what changes on the right changes cells on the right."""
    image = frame()
    changed = image.copy()
    changed[:, 60:] = 255
    for name in ("modules", "channels last", "tokens without the class token"):
        run = run_of(EXACT[name][1])
        before, after = (run.run(each, geometry(32)).features for each in (image, changed))
        moved = np.abs(after - before).sum((0, 1))
        if name.startswith("tokens"):  # attention sees all, most of all itself
            assert moved.argmax() == len(moved) - 1
        else:
            assert moved[: len(moved) // 2].max() < 1e-6 < moved[-1]


def test_batches_and_single_frames_are_the_same() -> None:
    for name in ("modules", "tokens, a layer norm after", "flattened", "a class token"):
        run = run_of((EXACT | INEXACT)[name][1])
        images = [frame(seed) for seed in range(3)]
        batch = run.run_batch(images, [geometry(32)] * 3)
        for image, forward in zip(images, batch, strict=True):
            alone = run.run(image, geometry(32))
            np.testing.assert_allclose(forward.features, alone.features, atol=1e-5)
            np.testing.assert_allclose(forward.logits, alone.logits, atol=1e-5)
            assert not forward.features.flags.writeable
            assert forward.network_input is not None
            assert forward.network_input.shape == (32, 32, 3)


class Named(Convolutions):
    """What networks return, besides a tensor."""

    returned: Callable[[Tensor], Any]

    def scores(self, features: Tensor) -> object:
        return self.returned(self.head(features.mean((2, 3))))


@dataclasses.dataclass
class Output:
    logits: Tensor
    loss: None = None


@pytest.mark.parametrize(
    "returned",
    [
        lambda z: {"features": z * 2, "logits": z},
        lambda z: {"out": z},
        lambda z: (z, z * 2),
        lambda z: [z],
        Output,
    ],
)
def test_what_networks_return(returned: Callable[[Tensor], Any]) -> None:
    torch.manual_seed(0)
    network = Named()
    network.returned = lambda z: z
    randomised(network)
    plain = copy.deepcopy(network)
    network.returned = returned
    run = module_run(network, preprocessing(32), fixed(32), list("abcde"))
    assert agree(passed(run).logits, theirs(plain, run))
    assert_exact(run, passed(run))


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("name", ["exact", "flattened"])
def test_one_logit_has_two_sides(flat: bool, name: str) -> None:
    class Binary(Convolutions):
        def scores(self, features: Tensor) -> object:
            scores = (
                self.get_submodule("last")(features.flatten(1))
                if name == "flattened"
                else self.head(features.mean((2, 3)))
            )
            return scores[:, 0] if flat else scores

    torch.manual_seed(0)
    network = Binary(classes=1)
    network.last = nn.Linear(16 * 64, 1)
    run = run_of(randomised(network))
    forward = passed(run)
    assert run.labels == ("class 0", "class 1")
    with torch.no_grad():
        z = float(network(run.prepare(frame(1), geometry(32))).flatten()[0])
    np.testing.assert_allclose(forward.logits, [-z, z], atol=1e-5)
    if name == "exact":
        assert_exact(run, forward)
        assert run.head is not None
        np.testing.assert_array_equal(run.head.weight[0], -run.head.weight[1])
        assert run.head.bias[0] == -run.head.bias[1]


def input_of(channels: int, image: ByteArray, bgr: bool = False) -> Tensor:
    prepare = InputPreparation(preprocessing(32, channels, bgr), "cpu")  # type: ignore[arg-type]
    return prepare(image, geometry(32))


def test_channels() -> None:
    """Against the definition, on a frame of one colour."""
    image = np.empty((60, 80, 3), np.uint8)
    image[:] = 200, 100, 50
    for channels, bgr, bytes_ in (
        (3, False, [200, 100, 50]),
        (3, True, [50, 100, 200]),
        (4, False, [200, 100, 50, 255]),
        (4, True, [50, 100, 200, 255]),
        (1, False, [0.299 * 200 + 0.587 * 100 + 0.114 * 50]),
    ):
        each = preprocessing(32, channels)
        expected = (np.array(bytes_) / 255 - each.mean) / each.std
        ours = input_of(channels, image, bgr)
        assert ours.shape == (1, channels, 32, 32)
        np.testing.assert_allclose(ours[0, :, 7, 9], expected, atol=1e-5)
    with pytest.raises(ModelFailure, match="2 channels"):
        input_of(2, image)


@pytest.mark.parametrize("channels", [1, 4])
def test_networks_of_other_channels(channels: int) -> None:
    torch.manual_seed(0)
    network = randomised(Convolutions(channels=channels))
    run = run_of(network, channels=channels)
    assert agree(passed(run).logits, theirs(network, run))
    assert passed(run).network_input is not None  # RGB all the same
    assert_exact(run, passed(run))


def test_batch_norms_are_fused_and_convolutions_packed() -> None:
    run = run_of(EXACT["modules"][1])
    assert built(run, nn.BatchNorm2d) == 0
    assert built(run, PackedConv) == 2
    assert built(run, nn.Linear) == 0  # what comes after the features is not computed


def test_a_network_that_cannot_be_traced_runs_as_it_is() -> None:
    class Untraceable(Convolutions):
        def forward(self, x: Tensor) -> object:
            if float(x.sum()) > 1e9:
                raise RuntimeError("never")
            return super().forward(x)

    torch.manual_seed(0)
    network = randomised(Untraceable())
    run = run_of(network)
    assert isinstance(run.passing, Plain)
    assert agree(passed(run).logits, theirs(network, run))
    assert_exact(run, passed(run))


def test_a_part_that_cannot_be_traced_is_called_as_it_is() -> None:
    class Hesitant(nn.ReLU):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x if float(x.detach().mean()) < 1e9 else -x)

    torch.manual_seed(0)
    network = Convolutions()
    network.stem.append(Hesitant())
    randomised(network)
    run = run_of(network)
    assert built(run, Hesitant) == 1
    assert built(run, nn.BatchNorm2d) == 0
    assert agree(passed(run).logits, theirs(network, run))


def test_a_network_that_views_memory_in_its_own_order() -> None:
    class Views(Convolutions):
        def scores(self, features: Tensor) -> object:
            return self.head(
                features.view(features.size(0), 16, -1).view(-1, 16 * 64).view(-1, 16, 64).mean(2)
            )

    torch.manual_seed(0)
    network = randomised(Views())
    run = run_of(network)
    assert agree(passed(run).logits, theirs(network, run))


def test_a_graph_for_one_size_only_is_not_used() -> None:
    class Sized(Convolutions):
        def forward(self, x: Tensor) -> object:
            features = self.body(self.stem(x))
            return self.head(features.sum((2, 3)) / self.area(x))

        def area(self, x: Tensor) -> int:
            return 64 if type(x) is not Tensor else x.shape[2] * x.shape[3] // 16

    torch.manual_seed(0)
    network = randomised(Sized())
    run = run_of(network, sizes=SizeRule(4, 16, 64))
    assert agree(run.run(frame(), geometry(64)).logits, theirs(network, run, 64, seed=0))


def test_the_network_given_keeps_its_numbers() -> None:
    network = EXACT["modules"][1]
    before = {name: value.clone() for name, value in network.state_dict().items()}
    mine = copy.deepcopy(network)
    run = module_run(mine, preprocessing(32), fixed(32), list("abcde"))
    passed(run)
    assert all(torch.equal(value, before[name]) for name, value in mine.state_dict().items())
    assert run.network is mine
    example = torch.randn(1, 3, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(mine(example), network(example))


def test_half_precision_weights() -> None:
    network = copy.deepcopy(EXACT["modules"][1]).half()
    run = module_run(network, preprocessing(32), fixed(32), list("abcde"))
    assert_exact(run, passed(run))


@pytest.mark.parametrize("name", ["modules", "flattened"])
def test_an_unused_run_does_not_stay_in_memory(name: str) -> None:
    run = run_of((EXACT | INEXACT)[name][1])
    passed(run)
    weight = weakref.ref(run.network.get_parameter("body.0.weight"))
    gc.collect()
    gc.disable()
    try:
        del run
        assert weight() is None
    finally:
        gc.enable()


def test_a_network_of_transformers_runs() -> None:
    """It returns a dict of its own kind, and can't be traced."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what transformers imports
        from transformers import ConvNextConfig, ConvNextForImageClassification

        config = ConvNextConfig(hidden_sizes=[8, 12, 16, 24], depths=[1, 1, 1, 1], num_labels=5)  # type: ignore[call-arg]
        network: Any = randomised(ConvNextForImageClassification(config))
    plain = copy.deepcopy(network)
    run = module_run(network, preprocessing(64), fixed(64), list("abcde"))
    assert run.proof is not None
    assert run.proof.kind is HeadKind.POOLED_NORM_LINEAR
    forward = passed(run, 64)
    with torch.no_grad():
        expected = plain(run.prepare(frame(1), geometry(64))).logits[0].numpy()
    assert agree(forward.logits, expected)
    assert_exact(run, forward)


def test_labels_must_be_as_many_as_classes() -> None:
    with pytest.raises(ModelFailure, match="The list has 3 labels, but the model has 5 classes"):
        module_run(copy.deepcopy(EXACT["modules"][1]), preprocessing(32), fixed(32), list("abc"))


def test_as_the_built_in_model_computes() -> None:
    network, _ = torchvision_network("resnet18")
    built_in = CpuRun(RESNET18, arrays(network.state_dict()))
    side = 160
    prep = dataclasses.replace(RESNET18.preprocessing, crop=side, resize=side)
    run = module_run(network, prep, fixed(side), built_in.labels)
    ours, usual = (each.run(frame(), geometry(side)) for each in (run, built_in))
    np.testing.assert_allclose(ours.features, usual.features, atol=1e-4)
    np.testing.assert_allclose(ours.logits, usual.logits, atol=1e-4)
    assert run.layer == built_in.layer


def sizes_of(network: nn.Module, crop: int, cells: int) -> SizeRule:
    prepare = InputPreparation(preprocessing(crop), "cpu", torch.contiguous_format)  # type: ignore[arg-type]
    return measured_sizes(network, prepare, crop, (cells, cells))


def test_sizes_of_convolutions() -> None:
    rule = sizes_of(EXACT["modules"][1], 224, 56)
    assert (rule.stride, rule.smallest, rule.largest) == (4, 160, 896)
    assert not rule.square
    assert not rule.fixed
    assert set(rule.offered) >= {160, 224, 320, 896}
    assert all(rule.takes(side) for side in rule.offered)


def test_sizes_of_small_inputs() -> None:
    rule = sizes_of(EXACT["modules"][1], 32, 8)
    assert (rule.stride, rule.smallest) == (4, 32)
    assert 32 in rule.offered


def test_a_network_of_one_size() -> None:
    for name in ("flattened", "a power"):
        rule = sizes_of(INEXACT[name][1], 32, 8)
        assert rule.fixed == (name == "flattened")
        assert rule.takes(32)
        assert rule.square == rule.fixed


def test_a_network_of_square_inputs() -> None:
    class Square(Convolutions):
        def forward(self, x: Tensor) -> object:
            assert x.shape[2] == x.shape[3]
            return super().forward(x)

    rule = sizes_of(Square().eval(), 64, 16)
    assert rule.square
    assert not rule.fixed


def test_a_network_that_warns_of_other_sizes() -> None:
    class Warns(Convolutions):
        def forward(self, x: Tensor) -> object:
            import warnings

            warnings.warn("always", stacklevel=1)
            if x.shape[2] != 64:
                warnings.warn("not my size", stacklevel=1)
            return super().forward(x)

    assert sizes_of(Warns().eval(), 64, 16).fixed


def test_a_network_that_changes_itself_to_fit_a_size() -> None:
    class Fits(Convolutions):
        window = 99

        def forward(self, x: Tensor) -> object:
            self.window = min(self.window, x.shape[2])
            return super().forward(x[:, :, : self.window])

    network = Fits().eval()
    assert sizes_of(network, 64, 16).fixed
    assert network.window == 64


def test_a_crop_that_cells_do_not_divide() -> None:
    rule = sizes_of(EXACT["modules"][1], 299, 8)  # as without padding: 37.4 pixels a cell
    assert rule.stride == 23
    assert rule.takes(299)


def test_sizes_are_measured_where_nobody_says_them() -> None:
    run = module_run(copy.deepcopy(EXACT["modules"][1]), preprocessing(32), None, list("abcde"))
    assert run.sizes.stride == 4
