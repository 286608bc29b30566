"""EditControl: what the user paints over frames, its history, and what else there is to do with an edit."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeyEvent

from camviewer.core.covering import Fill
from camviewer.core.edit_history import EditHistory, extended
from camviewer.core.edits import FrameEdit, Inversion, Outline, Part, Rectangle
from camviewer.core.explanation import Explanation
from camviewer.core.localize import localize
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.media.sources.source import Source
from camviewer.ui.controllers.edit_request import EditRequest
from camviewer.ui.controllers.presenter import Presenter
from camviewer.ui.picture.centre import Centre
from camviewer.ui.picture.edit_tools import Tool, wider
from camviewer.ui.widgets.banner import BannerKey, Severity

EVIDENCE_SHARE = 0.5
"""Of a map's maximum: where "what it looks at" begins, unless the style draws contours at another."""


class EditControl(QObject):
    """The edit belongs to the source, and of photos to the one in view: others begin without, and undo
    brings it back onto them. It stays while a live source moves, and under another model."""

    begun = Signal()
    """There is an edit, and there was none."""

    def __init__(
        self,
        pipeline: Pipeline,
        centre: Centre,
        presenter: Presenter,
        actions: dict[str, QAction],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._pipeline, self._centre, self._presenter, self._actions = pipeline, centre, presenter, actions
        self._layer, self._view, self._strip = centre.edit_layer, centre.view, centre.edit_strip
        self._history = EditHistory()
        self._drawing: Part | None = None
        self._request = EditRequest(pipeline, self)
        self._layer.drawing.connect(self._on_layer_drawing)
        self._layer.drawn.connect(self._add)
        self._strip.fill_chosen.connect(self.set_fill)
        self._strip.closed.connect(lambda: self.choose(None))
        pipeline.source_changed.connect(self._on_pipeline_source_changed)
        pipeline.explained.connect(self._on_pipeline_explained)
        presenter.presented.connect(self._show_actions)
        centre.frame_page.installEventFilter(self)
        self._show()

    # The edit

    @property
    def edit(self) -> FrameEdit | None:
        """As it is now, with what is being drawn."""
        return self._with(self._drawing)

    def _with(self, part: Part | None) -> FrameEdit | None:
        edit, size = self._history.present, self._layer.frame_size
        takes_back = not isinstance(part, Inversion) and part is not None and part.fill is None
        if part is None or size is None or (edit is None and takes_back):
            return edit
        return extended(edit, part, size)

    @Slot(object)
    def _on_layer_drawing(self, part: Part | None) -> None:
        self._drawing = part
        self._request.ask(self.edit, at_once=part is None)
        self._show()

    @Slot(object)
    def _add(self, part: Part) -> None:
        self._put(self._with(part))

    def _put(self, edit: FrameEdit | None) -> None:
        """A step of the history."""
        is_first = self._history.present is None and edit is not None
        self._history.put(edit)
        self._apply()
        if is_first:
            self.begun.emit()

    def _apply(self) -> None:
        self._drawing = None
        self._request.ask(self._history.present, at_once=True)
        self._show()

    def undo(self) -> None:
        """One step back; of what is being drawn, that."""
        if self._layer.is_drawing:
            self._layer.give_up()
            return
        self._history.undo()
        self._apply()

    def redo(self) -> None:
        self._layer.give_up()
        self._history.redo()
        self._apply()

    def clear(self) -> None:
        """The frame as it is. Undo brings the edit back."""
        self._layer.give_up()
        self._put(None)

    def invert(self) -> None:
        """Cover what isn't covered, and nothing else."""
        if self._history.present is not None:
            self._add(Inversion(self._layer.fill))

    def cover_evidence(self, keep: bool = False) -> None:
        """Cover what the map in view looks at; keep: cover all but that."""
        state = self._presenter.state
        if state is None or not self._may_edit:
            return
        threshold = state.style.threshold if state.style.threshold is not None else EVIDENCE_SHARE
        explanation = state.explanation
        values = explanation.drawn_map(state.target).values
        contours = localize(values, explanation.region, threshold).contours
        rings = tuple(tuple((float(x), float(y)) for x, y in ring) for ring in contours)
        if not rings:
            text = self.tr("There is no evidence for {0} on this map, so there is nothing to cover.")
            title = explanation.title(state.target)
            self._centre.banners.show_message(BannerKey.EDIT, Severity.INFO, text.format(title), seconds=6)
            return
        if keep:  # of a ring within a ring, only what is between them is covered
            frame = explanation.frame
            right, bottom = float(frame.width), float(frame.height)
            rings = (((0.0, 0.0), (right, 0.0), (right, bottom), (0.0, bottom)), *rings)
        self._add(Outline(rings, self._layer.fill))

    def cover_cell(self) -> None:
        """Cover the cell that is pointed at, or take back what covers it with the eraser."""
        cell = self._view.cell_on_screen
        first, last = self._layer.in_frame(cell.topLeft()), self._layer.in_frame(cell.bottomRight())
        if cell.isEmpty() or first is None or last is None or not self._may_edit:
            return
        (left, top), (right, bottom) = ((round(x, 3), round(y, 3)) for x, y in (first, last))
        fill = None if self._layer.tool is Tool.ERASER else self._layer.fill
        self._add(Rectangle(left, top, right, bottom, fill))

    # The tool

    @property
    def _may_edit(self) -> bool:
        """A snapshot stays as it was explained."""
        return self._pipeline.current is not None and self._pipeline.origin.snapshot is None

    def choose(self, tool: Tool | None) -> None:
        """Take a tool; the one that is chosen already is left."""
        if tool is not None and not self._may_edit:
            if self._pipeline.current is not None:
                text = self.tr("A snapshot stays as it was explained. Open its photo to paint over it.")
                self._centre.banners.show_message(BannerKey.EDIT, Severity.INFO, text, seconds=6)
            tool = None
        self._layer.choose(None if tool is self._layer.tool else tool)
        if self._layer.tool is not None:
            self._centre.tabs.set_all(False)
            self._view.setFocus()
        self._show()

    def set_fill(self, fill: Fill) -> None:
        """What covers the parts that are drawn next."""
        self._layer.fill = fill
        self._strip.show_fill(fill)

    @property
    def fill(self) -> Fill:
        return self._layer.fill

    def resize_brush(self, notches: int) -> None:
        self._layer.set_share(wider(self._layer.share, notches))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Escape leaves the tool, before it does anything else."""
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape and self._layer.tool is not None:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self.choose(None)
                return True
        return super().eventFilter(watched, event)

    # From the pipeline

    @Slot(object)
    def _on_pipeline_source_changed(self, source: Source) -> None:
        if not source.live:  # photos; of a video, other frames are of the same scene
            source.jumped.connect(self._begin_without)
        self._begin_without()

    @Slot()
    def _begin_without(self) -> None:
        """Another picture: what was painted over the one before covers nothing of it."""
        self.clear()

    @Slot(object)
    def _on_pipeline_explained(self, explanation: Explanation) -> None:
        if self._pipeline.origin.snapshot is not None and self._layer.tool is not None:
            self._layer.choose(None)
        self._show()

    def _show(self) -> None:
        current, edit = self._pipeline.current, self.edit
        shown = current.request.edit if current is not None else None
        is_snapshot = self._pipeline.origin.snapshot is not None
        self._layer.mark = "" if edit is None and shown is None else self.tr("Edited")
        self._layer.show_edit(shown if is_snapshot else edit, shown)
        self._strip.setVisible(self._layer.tool is not None or edit is not None)
        self._show_actions()

    @Slot()
    def _show_actions(self) -> None:
        actions, history, tool = self._actions, self._history, self._layer.tool
        for each in Tool:
            actions[each.value].setChecked(each is tool)
        has_edit = history.present is not None
        has_map = self._presenter.state is not None and self._may_edit
        for name, enabled in (
            ("undo", history.can_undo and self._may_edit),
            ("redo", history.can_redo and self._may_edit),
            ("clear_edit", has_edit),
            ("invert_edit", has_edit),
            ("show_original", self._presenter.has_original),
            ("cover_evidence", has_map),
            ("keep_evidence", has_map),
        ):
            actions[name].setEnabled(enabled)
