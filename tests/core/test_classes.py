"""`--classes`: what a user may write, and what it means."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from camviewer.core.classes import ClassChoice, TopClasses, parse_classes
from camviewer.core.explanation import Explanation
from camviewer.core.models.labels import imagenet_labels

IMAGENET = imagenet_labels()
COMMAS = ("tench, Tinca tinca", "goldfish, Carassius auratus", "tench", "7", "great_white_shark", "cat")


@pytest.mark.parametrize(
    ("spec", "labels", "parts"),
    [
        ("top5", IMAGENET, (TopClasses(5),)),
        ("TOP 1", IMAGENET, (TopClasses(1),)),
        ("282", IMAGENET, (282,)),
        ("#282", IMAGENET, (282,)),
        ("top3,282,tiger cat", IMAGENET, (TopClasses(3), 282, 282)),
        ("Golden Retriever", IMAGENET, (207,)),
        ("golden_retriever , 5,", IMAGENET, (207, 5)),
        ("golden ret", IMAGENET, (207,)),
        ("tabby", IMAGENET, (281,)),
        ("tench, Tinca tinca", COMMAS, (0,)),
        ("TENCH,Tinca_tinca", COMMAS, (0,)),
        ("goldfish, carassius auratus,tench", COMMAS, (1, 2)),
        ("tench", COMMAS, (2,)),
        ("carassius", COMMAS, (1,)),
        ("goldfish, Carassius", COMMAS, (1,)),
        ("top2,tench, Tinca,cat", COMMAS, (TopClasses(2), 2, 0, 5)),
        ("7", COMMAS, (3,)),
        ("great white", COMMAS, (4,)),
        ("crane", ("Crane", "crane"), (1,)),
    ],
)
def test_what_a_choice_means(spec: str, labels: tuple[str, ...], parts: tuple[TopClasses | int, ...]) -> None:
    assert parse_classes(spec, labels) == ClassChoice(parts)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("", "no class is given"),
        (" , ", "no class is given"),
        ("top0", "top0 shows nothing"),
        ("1000", "class 1000 doesn't exist: ids go from 0 to 999"),
        ("-1", "class -1 doesn't exist"),
        ("#7000", "class 7000 doesn't exist"),
        ("no such thing", "no class is called 'no such thing'$"),
        ("golden retreiver", "did you mean golden retriever [(]207[)]"),
        ("top5,tiger kat", "tiger"),
        ("terrier", "is not clear: .* and [0-9]+ more; give more of the name, or the id"),
    ],
)
def test_a_mistake_is_explained(spec: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_classes(spec, IMAGENET)


def test_at_most_eight_candidates_are_listed() -> None:
    with pytest.raises(ValueError, match="is not clear") as caught:
        parse_classes("terrier", IMAGENET)
    assert str(caught.value).count("(") == 8


def test_two_classes_with_one_label_need_the_id() -> None:
    with pytest.raises(ValueError, match=r"crane \(0\), crane \(2\); give the id"):
        parse_classes("crane", ("crane", "bird", "crane"))
    assert parse_classes("2", ("crane", "bird", "crane")).parts == (2,)


def test_resolving_keeps_the_order_and_drops_repeats(make_explanation: Callable[..., Explanation]) -> None:
    explanation = make_explanation()
    best, second, third = explanation.top(3)
    assert ClassChoice((third, TopClasses(2), best)).resolve(explanation) == (third, best, second)
    assert sorted(ClassChoice((TopClasses(99),)).resolve(explanation)) == list(range(len(explanation.logits)))


@given(st.integers(0, len(IMAGENET) - 1))
def test_every_label_finds_its_own_class(class_id: int) -> None:
    assert parse_classes(IMAGENET[class_id], IMAGENET).parts == (class_id,)


@given(st.text(max_size=30))
def test_any_text_is_a_choice_or_a_value_error(spec: str) -> None:
    try:
        assert parse_classes(spec, COMMAS).parts
    except ValueError as error:
        assert str(error)  # noqa: PT017 - either outcome is right
