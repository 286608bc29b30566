"""Pinned classes and the finder belong to the network whose classes they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QListWidget, QMenu
from pytestqt.qtbot import QtBot

from camviewer.core.explanation import class_set_of
from camviewer.core.loading import ModelChoice
from camviewer.core.models.labels import imagenet_labels
from camviewer.core.models.spec import WeightsOrigin
from camviewer.ui.controllers.class_control import GROUPS, MAX_GROUPS, PINS, PINS_OF
from camviewer.ui.shell.main_window import MainWindow
from camviewer.ui.system.settings import Settings
from tests.ui.fakes import (
    LABELS,
    FakeExplainer,
    FakeLoader,
    FakeModel,
    Windows,
    current,
    model_info,
    pipeline_of,
    ready,
    settings_in,
)

OWN = ModelChoice(file=Path("own.pth"))
OWN_LABELS = ("cat", "dog", "acorn", "owl")


def load(choice: ModelChoice) -> FakeModel:
    if choice.file is None:
        return ready(choice.name)
    info = replace(model_info("resnet18", WeightsOrigin.FILE), title="own", weights_sha256="1" * 64)
    return FakeModel(FakeExplainer(info, (0.0, 1.0, 2.0, 9.0), OWN_LABELS))


@pytest.fixture
def open_window(qtbot: QtBot, tmp_path: Path) -> Iterator[Windows]:
    with settings_in(tmp_path):
        yield Windows(qtbot)


def choose(window: MainWindow, choice: ModelChoice, qtbot: QtBot) -> None:
    before = current(window)
    window.models.choose(choice)
    qtbot.waitUntil(lambda: current(window).model != before.model)


def test_pins_wait_for_their_network(open_window: Windows, qtbot: QtBot) -> None:
    window = open_window(loader=FakeLoader(load))
    window.tabs.pin((3, 1))
    window.tabs.toggle_pin(6)
    choose(window, OWN, qtbot)
    assert list(window.tabs.pinned) == []
    choose(window, ModelChoice(), qtbot)
    assert list(window.tabs.pinned) == [3, 1, 6]


def test_pins_are_not_another_networks_at_the_next_start(open_window: Windows) -> None:
    window = open_window(loader=FakeLoader(load))
    window.tabs.toggle_pin(3)
    window.close()
    other = open_window(loader=FakeLoader(load), choice=OWN)
    assert current(other).labels == OWN_LABELS
    assert other.tabs.pinned == ()
    other.close()
    again = open_window(loader=FakeLoader(load))
    assert again.tabs.pinned == (3,), "the other network left them as they were"


def test_pins_of_version_0_1_are_imagenets(open_window: Windows) -> None:
    """It didn't say whose they are."""
    Settings().set(PINS, ["281", "3", "²", "x", "99999999999"])
    assert open_window().tabs.pinned == ()
    explainer = FakeExplainer(model_info("resnet18"), (1.0,) * 1000, imagenet_labels())
    window = open_window(loader=FakeLoader(lambda _: FakeModel(explainer)))
    assert window.tabs.pinned == (281, 3)


def test_pins_that_there_are_no_classes_for_are_let_go(open_window: Windows) -> None:
    Settings().set(PINS, ["281", "3"])
    Settings().set(PINS_OF, class_set_of(LABELS))
    assert open_window().tabs.pinned == (3,)


def test_an_open_finder_has_the_classes_of_the_network_in_view(open_window: Windows, qtbot: QtBot) -> None:
    window = open_window(loader=FakeLoader(load))
    window.classes.find()
    finder = window.classes.finder
    line, found = finder.findChild(QLineEdit), finder.findChild(QListWidget)
    assert line is not None
    assert found is not None
    QTest.keyClicks(line, "acorn")
    assert found.item(0).data(Qt.ItemDataRole.UserRole) == 7
    window.models.choose(OWN)
    qtbot.waitUntil(lambda: current(window).labels == OWN_LABELS)
    assert finder.isVisible()
    assert line.text() == "acorn", "what was typed stays"
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert (window.tabs.chosen, window.tabs.pinned) == (2, (2,))


def test_a_menu_of_comparisons_left_open_compares_no_other_class(open_window: Windows, qtbot: QtBot) -> None:
    window = open_window(loader=FakeLoader(load))
    menus = (m for m in window.findChildren(QMenu) if m.title().replace("&", "") == "Why this class and not")
    menu = next(menus)
    menu.aboutToShow.emit()
    last = menu.actions()[-1]
    choose(window, OWN, qtbot)
    last.trigger()
    assert window.presenter.comparison.other is None
    assert pipeline_of(window).current is not None


def imagenet(choice: ModelChoice) -> FakeModel:
    if choice.file is not None:
        return load(choice)
    return FakeModel(FakeExplainer(model_info("resnet18"), tuple(map(float, range(1000))), imagenet_labels()))


def test_groups_stay_pinned_and_wait_for_a_network_that_has_them(open_window: Windows, qtbot: QtBot) -> None:
    dog, bird, a_class = "n02084071", "n01503061", "n02123045"
    Settings().set(GROUPS, [dog, "nonsense", dog, a_class])
    window = open_window(loader=FakeLoader(imagenet))
    groups = window.centre.groups
    assert [group.wnid for group in groups.groups] == [dog], "a class is no group"
    window.classes.pin_group(bird)
    assert [group.name for group in groups.groups] == ["bird", "dog"], "the newest first"
    assert Settings().texts(GROUPS)[:2] == [bird, dog]
    choose(window, OWN, qtbot)
    assert list(groups.groups) == []
    assert groups.isHidden()
    choose(window, ModelChoice(), qtbot)
    qtbot.waitUntil(lambda: len(groups.groups) == 2)
    groups.class_chosen.emit(9)
    assert window.tabs.chosen == 9
    groups.unpinned.emit(bird)
    assert [group.name for group in groups.groups] == ["dog"]
    others = ("n01503061", "n02512053", "n02159955", "n04524313", "n02121808")
    for wnid in others:
        window.classes.pin_group(wnid)
    assert [group.wnid for group in groups.groups] == list(others[::-1][:MAX_GROUPS]), "the oldest gives way"
