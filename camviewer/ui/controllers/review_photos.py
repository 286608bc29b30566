"""ReviewPhotos: the menu of a photo in a review, and what it does."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, QPoint, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from camviewer.core.review.items import Reviewed
from camviewer.core.storage.files import exists
from camviewer.ui.controllers.review_labels import ReviewLabels
from camviewer.ui.controllers.review_navigation import ReviewNavigation
from camviewer.ui.controllers.review_transfer import ReviewTransfer
from camviewer.ui.review.page import ReviewPage
from camviewer.ui.system.background import Background
from camviewer.ui.widgets.banner import BannerArea, BannerKey, Severity


class ReviewPhotos(QObject):
    """By a right click or the keyboard's menu key."""

    def __init__(
        self,
        page: ReviewPage,
        navigation: ReviewNavigation,
        labels: ReviewLabels,
        transfers: ReviewTransfer,
        banners: BannerArea,
        background: Background,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._page, self._navigation, self._labels, self._transfers = page, navigation, labels, transfers
        self._banners, self._background, self._window = banners, background, parent
        page.list.menu_requested.connect(self._on_list_menu_requested)
        page.list.mark_requested.connect(page.mark)

    def menu_of(self, item: Reviewed) -> QMenu:
        """It deletes itself once it is closed."""
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        opened = menu.addAction(self.tr("&Open"), partial(self._navigation.open_item, item))
        opened.setShortcut(QKeySequence(Qt.Key.Key_Return))
        menu.addAction(self.tr("&Show in folder"), partial(self._show_in_folder, item.path))
        menu.addAction(self.tr("&Copy"), partial(_copy, item.path))
        menu.addSeparator()
        mark = menu.addAction(self.tr("&Mark"), partial(self._page.mark, item))
        mark.setCheckable(True)
        mark.setChecked(item.path in self._page.list.photos.marked)
        mark.setShortcut(QKeySequence(Qt.Key.Key_M))
        if item.problem is None:
            correct = menu.addMenu(self.tr("Correct the &label"))
            self._labels.fill_menu(correct, item)
        menu.addSeparator()
        menu.addAction(self.tr("Copy &to a folder…"), partial(self._transfers.ask, [item], move=False))
        menu.addAction(self.tr("Mo&ve to a folder…"), partial(self._transfers.ask, [item], move=True))
        for action in menu.actions():
            action.setShortcutVisibleInContextMenu(True)
        return menu

    @Slot(object, QPoint)
    def _on_list_menu_requested(self, item: Reviewed, place: QPoint) -> None:
        self.menu_of(item).popup(place)

    def _show_in_folder(self, path: Path) -> None:
        def done(there: bool) -> None:
            if there:
                QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))
            else:
                text = self.tr("The folder {0} isn’t there any more. Is its disk connected?")
                self._banners.show_message(BannerKey.REVIEW, Severity.ERROR, text.format(path.parent))

        # A disk that is far away takes its time.
        self._background.run(lambda: exists(path.parent), done, lambda _: None)


def _copy(path: Path) -> None:
    """The file, for programs that take files, and its path, for those that take text."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    mime.setText(str(path))
    QGuiApplication.clipboard().setMimeData(mime)
