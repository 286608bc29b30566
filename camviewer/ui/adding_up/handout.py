"""How a score adds up as a page to print: both drawings and all their numbers, in one file of HTML."""

from __future__ import annotations

import base64
from collections.abc import Callable

import jinja2
from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QIODevice
from PySide6.QtGui import QFont, QImage, QImageWriter

from camviewer.core.resources import resource_path
from camviewer.core.score_parts import ScoreParts
from camviewer.media.drawing.view_state import ViewState
from camviewer.ui.adding_up.contents import Contents, contents_of
from camviewer.ui.adding_up.paper import drawn_on_paper
from camviewer.ui.adding_up.texts import flatten_words, rest_lines, rounded, share
from camviewer.ui.docks.evidence_rows import faithfulness_text
from camviewer.ui.widgets.class_words import target_name
from camviewer.ui.widgets.words import significant, whole

translate = QCoreApplication.translate


def handout(state: ViewState, font: QFont, code: str) -> Callable[[], bytes]:
    """What makes the page: everything of Qt's is painted and translated now, in the GUI thread; the rest is
    slow and may run in any. code: of the language. Raises as `score_parts`."""
    contents = contents_of(state)
    pool = translate("handout", "Pool, then linear: this network") if contents.parts.channels else ""
    drawings = [(pool or _title(state), drawn_on_paper(state, font), "")]
    if pool:
        name = translate("handout", "Flatten, then linear: what changes")
        drawings.append((name, drawn_on_paper(state, font, flatten=True), flatten_words(contents)))
    facts = {
        "code": code,
        "words": _words(contents),
        "cells": _cells(contents),
        "columns": contents.parts.values.shape[1],
        "channels": _channels(contents.parts),
    }

    def page() -> bytes:
        template = jinja2.Template(
            resource_path("handout/handout.html.jinja").read_text("utf-8"), autoescape=True
        )
        images = [{"title": title, "png": _png(image), "text": text} for title, image, text in drawings]
        html: str = template.render(drawings=images, **facts)
        return html.encode("utf-8")

    return page


def _png(image: QImage) -> str:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, b"png").write(image)
    return base64.b64encode(data.data()).decode("ascii")


def _title(state: ViewState) -> str:
    return translate("handout", "How it adds up: {0}").format(target_name(state.explanation, state.target))


def _words(contents: Contents) -> dict[str, object]:
    state, model = contents.state, contents.explanation.model
    return {
        "title": _title(state),
        "note": faithfulness_text(state),
        "model": f"{model.title} · camviewer",
        "name": translate("worksheet", "Name"),
        "date": translate("worksheet", "Date"),
        "cells": translate("handout", "The map, cell by cell"),
        "sum": rest_lines(contents),
        "channels": translate("handout", "Channel by channel"),
        "columns": (
            translate("handout", "channel"),
            translate("handout", "mean"),
            translate("handout", "weight"),
            translate("handout", "mean × weight"),
        ),
    }


def _cells(contents: Contents) -> list[list[str]]:
    def text(value: float) -> str:
        return rounded(value) if contents.adds_up else significant(value, 3)

    return [[text(float(value)) for value in row] for row in contents.parts.values]


def _channels(parts: ScoreParts) -> list[list[str]]:
    """The last row is the sum."""
    if not parts.channels or parts.sums is None:
        return []
    rows = [[str(c.channel), share(c.pooled), share(c.weight), share(c.value)] for c in parts.channels]
    if len(parts.channels) < parts.count:
        others = translate("adding_up", "the other {0}").format(whole(parts.count - len(parts.channels)))
        rows.append([others, "", "", share(parts.rest)])
    rows.append([translate("evidence", "bias"), "", "", share(parts.sums.remainder)])
    rows.append([translate("handout", "sum"), "", "", rounded(parts.sums.score)])
    return rows
