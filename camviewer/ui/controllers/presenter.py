"""Presenter: keeps what is in view true to the explanation, the chosen class and map, and the style."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction

from camviewer.core.explanation import (
    ExplainRequest,
    Explanation,
)
from camviewer.core.models.spec import ModelInfo
from camviewer.core.scaling import Scale
from camviewer.core.targets import (
    ClassScore,
    Target,
    scores_of,
)
from camviewer.media.drawing.style import (
    OverlayStyle,
    has_common_range,
)
from camviewer.media.drawing.view_state import (
    ViewState,
    view_state,
)
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.ui.controllers.channel_escape import ChannelEscape
from camviewer.ui.controllers.comparison import Comparison
from camviewer.ui.controllers.style_control import StyleControl
from camviewer.ui.docks.evidence import EvidenceDock
from camviewer.ui.docks.overlay import OverlayDock
from camviewer.ui.picture.centre import Centre
from camviewer.ui.picture.map_selection import MapSelection
from camviewer.ui.widgets.class_words import target_name
from camviewer.ui.widgets.words import whole


class Presenter(QObject):
    """Between the pipeline, and the tabs, views and docks. Computes and paints nothing itself."""

    presented = Signal(object)
    """ViewState: something else is in view, or the same in another way."""
    nothing_presented = Signal()
    """No map is in view any more, but a message."""

    def __init__(
        self,
        pipeline: Pipeline,
        centre: Centre,
        dock: OverlayDock,
        evidence: EvidenceDock,
        styles: StyleControl,
        actions: dict[str, QAction],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._pipeline, self._centre, self._tabs = pipeline, centre, centre.tabs
        self._dock, self._evidence, self._styles, self._actions = dock, evidence, styles, actions
        self._model: ModelInfo | None = None
        self._takes_frame = False
        self.shows_original = False
        """Whether the frame is seen as it was before the edit, without a map. What is saved stays edited."""
        self.state: ViewState | None = None
        """What is in view; None while there is nothing to save."""
        self.selection = MapSelection(self)
        self.comparison = Comparison(pipeline, self._tabs, self.selection, actions["compare"], self)
        ChannelEscape(centre.frame_page, self.selection, self)
        self._connect()

    def _connect(self) -> None:
        pipeline, tabs, bar = self._pipeline, self._tabs, self._centre.colour_bar
        pipeline.source_changed.connect(self._on_pipeline_source_changed)
        pipeline.explained.connect(self._on_pipeline_explained)
        tabs.class_chosen.connect(self._on_tabs_class_chosen)
        tabs.settled.connect(self.refresh)
        tabs.all_toggled.connect(self._on_tabs_all_toggled)
        tabs.picked.connect(self.selection.clear)  # choosing a class shows its own map
        self.selection.changed.connect(self._on_selection_changed)
        self._evidence.channel_chosen.connect(self._on_evidence_channel_chosen)
        self._evidence.class_chosen.connect(tabs.choose)
        self._evidence.handout_wanted.connect(self._actions["handout"].trigger)
        self._styles.changed.connect(self.refresh)
        self._dock.given.request_changed.connect(self._on_input_request_changed)
        pipeline.request_changed.connect(self._on_pipeline_request_changed)
        self._dock.given.smoothing_changed.connect(pipeline.set_smoothing)
        bar.range_dragged.connect(self._on_colour_bar_range_dragged)
        bar.range_freed.connect(lambda: self._styles.restyle(scale=Scale.MAP))
        self._centre.all_view.class_clicked.connect(tabs.choose)

    # How frames are explained

    @Slot(object)
    def _on_input_request_changed(self, request: ExplainRequest) -> None:
        """The dock's rows know what the network is given; the method and its targets are chosen elsewhere."""
        present = self._pipeline.request
        self._pipeline.set_request(
            replace(present, fit=request.fit, resolution=request.resolution, fine=request.fine)
        )

    @Slot()
    def _on_pipeline_request_changed(self) -> None:
        if self._pipeline.origin.snapshot is None:
            self._dock.given.show_request(self._pipeline.request, self._pipeline.smoothing)

    # Showing

    @Slot()
    def _on_pipeline_source_changed(self) -> None:
        self.reset()
        self._dock.given.show_request(self._pipeline.request, self._pipeline.smoothing)

    @Slot(object)
    def _on_pipeline_explained(self, explanation: Explanation) -> None:
        source = self._pipeline.source
        stands = self._pipeline.frozen or self._pipeline.in_view.looks_back
        live = source is not None and source.live and source.running and not stands
        if explanation.model != self._model:
            # Another model's class 900 or channel 900 is another thing, or nothing. Quietly: the tabs still
            # hold the old model's classes.
            self._model = explanation.model
            self.selection.blockSignals(True)
            self.selection.clear()
            self.selection.blockSignals(False)
            self.comparison.mark()
        saved: tuple[int, ...] = ()
        origin = self._pipeline.origin
        if origin.snapshot is not None:
            self._dock.given.show_request(explanation.request, origin.smoothing, fixed=True)
            saved = origin.snapshot.classes
        self._takes_frame = True  # the tabs may tell of another top class: one refresh is enough
        try:
            self._tabs.show_explanation(explanation, time.monotonic(), live, saved)
        finally:
            self._takes_frame = False
        self.refresh()

    def refresh(self) -> None:
        """Bring the view up to date with the explanation, the choice and the style."""
        explanation, chosen = self._pipeline.current, self._tabs.chosen
        self._actions["pin"].setChecked(chosen in self._tabs.pinned)
        self._actions["overlay"].setChecked(self.style.visible)
        self.state = None
        if explanation is None or chosen is None:
            return
        all_on = self._centre.all_on
        self._dock.show_unit(explanation.maps.unit, all_on)
        target = ClassScore(chosen) if all_on else self.selection.target(chosen)
        tabs = scores_of(self._tabs.classes)
        self._ask_for_missing(explanation, (target, *tabs))
        compared = tabs if all_on or self._shares_range(target) else ()
        state = self._state_of(explanation, target, compared)
        shows_original = self.shows_original and explanation.edited
        if all_on:
            states = [state if tab == target else self._state_of(explanation, tab, tabs) for tab in tabs]
            if shows_original:
                states = [original_of(each) for each in states]
            self._centre.show_states(states, chosen)
            state = replace(state, beside=tuple(states))
        elif state.available:
            self._centre.show_state(original_of(state) if shows_original else state)
        else:
            self._show_missing(state)
        if not state.available:
            self._evidence.clear()
            self._dock.show_found(None)
            self.nothing_presented.emit()
            return
        self.state = state
        self._evidence.show_state(state)
        self._dock.show_found(state.localization)
        self.presented.emit(state)

    def _state_of(self, explanation: Explanation, target: Target, compared: Sequence[Target]) -> ViewState:
        origin, classes = self._pipeline.origin, self._tabs.classes
        return view_state(explanation, target, self.style, compared=compared, classes=classes, origin=origin)

    def _shares_range(self, target: Target) -> bool:
        """Whether the tabs' maps are drawn over one range, and this is one of them."""
        return self.style.scale is Scale.SHARED and target.other is None and target.channel is None

    def _ask_for_missing(self, explanation: Explanation, wanted: Sequence[Target]) -> None:
        """Of methods whose maps cost work each: once, for all that is in view or a click away."""
        maps = explanation.maps
        missing = [target for target in wanted if not maps.available(target)]
        if maps.on_request and not set(missing) <= set(self._pipeline.request.targets):
            request = replace(self._pipeline.request, targets=tuple(dict.fromkeys(wanted)))
            self._pipeline.set_request(request)

    def _show_missing(self, state: ViewState) -> None:
        explanation, title = state.explanation, target_name(state.explanation, state.target)
        if explanation.will_have(state.target):
            self._centre.show_message(
                self.tr("The map of {0} is not computed yet.").format(title), self.style
            )
            return
        if explanation.maps.on_request:
            text = self.tr("{0} can't make a map of {1}. Choose another method.")
            self._centre.show_message(text.format(explanation.maps.method, title), self.style)
            return
        text = self.tr(
            "This snapshot doesn't hold the map of {0}.\n"
            "It has those of {1} of {2} classes: of the tabs it was saved with, and the most probable ones."
        )
        count = len(explanation.logits)
        held = sum(explanation.maps.available(ClassScore(class_id)) for class_id in range(count))
        self._centre.show_message(text.format(title, whole(held), whole(count)), self.style)

    def show_message(self, message: str) -> None:
        """A message where the frame was."""
        self.state = None
        self._dock.show_found(None)
        self._centre.show_message(message, self.style)
        self.nothing_presented.emit()

    def clear_frame(self, message: str) -> None:
        """There is no frame any more: its numbers must not stand beside the name of another."""
        self.show_message(message)
        self._tabs.clear()
        self._centre.groups.clear()
        self._evidence.clear()

    @Slot()
    def reset(self) -> None:
        """What was chosen for one frame is not chosen for the next source's."""
        self.selection.clear()
        self._tabs.reset()

    @Slot(float)
    def _on_colour_bar_range_dragged(self, high: float) -> None:
        state = self.state
        if state is not None and not has_common_range(state.target, state.explanation.maps.unit):
            return  # its own range must not become the one of whole maps
        self._styles.restyle(scale=Scale.FIXED, fixed=high)

    @property
    def style(self) -> OverlayStyle:
        """How it is drawn."""
        return self._styles.style

    # The class and the map

    @property
    def follows(self) -> bool:
        """Whether each frame shows the map of its own most probable class."""
        return self._tabs.follow and not self.selection.active

    @Slot(int)
    def _on_tabs_class_chosen(self, _class_id: int) -> None:
        if not self._takes_frame:
            self.refresh()

    @Slot(object)
    def _on_evidence_channel_chosen(self, channel: int | None) -> None:
        self.selection.show_channel(channel)

    @Slot()
    def _on_selection_changed(self) -> None:
        if self.selection.active:
            self._tabs.set_all(False)
        self.refresh()

    @Slot(bool)
    def _on_tabs_all_toggled(self, on: bool) -> None:
        self._centre.set_all(on)
        if on:
            self.selection.clear()  # all tabs show their own maps
        self._actions["all"].setChecked(on)
        self.refresh()


def original_of(state: ViewState) -> ViewState:
    """The same place, as its source gave it: without the edit and without a map."""
    explanation = replace(state.explanation, frame=state.explanation.original)
    plain = replace(state.style, visible=False)
    return replace(state, explanation=explanation, style=plain, localization=None)
