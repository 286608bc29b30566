"""Colormaps by name, as 256-entry tables (from the `cmap` collection)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from camviewer.core.arrays import (
    ByteArray,
    read_only,
)
from camviewer.core.text import Text

DEFAULT = "inferno"
DIVERGING = "vik"
"""Used where both signs must be visible and the chosen colormap shows only one."""


@dataclass(frozen=True, slots=True)
class ColormapInfo:
    """source is the name in the `cmap` collection. Diverging ones show both signs, centred on 0."""

    name: str
    source: str
    diverging: bool = False
    note: str = ""


_ALL = (
    ColormapInfo("inferno", "bids:inferno"),
    ColormapInfo("magma", "bids:magma"),
    ColormapInfo("viridis", "bids:viridis"),
    ColormapInfo("cividis", "cividis:cividis"),
    ColormapInfo("grey", "matlab:gray"),
    ColormapInfo("vik", "crameri:vik", diverging=True, note=Text("for and against")),
    ColormapInfo("red-blue", "colorbrewer:RdBu_r", diverging=True, note=Text("for and against")),
    ColormapInfo("turbo", "google:turbo", note=Text("rainbow")),
    ColormapInfo("jet", "matlab:jet", note=Text("rainbow")),
)
COLORMAPS: dict[str, ColormapInfo] = {info.name: info for info in _ALL}
_REVERSED = "_r"


def split_reversed(name: str) -> tuple[str, bool]:
    """``"inferno_r"`` → ``("inferno", True)``."""
    return (name.removesuffix(_REVERSED), True) if name.endswith(_REVERSED) else (name, False)


def reversed_name(name: str) -> str:
    """The name of the same colormap, the other way round."""
    base, is_reversed = split_reversed(name)
    return base if is_reversed else base + _REVERSED


def info(name: str) -> ColormapInfo:
    """What is known of a colormap, reversed or not. Raises KeyError that lists the names."""
    base, _ = split_reversed(name)
    try:
        return COLORMAPS[base]
    except KeyError:
        raise KeyError(
            f"no colormap {name!r}; there are {', '.join(COLORMAPS)}, each also with _r for reversed"
        ) from None


@cache
def table(name: str) -> ByteArray:
    """uint8 [256, 3] RGB. Raises KeyError for a name that isn't there."""
    # Imported here: the first table is needed when something is painted, not when the window opens.
    from cmap import Colormap

    source = info(name).source
    colours = np.rint(Colormap(source).lut(256)[:, :3] * 255).astype(np.uint8)
    return read_only(np.ascontiguousarray(colours[::-1] if split_reversed(name)[1] else colours))
