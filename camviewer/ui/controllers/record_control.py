"""RecordControl: starts and stops recordings of what is in view, and shows their state."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QAction, QDesktopServices

from camviewer.core.failures import (
    Defect,
    Failure,
)
from camviewer.media.drawing.view_state import ViewState
from camviewer.media.movies.recorder import (
    Recorded,
    Recorder,
)
from camviewer.ui.controllers.file_names import source_stem
from camviewer.ui.controllers.presenter import Presenter
from camviewer.ui.controllers.save_control import SaveControl
from camviewer.ui.widgets.banner import (
    BannerArea,
    BannerKey,
    Severity,
)
from camviewer.ui.widgets.words import (
    decimal,
    translated,
    whole,
)

KEY = BannerKey.RECORD


class RecordControl(QObject):
    """Feeds the recorder with everything that comes into view while it records."""

    def __init__(
        self,
        presenter: Presenter,
        saves: SaveControl,
        banners: BannerArea,
        show_recording: Callable[[float | None, int], None],
        action: QAction,
        parent: QObject,
    ) -> None:
        """show_recording: called with the seconds and the bytes of a recording; None when it is over."""
        super().__init__(parent)
        self._presenter, self._saves, self._banners = presenter, saves, banners
        self._show_recording, self._action = show_recording, action
        self.recorder = Recorder(self)
        presenter.presented.connect(self._on_presenter_presented)
        self.recorder.progressed.connect(self._on_recorder_progressed)
        self.recorder.finished.connect(self._on_recorder_finished)
        self.recorder.failed.connect(self._on_recorder_failed)

    def set_recording(self, on: bool) -> None:
        if on:
            self._start()
        else:
            self.recorder.stop()
        self._show_action()

    def _start(self) -> None:
        state = self._presenter.state
        if state is None:
            self._banners.show_message(
                KEY, Severity.INFO, self.tr("There is nothing to record yet: no map is in view."), seconds=5
            )
            return
        self._banners.clear(KEY)
        stem = source_stem(state.explanation)
        self.recorder.start(self._saves.folder(), stem, caption=self._saves.caption)
        self._on_presenter_presented(state)

    def close(self, patience: float) -> bool:
        """Stop, and wait so long for the file. Returns whether it is complete."""
        return self.recorder.close(patience)

    def _show_action(self) -> None:
        recording = self.recorder.recording
        self._action.setChecked(recording)
        self._action.setText(self.tr("Stop &recording") if recording else self.tr("&Record"))
        self._action.setIconText(self.tr("Stop") if recording else self.tr("Record"))

    @Slot(object)
    def _on_presenter_presented(self, state: ViewState) -> None:
        self.recorder.put(state)

    @Slot(object)
    def _on_recorder_progressed(self, recorded: Recorded) -> None:
        self._show_recording(recorded.seconds, recorded.size)

    @Slot(object)
    def _on_recorder_finished(self, recorded: Recorded) -> None:
        self._end()
        path = recorded.path
        if path is None:
            return
        file, folder = (QUrl.fromLocalFile(str(p)) for p in (path, path.parent))
        text = self.tr("Recorded {0} s into {1} in {2}.").format(
            decimal(recorded.seconds, 1), path.name, path.parent
        )
        if recorded.left_out:
            text += " " + self.tr("{0} pictures came too fast and were left out.").format(
                whole(recorded.left_out)
            )
        self._banners.show_message(
            KEY,
            Severity.INFO,
            text,
            [
                (self.tr("Open"), lambda: QDesktopServices.openUrl(file)),
                (self.tr("Show folder"), lambda: QDesktopServices.openUrl(folder)),
            ],
            seconds=15,
        )

    @Slot(object)
    def _on_recorder_failed(self, failure: Failure) -> None:
        self._end()
        if not isinstance(failure, Defect):  # `ErrorReporter` shows that
            self._banners.show_message(KEY, Severity.ERROR, translated(failure.text))

    def _end(self) -> None:
        self._show_recording(None, 0)
        self._show_action()
