"""Presenter: keeps what is in view true to the explanation, the chosen class and map, and the style."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction

from camviewer.core import colormaps
from camviewer.core.explanation import Explanation
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
from camviewer.ui.docks.evidence import EvidenceDock
from camviewer.ui.docks.overlay import OverlayDock
from camviewer.ui.picture.centre import Centre
from camviewer.ui.picture.map_selection import MapSelection
from camviewer.ui.widgets.words import (
    map_title,
    whole,
)


class Presenter(QObject):
    """Between the pipeline, and the tabs, views and docks. Computes and paints nothing itself."""

    presented = Signal(object)
    """ViewState: something else is in view, or the same in another way."""

    def __init__(
        self,
        pipeline: Pipeline,
        centre: Centre,
        dock: OverlayDock,
        evidence: EvidenceDock,
        actions: dict[str, QAction],
        style: OverlayStyle,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._pipeline, self._centre, self._tabs = pipeline, centre, centre.tabs
        self._dock, self._evidence, self._actions = dock, evidence, actions
        self._style = style
        self._model: ModelInfo | None = None
        self.state: ViewState | None = None
        """What is in view; None while there is nothing to save."""
        self.selection = MapSelection(self)
        self._connect()

    def _connect(self) -> None:
        pipeline, tabs, bar = self._pipeline, self._tabs, self._centre.colour_bar
        pipeline.source_changed.connect(self._on_pipeline_source_changed)
        pipeline.explained.connect(self._on_pipeline_explained)
        tabs.class_chosen.connect(self._on_tabs_class_chosen)
        tabs.all_toggled.connect(self._on_tabs_all_toggled)
        tabs.compare_requested.connect(self.compare_with)
        tabs.picked.connect(self.selection.clear)  # choosing a class shows its own map
        self.selection.changed.connect(self._on_selection_changed)
        self._evidence.channel_chosen.connect(self._on_evidence_channel_chosen)
        self._evidence.class_chosen.connect(tabs.choose)
        self._dock.style_changed.connect(self.set_style)
        self._dock.request_changed.connect(pipeline.set_request)
        self._dock.smoothing_changed.connect(pipeline.set_smoothing)
        bar.range_dragged.connect(self._on_colour_bar_range_dragged)
        bar.range_freed.connect(lambda: self.restyle(scale=Scale.MAP))
        self._centre.all_view.class_clicked.connect(tabs.choose)

    # Showing

    @Slot()
    def _on_pipeline_source_changed(self) -> None:
        self.reset()
        self._dock.show_request(self._pipeline.request, self._pipeline.smoothing)

    @Slot(object)
    def _on_pipeline_explained(self, explanation: Explanation) -> None:
        source = self._pipeline.source
        live = source is not None and source.live and source.running and not self._pipeline.frozen
        if explanation.model != self._model:
            # Another model's class 900 or channel 900 is another thing, or nothing. Quietly: the tabs still
            # hold the old model's classes.
            self._model = explanation.model
            self.selection.blockSignals(True)
            self.selection.clear()
            self.selection.blockSignals(False)
            self._mark_comparison()
        saved: tuple[int, ...] = ()
        origin = self._pipeline.origin
        if origin.snapshot is not None:
            self._dock.show_request(explanation.request, origin.smoothing, fixed=True)
            saved = origin.snapshot.classes
        self._tabs.show_explanation(explanation, time.monotonic(), live, saved)
        self.refresh()

    def refresh(self) -> None:
        """Bring the view up to date with the explanation, the choice and the style."""
        explanation, chosen = self._pipeline.current, self._tabs.chosen
        self._actions["pin"].setChecked(chosen in self._tabs.pinned)
        self.state = None
        if explanation is None or chosen is None:
            return
        all_on = self._centre.all_on
        target = ClassScore(chosen) if all_on else self.selection.target(chosen)
        tabs = scores_of(self._tabs.classes)
        self._ask_for_missing(explanation, (target, *tabs))
        compared = tabs if all_on or self._shares_range(target) else ()
        state = self._state_of(explanation, target, compared)
        if all_on:
            self._centre.show_states([self._state_of(explanation, tab, tabs) for tab in tabs], chosen)
        elif state.available:
            self._centre.show_state(state)
        else:
            self._show_missing(state)
        if not state.available:
            self._evidence.clear()
            return
        self.state = state
        self._evidence.show_state(state)
        if state.localization is not None:
            self._dock.show_found(state.localization)
        self.presented.emit(state)

    def _state_of(self, explanation: Explanation, target: Target, compared: Sequence[Target]) -> ViewState:
        origin, classes = self._pipeline.origin, self._tabs.classes
        return view_state(explanation, target, self._style, compared=compared, classes=classes, origin=origin)

    def _shares_range(self, target: Target) -> bool:
        """Whether the tabs' maps are drawn over one range, and this is one of them."""
        return self._style.scale is Scale.SHARED and target.other is None and target.channel is None

    def _ask_for_missing(self, explanation: Explanation, wanted: Sequence[Target]) -> None:
        """Of methods whose maps cost work each: once, for all that is in view or a click away."""
        maps = explanation.maps
        missing = [target for target in wanted if not maps.available(target)]
        if maps.on_request and not set(missing) <= set(self._pipeline.request.targets):
            self._pipeline.ask_for(tuple(dict.fromkeys(wanted)))

    def _show_missing(self, state: ViewState) -> None:
        explanation, title = state.explanation, map_title(state.explanation, state.target)
        if explanation.maps.on_request:
            self._centre.show_message(
                self.tr("The map of {0} is not computed yet.").format(title), self._style
            )
            return
        text = self.tr(
            "This snapshot doesn't hold the map of {0}.\n"
            "It has those of {1} of {2} classes: of the tabs it was saved with, and the most probable ones."
        )
        count = len(explanation.logits)
        held = sum(explanation.maps.available(ClassScore(class_id)) for class_id in range(count))
        self._centre.show_message(text.format(title, whole(held), whole(count)), self._style)

    def say(self, message: str) -> None:
        """Say something where the picture was."""
        self.state = None
        self._centre.show_message(message, self._style)

    def clear_frame(self, message: str) -> None:
        """There is no frame any more: its numbers must not stand beside the name of another."""
        self.say(message)
        self._tabs.clear()
        self._evidence.clear()

    @Slot()
    def reset(self) -> None:
        """What was asked about the picture before is not asked about the next one."""
        self.selection.clear()
        self._tabs.reset()

    # The style

    @property
    def style(self) -> OverlayStyle:
        return self._style

    def set_style(self, style: OverlayStyle) -> None:
        self._style = style
        self._dock.show_style(style)
        self._actions["overlay"].setChecked(style.visible)
        self.refresh()

    def restyle(self, **changes: object) -> None:
        self.set_style(replace(self._style, **changes))  # type: ignore[arg-type]

    def next_colormap(self) -> None:
        base, is_reversed = colormaps.split_reversed(self._style.colormap)
        names = list(colormaps.COLORMAPS)
        name = names[(names.index(base) + 1) % len(names)]
        self.restyle(colormap=colormaps.reversed_name(name) if is_reversed else name)

    def change_opacity(self, by: float) -> None:
        self.restyle(opacity=min(max(self._style.opacity + by, 0.0), 1.0))

    @Slot(float)
    def _on_colour_bar_range_dragged(self, high: float) -> None:
        state = self.state
        if state is not None and not has_common_range(state.target, state.explanation.maps.unit):
            return  # its own range must not become the one of whole maps
        self.restyle(scale=Scale.FIXED, fixed=high)

    # The class and the map

    @property
    def follows(self) -> bool:
        """Whether each frame shows the map of its own most probable class."""
        return self._tabs.follow and not self.selection.active

    @Slot(int)
    def _on_tabs_class_chosen(self, _class_id: int) -> None:
        self.refresh()

    @Slot(int)
    def compare_with(self, class_id: int) -> None:
        """Why the chosen class and not this one; the same class again ends the comparison."""
        if class_id != self._tabs.chosen:
            self._tabs.set_follow(False)  # a comparison is of these two, whatever comes to the top
            self.selection.compare_with(class_id)

    def compare(self, class_id: int, other: int) -> None:
        """Choose a class, and ask why it and not the other."""
        self._tabs.choose(class_id)
        self.compare_with(other)

    def others(self) -> list[tuple[int, str]]:
        """Ids and labels of the classes that the chosen one may be compared with: those with a tab."""
        explanation, chosen = self._pipeline.current, self._tabs.chosen
        if explanation is None or chosen is None:
            return []
        return [(c, explanation.label(c)) for c in self._tabs.classes if c != chosen]

    def toggle_compare(self, on: bool) -> None:
        """With the most probable other class; off ends the comparison."""
        explanation, chosen = self._pipeline.current, self._tabs.chosen
        others = (c for c in explanation.top(2) if c != chosen) if explanation is not None else iter(())
        other = next(others, None)
        if on and other is not None and chosen is not None:
            self.compare_with(other)
        else:
            self.selection.clear()
        self._mark_comparison()  # where nothing changed, the action has checked itself all the same

    @Slot(object)
    def _on_evidence_channel_chosen(self, channel: int | None) -> None:
        self.selection.show_channel(channel)

    @Slot()
    def _on_selection_changed(self) -> None:
        if self.selection.active:
            self._tabs.set_all(False)
        self._mark_comparison()
        self.refresh()

    def _mark_comparison(self) -> None:
        self._tabs.set_other(self.selection.other)
        self._actions["compare"].setChecked(self.selection.other is not None)

    @Slot(bool)
    def _on_tabs_all_toggled(self, on: bool) -> None:
        self._centre.set_all(on)
        if on:
            self.selection.clear()  # all tabs show their own maps
        self._actions["all"].setChecked(on)
        self.refresh()
