"""What a model file is, found out from its content and never from its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from camviewer.core.models.card import FileFormat


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file that holds a model. path: of the weights; config: the ``config.json`` beside them, parsed."""

    path: Path
    format: FileFormat
    config: Mapping[str, object] | None = None


def find_model_file(path: Path) -> ModelFile:
    """The model file at a path: a file, or a folder as a hub's checkpoint is.

    Raises ModelFailure, which says what the file is and what to do, if it is none that can be opened.
    """
    raise NotImplementedError
