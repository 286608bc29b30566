"""The correlation of two maps."""

from __future__ import annotations

import numpy as np
import pytest

from camviewer.core.agreement import correlation
from camviewer.core.arrays import FloatArray


def noise(rows: int, columns: int, seed: int = 0) -> FloatArray:
    return np.random.default_rng(seed).normal(size=(rows, columns)).astype(np.float32)


def test_it_is_pearsons() -> None:
    first, second = noise(7, 5), noise(7, 5, 1)
    expected = np.corrcoef(first.ravel(), second.ravel())[0, 1]
    assert correlation(first, second) == pytest.approx(expected, abs=1e-6)
    assert correlation(first, 3 * first + 100) == pytest.approx(1, abs=1e-6)
    assert correlation(first, -first) == pytest.approx(-1)


def test_the_first_is_brought_to_the_cells_of_the_second() -> None:
    rows, columns = np.mgrid[0:7, 0:7].astype(np.float32)
    fine_rows, _ = np.mgrid[0:14, 0:14].astype(np.float32)
    assert correlation(rows, fine_rows) == pytest.approx(1, abs=0.01)
    assert correlation(columns, fine_rows) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("broken", [np.zeros((7, 5)), np.full((7, 5), np.nan), np.full((7, 5), np.inf)])
def test_where_there_is_none(broken: FloatArray) -> None:
    for one, other in ((broken, noise(7, 5)), (noise(7, 5), broken)):
        assert correlation(one.astype(np.float32), other.astype(np.float32)) is None
