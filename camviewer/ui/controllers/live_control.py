"""LiveControl: does what the Python program that opened this window asks for."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from camviewer.core.loading import ModelChoice
from camviewer.core.models.spec import WeightsOrigin
from camviewer.core.runtimes.remote import program_ended
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.ui.system.python_program import PythonProgram
from camviewer.ui.widgets.banner import (
    BannerArea,
    BannerKey,
    Severity,
)
from camviewer.ui.widgets.words import translated


class LiveControl(QObject):
    """Between the program and the window. choice: of the program's network."""

    def __init__(
        self,
        program: PythonProgram,
        pipeline: Pipeline,
        banners: BannerArea,
        choice: ModelChoice,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        program.setParent(self)
        self._pipeline, self._banners, self._choice = pipeline, banners, choice
        program.reload_asked.connect(self._on_program_reload_asked)
        program.ended.connect(self._on_program_ended)
        program.close_asked.connect(window.close)

    @property
    def _runs(self) -> bool:
        """Whether it is the program's network that runs, or will."""
        model = self._pipeline.model
        return model is None or model.weights_origin is WeightsOrigin.LIVE

    @Slot()
    def _on_program_reload_asked(self) -> None:
        if self._runs:
            self._pipeline.choose_model(self._choice)

    @Slot()
    def _on_program_ended(self) -> None:
        if self._runs:
            text = translated(program_ended().text)
            self._banners.show_message(BannerKey.DEVICE, Severity.WARNING, text)
