"""Folds batch norms into the convolutions before them, in numpy: the same function with fewer steps.

In a network that is not being trained, a batch norm multiplies each channel by one number and adds another.
Both can be part of the convolution's weights.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from camviewer.core.arrays import (
    AnyArray,
    FloatArray,
    read_only,
)


def batch_norms(names: Mapping[str, object], pairs: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """The convolutions of a state dict and the batch norms after them: ``layer1.0.conv1``: ``layer1.0.bn1``.

    names: of its tensors. pairs: last parts of such names, as `Architecture.conv_bn`.
    """
    found = {}
    for name in names:
        path, _, last = name.rpartition(".")
        parent, dot, conv = path.rpartition(".")
        if last != "weight":
            continue
        for of_conv, of_norm in pairs:
            norm = f"{parent}{dot}{of_norm}"
            if conv == of_conv and f"{norm}.running_var" in names:
                found[path] = norm
    return found


def folded(state: Mapping[str, AnyArray], norms: Mapping[str, str], eps: float) -> dict[str, FloatArray]:
    """Weight and bias of each convolution, with the batch norm after it: ``NAME.weight``, ``NAME.bias``.

    norms: as `batch_norms` finds them. eps: what the batch norms add to the variance. float32, read-only.
    """
    arrays = {}
    for conv, norm in norms.items():
        weight = state[f"{conv}.weight"]
        gamma, beta, mean, variance = (
            state[f"{norm}.{part}"] for part in ("weight", "bias", "running_mean", "running_var")
        )
        # As torch folds it, in the same order and in float32: the numbers are then torch's to the last bit.
        scale = gamma * (1 / np.sqrt(variance + np.float32(eps)))
        bias = state.get(f"{conv}.bias", np.float32(0))
        arrays[f"{conv}.weight"] = read_only(weight * scale.reshape(-1, *[1] * (weight.ndim - 1)))
        arrays[f"{conv}.bias"] = read_only((bias - mean) * scale + beta)
    return arrays
