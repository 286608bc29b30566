"""What `camviewer bench` counts in its live parts, and what it makes of that.

docs/performance.md says in words what each figure is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

_PACED = 0.05
"""Share of the pictures from which on the screen, not the computer, is what limits them."""


@dataclass(slots=True)
class Live:
    """The totals of one kind of live part.

    held: how often an explanation had to wait, or the worker rested before it, since the screen can't show
    more. busy: seconds that the worker took for the explanations, without its rests. gui: the GUI thread's
    processor time, seconds. latencies: milliseconds from a frame to its painting.
    """

    seconds: float = 0.0
    painted: int = 0
    explained: int = 0
    held: int = 0
    busy: float = 0.0
    gui: float = 0.0
    latencies: list[float] = field(default_factory=list)

    @property
    def painted_ms(self) -> float:
        """From painting to painting."""
        return 1000 * self.seconds / max(self.painted, 1)

    @property
    def explained_ms(self) -> float:
        """From explanation to explanation, painted or not. A worker that rests makes what is shown."""
        return 1000 * self.seconds / max(self.explained, 1)

    @property
    def busy_ms(self) -> float:
        """The worker's time for an explanation: from a frame that is taken to what it hands over."""
        return 1000 * self.busy / max(self.explained, 1)

    @property
    def gui_ms(self) -> float:
        """The GUI thread's processor time for a painting."""
        return 1000 * self.gui / max(self.painted, 1)

    @property
    def paced(self) -> bool:
        """Whether the screen's refresh limited the loop."""
        return self.held > _PACED * self.painted


def loop_figures(
    one: Live, five: Live, evidence: Live, plain_ms: float | None, refresh_ms: float
) -> dict[str, object]:
    """Of the loop with one tab, with five, and with five and the Evidence dock.

    plain_ms: the unchanged network alone; None if it can't be run. Where the screen limits a loop, neither
    paintings nor explanations a second say anything of the computer; then it counts what a picture costs.
    """
    cost = five.busy_ms if five.paced else five.painted_ms
    by_cost = any(live.paced for live in (one, five, evidence))
    return {
        "loop_ms": round(five.painted_ms, 3),
        "explained_ms": round(five.explained_ms, 3),
        "explained_per_second": round(1000 / five.explained_ms, 1),
        "busy_ms": round(five.busy_ms, 3),
        "gui_ms": round(five.gui_ms, 3),
        "refresh_ms": round(refresh_ms, 3),
        "paced": five.paced,
        "loop_ratio": None if plain_ms is None else round(cost / plain_ms, 3),
        "loop_ratio_of": "busy_ms" if five.paced else "loop_ms",
        "tabs_ratio": round(_ratio(five, one, by_cost), 3),
        "evidence_ratio": round(_ratio(evidence, five, by_cost), 3),
        "tabs_and_evidence_ratio_of": "busy_ms + gui_ms" if by_cost else "loop_ms",
        "latency_ms": percentiles(five.latencies, p50=50, p95=95),
    }


def _ratio(live: Live, other: Live, by_cost: bool) -> float:
    if by_cost:
        return (live.busy_ms + live.gui_ms) / (other.busy_ms + other.gui_ms)
    return live.painted_ms / other.painted_ms


def percentiles(values: Sequence[float], **which: float) -> dict[str, float | None]:
    """Name → percentile; None without values."""
    if not values:
        return dict.fromkeys(which)
    return {name: round(float(np.percentile(values, q)), 2) for name, q in which.items()}
