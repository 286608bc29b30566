"""Playback: freeze or pause, previous and next, for whatever source is open, and what is kept of it."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject, Signal, SignalInstance, Slot
from PySide6.QtGui import QAction

from camviewer.media.interlacing import set_deinterlacing
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.media.sources.source import (
    Seekable,
    Source,
    Steppable,
)
from camviewer.ui.system.settings import Settings
from camviewer.ui.widgets.icons import icon

DEINTERLACING_KEY = "video/deinterlacing"
"""A setting."""


class Past(Protocol):
    """What of a live source is over, but kept."""

    @property
    def changed(self) -> SignalInstance: ...

    @property
    def can_step(self) -> bool: ...

    def step(self, steps: int) -> None: ...

    def back_to_live(self) -> None: ...


class Playback(QObject):
    """Keeps the three actions up to date with the source, and carries them out."""

    changed = Signal()
    """The source, its title, or whether it stands still has changed."""

    def __init__(
        self, pipeline: Pipeline, settings: Settings, actions: dict[str, QAction], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._pipeline, self._settings = pipeline, settings
        set_deinterlacing(self.deinterlaces)
        self._freeze, self._previous, self._next = (actions[n] for n in ("freeze", "previous", "next"))
        self._state: tuple[object, ...] = ()
        self.past: Past | None = None
        pipeline.source_changed.connect(self._on_pipeline_source_changed)
        pipeline.frozen_changed.connect(self._on_source_changed)
        pipeline.in_view.looking_back_changed.connect(self._on_source_changed)

    @Slot(object)
    def _on_pipeline_source_changed(self, source: Source) -> None:
        source.changed.connect(self._on_source_changed)
        self._on_source_changed()

    def set_past(self, past: Past) -> None:
        """What is kept of live sources; it may begin, or be gone."""
        self.past = past
        past.changed.connect(self._on_source_changed)

    @Slot()
    def _on_source_changed(self) -> None:
        """A video emits this many times a second: set only what changed."""
        source = self._pipeline.source
        pausable = source is not None and source.pausable
        stands = source is not None and source.pausable and not source.running
        still = self._pipeline.frozen or self._pipeline.in_view.looks_back or stands
        has_past = self.past is not None and self.past.can_step
        can_step = has_past or (source is not None and isinstance(source, Steppable) and source.can_step)
        state = (source, still, can_step, has_past, source.title if source is not None else "")
        if state == self._state:
            return
        self._state = state
        self._freeze.setEnabled(source is not None and source.live)
        self._freeze.setChecked(still)
        if pausable:
            self._freeze.setIcon(icon("play" if still else "pause"))
            self._freeze.setIconText(self.tr("Play") if still else self.tr("Pause"))
        else:
            self._freeze.setIcon(icon("freeze"))
            self._freeze.setIconText(self.tr("Freeze"))
        for action, name in ((self._previous, "step-back"), (self._next, "step-forward")):
            action.setEnabled(can_step)
            action.setIcon(icon(name if has_past or isinstance(source, Seekable) else action.objectName()))
        self.changed.emit()

    @property
    def deinterlaces(self) -> bool:
        """Whether interlaced videos are shown without combs."""
        return self._settings.flag(DEINTERLACING_KEY, True)

    def set_deinterlacing(self, on: bool) -> None:
        """From the next frame on."""
        self._settings.set(DEINTERLACING_KEY, on)
        set_deinterlacing(on)

    def freeze(self, freeze: bool) -> None:
        """Freeze or pause what is live, or let it go on."""
        source = self._pipeline.source
        if not freeze and self._pipeline.in_view.looks_back and self.past is not None:
            self.past.back_to_live()
        elif not freeze and not self._pipeline.frozen and source is not None:
            source.set_paused(False)  # a video also stands still after a step, or at its end
        else:
            self._pipeline.set_frozen(freeze)
        self._state = ()  # the action may have toggled itself without effect
        self._on_source_changed()

    def step(self, steps: int) -> None:
        """Go so many frames or photos on, or back if negative; of a live source, among what is kept."""
        source = self._pipeline.source
        if source is not None and isinstance(source, Steppable):
            source.step(steps)
        elif self.past is not None:
            self.past.step(steps)
