"""HDR becomes sRGB: brightnesses up to 1,000 cd/m² are fitted into what a usual screen shows.

PQ and HLG are as in ITU-R BT.2100; a white sheet has 203 cd/m² (BT.2408). The curve is the Möbius
transformation that FFmpeg, mpv and Kodi have: the darker third as it is, and smoothly less towards the
brightest.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import ImageFilter

from camviewer.core.storage.profiles import (
    PRIMARIES,
    SRGB,
    rgb_to_xyz,
)

PQ, HLG = 16, 18
"""ITU-T H.273's codes of transfer characteristics."""
BT2020 = 9
"""ITU-T H.273's code of colour primaries, which HDR has where it doesn't say others."""
WHITE, PEAK = 203.0, 1000.0
"""cd/m²."""
KNEE = 0.3
"""Of sRGB's light: where the curve begins to bend."""
STEPS = 49
"""Of the table, along each channel."""


@lru_cache(maxsize=4)
def tone_mapping(transfer: int, primaries: int = BT2020) -> ImageFilter.Color3DLUT:
    """A table for RGB images whose values are codes of PQ or HLG: `image.filter(table)` is sRGB."""
    codes = np.linspace(0, 1, STEPS)
    blue, green, red = np.meshgrid(codes, codes, codes, indexing="ij")  # red changes first, as Pillow has it
    light = light_of(np.stack([red, green, blue], -1), transfer)
    to_srgb = np.linalg.inv(rgb_to_xyz(SRGB)) @ rgb_to_xyz(PRIMARIES.get(primaries, PRIMARIES[BT2020]))
    light = np.maximum(light @ to_srgb.T, 0)
    brightest = np.maximum(light.max(axis=-1, keepdims=True), 1e-9)
    shown = np.clip(light * (compressed(brightest) / brightest), 0, 1)
    values = np.where(shown <= 0.0031308, shown * 12.92, 1.055 * shown ** (1 / 2.4) - 0.055)
    return ImageFilter.Color3DLUT(STEPS, values.astype(np.float32).ravel())


def light_of(codes: NDArray[np.float64], transfer: int) -> NDArray[np.float64]:
    """[…, 3], codes 0..1 → light on a screen of `PEAK`, white being 1."""
    if transfer == PQ:
        root = codes ** (1 / 78.84375)
        light = (np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)) ** (1 / 0.1593017578125)
        return np.asarray(light * 10_000 / WHITE)
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(codes <= 0.5, codes**2 / 3, (np.exp((codes - c) / a) + b) / 12)
    luminance = scene @ [0.2627, 0.6780, 0.0593]
    return np.asarray(scene * luminance[..., None] ** 0.2 * PEAK / WHITE)


def compressed(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """The Möbius transformation: 0..PEAK/WHITE → 0..1."""
    peak, knee = PEAK / WHITE, KNEE
    a = -(knee**2) * (peak - 1) / (knee**2 - 2 * knee + peak)
    b = (knee**2 - 2 * knee * peak + peak) / (peak - 1)
    bent = (b**2 + 2 * b * knee + knee**2) / (b - a) * (light + a) / (light + b)
    return np.where(light <= knee, light, bent)
