"""What `explain` tells of photos: the entries of its JSON, and lines for people."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from camviewer.commands.inputs import name_key
from camviewer.commands.options import STDOUT
from camviewer.core.explanation import Explanation
from camviewer.core.storage.edit_facts import covered_facts, made_facts
from camviewer.core.storage.export import prediction_facts
from camviewer.core.storage.files import safe_name, write_json


def class_names(explanation: Explanation, ids: tuple[int, ...]) -> dict[int, str]:
    """Class id → its part of the files' names; with the id where two labels would give the same."""
    names = {class_id: safe_name(explanation.label(class_id)) for class_id in ids}
    plain = [name_key(name) for name in names.values()]
    return {i: f"{name}-{i}" if plain.count(name_key(name)) > 1 else name for i, name in names.items()}


def photo_record(
    path: Path, explanation: Explanation, ids: tuple[int, ...], seconds: float, threshold: float | None
) -> dict[str, object]:
    """The entry of a photo. threshold: where boxes are, None for none."""
    region = explanation.region
    record: dict[str, object] = {
        "path": str(path),
        "width": explanation.frame.width,
        "height": explanation.frame.height,
        "region": [region.left, region.top, region.width, region.height],
        "model": explanation.model.name,
        "device": explanation.model.device,
        "precision": explanation.model.precision.value,
        "predictions": prediction_facts(explanation, ids, threshold),
        "seconds": round(seconds, 4),
    }
    if explanation.edited and explanation.request.edit is not None:
        record |= covered_facts(explanation)
        made = explanation.made_by_fill
        facts = zip(made_facts(made), made, strict=True)
        record["made_by_fill"] = [f | {"label": explanation.label(each.class_id)} for f, each in facts]
    if explanation.request.fine:
        record["fine"] = True
    if explanation.frame.original_size is not None:
        record["original_size"] = list(explanation.frame.original_size)
    return record


def plain_summary(path: Path, explanation: Explanation, ids: tuple[int, ...]) -> str:
    """The classes' probabilities, in a line."""
    texts = (f"{explanation.label(i)} {100 * explanation.probabilities[i]:.1f} %" for i in ids)
    return f"{path}: {', '.join(texts)}"


def write_records(records: list[dict[str, object]], path: Path) -> None:
    """path: a file, or STDOUT."""
    if path != STDOUT:
        write_json(records, path, overwrite=True)
        return
    try:
        print(json.dumps(records, indent=2, allow_nan=False), flush=True)
    except BrokenPipeError:
        # The reader has gone; without this the interpreter would fail again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
