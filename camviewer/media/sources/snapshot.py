"""A snapshot as a source: one frame that is explained already."""

from __future__ import annotations

from pathlib import Path

from camviewer.core.storage.snapshot import read_snapshot
from camviewer.media.pipeline.inlet import Inlet
from camviewer.media.sources.source import (
    FromFile,
    Source,
)


class SnapshotSource(Source, FromFile):
    """Read in the worker; shown without its model, or any."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    @property
    def path(self) -> Path:
        return self._path

    @property
    def title(self) -> str:
        return self.path.name

    def start(self, inlet: Inlet) -> None:
        inlet.put_explained(lambda: read_snapshot(self.path))
