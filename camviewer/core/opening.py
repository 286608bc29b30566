"""Opens a model file: finds out what it is, builds its network, looks at its head, and writes its card."""

from __future__ import annotations

from pathlib import Path

from camviewer.core.failures import ModelFailure
from camviewer.core.models.card import (
    FileFormat,
    ModelCard,
)
from camviewer.core.models.corrections import (
    Corrections,
)
from camviewer.core.models.files import (
    ModelFile,
    find_model_file,
)
from camviewer.core.models.taught import is_taught
from camviewer.core.opened import OpenedModel
from camviewer.core.opening_onnx import open_onnx
from camviewer.core.opening_taught import open_taught
from camviewer.core.opening_torch import open_torch
from camviewer.core.runtimes.device import (
    CPU,
    Device,
)
from camviewer.core.runtimes.precision import Precision


def open_model(
    file: ModelFile,
    asked: Corrections | None = None,
    device: Device = CPU,
    precision: Precision | None = None,
) -> OpenedModel:
    """The model in a file, whatever its architecture. precision: None for the device's usual one.

    asked: what is said of it for this time. It counts more than what the user corrected before, and that
    more than a card that lies beside the file. Raises ModelFailure, which says what the file is and what to
    do; RuntimeError, AssertionError or ImportError if the device fails.
    """
    if file.format is FileFormat.ONNX:
        return open_onnx(file, asked)
    if is_taught(file):
        return open_taught(file, device, precision, lambda own: open_model(own, None, device, precision))
    return open_torch(file, asked, device, precision)


def open_card(path: Path, asked: Corrections | None = None) -> ModelCard:
    """The card alone. Raises ModelFailure."""
    try:
        return open_model(find_model_file(path), asked).card
    except (RuntimeError, AssertionError, ImportError) as error:
        raise ModelFailure("{name} can't be run.", str(error), repr(error), name=path.name) from error
