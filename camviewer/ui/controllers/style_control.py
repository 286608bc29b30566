"""StyleControl: how maps are drawn; the Overlay dock, the colour bar and keys all change it here."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot

from camviewer.core import colormaps
from camviewer.core.localize import usual_threshold
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.ui.docks.overlay import OverlayDock


class StyleControl(QObject):
    """Holds the style of all maps."""

    changed = Signal()

    def __init__(self, style: OverlayStyle, dock: OverlayDock, pipeline: Pipeline, parent: QObject) -> None:
        super().__init__(parent)
        self._style, self._dock, self._pipeline = style, dock, pipeline
        self._method = pipeline.request.method
        dock.style_changed.connect(self.set_style)
        pipeline.request_changed.connect(self._on_pipeline_request_changed)

    @property
    def style(self) -> OverlayStyle:
        return self._style

    def set_style(self, style: OverlayStyle) -> None:
        self._style = style
        self._dock.show_style(style)
        self.changed.emit()

    def restyle(self, **changes: object) -> None:
        """Change some fields of the style."""
        self.set_style(replace(self._style, **changes))  # type: ignore[arg-type]

    @Slot()
    def _on_pipeline_request_changed(self) -> None:
        """A box at the threshold that is usual for a method goes to the next method's."""
        before, self._method = self._method, self._pipeline.request.method
        usual = usual_threshold(self._method)
        if self._style.threshold == usual_threshold(before) != usual:
            self.restyle(threshold=usual)

    def next_colormap(self) -> None:
        """The next of the list, as reversed as the one before."""
        base, is_reversed = colormaps.split_reversed(self._style.colormap)
        names = list(colormaps.COLORMAPS)
        name = names[(names.index(base) + 1) % len(names)]
        self.restyle(colormap=colormaps.reversed_name(name) if is_reversed else name)

    def reverse_colormap(self) -> None:
        self.restyle(colormap=colormaps.reversed_name(self._style.colormap))

    def change_opacity(self, by: float) -> None:
        self.restyle(opacity=min(max(self._style.opacity + by, 0.0), 1.0))
