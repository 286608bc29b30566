"""Opens weights of a built-in architecture without torch: on the CPU that is faster, too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from camviewer.core.arrays import AnyArray
from camviewer.core.failures import ModelFailure
from camviewer.core.models.builtin import BUILT_IN
from camviewer.core.models.card import (
    ArchitectureName,
    ModelCard,
)
from camviewer.core.models.graphs import misfit, network_graph
from camviewer.core.models.proof import HeadKind, HeadProof
from camviewer.core.models.spec import ModelSpec, SizeRule
from camviewer.core.models.weights import has_one_score
from camviewer.core.opened import OpenedModel, measured
from camviewer.core.runtimes.libraries import full_edition_wanted
from camviewer.core.runtimes.onnx_builtin import BuiltinRun
from camviewer.core.runtimes.probing import noise_frame
from camviewer.core.text import Text, joined

_STATISTICS = (".running_mean", ".running_var", ".num_batches_tracked")
"""Ends of names of tensors that no training step changes: they are no parameters."""


def other_than_builtin(architecture: ArchitectureName, tensors: Mapping[str, AnyArray]) -> str:
    """Why the tensors are not of a built-in architecture, with two classes or more; "" if they are."""
    spec = BUILT_IN.get(architecture)
    if spec is None:
        return str(architecture)
    problem = misfit(network_graph(spec), tensors)
    return problem or ("one score" if has_one_score(spec, tensors) else "")


def check_builtin(path: Path, architecture: ArchitectureName, tensors: Mapping[str, AnyArray]) -> None:
    """Raises ModelFailure unless the tensors are of a built-in architecture."""
    problem = other_than_builtin(architecture, tensors)
    if problem:
        raise ModelFailure(
            "{name} ({architecture}) needs the full edition of camviewer, with PyTorch.",
            joined(" ", [full_edition_wanted(), Text("Or export the network to ONNX, and open that file.")]),
            problem,
            name=path.name,
            architecture=architecture,
        )


def parameter_count(tensors: Mapping[str, AnyArray]) -> int:
    """Numbers that training changes."""
    return sum(array.size for name, array in tensors.items() if not name.endswith(_STATISTICS))


def opened_builtin(card: ModelCard, tensors: Mapping[str, AnyArray]) -> OpenedModel:
    """The network of a card whose tensors were checked, on the CPU. Raises ModelFailure."""
    spec = BUILT_IN[card.architecture.value]
    preprocessing = card.preprocessing.value
    if len(preprocessing.mean) != spec.channels:
        raise ModelFailure(
            "{name} takes images of {channels} channels, not of {given}.",
            "Give as many numbers for mean and std in the model card.",
            name=card.path.name,
            channels=spec.channels,
            given=len(preprocessing.mean),
        )
    spec = replace(spec, preprocessing=preprocessing)
    run = BuiltinRun(spec, tensors, lambda _: card.labels.value)
    run.proof = HeadProof(HeadKind.POOLED_LINEAR, run.layer, _error(run, spec))
    return OpenedModel(measured(card, run, _sizes(spec.sizes, preprocessing.crop)), run)


def _sizes(usual: SizeRule, side: int) -> SizeRule:
    """Which inputs a network takes that was trained with this side: no others, if cells don't divide it."""
    if side % usual.stride:
        return SizeRule(side, side, side, (side,), square=True)
    offered = tuple(sorted({*usual.offered, side}))
    return replace(
        usual, smallest=min(usual.smallest, side), largest=max(usual.largest, side), offered=offered
    )


def _error(run: BuiltinRun, spec: ModelSpec) -> float:
    """The largest difference between its logits and those of its features in float64, for noise."""
    passed = run.run(*noise_frame(spec.preprocessing.crop, seed=0))
    means = passed.features.astype(np.float64).mean((1, 2))
    return float(np.abs(run.head.weight @ means + run.head.bias - passed.logits).max())
