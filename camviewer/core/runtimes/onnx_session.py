"""An ONNX graph that runs, by ONNX Runtime, which is imported when the first one is made."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

_PLACE = re.compile(r"^.*(?:\[ONNXRuntimeError\] : \d+ : \w+ : | was false\. )|\S*/onnxruntime_src/\S+ ")
"""Numbers, files and conditions of its source; in the plug-ins' errors, again and again."""


def first_line(error: Exception) -> str:
    """What an error of ONNX Runtime says, without numbers and files of its source."""
    lines = _PLACE.sub("", str(error)).splitlines() or [type(error).__name__]
    return lines[0][:300]


def session_options() -> Any:
    """Options that suit a program whose other threads have work to do, too."""
    import onnxruntime
    import psutil

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = psutil.cpu_count(logical=False) or 1
    # Threads that spin while they wait gain 2 % alone, and cost much beside other work.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


class OnnxSession:
    """A graph on a device. Its weights must outlive it: it reads them where they are."""

    def __init__(
        self,
        model: bytes,
        weights: Mapping[str, Array],
        options: Any = None,
        providers: Sequence[str] | None = ("CPUExecutionProvider",),
    ) -> None:
        """weights: of tensors that the graph only names.

        options: as `session_options` makes them. providers: None if the options say what computes. Raises
        RuntimeError, with ONNX Runtime's reason, if it can't load the graph or a weight has another shape.
        """
        import onnxruntime

        options = session_options() if options is None else options
        # In order: torch has weights of convolutions in other orders of axes, which would be copied and lost.
        arrays = map(np.ascontiguousarray, weights.values())
        self._weights = [onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in arrays]
        try:
            if weights:
                options.add_external_initializers(list(weights), self._weights)
            self._session = onnxruntime.InferenceSession(
                model,
                options,
                providers=None if providers is None else list(providers),
                enable_fallback=0,  # it would try again, and print
            )
        except Exception as error:
            raise RuntimeError(first_line(error)) from error
        self.outputs = tuple(output.name for output in self._session.get_outputs())
        self.inputs = tuple(value.name for value in self._session.get_inputs())

    def run(self, *inputs: Array) -> list[Array]:
        """In the order of `inputs`, one for each of `outputs`. Raises RuntimeError if that fails."""
        try:
            results = self._session.run(list(self.outputs), dict(zip(self.inputs, inputs, strict=True)))
        except Exception as error:
            raise RuntimeError(first_line(error)) from error
        return [np.asarray(result) for result in results]
