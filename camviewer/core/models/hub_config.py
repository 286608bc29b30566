"""What config.json beside a checkpoint says: timm's, of now and before, and transformers'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor
from typing import Any

from camviewer.core.models.card import ArchitectureName
from camviewer.core.models.spec import Link

TRANSFORMERS = "transformers"
_BICUBIC = 3
"""Pillow's number for bicubic interpolation, as transformers' files have it."""


@dataclass(frozen=True, slots=True)
class HubConfig:
    """What a config says; None for what it doesn't say.

    resize and crop: the short side that frames are resized to, and the square cut from the middle. mean and
    std: of values in 0..1. labels: one a class.
    """

    architecture: ArchitectureName | None = None
    classes: int | None = None
    channels: int | None = None
    resize: int | None = None
    crop: int | None = None
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    bicubic: bool | None = None
    labels: tuple[str, ...] | None = None
    link: Link | None = None


def from_config(config: Mapping[str, object], preprocessor: Mapping[str, object] | None = None) -> HubConfig:
    """What config.json says. preprocessor: transformers' preprocessor_config.json beside it.

    Values of other types than they should be count as not said: files are what people make them.
    """
    if _is_transformers(config):
        return _from_transformers(config, preprocessor or {})
    return _from_timm(config)


def builder_options(architecture: ArchitectureName, config: Mapping[str, object] | None) -> Mapping[str, Any]:
    """What a config adds to how a network is built: timm's model_args, the whole of transformers' config."""
    if config is None:
        return {}
    if architecture.library == TRANSFORMERS:
        return dict(config)
    extra = config.get("model_args")
    ours = {"num_classes", "in_chans", "pretrained", "pretrained_cfg", "checkpoint_path"}
    if architecture.library != "timm" or not isinstance(extra, Mapping):
        return {}
    return {str(name): value for name, value in extra.items() if name not in ours}


def _is_transformers(config: Mapping[str, object]) -> bool:
    names = config.get("architectures")
    return isinstance(names, list) and bool(names) and "architecture" not in config


def _from_timm(config: Mapping[str, object]) -> HubConfig:
    inner = config.get("pretrained_cfg")
    pretrained: Mapping[str, object] = inner if isinstance(inner, Mapping) else {}
    both = {**config, **pretrained}
    name = _text(config.get("architecture")) or _text(pretrained.get("architecture"))
    size = _numbers(both.get("input_size"))
    crop = int(min(size[1:])) if size is not None and len(size) == 3 else _whole(both.get("image_size"))
    part = _number(both.get("crop_pct"))
    interpolation = _text(both.get("interpolation"))
    return HubConfig(
        architecture=ArchitectureName("timm", name.split(".")[0]) if name else None,
        classes=_whole(config.get("num_classes")) or _whole(pretrained.get("num_classes")),
        channels=int(size[0]) if size is not None and len(size) == 3 else None,
        resize=floor(crop / part) if crop and part else None,
        crop=crop,
        mean=_numbers(both.get("mean")),
        std=_numbers(both.get("std")),
        bicubic=interpolation == "bicubic" if interpolation else None,
        labels=_timm_labels(config, pretrained),
    )


def _timm_labels(*places: Mapping[str, object]) -> tuple[str, ...] | None:
    """label_names, described where label_descriptions has more to say; else transformers' id2label."""
    for place in places:
        names, described = place.get("label_names", place.get("id2label")), place.get("label_descriptions")
        if isinstance(names, Mapping):
            names = _by_number(names)
        if isinstance(names, Sequence) and not isinstance(names, str) and names:
            more = described if isinstance(described, Mapping) else {}
            return tuple(str(more.get(name, name)) for name in names)
    return None


def _from_transformers(config: Mapping[str, object], preprocessor: Mapping[str, object]) -> HubConfig:
    names = config["architectures"]
    name = _text(names[0]) if isinstance(names, list) else None
    labels = config.get("id2label")
    ordered = _by_number(labels) if isinstance(labels, Mapping) else None
    resize, crop = _sizes(preprocessor)
    crop = crop or _side(config.get("image_size"))
    normalised = preprocessor.get("do_normalize") is not False
    channels = _whole(config.get("num_channels"))
    mean, std = _numbers(preprocessor.get("image_mean")), _numbers(preprocessor.get("image_std"))
    if not normalised:
        mean, std = (0.0,) * (channels or 3), (1.0,) * (channels or 3)
    resample = _whole(preprocessor.get("resample"))
    multiple = config.get("problem_type") == "multi_label_classification"
    return HubConfig(
        architecture=ArchitectureName(TRANSFORMERS, name) if name else None,
        classes=len(ordered) if ordered else _whole(config.get("num_labels")),
        channels=channels,
        resize=resize,
        crop=crop,
        mean=mean,
        std=std,
        bicubic=resample == _BICUBIC if resample is not None else None,
        labels=tuple(map(str, ordered)) if ordered else None,
        link=Link.SIGMOID if multiple else None,
    )


def _sizes(preprocessor: Mapping[str, object]) -> tuple[int | None, int | None]:
    """(resize, crop) of preprocessor_config.json; a size without a crop is both, as the whole is squeezed."""
    size, part = _side(preprocessor.get("size")), _number(preprocessor.get("crop_pct"))
    crop = _side(preprocessor.get("crop_size")) if preprocessor.get("do_center_crop") is not False else None
    if crop is not None:
        return size, crop
    return (floor(size / part) if size and part else size), size


def _side(size: object) -> int | None:
    """One side of a size: a number, a list, or a mapping with shortest_edge or height."""
    if isinstance(size, Mapping):
        return _whole(size.get("shortest_edge")) or _whole(size.get("height"))
    if isinstance(size, list) and size:
        return _whole(size[-1])
    return _whole(size)


def _by_number(names: Mapping[Any, object]) -> list[object] | None:
    """The values of a mapping whose keys are 0, 1, 2, … as numbers or text; None if they aren't."""
    numbered = {int(key): value for key, value in names.items() if str(key).isdecimal()}
    return (
        [numbered[place] for place in sorted(numbered)] if set(numbered) == set(range(len(names))) else None
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _whole(value: object) -> int | None:
    return value if type(value) is int and value > 0 else None


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and value > 0 else None


def _numbers(value: object) -> tuple[float, ...] | None:
    if not isinstance(value, list | tuple) or not all(isinstance(one, int | float) for one in value):
        return None
    return tuple(map(float, value)) or None
