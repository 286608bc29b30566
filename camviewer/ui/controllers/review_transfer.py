"""ReviewTransfer: copies or moves photos of a review to a folder, in the background."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from camviewer.core.failures import Defect, Failure
from camviewer.core.review.items import Reviewed
from camviewer.core.review.transfer import Transferred, moved_back, transfer
from camviewer.ui.controllers.review_control import ReviewControl
from camviewer.ui.review.page import ReviewPage
from camviewer.ui.system.background import Background
from camviewer.ui.system.settings import Settings
from camviewer.ui.widgets.banner import Action, BannerArea, BannerKey, Severity
from camviewer.ui.widgets.file_dialog import Mode, file_dialog
from camviewer.ui.widgets.words import translated, whole

FOLDER = "review/folder"
"""In the settings: where photos went the last time."""
_EVERY_S = 0.1
"""How often the progress is told."""
_SHOWN = 2
"""So many failures are told one by one."""


class ReviewTransfer(QObject):
    """One transfer after the other. What is moved keeps its place in the review, under its new path."""

    _progressed = Signal(int, int)

    def __init__(
        self,
        reviews: ReviewControl,
        page: ReviewPage,
        settings: Settings,
        banners: BannerArea,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._reviews, self._page, self._menu = reviews, page, page.transfer_menu
        self._settings, self._banners, self._window = settings, banners, parent
        self._background = Background(self)
        self._stopped = threading.Event()
        self._menu.aboutToShow.connect(self._fill_menu)
        self._progressed.connect(self._on_progressed)

    def close(self, patience: float) -> bool:
        """Ends with the present photo. Whether nothing is under way any more."""
        self._stopped.set()
        return self._background.wait(patience)

    def _fill_menu(self) -> None:
        self._menu.clear()
        photos = self._page.list.shown
        for move, text in (
            (False, self.tr("Copy the {0} photos in the list…")),
            (True, self.tr("Move the {0} photos in the list…")),
        ):
            action = self._menu.addAction(text.format(whole(len(photos))))
            action.setEnabled(bool(photos))
            action.triggered.connect(partial(self.ask, photos, move=move))

    def ask(self, photos: Sequence[Reviewed], *_: object, move: bool) -> None:
        """Where to."""
        title = self.tr("Move {0} photos to") if move else self.tr("Copy {0} photos to")
        folder = self._settings.text(FOLDER) or self._settings.text("save/folder")
        dialog = file_dialog(self._window, title.format(whole(len(photos))), folder, Mode.Directory)
        dialog.fileSelected.connect(lambda chosen: self.start(photos, Path(chosen), move=move))
        dialog.open()

    def start(self, photos: Sequence[Reviewed], folder: Path, *, move: bool) -> None:
        """Copy or move them into a folder; names are never overwritten."""
        self._settings.set(FOLDER, str(folder))
        self._stopped.clear()
        paths = [item.path for item in photos]
        told = time.monotonic()

        def on_progress(done: int) -> bool:
            nonlocal told
            if time.monotonic() - told > _EVERY_S:
                told = time.monotonic()
                self._progressed.emit(done, len(paths))
            return not self._stopped.is_set()

        def work() -> Transferred:
            return transfer(paths, folder, move=move, on_progress=on_progress)

        text = self.tr("Moving {0} photos to {1}…") if move else self.tr("Copying {0} photos to {1}…")
        text = text.format(whole(len(paths)), folder)
        stop: Action = (self.tr("Stop"), self._stopped.set)
        self._banners.show_message(BannerKey.TRANSFER, Severity.INFO, text, [stop])
        self._background.run(work, partial(self._on_done, folder, move), self._on_failed)

    @Slot(int, int)
    def _on_progressed(self, done: int, total: int) -> None:
        self._banners.show_progress(BannerKey.TRANSFER, done, total)

    def _on_done(self, folder: Path, move: bool, result: Transferred) -> None:
        if move:
            self._follow(result)
        texts = [self._told(folder, move, len(result.done)), *self._reasons(result)]
        actions: list[Action] = []
        if result.done:
            actions.append((self.tr("Show folder"), partial(_open, folder)))
            if move:
                actions.insert(0, (self.tr("Undo"), partial(self._undo, result)))
        severity = Severity.WARNING if result.failed or result.left else Severity.INFO
        self._banners.show_message(BannerKey.TRANSFER, severity, " ".join(texts), actions)

    def _told(self, folder: Path, move: bool, count: int) -> str:
        if count == 1:
            text = self.tr("1 photo was moved to {1}.") if move else self.tr("1 photo was copied to {1}.")
        elif move:
            text = self.tr("{0} photos were moved to {1}.")
        else:
            text = self.tr("{0} photos were copied to {1}.")
        return text.format(whole(count), folder)

    def _reasons(self, result: Transferred) -> list[str]:
        """Why there are no more."""
        texts = []
        if result.there:
            texts.append(self.tr("{0} lie there already.").format(whole(result.there)))
        if result.failed:
            texts.append(self.tr("{0} could not be read or written:").format(whole(len(result.failed))))
            texts += [translated(why) for _, why in result.failed[:_SHOWN]]
            texts += ["…"] if len(result.failed) > _SHOWN else []
        if result.left:
            texts.append(self.tr("{0} were not tried.").format(whole(result.left)))
        return texts

    def _follow(self, result: Transferred) -> None:
        """The review's photos are where they are now."""
        places, marked = dict(result.done), self._page.list.photos.marked
        marked |= {new for old, new in places.items() if old in marked}
        items = [item for item in self._reviews.items if item.path in places]
        self._reviews.change({item.path: replace(item, path=places[item.path]) for item in items})

    def _undo(self, moved: Transferred) -> None:
        self._banners.show_message(
            BannerKey.TRANSFER,
            Severity.INFO,
            self.tr("Moving {0} photos back…").format(whole(len(moved.done))),
        )
        self._background.run(lambda: moved_back(moved.done), self._on_back, self._on_failed)

    def _on_back(self, result: Transferred) -> None:
        self._follow(result)
        texts = [self.tr("{0} photos are back in their places.").format(whole(len(result.done)))]
        texts += self._reasons(result)
        severity = Severity.WARNING if result.failed else Severity.INFO
        seconds = 0 if result.failed else 8
        self._banners.show_message(BannerKey.TRANSFER, severity, " ".join(texts), seconds=seconds)

    def _on_failed(self, failure: Failure) -> None:
        if isinstance(failure, Defect):
            self._banners.clear(BannerKey.TRANSFER)
        else:
            self._banners.show_message(BannerKey.TRANSFER, Severity.ERROR, translated(failure.text))


def _open(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
