"""Which model runs, and what is said while it isn't the wanted one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QProgressBar, QPushButton
from pytestqt.qtbot import QtBot

from camviewer.core.failures import ModelFailure
from camviewer.core.loading import ModelChoice
from camviewer.core.loading_steps import announce
from camviewer.core.models.spec import WeightsOrigin
from camviewer.core.text import Text
from camviewer.ui.shell.main_window import MainWindow
from camviewer.ui.system.settings import Settings
from camviewer.ui.widgets.banner import Banner, BannerKey, Severity
from tests.ui.fakes import (
    FakeDownloads,
    FakeExplainer,
    FakeLoader,
    FakeModel,
    Windows,
    model_info,
    ready,
    settings_in,
)
from tests.ui.fakes import pipeline_of as pipeline_in

MISSING = ModelFailure("The weights of ResNet18 are not on this computer.", "Download them once.")
EMBEDDED = "efficientnet_lite0"


@pytest.fixture
def open_window(qtbot: QtBot, tmp_path: Path) -> Iterator[Windows]:
    with settings_in(tmp_path):
        yield Windows(qtbot)


class Shelf:
    """A loader: the embedded model is there, ResNet18 once `has_resnet`."""

    def __init__(self) -> None:
        self.has_resnet = False

    def __call__(self, choice: ModelChoice) -> FakeModel:
        if choice.name == "resnet18" and not self.has_resnet:
            return ready(EMBEDDED, missing=MISSING)
        return ready(choice.name)


def banner_of(window: MainWindow, key: str = "model") -> Banner:
    (banner,) = (b for b in window.banners.findChildren(Banner) if b.key == key and not b.isHidden())
    return banner


def buttons(window: MainWindow, key: str = "model") -> dict[str, QPushButton]:
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)  # those of the message before
    return {b.text(): b for b in banner_of(window, key).findChildren(QPushButton)}


def model_name(window: MainWindow) -> str:
    model = pipeline_in(window).model
    return model.name if model is not None else ""


def test_a_missing_model_is_fetched_while_the_embedded_one_runs(open_window: Windows, qtbot: QtBot) -> None:
    shelf, downloads = Shelf(), FakeDownloads()
    window = open_window(loader=shelf, downloads=downloads)
    assert model_name(window) == EMBEDDED
    (download,) = downloads.made
    assert download.starts == 1
    text = str(window.banners.text(BannerKey.MODEL))
    assert "Downloading ResNet18 (47 MB, once)" in text
    assert "EfficientNet-Lite0 runs meanwhile" in text
    progress = banner_of(window).findChild(QProgressBar)
    assert progress is not None
    assert progress.isVisible()
    download.progressed.emit(23_000_000, 46_000_000)
    assert progress.value() == progress.maximum() // 2
    shelf.has_resnet = True
    with qtbot.waitSignal(pipeline_in(window).model_ready):
        download.finished.emit(Path("resnet18.pth"))
    assert model_name(window) == "resnet18"
    assert window.banners.text(BannerKey.MODEL) is None
    qtbot.waitUntil(lambda: "ResNet18" in window.status_line.text)
    with qtbot.waitSignal(pipeline_in(window).explained):
        pass


def test_a_failed_download_can_be_tried_again(open_window: Windows) -> None:
    downloads = FakeDownloads()
    window = open_window(loader=Shelf(), downloads=downloads)
    downloads.made[0].failed.emit("The server can't be found.")
    text = str(window.banners.text(BannerKey.MODEL))
    assert "EfficientNet-Lite0 runs instead of ResNet18: The server can't be found." in text
    assert list(buttons(window)) == ["Try again", "Open model…"]
    progress = banner_of(window).findChild(QProgressBar)
    assert progress is not None
    assert not progress.isVisible()
    buttons(window)["Try again"].click()
    assert [d.starts for d in downloads.made] == [1, 1]
    assert "Downloading" in str(window.banners.text(BannerKey.MODEL))
    downloads.made[1].failed.emit("The server can't be found.")
    buttons(window)["Open model…"].click()
    dialog = window.findChild(QFileDialog)
    assert dialog is not None
    dialog.close()


def test_a_download_can_be_cancelled_and_begun_again(open_window: Windows) -> None:
    downloads = FakeDownloads()
    window = open_window(loader=Shelf(), downloads=downloads)
    buttons(window)["Cancel"].click()
    assert downloads.made[0].cancels == 1
    assert "cancelled" in str(window.banners.text(BannerKey.MODEL))
    buttons(window)["Download"].click()
    assert len(downloads.made) == 2


def test_choosing_another_model_drops_the_download(open_window: Windows, qtbot: QtBot) -> None:
    downloads = FakeDownloads()
    window = open_window(loader=Shelf(), downloads=downloads)
    window.model_menu.menu.aboutToShow.emit()
    titles = {a.text(): a for a in window.model_menu.menu.actions()}
    assert titles["EfficientNet-Lite0"].isChecked()
    assert not titles["ResNet18"].isChecked()
    with qtbot.waitSignal(pipeline_in(window).model_ready):
        titles["EfficientNet-Lite0"].trigger()
    assert downloads.made[0].cancels == 1
    assert window.banners.text(BannerKey.MODEL) is None


def test_closing_the_window_stops_the_download(open_window: Windows) -> None:
    downloads = FakeDownloads()
    window = open_window(loader=Shelf(), downloads=downloads)
    window.close()
    assert downloads.made[0].cancels == 1


def test_without_a_network_the_missing_model_is_only_told(open_window: Windows) -> None:
    window = open_window(loader=Shelf())
    assert MISSING.message in str(window.banners.text(BannerKey.MODEL))
    assert list(buttons(window)) == ["Open model…"]


def failing(choice: ModelChoice) -> FakeModel:
    """Files that the user chose can't be used."""
    if choice.weights is not None or choice.file is not None:
        raise ModelFailure("w.pth holds no state dict.", "Choose another.")
    return ready(choice.name)


def test_a_chosen_file_that_fails_at_the_start(open_window: Windows) -> None:
    window = open_window(loader=failing, choice=ModelChoice(weights=Path("w.pth")))
    assert model_name(window) == EMBEDDED, "the window is of use all the same"
    assert "w.pth holds no state dict." in str(window.banners.text(BannerKey.MODEL))


def test_a_chosen_file_that_fails_later(open_window: Windows, qtbot: QtBot) -> None:
    loader = FakeLoader(failing)
    window = open_window(loader=loader)
    window.models.ask_for_file()
    dialog = window.findChild(QFileDialog)
    assert dialog is not None
    with qtbot.waitSignal(pipeline_in(window).model_failed):
        dialog.fileSelected.emit("/somewhere/w.pth")
    dialog.close()
    assert loader.choices[-1].file == Path("/somewhere/w.pth")
    assert model_name(window) == "resnet18", "the one that ran goes on"
    assert "w.pth holds no state dict." in str(window.banners.text(BannerKey.MODEL))


def test_a_chosen_file_that_works_clears_the_banner(open_window: Windows, qtbot: QtBot) -> None:
    def load(choice: ModelChoice) -> FakeModel:
        origin = WeightsOrigin.FILE if choice.weights is not None else WeightsOrigin.CACHE
        return FakeModel(FakeExplainer(model_info(choice.name, origin)))

    window = open_window(loader=load)
    window.banners.show_message(BannerKey.MODEL, Severity.ERROR, "an older failure")
    with qtbot.waitSignal(pipeline_in(window).model_ready):
        window.models.choose(ModelChoice(weights=Path("w.pth")))
    assert window.banners.text(BannerKey.MODEL) is None


def test_labels_that_fail_at_the_start(open_window: Windows) -> None:
    def load(choice: ModelChoice) -> FakeModel:
        if choice.labels is not None:
            raise ModelFailure("The labels file is empty.", "Give one label a line.")
        return ready(choice.name)

    window = open_window(loader=load, choice=ModelChoice(labels=Path("labels.txt")))
    assert model_name(window) == EMBEDDED, "the window is of use all the same"
    assert "The labels file is empty." in str(window.banners.text(BannerKey.MODEL))


def test_nothing_is_said_to_be_loading_after_it_failed(open_window: Windows, qtbot: QtBot) -> None:
    def load(choice: ModelChoice) -> FakeModel:
        raise ModelFailure("EfficientNet-Lite0 doesn't run on this computer.", "See the log.")

    window = open_window(loader=load, wait=False)
    qtbot.waitUntil(lambda: "doesn't run" in str(window.banners.text(BannerKey.MODEL)))
    window.status_line.refresh()
    assert "Loading" not in window.status_line.text
    assert "Loading" not in window.view.message


def test_a_broken_loader_is_told(open_window: Windows, qtbot: QtBot) -> None:
    def load(choice: ModelChoice) -> FakeModel:
        raise ZeroDivisionError

    window = open_window(loader=load, wait=False)
    qtbot.waitUntil(lambda: "can't be loaded" in str(window.banners.text(BannerKey.MODEL)))


# Own files


class Files:
    """A loader: built-in models are there, files load unless they are called bad; slow ones when told."""

    def __init__(self) -> None:
        self.choices: list[ModelChoice] = []
        self.gate = threading.Event()

    def __call__(self, choice: ModelChoice) -> FakeModel:
        self.choices.append(choice)
        if choice.file is None:
            return ready(choice.name)
        if choice.file.name.startswith("slow"):
            announce(Text("Starting {name} on the GPU…", name=choice.file.name))
            self.gate.wait(10)
        if choice.file.name.startswith("bad"):
            raise ModelFailure("{name} is a program.", "Export its weights.", name=choice.file.name)
        info = model_info("resnet18", WeightsOrigin.FILE)
        return FakeModel(FakeExplainer(replace(info, title=choice.file.stem, weights_file=str(choice.file))))


def model_files(folder: Path, *names: str) -> list[Path]:
    for name in names:
        (folder / name).write_bytes(b"x")
    return [folder / name for name in names]


def menu_of(window: MainWindow) -> dict[str, QAction]:
    window.model_menu.menu.aboutToShow.emit()
    return {a.text().replace("&", ""): a for a in window.model_menu.menu.actions() if a.text()}


def title(window: MainWindow) -> str:
    model = pipeline_in(window).model
    return model.title if model is not None else ""


def test_the_line_to_paste_can_be_copied(open_window: Windows, qtbot: QtBot) -> None:
    window = open_window()
    failure = ModelFailure("{name} is a program.", "Paste: {line}", name="bad.pth", line="torch.save(…)")
    pipeline_in(window).model_failed.emit(failure)
    buttons(window)["Copy the line"].click()
    assert QGuiApplication.clipboard().text() == "torch.save(…)"


def test_a_bad_file_leaves_all_models_reachable(open_window: Windows, qtbot: QtBot, tmp_path: Path) -> None:
    files = Files()
    window = open_window(loader=files)
    good, bad = model_files(tmp_path, "good.pth", "bad.pth")
    with qtbot.waitSignal(pipeline_in(window).model_ready):
        window.sources.open_paths([good])
    with qtbot.waitSignal(pipeline_in(window).model_failed):
        window.sources.open_paths([bad])
    assert title(window) == "good"
    assert window.banners.text(BannerKey.MODEL) == "bad.pth is a program. good goes on. Export its weights."
    assert menu_of(window)["good.pth"].isChecked()
    assert "bad.pth" not in menu_of(window), "it has never run"
    count = len(files.choices)
    for name in ("ResNet18", "EfficientNet-Lite0", "ResNet18"):
        with qtbot.waitSignal(pipeline_in(window).model_ready):
            menu_of(window)[name].trigger()
        assert title(window) == name
        assert menu_of(window)[name].isChecked()
    assert len(files.choices) == count + 3, "the bad file is not tried again"
    assert window.banners.text(BannerKey.MODEL) is None


def test_a_bad_file_at_the_start_is_left_behind(open_window: Windows, qtbot: QtBot, tmp_path: Path) -> None:
    """As with --weights: the window falls back to a built-in model, and the file is never tried again."""
    files = Files()
    (bad,) = model_files(tmp_path, "bad.pth")
    window = open_window(loader=files, choice=ModelChoice(file=bad))
    qtbot.waitUntil(lambda: title(window) == "EfficientNet-Lite0")
    assert window.banners.text(BannerKey.MODEL) == "bad.pth is a program. Export its weights."
    assert "bad.pth" not in menu_of(window)
    assert Settings().texts("models/recent") == []
    assert window.models.choice.file is None, "what a device or precision is chosen for is what runs"
    for name in ("ResNet18", "EfficientNet-Lite0"):
        with qtbot.waitSignal(pipeline_in(window).model_ready):
            menu_of(window)[name].trigger()
        assert title(window) == name
    assert [choice.file for choice in files.choices] == [bad, None, None, None]


def test_a_bad_file_while_another_loads_is_not_current(
    open_window: Windows, qtbot: QtBot, tmp_path: Path
) -> None:
    """A device that is chosen just then is for what runs, not for the file that may fail."""
    files = Files()
    window = open_window(loader=files)
    slow, bad = model_files(tmp_path, "slow.pth", "bad.pth")
    window.models.open_file(slow)
    window.models.open_file(bad)
    files.gate.set()
    qtbot.waitUntil(lambda: window.banners.text(BannerKey.MODEL) is not None)
    qtbot.waitUntil(lambda: "bad.pth is a program" in str(window.banners.text(BannerKey.MODEL)))
    assert window.models.choice.file != bad
    assert "bad.pth" not in menu_of(window)


def test_a_good_file_and_back(open_window: Windows, qtbot: QtBot, tmp_path: Path) -> None:
    """Of the same architecture as a built-in model: they are two entries."""
    window = open_window(loader=Files())
    (good,) = model_files(tmp_path, "good.pth")
    for name in ("good.pth", "ResNet18", "good.pth"):
        with qtbot.waitSignal(pipeline_in(window).model_ready):
            if name in menu_of(window):
                menu_of(window)[name].trigger()
            else:
                window.sources.open_paths([good])
        assert [text for text, action in menu_of(window).items() if action.isChecked()] == [name]


def test_files_of_the_command_line_keep_their_labels(
    open_window: Windows, qtbot: QtBot, tmp_path: Path
) -> None:
    files = Files()
    (good,) = model_files(tmp_path, "good.pth")
    choice = ModelChoice(file=good, labels=tmp_path / "labels.txt")
    window = open_window(loader=files, choice=choice)
    for name in ("ResNet18", "good.pth"):
        with qtbot.waitSignal(pipeline_in(window).model_ready):
            menu_of(window)[name].trigger()
    assert files.choices[-1] == choice


def test_recent_models_are_remembered(open_window: Windows, qtbot: QtBot, tmp_path: Path) -> None:
    paths = model_files(tmp_path, "one.pth", "two.onnx")
    window = open_window(loader=Files())
    for path in paths:
        with qtbot.waitSignal(pipeline_in(window).model_ready):
            window.models.open_file(path)
    window.close()
    paths[0].unlink()
    again = open_window(loader=Files())
    found = menu_of(again)
    assert [name for name in found if name in ("one.pth", "two.onnx")] == ["two.onnx", "one.pth"]
    assert found["two.onnx"].isEnabled()
    assert not found["one.pth"].isEnabled()
    assert "not there any more" in found["one.pth"].toolTip()
    found["Clear the list"].trigger()
    assert "two.onnx" not in menu_of(again)


def test_loading_is_told_and_blocks_nothing(open_window: Windows, qtbot: QtBot, tmp_path: Path) -> None:
    files = Files()
    window = open_window(loader=files)
    (slow,) = model_files(tmp_path, "slow.pth")
    window.sources.open_paths([slow])
    assert "loading slow.pth…" in window.status_line.text
    qtbot.waitUntil(lambda: "Starting slow.pth on the GPU…" in window.status_line.text)
    assert window.status_line.text.startswith("ResNet18")
    qtbot.waitUntil(lambda: "Loading slow.pth… ResNet18 runs" in str(window.banners.text(BannerKey.MODEL)))
    files.gate.set()
    qtbot.waitUntil(lambda: title(window) == "slow")
    assert window.banners.text(BannerKey.MODEL) is None
    window.status_line.refresh()
    assert "loading" not in window.status_line.text
    assert "GPU" not in window.status_line.text


def test_a_hub_folder_and_a_photo_can_be_dropped_together(
    open_window: Windows, qtbot: QtBot, tmp_path: Path, samples: Path
) -> None:
    files = Files()
    window = open_window(loader=files)
    hub = tmp_path / "hub"
    hub.mkdir()
    (hub / "config.json").write_text("{}")
    with qtbot.waitSignal(pipeline_in(window).model_ready):
        window.sources.open_paths([hub, samples / "coffee.png"])
    assert files.choices[-1].file == hub
    source = pipeline_in(window).source
    assert source is not None
    assert source.title == "coffee.png"


def test_one_model_at_a_time(open_window: Windows, qtbot: QtBot, tmp_path: Path) -> None:
    window = open_window(loader=Files())
    with qtbot.waitSignal(pipeline_in(window).model_ready):
        window.sources.open_paths(model_files(tmp_path, "one.pth", "two.pth"))
    assert title(window) == "one"
    assert "Only one.pth was opened" in str(window.banners.text(BannerKey.SEVERAL))
    assert window.source_menus.recent_menu.isEmpty() or "one.pth" not in Settings().texts("recent")


def network_entry(window: MainWindow, name: str) -> QAction:
    return next(a for a in window.model_menu.networks_menu.actions() if a.text().startswith(f"{name}: "))


def test_a_ready_network_is_fetched_and_opens(open_window: Windows, qtbot: QtBot, tmp_path: Path) -> None:
    files, downloads = Files(), FakeDownloads()
    window = open_window(loader=files, downloads=downloads)
    entry = network_entry(window, "VGG16")
    assert "flattens" in entry.text()
    assert "553 MB" in entry.toolTip()
    entry.trigger()
    assert "Downloading VGG16" in str(window.banners.text(BannerKey.MODEL))
    (download,) = downloads.made
    (path,) = model_files(tmp_path, "vgg16-397923af.pth")
    download.progressed.emit(1_000_000, 0)  # the server doesn't say how many there are
    with qtbot.waitSignal(pipeline_in(window).model_ready):
        download.finished.emit(path)
    assert files.choices[-1].file == path
    assert window.banners.text(BannerKey.MODEL) is None


def test_a_ready_network_can_be_stopped_and_tried_again(open_window: Windows) -> None:
    downloads = FakeDownloads()
    window = open_window(loader=Files(), downloads=downloads)
    network_entry(window, "AlexNet").trigger()
    buttons(window)["Cancel"].click()
    assert "goes on from there" in str(window.banners.text(BannerKey.MODEL))
    network_entry(window, "AlexNet").trigger()
    downloads.made[-1].failed.emit("The server can't be found.")
    assert window.banners.text(BannerKey.MODEL) == "AlexNet can't be fetched: The server can't be found."
    buttons(window)["Try again"].click()
    assert [d.starts for d in downloads.made] == [1, 1, 1]
    assert title(window) == "ResNet18"


def test_a_ready_network_stops_a_download_and_says_so(open_window: Windows) -> None:
    downloads = FakeDownloads()
    window = open_window(loader=Shelf(), downloads=downloads)
    network_entry(window, "AlexNet").trigger()
    assert [d.cancels for d in downloads.made] == [1, 0]
    assert str(window.banners.text(BannerKey.DOWNLOAD)).startswith("The download of ResNet18 was stopped")
    assert "Downloading AlexNet" in str(window.banners.text(BannerKey.MODEL))


def test_without_a_running_download_nothing_is_said_of_one(open_window: Windows) -> None:
    downloads = FakeDownloads()
    window = open_window(loader=Shelf(), downloads=downloads)
    downloads.made[0].failed.emit("The server can't be found.")
    network_entry(window, "AlexNet").trigger()
    assert window.banners.text(BannerKey.DOWNLOAD) is None


def test_without_a_network_none_is_offered(open_window: Windows) -> None:
    window = open_window(loader=Files())
    assert not menu_of(window)["Get another network"].isEnabled()
