"""A lesson's worksheet: a page of HTML to print, with room for predictions, numbers and answers."""

from __future__ import annotations

import re
from pathlib import Path

import jinja2
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QTextDocument

from camviewer.core.lessons.lesson import Lesson
from camviewer.core.resources import resource_path
from camviewer.core.storage.files import atomic_write, make_folder

translate = QCoreApplication.translate
_BODY = re.compile(r"<body[^>]*>(.*)</body>", re.DOTALL)
_NAMED = re.compile(r"\{\w+\}")
_LINK = re.compile(r"\[([^\]]*)\]\(\{\w+\}\)")
_BLANK = "＿＿＿＿＿"
"""Where a number goes: the window has it. Letters, as Markdown would take other lines for its own."""


def worksheet(lesson: Lesson, code: str) -> str:
    """HTML that needs nothing else. code: of its language."""
    words = {
        "name": translate("worksheet", "Name"),
        "date": translate("worksheet", "Date"),
        "minutes": translate("worksheet", "About {0} minutes").format(lesson.minutes),
        "how": translate(
            "worksheet",
            "In camviewer: Help → Lessons → “{0}”. Read the numbers for the empty lines in the window.",
        ).format(lesson.title),
        "answer": translate("worksheet", "What I saw, and why:"),
    }
    template = jinja2.Template(
        resource_path("lessons/worksheet.html.jinja").read_text("utf-8"), autoescape=True
    )
    steps = [(step, _html(step.text), _html(step.task)) for step in lesson.steps]
    html: str = template.render(lesson=lesson, steps=steps, code=code, words=words)
    return html


def write_worksheet(html: str, path: Path) -> Path:
    """Where it was written. Raises SaveFailure."""
    make_folder(path.parent)
    with atomic_write(path, overwrite=True) as file:
        file.write(html.encode("utf-8"))
    return path


def _html(markdown: str) -> str:
    """Without Qt's own styles: the page has its style."""
    document = QTextDocument()
    document.setMarkdown(_NAMED.sub(_BLANK, _LINK.sub(r"\1", markdown)))
    found = _BODY.search(document.toHtml())
    html = found[1] if found is not None else ""
    bold = re.sub(r'<span style="[^"]*font-weight:[67]00[^"]*">(.*?)</span>', r"<b>\1</b>", html)
    code = re.sub(r'<span style="[^"]*font-family[^"]*">(.*?)</span>', r"<code>\1</code>", bold)
    return re.sub(r' style="[^"]*"', "", code)
