"""Curves of whole videos, kept between starts."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from camviewer.core.cancelling import CancelledError, cancellable
from camviewer.core.explanation import ExplainRequest, predicted
from camviewer.core.frames import Fit
from camviewer.core.models.spec import Link, ModelInfo, Preprocessing, WeightsOrigin
from camviewer.core.runtimes.device import CPU
from camviewer.core.storage import timeline_cache
from camviewer.core.storage.timeline_cache import curve_file, read_curve, write_curve
from camviewer.core.timeline import Timeline

LABELS = ("a", "b", "c")
MODEL = ModelInfo("net", "Net", CPU, "CPU", "f" * 64, "net.pth", WeightsOrigin.FILE)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(timeline_cache, "curves_folder", lambda: tmp_path / "curves")
    return tmp_path / "curves"


def timeline_of(rows: int) -> Timeline:
    timeline, numbers = Timeline(LABELS, rows), np.random.default_rng(5)
    for index in range(rows):
        timeline.append(index / 3, predicted(numbers.standard_normal(3).astype(np.float32), LABELS))
    return timeline


def test_what_is_written_is_read_to_the_bit(folder: Path) -> None:
    written = timeline_of(7)
    write_curve(written, folder / "one.npz")
    read = read_curve(folder / "one.npz", LABELS, Link.SOFTMAX)
    assert read is not None
    assert np.array_equal(read.times, written.times)
    for logits in (True, False):
        assert np.array_equal(read.scores((0, 1, 2), logits=logits), written.scores((0, 1, 2), logits=logits))


RGB = Preprocessing(256, 224, (0.5,) * 3, (0.5,) * 3)


def test_it_is_found_by_contents_model_and_fit(tmp_path: Path) -> None:
    video, copy, other = (tmp_path / name for name in ("a.mp4", "b.mp4", "c.mp4"))
    video.write_bytes(b"film")
    copy.write_bytes(b"film")
    other.write_bytes(b"another")
    request = ExplainRequest()

    def file(
        path: Path = video,
        model: ModelInfo = MODEL,
        labels: tuple[str, ...] = LABELS,
        asked: ExplainRequest = request,
    ) -> Path | None:
        return curve_file(path, model, labels, asked)

    assert file() == file(copy)
    assert file() == file(asked=replace(request, method="Grad-CAM"))
    different = {
        file(),
        file(other),
        file(model=replace(MODEL, weights_sha256="e" * 64)),
        file(labels=("x", "b", "c")),
        file(asked=replace(request, fit=Fit.WHOLE)),
        file(asked=replace(request, resolution=320)),
        file(model=replace(MODEL, preprocessing=RGB)),
        file(model=replace(MODEL, preprocessing=replace(RGB, bgr=True))),
    }
    assert len(different) == 8
    with pytest.raises(CancelledError), cancellable(lambda: False):
        file()
    assert file(model=replace(MODEL, weights_sha256="")) is None


def test_damaged_files_count_as_missing(folder: Path) -> None:
    path = folder / "one.npz"
    assert read_curve(path, LABELS, Link.SOFTMAX) is None
    write_curve(timeline_of(3), path)
    whole = path.read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", b"PK\x03\x04 nothing"):
        path.write_bytes(damaged)
        assert read_curve(path, LABELS, Link.SOFTMAX) is None
    path.write_bytes(whole)
    assert read_curve(path, (*LABELS, "d"), Link.SOFTMAX) is None


def test_the_oldest_go_when_there_are_too_many(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for index in range(4):
        write_curve(timeline_of(9), folder / f"{index}.npz")
        os.utime(folder / f"{index}.npz", (index, index))
    size = (folder / "0.npz").stat().st_size
    monkeypatch.setattr(timeline_cache, "MOST_BYTES", 3 * size)
    write_curve(timeline_of(9), folder / "4.npz")
    assert sorted(path.name for path in folder.glob("*.npz")) == ["2.npz", "3.npz", "4.npz"]
