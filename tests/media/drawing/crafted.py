"""Explanations with a map that a test draws, and the pixels of their overlays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from camviewer.core.arrays import FloatArray, read_only
from camviewer.core.explanation import ExplainRequest, Explanation, Timing, predicted
from camviewer.core.frames import Fit, Frame, Region
from camviewer.core.geometry import input_geometry
from camviewer.core.maps import AttributionMap, ExactMaps, Maps
from camviewer.core.models.builtin import RESNET18
from camviewer.core.models.spec import LinearHead, ModelInfo, Preprocessing, WeightsOrigin
from camviewer.core.runtimes.device import CPU
from camviewer.core.targets import ClassScore, Target
from camviewer.media.drawing.compositor import compose
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.drawing.view_state import view_state
from camviewer.media.frames import image_to_array

STYLE = OverlayStyle()
PREPROCESSING = Preprocessing(256, 224, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
INFO = ModelInfo("fake", "Fake", CPU, "CPU", "0" * 64, "fake.pth", WeightsOrigin.FILE)
HOT, OTHER = ClassScore(0), ClassScore(1)


def explanation_of(
    cam: FloatArray,
    image: NDArray[np.uint8],
    fit: Fit = Fit.SQUASH,
    region: Region | None = None,
    label: str = "hot",
) -> Explanation:
    """Class 0 has this map, class 1 one of zeros; region: the one of the fit, unless given."""
    height, width = image.shape[:2]
    labels = (label, "other")
    head = LinearHead(np.array([[1], [0]], np.float32), np.zeros(2, np.float32), labels)
    return Explanation(
        frame=Frame(read_only(image), source="photo.png"),
        region=region or input_geometry(width, height, fit, 224, PREPROCESSING, RESNET18.sizes).region,
        prediction=predicted(np.array([cam.mean(), 0], np.float32), labels),
        maps=ExactMaps(read_only(np.asarray(cam, np.float32)[None]), head, "layer4"),
        timing=Timing(0.0, 0.0, 0.0, 0.0),
        model=INFO,
        request=ExplainRequest(fit),
    )


def grey(width: int, height: int, value: int = 60) -> NDArray[np.uint8]:
    """An image of one colour."""
    return np.full((height, width, 3), value, np.uint8)


def ramp(rows: int = 4, columns: int = 4) -> FloatArray:
    """From negative to positive; none of them on the edge between two steps of the table."""
    return np.linspace(-3.1, 4.3, rows * columns, dtype=np.float32).reshape(rows, columns)


def composed(
    explanation: Explanation, style: OverlayStyle = STYLE, caption: bool = False, target: Target = HOT
) -> NDArray[np.int_]:
    return image_to_array(compose(view_state(explanation, target, style), caption)).astype(int)


def painted(explanation: Explanation, style: OverlayStyle = STYLE) -> NDArray[np.int_]:
    """How much the overlay changed each pixel."""
    hidden = composed(explanation, replace(style, visible=False))
    change: NDArray[np.int_] = np.abs(composed(explanation, style) - hidden).sum(2)
    return change


class CountingMaps(ExactMaps):
    """Notes which maps are asked for."""

    def __init__(self, maps: Maps) -> None:
        assert isinstance(maps, ExactMaps)
        super().__init__(maps.features, maps.head, maps.layer)
        self.asked: list[Target] = []

    def get(self, target: Target) -> AttributionMap:
        self.asked.append(target)
        return super().get(target)

    def drawn_from(self, planes: FloatArray) -> CountingMaps:
        return CountingMaps(super().drawn_from(planes))


class NotingPainter(QPainter):
    """Notes what images it is told to draw, and what texts."""

    def __init__(self, device: QImage) -> None:
        super().__init__(device)
        self.images: list[QImage] = []
        self.texts: list[str] = []

    def drawImage(self, *args: object) -> None:
        self.images += [argument for argument in args if isinstance(argument, QImage)]
        super().drawImage(*args)  # type: ignore[call-overload]

    def drawText(self, *args: object) -> None:  # type: ignore[override]
        self.texts += [argument for argument in args if isinstance(argument, str)]
        super().drawText(*args)  # type: ignore[call-overload]


def canvas(width: int = 200, height: int = 150) -> tuple[QImage, QRectF]:
    """Something to paint on, and all of it."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(0)
    return image, QRectF(image.rect())
