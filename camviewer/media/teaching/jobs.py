"""Jobs of the worker for one's own classes: looking at examples, and drawing what is wrong with the worst."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter

from camviewer.core.arrays import ByteArray
from camviewer.core.explanation import ExplainRequest
from camviewer.core.failures import Failure, ModelFailure
from camviewer.core.frames import Frame
from camviewer.core.models.taught import Backbone
from camviewer.core.storage.images import read_photo
from camviewer.core.targets import ClassScore
from camviewer.core.training.examples import ExampleFeatures
from camviewer.core.training.project import KeptExample, picture_of, stored_picture
from camviewer.media.drawing.compositor import layers_of, paint
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.drawing.view_state import view_state
from camviewer.media.frames import array_to_image
from camviewer.media.pipeline.jobs import FrameExplainer, TeachableExplainer, backbone_of

THUMBNAIL = 96
"""Pixels of a thumbnail's shorter side."""


@dataclass(frozen=True, slots=True, eq=False)
class NewExample:
    """What becomes an example. image: of a frame, uint8 [H, W, 3]; None: it is read from the photo at `path`.

    kept: whether the path is of a picture of the project, which is looked at as it is.
    """

    example: KeptExample
    image: ByteArray | None = None
    path: Path | None = None
    kept: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class LookedAt:
    """An example that was looked at. picture: its JPEG, to be stored; b"" if it is stored already.

    failure: why there are no features of it.
    """

    example: KeptExample
    backbone: Backbone | None = None
    features: ExampleFeatures | None = None
    picture: bytes = b""
    thumbnail: QImage | None = None
    failure: Failure | None = None


class ExampleJob(QObject):
    """Made in the GUI thread, which adds to it; the worker calls `step` and `end`. One example a step."""

    looked_at = Signal(object)
    """LookedAt"""
    ended = Signal(object)
    """Failure, or None"""

    def __init__(self, examples: Sequence[NewExample]) -> None:
        super().__init__()
        self._waiting = deque(examples)

    @property
    def waiting(self) -> int:
        """How many are still to be looked at."""
        return len(self._waiting)

    def cancel(self) -> None:
        """Look at no more."""
        self._waiting.clear()

    def step(self, explainer: FrameExplainer) -> bool:
        """Look at one."""
        backbone = backbone_of(explainer)
        if backbone is None or not isinstance(explainer, TeachableExplainer):
            raise ModelFailure(
                "{model} can't be taught: it doesn't end in pooling and one linear layer.",
                "Choose another model.",
                model=explainer.info.title,
            )
        try:
            new = self._waiting.popleft()
        except IndexError:
            return False
        try:
            self.looked_at.emit(_looked_at(new, explainer, backbone))
        except Failure as failure:
            self.looked_at.emit(LookedAt(new.example, failure=failure))
        return bool(self._waiting)

    def end(self, failure: Failure | None) -> None:
        """Done, stopped, or failed."""
        self.ended.emit(failure)


def _looked_at(new: NewExample, explainer: TeachableExplainer, backbone: Backbone) -> LookedAt:
    picture = b""
    if new.kept and new.path is not None:
        image = read_photo(new.path).image
    else:
        shown = read_photo(new.path).image if new.path is not None else new.image
        assert shown is not None, "a frame or a photo"
        picture = stored_picture(shown)
        image = picture_of(picture)
    features = explainer.example_features(Frame(image, still=True))
    return LookedAt(new.example, backbone, features, picture, thumbnail(array_to_image(image)))


def thumbnail(image: QImage, side: int = THUMBNAIL) -> QImage:
    """The middle square of an image, small."""
    grow = Qt.AspectRatioMode.KeepAspectRatioByExpanding
    small = image.scaled(QSize(side, side), grow, Qt.TransformationMode.SmoothTransformation)
    return small.copy((small.width() - side) // 2, (small.height() - side) // 2, side, side)


@dataclass(frozen=True, slots=True, eq=False)
class MappedExample:
    """An example under the map of what it was taken for."""

    example: KeptExample
    overlay: QImage


class MapJob(QObject):
    """Made in the GUI thread; the worker calls `step` and `end`. One map a step."""

    mapped = Signal(object)
    """MappedExample"""

    def __init__(
        self, shown: Sequence[tuple[KeptExample, int]], folder: Path, sha256: str, style: OverlayStyle
    ) -> None:
        """shown: examples, each with the class whose map is wanted. sha256: of the head to be used."""
        super().__init__()
        self._waiting = deque(shown)
        self._folder, self._sha256, self._style = folder, sha256, style

    def cancel(self) -> None:
        """Draw no more."""
        self._waiting.clear()

    def step(self, explainer: FrameExplainer) -> bool:
        """One map. Another head ends it."""
        if not self._waiting or explainer.info.weights_sha256 != self._sha256:
            return False
        example, class_id = self._waiting.popleft()
        frame = read_photo(self._folder / example.file)
        target = ClassScore(class_id)
        explanation = explainer.explain(frame, ExplainRequest(targets=(target,)))
        state = view_state(explanation, target, self._style)
        region = explanation.region
        overlay = QImage(2 * THUMBNAIL, 2 * THUMBNAIL, QImage.Format.Format_RGB32)
        painter = QPainter(overlay)
        try:
            across, down = overlay.width() / region.width, overlay.height() / region.height
            area = QRectF(
                -region.left * across, -region.top * down, frame.width * across, frame.height * down
            )
            paint(painter, layers_of(state), area)
        finally:
            painter.end()
        self.mapped.emit(MappedExample(example, overlay))
        return bool(self._waiting)

    def end(self, failure: Failure | None) -> None:
        """Nothing is to be closed."""
