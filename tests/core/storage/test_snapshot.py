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
from functools import cache
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
from camviewer.core.covering import Covering, Fill
from camviewer.core.explanation import Delivery, ExplainRequest, Explanation, Origin, predicted
from camviewer.core.failures import SaveFailure, SourceFailure
from camviewer.core.frames import Fit, Frame, Region
from camviewer.core.loading import ModelChoice, load_model
from camviewer.core.maps import ComputedMaps, MapUnavailableError, Unit
from camviewer.core.methods.occlusion import OcclusionMaps
from camviewer.core.models.spec import Link, Preprocessing, SizeRule
from camviewer.core.runtimes.precision import Precision
from camviewer.core.storage import snapshot_reading
from camviewer.core.storage.images import read_photo
from camviewer.core.storage.manifest import DamagedError, NewerVersionError
from camviewer.core.storage.snapshot import read_snapshot, snapshot_bytes, write_snapshot
from camviewer.core.storage.snapshot_maps import HELD
from camviewer.core.targets import ChannelPart, ClassScore, ScoreDifference, Target
from tests.helpers import cam, computed, drawn_as, exact, with_features

LABELS = tuple(f"class {i}" for i in range(40))
TABS = (39, 0, 7)
ORIGIN = Origin(smoothing=0.5)
Make = Callable[..., Explanation]


@pytest.fixture
def explanation(make_explanation: Make) -> Explanation:
    plain = make_explanation(LABELS, region=Region(8, 0, 48, 48))
    numbers = np.random.default_rng(1)
    averaged = drawn_as(plain, numbers.random((4, 4, 6), np.float32))
    return replace(
        averaged,
        frame=replace(plain.frame, index=3, position=1.25, original_size=(6400, 4800)),
        request=ExplainRequest(Fit.SQUASH, 320, fine=True),
        model=replace(
            plain.model,
            weights_file="/home/somebody/weights.pth",
            preprocessing=Preprocessing(256, 224, (0.1, 0.2, 0.3), (0.4, 0.5, 0.6), bicubic=True),
        ),
        network_input=read_only(numbers.integers(0, 256, (32, 48, 3), np.uint8)),
    )


def opened(data: bytes, folder: Path) -> Delivery:
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


def facts_in(data: bytes) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(parts(data)["manifest.json"])
    return facts


def with_facts(data: bytes, **facts: object) -> bytes:
    entries = parts(data)
    manifest = facts_in(data) | facts
    return packed(entries | {"manifest.json": json.dumps(manifest).encode()})


def with_arrays(data: bytes, **arrays: object) -> bytes:
    entries = parts(data)
    present: dict[str, Any] = load(entries["arrays.safetensors"]) | arrays
    kept = {name: array for name, array in present.items() if array is not None}
    return packed(entries | {"arrays.safetensors": save(kept)})


# Saved and opened


def same_arrays(again: Explanation, explanation: Explanation) -> None:
    """To the bit."""
    assert again.drawn is not None
    assert explanation.drawn is not None
    pairs = [
        (again.maps.planes, explanation.maps.planes),
        (again.drawn.planes, explanation.drawn.planes),
        (again.logits, explanation.logits),
        (again.probabilities, explanation.probabilities),
        (again.network_input, explanation.network_input),
    ]
    for found, saved in pairs:
        assert found is not None
        assert saved is not None
        assert found.dtype == saved.dtype
        np.testing.assert_array_equal(found, saved, strict=True)
        assert not found.flags.writeable


def test_it_opens_as_it_was_saved(explanation: Explanation, tmp_path: Path) -> None:
    delivery = read_snapshot(write_snapshot(explanation, TABS, tmp_path / "a.camsnap", origin=ORIGIN))
    again = delivery.explanation
    same_arrays(again, explanation)
    assert exact(again).features is again.maps.planes
    np.testing.assert_array_equal(again.frame.image, explanation.frame.image, strict=True)
    for field in fields(Frame):
        if field.name not in ("image", "time"):
            assert getattr(again.frame, field.name) == getattr(explanation.frame, field.name)
    assert again.region == explanation.region
    assert again.request == replace(explanation.request, method=explanation.maps.method)
    assert delivery.origin.smoothing == ORIGIN.smoothing
    assert delivery.generation == 0
    assert again.timing.forward == explanation.timing.forward
    assert again.model == replace(explanation.model, weights_file="weights.pth"), "no folder of somebody's"
    assert again.labels == exact(again).head.labels == LABELS
    assert (again.maps.method, again.maps.layer) == ("CAM", "layer4")
    for class_id in (*TABS, *explanation.top(HELD)):
        np.testing.assert_array_equal(cam(again, class_id), cam(explanation, class_id), strict=True)
        assert cam(again, class_id).mean() + exact(again).head.bias[class_id] == pytest.approx(
            again.logits[class_id], abs=1e-5
        )
        assert again.map(ClassScore(class_id)).remainder == explanation.map(ClassScore(class_id)).remainder
        assert again.drawn_map(ClassScore(class_id)).remainder is None


def test_probabilities_of_a_sigmoid_open_as_they_were_saved(explanation: Explanation, tmp_path: Path) -> None:
    sigmoid = replace(
        explanation,
        model=replace(explanation.model, layer="layer4", link=Link.SIGMOID),
        prediction=predicted(explanation.logits, LABELS, Link.SIGMOID),
    )
    assert not np.array_equal(sigmoid.probabilities, explanation.probabilities)
    again = opened(snapshot_bytes(sigmoid, TABS), tmp_path).explanation
    assert again.model.link is Link.SIGMOID
    same_arrays(again, sigmoid)


def test_one_score_saved_as_a_softmax_opens_as_a_sigmoid(make_explanation: Make, tmp_path: Path) -> None:
    """As files of before say, or don't say at all. That would be 100 % for every picture."""
    data = snapshot_bytes(make_explanation(("ill",)), (0,))
    again = opened(data, tmp_path).explanation
    assert again.model.link is Link.SIGMOID
    logit = float(again.logits[0])
    assert again.probabilities == pytest.approx([1 / (1 + np.exp(-logit))])


def test_the_precision_is_kept(explanation: Explanation, tmp_path: Path) -> None:
    """float32 isn't written: files of older versions, saved again, are to stay the same."""
    assert "precision" not in facts_in(snapshot_bytes(explanation, TABS))["model"]
    for precision in Precision:
        computed_so = replace(explanation, model=replace(explanation.model, precision=precision))
        data = snapshot_bytes(computed_so, TABS)
        assert opened(data, tmp_path).explanation.model.precision is precision
        assert resaved(data, tmp_path) == data


def test_a_precision_that_is_not_known_is_refused(explanation: Explanation, tmp_path: Path) -> None:
    data = snapshot_bytes(explanation, TABS)
    model = facts_in(data)["model"] | {"precision": "float8"}
    with pytest.raises(SourceFailure, match="no snapshot that can be opened"):
        opened(with_facts(data, model=model), tmp_path)


def test_it_says_when_by_what_and_which_tabs(explanation: Explanation, tmp_path: Path) -> None:
    info = opened(snapshot_bytes(explanation, TABS), tmp_path).origin.snapshot
    assert info is not None
    assert info.classes == TABS
    assert info.version == __version__
    # Timing.finished is 0.0: as long ago as the monotonic clock runs.
    assert datetime.fromisoformat(info.time).tzinfo is not None
    assert datetime.fromisoformat(info.time) < datetime.now().astimezone() - timedelta(seconds=1)


def resaved(data: bytes, folder: Path) -> bytes:
    """As the window saves what it has opened."""
    delivery = opened(data, folder)
    assert delivery.origin.snapshot is not None
    return snapshot_bytes(delivery.explanation, delivery.origin.snapshot.classes, origin=delivery.origin)


def test_saved_again_it_is_the_same_file(explanation: Explanation, tmp_path: Path) -> None:
    first = snapshot_bytes(explanation, TABS, origin=ORIGIN)
    assert resaved(first, tmp_path) == first


@pytest.mark.parametrize("layer", ["", "layer4", "Schicht „4“"])
def test_maps_of_a_linear_head_are_of_version_1(layer: str, explanation: Explanation, tmp_path: Path) -> None:
    """Which the programs of before open, too; they knew of no layer."""
    exact(explanation).layer = layer
    data = snapshot_bytes(explanation, TABS)
    assert facts_in(data)["version"] == 1
    assert facts_in(data).get("layer", "") == layer
    assert not {"method", "unit", "targets", "remainders"} & set(facts_in(data))
    assert set(load(parts(data)["arrays.safetensors"])) == {
        "features",
        "averaged",
        "logits",
        "bias",
        "weight",
    }
    assert opened(data, tmp_path).explanation.maps.layer == layer
    without = facts_in(data)
    without.pop("layer", None)
    old = packed(parts(data) | {"manifest.json": json.dumps(without, indent=1).encode()})
    assert opened(old, tmp_path).explanation.maps.layer == ""
    assert facts_in(resaved(old, tmp_path)) == without


def test_classes_outside_of_it_say_so(explanation: Explanation, tmp_path: Path) -> None:
    again = opened(snapshot_bytes(explanation, TABS), tmp_path).explanation
    held = {*TABS, *explanation.top(HELD)}
    outside = next(c for c in range(len(LABELS)) if c not in held)
    assert not again.maps.available(ClassScore(outside))
    assert not again.maps.available(ScoreDifference(TABS[0], outside))
    assert again.maps.available(ScoreDifference(TABS[0], TABS[1]))
    assert again.logits[outside] == explanation.logits[outside]
    for target in (ClassScore(outside), ScoreDifference(TABS[0], outside)):
        with pytest.raises(MapUnavailableError):
            again.map(target)
    with pytest.raises(IndexError):
        cam(again, len(LABELS))
    # Saving it again asks for no more than there is.
    twice = opened(snapshot_bytes(again, (*TABS, outside)), tmp_path).explanation
    assert exact(twice).head.held == exact(again).head.held == tuple(sorted(held))


def test_halves_hold_to_three_digits(explanation: Explanation, tmp_path: Path) -> None:
    again = opened(snapshot_bytes(explanation, TABS, half=True), tmp_path).explanation
    assert exact(again).features.dtype == np.float32
    np.testing.assert_allclose(exact(again).features, exact(explanation).features, rtol=1e-3)
    arrays = load(parts(snapshot_bytes(explanation, TABS, half=True))["arrays.safetensors"])
    assert arrays["features"].dtype == np.float16


def test_names_that_are_no_utf_8_are_kept(explanation: Explanation, tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.png")
    there = replace(explanation, frame=replace(explanation.frame, source=name))
    assert opened(snapshot_bytes(there, TABS), tmp_path).explanation.frame.source == name


@pytest.mark.parametrize("name", ["features", "logits"])
def test_what_could_not_be_opened_again_is_not_saved(
    explanation: Explanation, name: str, tmp_path: Path
) -> None:
    broken = (exact(explanation).features if name == "features" else explanation.logits).copy()
    broken.flat[0] = np.inf
    if name == "features":
        changed = with_features(explanation, broken)
    else:
        changed = replace(explanation, prediction=replace(explanation.prediction, logits=broken))
    with pytest.raises(SaveFailure, match="no numbers"):
        write_snapshot(changed, TABS, tmp_path / "a.camsnap")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("request_", [ExplainRequest(), ExplainRequest(Fit.WHOLE, fine=True)])
def test_a_real_model_is_not_needed_to_open(request_: ExplainRequest, samples: Path, tmp_path: Path) -> None:
    explainer = load_model(ModelChoice("efficientnet_lite0")).explainer
    explanation = explainer.explain(read_photo(samples / "cat.png"), request_)
    data = snapshot_bytes(explanation, explanation.top(5))
    again = opened(data, tmp_path).explanation
    assert explanation.label(explanation.top(1)[0]) == again.label(again.top(1)[0])
    np.testing.assert_array_equal(cam(again, 281), cam(explanation, 281))
    assert resaved(data, tmp_path) == data
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
    "large map": (lambda d: with_arrays(d, features=np.zeros((4, 5000, 2), np.float32)), "shape"),
    "other channels": (lambda d: with_arrays(d, averaged=np.zeros((3, 2, 3), np.float32)), "shape"),
    "fewer logits": (lambda d: with_arrays(d, logits=np.zeros(39, np.float32)), "as many"),
    "other weights": (lambda d: with_arrays(d, weight=np.zeros((2, 4), np.float32)), "weights"),
    "changed features": (lambda d: with_arrays(d, features=np.ones((4, 2, 3), np.float32)), "together"),
    "maps of version 2": (lambda d: with_facts(d, version=2), "missing or unknown.*'maps'"),
    "layer": (lambda d: with_facts(d, layer=4), "'layer'"),
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


COMPUTED: tuple[Target, ...] = (
    ClassScore(7),
    ScoreDifference(39, 0),
    ChannelPart(0, 3),
    ClassScore(0),
    ScoreDifference(0, 39),
)


@pytest.fixture
def computed_(explanation: Explanation) -> Explanation:
    """With maps that were computed one by one, in logits."""
    return with_average(computed(explanation, COMPUTED))


def with_average(explanation: Explanation) -> Explanation:
    shape = (len(explanation.maps.planes), 10, 8)
    return drawn_as(explanation, np.random.default_rng(2).standard_normal(shape).astype(np.float32))


# Of other methods


def test_the_named_parts_of_remainders_are_kept(explanation: Explanation, tmp_path: Path) -> None:
    plain = computed(explanation, COMPUTED).maps
    named = {t: replace(plain.get(t), named=(("class token", 3.25),)) for t in COMPUTED[:2]}
    maps = ComputedMaps({t: plain.get(t) for t in COMPUTED} | named)
    again = read_snapshot(
        write_snapshot(replace(computed(explanation, COMPUTED), maps=maps), TABS, tmp_path / "a.camsnap")
    ).explanation
    assert [again.map(t).named for t in COMPUTED] == [maps.get(t).named for t in COMPUTED]
    assert again.map(COMPUTED[0]).named == (("class token", 3.25),)


def test_what_an_own_model_sees_is_kept(explanation: Explanation, tmp_path: Path) -> None:
    """Grey or four channels, blue first, squares only."""
    model = replace(
        explanation.model,
        preprocessing=Preprocessing(64, 64, (0.5,), (0.25,), bgr=True, squash=True),
        sizes=SizeRule(64, 64, 64, (64,), square=True),
    )
    request = replace(explanation.request, resolution=64)
    own = replace(explanation, model=model, request=request)
    again = read_snapshot(write_snapshot(own, TABS, tmp_path / "a.camsnap")).explanation
    assert (again.model.preprocessing, again.model.sizes) == (model.preprocessing, model.sizes)


@pytest.mark.parametrize("unit", Unit)
def test_computed_maps_open_as_they_were_saved(unit: Unit, explanation: Explanation, tmp_path: Path) -> None:
    saved = with_average(computed(explanation, COMPUTED, unit))
    path = write_snapshot(saved, TABS, tmp_path / "a.camsnap", origin=ORIGIN)
    again = read_snapshot(path).explanation
    same_arrays(again, saved)
    maps = again.maps
    assert isinstance(maps, ComputedMaps)
    assert set(maps.targets) == set(COMPUTED)
    assert (maps.method, maps.layer, maps.unit) == ("Fake-CAM", "layer3", unit)
    assert maps.signature == saved.maps.signature
    assert not maps.on_request, "without its model nothing can be computed"
    assert again.request == saved.request
    assert (again.region, again.labels) == (saved.region, LABELS)
    for target in COMPUTED:
        found, wanted = again.map(target), saved.map(target)
        np.testing.assert_array_equal(found.values, wanted.values, strict=True)
        assert not found.values.flags.writeable
        assert found.remainder == wanted.remainder
        assert (found.remainder is None) is (unit is not Unit.LOGIT)
        np.testing.assert_array_equal(again.drawn_map(target).values, saved.drawn_map(target).values)
        assert again.drawn_map(target).remainder is None
    for target in (ClassScore(1), ClassScore(39), ScoreDifference(7, 0), ChannelPart(0, 2)):
        assert not maps.available(target)
        with pytest.raises(MapUnavailableError):
            again.map(target)


@pytest.mark.parametrize("unit", Unit)
@pytest.mark.parametrize("averaged", [False, True])
def test_computed_maps_saved_again_are_the_same_file(
    unit: Unit, averaged: bool, explanation: Explanation, tmp_path: Path
) -> None:
    saved = computed(explanation, COMPUTED, unit)
    data = snapshot_bytes(with_average(saved) if averaged else saved, TABS, origin=ORIGIN)
    assert resaved(data, tmp_path) == data
    assert (opened(data, tmp_path).explanation.drawn is not None) is averaged


def test_computed_maps_in_another_order_are_refused(explanation: Explanation, tmp_path: Path) -> None:
    """What is averaged is in the same order, and no sum would tell that it is another target's."""
    entries = parts(snapshot_bytes(with_average(computed(explanation, COMPUTED)), TABS))
    facts = json.loads(entries["manifest.json"])
    arrays = load(entries["arrays.safetensors"])
    for name in ("targets", "remainders"):
        facts[name].reverse()
    entries["manifest.json"] = json.dumps(facts).encode()
    entries["arrays.safetensors"] = save(arrays | {"maps": np.ascontiguousarray(arrays["maps"][::-1])})
    with pytest.raises(SourceFailure, match="targets"):
        opened(packed(entries), tmp_path)


@pytest.mark.parametrize("unit", Unit)
def test_computed_maps_are_of_version_2_or_3(unit: Unit, explanation: Explanation) -> None:
    saved = computed(explanation, COMPUTED, unit)
    facts = facts_in(snapshot_bytes(saved, TABS))
    version = 3 if unit is Unit.LOGIT_CHANGE else 2  # older programs don't know that unit
    assert (facts["version"], facts["method"], facts["layer"]) == (version, "Fake-CAM", "layer3")
    assert facts.get("covering") == ({"patch": None, "fill": "mean"} if version == 3 else None)
    assert facts["unit"] == unit.value
    assert facts["targets"] == [
        {"class_id": 0},
        {"class_id": 0, "channel": 3},
        {"class_id": 0, "other": 39},
        {"class_id": 7},
        {"class_id": 39, "other": 0},
    ]
    assert facts["remainders"] == [saved.map(_told(target)).remainder for target in facts["targets"]]
    assert "held" not in facts
    arrays = load(parts(snapshot_bytes(saved, TABS))["arrays.safetensors"])
    assert {name: array.shape for name, array in arrays.items()} == {"maps": (5, 5, 4), "logits": (40,)}


def occluded(explanation: Explanation) -> Explanation:
    """With the maps of all classes that Occlusion makes."""
    numbers = np.random.default_rng(5).normal(size=(len(explanation.labels), 6, 5)).astype(np.float32)
    covering = Covering(40, Fill.BLUR)
    request = replace(explanation.request, method="Occlusion", covering=covering)
    return replace(explanation, maps=OcclusionMaps(numbers, covering), request=request, drawn=None)


@pytest.mark.parametrize("averaged", [False, True])
def test_maps_of_all_classes_keep_those_of_some(
    averaged: bool, explanation: Explanation, tmp_path: Path
) -> None:
    saved = occluded(explanation)
    if averaged:
        saved = drawn_as(saved, saved.maps.planes * 2)
    data = snapshot_bytes(saved, TABS, origin=ORIGIN)
    again = opened(data, tmp_path).explanation
    assert (again.maps.method, again.maps.unit, again.maps.layer) == ("Occlusion", Unit.LOGIT_CHANGE, "")
    assert again.request == saved.request
    for class_id in {*TABS, *explanation.top(HELD)}:
        target = ClassScore(class_id)
        np.testing.assert_array_equal(again.map(target).values, saved.map(target).values)
        np.testing.assert_array_equal(again.drawn_map(target).values, saved.drawn_map(target).values)
        assert again.map(target).remainder is None
    assert len(again.maps.planes) < len(saved.maps.planes)
    assert resaved(data, tmp_path) == data


@pytest.mark.parametrize(
    "facts",
    [
        {"covering": None},
        {"covering": {"patch": 1, "fill": "mean"}},
        {"covering": {"patch": 40, "fill": "glitter"}},
        {"version": 2},
        {"unit": "RELATIVE"},
        {"unit": "LOGIT"},
    ],
    ids=str,
)
def test_what_covers_is_not_trusted(
    facts: dict[str, object], explanation: Explanation, tmp_path: Path
) -> None:
    data = with_facts(snapshot_bytes(occluded(explanation), TABS), **facts)
    with pytest.raises(SourceFailure, match="no snapshot that can be opened"):
        opened(data, tmp_path)


@pytest.mark.parametrize("unit", Unit)
def test_computed_maps_by_halves(unit: Unit, explanation: Explanation, tmp_path: Path) -> None:
    saved = with_average(computed(explanation, COMPUTED, unit))
    data = snapshot_bytes(saved, TABS, half=True)
    arrays = load(parts(data)["arrays.safetensors"])
    assert {n: a.dtype.name for n, a in arrays.items()} == {
        "maps": "float16",
        "averaged": "float16",
        "logits": "float32",
    }
    again = opened(data, tmp_path).explanation
    for target in COMPUTED:
        np.testing.assert_allclose(again.map(target).values, saved.map(target).values, rtol=1e-3, atol=1e-6)
        assert again.map(target).remainder == saved.map(target).remainder


def test_computed_maps_that_are_no_numbers_are_not_saved(computed_: Explanation, tmp_path: Path) -> None:
    broken = computed_.maps.planes.copy()
    broken[1, 2, 3] = np.nan
    with pytest.raises(SaveFailure, match="no numbers"):
        write_snapshot(drawn_as(computed_, broken), TABS, tmp_path / "a.camsnap")
    assert list(tmp_path.iterdir()) == []


def _with(values: list[Any], index: int, value: object) -> list[Any]:
    return [*values[:index], value, *values[index + 1 :]]


def _remainder(index: int, change: Callable[[Any], object]) -> Callable[[bytes], bytes]:
    def changed(data: bytes) -> bytes:
        told = facts_in(data)["remainders"]
        return with_facts(data, remainders=_with(told, index, change(told[index])))

    return changed


def _remainder_is(index: int, value: object) -> Callable[[bytes], bytes]:
    return _remainder(index, lambda _: value)


def _told(facts: dict[str, int]) -> Target:
    if "other" in facts:
        return ScoreDifference(facts["class_id"], facts["other"])
    if "channel" in facts:
        return ChannelPart(facts["class_id"], facts["channel"])
    return ClassScore(facts["class_id"])


def _target(index: int, **facts: object) -> Callable[[bytes], bytes]:
    """Instead of what it was; None leaves the key out."""

    def changed(data: bytes) -> bytes:
        told = facts_in(data)["targets"]
        value = {key: v for key, v in (told[index] | facts).items() if v is not None}
        return with_facts(data, targets=_with(told, index, value))

    return changed


def _map_of(index: int, change: float) -> Callable[[bytes], bytes]:
    def changed(data: bytes) -> bytes:
        maps = load(parts(data)["arrays.safetensors"])["maps"].copy()
        maps[index] += np.float32(change)
        return with_arrays(data, maps=maps)

    return changed


def _all_relative(data: bytes) -> bytes:
    return with_facts(data, unit="RELATIVE")


REFUSED_COMPUTED: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "version": (lambda d: with_facts(d, version=1), "missing or unknown"),
    "no maps": (lambda d: with_arrays(d, maps=None), "missing or unknown.*'maps'"),
    "no logits": (lambda d: with_arrays(d, logits=None), "missing or unknown.*'logits'"),
    "features": (lambda d: with_arrays(d, features=np.zeros((4, 2, 3), np.float32)), "'features'"),
    "changed map": (_map_of(3, 0.1), "together"),
    "changed map of a difference": (_map_of(4, -0.1), "together"),
    "changed logits": (lambda d: with_arrays(d, logits=np.arange(40, dtype=np.float32)), "together"),
    "changed remainder": (_remainder(3, lambda r: r + 0.1), "together"),
    "changed remainder of a difference": (_remainder(2, lambda r: r - 0.1), "together"),
    "no remainder": (_remainder_is(0, None), "'remainders'"),
    "a remainder as text": (_remainder(0, str), "'remainders'"),
    "a true remainder": (_remainder_is(1, True), "'remainders'"),
    "a huge remainder": (_remainder_is(1, 1e13), "'remainders'"),
    "fewer remainders": (lambda d: with_facts(d, remainders=facts_in(d)["remainders"][:-1]), "'remainders'"),
    "remainders without a unit": (_all_relative, "'remainders'"),
    "another unit": (lambda d: with_facts(d, unit="PERCENT"), "PERCENT"),
    "no method": (lambda d: with_facts(d, method=None), "'method'"),
    "no targets": (lambda d: with_facts(d, targets=[]), "'targets'"),
    "targets as text": (lambda d: with_facts(d, targets="tabby"), "'targets'"),
    "a target as a number": (lambda d: with_facts(d, targets=_with(facts_in(d)["targets"], 0, 7)), "targets"),
    "fewer targets": (lambda d: with_facts(d, targets=facts_in(d)["targets"][:-1]), "shape"),
    "a target twice": (_target(0, class_id=7), "twice"),
    "targets exchanged": (
        lambda d: with_facts(d, targets=facts_in(d)["targets"][::-1]),
        "together",
    ),
    "another class": (_target(3, class_id=39), "together"),
    "no class": (_target(3, class_id=None), "'class_id'"),
    "a class that isn't": (_target(3, class_id=40), "'class_id'"),
    "a negative class": (_target(3, class_id=-1), "'class_id'"),
    "another that isn't": (_target(4, other=40), "'other'"),
    "a negative channel": (_target(1, channel=-1), "'channel'"),
    "a channel as text": (_target(1, channel="3"), "'channel'"),
    "one plane more": (lambda d: with_arrays(d, maps=np.zeros((6, 5, 4), np.float32)), "shape"),
    "flat maps": (lambda d: with_arrays(d, maps=np.zeros((5, 20), np.float32)), "shape"),
    "large maps": (lambda d: with_arrays(d, maps=np.zeros((1, 5000, 4), np.float32)), "shape"),
    "empty maps": (lambda d: with_arrays(d, maps=np.zeros((5, 0, 4), np.float32)), "shape"),
    "fewer averages": (lambda d: with_arrays(d, averaged=np.zeros((4, 5, 4), np.float32)), "shape"),
}


@pytest.mark.parametrize("name", REFUSED_COMPUTED)
def test_computed_maps_that_can_not_be_right_are_refused(
    name: str, computed_: Explanation, tmp_path: Path
) -> None:
    change, reason = REFUSED_COMPUTED[name]
    data = snapshot_bytes(computed_, TABS)
    opened(data, tmp_path)
    with pytest.raises(SourceFailure, match="no snapshot that can be opened") as caught:
        opened(change(data), tmp_path)
    assert re.search(reason, caught.value.message)
    assert caught.value.mend


def test_relative_maps_have_no_remainders(explanation: Explanation, tmp_path: Path) -> None:
    data = snapshot_bytes(computed(explanation, COMPUTED, Unit.RELATIVE), TABS)
    assert facts_in(data)["remainders"] == [None] * 5
    for told in ([0.0] * 5, [None, None, 1.0, None, None]):
        with pytest.raises(SourceFailure, match="'remainders'"):
            opened(with_facts(data, remainders=told), tmp_path)
    # Nothing adds up in them, so that nothing can be found not to.
    other = with_arrays(data, maps=np.ones((5, 5, 4), np.float32))
    assert opened(other, tmp_path).explanation.map(COMPUTED[1]).mean == 1


def test_a_newer_version_says_which(explanation: Explanation, tmp_path: Path) -> None:
    """Also if it has entries that nobody knows yet."""
    data = with_facts(snapshot_bytes(explanation, TABS), version=5, camviewer="9.1")
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


@cache
def snapshot_of(unit: Unit | None, make_explanation: Make) -> tuple[Explanation, bytes]:
    """Made once: the time inside changes its length, and what is drawn must depend on what was drawn only."""
    explanation = make_explanation(LABELS)
    if unit is not None:
        explanation = computed(explanation, COMPUTED, unit)
    return explanation, snapshot_bytes(explanation, TABS)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_is_told_and_nothing_else(
    data: st.DataObject, make_explanation: Make, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Bytes changed, cut out or put in anywhere: refused, or nothing of what is shown has changed."""
    explanation, whole = snapshot_of(data.draw(st.sampled_from([None, *Unit])), make_explanation)
    content = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        change = data.draw(st.binary(max_size=8))
        content[at : at + data.draw(st.integers(0, 8))] = change
    try:
        again = snapshot_reading.read_delivery(io.BytesIO(bytes(content))).explanation
    except (DamagedError, NewerVersionError):
        return
    np.testing.assert_array_equal(again.maps.planes, explanation.maps.planes)
    assert again.maps.signature == explanation.maps.signature
    np.testing.assert_array_equal(again.frame.image, explanation.frame.image)
