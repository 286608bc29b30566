"""The explainer with methods of all kinds: which maps it asks them for, and when it asks again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from camviewer.core.arrays import ByteArray, FloatArray, read_only
from camviewer.core.explainer import Explainer
from camviewer.core.explanation import CAM, ExplainRequest, Explanation, Prediction, predicted
from camviewer.core.failures import ModelFailure
from camviewer.core.frame_passes import USUAL_TARGETS
from camviewer.core.frames import Fit, Frame
from camviewer.core.geometry import InputGeometry
from camviewer.core.maps import AttributionMap, ComputedMaps, Maps, MapUnavailableError, Unit
from camviewer.core.methods.base import Method, PassedFrame
from camviewer.core.methods.cam import CamMethod
from camviewer.core.methods.registry import METHODS
from camviewer.core.models.builtin import RESNET18
from camviewer.core.models.spec import LinearHead, Link, ModelInfo, WeightsOrigin
from camviewer.core.runtimes.base import BasicRun, ForwardPass, ModelRun, Needs
from camviewer.core.runtimes.device import CPU
from camviewer.core.targets import ChannelPart, ClassScore, ScoreDifference, Target, scores_of
from camviewer.core.text import Text
from tests.helpers import exact

INFO = ModelInfo("fake", "Fake", CPU, "CPU", "0" * 64, "fake.pth", WeightsOrigin.FILE)
CLASSES = 8
ALL = Needs.LINEAR_HEAD | Needs.GRADIENTS | Needs.MANY_PASSES | Needs.ATTENTION


class FakeRun(BasicRun):
    """Of each frame the index says, by its first pixel, which class is on top."""

    device, device_title, layer = CPU, "CPU", "layer4"

    def __init__(self, offers: Needs = ALL) -> None:
        self.offers, self.counted = offers, 0
        self.labels = tuple(f"class {i}" for i in range(CLASSES))
        self.head: LinearHead | None = None
        if Needs.LINEAR_HEAD in offers:
            weight, bias = np.eye(CLASSES, dtype=np.float32), np.zeros(CLASSES, np.float32)
            self.head = LinearHead(read_only(weight), read_only(bias), self.labels)

    def run(self, image: ByteArray, geometry: InputGeometry) -> ForwardPass:
        self.counted += 1
        logits = logits_of(int(image[0, 0, 0]))
        cells = np.ones(
            (geometry.crop.height // RESNET18.sizes.stride, geometry.crop.width // RESNET18.sizes.stride),
            np.float32,
        )
        return ForwardPass(read_only(logits[:, None, None] * cells), logits, 0.25)

    def run_batch(
        self, images: Sequence[ByteArray], geometries: Sequence[InputGeometry]
    ) -> list[ForwardPass]:
        return [self.run(image, geometry) for image, geometry in zip(images, geometries, strict=True)]


def logits_of(best: int) -> FloatArray:
    """The class itself is first, the others follow by their distance to it, upwards before downwards."""
    distance = np.abs(np.arange(CLASSES) - best - 0.1)
    logits: FloatArray = (10 - distance).astype(np.float32)
    return logits


@dataclass
class FakeMethod:
    """Values are a ramp to the right, and the class. asked: what it was asked for, call by call."""

    name: str = "Fake-CAM"
    needs: Needs = Needs.GRADIENTS
    unit: Unit = Unit.LOGIT
    paper: str = "Nobody, 2026"
    cost: Text = Text("nothing")  # noqa: RUF009  # a str
    chooses_layer: bool = False
    on_request: bool = True
    asked: list[tuple[Target, ...]] = field(default_factory=list)
    passed: list[PassedFrame] = field(default_factory=list)
    runs: list[ModelRun] = field(default_factory=list)

    def maps(self, run: ModelRun, passed: PassedFrame, targets: Sequence[Target]) -> Maps:
        self.asked.append(tuple(targets))
        self.passed.append(passed)
        self.runs.append(run)
        return ComputedMaps(
            {target: self._map(passed, target) for target in targets}, on_request=self.on_request
        )

    def _map(self, passed: PassedFrame, target: Target) -> AttributionMap:
        _, rows, columns = passed.forward.features.shape
        # By the frame's own left: a mirrored frame has the mirrored map.
        upwards = (passed.image[0, 0, 1] < passed.image[0, -1, 1]) != passed.geometry.mirrored
        ramp = np.linspace(-1, 1, columns) * (1 if upwards else -1)
        values = (np.zeros((rows, 1)) + ramp + target.class_id).astype(np.float32)
        score = target.score(passed.forward.logits)
        remainder = None if score is None or self.unit is not Unit.LOGIT else score - float(values.mean())
        return AttributionMap(values, target, self.name, "layer3", self.unit, remainder)


def frame_of(best: int, width: int = 64, height: int = 64) -> Frame:
    image = np.zeros((height, width, 3), np.uint8)
    image[..., 0] = best
    image[..., 1] = np.linspace(0, 255, width).astype(np.uint8)
    return Frame(read_only(image), time=12.5)


def explainer_with(
    method: Method, run: FakeRun | None = None, *more: Method, info: ModelInfo = INFO
) -> Explainer:
    methods: Mapping[str, Method] = {m.name: m for m in (method, *more)}
    return Explainer(run or FakeRun(), RESNET18, info, methods)


REQUEST = ExplainRequest(method="Fake-CAM")
targets = st.one_of(
    st.builds(ClassScore, st.integers(0, CLASSES - 1)),
    st.builds(ScoreDifference, st.integers(0, CLASSES - 1), st.integers(0, CLASSES - 1)),
    st.builds(ChannelPart, st.integers(0, CLASSES - 1), st.integers(0, 3)),
)


# Predictions


def test_a_prediction_of_classes_that_are_not_as_many() -> None:
    few, many = np.zeros(2, np.float32), np.zeros(3, np.float32)
    for parts in ((few, few, "abc"), (few, many, "ab"), (many, few, "ab"), (few, few, "")):
        with pytest.raises(ValueError, match="classes"):
            Prediction(parts[0], parts[1], tuple(parts[2]))


def test_a_prediction_is_of_the_logits() -> None:
    logits = np.array([1, 3, 2], np.float32)
    prediction = predicted(logits, ["a", "b", "c"])
    assert prediction.labels == ("a", "b", "c")
    assert prediction.top(2) == (1, 2)
    assert prediction.top(-1) == ()
    np.testing.assert_allclose(prediction.probabilities, np.exp(logits) / np.exp(logits).sum(), rtol=1e-6)
    assert not prediction.logits.flags.writeable
    assert not prediction.probabilities.flags.writeable


def test_with_a_sigmoid_each_class_has_a_probability_by_itself() -> None:
    logits = np.array([0, 2, -1000, 2, 1000], np.float32)
    prediction = predicted(logits, "abcde", Link.SIGMOID)
    yes = 1 / (1 + np.exp(-2.0))
    np.testing.assert_allclose(prediction.probabilities, [0.5, yes, 0, yes, 1], rtol=1e-6)
    assert prediction.probabilities.dtype == np.float32
    assert not prediction.probabilities.flags.writeable
    assert prediction.top(3) == (4, 1, 3)


@pytest.mark.parametrize("link", Link)
def test_the_model_s_link_makes_the_probabilities(link: Link) -> None:
    explainer = Explainer(FakeRun(), replace(RESNET18, link=link), INFO)
    frames = [frame_of(3), frame_of(5)]
    for found in (
        explainer.explain(frames[0], ExplainRequest()),
        *explainer.explain_batch(frames, ExplainRequest()),
    ):
        expected = predicted(found.logits, found.labels, link).probabilities
        np.testing.assert_array_equal(found.probabilities, expected)
        total = float(found.probabilities.sum())
        assert (total == pytest.approx(1)) == (link is Link.SOFTMAX)


# What methods are asked for


def test_what_nobody_asked_for_is_of_the_most_probable_classes() -> None:
    method = FakeMethod()
    explanation = explainer_with(method).explain(frame_of(3), REQUEST)
    assert explanation.top(USUAL_TARGETS) == (3, 4, 2, 5, 1)
    assert method.asked == [scores_of((3, 4, 2, 5, 1))]
    assert isinstance(explanation.maps, ComputedMaps)
    assert set(explanation.maps.targets) == set(method.asked[0])


@given(st.integers(0, CLASSES - 1), st.lists(targets, min_size=1, max_size=6))
def test_what_was_asked_for_is_there_and_the_top_class_always(best: int, wanted: list[Target]) -> None:
    method = FakeMethod()
    request = replace(REQUEST, targets=tuple(wanted))
    explanation = explainer_with(method).explain(frame_of(best), request)
    (asked,) = method.asked
    distinct = list(dict.fromkeys(wanted))
    assert list(asked[: len(distinct)]) == distinct, "in their order"
    assert set(asked) == {*wanted, ClassScore(best)}
    assert len(asked) == len(set(asked)), "each once"
    assert explanation.request is request
    for target in (*wanted, ClassScore(best)):
        assert explanation.map(target).target == target


@pytest.mark.parametrize("offers", [ALL, Needs.GRADIENTS])
def test_the_method_gets_the_run_and_the_frame_s_pass(offers: Needs) -> None:
    """Also of a network that ends in no linear layer."""
    method, run = FakeMethod(), FakeRun(offers)
    frame = frame_of(5, 80, 40)
    explanation = explainer_with(method, run).explain(frame, replace(REQUEST, fit=Fit.WHOLE), load=0.5)
    (passed,) = method.passed
    assert method.runs == [run]
    assert run.counted == 1
    assert passed.image is frame.image
    assert passed.geometry.region == explanation.region
    assert passed.forward.logits is explanation.logits
    assert (explanation.timing.load, explanation.timing.forward) == (0.5, 0.25)
    assert explanation.maps.method == "Fake-CAM"
    assert explanation.drawn is None
    assert explanation.labels == explainer_with(method).labels == run.labels
    for target in method.asked[0]:
        assert explanation.map(target).score == pytest.approx(target.score(explanation.logits), abs=1e-5)


def test_a_prediction_alone_is_one_pass_without_maps() -> None:
    method, run = FakeMethod(), FakeRun(Needs(0))
    assert explainer_with(method, run).predict(frame_of(3)).top(2) == (3, 4)
    assert run.counted == 1
    assert method.asked == []


def test_each_frame_of_a_batch_has_its_own_top_class() -> None:
    method = FakeMethod()
    frames = [frame_of(best, *size) for best, size in ((6, (64, 64)), (0, (96, 64)), (3, (64, 64)))]
    request = replace(REQUEST, fit=Fit.WHOLE, targets=(ScoreDifference(0, 6), ClassScore(0)))
    batch = explainer_with(method).explain_batch(frames, request)
    assert [e.frame for e in batch] == frames
    extra: list[tuple[Target, ...]] = [scores_of((6,)), (), scores_of((3,))]
    for explanation, more in zip(batch, extra, strict=True):
        assert isinstance(explanation.maps, ComputedMaps)
        assert set(explanation.maps.targets) == {*request.targets, *more}
    assert len(method.asked) == 3


@pytest.mark.parametrize("unit", Unit)
def test_fine_maps_are_averages_of_the_method_s(unit: Unit) -> None:
    """The mirrored ones are turned back: the ramp is as it was, on the finest grid."""
    method, run = FakeMethod(unit=unit), FakeRun()
    wanted: tuple[Target, ...] = (ClassScore(1), ScoreDifference(2, 3))
    request = replace(REQUEST, fine=True, fit=Fit.SQUASH, targets=wanted)
    explanation = explainer_with(method, run).explain(frame_of(7), request)
    assert run.counted == 6
    assert set(method.asked) == {(*wanted, ClassScore(7))}
    assert len(method.asked) == 6
    assert explanation.maps.planes.shape == (3, 7, 7)
    assert explanation.drawn is not None
    assert explanation.drawn.planes.shape == (3, 14, 14)
    for target in method.asked[0]:
        drawn, found = explanation.drawn_map(target), explanation.map(target)
        assert drawn.remainder is None
        assert (found.remainder is None) is (unit is not Unit.LOGIT)
        row = drawn.values[0] - target.class_id
        np.testing.assert_allclose(row, -row[::-1], atol=1e-5)
        assert (np.diff(row) > -1e-6).all(), "upwards to the right"
        assert row[-1] > 0.9


def test_fine_in_a_batch_is_as_alone() -> None:
    method = FakeMethod()
    request = replace(REQUEST, fine=True, fit=Fit.SQUASH)
    explainer = explainer_with(method)
    (together,) = explainer.explain_batch([frame_of(2)], request)
    alone = explainer.explain(frame_of(2), request)
    assert together.drawn is not None
    assert alone.drawn is not None
    np.testing.assert_array_equal(together.drawn.planes, alone.drawn.planes)


# Asking again


def again(explainer: Explainer, explanation: Explanation, *wanted: Target) -> Explanation:
    return explainer.with_maps(explanation, wanted)


def test_maps_that_are_there_are_not_computed_again() -> None:
    method, run = FakeMethod(), FakeRun()
    explainer = explainer_with(method, run)
    explanation = explainer.explain(frame_of(3), REQUEST)
    assert again(explainer, explanation, *scores_of((1, 3))) is explanation
    assert again(explainer, explanation) is explanation
    assert run.counted == 1


@pytest.mark.parametrize("wanted", [ClassScore(7), ScoreDifference(3, 4), ChannelPart(3, 0)])
def test_maps_that_are_not_there_are_asked_for(wanted: Target) -> None:
    method, run = FakeMethod(), FakeRun()
    explainer = explainer_with(method, run)
    explanation = explainer.explain(frame_of(3), replace(REQUEST, resolution=320))
    with pytest.raises(MapUnavailableError):
        explanation.map(wanted)
    more = again(explainer, explanation, ClassScore(4), wanted)
    assert run.counted == 2
    assert method.asked[1] == (ClassScore(4), wanted, ClassScore(3)), "and the top class"
    assert more.map(wanted).target == wanted
    assert more.frame is explanation.frame
    assert more.request == replace(explanation.request, targets=(ClassScore(4), wanted))
    assert more.region == explanation.region
    np.testing.assert_array_equal(more.logits, explanation.logits)


def test_maps_that_were_asked_for_before_are_kept() -> None:
    method = FakeMethod()
    explainer = explainer_with(method)
    explanation = explainer.explain(frame_of(3), replace(REQUEST, targets=(ScoreDifference(7, 1),)))
    more = again(explainer, explanation, ClassScore(4))
    for target in (ScoreDifference(7, 1), ClassScore(4), ClassScore(3)):
        assert more.map(target).target == target


def test_classes_of_the_model_before_are_not_asked_for() -> None:
    method = FakeMethod()
    explainer = explainer_with(method)
    foreign: tuple[Target, ...] = (ClassScore(CLASSES), ScoreDifference(1, CLASSES + 5))
    explainer.explain(frame_of(3), replace(REQUEST, targets=(*foreign, ClassScore(2))))
    explainer.explain(frame_of(3), replace(REQUEST, targets=foreign))
    explainer.explain(frame_of(3), REQUEST)
    assert method.asked[0] == (ClassScore(2), ClassScore(3))
    assert method.asked[1] == method.asked[2], "as if nothing had been asked for"


def test_maps_that_can_not_be_had_are_not_asked_for() -> None:
    method, run = FakeMethod(on_request=False), FakeRun()
    explainer = explainer_with(method, run)
    explanation = explainer.explain(frame_of(3), REQUEST)
    assert again(explainer, explanation, ClassScore(7)) is explanation
    assert run.counted == 1


def test_class_activation_maps_are_all_there_at_once() -> None:
    run = FakeRun(Needs.LINEAR_HEAD)
    explainer = Explainer(run, RESNET18, INFO)
    explanation = explainer.explain(frame_of(3), ExplainRequest(targets=(ClassScore(1),)))
    assert again(explainer, explanation, *scores_of(range(CLASSES)), ScoreDifference(1, 7)) is explanation
    assert run.counted == 1
    maps = exact(explanation)
    assert (maps.method, maps.layer, maps.head) == (CAM, "layer4", run.head)


# Methods that there aren't


def test_the_registry_knows_its_methods_by_their_names() -> None:
    assert isinstance(METHODS[CAM], CamMethod)
    assert next(iter(METHODS)) == CAM, "the most faithful first"
    for name, method in METHODS.items():
        assert method.name == name


@pytest.mark.parametrize("fine", [False, True])
def test_a_method_that_nobody_knows_is_a_failure(fine: bool) -> None:
    run = FakeRun()
    explainer = explainer_with(FakeMethod(), run)
    request = ExplainRequest(method="Sorcery", fine=fine)
    for attempt in (
        lambda: explainer.explain(frame_of(0), request),
        lambda: explainer.explain_batch([frame_of(0)], request),
        lambda: explainer.explain(frame_of(0), ExplainRequest(fine=fine, method=CAM)),  # not among them
    ):
        with pytest.raises(ModelFailure, match=r"Fake has no maps by (Sorcery|CAM)\.") as caught:
            attempt()
        assert caught.value.mend == "Choose one of these: Fake-CAM."
    assert run.counted == 0, "before the work"


def test_without_a_method_the_first_that_the_network_has_is_taken() -> None:
    first, second = FakeMethod(name="First", needs=Needs.ATTENTION), FakeMethod(name="Second")
    run = FakeRun(offers=Needs.GRADIENTS)
    explainer = explainer_with(first, run, second)
    assert explainer.explain(frame_of(0), ExplainRequest()).maps.method == "Second"
    nothing = explainer_with(first, run)
    with pytest.raises(ModelFailure, match=r"Fake has no maps\. Its card says why\."):
        nothing.explain(frame_of(0), ExplainRequest())


@pytest.mark.parametrize("offers", [Needs(0), Needs.LINEAR_HEAD, Needs.LINEAR_HEAD | Needs.ATTENTION, ALL])
@pytest.mark.parametrize("needs", [Needs(0), Needs.GRADIENTS, Needs.GRADIENTS | Needs.LINEAR_HEAD])
def test_what_a_method_needs_the_run_must_offer(needs: Needs, offers: Needs) -> None:
    run = FakeRun(offers)
    explainer = explainer_with(FakeMethod(needs=needs), run)
    if all(need in offers for need in needs):
        assert explainer.explain(frame_of(0), REQUEST).maps.method == "Fake-CAM"
        assert run.counted == 1
        return
    with pytest.raises(ModelFailure, match="Fake has no maps by Fake-CAM"):
        explainer.explain(frame_of(0), REQUEST)
    with pytest.raises(ModelFailure, match="Fake has no maps by Fake-CAM"):
        explainer.explain_batch([frame_of(0)], REQUEST)
    assert run.counted == 0


def test_each_request_has_its_own_method() -> None:
    first, second = FakeMethod(), FakeMethod("Other-CAM", unit=Unit.RELATIVE)
    explainer = explainer_with(first, None, second, CamMethod())
    found = [explainer.explain(frame_of(0), ExplainRequest(method=m)) for m in ("Fake-CAM", "Other-CAM", CAM)]
    assert [e.maps.method for e in found] == ["Fake-CAM", "Other-CAM", "CAM"]
    assert [e.maps.unit for e in found] == [Unit.LOGIT, Unit.RELATIVE, Unit.LOGIT]
    assert (len(first.asked), len(second.asked)) == (1, 1)


def test_frames_whose_maps_take_passes_of_their_own_come_one_by_one() -> None:
    cheap, dear = FakeMethod(name="Cheap", needs=Needs.LINEAR_HEAD), FakeMethod(name="Dear")
    explainer = explainer_with(cheap, FakeRun(), dear)
    assert explainer.batch_size(ExplainRequest()) == 8
    assert explainer.batch_size(ExplainRequest(method="Dear")) == 1
    assert explainer_with(dear).batch_size(ExplainRequest()) == 1


def test_photos_are_seen_exactly_as_in_training_and_live_frames_quickly() -> None:
    seen: list[bool] = []

    class Noting(FakeRun):
        def run(self, image: ByteArray, geometry: InputGeometry) -> ForwardPass:
            seen.append(geometry.exact)
            return super().run(image, geometry)

    explainer = explainer_with(FakeMethod(), Noting())
    for still in (True, False):
        explainer.explain(replace(frame_of(3), still=still), REQUEST)
    assert seen == [True, False]
