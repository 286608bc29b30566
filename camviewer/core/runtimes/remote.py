"""A network that runs in the Python program that opened the window: each call goes there and back."""

from __future__ import annotations

from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any

from camviewer.core.arrays import (
    ByteArray,
    FloatArray,
)
from camviewer.core.cancelling import check_wanted
from camviewer.core.failures import (
    DeviceFailure,
    ModelFailure,
)
from camviewer.core.geometry import InputGeometry
from camviewer.core.live.model import LiveModel
from camviewer.core.models.card import Layer
from camviewer.core.models.proof import (
    HeadKind,
    HeadProof,
)
from camviewer.core.models.spec import (
    LinearHead,
    Link,
    Preprocessing,
    SizeRule,
)
from camviewer.core.runtimes.base import (
    BasicRun,
    ForwardPass,
    LayerPass,
    Needs,
)
from camviewer.core.runtimes.device import Device
from camviewer.core.runtimes.remote_wire import (
    MAX_BYTES,
    WireError,
    geometry_json,
    packed,
    target_json,
    unpacked,
)
from camviewer.core.targets import Target
from camviewer.core.text import from_json

Answer = dict[str, Any]
_MAX_IMAGES = MAX_BYTES // 2
"""Bytes of the images of one message."""


def program_ended(details: str = "") -> DeviceFailure:
    """Why a live network no longer runs. details: for the log."""
    return DeviceFailure(
        "The Python program that opened this window has ended.",
        "What is in view stays; choose another model to go on.",
        details,
    )


class Channel:
    """Asks the Python program, one question at a time. One thread uses it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def asked(self, call: str, **values: object) -> Answer:
        """Raises DeviceFailure if the program has ended, ModelFailure if its network fails."""
        try:
            self._connection.send_bytes(packed({"call": call, **values}))
            answer = unpacked(self._connection.recv_bytes(MAX_BYTES))
        except (EOFError, OSError, WireError) as error:
            raise program_ended(repr(error)) from error
        if "failure" in answer:
            message, mend = map(from_json, answer["failure"])
            raise ModelFailure(message, mend)
        return answer

    def close(self) -> None:
        """The program sees that nothing more comes."""
        self._connection.close()


def remote_model(channel: Channel) -> LiveModel:
    """The network as it is now. Raises as `Channel.asked` does."""
    told = channel.asked("describe")
    preprocessing, sizes = told["preprocessing"], told["sizes"]
    preprocessing |= {name: tuple(preprocessing[name]) for name in ("mean", "std")}
    sizes["offered"] = tuple(sizes["offered"])
    run = RemoteRun(channel, told)
    return LiveModel(run, told["name"], Preprocessing(**preprocessing), SizeRule(**sizes), Link(told["link"]))


class RemoteRun(BasicRun):
    """A `ModelRun` whose calls raise as `Channel.asked` does."""

    def __init__(self, channel: Channel, told: Answer) -> None:
        """told: the answer to ``describe``."""
        self._calls = _Calls(channel, told["version"])
        self.offers = Needs(told["offers"])
        self.labels: tuple[str, ...] = tuple(told["labels"])
        self.layer: str = told["layer"]
        self.device, self.device_title = Device(told["device"]), str(told["device_title"])
        self.layers = tuple(Layer(**layer) for layer in told["layers"])
        proof, head = told["proof"], told["head"]
        if proof is not None:
            self.proof = HeadProof(**(proof | {"kind": HeadKind(proof["kind"])}))
        self.head = None if head is None else LinearHead(head["weight"], head["bias"], self.labels)
        if Needs.GRADIENTS in self.offers:
            self.gradients = RemoteGradients(self._calls)
        if Needs.MANY_PASSES in self.offers:
            self.passes = RemotePasses(self._calls)
        if Needs.ATTENTION in self.offers:
            self.attention = RemoteAttention(self._calls, told["extra_tokens"], told["reads_cells"])

    def run(self, image: ByteArray, geometry: InputGeometry) -> ForwardPass:
        """As `ModelRun.run`."""
        return self.run_batch([image], [geometry])[0]

    def run_batch(
        self, images: Sequence[ByteArray], geometries: Sequence[InputGeometry]
    ) -> list[ForwardPass]:
        """As `ModelRun.run_batch`; one by one where the images are too large for one message."""
        if len(images) > 1 and sum(image.nbytes for image in images) > _MAX_IMAGES:
            return [self.run(i, g) for i, g in zip(images, geometries, strict=True)]
        sent = [geometry_json(geometry) for geometry in geometries]
        answer = self._calls.asked("run", images=list(images), geometries=sent)
        return [ForwardPass(**each) for each in answer["passes"]]


class _Calls:
    """Questions to one version of the network."""

    def __init__(self, channel: Channel, version: int) -> None:
        self._channel, self._version = channel, version

    def asked(self, call: str, **values: object) -> Answer:
        check_wanted()
        return self._channel.asked(call, version=self._version, **values)

    def of_frame(self, call: str, image: ByteArray, geometry: InputGeometry, **values: object) -> Answer:
        return self.asked(call, image=image, geometry=geometry_json(geometry), **values)


class RemoteGradients:
    """`Gradients` of the network there."""

    def __init__(self, calls: _Calls) -> None:
        self._calls = calls

    def of(
        self,
        image: ByteArray,
        geometry: InputGeometry,
        layer: str,
        targets: Sequence[Target],
        *,
        hold_scales: bool = False,
    ) -> LayerPass:
        """As `Gradients.of`."""
        sent = [target_json(target) for target in targets]
        answer = self._calls.of_frame(
            "gradients", image, geometry, layer=layer, targets=sent, hold_scales=hold_scales
        )
        return LayerPass(**answer)


class RemotePasses:
    """`Passes` of the network there."""

    def __init__(self, calls: _Calls) -> None:
        self._calls = calls

    def activations(self, image: ByteArray, geometry: InputGeometry, layer: str) -> FloatArray:
        """As `Passes.activations`."""
        return _values(self._calls.of_frame("activations", image, geometry, layer=layer))

    def of_masked(self, image: ByteArray, geometry: InputGeometry, masks: FloatArray) -> FloatArray:
        """As `Passes.of_masked`."""
        return _values(self._calls.of_frame("masked", image, geometry, masks=masks))

    def of_activations(
        self, image: ByteArray, geometry: InputGeometry, layer: str, activations: FloatArray
    ) -> FloatArray:
        """As `Passes.of_activations`."""
        return _values(
            self._calls.of_frame("of_activations", image, geometry, layer=layer, activations=activations)
        )


class RemoteAttention:
    """`Attention` of the network there."""

    def __init__(self, calls: _Calls, extra_tokens: int, reads_cells: bool) -> None:
        self._calls, self.extra_tokens, self.reads_cells = calls, extra_tokens, reads_cells

    def weights(self, image: ByteArray, geometry: InputGeometry) -> FloatArray:
        """As `Attention.weights`."""
        return _values(self._calls.of_frame("attention", image, geometry))

    def cells(self, geometry: InputGeometry) -> tuple[int, int]:
        """As `Attention.cells`."""
        rows, columns = self._calls.asked("cells", geometry=geometry_json(geometry))["cells"]
        return rows, columns


def _values(answer: Answer) -> FloatArray:
    values: FloatArray = answer["values"]
    return values
