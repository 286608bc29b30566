"""What actions, menus and docks need of the main window. They import this, and the main window them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from camviewer.core.models.spec import ModelInfo
from camviewer.media.drawing.view_state import ViewState
from camviewer.ui.controllers.caption_control import CaptionControl
from camviewer.ui.controllers.card_control import CardControl
from camviewer.ui.controllers.class_control import ClassControl
from camviewer.ui.controllers.convert_control import ConvertControl
from camviewer.ui.controllers.cover_control import CoverControl
from camviewer.ui.controllers.device_menu import DeviceMenu
from camviewer.ui.controllers.edit_control import EditControl
from camviewer.ui.controllers.history_control import HistoryControl
from camviewer.ui.controllers.method_control import MethodControl
from camviewer.ui.controllers.model_control import ModelControl
from camviewer.ui.controllers.model_menu import ModelMenu
from camviewer.ui.controllers.original_view import OriginalView
from camviewer.ui.controllers.playback import Playback
from camviewer.ui.controllers.presenter import Presenter
from camviewer.ui.controllers.print_control import PrintControl
from camviewer.ui.controllers.record_control import RecordControl
from camviewer.ui.controllers.review_control import ReviewControl
from camviewer.ui.controllers.review_navigation import ReviewNavigation
from camviewer.ui.controllers.review_report import ReviewReport
from camviewer.ui.controllers.save_control import SaveControl
from camviewer.ui.controllers.source_control import SourceControl
from camviewer.ui.controllers.source_dialogs import SourceDialogs
from camviewer.ui.controllers.source_menus import SourceMenus
from camviewer.ui.controllers.style_control import StyleControl
from camviewer.ui.lessons.menu import LessonMenu
from camviewer.ui.picture.centre import Centre
from camviewer.ui.shell.full_screen import FullScreen
from camviewer.ui.system.preferences import Preferences


class Window(Protocol):
    """The main window's parts, by the names that it has for them, and what it does itself."""

    actions_by_name: dict[str, QAction]
    centre: Centre
    captions: CaptionControl
    sources: SourceControl
    source_dialogs: SourceDialogs
    source_menus: SourceMenus
    cards: CardControl
    models: ModelControl
    model_menu: ModelMenu
    device_menu: DeviceMenu
    methods: MethodControl
    saves: SaveControl
    printing: PrintControl
    playback: Playback
    history: HistoryControl
    presenter: Presenter
    edits: EditControl
    covers: CoverControl
    original: OriginalView
    styles: StyleControl
    reviews: ReviewControl
    review_navigation: ReviewNavigation
    review_report: ReviewReport
    conversions: ConvertControl
    records: RecordControl
    classes: ClassControl
    lessons: LessonMenu
    preferences: Preferences
    full_screen: FullScreen

    @property
    def model(self) -> ModelInfo | None: ...

    def export(self, how: Callable[[ViewState], None]) -> None: ...

    def show_review(self, on: bool) -> None: ...

    def close(self) -> bool: ...

    def window(self) -> QWidget:
        """Qt's own: itself, as the parent of dialogs."""
        ...
