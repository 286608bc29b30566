#!/usr/bin/env python3
"""Makes resources/architectures/signatures.npz: what the tensors of torchvision's and timm's networks are.

python packaging/signatures.py          all of them: some minutes, and less than 4 GB of memory
python packaging/signatures.py --list   how many there are, without making them

Run it after an update of timm or torchvision. tests/core/models/test_signatures.py samples it.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from hashlib import blake2b
from math import floor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import timm  # noqa: E402
import torchvision  # noqa: E402
from torch import nn  # noqa: E402

from camviewer.core.models.builtin import EFFICIENTNET_LITE0  # noqa: E402
from camviewer.core.models.card import ArchitectureName  # noqa: E402
from camviewer.core.models.signature_index import (  # noqa: E402
    RESOURCE,
    InputFacts,
    Signature,
    Variant,
    digest,
    is_position,
    matters,
    name_sketch,
    packed,
    shape_sketch,
)
from camviewer.core.models.skeletons import shapes_of, skeleton  # noqa: E402

CLASSES = 1009
"""A prime that is no other number of a network: tensors with so many rows are the classifier's."""
SHAPE_SKETCH, NAME_SKETCH = 40, 24
WITHOUT_AUXILIARY = {"aux_logits": False, "init_weights": False}
TORCHVISION_OPTIONS: dict[str, dict[str, Any]] = {
    "googlenet": WITHOUT_AUXILIARY,
    "inception_v3": WITHOUT_AUXILIARY,
}
TORCHVISION_FIXED = {"vit": 224, "maxvit": 224}
"""Families that take one size, and which one they are built for."""
INCEPTION_INPUT = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
"""What torchvision's weights of these two expect. With weights, torchvision's builder adds transform_input,
which makes this of ImageNet's mean and std; camviewer builds without it."""
Record = tuple[Signature, tuple[int, int], Any, Any]


def torchvision_input(name: str) -> InputFacts:
    weights = torchvision.models.get_model_weights(name)
    side = TORCHVISION_FIXED.get(name.split("_")[0])
    # The first ones, as people's own files were mostly trained: later recipes look closer (232 pixels).
    every = [each.transforms() for each in weights]
    chosen = next((each for each in every if each.crop_size == [side]), every[0])
    mean, std = (tuple(chosen.mean), tuple(chosen.std))
    if name in TORCHVISION_OPTIONS:
        mean, std = INCEPTION_INPUT
    bicubic = chosen.interpolation.value == "bicubic"
    (crop,), (resize,) = chosen.crop_size, chosen.resize_size
    return InputFacts(resize, crop, mean, std, bicubic, side is not None, 1000)


def timm_input(config: dict[str, Any]) -> InputFacts:
    crop = int(min(config["input_size"][1:]))
    return InputFacts(
        floor(crop / (config.get("crop_pct") or 1)),
        crop,
        tuple(map(float, config["mean"])),
        tuple(map(float, config["std"])),
        config.get("interpolation") == "bicubic",
        bool(config.get("fixed_input_size")),
        int(config.get("num_classes") or 0),
    )


def first_width(module: nn.Module) -> int:
    """The number of features that the first layer with a weight takes."""
    for each in module.modules():
        weight = getattr(each, "weight", None)
        if weight is not None:
            return int(weight.shape[1] if weight.dim() > 1 else weight.shape[0])
    return 0


def record(architecture: ArchitectureName, options: dict[str, Any]) -> Record:
    """The signature of one architecture, with itself as the only variant."""
    network = skeleton(architecture, CLASSES, options=options)
    config = dict(getattr(network, "pretrained_cfg", None) or {})
    match architecture.library:
        case "torchvision":
            published = torchvision_input(architecture.name)
            side = TORCHVISION_FIXED.get(architecture.name.split("_")[0], published.crop)
        case "timm":
            published = timm_input(config)
            side = published.crop
        case _:
            known = EFFICIENTNET_LITE0.preprocessing
            published = InputFacts(
                known.resize, known.crop, known.mean, known.std, known.bicubic, False, 1000
            )
            side = known.crop
    shapes = shapes_of(network)
    heads = tuple(dict.fromkeys(key.rpartition(".")[0] for key, shape in shapes.items() if CLASSES in shape))
    weight = shapes.get(f"{heads[0]}.weight", (0, 0)) if heads else (0, 0)
    root = heads[0].split(".")[0] if len(heads) == 1 else ""
    if root in ("", *heads) or type(network.get_submodule(root)) is not nn.Sequential:
        root = ""
    inputs = tuple(
        name
        for name, module in network.named_modules()
        if isinstance(module, nn.Conv2d) and module.in_channels == 3 and module.groups == 1
    )
    position = next((key for key in shapes if is_position(key)), "")
    nonpersistent = [
        (name, key, tuple(getattr(module, key).shape))
        for name, module in network.named_modules()
        for key in sorted(module._non_persistent_buffers_set)
        if getattr(module, key, None) is not None
    ]
    text = f"{network} {nonpersistent}".replace(str(CLASSES), "")
    behaviour = int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")
    own = Variant(architecture, side, shapes.get(position, ()), behaviour, options, published)
    signature = Signature(
        heads,
        weight[1] if len(weight) > 1 else 0,
        root,
        first_width(network.get_submodule(root)) if root else 0,
        inputs,
        position,
        sum(map(matters, shapes)),
        sum(parameter.numel() for parameter in network.parameters()),
        (own,),
    )
    body = {key: shape for key, shape in shapes.items() if CLASSES not in shape}
    return (
        signature,
        (digest(shapes, heads, inputs), digest(shapes, [root], inputs) if root else 0),
        shape_sketch(body, SHAPE_SKETCH),
        name_sketch(body, NAME_SKETCH),
    )


def plainness(variant: Variant) -> tuple[bool, bool, bool, int, str]:
    """torchvision first; then what has published weights; then without TensorFlow's padding; then short."""
    library, name = variant.architecture.library, variant.architecture.name
    published = library != "timm" or timm.is_model_pretrained(name)
    return library == "timm", not published, name.startswith("tf_"), len(name), name


def numbered(variants: Iterable[Variant]) -> tuple[Variant, ...]:
    """The variants, plainest first, their behaviours as small numbers.

    torchvision's and timm's networks of one name and the same tensors compute the same: tests say so.
    """
    ordered = sorted(variants, key=plainness)
    of_timm = {
        each.architecture.name: each.behaviour for each in ordered if each.architecture.library == "timm"
    }
    same = [of_timm.get(each.architecture.name, each.behaviour) for each in ordered]
    numbers = {number: place for place, number in enumerate(dict.fromkeys(same))}
    return tuple(replace(each, behaviour=numbers[number]) for each, number in zip(ordered, same, strict=True))


def merged(records: Iterable[Record]) -> Iterator[Record]:
    """One record for all networks of the same tensors."""
    groups: defaultdict[tuple[Any, ...], list[Record]] = defaultdict(list)
    for each in records:
        groups[each[1], each[0].heads, each[0].inputs].append(each)
    for group in groups.values():
        signature, *rest = group[0]
        variants = numbered(one[0].variants[0] for one in group)
        yield replace(signature, variants=variants), *rest


def names() -> list[tuple[ArchitectureName, dict[str, Any]]]:
    """All that is to be in the index, and with which options it is built."""
    of_torchvision = torchvision.models.list_models(module=torchvision.models)
    return [
        (ArchitectureName("camviewer", EFFICIENTNET_LITE0.name), {}),
        *(
            (ArchitectureName("torchvision", name), TORCHVISION_OPTIONS.get(name, {}))
            for name in of_torchvision
        ),
        *((ArchitectureName("timm", name), {}) for name in timm.list_models()),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--list", action="store_true", help="say how many there are")
    parser.add_argument("--only", default="", help="names that contain this, for trying it out")
    parser.add_argument("--output", type=Path, default=ROOT / "resources" / RESOURCE)
    arguments = parser.parse_args()
    every = [(each, options) for each, options in names() if arguments.only in each.name]
    if arguments.list:
        print(len(every), "architectures")
        return
    started, records, failed = time.monotonic(), [], []
    for architecture, options in every:
        try:
            one = record(architecture, options)
        except Exception as error:  # noqa: BLE001 - one that can't be built must not stop the others
            failed.append(f"{architecture}: {error}")
            continue
        if one[0].heads and one[0].width:
            records.append(one)
        else:
            failed.append(f"{architecture}: has no classifier ({one[0].heads})")
    signatures = list(merged(records))
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_bytes(packed(signatures))
    print(*failed, sep="\n")
    print(
        f"{len(records)} architectures, {len(signatures)} signatures, {len(failed)} left out, "
        f"{arguments.output.stat().st_size / 1000:.0f} kB, {time.monotonic() - started:.0f} s"
    )


if __name__ == "__main__":
    main()
