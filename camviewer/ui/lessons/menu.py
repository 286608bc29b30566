"""Help → Lessons: which there are, how far the user has come, and the one that runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QMenu, QWidget

from camviewer.core.failures import SourceFailure
from camviewer.core.lessons.lesson import Lesson
from camviewer.core.lessons.reading import lesson_named, lesson_names, read_lesson
from camviewer.ui.lessons.parts import LessonParts
from camviewer.ui.system import language
from camviewer.ui.widgets.banner import BannerKey, Severity
from camviewer.ui.widgets.file_dialog import Mode, file_dialog
from camviewer.ui.widgets.words import translated, whole

if TYPE_CHECKING:
    from camviewer.ui.lessons.control import LessonControl


class LessonMenu(QObject):
    """Makes a lesson's control when it begins: the window shows sooner."""

    def __init__(self, parts: Callable[[], LessonParts], parent: QWidget) -> None:
        super().__init__(parent)
        self._make_parts, self._window = parts, parent
        self.control: LessonControl | None = None
        """Of the lesson that runs; None while none does."""
        self.menu = QMenu(self.tr("&Lessons"), parent)
        self.menu.setToolTipsVisible(True)
        self.menu.aboutToShow.connect(self._fill)

    @Slot()
    def _fill(self) -> None:
        from camviewer.ui.lessons.control import progress_in

        menu, settings = self.menu, self._make_parts().settings
        menu.clear()
        for name in lesson_names():
            lesson = lesson_named(name, language.present())
            progress = progress_in(settings, lesson)
            text = lesson.title.replace("&", "&&")
            if progress.step:
                step = self.tr("step {0} of {1}").format(whole(progress.step + 1), whole(len(lesson.steps)))
                text = f"{text} ({step})"
            action = menu.addAction(text)
            action.setCheckable(progress.finished)
            action.setChecked(progress.finished)
            action.setToolTip(
                "\n".join((lesson.summary, self.tr("About {0} minutes").format(whole(lesson.minutes))))
            )
            action.triggered.connect(lambda _=False, lesson=lesson: self.begin(lesson))
        menu.addSeparator()
        menu.addAction(self.tr("&Open a lesson…")).triggered.connect(self._ask)
        leave = menu.addAction(self.tr("L&eave the lesson"))
        leave.setEnabled(self.control is not None)
        leave.triggered.connect(self.leave)

    def begin(self, lesson: Lesson) -> None:
        """Another one that runs is left first."""
        from camviewer.ui.lessons.control import LessonControl

        self.leave()
        self.control = LessonControl(self._make_parts(), lesson)
        self.control.ended.connect(self._on_control_ended)

    @Slot()
    def leave(self) -> None:
        if self.control is not None:
            self.control.leave()

    def close(self) -> None:
        """The window is being closed: its settings must not be those of a lesson."""
        if self.control is not None:
            self.control.close()

    @Slot()
    def _on_control_ended(self) -> None:
        if self.control is not None:
            self.control.deleteLater()
            self.control = None

    def _ask(self) -> None:
        parts = self._make_parts()
        filters = [self.tr("Lessons ({0})").format("*.md"), self.tr("All files (*)")]
        dialog = file_dialog(
            self._window,
            self.tr("Open a lesson"),
            parts.settings.text("lessons-folder"),
            Mode.ExistingFile,
            filters,
        )
        dialog.fileSelected.connect(lambda file: self.open_file(Path(file)))
        dialog.open()

    def open_file(self, path: Path) -> None:
        """A lesson that somebody else wrote."""
        parts = self._make_parts()
        parts.settings.set("lessons-folder", str(path.parent))
        try:
            lesson = read_lesson(path)
        except SourceFailure as failure:
            text = translated(failure.text)
            parts.centre.banners.show_message(BannerKey.LESSON, Severity.ERROR, text)
        else:
            self.begin(lesson)
