"""Snapshots of edited frames."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from safetensors.numpy import load

from camviewer.core.arrays import read_only
from camviewer.core.coverage import coverage_of
from camviewer.core.covering import Fill
from camviewer.core.edits import FrameEdit, Rectangle
from camviewer.core.explanation import Before, Explanation, MadeByFill, predicted
from camviewer.core.failures import SaveFailure, SourceFailure
from camviewer.core.painting import painted
from camviewer.core.storage.edit_facts import MAX_POINTS, edit_facts, read_edit
from camviewer.core.storage.manifest import Facts
from camviewer.core.storage.snapshot import snapshot_bytes
from tests.core.storage.test_snapshot import occluded, opened, packed, parts, with_facts
from tests.edits_fakes import HEIGHT, edits

Make = Callable[..., Explanation]
FACE = FrameEdit((64, 48), (Rectangle(10, 5, 30, 25, Fill.BLACK), Rectangle(12, 8, 15, 9, None)))


def edited(plain: Explanation, edit: FrameEdit = FACE) -> Explanation:
    """The same numbers, as those of the edited frame."""
    frame = plain.frame
    image = painted(frame.image, coverage_of(edit, frame.width, frame.height))
    was = predicted(read_only(plain.logits[::-1].copy()), plain.labels)
    return replace(
        plain,
        frame=replace(frame, image=image),
        request=replace(plain.request, method=plain.maps.method, edit=edit),
        unedited=frame,
        before=Before(was, 0.25),
        made_by_fill=(MadeByFill(2, Fill.BLACK, 0.4, Fill.AROUND, 0.1),),
    )


@pytest.fixture
def explanation(make_explanation: Make) -> Explanation:
    return edited(make_explanation())


@pytest.fixture
def data(explanation: Explanation) -> bytes:
    return snapshot_bytes(explanation, (0, 1))


@pytest.mark.parametrize("kind", ["exact", "occluded"])
def test_an_edit_opens_as_it_was_saved(kind: str, make_explanation: Make, tmp_path: Path) -> None:
    plain = make_explanation()
    saved = edited(plain if kind == "exact" else occluded(plain))
    data = snapshot_bytes(saved, (0, 1))
    delivery = opened(data, tmp_path)
    again = delivery.explanation
    assert again.request == saved.request
    assert again.edited
    np.testing.assert_array_equal(again.frame.image, saved.frame.image)
    np.testing.assert_array_equal(again.original.image, saved.original.image)
    assert again.original.source == saved.original.source
    assert again.before is not None
    assert saved.before is not None
    assert again.before.age == 0.25
    np.testing.assert_array_equal(again.before.prediction.logits, saved.before.prediction.logits)
    np.testing.assert_array_equal(
        again.before.prediction.probabilities, saved.before.prediction.probabilities
    )
    assert again.made_by_fill == saved.made_by_fill
    assert snapshot_bytes(again, (0, 1), origin=delivery.origin) == data


@given(edits)
@settings(max_examples=25, deadline=None)
def test_any_edit_is_the_same_after_json(edit: FrameEdit) -> None:
    again = read_edit(Facts(json.loads(json.dumps(edit_facts(edit)))), HEIGHT)
    assert again == edit
    assert hash(again) == hash(edit)


def test_without_before_there_is_none(explanation: Explanation, tmp_path: Path) -> None:
    data = snapshot_bytes(replace(explanation, before=None, made_by_fill=()), (0, 1))
    again = opened(data, tmp_path).explanation
    assert again.before is None
    assert again.edited


def test_without_an_edit_nothing_is_new(make_explanation: Make) -> None:
    plain = make_explanation()
    cleared = replace(plain, request=replace(plain.request, edit=FrameEdit((64, 48))))
    entries = parts(snapshot_bytes(cleared, (0, 1)))
    assert set(entries) == {"manifest.json", "frame.png", "arrays.safetensors"}
    manifest = json.loads(entries["manifest.json"])
    assert manifest["version"] == 1
    assert not {"maps_version", "made_by_fill", "before_age"} & set(manifest)
    assert "before" not in load(entries["arrays.safetensors"])


def reason(data: bytes, folder: Path) -> str:
    with pytest.raises(SourceFailure) as caught:
        opened(data, folder)
    return str(caught.value)


RECTANGLE = {"kind": "rectangle", "left": 0, "top": 0, "right": 9, "bottom": 9, "fill": "black"}


@pytest.mark.parametrize(
    "facts",
    [
        [],
        {"size": [64, 48]},
        {"size": [0, 48], "parts": [RECTANGLE]},
        {"size": [64, 48, 3], "parts": [RECTANGLE]},
        {"size": [64.5, 48], "parts": [RECTANGLE]},
        {"size": [64, 48], "parts": []},
        {"size": [64, 48], "parts": [RECTANGLE | {"kind": "star"}]},
        {"size": [64, 48], "parts": [RECTANGLE | {"fill": "glitter"}]},
        {"size": [64, 48], "parts": [RECTANGLE | {"left": "0"}]},
        {"size": [64, 48], "parts": [RECTANGLE | {"left": 1e300}]},
        {"size": [64, 48], "parts": [RECTANGLE | {"left": True}]},
        {"size": [64, 48], "parts": [{"kind": "inversion", "fill": None}]},
        {"size": [64, 48], "parts": [{"kind": "stroke", "points": [[1, 2, 3]], "width": 2, "fill": None}]},
        {"size": [64, 48], "parts": [{"kind": "stroke", "points": "12", "width": 2, "fill": None}]},
        {"size": [64, 48], "parts": [{"kind": "stroke", "points": [[1, 2]], "width": -2, "fill": None}]},
        {
            "size": [64, 48],
            "parts": [{"kind": "outline", "rings": [[[0, 0]] * (MAX_POINTS + 1)], "fill": None}],
        },
        {"size": [64, 1], "parts": [{"kind": "outline", "rings": [[[0, 0], [0, 9e5]] * 99], "fill": None}]},
    ],
    ids=lambda facts: str(facts)[:60],
)
def test_an_edit_that_can_not_be_is_refused(facts: object, data: bytes, tmp_path: Path) -> None:
    broken = packed(parts(data) | {"edit.json": json.dumps(facts).encode()})
    assert "no snapshot that can be opened" in reason(broken, tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"version": 1},
        {"version": 2},
        {"maps_version": 4},
        {"maps_version": 2},
        {"maps_version": None},
        {"before_age": -1},
        {"before_age": None},
        {"made_by_fill": None},
        {
            "made_by_fill": [
                {"class_id": 99, "fill": "black", "probability": 0.4, "instead": "blur", "otherwise": 0}
            ]
        },
        {
            "made_by_fill": [
                {"class_id": 0, "fill": "black", "probability": 1.4, "instead": "blur", "otherwise": 0}
            ]
        },
    ],
    ids=str,
)
def test_a_manifest_that_contradicts_the_edit_is_refused(
    change: dict[str, Any], data: bytes, tmp_path: Path
) -> None:
    assert "no snapshot that can be opened" in reason(with_facts(data, **change), tmp_path)


@pytest.mark.parametrize("name", ["edit.json", "original.png"])
def test_what_belongs_to_an_edit_is_there(name: str, data: bytes, tmp_path: Path) -> None:
    entries = parts(data)
    del entries[name]
    assert f"{name} is missing" in reason(packed(entries), tmp_path)


def test_the_frame_before_is_as_large(data: bytes, make_explanation: Make, tmp_path: Path) -> None:
    smaller = parts(snapshot_bytes(make_explanation(width=32), (0, 1)))["frame.png"]
    assert "not as large" in reason(packed(parts(data) | {"original.png": smaller}), tmp_path)


def test_too_long_an_edit_is_not_saved(explanation: Explanation) -> None:
    parts = (Rectangle(0, 0, 9, 9, Fill.BLACK),) * 10_001
    request = replace(explanation.request, edit=FrameEdit((64, 48), parts))
    with pytest.raises(SaveFailure):
        snapshot_bytes(replace(explanation, request=request), (0, 1))
