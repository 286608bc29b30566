"""What a test asks of WebGPU, in a process of its own: `python -m tests.core.runtimes.webgpu_process WHAT`.

Prints one line of JSON. Drivers crash processes, and Mesa's LLVM doesn't bear another one beside it.
"""

from __future__ import annotations

import json
import math
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

import camviewer  # noqa: F401  # it has ONNX Runtime send nothing
from camviewer.core.arrays import AnyArray, ByteArray, read_only
from camviewer.core.geometry import InputGeometry
from camviewer.core.models.builtin import EFFICIENTNET_LITE0, RESNET18
from camviewer.core.models.graphs import NetworkGraph, graph_weights, network_graph
from camviewer.core.models.spec import ModelSpec, SizeRule
from camviewer.core.runtimes.base import BasicRun, ForwardPass, Needs
from camviewer.core.runtimes.comparison import compared
from camviewer.core.runtimes.device import CPU, WEBGPU
from camviewer.core.runtimes.device_faults import device_reason
from camviewer.core.runtimes.onnx_session import OnnxSession
from camviewer.core.runtimes.preprocess import input_pixels
from camviewer.core.runtimes.webgpu import Adapter, WebGpuSession, search

SIDE = 96
"""Of inputs, all of one size: the shaders of others would have to be compiled, too."""
PREPROCESSING = replace(RESNET18.preprocessing, crop=SIDE, resize=SIDE)
Weights = Mapping[str, AnyArray]


def random_state(graph: NetworkGraph) -> dict[str, AnyArray]:
    """A state dict of the network, for 10 classes, whose activations stay near 1."""
    numbers = np.random.default_rng(0)
    state: dict[str, AnyArray] = {}
    for name, form in graph.state.items():
        shape = tuple(10 if side is None else side for side in form)
        if name.endswith(("running_var", "weight")) and len(shape) == 1:
            values = numbers.uniform(0.5, 1.5, shape)
        else:
            values = numbers.standard_normal(shape) * np.sqrt(2 / max(math.prod(shape[1:]), 50))
        if not name.endswith("num_batches_tracked"):
            state[name] = values.astype(np.float32)
    return state


def network(spec: ModelSpec) -> tuple[bytes, Weights]:
    graph = network_graph(spec)
    return graph.model, graph_weights(spec, graph, random_state(graph), spec.preprocessing)


def noise() -> ByteArray:
    return np.random.default_rng(1).integers(0, 256, (1, 3, SIDE, SIDE), np.uint8)


def there() -> Adapter:
    adapter = search().adapter
    assert adapter is not None, search().problem
    return adapter


class SessionRun(BasicRun):
    """No more than a `ModelRun` needs to be compared."""

    labels, layer, head, offers = (), "", None, Needs(0)

    def __init__(self, session: OnnxSession, title: str) -> None:
        self._session, self.device_title = session, title
        self.device = CPU if title == "CPU" else WEBGPU

    def run(self, image: ByteArray, geometry: InputGeometry) -> ForwardPass:
        pixels = input_pixels(image, geometry, PREPROCESSING)
        planes = np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])
        features = self._session.run(planes)[0][0]
        return ForwardPass(read_only(features), np.zeros(1, np.float32), 0.0)

    def run_batch(
        self, images: Sequence[ByteArray], geometries: Sequence[InputGeometry]
    ) -> list[ForwardPass]:
        return list(map(self.run, images, geometries))


def find() -> object:
    """What was found, and what the first session says."""
    found, error = search(), None
    if found.adapter is not None:
        try:
            WebGpuSession(*network(RESNET18), found.adapter)
        except RuntimeError as failed:
            error = device_reason(failed, found.adapter.title)
    adapter = found.adapter
    return {
        "title": adapter and adapter.title,
        "software": adapter and adapter.software,
        "problem": found.problem,
        "error": error,
    }


def parity() -> object:
    """Differences of features from the CPU's, as a share of the largest, of each network."""
    differences = {}
    for spec in (RESNET18, EFFICIENTNET_LITE0):
        model, weights = network(spec)
        gpu, cpu = WebGpuSession(model, weights, there()), OnnxSession(model, weights)
        ours, theirs = (session.run(noise())[0] for session in (gpu, cpu))
        differences[spec.name] = float(np.abs(ours - theirs).max() / np.abs(theirs).max())
    return differences


def comparison() -> object:
    """Of the adapter with the CPU: as it is, and as if it had read one of the weights wrongly."""
    model, weights = network(RESNET18)
    adapter = there()
    cpu = SessionRun(OnnxSession(model, weights), "CPU")
    name = max(weights, key=lambda each: weights[each].size)
    wrong = {**weights, name: weights[name] * np.float32(1.02)}
    answers = []
    for theirs in (weights, wrong):
        gpu = SessionRun(WebGpuSession(model, theirs, adapter), adapter.title)
        answer = compared(gpu, cpu, PREPROCESSING, SizeRule(32, 32, SIDE))
        answers.append([answer.difference, answer.problem])
    return answers


def threads() -> object:
    """Two threads compute, each with its own session, while a third makes and drops others."""
    model, weights = network(RESNET18)
    adapter, pixels = there(), noise()
    sessions = [WebGpuSession(model, weights, adapter) for _ in range(2)]
    expected = sessions[0].run(pixels)[0]
    wrong: list[str] = []

    def computes(session: WebGpuSession) -> None:
        results = [session.run(pixels)[0] for _ in range(3)]
        if not all(np.allclose(each, expected, rtol=1e-5, atol=1e-5) for each in results):
            wrong.append("other features")

    def makes() -> None:
        for _ in range(2):
            WebGpuSession(model, weights, adapter)

    def noting(work: Callable[[], None]) -> Callable[[], None]:
        def noted() -> None:
            try:
                work()
            except RuntimeError as error:
                wrong.append(str(error))

        return noted

    jobs = [lambda session=session: computes(session) for session in sessions]
    started = [threading.Thread(target=noting(job)) for job in (*jobs, makes)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
    return wrong


if __name__ == "__main__":
    asked = {each.__name__: each for each in (find, parity, comparison, threads)}[sys.argv[1]]
    print(json.dumps(asked()))
