"""StoredCards: keeps what was corrected in model cards, by the model files' hashes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from camviewer.core.models.card import ModelCard
from camviewer.core.models.corrections import (
    Corrections,
    apply,
    forget,
    remember,
    remembered,
    write_card,
)
from camviewer.core.models.label_reading import read_labels


class StoredCards:
    """A `CardStore` in a folder, where `core.loading` finds them again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def remember(self, card: ModelCard, corrections: Mapping[str, object], asked: Corrections | None) -> None:
        """Over what was asked and earlier ones. Raises ModelFailure for what can't be true, SaveFailure."""
        values: dict[str, Any] = dict(corrections)
        new = Corrections(**values)
        apply(card, new)
        remember(self._folder, card.sha256, new.over(asked).over(remembered(self._folder, card.sha256)))

    def forget(self, card: ModelCard) -> None:
        """Raises SaveFailure."""
        forget(self._folder, card.sha256)

    def is_corrected(self, card: ModelCard) -> bool:
        """Whether there is anything to forget."""
        return remembered(self._folder, card.sha256) is not None

    def save(self, card: ModelCard, path: Path) -> None:
        """Write the card, over a file that is there. Raises SaveFailure."""
        write_card(card, path)

    def read_labels(self, path: Path) -> tuple[str, ...]:
        """Raises ModelFailure."""
        return read_labels(path)
