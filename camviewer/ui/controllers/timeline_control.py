"""TimelineControl: feeds the timeline dock from a live source or a whole video, and goes to its moments."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QWidget

from camviewer.core.explanation import Delivery
from camviewer.core.timeline import Timeline, live_capacity
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.media.sources.source import FromFile, Seekable, Source
from camviewer.ui.controllers.file_names import source_stem
from camviewer.ui.controllers.history_control import HistoryControl
from camviewer.ui.controllers.presenter import Presenter
from camviewer.ui.controllers.save_control import SaveControl
from camviewer.ui.controllers.video_curves import VideoCurves
from camviewer.ui.docks.curves import ColourSlots, Curves
from camviewer.ui.docks.timeline import TimelineDock
from camviewer.ui.picture.class_tabs import ClassTabs
from camviewer.ui.widgets import theme
from camviewer.ui.widgets.banner import BannerArea, BannerKey, Severity
from camviewer.ui.widgets.class_words import class_name

REDRAW_MS, RAREST_MS, SHARE = 200, 1000, 0.03
"""Five times a second at most, once at least, and between these for no more than this share of the time:
where there are two cores, what the GUI thread does is taken from the network."""
GAP_SECONDS = 1.0
"""A live source that sends nothing for so long leaves the curve open; a slow one, for three usual steps."""
LEAST_WINDOW = 10.0


class TimelineControl(QObject):
    """Rows are noted while the dock is in view; what came before it was opened is taken from the history."""

    def __init__(
        self,
        pipeline: Pipeline,
        dock: TimelineDock,
        tabs: ClassTabs,
        presenter: Presenter,
        history: HistoryControl,
        saves: SaveControl,
        banners: BannerArea,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._pipeline, self.dock, self._tabs, self._presenter = pipeline, dock, tabs, presenter
        self._history, self._saves, self._banners = history, saves, banners
        self.timeline: Timeline | None = None
        self._origin = 0.0
        self._slots = ColourSlots(theme.SERIES)
        self.curves = VideoCurves(pipeline, banners, self)
        self.curves.changed.connect(self._on_curves_changed)
        self._timer = QTimer(self, singleShot=True)
        self._cost = 0.0
        self._timer.timeout.connect(self._redraw)
        pipeline.arrived.connect(self._on_pipeline_arrived)
        pipeline.source_changed.connect(self._on_pipeline_source_changed)
        presenter.presented.connect(self._redraw_soon)
        history.forgotten.connect(self._on_history_forgotten)
        dock.in_view_changed.connect(self._on_dock_in_view_changed)
        dock.changed.connect(self._redraw_now)
        dock.moment_chosen.connect(self._on_dock_moment_chosen)
        dock.export_wanted.connect(self.export)
        dock.stop_wanted.connect(self.curves.cancel)

    # Rows

    @property
    def _video(self) -> Path | None:
        """The video whose curve is shown; None for a live source."""
        source = self._pipeline.source
        if source is not None and isinstance(source, Seekable) and isinstance(source, FromFile):
            return source.path
        return None

    @property
    def _is_live(self) -> bool:
        source = self._pipeline.source
        return source is not None and source.live and not source.pausable

    @Slot(object)
    def _on_pipeline_arrived(self, delivery: Delivery) -> None:
        if self.dock.in_view and self._is_live:
            self._note(delivery)
            self._redraw_soon()

    def _note(self, delivery: Delivery) -> None:
        explanation = delivery.explanation
        labels, timeline = explanation.labels, self.timeline
        if timeline is None or (timeline.labels is not labels and timeline.labels != labels):
            # Another model's class 3 is another class: its curve begins anew.
            self.timeline = timeline = Timeline(labels, live_capacity(len(labels)))
            self._origin = explanation.frame.time
        timeline.append(explanation.frame.time, explanation.prediction)

    @Slot()
    def _on_curves_changed(self) -> None:
        """More of a video's curve, or another one."""
        if self._video is not None:
            self.timeline, self._origin = self.curves.timeline, 0.0
            self.dock.show_progress(self.curves.share)
            self.dock.show_note(self.curves.note)
            self._redraw_soon()

    @Slot(object)
    def _on_pipeline_source_changed(self, _source: Source) -> None:
        self._begin_anew()

    @Slot()
    def _on_history_forgotten(self) -> None:
        """And with it the curve."""
        if self._is_live:
            self._begin_anew()

    @Slot(bool)
    def _on_dock_in_view_changed(self, in_view: bool) -> None:
        self._tabs.set_colours({})
        if in_view:
            self._begin_anew()
        else:
            self.curves.show(None)

    def _begin_anew(self) -> None:
        self.timeline = None
        if not self.dock.in_view:
            self.curves.show(None)
            return
        self.dock.clear(self._empty_note())
        if self._is_live:
            for kept in self._history.keeper.history.items():
                self._note(Delivery(kept.explained))
        self.curves.show(self._video)
        self._redraw_soon()

    def _empty_note(self) -> str:
        if self._is_live or self._video is not None:
            return ""
        return self.tr("Open a camera, the screen or a video to see scores over time.")

    # Showing

    @Slot()
    def _redraw_soon(self, *_: object) -> None:
        if self.dock.in_view and not self._timer.isActive():
            self._timer.start(min(max(REDRAW_MS, round(1000 * self._cost / SHARE)), RAREST_MS))

    @Slot()
    def _redraw_now(self) -> None:
        """The user has changed what is to be seen."""
        self._timer.start(0)

    @Slot()
    def _redraw(self) -> None:
        timeline, plot = self.timeline, self.dock.plot
        if not self.dock.in_view or plot is None:
            return
        if timeline is None or not len(timeline):
            return
        begin = time.thread_time()
        self.dock.show_curves(self._curves(timeline, plot.begin))
        self._cost = time.thread_time() - begin + plot.painting  # of the redraw before
        plot.painting = 0.0

    def _curves(self, timeline: Timeline, since: float) -> Curves:
        times = timeline.times
        first, last = float(times[0]), float(times[-1])
        window, gap, cursor = None, np.inf, self._cursor()
        if self._is_live:
            window = max(self._history.keeper.history.seconds, LEAST_WINDOW)
            if cursor is not None and self._pipeline.in_view.looks_back:
                window = max(window, last - cursor + 0.5)  # it stays in view while time goes on
            gap = max(GAP_SECONDS, 3 * float(np.median(np.diff(times)))) if len(times) > 1 else GAP_SECONDS
            if not np.isfinite(since):
                since = last - window
            # Also the rows just outside of what is seen: the lines go on to them.
            since = float(times[max(int(np.searchsorted(times, since)) - 1, 0)])
        else:
            since = -np.inf
        classes = self._classes(timeline, since)
        slots = self._slots.assign(classes)
        self._tabs.set_colours(self._slots.of)
        stretches = tuple(timeline.stretches(since))
        return Curves(
            times=times[times >= since],
            values=timeline.scores(classes, logits=self.dock.logits, since=since),
            classes=classes,
            labels=tuple(class_name(timeline.labels, c) for c in classes),
            slots=slots,
            stretches=stretches,
            stretch_labels=tuple(class_name(timeline.labels, s.class_id) for s in stretches),
            cursor=cursor,
            origin=self._origin,
            first=first,
            last=last,
            window=window,
            gap=gap,
            logits=self.dock.logits,
        )

    def _classes(self, timeline: Timeline, since: float) -> tuple[int, ...]:
        """Those of the tabs, and those that were on top in what is seen."""
        current = self._pipeline.current
        same = current is not None and current.labels == timeline.labels
        tabs, pinned = (self._tabs.classes, self._tabs.pinned) if same else ((), ())
        leaders = timeline.leaders(theme.SERIES // 2, since)
        return tuple(dict.fromkeys((*pinned, *leaders, *tabs)))[: theme.SERIES]

    def _cursor(self) -> float | None:
        current = self._pipeline.current
        if current is None:
            return None
        return current.frame.time if self._is_live else current.frame.position

    @Slot(float)
    def _on_dock_moment_chosen(self, time: float) -> None:
        source = self._pipeline.source
        if source is not None and isinstance(source, Seekable):
            source.seek(max(time, 0.0))
        elif self._is_live:
            span = self._history.keeper.history.span()
            if span is not None and time >= span.first - GAP_SECONDS:
                self._history.go_to(time)
            else:
                self.dock.show_note(self.tr("The picture of that moment is not kept any more."))

    # Files

    @Slot(str)
    def export(self, kind: str) -> None:
        """What is seen, into the folder where files are saved: csv (numbers), png or svg."""
        timeline, plot, current = self.timeline, self.dock.plot, self._pipeline.current
        if timeline is None or plot is None or current is None or not len(timeline):
            text = self.tr("There is no curve to export yet.")
            self._banners.show_message(BannerKey.TIMELINE, Severity.INFO, text, seconds=5)
            return
        if kind == "csv":
            classes = self._classes(timeline, -np.inf)
            data = timeline.csv(classes, self._origin)
        else:
            data = self.dock.picture(kind)
        self._saves.save_data(data, f"{source_stem(current)}.timeline", f".{kind}")
