"""Writes numbers for files and captions, in English."""

from __future__ import annotations

LEAST_PERCENT = 0.1
"""Smaller shares are written as ``<0.1 %``."""


def percent_digits(share: float) -> int | None:
    """Digits behind the decimal point of a share (0..1) in percent; None: it is less than `LEAST_PERCENT`.

    ``87 %``, with a digit more where it is meaningful: ``9.4 %``, ``0.1 %``, ``<0.1 %``.
    """
    value = 100 * share
    if value < LEAST_PERCENT / 2:
        return None
    return 0 if value >= 9.95 else 1


def percent(share: float) -> str:
    """A share (0..1) for files and captions: in English. For the window: `ui.widgets.words.percent`."""
    digits = percent_digits(share)
    return f"<{LEAST_PERCENT} %" if digits is None else f"{100 * share:.{digits}f} %"


def signed(value: float) -> str:
    """``+0.52``: two decimals, with a sign. For the window: `ui.widgets.words.signed`."""
    return f"{value:+.2f}".replace("-", "\N{MINUS SIGN}")
