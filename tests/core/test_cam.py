"""The identity that the program stands on: mean(CAM) + bias == logit, for every class."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from camviewer.core.arrays import ByteArray, FloatArray, read_only
from camviewer.core.cam import class_activation_maps, sigmoid, softmax
from camviewer.core.explainer import Explainer
from camviewer.core.explanation import ExplainRequest, Explanation
from camviewer.core.frames import Fit, Frame, Region
from camviewer.core.geometry import InputGeometry
from camviewer.core.models.builtin import RESNET18
from camviewer.core.models.spec import LinearHead, ModelInfo, WeightsOrigin
from camviewer.core.runtimes.base import BasicRun, ForwardPass, Needs
from camviewer.core.runtimes.device import CPU
from camviewer.core.targets import ClassScore
from tests.helpers import cam, exact

INFO = ModelInfo("fake", "Fake", CPU, "CPU", "0" * 64, "fake.pth", WeightsOrigin.FILE)
numbers = st.floats(-1000, 1000, width=32)


class FakeEngine(BasicRun):
    """Features as given, whatever the image; logits by pooling first, as a network does."""

    device, device_title, layer, offers = CPU, "CPU", "layer4", Needs.LINEAR_HEAD

    def __init__(self, features: FloatArray, weight: FloatArray, bias: FloatArray) -> None:
        labels = tuple(f"class {i}" for i in range(len(bias)))
        self.labels, self.head = labels, LinearHead(read_only(weight), read_only(bias), labels)
        self._features = read_only(features)
        self.seen: tuple[ByteArray, InputGeometry] | None = None

    def run_batch(
        self, images: Sequence[ByteArray], geometries: Sequence[InputGeometry]
    ) -> list[ForwardPass]:
        return [self.run(image, geometry) for image, geometry in zip(images, geometries, strict=True)]

    def run(self, image: ByteArray, geometry: InputGeometry) -> ForwardPass:
        self.seen = image, geometry
        pooled = self._features.astype(np.float64).mean((1, 2))
        logits = (self.head.weight.astype(np.float64) @ pooled + self.head.bias).astype(np.float32)
        return ForwardPass(self._features, read_only(logits), 0.25)


@st.composite
def engines(draw: st.DrawFn) -> FakeEngine:
    classes, channels = draw(st.integers(1, 12)), draw(st.integers(1, 8))
    height, width = draw(st.integers(1, 9)), draw(st.integers(1, 9))

    def floats(*shape: int) -> FloatArray:
        return draw(hnp.arrays(np.float32, shape, elements=numbers))

    return FakeEngine(floats(channels, height, width), floats(classes, channels), floats(classes))


def explained(engine: FakeEngine, request: ExplainRequest | None = None) -> Explanation:
    frame = Frame(read_only(np.zeros((48, 64, 3), np.uint8)), time=12.5)
    explainer = Explainer(engine, RESNET18, INFO)
    return explainer.explain(frame, request or ExplainRequest(), load=0.5)


@given(engines())
def test_the_mean_of_a_map_plus_the_bias_is_the_logit(engine: FakeEngine) -> None:
    explanation = explained(engine)
    weight, bias = engine.head.weight, engine.head.bias
    sums = (
        np.abs(weight).astype(np.float64) @ np.abs(exact(explanation).features).reshape(weight.shape[1], -1)
    ).max(1)
    for class_id, logit in enumerate(explanation.logits):
        found = explanation.map(ClassScore(class_id))
        values = found.values
        assert values.dtype == np.float32
        assert values.shape == exact(explanation).features.shape[1:]
        rounding = 1e-6 * (float(sums[class_id]) + abs(float(bias[class_id])) + 1)
        assert abs(float(values.mean(dtype=np.float64)) + float(bias[class_id]) - float(logit)) <= rounding
        assert found.remainder == float(bias[class_id])


@given(engines())
def test_the_maps_are_equation_2_of_the_paper(engine: FakeEngine) -> None:
    explanation = explained(engine)
    features, weight = exact(explanation).features, engine.head.weight
    maps = class_activation_maps(features, weight)
    expected = np.einsum("nc,chw->nhw", weight.astype(np.float64), features.astype(np.float64))
    bound = 1e-6 * float(np.abs(weight).max() * np.abs(features).max()) * len(features) + 1e-6
    assert maps.dtype == np.float32
    assert np.abs(maps - expected).max() <= bound
    for class_id in range(len(weight)):
        assert np.abs(cam(explanation, class_id) - expected[class_id]).max() <= bound


def test_maps_of_chosen_classes_only() -> None:
    features = np.arange(12, dtype=np.float32).reshape(2, 2, 3)
    maps = class_activation_maps(features, np.array([[1, -2]], np.float32))
    np.testing.assert_array_equal(maps, [features[0] - 2 * features[1]])


@pytest.mark.parametrize(
    ("features", "weight"), [((3, 2, 2), (5, 4)), ((3, 4), (5, 3)), ((3, 2, 2), (3,)), ((1, 3, 2, 2), (5, 3))]
)
def test_shapes_that_do_not_belong_together(features: tuple[int, ...], weight: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="don't belong together"):
        class_activation_maps(np.zeros(features, np.float32), np.zeros(weight, np.float32))


@pytest.mark.parametrize(("weight", "bias", "labels"), [((2, 3), 3, 2), ((2, 3), 2, 3), ((2,), 2, 2)])
def test_a_head_that_does_not_fit_together(weight: tuple[int, ...], bias: int, labels: int) -> None:
    with pytest.raises(ValueError, match=r"not of one head|labels for"):
        LinearHead(np.zeros(weight, np.float32), np.zeros(bias, np.float32), ("x",) * labels)


@pytest.mark.parametrize("class_id", [-1, 7, 10**9])
def test_a_class_that_is_not_there(make_explanation: Callable[..., Explanation], class_id: int) -> None:
    with pytest.raises(IndexError, match=r"among 0\.\.6"):
        make_explanation().map(ClassScore(class_id))


def test_arrays_are_read_only_and_maps_are_kept() -> None:
    rng = np.random.default_rng(0)
    parts = [rng.random(shape, np.float32) for shape in ((4, 7, 7), (9, 4), (9,))]
    explanation = explained(FakeEngine(*parts))
    assert cam(explanation, 3) is cam(explanation, 3)
    assert cam(explanation, 3) is not cam(explanation, 4)
    maps, prediction = exact(explanation), explanation.prediction
    arrays = (maps.features, prediction.logits, prediction.probabilities, maps.head.weight, maps.head.bias)
    for array in (*arrays, explanation.frame.image, cam(explanation, 0)):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


@given(hnp.arrays(np.float32, st.integers(1, 50), elements=st.floats(-1e4, 1e4, width=32)))
def test_softmax(logits: FloatArray) -> None:
    probabilities = softmax(logits)
    assert probabilities.dtype == np.float32
    assert float(probabilities.sum(dtype=np.float64)) == pytest.approx(1, abs=1e-5)
    expected = torch.softmax(torch.from_numpy(logits.copy()).double(), 0).numpy()
    np.testing.assert_allclose(probabilities, expected, rtol=1e-6, atol=1e-37)


@given(hnp.arrays(np.float32, st.integers(1, 50), elements=st.floats(-1e4, 1e4, width=32)))
def test_sigmoid(logits: FloatArray) -> None:
    probabilities = sigmoid(logits)
    assert probabilities.dtype == np.float32
    assert probabilities.min() >= 0
    assert probabilities.max() <= 1
    expected = torch.sigmoid(torch.from_numpy(logits.copy()).double()).numpy()
    np.testing.assert_allclose(probabilities, expected, rtol=1e-6, atol=1e-37)
    each = [float(sigmoid(logits[i : i + 1])[0]) for i in range(len(logits))]
    assert probabilities.tolist() == each, "no class depends on another"


@given(
    hnp.arrays(np.float32, st.integers(1, 30), elements=st.sampled_from([-3.0, 0.0, 0.5, 7.0, 1e4])),
    st.integers(0, 40),
)
def test_top_is_in_order_and_the_start_of_a_longer_top(logits: FloatArray, k: int) -> None:
    engine = FakeEngine(np.zeros((1, 1, 1), np.float32), np.zeros((len(logits), 1), np.float32), logits)
    explanation = explained(engine)
    expected = sorted(range(len(logits)), key=lambda i: (-float(logits[i]), i))
    assert explanation.top(k) == tuple(expected[:k])
    assert all(type(i) is int for i in explanation.top(k))


def test_an_explanation_carries_its_frame_region_request_and_times() -> None:
    engine = FakeEngine(*(np.ones(shape, np.float32) for shape in ((4, 2, 3), (9, 4), (9,))))
    request = ExplainRequest(Fit.WHOLE, 320)
    explanation = explained(engine, request)
    assert engine.seen is not None
    assert engine.seen[0] is explanation.frame.image
    assert engine.seen[1].resized == (320, 448)
    assert explanation.region == Region(0, 0, 64, 48)
    assert explanation.request is request
    assert explanation.model is INFO
    assert (explanation.timing.captured, explanation.timing.load, explanation.timing.forward) == (
        12.5,
        0.5,
        0.25,
    )
    assert explanation.label(8) == "class 8"
    assert explained(engine).region == Region(11, 3, 42, 42)  # the crop: 224 of 256, in the middle


def test_an_explanation_can_not_be_changed(make_explanation: Callable[..., Explanation]) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        make_explanation().region = Region(0, 0, 1, 1)  # type: ignore[misc]


def test_an_empty_frame_is_refused() -> None:
    engine = FakeEngine(*(np.ones(shape, np.float32) for shape in ((4, 2, 3), (9, 4), (9,))))
    explainer = Explainer(engine, RESNET18, INFO)
    with pytest.raises(ValueError, match="nothing to explain"):
        explainer.explain(Frame(np.zeros((0, 5, 3), np.uint8)), ExplainRequest())
