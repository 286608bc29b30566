"""What ImageNet's classes are called besides their labels, and the groups that they belong to.

Groups and synonyms are WordNet's (Fellbaum 1998), whose synsets ImageNet's classes are. Names in other
languages are this program's own. Labels stay what they are: files and the command line know only them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from camviewer.core.models.labels import imagenet_labels, imagenet_wnids
from camviewer.core.resources import resource_path

ENGLISH = "en"
PERSON = "n00007846"
"""WordNet's synset of people, of whom ImageNet has hardly any."""
_KEPT = 4
"""Label sets that are known again as the same object."""


@dataclass(frozen=True, slots=True)
class Synset:
    """One of WordNet's meanings: its names, the first one the best known, and the ids of those above it."""

    names: tuple[str, ...]
    above: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Classes that have a name together, such as all dogs.

    names: in English. others: in the language that was asked for. classes: ids among the labels.
    """

    wnid: str
    names: tuple[str, ...]
    others: tuple[str, ...]
    classes: tuple[int, ...]

    @property
    def name(self) -> str:
        """Its best known name, in the language that was asked for if there is one."""
        return (*self.others, *self.names)[0]


@cache
def synsets() -> Mapping[str, Synset]:
    """ImageNet's classes and all groups above them, by WordNet id."""
    found = {}
    for line in resource_path("labels/wordnet.tsv").read_text("utf-8").splitlines():
        if not line.startswith("#"):  # the licence
            wnid, names, above = line.split("\t")
            found[wnid] = Synset(tuple(names.split(", ")), tuple(above.split()))
    return found


@cache
def class_names(language: str) -> tuple[tuple[str, ...], ...]:
    """What ImageNet's classes are called in a language, the best name first; () where nobody wrote them."""
    try:
        lines = resource_path(f"labels/imagenet1k_{language}.txt").read_text("utf-8").splitlines()
    except FileNotFoundError:
        return ()
    return tuple(tuple(line.split(", ")) for line in lines)


@cache
def group_names(language: str) -> Mapping[str, tuple[str, ...]]:
    """What WordNet's groups are called in a language, by id; empty where nobody wrote them."""
    try:
        lines = resource_path(f"labels/wordnet_{language}.tsv").read_text("utf-8").splitlines()
    except FileNotFoundError:
        return {}
    rows = (line.split("\t") for line in lines)
    return {wnid: tuple(names.split(", ")) for wnid, names in rows}


def imagenet_ids(labels: Sequence[str]) -> tuple[int, ...] | None:
    """Which of ImageNet's classes each label stands for; None unless all of them do.

    Known are torchvision's labels and timm's (WordNet's names of a class, the first one first), all 1,000 in
    order, and WordNet's ids, of as many classes as there are. A label such as ``mouse`` of another network
    may be the animal.
    """
    # By identity first: asked for each label that is painted, and comparing 1,000 of them takes a while.
    for known, ids in _known:
        if known is labels:
            return ids
    ids = _imagenet_ids(labels)
    _known.append((labels, ids))
    del _known[:-_KEPT]
    return ids


_known: list[tuple[Sequence[str], tuple[int, ...] | None]] = []


def _imagenet_ids(labels: Sequence[str]) -> tuple[int, ...] | None:
    wnids = imagenet_wnids()
    if len(labels) == len(wnids):
        if tuple(labels) == imagenet_labels():
            return tuple(range(len(labels)))
        first = (label.split(", ")[0].casefold() for label in labels)
        if all(synsets()[w].names[0].casefold() == label for label, w in zip(first, wnids, strict=True)):
            return tuple(range(len(labels)))
    if not labels or len(labels) > len(wnids) or labels[0] not in wnids:
        return None
    places = {wnid: place for place, wnid in enumerate(wnids)}
    ids = [places.get(label) for label in labels]
    return tuple(i for i in ids if i is not None) if None not in ids else None


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names and groups of a network's classes. members: class ids by synset, a class's own with it."""

    names: tuple[tuple[str, ...], ...]
    """Of each class, besides its label: WordNet's, and those in the language that was asked for."""
    members: Mapping[str, tuple[int, ...]]
    language: str = ENGLISH
    _by_name: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    _best_names: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Those of the groups, with their ids."""

    def synsets_named(self, name: str) -> tuple[str, ...]:
        """The ids of what is called so, as it is typed: ``Dogs`` too."""
        plain = plain_name(name)
        return next((self._by_name[s] for s in singulars(plain) if s in self._by_name), ())

    def means_people(self, name: str) -> bool:
        """Whether people are looked for; also where none of the classes is of people."""
        return any(singular in _people(self.language) for singular in singulars(plain_name(name)))

    def groups_named(self, name: str, most: int) -> tuple[Group, ...]:
        """The groups that are called so, then those whose best name begins so, the largest first.

        People are none: what a few of their trades have in common is not a person.
        """
        plain = plain_name(name)
        exact = self.synsets_named(name)
        begun: set[str] = set()
        if len(plain) > 1 or not plain.isascii():  # a syllable of Korean is much, a letter is nothing
            begun = {wnid for best, wnid in self._best_names if best.startswith(plain)}
        order = [*exact, *sorted(begun - set(exact), key=lambda w: (-len(self.members[w]), w))]
        found: dict[tuple[int, ...], Group] = {}
        for wnid in order:
            classes = self.members[wnid]
            if len(classes) > 1 and wnid != PERSON and len(found) < most:
                found.setdefault(classes, self.group(wnid))
        return tuple(found.values())

    def group(self, wnid: str) -> Group:
        """A group by its id. Raises KeyError where none of its classes is known."""
        others = group_names(self.language).get(wnid, ())
        return Group(wnid, synsets()[wnid].names, others, self.members[wnid])


def plain_name(name: str) -> str:
    """For comparing: without case, spaces and hyphens, as ``hot dog`` is written ``hotdog`` too."""
    return name.casefold().replace(" ", "").replace("-", "")


def singulars(plain: str) -> Iterator[str]:
    """A word as it is typed, then what it may be the plural of."""
    yield plain
    for ending, singular in (("ies", "y"), ("ves", "f"), ("es", ""), ("s", "")):
        if plain.endswith(ending) and len(plain) > len(ending) + 1:
            yield plain.removesuffix(ending) + singular


_PEOPLE = {
    ENGLISH: (
        *("people", "human", "human being", "man", "men", "woman", "women", "child", "children", "kid"),
        *("boy", "girl", "baby", "adult", "face", "human face", "lady", "gentleman"),
    ),
    "ko": ("사람들", "남자", "여자", "아이", "어린이", "아기", "소년", "소녀", "어른", "얼굴", "학생"),
}
"""What people type for people, besides WordNet's names."""


@cache
def _people(language: str) -> frozenset[str]:
    own = (*_PEOPLE[ENGLISH], *_PEOPLE.get(language, ()), *group_names(language).get(PERSON, ()))
    return frozenset(plain_name(name) for name in (*synsets()[PERSON].names, *own))


def vocabulary(labels: Sequence[str], language: str = ENGLISH) -> Vocabulary | None:
    """The vocabulary of labels; None for those that aren't ImageNet's classes. language: such as ``ko``."""
    ids = imagenet_ids(labels)
    return _vocabulary(ids, language) if ids is not None else None


@cache
def _vocabulary(ids: tuple[int, ...], language: str) -> Vocabulary:
    wnids, translated, groups = imagenet_wnids(), class_names(language), group_names(language)
    names = []
    members: dict[str, set[int]] = {}
    for class_id, imagenet in enumerate(ids):
        own = translated[imagenet] if translated else ()
        names.append((*synsets()[wnids[imagenet]].names, *own))
        for wnid in _with_above(wnids[imagenet]):
            members.setdefault(wnid, set()).add(class_id)
    by_name: dict[str, dict[str, None]] = {}
    for wnid in members:
        people = _people(language) if wnid == PERSON else ()
        for name in (*synsets()[wnid].names, *groups.get(wnid, ()), *people):
            by_name.setdefault(plain_name(name), {})[wnid] = None
    for class_id, imagenet in enumerate(ids):
        for name in names[class_id]:
            by_name.setdefault(plain_name(name), {})[wnids[imagenet]] = None
    large = [wnid for wnid, classes in members.items() if len(classes) > 1]
    best = [(plain_name(n), w) for w in large for n in (synsets()[w].names[0], *groups.get(w, ())[:1])]
    return Vocabulary(
        tuple(names),
        {wnid: tuple(sorted(classes)) for wnid, classes in members.items()},
        language,
        {name: tuple(found) for name, found in by_name.items()},
        tuple(best),
    )


def _with_above(wnid: str) -> set[str]:
    found: set[str] = set()
    waiting = [wnid]
    while waiting:
        at = waiting.pop()
        if at not in found:
            found.add(at)
            waiting += synsets()[at].above
    return found
