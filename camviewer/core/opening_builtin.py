"""Opens weights of a built-in architecture without torch, as the light edition does."""

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
from camviewer.core.models.spec import ModelSpec
from camviewer.core.opened import OpenedModel, measured
from camviewer.core.runtimes.libraries import full_edition_wanted
from camviewer.core.runtimes.onnx_builtin import BuiltinRun
from camviewer.core.runtimes.probing import noise_frame
from camviewer.core.text import Text, joined

_STATISTICS = (".running_mean", ".running_var", ".num_batches_tracked")
"""Ends of names of tensors that no training step changes: they are no parameters."""


def check_builtin(path: Path, architecture: ArchitectureName, tensors: Mapping[str, AnyArray]) -> None:
    """Raises ModelFailure unless the tensors are of a built-in architecture, with any number of classes."""
    spec = BUILT_IN.get(architecture)
    problem = misfit(network_graph(spec), tensors) if spec is not None else str(architecture)
    if spec is not None and not problem and len(tensors[spec.head.bias_key]) < 2:
        problem = "one score"
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
    return OpenedModel(measured(card, run, spec.sizes), run)


def _error(run: BuiltinRun, spec: ModelSpec) -> float:
    """The largest difference between its logits and those of its features in float64, for noise."""
    passed = run.run(*noise_frame(spec.preprocessing.crop, seed=0))
    means = passed.features.astype(np.float64).mean((1, 2))
    return float(np.abs(run.head.weight @ means + run.head.bias - passed.logits).max())
