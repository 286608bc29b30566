"""Rates and delays of the last seconds, for the status line and --stats."""

from __future__ import annotations

import json
import logging
import statistics
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from camviewer.core.explanation import Explanation
from camviewer.media.pipeline.pipeline import Pipeline

log = logging.getLogger(__name__)
WINDOW = 2.0
"""Seconds over which rates and delays are taken."""


@dataclass(frozen=True, slots=True)
class Rates:
    """fps: frames explained and shown a second; milliseconds from frame to paint; None without frames."""

    fps: float
    latency_p50: float | None
    latency_p95: float | None
    forward_ms: float | None


class Stats:
    """Collects paintings in the GUI thread."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._painted: deque[tuple[float, float, float]] = deque()
        self.painted = 0

    def note_painted(self, explanation: Explanation) -> None:
        if self._pipeline.in_view.looks_back:
            return  # how long ago its frame came says nothing about the loop
        now = time.monotonic()
        self.painted += 1
        timing = explanation.timing
        self._painted.append((now, now - timing.captured, timing.forward))
        self._forget(now)

    def _forget(self, now: float) -> None:
        while self._painted and now - self._painted[0][0] > WINDOW:
            self._painted.popleft()

    def rates(self) -> Rates:
        now = time.monotonic()
        self._forget(now)
        if not self._painted:
            return Rates(0.0, None, None, None)
        # Not numpy's percentile: its first call imports for a tenth of a second, in the GUI thread.
        latencies = sorted(latency * 1000 for _, latency, _ in self._painted)
        forward = statistics.median(forward for _, _, forward in self._painted) * 1000
        span = self._painted[-1][0] - self._painted[0][0]
        fps = (len(self._painted) - 1) / span if span > 0 else 0.0
        return Rates(fps, _at(latencies, 0.5), _at(latencies, 0.95), forward)

    def record(self) -> dict[str, object]:
        """One line of --stats."""
        pipeline, rates, counters = self._pipeline, self.rates(), self._pipeline.counters()
        current = pipeline.current
        top1 = None
        if current is not None:
            best = current.top(1)[0]
            probability = round(float(current.probabilities[best]), 4)
            top1 = {"class_id": best, "label": current.label(best), "probability": probability}
        return {
            "time": round(time.time(), 3),
            "source": pipeline.source.title if pipeline.source is not None else None,
            "model": pipeline.model.name if pipeline.model is not None else None,
            "device": pipeline.model.device if pipeline.model is not None else None,
            "precision": pipeline.model.precision.value if pipeline.model is not None else None,
            "frames_in": counters.frames_in,
            "explained": counters.explained,
            "painted": self.painted,
            "dropped": counters.dropped,
            "fps": round(rates.fps, 2),
            "latency_ms": {"p50": _rounded(rates.latency_p50), "p95": _rounded(rates.latency_p95)},
            "top1": top1,
        }


class StatsFile:
    """JSON lines, flushed each, so that another program can follow."""

    def __init__(self, path: Path, stats: Stats) -> None:
        """Raises OSError if the file can't be made."""
        self._file = path.open("w", encoding="utf-8")
        self._stats = stats

    def write(self) -> None:
        """After a failure (a full disk, a closed pipe) it writes nothing more."""
        if self._file.closed:
            return
        try:
            self._file.write(json.dumps(self._stats.record()) + "\n")
            self._file.flush()
        except OSError as error:
            log.warning("no more --stats: %s can't be written: %s", self._file.name, error)
            self.close()

    def close(self) -> None:
        with suppress(OSError):  # of what is in the buffer still
            self._file.close()


def _at(sorted_values: Sequence[float], share: float) -> float:
    """The value that this share of them is below, between two neighbours; one at least is given."""
    whole, part = divmod(share * (len(sorted_values) - 1), 1)
    below, above = sorted_values[int(whole)], sorted_values[min(int(whole) + 1, len(sorted_values) - 1)]
    return below + part * (above - below)


def _rounded(value: float | None) -> float | None:
    return round(value, 2) if value is not None else None
