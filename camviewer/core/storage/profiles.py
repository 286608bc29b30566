"""ICC profiles of colour spaces that are told by a name or by numbers, in EXIF, PNG or H.273."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

XY = tuple[float, float]
"""A chromaticity, CIE 1931."""

D65: XY = (0.3127, 0.3290)
SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
"""IEC 61966-2-1: γ, a, b, c, d of ICC's function 3, (a·x + b)^γ from d on, and c·x before."""


@dataclass(frozen=True, slots=True)
class Primaries:
    """Of an RGB space."""

    white: XY
    red: XY
    green: XY
    blue: XY


SRGB = Primaries(D65, (0.640, 0.330), (0.300, 0.600), (0.150, 0.060))
ADOBE_RGB = Primaries(D65, (0.640, 0.330), (0.210, 0.710), (0.150, 0.060))
ADOBE_GAMMA = 563 / 256
"""Adobe RGB (1998), 4.3.1.2."""
_BT601_525 = Primaries(D65, (0.630, 0.340), (0.310, 0.595), (0.155, 0.070))
PRIMARIES = {
    1: SRGB,
    4: Primaries((0.310, 0.316), (0.67, 0.33), (0.21, 0.71), (0.14, 0.08)),
    5: Primaries(D65, (0.64, 0.33), (0.29, 0.60), (0.15, 0.06)),
    6: _BT601_525,
    7: _BT601_525,
    8: Primaries((0.310, 0.316), (0.681, 0.319), (0.243, 0.692), (0.145, 0.049)),
    9: Primaries(D65, (0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    11: Primaries((0.314, 0.351), (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    12: Primaries(D65, (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    22: Primaries(D65, (0.630, 0.340), (0.295, 0.605), (0.155, 0.077)),
}
"""ITU-T H.273's codes of colour primaries."""
CURVES: dict[int, tuple[float, ...]] = {
    **dict.fromkeys((1, 6, 13, 14, 15), SRGB_CURVE),  # players show BT.709 and its kin as they show sRGB
    4: (2.2,),
    5: (2.8,),
    8: (1.0,),
}
"""ITU-T H.273's codes of transfer characteristics, without those of HDR, which no profile
can hold: PQ (16) and HLG (18)."""

_D50 = np.array([0.9642, 1.0, 0.8249])  # ICC.1, of the profile connection space
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def matrix_profile(primaries: Primaries, curve: tuple[float, ...]) -> bytes:
    """The ICC profile (version 4) of an RGB space.

    curve: from a channel's value to light, both 0..1: one number γ for x^γ, or `SRGB_CURVE`'s five. Raises
    ValueError where the primaries span no space.
    """
    kind = {1: 0, 5: 3}[len(curve)]
    function = b"para" + struct.pack(">IHH", 0, kind, 0) + _fixed(curve)
    columns = _adapted(primaries)
    parts = [
        *(
            (name, b"XYZ \0\0\0\0" + _fixed(columns[:, at]))
            for at, name in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))
        ),
        *((name, function) for name in (b"rTRC", b"gTRC", b"bTRC")),
        (b"wtpt", b"XYZ \0\0\0\0" + _fixed(_D50)),
    ]
    table, data = struct.pack(">I", len(parts)), b""
    start = 128 + 4 + 12 * len(parts)
    for name, content in parts:
        table += name + struct.pack(">II", start + len(data), len(content))
        data += content + bytes(-len(content) % 4)
    header = struct.pack(">I4xI", start + len(data), 0x04400000) + b"mntrRGB XYZ " + bytes(12) + b"acsp"
    header = header.ljust(68, b"\0") + _fixed(_D50)
    return header.ljust(128, b"\0") + table + data


def rgb_to_xyz(primaries: Primaries) -> NDArray[np.float64]:
    """[3, 3]: from linear R, G, B to X, Y, Z, with Y = 1 for white. Raises ValueError."""
    corners = np.array([_xyz(at) for at in (primaries.red, primaries.green, primaries.blue)]).T
    try:
        shares = np.linalg.solve(corners, _xyz(primaries.white))
    except np.linalg.LinAlgError as error:
        raise ValueError("the primaries span no space") from error
    return np.asarray(corners * shares)


def _adapted(primaries: Primaries) -> NDArray[np.float64]:
    """As `rgb_to_xyz`, seen under D50 (Bradford)."""
    scale = np.diag((_BRADFORD @ _D50) / (_BRADFORD @ _xyz(primaries.white)))
    return np.asarray(np.linalg.inv(_BRADFORD) @ scale @ _BRADFORD @ rgb_to_xyz(primaries))


def _xyz(at: XY) -> NDArray[np.float64]:
    x, y = at
    if not y > 0:
        raise ValueError("a chromaticity without light")
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _fixed(values: NDArray[np.float64] | tuple[float, ...]) -> bytes:
    """ICC's s15Fixed16Number. Raises ValueError for what has no place in it."""
    numbers = np.rint(np.asarray(values) * 65536)
    if not (np.isfinite(numbers).all() and (np.abs(numbers) < 2**31).all()):
        raise ValueError("a number that no profile can hold")
    return bytes(numbers.astype(">i4").tobytes())
