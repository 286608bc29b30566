"""What `camviewer bench` counts in its live parts, and what it makes of that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

_PACED = 0.05
"""Share of the pictures from which on the screen, not the computer, is what limits them."""


@dataclass(slots=True)
class Live:
    """The totals of one kind of live part.

    waited: how often an explanation couldn't be shown when it came, since the screen can't show more.
    latencies: milliseconds from a frame to its painting.
    """

    seconds: float = 0.0
    painted: int = 0
    explained: int = 0
    waited: int = 0
    latencies: list[float] = field(default_factory=list)

    @property
    def painted_ms(self) -> float:
        """From painting to painting."""
        return 1000 * self.seconds / max(self.painted, 1)

    @property
    def explained_ms(self) -> float:
        """From explanation to explanation, painted or not."""
        return 1000 * self.seconds / max(self.explained, 1)

    @property
    def paced(self) -> bool:
        """Whether the screen's refresh limited the loop."""
        return self.waited > _PACED * self.painted


def loop_figures(
    one: Live, five: Live, evidence: Live, plain_ms: float | None, refresh_ms: float
) -> dict[str, object]:
    """Of the loop with one tab, with five, and with five and the Evidence dock.

    plain_ms: the unchanged network alone; None if it can't be run. Where the screen limits a loop, paintings
    say nothing of the computer; then its explanations count, of which the worker makes as many as it can.
    """
    period = five.explained_ms if five.paced else five.painted_ms
    return {
        "loop_ms": round(five.painted_ms, 3),
        "explained_ms": round(five.explained_ms, 3),
        "explained_per_second": round(1000 / five.explained_ms, 1),
        "refresh_ms": round(refresh_ms, 3),
        "paced": five.paced,
        "loop_ratio": None if plain_ms is None else round(period / plain_ms, 3),
        "loop_ratio_of": "explained_ms" if five.paced else "loop_ms",
        "tabs_ratio": round(_ratio(five, one), 3),
        "evidence_ratio": round(_ratio(evidence, five), 3),
        "latency_ms": percentiles(five.latencies, p50=50, p95=95),
    }


def _ratio(live: Live, other: Live) -> float:
    if live.paced or other.paced:
        return live.explained_ms / other.explained_ms
    return live.painted_ms / other.painted_ms


def percentiles(values: Sequence[float], **which: float) -> dict[str, float | None]:
    """Name → percentile; None without values."""
    if not values:
        return dict.fromkeys(which)
    return {name: round(float(np.percentile(values, q)), 2) for name, q in which.items()}
