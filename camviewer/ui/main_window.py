"""The window: assembly, and what the actions do."""

from __future__ import annotations

import time
from dataclasses import replace

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QActionGroup,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMenu,
    QSizePolicy,
    QStackedWidget,
    QToolBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from camviewer.core import colormaps
from camviewer.core.explainer import ModelChoice
from camviewer.core.scaling import Scale, ValueRange
from camviewer.core.types import ExplainRequest, Explanation
from camviewer.media.compositor import OverlayStyle, shown_range
from camviewer.media.photos import PhotoSource
from camviewer.media.pipeline import Pipeline
from camviewer.media.source import Source
from camviewer.media.video import VideoSource
from camviewer.ui import help as help_windows
from camviewer.ui import logs, theme
from camviewer.ui.actions import make_actions, plain_actions
from camviewer.ui.all_view import AllView
from camviewer.ui.background import Background
from camviewer.ui.banner import BannerArea
from camviewer.ui.class_finder import ClassFinder
from camviewer.ui.class_tabs import ClassTabs
from camviewer.ui.colour_bar import ColourBar
from camviewer.ui.icons import app_icon, icon
from camviewer.ui.model_control import DownloadMaker, ModelControl, official_download
from camviewer.ui.overlay_dock import OverlayDock
from camviewer.ui.overlay_view import OverlayView
from camviewer.ui.save_control import SaveControl
from camviewer.ui.settings import Settings
from camviewer.ui.source_control import SourceControl
from camviewer.ui.stats import Stats
from camviewer.ui.video_bar import VideoBar


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
        self._shown: ValueRange | None = None
        self._was_shown = False
        pipeline.setParent(self)
        pipeline.set_request(settings.request())
        self.stats = Stats(pipeline)
        self.background = Background(self)

        self.setWindowTitle("camviewer")
        self.setWindowIcon(app_icon())
        self.setAcceptDrops(True)
        self.banners = BannerArea()
        self.sources = SourceControl(pipeline, settings, self.banners, self)
        self.models = ModelControl(pipeline, self.banners, choice, self, make_download)
        self.saves = SaveControl(settings, self.banners, self.background, self)
        self.actions_by_name = make_actions(self)
        self.tabs = ClassTabs()
        self.view = OverlayView()
        self.all_view = AllView()
        self.colour_bar = ColourBar()
        self.dock = OverlayDock(self._style, pipeline.request)
        self.finder = ClassFinder(self)
        self._build_centre()
        self.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.dock)
        self._build_menus()
        self._build_toolbar()
        self._build_status_bar()
        self._connect()
        self._restore()
        self.view.show_message(self.tr("Loading the model…"))

    # Assembly

    def _build_centre(self) -> None:
        actions = self.actions_by_name
        self._stack = QStackedWidget()
        self._stack.addWidget(self.view)
        self._stack.addWidget(self.all_view)
        picture = QHBoxLayout()
        picture.setSpacing(0)
        picture.addWidget(self._stack, 1)
        picture.addWidget(self.colour_bar)
        self.video_bar = VideoBar(actions["freeze"], actions["previous"], actions["next"])
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.tabs, self.banners):
            column.addWidget(part)
        column.addLayout(picture, 1)
        column.addWidget(self.video_bar)
        centre.addActions(plain_actions(actions))
        self.setCentralWidget(centre)
        self.view.setFocus()

    def _build_menus(self) -> None:
        act, bar = self.actions_by_name, self.menuBar()
        sources = self.sources

        def fill(menu: QMenu, *names: str) -> None:
            for name in names:
                if name:
                    menu.addAction(act[name])
                else:
                    menu.addSeparator()

        file = bar.addMenu(self.tr("&File"))
        fill(file, "open", "open_folder")
        file.addMenu(sources.recent_menu)
        file.addMenu(sources.samples_menu)
        fill(file, "", "save", "save_as", "caption", "", "copy", "paste", "", "quit")
        source = bar.addMenu(self.tr("&Source"))
        source.addMenu(sources.camera_menu)
        source.addMenu(sources.screen_menu)
        fill(source, "", "freeze", "previous", "next")
        view = bar.addMenu(self.tr("&View"))
        fill(view, "overlay", "next_colormap", "reverse", "less_opacity", "more_opacity", "")
        fill(view, "zoom_in", "zoom_out", "fit_window", "full_screen", "")
        view.addAction(self.dock.toggleViewAction())
        appearance = view.addMenu(self.tr("&Appearance"))
        group = QActionGroup(self)
        for name, text in (
            ("system", self.tr("As the system")),
            ("light", self.tr("Light")),
            ("dark", self.tr("Dark")),
        ):
            choice = appearance.addAction(text)
            choice.setCheckable(True)
            choice.setActionGroup(group)
            choice.setChecked(self._settings.text("window/appearance", "system") == name)
            choice.triggered.connect(lambda _=False, name=name: self.set_appearance(name))
        classes = bar.addMenu(self.tr("&Classes"))
        fill(classes, "find_class", "pin", "follow", "all", "")
        fill(classes, *(f"tab{i}" for i in range(1, 10)))
        bar.addMenu(self.models.menu)
        fill(bar.addMenu(self.tr("&Help")), "help", "about")

    def _build_toolbar(self) -> None:
        act = self.actions_by_name
        bar = QToolBar(self.tr("Toolbar"))
        bar.setObjectName("toolbar")
        bar.setMovable(False)
        bar.setIconSize(QSize(20, 20))
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._camera_button = _menu_button(self.sources.camera_menu, "camera", self.tr("Camera"))
        self._model_button = _menu_button(self.models.menu, "", self.tr("Model"))
        self._device = QLabel()
        self._device.setContentsMargins(8, 0, 10, 0)
        room = QWidget()
        room.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        bar.addWidget(self._camera_button)
        bar.addActions([act["open"], act["open_screen"]])
        bar.addSeparator()
        bar.addActions([act["freeze"], act["save"]])
        bar.addWidget(room)
        bar.addWidget(self._model_button)
        bar.addWidget(self._device)
        for name, text in (("open", self.tr("Open")), ("save", self.tr("Save"))):
            act[name].setIconText(text)
        self.addToolBar(bar)

    def _build_status_bar(self) -> None:
        self._status, self._source_status = QLabel(), QLabel()
        for label in (self._status, self._source_status):
            label.setContentsMargins(6, 0, 6, 0)
        self.statusBar().addWidget(self._status, 1)
        self.statusBar().addPermanentWidget(self._source_status)
        self._status_timer = QTimer(self, interval=500)
        self._status_timer.timeout.connect(self._show_status)
        self._status_timer.start()

    def _connect(self) -> None:
        pipeline, tabs, sources = self._pipeline, self.tabs, self.sources
        pipeline.explained.connect(self._on_pipeline_explained)
        pipeline.source_changed.connect(self._on_pipeline_source_changed)
        pipeline.frozen_changed.connect(self._on_pipeline_frozen_changed)
        pipeline.model_ready.connect(self._on_pipeline_model_ready)
        tabs.class_chosen.connect(self._on_tabs_class_chosen)
        tabs.all_toggled.connect(self._on_tabs_all_toggled)
        tabs.find_requested.connect(self.find_class)
        tabs.pins_changed.connect(self._on_tabs_pins_changed)
        self.all_view.class_clicked.connect(tabs.choose)
        self.view.painted.connect(self.stats.note_painted)
        self.all_view.painted.connect(self.stats.note_painted)
        self.dock.style_changed.connect(self.set_style)
        self.dock.request_changed.connect(self._on_dock_request_changed)
        self.finder.class_found.connect(self._on_finder_class_found)
        calls = {
            "open": sources.ask_for_files,
            "open_folder": sources.ask_for_folder,
            "open_screen": sources.open_screen,
            "paste": sources.paste,
            "save": lambda: self._export(self.saves.save),
            "save_as": lambda: self._export(self.saves.save_as),
            "copy": lambda: self._export(self.saves.copy),
            "quit": self.close,
            "previous": lambda: self._go(-1),
            "next": lambda: self._go(1),
            "find_class": self.find_class,
            "pin": tabs.toggle_pin,
            "next_colormap": self._next_colormap,
            "reverse": lambda: self._restyle(colormap=colormaps.reversed_name(self._style.colormap)),
            "less_opacity": lambda: self._restyle(opacity=max(self._style.opacity - 0.1, 0.0)),
            "more_opacity": lambda: self._restyle(opacity=min(self._style.opacity + 0.1, 1.0)),
            "zoom_in": lambda: self.view.zoom_by(1.25),
            "zoom_out": lambda: self.view.zoom_by(0.8),
            "fit_window": self.view.fit,
            "help": lambda: help_windows.show_help(self, list(self.actions_by_name.values())),
            "about": lambda: help_windows.show_about(self, pipeline.model, logs.log_file()),
        }
        for name, call in calls.items():
            self.actions_by_name[name].triggered.connect(lambda _=False, call=call: call())
        for i in range(1, 10):
            self.actions_by_name[f"tab{i}"].triggered.connect(lambda _=False, i=i: tabs.choose_tab(i - 1))
        toggles = {
            "freeze": pipeline.set_frozen,
            "follow": tabs.set_follow,
            "all": tabs.set_all,
            "overlay": lambda on: self._restyle(visible=on),
            "full_screen": self._set_full_screen,
            "caption": self.saves.set_caption,
        }
        for name, toggle in toggles.items():
            self.actions_by_name[name].triggered.connect(toggle)
        tabs.follow_changed.connect(self.actions_by_name["follow"].setChecked)
        self.actions_by_name["follow"].setChecked(True)
        self.actions_by_name["overlay"].setChecked(True)
        self.actions_by_name["caption"].setChecked(self.saves.caption)

    def _restore(self) -> None:
        self.resize(1280, 800)
        self.resizeDocks([self.dock], [310], Qt.Orientation.Horizontal)
        self.restoreGeometry(self._settings.blob("window/geometry"))
        self.restoreState(self._settings.blob("window/state"))

    # Showing

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._was_shown:
            self._was_shown = True
            # After the first painting: what starts now may make the GUI thread wait for the GIL.
            QTimer.singleShot(0, self.shown_first.emit)

    @Slot(object)
    def _on_pipeline_explained(self, explanation: Explanation) -> None:
        source = self._pipeline.source
        live = source is not None and source.live and source.running and not self._pipeline.frozen
        self.tabs.show_explanation(explanation, time.monotonic(), live)
        self._show()

    def _show(self) -> None:
        """Bring the view up to date with the explanation, the choice and the style."""
        explanation, chosen, style = self._pipeline.current, self.tabs.chosen, self._style
        self.actions_by_name["pin"].setChecked(chosen in self.tabs.pinned)
        if explanation is None or chosen is None:
            self._shown = None
            return
        all_on = self._stack.currentWidget() is self.all_view
        compared = self.tabs.classes if all_on or style.scale is Scale.SHARED else (chosen,)
        self._shown = shown_range(explanation, compared, style)
        if all_on:
            self.all_view.show_explanation(explanation, self.tabs.classes, chosen, style, self._shown)
        else:
            self.view.show_explanation(explanation, chosen, style, self._shown)
        self.colour_bar.show_range(style, self._shown)

    def _show_status(self) -> None:
        model, source, current = self._pipeline.model, self._pipeline.source, self._pipeline.current
        rates, counters = self.stats.rates(), self._pipeline.counters()
        parts = [
            f"{model.title} · {model.device_title}" if model is not None else self.tr("Loading the model…")
        ]
        if source is not None and source.live and current is not None:
            if self._pipeline.frozen:
                parts.append(self.tr("frozen"))
            elif rates.latency_p50 is not None:
                parts.append(self.tr("{0} fps").format(f"{rates.fps:.0f}"))
                parts.append(self.tr("{0} ms behind").format(f"{rates.latency_p50:.0f}"))
            parts.append(self.tr("{0} dropped").format(counters.dropped))
        elif current is not None:
            parts.append(self.tr("{0} ms").format(f"{1000 * current.timing.forward:.0f}"))
        self._status.setText("  ·  ".join(parts))
        if rates.forward_ms is not None and rates.latency_p95 is not None:
            tip = self.tr("Network {0} ms; from frame to screen {1} ms (95 % within {2} ms)")
            self._status.setToolTip(
                tip.format(f"{rates.forward_ms:.1f}", f"{rates.latency_p50:.0f}", f"{rates.latency_p95:.0f}")
            )
        size = f"  {current.frame.width} × {current.frame.height}" if current is not None else ""
        self._source_status.setText(f"{source.title}{size}" if source is not None else "")

    # What changes what is shown

    @property
    def style_in_use(self) -> OverlayStyle:
        return self._style

    def set_style(self, style: OverlayStyle) -> None:
        self._style = style
        self.dock.show_style(style)
        self.actions_by_name["overlay"].setChecked(style.visible)
        self._show()

    def _restyle(self, **changes: object) -> None:
        self.set_style(replace(self._style, **changes))  # type: ignore[arg-type]

    def _next_colormap(self) -> None:
        base, is_reversed = colormaps.split_reversed(self._style.colormap)
        names = list(colormaps.COLORMAPS)
        name = names[(names.index(base) + 1) % len(names)]
        self._restyle(colormap=colormaps.reversed_name(name) if is_reversed else name)

    @Slot(object)
    def _on_dock_request_changed(self, request: ExplainRequest) -> None:
        self._pipeline.set_request(request)

    @Slot(int)
    def _on_tabs_class_chosen(self, _class_id: int) -> None:
        self._show()

    @Slot(bool)
    def _on_tabs_all_toggled(self, on: bool) -> None:
        self._stack.setCurrentWidget(self.all_view if on else self.view)
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

    @Slot(object)
    def _on_pipeline_source_changed(self, source: Source) -> None:
        self.tabs.reset()
        self.video_bar.set_source(source)
        source.changed.connect(self._on_source_changed)
        source.failed.connect(self._on_source_failed)
        if isinstance(source, PhotoSource):
            source.jumped.connect(self.tabs.reset)
        model = self._pipeline.model
        waiting = (
            self.tr("Loading the model…") if model is None else self.tr("Opening {0}…").format(source.title)
        )
        self.view.show_message(waiting)
        self.all_view.clear()
        self.colour_bar.show_range(self._style, None)
        self._on_source_changed()
        self._show_status()

    @Slot()
    def _on_source_changed(self) -> None:
        source = self._pipeline.source
        is_video, is_photo = isinstance(source, VideoSource), isinstance(source, PhotoSource)
        act = self.actions_by_name
        act["freeze"].setEnabled(source is not None and source.live)
        frozen = self._pipeline.frozen or (isinstance(source, VideoSource) and not source.playing)
        act["freeze"].setChecked(frozen)
        if is_video:
            act["freeze"].setIcon(icon("play" if frozen else "pause"))
            act["freeze"].setIconText(self.tr("Play") if frozen else self.tr("Pause"))
        else:
            act["freeze"].setIcon(icon("freeze"))
            act["freeze"].setIconText(self.tr("Freeze"))
        several = isinstance(source, PhotoSource) and source.count > 1
        for name, video_icon in (("previous", "step-back"), ("next", "step-forward")):
            act[name].setEnabled(is_video or several)
            act[name].setIcon(icon(video_icon if is_video else name))
        title = source.title if source is not None else ""
        self.setWindowTitle(f"{title} – camviewer" if title else "camviewer")
        _set_menu_text(
            self._camera_button,
            title if source is not None and source.live and not is_video and title else self.tr("Camera"),
        )
        if is_photo:
            self._show_status()

    @Slot(object)
    def _on_source_failed(self, _failure: object) -> None:
        if self._pipeline.current is None:
            self.view.show_message(self.tr("No picture yet"))

    @Slot(bool)
    def _on_pipeline_frozen_changed(self, _frozen: bool) -> None:
        self._on_source_changed()
        self._show_status()

    @Slot(object)
    def _on_pipeline_model_ready(self, _ready: object) -> None:
        model = self._pipeline.model
        if model is not None:
            _set_menu_text(self._model_button, model.title)
            self._model_button.setToolTip(f"{model.weights_file}")
            self._device.setText(model.device_title)
        self._show_status()

    def restore_pins(self, labels: int = 1000) -> None:
        """Pin the classes that were pinned when the program was left."""
        pins = [int(p) for p in self._settings.texts("classes/pinned") if p.isdigit()]
        self.tabs.pin(tuple(p for p in pins if p < labels))

    def _go(self, steps: int) -> None:
        source = self._pipeline.source
        if isinstance(source, VideoSource):
            source.step(steps)
        elif isinstance(source, PhotoSource):
            source.go(steps)

    def _export(self, how: object) -> None:
        explanation, chosen, shown = self._pipeline.current, self.tabs.chosen, self._shown
        if explanation is not None and chosen is not None and shown is not None:
            how(explanation, chosen, self._style, shown)  # type: ignore[operator]

    def set_appearance(self, name: str) -> None:
        self._settings.set("window/appearance", name)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.apply_appearance(app, name)

    def _set_full_screen(self, on: bool) -> None:
        for part in (self.menuBar(), self.statusBar()):
            part.setVisible(not on)
        if on:
            self.showFullScreen()
        else:
            self.showNormal()

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
        if event.type() == QEvent.Type.PaletteChange:
            self.banners.update()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._settings.set_blob("window/geometry", self.saveGeometry())
        self._settings.set_blob("window/state", self.saveState())
        self._settings.set_style(self._style)
        self._settings.set_request(self._pipeline.request)
        self._status_timer.stop()
        self.models.close()
        self.background.wait()
        self._pipeline.close()
        self._settings.sync()
        super().closeEvent(event)


def _menu_button(menu: QMenu, icon_name: str, text: str) -> QToolButton:
    button = QToolButton()
    _set_menu_text(button, text)
    # The styles' own arrow stands below the text in some and over it in others.
    button.setStyleSheet("QToolButton::menu-indicator { image: none; }")
    if icon_name:
        button.setIcon(icon(icon_name))
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setMenu(menu)
    button.setAutoRaise(True)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def _set_menu_text(button: QToolButton, text: str) -> None:
    button.setText(f"{text} ▾")
    button.setAccessibleName(text)
