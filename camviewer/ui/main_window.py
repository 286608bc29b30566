"""The window: assembly, and what the actions do."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QEvent, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow

from camviewer.core import colormaps
from camviewer.core.explainer import ModelChoice
from camviewer.core.localize import localize
from camviewer.core.maps import Channel, MapChoice, shown_values
from camviewer.core.scaling import Scale, ValueRange
from camviewer.core.types import Explanation, ModelInfo
from camviewer.media.compositor import OverlayStyle, shown_range, style_for
from camviewer.media.photos import PhotoSource
from camviewer.media.pipeline import Pipeline
from camviewer.media.source import Source
from camviewer.ui import theme
from camviewer.ui.actions import make_actions, plain_actions
from camviewer.ui.background import Background
from camviewer.ui.centre import Centre
from camviewer.ui.class_finder import ClassFinder
from camviewer.ui.commands import connect_commands
from camviewer.ui.evidence_dock import EvidenceDock
from camviewer.ui.icons import app_icon
from camviewer.ui.map_selection import MapSelection
from camviewer.ui.menus import MainToolBar, fill_menu_bar
from camviewer.ui.model_control import DownloadMaker, ModelControl, official_download
from camviewer.ui.overlay_dock import OverlayDock
from camviewer.ui.playback import Playback
from camviewer.ui.save_control import SaveControl
from camviewer.ui.settings import Settings
from camviewer.ui.source_control import SourceControl
from camviewer.ui.stats import Stats
from camviewer.ui.status_line import StatusLine

CLOSING_S = 1.2
"""How long closing waits for the worker and for files under way. The import of torch can't be interrupted."""
Exporter = Callable[[Explanation, MapChoice, OverlayStyle, ValueRange], None]


class MainWindow(QMainWindow):
    """Shows what the pipeline explains. Everything slow is elsewhere."""

    shown_first = Signal()

    def __init__(
        self,
        pipeline: Pipeline,
        settings: Settings,
        choice: ModelChoice,
        make_download: DownloadMaker | None = official_download,
    ) -> None:
        super().__init__()
        self._pipeline, self._settings = pipeline, settings
        self._style = settings.style()
        self._in_view: tuple[Explanation, MapChoice, OverlayStyle, ValueRange] | None = None
        self._model_in_view: ModelInfo | None = None
        self._was_shown = False
        self.has_ended = True
        """Once closed: whether all threads have, too."""
        pipeline.setParent(self)
        pipeline.set_request(settings.request())
        self.stats = Stats(pipeline)
        self.background = Background(self)

        self.setWindowTitle("camviewer")
        self.setWindowIcon(app_icon())
        self.setAcceptDrops(True)
        self.actions_by_name = make_actions(self)
        self.centre = Centre(self.actions_by_name)
        self.tabs, self.banners, self.view = self.centre.tabs, self.centre.banners, self.centre.view
        self.setCentralWidget(self.centre)
        self.sources = SourceControl(pipeline, settings, self.banners, self)
        self.models = ModelControl(pipeline, self.banners, choice, self, make_download)
        self.saves = SaveControl(settings, self.banners, self.background, self)
        self.playback = Playback(pipeline, self.actions_by_name, self)
        self.dock = OverlayDock(self._style, pipeline.request)
        self.evidence = EvidenceDock()
        self.finder = ClassFinder(self)
        self.selection = MapSelection(self)
        self._place_actions()
        for dock in (self.dock, self.evidence):
            self.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
        self.tabifyDockWidget(self.dock, self.evidence)
        self.dock.raise_()
        fill_menu_bar(self)
        self.toolbar = MainToolBar(self.actions_by_name, self.sources.camera_menu, self.models.menu)
        self.addToolBar(self.toolbar)
        self.status_line = StatusLine(self.statusBar(), pipeline, self.stats)
        self._connect()
        self._restore()
        self.view.setFocus()
        self.view.show_message(self.tr("Loading the model…"))

    # Assembly

    def _place_actions(self) -> None:
        plain = plain_actions(self.actions_by_name)
        self.centre.addActions(plain)
        # Keys of actions that only a hidden menu bar has (full screen) would be dead.
        self.addActions([a for a in self.actions_by_name.values() if a not in plain])

    def _connect(self) -> None:
        pipeline, tabs, centre = self._pipeline, self.tabs, self.centre
        pipeline.explained.connect(self._on_pipeline_explained)
        pipeline.source_changed.connect(self._on_pipeline_source_changed)
        self.playback.changed.connect(self._on_playback_changed)
        pipeline.model_loading.connect(self.toolbar.show_loading)
        pipeline.model_ready.connect(self._on_pipeline_model_ready)
        for failed in (pipeline.source_failed, pipeline.frame_failed, pipeline.model_failed):
            failed.connect(self._on_pipeline_failed)
        tabs.class_chosen.connect(self._on_tabs_class_chosen)
        tabs.all_toggled.connect(self._on_tabs_all_toggled)
        tabs.find_requested.connect(self.find_class)
        tabs.pins_changed.connect(self._on_tabs_pins_changed)
        tabs.compare_requested.connect(self.compare_with)
        tabs.picked.connect(self.selection.clear)  # choosing a class shows its own map
        self.selection.changed.connect(self._on_selection_changed)
        self.evidence.channel_chosen.connect(self._on_evidence_channel_chosen)
        self.evidence.class_chosen.connect(tabs.choose)
        centre.colour_bar.range_dragged.connect(self._on_colour_bar_range_dragged)
        centre.colour_bar.range_freed.connect(lambda: self.restyle(scale=Scale.MAP))
        centre.all_view.class_clicked.connect(tabs.choose)
        for view in (centre.view, centre.all_view):
            view.painted.connect(self.stats.note_painted)
        self.dock.style_changed.connect(self.set_style)
        self.dock.request_changed.connect(pipeline.set_request)
        self.finder.class_found.connect(self._on_finder_class_found)
        connect_commands(self)

    def _restore(self) -> None:
        self.resize(1280, 800)
        self.resizeDocks([self.dock], [310], Qt.Orientation.Horizontal)
        self.restoreGeometry(self._settings.blob("window/geometry"))
        self.restoreState(self._settings.blob("window/state"))

    # Showing

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self._say_shown()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        QTimer.singleShot(1000, self._say_shown)  # a minimised window is never painted

    def _say_shown(self) -> None:
        """After the first painting: what starts then makes the GUI thread wait for the GIL."""
        if not self._was_shown:
            self._was_shown = True
            QTimer.singleShot(0, self.shown_first.emit)

    @Slot(object)
    def _on_pipeline_explained(self, explanation: Explanation) -> None:
        source = self._pipeline.source
        live = source is not None and source.live and source.running and not self._pipeline.frozen
        if explanation.model != self._model_in_view:
            # Another model's class 900 or channel 900 is another thing, or nothing. Quietly: the tabs still
            # hold the old model's classes.
            self._model_in_view = explanation.model
            self.selection.blockSignals(True)
            self.selection.clear()
            self.selection.blockSignals(False)
            self._mark_comparison()
        self.tabs.show_explanation(explanation, time.monotonic(), live)
        self._show()

    def _show(self) -> None:
        """Bring the view up to date with the explanation, the choice and the style."""
        explanation, chosen, style = self._pipeline.current, self.tabs.chosen, self._style
        self.actions_by_name["pin"].setChecked(chosen in self.tabs.pinned)
        if explanation is None or chosen is None:
            self._in_view = None
            return
        all_on = self.centre.all_on
        choice = chosen if all_on else self.selection.choice(chosen)
        style = style_for(choice, style)
        compared: tuple[MapChoice, ...] = (choice,)
        if all_on or (style.scale is Scale.SHARED and isinstance(choice, int)):
            compared = self.tabs.classes
        shown = shown_range(explanation, compared, style)
        self._in_view = (explanation, choice, style, shown)
        self.centre.show_map(explanation, choice, style, shown)
        self.evidence.show_explanation(explanation, choice, self.tabs.classes)
        if style.threshold is not None:
            cam = shown_values(explanation, choice)
            self.dock.show_found(localize(cam, explanation.region, style.threshold))

    # What changes what is shown

    @property
    def model(self) -> ModelInfo | None:
        return self._pipeline.model

    @property
    def style_in_use(self) -> OverlayStyle:
        return self._style

    def set_style(self, style: OverlayStyle) -> None:
        self._style = style
        self.dock.show_style(style)
        self.actions_by_name["overlay"].setChecked(style.visible)
        self._show()

    def restyle(self, **changes: object) -> None:
        self.set_style(replace(self._style, **changes))  # type: ignore[arg-type]

    def next_colormap(self) -> None:
        base, is_reversed = colormaps.split_reversed(self._style.colormap)
        names = list(colormaps.COLORMAPS)
        name = names[(names.index(base) + 1) % len(names)]
        self.restyle(colormap=colormaps.reversed_name(name) if is_reversed else name)

    @Slot(int)
    def _on_tabs_class_chosen(self, _class_id: int) -> None:
        self._show()

    @Slot(int)
    def compare_with(self, class_id: int) -> None:
        """Why the chosen class and not this one; the same class again ends the comparison."""
        if class_id != self.tabs.chosen:
            self.tabs.set_follow(False)  # a comparison is of these two, whatever comes to the top
            self.selection.compare_with(class_id)

    def toggle_compare(self, on: bool) -> None:
        """With the most probable other class; off ends the comparison."""
        explanation, chosen = self._pipeline.current, self.tabs.chosen
        others = (c for c in explanation.top(2) if c != chosen) if explanation is not None else iter(())
        other = next(others, None)
        if on and other is not None and chosen is not None:
            self.compare_with(other)
        else:
            self.selection.clear()
        self._mark_comparison()  # where nothing changed, the action has checked itself all the same

    @Slot(int)
    def _on_evidence_channel_chosen(self, channel: int) -> None:
        self.selection.show_channel(channel if channel >= 0 else None)

    @Slot()
    def _on_selection_changed(self) -> None:
        if self.selection.active:
            self.tabs.set_all(False)
        self._mark_comparison()
        self._show()

    def _mark_comparison(self) -> None:
        self.tabs.set_other(self.selection.other)
        self.actions_by_name["compare"].setChecked(self.selection.other is not None)

    @Slot(float)
    def _on_colour_bar_range_dragged(self, high: float) -> None:
        if self._in_view is not None and isinstance(self._in_view[1], Channel):
            return  # its own small range must not become the one of whole maps
        self.restyle(scale=Scale.FIXED, fixed=high)

    @Slot(bool)
    def _on_tabs_all_toggled(self, on: bool) -> None:
        self.centre.set_all(on)
        if on:
            self.selection.clear()  # all tabs show their own maps
        self.actions_by_name["all"].setChecked(on)
        self._show()

    @Slot(object)
    def _on_tabs_pins_changed(self, pins: tuple[int, ...]) -> None:
        self._settings.set("classes/pinned", [str(p) for p in pins])
        self._show()

    def find_class(self) -> None:
        explanation = self._pipeline.current
        if explanation is not None:
            corner = self.tabs.mapToGlobal(self.tabs.rect().bottomRight())
            self.finder.open_at(corner, explanation)

    @Slot(int)
    def _on_finder_class_found(self, class_id: int) -> None:
        self.tabs.pin((class_id,))
        self.tabs.choose(class_id)
        self._on_tabs_pins_changed(self.tabs.pinned)

    @Slot()
    def _on_photo_jumped(self) -> None:
        """What was asked about the picture before is not asked about the next one."""
        self.selection.clear()
        self.tabs.reset()

    @Slot(object)
    def _on_pipeline_source_changed(self, source: Source) -> None:
        self._on_photo_jumped()
        self.centre.video_bar.set_source(source)
        if isinstance(source, PhotoSource):
            source.jumped.connect(self._on_photo_jumped)
        model = self._pipeline.model
        waiting = (
            self.tr("Loading the model…") if model is None else self.tr("Opening {0}…").format(source.title)
        )
        self.centre.show_message(waiting, self._style)
        self.status_line.refresh()

    @Slot()
    def _on_playback_changed(self) -> None:
        source = self._pipeline.source
        title = source.title if source is not None else ""
        self.setWindowTitle(f"{title} – camviewer" if title else "camviewer")
        self.toolbar.show_source(source)
        self.status_line.refresh()

    @Slot(object)
    def _on_pipeline_failed(self, _failure: object) -> None:
        if self._pipeline.current is None:
            self._in_view = None
            self.centre.show_message(self.tr("No picture yet"), self._style)
            # Numbers of a picture that is gone must not stand beside the name of another.
            self.tabs.forget_picture()
            self.evidence.forget_picture()
        self._on_pipeline_model_ready(None)  # a model that failed leaves the one before

    @Slot(object)
    def _on_pipeline_model_ready(self, _ready: object) -> None:
        model = self._pipeline.model
        if model is not None:
            self.toolbar.show_model(model)
        self.status_line.refresh()

    def restore_pins(self) -> None:
        """Pin the classes that were pinned when the program was left."""
        pins = self._settings.texts("classes/pinned")
        self.tabs.pin(tuple(int(p) for p in pins if p.isdecimal()))

    def toggle_pin(self) -> None:
        self.tabs.toggle_pin()
        self._show()  # without a class there was nothing to pin, but the action has checked itself

    def export(self, how: Exporter) -> None:
        """Give what is in view, as it is drawn, to a way of saving or copying."""
        if self._in_view is not None:
            how(*self._in_view)

    @property
    def appearance(self) -> str:
        """``system``, ``light`` or ``dark``."""
        return self._settings.text("window/appearance", "system")

    def set_appearance(self, name: str) -> None:
        self._settings.set("window/appearance", name)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.apply_appearance(app, name)

    def set_full_screen(self, on: bool) -> None:
        full, state = Qt.WindowState.WindowFullScreen, self.windowState()
        self.setWindowState(state | full if on else state & ~full)

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
            full = self.isFullScreen()
            self.actions_by_name["full_screen"].setChecked(full)
            for part in (self.menuBar(), self.statusBar()):
                part.setVisible(not full)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._settings.set_blob("window/geometry", self.saveGeometry())
        self._settings.set_blob("window/state", self.saveState())
        self._settings.set_style(self._style)
        self._settings.set_request(self._pipeline.request)
        self._settings.sync()
        self.hide()  # gone at once, whatever there is still to wait for
        for dialog in self.findChildren(QDialog):
            dialog.close()
        deadline = time.monotonic() + CLOSING_S
        self.status_line.stop()
        self.models.close()
        saved = self.background.wait(CLOSING_S)
        self.has_ended = self._pipeline.close(max(0.0, deadline - time.monotonic())) and saved
        super().closeEvent(event)
