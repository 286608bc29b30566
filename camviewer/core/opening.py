"""Opens a model file: finds out what it is, builds its network, looks at its head, and writes its card.

torch, timm and ONNX Runtime are imported when a file needs them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from platformdirs import user_data_path

from camviewer.core.failures import ModelFailure
from camviewer.core.models.card import (
    ArchitectureName,
    Fact,
    FactOrigin,
    FileFormat,
    ModelCard,
)
from camviewer.core.models.checkpoint import (
    Checkpoint,
    read_checkpoint,
)
from camviewer.core.models.corrections import (
    Corrections,
    apply,
    card_path,
    read_card,
    remembered,
)
from camviewer.core.models.files import (
    ModelFile,
    find_model_file,
)
from camviewer.core.models.label_files import find_labels
from camviewer.core.models.spec import (
    Link,
    Preprocessing,
)
from camviewer.core.runtimes.base import ModelRun
from camviewer.core.runtimes.device import (
    CPU,
    Device,
)
from camviewer.core.runtimes.registry import prepare_libraries
from camviewer.core.storage.files import is_file


@dataclass(frozen=True, slots=True, eq=False)
class OpenedModel:
    """A model file that runs, and its card."""

    card: ModelCard
    run: ModelRun


def cards_folder() -> Path:
    """Where corrections of model cards are remembered, by the hash of the model file."""
    return user_data_path("camviewer", appauthor=False) / "cards"


def open_model(path: Path, asked: Corrections | None = None, device: Device = CPU) -> OpenedModel:
    """The model in a file or a folder, whatever its architecture.

    asked: what a card or the user says of it, which counts more than what was remembered or lies beside it,
    and that more than what is found. Raises ModelFailure, which says what the file is and what to do;
    RuntimeError, AssertionError or ImportError if the device fails.
    """
    file = find_model_file(path)
    if file.format is FileFormat.ONNX:
        return _open_onnx(file, asked)
    return _open_torch(file, asked, device)


def _given(file: ModelFile, sha256: str, asked: Corrections | None) -> tuple[tuple[Corrections, FactOrigin], ...]:
    """All corrections there are, those that count less first."""
    given = []
    beside = card_path(file.path)
    if is_file(beside):
        given.append((read_card(beside), FactOrigin.CARD))
    before = remembered(cards_folder(), sha256)
    if before is not None:
        given.append((before, FactOrigin.USER))
    if asked is not None:
        given.append((asked, FactOrigin.USER))
    return tuple(given)
