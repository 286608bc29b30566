"""Snapshots open as they were saved, and whatever is no snapshot is refused with a reason."""

from __future__ import annotations

import io
import json
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from safetensors.numpy import load, save

from camviewer import __version__
from camviewer.core.arrays import read_only
from camviewer.core.explanation import ExplainRequest, Explanation
from camviewer.core.failures import SaveFailure, SourceFailure
from camviewer.core.frames import Fit, Frame, Region
from camviewer.core.loading import ModelChoice, load_model
from camviewer.core.maps import Difference, is_held, values
from camviewer.core.models.spec import NotHeldError, Preprocessing
from camviewer.core.storage import snapshot_reading
from camviewer.core.storage.images import read_photo
from camviewer.core.storage.snapshot import HELD, read_snapshot, snapshot_bytes, write_snapshot

LABELS = tuple(f"class {i}" for i in range(40))
TABS = (39, 0, 7)
Make = Callable[..., Explanation]


@pytest.fixture
def explanation(make_explanation: Make) -> Explanation:
    plain = make_explanation(LABELS, region=Region(8, 0, 48, 48))
    numbers = np.random.default_rng(1)
    return replace(
        plain,
        frame=replace(plain.frame, index=3, position=1.25, original_size=(6400, 4800)),
        request=ExplainRequest(Fit.SQUASH, 320, fine=True, smoothing=0.5),
        model=replace(
            plain.model,
            weights_file="/home/somebody/weights.pth",
            preprocessing=Preprocessing(256, 224, (0.1, 0.2, 0.3), (0.4, 0.5, 0.6), bicubic=True),
        ),
        averaged=read_only(numbers.random((4, 4, 6), np.float32)),
        network_input=read_only(numbers.integers(0, 256, (32, 48, 3), np.uint8)),
    )


def opened(data: bytes, folder: Path) -> Explanation:
    path = folder / "a.camsnap"
    path.write_bytes(data)
    return read_snapshot(path)


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(entries: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def with_facts(data: bytes, **facts: object) -> bytes:
    entries = parts(data)
    manifest = json.loads(entries["manifest.json"]) | facts
    return packed(entries | {"manifest.json": json.dumps(manifest).encode()})


def with_arrays(data: bytes, **arrays: object) -> bytes:
    entries = parts(data)
    present: dict[str, Any] = load(entries["arrays.safetensors"]) | arrays
    kept = {name: array for name, array in present.items() if array is not None}
    return packed(entries | {"arrays.safetensors": save(kept)})


# Saved and opened


def test_it_opens_as_it_was_saved(explanation: Explanation, tmp_path: Path) -> None:
    path = write_snapshot(explanation, TABS, tmp_path / "a.camsnap")
    again = read_snapshot(path)
    for name in ("features", "averaged", "logits", "probabilities", "network_input"):
        saved, found = getattr(explanation, name), getattr(again, name)
        assert found.dtype == saved.dtype
        np.testing.assert_array_equal(found, saved, strict=True)
        assert not found.flags.writeable
    np.testing.assert_array_equal(again.frame.image, explanation.frame.image, strict=True)
    for field in fields(Frame):
        if field.name not in ("image", "time"):
            assert getattr(again.frame, field.name) == getattr(explanation.frame, field.name)
    assert (again.region, again.request) == (explanation.region, explanation.request)
    assert again.timing.forward == explanation.timing.forward
    assert again.model == replace(explanation.model, weights_file="weights.pth"), "no folder of somebody's"
    assert again.head.labels == LABELS
    for class_id in (*TABS, *explanation.top(HELD)):
        np.testing.assert_array_equal(again.cam(class_id), explanation.cam(class_id), strict=True)
        assert again.cam(class_id).mean() + again.head.bias[class_id] == pytest.approx(
            again.logits[class_id], abs=1e-5
        )


def test_it_says_when_by_what_and_which_tabs(explanation: Explanation, tmp_path: Path) -> None:
    info = opened(snapshot_bytes(explanation, TABS), tmp_path).snapshot
    assert info is not None
    assert info.classes == TABS
    assert info.version == __version__
    # Timing.finished is 0.0: as long ago as the monotonic clock runs.
    assert datetime.fromisoformat(info.time).tzinfo is not None
    assert datetime.fromisoformat(info.time) < datetime.now().astimezone() - timedelta(seconds=1)


def test_saved_again_it_is_the_same_file(explanation: Explanation, tmp_path: Path) -> None:
    first = snapshot_bytes(explanation, TABS)
    assert snapshot_bytes(opened(first, tmp_path), TABS) == first


def test_classes_outside_of_it_say_so(explanation: Explanation, tmp_path: Path) -> None:
    again = opened(snapshot_bytes(explanation, TABS), tmp_path)
    held = {*TABS, *explanation.top(HELD)}
    outside = next(c for c in range(len(LABELS)) if c not in held)
    assert not is_held(again, outside)
    assert not is_held(again, Difference(TABS[0], outside))
    assert is_held(again, Difference(TABS[0], TABS[1]))
    assert again.logits[outside] == explanation.logits[outside]
    for choice in (outside, Difference(TABS[0], outside)):
        with pytest.raises(NotHeldError):
            values(again, choice)
    with pytest.raises(IndexError):
        again.cam(len(LABELS))
    # Saving it again asks for no more than there is.
    twice = opened(snapshot_bytes(again, (*TABS, outside)), tmp_path)
    assert twice.head.held == again.head.held


def test_halves_hold_to_three_digits(explanation: Explanation, tmp_path: Path) -> None:
    again = opened(snapshot_bytes(explanation, TABS, half=True), tmp_path)
    assert again.features.dtype == np.float32
    np.testing.assert_allclose(again.features, explanation.features, rtol=1e-3)
    arrays = load(parts(snapshot_bytes(explanation, TABS, half=True))["arrays.safetensors"])
    assert arrays["features"].dtype == np.float16


def test_names_that_are_no_utf_8_are_kept(explanation: Explanation, tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.png")
    there = replace(explanation, frame=replace(explanation.frame, source=name))
    assert opened(snapshot_bytes(there, TABS), tmp_path).frame.source == name


@pytest.mark.parametrize("name", ["features", "logits"])
def test_what_could_not_be_opened_again_is_not_saved(
    explanation: Explanation, name: str, tmp_path: Path
) -> None:
    broken = getattr(explanation, name).copy()
    broken.flat[0] = np.inf
    with pytest.raises(SaveFailure, match="no numbers"):
        write_snapshot(replace(explanation, **{name: broken}), TABS, tmp_path / "a.camsnap")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("request_", [ExplainRequest(), ExplainRequest(Fit.WHOLE, fine=True)])
def test_a_real_model_is_not_needed_to_open(request_: ExplainRequest, samples: Path, tmp_path: Path) -> None:
    explainer = load_model(ModelChoice("efficientnet_lite0")).explainer
    explanation = explainer.explain(read_photo(samples / "cat.png"), request_)
    data = snapshot_bytes(explanation, explanation.top(5))
    again = opened(data, tmp_path)
    assert explanation.label(explanation.top(1)[0]) == again.label(again.top(1)[0])
    np.testing.assert_array_equal(again.cam(281), explanation.cam(281))
    assert snapshot_bytes(again, again.top(5)) == data
    assert len(data) < 1_500_000


# Refused

_IMAGE = io.BytesIO()
Image.new("L", (64, 48)).save(_IMAGE, "PNG")
_HUGE = io.BytesIO()
Image.new("RGB", (1, 1)).save(_HUGE, "PNG")
NAN = np.full((4, 2, 3), np.nan, np.float32)


def _claims_huge(data: bytes) -> bytes:
    """A PNG whose head says that it has 100,000 x 100,000 pixels."""
    at = _HUGE.getvalue().index(b"IHDR")
    content = bytearray(_HUGE.getvalue())
    content[at + 4 : at + 12] = struct.pack(">II", 100_000, 100_000)
    content[at + 17 : at + 21] = struct.pack(">I", zlib.crc32(content[at : at + 17]))
    return packed(parts(data) | {"frame.png": bytes(content)})


def _many_entries(data: bytes) -> bytes:
    return packed(parts(data) | {f"{i}": b"" for i in range(5000)})


def _twice(data: bytes) -> bytes:
    renamed = packed({k.replace("network_input.png", "frame.pnx"): v for k, v in parts(data).items()})
    return renamed.replace(b"frame.pnx", b"frame.png")


def _zip64(data: bytes) -> bytes:
    """A second, larger end record, which zipfile would believe."""
    locator = b"PK\x06\x07" + struct.pack("<IQI", 0, 0, 1)
    return data[:-22] + locator + data[-22:]


REFUSED: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda _: b"", "empty"),
    "cut off": (lambda d: d[: len(d) // 2], "cut off"),
    "short": (lambda d: d[:10], "cut off"),
    "no archive": (lambda _: b"x" * 1000, "no snapshot"),
    "another archive": (lambda _: packed({"a.txt": b"a"}), "manifest.json is missing"),
    "another manifest": (lambda d: with_facts(d, format="other"), "no snapshot"),
    "a list": (lambda _: packed({"manifest.json": b"[]"}), "no object"),
    "deep": (lambda _: packed({"manifest.json": b"[" * 200_000}), ""),
    "no frame": (lambda d: packed({k: v for k, v in parts(d).items() if k != "frame.png"}), "frame.png"),
    "path": (lambda d: packed(parts(d) | {"../../etc/passwd": b""}), "'passwd' doesn't belong"),
    "absolute path": (lambda d: packed(parts(d) | {"/tmp/x": b""}), "doesn't belong"),
    "pickle": (lambda d: packed(parts(d) | {"data.pkl": b""}), "doesn't belong"),
    "bzip2": (lambda d: packed(parts(d), zipfile.ZIP_BZIP2), "unknown way"),
    "many entries": (_many_entries, "too many entries"),
    "an entry twice": (_twice, "twice"),
    "zip64": (_zip64, "no snapshot"),
    "bomb": (lambda d: packed(parts(d) | {"manifest.json": b" " * 20_000_000}), "too large"),
    "bomb of arrays": (lambda d: packed(parts(d) | {"arrays.safetensors": bytes(160_000_000)}), "too large"),
    "huge picture": (_claims_huge, ""),
    "grey": (lambda d: packed(parts(d) | {"frame.png": _IMAGE.getvalue()}), "not RGB"),
    "no picture": (lambda d: packed(parts(d) | {"frame.png": b"GIF89a"}), "no PNG"),
    "damaged picture": (
        lambda d: packed(parts(d) | {"frame.png": parts(d)["frame.png"][:-200]}),
        "a picture is damaged",
    ),
    "other size": (lambda d: with_facts(d, size=[48, 64]), "not as large"),
    "region": (lambda d: with_facts(d, region=[60, 0, 10, 10]), "region"),
    "negative region": (lambda d: with_facts(d, region=[-1, 0, 10, 10]), "'region'"),
    "empty region": (lambda d: with_facts(d, region=[0, 0, 0, 10]), "region"),
    "fit": (lambda d: with_facts(d, fit="stretch"), "stretch"),
    "resolution": (lambda d: with_facts(d, resolution=100), "multiple of 32"),
    "true as a number": (lambda d: with_facts(d, index=True), "'index'"),
    "text as a number": (lambda d: with_facts(d, position="1"), "'position'"),
    "endless number": (lambda d: with_facts(d, position=10**400), ""),
    "nan": (lambda d: with_facts(d, position=float("nan")), "NaN is no number"),
    "infinity": (lambda d: with_facts(d, smoothing=float("inf")), "Infinity is no number"),
    "labels": (lambda d: with_facts(d, labels=["a"]), ""),
    "no text": (lambda d: with_facts(d, labels=[1] * 40), "'labels'"),
    "long text": (lambda d: with_facts(d, source="x" * 100_000), "'source'"),
    "lone surrogate": (lambda d: with_facts(d, source="\ud800"), "surrogate"),
    "class that isn't": (lambda d: with_facts(d, classes=[40]), "'classes'"),
    "tab twice": (lambda d: with_facts(d, classes=[1, 1]), "twice"),
    "held in disorder": (lambda d: with_facts(d, held=list(range(21, 0, -1))), "twice"),
    "model": (lambda d: with_facts(d, model=None), "model is no object"),
    "not safetensors": (lambda d: packed(parts(d) | {"arrays.safetensors": b"x" * 99}), ""),
    "no features": (lambda d: with_arrays(d, features=None), "features"),
    "another array": (lambda d: with_arrays(d, more=np.zeros(1, np.float32)), "more"),
    "integers": (lambda d: with_arrays(d, logits=np.zeros(40, np.int64)), "int64"),
    "nan in features": (lambda d: with_arrays(d, features=NAN), "no numbers"),
    "flat features": (lambda d: with_arrays(d, features=np.zeros((4, 6), np.float32)), "shape"),
    "large map": (lambda d: with_arrays(d, features=np.zeros((4, 500, 500), np.float32)), "shape"),
    "other channels": (lambda d: with_arrays(d, averaged=np.zeros((3, 2, 3), np.float32)), "shape"),
    "fewer logits": (lambda d: with_arrays(d, logits=np.zeros(39, np.float32)), "as many"),
    "other weights": (lambda d: with_arrays(d, weight=np.zeros((2, 4), np.float32)), "weights"),
    "changed features": (lambda d: with_arrays(d, features=np.ones((4, 2, 3), np.float32)), "together"),
    "changed logits": (lambda d: with_arrays(d, logits=np.arange(40, dtype=np.float32)), "together"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_snapshot_is_refused(name: str, explanation: Explanation, tmp_path: Path) -> None:
    change, reason = REFUSED[name]
    data = change(snapshot_bytes(explanation, TABS))
    with pytest.raises(SourceFailure, match="no snapshot that can be opened") as caught:
        opened(data, tmp_path)
    assert re.search(reason, caught.value.message)
    assert caught.value.mend


def test_a_newer_version_says_which(explanation: Explanation, tmp_path: Path) -> None:
    """Also if it has entries that nobody knows yet."""
    data = with_facts(snapshot_bytes(explanation, TABS), version=2, camviewer="9.1")
    for newer in (data, packed(parts(data) | {"more.bin": b""})):
        with pytest.raises(SourceFailure, match=r"a newer camviewer \(9\.1\)") as caught:
            opened(newer, tmp_path)
        assert "newest version" in caught.value.mend


def test_places_that_can_not_be_read(tmp_path: Path) -> None:
    with pytest.raises(SourceFailure, match="doesn't exist"):
        read_snapshot(tmp_path / "a.camsnap")
    with pytest.raises(SourceFailure, match="is not a file"):
        read_snapshot(tmp_path)


def test_a_bomb_takes_no_memory(explanation: Explanation, tmp_path: Path) -> None:
    """An entry that says that it is short, and unpacks to 400 MB."""
    content = packed(parts(snapshot_bytes(explanation, TABS)) | {"arrays.safetensors": bytes(400_000_000)})
    real, small = struct.pack("<I", 400_000_000), struct.pack("<I", 1000)
    bomb = content.replace(real, small)
    assert bomb != content
    before = psutil.Process().memory_info().rss
    with pytest.raises(SourceFailure):
        opened(bomb, tmp_path)
    assert psutil.Process().memory_info().rss - before < 200_000_000


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_is_told_and_nothing_else(
    data: st.DataObject, make_explanation: Make, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Bytes changed, cut out or put in anywhere: refused, or nothing of what is shown has changed."""
    explanation = make_explanation(LABELS)
    content = bytearray(snapshot_bytes(explanation, TABS))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        change = data.draw(st.binary(max_size=8))
        content[at : at + data.draw(st.integers(0, 8))] = change
    try:
        again = snapshot_reading.read_explanation(io.BytesIO(bytes(content)))
    except (snapshot_reading.DamagedError, snapshot_reading.NewerVersionError):
        return
    np.testing.assert_array_equal(again.features, explanation.features)
    np.testing.assert_array_equal(again.frame.image, explanation.frame.image)
