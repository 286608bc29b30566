"""How much of a map's evidence lies at its border, where subjects seldom are and marks often."""

from __future__ import annotations

import numpy as np

from camviewer.core.arrays import FloatArray


def border_share(values: FloatArray) -> float | None:
    """The positive evidence in the outermost ring of cells, as a share (0..1) of all positive evidence.

    values: a map, [h, w]. None where there is no positive evidence, or where a value is no number. Evidence
    that is spread evenly over 7 × 7 cells has 24/49 there; a map of two rows or columns is all border.
    """
    positive = np.maximum(values.astype(np.float64), 0.0)
    whole = float(positive.sum())
    if not np.isfinite(whole) or whole <= 0.0:
        return None
    return min(max(1.0 - float(positive[1:-1, 1:-1].sum()) / whole, 0.0), 1.0)
