"""Our ResNet18 against torchvision's, whose weights it takes: the same parts, the same numbers."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torchvision.models import resnet18

from camviewer.core.models.resnet18 import ResNet18


def with_random_weights(network: nn.Module) -> nn.Module:
    """In eval mode; batch norms' means and scales are random as well, and no variance is negative."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, tensor in network.state_dict().items():
            if tensor.is_floating_point():
                tensor.normal_(0, 0.1, generator=generator)
                if name.endswith("running_var") or tensor.ndim == 1:
                    tensor.abs_().add_(0.5)
    return network.eval()


def noise(side: int) -> Tensor:
    return torch.randn(2, 3, side, side, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module", params=[1000, 7])
def pair(request: pytest.FixtureRequest) -> tuple[nn.Module, nn.Module]:
    """Ours and torchvision's, with the same weights."""
    theirs = with_random_weights(resnet18(num_classes=request.param))
    ours = ResNet18(request.param).eval()
    ours.load_state_dict(theirs.state_dict())
    return ours, theirs


@pytest.mark.parametrize("side", [224, 448, 161])
def test_the_logits_are_the_same_to_the_bit(pair: tuple[nn.Module, nn.Module], side: int) -> None:
    ours, theirs = pair
    with torch.no_grad():
        expected, computed = theirs(noise(side)), ours(noise(side))
    assert float(expected.std()) > 0.01  # they are not all the same
    assert torch.equal(computed, expected)


def test_the_parts_have_the_same_names_in_the_same_order(pair: tuple[nn.Module, nn.Module]) -> None:
    """Layers are chosen by these names, and saved settings have them."""
    named = [[(name, type(part).__name__) for name, part in each.named_modules() if name] for each in pair]
    assert len(named[0]) == 67
    assert named[0] == named[1]


def test_the_weights_have_the_same_names_shapes_and_types(pair: tuple[nn.Module, nn.Module]) -> None:
    ours, theirs = (
        [(name, tensor.shape, tensor.dtype) for name, tensor in each.state_dict().items()] for each in pair
    )
    assert len(ours) == 122
    assert ours == theirs


def test_the_gradients_are_the_same_to_the_bit(pair: tuple[nn.Module, nn.Module]) -> None:
    for network in pair:
        network.zero_grad()
        network(noise(64)).square().sum().backward()
    parameters = zip(*(each.named_parameters() for each in pair), strict=True)
    for (name, our), (_, their) in parameters:
        assert our.grad is not None, name
        assert their.grad is not None, name
        assert torch.equal(our.grad, their.grad), name
