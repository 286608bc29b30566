"""What lessons need of the window."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path
from PySide6.QtWidgets import QDockWidget, QMainWindow

from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.ui.controllers.cover_control import CoverControl
from camviewer.ui.controllers.edit_control import EditControl
from camviewer.ui.controllers.method_control import MethodControl
from camviewer.ui.controllers.model_control import ModelControl
from camviewer.ui.controllers.presenter import Presenter
from camviewer.ui.controllers.style_control import StyleControl
from camviewer.ui.controllers.teach_control import TeachControl
from camviewer.ui.picture.centre import Centre
from camviewer.ui.system.background import Background
from camviewer.ui.system.settings import Settings

NARROW = 1000
"""Points of width of the window below which panels leave too little of the picture."""


@dataclass(frozen=True, slots=True, eq=False)
class LessonParts:
    """The window's parts. folder: of the user's, for what lessons make. show_review: as the window's."""

    window: QMainWindow
    pipeline: Pipeline
    settings: Settings
    centre: Centre
    presenter: Presenter
    styles: StyleControl
    edits: EditControl
    covers: CoverControl
    methods: MethodControl
    models: ModelControl
    teaching: TeachControl
    background: Background
    docks: Mapping[str, QDockWidget]
    folder: Path
    show_review: Callable[[bool], object]


def lessons_folder() -> Path:
    """Where lessons put worksheets and examples."""
    return user_data_path("camviewer", appauthor=False) / "lessons"
