"""What an inspector does with a review: mean maps, a photo's menu, labels, marks, copies and moves."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QContextMenuEvent, QGuiApplication, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from camviewer.core.review.border import border_share
from camviewer.core.review.items import Reviewed
from camviewer.core.review.mean_maps import mean_maps
from camviewer.core.review.order import Order, Show
from camviewer.media.review.job import TruthFrom
from camviewer.ui.review.label_dialog import LabelDialog
from camviewer.ui.shell.main_window import MainWindow
from camviewer.ui.widgets.banner import BannerKey
from tests.ui.fakes import LABELS, Windows, current, pipeline_of, press, settings_in
from tests.ui.review.test_review_window import photos, pick, review

Key = Qt.Key


@pytest.fixture
def open_window(qtbot: QtBot, tmp_path: Path) -> Iterator[Windows]:
    with settings_in(tmp_path / "settings"):
        yield Windows(qtbot)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The fake model takes all for a tabby."""
    names = ("tabby/1.png", "acorn/1.png", "acorn/2.png", "tennis ball/1.png")
    return photos(tmp_path / "photos", *names)


@pytest.fixture
def window(open_window: Windows, folder: Path, qtbot: QtBot) -> MainWindow:
    """The folder has been reviewed."""
    window = open_window()
    review(window, folder, qtbot)
    return window


def item_of(window: MainWindow, path: Path) -> Reviewed:
    return next(item for item in window.reviews.items if item.path == path)


def entries(menu: QMenu) -> dict[str, QAction]:
    return {action.text().replace("&", ""): action for action in menu.actions() if action.text()}


def right_click(window: MainWindow, row: int) -> QMenu:
    """On a photo of the list; the menu that pops up."""
    photo_list = window.centre.review.list
    place = photo_list.visualRect(photo_list.photos.index(row)).center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, photo_list.viewport().mapToGlobal(place))
    QApplication.sendEvent(photo_list.viewport(), event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def button_of(window: MainWindow, key: BannerKey, text: str) -> QPushButton:
    banner = window.banners.banner(key)
    assert banner is not None
    (button,) = (b for b in banner.buttons() if b.text() == text)
    assert isinstance(button, QPushButton)
    return button


def wait_for(window: MainWindow, key: BannerKey, part: str, qtbot: QtBot) -> str:
    """The banner's message, once it has this part."""
    qtbot.waitUntil(lambda: part in (window.banners.text(key) or ""))
    return str(window.banners.text(key))


def rows_of(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return [row[:4] for row in csv.reader(opened)][1:]


# Mean maps


def test_mean_maps_stand_beside_the_chosen_pair_and_class(window: MainWindow, qtbot: QtBot) -> None:
    side = window.centre.review.side
    view = side.mean_view
    qtbot.waitUntil(view.isVisible)
    job = window.reviews.job
    assert job is not None
    means = mean_maps(window.reviews.items, job.store.maps)
    predicted, true = means.of_pair(7, 0)
    assert predicted is not None
    assert true is not None
    share = border_share(predicted.values)
    assert share is not None
    assert view.text.splitlines()[:2] == ["Mean of 2 photos", f"✗ tabby: {100 * share:.0f} % at the border"]
    assert view.text.splitlines()[2].startswith("✓ acorn: ")
    before = view.grab().toImage()
    side.confusions.selectRow(1)
    assert view.title == "Mean of 1 photo"
    assert "✓ tennis ball" in view.accessibleDescription()
    assert view.grab().toImage() != before
    side.tables.setCurrentWidget(side.classes)
    side.classes.selectRow(0)
    assert view.text.splitlines()[0] == "Mean of 2 photos"
    assert view.text.splitlines()[1].startswith("acorn: ")
    image = side.classes.model().index(0, 0).data(Qt.ItemDataRole.DecorationRole)
    assert isinstance(image, QImage)
    assert image.width() > 0


def test_without_true_classes_there_are_none(open_window: Windows, folder: Path, qtbot: QtBot) -> None:
    window = open_window()
    review(window, folder, qtbot, TruthFrom(folders=False))
    assert not window.centre.review.side.isVisible()
    assert not window.centre.review.side.mean_view.isVisible()


def test_columns_give_way_before_names_do(window: MainWindow) -> None:
    """What is hidden is told by the pointer."""
    table = window.centre.review.confusions
    table.resize(600, 200)
    assert not any(table.isColumnHidden(column) for column in range(4))
    table.resize(210, 200)
    assert table.isColumnHidden(3)
    widths = [table.columnWidth(column) for column in range(4) if not table.isColumnHidden(column)]
    assert sum(widths) <= table.viewport().width()
    assert min(widths[:2]) >= 9 * table.fontMetrics().averageCharWidth()
    tip = str(table.model().index(0, 0).data(Qt.ItemDataRole.ToolTipRole))
    assert tip.startswith("True: acorn\nTaken for: tabby\nPhotos: 2\nSure: ")


# Order, size, marks


def test_the_evidence_at_the_border_is_an_order(window: MainWindow, folder: Path) -> None:
    item = item_of(window, folder / "tabby" / "1.png")
    assert item.border is not None
    assert 0 < item.border < 1
    pick(window, "Order", Order.BORDER)
    photo_list = window.centre.review.list
    listed = [photo.border for photo in photo_list.shown]
    assert listed == sorted(listed, key=lambda share: -(share or 0))
    text = photo_list.photos.index(0).data(Qt.ItemDataRole.ToolTipRole)
    assert "of the evidence at the border" in str(text)


def test_the_size_of_photos_is_remembered(open_window: Windows, folder: Path, qtbot: QtBot) -> None:
    window = open_window()
    review(window, folder, qtbot)
    photo_list = window.centre.review.list
    pick(window, "Photos to show", Show.ALL)
    before = photo_list.sizeHintForIndex(photo_list.photos.index(0)).width()
    centre = QPointF(photo_list.viewport().rect().center())
    for delta in (60, 60, 120, 120, 120, 120):  # a fine wheel, then a coarse one
        event = QWheelEvent(
            *(centre, centre, QPoint(), QPoint(0, delta), Qt.MouseButton.NoButton),
            *(Qt.KeyboardModifier.ControlModifier, Qt.ScrollPhase.NoScrollPhase, False),
        )
        QApplication.sendEvent(photo_list.viewport(), event)
    assert photo_list.least_side == 150 + 5 * 20
    assert photo_list.sizeHintForIndex(photo_list.photos.index(0)).width() > before
    window.close()
    again = open_window()
    assert again.centre.review.list.least_side == 250
    assert again.centre.review.choices.photo_size == 250


def test_marked_photos_are_listed_alone(window: MainWindow, folder: Path) -> None:
    page = window.centre.review
    page.list.setFocus()
    page.list.setCurrentIndex(page.list.photos.index(1))
    blank = page.list.grab().toImage()
    press(page.list, Key.Key_M)
    assert page.list.grab().toImage() != blank
    pick(window, "Photos to show", Show.MARKED)
    assert [item.path for item in page.list.shown] == [folder / "acorn" / "2.png"]
    press(page.list, Key.Key_M)
    assert page.list.empty_text == "No photo is marked. M marks the chosen one, or its menu does."


# The menu


def test_the_menu_opens_copies_and_marks(window: MainWindow, folder: Path, qtbot: QtBot) -> None:
    menu = right_click(window, 0)
    assert list(entries(menu)) == [
        *("Open", "Show in folder", "Copy", "Mark", "Correct the label"),
        *("Copy to a folder…", "Move to a folder…"),
    ]
    entries(menu)["Copy"].trigger()
    mime = QGuiApplication.clipboard().mimeData()
    path = window.centre.review.list.shown[0].path
    assert mime is not None
    assert mime.text() == str(path)
    assert mime.urls()[0].toLocalFile() == path.as_posix()
    entries(menu)["Mark"].trigger()
    assert window.centre.review.list.photos.marked == {path}
    menu.close()
    again = right_click(window, 0)
    assert entries(again)["Mark"].isChecked()
    entries(again)["Open"].trigger()
    again.close()
    qtbot.waitUntil(lambda: window.presenter.comparison.other is not None)
    assert not window.centre.review_on


def test_the_keyboards_menu_key_is_for_the_chosen_photo(window: MainWindow) -> None:
    photo_list = window.centre.review.list
    photo_list.setCurrentIndex(photo_list.photos.index(1))
    wanted: list[tuple[object, QPoint]] = []
    photo_list.menu_requested.disconnect()
    photo_list.menu_requested.connect(lambda item, place: wanted.append((item, place)))
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(1, 1), QPoint(1, 1))
    QApplication.sendEvent(photo_list, event)
    ((item, place),) = wanted
    assert item == photo_list.shown[1]
    inside = photo_list.visualRect(photo_list.photos.index(1))
    assert inside.contains(photo_list.viewport().mapFromGlobal(place))


# Labels


def corrected(window: MainWindow, path: Path, label: str, file: Path | None = None) -> None:
    """As the user does: by the menu, and, the first time, the file."""
    menu = window.review_parts.photos.menu_of(item_of(window, path))
    submenu = entries(menu)["Correct the label"].menu()
    assert isinstance(submenu, QMenu)
    entries(submenu)[label].trigger()
    if file is not None:
        (dialog,) = window.findChildren(QFileDialog)
        assert dialog.testOption(QFileDialog.Option.DontConfirmOverwrite)
        dialog.fileSelected.emit(str(file))
        dialog.close()
        dialog.setParent(None)
    menu.close()


def test_a_corrected_label_is_written_and_counts(
    window: MainWindow, folder: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    file, path = tmp_path / "labels.csv", folder / "acorn" / "1.png"
    assert "25 % right (1 of 4" in window.centre.review.head.headline
    corrected(window, path, "tabby", file)
    text = wait_for(window, BannerKey.LABEL, "from now on", qtbot)
    assert text == f"1.png is tabby from now on. Written to {file}."
    assert rows_of(file) == [[str(path), "tabby", "acorn", "tabby"]]
    assert "50 % right (2 of 4" in window.centre.review.head.headline
    assert path not in [item.path for item in window.centre.review.list.shown], "no mistake any more"
    view = window.centre.review.side.mean_view
    qtbot.waitUntil(lambda: view.title == "Mean of 1 photo")
    button_of(window, BannerKey.LABEL, "Undo").click()
    qtbot.waitUntil(lambda: "25 % right (1 of 4" in window.centre.review.head.headline)
    assert rows_of(file)[1] == [str(path), "acorn", "tabby", "tabby"]
    assert item_of(window, path).reviewed is None, "as it was"


def test_it_is_there_in_the_next_review(
    open_window: Windows, window: MainWindow, folder: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    corrected(window, folder / "acorn" / "1.png", "tabby", tmp_path / "labels.csv")
    wait_for(window, BannerKey.LABEL, "from now on", qtbot)
    window.close()
    again = open_window()
    review(again, folder, qtbot)
    assert "50 % right (2 of 4" in again.centre.review.head.headline
    job = again.reviews.job
    assert job is not None
    assert job.begun is not None
    assert job.begun.truth is not None
    assert job.begun.truth.notes == ("1 label is from labels.csv.",)


def test_any_class_is_found_by_a_part_of_its_name(
    window: MainWindow, folder: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    path = folder / "acorn" / "1.png"
    corrected(window, path, "tabby", tmp_path / "labels.csv")
    wait_for(window, BannerKey.LABEL, "from now on", qtbot)
    window.review_parts.labels.ask(item_of(window, path))
    (dialog,) = window.findChildren(LabelDialog)
    dialog.line.setText("CRANE")
    QTest.keyClick(dialog.line, Key.Key_Down)
    QTest.keyClick(dialog.line, Key.Key_Return)
    qtbot.waitUntil(lambda: item_of(window, path).truth == LABELS.index("Crane"))
    item = item_of(window, path)
    assert (item.correct, item.true) == (False, None), "none of the first five"
    assert rows_of(tmp_path / "labels.csv")[1] == [str(path), "Crane", "tabby", "tabby"]
    page = window.centre.review
    row = [photo.path for photo in page.list.shown].index(path)
    qtbot.waitUntil(lambda: page.list.tiles.get(page.list.shown[row]) is not None)
    assert len(page.list.tiles.get(item) or []) == 1, "the map of the class that it was is none of this one"
    assert "✓ Crane\n" in str(page.list.photos.index(row).data(Qt.ItemDataRole.ToolTipRole)) + "\n"
    page.grab()


def test_photos_without_a_class_get_one(open_window: Windows, tmp_path: Path, qtbot: QtBot) -> None:
    window = open_window()
    folder = photos(tmp_path / "unsorted", "1.png", "2.png")
    review(window, folder, qtbot)
    assert not window.centre.review.side.isVisible()
    corrected(window, folder / "1.png", "golden retriever", tmp_path / "labels.csv")
    qtbot.waitUntil(window.centre.review.side.isVisible)
    assert "(0 of 1;" in window.centre.review.head.headline
    assert rows_of(tmp_path / "labels.csv") == [[str(folder / "1.png"), "golden retriever", "", "tabby"]]


def test_what_can_not_be_written_does_not_count(
    window: MainWindow, folder: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    other, path = tmp_path / "other.csv", folder / "acorn" / "1.png"
    other.write_text("a,b\n", "utf-8")
    corrected(window, path, "tabby", other)
    text = wait_for(window, BannerKey.LABEL, "not corrected", qtbot)
    assert "something else" in text
    assert other.read_text("utf-8") == "a,b\n"
    assert item_of(window, path).truth == LABELS.index("acorn")
    button_of(window, BannerKey.LABEL, "Another file…").click()
    (dialog,) = window.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(tmp_path / "labels.csv"))
    dialog.close()
    wait_for(window, BannerKey.LABEL, "from now on", qtbot)
    assert item_of(window, path).correct


# Copies and moves


def test_the_listed_photos_are_copied(window: MainWindow, folder: Path, tmp_path: Path, qtbot: QtBot) -> None:
    menu = window.centre.review.transfer_menu
    menu.aboutToShow.emit()
    assert list(entries(menu)) == ["Copy the 3 photos in the list…", "Move the 3 photos in the list…"]
    entries(menu)["Copy the 3 photos in the list…"].trigger()
    (dialog,) = window.findChildren(QFileDialog)
    assert dialog.windowTitle() == "Copy 3 photos to"
    out = tmp_path / "out"
    dialog.fileSelected.emit(str(out))
    dialog.close()
    text = wait_for(window, BannerKey.TRANSFER, "were copied", qtbot)
    assert text == f"3 photos were copied to {out}."
    assert sorted(path.name for path in out.iterdir()) == ["1-2.png", "1.png", "2.png"]
    assert len(list(folder.rglob("*.png"))) == 4


def test_moved_photos_stay_in_the_review_and_come_back(
    window: MainWindow, folder: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    out, page = tmp_path / "out", window.centre.review
    before = [item.path for item in page.list.shown]
    window.review_parts.transfers.start(page.list.shown, out, move=True)
    wait_for(window, BannerKey.TRANSFER, "3 photos were moved to", qtbot)
    assert sorted(path.name for path in folder.rglob("*.png")) == ["1.png"]
    assert [item.path.parent for item in page.list.shown] == [out] * 3
    window.review_navigation.open_item(page.list.shown[0])
    qtbot.waitUntil(lambda: current(window).frame.source == page.list.shown[0].path.name)
    button_of(window, BannerKey.TRANSFER, "Undo").click()
    wait_for(window, BannerKey.TRANSFER, "3 photos are back in their places.", qtbot)
    assert [item.path for item in page.list.shown] == before
    assert all(path.exists() for path in before)
    assert list(out.iterdir()) == []


def test_what_is_gone_is_told(window: MainWindow, folder: Path, tmp_path: Path, qtbot: QtBot) -> None:
    (folder / "acorn" / "1.png").unlink()
    window.review_parts.transfers.start(window.centre.review.list.shown, tmp_path / "out", move=False)
    text = wait_for(window, BannerKey.TRANSFER, "were copied", qtbot)
    assert "1 could not be read or written: 1.png isn't there any more." in text
    blocked = tmp_path / "file"
    blocked.touch()
    window.review_parts.transfers.start(window.centre.review.list.shown, blocked / "out", move=True)
    assert "can't be made" in wait_for(window, BannerKey.TRANSFER, "Choose another folder.", qtbot)


# From mistake to mistake


def test_next_and_back_in_the_mistakes_banner(window: MainWindow, qtbot: QtBot) -> None:
    window.review_navigation.go_to_mistake(1, large=True)
    wait_for(window, BannerKey.MISTAKE, "Mistake 1 of 3", qtbot)
    next_one = button_of(window, BannerKey.MISTAKE, "Next")
    for place in (2, 3, 1):
        next_one.click()
        assert window.banners.banner(BannerKey.MISTAKE) is not None, "it stays under the pointer"
        wait_for(window, BannerKey.MISTAKE, f"Mistake {place} of 3", qtbot)
        assert button_of(window, BannerKey.MISTAKE, "Next") is next_one
    button_of(window, BannerKey.MISTAKE, "Back").click()
    wait_for(window, BannerKey.MISTAKE, "Mistake 3 of 3", qtbot)
    button_of(window, BannerKey.MISTAKE, "Review").click()
    assert window.centre.review_on


# After a paste


def test_back_to_the_photos_after_a_paste(open_window: Windows, folder: Path, qtbot: QtBot) -> None:
    window = open_window((folder,))
    pipeline = pipeline_of(window)
    qtbot.waitUntil(lambda: getattr(pipeline.source, "count", 0) == 4)
    window.playback.step(2)
    qtbot.waitUntil(lambda: current(window).frame.index == 2)
    name = current(window).frame.source
    picture = QImage(40, 30, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.red)
    QGuiApplication.clipboard().setImage(picture)
    window.sources.paste()
    qtbot.waitUntil(lambda: current(window).frame.source == "Pasted picture")
    assert f"Before it, {name} was open." in str(window.banners.text(BannerKey.PASTED))
    button_of(window, BannerKey.PASTED, "Back to the photos").click()
    qtbot.waitUntil(lambda: current(window).frame.source == name)
    qtbot.waitUntil(lambda: current(window).frame.index == 2)
    assert getattr(pipeline.source, "count", 0) == 4
    assert window.banners.text(BannerKey.PASTED) is None
