"""HistorySaving: writes the last seconds of a live source as a movie, in the background."""

from __future__ import annotations

from PySide6.QtCore import QObject, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices

from camviewer.core.failures import Defect, Failure
from camviewer.core.history import History
from camviewer.media.movies.history_movie import HistoryMovie, HistoryStyle, Written
from camviewer.ui.controllers.file_names import source_stem
from camviewer.ui.controllers.presenter import Presenter
from camviewer.ui.controllers.save_control import SaveControl
from camviewer.ui.system.background import Background
from camviewer.ui.widgets.banner import BannerArea, BannerKey, Severity
from camviewer.ui.widgets.words import decimal, translated


class HistorySaving(QObject):
    """One movie at a time. It has a thread of its own: other files needn't wait for it."""

    _progressed = Signal(int)

    def __init__(
        self,
        history: History,
        presenter: Presenter,
        saves: SaveControl,
        banners: BannerArea,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._history, self._presenter, self._saves, self._banners = history, presenter, saves, banners
        self._movie: HistoryMovie | None = None
        self._background = Background(self)
        self._progressed.connect(self._on_progressed)

    def save(self) -> None:
        """All that is kept, as a movie of the overlays and as lines of JSON."""
        kept, state = self._history.items(), self._presenter.state
        if self._movie is not None or not kept:
            return
        target = None if state is None or self._presenter.follows else state.target
        how = HistoryStyle(self._presenter.style, target, self._saves.caption)
        path = self._saves.folder() / f"{source_stem(kept[0].explained)}.mp4"
        self._movie = movie = HistoryMovie(kept, path, how, self._progressed.emit)
        text = self.tr("Saving the last {0} s…").format(decimal(kept[-1].time - kept[0].time, 1))
        self._banners.show_message(
            BannerKey.HISTORY, Severity.INFO, text, [(self.tr("Cancel"), movie.cancel)]
        )
        self._banners.show_progress(BannerKey.HISTORY, 0, movie.total)
        self._background.run(movie.write, self._on_written, self._on_write_failed)

    @Slot(int)
    def _on_progressed(self, done: int) -> None:
        if self._movie is not None:
            self._banners.show_progress(BannerKey.HISTORY, done, self._movie.total)

    def _on_written(self, written: Written | None) -> None:
        self._movie = None
        if written is None:
            self._banners.clear(BannerKey.HISTORY)
            return
        text = self.tr("Saved the last {0} s as {1} and {2} in {3}.").format(
            decimal(written.seconds, 1), written.movie.name, written.lines.name, written.movie.parent
        )
        file, folder = (QUrl.fromLocalFile(str(p)) for p in (written.movie, written.movie.parent))
        buttons = [
            (self.tr("Open"), lambda: QDesktopServices.openUrl(file)),
            (self.tr("Show folder"), lambda: QDesktopServices.openUrl(folder)),
        ]
        self._banners.show_message(BannerKey.HISTORY, Severity.INFO, text, buttons, seconds=15)

    def _on_write_failed(self, failure: Failure) -> None:
        self._movie = None
        self._banners.clear(BannerKey.HISTORY)
        if not isinstance(failure, Defect):
            self._banners.show_message(BannerKey.HISTORY, Severity.ERROR, translated(failure.text))

    def close(self, patience: float) -> bool:
        """A movie that isn't whole is given up. Whether its thread has ended within so many seconds."""
        if self._movie is not None:
            self._movie.cancel()
        return self._background.wait(patience)
