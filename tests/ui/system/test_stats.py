"""Rates and delays of the last seconds, and the records of --stats."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from pytestqt.qtbot import QtBot

from camviewer.core.explanation import Delivery, Explanation, Timing
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.ui.system import stats
from camviewer.ui.system.stats import WINDOW, Stats, StatsFile
from tests.ui.fakes import FakeCamera, FakeLoader, crafted, model_info, plain_frame

KEYS = {
    "time",
    "source",
    "model",
    "device",
    "precision",
    "frames_in",
    "explained",
    "painted",
    "dropped",
    "fps",
    "latency_ms",
    "top1",
}


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    ours = Clock()
    monkeypatch.setattr(stats, "time", SimpleNamespace(monotonic=ours.monotonic, time=lambda: 1234.56789))
    return ours


@pytest.fixture
def pipeline(qapp: object) -> Iterator[Pipeline]:
    ours = Pipeline(FakeLoader())
    yield ours
    ours.close()
    ours.deleteLater()


def captured(seconds: float, forward: float = 0.015) -> Explanation:
    return replace(crafted(plain_frame()), timing=Timing(seconds, seconds, 0.0, forward))


def test_rates_without_frames(pipeline: Pipeline, clock: Clock) -> None:
    rates = Stats(pipeline).rates()
    assert (rates.fps, rates.latency_p50, rates.latency_p95, rates.forward_ms) == (0.0, None, None, None)


def test_rates_of_the_last_seconds(pipeline: Pipeline, clock: Clock) -> None:
    counted = Stats(pipeline)
    for i in range(100):  # 25 fps, 10 ms behind; one of ten takes 110 ms
        clock.now += 0.04
        counted.note_painted(captured(clock.now - (0.11 if i % 10 == 0 else 0.01)))
    rates = counted.rates()
    assert rates.fps == pytest.approx(25)
    assert rates.latency_p50 == pytest.approx(10)
    assert rates.latency_p95 == pytest.approx(110)
    assert rates.forward_ms == pytest.approx(15)
    clock.now += WINDOW + 0.1
    assert counted.rates().fps == 0.0
    assert counted.rates().latency_p50 is None
    assert counted.painted == 100


def test_what_is_older_than_the_window_is_forgotten(pipeline: Pipeline, clock: Clock) -> None:
    counted = Stats(pipeline)
    for step in (0.5, 0.5, 0.5, 0.5, 0.1, *[0.1] * 20):
        clock.now += step
        counted.note_painted(captured(clock.now - 0.02))
    assert counted.rates().fps == pytest.approx(10)


def test_one_frame_has_no_rate(pipeline: Pipeline, clock: Clock) -> None:
    counted = Stats(pipeline)
    counted.note_painted(captured(clock.now - 0.02))
    assert counted.rates().fps == 0.0
    assert counted.rates().latency_p50 == pytest.approx(20)


def test_a_record_before_anything_is_there(pipeline: Pipeline, clock: Clock) -> None:
    record = Stats(pipeline).record()
    assert set(record) == KEYS
    assert record["time"] == 1234.568
    assert record["latency_ms"] == {"p50": None, "p95": None}
    for key in ("source", "model", "device", "precision", "top1"):
        assert record[key] is None
    for key in ("frames_in", "explained", "painted", "dropped", "fps"):
        assert record[key] == 0


def test_a_record(pipeline: Pipeline, clock: Clock, qtbot: QtBot) -> None:
    counted, camera = Stats(pipeline), FakeCamera()
    pipeline.open(camera)
    for _ in range(3):  # nothing takes them: the newest replaces the others
        camera.bring()
    pipeline.model = model_info("resnet18")
    pipeline.in_view.delivery = Delivery(crafted(plain_frame()))
    counted.note_painted(captured(clock.now - 0.02))
    record = counted.record()
    assert set(record) == KEYS
    top1 = record.pop("top1")
    assert isinstance(top1, dict)
    assert (top1["class_id"], top1["label"]) == (0, "tabby")
    assert pipeline.current is not None
    assert top1["probability"] == pytest.approx(float(pipeline.current.probabilities[0]), abs=1e-4)
    assert record == {
        "time": 1234.568,
        "source": "Fake camera",
        "model": "resnet18",
        "device": "cpu",
        "precision": "float32",
        "frames_in": 3,
        "explained": 0,
        "painted": 1,
        "dropped": 2,
        "fps": 0.0,
        "latency_ms": {"p50": 20.0, "p95": 20.0},
    }


def test_every_line_can_be_read_while_the_program_runs(
    pipeline: Pipeline, clock: Clock, tmp_path: Path
) -> None:
    path = tmp_path / "stats.jsonl"
    path.write_text("of the run before")
    file = StatsFile(path, Stats(pipeline))
    for count in (1, 2):
        file.write()
        lines = path.read_text("utf-8").splitlines()
        assert len(lines) == count
        assert all(set(json.loads(line)) == KEYS for line in lines)
    file.close()


def test_a_file_that_cannot_be_made(pipeline: Pipeline, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        StatsFile(tmp_path / "nowhere" / "stats.jsonl", Stats(pipeline))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_told_once(pipeline: Pipeline, caplog: pytest.LogCaptureFixture) -> None:
    file = StatsFile(Path("/dev/full"), Stats(pipeline))
    for _ in range(3):
        file.write()
    file.close()
    assert [record.getMessage() for record in caplog.records] == [
        "no more --stats: /dev/full can't be written: [Errno 28] No space left on device"
    ]
