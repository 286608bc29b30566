"""The same maps as pytorch-grad-cam and torch-cam make, after their normalisation; or the reason why not.

Compared at the layer's resolution: how a map is drawn is another matter.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from camviewer.core.arrays import FloatArray
from camviewer.core.methods import score_cam
from camviewer.core.methods.base import Method
from camviewer.core.methods.eigen_cam import EigenCam
from camviewer.core.methods.grad_cam import GradCam, GradCamPlusPlus, LayerCam
from camviewer.core.methods.gradient import GradientMethod
from camviewer.core.methods.score_cam import ScoreCam
from camviewer.core.scaling import Interpolation, upsampled
from camviewer.core.targets import ClassScore
from tests.core.methods.networks import NetworkRun, frame, geometry, prepare, run_of

NAMES = ("resnet18", "resnet50", "vgg11", "mobilenet_v3_small", "convnext_tiny", "vit_b_16")
CLASS_ID = 4
TARGET = ClassScore(CLASS_ID)
NEAR = 1e-3

networks = pytest.mark.parametrize("name", NAMES)


def normalised(values: FloatArray) -> FloatArray:
    """Both peers' normalisation: from 0 to 1."""
    above = np.maximum(values, 0)
    above = above - above.min()
    scaled: FloatArray = above / max(float(above.max()), 1e-30)
    return scaled


def ours(method: Method, run: NetworkRun) -> FloatArray:
    return normalised(method.maps(run, run.passed(frame(1)), [TARGET]).get(TARGET).values)


def cells_of(run: NetworkRun) -> Callable[[Tensor], Tensor] | None:
    """What both peers want to be told about tokens."""
    if not run.layer.startswith("encoder"):
        return None
    rows, columns = run.layers[-1].rows, run.layers[-1].columns
    return lambda tokens: tokens[:, 1:].mT.reshape(len(tokens), -1, rows, columns)


@pytest.fixture
def grad_cam(monkeypatch: pytest.MonkeyPatch) -> Callable[..., FloatArray]:
    """A map by pytorch-grad-cam, without its resizing."""
    from pytorch_grad_cam import base_cam

    monkeypatch.setattr(base_cam.BaseCAM, "get_target_width_height", lambda *_: None)

    def made(kind: Any, run: NetworkRun, units: float = 1.0) -> FloatArray:
        layer = run.network.get_submodule(run.layer)
        network_input = prepare(frame(1), geometry()).requires_grad_()
        with kind(run.network, [layer], reshape_transform=cells_of(run)) as peer:
            return normalised(peer(network_input, [lambda scores: units * scores[CLASS_ID]])[0])

    return made


def torch_cam(kind: Any, run: NetworkRun) -> FloatArray:
    """A map by torch-cam."""
    with kind(run.network, run.layer, reshape_transform=cells_of(run)) as peer:
        scores = run.network(prepare(frame(1), geometry()).requires_grad_())
        (made,) = peer(CLASS_ID, scores, normalized=False)
    return normalised(made[0].detach().numpy())


def difference(one: FloatArray, other: FloatArray) -> float:
    assert one.shape == other.shape
    return float(np.abs(one - other).max())


@networks
@pytest.mark.parametrize(("method", "peer"), [(GradCam(), "GradCAM"), (LayerCam(), "LayerCAM")])
def test_grad_cam_and_layer_cam(
    name: str, method: Method, peer: str, grad_cam: Callable[..., FloatArray]
) -> None:
    import pytorch_grad_cam
    import torchcam.methods

    run = run_of(name)
    made = ours(method, run)
    assert difference(made, grad_cam(getattr(pytorch_grad_cam, peer), run)) <= NEAR
    assert difference(made, torch_cam(getattr(torchcam.methods, peer), run)) <= NEAR


@networks
def test_grad_cam_plus_plus(name: str, grad_cam: Callable[..., FloatArray]) -> None:
    """pytorch-grad-cam adds 1e-6 to the denominator, which is much beside small gradients.

    So: equal to theirs with that sum, and equal without it for a score in units in which gradients are large.
    """
    from pytorch_grad_cam import GradCAMPlusPlus

    run = run_of(name)
    activations, gradient = gradients(run, hold_scales=False)
    square, total = gradient**2, activations.sum((1, 2), keepdims=True)
    alpha = square / (2 * square + total * gradient**3 + 1e-6)
    with_theirs = np.tensordot((alpha * np.maximum(gradient, 0)).sum((1, 2)), activations, 1)
    assert difference(normalised(with_theirs), grad_cam(GradCAMPlusPlus, run)) <= NEAR
    if name == "vit_b_16":
        return  # activations of both signs: some denominators are about 0, and rounding decides
    units = 1e3
    made = GradCamPlusPlus.weighted(activations, units * gradient)
    assert difference(normalised(made), grad_cam(GradCAMPlusPlus, run, units)) <= NEAR


def gradients(run: NetworkRun, *, hold_scales: bool) -> tuple[FloatArray, FloatArray]:
    found = run.gradients.of(frame(1), geometry(), run.layer, [TARGET], hold_scales=hold_scales)
    return found.activations.astype(np.float64), found.gradients[0].astype(np.float64)


@networks
def test_grad_cam_plus_plus_of_torch_cam_does_not_divide(name: str) -> None:
    """Its division is done on a copy that masking makes, and is lost: what is left is Σ g² · ReLU(g)."""
    from torchcam.methods import GradCAMpp

    run = run_of(name)
    activations, gradient = gradients(run, hold_scales=False)
    undivided = np.tensordot((gradient**2 * np.maximum(gradient, 0)).sum((1, 2)), activations, 1)
    assert difference(normalised(undivided), torch_cam(GradCAMpp, run)) <= NEAR


@networks
def test_gradient_times_activation_is_hires_cam(name: str, grad_cam: Callable[..., FloatArray]) -> None:
    """Rectified, as theirs is. Through LayerNorms theirs is blind, as ours is if scales aren't held."""
    from pytorch_grad_cam import HiResCAM

    run = run_of(name)
    theirs = grad_cam(HiResCAM, run)
    activations, gradient = gradients(run, hold_scales=False)
    parts = (activations * gradient).sum(0)
    if name == "vit_b_16":
        # Each token passes a LayerNorm: nothing is left but rounding, which no two programs share.
        assert np.abs(parts).max() <= 1e-6 * np.abs(activations * gradient).sum(0).max()
    else:
        assert difference(normalised(parts), theirs) <= NEAR
    if name in ("convnext_tiny", "vit_b_16"):
        assert difference(ours(GradientMethod(), run), theirs) > 0.1
    else:
        assert difference(ours(GradientMethod(), run), theirs) <= NEAR


@networks
def test_eigen_cam(name: str, grad_cam: Callable[..., FloatArray]) -> None:
    """Up to its sign, which theirs leaves to chance."""
    from pytorch_grad_cam import EigenCAM
    from pytorch_grad_cam.utils.svd_on_activations import get_2d_projection

    run = run_of(name)
    activations = run.passes.activations(frame(1), geometry(), run.layer)
    (component,) = get_2d_projection(activations[None])
    assert difference(normalised(component), grad_cam(EigenCAM, run)) <= NEAR
    made = ours(EigenCam(), run)
    assert min(difference(made, normalised(sign * component)) for sign in (1, -1)) <= NEAR


def upsampled_to_corners(activations: FloatArray, width: int, height: int) -> FloatArray:
    """pytorch-grad-cam's masks: the middles of the outer cells lie on the corners of the input."""
    planes = torch.from_numpy(activations.copy())[None]
    masks = nn.UpsamplingBilinear2d((height, width))(planes)[0]
    masks -= masks.amin((1, 2), keepdim=True)
    scaled: FloatArray = (masks / masks.amax((1, 2), keepdim=True)).numpy()
    return scaled


def scaled_before_upsampling(activations: FloatArray, width: int, height: int) -> FloatArray:
    """torch-cam's masks: they may not reach 0 and 1."""
    planes = activations - activations.min((1, 2), keepdims=True)
    planes /= planes.max((1, 2), keepdims=True)
    masks = [upsampled(plane, width, height, Interpolation.BILINEAR) for plane in planes]
    return np.stack(masks)


@networks
def test_score_cam(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Equal but for the masks, which the paper upsamples and then scales: with theirs, equal to each.

    Of the channels that vary most, so that the test takes seconds.
    """
    import pytorch_grad_cam
    import torchcam.methods
    from tqdm import tqdm

    monkeypatch.setattr(tqdm, "monitor_interval", 0)  # it would leave a thread behind
    run, channels = run_of(name), 16
    method = ScoreCam(channels)
    activations = run.passes.activations(frame(1), geometry(), run.layer)
    strongest = np.sort(np.argsort(-activations.std((1, 2)), kind="stable")[:channels])
    few = activations[None, strongest]
    network_input, layer = prepare(frame(1), geometry()), run.network.get_submodule(run.layer)

    with pytorch_grad_cam.ScoreCAM(run.network, [layer], reshape_transform=cells_of(run)) as peer:
        theirs = peer.get_cam_image(network_input, layer, [lambda scores: scores[CLASS_ID]], few, None)
    monkeypatch.setattr(score_cam, "_masks", upsampled_to_corners)
    assert difference(ours(method, run), normalised(theirs[0])) <= NEAR

    with torchcam.methods.ScoreCAM(run.network, run.layer, reshape_transform=cells_of(run)) as other:
        run.network(network_input)
        other.hook_a[0] = torch.from_numpy(few)
        (theirs,) = other(CLASS_ID, normalized=False)
    monkeypatch.setattr(score_cam, "_masks", scaled_before_upsampling)
    assert difference(ours(method, run), normalised(theirs[0].numpy())) <= NEAR
