"""The lesson's panel: its text, what to do, answers, hints, and the way through it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QMouseEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QDockWidget,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from camviewer.core.lessons.lesson import Answer, Do, Lesson, Step
from camviewer.ui.docks.dock_scroll import DockScroll
from camviewer.ui.widgets.icons import icon, icon_side
from camviewer.ui.widgets.words import whole

_WIDTH = 20
"""Characters of a line of text, at least."""


class LessonPanel(QDockWidget):
    """Shows what it is given, and says what the person wants. It is there while a lesson is."""

    answered = Signal(int)
    hint_wanted = Signal()
    showing_wanted = Signal()
    back_wanted = Signal()
    next_wanted = Signal()
    worksheet_wanted = Signal()
    leaving = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("lesson_dock")
        self.setAllowedAreas(Qt.DockWidgetArea.LeftDockWidgetArea | Qt.DockWidgetArea.RightDockWidgetArea)
        self._step, self._bar = QLabel(), QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(6)
        self._title, self._text, self._after = _text(), _text(), _text()
        self._task_icon, self._task = QLabel(), _text()
        self._hint = _text()
        self._answers = _Answers()
        self._answers.chosen.connect(self.answered)
        self.hint = QPushButton(self.tr("&Hint"))
        self.hint.clicked.connect(self.hint_wanted)
        self.showing = QPushButton(self.tr("&Show me"))
        self.showing.setToolTip(self.tr("Do it for me"))
        self.showing.clicked.connect(self.showing_wanted)
        self.back = QPushButton(self.tr("&Back"))
        self.back.clicked.connect(self.back_wanted)
        self.next = QPushButton(self.tr("&Next"))
        self.next.clicked.connect(self.next_wanted)
        self.worksheet = QPushButton(self.tr("&Worksheet"))
        self.worksheet.setToolTip(self.tr("A page to print, with room for answers"))
        self.worksheet.clicked.connect(self.worksheet_wanted)
        self.leave = QPushButton(self.tr("&Leave"))
        self.leave.setToolTip(self.tr("All is as it was before the lesson; go on another time"))
        self.leave.clicked.connect(self.leaving)
        for button in (self.hint, self.showing, self.back, self.next, self.worksheet, self.leave):
            _leave_focus(button)
        self._is_last = self._asks = False
        self._again = _text()
        self._again.setText(self.tr("Not quite. Think again, and choose another answer."))
        self._place()

    def _place(self) -> None:
        box = QFrame()
        box.setFrameShape(QFrame.Shape.StyledPanel)
        inner = QGridLayout(box)
        inner.setColumnStretch(1, 1)
        inner.addWidget(self._task_icon, 0, 0, Qt.AlignmentFlag.AlignTop)
        inner.addWidget(self._task, 0, 1)
        inner.addWidget(self._answers, 1, 0, 1, 2)
        helps = QHBoxLayout()
        helps.addWidget(self.hint)
        helps.addWidget(self.showing)
        helps.addStretch(1)
        inner.addWidget(self._again, 2, 0, 1, 2)
        inner.addLayout(helps, 3, 0, 1, 2)
        inner.addWidget(self._hint, 4, 0, 1, 2)
        self._box = box
        body = QWidget()
        self._column = column = QVBoxLayout(body)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(8)
        for widget in (self._title, self._text, box, self._after):
            column.addWidget(widget)
        column.addStretch(1)
        self._scroll = DockScroll(body, self)
        all_of_it = QWidget()
        outer = QVBoxLayout(all_of_it)
        outer.setContentsMargins(0, 8, 0, 8)
        head = QVBoxLayout()
        head.setContentsMargins(12, 0, 12, 0)
        head.addWidget(self._step)
        head.addWidget(self._bar)
        outer.addLayout(head)
        outer.addWidget(self._scroll, 1)
        ways = QGridLayout()
        ways.setContentsMargins(12, 0, 12, 0)
        for number, button in enumerate((self.back, self.next, self.worksheet, self.leave)):
            ways.addWidget(button, number // 2, number % 2)
        outer.addLayout(ways)
        self.setWidget(all_of_it)
        body.setMinimumWidth(_WIDTH * self.fontMetrics().averageCharWidth())

    # What is shown

    def show_step(self, lesson: Lesson, index: int, answer: int | None) -> None:
        """The step's fixed parts; `show_text` has the others. answer: the one that was chosen before."""
        step, count = lesson.steps[index], len(lesson.steps)
        self.setWindowTitle(lesson.title)
        self._step.setText(self.tr("Step {0} of {1}").format(whole(index + 1), whole(count)))
        self._bar.setRange(0, count)
        self._bar.setValue(index + 1)
        self._bar.setAccessibleName(self._step.text())
        self._title.setText(f"### {step.title}")
        self._box.setVisible(step.check is not None)
        self._asks = step.check is not None and step.check.do is Do.ANSWER
        self._answers.show_answers(step.answers, answer)
        self.showing.setVisible(step.check is not None and step.check.do is not Do.PREDICT)
        self._hint.hide()
        self._after.hide()
        self.hint.setVisible(bool(step.hint))
        self.back.setEnabled(index > 0)
        self._is_last = index == count - 1
        self._scroll.verticalScrollBar().setValue(0)

    def show_words(self, step: Step, *, done: bool) -> None:
        """What it says, with its numbers. done: then also what comes after."""
        for label, words in (
            (self._text, step.text),
            (self._task, step.task),
            (self._hint, step.hint),
            (self._after, step.after),
        ):
            if label.text() != words:
                label.setText(words)
                has_link = "](" in words
                label.setFocusPolicy(Qt.FocusPolicy.TabFocus if has_link else Qt.FocusPolicy.NoFocus)
        was_hidden = self._after.isHidden()
        self._after.setVisible(done and bool(step.after))
        if was_hidden and not self._after.isHidden():
            self._column.activate()
            self._scroll.ensureWidgetVisible(self._after)

    def show_done(self, done: bool, waits: bool) -> None:
        """done: what the step waits for. waits: whether it waits for anything."""
        side = icon_side(self)
        self._task_icon.setPixmap(icon("done" if done else "todo").pixmap(QSize(side, side)))
        self._task_icon.setAccessibleName(self.tr("Done") if done else self.tr("To do"))
        self.next.setEnabled(done or not waits)
        self.next.setDefault(self.next.isEnabled())
        self.next.setText(self.tr("&Finish") if self._is_last else self.tr("&Next"))
        self.showing.setEnabled(waits and not done)
        self._answers.reveal(done and self._asks)
        self._again.setVisible(self._asks and not done and self._answers.any_chosen)

    def show_hint(self) -> None:
        """Where to click, or which key."""
        self._hint.show()

    @property
    def texts(self) -> tuple[str, ...]:
        """What it says now, for tests: in the order in which it stands there."""
        labels = (self._title, self._text, self._task, self._again, self._hint, self._after)
        return tuple(label.text() for label in labels if not label.isHidden())

    def choose_answer(self, index: int) -> None:
        """As if it was clicked."""
        self._answers.choose(index)

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.leaving.emit()


class _Answers(QWidget):
    """Answers to choose from. Their texts may have several lines."""

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(1, 1)
        self._answers: tuple[Answer, ...] = ()
        self._rows: list[tuple[QRadioButton, _AnswerText, QLabel]] = []
        self._group = QButtonGroup(self)
        self._group.idClicked.connect(self.chosen)

    def show_answers(self, answers: Sequence[Answer], chosen: int | None) -> None:
        """None of them, or the one that was chosen before."""
        for widgets in self._rows:
            for widget in widgets:
                widget.hide()
                widget.deleteLater()
        self._rows, self._answers = [], tuple(answers)
        for number, answer in enumerate(answers):
            button, text, mark = QRadioButton(), _AnswerText(answer.text), QLabel()
            button.setAccessibleName(answer.text)
            _leave_focus(button)
            text.clicked.connect(button.click)
            button.setChecked(number == chosen)
            self._group.addButton(button, number)
            self._grid.addWidget(button, number, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(text, number, 1)
            self._grid.addWidget(mark, number, 2, Qt.AlignmentFlag.AlignTop)
            self._rows.append((button, text, mark))
        self.setVisible(bool(answers))

    def reveal(self, done: bool) -> None:
        """Mark those that are right, once somebody has answered."""
        side = icon_side(self, 16)
        for (_, _, mark), answer in zip(self._rows, self._answers, strict=True):
            shown = done and answer.right
            mark.setVisible(shown)
            if shown:
                mark.setPixmap(icon("done").pixmap(QSize(side, side)))
                mark.setAccessibleName(self.tr("Right"))

    @property
    def any_chosen(self) -> bool:
        return any(button.isChecked() for button, _, _ in self._rows)

    def choose(self, index: int) -> None:
        self._rows[index][0].click()


class _AnswerText(QLabel):
    """Clicking it is as clicking the button before it."""

    clicked = Signal()

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setWordWrap(True)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.clicked.emit()
        event.accept()


def _leave_focus(button: QAbstractButton) -> None:
    """A click leaves the focus in the picture, whose keys the lessons speak of. Tab gets here, too."""
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)


def _text() -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.MarkdownText)
    flags = Qt.TextInteractionFlag
    label.setTextInteractionFlags(flags.LinksAccessibleByMouse | flags.LinksAccessibleByKeyboard)
    label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    label.setOpenExternalLinks(True)
    return label
