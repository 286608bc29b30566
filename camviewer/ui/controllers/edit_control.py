"""EditControl: what the user paints over frames, its history, and what else there is to do with an edit."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeyEvent

from camviewer.core.covering import Fill
from camviewer.core.edit_history import EditHistory, extended
from camviewer.core.edits import FrameEdit, Inversion, Part
from camviewer.core.explanation import Explanation
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.media.sources.source import Source
from camviewer.ui.controllers.edit_request import EditRequest
from camviewer.ui.controllers.presenter import Presenter
from camviewer.ui.picture.centre import Centre
from camviewer.ui.picture.edit_tools import Tool, wider
from camviewer.ui.widgets.banner import BannerKey, Severity


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
        self._shown: tuple[Tool | None, dict[str, bool]] | None = None
        self._request = EditRequest(pipeline, self)
        self._layer.drawing.connect(self._on_layer_drawing)
        self._layer.drawn.connect(self.add)
        self._strip.show_fill(self._layer.fill)
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
    def add(self, part: Part) -> None:
        """Paint one more part over the frame in view."""
        self.put(self._with(part))

    def put(self, edit: FrameEdit | None) -> None:
        """Another edit, or none; undo brings back the one before."""
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
        self.put(None)

    def invert(self) -> None:
        """Cover what isn't covered, and nothing else."""
        if self._history.present is not None:
            self.add(Inversion(self._layer.fill))

    # The tool

    @property
    def may_edit(self) -> bool:
        """A snapshot stays as it was explained."""
        return self._pipeline.current is not None and self._pipeline.origin.snapshot is None

    def choose(self, tool: Tool | None) -> None:
        """Take a tool; the one that is chosen already is left."""
        if tool is not None and not self.may_edit:
            if self._pipeline.current is not None:
                text = self.tr("A snapshot stays as it was explained. Open its photo to paint over it.")
                self._centre.banners.show_message(BannerKey.EDIT, Severity.INFO, text, seconds=6)
            tool = None
        self._layer.choose(None if tool is self._layer.tool else tool)
        if self._layer.tool is not None:
            self._centre.tabs.set_all(False)
            self._view.setFocus()
        self._shown = None  # the action that was clicked has checked itself
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
        self._layer.show_edit(shown if is_snapshot else edit, shown)
        is_edited = bool(self._layer.pending) or (current is not None and current.edited)
        self._layer.show_mark(self.tr("Edited") if is_edited else "")
        self._strip.setVisible(self._layer.tool is not None or edit is not None)
        self._strip.show_tool(self._layer.tool is not None)
        self._show_actions()

    @Slot()
    def _show_actions(self) -> None:
        actions, history, tool = self._actions, self._history, self._layer.tool
        has_edit, may_edit = history.present is not None, self.may_edit
        state = self._presenter.state
        has_map = state is not None and may_edit
        allowed = {
            "undo": history.can_undo and may_edit,
            "redo": history.can_redo and may_edit,
            "clear_edit": has_edit,
            "invert_edit": has_edit,
            "show_original": state is not None and state.explanation.edited,
            "cover_evidence": has_map,
            "keep_evidence": has_map,
        }
        if self._shown == (tool, allowed):  # as with nearly every frame
            return
        self._shown = tool, allowed
        for each in Tool:
            actions[each.value].setChecked(each is tool)
        for name, enabled in allowed.items():
            actions[name].setEnabled(enabled)
