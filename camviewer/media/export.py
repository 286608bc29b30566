"""Overlays and CAMs as files: pictures with their facts inside, and numbers."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, PngImagePlugin

from camviewer import __version__
from camviewer.core.explanation import Explanation
from camviewer.core.failures import SaveFailure
from camviewer.core.localize import Localization, localize
from camviewer.core.maps import Channel, Difference, MapChoice, class_of, shown_values
from camviewer.core.storage.files import atomic_write, number

if TYPE_CHECKING:
    # Only `save_overlay` needs Qt: numbers and JSON can be written on a machine without its libraries.
    from camviewer.core.scaling import ValueRange
    from camviewer.media.drawing.compositor import OverlayStyle

SUFFIXES = (".png", ".jpg", ".jpeg")
"""What an overlay can be saved as."""
_PNG_KEY = "camviewer"
_IMAGE_DESCRIPTION, _SOFTWARE = 0x010E, 0x0131  # EXIF tags


def metadata(
    explanation: Explanation, choice: MapChoice, style: OverlayStyle, shown: ValueRange | None = None
) -> dict[str, object]:
    """What a saved overlay says about itself; JSON types only.

    ``shown`` (low, high: the values at the ends of the colour bar) is there if given; ``other`` for a
    difference of classes, ``channel`` for one channel's part, ``averaged`` if the map drawn is an average,
    ``box`` if one is drawn.
    """
    facts = _map_facts(explanation, choice) | {
        "overlay": style.visible,
        "colormap": style.colormap,
        "opacity": style.opacity,
        "follow_value": style.follow_value,
        "scale": style.scale.value,
        "interpolation": style.interpolation.value,
    }
    if shown is not None:
        facts["shown"] = [number(shown.low), number(shown.high)]
    if style.threshold is not None:
        found = localize(shown_values(explanation, choice), explanation.region, style.threshold)
        facts |= {"threshold": style.threshold, **found_facts(found)}
    return facts


def _map_facts(explanation: Explanation, choice: MapChoice) -> dict[str, object]:
    """What a file says of the map in it, however that is drawn."""
    region, class_id = explanation.region, class_of(choice)
    facts: dict[str, object] = {
        "camviewer": __version__,
        "time": datetime.now().astimezone().isoformat(timespec="seconds"),
        "source": explanation.frame.source,
        "class_id": class_id,
        "label": explanation.label(class_id),
        "probability": number(explanation.probabilities[class_id]),
        "logit": number(explanation.logits[class_id]),
        "model": explanation.model.name,
        "model_title": explanation.model.title,
        "weights_sha256": explanation.model.weights_sha256,
        "device": explanation.model.device,
        "fit": explanation.request.fit.value,
        "resolution": explanation.resolution,
        "region": [region.left, region.top, region.width, region.height],
    }
    if explanation.frame.position is not None:
        facts["position"] = explanation.frame.position
    if isinstance(choice, Difference):
        facts |= {"other": choice.other, "other_label": explanation.label(choice.other)}
    if isinstance(choice, Channel):
        facts["channel"] = choice.channel
    if explanation.averaged is not None:
        facts |= {"averaged": True, "fine": explanation.request.fine}
    return facts


def found_facts(found: Localization) -> dict[str, object]:
    """box: [left, top, right, bottom] in image pixels or None; area: the share of the region, 0..1."""
    box = [round(side, 1) for side in found.box] if found.box is not None else None
    return {"box": box, "area": round(found.area, 4)}


def save_overlay(
    explanation: Explanation,
    choice: MapChoice,
    style: OverlayStyle,
    shown: ValueRange,
    path: Path,
    *,
    caption: bool = True,
    overwrite: bool = False,
    quality: int = 92,
) -> Path:
    """Write the overlay at the frame's full resolution, as PNG or JPEG by the path's suffix; return the path.

    Its `metadata` is inside: PNG text "camviewer", JPEG EXIF ImageDescription, both JSON in ASCII. quality
    is JPEG's. Without overwrite an existing file is never replaced. Needs a QGuiApplication.
    Raises SaveFailure; then nothing is left behind.
    """
    from camviewer.media.drawing.compositor import compose
    from camviewer.media.frames import image_to_array

    _check_suffix(path)
    image = compose(explanation, choice, style, shown, caption)
    if image.isNull():
        raise SaveFailure("{name} would be too large.", "Use a smaller photo.", name=path.name)
    facts = metadata(explanation, choice, style, shown)
    data = _encoded(Image.fromarray(image_to_array(image)), facts, path, quality)
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


def _encoded(image: Image.Image, facts: Mapping[str, object], path: Path, quality: int) -> bytes:
    """The file's bytes. In memory, because Pillow hides why a write to a disk failed."""
    software, text = f"camviewer {__version__}", json.dumps(facts)
    buffer = io.BytesIO()
    try:
        if path.suffix.lower() == ".png":
            info = PngImagePlugin.PngInfo()
            info.add_itxt(_PNG_KEY, text)
            info.add_text(
                "Description", f"Class activation map of {facts['label']} by {facts['model_title']}"
            )
            info.add_text("Software", software)
            image.save(buffer, "PNG", pnginfo=info)
        else:
            exif = Image.Exif()
            exif[_IMAGE_DESCRIPTION], exif[_SOFTWARE] = text, software
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


def read_metadata(path: Path) -> dict[str, Any] | None:
    """What `save_overlay` wrote into a PNG or JPEG; None if the file is not one of ours or unreadable."""
    try:
        with Image.open(path, formats=("PNG", "JPEG")) as image:
            text = (
                image.info.get(_PNG_KEY) if image.format == "PNG" else image.getexif().get(_IMAGE_DESCRIPTION)
            )
        facts = json.loads(text) if isinstance(text, str) else None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return facts if isinstance(facts, dict) and "camviewer" in facts else None


def write_npz(
    explanation: Explanation, class_ids: Sequence[int], path: Path, *, overwrite: bool = False
) -> Path:
    """Write the raw CAMs, so that ``cams[i].mean() + bias[i] == logits[class_ids[i]]``; return the path.

    class_ids int64 [k]; cams float32 [k, h, w], signed as computed; bias float32 [k]; logits and
    probabilities float32 [N]; region int32 [4]: left, top, width, height in pixels of the upright image;
    image_size int32 [2]: width, height. If the explanation has averaged features, cams are of those and
    the array fine (bool) says so; their means are no logits. Raises SaveFailure.
    """
    ids = np.asarray(class_ids, np.int64).reshape(-1)
    region, frame = explanation.region, explanation.frame
    features = explanation.features if explanation.averaged is None else explanation.averaged
    cams = np.empty((len(ids), *features.shape[1:]), np.float32)
    for index, class_id in enumerate(ids):
        cams[index] = shown_values(explanation, int(class_id))
    arrays: dict[str, Any] = {
        "class_ids": ids,
        "cams": cams,
        "bias": explanation.head.bias[ids].astype(np.float32),
        "logits": explanation.logits.astype(np.float32),
        "probabilities": explanation.probabilities.astype(np.float32),
        "region": np.array([region.left, region.top, region.width, region.height], np.int32),
        "image_size": np.array([frame.width, frame.height], np.int32),
    }
    if explanation.averaged is not None:
        arrays["fine"] = np.array(True)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    with atomic_write(path, overwrite=overwrite) as file:
        file.write(buffer.getbuffer())
    return path


def write_grey_png(
    explanation: Explanation, choice: MapChoice, path: Path, *, overwrite: bool = False
) -> Path:
    """Write the map as a 16-bit grey PNG, one pixel a cell; return the path.

    Its text "camviewer" (JSON) has ``values``, the logits that 0 and 65535 stand for: the map's least and
    largest value, so ``value = low + grey / 65535 * (high - low)``. What isn't finite is 0.
    Raises SaveFailure.
    """
    cam = shown_values(explanation, choice).astype(np.float64)
    finite = cam[np.isfinite(cam)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    unit = np.nan_to_num((cam - low) / ((high - low) or 1.0), nan=0.0, posinf=0.0, neginf=0.0)
    grey = np.rint(unit * 65535).astype(np.uint16)
    info = PngImagePlugin.PngInfo()
    info.add_itxt(_PNG_KEY, json.dumps(_map_facts(explanation, choice) | {"values": [low, high]}))
    buffer = io.BytesIO()
    Image.fromarray(grey).save(buffer, "PNG", pnginfo=info)
    with atomic_write(path, overwrite=overwrite) as file:
        file.write(buffer.getbuffer())
    return path


def write_csv(explanation: Explanation, choice: MapChoice, path: Path, *, overwrite: bool = False) -> Path:
    """Write the map's values as comma separated rows, to all their digits; return the path.

    Raises SaveFailure.
    """
    buffer = io.StringIO()
    np.savetxt(buffer, shown_values(explanation, choice), fmt="%.9g", delimiter=",")
    with atomic_write(path, overwrite=overwrite) as file:
        file.write(buffer.getvalue().encode("ascii"))
    return path
