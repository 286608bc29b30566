"""The tabs: which class is chosen, and what the user can do about it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QFontMetrics, QPaintEvent, QRegion
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication, QMenu, QTabBar, QToolButton
from pytestqt.qtbot import QtBot

from camviewer.core.explanation import Explanation
from camviewer.ui.picture.class_tab_bar import ClassTabBar
from camviewer.ui.picture.class_tabs import ClassTabs
from camviewer.ui.picture.more_tabs import MoreTabs
from camviewer.ui.picture.tab_order import LINGER
from tests.ui.fakes import LABELS, SCORES, crafted, model_info, plain_frame


def explained(*scores: float, labels: tuple[str, ...] = LABELS) -> Explanation:
    return crafted(plain_frame(), scores=scores or SCORES, labels=labels)


def with_top(*classes: int) -> Explanation:
    """These are the most probable, in this order."""
    scores = list(SCORES)
    for place, class_id in enumerate(classes):
        scores[class_id] = 20.0 - place
    return explained(*scores)


@pytest.fixture
def tabs(qtbot: QtBot) -> ClassTabs:
    widget = ClassTabs()
    qtbot.addWidget(widget)
    widget.resize(1000, 60)
    widget.show()
    widget.show_explanation(explained(), 0.0, True)
    return widget


def bar_of(tabs: ClassTabs) -> QTabBar:
    bar = tabs.findChild(QTabBar)
    assert bar is not None
    return bar


def texts(tabs: ClassTabs) -> list[str]:
    bar = bar_of(tabs)
    return [bar.tabText(i) for i in range(bar.count())]


def click(tabs: ClassTabs, index: int) -> None:
    bar = bar_of(tabs)
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(index).center())


def test_the_most_probable_have_a_tab(tabs: ClassTabs) -> None:
    assert tabs.classes == (0, 1, 2, 3, 4)
    assert texts(tabs) == list(LABELS[:5])
    assert tabs.chosen == 0
    assert bar_of(tabs).currentIndex() == 0


def test_it_follows_the_top_class_until_the_user_clicks(tabs: ClassTabs) -> None:
    chosen = QSignalSpy(tabs.class_chosen)
    follow = QSignalSpy(tabs.follow_changed)
    tabs.show_explanation(with_top(2, 0), 0.1, True)
    assert tabs.chosen == 2
    assert bar_of(tabs).currentIndex() == 2, "no tab has moved"
    click(tabs, 1)
    assert (tabs.chosen, tabs.follow) == (1, False)
    tabs.show_explanation(with_top(3, 4), 0.2, True)
    assert tabs.chosen == 1
    assert bar_of(tabs).currentIndex() == 1
    assert [chosen.at(i)[0] for i in range(chosen.count())] == [2, 1]
    assert [follow.at(i)[0] for i in range(follow.count())] == [False]


def test_a_click_sticks_even_far_from_the_top(tabs: ClassTabs) -> None:
    click(tabs, 1)
    for second in range(1, 5):
        tabs.show_explanation(with_top(7, 6, 5, 4, 3), float(second), True)
    assert tabs.chosen == 1
    assert tabs.classes.index(1) == bar_of(tabs).currentIndex()


def test_following_again_goes_to_the_top_class(tabs: ClassTabs) -> None:
    click(tabs, 3)
    tabs.set_follow(True)
    assert tabs.chosen == 0
    tabs.show_explanation(with_top(2), 0.1, True)
    assert tabs.chosen == 2


def test_numbers_move_and_the_order_does_not(tabs: ClassTabs) -> None:
    before = bar_of(tabs).grab().toImage()
    order = texts(tabs)
    tabs.show_explanation(with_top(4, 3, 2, 1, 0), 0.1, True)
    assert texts(tabs) == order
    click(tabs, 0)
    tabs.show_explanation(with_top(3, 4, 2, 1, 0), 0.2, True)
    assert texts(tabs) == order
    assert bar_of(tabs).grab().toImage() != before


def test_another_photo_reorders_at_once(tabs: ClassTabs) -> None:
    click(tabs, 2)
    tabs.reset()
    tabs.show_explanation(with_top(7, 6, 5, 4, 3), 0.1, False)
    assert tabs.classes == (7, 6, 5, 4, 3)
    assert (tabs.chosen, tabs.follow) == (7, True)


def test_a_pinned_choice_outlives_the_photo(tabs: ClassTabs) -> None:
    click(tabs, 2)
    tabs.toggle_pin()
    tabs.reset()
    tabs.show_explanation(with_top(7, 6, 5, 4, 3), 0.1, False)
    assert tabs.chosen == 2
    assert tabs.classes == (2, 7, 6, 5, 4, 3)


def test_a_tab_of_the_photo_before_is_not_pinned_by_a_click(tabs: ClassTabs) -> None:
    """While the next photo is being read, the tabs of the last one are still there."""
    tabs.reset()
    click(tabs, 1)
    assert tabs.pinned == ()


def test_pin_and_unpin(tabs: ClassTabs) -> None:
    pins = QSignalSpy(tabs.pins_changed)
    tabs.toggle_pin(3)
    assert (tabs.pinned, tabs.classes) == ((3,), (3, 0, 1, 2, 4))
    assert bar_of(tabs).currentIndex() == 1, "the chosen class is chosen still"
    tabs.show_explanation(with_top(7, 6, 5, 4, 0), 9.0, True)
    assert tabs.classes[0] == 3
    tabs.toggle_pin(3)
    assert tabs.pinned == ()
    assert 3 not in tabs.classes
    assert [pins.at(i)[0] for i in range(pins.count())] == [(3,), ()]


def test_a_class_without_a_tab_is_pinned_when_it_is_chosen(tabs: ClassTabs) -> None:
    tabs.choose(6)
    assert (tabs.chosen, tabs.pinned) == (6, (6,))
    assert texts(tabs)[bar_of(tabs).currentIndex()] == "Crane"


def test_a_double_click_pins(tabs: ClassTabs) -> None:
    bar = bar_of(tabs)
    QTest.mouseDClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(2).center())
    assert tabs.pinned == (2,)


@pytest.mark.parametrize("pinned", [False, True])
def test_the_context_menu_pins(tabs: ClassTabs, pinned: bool) -> None:
    if pinned:
        tabs.pin((0,))
    bar = bar_of(tabs)
    bar.customContextMenuRequested.emit(bar.tabRect(0).center())
    (menu,) = (m for m in tabs.findChildren(QMenu) if m.isVisible())
    action = menu.actions()[0]
    assert action.text() == ("Unpin" if pinned else "Pin")
    action.trigger()
    menu.close()
    assert tabs.pinned == (() if pinned else (0,))


def test_tabs_by_number(tabs: ClassTabs) -> None:
    tabs.choose_tab(2)
    assert tabs.chosen == 2
    for outside in (5, 8, -1):
        tabs.choose_tab(outside)
        assert tabs.chosen == 2


def test_all_is_left_by_choosing(tabs: ClassTabs) -> None:
    toggles = QSignalSpy(tabs.all_toggled)
    tabs.set_all(True)
    click(tabs, 1)
    assert [toggles.at(i)[0] for i in range(toggles.count())] == [True, False]


def test_another_models_classes_begin_anew(tabs: ClassTabs) -> None:
    tabs.toggle_pin(3)
    tabs.choose(2)
    tabs.show_explanation(explained(0.0, 5.0, labels=("dog", "cat")), 0.1, True)
    assert (tabs.classes, tabs.pinned, tabs.chosen) == ((1, 0), (), 1)
    assert texts(tabs) == ["cat", "dog"]
    tabs.show_explanation(explained(9.0, 5.0, labels=("dog", "cat")), 0.2, True)
    assert tabs.chosen == 0, "nobody chose a class of this model: it follows"


def test_classes_that_nobody_named_are_their_networks(tabs: ClassTabs) -> None:
    """``class 3`` of one network is another thing than that of another."""
    numbered, info = tuple(f"class {i}" for i in range(8)), model_info("resnet18")
    changes = QSignalSpy(tabs.classes_changed)
    for sha256, pinned in (("a", ()), ("a", (3,)), ("b", ())):
        own = replace(info, weights_sha256=sha256)
        tabs.show_explanation(crafted(plain_frame(), labels=numbered, info=own), 0.1, True)
        assert tabs.pinned == pinned
        tabs.pin((3,))
    assert [changes.at(i)[1] for i in range(changes.count())] == [8, 8]


def test_the_same_classes_of_another_network_keep_their_tabs(tabs: ClassTabs) -> None:
    tabs.toggle_pin(3)
    other = replace(model_info("efficientnet_lite0"), weights_sha256="b")
    tabs.show_explanation(crafted(plain_frame(), labels=(*LABELS,), info=other), 0.1, True)
    assert tabs.pinned == (3,)


def test_a_menu_for_a_class_of_before_closes(tabs: ClassTabs) -> None:
    bar = bar_of(tabs)
    place = bar.tabRect(0).center()
    QApplication.sendEvent(bar, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, QPoint()))
    (menu,) = (m for m in tabs.findChildren(QMenu) if m.isVisible())
    tabs.show_explanation(explained(0.0, 5.0, labels=("dog", "cat")), 0.1, True)
    assert not menu.isVisible()


def test_fewer_tabs(tabs: ClassTabs) -> None:
    tabs.toggle_pin(4)
    tabs.set_count(2)
    tabs.show_explanation(explained(), 0.1, True)
    assert tabs.classes == (4, 0, 1)


def test_accessible_names(tabs: ClassTabs) -> None:
    bar = bar_of(tabs)
    assert bar.accessibleName()
    names = [bar.accessibleTabName(i) for i in range(bar.count())]
    assert [name.split(", ")[0] for name in names] == list(LABELS[:5])
    assert names[0] == "tabby, 63 %"
    tabs.pin((7,))
    assert bar.accessibleTabName(0) == "acorn, 0.1 %, pinned"
    tabs.set_other(1)
    assert bar.accessibleTabName(2) == "tiger cat, 23 %, compared"
    assert bar.tabToolTip(2).startswith("tiger cat, class 1")
    own = [b for b in tabs.findChildren(QToolButton) if b.parent() is tabs]
    assert len(own) == 4
    assert all(b.accessibleName() and b.toolTip() for b in own if not b.isHidden())


def test_odd_explanations_are_painted(tabs: ClassTabs) -> None:
    odd = explained()
    nothing = np.full(len(LABELS), np.nan, np.float32)
    broken = replace(odd, prediction=replace(odd.prediction, probabilities=nothing))
    tabs.show_explanation(broken, 0.1, True)
    assert not bar_of(tabs).grab().isNull()
    bar_of(tabs).setFocus()
    QTest.mouseMove(bar_of(tabs), QPoint(5, 5))
    long = explained(*SCORES, labels=tuple(f"{'very ' * 60}{i}" for i in range(8)))
    tabs.show_explanation(long, 0.2, True)
    widths = [bar_of(tabs).tabRect(i).width() for i in range(5)]
    assert max(widths[1:]) - min(widths[1:]) <= 1 < widths[0] - widths[1], "the chosen one's name has more"
    assert sum(widths) <= bar_of(tabs).width()


# Where the tabs are


class Layouts:
    """How often the bar asks for the width of a tab: it does so for each when it is laid out."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked = 0
        before = ClassTabBar.minimumTabSizeHint

        def counted(bar: ClassTabBar, index: int) -> QSize:
            self.asked += 1
            return before(bar, index)

        monkeypatch.setattr(ClassTabBar, "minimumTabSizeHint", counted)

    def during(self, tabs: ClassTabs, explanation: Explanation, now: float) -> int:
        """In tabs that were asked for."""
        self.asked = 0
        tabs.show_explanation(explanation, now, True)
        QApplication.processEvents()
        return self.asked


@pytest.fixture
def layouts(monkeypatch: pytest.MonkeyPatch) -> Layouts:
    return Layouts(monkeypatch)


NAMES = ("cat", "dog", "owl", "a bird whose name is as long as names can be", "fox", "ape", "elk", "hen")


def test_a_frame_lays_nothing_out(layouts: Layouts, tabs: ClassTabs) -> None:
    for i in range(1, 4):
        assert layouts.during(tabs, explained(*(s + 0.1 * i for s in SCORES)), i / 30) == 0
    assert layouts.during(tabs, with_top(4, 3, 2, 1, 0), 0.2) == 0, "another is chosen"
    assert layouts.during(tabs, with_top(5, 3, 2, 1, 0), 0.3) == 0, (
        "another class in a slot that is wide enough"
    )
    assert 5 in tabs.classes


def test_a_name_that_needs_more_room_lays_the_tabs_out_once(layouts: Layouts, tabs: ClassTabs) -> None:
    def top(*classes: int) -> Explanation:
        made = with_top(*classes)
        return explained(*made.logits.tolist(), labels=NAMES)

    tabs.resize(900, 60)
    layouts.during(tabs, top(0, 1, 2, 4, 5), 0.0)
    places = [bar_of(tabs).tabRect(i) for i in range(5)]
    assert layouts.during(tabs, top(0, 1, 2, 4, 6), 9.0) == 0
    assert [bar_of(tabs).tabRect(i) for i in range(5)] == places
    assert layouts.during(tabs, top(0, 1, 2, 4, 3), 99.0) == 5
    assert [bar_of(tabs).tabRect(i) for i in range(5)] != places


def seen_whole(tabs: ClassTabs, class_id: int) -> bool:
    bar = bar_of(tabs)
    label = LONG[class_id]
    font = bar.font()
    font.setBold(True)
    needed = QFontMetrics(font).horizontalAdvance(label)
    return bar.tabRect(tabs.classes.index(class_id)).width() > needed


LONG = tuple(f"{name}, as it is called" for name in LABELS)


def test_the_chosen_and_the_compared_are_never_cut(tabs: ClassTabs) -> None:
    tabs.resize(900, 60)
    tabs.show_explanation(explained(*SCORES, labels=LONG), 0.0, True)
    for chosen, other in ((0, 4), (3, 1)):
        tabs.choose(chosen)
        tabs.set_other(other)
        assert not all(seen_whole(tabs, c) for c in range(5))
        assert seen_whole(tabs, chosen)
        assert seen_whole(tabs, other)
    tabs.resize(2400, 60)
    QApplication.processEvents()
    assert all(seen_whole(tabs, c) for c in range(5)), "there is room for all"


def more_of(tabs: ClassTabs) -> QToolButton:
    return next(b for b in tabs.findChildren(QToolButton) if isinstance(b, MoreTabs))


def test_what_has_no_room_is_in_a_menu(tabs: ClassTabs) -> None:
    more = more_of(tabs)
    assert more.isHidden()
    tabs.resize(560, 60)
    QApplication.processEvents()
    assert more.isVisible()
    bar = bar_of(tabs)
    visible = [i for i in range(bar.count()) if bar.tabRect(i).width()]
    hidden = [LABELS[i] for i in range(5) if i not in visible]
    assert 0 in visible
    assert len(hidden) >= 2
    assert (more.text(), more.accessibleName()) == (f"+{len(hidden)} ▾", f"{len(hidden)} more classes")
    assert max(bar.tabRect(i).right() for i in visible) <= more.x() - bar.x()
    assert tabs.rect().contains(more.geometry())
    names = [bar.accessibleTabName(i) for i in range(5)]
    assert [name.split(", ")[0] for name in names] == list(LABELS[:5]), "screen readers have them all"
    menu, listed = more.menu(), list[str]()

    def choose_last() -> None:
        listed.extend(action.text().split("\t")[0] for action in menu.actions())
        QTest.keyClick(menu, Qt.Key.Key_Up)
        QTest.keyClick(menu, Qt.Key.Key_Return)

    menu.aboutToShow.connect(lambda: QTimer.singleShot(0, choose_last))
    QTest.keyClick(more, Qt.Key.Key_Space)  # Qt shows the menu until something is chosen
    assert listed == hidden
    assert tabs.chosen == 4
    assert bar.tabRect(4).width(), "the chosen one has room"
    assert tabs.pinned == ()
    tabs.toggle_pin(6)
    assert more.text() == f"+{len(hidden) + 1} ▾", "it hears of tabs that come"
    tabs.toggle_pin(6)
    tabs.resize(1000, 60)
    QApplication.processEvents()
    assert more.isHidden()


def test_when_frames_stop_the_last_ones_classes_have_the_slots(tabs: ClassTabs, qtbot: QtBot) -> None:
    tabs.show_explanation(with_top(7, 6, 5, 4, 3), 0.1, True)
    assert set(tabs.classes) == {7, 1, 2, 3, 4}
    with qtbot.waitSignal(tabs.settled):
        pass
    assert set(tabs.classes) == {7, 6, 5, 4, 3}
    assert texts(tabs) == [LABELS[c] for c in tabs.classes]


def test_a_class_that_leaves_fades(tabs: ClassTabs) -> None:
    tabs.choose(0)
    tabs.show_explanation(with_top(0, 1, 2, 3, 4), 1.0, True)

    def strongest() -> int:
        """Of the fifth tab's label: how far from the ground its colours are."""
        image = bar_of(tabs).grab(bar_of(tabs).tabRect(4).adjusted(4, 4, -60, -14)).toImage()
        ground = image.pixelColor(0, 0).lightness()
        return max(
            abs(image.pixelColor(x, y).lightness() - ground)
            for x in range(image.width())
            for y in range(image.height())
        )

    before = strongest()
    tabs.show_explanation(with_top(0, 1, 2, 3, 5), 1.0 + LINGER / 2, True)
    half = strongest()
    tabs.show_explanation(with_top(0, 1, 2, 3, 5), 1.0 + 0.95 * LINGER, True)
    assert texts(tabs)[4] == LABELS[4]
    assert strongest() < half < before
    tabs.show_explanation(with_top(0, 1, 2, 3, 5), 1.0 + 1.01 * LINGER, True)
    assert texts(tabs)[4] == LABELS[5]


class Paintings(QObject):
    """What of a tab bar is painted anew."""

    def __init__(self, tabs: ClassTabs, qtbot: QtBot) -> None:
        super().__init__()
        self.tabs, self.qtbot = tabs, qtbot
        self.region = QRegion()
        qtbot.waitExposed(tabs)
        bar_of(tabs).repaint()
        bar_of(tabs).installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            self.region = self.region.united(event.region())
        return False

    def after(self, explanation: Explanation) -> list[int]:
        """Which tabs are painted anew for an explanation."""
        self.region = QRegion()
        self.tabs.show_explanation(explanation, 0.0, True)
        QApplication.processEvents()
        bar = bar_of(self.tabs)
        return [i for i in range(bar.count()) if self.region.intersects(bar.tabRect(i))]


@pytest.fixture
def paintings(tabs: ClassTabs, qtbot: QtBot) -> Paintings:
    QApplication.processEvents()
    return Paintings(tabs, qtbot)


def test_only_the_tabs_whose_numbers_change_are_painted_anew(tabs: ClassTabs, paintings: Paintings) -> None:
    tabs.choose(0)
    paintings.after(explained())
    assert paintings.after(explained()) == []
    probable = list(SCORES)
    probable[1], probable[0] = probable[0], probable[1]
    assert paintings.after(explained(*probable)) == [0, 1]
    # Where one class is all, the others' numbers stay what they are: too little to be written or drawn.
    sure, surer = [40.0, *SCORES[1:]], [41.0, *SCORES[1:]]
    assert paintings.after(explained(*sure)) == [0, 1, 2, 3, 4]
    assert paintings.after(explained(*surer)) == []


def test_all_tabs_are_painted_anew_where_their_count_changes(tabs: ClassTabs, paintings: Paintings) -> None:
    tabs.set_count(3)
    assert paintings.after(explained()) == [0, 1, 2]


def test_a_tab_that_is_pinned_or_compared_or_chosen_is_painted_anew(
    tabs: ClassTabs, paintings: Paintings
) -> None:
    tabs.set_other(2)
    assert 2 in paintings.after(explained())
    tabs.toggle_pin(0)
    assert 0 in paintings.after(explained())
    paintings.after(explained())
    tabs.set_other(None)
    assert 2 in paintings.after(explained())
    tabs.choose(3)
    assert 3 in paintings.after(explained())


def test_names_for_screen_readers_follow_the_numbers(tabs: ClassTabs) -> None:
    bar = bar_of(tabs)
    tabs.set_other(1)
    assert bar.accessibleTabName(1).endswith(", compared")
    tabs.set_other(None)
    tabs.show_explanation(explained(), 0.1, True)
    assert bar.accessibleTabName(1) == "tiger cat, 23 %"
    tabs.clear()
    tabs.show_explanation(explained(0.0, 5.0, *SCORES[2:]), 0.2, True)
    assert bar.accessibleTabName(0).startswith("tiger cat, ")
