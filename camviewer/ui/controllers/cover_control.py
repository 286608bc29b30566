"""CoverControl: covers what the map looks at, or a cell of it, without a pointer."""

from __future__ import annotations

from PySide6.QtCore import QObject

from camviewer.core.edits import Rectangle
from camviewer.core.map_outlines import all_else, looked_at
from camviewer.ui.controllers.edit_control import EditControl
from camviewer.ui.controllers.presenter import Presenter
from camviewer.ui.picture.centre import Centre
from camviewer.ui.picture.edit_tools import Tool
from camviewer.ui.widgets.banner import BannerKey, Severity
from camviewer.ui.widgets.class_words import target_name

EVIDENCE_SHARE = 0.5
"""Of a map's maximum: where "what it looks at" begins, unless the style draws contours at another."""


class CoverControl(QObject):
    """What it covers is a part of the edit like any other, and is undone like it."""

    def __init__(self, edits: EditControl, presenter: Presenter, centre: Centre, parent: QObject) -> None:
        super().__init__(parent)
        self._edits, self._presenter, self._centre = edits, presenter, centre

    def cover_evidence(self, keep: bool = False) -> None:
        """Cover what the map in view looks at; keep: cover all but that."""
        state = self._presenter.state
        if state is None or not self._edits.may_edit:
            return
        explanation, threshold = state.explanation, state.style.threshold or EVIDENCE_SHARE
        outline = looked_at(explanation, state.target, threshold, self._edits.fill)
        if outline is None:
            text = self.tr("This map holds no evidence for {0}, so there is nothing to cover.")
            title = target_name(explanation, state.target)
            self._centre.banners.show_message(BannerKey.EDIT, Severity.INFO, text.format(title), seconds=6)
            return
        frame = explanation.frame
        self._edits.add(all_else(outline, frame.width, frame.height) if keep else outline)

    def cover_cell(self) -> None:
        """Cover the cell that is pointed at, or take back what covers it, with the eraser."""
        cell, layer = self._centre.view.cell_on_screen, self._centre.edit_layer
        first, last = layer.in_frame(cell.topLeft()), layer.in_frame(cell.bottomRight())
        if cell.isEmpty() or first is None or last is None or not self._edits.may_edit:
            return
        (left, top), (right, bottom) = ((round(x, 3), round(y, 3)) for x, y in (first, last))
        fill = None if layer.tool is Tool.ERASER else self._edits.fill
        self._edits.add(Rectangle(left, top, right, bottom, fill))
