"""A class's map, the difference of two, and one channel's part: one arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from camviewer.core.arrays import read_only
from camviewer.core.cam import class_activation_maps, softmax
from camviewer.core.explanation import ExplainRequest, Explanation, Timing
from camviewer.core.frames import Frame, Region
from camviewer.core.maps import (
    Channel,
    Difference,
    MapChoice,
    class_of,
    is_signed,
    shown_values,
    title,
    values,
)
from camviewer.core.models.spec import LinearHead, ModelInfo, WeightsOrigin
from camviewer.core.runtimes.device import CPU

MakeExplanation = Callable[..., Explanation]


def random_explanation(seed: int, classes: int, channels: int, height: int, width: int) -> Explanation:
    """Features of both signs, as networks other than ResNet have."""
    numbers = np.random.default_rng(seed)
    features = (3 * numbers.standard_normal((channels, height, width))).astype(np.float32)
    weight = numbers.standard_normal((classes, channels)).astype(np.float32)
    bias = (5 * numbers.standard_normal(classes)).astype(np.float32)
    logits = (weight.astype(np.float64) @ features.mean((1, 2), np.float64) + bias).astype(np.float32)
    return Explanation(
        frame=Frame(read_only(np.zeros((8, 8, 3), np.uint8))),
        region=Region(0, 0, 8, 8),
        features=read_only(features),
        head=LinearHead(read_only(weight), read_only(bias), tuple(f"class {i}" for i in range(classes))),
        logits=read_only(logits),
        probabilities=read_only(softmax(logits)),
        timing=Timing(0.0, 0.0, 0.0, 0.0),
        model=ModelInfo("fake", "Fake", CPU, "CPU", "0" * 64, "fake.pth", WeightsOrigin.FILE),
        request=ExplainRequest(),
    )


explanations = st.builds(
    random_explanation,
    st.integers(0, 2**32 - 1),
    st.integers(1, 12),
    st.integers(1, 48),
    st.integers(1, 9),
    st.integers(1, 9),
)


@given(explanations, st.data())
def test_a_difference_tells_two_logits_apart(explanation: Explanation, data: st.DataObject) -> None:
    """logit_A − logit_B = mean(difference) + (bias_A − bias_B), and CAM_A − CAM_B cell by cell."""
    classes = st.integers(0, len(explanation.logits) - 1)
    a, b = data.draw(classes), data.draw(classes)
    difference = values(explanation, Difference(a, b))
    bias = explanation.head.bias
    gap = float(explanation.logits[a]) - float(explanation.logits[b])
    assert float(difference.mean(dtype=np.float64)) + float(bias[a]) - float(bias[b]) == pytest.approx(
        gap, abs=1e-3
    )
    np.testing.assert_allclose(difference, explanation.cam(a) - explanation.cam(b), rtol=0, atol=1e-3)
    np.testing.assert_allclose(values(explanation, Difference(b, a)), -difference, rtol=0, atol=1e-3)
    np.testing.assert_array_equal(values(explanation, Difference(a, a)), 0)


@given(explanations, st.data())
def test_a_class_s_map_is_the_exact_one(explanation: Explanation, data: st.DataObject) -> None:
    class_id = data.draw(st.integers(0, len(explanation.logits) - 1))
    found = values(explanation, class_id)
    np.testing.assert_array_equal(found, explanation.cam(class_id))
    oracle = class_activation_maps(explanation.features, explanation.head.weight[class_id : class_id + 1])[0]
    np.testing.assert_allclose(found, oracle, rtol=0, atol=1e-3)


@given(explanations, st.data())
def test_the_parts_of_all_channels_add_up_to_the_map(explanation: Explanation, data: st.DataObject) -> None:
    class_id = data.draw(st.integers(0, len(explanation.logits) - 1))
    channels = range(len(explanation.features))
    total = np.sum([values(explanation, Channel(class_id, c)) for c in channels], axis=0)
    np.testing.assert_allclose(total, explanation.cam(class_id), rtol=0, atol=1e-3)


CHOICES: tuple[MapChoice, ...] = (0, 3, Difference(1, 2), Channel(2, 3))


@pytest.mark.parametrize("choice", CHOICES)
def test_maps_are_read_only_float32_of_the_grid(make_explanation: MakeExplanation, choice: MapChoice) -> None:
    explanation = make_explanation()
    for found in (values(explanation, choice), shown_values(explanation, choice)):
        assert found.dtype == np.float32
        assert found.shape == (2, 3)
        assert not found.flags.writeable


@pytest.mark.parametrize("choice", CHOICES)
def test_without_an_average_the_exact_map_is_shown(
    make_explanation: MakeExplanation, choice: MapChoice
) -> None:
    explanation = make_explanation()
    np.testing.assert_array_equal(shown_values(explanation, choice), values(explanation, choice))


@pytest.mark.parametrize("choice", CHOICES)
def test_the_average_is_shown_and_the_exact_map_is_told(
    make_explanation: MakeExplanation, choice: MapChoice
) -> None:
    exact = make_explanation()
    finer = read_only(np.repeat(np.repeat(2 * exact.features, 2, 1), 2, 2))
    averaged = replace(exact, averaged=finer)
    np.testing.assert_array_equal(values(averaged, choice), values(exact, choice))
    expected = np.repeat(np.repeat(2 * values(exact, choice), 2, 0), 2, 1)
    np.testing.assert_allclose(shown_values(averaged, choice), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "choice",
    [
        -1,
        7,
        Difference(0, 7),
        Difference(0, -1),
        Difference(7, 0),
        Difference(-1, 0),
        Channel(7, 0),
        Channel(-1, 0),
        Channel(0, 4),
        Channel(0, -1),
    ],
)
def test_what_is_not_there_is_an_index_error(make_explanation: MakeExplanation, choice: MapChoice) -> None:
    explanation = make_explanation()
    for at_hand in (explanation, replace(explanation, averaged=explanation.features.copy())):
        for read in (values, shown_values):
            with pytest.raises(IndexError, match="is not among 0"):
                read(at_hand, choice)


def test_titles_classes_and_signs(make_explanation: MakeExplanation) -> None:
    explanation = make_explanation()
    cases: list[tuple[MapChoice, str, int, bool]] = [
        (0, "tabby", 0, False),
        (Difference(0, 1), "tabby − tiger cat", 0, True),
        (Difference(3, 2), "tennis ball − golden retriever", 3, True),
        (Channel(1, 3), "tiger cat, channel 3", 1, False),
    ]
    for choice, text, class_id, signed in cases:
        assert title(explanation, choice) == text
        assert class_of(choice) == class_id
        assert is_signed(choice) is signed


def test_choices_compare_and_can_be_keys() -> None:
    assert Difference(1, 2) == Difference(1, 2) != Difference(2, 1)
    assert len({1, Difference(1, 2), Difference(1, 2), Channel(1, 2)}) == 3
