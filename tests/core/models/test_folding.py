"""Batch norms folded in numpy, against torch's own folding."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from camviewer.core.models.folding import batch_norms, folded


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("groups", [1, 4])
def test_as_torch_folds(bias: bool, groups: int) -> None:
    torch.manual_seed(0)
    conv, norm = nn.Conv2d(8, 8, 3, bias=bias, groups=groups), nn.BatchNorm2d(8, eps=1e-3)
    for values in norm.state_dict().values():
        if values.is_floating_point():
            values.copy_(torch.rand(values.shape) + 0.1)
    network = nn.ModuleDict({"conv": conv, "bn": norm}).eval()
    theirs = fuse_conv_bn_eval(copy.deepcopy(conv.eval()), norm)
    state = {name: values.numpy() for name, values in network.state_dict().items()}
    ours = folded(state, {"conv": "bn"}, 1e-3)
    assert sorted(ours) == ["conv.bias", "conv.weight"]
    for name, theirs_values in theirs.state_dict().items():
        np.testing.assert_allclose(ours[f"conv.{name}"], theirs_values.numpy(), rtol=1e-6, atol=1e-7)
        assert not ours[f"conv.{name}"].flags.writeable
        assert ours[f"conv.{name}"].dtype == np.float32


def test_batch_norms_are_found_beside_their_convolutions() -> None:
    names = dict.fromkeys(
        [
            *("conv1.weight", "bn1.weight", "bn1.running_var"),
            *("layer1.0.conv1.weight", "layer1.0.bn1.running_var"),
            *("layer1.0.downsample.0.weight", "layer1.0.downsample.1.running_var"),
            *("conv2.weight", "fc.weight", "bn2.weight"),
        ]
    )
    assert batch_norms(names, (("conv1", "bn1"), ("conv2", "bn2"), ("0", "1"))) == {
        "conv1": "bn1",
        "layer1.0.conv1": "layer1.0.bn1",
        "layer1.0.downsample.0": "layer1.0.downsample.1",
    }
