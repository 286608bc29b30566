"""The review of a folder in the window: tiles, order, tables, mistakes by the keyboard."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QFileDialog, QLabel, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from camviewer.core.explanation import ExplainRequest, Explanation
from camviewer.core.failures import ModelFailure
from camviewer.core.frames import Frame
from camviewer.core.loading import ModelChoice
from camviewer.core.review.items import Reviewed
from camviewer.core.review.order import Order, Show
from camviewer.core.targets import ScoreDifference
from camviewer.media.review.job import TruthFrom
from camviewer.ui.shell.main_window import MainWindow
from camviewer.ui.widgets.banner import BannerKey
from tests.ui.fakes import (
    SCORES,
    FakeCamera,
    FakeExplainer,
    FakeLoader,
    FakeModel,
    Windows,
    current,
    model_info,
    pipeline_of,
    press,
    ready,
    settings_in,
)

Key = Qt.Key


@pytest.fixture
def open_window(qtbot: QtBot, tmp_path: Path) -> Iterator[Windows]:
    with settings_in(tmp_path / "settings"):
        yield Windows(qtbot)


@pytest.fixture
def window(open_window: Windows) -> MainWindow:
    return open_window()


class Held(FakeExplainer):
    """Explains three batches, and more only after `gate.set()`."""

    def __init__(self) -> None:
        super().__init__(model_info("resnet18"))
        self.gate, self.batches = threading.Event(), 0

    def explain_batch(self, frames: Sequence[Frame], request: ExplainRequest) -> list[Explanation]:
        self.batches += 1
        assert self.batches <= 3 or self.gate.wait(10)
        return super().explain_batch(frames, request)


@pytest.fixture
def held() -> Held:
    return Held()


@pytest.fixture
def busy(held: Held, open_window: Windows, tmp_path: Path, qtbot: QtBot) -> MainWindow:
    """A window in the middle of a review."""

    def load(choice: ModelChoice) -> FakeModel:
        return FakeModel(held) if choice.name == "resnet18" else ready(choice.name)

    window = open_window(loader=FakeLoader(load))
    window.reviews.start(photos(tmp_path / "many", *(f"tabby/{i}.png" for i in range(30))))
    qtbot.waitUntil(lambda: len(window.reviews.items) == 6)
    return window


def photos(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (48, 36), (90, 120, 150)).save(folder / name)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The fake model takes all for a tabby."""
    names = ("tabby/1.png", "tabby/2.png", "acorn/3.png", "acorn/4.png", "tennis ball/5.png")
    return photos(tmp_path / "photos", *names)


def review(window: MainWindow, folder: Path, qtbot: QtBot, truth: TruthFrom | None = None) -> None:
    window.reviews.start(folder, truth)
    job = window.reviews.job
    assert job is not None
    qtbot.waitUntil(lambda: job.over and window.reviews.summary is not None)
    assert job.begun is not None
    count = len(job.begun.photos)
    qtbot.waitUntil(lambda: len(window.reviews.items) == count)


def shown(window: MainWindow) -> list[str]:
    page = window.centre.review
    return [item.path.name for item in page.list.shown]


def pick(window: MainWindow, name: str, data: object) -> None:
    (combo,) = (c for c in window.centre.review.findChildren(QComboBox) if c.accessibleName() == name)
    index = combo.findData(data)
    combo.setCurrentIndex(index)
    combo.activated.emit(index)


def test_a_folder_of_classes_shows_its_mistakes_first(window: MainWindow, folder: Path, qtbot: QtBot) -> None:
    assert not window.actions_by_name["show_review"].isEnabled()
    review(window, folder, qtbot)
    page = window.centre.review
    assert window.centre.review_on
    assert shown(window) == ["3.png", "4.png", "5.png"]
    assert "40 % right (2 of 5" in page.head.headline
    item = page.list.photos.index(0).data(Qt.ItemDataRole.UserRole)
    assert isinstance(item, Reviewed)
    qtbot.waitUntil(lambda: page.list.tiles.get(item) is not None)
    images = page.list.tiles.get(item)
    assert images is not None
    assert len(images) == 2, "the predicted class and the true one"
    assert images[0] != images[1]
    text = page.list.photos.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "✗ tabby" in str(text)
    assert "✓ acorn" in str(text)
    page.grab()


def test_without_mistakes_the_page_says_so(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    review(window, photos(tmp_path / "right", "tabby/1.png", "tabby/2.png"), qtbot)
    page = window.centre.review
    assert shown(window) == []
    assert page.list.empty_text == ("No mistakes: all 2 photos are right. “All photos” above shows them.")
    blank = page.list.grab().toImage()
    pick(window, "Photos to show", Show.UNREAD)
    assert page.list.empty_text == "No photo is of this choice."
    assert page.list.grab().toImage() != blank, "it is painted"
    pick(window, "Photos to show", Show.ALL)
    assert shown(window) == ["1.png", "2.png"]
    assert page.list.empty_text == ""


def test_while_it_runs_there_are_no_mistakes_so_far(busy: MainWindow, held: Held, qtbot: QtBot) -> None:
    page = busy.centre.review
    assert page.list.empty_text == "No mistakes so far."
    held.gate.set()
    qtbot.waitUntil(lambda: page.list.empty_text.startswith("No mistakes: all 30"))


@pytest.mark.parametrize(("count", "told"), [(3, False), (5, False), (6, True)])
def test_among_the_first_five_is_told_of_more_than_five_classes(
    open_window: Windows, folder: Path, qtbot: QtBot, count: int, told: bool
) -> None:
    labels = ("tabby", "acorn", "tennis ball", "crane", "Löwe", "cup")[:count]
    explainer = FakeExplainer(model_info("resnet18"), scores=SCORES[:count], labels=labels)
    window = open_window(loader=FakeLoader(lambda _: FakeModel(explainer)))
    review(window, folder, qtbot)
    headline = window.centre.review.head.headline
    assert headline.startswith("40 % right (2 of 5")
    assert ("first five" in headline) is told


def test_title_and_status_are_of_what_is_in_view(window: MainWindow, folder: Path, qtbot: QtBot) -> None:
    """Not of the photo that was open before, while the review is seen."""
    photo = window.windowTitle()
    assert photo == "cat.png – camviewer"
    review(window, folder, qtbot)
    window.status_line.refresh()
    seen = (window.windowTitle(), window.status_line.source_text, window.status_line.text)
    assert seen == ("Review of photos – camviewer", "Review of photos", "ResNet18 · CPU")
    window.show_review(False)
    assert window.windowTitle() == photo
    assert window.status_line.source_text.startswith("cat.png")
    window.show_review(True)
    page = window.centre.review
    window.review_navigation.open_item(page.list.shown[0])
    qtbot.waitUntil(lambda: window.windowTitle() == "3.png – camviewer")
    qtbot.waitUntil(lambda: window.status_line.source_text.startswith("3.png"))


def test_order_and_filters(window: MainWindow, folder: Path, qtbot: QtBot) -> None:
    review(window, folder, qtbot)
    pick(window, "Photos to show", Show.ALL)
    pick(window, "Order", Order.NAME)
    assert shown(window) == ["3.png", "4.png", "1.png", "2.png", "5.png"]
    pick(window, "Photos to show", Show.CORRECT)
    assert shown(window) == ["1.png", "2.png"]
    page = window.centre.review
    table = page.confusions
    rows = [table.model().index(r, c).data() for r in range(2) for c in range(3)]
    assert rows == ["acorn", "tabby", "2", "tennis ball", "tabby", "1"]
    table.clicked.emit(table.model().index(1, 0))
    assert shown(window) == ["5.png"]
    assert page.filter_text == "tennis ball taken for tabby"
    (clear,) = (b for b in page.findChildren(QToolButton) if b.toolTip() == "Show the photos of all classes")
    clear.click()
    assert shown(window) == ["3.png", "4.png", "5.png"]
    page.classes.clicked.emit(page.classes.model().index(0, 0))
    assert shown(window) == ["3.png", "4.png"], "all of the worst class"


def test_tables_sort_by_their_headings(window: MainWindow, folder: Path, qtbot: QtBot) -> None:
    review(window, folder, qtbot)
    table = window.centre.review.classes

    def names() -> list[object]:
        return [table.model().index(row, 0).data() for row in range(3)]

    assert names() == ["acorn", "tennis ball", "tabby"]
    table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    assert names()[0] == "tennis ball"
    table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    assert names() == ["tennis ball", "tabby", "acorn"]


def test_mistakes_by_the_keyboard(window: MainWindow, folder: Path, qtbot: QtBot) -> None:
    review(window, folder, qtbot)
    page = window.centre.review
    press(page.list, Key.Key_N)
    assert page.list.current is not None
    assert page.list.current.path.name == "3.png"
    press(page.list, Key.Key_N)
    press(page.list, Key.Key_Return)
    qtbot.waitUntil(lambda: window.presenter.comparison.other is not None)
    assert not window.centre.review_on
    assert current(window).frame.source == "4.png"
    state = window.presenter.state
    assert state is not None
    assert state.target == ScoreDifference(0, 7), "why tabby and not acorn"
    assert 7 in window.tabs.classes, "the true class has a tab"
    assert "acorn was taken for tabby" in str(window.banners.text(BannerKey.MISTAKE))
    assert "Mistake 2 of 3" in str(window.banners.text(BannerKey.MISTAKE))
    press(window.view, Key.Key_N)
    qtbot.waitUntil(lambda: "Mistake 3 of 3" in str(window.banners.text(BannerKey.MISTAKE)))
    press(window.view, Key.Key_N)
    qtbot.waitUntil(lambda: "Mistake 1 of 3" in str(window.banners.text(BannerKey.MISTAKE)))
    press(window.view, Key.Key_N, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: "Mistake 3 of 3" in str(window.banners.text(BannerKey.MISTAKE)))
    press(window.view, Key.Key_G)
    qtbot.waitUntil(lambda: window.centre.review_on)
    assert page.list.current.path.name == "5.png"
    press(page.list, Key.Key_G)
    qtbot.waitUntil(lambda: not window.centre.review_on)
    window.sources.open_sample()
    assert window.banners.text(BannerKey.MISTAKE) is None


def test_arrow_keys_move_in_the_list_not_in_the_source(
    window: MainWindow, folder: Path, qtbot: QtBot
) -> None:
    review(window, folder, qtbot)
    page, source = window.centre.review, pipeline_of(window).source
    assert source is not None
    title = source.title
    press(page.list, Key.Key_N)
    press(page.list, Key.Key_Down)
    press(page.list, Key.Key_Right)
    assert page.list.current is not None
    assert page.list.current.path.name != "3.png"
    assert source.title == title


def test_without_truth(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    plain = photos(tmp_path / "plain", "a.png", "b.png", "sub/c.png")
    review(window, plain, qtbot)
    page = window.centre.review
    assert page.head.headline == ""
    assert shown(window) == ["a.png", "b.png", "c.png"]
    assert not page.confusions.isVisible()
    press(page.list, Key.Key_N)
    assert page.list.current is None or page.list.current.correct is None
    table = tmp_path / "truth.csv"
    table.write_text("a.png,acorn\nb.png,tabby\n")
    review(window, plain, qtbot, TruthFrom(table=table))
    assert "50 % right" in page.head.headline
    assert "truth.csv" in page.truth_text


def test_truth_is_chosen_in_the_menu(window: MainWindow, folder: Path, qtbot: QtBot) -> None:
    review(window, folder, qtbot)
    menu = window.centre.review.truth_menu
    menu.aboutToShow.emit()
    none, folders, table = menu.actions()[:3]
    assert folders.isChecked()
    table.trigger()
    dialog = window.findChild(QFileDialog)
    assert dialog is not None
    dialog.close()
    none.trigger()
    qtbot.waitUntil(lambda: len(window.reviews.items) == 5)
    assert window.reviews.summary is not None
    assert window.reviews.summary.known == 0


def test_unreadable_photos_are_named(window: MainWindow, folder: Path, qtbot: QtBot) -> None:
    (folder / "acorn" / "bad.png").write_bytes(b"no photo")
    review(window, folder, qtbot)
    pick(window, "Photos to show", Show.UNREAD)
    assert shown(window) == ["bad.png"]
    page = window.centre.review
    assert "not an image" in str(page.list.photos.index(0).data(Qt.ItemDataRole.AccessibleTextRole))
    page.grab()


def test_a_folder_that_can_not_be_reviewed_is_told(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    window.reviews.start(tmp_path / "missing")
    qtbot.waitUntil(lambda: window.banners.text(BannerKey.REVIEW) is not None)
    assert not window.centre.review_on
    assert not window.actions_by_name["show_review"].isEnabled()


def test_an_opened_folder_offers_its_review(window: MainWindow, folder: Path, qtbot: QtBot) -> None:
    window.sources.open_paths([folder])
    banner = window.banners.banner(BannerKey.FOLDER)
    assert banner is not None
    (button,) = banner.findChildren(QPushButton)
    button.click()
    qtbot.waitUntil(lambda: window.reviews.summary is not None)
    assert window.centre.review_on
    qtbot.waitUntil(lambda: len(window.reviews.items) == 5)


def test_another_model_stops_it_and_it_says_so(busy: MainWindow, held: Held, qtbot: QtBot) -> None:
    busy.models.choose(ModelChoice("efficientnet_lite0"))
    held.gate.set()
    qtbot.waitUntil(lambda: "Another model" in str(busy.banners.text(BannerKey.REVIEW)))
    assert 0 < len(busy.reviews.items) < 30
    assert busy.actions_by_name["show_review"].isEnabled(), "what was reviewed stays"
    assert busy.actions_by_name["report"].isEnabled()


def test_it_stops_on_demand(busy: MainWindow, held: Held, qtbot: QtBot) -> None:
    job = busy.reviews.job
    assert job is not None
    busy.centre.review.stop_requested.emit()
    held.gate.set()
    qtbot.waitUntil(lambda: job.over)
    assert len(busy.reviews.items) < 30


def test_without_a_model_it_can_be_given_up(open_window: Windows, folder: Path, qtbot: QtBot) -> None:
    def none(choice: ModelChoice) -> object:
        raise ModelFailure("There is no model.", "None at all.")

    window = open_window(loader=FakeLoader(none), wait=False)  # type: ignore[arg-type]
    window.reviews.start(folder)
    window.centre.review.stop_requested.emit()
    assert not window.centre.review_on


def test_the_live_view_goes_on_behind_it(window: MainWindow, folder: Path, qtbot: QtBot) -> None:
    camera = FakeCamera()
    pipeline_of(window).open(camera)
    window.reviews.start(folder)
    for _ in range(5):
        with qtbot.waitSignal(pipeline_of(window).explained):
            camera.bring()
    qtbot.waitUntil(lambda: len(window.reviews.items) == 5)


def test_closing_in_the_middle(busy: MainWindow, held: Held) -> None:
    held.gate.set()
    busy.close()
    assert busy.has_ended


def test_another_review_takes_its_place(busy: MainWindow, held: Held, folder: Path, qtbot: QtBot) -> None:
    before = busy.reviews.job
    assert before is not None
    store = before.store
    busy.reviews.start(folder)
    held.gate.set()
    qtbot.waitUntil(lambda: len(busy.reviews.items) == 5)
    item = busy.reviews.items[0]
    assert item.thumbnail is not None
    with pytest.raises(ValueError, match="closed"):
        store.get(item.thumbnail)


def ask_for_report(window: MainWindow, path: Path) -> None:
    window.actions_by_name["report"].trigger()
    dialog = window.findChild(QFileDialog)
    assert dialog is not None
    assert Path(dialog.selectedFiles()[0]).name == "photos.html"
    dialog.fileSelected.emit(str(path))
    dialog.close()


def test_the_report_is_a_page_and_a_table(
    window: MainWindow, folder: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    review(window, folder, qtbot)
    ask_for_report(window, tmp_path / "mine")
    qtbot.waitUntil(lambda: "Saved mine.html and mine.csv" in str(window.banners.text(BannerKey.REPORT)))
    text = (tmp_path / "mine.html").read_text("utf-8")
    assert "acorn" in text
    assert text.count("data:image/") >= 6, "three mistakes, two overlays each"
    assert len((tmp_path / "mine.csv").read_text("utf-8").splitlines()) == 6


def test_a_table_of_something_else_is_not_replaced(
    window: MainWindow, folder: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    review(window, folder, qtbot)
    (tmp_path / "mine.csv").write_text("my,own,table")
    ask_for_report(window, tmp_path / "mine.html")
    qtbot.waitUntil(lambda: "would replace mine.csv" in str(window.banners.text(BannerKey.REPORT)))
    assert (tmp_path / "mine.csv").read_text() == "my,own,table"
    assert not (tmp_path / "mine.html").exists()


def test_a_page_that_the_dialog_did_not_ask_about_is_not_replaced(
    window: MainWindow, folder: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    review(window, folder, qtbot)
    ask_for_report(window, tmp_path / "report.v1")
    qtbot.waitUntil(lambda: "Saved report.v1.html" in str(window.banners.text(BannerKey.REPORT)))
    page, table = tmp_path / "report.v1.html", tmp_path / "report.v1.csv"
    page.write_text("the report of last week")
    before = table.stat().st_ino
    ask_for_report(window, tmp_path / "report.v1")
    qtbot.waitUntil(lambda: "report.v1.html already exists in" in str(window.banners.text(BannerKey.REPORT)))
    assert page.read_text() == "the report of last week"
    assert table.stat().st_ino == before, "its table isn't replaced either"
    ask_for_report(window, page)
    qtbot.waitUntil(lambda: "Saved report.v1.html" in str(window.banners.text(BannerKey.REPORT)))
    assert "acorn" in page.read_text("utf-8")


# Real folders


def test_which_part_of_a_data_set_is_asked(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    root = photos(tmp_path / "set", "train/tabby/1.png", "train/acorn/2.png", "val/tabby/3.png")
    window.reviews.start(root)
    assert not window.reviews.items, "nothing begins before the answer"
    assert not window.centre.review_on
    banners = window.centre.banners
    assert "set is a data set in parts" in str(banners.text(BannerKey.PARTS))
    buttons = {button.text(): button for button in banners.findChildren(QPushButton)}
    parts = ["train", "val", "All of it"]
    assert [text for text in buttons if text in parts] == parts
    buttons["val"].click()
    assert banners.text(BannerKey.PARTS) is None
    job = window.reviews.job
    assert job is not None
    assert job.folder == root / "val"
    qtbot.waitUntil(lambda: len(window.reviews.items) == 1)
    window.reviews.start(root)
    next(b for b in banners.findChildren(QPushButton) if b.text() == "All of it").click()
    qtbot.waitUntil(lambda: len(window.reviews.items) == 3)
    assert {item.truth is not None for item in window.reviews.items} == {True}, "classes are below the parts"


def test_the_page_says_what_was_left_out(window: MainWindow, folder: Path, qtbot: QtBot) -> None:
    (folder / "tabby" / "._1.png").touch()
    (folder / "tabby" / "raw.cr2").touch()
    review(window, folder, qtbot)
    notes = [label.text() for label in window.centre.review.head.findChildren(QLabel)]
    assert any("(.cr2)" in text and "1 file of a system" in text for text in notes)
