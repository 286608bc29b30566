"""What the window is asked to show, and which model it and the commands are to run.

Light on purpose: `camviewer --help` imports this, so it needs no numpy, torch or Qt.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from camviewer.core.runtimes.precision import Precision

if TYPE_CHECKING:
    from camviewer.core.covering import Covering
    from camviewer.core.loading import ModelChoice


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """Which model. name: of a built-in one; None for the default. weights, labels: the user's own files.

    device: as the user wrote it; None if nothing was written, for the best one, or the one that the window
    remembers. file: a model file, or the folder of one, instead of a built-in model. card: a saved model card
    that corrects what is found. precision: None for the device's usual one, or the remembered one.
    """

    name: str | None = None
    weights: Path | None = None
    labels: Path | None = None
    device: str | None = None
    file: Path | None = None
    card: Path | None = None
    precision: Precision | None = None

    def choice(self) -> ModelChoice:
        """The default model where none is named, with the weights of CAMVIEWER_WEIGHTS if that is set."""
        from camviewer.core.loading import ModelChoice
        from camviewer.core.models.builtin import spec_named
        from camviewer.core.models.weights import chosen_weights
        from camviewer.core.runtimes.device import AUTO

        spec = spec_named(self.name)
        # Weights alone are a model file like any other; with a name they are that model's.
        file = self.file or (self.weights if self.name is None else None)
        weights = chosen_weights(self.weights, spec) if file is None else None
        device = self.device or AUTO
        return ModelChoice(spec.name, weights, self.labels, device, file, self.card, precision=self.precision)


@dataclass(frozen=True, slots=True)
class WindowOptions:
    """What the window opens first, and how long it stays."""

    paths: tuple[Path, ...] = ()
    camera: str | None = None
    """A camera's name or number; empty: the default one; None: no camera is asked for."""
    screen: bool = False
    new_window: bool = False
    """Open the paths in a window of their own, also if there is one already."""
    model: ModelOptions = field(default_factory=ModelOptions)
    quit_after: float | None = None
    """Seconds."""
    stats: Path | None = None
    """A file for frame rates and times."""
    log_level: str = "info"
    method: str | None = None
    """How maps are made at first; None: the most faithful way that the model has."""
    layer: str | None = None
    """The layer that the method looks at at first; None: the last one with cells."""
    covering: Covering | None = None
    """For methods that cover parts of the input: by what at first; None: by the usual."""
    colour_management: bool = True
    """Convert photos and videos to sRGB."""
    from_python: bool = False
    """A Python program opened it, for its own network; it says more on the standard input."""

    @property
    def fits_any_window(self) -> bool:
        """Whether a window that is open already will do: files are named, and nothing else."""
        own = (self.new_window, self.model != ModelOptions(), self.quit_after, self.stats)
        how = (self.method, self.layer, self.covering, not self.colour_management)
        return bool(self.paths) and not any((*own, *how, self.from_python))
