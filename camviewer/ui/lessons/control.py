"""LessonControl: plays a lesson in the window. Each step waits for the person to do what it asks for."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices

from camviewer.core.explanation import CAM, ExplainRequest, Explanation
from camviewer.core.failures import Failure
from camviewer.core.lessons.checks import is_done
from camviewer.core.lessons.lesson import Do, Lesson, Progress, Step, progress_of
from camviewer.core.lessons.shortcut_set import shortcut_folder
from camviewer.core.models.builtin import EMBEDDED
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.drawing.view_state import ViewState
from camviewer.ui.lessons.before import WindowBefore
from camviewer.ui.lessons.cell_clicks import CellClicks
from camviewer.ui.lessons.numbers import filled_step, numbers_of
from camviewer.ui.lessons.own_classes import running, use_folder
from camviewer.ui.lessons.panel import LessonPanel
from camviewer.ui.lessons.parts import LessonParts
from camviewer.ui.lessons.set_up import StepSetUp
from camviewer.ui.lessons.showing import show_how
from camviewer.ui.lessons.watching import Watching
from camviewer.ui.lessons.worksheet import worksheet, write_worksheet
from camviewer.ui.system import language
from camviewer.ui.system.settings import Settings
from camviewer.ui.widgets.banner import BannerKey, Severity
from camviewer.ui.widgets.words import translated


def progress_in(settings: Settings, lesson: Lesson) -> Progress:
    """How far the user has come in a lesson."""
    return progress_of(settings.text(f"lessons/{lesson.name}"), len(lesson.steps))


def file_url(path: Path) -> str:
    """As links in texts have it."""
    return bytes(QUrl.fromLocalFile(str(path)).toEncoded().data()).decode("ascii")


def show_file(path: Path) -> None:
    """In the program that the system opens it with."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


class LessonControl(QObject):
    """One lesson at a time. The window is as it was before when it is left, at whatever step."""

    ended = Signal()

    def __init__(self, parts: LessonParts, lesson: Lesson) -> None:
        super().__init__(parts.window)
        self._parts, self.lesson = parts, lesson
        self._before = WindowBefore.of(parts)
        self._tried_model = False
        self.index = 0
        self._is_done = False
        self._answers: dict[int, int] = {}
        """By step: the answer that was chosen."""
        self._set_up = StepSetUp(parts, self)
        self._clicks = CellClicks(parts.centre.view)
        self._watching = Watching(parts, self._clicks)
        self.panel = LessonPanel()
        self._has_ended = False
        self._connect()
        self._begin()

    def _connect(self) -> None:
        panel, parts = self.panel, self._parts
        panel.answered.connect(self._on_panel_answered)
        panel.hint_wanted.connect(panel.show_hint)
        panel.showing_wanted.connect(self.show_me)
        panel.back_wanted.connect(lambda: self.go(self.index - 1))
        panel.next_wanted.connect(self.go_on)
        panel.worksheet_wanted.connect(self._on_panel_worksheet_wanted)
        panel.leaving.connect(self.leave)
        self._set_up.failed.connect(self._show_failure)
        parts.presenter.presented.connect(self._on_presented)
        parts.styles.changed.connect(self._look)
        parts.centre.tabs.picked.connect(self._on_tabs_picked)
        parts.teaching.taught.connect(self._look)
        parts.pipeline.head_changed.connect(self._look)
        self._clicks.changed.connect(self._look)

    def _begin(self) -> None:
        parts = self._parts
        parts.show_review(False)
        parts.centre.banners.clear(BannerKey.FIRST_START)
        parts.edits.choose(None)
        parts.centre.tabs.set_all(False)
        parts.styles.set_style(OverlayStyle())
        parts.pipeline.set_smoothing(0.0)
        parts.pipeline.set_request(ExplainRequest(covering=parts.pipeline.request.covering))
        progress = progress_in(parts.settings, self.lesson)
        if self.lesson.teaches:
            use_folder(parts.teaching, parts.folder / "my-classes", empty=progress.step == 0)
        elif running(parts) is not None:
            parts.teaching.set_running(False)
        parts.window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, self.panel)
        parts.window.resizeDocks([self.panel], [self._usual_width()], Qt.Orientation.Horizontal)
        self._show_step(progress.step, from_elsewhere=True)

    def _usual_width(self) -> int:
        """Room for a sentence a line or two, and most of the window for the picture."""
        return min(42 * self.panel.fontMetrics().averageCharWidth(), self._parts.window.width() * 3 // 10)

    # The way through it

    @property
    def step(self) -> Step:
        """The one in view."""
        return self.lesson.steps[self.index]

    @property
    def may_go_on(self) -> bool:
        """Whether what the step waits for is done."""
        return self.step.check is None or self._is_done

    @Slot()
    def go_on(self) -> None:
        """To the next step, if this one is done; after the last one the lesson is over."""
        if not self.may_go_on:
            return
        if self.index + 1 < len(self.lesson.steps):
            self._show_step(self.index + 1)
        else:
            self._keep(Progress(0, finished=True))
            self._end()

    def go(self, index: int) -> None:
        """To a step before; what it needs is set up again."""
        if 0 <= index < len(self.lesson.steps):
            self._show_step(index, from_elsewhere=True)

    @Slot()
    def leave(self) -> None:
        """Another time it goes on at this step."""
        self._end()

    def _show_step(self, index: int, *, from_elsewhere: bool = False) -> None:
        self.index, step = index, self.lesson.steps[index]
        self._is_done = False
        self._keep(Progress(index, progress_in(self._parts.settings, self.lesson).finished))
        self._clicks.begin(step.check is not None and step.check.do is Do.CELLS)
        self._watching.begin(step.check)
        self.panel.show_step(self.lesson, index, self._answers.get(index))
        set_up = self.lesson.set_up_at(index) if from_elsewhere else step.set_up
        self._set_up.do(set_up, self.lesson.folder)
        self._parts.centre.view.setFocus()  # whose keys steps speak of
        self._look()

    def _keep(self, progress: Progress) -> None:
        self._parts.settings.set(f"lessons/{self.lesson.name}", progress.as_text())

    # Watching

    @Slot(object)
    def _on_presented(self, state: ViewState) -> None:
        self._watching.note(state)
        self._look()
        self._check_model(state.explanation)

    @Slot()
    def _look(self) -> None:
        """Bring the panel up to date, and see whether the step is done."""
        if self._has_ended:
            return
        step, state = self.step, self._parts.presenter.state
        if step.check is not None and not self._is_done and not self._set_up.waits:
            answer = self._answers.get(self.index)
            facts = self._watching.facts()
            if facts is not None:
                chosen = step.answers[answer] if answer is not None else None
                self._is_done = is_done(step.check, replace(facts, answer=chosen))
        numbers = numbers_of(state, self._clicks.cells)
        numbers["examples"] = file_url(shortcut_folder(self._parts.folder))
        self.panel.show_words(filled_step(step, numbers), done=self.may_go_on)
        self.panel.show_done(self._is_done, step.check is not None)

    def _check_model(self, explanation: Explanation) -> None:
        """Lessons are about networks with exact maps, and about classes that they name."""
        if self._tried_model or explanation.request.method is not None or self.lesson.teaches:
            return
        fits = explanation.maps.method == CAM and set(self.lesson.classes) <= set(explanation.labels)
        self._tried_model = True
        if not fits:
            text = self.tr(
                "{0} runs until you leave the lesson: it knows the classes that the lesson is about."
            )
            self._parts.models.choose_built_in(EMBEDDED)
            self._parts.centre.banners.show_message(
                BannerKey.LESSON, Severity.INFO, text.format(EMBEDDED.title), seconds=10
            )

    @Slot()
    def _on_tabs_picked(self) -> None:
        self._watching.note_picked()
        self._look()

    @Slot(int)
    def _on_panel_answered(self, index: int) -> None:
        self._answers[self.index] = index
        self._look()

    @Slot()
    def show_me(self) -> None:
        """Do what the step asks for, in the person's place."""
        check = self.step.check
        if check is None:
            return
        if check.do in (Do.PREDICT, Do.ANSWER):
            right = next(number for number, each in enumerate(self.step.answers) if each.right)
            self.panel.choose_answer(right)
        else:
            show_how(check, self._parts, self._clicks)

    # The end

    @Slot()
    def _on_panel_worksheet_wanted(self) -> None:
        """In the browser, which can print."""
        parts, code = self._parts, language.present()
        path = parts.folder / "worksheets" / f"{self.lesson.name}.{code}.html"
        html = worksheet(self.lesson, code)
        parts.background.run(partial(write_worksheet, html, path), show_file, self._show_failure)

    @Slot(object)
    def _show_failure(self, failure: Failure) -> None:
        self._parts.centre.banners.show_message(BannerKey.LESSON, Severity.ERROR, translated(failure.text))

    def _end(self, *, closing: bool = False) -> None:
        if self._has_ended:
            return
        self._has_ended = True
        parts = self._parts
        parts.presenter.presented.disconnect(self._on_presented)
        parts.styles.changed.disconnect(self._look)
        parts.centre.tabs.picked.disconnect(self._on_tabs_picked)
        parts.teaching.taught.disconnect(self._look)
        parts.pipeline.head_changed.disconnect(self._look)
        parts.centre.banners.clear(BannerKey.LESSON)
        self._clicks.hide()
        self._clicks.deleteLater()
        self._set_up.stop()
        parts.window.removeDockWidget(self.panel)
        self.panel.deleteLater()
        if closing:
            self._before.bring_back_settings(parts)
        else:
            self._before.bring_back(parts)
            parts.centre.view.setFocus()
        self.ended.emit()

    def close(self) -> None:
        """The window is being closed."""
        self._end(closing=True)
