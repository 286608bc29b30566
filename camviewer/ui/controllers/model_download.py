"""Fetching networks' weights, with a banner that shows how far it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from camviewer.core.models.ready import ReadyNetwork
from camviewer.core.models.spec import OfficialWeights
from camviewer.media.download import FileDownload
from camviewer.ui.widgets.banner import (
    Action,
    BannerArea,
    BannerKey,
    Severity,
)
from camviewer.ui.widgets.words import decimal

DownloadMaker = Callable[[OfficialWeights, QObject], FileDownload]


class WeightsDownload(QObject):
    """One at a time. What has come of one that was stopped is kept for the next time."""

    finished = Signal(object)
    """Path of the file."""
    failed = Signal(str)
    cancelled = Signal()

    def __init__(self, banners: BannerArea, make: DownloadMaker | None, parent: QObject) -> None:
        """make: None never touches the network."""
        super().__init__(parent)
        self._banners, self._make = banners, make
        self._download: FileDownload | None = None
        self._size = 1
        """In bytes, where the server doesn't say it."""

    @property
    def possible(self) -> bool:
        """Whether the network may be touched."""
        return self._make is not None

    @property
    def running(self) -> bool:
        """Whether a file is being fetched."""
        return self._download is not None and self._download.running

    def start(
        self, title: str, official: OfficialWeights, running: str, actions: Sequence[Action] = ()
    ) -> None:
        """title: of the network that comes; running: of the one that runs meanwhile. Drops another one."""
        if self._make is None:
            return
        self.drop()
        self._size = official.size
        self._download = download = self._make(official, self)
        download.progressed.connect(self._on_download_progressed)
        download.finished.connect(self._on_download_finished)
        download.failed.connect(self.failed)
        download.cancelled.connect(self.cancelled)
        text = self.tr("Downloading {0} ({1} MB, once). {2} runs meanwhile.").format(
            title, decimal(official.size / 1e6, 0), running
        )
        cancel: Action = (self.tr("Cancel"), download.cancel)
        self._banners.show_message(BannerKey.MODEL, Severity.INFO, text, [cancel, *actions])
        self._banners.show_progress(BannerKey.MODEL, 0, 1)
        download.start()

    def drop(self) -> None:
        """Stop without a banner."""
        download, self._download = self._download, None
        if download is not None:
            download.disconnect(self)
            download.cancel()
            download.deleteLater()

    @Slot(int, int)
    def _on_download_progressed(self, received: int, total: int) -> None:
        self._banners.show_progress(BannerKey.MODEL, received, total or max(self._size, received))

    @Slot(object)
    def _on_download_finished(self, path: Path) -> None:
        self.finished.emit(path)


class NetworkDownload(QObject):
    """Fetches a ready network, and says what became of it."""

    finished = Signal(object)
    """Path of its file."""

    def __init__(self, banners: BannerArea, make: DownloadMaker | None, parent: QObject) -> None:
        """make: as of `WeightsDownload`."""
        super().__init__(parent)
        self._banners, self._running = banners, ""
        self._network: ReadyNetwork | None = None
        self._download = WeightsDownload(banners, make, self)
        self._download.finished.connect(self.finished)
        self._download.failed.connect(self._on_download_failed)
        self._download.cancelled.connect(self._on_download_cancelled)

    def start(self, network: ReadyNetwork, running: str) -> None:
        """running: the title of the model that runs meanwhile."""
        self._network, self._running = network, running
        self._download.start(network.title, network.official, running)

    def drop(self) -> None:
        """Stop without a banner."""
        self._download.drop()

    @Slot(str)
    def _on_download_failed(self, reason: str) -> None:
        network = self._network
        if network is not None:
            text = self.tr("{0} can't be fetched: {1}").format(network.title, reason)
            again: Action = (self.tr("Try again"), lambda: self.start(network, self._running))
            self._banners.show_message(BannerKey.MODEL, Severity.WARNING, text, [again])

    @Slot()
    def _on_download_cancelled(self) -> None:
        if self._network is not None:
            text = self.tr("The download of {0} was stopped; the next time it goes on from there.")
            text = text.format(self._network.title)
            self._banners.show_message(BannerKey.MODEL, Severity.INFO, text, seconds=8)
