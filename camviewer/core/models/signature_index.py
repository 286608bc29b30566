"""What the tensors of known networks look like: an index made by packaging/signatures.py.

A signature is what is the same in every file of an architecture, whatever its classes and channels: the names
and shapes of all tensors, without the classifier's, the first convolution's channels and the grid of a
position embedding. Neither torch nor timm is imported here.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from camviewer.core.models.card import ArchitectureName
from camviewer.core.resources import resource_path

RESOURCE = "architectures/signatures.npz"
Shapes = Mapping[str, tuple[int, ...]]
"""The shape of each tensor of a state dict, by name."""

DERIVED = frozenset({"num_batches_tracked", "relative_position_index", "attn_mask", "position_ids"})
"""Last parts of names of tensors that follow from the architecture: files of some versions lack them."""
COUNTED = frozenset({"total_ops", "total_params"})
"""Last parts of names that profilers leave in a state dict."""
_BITS = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class InputFacts:
    """What an architecture's published weights expect: short side `resize`, centre `crop`, mean and std.

    fixed: whether the network takes that size only, apart from building it for another one. classes: of the
    published weights; 0 if they are features only.
    """

    resize: int
    crop: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    bicubic: bool
    fixed: bool
    classes: int


@dataclass(frozen=True, slots=True)
class Variant:
    """One architecture of a signature.

    side: the input side it is built for by default. position: the shape of its position embedding, () if it
    has none. behaviour: the same number for variants of one signature that compute the same. options: what
    its builder is called with besides. published: what its weights expect.
    """

    architecture: ArchitectureName
    side: int
    position: tuple[int, ...]
    behaviour: int
    options: Mapping[str, Any]
    published: InputFacts


@dataclass(frozen=True, slots=True)
class Signature:
    """What networks of the same tensors have in common.

    heads: names of the classifier's modules: mostly one, several whose scores are averaged or which training
    alone uses. width: the number of features that the first of them takes. root: the Sequential at the top of
    the network that ends in the head; empty if there is none; root_width: the number of features it takes.
    inputs: names of the convolutions that see the image. position: the name of the position embedding.
    """

    heads: tuple[str, ...]
    width: int
    root: str
    root_width: int
    inputs: tuple[str, ...]
    position: str
    keys: int
    parameters: int
    variants: tuple[Variant, ...]


@dataclass(frozen=True, slots=True, eq=False)
class SignatureIndex:
    """All signatures, and what finds them.

    digests: each digest without the heads, and without the root, → numbers of signatures. shape_sketches and
    name_sketches: uint32 [signatures, k], rows ascending, filled up with the largest number.
    """

    signatures: tuple[Signature, ...]
    digests: Mapping[int, tuple[int, ...]]
    shape_sketches: NDArray[np.uint32]
    name_sketches: NDArray[np.uint32]
    places: Mapping[ArchitectureName, int]

    def variant(self, architecture: ArchitectureName) -> tuple[Signature, Variant] | None:
        """The architecture's signature and itself in it; None if it isn't in the index."""
        number = self.places.get(architecture)
        if number is None:
            return None
        signature = self.signatures[number]
        return signature, next(each for each in signature.variants if each.architecture == architecture)

    def nearest(self, shapes: Shapes, count: int) -> tuple[Signature, ...]:
        """The signatures that have most tensors in common with a file, best first; none that has none.

        Names alone count a little, too: a wider network of the same kind has no shape in common.
        """
        near = _similarity(self.shape_sketches, shape_sketch(shapes, self.shape_sketches.shape[1]))
        near += 0.1 * _similarity(self.name_sketches, name_sketch(shapes, self.name_sketches.shape[1]))
        order = np.argsort(-near, kind="stable")[:count]
        return tuple(self.signatures[int(number)] for number in order if near[number] > 0)


def known_input(architecture: ArchitectureName) -> InputFacts | None:
    """What the architecture's published weights expect; None if it isn't in the index."""
    found = signature_index().variant(architecture)
    return found[1].published if found is not None else None


def is_under(key: str, modules: Iterable[str]) -> bool:
    """Whether a tensor belongs to one of the modules, or is one of them."""
    return any(
        key.startswith(module) and key[len(module) : len(module) + 1] in ("", ".") for module in modules
    )


def matters(key: str) -> bool:
    """Whether a tensor tells something about the network, and isn't derived or counted."""
    return key.rpartition(".")[2] not in DERIVED | COUNTED


def is_position(key: str) -> bool:
    """Whether a tensor is a position embedding, whose shape depends on the input's size."""
    return key.rpartition(".")[2].startswith("pos_embed")


def entry_hash(key: str, shape: tuple[int, ...] | None) -> int:
    """64 bits for one tensor. None: its shape doesn't count; -1 in a shape: that side doesn't."""
    text = key if shape is None or is_position(key) else f"{key}:{shape}"
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def input_key(module: str) -> str:
    """The name of the weight of a convolution that sees the image."""
    return f"{module}.weight"


def open_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of a convolution's weight whose input channels don't count."""
    return (shape[0], -1, *shape[2:])


def shape_sketch(shapes: Shapes, size: int) -> NDArray[np.uint32]:
    """The smallest of the 32-bit hashes of tensors' names and shapes (Broder 1997): uint32 [size]."""
    return _smallest((entry_hash(key, shape) for key, shape in shapes.items() if matters(key)), size)


def name_sketch(shapes: Shapes, size: int) -> NDArray[np.uint32]:
    """The same of names alone."""
    return _smallest((entry_hash(key, None) for key in shapes if matters(key)), size)


def digest(shapes: Shapes, without: Iterable[str], inputs: Iterable[str]) -> int:
    """64 bits for a network: the sum of its tensors', which doesn't depend on their order.

    without: modules that don't count. inputs: convolutions whose input channels don't count.
    """
    return Digests(shapes).without(without, inputs)


class Digests:
    """The digests of one file with different parts left out."""

    def __init__(self, shapes: Shapes) -> None:
        self._shapes = shapes
        self._hashes = {key: entry_hash(key, shape) for key, shape in shapes.items() if matters(key)}
        self._sum = sum(self._hashes.values())

    def without(self, modules: Iterable[str], inputs: Iterable[str]) -> int:
        """The digest of what isn't in the modules; of inputs' weights, the channels don't count."""
        left_out = tuple(modules)
        total = self._sum - sum(number for key, number in self._hashes.items() if is_under(key, left_out))
        for key in map(input_key, inputs):
            if key in self._hashes and len(self._shapes[key]) > 1:
                total += entry_hash(key, open_shape(self._shapes[key])) - self._hashes[key]
        return total & _BITS


def packed(
    signatures: Iterable[tuple[Signature, tuple[int, int], NDArray[np.uint32], NDArray[np.uint32]]],
) -> bytes:
    """The index as a file: signatures, their digests without heads and root, and their sketches."""
    rows = list(signatures)
    inputs = sorted({variant.published for row in rows for variant in row[0].variants}, key=repr)
    table = {
        "inputs": [_as_list(facts) for facts in inputs],
        "signatures": [
            [
                *_as_list(signature)[:-1],
                [
                    [
                        each.architecture.library,
                        each.architecture.name,
                        each.side,
                        each.position,
                        each.behaviour,
                        each.options,
                        inputs.index(each.published),
                    ]
                    for each in signature.variants
                ],
            ]
            for signature, *_ in rows
        ],
    }
    file = io.BytesIO()
    np.savez_compressed(
        file,
        table=np.frombuffer(json.dumps(table, separators=(",", ":")).encode(), np.uint8),
        digests=np.array([row[1] for row in rows], np.uint64),
        shape_sketches=np.array([row[2] for row in rows], np.uint32),
        name_sketches=np.array([row[3] for row in rows], np.uint32),
    )
    return file.getvalue()


@cache
def signature_index() -> SignatureIndex:
    """The index that comes with the program, read once."""
    with np.load(resource_path(RESOURCE), allow_pickle=False) as file:
        table = json.loads(file["table"].tobytes())
        digests, shapes, names = file["digests"], file["shape_sketches"], file["name_sketches"]
    inputs = [
        InputFacts(resize, crop, tuple(mean), tuple(std), *rest)
        for resize, crop, mean, std, *rest in table["inputs"]
    ]
    signatures = tuple(_signature(row, inputs) for row in table["signatures"])
    by_digest: dict[int, tuple[int, ...]] = {}
    for number, row in enumerate(digests.tolist()):
        for one in {*row} - {0}:
            by_digest[one] = (*by_digest.get(one, ()), number)
    places = {each.architecture: number for number, one in enumerate(signatures) for each in one.variants}
    return SignatureIndex(signatures, by_digest, shapes, names, places)


def _signature(row: list[Any], inputs: list[InputFacts]) -> Signature:
    heads, width, root, root_width, convolutions, position, keys, parameters, variants = row
    return Signature(
        tuple(heads),
        width,
        root,
        root_width,
        tuple(convolutions),
        position,
        keys,
        parameters,
        tuple(
            Variant(ArchitectureName(library, name), side, tuple(shape), behaviour, options, inputs[place])
            for library, name, side, shape, behaviour, options, place in variants
        ),
    )


def _as_list(record: Signature | InputFacts) -> list[Any]:
    return [getattr(record, name) for name in record.__slots__]


def _smallest(hashes: Iterable[int], size: int) -> NDArray[np.uint32]:
    ascending = np.unique(np.fromiter((number & 0xFFFFFFFF for number in hashes), np.uint32))[:size]
    return np.pad(ascending, (0, size - len(ascending)), constant_values=0xFFFFFFFF)


def _similarity(sketches: NDArray[np.uint32], sketch: NDArray[np.uint32]) -> NDArray[np.float64]:
    """Jaccard's similarity, estimated: of the smallest hashes of both together, the part that both have."""
    size = len(sketch)
    both = np.isin(sketches, sketch[sketch < 0xFFFFFFFF])
    near = np.empty(len(sketches))
    for number, (row, common) in enumerate(zip(sketches, both, strict=True)):
        shared = row[common]
        if not len(shared):
            near[number] = 0
            continue
        union = np.union1d(row, sketch)
        union = union[union < 0xFFFFFFFF][:size]
        near[number] = np.count_nonzero(shared <= union[-1]) / len(union)
    return near
