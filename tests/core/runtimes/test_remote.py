"""A network in one process, its window in another: every call, there and back, and what isn't answered."""

from __future__ import annotations

import json
import pickle
import secrets
from collections.abc import Iterator, Sequence
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from threading import Thread
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from camviewer.core.arrays import ByteArray, FloatArray, read_only
from camviewer.core.failures import DeviceFailure, Failure, ModelFailure
from camviewer.core.frames import Region
from camviewer.core.geometry import InputGeometry
from camviewer.core.live.loader import LiveLoader
from camviewer.core.live.model import LiveModel
from camviewer.core.loading import ModelChoice
from camviewer.core.models.card import Layer
from camviewer.core.models.proof import HeadKind, HeadProof
from camviewer.core.models.spec import LinearHead, Link, Preprocessing, SizeRule, WeightsOrigin
from camviewer.core.runtimes import remote_server
from camviewer.core.runtimes.base import BasicRun, ForwardPass, LayerPass, Needs
from camviewer.core.runtimes.device import Device
from camviewer.core.runtimes.remote import Channel, RemoteRun, remote_model
from camviewer.core.runtimes.remote_server import RemoteServer
from camviewer.core.runtimes.remote_wire import WireError, geometry_json, packed, unpacked
from camviewer.core.targets import ChannelPart, ClassScore, ScoreDifference, Target

IMAGE = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
GEOMETRY = InputGeometry(Region(0, 0, 6, 4), (4, 6), Region(1, 0, 4, 4), Region(1, 0, 4, 4), exact=True)
TARGETS = (ClassScore(2), ScoreDifference(0, 1), ChannelPart(1, 3))


def floats(*shape: int) -> FloatArray:
    return np.random.default_rng(len(shape)).normal(size=shape).astype(np.float32)


class FullRun(BasicRun):
    """Offers all there is, and remembers what it was asked."""

    offers = Needs.LINEAR_HEAD | Needs.GRADIENTS | Needs.MANY_PASSES | Needs.ATTENTION
    labels = ("cat", "Höhlenbär", "owl")
    layer = "layer4"
    device = Device("cuda:1")
    device_title = "A GPU"
    proof = HeadProof(HeadKind.POOLED_LINEAR, "layer4", 2.5e-7)
    layers = (Layer("layer3", "Stage", 8, 4, 4), Layer("layer4", "Stage", 5, 2, 2))
    extra_tokens = 1
    reads_cells = True

    def __init__(self) -> None:
        self.head = LinearHead(floats(3, 5), floats(3), self.labels)
        self.gradients = self.passes = self.attention = self
        self.asked: list[tuple[Any, ...]] = []
        self.error: Exception | None = None

    def run(self, image: ByteArray, geometry: InputGeometry) -> ForwardPass:
        if self.error is not None:
            raise self.error
        self.asked.append(("run", image, geometry))
        return ForwardPass(
            read_only(floats(5, 2, 2)),
            read_only(floats(3) + image[0, 0, 0]),
            0.25,
            read_only(image[:2].copy()),
        )

    def run_batch(
        self, images: Sequence[ByteArray], geometries: Sequence[InputGeometry]
    ) -> list[ForwardPass]:
        return [self.run(i, g) for i, g in zip(images, geometries, strict=True)]

    def of(
        self,
        image: ByteArray,
        geometry: InputGeometry,
        layer: str,
        targets: Sequence[Target],
        *,
        hold_scales: bool = False,
    ) -> LayerPass:
        self.asked.append(("of", image, geometry, layer, tuple(targets), hold_scales))
        elsewhere = floats(len(targets)) if hold_scales else None
        return LayerPass(floats(3), floats(5, 2, 2), floats(len(targets), 5, 2, 2), elsewhere)

    def activations(self, image: ByteArray, geometry: InputGeometry, layer: str) -> FloatArray:
        self.asked.append(("activations", image, geometry, layer))
        return floats(8, 4, 4)

    def of_masked(self, image: ByteArray, geometry: InputGeometry, masks: FloatArray) -> FloatArray:
        self.asked.append(("of_masked", image, geometry, masks))
        return floats(len(masks), 3)

    def of_activations(
        self, image: ByteArray, geometry: InputGeometry, layer: str, activations: FloatArray
    ) -> FloatArray:
        self.asked.append(("of_activations", image, geometry, layer, activations))
        return floats(len(activations), 3)

    def weights(self, image: ByteArray, geometry: InputGeometry) -> FloatArray:
        self.asked.append(("weights", image, geometry))
        return floats(2, 3, 5, 5)

    def cells(self, geometry: InputGeometry) -> tuple[int, int]:
        self.asked.append(("cells", geometry))
        return 2, 2


PREPROCESSING = Preprocessing(5, 4, (0.1, 0.2, 0.3), (0.4, 0.5, 0.6), bicubic=True)
SIZES = SizeRule(2, 4, 8, (4, 6, 8))


def model(run: FullRun) -> LiveModel:
    return LiveModel(run, "MyNet", PREPROCESSING, SIZES, Link.SIGMOID)


class Served:
    """A run that is served to whoever comes, with a connection to it."""

    def __init__(self) -> None:
        self.run, self.key = FullRun(), secrets.token_bytes(32)
        self.server = RemoteServer(model(self.run))
        self.listener = Listener(backlog=1, authkey=self.key)
        self.refused: list[Exception] = []
        self.thread = Thread(target=self._serve)
        self.thread.start()

    def _serve(self) -> None:
        try:
            connection = self.listener.accept()
        except (AuthenticationError, EOFError, OSError) as error:
            self.refused.append(error)
        else:
            self.server.serve(connection)

    def connect(self) -> Connection:
        connection = Client(self.listener.address, authkey=self.key)
        assert isinstance(connection, Connection)
        return connection


@pytest.fixture
def served() -> Iterator[Served]:
    there = Served()
    yield there
    there.thread.join(10)
    there.listener.close()
    assert not there.thread.is_alive()


@pytest.fixture
def channel(served: Served) -> Iterator[Channel]:
    there = Channel(served.connect())
    yield there
    there.close()


def same(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray):
        return isinstance(other, np.ndarray) and one.dtype == other.dtype and np.array_equal(one, other)
    return one == other


def check_asked(run: FullRun, *expected: object) -> None:
    (asked,) = run.asked
    assert len(asked) == len(expected)
    assert all(map(same, asked, expected)), asked


def test_what_is_known_of_the_network_arrives_whole(served: Served, channel: Channel) -> None:
    there = remote_model(channel)
    ours = served.run
    assert (there.name, there.preprocessing, there.sizes, there.link) == (
        "MyNet",
        PREPROCESSING,
        SIZES,
        Link.SIGMOID,
    )
    run = there.run
    for name in ("offers", "labels", "layer", "device", "device_title", "proof", "layers"):
        assert getattr(run, name) == getattr(ours, name), name
    assert run.head is not None
    assert same(run.head.weight, ours.head.weight)
    assert same(run.head.bias, ours.head.bias)
    assert run.attention is not None
    assert run.attention.extra_tokens == 1
    assert run.attention.reads_cells
    info = there.explainer.info
    assert info.title == "MyNet (from Python)"
    assert info.weights_origin is WeightsOrigin.LIVE
    assert info.device == "cuda:1"


def test_forward_passes(served: Served, channel: Channel) -> None:
    run = remote_model(channel).run
    forward = run.run(IMAGE, GEOMETRY)
    expected = served.run.run(IMAGE, GEOMETRY)
    for name in ("features", "logits", "forward", "network_input"):
        assert same(getattr(forward, name), getattr(expected, name)), name
    assert not forward.features.flags.writeable
    served.run.asked.pop()
    check_asked(served.run, "run", IMAGE, GEOMETRY)
    first, second = run.run_batch([IMAGE, IMAGE + 1], [GEOMETRY, GEOMETRY])
    assert np.allclose(second.logits - first.logits, 1)


def test_images_too_large_for_one_message_go_one_by_one(
    served: Served, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("camviewer.core.runtimes.remote._MAX_IMAGES", IMAGE.nbytes)
    run = remote_model(channel).run
    assert len(run.run_batch([IMAGE, IMAGE], [GEOMETRY, GEOMETRY])) == 2


@pytest.mark.parametrize("hold", [False, True])
def test_gradients(served: Served, channel: Channel, hold: bool) -> None:
    gradients = remote_model(channel).run.gradients
    assert gradients is not None
    found = gradients.of(IMAGE, GEOMETRY, "layer3", TARGETS, hold_scales=hold)
    check_asked(served.run, "of", IMAGE, GEOMETRY, "layer3", TARGETS, hold)
    assert same(found.gradients, floats(3, 5, 2, 2))
    assert same(found.activations, floats(5, 2, 2))
    assert same(found.elsewhere, floats(3) if hold else None)


def test_more_passes(served: Served, channel: Channel) -> None:
    passes = remote_model(channel).run.passes
    assert passes is not None
    assert same(passes.activations(IMAGE, GEOMETRY, "layer3"), floats(8, 4, 4))
    check_asked(served.run, "activations", IMAGE, GEOMETRY, "layer3")
    served.run.asked.clear()
    assert same(passes.of_masked(IMAGE, GEOMETRY, floats(7, 4, 4)), floats(7, 3))
    check_asked(served.run, "of_masked", IMAGE, GEOMETRY, floats(7, 4, 4))
    served.run.asked.clear()
    assert same(passes.of_activations(IMAGE, GEOMETRY, "layer4", floats(6, 5, 2, 2)), floats(6, 3))
    check_asked(served.run, "of_activations", IMAGE, GEOMETRY, "layer4", floats(6, 5, 2, 2))


def test_attention(served: Served, channel: Channel) -> None:
    attention = remote_model(channel).run.attention
    assert attention is not None
    assert same(attention.weights(IMAGE, GEOMETRY), floats(2, 3, 5, 5))
    assert attention.cells(GEOMETRY) == (2, 2)


def test_a_plain_run_offers_nothing_more(served: Served, channel: Channel) -> None:
    run = served.run
    run.offers, run.proof, run.head = Needs(0), None, None  # type: ignore[assignment]
    run.gradients = run.passes = run.attention = None
    there = remote_model(channel).run
    assert (there.offers, there.proof, there.head) == (Needs(0), None, None)
    assert [there.gradients, there.passes, there.attention] == [None, None, None]


def test_what_the_network_raises_is_told_and_the_next_frame_goes_on(
    served: Served, channel: Channel, caplog: pytest.LogCaptureFixture
) -> None:
    run = remote_model(channel).run
    served.run.error = ZeroDivisionError("no cells\nat all")
    with pytest.raises(ModelFailure, match=r"MyNet failed \(no cells\)\. The Python program's log"):
        run.run(IMAGE, GEOMETRY)
    assert "ZeroDivisionError" in caplog.text
    served.run.error = Failure("{what} is missing.", "Look for it.", what="It")
    with pytest.raises(ModelFailure) as caught:
        run.run(IMAGE, GEOMETRY)
    assert not isinstance(caught.value, DeviceFailure)
    assert (caught.value.message, caught.value.mend) == ("It is missing.", "Look for it.")
    served.run.error = None
    assert run.run(IMAGE, GEOMETRY).forward == 0.25


def test_a_changed_network_is_served_beside_the_one_before(served: Served, channel: Channel) -> None:
    before = remote_model(channel).run
    newer, newest = FullRun(), FullRun()
    served.server.replace(model(newer))
    after = remote_model(channel).run
    before.run(IMAGE, GEOMETRY)
    assert (len(served.run.asked), len(newer.asked)) == (1, 0)
    after.run(IMAGE, GEOMETRY)
    assert (len(served.run.asked), len(newer.asked)) == (1, 1)
    served.server.replace(model(newest))
    with pytest.raises(ModelFailure, match="has changed"):
        before.run(IMAGE, GEOMETRY)


def test_a_window_whose_program_is_gone_says_so(served: Served) -> None:
    connection = served.connect()
    channel = Channel(connection)
    run = remote_model(channel).run
    served.server.serve = None  # type: ignore[method-assign,assignment]
    connection.send_bytes(b"nonsense")  # the server closes
    with pytest.raises(DeviceFailure, match="has ended"):
        run.run(IMAGE, GEOMETRY)
    channel.close()


def test_the_loader_connects_once_and_loads_other_models_too(served: Served) -> None:
    loader = LiveLoader(str(served.listener.address), served.key)
    live = ModelChoice(live=True)
    first, second = loader.load(live), loader.load(live)
    assert first.explainer.labels == second.explainer.labels == FullRun.labels
    assert loader.load(ModelChoice("efficientnet_lite0")).explainer.info.name == "efficientnet_lite0"
    assert loader._channel is not None
    loader._channel.close()


def test_a_wrong_key_is_refused(served: Served) -> None:
    loader = LiveLoader(str(served.listener.address), b"wrong" + served.key)
    with pytest.raises(DeviceFailure, match="doesn't answer"):
        loader.load(ModelChoice(live=True))
    served.thread.join(10)
    assert len(served.refused) == 1
    assert served.run.asked == []


def question(**changed: object) -> dict[str, object]:
    plain = {
        "call": "gradients",
        "version": 0,
        "image": IMAGE,
        "geometry": geometry_json(GEOMETRY),
        "layer": "layer4",
        "targets": [[0, -1, -1]],
        "hold_scales": False,
    }
    return {**plain, **changed}


class Bomb:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("boom",)


HOSTILE: dict[str, bytes] = {
    "empty": b"",
    "noise": bytes(range(256)),
    "pickle": pickle.dumps(Bomb()),
    "no JSON": (5).to_bytes(4, "big") + b"{'a'}",
    "deep": (100_000).to_bytes(4, "big") + b"[" * 100_000,
    "a list": (2).to_bytes(4, "big") + b"[]",
    "more bytes": packed(question()) + b"more",
    "cut off": packed(question())[:-1],
    "unknown call": packed(question(call="exec")),
    "an attribute": packed(question(call="__class__")),
    "no call": packed({"version": 0}),
    "future version": packed(question(version=7)),
    "unknown layer": packed(question(layer="../../layer")),
    "no such class": packed(question(targets=[[3, -1, -1]])),
    "negative class": packed(question(targets=[[-1, -1, -1]])),
    "odd target": packed(question(targets=["cat"])),
    "floats as image": packed(question(image=floats(4, 6, 3))),
    "grey image": packed(question(image=IMAGE[..., 0])),
    "no image": packed(question(image=None)),
    "odd flag": packed(question(hold_scales=1)),
    "odd geometry": packed(question(geometry={**geometry_json(GEOMETRY), "crop": [1, 2, 3, -4]})),
    "bytes as masks": packed(question(call="masked", masks=IMAGE)),
    "no images": packed({"call": "run", "version": 0, "images": [], "geometries": []}),
    "one geometry too few": packed(
        {"call": "run", "version": 0, "images": [IMAGE, IMAGE], "geometries": [geometry_json(GEOMETRY)]}
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_question_ends_the_connection(
    name: str, served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    with served.connect() as connection:
        connection.send_bytes(HOSTILE[name])
        with pytest.raises((EOFError, ConnectionResetError)):
            connection.recv_bytes()
    served.thread.join(10)
    assert served.run.asked == []
    assert "boom" not in capsys.readouterr().out


def test_the_plain_question_is_one(served: Served) -> None:
    """Each hostile one differs from it in one thing."""
    with served.connect() as connection:
        connection.send_bytes(packed(question()))
        assert same(unpacked(connection.recv_bytes())["logits"], floats(3))


def test_too_many_bytes_end_the_connection(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_server, "MAX_BYTES", 100)
    with served.connect() as connection:
        connection.send_bytes(bytes(101))
        with pytest.raises((EOFError, ConnectionResetError)):
            connection.recv_bytes()


# Messages

ARRAYS = st.tuples(st.sampled_from([np.uint8, np.float32]), st.lists(st.integers(0, 3), max_size=4)).map(
    lambda kind: np.arange(int(np.prod(kind[1])), dtype=kind[0]).reshape(kind[1])
)
TEXTS = st.text('aé"{}\\\n\U0001f600', max_size=4)
PLAIN = st.none() | st.booleans() | st.integers() | TEXTS | st.floats(allow_nan=False) | ARRAYS
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3), max_leaves=8)


def equal(one: object, other: object) -> bool:
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(equal, one, other))
    return same(one, other)


@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_messages_arrive_as_they_were(message: dict[str, object]) -> None:
    found = unpacked(packed(message))
    assert list(found) == list(message)
    assert all(equal(message[name], found[name]) for name in message)


@given(st.binary(max_size=200), st.integers(0, 300), st.binary(max_size=3))
def test_damaged_messages_are_refused_and_nothing_else_is_raised(noise: bytes, at: int, put: bytes) -> None:
    whole = packed(question())
    for data in (
        noise,
        whole[:at] + put + whole[at + len(put) :],
        whole[:at],
        whole[:at] + noise + whole[at:],
    ):
        try:
            found = unpacked(data)
        except WireError:
            continue
        assert isinstance(found, dict)


@pytest.mark.parametrize(
    "shape", [[-1], [1 << 40], [2, "3"], [True], [1.0], [0] * 6, [1 << 30, 1 << 30, 1 << 30], "4", None]
)
def test_arrays_have_possible_shapes(shape: object) -> None:
    text = json.dumps({"a": {"array of": "u1", "shape": shape}}).encode()
    with pytest.raises(WireError):
        unpacked(len(text).to_bytes(4, "big") + text + bytes(8))


def test_objects_are_not_sent() -> None:
    with pytest.raises(TypeError, match="Bomb can't be sent"):
        packed({"value": Bomb()})


def test_a_remote_run_is_a_run_for_the_explainer(channel: Channel) -> None:
    assert isinstance(remote_model(channel).run, RemoteRun)
