"""What stands in for the network, its weights, downloads and devices, and the window around them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QObject, QPoint, QRect, QSettings, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from camviewer.core.arrays import read_only
from camviewer.core.explanation import Before, ExplainRequest, Explanation, Prediction, Timing, predicted
from camviewer.core.failures import ModelFailure
from camviewer.core.frames import Frame
from camviewer.core.geometry import input_geometry
from camviewer.core.loading import ModelChoice
from camviewer.core.maps import ExactMaps, Unit
from camviewer.core.methods.offers import MethodOffer
from camviewer.core.models.builtin import MODELS, RESNET18
from camviewer.core.models.card import Layer, ModelCard
from camviewer.core.models.spec import LinearHead, ModelInfo, OfficialWeights, Preprocessing, WeightsOrigin
from camviewer.core.painting import Painter
from camviewer.core.runtimes.device import CPU, DeviceOffer
from camviewer.core.targets import Target
from camviewer.core.text import Text
from camviewer.media.download import FileDownload
from camviewer.media.pipeline.inlet import Inlet
from camviewer.media.pipeline.jobs import ModelLoader
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.media.sources.source import FromFile, Seekable, Source, Steppable
from camviewer.ui.controllers.model_download import DownloadMaker
from camviewer.ui.shell import window_size
from camviewer.ui.shell.main_window import MainWindow
from camviewer.ui.system.settings import Settings
from tests.gauge_fakes import Unmeasured

LABELS = ("tabby", "tiger cat", "golden retriever", "tennis ball", "Löwe", "crane", "Crane", "acorn")
SCORES = (4.0, 3.0, 2.0, 1.0, 0.0, -1.0, -2.0, -3.0)
CAM_OFFER = MethodOffer("CAM", Unit.LOGIT, "Zhou et al., CVPR 2016", Text("one pass"), False)
SCREEN = QSize(1920, 1080)
PREPROCESSING = Preprocessing(256, 224, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))


def crafted(
    frame: Frame,
    request: ExplainRequest | None = None,
    *,
    scores: tuple[float, ...] = SCORES,
    labels: tuple[str, ...] = LABELS,
    info: ModelInfo | None = None,
) -> Explanation:
    """An explanation whose logits are the scores; every map is its score minus its bias, and a ramp."""
    request = request or ExplainRequest()
    sizes = RESNET18.sizes
    geometry = input_geometry(
        frame.width, frame.height, request.fit, request.resolution, PREPROCESSING, sizes
    )
    rows, columns = geometry.crop.height // sizes.stride, geometry.crop.width // sizes.stride
    ramp = np.linspace(-2, 2, rows * columns, dtype=np.float32).reshape(rows, columns)
    logits = np.array(scores, np.float32)
    bias = np.linspace(-0.5, 0.5, len(scores), dtype=np.float32)
    features = (logits - bias)[:, None, None] + ramp
    head = LinearHead(read_only(np.eye(len(scores), dtype=np.float32)), read_only(bias), labels)
    return Explanation(
        frame=frame,
        region=geometry.region,
        prediction=predicted(logits, labels),
        maps=ExactMaps(read_only(features.astype(np.float32)), head),
        timing=Timing(frame.time, frame.time + 0.02, 0.001, 0.015),
        model=info or model_info("resnet18"),
        request=request,
    )


def plain_frame(width: int = 64, height: int = 48, grey: int = 90) -> Frame:
    return Frame(read_only(np.full((height, width, 3), grey, np.uint8)), source="photo.png")


def model_info(name: str, origin: WeightsOrigin = WeightsOrigin.CACHE) -> ModelInfo:
    spec = MODELS[name]
    return ModelInfo(
        *(name, spec.title, CPU, "CPU", "0" * 64, f"/weights/{name}.pth", origin, PREPROCESSING, spec.sizes)
    )


@dataclass
class FakeExplainer(Unmeasured):
    """Its scores may be changed at any time; the next frame has them."""

    info: ModelInfo
    scores: tuple[float, ...] = SCORES
    labels: tuple[str, ...] = LABELS
    methods: tuple[MethodOffer, ...] = (CAM_OFFER,)
    layers: tuple[Layer, ...] = ()
    default_layer: str = "layer4"
    covered_scores: tuple[float, ...] | None = None
    """Of frames of which a part is covered; None: as of others."""

    def batch_size(self, request: ExplainRequest) -> int:
        return 2

    def for_prepared(self, request: ExplainRequest) -> None:
        return None

    def explain_batch(self, frames: Sequence[Frame], request: ExplainRequest) -> list[Explanation]:
        return [self.explain(frame, request) for frame in frames]

    def explain(self, frame: Frame, request: ExplainRequest, load: float = 0.0) -> Explanation:
        edited = Painter().edited(frame, request.edit)
        if edited is frame:
            return crafted(frame, request, scores=self.scores, labels=self.labels, info=self.info)
        scores = self.covered_scores or self.scores
        explanation = crafted(edited, request, scores=scores, labels=self.labels, info=self.info)
        before = Before(predicted(np.array(self.scores, np.float32), self.labels))
        return replace(explanation, unedited=frame, before=before)

    def predict(self, frame: Frame, request: ExplainRequest | None = None) -> Prediction:
        return self.explain(frame, request or ExplainRequest()).prediction

    def with_maps(self, explanation: Explanation, targets: Sequence[Target]) -> Explanation:
        return explanation


@dataclass
class FakeModel:
    """A ReadyModel."""

    explainer: FakeExplainer
    missing: ModelFailure | None = None
    device_problem: str | None = None
    card: ModelCard | None = None
    precision_problem: str | None = None
    devices: tuple[DeviceOffer, ...] = ()


def ready(name: str, **facts: object) -> FakeModel:
    return FakeModel(FakeExplainer(model_info(name)), **facts)  # type: ignore[arg-type]


@dataclass
class FakeLoader:
    """Answers each choice by `answer`, if it is given, and notes it."""

    answer: Callable[[ModelChoice], FakeModel] | None = None
    choices: list[ModelChoice] = field(default_factory=list)

    def __call__(self, choice: ModelChoice) -> FakeModel:
        self.choices.append(choice)
        return self.answer(choice) if self.answer is not None else ready(choice.name)


class FakeDownload(FileDownload):
    """Does what the test says, with the real one's signals."""

    def __init__(self, parent: QObject) -> None:
        super().__init__("https://example.org/w", Path("nowhere"), size=1, sha256="0" * 64, parent=parent)
        self.starts = self.cancels = 0
        self._over = False
        for over in (self.finished, self.failed, self.cancelled):
            over.connect(self._on_over)

    @property
    def running(self) -> bool:
        return self.starts > 0 and not self._over

    def _on_over(self, *_: object) -> None:
        self._over = True

    def start(self) -> None:
        self.starts += 1

    def cancel(self) -> None:
        self.cancels += 1
        self.cancelled.emit()


@dataclass
class FakeDownloads:
    """A DownloadMaker; `made` has its downloads."""

    made: list[FakeDownload] = field(default_factory=list)

    def __call__(self, official: OfficialWeights, parent: QObject) -> FileDownload:
        self.made.append(FakeDownload(parent))
        return self.made[-1]


class FakeCamera(Source):
    """A live source that brings a frame when the test says so."""

    live = True

    def __init__(self) -> None:
        super().__init__()
        self.inlet: Inlet | None = None

    @property
    def title(self) -> str:
        return "Fake camera"

    @property
    def running(self) -> bool:
        return self.inlet is not None

    def start(self, inlet: Inlet) -> None:
        self.inlet = inlet

    def stop(self) -> None:
        self.inlet = None

    def bring(self, frame: Frame | None = None) -> None:
        brought = frame or plain_frame()
        assert self.inlet is not None
        self.inlet.put(lambda: brought)


class FakeVideo(Source, Seekable, Steppable, FromFile):
    """A video without a player: stepping pauses and brings a frame, as in the real one."""

    live = True
    pausable = True

    def __init__(self) -> None:
        super().__init__()
        self.loop = True
        self.inlet: Inlet | None = None
        self.is_playing = True
        self.place = 0.0

    @property
    def path(self) -> Path:
        return Path("film.mp4")

    @property
    def title(self) -> str:
        return self.path.name

    @property
    def running(self) -> bool:
        return self.is_playing

    @property
    def position(self) -> float:
        return self.place

    @property
    def duration(self) -> float:
        return 83.5

    def start(self, inlet: Inlet) -> None:
        self.inlet = inlet

    def stop(self) -> None:
        self.inlet = None

    def set_paused(self, paused: bool) -> None:
        self.is_playing = not paused
        self.changed.emit()

    def seek(self, seconds: float) -> None:
        self.jumped.emit()
        self.place = seconds
        self.changed.emit()
        self.bring()

    def set_loop(self, loop: bool) -> None:
        self.loop = loop
        self.changed.emit()

    def step(self, steps: int) -> None:
        self.set_paused(True)
        self.seek(self.place + steps / 30)

    def bring(self) -> None:
        frame = Frame(plain_frame().image, 0, 0.0, "film.mp4", self.place)
        if self.inlet is not None:
            self.inlet.put(lambda: frame)


@contextmanager
def settings_in(folder: Path) -> Iterator[None]:
    """Settings of this test alone."""
    scope, ini = QSettings.Scope.UserScope, QSettings.Format.IniFormat
    before = Path(QSettings(ini, scope, "camviewer", "camviewer").fileName()).parent.parent
    QSettings.setPath(ini, scope, str(folder))
    try:
        yield
    finally:
        QSettings.setPath(ini, scope, str(before))


class Windows:
    """Opens windows as `app.run` does, but around fakes."""

    def __init__(self, qtbot: QtBot) -> None:
        self._qtbot = qtbot

    def __call__(
        self,
        paths: tuple[Path, ...] | None = (),
        *,
        loader: ModelLoader | None = None,
        choice: ModelChoice | None = None,
        downloads: DownloadMaker | None = None,
        wait: bool = True,
        screen: QSize = SCREEN,
    ) -> MainWindow:
        """paths: () opens a sample photo, None nothing. Waits for the first explanation, if it may.

        screen: its size in points. That of the offscreen platform has 800 × 800 only.
        """
        choice = choice or ModelChoice()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(window_size, "available_area", lambda _window: QRect(QPoint(), screen))
            window = MainWindow(Pipeline(loader or FakeLoader()), Settings(), choice, downloads)
        self._qtbot.addWidget(window)
        pipeline = pipeline_of(window)
        with self._qtbot.waitSignal(window.shown_first):
            window.show()
        window.activateWindow()
        self._qtbot.waitUntil(window.isActiveWindow)
        window.view.setFocus()
        pipeline.start(choice)
        window.classes.restore_pins()
        if paths is not None:
            if paths:
                window.sources.open_paths(paths)
            else:
                window.sources.open_sample()
            if wait:
                self._qtbot.waitUntil(lambda: pipeline.current is not None)
        return window


def pipeline_of(window: MainWindow) -> Pipeline:
    pipeline = window.findChild(Pipeline)
    assert isinstance(pipeline, Pipeline)
    return pipeline


def current(window: MainWindow) -> Explanation:
    explanation = pipeline_of(window).current
    assert explanation is not None
    return explanation


def press(
    widget: QWidget, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    """A key, to whatever has the focus in the widget's window."""
    QTest.keyClick(widget.window().windowHandle(), key, modifier)
