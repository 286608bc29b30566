"""Typing finds classes by labels, numbers, synonyms and groups."""

from __future__ import annotations

import numpy as np
import pytest

from camviewer.core.arrays import FloatArray
from camviewer.core.class_search import ClassSearch, group_probability
from camviewer.core.explanation import predicted
from camviewer.core.models.labels import imagenet_labels
from camviewer.core.models.vocabulary import vocabulary

IMAGENET = imagenet_labels()
DOGS = set(range(151, 269))
ALL = 1000


@pytest.fixture(scope="module")
def logits() -> FloatArray:
    return np.random.default_rng(0).standard_normal(ALL).astype(np.float32)


@pytest.fixture(scope="module")
def english() -> ClassSearch:
    return ClassSearch(IMAGENET)


@pytest.fixture(scope="module")
def korean() -> ClassSearch:
    return ClassSearch(IMAGENET, "ko")


def names(search: ClassSearch, typed: str, logits: FloatArray) -> set[str]:
    return {IMAGENET[c] for c in search.find(typed, logits, ALL).classes}


@pytest.mark.parametrize("typed", ["dog", "dogs", "DOG"])
def test_a_group_finds_its_kin_first_the_most_probable_first(
    english: ClassSearch, logits: FloatArray, typed: str
) -> None:
    found = english.find(typed, logits, ALL)
    kin = found.classes[:118]
    assert set(kin) == DOGS
    assert list(kin) == sorted(kin, key=lambda c: -float(logits[c]))
    assert found.groups[0].classes == tuple(sorted(DOGS))


def test_what_has_the_word_in_its_name_comes_after(english: ClassSearch, logits: FloatArray) -> None:
    found = english.find("dog", logits, ALL)
    assert {IMAGENET[c] for c in found.classes[118:]} >= {"hotdog", "dogsled"}


def test_koreans_find_dogs_too(korean: ClassSearch, logits: FloatArray) -> None:
    for typed in ("개", "강아지", "dog"):
        found = korean.find(typed, logits, ALL)
        assert set(found.classes[:118]) == DOGS, typed
        assert found.groups[0].name == "개"


def test_spaces_and_synonyms_dont_matter(
    english: ClassSearch, korean: ClassSearch, logits: FloatArray
) -> None:
    assert names(korean, "골든리트리버", logits) == {"golden retriever"}
    assert names(korean, "골든 리트리버", logits) == {"golden retriever"}
    assert names(korean, "핸드폰", logits) == {"cellular telephone"}
    assert names(english, "orca", logits) == {"killer whale"}
    assert names(english, "hot dog", logits) == {"hotdog"}
    assert "sorrel" in names(english, "horse", logits)


def test_all_words_have_to_fit(english: ClassSearch, logits: FloatArray) -> None:
    assert names(english, "dog black", logits) == {"black-and-tan coonhound"}
    assert english.find("dog 207", logits, ALL).classes == (207,)
    assert english.find("nothing of that", logits, ALL).classes == ()


def test_people_are_told_apart(english: ClassSearch, korean: ClassSearch, logits: FloatArray) -> None:
    found = english.find("person", logits, ALL)
    assert found.people == (981, 982, 983)
    assert set(found.classes[:3]) == {981, 982, 983}
    assert english.find("dog", logits, ALL).people is None
    assert korean.find("얼굴", logits, ALL).people == (981, 982, 983)
    few = ClassSearch(("n02123045", "n02099601"))
    assert few.find("woman", logits[:2], ALL).people == ()


def test_groups_wait_for_two_letters_or_a_syllable(
    english: ClassSearch, korean: ClassSearch, logits: FloatArray
) -> None:
    assert english.find("d", logits, ALL).groups == ()
    assert "dog" in {group.name for group in english.find("do", logits, ALL).groups}
    assert "고양이" in {group.name for group in korean.find("고", logits, ALL).groups} | {
        group.name for group in korean.find("고양", logits, ALL).groups
    }


def test_own_classes_have_plain_search(logits: FloatArray) -> None:
    own = ClassSearch(("cat", "golden retriever", "hotdog"), "ko")
    found = own.find("dog", logits[:3], ALL)
    assert (found.classes, found.groups, found.people) == ((2,), (), None)
    assert own.find("개", logits[:3], ALL).classes == ()
    assert own.find("person", logits[:3], ALL).people is None


def test_a_groups_probability_is_the_sum_of_its_classes(logits: FloatArray) -> None:
    """And a group and the rest of the classes make 1."""
    known = vocabulary(IMAGENET)
    assert known is not None
    dogs = known.group("n02084071")
    probabilities = predicted(logits, IMAGENET).probabilities
    exact = np.exp(logits.astype(np.float64))
    assert group_probability(dogs, probabilities) == pytest.approx(
        exact[151:269].sum() / exact.sum(), abs=1e-6
    )
    rest = 1 - float(np.delete(probabilities, list(dogs.classes)).sum(dtype=np.float64))
    assert group_probability(dogs, probabilities) == pytest.approx(rest, abs=1e-6)
