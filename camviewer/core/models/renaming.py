"""Gives the tensors of transformers' files the names of today: networks changed, files didn't."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from logging import CRITICAL
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from camviewer.core.failures import ModelFailure

if TYPE_CHECKING:
    from torch import nn


def renamed(network: nn.Module, tensors: Mapping[str, NDArray[Any]]) -> Mapping[str, NDArray[Any]]:
    """The tensors as transformers itself would load them, by the network's names; what it can't use as it is.

    network: of a class of transformers'. Its own weights stay as they are. What the file lacks is not in the
    result: nothing that transformers draws in its place is.

    Raises ModelFailure if transformers can't load them.
    """
    import torch

    kind: Any = type(network)
    state = {name: torch.from_numpy(np.array(tensor)) for name, tensor in tensors.items()}
    try:
        with _quiet():
            loaded, info = kind.from_pretrained(
                None,
                config=network.config,
                state_dict=state,
                dtype=torch.float32,
                local_files_only=True,
                ignore_mismatched_sizes=True,
                output_loading_info=True,
            )
    except (ValueError, LookupError, TypeError, AttributeError, RuntimeError, OSError) as error:
        raise ModelFailure(
            "{library} can't build {name!r}: {reason}",
            "Check the architecture's name, and which version of {library} made the file.",
            library="transformers",
            name=kind.__name__,
            reason=error,
        ) from error
    others = {key: np.broadcast_to(np.float32(0), tuple(there)) for key, there, _ in info["mismatched_keys"]}
    others |= {key: tensors[key] for key in info["unexpected_keys"] if key in tensors}
    found = {
        key: tensor.numpy() for key, tensor in loaded.state_dict().items() if key not in info["missing_keys"]
    }
    return found | others


@contextmanager
def _quiet() -> Iterator[None]:
    """Without transformers' reports and progress: the caller says what is missing."""
    logging: Any = import_module("transformers.utils.logging")
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity(CRITICAL)
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
