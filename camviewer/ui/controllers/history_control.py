"""HistoryControl: goes back in what is kept of a live source, explains it again, saves and forgets it."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QAction, QDesktopServices, QKeyEvent
from PySide6.QtWidgets import QMenu, QWidget

from camviewer.core.explanation import Delivery, Explanation, Origin
from camviewer.core.failures import Defect, Failure
from camviewer.core.history import LONGEST, MEGABYTES, SECONDS
from camviewer.media.movies.history_movie import HistoryMovie, HistoryStyle, Written
from camviewer.media.pipeline.explain_again import ExplainAgain
from camviewer.media.pipeline.history import HistoryKeeper
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.media.sources.source import Source
from camviewer.ui.controllers.file_names import source_stem
from camviewer.ui.controllers.presenter import Presenter
from camviewer.ui.controllers.save_control import SaveControl
from camviewer.ui.picture.centre import Centre
from camviewer.ui.picture.history_bar import Shown
from camviewer.ui.system.background import Background
from camviewer.ui.system.settings import Settings
from camviewer.ui.widgets.banner import BannerArea, BannerKey, Severity
from camviewer.ui.widgets.menu_choices import add_choices
from camviewer.ui.widgets.words import decimal, translated, whole

KEY = BannerKey.HISTORY
SECONDS_KEY, MEGABYTES_KEY = "history/seconds", "history/megabytes"
"""Settings."""
OFFERED_SECONDS, OFFERED_MEGABYTES = (5, 10, 30, 60), (50, 100, 200, 500, 1000)
LEAST_MEGABYTES, MOST_MEGABYTES = 20, 4000
REFRESH_MS = 200
"""Faster numbers can't be read."""
OF_HISTORY = ("back_to_live", "explain_again", "save_history", "forget_history")
"""Actions."""


class HistoryControl(QObject):
    """Between the pipeline, the keeper of the history, and the bar."""

    changed = Signal()
    """There is something to go back to now, or nothing any more."""
    forgotten = Signal()
    """Nothing is kept any more, because the user said so."""
    _progressed = Signal(int)

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
        self._pipeline, self._settings, self._presenter = pipeline, settings, presenter
        self._saves, self._banners, self._bar = saves, banners, centre.history_bar
        self._live, self._again, self._save, self._forget = (actions[name] for name in OF_HISTORY)
        seconds = settings.number(SECONDS_KEY, SECONDS, 0.0, LONGEST)
        megabytes = settings.number(MEGABYTES_KEY, MEGABYTES, LEAST_MEGABYTES, MOST_MEGABYTES)
        self.keeper = HistoryKeeper(seconds, round(megabytes * 1e6), self)
        self.menu = QMenu(self.tr("&History"), parent)
        self._wanted: float | None = None
        """The time of the frame that is asked for, and not in view yet."""
        self._job: ExplainAgain | None = None
        self._movie: HistoryMovie | None = None
        self._background = Background(self)
        self._could_step = False
        self._timer = QTimer(self, singleShot=True, interval=REFRESH_MS)
        self._connect(centre)

    def _connect(self, centre: Centre) -> None:
        pipeline = self._pipeline
        pipeline.source_changed.connect(self._on_pipeline_source_changed)
        pipeline.arrived.connect(self._on_pipeline_arrived)
        pipeline.explained.connect(self._on_pipeline_explained)
        pipeline.request_changed.connect(self._on_pipeline_request_changed)
        pipeline.looking_back_changed.connect(self._on_pipeline_looking_back_changed)
        self.keeper.restored.connect(self._on_keeper_restored)
        self._timer.timeout.connect(self.refresh)
        self._bar.moment_chosen.connect(self.go_to)
        self._bar.set_menu(self.menu)
        self._progressed.connect(self._on_progressed)
        # What the view and the tabs don't need Escape for.
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
            self.keeper.put(delivery, self._pipeline.counters().work.busy)
            self._refresh_soon()

    @Slot()
    def _on_pipeline_explained(self) -> None:
        if self._pipeline.looks_back:
            self.refresh()
        else:
            self._refresh_soon()

    def _refresh_soon(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    @Slot(object)
    def _on_pipeline_source_changed(self, _source: Source) -> None:
        self.keeper.forget()
        self._let_go()
        self._bar.setVisible(self._is_kept)
        self.refresh()

    def _let_go(self) -> None:
        """Of what was asked for."""
        self._wanted = None
        if self._job is not None:
            self._job.cancel()
            self._job = None

    @Slot()
    def refresh(self) -> None:
        """Show what is kept, and where the frame in view is."""
        pipeline, history, current = self._pipeline, self.keeper.history, self._pipeline.current
        looks_back = pipeline.looks_back and current is not None
        self._live.setEnabled(looks_back)
        self._again.setEnabled(looks_back)
        can_step = self.can_step
        self._save.setEnabled(can_step)
        self._forget.setEnabled(can_step)
        time = current.frame.time if looks_back and current is not None else None
        if self._bar.isVisible():
            self._bar.show_history(Shown(history.span(), time, self._mark(), history.budget))
        if can_step != self._could_step:
            self._could_step = can_step
            self.changed.emit()

    def _mark(self) -> str:
        """What is to be known of the moment in view."""
        current, model = self._pipeline.current, self._pipeline.model
        if self._pipeline.origin.again:
            return self.tr("explained again")
        if current is not None and model is not None and current.model != model:
            return self.tr("by {0}").format(current.model.title)
        return ""

    # Going back and returning

    def step(self, steps: int) -> None:
        """So many kept frames on from the one in view, or back if negative. After the last comes live."""
        current = self._pipeline.current
        if current is None or not self.can_step or (steps > 0 and not self._pipeline.looks_back):
            return
        here = self._wanted if self._wanted is not None else current.frame.time
        found = self.keeper.history.neighbour(here, steps)
        if found is None:
            self._pipeline.return_to_live()
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
        self._pipeline.show_earlier(delivery)

    def back_to_live(self) -> None:
        """Show what the source brings now; if it was frozen, it goes on."""
        self._let_go()
        self._pipeline.set_frozen(False)
        self._pipeline.return_to_live()
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
            and self._pipeline.looks_back
        ):
            self.back_to_live()
            return True
        return super().eventFilter(watched, event)

    # Explaining again

    @Slot()
    def _on_pipeline_request_changed(self) -> None:
        """What is in view is explained as it is asked for now, also by another model."""
        if self._pipeline.looks_back:
            self.explain_again()

    def explain_again(self) -> None:
        """The earlier moment in view, from its JPEG, as a photo: with the present model and request."""
        current = self._pipeline.current
        if current is None or not self._pipeline.looks_back:
            return
        self._let_go()
        frame = replace(current.frame, still=True)
        self._job = job = ExplainAgain(frame, self._pipeline.request, self)
        job.ended.connect(self._on_job_ended)
        self._pipeline.add_job(job)

    @Slot(object)
    def _on_job_ended(self, result: Explanation | Failure | None) -> None:
        job = self.sender()
        is_wanted = job is self._job and self._pipeline.looks_back
        if job is not None:
            job.deleteLater()
        if not is_wanted:
            return
        self._job = None
        if isinstance(result, Explanation):
            self._pipeline.show_earlier(Delivery(result, Origin(from_history=True, again=True)))
        elif isinstance(result, Failure) and not isinstance(result, Defect):
            self._banners.show_message(KEY, Severity.ERROR, translated(result.text), seconds=10)

    # Saving and forgetting

    def save(self) -> None:
        """All that is kept, as a movie of the overlays and as lines of JSON."""
        kept, state = self.keeper.history.items(), self._presenter.state
        if self._movie is not None or not kept:
            return
        target = None if state is None or self._presenter.follows else state.target
        how = HistoryStyle(self._presenter.style, target, self._saves.caption)
        path = self._saves.folder() / f"{source_stem(kept[0].explained)}.mp4"
        self._movie = movie = HistoryMovie(kept, path, how, self._progressed.emit)
        text = self.tr("Saving the last {0} s…").format(decimal(kept[-1].time - kept[0].time, 1))
        self._banners.show_message(KEY, Severity.INFO, text, [(self.tr("Cancel"), movie.cancel)])
        self._banners.show_progress(KEY, 0, movie.total)
        self._background.run(movie.write, self._on_written, self._on_write_failed)

    @Slot(int)
    def _on_progressed(self, done: int) -> None:
        if self._movie is not None:
            self._banners.show_progress(KEY, done, self._movie.total)

    def _on_written(self, written: Written | None) -> None:
        self._movie = None
        if written is None:
            self._banners.clear(KEY)
            return
        text = self.tr("Saved the last {0} s as {1} and {2} in {3}.").format(
            decimal(written.seconds, 1), written.movie.name, written.lines.name, written.movie.parent
        )
        file, folder = (QUrl.fromLocalFile(str(p)) for p in (written.movie, written.movie.parent))
        buttons = [
            (self.tr("Open"), lambda: QDesktopServices.openUrl(file)),
            (self.tr("Show folder"), lambda: QDesktopServices.openUrl(folder)),
        ]
        self._banners.show_message(KEY, Severity.INFO, text, buttons, seconds=15)

    def _on_write_failed(self, failure: Failure) -> None:
        self._movie = None
        self._banners.clear(KEY)
        if not isinstance(failure, Defect):
            self._banners.show_message(KEY, Severity.ERROR, translated(failure.text))

    def forget(self) -> None:
        """All that is kept, at once."""
        self.keeper.forget()
        self._let_go()
        self._pipeline.return_to_live()
        self.refresh()
        self.forgotten.emit()

    def close(self, patience: float) -> bool:
        """Keep nothing. A movie that isn't whole is given up. Whether its thread has ended in time."""
        self.keeper.close()
        if self._movie is not None:
            self._movie.cancel()
        return self._background.wait(patience)

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

    def fill_limits(self, menu: QMenu) -> None:
        """Choices of how many seconds, and how much memory."""
        menu.clear()
        history = self.keeper.history
        seconds, megabytes = history.seconds, history.budget / 1e6
        texts = {"0": self.tr("Nothing")}
        texts |= {str(s): self.tr("The last {0} s").format(whole(s)) for s in OFFERED_SECONDS}
        add_choices(menu, texts, f"{seconds:g}", lambda chosen: self.limit(float(chosen), megabytes))
        menu.addSeparator()
        memory = {str(m): self.tr("At most {0} MB").format(whole(m)) for m in OFFERED_MEGABYTES}
        for name, text in memory.items():
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setChecked(name == f"{megabytes:g}")
            action.triggered.connect(lambda _=False, m=float(name): self.limit(seconds, m))
        menu.addSeparator()
        span = history.span()
        text = self.tr("Kept now: {0} s in {1} MB")
        shown = (span.seconds, span.size) if span is not None else (0.0, 0)
        menu.addAction(text.format(decimal(shown[0], 1), whole(round(shown[1] / 1e6)))).setEnabled(False)
