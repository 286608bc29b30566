"""Saves overlays as image files with their facts inside."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path

from PIL import Image, PngImagePlugin

from camviewer import __version__
from camviewer.core.explanation import CAM
from camviewer.core.failures import SaveFailure
from camviewer.core.storage.export import (
    IMAGE_DESCRIPTION,
    PNG_KEY,
    localization_facts,
    map_facts,
)
from camviewer.core.storage.files import (
    atomic_write,
    number,
)
from camviewer.media.drawing.compositor import compose
from camviewer.media.drawing.view_state import ViewState
from camviewer.media.frames import image_to_array

SUFFIXES = (".png", ".jpg", ".jpeg")
"""What an overlay can be saved as."""
_SOFTWARE = 0x0131  # EXIF tag


def overlay_facts(state: ViewState) -> dict[str, object]:
    """The facts that a saved overlay holds; JSON types only.

    Besides `map_facts`, how it is drawn: ``shown`` (low, high) are the values at the ends of the colour bar,
    ``box`` is there if one is drawn. ``side_by_side``: the classes of an image of all tabs, whose other facts
    are of the chosen one.
    """
    style = state.style
    facts = map_facts(state.explanation, state.target) | {
        "overlay": style.visible,
        "colormap": style.colormap,
        "opacity": style.opacity,
        "follow_value": style.follow_value,
        "scale": style.scale.value,
        "interpolation": style.interpolation.value,
        "shown": [number(state.shown.low), number(state.shown.high)],
    }
    if state.beside:
        facts["side_by_side"] = [each.explanation.label(each.target.class_id) for each in state.beside]
    if state.localization is not None:
        facts |= {"threshold": style.threshold, **localization_facts(state.localization)}
    return facts


def save_overlay(
    state: ViewState, path: Path, *, caption: bool = True, overwrite: bool = False, quality: int = 92
) -> Path:
    """Write the overlay at the frame's full resolution, as PNG or JPEG by the path's suffix; return the path.

    Its `overlay_facts` are inside: PNG text "camviewer", JPEG EXIF ImageDescription, both JSON in ASCII.
    quality is JPEG's. Without overwrite an existing file is never replaced. Needs a QGuiApplication.
    Raises SaveFailure; then nothing is left behind.
    """
    _check_suffix(path)
    image = compose(state, caption)
    if image.isNull():
        raise SaveFailure("{name} would be too large.", "Use a smaller photo.", name=path.name)
    data = _encoded(Image.fromarray(image_to_array(image)), overlay_facts(state), path, quality)
    with atomic_write(path, overwrite=overwrite) as file:
        file.write(data)
    return path


def _check_suffix(path: Path) -> None:
    if path.suffix.lower() not in SUFFIXES:
        raise SaveFailure(
            "{suffix!r} is not a kind of image that camviewer writes."
            if path.suffix
            else "{name} has no suffix.",
            "Use {suffixes}.",
            name=path.name,
            suffix=path.suffix,
            suffixes=", ".join(SUFFIXES),
        )


def _kind(facts: Mapping[str, object]) -> str:
    return "Class activation map" if facts["method"] == CAM else f"{facts['method']} map"


def _encoded(image: Image.Image, facts: Mapping[str, object], path: Path, quality: int) -> bytes:
    """The file's bytes. In memory, because Pillow hides why a write to a disk failed."""
    software, text = f"camviewer {__version__}", json.dumps(facts)
    buffer = io.BytesIO()
    try:
        if path.suffix.lower() == ".png":
            info = PngImagePlugin.PngInfo()
            info.add_itxt(PNG_KEY, text)
            info.add_text("Description", f"{_kind(facts)} of {facts['label']} by {facts['model_title']}")
            info.add_text("Software", software)
            image.save(buffer, "PNG", pnginfo=info)
        else:
            exif = Image.Exif()
            exif[IMAGE_DESCRIPTION], exif[_SOFTWARE] = text, software
            # Chroma subsampling would smear the heat map's colours.
            image.save(buffer, "JPEG", exif=exif, quality=quality, subsampling=0)
    except (OSError, ValueError) as error:  # such as more than 65,500 pixels across for JPEG
        raise SaveFailure(
            "{name} can't be encoded ({reason}).",
            "Save it as PNG.",
            repr(error),
            name=path.name,
            reason=error,
        ) from error
    return buffer.getvalue()
