"""TrustCheck: what the model says of a few photos, as a job of the worker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage

from camviewer.core.failures import Failure
from camviewer.core.models.spec import ModelInfo
from camviewer.core.storage.images import read_photo
from camviewer.media.frames import array_to_image
from camviewer.media.pipeline.jobs import FrameExplainer

TOP = 3
THUMBNAIL_SIDE = 320
"""Pixels of the longer side."""


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """One photo. top: labels and probabilities, most probable first; failure: why there are none."""

    index: int
    path: Path
    thumbnail: QImage | None = None
    top: tuple[tuple[str, float], ...] = ()
    failure: Failure | None = None


class TrustCheck(QObject):
    """Made in the GUI thread; the worker calls `step` and `end`. Photos are seen as the model was trained."""

    checked = Signal(object)
    """Checked"""

    def __init__(self, photos: Sequence[Path], model: ModelInfo) -> None:
        super().__init__()
        self._photos, self._model = tuple(photos), model
        self._next = 0
        self._cancelled = False

    def cancel(self) -> None:
        """Nothing more is said."""
        self._cancelled = True

    def step(self, explainer: FrameExplainer) -> bool:
        """One photo. Another model ends it: it has a card, and so a check, of its own."""
        if self._cancelled or explainer.info != self._model or self._next >= len(self._photos):
            return False
        self.checked.emit(_checked(self._next, self._photos[self._next], explainer))
        self._next += 1
        return self._next < len(self._photos)

    def end(self, failure: Failure | None) -> None:
        """What failed is said of the photo that it failed at, and of those that nobody looks at any more."""
        if failure is not None and not self._cancelled:
            for index in range(self._next, len(self._photos)):
                self.checked.emit(Checked(index, self._photos[index], failure=failure))


def _checked(index: int, path: Path, explainer: FrameExplainer) -> Checked:
    try:
        frame = read_photo(path)
        said = explainer.predict(frame)
    except Failure as failure:
        return Checked(index, path, failure=failure)
    whole = array_to_image(frame.image)
    fit, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    small = whole.scaled(QSize(THUMBNAIL_SIDE, THUMBNAIL_SIDE), fit, smooth)
    top = tuple((said.labels[c], float(said.probabilities[c])) for c in said.top(TOP))
    return Checked(index, path, small, top)
