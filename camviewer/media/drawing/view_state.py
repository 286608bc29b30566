"""The view state: what is in view and how, as one immutable object that can be compared. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from camviewer.core.arrays import FloatArray
from camviewer.core.explanation import (
    LIVE,
    Explanation,
    Origin,
)
from camviewer.core.localize import (
    Localization,
    localize,
)
from camviewer.core.maps import AttributionMap
from camviewer.core.scaling import (
    Scale,
    ValueRange,
    value_range,
)
from camviewer.core.targets import Target
from camviewer.media.drawing.style import (
    OverlayStyle,
    style_for,
)


@dataclass(frozen=True, slots=True)
class ViewState:
    """One map of one explanation, as it is drawn, saved, copied and recorded.

    style: as it is used for this map (see `style_for`); shown: the values at the ends of the colour bar.
    classes: those that have a tab. localization: the contour and box, where the style draws some.
    """

    explanation: Explanation
    target: Target
    style: OverlayStyle
    shown: ValueRange
    classes: tuple[int, ...] = ()
    origin: Origin = LIVE
    localization: Localization | None = field(default=None, compare=False)
    beside: tuple[ViewState, ...] = field(default=(), compare=False)
    """All tabs, where they are in view side by side, from left to right and down; this one is chosen."""

    @property
    def available(self) -> bool:
        """Whether the explanation has the map."""
        return self.explanation.maps.available(self.target)

    @property
    def map(self) -> AttributionMap:
        """The map whose numbers count. Raises as `Maps.get` does."""
        return self.explanation.map(self.target)

    @property
    def drawn_values(self) -> FloatArray | None:
        """What is painted: float32 [h, w]; None without a map."""
        return self.explanation.drawn_map(self.target).values if self.available else None


def view_state(
    explanation: Explanation,
    target: Target,
    style: OverlayStyle,
    *,
    compared: Sequence[Target] = (),
    classes: tuple[int, ...] = (),
    origin: Origin = LIVE,
) -> ViewState:
    """The state of a map in view; what is drawn of it is computed here, once.

    style: as the user chose it. compared: maps that share the range of colours; by default this one alone.
    """
    style = style_for(target, style, explanation.maps.unit)
    shown = shown_range(explanation, compared or (target,), style)
    localization = None
    if style.threshold is not None and explanation.maps.available(target):
        localization = localize(explanation.drawn_map(target).values, explanation.region, style.threshold)
    return ViewState(explanation, target, style, shown, classes, origin, localization)


def shown_range(explanation: Explanation, targets: Sequence[Target], style: OverlayStyle) -> ValueRange:
    """The colour bar's range: the fixed one, or the one that shows all the given maps that there are."""
    if style.scale is Scale.FIXED:
        return ValueRange(-style.fixed if style.signed else 0.0, style.fixed)
    available = (target for target in targets if explanation.maps.available(target))
    return value_range((explanation.drawn_map(target).values for target in available), style.signed)
