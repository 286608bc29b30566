"""Lessons, played through the window with its own controls, around a network that is a fake."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QRadioButton, QTabBar
from pytestqt.qtbot import QtBot

from camviewer.core.explanation import ExplainRequest, Explanation
from camviewer.core.failures import SourceFailure
from camviewer.core.frames import Fit, Frame
from camviewer.core.lessons import shortcut_set
from camviewer.core.lessons.lesson import Check, Do, Lesson
from camviewer.core.lessons.reading import PLACEHOLDERS, lesson_named, lesson_names, parsed
from camviewer.core.lessons.shortcut_set import MEND, SHORTCUT, THINGS, shortcut_folder, shortcut_pictures
from camviewer.core.loading import ModelChoice, load_with_devices
from camviewer.core.scaling import Scale
from camviewer.media.sources.source import Countable, FromFile, Reopenable, Source
from camviewer.ui.lessons.control import LessonControl
from camviewer.ui.lessons.numbers import numbers_of
from camviewer.ui.lessons.worksheet import worksheet
from camviewer.ui.picture.cell_marker import place_of_cell
from camviewer.ui.shell import main_window
from camviewer.ui.shell.main_window import MainWindow
from camviewer.ui.system.settings import Settings
from camviewer.ui.widgets.banner import BannerKey
from tests.ui.controllers.test_teaching import COLOURS, ColourExplainer
from tests.ui.fakes import (
    FakeCamera,
    FakeExplainer,
    FakeLoader,
    FakeModel,
    Windows,
    current,
    model_info,
    pipeline_of,
    plain_frame,
    press,
    settings_in,
)

LABELS = ("tiger cat", "Egyptian cat", "tabby", "lynx", "espresso", "cup")
SCORES, COVERED = (4.0, 3.5, 3.0, 2.5, 3.9, 1.0), (3.0, 2.0, 1.0, 0.0, -3.0, 6.0)
LANGUAGES = ("en", "ko")


class LessonExplainer(ColourExplainer):
    """Knows the lessons' classes. Its own have crafted maps; those that it is taught have colours'."""

    def explain(self, frame: Frame, request: ExplainRequest, load: float = 0.0) -> Explanation:
        return FakeExplainer.explain(self, frame, request, load)


def fake_loader(labels: tuple[str, ...] = LABELS) -> FakeLoader:

    def answer(choice: ModelChoice) -> FakeModel:
        known = LABELS if choice.name == "efficientnet_lite0" else labels
        there = SCORES[: len(known)]
        return FakeModel(
            LessonExplainer(model_info(choice.name), there, known, covered_scores=COVERED[: len(known)])
        )

    return FakeLoader(answer)


@dataclass
class Class:
    """Somebody who does what the lesson asks for."""

    window: MainWindow
    qtbot: QtBot
    folder: Path

    def begin(self, lesson: Lesson) -> LessonControl:
        self.window.lessons.begin(lesson)
        control = self.window.lessons.control
        assert control is not None
        return control

    def do(self, control: LessonControl) -> None:
        """What the present step asks for, with the pointer or the keys."""
        check = control.step.check
        if check is None:
            return
        view = self.window.view
        self.qtbot.waitUntil(lambda: self.window.presenter.state is not None)
        self.qtbot.waitUntil(lambda: current(self.window).request.edit == self.window.edits.edit)
        assert not control.panel.next.isEnabled(), f"{control.step.title} waits for nothing"
        match check.do:
            case Do.PREDICT | Do.ANSWER:
                self.answer(control)
            case Do.REVEAL | Do.HIDE:
                press(view, Qt.Key.Key_O)
            case Do.CLASS:
                self.click_tab(check.classes)
            case Do.COMPARE:
                self.click_tab(check.classes)
                self.click_tab(check.others, Qt.KeyboardModifier.ControlModifier)
            case Do.CELLS:
                self.click_cells(int(check.number))
            case Do.COVER | Do.BELOW | Do.FOOL:
                press(view, Qt.Key.Key_H)
            case Do.BETWEEN:
                self.choose_between(check.word)
            case Do.LOOK:
                for _ in range(int(check.number)):
                    press(view, Qt.Key.Key_Right)
                    self.wait_for_photo()
            case Do.TEACH:
                self.teach(check)
            case _:
                pytest.fail(f"nobody knows how to {check.do}")
        self.qtbot.waitUntil(control.panel.next.isEnabled)

    def wait_for_done(self, control: LessonControl) -> None:
        self.qtbot.waitUntil(lambda: control.may_go_on)

    def wait_for_photo(self) -> None:
        """Until the photo that the source is at is in view."""

        def is_there() -> bool:
            pipeline = pipeline_of(self.window)
            source = pipeline.source
            assert source is not None
            assert isinstance(source, Countable)
            return pipeline.current is not None and pipeline.current.frame.index == source.index

        self.qtbot.waitUntil(is_there)
        self.qtbot.waitUntil(lambda: self.window.presenter.state is not None)

    def answer(self, control: LessonControl) -> None:
        answers = control.step.answers

        def shown() -> list[QRadioButton]:
            return [button for button in control.panel.findChildren(QRadioButton) if button.isVisible()]

        self.qtbot.waitUntil(lambda: len(shown()) == len(answers))
        buttons = shown()
        wrong = next(number for number, each in enumerate(answers) if not each.right)
        assert control.step.check is not None
        if control.step.check.do is Do.ANSWER:
            buttons[wrong].click()
            assert not control.panel.next.isEnabled()
            assert any("Not quite" in text for text in control.panel.texts)
            next(button for button, each in zip(buttons, answers, strict=True) if each.right).click()
            assert not any("Not quite" in text for text in control.panel.texts)
        else:
            buttons[wrong].click()

    def click_tab(
        self, labels: tuple[str, ...], modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> None:
        explanation, tabs = current(self.window), self.window.tabs
        class_id = next(c for c in tabs.classes if explanation.label(c) in labels and c != tabs.chosen)
        bar = tabs.findChild(QTabBar)
        assert bar is not None
        place = bar.tabRect(tabs.classes.index(class_id)).center()
        QTest.mouseClick(bar, Qt.MouseButton.LeftButton, modifier, place)

    def click_cells(self, count: int) -> None:
        view, state = self.window.view, self.window.view.state
        assert state is not None
        for column in range(count):
            place = place_of_cell(state, view.frame_on_screen(), 3, column).center().toPoint()
            QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=place)

    def choose_between(self, word: str) -> None:
        box = next(b for b in self.window.dock.findChildren(QComboBox) if b.findText("bicubic") >= 0)
        index = {"nearest": 0, "bilinear": 1, "bicubic": 2}[word]
        box.setCurrentIndex(index)
        box.activated.emit(index)

    def teach(self, check: Check) -> None:
        teaching = self.window.teaching
        self.qtbot.waitUntil(lambda: len(teaching.keeper.project.classes) == 2)
        folder = SHORTCUT if not teaching.keeper.project.examples else MEND
        for each, thing in zip(teaching.keeper.project.classes, THINGS, strict=True):
            teaching.add_photos(each.key, [shortcut_folder(self.folder) / folder / thing])
        self.qtbot.waitUntil(
            lambda: self.taught() >= 2 * check.number and not teaching.looker.busy, timeout=15_000
        )

    def taught(self) -> int:
        """How many examples the classes of the person's own that run were taught by; 0 while none run."""
        model, fitted = self.window.model, self.window.teaching.fitted
        if fitted is None or model is None or model.weights_sha256 != fitted.learned.head.sha256:
            return 0
        return len(fitted.request.examples)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of lessons, with pictures of the set that are quick to read."""
    colours = dict(zip(THINGS, COLOURS.values(), strict=True))
    for each in shortcut_pictures():
        path = shortcut_folder(tmp_path / "lessons") / each.path
        path.parent.mkdir(parents=True, exist_ok=True)
        shade = np.array(colours[each.thing]) + each.seed % 20
        Image.fromarray(np.full((40, 60, 3), shade, np.uint8)).save(path)
    return tmp_path / "lessons"


@pytest.fixture
def open_class(
    qtbot: QtBot, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Class]]:
    monkeypatch.setattr(main_window, "lessons_folder", lambda: folder)
    monkeypatch.setattr(main_window, "project_folder", lambda: tmp_path / "mine")
    with settings_in(tmp_path / "settings"):

        def make(loader: FakeLoader | None = None, **more: object) -> Class:
            window = Windows(qtbot)(loader=loader or fake_loader(), **more)  # type: ignore[arg-type]
            return Class(window, qtbot, folder)

        yield make


@pytest.mark.parametrize("name", lesson_names())
def test_a_lesson_can_be_played_to_its_end(name: str, open_class: Callable[..., Class]) -> None:
    student = open_class()
    for language in LANGUAGES:
        lesson = lesson_named(name, language)
        control = student.begin(lesson)
        for number, step in enumerate(lesson.steps):
            assert control.step is step
            student.do(control)
            shown = "\n".join(control.panel.texts)
            assert not re.search(r"\{\w+\}|…", shown), f"a number is missing: {shown}"
            assert Settings().text(f"lessons/{name}").startswith(str(number))
            QTest.mouseClick(control.panel.next, Qt.MouseButton.LeftButton)
        assert student.window.lessons.control is None
        assert Settings().text(f"lessons/{name}") == "0 finished"


def test_all_is_as_before_when_it_is_left(open_class: Callable[..., Class], samples: Path) -> None:
    student = open_class(paths=(samples,))
    window, pipeline, qtbot = student.window, pipeline_of(student.window), student.qtbot
    press(window.view, Qt.Key.Key_Right)  # not the first one of the folder
    student.wait_for_photo()
    window.styles.restyle(scale=Scale.SHARED, colormap="viridis", visible=False)
    pipeline.set_request(replace(pipeline.request, fit=Fit.WHOLE))
    pipeline.set_smoothing(1.0)
    window.tabs.choose(3)
    window.tabs.toggle_pin(3)
    press(window.view, Qt.Key.Key_H)
    qtbot.waitUntil(lambda: current(window).edited)
    window.docks["overlay_dock"].hide()

    def seen() -> tuple[object, ...]:
        source = pipeline.source
        assert source is not None
        assert isinstance(source, FromFile)
        tabs = window.tabs
        return (
            *(source.path.name, pipeline.request, pipeline.smoothing, window.styles.style),
            *(tabs.chosen, tabs.pinned, tabs.follow, window.docks["overlay_dock"].isHidden()),
            window.teaching.keeper.folder,
        )

    before = seen()
    for step in (0, 2, 8):
        control = student.begin(lesson_named("4-catch-it-cheating" if step == 2 else lesson_names()[0], "en"))
        control.go(step)
        qtbot.waitUntil(lambda: window.presenter.state is not None)
        window.tabs.choose(1)
        assert seen() != before
        control.panel.leave.click()
        assert window.lessons.control is None
        qtbot.waitUntil(lambda: pipeline.current is not None and current(window).edited)
        assert seen() == before


class Unplugged(FakeCamera, Reopenable):
    """A camera that may be there or not when it is opened again."""

    is_there = True

    def reopened(self) -> Source:
        if not self.is_there:
            raise SourceFailure("It was unplugged.")
        return Unplugged()


@pytest.mark.parametrize("is_there", [True, False])
def test_a_camera_goes_on_or_its_last_picture_stays(is_there: bool, open_class: Callable[..., Class]) -> None:
    student = open_class(paths=None)
    pipeline, qtbot = pipeline_of(student.window), student.qtbot
    camera = Unplugged()
    camera.is_there = is_there
    pipeline.open(camera)
    qtbot.waitUntil(lambda: pipeline.model is not None)
    camera.bring(plain_frame(grey=33))
    qtbot.waitUntil(lambda: pipeline.current is not None)
    student.begin(lesson_named(lesson_names()[0], "en"))
    qtbot.waitUntil(lambda: student.window.presenter.state is not None)
    student.window.lessons.leave()
    if is_there:
        assert isinstance(pipeline.source, Unplugged)
    else:
        qtbot.waitUntil(lambda: pipeline.current is not None)
        assert current(student.window).frame.image[0, 0, 0] == 33


def test_classes_of_ones_own_run_again_afterwards(open_class: Callable[..., Class]) -> None:
    student = open_class()
    window, teaching, qtbot = student.window, student.window.teaching, student.qtbot
    mine = teaching.keeper.folder
    window.docks["teach_dock"].show()
    window.docks["teach_dock"].raise_()
    qtbot.waitUntil(lambda: len(teaching.keeper.project.classes) == 2)
    student.teach(Check(Do.TEACH, 10))
    taught = teaching.keeper.project
    control = student.begin(lesson_named("4-catch-it-cheating", "en"))
    qtbot.waitUntil(lambda: len(teaching.keeper.project.classes) == 2)
    assert not teaching.keeper.project.examples, "the lesson's are others"
    assert teaching.keeper.folder != mine
    control.leave()
    qtbot.waitUntil(lambda: student.taught() > 0, timeout=15_000)
    assert teaching.keeper.folder == mine
    assert teaching.keeper.project == taught


def test_closing_the_window_keeps_the_settings_of_before(open_class: Callable[..., Class]) -> None:
    student = open_class()
    student.window.styles.restyle(colormap="viridis")
    student.begin(lesson_named(lesson_names()[0], "en"))
    assert student.window.styles.style.colormap != "viridis"
    student.window.close()
    assert Settings().style().colormap == "viridis"


def test_it_goes_on_where_it_was_left(open_class: Callable[..., Class]) -> None:
    student = open_class()
    lesson = lesson_named("2-why-flatten-loses-the-place", "en")
    control = student.begin(lesson)
    control.go(5)
    student.window.lessons.leave()
    again = student.begin(lesson)
    assert again.index == 5
    assert student.window.styles.style.interpolation.value == "nearest", "of the step before it"
    again.panel.back.click()
    assert again.index == 4
    assert not again.may_go_on


def test_cells_add_up_to_the_logit(open_class: Callable[..., Class]) -> None:
    student = open_class()
    control = student.begin(lesson_named("1-what-is-a-cam", "en"))
    control.go(4)
    student.qtbot.waitUntil(lambda: student.window.presenter.state is not None)
    student.click_cells(6)
    state = student.window.presenter.state
    assert state is not None
    cells = tuple((3, column) for column in range(6))
    numbers = numbers_of(state, cells)
    clicked, left, total, count = (
        float(numbers[name].replace("−", "-")) for name in ("clicked_sum", "left_sum", "sum", "cells")
    )
    assert clicked == pytest.approx(sum(float(state.map.values[cell]) for cell in cells), abs=0.06)
    assert clicked + left == pytest.approx(total, abs=0.15)
    logit = float(current(student.window).logits[state.target.class_id])
    assert numbers_of(state, (*cells, (3, 99))) == numbers, "of a wider fit: not in this map"
    assert total / count + float(numbers["bias"].replace("−", "-")) == pytest.approx(logit, abs=0.02)
    assert numbers["clicked_sum"] in "".join(control.panel.texts)
    student.click_cells(1)  # once more gives it back
    assert "5 cells clicked" in "".join(control.panel.texts)


def test_every_number_is_known_while_classes_are_compared(
    open_class: Callable[..., Class], qtbot: QtBot
) -> None:
    window = open_class().window
    window.presenter.comparison.compare(0, 1)
    press(window.view, Qt.Key.Key_H)
    qtbot.waitUntil(lambda: window.presenter.state is not None and current(window).edited)
    known = set(numbers_of(window.presenter.state))
    assert known == set(PLACEHOLDERS) - {"examples"}


def test_another_network_gives_way_to_one_that_knows_the_classes(open_class: Callable[..., Class]) -> None:
    student = open_class(fake_loader(("pear", "apple")))
    window = student.window
    student.begin(lesson_named("1-what-is-a-cam", "en"))
    student.qtbot.waitUntil(lambda: current(window).labels == LABELS)
    assert window.banners.banner(BannerKey.LESSON) is not None
    window.lessons.leave()
    student.qtbot.waitUntil(
        lambda: pipeline_of(window).current is not None and current(window).labels == ("pear", "apple")
    )


def test_left_while_its_network_loads(open_class: Callable[..., Class]) -> None:
    """The one of before runs on, not the lesson's that comes a moment later."""
    own = fake_loader(("pear", "apple"))
    student = open_class(own)
    window = student.window
    student.begin(lesson_named("1-what-is-a-cam", "en"))
    student.qtbot.waitUntil(lambda: window.banners.banner(BannerKey.LESSON) is not None)
    window.lessons.leave()
    choice = window.models.choice
    student.qtbot.waitUntil(lambda: pipeline_of(window).choice == choice)
    student.qtbot.waitUntil(
        lambda: pipeline_of(window).current is not None and current(window).labels == ("pear", "apple")
    )


def test_show_me_does_what_is_asked_for(open_class: Callable[..., Class]) -> None:
    student = open_class()
    asked = (
        *("answer", "reveal", "hide", "class lynx", "compare lynx with cup", "cells 4", "cover 60"),
        *("below 20 tiger cat", "fool tiger cat", "between nearest", "look 2", "method CAM"),
    )
    assert {Do(each.split(" ")[0]) for each in asked} == set(Do) - {Do.PREDICT, Do.TEACH}
    head = "# T\n@minutes 5\n@summary S\n## A\n@open cat.png\n@task T\n@hint H\n"
    for each in asked:
        text = f"{head}@overlay {'off' if each == 'reveal' else 'on'}\n@do {each}\n"
        text += "@wrong a\n@right b\n" if each == "answer" else ""
        text += "@method Other\n" if each == "method CAM" else ""
        lesson, faults = parsed(text, "t")
        assert faults == ()
        control = student.begin(lesson)
        student.qtbot.waitUntil(lambda: student.window.presenter.state is not None)
        assert each == "method CAM" or not control.may_go_on, each
        control.show_me()
        student.wait_for_done(control)
        student.window.lessons.leave()


def test_show_me_teaches_each_class_once(open_class: Callable[..., Class]) -> None:
    student = open_class()
    control = student.begin(lesson_named("4-catch-it-cheating", "en"))
    control.go(2)
    teaching = student.window.teaching
    student.qtbot.waitUntil(lambda: len(teaching.keeper.project.classes) == 2)
    student.qtbot.waitUntil(lambda: student.window.presenter.state is not None)
    control.show_me()
    student.qtbot.waitUntil(lambda: control.may_go_on, timeout=15_000)
    student.qtbot.waitUntil(lambda: not teaching.looker.busy)
    assert len(teaching.keeper.project.examples) == 2 * shortcut_set.EXAMPLES_A_THING
    assert [each.name for each in teaching.keeper.project.classes] == list(THINGS)


def test_the_worksheet_has_room_and_no_numbers(
    open_class: Callable[..., Class], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("camviewer.ui.lessons.control.show_file", lambda path: opened.append(str(path)))
    student = open_class()
    control = student.begin(lesson_named("1-what-is-a-cam", "en"))
    control.panel.worksheet.click()
    student.qtbot.waitUntil(lambda: bool(opened))
    html = Path(opened[0]).read_text("utf-8")
    for step in control.lesson.steps:
        assert step.title.replace("'", "&#39;") in html or step.title in html
        for answer in step.answers:
            assert answer.text.replace("'", "&#39;") in html
    assert not re.search(r"\{\w+\}", html)
    assert "<b>" in html
    assert "style=" not in html.split("</head>")[1]
    korean = lesson_named("1-what-is-a-cam", "ko")
    assert korean.title in worksheet(korean, "ko")


def test_a_lesson_with_faults_is_told_and_not_begun(open_class: Callable[..., Class], tmp_path: Path) -> None:
    student = open_class()
    (tmp_path / "bad.md").write_text("# T\n@minutes 5\n@summary S\n## A\n@do dance\n", "utf-8")
    student.window.lessons.open_file(tmp_path / "bad.md")
    assert student.window.lessons.control is None
    told = " ".join(label.text() for label in student.window.banners.findChildren(QLabel))
    assert "line 5: there is no @do dance" in told


def test_the_menu_has_all_lessons_and_how_far_one_has_come(open_class: Callable[..., Class]) -> None:
    student = open_class()
    lessons = student.window.lessons
    control = student.begin(lesson_named("2-why-flatten-loses-the-place", "en"))
    control.go(3)
    lessons.menu.aboutToShow.emit()
    texts = [action.text() for action in lessons.menu.actions() if not action.isSeparator()]
    assert texts[1] == "Why flatten loses the place (step 4 of 7)"
    assert len(texts) == len(lesson_names()) + 2
    lessons.menu.actions()[-1].trigger()
    assert lessons.control is None


def test_the_embedded_network_is_fooled_and_says_so(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real one, with the real keys: what the lessons say is true of it."""
    monkeypatch.setattr(main_window, "lessons_folder", lambda: tmp_path / "lessons")
    choice = ModelChoice("efficientnet_lite0")
    with settings_in(tmp_path / "settings"):
        window = Windows(qtbot)(loader=load_with_devices, choice=choice, wait=False)
        qtbot.waitUntil(lambda: pipeline_of(window).current is not None, timeout=60_000)
        student = Class(window, qtbot, tmp_path / "lessons")
        control = student.begin(lesson_named("5-break-it", "en"))
        control.go(1)
        qtbot.waitUntil(lambda: window.presenter.state is not None)
        assert "**espresso**" in control.panel.texts[1]
        for _ in range(4):
            if not control.may_go_on:
                press(window.view, Qt.Key.Key_H)
                qtbot.waitUntil(lambda: current(window).request.edit == window.edits.edit)
        assert control.may_go_on
        explanation = current(window)
        top = explanation.label(explanation.top(1)[0])
        assert top != "espresso"
        assert f"**{top}**" in control.panel.texts[-1]
        window.lessons.leave()
        qtbot.waitUntil(lambda: pipeline_of(window).current is not None and not current(window).edited)
