"""A review is of the network that made it: what it says is never mixed with another one's maps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from camviewer.core.failures import ModelFailure
from camviewer.core.loading import ModelChoice
from camviewer.core.models.spec import WeightsOrigin
from camviewer.core.targets import ScoreDifference
from camviewer.ui.shell.main_window import MainWindow
from camviewer.ui.widgets.banner import BannerKey
from tests.ui.fakes import (
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

NETWORKS = {
    "colours.pth": (("red", "green", "blue"), (2.0, 1.0, 0.0)),
    "animals.pth": (("cat", "dog"), (0.0, 3.0)),
    "others.pth": (("red", "green", "blue"), (0.0, 0.0, 4.0)),
}
Open = Callable[[str], None]


def load(choice: ModelChoice) -> FakeModel:
    """The file's network; with labels of the user's, if there are any."""
    if choice.file is None:
        return ready(choice.name)
    if not choice.file.is_file():
        raise ModelFailure("{name} doesn't exist.", "Check the path.", name=choice.file.name)
    labels, scores = NETWORKS[choice.file.name]
    if choice.labels is not None:
        labels = tuple(choice.labels.read_text("utf-8").split())
    info = replace(
        model_info("resnet18", WeightsOrigin.FILE),
        title=choice.file.stem,
        weights_file=str(choice.file),
        weights_sha256=choice.file.name,
        device_title="GPU" if choice.device == "cuda" else "CPU",
    )
    return FakeModel(FakeExplainer(info, scores, labels))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The network of colours takes all for red."""
    for name in ("red/1.png", "green/2.png", "blue/3.png"):
        (tmp_path / "photos" / name).parent.mkdir(parents=True)
        Image.new("RGB", (48, 36), (90, 120, 150)).save(tmp_path / "photos" / name)
    return tmp_path / "photos"


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, folder: Path) -> Iterator[MainWindow]:
    """A folder has been reviewed with the network of colours."""
    for name in NETWORKS:
        (tmp_path / name).write_bytes(b"x")
    with settings_in(tmp_path / "settings"):
        window = Windows(qtbot)(loader=FakeLoader(load), choice=ModelChoice(file=tmp_path / "colours.pth"))
        review(window, folder, qtbot)
        yield window


def review(window: MainWindow, folder: Path, qtbot: QtBot) -> None:
    window.reviews.start(folder)
    qtbot.waitUntil(lambda: len(window.reviews.items) == 3)


@pytest.fixture
def open_model(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> Open:
    def open_model(name: str) -> None:
        with qtbot.waitSignal(pipeline_of(window).model_ready):
            window.models.open_file(tmp_path / name)

    return open_model


def open_mistake(window: MainWindow, qtbot: QtBot) -> None:
    """The worst one: the green photo."""
    window.show_review(True)
    page = window.centre.review
    (item,) = (item for item in page.list.shown if item.path.name == "2.png")
    with qtbot.waitSignal(pipeline_of(window).explained):
        page.list.choose(item)
        press(page.list, Qt.Key.Key_Return)


def told(window: MainWindow) -> str:
    return window.banners.text(BannerKey.MISTAKE) or ""


def wait_until_told(window: MainWindow, expected: str, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: expected in told(window))


def buttons(parent: QWidget | None) -> dict[str, QPushButton]:
    assert parent is not None
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    return {button.text(): button for button in parent.findChildren(QPushButton) if button.text()}


def test_the_head_says_which_network_it_is_of(window: MainWindow, open_model: Open) -> None:
    head = window.centre.review.head
    assert head.model == "by colours"
    assert head.difference == ""
    open_model("animals.pth")
    assert head.model == "by colours"
    assert head.difference == "This review is of colours; animals runs now."
    open_model("colours.pth")
    assert head.difference == ""


@pytest.mark.parametrize("other", ["animals", "others"])
def test_a_mistake_of_another_network_is_not_compared_by_this_one(
    window: MainWindow, open_model: Open, other: str, qtbot: QtBot
) -> None:
    """Neither where it has other classes, nor where it has the same."""
    open_model(f"{other}.pth")
    open_mistake(window, qtbot)
    assert current(window).model.title == other
    assert window.presenter.comparison.other is None
    assert window.tabs.pinned == ()
    assert window.tabs.chosen == current(window).top(1)[0]
    assert told(window) == (
        f"This review is of colours; {other} runs now. In the review, green was taken for red."
    )


def test_back_to_the_reviews_network(window: MainWindow, open_model: Open, qtbot: QtBot) -> None:
    open_model("animals.pth")
    open_mistake(window, qtbot)
    buttons(window.banners.banner(BannerKey.MISTAKE))["Back to colours"].click()
    qtbot.waitUntil(lambda: told(window).startswith("green was taken for red. Where the map is warm"))
    state = window.presenter.state
    assert state is not None
    assert state.target == ScoreDifference(0, 1)
    assert state.explanation.labels == ("red", "green", "blue")
    assert window.centre.review.head.difference == ""


def test_review_again_with_the_one_that_runs(window: MainWindow, open_model: Open, qtbot: QtBot) -> None:
    open_model("others.pth")
    open_mistake(window, qtbot)
    buttons(window.banners.banner(BannerKey.MISTAKE))["Review again"].click()
    assert told(window) == "", "it was said of the review before"
    assert window.centre.review_on
    qtbot.waitUntil(lambda: window.centre.review.head.model == "by others")
    qtbot.waitUntil(lambda: len(window.reviews.items) == 3)
    assert {item.predicted.class_id for item in window.reviews.items if item.predicted} == {2}
    assert window.centre.review.head.difference == ""


def test_a_mistake_in_view_follows_the_network(window: MainWindow, open_model: Open, qtbot: QtBot) -> None:
    open_mistake(window, qtbot)
    assert told(window).startswith("green was taken for red")
    for name in ("animals", "others"):
        open_model(f"{name}.pth")
        wait_until_told(window, f"; {name} runs now", qtbot)
        assert window.presenter.comparison.other is None
    open_model("colours.pth")
    qtbot.waitUntil(lambda: told(window).startswith("green was taken for red"))
    assert window.presenter.comparison.other == 1


def test_what_is_dismissed_stays_away(window: MainWindow, qtbot: QtBot) -> None:
    open_mistake(window, qtbot)
    window.banners.clear(BannerKey.MISTAKE)
    window.presenter.selection.clear()
    pipeline = pipeline_of(window)
    with qtbot.waitSignal(pipeline.explained):
        pipeline.set_request(replace(pipeline.request, fine=not pipeline.request.fine))
    assert told(window) == ""
    assert window.presenter.comparison.other is None


def test_corrected_labels_are_other_classes(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    labels = tmp_path / "labels.txt"
    labels.write_text("blue green red", "utf-8")
    with qtbot.waitSignal(pipeline_of(window).model_ready):
        window.models.choose(ModelChoice(file=tmp_path / "colours.pth", labels=labels))
    head = window.centre.review.head
    assert head.difference == "colours has changed since this review."
    assert list(buttons(head)) == ["Review again"], "going back changes nothing"
    open_mistake(window, qtbot)
    assert window.presenter.comparison.other is None


def test_another_device_is_no_other_network(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(pipeline_of(window).model_ready):
        window.models.choose(ModelChoice(file=tmp_path / "colours.pth", device="cuda"))
    assert window.model is not None
    assert window.model.device_title == "GPU"
    assert window.centre.review.head.difference == ""
    open_mistake(window, qtbot)
    assert window.presenter.comparison.other == 1


def test_a_network_that_was_trained_on_is_another_one(qtbot: QtBot, tmp_path: Path, folder: Path) -> None:
    """Of a Python program: nothing else tells its weights of now from those of before."""
    labels, scores = NETWORKS["colours.pth"]
    info = replace(model_info("resnet18", WeightsOrigin.LIVE), title="Net (from Python)", weights_sha256="")
    choice = ModelChoice(live=True)
    with settings_in(tmp_path / "settings"):
        loader = FakeLoader(lambda _: FakeModel(FakeExplainer(info, scores, labels)))
        window = Windows(qtbot)(loader=loader, choice=choice)
        review(window, folder, qtbot)
        assert window.centre.review.head.difference == ""
        with qtbot.waitSignal(pipeline_of(window).model_ready):
            pipeline_of(window).choose_model(choice)
        assert window.centre.review.head.difference == "Net (from Python) has changed since this review."
        assert list(buttons(window.centre.review.head)) == ["Review again"]


def test_a_network_whose_file_is_gone_leaves_the_other_one(
    window: MainWindow, open_model: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    open_model("animals.pth")
    (tmp_path / "colours.pth").unlink()
    with qtbot.waitSignal(pipeline_of(window).model_failed):
        buttons(window.centre.review.head)["Back to colours"].click()
    assert window.model is not None
    assert window.model.title == "animals"
    assert "colours.pth doesn't exist. animals goes on." in str(window.banners.text(BannerKey.MODEL))
