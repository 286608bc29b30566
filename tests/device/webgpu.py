"""WebGPU beside torch's CUDA, on one GPU in one process: `webgpu.py`. Prints lines that begin with FACT.

CAMVIEWER_WEIGHTS: ResNet18's. CAMVIEWER_CHECK_DEVICE=cpu: without CUDA, and few passes, to rehearse this
on software Vulkan.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

import camviewer  # noqa: F401  # it has ONNX Runtime send nothing
from camviewer.core.arrays import AnyArray, ByteArray
from camviewer.core.frames import Region
from camviewer.core.geometry import InputGeometry
from camviewer.core.models.builtin import RESNET18
from camviewer.core.models.graphs import graph_weights, network_graph
from camviewer.core.runtimes.base import ForwardPass, ModelRun
from camviewer.core.runtimes.comparison import compared
from camviewer.core.runtimes.device import CPU, CUDA, WEBGPU
from camviewer.core.runtimes.libraries import prepare_torch
from camviewer.core.runtimes.onnx_builtin import OnnxCpu
from camviewer.core.runtimes.onnx_session import OnnxSession, session_options
from camviewer.core.runtimes.onnx_webgpu import OnnxWebGpu
from camviewer.core.runtimes.precision import Precision
from camviewer.core.runtimes.webgpu import Adapter, search

HAS_CUDA = os.environ.get("CAMVIEWER_CHECK_DEVICE", "cuda") == "cuda"
PASSES, WARM = (100, 10) if HAS_CUDA else (2, 1)
SIZES = ((224, 224), (448, 448), (448, 800)) if HAS_CUDA else ((224, 224),)
OTHER_OPTIONS = ({"validationMode": "disabled"}, {"preferredLayout": "NCHW"}) if HAS_CUDA else ()


def fact(what: str, told: object) -> None:
    print(f"FACT {what}: {told}", flush=True)


def state() -> dict[str, AnyArray]:
    path = Path(os.environ["CAMVIEWER_WEIGHTS"])
    if path.suffix == ".safetensors":
        from safetensors.numpy import load_file

        return dict(load_file(path))
    import torch

    return {name: each.detach().numpy() for name, each in torch.load(path, weights_only=True).items()}


def frame(height: int, width: int) -> tuple[ByteArray, InputGeometry]:
    """Squares of 8 pixels in the size that the network gets them: nothing is resized."""
    coarse = np.random.default_rng(0).integers(0, 256, (height // 8, width // 8, 3), np.uint8)
    whole = Region(0, 0, width, height)
    return coarse.repeat(8, 0).repeat(8, 1), InputGeometry(whole, (height, width), whole, whole)


def seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def median_ms(work: Callable[[], object]) -> float:
    for _ in range(WARM):
        work()
    return 1000 * statistics.median(seconds(work) for _ in range(PASSES))


def difference(ours: AnyArray, theirs: AnyArray) -> float:
    return float(np.abs(ours - theirs).max() / np.abs(theirs).max())


def identity(run: ModelRun, passed: ForwardPass) -> float:
    """The largest │mean(CAM) + bias - score│."""
    assert run.head is not None
    cams = np.tensordot(run.head.weight, passed.features, 1)
    return float(np.abs(cams.mean((1, 2)) + run.head.bias - passed.logits).max())


def eager(weights: dict[str, AnyArray]) -> Callable[[ByteArray], Callable[[], AnyArray]]:
    """torch as anyone would write it: pixels to the GPU, float32, features back."""
    import torch

    network: Any = RESNET18.architecture.build(len(weights[RESNET18.head.bias_key]))
    network.load_state_dict({name: torch.from_numpy(np.array(each)) for name, each in weights.items()})
    backbone = torch.nn.Sequential(*list(network.children())[:-2]).eval().cuda()
    mean, std = (
        torch.tensor(numbers, device="cuda").view(1, 3, 1, 1)
        for numbers in (RESNET18.preprocessing.mean, RESNET18.preprocessing.std)
    )

    def of(pixels: ByteArray) -> Callable[[], AnyArray]:
        def forward() -> AnyArray:
            with torch.inference_mode():
                planes = torch.from_numpy(pixels).cuda().permute(2, 0, 1)[None]
                features: AnyArray = backbone((planes / 255 - mean) / std)[0].cpu().numpy()
            return features

        return forward

    return of


def options_ms(
    adapter: Adapter, weights: dict[str, AnyArray], options: dict[str, str], image: ByteArray
) -> float:
    """Of the graph alone, with other options of the plug-in."""
    graph = network_graph(RESNET18)
    chosen = session_options()
    chosen.add_provider_for_devices([adapter.handle], options)
    given = graph_weights(RESNET18, graph, weights, RESNET18.preprocessing)
    session = OnnxSession(graph.model, given, chosen, providers=None)
    planes = np.ascontiguousarray(image.transpose(2, 0, 1)[None])
    return median_ms(lambda: session.run(planes))


def main() -> None:
    """As the module says."""
    begin = time.perf_counter()
    found = search()
    took = 1000 * (time.perf_counter() - begin)
    fact("ONNX Runtime", onnxruntime.__version__)
    fact("WebGPU's adapter", found.problem or found.adapter)
    fact("… found in", f"{took:.0f} ms")
    if found.adapter is None:
        return
    weights = state()
    cpu = OnnxCpu().load(RESNET18, weights, CPU)
    begin = time.perf_counter()
    gpu = OnnxWebGpu().load(RESNET18, weights, WEBGPU)
    fact("WebGPU: session", f"{time.perf_counter() - begin:.2f} s")
    image, geometry = frame(*SIZES[0])
    fact("WebGPU: first run", f"{seconds(lambda: gpu.run(image, geometry)):.2f} s")
    begin = time.perf_counter()
    answer = compared(gpu, cpu, RESNET18.preprocessing, RESNET18.sizes)
    fact("the comparison", f"{answer} in {time.perf_counter() - begin:.2f} s")
    runs: dict[str, ModelRun] = {"WebGPU": gpu, "ONNX Runtime, CPU": cpu}
    plain = None
    if HAS_CUDA:
        prepare_torch()
        from camviewer.core.runtimes.torch_cuda import TorchCuda

        for precision in (Precision.FLOAT32, Precision.TF32):
            runs[f"camviewer's CUDA, {precision.value}"] = TorchCuda().load(
                RESNET18, weights, CUDA, None, precision
            )
        plain = eager(weights)
    for size in SIZES:
        image, geometry = frame(*size)
        name = f"{size[0]}×{size[1]}"
        expected = cpu.run(image, geometry).features
        for title, run in runs.items():
            took = median_ms(partial(run.run, image, geometry))
            passed = run.run(image, geometry)
            off = "" if run is cpu else f", features {difference(passed.features, expected):.1e} of the peak"
            fact(f"{name}, {title}", f"{took:.2f} ms{off}, identity {identity(run, passed):.1e}")
        if plain is not None:
            forward = plain(image)
            took = median_ms(forward)
            fact(
                f"{name}, torch CUDA eager",
                f"{took:.2f} ms, features {difference(forward(), expected):.1e} of the peak",
            )
    image, _ = frame(*SIZES[0])
    for options in OTHER_OPTIONS:
        took = options_ms(found.adapter, weights, options, image)
        fact(f"224×224, WebGPU, {options}", f"{took:.2f} ms, without the head")


if __name__ == "__main__":
    main()
