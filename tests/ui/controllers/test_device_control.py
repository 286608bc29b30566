"""Devices and precisions in the window, on a computer that is made up: it has two GPUs of one name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from camviewer.core.explanation import ExplainRequest, Explanation
from camviewer.core.failures import DeviceFailure
from camviewer.core.frames import Frame
from camviewer.core.loading import ModelChoice
from camviewer.core.models.card import FileFormat
from camviewer.core.models.spec import WeightsOrigin
from camviewer.core.runtimes.device import (
    CPU,
    CUDA,
    Device,
    DeviceOffer,
    NoDeviceFailure,
    automatic,
    offer_named,
)
from camviewer.core.runtimes.precision import Precision
from camviewer.core.text import Text
from camviewer.ui.controllers.device_control import DEVICE, PRECISION, remembered
from camviewer.ui.shell.main_window import MainWindow
from camviewer.ui.system.settings import Settings
from camviewer.ui.widgets.banner import Banner, BannerKey
from tests.model_fakes import a_card
from tests.ui.fakes import (
    FakeCamera,
    FakeExplainer,
    FakeModel,
    Windows,
    current,
    model_info,
    pipeline_of,
    plain_frame,
    settings_in,
)
from tests.ui.looking import out_of_reach

TF32, FLOAT32, FLOAT16 = Precision.TF32, Precision.FLOAT32, Precision.FLOAT16
H200 = DeviceOffer(CUDA, "NVIDIA H200", (TF32, FLOAT32, FLOAT16))
SECOND = DeviceOffer(Device("cuda:1"), "NVIDIA H200 (2)", (TF32, FLOAT32, FLOAT16))
CPU_ONLY = DeviceOffer(CPU, "CPU", (FLOAT32, Precision.BFLOAT16))
FULL = "CUDA out of memory. Tried to allocate 20.00 MiB."


@dataclass
class Failing(FakeExplainer):
    """Fails at frames while its device is full."""

    full: set[str] = field(default_factory=set)

    def explain(self, frame: Frame, request: ExplainRequest, load: float = 0.0) -> Explanation:
        if self.info.device in self.full:
            raise RuntimeError(FULL)
        return super().explain(frame, request, load)


@dataclass
class Computer:
    """A loader, as `load_with_devices`. full: devices that fail in use; busy: those that fail at once."""

    offers: tuple[DeviceOffer, ...] = (H200, SECOND, CPU_ONLY)
    full: set[str] = field(default_factory=set)
    busy: set[str] = field(default_factory=set)
    choices: list[ModelChoice] = field(default_factory=list)

    def __call__(self, choice: ModelChoice) -> FakeModel:
        self.choices.append(choice)
        problem = precision_problem = None
        try:
            offer = offer_named(choice.device, self.offers)
        except NoDeviceFailure as failure:
            problem, offer = failure.message, automatic(self.offers)
        if offer.device in self.busy:
            problem, offer = Text("{device} is full.", device=offer.title), CPU_ONLY
        precision = offer.precisions[0]
        if choice.precision in offer.precisions:
            precision = choice.precision
        elif choice.precision is not None and problem is None:
            precision_problem = Text("Not so precise.")
        origin = WeightsOrigin.LIVE if choice.live else WeightsOrigin.CACHE
        info = replace(
            model_info(choice.name, origin),
            device=offer.device,
            device_title=offer.title,
            precision=precision,
        )
        return FakeModel(
            Failing(info, full=self.full),
            device_problem=problem,
            precision_problem=precision_problem,
            devices=self.offers,
        )


@pytest.fixture
def open_window(qtbot: QtBot, tmp_path: Path) -> Iterator[Windows]:
    with settings_in(tmp_path):
        yield Windows(qtbot)


def entries(window: MainWindow) -> dict[str, QAction]:
    window.device_menu.menu.aboutToShow.emit()
    return {a.text().replace("&", ""): a for a in window.device_menu.menu.actions() if not a.isSeparator()}


def checked(window: MainWindow) -> list[str]:
    return [text for text, action in entries(window).items() if action.isChecked()]


def choose(window: MainWindow, qtbot: QtBot, text: str) -> None:
    with qtbot.waitSignal(pipeline_of(window).model_ready):
        entries(window)[text].trigger()


def used(window: MainWindow) -> tuple[str, Precision]:
    model = pipeline_of(window).model
    assert model is not None
    return model.device, model.precision


def told(window: MainWindow) -> str | None:
    return window.banners.text(BannerKey.DEVICE)


def buttons(window: MainWindow) -> dict[str, QPushButton]:
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    (banner,) = (b for b in window.banners.findChildren(Banner) if b.key == BannerKey.DEVICE)
    return {b.text(): b for b in banner.findChildren(QPushButton)}


def started_again(open_window: Windows, computer: Computer, choice: ModelChoice | None = None) -> MainWindow:
    """As `app.run` does without --device."""
    return open_window(loader=computer, choice=remembered(choice or ModelChoice(), Settings()))


def test_the_menu_has_all_devices_and_the_precisions_of_the_one_in_use(open_window: Windows) -> None:
    window = open_window(loader=Computer())
    assert list(entries(window)) == [
        *("Automatic (NVIDIA H200)", "NVIDIA H200", "NVIDIA H200 (2)", "CPU"),
        *("TF32 (usual)", "float32", "float16"),
    ]
    assert checked(window) == ["Automatic (NVIDIA H200)", "TF32 (usual)"]
    tip = entries(window)["float16"].toolTip()
    assert tip.startswith("All numbers have three digits.")
    assert max(map(len, tip.splitlines())) <= 60
    told_by_keyboard = entries(window)["float16"].statusTip()
    assert told_by_keyboard == tip.replace("\n", " ") == FLOAT16.description
    titles = [a.text() for a in window.device_menu.menu.actions() if a.isSeparator()]
    assert titles == ["Precision"]


def test_the_menu_is_in_the_model_menu_and_on_the_toolbar(open_window: Windows) -> None:
    window = open_window(loader=Computer())
    window.model_menu.menu.aboutToShow.emit()
    menus = [a.menu() for a in window.model_menu.menu.actions()]
    assert window.device_menu.menu in menus
    (button,) = (b for b in window.toolbar.findChildren(QToolButton) if b.menu() is window.device_menu.menu)
    assert button.text() == "NVIDIA H200 · TF32 ▾"
    assert button.accessibleName() == "NVIDIA H200 · TF32"
    window.status_line.refresh()
    assert window.status_line.text.startswith("ResNet18 · NVIDIA H200 · TF32")


def test_a_long_name_gives_way_to_the_rest_of_the_toolbar(open_window: Windows, qtbot: QtBot) -> None:
    long = replace(H200, title="NVIDIA RTX 6000 Ada Generation Laptop GPU")
    window = open_window(loader=Computer((long, CPU_ONLY)))
    (button,) = (b for b in window.toolbar.findChildren(QToolButton) if b.menu() is window.device_menu.menu)
    window.resize(1280, 720)
    qtbot.waitUntil(lambda: button.width() == button.sizeHint().width())
    window.resize(640, 400)
    qtbot.waitUntil(lambda: button.isVisible() and button.width() < button.sizeHint().width() / 2)
    qtbot.waitUntil(lambda: out_of_reach(window) == [])
    assert button.toolTip() == f"The model runs on {long.title} · TF32"
    window.resize(1280, 720)
    qtbot.waitUntil(lambda: button.width() == button.sizeHint().width())


def test_devices_switch_live_and_all_else_stays(open_window: Windows, qtbot: QtBot) -> None:
    window, camera = open_window(loader=Computer()), FakeCamera()
    pipeline = pipeline_of(window)
    pipeline.open(camera)
    with qtbot.waitSignal(pipeline.explained):
        camera.bring(plain_frame(grey=70))
    window.tabs.choose_tab(2)
    pipeline.set_frozen(True)
    pipeline.set_request(replace(pipeline.request, resolution=448))
    qtbot.waitUntil(lambda: current(window).request.resolution == 448)
    request, tab = pipeline.request, window.tabs.chosen
    frame = current(window).frame
    for text, device, precision in (
        ("CPU", "cpu", FLOAT32),
        ("NVIDIA H200 (2)", "cuda:1", TF32),
        ("float16", "cuda:1", FLOAT16),
        ("NVIDIA H200", "cuda", FLOAT16),
        ("Automatic (NVIDIA H200)", "cuda", FLOAT16),
        ("TF32 (usual)", "cuda", TF32),
    ):
        choose(window, qtbot, text)
        assert used(window) == (device, precision)
        assert text in checked(window)
        qtbot.waitUntil(lambda: current(window).model == pipeline.model)
        assert current(window).frame is frame, "the frozen frame, explained there"
        assert (pipeline.request, window.tabs.chosen, pipeline.frozen) == (request, tab, True)
        assert told(window) is None
        assert len(checked(window)) == 2


def test_a_precision_stays_only_where_it_is_offered(open_window: Windows, qtbot: QtBot) -> None:
    computer = Computer()
    window = open_window(loader=computer)
    choose(window, qtbot, "float16")
    choose(window, qtbot, "CPU")
    assert used(window) == ("cpu", FLOAT32)
    assert computer.choices[-1].precision is None
    assert checked(window) == ["CPU", "float32 (usual)"]
    choose(window, qtbot, "bfloat16")
    choose(window, qtbot, "NVIDIA H200")
    assert used(window) == ("cuda", TF32)
    assert told(window) is None


def test_other_models_are_loaded_on_the_chosen_device(open_window: Windows, qtbot: QtBot) -> None:
    computer = Computer()
    window = open_window(loader=computer)
    choose(window, qtbot, "NVIDIA H200 (2)")
    choose(window, qtbot, "float32")
    window.model_menu.menu.aboutToShow.emit()
    (other,) = (a for a in window.model_menu.menu.actions() if a.text() == "EfficientNet-Lite0")
    with qtbot.waitSignal(pipeline_of(window).model_ready):
        other.trigger()
    assert computer.choices[-1] == ModelChoice("efficientnet_lite0", device="cuda:1", precision=FLOAT32)


def test_while_it_loads_the_window_says_so(open_window: Windows, qtbot: QtBot) -> None:
    window = open_window(loader=Computer())
    loading = window.models._loading
    with qtbot.waitSignal(pipeline_of(window).model_ready):
        entries(window)["CPU"].trigger()
        assert "loading ResNet18…" in window.status_line.text
        loading._on_patience_timeout()
        assert window.banners.text(BannerKey.MODEL) == (
            "Loading ResNet18 once more… Meanwhile it runs on NVIDIA H200 · TF32."
        )
    assert window.banners.text(BannerKey.MODEL) is None


# Remembered


def test_the_choice_is_remembered_by_the_devices_name(open_window: Windows, qtbot: QtBot) -> None:
    window = open_window(loader=Computer())
    choose(window, qtbot, "NVIDIA H200 (2)")
    choose(window, qtbot, "float16")
    window.close()
    settings = Settings()
    assert (settings.text(DEVICE), settings.text(PRECISION)) == ("NVIDIA H200 (2)", "float16")
    again = started_again(open_window, Computer())
    assert used(again) == ("cuda:1", FLOAT16)
    assert checked(again) == ["NVIDIA H200 (2)", "float16"]
    choose(again, qtbot, "Automatic (NVIDIA H200)")
    choose(again, qtbot, "TF32 (usual)")
    assert (Settings().text(DEVICE), Settings().text(PRECISION)) == ("", "")


def test_the_command_lines_precision_goes_before_the_remembered_one(open_window: Windows) -> None:
    settings = Settings()
    settings.set(DEVICE, "NVIDIA H200")
    settings.set(PRECISION, "float16")
    assert remembered(ModelChoice(precision=FLOAT32), settings) == ModelChoice(
        device="NVIDIA H200", precision=FLOAT32
    )
    settings.set(PRECISION, "float4")
    assert remembered(ModelChoice(), settings).precision is None, "of a newer version"


def test_a_remembered_device_that_is_gone_means_automatic_and_is_said_once(
    open_window: Windows, qtbot: QtBot
) -> None:
    Settings().set(DEVICE, "NVIDIA RTX A2000")
    Settings().set(PRECISION, "float16")
    computer = Computer()
    window = started_again(open_window, computer)
    assert used(window) == ("cuda", FLOAT16)
    assert told(window) == "NVIDIA H200 is used: There is no device 'NVIDIA RTX A2000'."
    assert list(buttons(window)) == [], "there is nothing to try again"
    assert checked(window)[0] == "Automatic (NVIDIA H200)"
    assert Settings().text(DEVICE) == ""
    with qtbot.waitSignal(pipeline_of(window).model_ready):
        window.models.choose_built_in(window.models.wanted)
    assert (computer.choices[-1].device, computer.choices[-1].precision) == ("auto", None)
    assert told(window) is None


def test_a_remembered_precision_that_the_device_has_not_is_said_once(
    open_window: Windows, qtbot: QtBot
) -> None:
    Settings().set(PRECISION, "bfloat16")
    window = started_again(open_window, Computer())
    assert used(window) == ("cuda", TF32)
    assert told(window) == "Not so precise."
    assert Settings().text(PRECISION) == ""
    assert window.models.choice.precision is None


# Faults


def test_a_device_that_fails_in_use_is_told_and_can_be_tried_again(
    open_window: Windows, qtbot: QtBot
) -> None:
    """The worker goes on with the CPU by itself; that it is slower now must not pass unsaid."""
    computer = Computer()
    window, camera = open_window(loader=computer), FakeCamera()
    pipeline = pipeline_of(window)
    pipeline.open(camera)
    computer.full.add("cuda")
    with qtbot.waitSignal(pipeline.explained):
        camera.bring()
    assert used(window) == ("cpu", FLOAT32)
    assert told(window) == (
        "NVIDIA H200 has too little free memory; close other programs that use it. "
        "camviewer goes on with the CPU."
    )
    assert window.banners.text(BannerKey.SOURCE) is None
    assert checked(window) == ["CPU", "float32 (usual)"]
    assert entries(window)["NVIDIA H200"].isEnabled(), "it can be chosen again"
    computer.full.clear()
    with qtbot.waitSignal(pipeline.model_ready):
        buttons(window)["Try the GPU again"].click()
    assert used(window) == ("cuda", TF32)
    assert told(window) is None
    assert checked(window)[0] == "Automatic (NVIDIA H200)"


def test_a_device_that_fails_at_once_can_be_tried_again(open_window: Windows, qtbot: QtBot) -> None:
    computer = Computer(busy={"cuda:1"})
    window = open_window(loader=computer)
    choose(window, qtbot, "NVIDIA H200 (2)")
    assert used(window) == ("cpu", FLOAT32)
    assert told(window) == "The CPU is used: NVIDIA H200 (2) is full."
    assert checked(window)[0] == "CPU"
    computer.busy = set()
    with qtbot.waitSignal(pipeline_of(window).model_ready):
        buttons(window)["Try the GPU again"].click()
    assert used(window) == ("cuda:1", TF32)
    assert told(window) is None


def test_a_device_problem_is_told_until_it_is_over(open_window: Windows, qtbot: QtBot) -> None:
    computer = Computer(busy={"cuda"})
    window = open_window(loader=computer)
    assert told(window) == "The CPU is used: NVIDIA H200 is full."
    assert checked(window)[0] == "CPU", "not Automatic, which would be the GPU"
    choose(window, qtbot, "CPU")
    assert told(window) is None


def test_a_file_that_runs_on_the_cpu_only_is_not_tried_again(open_window: Windows, qtbot: QtBot) -> None:
    def load(choice: ModelChoice) -> FakeModel:
        info = model_info("resnet18", WeightsOrigin.FILE)
        problem = Text("net.onnx is an ONNX file, which runs on the CPU only.")
        card = replace(a_card(), format=FileFormat.ONNX)
        return FakeModel(FakeExplainer(info), device_problem=problem, card=card, devices=(H200, CPU_ONLY))

    window = open_window(loader=load, choice=ModelChoice(device="NVIDIA H200"))
    assert told(window) == "The CPU is used: net.onnx is an ONNX file, which runs on the CPU only."
    assert list(buttons(window)) == []
    assert window.models.choice.device == "NVIDIA H200", "the next model gets it"


def test_a_device_that_can_not_be_used_says_why(open_window: Windows) -> None:
    broken = DeviceOffer(CUDA, "NVIDIA GPU", problem=Text("NVIDIA GPU doesn't answer; restart the computer."))
    metal = DeviceOffer(Device("mps"), "Metal", (FLOAT32,))
    window = open_window(loader=Computer((broken, metal, CPU_ONLY)))
    assert checked(window)[0] == "Automatic (Metal)"
    assert entries(window)["NVIDIA GPU"].toolTip() == broken.problem
    assert entries(window)["Metal"].toolTip() == "camviewer has never been tried on a device of this kind."
    assert entries(window)["CPU"].toolTip() == "CPU", "Qt's own: nothing is to be said"


def test_a_python_programs_network_stays_where_it_is(open_window: Windows) -> None:
    window = open_window(loader=Computer(), choice=ModelChoice(live=True))
    ((text, action),) = entries(window).items()
    assert text == "The network from Python runs where it is: NVIDIA H200"
    assert not action.isEnabled()
    pipeline_of(window).frame_failed.emit(DeviceFailure("The Python program has ended."))
    assert list(buttons(window)) == []


def test_before_a_model_there_is_nothing_to_choose(open_window: Windows) -> None:
    def load(choice: ModelChoice) -> FakeModel:
        raise ZeroDivisionError

    window = open_window(loader=load, wait=False)
    ((text, action),) = entries(window).items()
    assert text == "Known once a model has loaded"
    assert not action.isEnabled()


def test_devices_that_nobody_asked_for_are_not_made_up(open_window: Windows) -> None:
    """Such as with an ONNX file, which needs no torch."""
    window = open_window()
    assert list(entries(window)) == ["Automatic (CPU)", "CPU"]
    assert checked(window) == ["Automatic (CPU)"]


def test_the_menu_by_keyboard(open_window: Windows, qtbot: QtBot) -> None:
    window = open_window(loader=Computer())
    menu = window.device_menu.menu
    (button,) = (b for b in window.toolbar.findChildren(QToolButton) if b.menu() is menu)
    assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
    menu.popup(window.mapToGlobal(window.rect().center()))
    qtbot.waitUntil(menu.isVisible)
    for _ in range(4):
        QTest.keyClick(menu, Qt.Key.Key_Down)
    active = menu.activeAction()
    assert active is not None
    assert active.text() == "CPU"
    with qtbot.waitSignal(pipeline_of(window).model_ready):
        QTest.keyClick(menu, Qt.Key.Key_Return)
    assert used(window) == ("cpu", FLOAT32)
