"""Class activation maps, and probabilities from logits, as pure functions of arrays.

    B. Zhou, A. Khosla, A. Lapedriza, A. Oliva, A. Torralba:
    Learning Deep Features for Discriminative Localization. CVPR 2016.

For a network that ends in global average pooling and one linear layer, the logit of class n is the mean
of its map plus its bias. That is an identity, not an approximation, so maps stay signed, unscaled and in
logit units here; `scaling` makes colours of them.
"""

from __future__ import annotations

import numpy as np

from camviewer.core.arrays import FloatArray


def class_activation_maps(features: FloatArray, weight: FloatArray) -> FloatArray:
    """``CAM_n = Σ_c weight[n, c] · features[c]``, eq. 2 of Zhou et al.

    features: [C, h, w]; weight: [k, C], the head's rows of the wanted classes. Returns float32 [k, h, w].
    Raises ValueError where the channels don't agree.
    """
    if features.ndim != 3 or weight.ndim != 2 or features.shape[0] != weight.shape[1]:
        raise ValueError(f"features {features.shape} and weight {weight.shape} don't belong together")
    channels, height, width = features.shape
    maps: FloatArray = (weight @ features.reshape(channels, -1)).reshape(-1, height, width)
    return maps


def softmax(logits: FloatArray) -> FloatArray:
    """Probabilities that add up to 1: float32 [N]. Accumulated in float64, safe for large logits."""
    shifted = np.exp(logits.astype(np.float64) - float(logits.max()))
    probabilities: FloatArray = (shifted / shifted.sum()).astype(np.float32)
    return probabilities


def sigmoid(logits: FloatArray) -> FloatArray:
    """Each class's probability by itself, 0..1: float32 [N]. In float64, safe for large logits."""
    probabilities: FloatArray = np.exp(-np.logaddexp(0.0, -logits.astype(np.float64))).astype(np.float32)
    return probabilities
