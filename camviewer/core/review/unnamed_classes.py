"""Which folder is which class of a network whose classes nobody named."""

from __future__ import annotations

from collections.abc import (
    Collection,
    Sequence,
)

from camviewer.core.models.labels import numbered_labels
from camviewer.core.text import Text

_SHOWN = 4
"""So many folders are named with their classes."""


class UnnamedClasses:
    """Class folders of a network that has no class names.

    in_order: there are as many folders as classes, so they are the classes in the order of their names, as
    torchvision's ImageFolder (and Keras, and timm) number them for training: 1, 10, 11, 12, 2, … Never where
    the network's classes have names, or the folders are called ``class 0`` and so on.
    """

    def __init__(self, labels: Sequence[str], folders: Collection[str]) -> None:
        """folders: the names of the class folders."""
        self._named = tuple(labels) != numbered_labels(len(labels))
        self._folders = sorted(folders)  # by character, as they do
        self.in_order = (
            not self._named
            and len(labels) == len(self._folders)
            and not {name.casefold().replace("_", " ") for name in folders} <= set(labels)
        )
        self._ids = {name: (i,) for i, name in enumerate(self._folders)}

    def find(self, name: str) -> tuple[int, ...]:
        """The class of a folder, if they are in order."""
        return self._ids[name]

    def notes(self) -> list[str]:
        """Which rule was taken, where another would give other classes."""
        numbers = [name for name in self._folders if name.isascii() and name.isdigit()]
        if self._named or (self.in_order and all(str(i) == name for i, name in enumerate(self._folders))):
            return []
        if self.in_order:
            pairs = ", ".join(f"{name} → {i}" for i, name in enumerate(self._folders[:_SHOWN]))
            return [
                Text(
                    "The network's classes have no names, so the folders are taken for them in the order of "
                    "their names, as torchvision's ImageFolder numbers them: {pairs}.",
                    pairs=f"{pairs}, …" if len(self._folders) > _SHOWN else pairs,
                )
            ]
        if not numbers:
            return []
        return [
            Text("The network's classes have no names: the folders' numbers are taken for class ids, from 0.")
        ]
