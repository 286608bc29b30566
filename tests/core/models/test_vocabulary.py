"""Names and groups of ImageNet's classes, compared with timm's copy of ImageNet's synsets."""

from __future__ import annotations

import re
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import pytest

from camviewer.core.models.labels import imagenet_labels, imagenet_wnids
from camviewer.core.models.vocabulary import (
    PERSON,
    Vocabulary,
    class_names,
    group_names,
    imagenet_ids,
    synsets,
    vocabulary,
)
from camviewer.core.resources import resource_path

DOGS = tuple(range(151, 269))
"""ImageNet's 118 breeds stand side by side."""
DOG, CAT, FELINE = "n02084071", "n02121808", "n02120997"
LATIN = {"CD 플레이어", "포드 모델 T"}
"""Names that Koreans write so."""


def imagenet(language: str = "en") -> Vocabulary:
    known = vocabulary(imagenet_labels(), language)
    assert known is not None
    return known


def test_names_are_those_of_imagenets_synsets() -> None:
    timm = find_spec("timm")  # without importing it, which takes seconds
    if timm is None or timm.origin is None:
        pytest.skip("timm is not installed")
    text = (Path(timm.origin).parent / "data/_info/imagenet_synset_to_lemma.txt").read_text("utf-8")
    lemmas = dict(line.split("\t") for line in text.splitlines())
    assert [", ".join(synsets()[wnid].names) for wnid in imagenet_wnids()] == [
        lemmas[wnid] for wnid in imagenet_wnids()
    ]


def test_the_file_is_small_and_says_whose_it_is() -> None:
    file = resource_path("labels/wordnet.tsv")
    assert file.stat().st_size < 150_000
    assert "WordNet 3.0 Copyright 2006 by Princeton University" in file.read_text("utf-8")


def test_dogs_are_118() -> None:
    assert imagenet().members[DOG] == DOGS
    assert len(imagenet().members[CAT]) == 5


def test_a_group_is_all_that_is_below_it() -> None:
    members = imagenet().members
    for wnid, synset in synsets().items():
        for above in synset.above:
            assert set(members[wnid]) <= set(members[above]), (wnid, above)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("dog", "dog"),
        ("Dogs", "dog"),
        ("wolves", "wolf"),
        ("butterflies", "butterfly"),
        ("house cat", "domestic cat"),
    ],
)
def test_groups_are_found_by_any_name_and_by_plurals(typed: str, name: str) -> None:
    assert imagenet().groups_named(typed, 3)[0].names[0] == name


def test_groups_of_the_same_classes_are_one() -> None:
    found = imagenet().groups_named("pachyderm", 9) + imagenet().groups_named("elephant", 9)
    assert [group.classes for group in found] == [(385, 386)] * 2
    assert len({group.classes for group in imagenet().groups_named("el", 9)}) == len(
        imagenet().groups_named("el", 9)
    )


def test_people_are_no_group() -> None:
    known = imagenet()
    assert known.members[PERSON] == (981, 982, 983)
    assert PERSON not in {group.wnid for group in known.groups_named("person", 9)}
    assert all(known.means_people(word) for word in ("person", "People", "woman", "faces"))
    assert not known.means_people("dog")
    assert imagenet("ko").means_people("사람")


def test_koreans_name_every_class_in_korean_and_no_two_alike() -> None:
    names = class_names("ko")
    assert len(names) == 1000
    for own in names:
        assert re.search("[가-힣]", own[0])
        assert own[0] in LATIN or not re.search("[A-Za-z]", own[0]), own
    counts = Counter(name.replace(" ", "") for own in names for name in own)
    assert [name for name, count in counts.items() if count > 1] == []


def test_koreans_name_every_group_in_korean_and_no_two_alike() -> None:
    groups, members = group_names("ko"), imagenet().members
    assert groups.keys() <= members.keys()
    assert [wnid for wnid, classes in members.items() if len(classes) > 1 and wnid not in groups] == []
    counts = Counter(names[0] for names in groups.values())
    assert [name for name, count in counts.items() if count > 1] == []


def test_korean_names_are_of_the_right_classes() -> None:
    named = {imagenet_labels()[i]: own[0] for i, own in enumerate(class_names("ko"))}
    expected = {
        "tench": "텐치",
        "magpie": "까치",
        "crane bird": "두루미",
        "crane": "기중기",
        "Cardigan": "카디건 웰시 코기",
        "cardigan": "카디건",
        "golden retriever": "골든 리트리버",
        "sewing machine": "재봉틀",
        "toilet tissue": "두루마리 휴지",
    }
    assert {label: named[label] for label in expected} == expected


def test_other_languages_have_none() -> None:
    assert class_names("xx") == ()
    assert imagenet("xx").names == imagenet().names


def test_imagenets_classes_are_known_by_labels_lemmas_and_ids() -> None:
    everything = tuple(range(1000))
    assert imagenet_ids(imagenet_labels()) == everything
    assert imagenet_ids(tuple(", ".join(synsets()[w].names) for w in imagenet_wnids())) == everything
    assert imagenet_ids(imagenet_wnids()) == everything
    assert imagenet_ids(("n02084071",)) is None, "a group, not a class"
    assert imagenet_ids(("n02099601", "n01440764")) == (207, 0)


def test_own_classes_are_not_taken_for_imagenets() -> None:
    for labels in (("mouse", "dog"), ("tench",), (), imagenet_labels()[::-1], tuple(map(str, range(1000)))):
        assert imagenet_ids(labels) is None
        assert vocabulary(labels) is None


def test_a_part_of_imagenet_has_its_own_numbers() -> None:
    known = vocabulary(("n02123045", "n02099601", "n02085620"), "ko")
    assert known is not None
    assert known.group(DOG).classes == (1, 2)
    assert known.group(DOG).name == "개"
    assert "골든 리트리버" in known.names[1]
    assert known.members[FELINE] == (0,)
    assert PERSON not in known.members
    assert known.means_people("person")
