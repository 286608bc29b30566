"""Qt's real camera path, with a software webcam: live, unplugged, stalled, busy, and back."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.softcam.camera import NAME, Driven, SoftCamera, why_not

pytestmark = [pytest.mark.softcam, pytest.mark.skipif(bool(why_not()), reason=why_not())]
START_S = 15.0  # Python, Qt and a busy machine


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoftCamera]:
    try:
        camera = SoftCamera(tmp_path_factory.mktemp("softcam"))
    except PermissionError as error:
        pytest.skip(f"the software webcam needs a device node: {error}")
    yield camera
    camera.unplug()


@pytest.fixture
def camera(built: SoftCamera) -> SoftCamera:
    """Plugged in, and works."""
    built.set("")
    if not built.device.exists():
        built.plug()
    return built


@pytest.fixture
def drive(camera: SoftCamera) -> Iterator[Callable[[], Driven]]:
    """Opens the camera in another process; that must have closed by itself at the end."""
    running: list[Driven] = []

    def start() -> Driven:
        running.append(Driven(camera))
        running[-1].wait_for("started", START_S)
        return running[-1]

    yield start
    statuses = [driven.close() for driven in running]
    assert statuses == [0] * len(running)


def test_it_is_live_in_the_format_nearest_to_720p_that_is_fluent(drive: Callable[[], Driven]) -> None:
    driven = drive()
    frames = [driven.wait_for("explained", START_S) for _ in range(31)]
    assert all(f["format"] == "640x360@30" and f["size"] == [640, 360] for f in frames)
    seconds = frames[-1]["time"] - frames[0]["time"]
    assert 15 < 30 / seconds < 40
    assert sorted(f["age"] for f in frames)[15] < 0.1
    assert len({f["brightness"] for f in frames}) > 15
    # Frames as they were made, shade after shade.
    assert {round((f["brightness"] - 20) / 7) for f in frames} <= set(range(30))
    assert all(abs((f["brightness"] - 20) / 7 - round((f["brightness"] - 20) / 7)) < 0.3 for f in frames)


def test_unplugged_it_says_so_and_plugged_in_again_it_goes_on(
    camera: SoftCamera, drive: Callable[[], Driven]
) -> None:
    driven = drive()
    driven.wait_for("explained", START_S)
    camera.unplug()
    failed = driven.wait_for("failed", 2.0, lambda e: "unplugged" in e["message"])
    assert "goes on by itself" in failed["message"]
    assert failed["kept"]
    camera.plug()
    driven.wait_for("recovered", 3.0)
    driven.wait_for("explained", 1.0)


def test_stalled_it_says_so_and_goes_on_when_frames_come(
    camera: SoftCamera, drive: Callable[[], Driven]
) -> None:
    driven = drive()
    driven.wait_for("explained", START_S)
    camera.set("S")
    failed = driven.wait_for("failed", 2.5)
    assert "sends no pictures" in failed["message"]
    assert failed["kept"]
    camera.set("")
    driven.wait_for("recovered", 2.0)
    driven.wait_for("explained", 1.0)
    assert [e["event"] for e in driven.events].count("failed") == 1


def test_busy_it_says_so_and_goes_on_when_it_is_free(camera: SoftCamera, drive: Callable[[], Driven]) -> None:
    camera.set("B")
    driven = drive()
    failed = driven.wait_for("failed", START_S)
    assert "in use by another program" in failed["message"]
    assert not failed["kept"]
    # It tries again every two seconds, and doesn't say so again.
    with pytest.raises(AssertionError, match="no failed"):
        driven.wait_for("failed", 2.5)
    camera.set("")
    driven.wait_for("recovered", 4.0)
    driven.wait_for("explained", 1.0)


def test_a_loose_cable(camera: SoftCamera, drive: Callable[[], Driven]) -> None:
    driven = drive()
    driven.wait_for("explained", START_S)
    numbers = random.Random(11)
    for _ in range(10):
        camera.unplug()
        _let_pass(driven, numbers.uniform(0.0, 0.6))
        camera.plug()
        _let_pass(driven, numbers.uniform(0.0, 0.9))
    last = time.monotonic()
    live = driven.wait_for("explained", 6.0, lambda e: e["time"] > last + 1)
    assert live["age"] < 1
    told = [e["event"] for e in driven.events if e["event"] in ("failed", "recovered")]
    # Never the same trouble without an end to it between, and the end is the end.
    assert not told or told[-1] == "recovered"


def _let_pass(driven: Driven, seconds: float) -> None:
    """Real time, as a real cable: nothing is waited for, and what comes is noted."""
    with pytest.raises(AssertionError, match="no such event"):
        driven.wait_for("such event", seconds)


def test_the_program_shows_it_live(camera: SoftCamera, tmp_path: Path) -> None:
    stats, log = tmp_path / "stats.jsonl", tmp_path / "log.txt"
    options = ["--camera", NAME, "--model", "efficientnet_lite0", "--stats", str(stats)]
    with log.open("wb") as output:
        program = subprocess.Popen(
            [sys.executable, "-m", "camviewer", *options, "--quit-after", "50"],
            env=camera.environment() | {"CAMVIEWER_WEIGHTS": ""},
            stdout=output,
            stderr=output,
        )
    try:
        deadline = time.monotonic() + 45
        while not (shown := live(stats)) and time.monotonic() < deadline:
            with suppress(subprocess.TimeoutExpired):
                program.wait(0.25)
                break
        program.terminate()
        assert program.wait(15) == 0, log.read_text()
    finally:
        program.kill()
    assert shown, log.read_text()
    assert (shown["source"], shown["model"]) == (NAME, "efficientnet_lite0")
    assert shown["top1"] is not None
    assert shown["explained"] >= shown["painted"]
    assert "Traceback" not in log.read_text()


def live(stats: Path) -> dict[str, Any]:
    """The last record, if frames were painted in each of its last seconds; empty otherwise."""
    lines = stats.read_text("utf-8").splitlines() if stats.exists() else []
    records = [json.loads(line) for line in lines[-3:] if line.endswith("}")]
    painted = [record["painted"] for record in records]
    if len(painted) < 3 or not 0 < painted[0] < painted[1] < painted[2]:
        return {}
    last: dict[str, Any] = records[-1]
    return last
