"""A network with another linear head: the backbone stays as it is, and isn't loaded again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from camviewer.core.arrays import ByteArray, FloatArray, read_only
from camviewer.core.failures import ModelFailure
from camviewer.core.geometry import InputGeometry
from camviewer.core.models.card import Layer
from camviewer.core.models.proof import HeadKind, HeadProof
from camviewer.core.models.spec import LinearHead
from camviewer.core.runtimes.base import (
    Averaging,
    BasicRun,
    EarlierLayer,
    ForwardPass,
    ModelRun,
    Needs,
)
from camviewer.core.runtimes.head_scores import scores
from camviewer.core.runtimes.onnx_builtin import BuiltinRun
from camviewer.core.text import Text


def with_head(run: ModelRun, head: LinearHead) -> ModelRun:
    """The same network with this head in place of its own.

    Built-in networks keep all their methods. Of others, only what is made of the features is kept: what they
    compute besides, such as gradients, is of the scores of their own head. Raises ModelFailure for a network
    without pooling and one linear layer, and for a head of other features.
    """
    if run.head is None:
        raise ModelFailure(
            "{layer} is not followed by pooling and one linear layer, so this network can't be taught.",
            "Choose another model.",
            layer=run.layer,
        )
    if head.weight.shape[1] != run.head.weight.shape[1]:
        raise ModelFailure(
            "The head is of {given} features, but this network has {channels}.",
            "Choose the network that it was taught with.",
            given=head.weight.shape[1],
            channels=run.head.weight.shape[1],
        )
    return run.with_head(head) if isinstance(run, BuiltinRun) else OtherHeadRun(run, head)


class OtherHeadRun(BasicRun):
    """The passes of a network, scored by another head."""

    head: LinearHead
    no_gradients = Text("It needs gradients, which are of the network's own classes, not of yours.")

    def __init__(self, run: ModelRun, head: LinearHead) -> None:
        """run: one with a linear head, for as many channels."""
        self._run, self.head, self.labels = run, head, head.labels
        self.layer, self.device, self.device_title = run.layer, run.device, run.device_title
        self.precision = run.precision
        self.layers: tuple[Layer, ...] = run.layers
        self.offers = run.offers & (Needs.LINEAR_HEAD | Needs.EARLIER_LAYER)
        self.proof = HeadProof(HeadKind.POOLED_LINEAR, run.layer)
        if run.earlier is not None:
            self.earlier: EarlierLayer | None = _EarlierLayer(run.earlier, head)
        else:
            self.offers &= ~Needs.EARLIER_LAYER  # other ways to it need passes
        if run.averaging is not None:
            self.averaging: Averaging | None = _Averaging(run.averaging, head)

    def run(self, image: ByteArray, geometry: InputGeometry) -> ForwardPass:
        """As `ModelRun.run`. Raises RuntimeError if the device fails."""
        return scored(self._run.run(image, geometry), self.head)

    def run_batch(
        self, images: Sequence[ByteArray], geometries: Sequence[InputGeometry]
    ) -> list[ForwardPass]:
        """As `ModelRun.run_batch`. Raises RuntimeError if the device fails."""
        return [scored(each, self.head) for each in self._run.run_batch(images, geometries)]


class _EarlierLayer:
    def __init__(self, earlier: EarlierLayer, head: LinearHead) -> None:
        self._earlier, self._head = earlier, head

    def run(self, image: ByteArray, geometry: InputGeometry) -> ForwardPass:
        """As `EarlierLayer.run`."""
        return scored(self._earlier.run(image, geometry), self._head)


class _Averaging:
    def __init__(self, averaging: Averaging, head: LinearHead) -> None:
        self._averaging, self._head = averaging, head

    def averaged(
        self, image: ByteArray, geometries: Sequence[InputGeometry]
    ) -> tuple[ForwardPass, FloatArray]:
        """As `Averaging.averaged`."""
        forward, planes = self._averaging.averaged(image, geometries)
        return scored(forward, self._head), planes


def scored(forward: ForwardPass, head: LinearHead) -> ForwardPass:
    """The same pass with this head's logits, made of the very features."""
    logits = scores(head, forward.features[None])[0]
    return replace(forward, logits=read_only(np.ascontiguousarray(logits)))
