"""HistoryControl: goes back in what is kept of a live source, and forgets it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QMenu, QWidget

from camviewer.core.explanation import Delivery
from camviewer.core.history import LONGEST, MEGABYTES, SECONDS
from camviewer.media.pipeline.history import HistoryKeeper
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.media.sources.source import Source
from camviewer.ui.controllers.history_again import HistoryAgain
from camviewer.ui.controllers.history_saving import HistorySaving
from camviewer.ui.controllers.presenter import Presenter
from camviewer.ui.controllers.save_control import SaveControl
from camviewer.ui.picture.centre import Centre
from camviewer.ui.picture.history_bar import Shown
from camviewer.ui.system.settings import Settings
from camviewer.ui.widgets.banner import BannerArea

translate = QCoreApplication.translate
SECONDS_KEY, MEGABYTES_KEY = "history/seconds", "history/megabytes"
"""Settings."""
LEAST_MEGABYTES, MOST_MEGABYTES = 20, 4000
REFRESH_MS = 500
"""Faster numbers can't be read."""
OF_HISTORY = ("back_to_live", "explain_again", "save_history", "forget_history")
"""Actions."""


class HistoryControl(QObject):
    """Between the pipeline, the keeper of the history, and the bar."""

    changed = Signal()
    """There is something to go back to now, or nothing any more."""
    forgotten = Signal()
    """Nothing is kept any more, because the user said so."""

    def __init__(
        self,
        pipeline: Pipeline,
        settings: Settings,
        centre: Centre,
        presenter: Presenter,
        saves: SaveControl,
        banners: BannerArea,
        actions: dict[str, QAction],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._pipeline, self._settings, self._bar = pipeline, settings, centre.history_bar
        self._live, self._explain, self._save, self._forget = (actions[name] for name in OF_HISTORY)
        seconds = settings.number(SECONDS_KEY, SECONDS, 0.0, LONGEST)
        megabytes = settings.number(MEGABYTES_KEY, MEGABYTES, LEAST_MEGABYTES, MOST_MEGABYTES)
        self.keeper = HistoryKeeper(seconds, round(megabytes * 1e6), self)
        self.menu = QMenu(self.tr("&History"), parent)
        self._wanted: float | None = None
        """The time of the frame that is asked for, and not in view yet."""
        self.again = HistoryAgain(pipeline, banners, self)
        self.saving = HistorySaving(self.keeper.history, presenter, saves, banners, self)
        self._could_step = False
        self._timer = QTimer(self, singleShot=True, interval=REFRESH_MS)
        pipeline.source_changed.connect(self._on_pipeline_source_changed)
        pipeline.arrived.connect(self._on_pipeline_arrived)
        pipeline.explained.connect(self._refresh_soon)
        pipeline.in_view.looking_back_changed.connect(self._on_pipeline_looking_back_changed)
        self.keeper.restored.connect(self._on_keeper_restored)
        self._timer.timeout.connect(self.refresh)
        self._bar.moment_chosen.connect(self.go_to)
        self._bar.set_menu(self.menu)
        # What the view and the tabs don't need Escape for.
        self._edit_layer = centre.edit_layer
        centre.frame_page.installEventFilter(self)
        self.refresh()

    # What is kept

    @property
    def _is_kept(self) -> bool:
        """Whether the source's last seconds are kept. A video can be seeked in."""
        source = self._pipeline.source
        return source is not None and source.live and not source.pausable and self.keeper.history.seconds > 0

    @property
    def can_step(self) -> bool:
        """Whether there is something to go back to."""
        return self._is_kept and self.keeper.history.span() is not None

    @Slot(object)
    def _on_pipeline_arrived(self, delivery: Delivery) -> None:
        if self._is_kept:
            self.keeper.put(delivery, self._pipeline.counters())
            self._refresh_soon()

    @Slot()
    def _refresh_soon(self) -> None:
        """At once where the user looks for a moment."""
        if self._pipeline.in_view.looks_back:
            self.refresh()
        elif not self._timer.isActive():
            self._timer.start()

    @Slot(object)
    def _on_pipeline_source_changed(self, _source: Source) -> None:
        self.keeper.forget()
        self._let_go()
        self._bar.setVisible(self._is_kept)
        self.refresh()

    def _let_go(self) -> None:
        """Of what was asked for. What is kept may grow old again, unless it is being looked at."""
        self._wanted = None
        self.again.cancel()
        self.keeper.history.hold(self._pipeline.in_view.looks_back)

    @Slot()
    def refresh(self) -> None:
        """Show what is kept, and where the frame in view is."""
        pipeline, history, current = self._pipeline, self.keeper.history, self._pipeline.current
        looks_back = pipeline.in_view.looks_back and current is not None
        self._live.setEnabled(looks_back)
        self._explain.setEnabled(looks_back)
        can_step = self.can_step
        self._save.setEnabled(can_step)
        self._forget.setEnabled(can_step)
        time = current.frame.time if looks_back and current is not None else None
        if self._bar.isVisible():
            self._bar.show_history(Shown(history.span(), time, _mark(pipeline), history.budget))
        if can_step != self._could_step:
            self._could_step = can_step
            self.changed.emit()

    # Going back and returning

    def step(self, steps: int) -> None:
        """So many kept frames on from the one in view, or back if negative. After the last comes live."""
        current = self._pipeline.current
        if current is None or not self.can_step or (steps > 0 and not self._pipeline.in_view.looks_back):
            return
        here = self._wanted if self._wanted is not None else current.frame.time
        found = self.keeper.history.neighbour(here, steps)
        if found is None:
            self._pipeline.in_view.return_to_live()
        elif steps > 0 or found.time < here:
            self._ask_for(found.time)

    @Slot(float)
    def go_to(self, time: float) -> None:
        """To the kept frame that is nearest to a time, as `Frame.time`."""
        if self.can_step:
            self._ask_for(time)

    def _ask_for(self, time: float) -> None:
        found = self.keeper.history.nearest(time)
        if found is not None:
            self._let_go()
            self._wanted = found.time
            self.keeper.history.hold(True)
            self.keeper.fetch(found)

    @Slot(object)
    def _on_keeper_restored(self, delivery: Delivery) -> None:
        if self._wanted is None:
            return  # meanwhile the user went back to live, or all was forgotten
        if delivery.explanation.frame.time == self._wanted:
            self._wanted = None
        self._pipeline.in_view.show_earlier(delivery)

    def back_to_live(self) -> None:
        """Show what the source brings now; if it was frozen, it goes on."""
        self._let_go()
        self._pipeline.set_frozen(False)
        self._pipeline.in_view.return_to_live()
        self.keeper.history.hold(False)

    @Slot(bool)
    def _on_pipeline_looking_back_changed(self, on: bool) -> None:
        self.keeper.history.hold(on)
        if not on:
            self._let_go()
        self.refresh()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
            and self._edit_layer.tool is None  # a tool is left first
            and self._pipeline.in_view.looks_back
        ):
            self.back_to_live()
            return True
        return super().eventFilter(watched, event)

    def forget(self) -> None:
        """All that is kept, at once."""
        self.keeper.forget()
        self._let_go()
        self._pipeline.in_view.return_to_live()
        self.refresh()
        self.forgotten.emit()

    def close(self, patience: float) -> bool:
        """Keep nothing. A movie that isn't whole is given up. Whether its thread has ended in time."""
        self.keeper.close()
        return self.saving.close(patience)

    # Settings

    def limit(self, seconds: float, megabytes: float) -> None:
        """How much is kept from now on; 0 s is nothing."""
        self._settings.set(SECONDS_KEY, float(seconds))
        self._settings.set(MEGABYTES_KEY, float(megabytes))
        self.keeper.history.limit(seconds, round(megabytes * 1e6))
        if seconds <= 0:
            self.forget()
        self._bar.setVisible(self._is_kept)
        self.refresh()
        self.changed.emit()


def _mark(pipeline: Pipeline) -> str:
    """What is to be known of the moment in view."""
    current, model = pipeline.current, pipeline.model
    if pipeline.origin.again:
        return translate("history", "explained again")
    if current is not None and model is not None and current.model != model:
        return translate("history", "by {0}").format(current.model.title)
    return ""
