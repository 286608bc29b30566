"""What camviewer does when the GPU's memory is used up, at the start and in the middle: `full_gpu.py PHOTO`.

Prints lines that begin with FACT. This process takes the memory, as another program would.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[2]


def take(leave_mib: int) -> list[torch.Tensor]:
    """All of the device's free memory but so much."""
    held = []
    for size in (1 << 30, 64 << 20, 8 << 20, 1 << 20):
        while torch.cuda.mem_get_info()[0] - (leave_mib << 20) > size:
            try:
                held.append(torch.empty(size, dtype=torch.uint8, device="cuda"))
            except torch.OutOfMemoryError:
                break
    return held


def at_the_start(photo: str) -> None:
    """Another program has the memory already."""
    held = take(200)
    print("free now:", torch.cuda.mem_get_info()[0] >> 20, "MiB")
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "camviewer",
            "explain",
            photo,
            "--out",
            folder,
            "--no-images",
            "--json",
            "-",
        ]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=90)
    print(done.stderr)
    said = next((line for line in done.stderr.splitlines() if "CPU is used" in line), "nothing was said")
    outcome = "goes on with the CPU" if done.returncode == 0 else f"rc {done.returncode}"
    print(f"FACT out of memory at load: {outcome}; it says: {said.removeprefix('camviewer: ')}", flush=True)
    del held
    torch.cuda.empty_cache()


def in_the_middle(photo: str) -> None:
    """The window runs on the GPU; then the memory is taken, and a larger input is asked for."""
    import os

    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QEventLoop, QTimer

    from camviewer.app import make_application
    from camviewer.commands.bench_source import LoopSource, synthetic_frames
    from camviewer.core.explanation import ExplainRequest
    from camviewer.core.frames import Fit
    from camviewer.core.loading import ModelChoice, load_model
    from camviewer.media.pipeline.pipeline import Pipeline

    def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
        loop, poll, end = QEventLoop(), QTimer(interval=10), time.monotonic() + seconds
        poll.timeout.connect(lambda: loop.quit() if condition() or time.monotonic() > end else None)
        poll.start()
        loop.exec()
        poll.stop()
        return condition()

    app = make_application()
    pipeline = Pipeline(load_model)
    failures: list[str] = []
    pipeline.frame_failed.connect(lambda failure: failures.append(str(failure)))
    pipeline.start(ModelChoice(weights=Path(os.environ["CAMVIEWER_WEIGHTS"]), device="cuda"))
    pipeline.open(LoopSource(synthetic_frames()))
    wait_until(lambda: pipeline.current is not None and pipeline.current.model.device == "cuda", 30)
    wait_until(lambda: pipeline.counters().explained > 50, 10)
    torch.cuda.empty_cache()
    held = take(2)
    print("free now:", torch.cuda.mem_get_info()[0] >> 20, "MiB")
    before = pipeline.counters().explained
    wait_until(lambda: pipeline.counters().explained > before + 50, 10)
    steady = (
        pipeline.counters().explained > before + 50
        and pipeline.model is not None
        and pipeline.model.device == "cuda"
    )
    print(
        f"FACT another program takes the rest of the memory: {'goes on with the GPU' if steady else failures}"
    )
    pipeline.set_request(ExplainRequest(Fit.WHOLE, 896, fine=True))
    wait_until(lambda: pipeline.model is not None and pipeline.model.device == "cpu", 30)
    on_cpu = wait_until(
        lambda: (
            pipeline.current is not None
            and pipeline.current.model.device == "cpu"
            and pipeline.current.request == pipeline.request
        ),
        60,
    )
    said = failures[0] if failures else "nothing"
    outcome = "goes on with the CPU" if on_cpu else "stands still"
    print(f"FACT out of memory in the middle: {outcome}; it says: {said}")
    del held
    torch.cuda.empty_cache()
    pipeline.choose_model(ModelChoice(weights=Path(os.environ["CAMVIEWER_WEIGHTS"]), device="cuda"))
    back = wait_until(lambda: pipeline.current is not None and pipeline.current.model.device == "cuda", 30)
    print(
        f"FACT the GPU chosen again once there is memory: {'runs on the GPU' if back else failures}",
        flush=True,
    )
    pipeline.close(20)
    del app


if __name__ == "__main__":
    at_the_start(sys.argv[1])
    in_the_middle(sys.argv[1])
