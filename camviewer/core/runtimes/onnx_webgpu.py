"""The runtime of GPUs of any maker for built-in networks: ONNX Runtime's WebGPU plug-in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from camviewer.core.arrays import AnyArray
from camviewer.core.models.labels import labels_for
from camviewer.core.models.spec import ModelSpec
from camviewer.core.runtimes import webgpu
from camviewer.core.runtimes.device import (
    WEBGPU,
    Device,
)
from camviewer.core.runtimes.device_faults import DeviceProblem
from camviewer.core.runtimes.onnx_builtin import BuiltinRun
from camviewer.core.runtimes.precision import Precision
from camviewer.core.runtimes.webgpu import (
    Adapter,
    WebGpuSession,
)


class OnnxWebGpu:
    """The fastest GPU that the plug-in finds. Whether it is right and fast, `comparison` says."""

    name = "onnx_webgpu"

    def devices(self) -> tuple[Device, ...]:
        """The GPU; none where the plug-in finds none that it can use."""
        return () if webgpu.search().adapter is None else (WEBGPU,)

    def resolve(self, device: Device) -> Device | None:
        """The GPU; None for every other kind."""
        return WEBGPU if device.kind == WEBGPU else None

    def title(self, device: Device) -> str:  # noqa: ARG002
        """The GPU's name. Raises DeviceProblem if there is none."""
        return _adapter().title

    def precisions(self, device: Device) -> tuple[Precision, ...]:  # noqa: ARG002
        """float32."""
        return (Precision.FLOAT32,)

    def load(
        self,
        spec: ModelSpec,
        state: Mapping[str, AnyArray],
        device: Device,
        labels_file: Path | None = None,
        precision: Precision | None = None,  # noqa: ARG002
    ) -> BuiltinRun:
        """As `Runtime.load`."""
        adapter = _adapter()
        return BuiltinRun(
            spec,
            state,
            lambda classes: labels_for(classes, labels_file, spec.labels),
            device,
            adapter.title,
            lambda model, weights: WebGpuSession(model, weights, adapter),
        )


def _adapter() -> Adapter:
    found = webgpu.search()
    if found.adapter is None:
        assert found.problem is not None, "else there is an adapter"
        raise DeviceProblem(found.problem)
    return found.adapter
