"""What stands where something is covered."""

from __future__ import annotations

import numpy as np
import pytest

from camviewer.core.covering import PATCH_FILLS, Covering, Fill, filled


def test_a_patch_is_a_quarter_of_the_short_side_unless_it_is_told() -> None:
    assert Covering().patch_for(224, 320) == 56
    assert Covering(32).patch_for(224, 320) == 32


@pytest.mark.parametrize("patch", [1, 0, -8])
def test_a_patch_without_an_inside_is_refused(patch: int) -> None:
    with pytest.raises(ValueError, match="2 pixels a side or more"):
        Covering(patch)


def test_fills() -> None:
    pixels = np.zeros((20, 30, 3), np.uint8)
    pixels[:, :15] = 200, 100, 3
    assert np.unique(filled(pixels, Fill.BLACK, 10)) == [0]
    assert np.unique(filled(pixels, Fill.GREY, 10)) == [128]
    np.testing.assert_array_equal(filled(pixels, Fill.MEAN, 10)[0, 0], (100, 50, 2))
    soft, softer = (filled(pixels, Fill.BLUR, patch)[10, :, 0].astype(float) for patch in (8, 24))
    assert np.abs(np.diff(softer)).max() < np.abs(np.diff(soft)).max() < 100
    for fill in PATCH_FILLS:
        assert filled(pixels, fill, 10).shape == pixels.shape
        assert filled(pixels, fill, 10).dtype == np.uint8
