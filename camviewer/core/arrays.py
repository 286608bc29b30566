"""Arrays that are shared between threads and never written to."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]


ByteArray = NDArray[np.uint8]
AnyArray = NDArray[Any]


def read_only(array: AnyArray) -> AnyArray:
    """The same array, no longer writeable."""
    array.setflags(write=False)
    return array
