"""The finder's and the strip's groups, and the names of classes in the Korean window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QListWidget, QMenu
from pytestqt.qtbot import QtBot

from camviewer.core.explanation import Explanation, predicted
from camviewer.core.models.labels import imagenet_labels
from camviewer.core.models.spec import Link
from camviewer.core.models.vocabulary import Group, vocabulary
from camviewer.core.storage.export import prediction_facts
from camviewer.core.targets import ChannelPart, ClassScore, ScoreDifference
from camviewer.ui.picture.class_finder import ClassFinder
from camviewer.ui.picture.class_tabs import ClassTabs
from camviewer.ui.picture.group_strip import GroupStrip
from camviewer.ui.system import language
from camviewer.ui.widgets.class_words import class_name, class_name_and_label, target_name
from tests.ui.fakes import crafted, plain_frame

GOLDEN, TABBY = 207, 281
DOG = "n02084071"


@pytest.fixture(scope="module")
def explanation() -> Explanation:
    """Of ImageNet's classes: 60 % golden retriever, 30 % tabby, the others alike."""
    probabilities = np.full(1000, 0.1 / 998)
    probabilities[[GOLDEN, TABBY]] = 0.6, 0.3
    logits = np.log(probabilities).astype(np.float32)
    return replace(crafted(plain_frame()), prediction=predicted(logits, imagenet_labels()))


@pytest.fixture
def korean(qapp: QApplication) -> Iterator[None]:
    language.apply(qapp, "ko")
    yield
    language.apply(qapp, "en")


@pytest.fixture
def finder(qtbot: QtBot) -> Iterator[ClassFinder]:
    made = ClassFinder(None)  # type: ignore[arg-type]
    qtbot.addWidget(made)
    yield made
    made.close()


def typed(finder: ClassFinder, explanation: Explanation, text: str) -> list[str]:
    finder.open_at(QPoint(400, 0), explanation)
    line, listed = finder.findChild(QLineEdit), finder.findChild(QListWidget)
    assert line is not None
    assert listed is not None
    line.setText(text)
    return [listed.item(row).text() for row in range(listed.count())]


def dogs(language_code: str = "en") -> Group:
    known = vocabulary(imagenet_labels(), language_code)
    assert known is not None
    return known.group(DOG)


def test_a_group_says_how_many_and_the_sum(finder: ClassFinder, explanation: Explanation) -> None:
    found = typed(finder, explanation, "dog")
    assert found[:2] == ["dog (domestic dog) · 118 classes   61 %", "golden retriever   60 %"]


def test_enter_takes_the_class_and_up_the_group(
    finder: ClassFinder, explanation: Explanation, qtbot: QtBot
) -> None:
    typed(finder, explanation, "dog")
    line = finder.findChild(QLineEdit)
    assert line is not None
    with qtbot.waitSignal(finder.class_found) as taken:
        QTest.keyClick(line, Qt.Key.Key_Return)
    assert taken.args == [GOLDEN]
    typed(finder, explanation, "dog")
    QTest.keyClick(line, Qt.Key.Key_Up)
    with qtbot.waitSignal(finder.group_found) as taken:
        QTest.keyClick(line, Qt.Key.Key_Return)
    assert taken.args == [DOG]


def test_the_finder_says_that_it_knows_no_people(finder: ClassFinder, explanation: Explanation) -> None:
    found = typed(finder, explanation, "person")
    said = [label.text() for label in finder.findChildren(QLabel) if label.isVisible()]
    assert said == ["This network knows no people. Its only classes of them: ballplayer, groom, scuba diver."]
    assert {text.split("   ")[0] for text in found[1:]} == {"ballplayer", "groom", "scuba diver"}
    typed(finder, explanation, "tabby")
    assert not any(label.isVisible() for label in finder.findChildren(QLabel))


def test_sigmoids_have_no_sums(finder: ClassFinder, explanation: Explanation) -> None:
    sigmoid = replace(explanation, model=replace(explanation.model, link=Link.SIGMOID))
    assert typed(finder, sigmoid, "dog")[0].startswith("golden retriever")


@pytest.mark.usefixtures("korean")
def test_koreans_see_both_names(finder: ClassFinder, explanation: Explanation) -> None:
    found = typed(finder, explanation, "개")
    assert found[0].startswith("개 (dog) · 클래스 118개")
    assert "골든 리트리버 (golden retriever)" in [text.split("   ")[0] for text in found]


@pytest.mark.usefixtures("korean")
def test_tabs_have_korean_names_and_files_have_labels(qtbot: QtBot, explanation: Explanation) -> None:
    tabs = ClassTabs()
    qtbot.addWidget(tabs)
    tabs.show_explanation(explanation, 0.0, False)
    bar = tabs.findChild(type(tabs._bar))
    assert bar is not None
    assert bar.tabText(0) == "골든 리트리버"
    assert "골든 리트리버 (golden retriever)" in bar.tabToolTip(0)
    assert explanation.title(ClassScore(GOLDEN)) == "golden retriever"
    assert "골든" not in str(prediction_facts(explanation, (GOLDEN,)))


@pytest.mark.usefixtures("korean")
def test_titles_of_targets(explanation: Explanation) -> None:
    assert target_name(explanation, ClassScore(GOLDEN)) == "골든 리트리버"
    assert target_name(explanation, ScoreDifference(GOLDEN, TABBY)) == "골든 리트리버 − 줄무늬고양이"
    assert target_name(explanation, ChannelPart(TABBY, 7)).startswith("줄무늬고양이")
    own = ("tabby", "dog")
    assert class_name(own, 0) == class_name_and_label(own, 0) == "tabby", "no class of ImageNet's"


def test_english_windows_have_labels(explanation: Explanation) -> None:
    assert class_name_and_label(explanation.labels, GOLDEN) == "golden retriever"
    for target in (ClassScore(GOLDEN), ScoreDifference(GOLDEN, TABBY), ChannelPart(TABBY, 7)):
        assert target_name(explanation, target) == explanation.title(target)


def test_the_strip_shows_the_sum_and_offers_the_classes(qtbot: QtBot, explanation: Explanation) -> None:
    strip = GroupStrip()
    qtbot.addWidget(strip)
    assert strip.isHidden()
    strip.set_groups((dogs(),))
    strip.show_explanation(explanation)
    (button,) = strip._buttons
    assert button.text() == "dog · sum of 118   61 %"
    assert "logit" not in button.toolTip()
    menu = button.menu()
    menu.aboutToShow.emit()
    texts = [action.text() for action in menu.actions() if not action.isSeparator()]
    assert texts[0] == "A group has no map. Maps of its classes:"
    assert texts[1] == "golden retriever   60 %"
    with qtbot.waitSignal(strip.class_chosen) as chosen:
        menu.actions()[1].trigger()
    assert chosen.args == [GOLDEN]
    with qtbot.waitSignal(strip.unpinned) as unpinned:
        menu.actions()[-1].trigger()
    assert unpinned.args == [DOG]
    strip.clear()
    assert "%" not in button.text(), "no number of a frame that is gone"
    strip.set_groups(())
    assert strip.isHidden()
    qtbot.waitUntil(lambda: not strip.findChildren(QMenu))


def test_the_last_groups_give_way(qtbot: QtBot, explanation: Explanation) -> None:
    known = vocabulary(imagenet_labels())
    assert known is not None
    strip = GroupStrip()
    qtbot.addWidget(strip)
    strip.set_groups([known.group(wnid) for wnid in (DOG, "n02121808", "n01503061", "n02512053")])
    strip.show_explanation(explanation)
    strip.resize(2000, 40)
    strip.show()
    assert all(button.isVisible() for button in strip._buttons)
    strip.resize(180, 40)
    qtbot.waitUntil(lambda: not strip._buttons[-1].isVisible())
    assert strip._buttons[0].isVisible()
