"""Finds the files that come with the program: icons, labels, samples."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
# A wheel and a PyInstaller bundle carry the data inside the package; a checkout (editable install)
# has it beside the package.
_ROOTS = (_PACKAGE / "resources", _PACKAGE.parent / "resources")


def resource_path(relative: str) -> Path:
    """The existing file or folder `relative` (with "/" between parts) among the program's resources.

    Raises FileNotFoundError, naming every place looked in, where there is none.
    """
    places = [root / relative for root in _ROOTS]
    for place in places:
        if place.exists():
            return place
    raise FileNotFoundError(f"resource {relative!r} is neither at {places[0]} nor at {places[1]}")
