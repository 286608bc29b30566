"""Reads the weights of a network from a checkpoint, without torch and without running anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from camviewer.core.arrays import AnyArray
from camviewer.core.models.card import FileFormat


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The tensors of one network, and what else its file holds.

    tensors: by clean name; read-only; floats are float32, integers and bools as they are. wrapper: the key they
    were found under, such as ``state_dict`` or ``model.state_dict``; empty if they were bare. prefix: what was taken
    off their names. left_out: names of what nobody needs here, such as the optimizer's state. extras: plain data
    found beside the tensors, such as hyperparameters and names of classes; safetensors' metadata.
    """

    tensors: Mapping[str, AnyArray]
    wrapper: str
    prefix: str
    left_out: tuple[str, ...]
    extras: Mapping[str, object]
    sha256: str


def read_checkpoint(path: Path, format: FileFormat, sha256: str | None = None) -> Checkpoint:
    """The network's weights in a file of torch or safetensors. sha256: the file's, if it is known.

    Raises ModelFailure for anything that isn't the finite weights of one network.
    """
    raise NotImplementedError
