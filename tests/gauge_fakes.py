"""What explainers that stand in for the real one have for the trust gauge."""

from __future__ import annotations

from camviewer.core.explanation import Explanation
from camviewer.core.gauge.measuring import GaugePlan, Measuring
from camviewer.core.gauge.sanity import SanityTest
from camviewer.core.targets import Target


class Unmeasured:
    """Nobody measures its maps."""

    def measuring(
        self, explanation: Explanation, target: Target, plan: GaugePlan, batch_pixels: int
    ) -> Measuring:
        raise AssertionError("nobody asked for this")

    def sanity_test(self, explanation: Explanation, target: Target) -> SanityTest:
        raise AssertionError("nobody asked for this")
