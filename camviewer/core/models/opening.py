"""Opens model files. PLACEHOLDER: replaced at the merge by the real one; only the signature counts."""

from __future__ import annotations

from pathlib import Path

from camviewer.core.failures import ModelFailure
from camviewer.core.models.card import ModelCard
from camviewer.core.models.corrections import Corrections


def open_card(path: Path, corrections: Corrections | None) -> ModelCard:  # noqa: ARG001
    """What is found in a model file, corrected, with what was measured. Raises ModelFailure."""
    raise ModelFailure("{name} can't be opened yet.", "Wait for the merge.", name=path.name)
