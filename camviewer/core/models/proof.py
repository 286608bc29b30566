"""What was measured about a network's head: whether its class activation maps are exact.

Neither torch nor numpy is imported here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class HeadKind(StrEnum):
    """What makes logits of the features. JSON holds the value."""

    POOLED_LINEAR = "pooled linear"
    """The mean over all cells, then one linear layer (most networks)."""
    POOLED_NORM_LINEAR = "pooled norm linear"
    """The same with a LayerNorm after the mean, whose σ is held (ConvNeXt)."""
    POOLED_SCORES = "pooled scores"
    """The features are the classes' maps themselves, and logits their means (SqueezeNet)."""
    OTHER = "other"
    """Anything else: flattened features, several layers, class tokens."""

    @property
    def exact(self) -> bool:
        """Whether class activation maps add up to the score with a remainder that no frame changes."""
        return self is not HeadKind.OTHER


@dataclass(frozen=True, slots=True)
class HeadProof:
    """The result of running a network once and looking at its head.

    layer: the name of the layer whose output are the features. error: the largest difference between the
    network's logits and those computed from the features, of the frames that were tried; 0 for OTHER.
    reason: why the head is OTHER, for people; empty otherwise.
    """

    kind: HeadKind
    layer: str
    error: float = 0.0
    reason: str = ""
