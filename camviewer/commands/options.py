"""The options of each command, as `commands.parser` reads them from the command line.

Light on purpose: `camviewer explain --help` imports this, so it needs no numpy, torch or Qt.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from camviewer.options import ModelOptions

if TYPE_CHECKING:
    from camviewer.core.explanation import ExplainRequest

STDOUT = Path("-")
"""As a file's name: standard output."""


class UsageError(Exception):
    """The command line asks for something that can't be: shown with the usage, exit status 2."""


@dataclass(frozen=True, slots=True)
class DrawingOptions:
    """How overlays are drawn. None: as the window does at first."""

    threshold: float | None = None
    """Share of a map's maximum where contours and boxes are drawn; None: without them."""
    colormap: str | None = None
    opacity: float | None = None


@dataclass(frozen=True, slots=True)
class CoverOptions:
    """What is covered of each photo before it is explained, and by which fill: a name of `covering.Fill`.

    rectangles: left, top, right, bottom in pixels of the frame, each with its fill. by_map: the share of a
    map's maximum above which, or, if keep, below which, the frame is covered; and the fill.
    """

    rectangles: tuple[tuple[tuple[float, float, float, float], str], ...] = ()
    by_map: tuple[float, str] | None = None
    keep: bool = False

    @property
    def nothing(self) -> bool:
        """Whether photos stay as they are."""
        return not self.rectangles and self.by_map is None


@dataclass(frozen=True, slots=True)
class ExplainOptions:
    """`camviewer explain`, without a report."""

    paths: tuple[Path, ...]
    request: ExplainRequest
    out: Path | None = None
    """The folder for the files; None: nothing but the predictions is wanted."""
    classes: str = "top5"
    model: ModelOptions = field(default_factory=ModelOptions)
    drawing: DrawingOptions = field(default_factory=DrawingOptions)
    raw: bool = False
    images: bool = True
    json: Path | None = None
    """A file for the predictions, or STDOUT."""
    cover: CoverOptions = CoverOptions()
    faithfulness: bool = False
    """Whether the map of the first class is measured."""
    colour_management: bool = True
    """Convert photos and videos to sRGB."""


@dataclass(frozen=True, slots=True)
class FolderTruth:
    """Photos lie in folders that are called as their classes."""


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """`camviewer explain --report`."""

    paths: tuple[Path, ...]
    request: ExplainRequest
    html: Path
    truth: FolderTruth | Path | None = None
    """Where the true classes come from: folders' names, or a table; None: they aren't known."""
    model: ModelOptions = field(default_factory=ModelOptions)
    drawing: DrawingOptions = field(default_factory=DrawingOptions)
    faithfulness: bool = False
    """Whether the map of each photo's predicted class is measured."""
    colour_management: bool = True
    """Convert photos to sRGB."""


@dataclass(frozen=True, slots=True)
class BenchOptions:
    """`camviewer bench`."""

    seconds: float = 10.0
    source: Path | None = None
    """A video or photo; None: made-up frames."""
    json: Path | None = None
    """A file for the figures; None or STDOUT: standard output."""
    model: ModelOptions = field(default_factory=ModelOptions)
    resolution: int | None = None
    """Pixels of the input's short side; None: as many as the model was trained with."""


@dataclass(frozen=True, slots=True)
class QualityOptions:
    """`camviewer bench --quality`."""

    images: Path
    boxes: Path | None = None
    labels: Path | None = None
    """Both lists, or neither."""
    slow: bool = False
    """Whether methods of many passes are measured too."""
    limit: int | None = None
    """So many photos at most."""
    json: Path | None = None
    """A file for the figures, beside the table; STDOUT: there, instead of it."""
    model: ModelOptions = field(default_factory=ModelOptions)
    resolution: int | None = None
    """Pixels of the input's side; None: as many as the model was trained with."""


@dataclass(frozen=True, slots=True)
class InspectOptions:
    """`camviewer inspect`. card, labels: files that correct what is found. write_card: a new file."""

    file: Path
    json: bool = False
    card: Path | None = None
    labels: Path | None = None
    write_card: Path | None = None


@dataclass(frozen=True, slots=True)
class TrainOptions:
    """`camviewer train`. folder: with a folder of photos for each class. export: files for other programs."""

    folder: Path
    out: Path
    export: tuple[Path, ...] = ()
    model: ModelOptions = field(default_factory=ModelOptions)


class DoctorStyle(Enum):
    """How `camviewer doctor` prints its findings."""

    TEXT = "text"
    JSON = "json"
    """One object at the end."""
    LINES = "lines"
    """One object a finding, as soon as it is known: for Help → Diagnostics."""


@dataclass(frozen=True, slots=True)
class DoctorOptions:
    """`camviewer doctor`."""

    style: DoctorStyle = DoctorStyle.TEXT
