"""CardControl: the model card's window, what is corrected in it, and its trust check."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QWidget

from camviewer.core.failures import Failure
from camviewer.core.methods.offers import MethodOffer
from camviewer.core.models.card import ModelCard
from camviewer.core.models.corrections import (
    SUFFIX,
    Corrections,
    asked_for,
    card_path,
)
from camviewer.core.models.spec import ModelInfo
from camviewer.core.storage.file_kinds import (
    PHOTO_SUFFIXES,
    patterns,
)
from camviewer.media.pipeline.jobs import ReadyModel
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.media.pipeline.trust_check import TrustCheck
from camviewer.media.sources.photos import sample_photos
from camviewer.ui.controllers.model_control import ModelControl
from camviewer.ui.model.card_window import CardWindow
from camviewer.ui.model.labels_dialog import LabelsDialog
from camviewer.ui.system.settings import Settings
from camviewer.ui.widgets.file_dialog import (
    Mode,
    file_dialog,
)
from camviewer.ui.widgets.words import translated

MOST_PHOTOS = 5


class CardStore(Protocol):
    """Where corrections are kept. All of these raise Failure."""

    def remember(self, card: ModelCard, corrections: Mapping[str, object], asked: Corrections | None) -> None:
        """Keep them for this model file, over what it was opened with and earlier ones.

        What can't be true of it is refused.
        """
        ...

    def forget(self, card: ModelCard) -> None: ...

    def is_corrected(self, card: ModelCard) -> bool: ...

    def save(self, card: ModelCard, path: Path) -> None:
        """Write the card, over a file that is there."""
        ...

    def read_labels(self, path: Path) -> tuple[str, ...]: ...


class CardControl(QObject):
    """Opens the window for the model that runs, and keeps it true when another is chosen."""

    def __init__(
        self,
        pipeline: Pipeline,
        settings: Settings,
        models: ModelControl,
        store: CardStore,
        action: QAction,
        parent: QWidget,
    ) -> None:
        """action: the one that shows the card; grey while there is none."""
        super().__init__(parent)
        self._pipeline, self._settings, self._models = pipeline, settings, models
        self._store, self._action, self._main = store, action, parent
        self.card: ModelCard | None = None
        """Of the model that runs; None for a built-in one."""
        # No more of a model is kept: the worker lets go of its network, not the window.
        self._offers: tuple[MethodOffer, ...] = ()
        self._info: ModelInfo | None = None
        self._check: TrustCheck | None = None
        self.window: CardWindow | None = None
        """None while it is closed."""
        action.setEnabled(False)
        pipeline.model_ready.connect(self._on_pipeline_model_ready)

    def show(self) -> None:
        """Open the window, or bring it to the front."""
        if self.card is None:
            return
        if self.window is None:
            self.window = window = CardWindow(self._main)
            window.corrected.connect(self._on_window_corrected)
            window.reset_requested.connect(self._on_window_reset_requested)
            window.save_requested.connect(self._on_window_save_requested)
            window.copy_requested.connect(self._on_window_copy_requested)
            window.labels_requested.connect(self._on_window_labels_requested)
            window.photos_requested.connect(self._on_window_photos_requested)
            window.closed.connect(self._on_window_closed)
            self._refresh()
            window.show()
        self.window.raise_()
        self.window.activateWindow()

    def _refresh(self) -> None:
        window, card, chosen = self.window, self.card, self._pipeline.choice
        if window is not None and card is not None:
            given = chosen is not None and (chosen.card, chosen.labels) != (None, None)
            window.show_card(card, self._offers, given or self._store.is_corrected(card))
            self._begin_check()

    @Slot(object)
    def _on_pipeline_model_ready(self, ready: ReadyModel) -> None:
        if self.window is not None and self.card is not None:
            for dialog in self.window.findChildren(LabelsDialog):
                if ready.card is None or ready.card.sha256 != self.card.sha256:
                    dialog.reject()  # its labels are of the network before
        self.card, self._offers, self._info = ready.card, ready.explainer.methods, ready.explainer.info
        self._action.setEnabled(ready.card is not None)
        if ready.card is None and self.window is not None:
            self.window.close()
        self._refresh()

    @Slot()
    def _on_window_closed(self) -> None:
        self.window = None
        self._stop_check()

    # Corrections

    @Slot(object)
    def _on_window_corrected(self, corrections: Mapping[str, object]) -> None:
        card = self.card
        chosen = self._pipeline.choice
        if card is None or chosen is None:
            return
        if self._did(lambda: self._store.remember(card, corrections, asked_for(chosen.card, chosen.labels))):
            self._models.choose_again()

    @Slot()
    def _on_window_reset_requested(self) -> None:
        card = self.card
        if card is not None and self._did(lambda: self._store.forget(card)):
            self._models.choose_again()

    @Slot()
    def _on_window_save_requested(self) -> None:
        card, window = self.card, self.window
        if card is None or window is None:
            return
        suggested = card_path(card.path)
        dialog = file_dialog(
            window,
            self.tr("Save the model card"),
            suggested.parent,
            Mode.AnyFile,
            [self.tr("Model cards ({0})").format(f"*{SUFFIX}")],
            saves=True,
        )
        dialog.selectFile(suggested.name)
        dialog.fileSelected.connect(lambda file: self._save(card, Path(file)))
        dialog.open()

    def _save(self, card: ModelCard, path: Path) -> None:
        """The dialog has asked whether a file may be replaced."""
        if self._did(lambda: self._store.save(card, path)) and self.window is not None:
            self.window.show_message(self.tr("Saved as {0}.").format(path))

    @Slot(str)
    def _on_window_copy_requested(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)

    def _did(self, change: Callable[[], None]) -> bool:
        """Whether it could be done; if not, the window says why."""
        try:
            change()
        except Failure as failure:
            if self.window is not None:
                self.window.show_message(translated(failure.text))
            return False
        return True

    @Slot()
    def _on_window_labels_requested(self) -> None:
        card, window = self.card, self.window
        if card is None or window is None:
            return
        dialog = LabelsDialog(window, window.form.labels, card.path.parent, self._store.read_labels)
        dialog.accepted_labels.connect(window.form.set_labels)
        dialog.open()

    # The trust check

    def _photos(self) -> list[Path]:
        chosen = [Path(text) for text in self._settings.texts("models/check_photos")]
        return (chosen or list(sample_photos()))[:MOST_PHOTOS]

    def _begin_check(self) -> None:
        self._stop_check()
        window, info = self.window, self._info
        if window is None or info is None:
            return
        photos: Sequence[Path] = self._photos()
        window.trust.begin(len(photos))
        self._check = TrustCheck(photos, info)
        self._check.checked.connect(window.show_checked)
        self._pipeline.add_job(self._check)

    def _stop_check(self) -> None:
        check, self._check = self._check, None
        if check is not None:
            check.cancel()
            check.checked.disconnect()

    @Slot()
    def _on_window_photos_requested(self) -> None:
        if self.window is None:
            return
        dialog = file_dialog(
            self.window,
            self.tr("Choose up to five photos"),
            self._settings.text("source/folder"),
            Mode.ExistingFiles,
            [self.tr("Photos ({0})").format(patterns(PHOTO_SUFFIXES)), self.tr("All files (*)")],
        )
        dialog.filesSelected.connect(self.check_photos)
        dialog.open()

    @Slot(list)
    def check_photos(self, files: Sequence[str]) -> None:
        """Look at these photos, now and the next time."""
        self._settings.set("models/check_photos", list(files)[:MOST_PHOTOS])
        self._begin_check()
