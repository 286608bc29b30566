"""The window: its parts, put together."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QMainWindow

from camviewer.core.loading import ModelChoice
from camviewer.core.models.spec import ModelInfo
from camviewer.core.opened import cards_folder
from camviewer.media.download import weights_download
from camviewer.media.drawing.view_state import ViewState
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.media.sources.source import (
    Countable,
    Source,
)
from camviewer.ui.controllers.caption_control import CaptionControl
from camviewer.ui.controllers.card_control import (
    CardControl,
    CardStore,
)
from camviewer.ui.controllers.card_store import StoredCards
from camviewer.ui.controllers.class_control import ClassControl
from camviewer.ui.controllers.convert_control import ConvertControl
from camviewer.ui.controllers.cover_control import CoverControl
from camviewer.ui.controllers.device_control import DeviceControl
from camviewer.ui.controllers.device_menu import DeviceMenu
from camviewer.ui.controllers.edit_control import EditControl
from camviewer.ui.controllers.gauge_control import GaugeControl
from camviewer.ui.controllers.history_control import HistoryControl
from camviewer.ui.controllers.method_control import MethodControl
from camviewer.ui.controllers.model_control import ModelControl
from camviewer.ui.controllers.model_download import DownloadMaker
from camviewer.ui.controllers.model_menu import ModelMenu
from camviewer.ui.controllers.original_view import OriginalView
from camviewer.ui.controllers.playback import Playback
from camviewer.ui.controllers.presenter import Presenter
from camviewer.ui.controllers.print_control import PrintControl
from camviewer.ui.controllers.record_control import RecordControl
from camviewer.ui.controllers.review_parts import ReviewParts
from camviewer.ui.controllers.save_control import SaveControl
from camviewer.ui.controllers.screen_rate import ScreenRate
from camviewer.ui.controllers.source_banners import SourceBanners
from camviewer.ui.controllers.source_control import SourceControl
from camviewer.ui.controllers.source_dialogs import SourceDialogs
from camviewer.ui.controllers.source_menus import SourceMenus
from camviewer.ui.controllers.style_control import StyleControl
from camviewer.ui.controllers.teach_control import TeachControl
from camviewer.ui.controllers.teach_project import project_folder
from camviewer.ui.controllers.teach_save import TeachSave
from camviewer.ui.controllers.timeline_control import TimelineControl
from camviewer.ui.controllers.what_if_control import WhatIfControl
from camviewer.ui.docks.evidence import EvidenceDock
from camviewer.ui.docks.gauge import GaugeDock
from camviewer.ui.docks.overlay import OverlayDock
from camviewer.ui.docks.timeline import TimelineDock
from camviewer.ui.docks.what_if import WhatIfDock
from camviewer.ui.lessons.menu import LessonMenu
from camviewer.ui.lessons.parts import LessonParts, lessons_folder
from camviewer.ui.picture.centre import Centre
from camviewer.ui.shell.docks import (
    StartingState,
    dock_of,
    make_docks,
    place_docks,
    resize_docks,
)
from camviewer.ui.shell.full_screen import FullScreen
from camviewer.ui.shell.menus import (
    MainToolBar,
    fill_menu_bar,
)
from camviewer.ui.shell.qactions import check_at_start, make_actions, plain_actions, review_actions
from camviewer.ui.shell.status_line import StatusLine
from camviewer.ui.shell.window_size import NARROW, DockRoom, resize_first
from camviewer.ui.system.background import Background
from camviewer.ui.system.preferences import Preferences
from camviewer.ui.system.settings import Settings
from camviewer.ui.system.stats import Stats
from camviewer.ui.teaching.dock import TeachDock
from camviewer.ui.widgets.words import translated

CLOSING_S = 1.2
"""How long closing waits for the worker and for files under way. The import of torch can't be interrupted."""


class MainWindow(QMainWindow):
    """Shows what the pipeline explains. Everything slow is elsewhere."""

    shown_first = Signal()
    closing = Signal()

    def __init__(
        self,
        pipeline: Pipeline,
        settings: Settings,
        choice: ModelChoice,
        make_download: DownloadMaker | None = weights_download,
        card_store: CardStore | None = None,
    ) -> None:
        super().__init__()
        self._pipeline, self._settings = pipeline, settings
        self._was_shown = False
        self.has_ended = True
        """Once closed: whether all threads have, too."""
        pipeline.setParent(self)
        pipeline.set_request(settings.request())
        pipeline.set_smoothing(settings.smoothing())
        self.stats = Stats(pipeline)
        self.background = Background(self)
        self.screen_rate = ScreenRate(self)
        self.screen_rate.changed.connect(pipeline.pacer.set_rate)

        self.setWindowTitle("camviewer")
        self.setAcceptDrops(True)
        self.actions_by_name = make_actions(self)
        self.centre = Centre(self.actions_by_name)
        self.tabs, self.banners, self.view = self.centre.tabs, self.centre.banners, self.centre.view
        self.setCentralWidget(self.centre)
        self.full_screen = FullScreen(self, self.centre, self.actions_by_name, settings)
        self.sources = SourceControl(pipeline, settings, self.banners, self)
        self.source_menus = SourceMenus(pipeline, settings, self.sources, self)
        self.source_dialogs = SourceDialogs(settings, self.sources, self)
        self.source_banners = SourceBanners(pipeline, self.banners, self.sources, self)
        self.models = ModelControl(pipeline, settings, self.banners, choice, self, make_download)
        self.devices = DeviceControl(pipeline, settings, self.banners, self.models, self)
        self.device_menu = DeviceMenu(pipeline, self.devices, self)
        in_model_menu = [self.actions_by_name[name] for name in ("open_model", "model_card")]
        in_model_menu.append(self.device_menu.menu.menuAction())
        self.model_menu = ModelMenu(pipeline, settings, self.models, in_model_menu, self)
        store = card_store or StoredCards(cards_folder())
        card_action = self.actions_by_name["model_card"]
        self.cards = CardControl(pipeline, settings, self.models, store, card_action, self)
        self.saves = SaveControl(settings, self.banners, self.background, self)
        self.printing = PrintControl(self.saves, self.banners, self.background, self)
        self.playback = Playback(pipeline, settings, self.actions_by_name, self)
        style = settings.style()
        self.docks = make_docks(StartingState(style, pipeline.request, pipeline.smoothing, settings))
        self.dock, self.evidence = dock_of(self.docks, OverlayDock), dock_of(self.docks, EvidenceDock)
        extent = self.actions_by_name["extent"]
        self.methods = MethodControl(pipeline, self.banners, self.dock.how, extent, self)
        self.styles = StyleControl(style, self.dock, pipeline, self)
        self.presenter = Presenter(
            pipeline, self.centre, self.dock, self.evidence, self.styles, self.actions_by_name, self
        )
        self.edits = EditControl(pipeline, self.centre, self.presenter, self.actions_by_name, self)
        self.covers = CoverControl(self.edits, self.presenter, self.centre, self)
        what_if, has_room = dock_of(self.docks, WhatIfDock), lambda: self.width() >= NARROW
        self.what_if = WhatIfControl(pipeline, self.tabs, self.edits, what_if, has_room, self)
        self.original = OriginalView(self.presenter, self.tabs, self.actions_by_name["show_original"], self)
        self.gauge = GaugeControl(pipeline, self.presenter, dock_of(self.docks, GaugeDock), self)
        self.history = HistoryControl(
            *(pipeline, settings, self.centre, self.presenter),
            *(self.saves, self.banners, self.actions_by_name, self),
        )
        self.playback.set_past(self.history)
        self.history.forgotten.connect(self.gauge.reset)
        self.timeline = TimelineControl(
            *(pipeline, dock_of(self.docks, TimelineDock), self.tabs, self.presenter, self.history),
            *(self.saves, self.banners, self),
        )
        page = self.centre.review
        self.review_parts = ReviewParts(
            *(pipeline, settings, self.banners, page, self.models, self.presenter, self.background, self)
        )
        self.reviews, self.review_navigation = self.review_parts.control, self.review_parts.navigation
        self.review_report = self.review_parts.report
        self.conversions = ConvertControl(pipeline, settings, self.banners, self.presenter, self.saves, self)
        self.classes = ClassControl(pipeline, settings, self.centre, self.presenter, self)
        teach_dock = dock_of(self.docks, TeachDock)
        self.teaching = TeachControl(
            pipeline, teach_dock, self.banners, self.background, project_folder(), self
        )
        self.teaching.example_opened.connect(lambda path: self.sources.open_paths([path], remember=False))
        saving = TeachSave(pipeline, settings, self.teaching, teach_dock, self.banners, self.background, self)
        saving.model_wanted.connect(self.models.open_file)
        self.preferences = Preferences(settings, self.banners)
        self.lessons = LessonMenu(self._lesson_parts, self)
        self._place_actions()
        place_docks(self, self.docks)
        self.dock_room = DockRoom(self, self.docks, settings)
        fill_menu_bar(self, self.menuBar(), self.docks)
        self.toolbar = MainToolBar(
            self.actions_by_name,
            self.source_menus.camera_menu,
            self.model_menu.menu,
            self.device_menu.menu,
        )
        self.addToolBar(self.toolbar)
        self.status_line = StatusLine(self.statusBar(), pipeline, self.stats)
        self.records = RecordControl(
            *(self.presenter, self.saves, self.banners, self.status_line.show_recording),
            *(self.actions_by_name["record"], self),
        )
        self.captions = CaptionControl(
            pipeline, settings, self.presenter, self.centre, self.actions_by_name, self
        )
        self._connect()
        self._restore()
        self.view.setFocus()
        self.view.show_message(self.tr("Loading the model…"))

    # Assembly

    def _place_actions(self) -> None:
        self.timeline.dock.add_keys([self.actions_by_name[n] for n in ("previous", "next", "back_to_live")])
        plain = plain_actions(self.actions_by_name)
        self.centre.frame_page.addActions(plain)
        self.centre.review.addActions([a for a in review_actions(self.actions_by_name) if a in plain])
        # Keys of actions that only a hidden menu bar has (full screen) would be dead.
        self.addActions([a for a in self.actions_by_name.values() if a not in plain])

    def _connect(self) -> None:
        pipeline, tabs, centre = self._pipeline, self.tabs, self.centre
        pipeline.source_changed.connect(self._on_pipeline_source_changed)
        self.playback.changed.connect(self._on_playback_changed)
        pipeline.model_loading.connect(self.toolbar.show_loading)
        pipeline.model_ready.connect(self._on_pipeline_model_ready)
        pipeline.head_changed.connect(self._on_pipeline_model_ready)
        for failed in (pipeline.source_failed, pipeline.frame_failed, pipeline.model_failed):
            failed.connect(self._on_pipeline_failed)
        tabs.follow_changed.connect(self.actions_by_name["follow"].setChecked)
        for view in (centre.view, centre.all_view):
            view.painted.connect(self.stats.note_painted)
        self.sources.folder_opened.connect(self.reviews.offer)
        self.sources.model_opened.connect(self.models.open_file)
        for wanted in (self.reviews.page_wanted, self.review_navigation.page_wanted):
            wanted.connect(self.show_review)
        self.reviews.available_changed.connect(self._on_reviews_available_changed)
        self._on_reviews_available_changed(False)
        check_at_start(self)

    def _restore(self) -> None:
        geometry = self._settings.blob("window/geometry")
        resize_first(self)
        resize_docks(self, self.docks)
        was_left = self.restoreGeometry(geometry)
        self.restoreState(self._settings.blob("window/state"))
        self.dock_room.restore(was_left)
        if not self.isMaximized() and not self.isFullScreen():
            self.dock_room.fit()
        if not self.restoreGeometry(geometry):  # again: docks that are hidden now need no room
            resize_first(self)
        self.full_screen.presentation.put_away()

    # Showing

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self._emit_shown_first()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.dock_room.fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.screen_rate.watch(self.windowHandle())
        QTimer.singleShot(1000, self._emit_shown_first)  # a minimised window is never painted

    def _emit_shown_first(self) -> None:
        """After the first painting: the threads that start then slow the GUI thread down (GIL)."""
        if not self._was_shown:
            self._was_shown = True
            QTimer.singleShot(0, self.shown_first.emit)

    # The pipeline

    @property
    def model(self) -> ModelInfo | None:
        return self._pipeline.model

    @Slot(object)
    def _on_pipeline_source_changed(self, source: Source) -> None:
        self.centre.video_bar.set_source(source)
        if isinstance(source, Countable):
            source.jumped.connect(self.presenter.reset)
        model = self._pipeline.model
        waiting = (
            self.tr("Loading the model…")
            if model is None
            else self.tr("Opening {0}…").format(translated(source.title))
        )
        self.presenter.show_message(waiting)
        self.status_line.refresh()

    @Slot()
    def _on_playback_changed(self) -> None:
        self.toolbar.show_source(self._pipeline.source)
        self._show_title()

    def _show_title(self) -> None:
        """Of what is in view: a folder's review, or the source."""
        source, review = self._pipeline.source, ""
        title = translated(source.title) if source is not None else ""
        if self.centre.review_on:
            title = review = self.tr("Review of {0}").format(self.centre.review.head.folder_name)
        self.setWindowTitle(f"{title} – camviewer" if title else "camviewer")
        self.status_line.show_review(review)

    @Slot(object)
    def _on_pipeline_failed(self, _failure: object) -> None:
        if self._pipeline.current is None:
            self.presenter.clear_frame(self.tr("No picture yet"))
        self._on_pipeline_model_ready(None)  # a model that failed leaves the one before

    @Slot(object)
    def _on_pipeline_model_ready(self, _ready: object) -> None:
        model = self._pipeline.model
        if model is not None:
            self.toolbar.show_model(model)
            if model.sizes is not None and model.native_resolution is not None:
                squash = model.preprocessing is not None and model.preprocessing.squash
                self.dock.given.show_sizes(model.sizes, model.native_resolution, squash)
        self.status_line.refresh()

    def _lesson_parts(self) -> LessonParts:
        return LessonParts(
            *(self, self._pipeline, self._settings, self.centre, self.presenter, self.styles, self.edits),
            *(self.covers, self.methods, self.models, self.teaching, self.background, self.docks),
            folder=lessons_folder(),
            show_review=self.show_review,
        )

    def export(self, how: Callable[[ViewState], None]) -> None:
        """Give what is in view, as it is drawn, to a way of saving or copying."""
        if self.presenter.state is not None:
            how(self.presenter.state)

    @Slot(bool)
    def show_review(self, on: bool) -> None:
        """Show the review of a folder, or the frame."""
        self.centre.set_review(on)
        self.actions_by_name["show_review"].setChecked(on)
        self._show_title()

    @Slot(bool)
    def _on_reviews_available_changed(self, available: bool) -> None:
        for action in review_actions(self.actions_by_name):
            action.setEnabled(available)

    # Drops, themes, the end

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        mime = event.mimeData()
        if mime.hasImage() or any(url.isLocalFile() for url in mime.urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if self.sources.open_mime(event.mimeData()):
            event.acceptProposedAction()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        # However it came about: by F11, by the window manager, or as the window was left.
        if event.type() == QEvent.Type.WindowStateChange:
            self.actions_by_name["full_screen"].setChecked(self.isFullScreen())
            self.full_screen.show(self.isFullScreen())

    def closeEvent(self, event: QCloseEvent) -> None:
        self.full_screen.presentation.set_on(False)  # parts that are put away aren't closed
        self.closing.emit()
        self.lessons.close()
        self._settings.set_blob("window/geometry", self.saveGeometry())
        self._settings.set_blob("window/state", self.saveState())
        self.dock_room.keep()
        self._settings.set_style(self.presenter.style)
        self._settings.set_request(self._pipeline.request)
        self._settings.set_smoothing(self._pipeline.smoothing)
        self._settings.sync()
        self.hide()  # gone at once, though threads and files may need a moment
        for dialog in self.findChildren(QDialog):
            dialog.close()
        deadline = time.monotonic() + CLOSING_S
        self.status_line.stop()
        self.models.close()
        reviewed = self.review_parts.close(CLOSING_S)
        self.conversions.cancel()
        taught = self.teaching.close(CLOSING_S)
        saved = self.background.wait(CLOSING_S)
        recorded = self.records.close(max(0.0, deadline - time.monotonic()))
        stopped = self._pipeline.close(max(0.0, deadline - time.monotonic()))
        written = self.history.close(max(0.0, deadline - time.monotonic()))
        self.has_ended = reviewed and saved and taught and recorded and stopped and written
        super().closeEvent(event)
