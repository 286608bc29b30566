"""How a map is drawn: the style that the user chooses, and its adaptation to a map."""

from __future__ import annotations

from dataclasses import dataclass, replace

from camviewer.core import colormaps
from camviewer.core.maps import Unit
from camviewer.core.scaling import (
    Interpolation,
    Scale,
)
from camviewer.core.targets import Target


@dataclass(frozen=True, slots=True)
class OverlayStyle:
    """How a map is drawn. opacity 0..1; follow_value: little evidence, little paint."""

    colormap: str = colormaps.DEFAULT
    opacity: float = 0.8
    visible: bool = True
    follow_value: bool = True
    scale: Scale = Scale.MAP
    interpolation: Interpolation = Interpolation.BICUBIC
    mark_region: bool = True
    fixed: float = 20.0
    """The colour bar's upper end under `Scale.FIXED`, in the map's unit; the lower is 0, or its negative."""
    threshold: float | None = None
    """Share of the maximum at which the contour and the box of the largest part are drawn; None: not."""

    @property
    def signed(self) -> bool:
        """A diverging colormap shows both signs; the others show evidence for a class only."""
        return colormaps.info(self.colormap).diverging


def style_for(target: Target, style: OverlayStyle, unit: Unit = Unit.LOGIT) -> OverlayStyle:
    """The style that a map is drawn in.

    A difference of classes needs both signs. A channel's part is a small share of a map, which a range fixed
    for maps would hide; and a range fixed for parts of logits says nothing of values in another unit.
    """
    if target.other is not None and not style.signed:
        style = replace(style, colormap=colormaps.DIVERGING)
    if target.channel is not None or (style.scale is Scale.FIXED and not has_common_range(target, unit)):
        style = replace(style, scale=Scale.MAP)
    return style


def has_common_range(target: Target, unit: Unit) -> bool:
    """Whether a range that fits one such map fits others, too: whole maps in logits."""
    return target.channel is None and unit is Unit.LOGIT
