"""Colour tables: matplotlib's are the oracle; lightness tells which of them can be read in grey."""

from __future__ import annotations

import matplotlib
import numpy as np
import pytest
from numpy.typing import NDArray

from camviewer.core.colormaps import COLORMAPS, DEFAULT, info, reversed_name, split_reversed, table

SEQUENTIAL = ("inferno", "magma", "viridis", "cividis", "grey")
THEIRS = {"grey": "gray", "red-blue": "RdBu_r"}


def lightness(name: str) -> NDArray[np.float64]:
    """CIE L* (0..100) of the entries, from their sRGB."""
    srgb = table(name) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    y = linear @ [0.2126, 0.7152, 0.0722]
    return np.asarray(np.where(y > 216 / 24389, 116 * np.cbrt(y) - 16, y * 24389 / 27))


@pytest.mark.parametrize("name", [*COLORMAPS, *(reversed_name(name) for name in COLORMAPS)])
def test_tables(name: str) -> None:
    colours = table(name)
    assert colours.shape == (256, 3)
    assert colours.dtype == np.uint8
    assert not colours.flags.writeable
    assert table(name) is colours
    np.testing.assert_array_equal(table(reversed_name(name)), colours[::-1])


@pytest.mark.parametrize("name", [name for name in COLORMAPS if name != "vik"])
def test_tables_are_those_that_matplotlib_has(name: str) -> None:
    theirs = matplotlib.colormaps[THEIRS.get(name, name)](np.arange(256), bytes=True)[:, :3]
    assert np.abs(table(name).astype(int) - theirs).max() <= 2


@pytest.mark.parametrize("name", SEQUENTIAL)
def test_sequential_maps_grow_lighter(name: str) -> None:
    steps = np.diff(lightness(name))
    assert steps.min() > -0.35  # rounding to bytes
    assert lightness(name)[-1] - lightness(name)[0] > 60


@pytest.mark.parametrize("name", ["jet", "turbo"])
def test_rainbows_do_not(name: str) -> None:
    light = lightness(name)
    assert light.max() - light[-1] > 20
    assert info(name).note == "rainbow"


@pytest.mark.parametrize("name", ["vik", "red-blue"])
def test_diverging_maps_are_pale_in_the_middle_red_for_and_blue_against(name: str) -> None:
    assert info(name).diverging
    colours = table(name).astype(int)
    light = lightness(name)
    assert 100 < light.argmax() < 156
    assert min(light[127], light[128]) > max(light[0], light[-1]) + 30
    assert np.ptp(colours[127:129], axis=1).max() < 20
    assert colours[40, 2] > colours[40, 0] + 50
    assert colours[215, 0] > colours[215, 2] + 50


def test_names() -> None:
    assert set(COLORMAPS) == {*SEQUENTIAL, "vik", "red-blue", "jet", "turbo"}
    assert DEFAULT in SEQUENTIAL
    assert reversed_name("inferno") == "inferno_r"
    assert reversed_name("inferno_r") == "inferno"
    assert split_reversed("red-blue_r") == ("red-blue", True)
    assert split_reversed("red-blue") == ("red-blue", False)
    assert info("vik_r") is info("vik")
    assert {name for name in COLORMAPS if info(name).diverging} == {"vik", "red-blue"}


@pytest.mark.parametrize("name", ["parula", "", "_r", "inferno_r_r", "Inferno"])
@pytest.mark.parametrize("function", [info, table])
def test_an_unknown_name_is_answered_with_the_known_ones(name: str, function: object) -> None:
    assert callable(function)
    with pytest.raises(KeyError) as raised:
        function(name)
    message = str(raised.value)
    assert f"no colormap {name!r}" in message.replace("\\'", "'")
    assert all(known in message for known in COLORMAPS)
